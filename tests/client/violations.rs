use fourstep::client::{ClosedReason, Config, Event, Status};
use fourstep::codec::{
    Auth, Connect, Disconnect, Packet, Property, Publish, QoS, ReasonCode, Subscribe, Unsubscribe,
    Version,
};
use fourstep::session::Violation;

use crate::rig::*;

#[test]
fn what_only_a_client_may_send_ends_the_connection() {
    for version in BOTH {
        let packets = [
            Packet::Connect(Box::new(Connect {
                version,
                client_identifier: "server".into(),
                ..Connect::default()
            })),
            Packet::Subscribe(Subscribe {
                packet_identifier: identifier(1),
                subscriptions: subscriptions(&[("a", QoS::AtMostOnce)]),
                properties: none(),
            }),
            Packet::Unsubscribe(Unsubscribe {
                packet_identifier: identifier(1),
                filters: vec!["a".into()],
                properties: none(),
            }),
            Packet::PingReq,
        ];
        for packet in packets {
            let name = packet.packet_type().name();
            check_unexpected(Rig::connected(config(version), none()), packet, None, name);
        }
    }
    let goodbye = Packet::Disconnect(Disconnect::default());
    check_unexpected(Rig::connected(config(V4), none()), goodbye, None, "DISCONNECT");
}

#[test]
fn mqtt_3_2_0_1_nothing_comes_before_connack() {
    for version in BOTH {
        let publish = Packet::Publish(message("a", QoS::AtMostOnce));
        for packet in
            [publish, Packet::PubAck(ack(1)), Packet::PingResp, suback(1, &[ReasonCode::Success])]
        {
            let name = packet.packet_type().name();
            check_unexpected(connecting(version), packet, Some("MQTT-3.2.0-1"), name);
        }
    }
}

#[test]
fn mqtt_3_14_0_1_no_disconnect_comes_before_connack() {
    let mut rig = connecting(V5);
    rig.receive(Packet::Disconnect(Disconnect::default()));
    assert_eq!(rig.closed().statement(), Some("MQTT-3.14.0-1"));
    assert_eq!(rig.packets(), []);
}

#[test]
fn mqtt_3_2_0_2_a_second_connack_ends_the_connection() {
    for (version, statement) in [(V4, None), (V5, Some("MQTT-3.2.0-2"))] {
        for second in [
            connack(false, ReasonCode::Success, none()),
            connack(true, ReasonCode::Success, none()),
            connack(false, ReasonCode::NotAuthorized, none()),
        ] {
            let mut rig = Rig::connected(config(version), none());
            rig.receive(second.clone());
            let words = rig.closed().to_string();
            assert!(words.starts_with("A second CONNACK came."), "{words}");
            let rig = Rig::connected(config(version), none());
            check_unexpected(rig, second, statement, "CONNACK");
        }
    }
}

#[test]
fn mqtt_5_0_3_14_2_1_the_servers_disconnect_may_not_ask_for_the_will() {
    for reason in [ReasonCode::Success, ReasonCode::SessionTakenOver, ReasonCode::ServerMoved] {
        let mut rig = Rig::connected(config(V5), none());
        rig.receive(Packet::Disconnect(Disconnect { reason, properties: none() }));
        assert!(matches!(rig.closed(), ClosedReason::ByServer(_)), "{reason}");
    }
    let reason = ReasonCode::DisconnectWithWillMessage;
    let mut rig = Rig::connected(reconnecting(V5), none());
    rig.receive(Packet::Disconnect(Disconnect { reason, properties: none() }));
    let reason = rig.closed();
    assert!(matches!(reason, ClosedReason::Unexpected { .. }), "{reason:?}");
    assert_eq!(reason.statement(), Some("MQTT-3.14.2-1"));
    assert_eq!(rig.packets(), [], "the server no longer reads");
}

#[test]
fn mqtt_5_0_3_14_2_2_the_servers_disconnect_has_no_session_expiry_interval() {
    for seconds in [0, 10] {
        let properties = properties(&[Property::SessionExpiryInterval(seconds)]);
        let mut rig = Rig::connected(config(V5), none());
        let reason = ReasonCode::ServerShuttingDown;
        rig.receive(Packet::Disconnect(Disconnect { reason, properties }));
        let reason = rig.closed();
        assert!(matches!(reason, ClosedReason::Unexpected { .. }), "{reason:?}");
        assert_eq!(reason.statement(), Some("MQTT-3.14.2-2"));
        assert_eq!(rig.packets(), []);
    }
}

