use fourstep::client::{ClosedReason, Config, Event};
use fourstep::codec::{Disconnect, Packet, Property, PropertyId, Publish, QoS, ReasonCode};

use crate::rig::*;

#[test]
fn a_topic_is_spelled_out_once_and_then_stands_for_itself_by_number() {
    let mut rig = Rig::connected(config(V5), maximum(2));
    for topic in ["first/topic", "second/topic", "third/topic", "first/topic", "second/topic"] {
        rig.publish(message(topic, QoS::AtMostOnce));
    }
    let seen: Vec<_> = rig.packets().iter().map(topic_and_alias).collect();
    let expected = [
        ("first/topic", Some(1)),
        ("second/topic", Some(2)),
        ("third/topic", None),
        ("", Some(1)),
        ("", Some(2)),
    ];
    assert_eq!(seen, expected.map(|(topic, alias)| (topic.to_owned(), alias)));
}

#[test]
fn mqtt_3_2_2_18_no_alias_is_used_without_leave() {
    let off = Config { use_topic_aliases: false, ..config(V5) };
    let cases =
        [(config(V4), none()), (config(V5), none()), (config(V5), maximum(0)), (off, maximum(9))];
    for (config, properties) in cases {
        let mut rig = Rig::connected(config, properties);
        for _ in 0..2 {
            rig.publish(message("some/topic", QoS::AtMostOnce));
            assert_eq!(topic_and_alias(&rig.packet()), ("some/topic".to_owned(), None));
        }
    }
}

#[test]
fn an_alias_that_saves_nothing_is_not_used() {
    let mut rig = Rig::connected(config(V5), maximum(10));
    for topic in ["abc", "abcd"] {
        rig.publish(message(topic, QoS::AtMostOnce));
    }
    let aliases: Vec<_> = rig.packets().iter().map(|packet| topic_and_alias(packet).1).collect();
    assert_eq!(aliases, [None, Some(1)]);
}

#[test]
fn an_alias_of_the_application_is_ignored() {
    let mut rig = Rig::connected(config(V5), none());
    let mut publish = message("some/topic", QoS::AtMostOnce);
    publish.properties.push(Property::TopicAlias(9));
    rig.publish(publish);
    assert_eq!(topic_and_alias(&rig.packet()), ("some/topic".to_owned(), None));
}

#[test]
fn mqtt_3_3_2_7_aliases_end_with_their_connection_and_a_resent_message_has_its_topic() {
    let mut rig = Rig::connected(reconnecting(V5), maximum(5));
    rig.publish(message("some/topic", QoS::AtLeastOnce));
    rig.publish(message("some/topic", QoS::AtLeastOnce));
    rig.packets();
    rig.lose();
    rig.wait_seconds(2);
    rig.accept(true, maximum(5));
    let publishes = publishes(&rig.packets());
    assert!(publishes.iter().all(|publish| publish.dup));
    let seen: Vec<_> = publishes.into_iter().map(Packet::Publish).collect();
    let seen: Vec<_> = seen.iter().map(topic_and_alias).collect();
    assert_eq!(seen, [("some/topic".to_owned(), Some(1)), (String::new(), Some(1))]);
}

#[test]
fn an_alias_never_makes_a_packet_too_large() {
    // 2 + 2 + 10 + 1 + 7 bytes without an alias, 3 more with one.
    let limits = properties(&[Property::TopicAliasMaximum(5), Property::MaximumPacketSize(22)]);
    let mut rig = Rig::connected(config(V5), limits);
    rig.publish(message("some/topic", QoS::AtMostOnce));
    assert_eq!(topic_and_alias(&rig.packet()), ("some/topic".to_owned(), None));
    // A smaller one on the same topic may define it.
    rig.publish(Publish { payload: "".into(), ..message("some/topic", QoS::AtMostOnce) });
    assert_eq!(topic_and_alias(&rig.packet()), ("some/topic".to_owned(), Some(1)));
    rig.publish(message("some/topic", QoS::AtMostOnce));
    assert_eq!(topic_and_alias(&rig.packet()), (String::new(), Some(1)));
}

