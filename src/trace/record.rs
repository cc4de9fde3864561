use bytes::Bytes;

use crate::codec::{DecodeError, Version};
use crate::time::Instant;

/// A participant: an index into [`Trace::parties`](super::Trace::parties).
pub type Party = u16;

/// One thing that happened on a link.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// Rises by one with each record of a trace; given again only after
    /// [`Trace::rewind`](super::Trace::rewind).
    pub sequence: u64,
    /// When it left, or happened.
    pub at: Instant,
    /// What became of it. On a live link, where only one end is ours, it has
    /// always arrived at once.
    pub fate: Fate,
    /// Who sent it.
    pub from: Party,
    /// Who was to receive it.
    pub to: Party,
    /// The connection that it crossed or tells of: a number that no other
    /// connection of the trace has. A connection that the one end has given up
    /// may still be alive for the other, so names of the ends do not tell it.
    /// `None` for what belongs to none: a remark, an attempt that failed.
    pub connection: Option<u64>,
    /// What it is.
    pub kind: RecordKind,
    /// Whether the bytes of its secrets were replaced:
    /// [`Record::without_secrets`].
    pub is_covered: bool,
}

/// What became of a record after it left.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Fate {
    /// On its way.
    UnderWay,
    /// Its last byte arrived at this moment.
    Arrived(Instant),
    /// The link broke at this moment, before its last byte had arrived.
    Lost(Instant),
}

/// What a [`Record`] is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RecordKind {
    /// One whole packet, with its exact bytes.
    Packet {
        /// The version that the connection speaks.
        version: Version,
        /// Fixed header included.
        bytes: Bytes,
    },
    /// Bytes that are not a packet and never will be.
    Garbage {
        /// The version that the connection speaks.
        version: Version,
        /// The bytes as they came.
        bytes: Bytes,
        /// What is wrong with them.
        defect: Defect,
    },
    /// The link came up.
    Opened,
    /// The link went down; why, in words.
    Closed(String),
    /// A remark of the driver: storage failed, say.
    Note(String),
}

/// What is wrong with bytes that are no packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Defect {
    /// They break a rule of the protocol.
    Malformed(DecodeError),
    /// The link went down before the rest of the packet came.
    CutShort,
    /// They follow bytes after which nobody can tell where a packet starts.
    AfterError,
}

impl Record {
    /// A record of no connection, as it was seen. The trace gives it a number.
    pub fn new(at: Instant, fate: Fate, from: Party, to: Party, kind: RecordKind) -> Self {
        Record { sequence: 0, at, fate, from, to, connection: None, kind, is_covered: false }
    }

    /// When it arrived, if it has.
    pub fn arrived(&self) -> Option<Instant> {
        match self.fate {
            Fate::Arrived(at) => Some(at),
            Fate::UnderWay | Fate::Lost(_) => None,
        }
    }

    /// The bytes that crossed the link; `None` for what is no traffic.
    pub fn bytes(&self) -> Option<&Bytes> {
        match &self.kind {
            RecordKind::Packet { bytes, .. } | RecordKind::Garbage { bytes, .. } => Some(bytes),
            RecordKind::Opened | RecordKind::Closed(_) | RecordKind::Note(_) => None,
        }
    }

    /// The version in force when it crossed; `None` for what is no traffic.
    pub fn version(&self) -> Option<Version> {
        match self.kind {
            RecordKind::Packet { version, .. } | RecordKind::Garbage { version, .. } => {
                Some(version)
            }
            RecordKind::Opened | RecordKind::Closed(_) | RecordKind::Note(_) => None,
        }
    }

    /// Bytes that count towards the bound of the trace.
    pub(super) fn size(&self) -> usize {
        match &self.kind {
            RecordKind::Packet { bytes, .. } | RecordKind::Garbage { bytes, .. } => bytes.len(),
            RecordKind::Opened => 0,
            RecordKind::Closed(words) | RecordKind::Note(words) => words.len(),
        }
    }
}
