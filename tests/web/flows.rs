//! Messages to and from a real broker.

use fourstep::client::{Config, Status};
use fourstep::codec::{Packet, PacketType, QoS, Version};
use fourstep::session::Outcome;
use fourstep::web::{Driver, Options};
use wasm_bindgen_test::wasm_bindgen_test;

use crate::support::{Tab, broker, message, odd, persistent, until};

#[wasm_bindgen_test]
async fn each_qos_takes_its_steps_in_both_directions_and_versions() {
    use PacketType::*;
    let steps: [&[PacketType]; 3] =
        [&[Publish], &[Publish, PubAck], &[Publish, PubRec, PubRel, PubComp]];
    for version in [Version::V311, Version::V5] {
        for (qos, expect) in QoS::ALL.into_iter().zip(steps) {
            let topic = format!("flows/{version}/{qos}");
            let tab = Tab::open(broker(), Config::new(version, "")).await;
            tab.connect().await;
            tab.subscribe(&topic, QoS::ExactlyOnce).await;
            let before = tab.packets().len();
            tab.publish(&topic, qos, "hello");
            until("complete", || tab.packets().len() == before + 2 * expect.len()).await;
            let (ours, theirs): (Vec<_>, Vec<_>) =
                tab.packets().drain(before..).partition(is_of_our_message);
            for (flow, whose) in [(ours, "our"), (theirs, "their")] {
                let flow: Vec<_> = flow.iter().map(|(_, packet)| packet.packet_type()).collect();
                assert_eq!(flow, expect, "{whose} message, {version}, QoS {qos}");
            }
            tab.finished(1).await;
        }
    }
}

/// Whether a packet belongs to a message that we send.
fn is_of_our_message((is_ours, packet): &(bool, Packet)) -> bool {
    match packet.packet_type() {
        PacketType::Publish | PacketType::PubRel => *is_ours,
        _ => !is_ours,
    }
}

#[wasm_bindgen_test]
async fn a_received_message_knows_its_record_and_what_was_granted() {
    let tab = Tab::open(broker(), Config::new(Version::V5, "")).await;
    tab.connect().await;
    tab.subscribe("known/+", QoS::AtLeastOnce).await;
    tab.subscribe("known/#", QoS::AtMostOnce).await;
    for number in 0..3 {
        tab.publish("known/a", QoS::ExactlyOnce, &format!("message {number}"));
    }
    tab.finished(3).await;
    until("received", || tab.inbox().contains(&"message 2".to_owned())).await;
    tab.driver.with(|view| {
        for received in view.inbox.iter() {
            let granted = received.granted.as_ref().expect("asked for");
            assert_eq!((&*granted.0, granted.1), ("known/+", QoS::AtLeastOnce));
            assert!(received.publish.qos <= QoS::AtLeastOnce);
            let record = view.trace.record(received.record.expect("recorded")).expect("kept");
            let bytes = record.bytes().expect("a packet");
            assert!(bytes.ends_with(&received.publish.payload));
            assert_eq!(bytes[0] >> 4, PacketType::Publish as u8);
        }
        assert!(view.finished.iter().all(|f| matches!(f.outcome, Outcome::Acknowledged(_))));
    });
}

#[wasm_bindgen_test]
async fn goodbye_closes_without_trouble_and_the_trace_tells_it() {
    let tab = Tab::open(broker(), Config::new(Version::V5, "")).await;
    tab.connect().await;
    tab.driver.disconnect().expect("connected");
    assert_eq!(tab.status(), Status::Disconnected);
    assert_eq!(tab.driver.snapshot().trouble, None);
    let text = tab.driver.with(|view| view.trace.to_text());
    assert!(text.contains("DISCONNECT"), "{text}");
    tab.connect().await;
}

#[wasm_bindgen_test]
async fn a_dropped_driver_does_not_say_goodbye() {
    let watcher = Tab::open(broker(), Config::new(Version::V5, "")).await;
    watcher.connect().await;
    watcher.subscribe("will/of/tab", QoS::AtLeastOnce).await;
    let mut config = Config::new(Version::V5, "");
    let message = message("will/of/tab", QoS::AtLeastOnce, "gone");
    config.will = Some(fourstep::codec::Will {
        topic: message.topic,
        payload: message.payload,
        qos: message.qos,
        retain: false,
        properties: message.properties,
    });
    let tab = Tab::open(broker(), config).await;
    tab.connect().await;
    drop(tab);
    until("told of the end", || watcher.inbox() == ["gone"]).await;
}

#[wasm_bindgen_test]
async fn packets_are_joined_and_split_however_the_frames_come() {
    let tab = Tab::open(&odd("/crumbs"), Config::new(Version::V311, "crumbs")).await;
    tab.connect().await;
    until("all are there", || tab.inbox().len() == 4).await;
    assert_eq!(tab.inbox(), ["hi"; 4]);
    tab.driver.with(|view| {
        let records: Vec<_> = view.inbox.iter().map(|received| received.record).collect();
        assert!(records.is_sorted() && records.iter().all(Option::is_some), "{records:?}");
    });
}

#[wasm_bindgen_test]
async fn a_driver_in_the_place_of_another_keeps_its_trace_and_says_what_it_gave_up() {
    let tab = Tab::open(&odd("/accept"), Config::new(Version::V311, "before")).await;
    tab.connect().await;
    let unanswered = tab.publish("a", QoS::AtLeastOnce, "unanswered");
    until("sent", || tab.packets().len() == 3).await;
    tab.driver.disconnect().expect("connected");
    let queued = tab.publish("a", QoS::ExactlyOnce, "queued");
    let before = tab.driver.with(|view| view.trace.to_text());

    let options = Options::new(broker(), Config::new(Version::V5, "after"));
    let earlier = tab.driver.retire();
    let driver = Driver::open_after(options, Some(earlier), || {}).await.expect("good");
    let next = Tab { driver, changes: tab.changes.clone() };
    drop(tab);
    next.connect().await;
    next.driver.with(|view| {
        let after = view.trace.to_text();
        let lines = before.lines().filter(|line| line.contains("PUBLISH"));
        assert!(lines.clone().count() == 1 && after.contains("unanswered"), "{after}");
        let numbers: Vec<_> = view.trace.records().filter_map(|record| record.connection).collect();
        assert!(numbers.is_sorted() && numbers.first() != numbers.last(), "{numbers:?}");
        let outcomes: Vec<_> = view.finished.iter().map(|f| (f.token, f.outcome)).collect();
        let given_up = |sent| Outcome::GivenUp { sent };
        assert_eq!(outcomes, [(unanswered, given_up(true)), (queued, given_up(false))]);
        assert!(view.notices.iter().any(|notice| notice.text.contains("given up: 2")));
    });
}

#[wasm_bindgen_test]
async fn a_driver_that_goes_on_with_the_session_of_another_gives_nothing_up() {
    let config = persistent(Version::V5, "place");
    let tab = Tab::open(broker(), config.clone()).await;
    tab.publish("place", QoS::ExactlyOnce, "queued");
    until("stored", || tab.driver.snapshot().buffered == 0).await;
    crate::support::sleep(300).await;
    let earlier = tab.driver.retire();
    drop(tab);
    let options = Options::new(broker(), Config { keep_alive: 7, ..config });
    let driver = Driver::open_after(options, Some(earlier), || {}).await.expect("good");
    assert_eq!(driver.snapshot().client.queued, 1);
    assert_eq!(driver.snapshot().finished_total, 0);
}
