//! A trace as a packet capture.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use byteorder_slice::LittleEndian;
use etherparse::{PacketBuilder, TcpHeader};
use pcap_file::pcapng::blocks::enhanced_packet::{EnhancedPacketBlock, EnhancedPacketOption};
use pcap_file::pcapng::blocks::interface_description::{
    InterfaceDescriptionBlock, InterfaceDescriptionOption,
};
use pcap_file::pcapng::blocks::section_header::SectionHeaderBlock;
use pcap_file::pcapng::blocks::{
    ENHANCED_PACKET_BLOCK, INTERFACE_DESCRIPTION_BLOCK, SECTION_HEADER_BLOCK,
};
use pcap_file::pcapng::{PcapNgBlock, RawBlock};
use pcap_file::{DataLink, Endianness};

use super::Secrets;
use crate::codec::PacketType;
use crate::time::Instant;
use crate::trace::{Fate, Party, Record, RecordKind, Trace};

/// The trace as a pcapng file that Wireshark dissects as MQTT.
///
/// A trace knows what MQTT sent, not how it was wrapped. So each connection
/// becomes a TCP connection to port 1883 that carries exactly these bytes, in
/// IPv4 packets of invented addresses: 10.0.0.1 is the first participant,
/// 10.0.0.2 the second. A WebSocket connection, too, appears as what it
/// carried. Each packet stands at the time when it left. Comments say what was
/// lost, and carry the trace's notes.
///
/// Passwords and authentication data are left out: an asterisk stands for each
/// byte, and a comment says so.
///
/// `epoch` is the time of [`Instant::ZERO`], counted from the start of 1970.
pub fn pcapng(trace: &Trace, epoch: Duration) -> Result<Vec<u8>, ExportError> {
    capture(trace, epoch, Secrets::LeftOut)
}

/// The same with the passwords in it.
pub fn pcapng_with_secrets(trace: &Trace, epoch: Duration) -> Result<Vec<u8>, ExportError> {
    capture(trace, epoch, Secrets::Included)
}

fn capture(trace: &Trace, epoch: Duration, secrets: Secrets) -> Result<Vec<u8>, ExportError> {
    let mut capture = Capture::new(trace, epoch)?;
    for record in trace.records() {
        capture.add(&secrets.of(record))?;
    }
    Ok(capture.file)
}

/// The trace does not fit into the format: a time beyond the year 2554.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExportError(String);

impl fmt::Display for ExportError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "cannot write the capture: {}", self.0)
    }
}

impl std::error::Error for ExportError {}

struct Capture {
    file: Vec<u8>,
    epoch: Duration,
    streams: BTreeMap<Key, Stream>,
    next_port: u16,
    /// Notes that wait for the next packet, each short enough for an option.
    notes: Vec<String>,
    /// Their bytes.
    note_bytes: usize,
    /// Further ones, for which a packet has no room.
    more_notes: u64,
}

/// What tells one connection from another: its number, the client, the server.
/// Where a trace has no numbers, it is the newest between the two.
type Key = (Option<u64>, Party, Party);

/// One TCP connection.
#[derive(Clone, Copy, Debug)]
struct Stream {
    key: Key,
    client_port: u16,
    /// Next sequence numbers: the client's and the server's.
    next: [u32; 2],
    open: bool,
}

/// Who sends a segment.
#[derive(Clone, Copy, PartialEq, Eq)]
enum From {
    Client = 0,
    Server = 1,
}

/// What a segment does besides carrying bytes.
#[derive(Clone, Copy, Default)]
struct Flags {
    syn: bool,
    ack: bool,
    fin: bool,
    psh: bool,
}

impl Capture {
    fn new(trace: &Trace, epoch: Duration) -> Result<Self, ExportError> {
        let section = SectionHeaderBlock { endianness: Endianness::Little, ..Default::default() };
        let parties = trace.parties.iter().zip(0..).map(|(name, party)| {
            let [a, b, c, d] = address(party);
            format!("{a}.{b}.{c}.{d} is {name}")
        });
        let parties: Vec<String> = parties.collect();
        let interface = InterfaceDescriptionBlock {
            linktype: DataLink::RAW,
            snaplen: 0,
            options: vec![
                InterfaceDescriptionOption::Comment(Cow::Owned(comment(parties.join(", ")))),
                InterfaceDescriptionOption::IfTsResol(NANOSECONDS),
            ],
        };
        let mut file = Vec::new();
        append(&mut file, SECTION_HEADER_BLOCK, &section)?;
        append(&mut file, INTERFACE_DESCRIPTION_BLOCK, &interface)?;
        Ok(Capture {
            file,
            epoch,
            streams: BTreeMap::new(),
            next_port: FIRST_PORT,
            notes: Vec::new(),
            note_bytes: 0,
            more_notes: 0,
        })
    }

