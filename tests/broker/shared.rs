//! What becomes of a message for a shared subscription when the session of the
//! member ends that it was for.

use fourstep::broker::{Broker, Config, Limits};
use fourstep::codec::{Connect, Packet, Properties, Property, Publish, QoS, ReasonCode, Version};

use crate::harness::*;

const FILTER: &str = "$share/g/t";

/// Members 1 and 2 with sessions that are kept for a minute, and a publisher.
/// Member 1 is first.
fn members(receive_maximum: u16) -> World {
    let mut world = World::new(Config::default());
    world.join(9, Version::V5);
    for peer in [1, 2] {
        let properties = Properties::new()
            .with(Property::SessionExpiryInterval(60))
            .with(Property::ReceiveMaximum(receive_maximum));
        world.connect(peer, Connect { properties, ..plain(peer, Version::V5) });
        world.received(peer);
    }
    world.subscribe(1, FILTER, Q2);
    world
}

fn send(world: &mut World, qos: QoS, number: u16) {
    world.send(9, Packet::Publish(publish("t", qos, number, &number.to_string())));
}

#[test]
fn mqtt_5_4_8_2_1_a_qos_1_message_goes_to_another_member_when_the_session_ends() {
    let mut world = members(10);
    send(&mut world, Q1, 1);
    world.expect(1, ["PUBLISH t q1 #1 1"]);
    world.subscribe(2, FILTER, Q2);
    world.cut(1);
    // The client may come back.
    world.wait(59);
    world.expect(2, []);
    world.wait(2);
    world.expect(2, ["PUBLISH t q1 #1 1"]);
    assert_eq!(world.broker.snapshot()[1].outbound_total, 0);
}

#[test]
fn mqtt_5_4_8_2_5_a_qos_2_message_that_was_sent_goes_to_no_other_member() {
    let mut world = members(1);
    send(&mut world, Q2, 1);
    send(&mut world, Q2, 2);
    send(&mut world, Q1, 3);
    // One is under way, the others never were.
    world.expect(1, ["PUBLISH t q2 #1 1"]);
    world.subscribe(2, FILTER, Q1);
    world.cut(1);
    world.wait(61);
    world.expect(2, ["PUBLISH t q1 #1 2"]);
    world.send(2, Packet::PubAck(ack(1)));
    world.expect(2, ["PUBLISH t q1 #1 3"]);
}

/// As many ends as a session has: normal, by a new one, and by a restart.
#[test]
fn mqtt_5_4_8_2_1_each_end_of_a_session_hands_its_messages_over() {
    for end in ["disconnect", "clean start", "restart"] {
        let mut world = members(10);
        if end == "restart" {
            world.connect(1, plain(1, Version::V5));
            world.received(1);
            world.subscribe(1, FILTER, Q1);
        }
        send(&mut world, Q1, 1);
        world.received(1);
        world.subscribe(2, FILTER, Q1);
        match end {
            "disconnect" => {
                let properties = Properties::new().with(Property::SessionExpiryInterval(0));
                let reason = ReasonCode::Success;
                let disconnect = fourstep::codec::Disconnect { reason, properties };
                world.send(1, Packet::Disconnect(disconnect));
            }
            "clean start" => world.connect(1, plain(1, Version::V5)),
            _ => {
                world.cut(2);
                let broker = std::mem::replace(&mut world.broker, Broker::new(Config::default()));
                world.broker =
                    Broker::with_store(world.now, Config::default(), broker.into_store());
                world.connect(2, Connect { clean_start: false, ..plain(2, Version::V5) });
                let received = world.received(2);
                assert_eq!(received[1..], ["PUBLISH t q1 #1 1"], "{end}: {received:?}");
                continue;
            }
        }
        world.expect(2, ["PUBLISH t q1 #1 1"]);
    }
}

#[test]
fn mqtt_5_4_8_2_6_what_is_finished_or_refused_is_not_handed_over_nor_what_has_expired() {
    let mut world = members(10);
    send(&mut world, Q1, 1);
    send(&mut world, Q1, 2);
    let properties = Properties::new().with(Property::MessageExpiryInterval(30));
    let expiring = Publish { properties, ..publish("t", Q1, 3, "3") };
    world.send(9, Packet::Publish(expiring));
    world.received(1);
    world.send(1, Packet::PubAck(ack(1)));
    let mut refused = ack(2);
    refused.reason = ReasonCode::UnspecifiedError;
    world.send(1, Packet::PubAck(refused));
    world.subscribe(2, FILTER, Q1);
    world.cut(1);
    world.wait(61);
    world.expect(2, []);
}

/// Each member has a subscription of its own: grant and Subscription
/// Identifier are the new member's.
#[test]
fn mqtt_5_4_8_2_the_other_member_gets_a_message_by_its_own_subscription() {
    let mut world = members(10);
    let identifier = |number| Properties::new().with(Property::SubscriptionIdentifier(number));
    world.send(1, subscribe_with(2, [to(FILTER, Q1)], identifier(7)));
    world.received(1);
    send(&mut world, Q2, 1);
    world.expect(1, ["PUBLISH t q1 #1 1 id=7"]);
    world.send(2, subscribe_with(2, [to(FILTER, Q2)], identifier(8)));
    world.received(2);
    world.cut(1);
    world.wait(61);
    world.expect(2, ["PUBLISH t q2 #1 1 id=8"]);
}

#[test]
fn mqtt_5_3_3_2_5_expired_messages_leave_the_queue_and_push_no_others_out() {
    let limits = Limits { queue_capacity: 2, ..Limits::default() };
    let mut world = World::new(Config { limits, ..Config::default() });
    world.join(9, Version::V5);
    world.connect(1, persistent(1, Version::V5));
    world.received(1);
    world.subscribe(1, "t", Q1);
    world.cut(1);
    let expiring = |number: u16, seconds| {
        let properties = Properties::new().with(Property::MessageExpiryInterval(seconds));
        let payload = number.to_string();
        Packet::Publish(Publish { properties, ..publish("t", Q1, number, &payload) })
    };
    world.send(9, expiring(1, 5));
    world.send(9, expiring(2, 9));
    assert_eq!(world.broker.snapshot()[0].queued, 2);
    let held = world.broker.usage().sessions;
    world.wait(6);
    assert_eq!(world.broker.snapshot()[0].queued, 1);
    assert!(world.broker.usage().sessions < held);
    world.send(9, expiring(3, 60));
    world.send(9, expiring(4, 60));
    assert_eq!(world.broker.counters().messages_dropped, 1);
    // The timer is late, and the second is over all the same.
    world.now = world.now + std::time::Duration::from_secs(4);
    world.send(9, expiring(5, 60));
    assert_eq!(world.broker.counters().messages_dropped, 1);
    assert_eq!(world.broker.counters().messages_expired, 2);
    world.connect(1, persistent(1, Version::V5));
    let received = world.received(1);
    assert_eq!(received[1..], ["PUBLISH t q1 #1 3 expiry=56", "PUBLISH t q1 #2 5 expiry=60"]);
}
