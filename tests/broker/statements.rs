//! Statements that bind a server and that no other test is about.

use fourstep::broker::{Config, Event, Limits};
use fourstep::codec::{
    Ack, Auth, Connect, Disconnect, Packet, Properties, Property, Publish, QoS, ReasonCode,
    RetainHandling, Subscription, Version, Will,
};

use crate::harness::*;

/// One client of this version that subscribes to `t` and another of 5.0.
fn pair(version: Version, qos: QoS) -> World {
    let mut world = World::new(Config::default());
    world.join(1, version);
    world.join(2, Version::V5);
    world.subscribe(1, "t", qos);
    world
}

fn say(qos: QoS, identifier: u16, payload: &str) -> Packet {
    Packet::Publish(publish("t", qos, identifier, payload))
}

#[test]
fn mqtt_1_5_4_3_a_byte_order_mark_is_a_character_and_4_7_3_4_nothing_is_normalized() {
    let names = ["\u{FEFF}a", "a", "\u{C5}", "A\u{30A}", "A", "a/", "/a", "\u{FFFF}", "\u{FDD0}"];
    for version in VERSIONS {
        let mut world = World::new(Config::default());
        world.join(1, version);
        for name in names {
            world.subscribe(1, name, Q0);
            world.send(1, message(name, "x"));
            world.expect(1, [&*format!("PUBLISH {name} q0 x")]);
            world.send(1, unsubscribe(2, &[name]));
            world.received(1);
            for other in names {
                world.send(1, message(other, "x"));
            }
            world.expect(1, []);
        }
    }
}

#[test]
fn mqtt_3_1_3_5_identifiers_of_1_to_23_letters_and_digits_are_allowed() {
    let letters = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
    for version in VERSIONS {
        let mut world = World::new(Config::default());
        for (peer, identifier) in
            [&letters[..1], &letters[..23], &letters[39..]].into_iter().enumerate()
        {
            let peer = peer as u64;
            let client_identifier = identifier.into();
            world.connect(peer, Connect { client_identifier, ..plain(peer, version) });
            assert!(world.received(peer)[0].starts_with("CONNACK 0x00"), "{identifier}");
        }
    }
}

#[test]
fn mqtt_3_1_3_10_user_properties_of_a_will_keep_their_order() {
    let mut world = pair(Version::V5, Q0);
    let pairs = [("b", "1"), ("a", "2"), ("b", "3")];
    let properties = pairs.map(|(name, value)| Property::UserProperty(name.into(), value.into()));
    let properties = properties.into_iter().collect();
    let will = Will { topic: "t".into(), payload: "gone".into(), properties, ..Will::default() };
    world.connect(3, Connect { will: Some(will), ..plain(3, Version::V5) });
    world.cut(3);
    world.expect(1, ["PUBLISH t q0 gone b=1 a=2 b=3"]);
}

#[test]
fn mqtt_3_1_4_6_what_follows_a_refused_connect_is_not_processed() {
    let mut world = pair(Version::V5, Q0);
    world.open(3, Version::V311);
    // No client identifier and no clean session, then PUBLISH.
    let mut bytes = vec![0x10, 12, 0, 4, b'M', b'Q', b'T', b'T', 4, 0, 0, 0, 0, 0];
    bytes.extend([0x30, 4, 0, 1, b't', b'x']);
    world.send_bytes(3, &bytes);
    world.expect(3, ["CONNACK 0x85", "closed"]);
    world.expect(1, []);
}

#[test]
fn mqtt_3_2_2_10_a_server_without_qos_1_still_accepts_subscriptions_at_any_qos() {
    let limits = Limits { maximum_qos: Q0, ..Limits::default() };
    let mut world = World::new(Config { limits, ..Config::default() });
    world.join(1, Version::V5);
    world.send(1, subscribe(1, [to("a", Q0), to("b", Q1), to("c", Q2)]));
    world.expect(1, ["SUBACK #1 0x00 0x00 0x00"]);
}

