//! Arbitrary text as a trace in JSON lines: it is refused, or it comes back the
//! same after it was written again, and whoever reads traces can read it.

#![no_main]

use std::time::Duration;

use fourstep::export::{jsonl, pcapng};
use fourstep::language::Language;
use fourstep::trace::Trace;
use fourstep::view::flow::Flows;
use fourstep::view::inspector::Inspection;
use fourstep::view::order::Order;
use fourstep::view::timescale::{Spacing, Timescale};
use fourstep::view::transcript;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let Ok(trace) = jsonl::read(text) else { return };
    let again =
        jsonl::read(&jsonl::write_with_secrets(&trace)).expect("what was written can be read");
    assert_eq!(again.parties, trace.parties);
    assert!(again.records().eq(trace.records()));
    show(&trace);
});

/// As the page shows an imported trace, and saves it.
fn show(trace: &Trace) {
    let sequences = trace.dropped()..trace.next_sequence();
    for language in Language::ALL {
        assert_eq!(transcript::lines(language, trace, sequences.clone()).len(), trace.len());
    }
    assert_eq!(trace.to_text().lines().count(), trace.len());
    let inspections = trace.records().filter_map(Inspection::of);
    assert_eq!(inspections.count(), trace.records().filter(|it| it.bytes().is_some()).count());
    let (mut flows, mut order) = (Flows::new(), Order::new());
    flows.update(trace);
    order.update(trace);
    let now = trace.records().map(|record| record.at).max().unwrap_or_default();
    let mut timescale = Timescale::new(Spacing::default());
    timescale.update(trace, &order, now);
    assert!(timescale.height().is_finite());
    // A time may be too late for the format.
    let _ = pcapng(trace, Duration::ZERO);
}
