//! Which subscriptions a message reaches, and what it carries then.

use fourstep::broker::{Access, Config, Limits};
use fourstep::codec::{
    Packet, Properties, Property, Publish, QoS, ReasonCode, Subscription, Version,
};

use crate::harness::*;

#[test]
fn mqtt_4_7_2_1_wildcards_match_what_the_specification_says() {
    for (filter, name, matches) in [
        ("a/b", "a/b", true),
        ("a/b", "a/c", false),
        ("a/b", "A/b", false),
        ("+/b", "a/b", true),
        ("+", "/a", false),
        ("+/+", "/a", true),
        ("/+", "/a", true),
        ("a/+", "a", false),
        ("a/+", "a/", true),
        ("a/+/c", "a/b/c/d", false),
        ("#", "a/b/c", true),
        ("a/#", "a", true),
        ("a/#", "a/b/c", true),
        ("a/#", "ab", false),
        ("#", "$x", false),
        ("+/a", "$x/a", false),
        ("$x/#", "$x/a", true),
        ("$x/+", "$x/a", true),
        ("a/+", "a/$x", true),
    ] {
        for version in VERSIONS {
            let mut world = World::new(Config::default());
            world.join(1, version);
            world.subscribe(1, filter, Q0);
            world.send(1, message(name, "x"));
            assert_eq!(world.received(1).len(), usize::from(matches), "{filter} {name}");
        }
    }
}

#[test]
fn mqtt_3_3_5_1_overlapping_subscriptions_give_one_copy_at_the_highest_qos() {
    for version in VERSIONS {
        let mut world = World::new(Config::default());
        world.join(1, version);
        world.send(1, subscribe(1, [to("a/#", Q0), to("a/+", Q2), to("+/b", Q1)]));
        world.received(1);
        let mut publish = publish("a/b", Q2, 1, "x");
        publish.dup = true;
        world.send(1, Packet::Publish(publish));
        world.expect(1, ["PUBREC #1", "PUBLISH a/b q2 #1 x"]);
    }
}

#[test]
fn mqtt_3_3_4_3_one_copy_carries_every_subscription_identifier() {
    let mut world = World::new(Config::default());
    world.join(1, Version::V5);
    for (number, filter) in [(1, "a/#"), (2, "+/b"), (2, "a/b"), (268_435_455, "#")] {
        let properties = Properties::new().with(Property::SubscriptionIdentifier(number));
        world.send(1, subscribe_with(1, [to(filter, Q0)], properties));
    }
    world.send(1, subscribe(1, [to("a/+", Q0)]));
    world.received(1);
    world.send(1, message("a/b", "x"));
    let received = world.received(1);
    let mut identifiers: Vec<_> = received[0].split(' ').skip(4).collect();
    identifiers.sort_unstable();
    assert_eq!(received.len(), 1);
    assert_eq!(identifiers, ["id=1", "id=2", "id=2", "id=268435455"]);
}

#[test]
fn mqtt_3_8_4_3_a_subscription_is_replaced_by_the_next_with_the_same_filter() {
    let mut world = World::new(Config::default());
    world.join(1, Version::V5);
    let properties = Properties::new().with(Property::SubscriptionIdentifier(7));
    world.send(1, subscribe_with(1, [to("a", Q2)], properties));
    world.send(1, subscribe(2, [to("a", Q0)]));
    world.expect(1, ["SUBACK #1 0x02", "SUBACK #2 0x00"]);
    world.send(1, message("a", "x"));
    world.expect(1, ["PUBLISH a q0 x"]);
    assert_eq!(world.broker.snapshot()[0].subscriptions, [to("a", Q0)]);
}

#[test]
fn mqtt_3_8_3_3_no_local_keeps_a_message_from_its_own_publisher() {
    let mut world = World::new(Config::default());
    world.join(1, Version::V5);
    world.join(2, Version::V311);
    world.send(1, subscribe(1, [Subscription { no_local: true, ..to("t", Q1) }]));
    world.expect(1, ["SUBACK #1 0x01"]);
    world.send(1, Packet::Publish(publish("t", Q1, 1, "mine")));
    world.expect(1, ["PUBACK #1 0x10"]);
    world.send(2, message("t", "theirs"));
    world.expect(1, ["PUBLISH t q0 theirs"]);
    // It holds for a retained message too.
    world.send(1, retained("t", "mine"));
    world.send(1, subscribe(1, [Subscription { no_local: true, ..to("t", Q1) }]));
    world.expect(1, ["SUBACK #1 0x01"]);
}

