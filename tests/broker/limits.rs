//! What no client can make the broker exceed.

use fourstep::broker::{Config, Event, Limits, Usage};
use fourstep::codec::{
    Connect, Packet, Properties, Property, Publish, QoS, ReasonCode, Version, Will,
};
use fourstep::session::QueuePolicy;

use crate::harness::*;

fn with(change: fn(&mut Limits)) -> Config {
    let mut limits = Limits::default();
    change(&mut limits);
    Config { limits, ..Config::default() }
}

/// What a session counts that holds nothing.
fn one_session() -> usize {
    let mut world = World::new(Config::default());
    world.join(1, Version::V5);
    world.broker.usage().sessions
}

fn connect_with(peer: u64, property: Property) -> Connect {
    Connect { properties: Properties::new().with(property), ..plain(peer, Version::V5) }
}

#[test]
fn mqtt_3_3_4_7_more_unfinished_messages_than_receive_maximum_end_the_connection() {
    let mut world = World::new(with(|it| it.receive_maximum = 2));
    world.join(1, Version::V5);
    for number in 1..=2 {
        world.send(1, Packet::Publish(publish("t", Q2, number, "x")));
    }
    // QoS 0 and 1 do not count: the answer to QoS 1 has left already.
    world.send(1, message("t", "x"));
    world.send(1, Packet::PubRel(ack(1)));
    world.send(1, Packet::Publish(publish("t", Q2, 3, "x")));
    world.expect(1, ["PUBREC #1 0x10", "PUBREC #2 0x10", "PUBCOMP #1", "PUBREC #3 0x10"]);
    world.send(1, Packet::Publish(publish("t", Q2, 4, "x")));
    world.expect(1, ["DISCONNECT 0x93", "closed"]);
}

#[test]
fn mqtt_3_3_4_9_the_clients_receive_maximum_holds_towards_it() {
    let mut world = World::new(Config::default());
    world.join(9, Version::V5);
    world.connect(1, connect_with(1, Property::ReceiveMaximum(2)));
    world.received(1);
    world.subscribe(1, "t", Q2);
    for (number, qos) in [(1, Q1), (2, Q2), (3, Q2), (4, Q1)] {
        world.send(9, Packet::Publish(publish("t", qos, number, &number.to_string())));
    }
    world.send(9, message("t", "0"));
    world.expect(1, ["PUBLISH t q1 #1 1", "PUBLISH t q2 #2 2", "PUBLISH t q0 0"]);
    world.send(1, Packet::PubRec(ack(2)));
    world.expect(1, ["PUBREL #2"]);
    world.send(1, Packet::PubComp(ack(2)));
    world.expect(1, ["PUBLISH t q2 #2 3"]);
    world.send(1, Packet::PubAck(ack(1)));
    world.expect(1, ["PUBLISH t q1 #1 4"]);
}

#[test]
fn mqtt_3_1_2_25_a_message_too_large_for_a_client_is_dropped_as_if_it_had_been_sent() {
    for qos in QoS::ALL {
        let mut world = World::new(Config::default());
        world.join(9, Version::V5);
        world.connect(1, connect_with(1, Property::MaximumPacketSize(40)));
        world.received(1);
        world.subscribe(1, "t", qos);
        world.send(9, Packet::Publish(publish("t", qos, 1, &"x".repeat(41))));
        world.expect(1, []);
        assert_eq!(world.broker.snapshot()[0].outbound_total, 0, "{qos}");
        world.send(9, Packet::Publish(publish("t", qos, 2, "small")));
        assert!(world.received(1)[0].ends_with("small"));
    }
}

#[test]
fn a_qos_2_message_that_became_too_large_is_released_all_the_same() {
    let mut world = World::new(Config::default());
    world.join(9, Version::V5);
    world.connect(1, persistent(1, Version::V5));
    world.received(1);
    world.subscribe(1, "t", Q2);
    world.send(9, Packet::Publish(publish("t", Q2, 1, &"x".repeat(41))));
    world.cut(1);
    let mut again = persistent(1, Version::V5);
    again.properties.push(Property::MaximumPacketSize(40));
    world.connect(1, again);
    // The client may know the identifier from before.
    assert_eq!(world.received(1)[1..], ["PUBREL #1"]);
    world.send(1, Packet::PubComp(ack(1)));
    assert_eq!(world.broker.snapshot()[0].outbound_total, 0);
}