    /// Keeps a note for the next packet.
    fn note(&mut self, words: impl Into<String>) {
        let words = comment(words.into());
        if self.note_bytes + words.len() > NOTES {
            self.more_notes += 1;
        } else {
            self.note_bytes += words.len();
            self.notes.push(words);
        }
    }

    fn add(&mut self, record: &Record) -> Result<(), ExportError> {
        let Record { at, from, to, connection, .. } = *record;
        match &record.kind {
            RecordKind::Opened => {
                self.open(at, (connection, from, to))?;
            }
            RecordKind::Closed(why) => {
                self.note(format!("connection closed: {why}"));
                self.close(at, (connection, from, to))?;
            }
            RecordKind::Note(words) => self.note(words.as_str()),
            RecordKind::Packet { bytes, .. } | RecordKind::Garbage { bytes, .. } => {
                if let Fate::Lost(_) = record.fate {
                    self.note("lost: this never arrived");
                }
                if record.is_covered {
                    self.notes.push("secrets left out: their bytes are asterisks".to_owned());
                }
                let (stream, sender) = self.stream(at, record)?;
                let stream = self.send(at, stream, sender, bytes)?;
                self.streams.insert(stream.key, stream);
            }
        }
        Ok(())
    }

    /// The connection that a record of traffic belongs to. Its beginning may
    /// have been dropped from the trace.
    fn stream(&mut self, at: Instant, record: &Record) -> Result<(Stream, From), ExportError> {
        let Record { from, to, connection, .. } = *record;
        let (forth, back) = ((connection, from, to), (connection, to, from));
        if let Some(stream) = self.streams.get(&forth) {
            return Ok((*stream, From::Client));
        }
        if let Some(stream) = self.streams.get(&back) {
            return Ok((*stream, From::Server));
        }
        if is_from_server(record) {
            Ok((self.open(at, back)?, From::Server))
        } else {
            Ok((self.open(at, forth)?, From::Client))
        }
    }

    /// Three segments: SYN, SYN and ACK, ACK.
    fn open(&mut self, at: Instant, key: Key) -> Result<Stream, ExportError> {
        let client_port = self.next_port;
        self.next_port = self.next_port.checked_add(1).unwrap_or(FIRST_PORT);
        let mut stream = Stream { key, client_port, next: [0; 2], open: true };
        let (syn, ack) = (Flags { syn: true, ..NOTHING }, Flags { ack: true, ..NOTHING });
        self.segment(at, stream, From::Client, syn, &[])?;
        stream.next[From::Client as usize] = 1;
        self.segment(at, stream, From::Server, Flags { ack: true, ..syn }, &[])?;
        stream.next[From::Server as usize] = 1;
        self.segment(at, stream, From::Client, ack, &[])?;
        self.streams.insert(key, stream);
        Ok(stream)
    }

    /// Three segments: FIN, FIN, and the ACK of the last one.
    fn close(&mut self, at: Instant, key: Key) -> Result<(), ExportError> {
        let stream = self.streams.get(&key).copied().filter(|stream| stream.open);
        // An attempt that failed was never open.
        let Some(mut stream) = stream else { return Ok(()) };
        let fin = Flags { fin: true, ack: true, ..NOTHING };
        for sender in [From::Client, From::Server] {
            self.segment(at, stream, sender, fin, &[])?;
            stream.advance(sender, 1);
        }
        self.segment(at, stream, From::Client, Flags { fin: false, ..fin }, &[])?;
        stream.open = false;
        self.streams.insert(key, stream);
        Ok(())
    }

    /// As many segments as the bytes need.
    fn send(
        &mut self,
        at: Instant,
        mut stream: Stream,
        sender: From,
        bytes: &[u8],
    ) -> Result<Stream, ExportError> {
        let mut pieces = bytes.chunks(SEGMENT).peekable();
        while let Some(piece) = pieces.next() {
            let psh = pieces.peek().is_none();
            self.segment(at, stream, sender, Flags { ack: true, psh, ..NOTHING }, piece)?;
            stream.advance(sender, piece.len());
        }
        Ok(stream)
    }

