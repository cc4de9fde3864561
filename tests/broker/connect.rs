//! CONNECT, CONNACK, and everything that turns a client away.

use fourstep::broker::{Access, Config, Event, Limits};
use fourstep::codec::{
    Connect, Disconnect, Packet, PacketType, Properties, Property, QoS, ReasonCode, Version, Will,
};

use crate::harness::*;

#[test]
fn mqtt_3_1_0_1_the_first_packet_must_be_connect() {
    for packet in [
        Packet::PingReq,
        message("t", "x"),
        subscribe(1, [to("t", Q0)]),
        disconnect(ReasonCode::Success),
    ] {
        for version in VERSIONS {
            let mut world = World::new(Config::default());
            world.open(1, version);
            world.send(1, packet.clone());
            world.expect(1, ["closed"]);
        }
    }
}

#[test]
fn mqtt_3_1_0_2_a_second_connect_ends_the_connection() {
    for (version, expect) in
        [(Version::V311, vec!["closed"]), (Version::V5, vec!["DISCONNECT 0x82", "closed"])]
    {
        let mut world = World::new(Config::default());
        world.join(1, version);
        world.send(1, Packet::Connect(Box::new(plain(1, version))));
        assert_eq!(world.received(1), expect);
    }
}

#[test]
fn mqtt_5_and_3_1_1_3_1_2_2_an_unknown_version_is_told_so_in_the_form_of_3_1_1() {
    for level in [0, 3, 6, 0x84, 255] {
        let mut world = World::new(Config::default());
        world.open(1, Version::V311);
        world.send_bytes(1, &[0x10, 12, 0, 4, b'M', b'Q', b'T', b'T', level, 2, 0, 0, 0, 0]);
        let received = world.received(1);
        assert_eq!(received, ["CONNACK 0x84", "closed"], "{level}");
    }
}

#[test]
fn mqtt_3_1_2_1_another_protocol_is_closed_without_an_answer() {
    for bytes in [
        &b"GET / HTTP/1.1\r\n\r\n"[..],
        &[0x10, 12, 0, 4, b'm', b'q', b't', b't', 4, 2, 0, 0, 0, 0],
        &[0x10, 4, 0, 4, b'M', b'Q'],
    ] {
        let mut world = World::new(Config::default());
        world.open(1, Version::V5);
        world.send_bytes(1, bytes);
        world.expect(1, ["closed"]);
    }
}

#[test]
fn mqtt_3_1_4_1_a_malformed_connect_is_refused_in_5_0_and_closed_in_3_1_1() {
    let check = |level, flags, what| {
        let expect = if level == 5 { vec!["CONNACK 0x81", "closed"] } else { vec!["closed"] };
        let mut world = World::new(Config::default());
        world.open(1, Version::from_level(level).expect("it is one"));
        let head = [0, 4, b'M', b'Q', b'T', b'T', level, flags, 0, 0];
        let rest: &[u8] = if level == 5 { &[0, 0, 0] } else { &[0, 0] };
        let mut bytes = vec![0x10, (head.len() + rest.len()) as u8];
        bytes.extend(head);
        bytes.extend(rest);
        world.send_bytes(1, &bytes);
        assert_eq!(world.received(1), expect, "{level}, {what}");
    };
    for level in [4, 5] {
        check(level, 0b0000_0011, "the reserved flag is set");
        check(level, 0b1000_0010, "the user name is missing");
        check(level, 0b0000_1010, "there is no will for the Will QoS");
    }
}

#[test]
fn mqtt_3_1_3_8_a_3_1_1_client_without_identifier_needs_a_clean_session() {
    let mut world = World::new(Config::default());
    world.open(1, Version::V311);
    world.send_bytes(1, &[0x10, 12, 0, 4, b'M', b'Q', b'T', b'T', 4, 0, 0, 0, 0, 0]);
    world.expect(1, ["CONNACK 0x85", "closed"]);
}

