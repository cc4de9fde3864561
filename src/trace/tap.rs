use bytes::Bytes;

use super::{Defect, Fate, Party, Record, RecordKind, Trace};
use crate::codec::{self, DecodeError, Framer, MAXIMUM_PACKET_SIZE, Packet, Version};
use crate::time::Instant;

/// Turns the bytes of one link, in both directions, into records.
///
/// It knows nothing but these bytes. The protocol version is learned from the
/// CONNECT that crosses; before that it is 5.0. However the bytes are cut into
/// chunks, the records are the same.
#[derive(Clone, Debug)]
pub struct Tap {
    client: Party,
    server: Party,
    /// The newest connection, also after it was closed: on a simulated link the
    /// other end may go on without knowing.
    connection: Option<u64>,
    is_open: bool,
    version: Version,
    to_server: Stream,
    to_client: Stream,
}

/// Which way bytes go, seen from the end that opened the link.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Direction {
    /// From the client to the server.
    ToServer,
    /// From the server to the client.
    ToClient,
}

/// The bytes of one direction.
#[derive(Clone, Debug)]
enum Stream {
    /// Packet follows packet.
    Packets(Framer),
    /// Framing is lost: what comes belongs to no packet.
    Adrift {
        /// Not recorded yet: less than a block.
        waiting: Vec<u8>,
        /// How many more bytes are kept before the rest is ignored.
        budget: usize,
    },
}

impl Tap {
    /// A tap between these two participants.
    pub fn new(client: Party, server: Party) -> Self {
        Tap {
            client,
            server,
            connection: None,
            is_open: false,
            version: Version::V5,
            to_server: Stream::new(),
            to_client: Stream::new(),
        }
    }

    /// The link came up: forgets the version and half packets of an earlier
    /// connection. `connection` is the number of this one, for
    /// [`Record::connection`].
    pub fn open(&mut self, now: Instant, connection: u64, trace: &mut Trace) {
        (self.connection, self.is_open) = (Some(connection), true);
        self.version = Version::V5;
        self.forget_half_packets();
        trace.append(self.record(now, RecordKind::Opened));
    }

    /// Bytes that cross the link, in chunks of any size.
    pub fn bytes(&mut self, now: Instant, direction: Direction, bytes: &[u8], trace: &mut Trace) {
        let arrived = Fate::Arrived(now);
        self.cross(now, direction, bytes, arrived, trace);
    }

    /// How many of these bytes, which cross next, become the next record: up
    /// to the end of a packet, or all of them. A driver that hands over only so
    /// many at a time, to the tap and to its engine, knows which record an
    /// event belongs to.
    pub fn cut(&self, direction: Direction, bytes: &[u8]) -> usize {
        let stream = match direction {
            Direction::ToServer => &self.to_server,
            Direction::ToClient => &self.to_client,
        };
        match stream {
            Stream::Packets(framer) => framer.cut(bytes),
            Stream::Adrift { .. } => bytes.len(),
        }
    }

    /// Bytes that leave, and arrive later if at all: [`Trace::mark`] tells.
    pub fn departure(
        &mut self,
        now: Instant,
        direction: Direction,
        bytes: &[u8],
        trace: &mut Trace,
    ) {
        self.cross(now, direction, bytes, Fate::UnderWay, trace);
    }

    /// The link went down, or never came up. A half packet becomes
    /// [`RecordKind::Garbage`].
    pub fn close(&mut self, now: Instant, why: &str, trace: &mut Trace) {
        if !self.is_open {
            self.connection = None;
        }
        for (direction, stream) in
            [(Direction::ToServer, &self.to_server), (Direction::ToClient, &self.to_client)]
        {
            let (from, to) = self.ends(direction);
            if let Some(kind) = stream.leftover(self.version) {
                trace.append(Record { from, to, ..self.record(now, kind) });
            }
        }
        self.is_open = false;
        self.forget_half_packets();
        trace.append(self.record(now, RecordKind::Closed(why.to_owned())));
    }

    /// The version that the last CONNECT of this connection named.
    pub fn version(&self) -> Version {
        self.version
    }

    fn cross(
        &mut self,
        now: Instant,
        direction: Direction,
        bytes: &[u8],
        fate: Fate,
        trace: &mut Trace,
    ) {
        let (from, to) = self.ends(direction);
        let connection = self.connection;
        let stream = match direction {
            Direction::ToServer => &mut self.to_server,
            Direction::ToClient => &mut self.to_client,
        };
        stream.read(bytes, &mut self.version, |kind| {
            trace.append(Record { connection, ..Record::new(now, fate, from, to, kind) });
        });
    }

    fn ends(&self, direction: Direction) -> (Party, Party) {
        match direction {
            Direction::ToServer => (self.client, self.server),
            Direction::ToClient => (self.server, self.client),
        }
    }