#[test]
fn mqtt_3_3_1_3_dup_is_of_one_hop_alone() {
    for version in VERSIONS {
        let mut world = pair(version, Q2);
        for (identifier, qos) in [(1, Q1), (2, Q2)] {
            let repeated = Publish { dup: true, ..publish("t", qos, identifier, "x") };
            world.send(2, Packet::Publish(repeated));
        }
        world.expect(1, ["PUBLISH t q1 #1 x", "PUBLISH t q2 #2 x"]);
    }
}

#[test]
fn mqtt_3_3_2_12_every_alias_up_to_the_maximum_is_accepted_and_may_change_its_topic() {
    let mut world = World::new(Config::default());
    world.join(1, Version::V5);
    world.subscribe(1, "#", Q0);
    let aliased = |topic: &str, alias| {
        let properties = Properties::new().with(Property::TopicAlias(alias));
        Packet::Publish(Publish { properties, ..publish(topic, Q0, 0, "x") })
    };
    for alias in 1..=Limits::default().topic_alias_maximum {
        for topic in ["one", "two"] {
            world.send(1, aliased(topic, alias));
            world.send(1, aliased("", alias));
            let expect = format!("PUBLISH {topic} q0 x");
            world.expect(1, [&*expect, &*expect]);
        }
    }
}

#[test]
fn mqtt_3_3_4_10_and_4_9_0_3_without_quota_everything_but_messages_goes_on() {
    let mut world = World::new(Config::default());
    let mut connect = plain(1, Version::V5);
    connect.properties.push(Property::ReceiveMaximum(1));
    world.connect(1, connect);
    world.received(1);
    world.join(2, Version::V5);
    world.subscribe(1, "t", Q2);
    world.send(2, say(Q2, 1, "first"));
    world.send(2, say(Q1, 2, "waits"));
    world.expect(1, ["PUBLISH t q2 #1 first"]);
    world.send(1, Packet::PingReq);
    world.send(1, subscribe(2, [to("u", Q0)]));
    world.send(1, Packet::Publish(publish("v", Q2, 7, "x")));
    world.send(1, Packet::PubRel(ack(7)));
    world.send(1, Packet::PubRec(ack(1)));
    let answers = ["PINGRESP", "SUBACK #2 0x00", "PUBREC #7 0x10", "PUBCOMP #7", "PUBREL #1"];
    world.expect(1, answers);
    // At QoS 0 there is no quota.
    world.send(2, message("u", "free"));
    world.expect(1, ["PUBLISH u q0 free"]);
    world.send(1, Packet::PubComp(ack(1)));
    world.expect(1, ["PUBLISH t q1 #1 waits"]);
}

#[test]
fn mqtt_3_8_4_4_a_replaced_subscription_gets_retained_messages_again_and_loses_none() {
    for version in VERSIONS {
        let mut world = pair(version, Q1);
        world.send(2, retained("t", "kept"));
        world.expect(1, ["PUBLISH t q0 kept"]);
        world.send(2, say(Q1, 1, "under way"));
        world.send(1, subscribe(2, [to("t", Q0)]));
        world.send(2, say(Q1, 2, "after"));
        world.expect(
            1,
            [
                "PUBLISH t q1 #1 under way",
                "SUBACK #2 0x00",
                "PUBLISH t q0 retain kept",
                "PUBLISH t q0 after",
            ],
        );
        world.send(1, Packet::PubAck(ack(1)));
        world.expect(1, []);
    }
}

#[test]
fn mqtt_3_8_4_5_filters_of_one_packet_are_handled_one_after_the_other() {
    let mut world = pair(Version::V5, Q0);
    world.send(2, retained("t", "kept"));
    world.received(1);
    let once = Subscription { retain_handling: RetainHandling::SendIfNew, ..to("t", Q1) };
    world.send(2, subscribe(1, [once.clone(), once, to("t", Q0)]));
    let received = world.received(2);
    assert_eq!(received[0], "SUBACK #1 0x01 0x01 0x00");
    // The last one stands, and asked for the message again.
    assert_eq!(received[1..], ["PUBLISH t q0 retain kept"]);
}