#[test]
fn mqtt_3_2_2_15_a_packet_too_large_for_the_broker_ends_the_connection() {
    let mut world = World::new(with(|it| it.maximum_packet_size = Some(50)));
    world.connect(1, plain(1, Version::V5));
    world.received(1);
    world.send(1, message("t", &"x".repeat(60)));
    world.expect(1, ["DISCONNECT 0x95", "closed"]);
}

#[test]
fn a_connect_that_is_larger_than_any_sensible_one_is_not_even_received() {
    let mut world = World::new(Config::default());
    world.open(1, Version::V5);
    world.send_bytes(1, &[0x10, 0xFF, 0xFF, 0xFF, 0x7F]);
    world.expect(1, ["closed"]);
}

#[test]
fn mqtt_3_1_2_29_reasons_in_words_only_where_they_are_wanted_and_fit() {
    let mut world = World::new(Config::default());
    let has_reason = |packets: Vec<Packet>| match &packets[0] {
        Packet::ConnAck(connack) => connack.properties.reason_string().is_some(),
        Packet::Disconnect(disconnect) => disconnect.properties.reason_string().is_some(),
        other => panic!("{other:?}"),
    };
    for (property, expect) in [
        (Property::RequestProblemInformation(false), true),
        (Property::MaximumPacketSize(20), false),
    ] {
        world.connect(1, connect_with(1, property));
        world.received(1);
        world.send(1, Packet::PingResp);
        assert_eq!(has_reason(world.packets(1)), expect);
    }
}

#[test]
fn topic_aliases_work_from_the_client_and_towards_it() {
    let mut world = World::new(with(|it| it.topic_alias_maximum = 2));
    world.join(1, Version::V5);
    world.connect(2, connect_with(2, Property::TopicAliasMaximum(9)));
    world.received(2);
    world.subscribe(2, "#", Q0);
    world.join(3, Version::V311);
    world.subscribe(3, "#", Q0);
    let aliased = |topic: &str, alias| {
        let properties = Properties::new().with(Property::TopicAlias(alias));
        Packet::Publish(Publish { properties, ..publish(topic, Q0, 0, "x") })
    };
    for packet in [
        aliased("long/one", 1),
        aliased("", 1),
        aliased("long/two", 1),
        aliased("", 1),
        message("long/three", "x"),
        message("long/one", "x"),
    ] {
        world.send(1, packet);
    }
    world.expect(
        2,
        [
            "PUBLISH long/one q0 x alias=1",
            "PUBLISH  q0 x alias=1",
            "PUBLISH long/two q0 x alias=2",
            "PUBLISH  q0 x alias=2",
            "PUBLISH long/three q0 x",
            "PUBLISH  q0 x alias=1",
        ],
    );
    let topics = ["long/one", "long/one", "long/two", "long/two", "long/three", "long/one"];
    assert_eq!(world.received(3), topics.map(|topic| format!("PUBLISH {topic} q0 x")));
}

#[test]
fn mqtt_3_3_2_8_and_9_a_wrong_topic_alias_ends_the_connection() {
    for (topic, alias) in [("t", 3), ("", 3)] {
        let mut world = World::new(with(|it| it.topic_alias_maximum = 2));
        world.join(1, Version::V5);
        let properties = Properties::new().with(Property::TopicAlias(alias));
        world.send(1, Packet::Publish(Publish { properties, ..publish(topic, Q0, 0, "x") }));
        world.expect(1, ["DISCONNECT 0x94", "closed"]);
    }
    let mut world = World::new(Config::default());
    world.join(1, Version::V5);
    world.send_bytes(1, &[0x30, 7, 0, 1, b't', 3, 0x23, 0, 0]);
    world.expect(1, ["DISCONNECT 0x94", "closed"]);
}

