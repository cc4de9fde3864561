//! The trace never grows beyond its bounds and always finds its records.

use bytes::Bytes;
use fourstep::codec::Version;
use fourstep::time::Instant;
use fourstep::trace::{RecordKind, Trace};
use proptest::prelude::*;

#[test]
fn the_oldest_records_go_and_the_numbers_stay() {
    let mut trace = Trace::new(vec!["a".into()], 3);
    for number in 0..5u64 {
        assert_eq!(trace.push(Instant::ZERO, 0, 0, note(number)), number);
    }
    assert_eq!((trace.dropped(), trace.next_sequence(), trace.len()), (2, 5, 3));
    assert_eq!(trace.record(1), None);
    for number in 2..5 {
        let record = trace.record(number).expect("it is held");
        assert_eq!((record.sequence, &record.kind), (number, &note(number)));
    }
    assert_eq!(trace.record(5), None);
    assert!(trace.to_text().starts_with("(2 older records are no longer kept)\n"));
}

#[test]
fn packet_bytes_are_bounded_too_but_the_newest_record_stays() {
    let mut trace = Trace::new(Vec::new(), 100).with_byte_capacity(1_000);
    for size in [400, 400, 400, 5_000] {
        trace.push(Instant::ZERO, 0, 0, packet(size));
    }
    assert_eq!(sizes(&trace), [5_000]);
    trace.push(Instant::ZERO, 0, 0, packet(600));
    trace.push(Instant::ZERO, 0, 0, packet(400));
    assert_eq!(sizes(&trace), [600, 400]);
    trace.clear();
    assert_eq!((trace.is_empty(), trace.dropped(), trace.next_sequence()), (true, 6, 6));
    trace.push(Instant::ZERO, 0, 0, packet(500));
    trace.push(Instant::ZERO, 0, 0, packet(500));
    assert_eq!(sizes(&trace), [500, 500]);
}

#[test]
fn a_million_records_leave_as_many_as_the_capacity_and_each_is_found() {
    let mut trace = Trace::new(Vec::new(), 10_000);
    for _ in 0..1_000_000 {
        trace.push(Instant::ZERO, 0, 0, RecordKind::Opened);
    }
    assert_eq!((trace.len(), trace.dropped()), (10_000, 990_000));
    for sequence in [990_000, 995_432, 999_999] {
        assert_eq!(trace.record(sequence).map(|record| record.sequence), Some(sequence));
    }
}

proptest! {
    #[test]
    fn a_range_yields_exactly_the_records_held_in_it(
        capacity in 1usize..20,
        count in 0u64..50,
        start in 0u64..60,
        length in 0u64..60,
    ) {
        let mut trace = Trace::new(Vec::new(), capacity);
        for number in 0..count {
            trace.push(Instant::ZERO, 0, 0, note(number));
        }
        let found: Vec<_> =
            trace.range(start..start + length).map(|record| record.sequence).collect();
        let expected: Vec<_> =
            (start..start + length).filter(|&number| trace.record(number).is_some()).collect();
        prop_assert_eq!(found, expected);
    }
}

fn note(number: u64) -> RecordKind {
    RecordKind::Note(number.to_string())
}

fn packet(size: usize) -> RecordKind {
    RecordKind::Packet { version: Version::V5, bytes: Bytes::from(vec![0; size]) }
}

fn sizes(trace: &Trace) -> Vec<usize> {
    trace.records().filter_map(|record| record.bytes()).map(Bytes::len).collect()
}