#[test]
fn mqtt_3_10_4_3_what_is_under_way_is_completed_after_unsubscribing() {
    for version in VERSIONS {
        let mut world = pair(version, Q2);
        world.send(2, say(Q2, 1, "x"));
        world.send(1, unsubscribe(2, &["t"]));
        world.send(2, say(Q2, 2, "y"));
        let received = world.received(1);
        assert_eq!(received[0], "PUBLISH t q2 #1 x");
        assert!(received[1].starts_with("UNSUBACK #2") && received.len() == 2, "{received:?}");
        world.send(1, Packet::PubRec(ack(1)));
        world.send(1, Packet::PubComp(ack(1)));
        world.expect(1, ["PUBREL #1"]);
    }
}

#[test]
fn mqtt_3_12_4_1_a_ping_is_answered() {
    for version in VERSIONS {
        let mut world = pair(version, Q0);
        world.send_bytes(1, &[0xC0, 0, 0xC0, 0]);
        world.expect(1, ["PINGRESP", "PINGRESP"]);
    }
}

#[test]
fn mqtt_4_3_2_5_and_4_3_3_12_after_the_last_acknowledgement_an_identifier_means_a_new_message() {
    for version in VERSIONS {
        let mut world = pair(version, Q0);
        for payload in ["one", "two"] {
            for (qos, identifier) in [(Q1, 5), (Q2, 6)] {
                let dup = Publish { dup: true, ..publish("t", qos, identifier, payload) };
                world.send(2, Packet::Publish(dup));
            }
            world.send(2, Packet::PubRel(ack(6)));
            world.expect(2, ["PUBACK #5", "PUBREC #6", "PUBCOMP #6"]);
            let expect = format!("PUBLISH t q0 {payload}");
            world.expect(1, [&*expect, &*expect]);
        }
    }
}

#[test]
fn mqtt_4_3_3_9_after_a_refusal_an_identifier_means_a_new_message() {
    let mut config = Config::default();
    config.access.deny_publish.push("no".into());
    let mut world = World::new(config);
    world.join(1, Version::V5);
    world.subscribe(1, "t", Q0);
    world.send(1, Packet::Publish(publish("no", Q2, 3, "x")));
    world.expect(1, ["PUBREC #3 0x87"]);
    world.send(1, say(Q2, 3, "x"));
    let mut received = world.received(1);
    received.sort();
    assert_eq!(received, ["PUBLISH t q0 x", "PUBREC #3"]);
}

#[test]
fn mqtt_4_3_3_7_and_4_3_3_13_a_message_that_expires_under_way_is_sent_again_and_completed() {
    let mut world = World::new(Config::default());
    world.connect(1, persistent(1, Version::V5));
    world.join(2, Version::V5);
    world.received(1);
    world.subscribe(1, "t", Q2);
    let properties = Properties::new().with(Property::MessageExpiryInterval(1));
    world.send(2, Packet::Publish(Publish { properties, ..publish("t", Q2, 4, "x") }));
    world.expect(1, ["PUBLISH t q2 #1 x expiry=1"]);
    world.cut(1);
    world.wait(5);
    world.connect(1, persistent(1, Version::V5));
    assert_eq!(world.received(1)[1..], ["PUBLISH t q2 #1 dup x expiry=0"]);
    world.send(1, Packet::PubRec(ack(1)));
    world.send(1, Packet::PubComp(ack(1)));
    world.expect(1, ["PUBREL #1"]);
    world.send(2, Packet::PubRel(ack(4)));
    world.expect(2, ["PUBREC #4", "PUBCOMP #4"]);
}