#[test]
fn mqtt_3_3_2_15_what_the_publisher_says_of_a_message_reaches_the_subscriber_unchanged() {
    let properties: Properties = [
        Property::UserProperty("b".into(), "1".into()),
        Property::PayloadFormatIndicator(1),
        Property::ContentType("text".into()),
        Property::UserProperty("a".into(), "2".into()),
        Property::ResponseTopic("r/t".into()),
        Property::CorrelationData("\u{1}".into()),
        Property::UserProperty("b".into(), "3".into()),
    ]
    .into_iter()
    .collect();
    let mut world = World::new(Config::default());
    world.join(1, Version::V5);
    world.join(2, Version::V311);
    world.subscribe(1, "t", Q1);
    world.subscribe(2, "t", Q1);
    let message = Publish { properties: properties.clone(), ..publish("t", Q1, 3, "x") };
    world.send(1, Packet::Publish(message.clone()));
    let packets = world.packets(1);
    let forwarded = packets.iter().find_map(|packet| match packet {
        Packet::Publish(publish) => Some(&publish.properties),
        _ => None,
    });
    assert_eq!(forwarded, Some(&properties));
    world.expect(2, ["PUBLISH t q1 #1 x"]);
}

#[test]
fn mqtt_3_3_2_5_a_message_that_expires_in_the_queue_is_not_sent_and_others_are_aged() {
    let mut world = World::new(Config::default());
    world.join(1, Version::V5);
    world.connect(2, persistent(2, Version::V5));
    world.received(2);
    world.subscribe(2, "t", Q1);
    world.cut(2);
    for (identifier, interval) in [(1, 10), (2, 30)] {
        let properties = Properties::new().with(Property::MessageExpiryInterval(interval));
        let message = Publish { properties, ..publish("t", Q1, identifier, "x") };
        world.send(1, Packet::Publish(message));
    }
    world.wait(12);
    world.connect(2, persistent(2, Version::V5));
    assert_eq!(world.received(2)[1..], ["PUBLISH t q1 #1 x expiry=18"]);
    assert_eq!(world.broker.counters().messages_expired, 1);
    // What is sent again has waited longer ([MQTT-3.3.2-6]).
    world.cut(2);
    world.wait(8);
    world.connect(2, persistent(2, Version::V5));
    assert_eq!(world.received(2)[1..], ["PUBLISH t q1 #1 dup x expiry=10"]);
}

#[test]
fn a_shared_subscription_gives_each_message_to_one_member_in_turn() {
    let mut world = World::new(Config::default());
    world.join(9, Version::V311);
    for peer in 1..=3 {
        world.join(peer, Version::V5);
        world.subscribe(peer, "$share/g/t/+", Q0);
    }
    // Another group, and one without.
    world.subscribe(3, "$share/other/t/#", Q0);
    world.subscribe(9, "t/x", Q0);
    for number in 0..6 {
        world.send(9, message("t/x", &number.to_string()));
    }
    world.expect(1, ["PUBLISH t/x q0 0", "PUBLISH t/x q0 3"]);
    world.expect(2, ["PUBLISH t/x q0 1", "PUBLISH t/x q0 4"]);
    assert_eq!(world.received(3).len(), 2 + 6);
    assert_eq!(world.received(9).len(), 6);
}

#[test]
fn mqtt_4_8_2_a_message_goes_to_a_connected_member_or_waits_with_one() {
    let mut world = World::new(Config::default());
    world.join(9, Version::V5);
    for peer in 1..=2 {
        world.connect(peer, persistent(peer, Version::V5));
        world.received(peer);
        world.subscribe(peer, "$share/g/t", Q1);
    }
    world.cut(1);
    for number in 1..=2 {
        world.send(9, Packet::Publish(publish("t", Q1, number, "x")));
    }
    assert_eq!(world.received(2).len(), 2);
    world.cut(2);
    for number in 3..=4 {
        world.send(9, Packet::Publish(publish("t", Q1, number, "y")));
    }
    let queued: Vec<_> = world.broker.snapshot().iter().map(|it| it.queued).collect();
    assert_eq!(queued.iter().sum::<usize>(), 2, "{queued:?}");
}

#[test]
fn mqtt_4_8_2_6_a_refused_message_goes_to_nobody_else() {
    let mut world = World::new(Config::default());
    world.join(9, Version::V5);
    for peer in 1..=2 {
        world.join(peer, Version::V5);
        world.subscribe(peer, "$share/g/t", Q2);
    }
    world.send(9, Packet::Publish(publish("t", Q2, 1, "x")));
    world.expect(1, ["PUBLISH t q2 #1 x"]);
    let refusal = fourstep::codec::Ack::new(id(1), ReasonCode::UnspecifiedError);
    world.send(1, Packet::PubRec(refusal));
    world.expect(1, []);
    world.expect(2, []);
}

#[test]
fn in_3_1_1_a_share_filter_is_an_ordinary_one() {
    let mut world = World::new(Config::default());
    world.join(1, Version::V311);
    world.subscribe(1, "$share/g/t", Q0);
    world.send(1, message("t", "no"));
    world.send(1, message("$share/g/t", "yes"));
    world.expect(1, ["PUBLISH $share/g/t q0 yes"]);
}

