//! A trace as JSON lines.
//!
//! The first line names the participants. Each further line is one record:
//!
//! ```text
//! {"fourstep":1,"parties":["publisher","broker","subscriber"]}
//! {"sequence":0,"at":1000000,"from":0,"to":1,"connection":1,"arrived":1020000,"kind":"packet","version":"5.0","bytes":"300600017431","summary":"PUBLISH QoS 0 \"t\" 1 byte \"1\""}
//! ```
//!
//! Times are in microseconds. If the first line has an `epoch`, it is when time
//! 0 was, in microseconds since 1970-01-01 UTC. `connection` numbers the connections; files of
//! old lack it, and remarks always do. A record that has neither `arrived` nor `lost`
//! is under way. `bytes` is hexadecimal. Where a password or authentication data
//! was left out, each of its bytes is an asterisk there, and the record has
//! `"secrets":"left out"`. `summary` is for people and for
//! `grep`; reading ignores it.

use std::borrow::Cow;
use std::fmt;
use std::ops::Range;
use std::time::Duration;

use bytes::Bytes;

use super::Secrets;
use super::json::{self, Object, Value};
use crate::codec::{self, DecodeError, Framer, Version};
use crate::time::Instant;
use crate::trace::{Defect, Fate, Party, Record, RecordKind, Trace};

/// The whole trace, as far as it is held, without its secrets.
pub fn write(trace: &Trace) -> String {
    write_part(trace, 0..trace.next_sequence())
}

/// The whole trace, as far as it is held, with the passwords in it.
pub fn write_with_secrets(trace: &Trace) -> String {
    write_records(trace, 0..trace.next_sequence(), Secrets::Included)
}

/// The records with these sequence numbers, as far as they are held, without
/// their secrets.
pub fn write_part(trace: &Trace, sequences: Range<u64>) -> String {
    write_records(trace, sequences, Secrets::LeftOut)
}

fn write_records(trace: &Trace, sequences: Range<u64>, secrets: Secrets) -> String {
    let mut text = String::new();
    let header = Object::new(&mut text).number("fourstep", FORMAT);
    let epoch = trace.epoch.and_then(|epoch| u64::try_from(epoch.as_micros()).ok());
    let header = match epoch {
        None => header,
        Some(epoch) => header.number("epoch", epoch),
    };
    header.texts("parties", &trace.parties).finish();
    text.push('\n');
    for record in trace.range(sequences) {
        write_line(&mut text, &secrets.of(record));
        text.push('\n');
    }
    text
}

/// Reads what [`write()`] wrote. The records are numbered from 0 again.
pub fn read(text: &str) -> Result<Trace, ReadError> {
    let mut lines = text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty());
    let (parties, epoch) = match lines.next() {
        Some((_, line)) => header(line).ok_or(ReadError { line: 1 })?,
        None => return Err(ReadError { line: 1 }),
    };
    let number = parties.len();
    let mut trace = Trace::new(parties, text.lines().count()).with_byte_capacity(usize::MAX);
    trace.epoch = epoch;
    for (index, line) in lines {
        let record = record(line)
            .filter(|record| usize::from(record.from) < number && usize::from(record.to) < number);
        trace.append(record.ok_or(ReadError { line: index + 1 })?);
    }
    Ok(trace)
}

/// A line that is none of ours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReadError {
    /// Which one, from 1.
    pub line: usize,
}

impl fmt::Display for ReadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {} is no record of a trace", self.line)
    }
}

impl std::error::Error for ReadError {}

fn write_line(text: &mut String, record: &Record) {
    let object = Object::new(text)
        .number("sequence", record.sequence)
        .number("at", record.at.as_micros())
        .number("from", u64::from(record.from))
        .number("to", u64::from(record.to));
    let object = match record.connection {
        None => object,
        Some(connection) => object.number("connection", connection),
    };
    let object = match record.fate {
        Fate::UnderWay => object,
        Fate::Arrived(at) => object.number("arrived", at.as_micros()),
        Fate::Lost(at) => object.number("lost", at.as_micros()),
    };
    let object = match &record.kind {
        RecordKind::Packet { version, bytes } => traffic(object, "packet", *version, bytes),
        RecordKind::Garbage { version, bytes, defect } => {
            let defect = match defect {
                Defect::Malformed(_) => "malformed",
                Defect::CutShort => "cut short",
                Defect::AfterError => "after error",
            };
            traffic(object, "garbage", *version, bytes).text("defect", defect)
        }
        RecordKind::Opened => object.text("kind", "opened"),
        RecordKind::Closed(why) => object.text("kind", "closed").text("words", why),
        RecordKind::Note(words) => object.text("kind", "note").text("words", words),
    };
    let object = if record.is_covered { object.text("secrets", LEFT_OUT) } else { object };
    object.text("summary", &record.summary()).finish();
}