    /// A record of what happened to the connection.
    fn record(&self, now: Instant, kind: RecordKind) -> Record {
        let fate = Fate::Arrived(now);
        let record = Record::new(now, fate, self.client, self.server, kind);
        Record { connection: self.connection, ..record }
    }

    fn forget_half_packets(&mut self) {
        self.to_server = Stream::new();
        self.to_client = Stream::new();
    }
}

impl Stream {
    fn new() -> Self {
        Stream::Packets(Framer::new(MAXIMUM_PACKET_SIZE))
    }

    fn read(&mut self, bytes: &[u8], version: &mut Version, mut push: impl FnMut(RecordKind)) {
        match self {
            Stream::Packets(framer) => {
                let mut unread = framer.pending().len() + bytes.len();
                framer.push(bytes);
                loop {
                    match framer.next_packet(*version) {
                        Ok(Some(packet)) => {
                            unread -= packet.len();
                            push(identify(packet, version));
                        }
                        Ok(None) => return,
                        Err(error) => {
                            let rest = last_bytes(unread, framer.pending(), bytes);
                            return self.lose_framing(error, &rest, *version, push);
                        }
                    }
                }
            }
            Stream::Adrift { waiting, budget } => {
                let kept = bytes.get(..*budget).unwrap_or(bytes);
                *budget -= kept.len();
                waiting.extend_from_slice(kept);
                while waiting.len() >= GARBAGE_BLOCK {
                    let block: Vec<u8> = waiting.drain(..GARBAGE_BLOCK).collect();
                    push(RecordKind::Garbage {
                        version: *version,
                        bytes: block.into(),
                        defect: Defect::AfterError,
                    });
                }
            }
        }
    }

    /// Records the header that broke the framing at once, and by itself: it
    /// then does not depend on how much more happened to be in the chunk.
    fn lose_framing(
        &mut self,
        error: DecodeError,
        rest: &[u8],
        mut version: Version,
        mut push: impl FnMut(RecordKind),
    ) {
        let (header, after) = rest.split_at(broken_header_length(rest, version));
        *self = Stream::Adrift { waiting: Vec::new(), budget: GARBAGE_BUDGET };
        push(RecordKind::Garbage {
            version,
            bytes: Bytes::copy_from_slice(header),
            defect: Defect::Malformed(error),
        });
        self.read(after, &mut version, push);
    }

    /// What the end of the link leaves unfinished.
    fn leftover(&self, version: Version) -> Option<RecordKind> {
        let (bytes, defect) = match self {
            Stream::Packets(framer) => (framer.pending(), Defect::CutShort),
            Stream::Adrift { waiting, .. } => (waiting.as_slice(), Defect::AfterError),
        };
        let bytes = Bytes::copy_from_slice(bytes);
        (!bytes.is_empty()).then_some(RecordKind::Garbage { version, bytes, defect })
    }
}

/// Decodes one framed packet to see whether it is one, and learns the version
/// from a CONNECT. Framing survives a packet that is wrong inside.
fn identify(bytes: Bytes, version: &mut Version) -> RecordKind {
    match codec::decode(*version, &bytes) {
        Ok(packet) => {
            if let Packet::Connect(connect) = packet {
                *version = connect.version;
            }
            RecordKind::Packet { version: *version, bytes }
        }
        Err(error) => {
            RecordKind::Garbage { version: *version, bytes, defect: Defect::Malformed(error) }
        }
    }
}

/// The last `length` bytes of the stream, given its newest chunk. A framer
/// keeps of a packet that it refuses no more than the header, so what is older
/// than the chunk is still there, and the rest has to come from the chunk.
fn last_bytes(length: usize, pending: &[u8], chunk: &[u8]) -> Vec<u8> {
    match chunk.len().checked_sub(length) {
        Some(start) => chunk[start..].to_vec(),
        None => [pending.get(..length - chunk.len()).unwrap_or_default(), chunk].concat(),
    }
}

/// How many bytes it takes to see that the framing is broken.
fn broken_header_length(bytes: &[u8], version: Version) -> usize {
    (1..bytes.len().min(MAXIMUM_HEADER))
        .find(|&length| {
            let mut framer = Framer::new(MAXIMUM_PACKET_SIZE);
            framer.push(&bytes[..length]);
            framer.next_packet(version).is_err()
        })
        .unwrap_or(bytes.len().min(MAXIMUM_HEADER))
}

/// Bytes of a fixed header: the type and a Remaining Length of up to four.
const MAXIMUM_HEADER: usize = 5;
/// Bytes in one record of what follows lost framing.
const GARBAGE_BLOCK: usize = 1024;
/// Bytes that are recorded in all after framing is lost. The peer that sees
/// the error closes the connection, so more than this is not traffic.
const GARBAGE_BUDGET: usize = 64 * 1024;