#[test]
fn mqtt_3_1_3_6_a_client_without_identifier_is_assigned_one_that_nobody_has() {
    let mut world = World::new(Config::default());
    for (peer, version) in [(1, Version::V5), (2, Version::V5), (3, Version::V311)] {
        world.connect(peer, Connect { client_identifier: "".into(), ..plain(peer, version) });
        let connack = world.received(peer).remove(0);
        let is_told = connack.contains("AssignedClientIdentifier");
        assert_eq!(is_told, version == Version::V5, "{connack}");
    }
    let names: Vec<_> =
        world.broker.snapshot().iter().map(|it| it.client_identifier.to_string()).collect();
    assert!(names.iter().all(|name| name.starts_with("auto-") && name.len() == 21), "{names:?}");
    assert!(names.is_sorted() && names.windows(2).all(|pair| pair[0] != pair[1]), "{names:?}");
}

/// Who knows one identifier, or when it was assigned, knows no other: they
/// depend on what the driver drew.
#[test]
fn an_assigned_identifier_cannot_be_guessed_and_is_the_same_for_the_same_seed() {
    let assigned = |identifier_seed| {
        let mut world = World::new(Config { identifier_seed, ..Config::default() });
        for peer in 1..=3 {
            let nameless = Connect { client_identifier: "".into(), ..plain(peer, Version::V5) };
            world.connect(peer, nameless);
        }
        let sessions = world.broker.snapshot();
        sessions.into_iter().map(|it| it.client_identifier).collect::<Vec<_>>()
    };
    assert_eq!(assigned(7), assigned(7));
    let all: Vec<_> = [0, 1, 7, 1 << 64].into_iter().flat_map(assigned).collect();
    let distinct: std::collections::BTreeSet<_> = all.iter().collect();
    assert_eq!(distinct.len(), 12, "{all:?}");
    // Those of one seed do not look alike either.
    assert!(all.windows(2).all(|pair| pair[0][5..13] != pair[1][5..13]), "{all:?}");
}

/// A client without an identifier would leave a session behind each time.
#[test]
fn the_session_of_a_client_without_an_identifier_ends_after_an_hour() {
    for (asked, granted) in [(u32::MAX, Some(3_600)), (3_601, Some(3_600)), (60, None)] {
        let mut world = World::new(Config::default());
        let properties = Properties::new().with(Property::SessionExpiryInterval(asked));
        let nameless =
            Connect { client_identifier: "".into(), properties, ..plain(1, Version::V5) };
        world.connect(1, nameless);
        let packets = world.packets(1);
        let Packet::ConnAck(connack) = &packets[0] else { panic!("{packets:?}") };
        assert_eq!(connack.properties.session_expiry_interval(), granted);
        // Nor does DISCONNECT get more.
        let properties = Properties::new().with(Property::SessionExpiryInterval(u32::MAX));
        let reason = ReasonCode::Success;
        world.send(1, Packet::Disconnect(Disconnect { reason, properties }));
        world.wait(3_599);
        assert_eq!(world.broker.snapshot().len(), 1);
        world.wait(2);
        assert_eq!(world.broker.snapshot().len(), 0);
    }
}

/// [MQTT-3.2.2-21] of 5.0: the client uses what it is told. It is told where
/// it asks for more than the most, or for none.
#[test]
fn mqtt_5_3_2_2_3_14_server_keep_alive_is_the_most_and_leaves_less_alone() {
    let limits = Limits { server_keep_alive: Some(20), ..Limits::default() };
    let config = Config { limits, ..Config::default() };
    for (asked, told, lasts) in [
        (0, Some(20), 30),
        (21, Some(20), 30),
        (20, None, 30),
        (10, None, 15),
        (u16::MAX, Some(20), 30),
    ] {
        let mut world = World::new(config.clone());
        world.connect(1, Connect { keep_alive: asked, ..plain(1, Version::V5) });
        let packets = world.packets(1);
        let Packet::ConnAck(connack) = &packets[0] else { panic!("{packets:?}") };
        assert_eq!(connack.properties.server_keep_alive(), told, "{asked}");
        world.wait(lasts - 1);
        world.expect(1, []);
        world.wait(2);
        world.expect(1, ["DISCONNECT 0x8D", "closed"]);
    }
}

