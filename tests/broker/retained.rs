//! Retained messages.

use fourstep::broker::{Config, Limits};
use fourstep::codec::{
    Packet, Properties, Property, Publish, RetainHandling, Subscription, Version,
};

use crate::harness::*;

#[test]
fn mqtt_3_3_1_8_retain_is_set_for_a_new_subscription_and_3_3_1_9_cleared_for_an_old_one() {
    for version in VERSIONS {
        let mut world = World::new(Config::default());
        world.join(1, version);
        world.join(2, version);
        world.send(1, retained("a/b", "old"));
        world.send(2, subscribe(1, [to("a/+", Q0)]));
        world.expect(2, ["SUBACK #1 0x00", "PUBLISH a/b q0 retain old"]);
        world.send(1, retained("a/b", "new"));
        world.expect(2, ["PUBLISH a/b q0 new"]);
    }
}

#[test]
fn mqtt_3_3_1_5_the_latest_message_is_kept_and_an_empty_one_clears_it() {
    for version in VERSIONS {
        let mut world = World::new(Config::default());
        world.join(1, version);
        for (payload, kept) in [("one", 1), ("two", 1), ("", 0), ("", 0), ("three", 1)] {
            world.send(1, retained("t", payload));
            assert_eq!(world.broker.retained(9).len(), kept, "{payload}");
            world.send(1, subscribe(1, [to("t", Q0)]));
            let received = world.received(1);
            let sent = received.iter().filter(|it| it.contains("retain")).count();
            assert_eq!(sent, kept, "{payload}: {received:?}");
            world.send(1, unsubscribe(1, &["t"]));
            world.received(1);
        }
    }
}

#[test]
fn mqtt_3_3_1_10_retain_handling_decides_when_they_are_sent() {
    for (handling, first, again) in [
        (RetainHandling::Send, true, true),
        (RetainHandling::SendIfNew, true, false),
        (RetainHandling::DoNotSend, false, false),
    ] {
        let mut world = World::new(Config::default());
        world.join(1, Version::V5);
        world.send(1, retained("t", "x"));
        for expected in [first, again] {
            let retain_handling = handling;
            let subscription = Subscription { retain_handling, ..to("t", Q0) };
            world.send(1, subscribe(1, [subscription]));
            assert_eq!(world.received(1).len() == 2, expected, "{handling:?}");
        }
    }
}

#[test]
fn mqtt_3_3_1_13_retain_as_published_keeps_the_flag_and_3_3_1_12_the_default_clears_it() {
    for (retain_as_published, expect) in
        [(true, "PUBLISH t q0 retain x"), (false, "PUBLISH t q0 x")]
    {
        let mut world = World::new(Config::default());
        world.join(1, Version::V5);
        world.send(1, subscribe(1, [Subscription { retain_as_published, ..to("t", Q0) }]));
        world.received(1);
        world.send(1, retained("t", "x"));
        world.expect(1, [expect]);
        world.send(1, message("t", "plain"));
        world.expect(1, ["PUBLISH t q0 plain"]);
    }
}

#[test]
fn a_shared_subscription_gets_no_retained_messages() {
    let mut world = World::new(Config::default());
    world.join(1, Version::V5);
    world.send(1, retained("t", "x"));
    world.send(1, subscribe(1, [to("$share/g/t", Q0)]));
    world.expect(1, ["SUBACK #1 0x00"]);
}

#[test]
fn mqtt_3_3_2_6_a_retained_message_ages_and_is_gone_when_it_expires() {
    let mut world = World::new(Config::default());
    world.join(1, Version::V5);
    let properties = Properties::new().with(Property::MessageExpiryInterval(10));
    let message = Publish { retain: true, properties, ..publish("t", Q0, 0, "x") };
    world.send(1, Packet::Publish(message));
    world.wait(4);
    world.send(1, subscribe(1, [to("t", Q0)]));
    world.expect(1, ["SUBACK #1 0x00", "PUBLISH t q0 retain x expiry=6"]);
    world.wait(6);
    world.send(1, subscribe(1, [to("t", Q0)]));
    world.expect(1, ["SUBACK #1 0x00"]);
    assert!(world.broker.retained(9).is_empty());
}

#[test]
fn many_retained_messages_arrive_all_whatever_the_queue_and_receive_maximum() {
    let limits = Limits { queue_capacity: 10, ..Limits::default() };
    let mut world = World::new(Config { limits, ..Config::default() });
    world.join(1, Version::V5);
    for number in 0..1_000 {
        world.send(1, retained(&format!("r/{number:04}"), "x"));
    }
    let mut connect = plain(2, Version::V5);
    connect.properties.push(Property::ReceiveMaximum(3));
    world.connect(2, connect);
    world.send(2, subscribe(1, [to("r/#", Q2)]));
    let expect: Vec<_> = (0..1_000).map(|number| format!("r/{number:04}")).collect();
    assert_eq!(take_all(&mut world, 2), expect.iter().map(String::as_str).collect::<Vec<_>>());
}

/// Acknowledges whatever comes; the topics in the order of arrival.
fn take_all(world: &mut World, peer: u64) -> Vec<String> {
    let mut topics = Vec::new();
    loop {
        let packets = world.packets(peer);
        if packets.is_empty() {
            return topics;
        }
        for packet in packets {
            match packet {
                Packet::Publish(publish) => {
                    topics.push(publish.topic.to_string());
                    if let Some(identifier) = publish.packet_identifier {
                        world.send(
                            peer,
                            match publish.qos {
                                fourstep::codec::QoS::ExactlyOnce => {
                                    Packet::PubRec(ack(identifier.value()))
                                }
                                _ => Packet::PubAck(ack(identifier.value())),
                            },
                        );
                    }
                }
                Packet::PubRel(release) => world.send(peer, Packet::PubComp(release)),
                _ => {}
            }
        }
    }
}