#[test]
fn mqtt_4_6_0_5_messages_of_one_topic_and_qos_stay_in_order() {
    for version in VERSIONS {
        for qos in [Q0, Q1, Q2] {
            let mut world = pair(version, qos);
            let payloads: Vec<_> = (1..=9).map(|number| number.to_string()).collect();
            for (identifier, payload) in (1..).zip(&payloads) {
                world.send(2, say(qos, identifier, payload));
            }
            let packets = world.packets(1);
            let received: Vec<_> = packets
                .iter()
                .filter_map(|packet| match packet {
                    Packet::Publish(publish) => std::str::from_utf8(&publish.payload).ok(),
                    _ => None,
                })
                .collect();
            assert_eq!(received, payloads, "{version}, QoS {qos}");
        }
    }
}

#[test]
fn mqtt_4_8_2_3_a_shared_message_respects_the_granted_qos_and_4_8_2_4_waits_for_its_member() {
    let mut world = World::new(Config::default());
    world.connect(1, persistent(1, Version::V5));
    world.received(1);
    world.join(2, Version::V5);
    world.join(3, Version::V5);
    world.subscribe(1, "$share/g/t", Q1);
    world.send(3, say(Q2, 1, "x"));
    world.expect(1, ["PUBLISH t q1 #1 x"]);
    // It is under way to a member that goes away: nobody else gets it.
    world.cut(1);
    world.subscribe(2, "$share/g/t", Q2);
    world.connect(1, persistent(1, Version::V5));
    assert_eq!(world.received(1)[1..], ["PUBLISH t q1 #1 dup x"]);
    world.expect(2, []);
}

#[test]
fn mqtt_5_4_8_2_5_a_shared_qos_2_message_ends_with_the_session_of_its_member() {
    let mut world = World::new(Config::default());
    world.join(1, Version::V5);
    world.join(2, Version::V5);
    world.join(3, Version::V5);
    world.subscribe(1, "$share/g/t", Q2);
    world.subscribe(2, "$share/g/t", Q2);
    world.send(3, say(Q2, 1, "x"));
    world.expect(1, ["PUBLISH t q2 #1 x"]);
    world.cut(1);
    world.expect(2, []);
    world.send(3, say(Q2, 2, "y"));
    world.expect(2, ["PUBLISH t q2 #1 y"]);
}

#[test]
fn mqtt_4_4_0_2_a_message_that_the_client_refused_is_not_sent_again() {
    let mut world = World::new(Config::default());
    world.connect(1, persistent(1, Version::V5));
    world.received(1);
    world.join(2, Version::V5);
    world.subscribe(1, "t", Q2);
    world.send(2, say(Q1, 1, "a"));
    world.send(2, say(Q2, 2, "b"));
    world.expect(1, ["PUBLISH t q1 #1 a", "PUBLISH t q2 #2 b"]);
    let refusal = |identifier| Ack::new(id(identifier), ReasonCode::QuotaExceeded);
    world.send(1, Packet::PubAck(refusal(1)));
    world.send(1, Packet::PubRec(refusal(2)));
    world.cut(1);
    world.connect(1, persistent(1, Version::V5));
    assert_eq!(world.received(1).len(), 1, "CONNACK and nothing else");
}

/// What the broker said about the end of the only connection that ended.
fn end_of(world: &World) -> &str {
    let mut ends = world.events.iter().filter_map(|event| match event {
        Event::Disconnected { why, .. } => Some(why),
        _ => None,
    });
    let why = ends.next().expect("a connection has ended");
    assert_eq!(ends.next(), None);
    why
}