/// A bare CONNACK has five bytes, and a bare DISCONNECT three.
#[test]
fn mqtt_5_3_1_2_24_what_a_client_does_not_take_ends_with_a_word_that_it_takes() {
    let connect = |size| {
        let properties = Properties::new().with(Property::MaximumPacketSize(size));
        Connect { client_identifier: "".into(), properties, ..plain(1, Version::V5) }
    };
    // CONNACK has to name the identifier.
    for (size, answer) in [(20, vec!["CONNACK 0x95", "closed"]), (4, vec!["closed"])] {
        let mut world = World::new(Config::default());
        world.connect(1, connect(size));
        assert_eq!(world.received(1), answer);
        assert_eq!(world.broker.snapshot().len(), 0, "there is no session");
        assert!(world.events.iter().all(|it| !matches!(it, Event::Connected { .. })));
    }
    let mut world = World::new(Config::default());
    world.connect(1, Connect { client_identifier: "client-1".into(), ..connect(40) });
    world.received(1);
    let filters: [_; 50] = std::array::from_fn(|number| to(&number.to_string(), Q0));
    world.send(1, subscribe(1, filters));
    world.expect(1, ["DISCONNECT 0x95", "closed"]);
}

#[test]
fn connack_announces_what_differs_from_the_default_in_5_0() {
    let limits = Limits {
        receive_maximum: 7,
        topic_alias_maximum: 3,
        maximum_packet_size: Some(1_000),
        maximum_qos: QoS::AtLeastOnce,
        retain_available: false,
        server_keep_alive: Some(30),
        ..Limits::default()
    };
    let mut world = World::new(Config { limits, ..Config::default() });
    world.connect(1, plain(1, Version::V5));
    world.expect(
        1,
        ["CONNACK 0x00 ReceiveMaximum(7) MaximumQoS(1) RetainAvailable(false) \
          MaximumPacketSize(1000) TopicAliasMaximum(3) ServerKeepAlive(30)"],
    );
    world.connect(2, plain(2, Version::V311));
    world.expect(2, ["CONNACK 0x00"]);
}

#[test]
fn a_will_that_the_server_does_not_support_refuses_the_client() {
    let limits = |change: fn(&mut Limits)| {
        let mut limits = Limits::default();
        change(&mut limits);
        limits
    };
    let cases = [
        ("MQTT-3.2.2-12", limits(|it| it.maximum_qos = QoS::AtLeastOnce), "0x9B"),
        ("MQTT-3.2.2-13", limits(|it| it.retain_available = false), "0x9A"),
        ("levels", limits(|it| it.max_topic_levels = 2), "0x90"),
        ("bytes", limits(|it| it.total_session_bytes = 4), "0x97"),
    ];
    for (name, limits, reason) in cases {
        let mut world = World::new(Config { limits, ..Config::default() });
        let (qos, retain) = (QoS::ExactlyOnce, true);
        let will = Will { topic: "a/b/c".into(), qos, retain, ..Will::default() };
        world.connect(1, Connect { will: Some(will.clone()), ..plain(1, Version::V5) });
        assert_eq!(world.received(1), [&format!("CONNACK {reason}"), "closed"], "{name}");
        world.connect(1, Connect { will: Some(will), ..plain(1, Version::V311) });
        let received = world.received(1);
        assert!(["CONNACK 0x87", "CONNACK 0x88"].contains(&&*received[0]), "{name} {received:?}");
    }
}

