//! Which records of a trace have a row, and in which one.

use std::collections::VecDeque;
use std::ops::Range;

use crate::codec::PacketType;
use crate::trace::{Record, RecordKind, Trace};

/// The rows of a diagram that may leave out keep-alive packets and what came
/// before a "clear". Rows are numbered like records: the number of a row
/// never changes, new rows come at the end, and old ones go at the start.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Order {
    /// The record that is read next.
    next: u64,
    /// Rises when rows are numbered anew.
    numbering: u32,
    /// [`Trace::rewinds`] when it was last read.
    rewinds: u64,
    /// Whether PINGREQ and PINGRESP have no row.
    without_pings: bool,
    /// Records before this one have no row.
    cleared: u64,
    /// The number of the first row held.
    first: u64,
    /// The records of the rows from `first` on.
    records: VecDeque<u64>,
}

impl Order {
    /// No rows yet, and one for each record to come.
    pub fn new() -> Self {
        Order::default()
    }

    /// Reads what was appended to the trace since the last call, and forgets
    /// what it has dropped.
    pub fn update(&mut self, trace: &Trace) {
        if trace.rewinds() != self.rewinds {
            // Sequence numbers stand for other records now: number the rows
            // anew, and show again what had been cleared.
            let (without_pings, rewinds) = (self.without_pings, trace.rewinds());
            let numbering = self.numbering.wrapping_add(1);
            *self = Order { without_pings, rewinds, numbering, ..Order::default() };
        }
        for record in trace.range(self.next.max(self.cleared)..trace.next_sequence()) {
            if !(self.without_pings && is_ping(record)) {
                self.records.push_back(record.sequence);
            }
        }
        self.next = trace.next_sequence();
        while self.records.front().is_some_and(|&record| record < trace.dropped()) {
            self.records.pop_front();
            self.first += 1;
        }
    }

    /// Leaves out keep-alive packets, or takes them in again. The rows are
    /// numbered anew.
    pub fn leave_out_pings(&mut self, without_pings: bool, trace: &Trace) {
        let (cleared, rewinds) = (self.cleared, self.rewinds);
        let numbering = self.numbering.wrapping_add(1);
        *self = Order { without_pings, cleared, rewinds, numbering, ..Order::default() };
        self.update(trace);
    }

    /// Whether keep-alive packets are left out.
    pub fn is_without_pings(&self) -> bool {
        self.without_pings
    }

    /// Takes the rows of all records so far away.
    pub fn clear(&mut self, trace: &Trace) {
        self.update(trace);
        self.cleared = self.next;
        self.first += self.records.len() as u64;
        self.records.clear();
    }

    /// Changes when the rows are numbered anew.
    pub fn numbering(&self) -> u32 {
        self.numbering
    }

    /// The numbers of the rows.
    pub fn rows(&self) -> Range<u64> {
        self.first..self.first + self.records.len() as u64
    }

    /// The record of a row. Constant time.
    pub fn record(&self, row: u64) -> Option<u64> {
        let index = usize::try_from(row.checked_sub(self.first)?).ok()?;
        self.records.get(index).copied()
    }

    /// The row of a record, if it has one.
    pub fn row(&self, record: u64) -> Option<u64> {
        let index = self.records.binary_search(&record).ok()?;
        Some(self.first + index as u64)
    }
}

/// Reads one byte.
fn is_ping(record: &Record) -> bool {
    let first = match &record.kind {
        RecordKind::Packet { bytes, .. } => bytes.first(),
        _ => None,
    };
    matches!(
        first.and_then(|first| PacketType::from_number(first >> 4)),
        Some(PacketType::PingReq | PacketType::PingResp)
    )
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::*;
    use crate::codec::Version;
    use crate::time::Instant;

    const PUBLISH: &[u8] = &[0x30, 3, 0, 1, b't'];
    const PINGREQ: &[u8] = &[0xC0, 0];

    fn trace(packets: &[&'static [u8]], capacity: usize) -> Trace {
        let mut trace = Trace::new(vec!["client".into(), "broker".into()], capacity);
        packets.iter().for_each(|bytes| append(&mut trace, bytes));
        trace
    }

    fn append(trace: &mut Trace, bytes: &'static [u8]) {
        let bytes = Bytes::from_static(bytes);
        trace.push(Instant::ZERO, 0, 1, RecordKind::Packet { version: Version::V311, bytes });
    }

    fn records(order: &Order) -> Vec<u64> {
        order.rows().filter_map(|row| order.record(row)).collect()
    }

    #[test]
    fn keep_alive_packets_can_be_left_out_and_taken_in_again() {
        let mut trace = trace(&[PUBLISH, PINGREQ, PUBLISH, PINGREQ], 10);
        let mut order = Order::new();
        order.update(&trace);
        assert_eq!(records(&order), [0, 1, 2, 3]);
        order.leave_out_pings(true, &trace);
        append(&mut trace, PINGREQ);
        append(&mut trace, PUBLISH);
        order.update(&trace);
        assert_eq!(records(&order), [0, 2, 5]);
        assert_eq!((order.row(2), order.row(1), order.row(5)), (Some(1), None, Some(2)));
        order.leave_out_pings(false, &trace);
        assert_eq!(records(&order), [0, 1, 2, 3, 4, 5]);
    }

    #[test]
    fn rows_keep_their_numbers_when_old_records_are_dropped() {
        let mut trace = trace(&[PUBLISH, PINGREQ, PUBLISH], 3);
        let mut order = Order::new();
        order.update(&trace);
        append(&mut trace, PUBLISH);
        append(&mut trace, PUBLISH);
        order.update(&trace);
        assert_eq!((order.rows(), records(&order)), (2..5, vec![2, 3, 4]));
    }

    #[test]
    fn after_a_rewind_rows_are_numbered_anew() {
        let mut trace = trace(&[PUBLISH, PINGREQ, PUBLISH], 10);
        let mut order = Order::new();
        order.leave_out_pings(true, &trace);
        assert_eq!(records(&order), [0, 2]);
        trace.rewind(1, Instant::ZERO);
        append(&mut trace, PUBLISH);
        append(&mut trace, PINGREQ);
        order.update(&trace);
        assert_eq!(records(&order), [0, 1]);
    }

    #[test]
    fn what_was_cleared_stays_away() {
        let mut trace = trace(&[PUBLISH, PUBLISH], 10);
        let mut order = Order::new();
        order.clear(&trace);
        assert!(order.rows().is_empty());
        append(&mut trace, PUBLISH);
        order.update(&trace);
        assert_eq!(records(&order), [2]);
        order.leave_out_pings(true, &trace);
        assert_eq!(records(&order), [2]);
    }
}