#[test]
fn each_end_cites_the_statement_of_the_version_that_is_spoken_or_none() {
    type Case = (&'static str, fn(&mut World, Version), [Option<&'static str>; 2]);
    let limits = Limits {
        maximum_qos: Q1,
        retain_available: false,
        client_identifier_length: 23,
        ..Limits::default()
    };
    let cases: [Case; 8] = [
        (
            "a second CONNECT",
            |world, version| {
                world.join(1, version);
                world.send(1, Packet::Connect(Box::new(plain(1, version))));
            },
            [Some("MQTT-3.1.0-2"), Some("MQTT-3.1.0-2")],
        ),
        (
            "another connection of the same client",
            |world, version| {
                world.join(1, version);
                world.open(2, version);
                world.send(2, Packet::Connect(Box::new(plain(1, version))));
            },
            [Some("MQTT-3.1.4-2"), Some("MQTT-3.1.4-3")],
        ),
        (
            "silence",
            |world, version| {
                world.connect(1, Connect { keep_alive: 10, ..plain(1, version) });
                world.wait(15);
            },
            [Some("MQTT-3.1.2-24"), Some("MQTT-3.1.2-22")],
        ),
        (
            "a QoS that is not supported",
            |world, version| {
                world.join(1, version);
                world.send(1, Packet::Publish(publish("t", Q2, 1, "x")));
            },
            [None, Some("MQTT-3.2.2-11")],
        ),
        (
            "RETAIN, which is not supported",
            |world, version| {
                world.join(1, version);
                world
                    .send(1, Packet::Publish(Publish { retain: true, ..publish("t", Q0, 0, "x") }));
            },
            [None, Some("MQTT-3.2.2-14")],
        ),
        (
            "a will with a QoS that is not supported",
            |world, version| world.connect(1, will(version, Q2, false)),
            [None, Some("MQTT-3.2.2-12")],
        ),
        (
            "a will with RETAIN, which is not supported",
            |world, version| world.connect(1, will(version, Q0, true)),
            [None, Some("MQTT-3.2.2-13")],
        ),
        (
            "a long client identifier",
            |world, version| {
                let client_identifier = "x".repeat(24).into();
                world.connect(1, Connect { client_identifier, ..plain(1, version) });
            },
            [Some("MQTT-3.1.3-9"), Some("MQTT-3.1.3-8")],
        ),
    ];
    for (name, act, expected) in cases {
        for (version, statement) in [Version::V311, Version::V5].into_iter().zip(expected) {
            let mut world = World::new(Config { limits: limits.clone(), ..Config::default() });
            act(&mut world, version);
            let why = end_of(&world);
            match statement {
                Some(id) => assert!(why.ends_with(&format!(" [{id}]")), "{version}, {name}: {why}"),
                None => assert!(!why.contains('['), "{version}, {name}: {why}"),
            }
        }
    }
}

fn will(version: Version, qos: QoS, retain: bool) -> Connect {
    let will = Will { topic: "w".into(), qos, retain, ..Will::default() };
    Connect { will: Some(will), ..plain(1, version) }
}

#[test]
fn mqtt_5_0_4_12_0_7_auth_without_a_method_in_connect_and_4_12_0_5_another_than_its_method() {
    let auth = |method: &'static str| {
        let properties = Properties::new().with(Property::AuthenticationMethod(method.into()));
        Packet::Auth(Auth { reason: ReasonCode::ReAuthenticate, properties })
    };
    let mut world = World::new(Config::default());
    world.join(1, Version::V5);
    world.send(1, auth("M"));
    assert!(end_of(&world).ends_with("[MQTT-4.12.0-7]"), "{}", end_of(&world));

    let methods = vec!["M".into(), "N".into()];
    let mut world = World::new(Config { authentication_methods: methods, ..Config::default() });
    let properties = Properties::new().with(Property::AuthenticationMethod("M".into()));
    world.connect(1, Connect { properties, ..plain(1, Version::V5) });
    world.send(1, auth("N"));
    assert!(end_of(&world).ends_with("[MQTT-4.12.0-5]"), "{}", end_of(&world));
}

#[test]
fn section_3_14_2_2_2_of_5_0_a_session_that_was_to_end_cannot_be_kept_and_the_rule_has_no_number() {
    let mut world = World::new(Config::default());
    world.join(1, Version::V5);
    let properties = Properties::new().with(Property::SessionExpiryInterval(10));
    let reason = ReasonCode::Success;
    world.send(1, Packet::Disconnect(Disconnect { reason, properties }));
    world.expect(1, ["DISCONNECT 0x82", "closed"]);
    assert!(!end_of(&world).contains('['), "{}", end_of(&world));
}
