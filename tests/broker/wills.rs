//! Will messages: when they are published, and when not.

use fourstep::broker::Config;
use fourstep::codec::{Connect, Properties, Property, ReasonCode, Version, Will};

use crate::harness::*;

/// A client with a will under `w`, and client 9, who waits for it.
fn world(version: Version, connect: Connect) -> World {
    let mut world = World::new(Config::default());
    world.join(9, version);
    world.subscribe(9, "w", Q2);
    world.connect(1, connect);
    world.received(1);
    world
}

fn with_will(connect: Connect, delay: Option<u32>) -> Connect {
    let properties: Properties = delay.map(Property::WillDelayInterval).into_iter().collect();
    let will =
        Will { topic: "w".into(), payload: "gone".into(), qos: Q1, retain: false, properties };
    Connect { will: Some(will), ..connect }
}

#[test]
fn mqtt_3_1_2_8_the_will_is_published_unless_the_client_said_goodbye() {
    type End = fn(&mut World);
    let ends: [(&str, End, bool); 6] = [
        ("the transport is lost", |world| world.cut(1), true),
        ("nothing comes for too long", |world| world.wait(15), true),
        ("malformed bytes", |world| world.send_bytes(1, &[0x00, 0x00]), true),
        ("a protocol error", |world| world.send_bytes(1, &[0xD0, 0x00]), true),
        ("DISCONNECT", |world| world.send(1, disconnect(ReasonCode::Success)), false),
        (
            "DISCONNECT, then the transport ends",
            |world| {
                world.send(1, disconnect(ReasonCode::Success));
                world.cut(1);
            },
            false,
        ),
    ];
    for version in VERSIONS {
        for (name, end, published) in ends {
            let connect = Connect { keep_alive: 10, ..plain(1, version) };
            let mut world = world(version, with_will(connect, None));
            world.expect(9, []);
            end(&mut world);
            let expect: &[&str] = if published { &["PUBLISH w q1 #1 gone"] } else { &[] };
            assert_eq!(world.received(9), expect, "{version}: {name}");
        }
    }
}

#[test]
fn disconnect_with_will_message_publishes_it() {
    let mut world = world(Version::V5, with_will(plain(1, Version::V5), None));
    world.send(1, disconnect(ReasonCode::DisconnectWithWillMessage));
    world.expect(9, ["PUBLISH w q1 #1 gone"]);
    world.expect(1, ["closed"]);
}

#[test]
fn mqtt_3_1_3_9_the_will_waits_for_its_delay_or_the_end_of_the_session() {
    for (delay, expiry, published_after) in
        [(0, 100, 0), (10, 100, 10), (100, 10, 10), (10, 0, 0), (10, u32::MAX, 10)]
    {
        let mut connect = with_will(plain(1, Version::V5), Some(delay));
        connect.properties.push(Property::SessionExpiryInterval(expiry));
        let mut world = world(Version::V5, connect);
        world.cut(1);
        if published_after > 0 {
            world.wait(published_after - 1);
            world.expect(9, []);
            world.wait(1);
        }
        world.expect(9, ["PUBLISH w q1 #1 gone"]);
        world.wait(1_000);
        world.expect(9, []);
    }
}

#[test]
fn mqtt_3_1_3_9_a_client_that_is_back_within_the_delay_leaves_no_will() {
    for (clean_start, published) in [(false, false), (true, true)] {
        let connect = with_will(persistent(1, Version::V5), Some(10));
        let mut world = world(Version::V5, connect);
        world.cut(1);
        world.wait(9);
        world.connect(1, Connect { clean_start, ..persistent(1, Version::V5) });
        world.wait(100);
        // A clean start ends the old session, and so publishes its will.
        assert_eq!(!world.received(9).is_empty(), published, "{clean_start}");
    }
}

#[test]
fn a_takeover_publishes_the_will_unless_it_has_a_delay_and_the_session_goes_on() {
    for (version, delay, clean_start, published) in [
        (Version::V311, None, false, true),
        (Version::V311, None, true, true),
        (Version::V5, None, false, true),
        (Version::V5, Some(10), false, false),
        (Version::V5, Some(10), true, true),
    ] {
        let mut world = world(version, with_will(persistent(1, version), delay));
        world.connect(2, Connect { clean_start, ..persistent(1, version) });
        world.wait(100);
        assert_eq!(!world.received(9).is_empty(), published, "{version} {delay:?} {clean_start}");
    }
}

#[test]
fn mqtt_3_1_2_17_and_5_0_3_1_2_15_a_will_is_retained_if_it_says_so() {
    for version in VERSIONS {
        for (retain, kept) in [(true, vec!["w"]), (false, vec![])] {
            let mut connect = with_will(plain(1, version), None);
            connect.will.as_mut().expect("it has one").retain = retain;
            let mut world = world(version, connect);
            world.cut(1);
            assert_eq!(world.broker.retained(9), kept);
        }
    }
}