#[test]
fn mqtt_3_10_4_1_unsubscribing_takes_away_exactly_that_filter() {
    for (version, unsuback) in
        [(Version::V5, "UNSUBACK #2 0x00 0x11 0x00"), (Version::V311, "UNSUBACK #2")]
    {
        let mut world = World::new(Config::default());
        world.join(1, version);
        world.join(2, version);
        world.send(1, subscribe(1, [to("a/b", Q0), to("a/+", Q0), to("$share/g/a/b", Q0)]));
        world.received(1);
        world.send(1, unsubscribe(2, &["a/b", "a/#", "$share/g/a/b"]));
        world.expect(1, [unsuback]);
        world.send(2, message("a/b", "x"));
        world.expect(1, ["PUBLISH a/b q0 x"]);
        world.send(1, unsubscribe(3, &["a/+"]));
        world.send(2, message("a/b", "x"));
        assert_eq!(world.received(1).len(), 1);
        assert_eq!(world.broker.counters().subscriptions, 0);
    }
}

#[test]
fn what_is_denied_is_refused_where_that_can_be_said_and_reaches_nobody() {
    let access = Access {
        deny_publish: vec!["no/#".into()],
        deny_subscribe: vec!["secret/+".into()],
        ..Access::default()
    };
    for version in VERSIONS {
        let refused = if version == Version::V5 { "0x87" } else { "0x80" };
        let mut world = World::new(Config { access: access.clone(), ..Config::default() });
        world.join(1, version);
        let filters = [to("secret/a", Q1), to("secret/+", Q1), to("secret/#", Q1), to("#", Q1)];
        world.send(1, subscribe(1, filters));
        world.expect(1, [&format!("SUBACK #1 {refused} {refused} 0x01 0x01")]);

        world.send(1, Packet::Publish(publish("secret/a", Q1, 1, "x")));
        world.expect(1, ["PUBACK #1"]);
        world.send(1, message("no/a", "x"));
        world.expect(1, []);
        for (qos, plain) in [(Q1, "PUBACK #2"), (Q2, "PUBREC #2")] {
            world.send(1, Packet::Publish(publish("no/a", qos, 2, "x")));
            let expect = match version {
                Version::V311 => plain.to_owned(),
                Version::V5 => format!("{plain} 0x87"),
            };
            world.expect(1, [&expect]);
        }
    }
}

#[test]
fn sys_topics_are_the_brokers_own() {
    for version in VERSIONS {
        let mut world = World::new(Config::default());
        world.join(1, version);
        world.join(2, version);
        world.subscribe(2, "$SYS/broker/clients/+", Q1);
        world.send(2, subscribe(2, [to("$SYS/broker/clients/connected", Q0)]));
        let expect = "PUBLISH $SYS/broker/clients/connected q0 retain 2";
        assert!(world.received(2).contains(&expect.to_owned()));
        world.send(1, Packet::Publish(publish("$SYS/broker/clients/connected", Q1, 1, "9")));
        let answer = if version == Version::V5 { "PUBACK #1 0x87" } else { "PUBACK #1" };
        world.expect(1, [answer]);
        world.expect(2, []);
        world.cut(1);
        world.wait(10);
        let expect = [
            "PUBLISH $SYS/broker/clients/connected q0 1",
            "PUBLISH $SYS/broker/clients/total q0 1",
        ];
        assert_eq!(world.received(2), expect);
        // Without anybody to hear them there are no rounds.
        world.send(2, unsubscribe(3, &["$SYS/broker/clients/+", "$SYS/broker/clients/connected"]));
        world.wait(10);
        assert_eq!(world.broker.next_timeout(), None);
    }
}

#[test]
fn mqtt_3_2_2_11_a_qos_above_the_maximum_ends_the_connection_and_is_granted_to_nobody() {
    for version in VERSIONS {
        let limits = Limits { maximum_qos: QoS::AtLeastOnce, ..Limits::default() };
        let mut world = World::new(Config { limits, ..Config::default() });
        world.join(1, version);
        world.send(1, subscribe(1, [to("t", Q2)]));
        world.expect(1, ["SUBACK #1 0x01"]);
        world.send(1, Packet::Publish(publish("t", Q2, 1, "x")));
        let received = world.received(1);
        assert_eq!(received.last().expect("it is closed"), "closed");
        assert_eq!(received[0] == "DISCONNECT 0x9B", version == Version::V5);
    }
}

#[test]
fn mqtt_3_2_2_14_a_retained_message_ends_the_connection_where_none_are_kept() {
    let limits = Limits { retain_available: false, ..Limits::default() };
    let mut world = World::new(Config { limits, ..Config::default() });
    world.join(1, Version::V5);
    world.send(1, retained("t", "x"));
    world.expect(1, ["DISCONNECT 0x9A", "closed"]);
}

#[test]
fn mqtt_3_3_4_6_a_client_must_not_send_a_subscription_identifier() {
    let mut world = World::new(Config::default());
    world.join(1, Version::V5);
    let properties = Properties::new().with(Property::SubscriptionIdentifier(1));
    world.send(1, Packet::Publish(Publish { properties, ..publish("t", Q0, 0, "x") }));
    world.expect(1, ["DISCONNECT 0x82", "closed"]);
}
