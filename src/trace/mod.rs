//! One trace, many readers.
//!
//! Every packet that crosses a link, simulated or real, becomes one
//! [`Record`]. Tests print it, the diagram draws it, the inspector dissects
//! it. A [`Tap`] makes the records from the bytes of the link alone, so no
//! picture can disagree with the wire.

mod record;
mod secret;
mod tap;
mod text;

use std::collections::VecDeque;
use std::fmt::Write as _;
use std::time::Duration;

use crate::time::Instant;

pub use crate::language::{preview, quoted, readable};
pub use record::{Defect, Fate, Party, Record, RecordKind};
pub use secret::COVER;
pub use tap::{Direction, Tap};

/// An append-only list of records, bounded: past its capacity the oldest go.
#[derive(Clone, Debug)]
pub struct Trace {
    /// Names of the participants, in the order of their lanes.
    pub parties: Vec<String>,
    /// When time 0 was, since 1970-01-01 UTC; `None` where time is simulated.
    pub epoch: Option<Duration>,
    records: VecDeque<Record>,
    next: u64,
    capacity: usize,
    byte_capacity: usize,
    /// Packet bytes that the records hold.
    bytes: usize,
    revision: u64,
    rewinds: u64,
}

impl Trace {
    /// An empty trace that keeps at most `capacity` records, and at least one,
    /// with at most 64 MiB of packet bytes.
    pub fn new(parties: Vec<String>, capacity: usize) -> Self {
        Trace {
            parties,
            epoch: None,
            records: VecDeque::new(),
            next: 0,
            capacity: capacity.max(1),
            byte_capacity: DEFAULT_BYTE_CAPACITY,
            bytes: 0,
            revision: 0,
            rewinds: 0,
        }
    }

    /// Bounds the packet bytes that are held. The newest record stays, however
    /// large it is.
    #[must_use]
    pub fn with_byte_capacity(mut self, byte_capacity: usize) -> Self {
        self.byte_capacity = byte_capacity;
        self.shrink();
        self
    }

    /// Appends a record of what left and arrived at the same moment, as far as
    /// this end can know, and returns its sequence number.
    pub fn push(&mut self, at: Instant, from: Party, to: Party, kind: RecordKind) -> u64 {
        let fate = Fate::Arrived(at);
        self.append(Record::new(at, fate, from, to, kind))
    }

    /// Appends a record of what has left and not arrived yet, and returns its
    /// sequence number. [`Trace::mark`] tells later what became of it.
    pub fn push_departure(&mut self, at: Instant, from: Party, to: Party, kind: RecordKind) -> u64 {
        let fate = Fate::UnderWay;
        self.append(Record::new(at, fate, from, to, kind))
    }

    /// Appends a record, which may be another trace's, under the next sequence
    /// number, whatever its own is. Returns that number.
    pub fn append(&mut self, mut record: Record) -> u64 {
        record.sequence = self.next;
        self.bytes += record.size();
        self.records.push_back(record);
        self.next += 1;
        self.revision += 1;
        self.shrink();
        self.next - 1
    }

    /// Sets what became of a record. False if it is no longer held.
    pub fn mark(&mut self, sequence: u64, fate: Fate) -> bool {
        let index = self.index(sequence);
        match index.and_then(|index| self.records.get_mut(index)) {
            Some(record) => {
                record.fate = fate;
                self.revision += 1;
                true
            }
            None => false,
        }
    }

    /// The records still held, oldest first.
    pub fn records(&self) -> impl ExactSizeIterator<Item = &Record> + DoubleEndedIterator {
        self.records.iter()
    }

    /// The records still held that have these sequence numbers, oldest first.
    /// Takes time for what it yields, not for what it skips.
    pub fn range(
        &self,
        sequences: std::ops::Range<u64>,
    ) -> impl ExactSizeIterator<Item = &Record> + DoubleEndedIterator {
        let place = |sequence: u64| {
            let clamped = sequence.clamp(self.dropped(), self.next);
            usize::try_from(clamped - self.dropped()).unwrap_or(usize::MAX)
        };
        let end = place(sequences.end);
        self.records.range(place(sequences.start).min(end)..end)
    }

    /// The record with this sequence number, if it is still held. Constant time.
    pub fn record(&self, sequence: u64) -> Option<&Record> {
        self.records.get(self.index(sequence)?)
    }

    /// The sequence number of the oldest record held, which is also how many
    /// were dropped.
    pub fn dropped(&self) -> u64 {
        self.next - self.records.len() as u64
    }

    /// The sequence number that the next record will have.
    pub fn next_sequence(&self) -> u64 {
        self.next
    }

    /// Rises with every change: of two pictures of the same trace with the
    /// same number, one is enough.
    pub fn revision(&self) -> u64 {
        self.revision
    }

    /// How many times it went back. Whoever follows the trace by its sequence
    /// numbers starts anew when this changes: they are given again.
    pub fn rewinds(&self) -> u64 {
        self.rewinds
    }

    /// How many records are held.
    pub fn len(&self) -> usize {
        self.records.len()
    }

    /// Whether no record is held.
    pub fn is_empty(&self) -> bool {
        self.records.is_empty()
    }

    /// Forgets every record. Sequence numbers go on from where they were.
    pub fn clear(&mut self) {
        self.records.clear();
        self.bytes = 0;
        self.revision += 1;
    }

    /// Goes back to how the trace was at the end of moment `at`, when `next`
    /// was the number of the next record: for a world that is rewound. Numbers
    /// are then given again, to whatever happens instead. Records that were
    /// dropped since do not come back.
    pub fn rewind(&mut self, next: u64, at: Instant) {
        self.revision += 1;
        self.rewinds += 1;
        while self.next > next {
            match self.records.pop_back() {
                Some(record) => self.bytes -= record.size(),
                None => {
                    self.next = next;
                    return;
                }
            }
            self.next -= 1;
        }
        for record in &mut self.records {
            record.fate = match record.fate {
                Fate::Arrived(end) | Fate::Lost(end) if end > at => Fate::UnderWay,
                fate => fate,
            };
        }
    }

    /// One line a record: time, parties, packet name, identifier, QoS, DUP,
    /// RETAIN, topic, payload. What tests snapshot and people save to a file.
    /// Starts with a line that counts the records that were dropped, if any.
    pub fn to_text(&self) -> String {
        let mut text = String::new();
        if self.dropped() > 0 {
            // Writing to a string cannot fail.
            let _ = writeln!(text, "({} older records are no longer kept)", self.dropped());
        }
        for record in &self.records {
            text.push_str(&record.to_line(&self.parties));
            text.push('\n');
        }
        text
    }

    /// Drops the oldest until both bounds hold, but never the newest.
    fn shrink(&mut self) {
        while self.records.len() > 1
            && (self.records.len() > self.capacity || self.bytes > self.byte_capacity)
        {
            if let Some(record) = self.records.pop_front() {
                self.bytes -= record.size();
            }
        }
    }

    fn index(&self, sequence: u64) -> Option<usize> {
        usize::try_from(sequence.checked_sub(self.dropped())?).ok()
    }
}

/// Packet bytes that a trace holds if nothing else is asked for.
const DEFAULT_BYTE_CAPACITY: usize = 64 * 1024 * 1024;
