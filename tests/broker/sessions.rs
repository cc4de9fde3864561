//! Sessions: how they begin, go on, are taken over and end.

use std::time::Duration;

use fourstep::broker::{Broker, Config, Event, Limits};
use fourstep::codec::{
    Connect, Disconnect, Packet, Properties, Property, Publish, ReasonCode, Version,
};

use crate::harness::*;

#[test]
fn mqtt_3_2_2_2_session_present_says_whether_the_session_goes_on() {
    for version in VERSIONS {
        // Which connections there are, and what the last one finds.
        for (clean, present) in [
            (vec![true], false),
            (vec![false], false),
            (vec![false, false], true),
            (vec![true, false], version == Version::V5),
            (vec![false, true], false),
            (vec![false, true, false], version == Version::V5),
        ] {
            let mut world = World::new(Config::default());
            for clean_start in &clean {
                world.connect(1, Connect { clean_start: *clean_start, ..persistent(1, version) });
                world.cut(1);
            }
            let received = world.received(1);
            assert_eq!(received[0].contains("present"), present, "{version} {clean:?}");
        }
    }
}

#[test]
fn mqtt_3_1_2_5_a_stored_session_queues_qos_1_and_2_and_a_clean_one_nothing() {
    for version in VERSIONS {
        for (connect, expect) in [
            (persistent(2, version), vec!["PUBLISH t q1 #1 b", "PUBLISH t q2 #2 c"]),
            (plain(2, version), vec![]),
        ] {
            let mut world = World::new(Config::default());
            world.join(1, version);
            world.connect(2, connect);
            world.received(2);
            world.subscribe(2, "t", Q2);
            world.cut(2);
            world.send(1, message("t", "a"));
            world.send(1, Packet::Publish(publish("t", Q1, 1, "b")));
            world.send(1, Packet::Publish(publish("t", Q2, 2, "c")));
            world.connect(2, Connect { clean_start: false, ..persistent(2, version) });
            assert_eq!(world.received(2)[1..], expect, "{version}");
        }
    }
}

#[test]
fn mqtt_4_4_0_1_unfinished_flows_go_on_when_the_client_is_back() {
    for version in VERSIONS {
        let mut world = World::new(Config::default());
        world.join(1, version);
        world.connect(2, persistent(2, version));
        world.received(2);
        world.subscribe(2, "t", Q2);
        for (number, qos) in [(1, Q1), (2, Q2), (3, Q2)] {
            world.send(1, Packet::Publish(publish("t", qos, number, "x")));
        }
        world.send(2, Packet::PubRec(ack(3)));
        world.cut(2);
        world.connect(2, persistent(2, version));
        let received = world.received(2);
        let expect = ["PUBREL #3", "PUBLISH t q1 #1 dup x", "PUBLISH t q2 #2 dup x"];
        assert_eq!(received[1..], expect, "{version}");
    }
}

#[test]
fn mqtt_4_3_3_10_a_qos_2_publish_repeated_on_a_new_connection_is_not_delivered_again() {
    for version in VERSIONS {
        let mut world = World::new(Config::default());
        world.join(2, version);
        world.subscribe(2, "t", Q0);
        world.connect(1, persistent(1, version));
        world.send(1, Packet::Publish(publish("t", Q2, 9, "x")));
        world.cut(1);
        world.connect(1, persistent(1, version));
        let mut again = publish("t", Q2, 9, "x");
        again.dup = true;
        world.send(1, Packet::Publish(again));
        assert_eq!(world.received(1)[1..], ["PUBREC #9"]);
        world.expect(2, ["PUBLISH t q0 x"]);
    }
}

#[test]
fn mqtt_3_1_4_3_a_second_connection_takes_over_and_the_first_is_told_in_5_0() {
    for (version, goodbye) in
        [(Version::V311, vec!["closed"]), (Version::V5, vec!["DISCONNECT 0x8E", "closed"])]
    {
        let mut world = World::new(Config::default());
        world.connect(1, persistent(1, version));
        world.received(1);
        world.connect(2, persistent(1, version));
        assert_eq!(world.received(1), goodbye);
        assert!(world.received(2)[0].starts_with("CONNACK 0x00 present"));
    }
}

