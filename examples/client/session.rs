//! The client's session in a file, so that it outlives the program.
//!
//! The file is a log. Each commit is one write at its end, followed by
//! `fdatasync`: once [`SessionFile::commit`] returns, what was stored survives
//! the end of the program and of the machine's power, and the packets that
//! depend on it may leave. A commit that was cut short counts for nothing. When
//! the file is opened, and now and then as it grows, it is written again with
//! what is left, beside the old one, which it then replaces.
//!
//! ```text
//! fourstep session 1 localhost:1883 sensor-7
//! + outbound 1 30090001740001...
//! + session 0 01
//! .
//! - outbound 1
//! .
//! ```

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use bytes::Bytes;
use fourstep::codec::PacketIdentifier;
use fourstep::session::{Key, Token};
use fs4::{FileExt, TryLockError};

/// A session's entries, and the file that holds them.
pub struct SessionFile {
    path: PathBuf,
    /// The first line.
    head: String,
    /// At its end.
    file: File,
    size: usize,
    entries: BTreeMap<Key, Bytes>,
    /// Lines that are not committed yet.
    pending: String,
    /// Held as long as this is. It is a file of its own, since the other is replaced.
    _lock: File,
}

impl SessionFile {
    /// Opens the session of this client identifier at this server, or begins
    /// one. Fails if another program has it open, if the file is another
    /// session's, or if it is none.
    pub fn open(path: &Path, server: &str, client_identifier: &str) -> io::Result<Self> {
        let lock = lock(path)?;
        let head = format!("{FORMAT} {server} {}\n", client_identifier.escape_debug());
        let entries = match fs::read_to_string(path) {
            Ok(text) => read(&text, &head).map_err(|what| invalid(path, &what))?,
            Err(error) if error.kind() == io::ErrorKind::NotFound => BTreeMap::new(),
            Err(error) => return Err(named(path, error)),
        };
        let (file, size) = rewrite(path, &head, &entries)?;
        let pending = String::new();
        Ok(SessionFile { path: path.into(), head, file, size, entries, pending, _lock: lock })
    }

    /// What the engine starts from.
    pub fn entries(&self) -> Vec<(Key, Bytes)> {
        self.entries.iter().map(|(key, value)| (*key, value.clone())).collect()
    }

    /// Adds or replaces an entry with the next commit.
    pub fn store(&mut self, key: Key, value: Bytes) {
        write_entry(&mut self.pending, &key, &value);
        self.entries.insert(key, value);
    }

    /// Removes an entry with the next commit.
    pub fn remove(&mut self, key: &Key) {
        let (kind, number) = name(key);
        // Writing to a string cannot fail.
        let _ = writeln!(self.pending, "- {kind} {number}");
        self.entries.remove(key);
    }

    /// Makes all of it durable: before any packet that depends on it leaves.
    pub fn commit(&mut self) -> io::Result<()> {
        if self.pending.is_empty() {
            return Ok(());
        }
        self.pending.push_str(COMMIT);
        let written = self.file.write_all(self.pending.as_bytes());
        written.and_then(|()| self.file.sync_data()).map_err(|error| named(&self.path, error))?;
        self.size += self.pending.len();
        self.pending.clear();
        let live: usize = self.entries.values().map(|value| 2 * value.len() + LINE).sum();
        if self.size > LARGEST_LOG + 4 * live {
            (self.file, self.size) = rewrite(&self.path, &self.head, &self.entries)?;
        }
        Ok(())
    }
}

fn lock(path: &Path) -> io::Result<File> {
    let path = beside(path, ".lock");
    let mut options = OpenOptions::new();
    let file = options.create(true).truncate(false).write(true).open(&path);
    let file = file.map_err(|error| named(&path, error))?;
    match FileExt::try_lock(&file) {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => {
            let what = "another program has this session open: end it, or choose another file";
            Err(named(&path, io::Error::new(io::ErrorKind::WouldBlock, what)))
        }
        Err(TryLockError::Error(error)) => Err(named(&path, error)),
    }
}