#[test]
fn section_3_3_4_of_5_0_an_allowed_alias_without_a_topic_is_a_protocol_error_0x82() {
    let mut world = World::new(with(|it| it.topic_alias_maximum = 2));
    world.join(1, Version::V5);
    let aliased = |topic, alias| {
        let properties = Properties::new().with(Property::TopicAlias(alias));
        Packet::Publish(Publish { properties, ..publish(topic, Q0, 0, "x") })
    };
    world.send(1, aliased("t", 2));
    world.send(1, aliased("", 1));
    world.expect(1, ["DISCONNECT 0x82", "closed"]);
}

#[test]
fn a_full_queue_drops_for_that_client_alone_as_the_policy_says() {
    for (policy, kept) in
        [(QueuePolicy::RefuseNew, ["1", "2"]), (QueuePolicy::DropOldest, ["3", "4"])]
    {
        for version in VERSIONS {
            let limits = Limits { queue_capacity: 2, queue_policy: policy, ..Limits::default() };
            let mut world = World::new(Config { limits, ..Config::default() });
            world.join(9, version);
            world.subscribe(9, "t", Q0);
            world.connect(1, persistent(1, version));
            world.received(1);
            world.subscribe(1, "t", Q1);
            world.cut(1);
            for number in 1..=4 {
                world.send(9, Packet::Publish(publish("t", Q1, number, &number.to_string())));
            }
            assert_eq!(world.received(9).len(), 8);
            let dropped = Event::Dropped("client-1".into());
            assert_eq!(world.events.iter().filter(|it| **it == dropped).count(), 2);
            assert_eq!(world.broker.counters().messages_dropped, 2);
            world.connect(1, persistent(1, version));
            let received = world.received(1);
            assert!(
                received[1].ends_with(kept[0]) && received[2].ends_with(kept[1]),
                "{received:?}"
            );
        }
    }
}

#[test]
fn queued_bytes_are_limited_for_one_client_and_for_all_together() {
    let two_away = |config| {
        let mut world = World::new(config);
        world.join(9, Version::V5);
        for peer in 1..=2 {
            world.connect(peer, persistent(peer, Version::V5));
            world.received(peer);
            world.subscribe(peer, "t", Q1);
            world.cut(peer);
        }
        world
    };
    // Room for one each, and then for one more.
    let mut world = two_away(Config::default());
    world.send(9, Packet::Publish(publish("t", Q1, 1, &"x".repeat(2_000))));
    let total_session_bytes = world.broker.usage().sessions + 2_300;
    let limits = Limits { total_session_bytes, ..Limits::default() };
    for (config, queued) in [
        (with(|it| it.queue_bytes = 5_000), [2, 2]),
        (Config { limits, ..Config::default() }, [2, 1]),
    ] {
        let mut world = two_away(config);
        for number in 1..=5 {
            world.send(9, Packet::Publish(publish("t", Q1, number, &"x".repeat(2_000))));
        }
        let snapshot = world.broker.snapshot();
        let found: Vec<_> = snapshot.iter().take(2).map(|session| session.queued).collect();
        assert_eq!(found, queued);
        // What is taken makes room again.
        world.connect(1, persistent(1, Version::V5));
        for number in 1..=2 {
            world.send(1, Packet::PubAck(ack(number)));
        }
        world.cut(1);
        world.send(9, Packet::Publish(publish("t", Q1, 1, &"x".repeat(2_000))));
        assert_eq!(world.broker.snapshot()[0].queued, 1);
    }
}