#[test]
fn user_name_and_password_decide_who_may_connect() {
    let users = vec![("anna".into(), "secret".into()), ("bert".into(), "".into())];
    for (allow_anonymous, user, password, v5, v311) in [
        (true, None, None, "0x00", "0x00"),
        (false, None, None, "0x87", "0x87"),
        (false, Some("anna"), Some("secret"), "0x00", "0x00"),
        (false, Some("anna"), Some("secre"), "0x86", "0x86"),
        (false, Some("anna"), Some("secret!"), "0x86", "0x86"),
        (false, Some("anna"), None, "0x86", "0x86"),
        (true, Some("anna"), Some("wrong"), "0x86", "0x86"),
        (true, Some("carl"), Some("secret"), "0x86", "0x86"),
        (false, Some("bert"), None, "0x00", "0x00"),
    ] {
        for (version, expect) in [(Version::V5, v5), (Version::V311, v311)] {
            let access = Access { allow_anonymous, users: users.clone(), ..Access::default() };
            let mut world = World::new(Config { access, ..Config::default() });
            let connect = Connect {
                user_name: user.map(Into::into),
                password: password.map(|it| it.as_bytes().to_vec().into()),
                ..plain(1, version)
            };
            world.connect(1, connect);
            let connack = world.received(1).remove(0);
            let expect = format!("CONNACK {expect}");
            assert!(connack.starts_with(&expect), "{user:?} {password:?}: {connack}");
        }
    }
}

#[test]
fn limits_on_connecting_are_told_with_their_reason() {
    let mut world = World::new(Config {
        limits: Limits { max_sessions: 1, client_identifier_length: 30, ..Limits::default() },
        access: Access { allow_zero_length_client_identifier: false, ..Access::default() },
        ..Config::default()
    });
    world.join(1, Version::V5);
    for (connect, v5, v311) in [
        (plain(2, Version::V5), "0x97", "0x88"),
        (Connect { client_identifier: "".into(), ..plain(3, Version::V5) }, "0x85", "0x85"),
        (
            Connect { client_identifier: "x".repeat(31).into(), ..plain(4, Version::V5) },
            "0x85",
            "0x85",
        ),
    ] {
        for (version, reason) in [(Version::V5, v5), (Version::V311, v311)] {
            world.connect(2, Connect { version, ..connect.clone() });
            assert_eq!(world.received(2), [&format!("CONNACK {reason}"), "closed"]);
        }
    }
    // The client that has the one session may come again.
    world.join(1, Version::V5);
}

#[test]
fn connections_beyond_the_limit_are_told_and_a_flood_of_them_is_closed_at_once() {
    let limits = Limits { max_connections: 2, ..Limits::default() };
    let mut world = World::new(Config { limits, ..Config::default() });
    world.join(1, Version::V5);
    world.join(2, Version::V5);
    world.connect(3, plain(3, Version::V5));
    world.expect(3, ["CONNACK 0x89", "closed"]);
    world.connect(3, plain(3, Version::V311));
    world.expect(3, ["CONNACK 0x88", "closed"]);
    for peer in 100..200 {
        world.open(peer, Version::V5);
    }
    world.expect(100, []);
    world.expect(199, ["closed"]);
    // Silent ones go away by themselves.
    world.wait(11);
    world.expect(100, ["closed"]);
    world.cut(2);
    world.join(3, Version::V5);
}

#[test]
fn who_does_not_connect_in_time_is_closed() {
    for bytes in [&[][..], &[0x10], &[0x10, 12, 0, 4]] {
        let mut world = World::new(Config::default());
        world.open(1, Version::V5);
        world.wait(9);
        world.send_bytes(1, bytes);
        world.expect(1, []);
        world.wait(1);
        world.expect(1, ["closed"]);
    }
}

#[test]
fn mqtt_3_1_2_22_silence_for_one_and_a_half_times_the_keep_alive_ends_the_connection() {
    for (version, goodbye) in
        [(Version::V311, vec!["closed"]), (Version::V5, vec!["DISCONNECT 0x8D", "closed"])]
    {
        let mut world = World::new(Config::default());
        world.connect(1, Connect { keep_alive: 10, ..plain(1, version) });
        world.received(1);
        world.wait(14);
        world.send(1, Packet::PingReq);
        world.expect(1, ["PINGRESP"]);
        world.wait(14);
        // Half a packet is not a packet.
        world.send_bytes(1, &[0xC0]);
        world.expect(1, []);
        world.wait(1);
        assert_eq!(world.received(1), goodbye);
    }
}

