//! Many messages at once.

use fourstep::client::{CommandError, Config};
use fourstep::codec::{QoS, Version};
use wasm_bindgen_test::wasm_bindgen_test;

use crate::support::{Tab, broker, message, until};

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