#[test]
fn mqtt_5_0_3_1_2_24_a_packet_above_our_own_limit_breaks_a_rule_in_5_0_alone() {
    for version in BOTH {
        let config = Config { maximum_packet_size: 100, ..config(version) };
        let mut rig = Rig::connected(config, none());
        rig.receive(Packet::Publish(Publish {
            payload: vec![0; 100].into(),
            ..message("a", QoS::AtMostOnce)
        }));
        let reason = rig.closed();
        assert_eq!(reason, ClosedReason::PacketTooLarge { maximum: 100, version, is_kept: false });
        let words = reason.to_string();
        assert!(words.contains("100 bytes") && !words.contains("forbids"), "{words}");
        match version {
            Version::V311 => {
                assert_eq!((reason.statement(), rig.packets()), (None, vec![]));
            }
            Version::V5 => {
                assert_eq!(reason.statement(), Some("MQTT-3.1.2-24"));
                let reason = ReasonCode::PacketTooLarge;
                let goodbye = Disconnect { reason, properties: none() };
                assert_eq!(rig.packets(), [Packet::Disconnect(goodbye)]);
            }
        }
    }
}

#[test]
fn a_message_above_our_limit_that_the_session_keeps_is_not_asked_for_again_and_again() {
    for version in BOTH {
        let large = |qos: QoS| {
            let packet_identifier = qos.is_acknowledged().then(|| identifier(1));
            let payload = vec![0; 100].into();
            Packet::Publish(Publish { payload, packet_identifier, ..message("a", qos) })
        };
        let clean =
            Config { clean_start: true, session_expiry_interval: 0, ..reconnecting(version) };
        let cases = [
            (reconnecting(version), QoS::AtLeastOnce, true),
            (reconnecting(version), QoS::ExactlyOnce, true),
            (reconnecting(version), QoS::AtMostOnce, false),
            (clean, QoS::AtLeastOnce, false),
        ];
        for (config, qos, is_kept) in cases {
            let config = Config { maximum_packet_size: 100, ..config };
            let mut rig = Rig::connected(config, none());
            rig.receive(large(qos));
            let reason = rig.closed();
            let expected = ClosedReason::PacketTooLarge { maximum: 100, version, is_kept };
            assert_eq!(reason, expected, "{qos:?}");
            assert_eq!(reason.to_string().contains("No further attempt"), is_kept);
            let comes_back = matches!(rig.client.status(), Status::WaitingToReconnect { .. });
            assert_eq!(comes_back, !is_kept, "{version}, {qos:?}");
        }
    }
}

#[test]
fn mqtt_3_3_4_9_more_than_our_receive_maximum_ends_the_connection_with_0x93() {
    let mut config = config(V5);
    config.limits.receive_maximum = 2;
    let mut rig = Rig::connected(config, none());
    for value in 1..=3 {
        rig.receive(Packet::Publish(Publish {
            packet_identifier: Some(identifier(value)),
            ..message("a", QoS::ExactlyOnce)
        }));
    }
    let reason = rig.closed();
    assert_eq!(reason, ClosedReason::Violation(Violation::ReceiveMaximumExceeded));
    assert_eq!(reason.statement(), Some("MQTT-3.3.4-9"));
    let expected = Disconnect { reason: ReasonCode::ReceiveMaximumExceeded, properties: none() };
    assert_eq!(rig.packets().last(), Some(&Packet::Disconnect(expected)));
}

#[test]
fn an_answer_that_fits_no_step_of_its_flow_is_told_and_the_connection_stays() {
    for version in BOTH {
        let cases = [
            (QoS::AtLeastOnce, Packet::PubRec(ack(1))),
            (QoS::AtLeastOnce, Packet::PubComp(ack(1))),
            (QoS::ExactlyOnce, Packet::PubAck(ack(1))),
        ];
        for (qos, answer) in cases {
            let mut rig = Rig::connected(config(version), none());
            rig.publish(message("a", qos));
            rig.receive(answer);
            let events = rig.events();
            assert!(matches!(events[0], Event::WrongAnswer(_)), "{events:?}");
            assert_eq!(rig.client.status(), Status::Connected);
        }
    }
}