#[test]
fn a_keep_alive_of_zero_waits_for_ever_and_the_server_may_overrule_it_in_5_0() {
    for (version, server_keep_alive, closed) in [
        (Version::V5, None, false),
        (Version::V311, None, false),
        (Version::V5, Some(20), true),
        (Version::V311, Some(20), false),
    ] {
        let limits = Limits { server_keep_alive, ..Limits::default() };
        let mut world = World::new(Config { limits, ..Config::default() });
        world.join(1, version);
        world.wait(29);
        world.expect(1, []);
        world.wait(1_000_000);
        assert_eq!(!world.received(1).is_empty(), closed, "{version} {server_keep_alive:?}");
    }
}

#[test]
fn mqtt_4_13_1_1_packets_that_only_a_server_sends_are_a_protocol_error() {
    for (first, rest) in [(0xD0, vec![0]), (0x90, vec![3, 0, 1, 0]), (0xB0, vec![2, 0, 1])] {
        let mut world = World::new(Config::default());
        world.join(1, Version::V311);
        world.send_bytes(1, &[&[first][..], &rest].concat());
        world.expect(1, ["closed"]);
    }
    let mut world = World::new(Config::default());
    world.join(1, Version::V5);
    world.send(1, Packet::PingResp);
    world.expect(1, ["DISCONNECT 0x82", "closed"]);
}

#[test]
fn a_reason_in_words_names_the_rule_and_the_statement() {
    let mut world = World::new(Config::default());
    world.join(1, Version::V5);
    // A PUBLISH with both QoS bits.
    world.send_bytes(1, &[0x36, 3, 0, 1, b't']);
    let packets = world.packets(1);
    let Packet::Disconnect(disconnect) = &packets[0] else { panic!("{packets:?}") };
    assert_eq!(disconnect.reason, ReasonCode::MalformedPacket);
    let reason = disconnect.properties.reason_string().expect("there is one");
    assert!(reason.contains("[MQTT-3.3.1-4]"), "{reason}");
    let Some(Event::Disconnected { why, client_identifier, .. }) = world.events.last() else {
        panic!("{:?}", world.events)
    };
    assert_eq!((&**why, &**client_identifier), (&*reason, "client-1"));
}

#[test]
fn shutting_down_says_goodbye_to_every_client() {
    let mut world = World::new(Config::default());
    world.join(1, Version::V5);
    world.join(2, Version::V311);
    world.open(3, Version::V5);
    world.broker.shut_down(world.now);
    world.drain();
    world.expect(1, ["DISCONNECT 0x8B", "closed"]);
    world.expect(2, ["closed"]);
    world.expect(3, ["closed"]);
}

#[test]
fn bytes_of_unknown_and_closed_connections_change_nothing() {
    let mut world = World::new(Config::default());
    world.join(1, Version::V311);
    let connect = Packet::Connect(Box::new(plain(1, Version::V311)));
    world.send(1, connect);
    world.expect(1, ["closed"]);
    world.send(1, Packet::PingReq);
    world.cut(1);
    world.send(1, Packet::PingReq);
    world.expect(1, ["closed"]);
    assert_eq!(world.broker.counters().clients_connected, 0);
}

#[test]
fn a_client_that_takes_no_connack_is_closed() {
    let mut world = World::new(Config::default());
    let properties = Properties::new().with(Property::MaximumPacketSize(4));
    world.connect(1, Connect { properties, ..plain(1, Version::V5) });
    world.expect(1, ["closed"]);
    assert!(world.broker.snapshot().is_empty());
}