fn traffic<'a>(object: Object<'a>, kind: &str, version: Version, bytes: &Bytes) -> Object<'a> {
    object.text("kind", kind).text("version", &version.to_string()).hexadecimal("bytes", bytes)
}

/// The participants, and when time 0 was.
fn header(line: &str) -> Option<(Vec<String>, Option<Duration>)> {
    let members = Members(json::read(line)?);
    if members.number("fourstep")? != FORMAT {
        return None;
    }
    let Value::List(parties) = members.value("parties")? else { return None };
    let parties = parties.iter().map(|party| text(party).map(str::to_owned));
    Some((parties.collect::<Option<_>>()?, members.number("epoch").map(Duration::from_micros)))
}

fn record(line: &str) -> Option<Record> {
    let members = Members(json::read(line)?);
    let moment = |name| members.number(name).map(Instant::from_micros);
    let fate = match (moment("arrived"), moment("lost")) {
        (None, None) => Fate::UnderWay,
        (Some(at), None) => Fate::Arrived(at),
        (None, Some(at)) => Fate::Lost(at),
        (Some(_), Some(_)) => return None,
    };
    let kind = match members.text("kind")? {
        "packet" => {
            let (version, bytes) = (members.version()?, members.bytes()?);
            RecordKind::Packet { version, bytes }
        }
        "garbage" => {
            let (version, bytes) = (members.version()?, members.bytes()?);
            let covered = members.is_covered();
            let defect = defect(members.text("defect")?, version, &bytes, covered)?;
            RecordKind::Garbage { version, bytes, defect }
        }
        "opened" => RecordKind::Opened,
        "closed" => RecordKind::Closed(members.text("words")?.to_owned()),
        "note" => RecordKind::Note(members.text("words")?.to_owned()),
        _ => return None,
    };
    let party = |name| Party::try_from(members.number(name)?).ok();
    Some(Record {
        sequence: members.number("sequence")?,
        at: moment("at")?,
        fate,
        from: party("from")?,
        to: party("to")?,
        connection: members.number("connection"),
        kind,
        is_covered: members.is_covered(),
    })
}

/// What is wrong with bytes is not in the file: the decoder finds it again,
/// unless just those bytes were left out.
fn defect(word: &str, version: Version, bytes: &Bytes, covered: bool) -> Option<Defect> {
    match word {
        "malformed" => match broken(version, bytes) {
            None if covered => Some(Defect::CutShort),
            broken => broken.map(Defect::Malformed),
        },
        "cut short" => Some(Defect::CutShort),
        "after error" => Some(Defect::AfterError),
        _ => None,
    }
}

fn broken(version: Version, bytes: &Bytes) -> Option<DecodeError> {
    let mut framer = Framer::default();
    framer.push(bytes);
    match framer.next_packet(version) {
        Ok(Some(packet)) => codec::decode(version, &packet).err(),
        Ok(None) => None,
        Err(error) => Some(error),
    }
}

/// The members of one object.
struct Members<'a>(Vec<(Cow<'a, str>, Value<'a>)>);

impl Members<'_> {
    fn value(&self, name: &str) -> Option<&Value<'_>> {
        self.0.iter().find(|(other, _)| other == name).map(|(_, value)| value)
    }

    fn number(&self, name: &str) -> Option<u64> {
        match self.value(name)? {
            Value::Number(number) => Some(*number),
            _ => None,
        }
    }

    fn text(&self, name: &str) -> Option<&str> {
        self.value(name).and_then(text)
    }

    fn is_covered(&self) -> bool {
        self.text("secrets").is_some_and(|text| text == LEFT_OUT)
    }

    fn version(&self) -> Option<Version> {
        let name = self.text("version")?;
        [Version::V311, Version::V5].into_iter().find(|version| version.to_string() == name)
    }

    fn bytes(&self) -> Option<Bytes> {
        let Value::Text(text) = self.value("bytes")? else { return None };
        let (pairs, []) = text.as_bytes().as_chunks::<2>() else { return None };
        let digit = |byte: u8| char::from(byte).to_digit(16);
        // Two hexadecimal digits fit into a byte.
        let byte = |[high, low]: &[u8; 2]| Some((digit(*high)? * 16 + digit(*low)?) as u8);
        pairs.iter().map(byte).collect::<Option<Vec<u8>>>().map(Bytes::from)
    }
}

fn text<'a>(value: &'a Value<'_>) -> Option<&'a str> {
    match value {
        Value::Text(text) => Some(text),
        _ => None,
    }
}

/// What the member `secrets` says of a record without them.
const LEFT_OUT: &str = "left out";
/// The version of this format.
const FORMAT: u64 = 1;
