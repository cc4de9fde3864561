//! What is often claimed, settled on the wire. docs/course-coverage.md tells
//! which lesson settles which.

use std::time::Duration;

use fourstep::codec::PacketType::{ConnAck, Disconnect, PubAck, PubComp, PubRec, PubRel, Publish};
use fourstep::codec::QoS::{AtLeastOnce, AtMostOnce, ExactlyOnce};
use fourstep::codec::Version::{V5, V311};
use fourstep::course::script::{CUT, PUBLISHER, READY, SUBSCRIBER, Script, reading};
use fourstep::course::{Evidence, Selector, received, sent};
use fourstep::sim::{What, WillSetup};
use fourstep::trace::{Fate, RecordKind};

use crate::wire::*;

/// "The sender repeats PUBLISH on a timer until PUBACK."
#[test]
fn claim_1_a_timer_may_repeat_in_3_1_1_and_never_in_5_0_mqtt_4_4_0_1() {
    let repeat = sent(PUBLISHER, Publish).dup(true);
    let forgotten = |version, timer: Option<u64>| {
        let script = ready(version, AtLeastOnce)
            .with(PUBLISHER, |client| client.retry_interval = timer.map(Duration::from_secs))
            .before(received(PUBLISHER, PubAck), What::Withhold)
            .at(READY)
            .publish(PUBLISHER, reading(AtLeastOnce));
        run_to(script, 600_000)
    };
    // With a timer, within the connection.
    let world = forgotten(V311, Some(3));
    assert_eq!((count(&world, repeat), count(&world, received(PUBLISHER, ConnAck))), (1, 1));
    // Without one, and in 5.0, the message hangs.
    for version in VERSIONS {
        let world = forgotten(version, None);
        assert_eq!(count(&world, repeat), 0, "{version}");
        assert_eq!(world.client(0).expect("it is there").outbound_total, 1);
    }
    // 5.0 does not even know the timer.
    assert_eq!(count(&forgotten(V5, Some(3)), repeat), 0);
}

/// "The broker drops a repeated QoS 1 PUBLISH and just acknowledges it."
#[test]
fn claim_2_a_repeated_qos_1_publish_is_delivered_again_mqtt_4_3_2_2() {
    for version in VERSIONS {
        let script = ready(version, AtLeastOnce).before(received(PUBLISHER, PubAck), CUT);
        let world = run(script.at(READY).publish(PUBLISHER, reading(AtLeastOnce)));
        assert!(published(&world)[1].dup);
        assert_eq!((forwarded(&world).len(), delivered(&world, SUBSCRIBER)), (2, 2));
    }
}

/// "If PUBREL is lost the broker sends PUBREC again."
#[test]
fn claim_3_after_a_lost_pubrel_its_sender_sends_it_again_mqtt_4_4_0_1() {
    for version in VERSIONS {
        let script = ready(version, ExactlyOnce).before(sent(PUBLISHER, PubRel), CUT);
        let world = run(script.at(READY).publish(PUBLISHER, reading(ExactlyOnce)));
        assert_eq!(count(&world, sent(PUBLISHER, PubRel)), 2);
        assert_eq!(count(&world, received(PUBLISHER, PubRec)), 1);
        assert_eq!(delivered(&world, SUBSCRIBER), 1);
    }
}

/// "A PUBLISH after PUBCOMP with the same identifier is a duplicate."
#[test]
fn claim_4_after_pubcomp_the_identifier_means_a_new_message_mqtt_4_3_3_2() {
    for version in VERSIONS {
        // The same reading twice, so that nothing but the flow tells them apart.
        let script = ready(version, ExactlyOnce).at(READY).publish(PUBLISHER, reading(ExactlyOnce));
        let world = run(script.later(3_000).publish(PUBLISHER, reading(ExactlyOnce)));
        let [one, two] = &published(&world)[..] else { panic!("two were published") };
        assert_eq!(one, two);
        let pubcomp = first(&world, received(PUBLISHER, PubComp)).arrived().expect("it came");
        assert!(first(&world, sent(PUBLISHER, Publish).nth(2)).at > pubcomp);
        assert_eq!(delivered(&world, SUBSCRIBER), 2);
    }
}

/// "PUBREC lost: the sender repeats PUBLISH with DUP."
#[test]
fn claim_5_after_a_lost_pubrec_publish_comes_again_with_dup_on_reconnect_mqtt_3_3_1_1() {
    for version in VERSIONS {
        let script = ready(version, ExactlyOnce).before(received(PUBLISHER, PubRec), CUT);
        let world = run(script.at(READY).publish(PUBLISHER, reading(ExactlyOnce)));
        let dups: Vec<bool> = published(&world).iter().map(|publish| publish.dup).collect();
        assert_eq!(dups, [false, true]);
        let back = first(&world, received(PUBLISHER, ConnAck).nth(2)).arrived().expect("it came");
        assert!(first(&world, sent(PUBLISHER, Publish).dup(true)).at >= back);
    }
}

/// "QoS is end to end."
#[test]
fn claim_6_the_publisher_is_done_while_the_subscriber_has_nothing() {
    for version in VERSIONS {
        let script = ready(version, ExactlyOnce).disconnect(SUBSCRIBER).at(READY);
        let world = run(script.publish(PUBLISHER, reading(ExactlyOnce)));
        assert_eq!(count(&world, received(PUBLISHER, PubComp)), 1);
        assert_eq!((forwarded(&world).len(), delivered(&world, SUBSCRIBER)), (0, 0));
        // Four steps on one hop, and one packet on the other.
        let script = ready(version, AtMostOnce).at(READY);
        let world = run(script.publish(PUBLISHER, reading(ExactlyOnce)));
        assert_eq!(count(&world, received(PUBLISHER, PubComp)), 1);
        assert_eq!(
            count(&world, sent(SUBSCRIBER, PubAck)) + count(&world, sent(SUBSCRIBER, PubRec)),
            0
        );
    }
}

