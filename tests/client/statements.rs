//! Statements that bind a client and that no other test is about.

use fourstep::client::{Config, Event};
use fourstep::codec::{Disconnect, Packet, Property, Publish, QoS, ReasonCode};

use crate::rig::*;

/// A message of the server.
fn theirs(qos: QoS, value: u16) -> Packet {
    let packet_identifier = qos.is_acknowledged().then(|| identifier(value));
    Packet::Publish(Publish { packet_identifier, ..message("a", qos) })
}

#[test]
fn mqtt_3_3_4_8_without_quota_everything_but_messages_goes_on() {
    let mut rig = Rig::connected(config(V5), properties(&[Property::ReceiveMaximum(1)]));
    rig.publish(message("a", QoS::ExactlyOnce));
    rig.publish(message("a", QoS::AtLeastOnce));
    assert!(matches!(rig.packet(), Packet::Publish(_)), "one goes, one waits");
    rig.subscribe(&[("a", QoS::AtMostOnce)]);
    rig.receive(theirs(QoS::AtLeastOnce, 7));
    rig.receive(Packet::PubRec(ack(1)));
    let packets = rig.packets();
    assert!(matches!(packets[0], Packet::Subscribe(_)));
    assert_eq!(packets[1..], [Packet::PubAck(ack(7)), Packet::PubRel(ack(1))]);
    rig.wait_seconds(45);
    assert_eq!(rig.packet(), Packet::PingReq);
    rig.receive(Packet::PubComp(ack(1)));
    assert!(matches!(rig.packet(), Packet::Publish(_)), "the other goes");
}

#[test]
fn mqtt_4_6_0_2_and_4_6_0_3_messages_are_acknowledged_in_the_order_in_which_they_came() {
    for version in BOTH {
        let mut rig = Rig::connected(config(version), none());
        let values = [(9, 8), (3, 2), (65_535, 1)];
        for (one, two) in values {
            rig.receive(theirs(QoS::AtLeastOnce, one));
            rig.receive(theirs(QoS::ExactlyOnce, two));
        }
        let acks = values.map(|(one, two)| [Packet::PubAck(ack(one)), Packet::PubRec(ack(two))]);
        assert_eq!(rig.packets(), acks.concat());
    }
}

#[test]
fn mqtt_3_2_2_5_a_session_that_the_server_lost_is_discarded() {
    for version in BOTH {
        let mut rig = Rig::new(reconnecting(version));
        rig.connect(none());
        rig.receive(theirs(QoS::ExactlyOnce, 5));
        assert_eq!(rig.events().len(), 1, "it is delivered");
        rig.lose();
        rig.wait_seconds(2);
        rig.accept(false, none());
        rig.packets();
        rig.events();
        // Nothing is known of identifier 5 any more, so this is a new message.
        rig.receive(theirs(QoS::ExactlyOnce, 5));
        assert_eq!(rig.packet(), Packet::PubRec(ack(5)));
        assert_eq!(rig.events().len(), 1, "{version}: it is delivered");
    }
}

#[test]
fn mqtt_3_3_2_10_every_alias_up_to_our_maximum_is_accepted() {
    let maximum = 3;
    let mut rig = Rig::connected(Config { topic_alias_maximum: maximum, ..config(V5) }, none());
    for alias in 1..=maximum {
        let properties = properties(&[Property::TopicAlias(alias)]);
        let named = Publish { properties, ..message("a/topic", QoS::AtMostOnce) };
        let alone = Publish { topic: "".into(), ..named.clone() };
        rig.receive(Packet::Publish(named));
        rig.receive(Packet::Publish(alone));
        let plain = Event::Message(message("a/topic", QoS::AtMostOnce));
        assert_eq!(rig.events(), [plain.clone(), plain]);
    }
}

#[test]
fn mqtt_4_13_2_1_a_connection_ends_with_a_disconnect_or_connack_of_0x80_and_above() {
    for reason in [ReasonCode::ServerShuttingDown, ReasonCode::QuotaExceeded] {
        let mut rig = Rig::connected(config(V5), none());
        let properties = none();
        rig.receive(Packet::Disconnect(Disconnect { reason, properties }));
        assert_eq!(rig.closes, 1, "{reason}");
        assert_eq!(rig.packets(), [], "and nothing is said");
    }
}