#[test]
fn the_servers_aliases_are_resolved_and_may_be_redefined() {
    let mut rig = Rig::connected(config(V5), none());
    for (topic, alias) in [("a", 1), ("", 1), ("b", 16), ("", 16), ("c", 1), ("", 1)] {
        rig.receive(Packet::Publish(aliased(topic, alias)));
    }
    let topics: Vec<String> = rig
        .events()
        .into_iter()
        .map(|event| match event {
            Event::Message(publish) => {
                assert!(!publish.properties.contains(PropertyId::TopicAlias));
                publish.topic.to_string()
            }
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(topics, ["a", "a", "b", "b", "c", "c"]);
}

#[test]
fn an_alias_that_the_server_may_not_use_ends_the_connection_with_0x94() {
    let none_allowed = Config { topic_alias_maximum: 0, ..config(V5) };
    let cases = [
        (config(V5), "a", 17, Some("MQTT-3.1.2-26")),
        (config(V5), "", 17, Some("MQTT-3.1.2-26")),
        (none_allowed, "a", 1, Some("MQTT-3.1.2-27")),
    ];
    for (config, topic, alias, statement) in cases {
        let mut rig = Rig::connected(config, none());
        rig.receive(Packet::Publish(aliased(topic, alias)));
        let reason = rig.closed();
        assert!(matches!(reason, ClosedReason::Unexpected { .. }));
        assert_eq!(reason.statement(), statement);
        assert_eq!(rig.packet(), goodbye(ReasonCode::TopicAliasInvalid));
    }
}

#[test]
fn section_3_3_4_of_5_0_an_allowed_alias_without_a_topic_is_a_protocol_error_0x82() {
    // Another alias has a topic, and this one had one on the connection before.
    let mut rig = Rig::connected(reconnecting(V5), none());
    rig.receive(Packet::Publish(aliased("a", 3)));
    rig.lose();
    rig.wait_seconds(2);
    rig.accept(false, none());
    rig.receive(Packet::Publish(aliased("b", 4)));
    rig.packets();
    rig.events();
    rig.receive(Packet::Publish(aliased("", 3)));
    let reason = rig.closed();
    assert!(matches!(reason, ClosedReason::Unexpected { .. }), "{reason:?}");
    assert_eq!(reason.statement(), None);
    assert_eq!(rig.packet(), goodbye(ReasonCode::ProtocolError));
}

#[test]
fn mqtt_3_3_2_8_alias_zero_ends_the_connection_with_0x94() {
    let mut rig = Rig::connected(config(V5), none());
    // PUBLISH, topic "a", Topic Alias 0.
    rig.receive_bytes(&[0x30, 7, 0, 1, b'a', 3, 0x23, 0, 0]);
    assert_eq!(rig.closed().statement(), Some("MQTT-3.3.2-8"));
    assert_eq!(rig.packet(), goodbye(ReasonCode::TopicAliasInvalid));
}

#[test]
fn the_servers_aliases_end_with_their_connection() {
    let mut rig = Rig::connected(reconnecting(V5), none());
    rig.receive(Packet::Publish(aliased("a", 1)));
    rig.lose();
    rig.wait_seconds(2);
    rig.accept(true, none());
    rig.events();
    rig.receive(Packet::Publish(aliased("", 1)));
    assert!(matches!(rig.closed(), ClosedReason::Unexpected { .. }));
}

fn maximum(aliases: u16) -> fourstep::codec::Properties {
    properties(&[Property::TopicAliasMaximum(aliases)])
}

fn aliased(topic: &str, alias: u16) -> Publish {
    let properties = properties(&[Property::TopicAlias(alias)]);
    Publish { properties, ..message(topic, QoS::AtMostOnce) }
}

fn goodbye(reason: ReasonCode) -> Packet {
    Packet::Disconnect(Disconnect { reason, ..Disconnect::default() })
}

fn topic_and_alias(packet: &Packet) -> (String, Option<u16>) {
    match packet {
        Packet::Publish(publish) => (publish.topic.to_string(), publish.properties.topic_alias()),
        other => panic!("{other:?}"),
    }
}

fn publishes(packets: &[Packet]) -> Vec<Publish> {
    let publish = |packet: &Packet| match packet {
        Packet::Publish(publish) => Some(publish.clone()),
        _ => None,
    };
    packets.iter().filter_map(publish).collect()
}