/// "QoS 1 keeps order, always."
#[test]
fn claim_7_after_a_reconnect_1_2_3_2_3_4_is_what_arrives_mqtt_4_6_0_1() {
    for version in VERSIONS {
        let series = || numbered(4, Duration::from_millis(500), AtLeastOnce);
        let calm = run(ready(version, AtLeastOnce).at(READY).publish(PUBLISHER, series()));
        assert_eq!(payloads(&calm), ["1", "2", "3", "4"]);
        // The second answer is lost, after the third message has arrived.
        let mut three = series();
        (three.times, three.every) = (3, Duration::from_millis(100));
        let mut fourth = series();
        (fourth.times, fourth.payload) = (1, "4".into());
        let script = ready(version, AtLeastOnce)
            .before(received(PUBLISHER, PubAck).nth(2), CUT)
            .at(READY)
            .publish(PUBLISHER, three)
            .later(5_000)
            .publish(PUBLISHER, fourth);
        assert_eq!(payloads(&run(script)), ["1", "2", "3", "2", "3", "4"], "{version}");
    }
}

/// "A packet can get lost on a live connection."
#[test]
fn claim_8_what_is_lost_is_lost_with_its_connection() {
    let faults = [
        CUT,
        What::HalfOpen,
        What::Delay(Duration::from_secs(2)),
        What::CrashClient { keep_store: true, down_for: Duration::from_secs(1) },
        What::RestartBroker { keep_store: true, down_for: Duration::from_secs(1) },
    ];
    let points =
        [sent(PUBLISHER, Publish), received(PUBLISHER, PubRec), received(SUBSCRIBER, Publish)];
    let mut lost = 0;
    for version in VERSIONS {
        for (what, point) in faults.iter().flat_map(|what| points.map(|point| (*what, point))) {
            let script = ready(version, ExactlyOnce)
                .with(PUBLISHER, |client| client.keep_alive = 5)
                .with(SUBSCRIBER, |client| client.keep_alive = 5);
            let world =
                run(script.before(point, what).at(READY).publish(PUBLISHER, reading(ExactlyOnce)));
            lost += whatever_is_lost_ends_its_connection(&world, what);
            assert_eq!(delivered(&world, SUBSCRIBER), 1, "{what}");
        }
    }
    assert!(lost > 20, "{lost}");
}

/// On each way of each connection, nothing arrives after something was lost.
fn whatever_is_lost_ends_its_connection(world: &fourstep::sim::World, what: What) -> usize {
    let mut lost = 0;
    for client in [PUBLISHER, SUBSCRIBER] {
        let lane = world.trace().parties.iter().position(|name| name == client);
        let lane = u16::try_from(lane.expect("it has a lane")).expect("few lanes");
        for (from, to) in [(lane, 1), (1, lane)] {
            let mut broken = false;
            for record in world.trace().records() {
                let ours = [(from, to), (to, from)].contains(&(record.from, record.to));
                match (&record.kind, record.fate) {
                    (RecordKind::Opened, _) if ours => broken = false,
                    (RecordKind::Packet { .. }, fate) if (record.from, record.to) == (from, to) => {
                        let is_lost = matches!(fate, Fate::Lost(_));
                        assert!(is_lost || !broken, "{what}\n{}", world.trace().to_text());
                        broken |= is_lost;
                        lost += usize::from(is_lost);
                    }
                    _ => {}
                }
            }
        }
    }
    lost
}

/// "Overlapping subscriptions deliver at the lowest QoS."
#[test]
fn claim_9_overlapping_subscriptions_deliver_at_the_highest_mqtt_3_3_5_1() {
    for version in VERSIONS {
        let script = ready(version, AtMostOnce)
            .subscribe(SUBSCRIBER, "sensor/temperature", ExactlyOnce)
            .subscribe(SUBSCRIBER, "+/temperature", AtLeastOnce);
        let world = run(script.at(READY + 2_000).publish(PUBLISHER, reading(ExactlyOnce)));
        let levels: Vec<_> = forwarded(&world).iter().map(|publish| publish.qos).collect();
        assert_eq!(levels, [ExactlyOnce], "{version}");
    }
}

/// "The will is sent on every disconnect."
#[test]
fn claim_10_disconnect_discards_the_will_mqtt_3_1_2_10() {
    for version in VERSIONS {
        let script = || {
            ready(version, AtLeastOnce).with(PUBLISHER, |client| {
                let (topic, payload) = ("sensor/status".into(), "gone".into());
                client.will = Some(WillSetup { topic, payload, ..WillSetup::default() });
                client.reconnect = None;
                client.session_expiry_interval = 0;
            })
        };
        let goodbye = run(script().at(READY).disconnect(PUBLISHER));
        assert_eq!(count(&goodbye, sent(PUBLISHER, Disconnect)), 1);
        assert_eq!(delivered(&goodbye, SUBSCRIBER), 0);
        let cut: Script = script().at(READY).now(PUBLISHER, CUT);
        let cut = run(cut);
        assert_eq!(count(&cut, Selector::closed(PUBLISHER)), 1);
        assert_eq!(payloads(&cut), ["gone"]);
        assert!(Evidence::of(&cut).is_honest());
    }
}