#[test]
fn the_largest_packet_bounds_connect_as_well() {
    let limits = Limits { maximum_packet_size: Some(200), ..Limits::default() };
    for version in VERSIONS {
        for (length, expect) in [(100, "CONNACK 0x00"), (200, "closed")] {
            let mut world = World::new(Config { limits: limits.clone(), ..Config::default() });
            let client_identifier = "x".repeat(length).into();
            world.connect(1, Connect { client_identifier, ..plain(1, version) });
            let received = world.received(1);
            assert!(received[0].starts_with(expect), "{version}, {length}: {received:?}");
        }
    }
}

#[test]
fn mqtt_5_0_3_1_2_24_a_connect_that_cannot_be_decoded_gets_no_longer_an_answer_than_it_accepts() {
    let maximum = |bytes: u32| [&[0x27][..], &bytes.to_be_bytes()].concat();
    let reserved_flag = |properties: &[u8]| {
        let head = [0, 4, b'M', b'Q', b'T', b'T', 5, 3, 0, 0];
        let tail = [0, 1, b'x'];
        [&head[..], &[properties.len() as u8], properties, &tail].concat()
    };
    let truncated = |properties: &[u8]| {
        let head = [0, 4, b'M', b'Q', b'T', b'T', 5, 2, 0, 0];
        [&head[..], &[properties.len() as u8], properties, &[0, 9]].concat()
    };
    let unknown_first = [&[0x00, 1][..], &maximum(20)].concat();
    let unknown_last = [&maximum(20)[..], &[0x00, 1]].concat();
    let twice = [maximum(20), maximum(1_000)].concat();
    let cases = [
        (reserved_flag(&maximum(20)), 20),
        (reserved_flag(&maximum(5)), 5),
        (truncated(&maximum(20)), 20),
        // What it accepts is known, and comes before the fault.
        (truncated(&unknown_last), 20),
        (truncated(&twice), 20),
        // It cannot be known what it accepts.
        (truncated(&unknown_first), 5),
        (truncated(&maximum(0)), 5),
    ];
    for (body, limit) in cases {
        let mut world = World::new(Config::default());
        world.open(1, Version::V5);
        world.send_bytes(1, &[&[0x10, body.len() as u8][..], &body].concat());
        let [Packet::ConnAck(connack)] = &world.packets(1)[..] else { panic!("no answer") };
        assert!(connack.reason.is_error());
        let mut bytes = Vec::new();
        let answer = Packet::ConnAck(connack.clone());
        fourstep::codec::encode(Version::V5, &answer, &mut bytes).expect("it was sent");
        assert!(bytes.len() <= limit, "{} bytes of {limit}: {body:02x?}", bytes.len());
    }
    // One that names no limit is told why.
    let body = reserved_flag(&[]);
    let mut world = World::new(Config::default());
    world.open(1, Version::V5);
    world.send_bytes(1, &[&[0x10, body.len() as u8][..], &body].concat());
    let [Packet::ConnAck(connack)] = &world.packets(1)[..] else { panic!("no answer") };
    assert!(connack.properties.reason_string().is_some());
}

#[test]
fn mqtt_5_0_3_14_2_1_a_client_may_not_disconnect_with_a_servers_reason() {
    for code in 0..=u8::MAX {
        let Some(reason) = ReasonCode::from_code(code) else { continue };
        if !reason.is_allowed_in(PacketType::Disconnect) {
            continue;
        }
        // The rows of the table that name the client.
        let is_clients = matches!(code, 0 | 4 | 0x80..=0x83 | 0x90 | 0x93..=0x99);
        assert_eq!(reason.is_disconnect_of_client(), is_clients, "{reason}");
        assert_eq!(reason.is_disconnect_of_server(), code != 4, "{reason}");
        let mut world = World::new(Config::default());
        world.join(1, Version::V5);
        world.send(1, disconnect(reason));
        match is_clients {
            true => world.expect(1, ["closed"]),
            false => world.expect(1, ["DISCONNECT 0x82", "closed"]),
        }
    }
}