#[test]
fn a_session_is_kept_as_long_as_its_expiry_interval_and_no_longer() {
    for (version, interval, waited, present) in [
        (Version::V5, Some(10), 9, true),
        (Version::V5, Some(10), 10, false),
        (Version::V5, Some(0), 0, false),
        (Version::V5, None, 0, false),
        (Version::V5, Some(u32::MAX), 1 << 33, true),
        (Version::V311, None, 1 << 33, true),
    ] {
        let mut world = World::new(Config::default());
        let properties: Properties =
            interval.map(Property::SessionExpiryInterval).into_iter().collect();
        let connect = Connect { properties, clean_start: false, ..plain(1, version) };
        world.connect(1, connect.clone());
        world.cut(1);
        world.wait(waited);
        world.connect(1, connect);
        let received = world.received(1);
        assert_eq!(received[0].contains("present"), present, "{version} {interval:?} {waited}");
    }
}

#[test]
fn the_server_may_keep_a_session_shorter_than_asked_and_says_so() {
    let limits = Limits { session_expiry_maximum: 60, ..Limits::default() };
    let mut world = World::new(Config { limits, ..Config::default() });
    world.connect(1, persistent(1, Version::V5));
    assert!(world.received(1)[0].contains("SessionExpiryInterval(60)"));
    world.cut(1);
    world.wait(60);
    let expired = Event::SessionExpired("client-1".into());
    assert!(world.events.contains(&expired), "{:?}", world.events);
    assert!(world.broker.snapshot().is_empty());
}

#[test]
fn mqtt_3_14_2_2_disconnect_changes_the_expiry_unless_connect_said_0() {
    for (connect, disconnect, goodbye, present) in [
        (3_600, None, vec!["closed"], true),
        (3_600, Some(0), vec!["closed"], false),
        (3_600, Some(5), vec!["closed"], true),
        (0, Some(0), vec!["closed"], false),
        (0, Some(5), vec!["DISCONNECT 0x82", "closed"], false),
    ] {
        let mut world = World::new(Config::default());
        let mut first = plain(1, Version::V5);
        first.properties.push(Property::SessionExpiryInterval(connect));
        world.connect(1, first);
        world.received(1);
        let properties = disconnect.map(Property::SessionExpiryInterval).into_iter().collect();
        let reason = ReasonCode::Success;
        world.send(1, Packet::Disconnect(Disconnect { reason, properties }));
        assert_eq!(world.received(1), goodbye);
        world.connect(1, persistent(1, Version::V5));
        assert_eq!(world.received(1)[0].contains("present"), present, "{connect} {disconnect:?}");
    }
}

#[test]
fn a_restart_with_the_store_keeps_sessions_queues_and_retained_messages() {
    for version in VERSIONS {
        let mut world = World::new(Config::default());
        world.join(1, version);
        world.connect(2, persistent(2, version));
        world.received(2);
        world.subscribe(2, "t", Q1);
        world.cut(2);
        world.send(1, Packet::Publish(publish("t", Q1, 1, "x")));
        world.send(1, retained("r", "kept"));
        let now = world.now;
        let store = world.broker.into_store();
        let broker = Broker::with_store(now, Config::default(), store);
        assert_eq!(broker.retained(9), ["r"]);
        assert_eq!(broker.snapshot().len(), 1, "the clean session is gone");

        let mut world = World::with_broker(broker);
        world.connect(2, persistent(2, version));
        assert_eq!(world.received(2)[1..], ["PUBLISH t q1 #1 x"]);
        world.join(1, version);
        world.send(1, message("t", "routed"));
        world.expect(2, ["PUBLISH t q0 routed"]);
        world.send(2, disconnect(ReasonCode::Success));
        world.cut(2);
        let lasts = version == Version::V311;
        world.wait(3_600);
        assert_eq!(world.broker.snapshot().len(), 1 + usize::from(lasts));
    }
}

#[test]
fn what_has_expired_is_gone_even_if_the_timer_is_late() {
    let mut world = World::new(Config::default());
    world.connect(1, persistent(1, Version::V5));
    world.join(2, Version::V5);
    let properties = Properties::new().with(Property::MessageExpiryInterval(3_600));
    let kept = publish("t", Q0, 0, "x");
    world.send(2, Packet::Publish(Publish { retain: true, properties, ..kept }));
    world.cut(1);
    // Time passes, and the driver has not said so yet.
    world.now = world.now + Duration::from_secs(3_600);
    world.connect(1, persistent(1, Version::V5));
    let connack = world.received(1).remove(0);
    assert!(!connack.contains("present"), "{connack}");
    world.subscribe(1, "t", Q0);
    world.expect(1, []);
    world.wait(0);
    assert_eq!(world.broker.retained(1).len(), 0);
}
