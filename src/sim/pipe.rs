use std::collections::VecDeque;
use std::time::Duration;

use bytes::Bytes;

use super::random::Random;
use super::{LinkSetup, Split};
use crate::time::Instant;

/// One direction of a connection: an ordered stream of bytes on its way.
#[derive(Clone, Debug, Default)]
pub(super) struct Pipe {
    /// On their way, oldest first.
    pieces: VecDeque<Piece>,
    /// Bytes of the pieces.
    held: usize,
    /// Bytes that were written.
    written: u64,
    /// Bytes that have arrived.
    arrived: u64,
    /// When the last bit of what was written will have left.
    busy_until: Instant,
    /// A fault holds everything back until then.
    blocked_until: Instant,
    /// Whole packets on their way: where they end, and their record.
    records: VecDeque<(u64, u64)>,
    /// Where faults wait, by position.
    traps: VecDeque<Trap>,
}

#[derive(Clone, Debug)]
struct Piece {
    arrives: Instant,
    /// Empty: the end of the stream.
    bytes: Bytes,
}

/// A place in the stream at which a fault waits.
#[derive(Clone, Copy, Debug)]
pub(super) struct Trap {
    /// Bytes of the stream before it.
    pub position: u64,
    /// Whether it springs as soon as the byte before it has arrived, or only
    /// when the byte behind it is about to.
    pub eager: bool,
    /// Which fault.
    pub fault: usize,
}

/// What has come through.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Arrival {
    /// Bytes for the receiver, then perhaps a fault.
    Bytes(Bytes, Option<usize>),
    /// The other end has closed.
    End,
}

impl Pipe {
    /// Bytes that were written so far: where the next packet starts.
    pub fn written(&self) -> u64 {
        self.written
    }

    /// Bytes of memory that it holds, roughly.
    pub fn weight(&self) -> usize {
        self.held
            + self.pieces.len() * size_of::<Piece>()
            + self.records.len() * size_of::<(u64, u64)>()
    }

    /// Hands over bytes. They leave when those before them have left.
    pub fn write(&mut self, now: Instant, bytes: Bytes, setup: &LinkSetup, random: &mut Random) {
        self.written += bytes.len() as u64;
        let mut rest = bytes;
        while !rest.is_empty() {
            let size = piece_size(setup.split, random).clamp(1, rest.len());
            let bytes = rest.split_to(size);
            self.busy_until = self.busy_until.max(now) + sending_time(size, setup.bandwidth);
            let arrives = self.busy_until + setup.latency + draw(setup.jitter, random);
            self.push(arrives, bytes);
        }
    }

    /// The writer closes: what was written still arrives, then the end.
    pub fn write_end(&mut self, now: Instant, setup: &LinkSetup) {
        let arrives = self.busy_until.max(now) + setup.latency;
        self.push(arrives, Bytes::new());
    }

    /// Notes the record of a packet whose last byte is the one before `end`.
    pub fn expect_record(&mut self, end: u64, sequence: u64) {
        self.records.push_back((end, sequence));
    }

    /// Lays a trap. One behind what has arrived already never springs.
    pub fn lay(&mut self, trap: Trap) {
        let key = |trap: &Trap| (trap.position, !trap.eager);
        let place = self.traps.partition_point(|other| key(other) <= key(&trap));
        self.traps.insert(place, trap);
    }

    /// When [`Pipe::arrive`] will have something.
    pub fn next_arrival(&self) -> Option<Instant> {
        Some(self.pieces.front()?.arrives.max(self.blocked_until))
    }

    /// Takes what arrives now, up to the next trap.
    pub fn arrive(&mut self) -> Option<Arrival> {
        let length = self.pieces.front()?.bytes.len();
        if length == 0 {
            self.pieces.pop_front();
            return Some(Arrival::End);
        }
        let end = self.arrived + length as u64;
        let sprung = self.next_trap(end);
        // A trap that lies behind what has arrived springs at once.
        let until = sprung.map_or(end, |trap| trap.position.max(self.arrived));
        let size = usize::try_from(until - self.arrived).unwrap_or(length);
        self.arrived = until;
        Some(Arrival::Bytes(self.take(size), sprung.map(|trap| trap.fault)))
    }

    /// The record of the next packet that has arrived whole, once.
    pub fn next_arrived_record(&mut self) -> Option<u64> {
        let (end, sequence) = self.records.front().copied()?;
        if end > self.arrived {
            return None;
        }
        self.records.pop_front();
        Some(sequence)
    }

    /// Loses everything on its way, and returns the records of it.
    pub fn lose(&mut self) -> impl Iterator<Item = u64> {
        self.pieces.clear();
        self.held = 0;
        self.traps.clear();
        std::mem::take(&mut self.records).into_iter().map(|(_, sequence)| sequence)
    }

    /// Nothing arrives before this moment.
    pub fn block_until(&mut self, until: Instant) {
        self.blocked_until = self.blocked_until.max(until);
    }

    /// The next trap that springs when bytes up to `end` arrive.
    fn next_trap(&mut self, end: u64) -> Option<Trap> {
        let trap = self.traps.front().copied()?;
        let springs = trap.position < end || trap.eager && trap.position == end;
        if springs { self.traps.pop_front() } else { None }
    }

    /// Pieces keep their order, whatever the jitter.
    fn push(&mut self, arrives: Instant, bytes: Bytes) {
        let after = self.pieces.back().map_or(Instant::ZERO, |piece| piece.arrives);
        self.held += bytes.len();
        self.pieces.push_back(Piece { arrives: arrives.max(after), bytes });
    }

    /// The first `size` bytes of the oldest piece, which goes when it is used
    /// up.
    fn take(&mut self, size: usize) -> Bytes {
        let Some(piece) = self.pieces.front_mut() else { return Bytes::new() };
        let taken = piece.bytes.split_to(size);
        self.held -= size;
        if piece.bytes.is_empty() {
            self.pieces.pop_front();
        }
        taken
    }
}

fn piece_size(split: Split, random: &mut Random) -> usize {
    match split {
        Split::Whole => usize::MAX,
        Split::Every(size) => usize::from(size),
        Split::Random(most) => random.up_to(u64::from(most)) as usize,
    }
}

fn sending_time(size: usize, bandwidth: u32) -> Duration {
    match bandwidth {
        0 => Duration::ZERO,
        _ => Duration::from_micros(size as u64 * 1_000_000 / u64::from(bandwidth)),
    }
}

fn draw(jitter: Duration, random: &mut Random) -> Duration {
    match u64::try_from(jitter.as_micros()).unwrap_or(u64::MAX) {
        0 => Duration::ZERO,
        most => Duration::from_micros(random.up_to(most)),
    }
}