#[test]
fn subscriptions_are_limited_in_number_in_bytes_and_in_levels() {
    let total_session_bytes = one_session() + 1_500;
    let limits = Limits { total_session_bytes, ..Limits::default() };
    for (config, filters, v5) in [
        (with(|it| it.max_subscriptions = 2), ["a", "b", "c"], "0x00 0x00 0x97"),
        (with(|it| it.subscription_bytes = 1_500), ["a", "b", "c"], "0x00 0x00 0x97"),
        (Config { limits, ..Config::default() }, ["a", "b", "c"], "0x00 0x00 0x97"),
        (with(|it| it.max_topic_levels = 2), ["a/b", "$share/g/a/b", "a/b/#"], "0x00 0x00 0x8F"),
    ] {
        for version in VERSIONS {
            let mut world = World::new(config.clone());
            world.join(1, version);
            if version == Version::V311 && filters[1].starts_with("$share") {
                continue;
            }
            world.send(1, subscribe(1, filters.map(|filter| to(filter, Q0))));
            let expect = match version {
                Version::V5 => format!("SUBACK #1 {v5}"),
                Version::V311 => "SUBACK #1 0x00 0x00 0x80".to_owned(),
            };
            world.expect(1, [&expect]);
            // One that is there already may be replaced, and one that is gone
            // makes room.
            world.send(1, subscribe(2, [to(filters[0], Q1)]));
            world.expect(1, ["SUBACK #2 0x01"]);
            world.send(1, unsubscribe(3, &[filters[0]]));
            world.send(1, subscribe(4, [to("z", Q0)]));
            assert_eq!(world.received(1)[1], "SUBACK #4 0x00");
        }
    }
}

#[test]
fn unfinished_packets_are_limited_for_all_together_and_small_ones_always_pass() {
    let mut world = World::new(with(|it| it.connection_bytes = 100_000));
    for (peer, version, kept) in
        [(1, Version::V5, 60_000), (2, Version::V5, 40_000), (3, Version::V311, 0)]
    {
        world.join(peer, version);
        // The start of a PUBLISH of a megabyte.
        world.send_bytes(peer, &[0x30, 0x80, 0x80, 0x40]);
        world.send_bytes(peer, &vec![0; FREE + kept - 4]);
        world.expect(peer, []);
    }
    world.send_bytes(2, &[0]);
    world.expect(2, ["DISCONNECT 0x97", "closed"]);
    // That made room, which whoever comes next may have.
    world.send_bytes(3, &[0; 40_000]);
    world.expect(3, []);
    world.send_bytes(3, &[0]);
    world.expect(3, ["closed"]);
    world.cut(1);
    world.join(4, Version::V5);
    world.send_bytes(4, &[0x30, 0x80, 0x80, 0x40]);
    world.send_bytes(4, &vec![0; FREE + 99_000]);
    world.expect(4, []);
}

#[test]
fn what_clients_do_not_read_is_limited_for_all_together_and_small_messages_always_pass() {
    let mut world = World::new(with(|it| it.connection_bytes = 100_000));
    world.join(9, Version::V5);
    for (peer, version) in [(1, Version::V5), (2, Version::V311)] {
        world.join(peer, version);
        world.subscribe(peer, "t", Q0);
    }
    let lengths = |world: &mut World, peer| -> Vec<usize> {
        let length = |packet| match packet {
            Packet::Publish(publish) => publish.payload.len(),
            other => panic!("{other:?}"),
        };
        world.packets(peer).into_iter().map(length).collect()
    };
    let large = message("t", &"x".repeat(80_000));
    world.send(9, large.clone());
    assert_eq!([1, 2].map(|peer| lengths(&mut world, peer)), [[80_000], [80_000]]);
    // The first client has not read its copy.
    world.block(1, true);
    world.send(9, large.clone());
    world.send(9, message("t", "small"));
    assert_eq!(lengths(&mut world, 2), [5]);
    let dropped = Event::Dropped("client-2".into());
    assert_eq!(world.events.iter().filter(|it| **it == dropped).count(), 1);
    world.block(1, false);
    world.send(9, large);
    assert_eq!(lengths(&mut world, 2), [80_000]);
}

#[test]
fn topics_that_have_an_alias_are_limited_for_all_together_and_short_ones_always_pass() {
    let mut world = World::new(with(|it| it.connection_bytes = 100_000));
    let name = |peer: u64, alias: u16, length: usize| {
        let topic = format!("{peer}/{alias}/{}", "x".repeat(length));
        let properties = Properties::new().with(Property::TopicAlias(alias));
        Packet::Publish(Publish { properties, ..publish(&topic, Q0, 0, "x") })
    };
    world.join(1, Version::V5);
    world.join(2, Version::V5);
    world.send(1, name(1, 1, 60_000));
    world.send(1, name(1, 2, 50_000));
    // One that is replaced counts no more.
    world.send(1, name(1, 2, 49_000));
    (1..=10).for_each(|alias| world.send(2, name(2, alias, 1_000)));
    world.expect(1, []);
    world.expect(2, []);
    world.send(2, name(2, 1, 60_000));
    world.expect(2, ["DISCONNECT 0x97", "closed"]);
    world.cut(1);
    world.join(2, Version::V5);
    world.send(2, name(2, 1, 60_000));
    world.expect(2, []);
}

