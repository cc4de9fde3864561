//! What the browser does to a page, and what becomes of the connection.

use std::time::Duration;

use fourstep::client::{Backoff, Config, Status};
use fourstep::codec::{Packet, QoS, Version};
use wasm_bindgen_test::wasm_bindgen_test;

use crate::support::{Tab, broker, odd, run, until};

#[wasm_bindgen_test]
async fn keep_alive_goes_on_in_the_background() {
    let mut config = Config::new(Version::V5, "");
    config.keep_alive = 1;
    let tab = Tab::open(broker(), config).await;
    tab.connect().await;
    // As far as a page can be made to believe it: it is hidden, and timers of
    // more than a tenth of a second never fire.
    run("globalThis.realTimeout = setTimeout;
        globalThis.setTimeout = (f, millis) => (millis > 100 ? 0 : realTimeout(f, millis));
        Object.defineProperty(document, 'hidden', { configurable: true, value: true });
        document.dispatchEvent(new Event('visibilitychange'));");
    let pings = || tab.packets().iter().filter(|(_, packet)| *packet == Packet::PingResp).count();
    let before = pings();
    until("kept alive", || pings() >= before + 3).await;
    run("globalThis.setTimeout = realTimeout;
        delete document.hidden;
        document.dispatchEvent(new Event('visibilitychange'));");
    assert_eq!(tab.status(), Status::Connected);
    until("kept alive in the foreground", || pings() >= before + 5).await;
}

#[wasm_bindgen_test]
async fn a_lost_connection_is_tried_again_as_soon_as_there_is_hope() {
    let events = [
        "window.dispatchEvent(new Event('online'))",
        "window.dispatchEvent(new Event('pageshow'))",
        "document.dispatchEvent(new Event('visibilitychange'))",
        "document.dispatchEvent(new Event('resume'))",
    ];
    for (number, event) in events.into_iter().enumerate() {
        let mut config = Config::new(Version::V311, "hope");
        let hour = Duration::from_secs(3_600);
        config.reconnect = Some(Backoff { initial: hour, maximum: hour, seed: 7 });
        let tab = Tab::open(&odd(&format!("/moody?hope{number}")), config).await;
        tab.driver.connect().expect("at rest");
        until("waiting", || matches!(tab.status(), Status::WaitingToReconnect { .. })).await;
        run(event);
        until("connected", || tab.status() == Status::Connected).await;
    }
}

#[wasm_bindgen_test]
async fn being_offline_is_noted_and_no_more() {
    let tab = Tab::open(broker(), Config::new(Version::V5, "")).await;
    tab.connect().await;
    run("window.dispatchEvent(new Event('offline'))");
    assert!(tab.driver.with(|view| view.notices.iter().any(|n| n.text.contains("offline"))));
    tab.publish("offline", QoS::AtLeastOnce, "this broker is on this machine");
    tab.finished(1).await;
    run("window.dispatchEvent(new Event('pagehide'))");
    tab.publish("offline", QoS::AtLeastOnce, "the page is not gone yet");
    tab.finished(2).await;
}

#[wasm_bindgen_test]
async fn a_server_that_does_not_answer_is_mentioned_once() {
    // It accepts, and answers nothing after that.
    let mut config = Config::new(Version::V311, "silence");
    config.keep_alive = 20;
    let tab = Tab::open(&odd("/accept?silence"), config).await;
    tab.connect().await;
    tab.publish("a", QoS::AtLeastOnce, "not answered");
    let told = || {
        let is_meant = |text: &str| text.contains("sent nothing for");
        tab.driver.with(|view| view.notices.iter().filter(|n| is_meant(&n.text)).count())
    };
    until("mentioned", || told() == 1).await;
    assert_eq!(tab.status(), Status::Connected);
    tab.publish("a", QoS::AtLeastOnce, "nor is this");
    crate::support::sleep(1_000).await;
    assert_eq!(told(), 1);
}