    fn segment(
        &mut self,
        at: Instant,
        stream: Stream,
        sender: From,
        flags: Flags,
        payload: &[u8],
    ) -> Result<(), ExportError> {
        let data = stream.packet(sender, flags, payload)?;
        let timestamp = self.epoch.saturating_add(at.since(Instant::ZERO));
        if timestamp.as_nanos() > u128::from(u64::MAX) {
            return Err(ExportError("a time is too late for this format".to_owned()));
        }
        let mut notes = std::mem::take(&mut self.notes);
        self.note_bytes = 0;
        match std::mem::take(&mut self.more_notes) {
            0 => {}
            more => notes.push(format!("{more} more notes are left out here")),
        }
        let block = EnhancedPacketBlock {
            interface_id: 0,
            timestamp,
            // A segment and its headers are short.
            original_len: data.len() as u32,
            data: Cow::Owned(data),
            options: notes
                .into_iter()
                .map(|note| EnhancedPacketOption::Comment(Cow::Owned(note)))
                .collect(),
        };
        append(&mut self.file, ENHANCED_PACKET_BLOCK, &block)
    }
}

impl Stream {
    /// Sequence numbers wrap around.
    fn advance(&mut self, sender: From, length: usize) {
        let next = &mut self.next[sender as usize];
        *next = next.wrapping_add(length as u32);
    }

    /// One IPv4 packet with one TCP segment.
    fn packet(self, sender: From, flags: Flags, payload: &[u8]) -> Result<Vec<u8>, ExportError> {
        let Stream { key: (_, client, server), client_port, next: [ours, theirs], .. } = self;
        let client = (address(client), client_port, ours);
        let server = (address(server), SERVER_PORT, theirs);
        let (from, to) = match sender {
            From::Client => (client, server),
            From::Server => (server, client),
        };
        let mut tcp = TcpHeader::new(from.1, to.1, from.2, u16::MAX);
        (tcp.syn, tcp.ack, tcp.fin, tcp.psh) = (flags.syn, flags.ack, flags.fin, flags.psh);
        if flags.ack {
            tcp.acknowledgment_number = to.2;
        }
        let mut packet = Vec::with_capacity(40 + payload.len());
        PacketBuilder::ipv4(from.0, to.0, HOPS)
            .tcp_header(tcp)
            .write(&mut packet, payload)
            .map_err(failed)?;
        Ok(packet)
    }
}

/// Appends one block. The crate's own writer would bring every other kind of
/// block into the page, in both orders of bytes.
fn append<'a>(
    file: &mut Vec<u8>,
    type_: u32,
    block: &impl PcapNgBlock<'a>,
) -> Result<(), ExportError> {
    let mut body = Vec::new();
    block.write_to::<LittleEndian, _>(&mut body).map_err(failed)?;
    body.resize(body.len().next_multiple_of(4), 0);
    let length = u32::try_from(body.len() + BLOCK_FRAME).map_err(failed)?;
    let block =
        RawBlock { type_, initial_len: length, body: Cow::Owned(body), trailer_len: length };
    block.write_to::<LittleEndian, _>(file).map_err(failed)?;
    Ok(())
}

/// Whether only a server sends such a packet.
fn is_from_server(record: &Record) -> bool {
    let first = record.bytes().and_then(|bytes| bytes.first());
    let packet_type = first.and_then(|first| PacketType::from_number(first >> 4));
    matches!(
        packet_type,
        Some(
            PacketType::ConnAck | PacketType::SubAck | PacketType::UnsubAck | PacketType::PingResp
        )
    )
}

/// A text that fits into an option, whose length has 16 bits (pcapng, 3.5). A
/// longer one is cut between characters, and says so.
fn comment(mut text: String) -> String {
    if text.len() > COMMENT {
        let cut = format!("… (cut: {} bytes in all)", text.len());
        let fits = |end: &usize| end + cut.len() <= COMMENT;
        let ends = text.char_indices().map(|(end, _)| end).take_while(fits);
        let end = ends.last().unwrap_or(0);
        text.truncate(end);
        text.push_str(&cut);
    }
    text
}

fn address(party: Party) -> [u8; 4] {
    (FIRST_ADDRESS + u32::from(party)).to_be_bytes()
}

fn failed(error: impl fmt::Display) -> ExportError {
    ExportError(error.to_string())
}

const NOTHING: Flags = Flags { syn: false, ack: false, fin: false, psh: false };
/// 10.0.0.1.
const FIRST_ADDRESS: u32 = 0x0A00_0001;
/// The first of the ports that are nobody's.
const FIRST_PORT: u16 = 49_152;
/// MQTT's.
const SERVER_PORT: u16 = 1883;
/// Bytes of a block around its body: its type, and its length twice.
const BLOCK_FRAME: usize = 12;
/// Bytes of a comment at most.
const COMMENT: usize = u16::MAX as usize;
/// Bytes of the notes at one packet. Readers take a block of several megabytes
/// for damaged.
const NOTES: usize = 1 << 20;
/// Bytes in a segment, as on an Ethernet.
const SEGMENT: usize = 1460;
const HOPS: u8 = 64;
/// As a power of ten, which is how the format has it.
const NANOSECONDS: u8 = 9;