#[test]
fn mqtt_4_8_0_2_identifiers_that_are_never_released_are_limited_where_room_is_short() {
    let total_session_bytes = one_session() + 100;
    let limits = Limits { receive_maximum: 3, total_session_bytes, ..Limits::default() };
    let config = Config { limits, ..Config::default() };
    let send = |world: &mut World, numbers: std::ops::RangeInclusive<u16>| {
        for number in numbers {
            world.send(1, Packet::Publish(publish("t", Q2, number, "x")));
        }
    };

    let mut world = World::new(config.clone());
    world.join(1, Version::V311);
    // Seven identifiers weigh more than the limit.
    send(&mut world, 1..=7);
    let answers: Vec<_> = (1..=7).map(|number| format!("PUBREC #{number}")).collect();
    assert_eq!(world.received(1), answers);
    send(&mut world, 8..=8);
    world.expect(1, ["closed"]);

    // Clients of 5.0 keep to their Receive Maximum, but on each connection anew.
    let mut world = World::new(config);
    for first in [1, 4] {
        world.connect(1, persistent(1, Version::V5));
        send(&mut world, first..=first + 2);
        assert_eq!(world.received(1).len(), 4);
        world.cut(1);
    }
    world.connect(1, persistent(1, Version::V5));
    world.received(1);
    send(&mut world, 7..=8);
    world.expect(1, ["PUBREC #7 0x10", "PUBREC #8 0x97"]);
    // One that is known is answered, and one that is released makes room.
    send(&mut world, 7..=7);
    world.send(1, Packet::PubRel(ack(7)));
    send(&mut world, 8..=8);
    world.expect(1, ["PUBREC #7", "PUBCOMP #7", "PUBREC #8 0x10"]);
}

#[test]
fn retained_messages_are_limited_in_number_and_in_bytes() {
    for config in [with(|it| it.max_retained = 2), with(|it| it.retained_bytes = 1_800)] {
        let mut world = World::new(config);
        world.join(1, Version::V5);
        let retain = |topic: &str, payload: &str| {
            Packet::Publish(Publish { retain: true, ..publish(topic, Q1, 1, payload) })
        };
        for (topic, payload, answer) in [
            ("a", "ten bytes.", "PUBACK #1 0x10"),
            ("b", "ten bytes.", "PUBACK #1 0x10"),
            ("c", "ten bytes.", "PUBACK #1 0x97"),
            ("b", "ten other.", "PUBACK #1 0x10"),
            ("a", "", "PUBACK #1 0x10"),
            ("c", "ten bytes.", "PUBACK #1 0x10"),
        ] {
            world.send(1, retain(topic, payload));
            world.expect(1, [answer]);
        }
        assert_eq!(world.broker.retained(9), ["b", "c"]);
    }
}

#[test]
fn a_topic_of_nothing_but_slashes_is_refused_and_no_harm() {
    let slashes = "/".repeat(65_535);
    let mut world = World::new(Config::default());
    world.join(1, Version::V5);
    world.send(1, subscribe(1, [to(&slashes, Q0), to("#", Q0)]));
    world.expect(1, ["SUBACK #1 0x8F 0x00"]);
    world.send(1, Packet::Publish(publish(&slashes, Q1, 1, "x")));
    world.expect(1, ["PUBACK #1 0x90"]);

    let mut world = World::new(with(|it| it.max_topic_levels = usize::MAX));
    world.join(1, Version::V5);
    world.send(1, subscribe(1, [to(&slashes[..30_000], Q0)]));
    world.send(1, Packet::Publish(publish(&slashes[..30_000], Q1, 1, "x")));
    assert_eq!(world.received(1).len(), 3);
    world.send(1, disconnect(ReasonCode::Success));
    assert_eq!(world.broker.counters().subscriptions, 0);
}

