//! From publishers to subscribers, at every QoS and in both versions.

use fourstep::broker::{Access, Config, Event, Limits};
use fourstep::codec::{Packet, QoS, ReasonCode, Version};
use fourstep::session::PassOn;

use crate::harness::*;

#[test]
fn mqtt_3_8_4_8_delivered_qos_is_the_lower_of_published_and_granted_in_every_pair_of_versions() {
    for from in VERSIONS {
        for into in VERSIONS {
            for published in QoS::ALL {
                for granted in QoS::ALL {
                    let mut world = World::new(Config::default());
                    world.join(1, from);
                    world.join(2, into);
                    world.subscribe(2, "a/+", granted);
                    world.send(1, Packet::Publish(publish("a/b", published, 7, "x")));
                    let expect = match published.min(granted) {
                        QoS::AtMostOnce => "PUBLISH a/b q0 x",
                        QoS::AtLeastOnce => "PUBLISH a/b q1 #1 x",
                        QoS::ExactlyOnce => "PUBLISH a/b q2 #1 x",
                    };
                    world.expect(2, [expect]);
                    match published {
                        QoS::AtMostOnce => world.expect(1, []),
                        QoS::AtLeastOnce => world.expect(1, ["PUBACK #7"]),
                        QoS::ExactlyOnce => world.expect(1, ["PUBREC #7"]),
                    }
                }
            }
        }
    }
}

#[test]
fn qos_2_takes_four_steps_on_each_hop_and_frees_both_identifiers() {
    for version in VERSIONS {
        let mut world = World::new(Config::default());
        world.join(1, version);
        world.join(2, version);
        world.subscribe(2, "t", Q2);
        for _ in 0..2 {
            world.send(1, Packet::Publish(publish("t", Q2, 5, "x")));
            world.expect(1, ["PUBREC #5"]);
            world.expect(2, ["PUBLISH t q2 #1 x"]);
            world.send(1, Packet::PubRel(ack(5)));
            world.expect(1, ["PUBCOMP #5"]);
            world.send(2, Packet::PubRec(ack(1)));
            world.expect(2, ["PUBREL #1"]);
            world.send(2, Packet::PubComp(ack(1)));
            world.expect(2, []);
        }
    }
}

/// Figure 4.3 of 3.1.1, method A.
#[test]
fn mqtt_3_1_1_4_3_3_2_a_broker_may_pass_a_message_on_at_pubrel_and_then_does_so_once() {
    for version in VERSIONS {
        let limits = Limits { pass_on: PassOn::PubRel, ..Limits::default() };
        let mut world = World::new(Config { limits, ..Config::default() });
        world.join(1, version);
        world.join(2, version);
        world.subscribe(2, "t", Q2);
        for _ in 0..2 {
            world.send(1, Packet::Publish(publish("t", Q2, 5, "x")));
            world.expect(1, ["PUBREC #5"]);
            world.expect(2, []);
        }
        world.send(1, Packet::PubRel(ack(5)));
        world.expect(1, ["PUBCOMP #5"]);
        world.expect(2, ["PUBLISH t q2 #1 x"]);
        // The identifier is free now.
        world.send(1, Packet::Publish(publish("t", Q2, 5, "y")));
        world.expect(1, ["PUBREC #5"]);
    }
}

#[test]
fn a_client_that_does_not_read_gets_qos_1_and_2_later_and_qos_0_not_at_all() {
    for version in VERSIONS {
        let mut world = World::new(Config::default());
        world.join(1, version);
        world.join(2, version);
        world.subscribe(2, "t", Q2);
        world.block(2, true);
        world.send(1, message("t", "a"));
        world.send(1, Packet::Publish(publish("t", Q1, 1, "b")));
        world.send(1, Packet::Publish(publish("t", Q2, 2, "c")));
        world.send(2, Packet::PingReq);
        world.expect(2, []);
        assert_eq!(world.broker.counters().messages_dropped, 1);
        world.block(2, false);
        world.expect(2, ["PINGRESP", "PUBLISH t q1 #1 b", "PUBLISH t q2 #2 c"]);
        world.send(1, message("t", "d"));
        world.expect(2, ["PUBLISH t q0 d"]);
    }
}

/// 3.1.1 has no word for it: the message is acknowledged, and the broker's
/// owner is told ([MQTT-3.3.5-2]).
#[test]
fn mqtt_3_1_1_3_3_5_2_a_message_that_is_not_accepted_is_an_event_in_both_versions() {
    let access = Access { deny_publish: vec!["no/#".into()], ..Access::default() };
    let limits = Limits { max_topic_levels: 3, ..Limits::default() };
    let config = Config { limits, access, ..Config::default() };
    for version in VERSIONS {
        for (topic, reason) in
            [("a/b/c/d", ReasonCode::TopicNameInvalid), ("no/way", ReasonCode::NotAuthorized)]
        {
            let mut world = World::new(config.clone());
            world.join(1, version);
            world.subscribe(1, "#", Q0);
            world.send(1, Packet::Publish(publish(topic, Q1, 1, "x")));
            world.send(1, message(topic, "x"));
            let answer = match version {
                Version::V311 => "PUBACK #1".to_owned(),
                Version::V5 => format!("PUBACK #1 0x{:02X}", reason.code()),
            };
            world.expect(1, [&answer]);
            let refused = Event::Refused { client_identifier: "client-1".into(), reason };
            assert_eq!(world.events.iter().filter(|it| **it == refused).count(), 2);
        }
    }
}