/// Writes the file with these entries alone, in place of the old one. Returns
/// it at its end, and its size.
fn rewrite(path: &Path, head: &str, entries: &BTreeMap<Key, Bytes>) -> io::Result<(File, usize)> {
    let mut text = head.to_owned();
    entries.iter().for_each(|(key, value)| write_entry(&mut text, key, value));
    text.push_str(COMMIT);
    let new = beside(path, ".new");
    let replaced = || {
        let mut file = File::create(&new)?;
        file.write_all(text.as_bytes())?;
        file.sync_all()?;
        fs::rename(&new, path)?;
        // The new name, too, has to survive.
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
        File::open(folder.unwrap_or(Path::new(".")))?.sync_all()?;
        Ok(file)
    };
    replaced().map(|file| (file, text.len())).map_err(|error| named(path, error))
}

/// The entries as the last whole commit left them, or what is wrong.
fn read(text: &str, head: &str) -> Result<BTreeMap<Key, Bytes>, String> {
    let Some(log) = text.strip_prefix(head) else {
        let first = text.lines().next().unwrap_or_default();
        return Err(match first.strip_prefix(FORMAT) {
            Some(other) => format!("it is the session of another client or server:{other}"),
            None => "it is no session of this program".to_owned(),
        });
    };
    // What stands behind the last commit was cut short.
    let end = match log.rfind(&format!("\n{COMMIT}")) {
        Some(end) => end + 1,
        None => 0,
    };
    let mut entries = BTreeMap::new();
    for line in log[..end].lines().filter(|line| *line != COMMIT.trim_end()) {
        let change = change(line).ok_or_else(|| format!("a line is damaged: {line:.40}"))?;
        match change {
            (key, Some(value)) => entries.insert(key, value),
            (key, None) => entries.remove(&key),
        };
    }
    Ok(entries)
}

/// One line: an entry and its new value, if it is to have one.
fn change(line: &str) -> Option<(Key, Option<Bytes>)> {
    let mut words = line.split(' ');
    let is_there = match words.next()? {
        "+" => true,
        "-" => false,
        _ => return None,
    };
    let (kind, number) = (words.next()?, words.next()?.parse::<u64>().ok()?);
    let key = match kind {
        "outbound" => Key::Outbound(Token(number)),
        "inbound" => Key::Inbound(PacketIdentifier::new(u16::try_from(number).ok()?)?),
        "subscription" => Key::Subscription(number),
        "session" => Key::Session,
        _ => return None,
    };
    let value = if is_there { Some(bytes(words.next()?)?) } else { None };
    words.next().is_none().then_some((key, value))
}

fn write_entry(text: &mut String, key: &Key, value: &[u8]) {
    let (kind, number) = name(key);
    // Writing to a string cannot fail.
    let _ = write!(text, "+ {kind} {number} ");
    for byte in value {
        let _ = write!(text, "{byte:02x}");
    }
    text.push('\n');
}

fn name(key: &Key) -> (&'static str, u64) {
    match key {
        Key::Outbound(token) => ("outbound", token.0),
        Key::Inbound(identifier) => ("inbound", identifier.value().into()),
        Key::Subscription(place) => ("subscription", *place),
        Key::Session => ("session", 0),
    }
}

/// Bytes from hexadecimal.
fn bytes(text: &str) -> Option<Bytes> {
    let (pairs, []) = text.as_bytes().as_chunks::<2>() else { return None };
    let digit = |byte: u8| char::from(byte).to_digit(16);
    // Two hexadecimal digits fit into a byte.
    let byte = |[high, low]: &[u8; 2]| Some((digit(*high)? * 16 + digit(*low)?) as u8);
    pairs.iter().map(byte).collect::<Option<Vec<u8>>>().map(Bytes::from)
}

fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(ending);
    name.into()
}

fn invalid(path: &Path, what: &str) -> io::Error {
    named(path, io::Error::new(io::ErrorKind::InvalidData, what))
}

fn named(path: &Path, error: io::Error) -> io::Error {
    io::Error::new(error.kind(), format!("{}: {error}", path.display()))
}

const FORMAT: &str = "fourstep session 1";
/// Ends what is to be taken as a whole.
const COMMIT: &str = ".\n";
/// Bytes of a line around its value.
const LINE: usize = 40;
/// Bytes from which the log is written again, if most of it is of the past.
const LARGEST_LOG: usize = 1 << 20;