/// 20 retained messages of a megabyte, 200,000 empty user properties in each,
/// took 327 MB under a limit of one.
#[test]
fn properties_count_with_what_they_take_in_memory_wherever_they_wait() {
    let many = || (0..10_000).map(|_| Property::UserProperty("".into(), "".into())).collect();
    let config = with(|it| {
        it.retained_bytes = 120_000;
        it.queue_bytes = 120_000;
    });
    let mut world = World::new(config);
    world.join(1, Version::V5);
    world.connect(2, persistent(2, Version::V5));
    world.received(2);
    world.subscribe(2, "q", Q1);
    world.cut(2);
    for (number, (topic, answer)) in
        [("a", "0x10"), ("b", "0x10"), ("c", "0x97")].iter().enumerate()
    {
        let identifier = 1 + number as u16;
        let message = Publish { properties: many(), ..publish(topic, Q1, identifier, "x") };
        world.send(1, Packet::Publish(Publish { retain: true, ..message.clone() }));
        world.send(1, Packet::Publish(Publish { topic: "q".into(), ..message }));
        let answers = world.received(1);
        assert_eq!(answers[0], format!("PUBACK #{identifier} {answer}"));
    }
    assert_eq!(world.broker.retained(9), ["a", "b"]);
    let usage = world.broker.usage();
    assert!((100_000..120_000).contains(&usage.retained), "{usage:?}");
    assert!(usage.sessions > 100_000, "{usage:?}");
    assert_eq!(world.broker.snapshot()[1].queued, 2);
}

/// A list of Subscription Identifiers is as long as the client likes.
#[test]
fn subscription_identifiers_that_the_broker_adds_count() {
    let mut world = World::new(Config::default());
    world.join(1, Version::V5);
    world.connect(2, persistent(2, Version::V5));
    world.received(2);
    for number in 1..=8 {
        let filter = ["+/+/+", "a/+/+", "+/a/+", "+/+/a", "a/a/+", "a/+/a", "+/a/a", "a/a/a"]
            [usize::from(number) - 1];
        let identifier = Properties::new().with(Property::SubscriptionIdentifier(number.into()));
        world.send(2, subscribe_with(number, [to(filter, Q1)], identifier));
    }
    world.cut(2);
    let before = world.broker.usage().sessions;
    world.send(1, Packet::Publish(publish("a/a/a", Q1, 1, "x")));
    let taken = world.broker.usage().sessions - before;
    assert!(taken > 8 * size_of::<Property>(), "{taken}");
}

/// A will of one byte kept alive the CONNECT, with a password of any length.
#[test]
fn a_will_counts_and_what_is_kept_of_a_session_goes_with_it() {
    let mut world = World::new(Config::default());
    let will = Will {
        topic: "t".into(),
        payload: vec![b'x'; 10_000].into(),
        properties: (0..1_000).map(|_| Property::UserProperty("".into(), "".into())).collect(),
        ..Will::default()
    };
    world.connect(1, Connect { will: Some(will), ..plain(1, Version::V5) });
    let usage = world.broker.usage().sessions - one_session();
    assert!((15_000..17_000).contains(&usage), "{usage}");
    world.send(1, disconnect(ReasonCode::Success));
    assert_eq!(world.broker.usage(), Usage::default());
}

/// One client after the other reads the start of what is retained.
#[test]
fn retained_messages_that_a_client_does_not_read_are_sent_no_further() {
    let mut world = World::new(Config::default());
    world.join(9, Version::V5);
    for number in 0..100 {
        world.send(9, retained(&format!("{number}"), &"x".repeat(100_000)));
    }
    world.join(1, Version::V5);
    world.send_and_block(1, subscribe(1, [to("#", Q0)]));
    let usage = world.broker.usage();
    assert!(usage.connections < 400_000, "{usage:?}");
    world.block(1, false);
    let received = world.packets(1);
    assert_eq!(received.len(), 1 + 100);
}

/// Bytes of each connection that do not count.
const FREE: usize = 16 << 10;