#[test]
fn mqtt_4_13_1_1_malformed_bytes_end_the_connection_and_5_0_says_why() {
    for (bytes, reason) in [
        // PUBLISH with QoS 3.
        (&[0x36, 5, 0, 1, b'a', 0, 1][..], ReasonCode::MalformedPacket),
        // A remaining length of five bytes.
        (&[0x30, 0xFF, 0xFF, 0xFF, 0xFF, 1][..], ReasonCode::MalformedPacket),
        // PUBACK for identifier zero.
        (&[0x40, 2, 0, 0][..], ReasonCode::ProtocolError),
    ] {
        for version in BOTH {
            let mut rig = Rig::connected(config(version), none());
            rig.receive_bytes(bytes);
            let closed = rig.closed();
            assert!(matches!(closed, ClosedReason::Malformed(_)), "{bytes:02x?}: {closed:?}");
            assert_eq!(rig.closes, 1);
            let goodbye = Packet::Disconnect(Disconnect { reason, properties: none() });
            match version {
                Version::V311 => assert_eq!(rig.packets(), []),
                Version::V5 => assert_eq!(rig.packets(), [goodbye]),
            }
        }
    }
}

#[test]
fn mqtt_3_14_2_1_a_reason_that_only_servers_may_give_becomes_a_protocol_error() {
    let mut rig = Rig::connected(config(V5), none());
    // CONNECT with protocol name "MQTX": a server would answer 0x84.
    rig.receive_bytes(b"\x10\x0D\x00\x04MQTX\x05\x02\x00\x00\x00\x00\x00");
    assert!(matches!(rig.closed(), ClosedReason::Malformed(_)));
    let goodbye = Disconnect { reason: ReasonCode::ProtocolError, properties: none() };
    assert_eq!(rig.packets(), [Packet::Disconnect(goodbye)]);
}

#[test]
fn mqtt_3_1_2_29_declined_problem_information_ends_the_connection() {
    let decline = properties(&[Property::RequestProblemInformation(false)]);
    let explained = |property| {
        let mut answer = ack(1);
        answer.properties.push(property);
        Packet::PubAck(answer)
    };
    for property in
        [Property::ReasonString("x".into()), Property::UserProperty("k".into(), "v".into())]
    {
        let config_declining = Config { properties: decline.clone(), ..config(V5) };
        let rig = Rig::connected(config_declining, none());
        check_unexpected(rig, explained(property.clone()), Some("MQTT-3.1.2-29"), "PUBACK");
        let mut rig = Rig::connected(config(V5), none());
        rig.receive(explained(property));
        assert_eq!(rig.client.status(), Status::Connected);
    }
}

#[test]
fn what_comes_after_a_fault_is_not_looked_at() {
    let mut rig = Rig::connected(config(V5), none());
    let mut bytes = vec![0xC0, 0];
    let publish = Packet::Publish(message("a", QoS::AtMostOnce));
    fourstep::codec::encode(V5, &publish, &mut bytes).expect("right");
    rig.receive_bytes(&bytes);
    rig.receive_bytes(&bytes);
    assert_eq!(rig.events().len(), 1);
    assert_eq!(rig.closes, 1);
}

#[test]
fn bytes_without_a_connection_are_ignored() {
    let mut rig = Rig::new(config(V5));
    rig.receive_bytes(&[0xFF; 100]);
    rig.client.connect(rig.now).expect("right");
    rig.receive_bytes(&[0xFF; 100]);
    assert_eq!((rig.events(), rig.client.status()), (vec![], Status::Opening));
}

#[test]
fn an_auth_in_3_1_1_is_malformed() {
    let mut rig = Rig::connected(config(V4), none());
    let auth = Packet::Auth(Auth {
        reason: ReasonCode::ContinueAuthentication,
        properties: properties(&[Property::AuthenticationMethod("x".into())]),
    });
    let mut bytes = Vec::new();
    fourstep::codec::encode(V5, &auth, &mut bytes).expect("right");
    rig.receive_bytes(&bytes);
    assert!(matches!(rig.closed(), ClosedReason::Malformed(_)));
}

/// The packet is unexpected; a 5.0 server is told that it is a protocol error.
fn check_unexpected(mut rig: Rig, packet: Packet, statement: Option<&str>, name: &str) {
    rig.receive(packet);
    let reason = rig.closed();
    assert!(matches!(reason, ClosedReason::Unexpected { .. }), "{name}: {reason:?}");
    assert_eq!(reason.statement(), statement, "{name}");
    assert_eq!(rig.closes, 1, "{name}");
    let goodbye =
        Packet::Disconnect(Disconnect { reason: ReasonCode::ProtocolError, properties: none() });
    match rig.version {
        Version::V311 => assert_eq!(rig.packets(), [], "{name}"),
        Version::V5 => assert_eq!(rig.packets(), [goodbye], "{name}"),
    }
}

fn connecting(version: Version) -> Rig {
    let mut rig = Rig::new(config(version));
    rig.client.connect(rig.now).expect("right");
    rig.open();
    rig.packets();
    rig
}
