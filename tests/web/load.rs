//! Many messages at once.

use std::cell::Cell;
use std::rc::Rc;

use fourstep::client::{CommandError, Config};
use fourstep::codec::{QoS, Version};
use fourstep::trace::RecordKind;
use fourstep::web::{Driver, Options};
use wasm_bindgen_test::wasm_bindgen_test;

use crate::support::{Tab, broker, message, odd, run, until};

#[wasm_bindgen_test]
async fn ten_thousand_messages_make_few_updates() {
    const MESSAGES: usize = 10_000;
    let tab = Tab::open(broker(), Config::new(Version::V5, "")).await;
    tab.connect().await;
    tab.subscribe("load", QoS::AtMostOnce).await;
    let before = tab.changes.get();
    for _ in 0..MESSAGES {
        tab.publish("load", QoS::AtMostOnce, "a reading of 20.5 degrees");
    }
    assert_eq!(tab.changes.get(), before, "none before the next frame");
    until("received", || tab.driver.snapshot().inbox_total == MESSAGES as u64).await;
    let changes = tab.changes.get() - before;
    assert!((1..MESSAGES / 10).contains(&changes), "{changes} updates");
    let snapshot = tab.driver.snapshot();
    assert!(snapshot.records_dropped > 0, "the trace is bounded");
    assert_eq!(tab.driver.with(|view| (view.trace.len(), view.inbox.len())), (10_000, 1_000));
}

#[wasm_bindgen_test]
async fn a_full_buffer_pushes_back_and_drains() {
    let tab = Tab::open(broker(), Config::new(Version::V5, "")).await;
    tab.connect().await;
    let payload = "x".repeat(100_000);
    let mut accepted = 0;
    let error = loop {
        match tab.driver.publish(message("pressure", QoS::AtMostOnce, &payload)) {
            Ok(_) => accepted += 1,
            Err(error) => break error,
        }
        assert!(accepted < 1_000, "nothing pushes back");
    };
    assert!(matches!(error, CommandError::QueueFull { .. }), "{error:?}");
    let buffered = tab.driver.snapshot().buffered;
    assert!(buffered > 8_000_000, "{buffered} bytes buffered");
    until("drained", || tab.driver.snapshot().buffered == 0).await;
    tab.publish("pressure", QoS::AtLeastOnce, "there is room again");
    tab.finished(accepted + 1).await;
}

#[wasm_bindgen_test]
async fn goodbye_does_not_wait_behind_a_full_buffer() {
    let watcher = Tab::open(broker(), Config::new(Version::V5, "")).await;
    watcher.connect().await;
    watcher.subscribe("goodbye/last", QoS::AtMostOnce).await;
    let tab = Tab::open(broker(), Config::new(Version::V5, "")).await;
    tab.connect().await;
    let payload = "x".repeat(100_000);
    for _ in 0..40 {
        tab.publish("goodbye/many", QoS::AtMostOnce, &payload);
    }
    tab.publish("goodbye/last", QoS::AtMostOnce, "done");
    assert!(tab.driver.snapshot().buffered > 1_000_000, "the buffer is full");
    tab.driver.disconnect().expect("connected");
    assert_eq!(tab.driver.snapshot().buffered, 0, "all is handed over");
    until("all arrived", || watcher.inbox() == ["done"]).await;
}

#[wasm_bindgen_test]
async fn what_comes_between_two_redraws_of_a_hidden_tab_is_counted_exactly() {
    const MESSAGES: u64 = 50_000;
    let tab = Tab::open(broker(), Config::new(Version::V5, "")).await;
    tab.connect().await;
    for filter in ["counted/+", "not/counted"] {
        tab.subscribe(filter, QoS::AtMostOnce).await;
    }
    let publisher = Tab::open(broker(), Config::new(Version::V5, "")).await;
    publisher.connect().await;
    // A hidden page has no frames, and its timers come once a minute.
    run("globalThis.realTimeout = setTimeout;
        globalThis.setTimeout = (f, millis) => (millis > 100 ? 0 : realTimeout(f, millis));
        Object.defineProperty(document, 'hidden', { configurable: true, value: true });
        document.dispatchEvent(new Event('visibilitychange'));");
    let redraws = tab.changes.get();
    // In portions that mosquitto does not drop for want of room.
    for portion in 1..=50 {
        for _ in 0..MESSAGES / 50 {
            publisher.publish("counted/here", QoS::AtMostOnce, "20.5");
        }
        let sent = portion * MESSAGES / 50;
        until("received", || counted(&tab, "counted/+") >= sent).await;
    }
    assert!(tab.changes.get() <= redraws + 1, "{} redraws", tab.changes.get() - redraws);
    run("globalThis.setTimeout = realTimeout;
        delete document.hidden;
        document.dispatchEvent(new Event('visibilitychange'));");
    let counts = ["counted/+", "not/counted"].map(|filter| counted(&tab, filter));
    assert_eq!(counts, [MESSAGES, 0]);
    assert_eq!(tab.driver.snapshot().inbox_total, MESSAGES);
    assert_eq!(tab.driver.with(|view| view.inbox.len()), 1_000);
}

/// How many messages came at QoS 0 for this filter.
fn counted(tab: &Tab, filter: &str) -> u64 {
    tab.driver.with(|view| view.deliveries.of(filter)[0])
}

#[wasm_bindgen_test]
async fn one_message_with_twenty_thousand_packets_leaves_the_page_its_turns() {
    const PACKETS: u64 = 20_000;
    let tab = Tab::open(&odd(&format!("/burst?{PACKETS}")), Config::new(Version::V311, "b")).await;
    tab.driver.connect().expect("at rest");
    let mut turns = 0;
    until("over", || {
        let total = tab.driver.snapshot().inbox_total;
        turns += usize::from((1..PACKETS).contains(&total));
        tab.driver.snapshot().trouble.is_some()
    })
    .await;
    assert!(turns > 0, "the page had no turn while the packets were worked off");
    // The end came behind them, and each has the record of its own packet.
    tab.driver.with(|view| {
        assert_eq!(view.inbox.total(), PACKETS);
        let last = view.trace.records().next_back().expect("a record");
        assert!(matches!(last.kind, RecordKind::Closed(_)), "{last:?}");
        for (number, received) in (PACKETS - 1_000..).zip(view.inbox.iter()) {
            let payload = format!("{number:04}").into_bytes();
            assert_eq!(received.publish.payload, payload);
            let record = view.trace.record(received.record.expect("recorded")).expect("kept");
            assert!(record.bytes().is_some_and(|bytes| bytes.ends_with(&payload)));
        }
    });
}

#[wasm_bindgen_test]
async fn the_inbox_is_bounded_in_bytes_too() {
    let changes = Rc::new(Cell::new(0));
    let options =
        Options { inbox_bytes: 100_000, ..Options::new(broker(), Config::new(Version::V5, "")) };
    let tab = Tab { driver: Driver::open(options, || {}).await.expect("good"), changes };
    tab.connect().await;
    tab.subscribe("bytes", QoS::AtLeastOnce).await;
    for size in [10_000; 30].into_iter().chain([300_000, 10]) {
        tab.publish("bytes", QoS::AtLeastOnce, &"x".repeat(size));
    }
    until("received", || tab.driver.snapshot().inbox_total == 32).await;
    let sizes: Vec<_> = tab.inbox().iter().map(String::len).collect();
    assert_eq!(sizes, [10], "the largest makes room for none beside it");
}
