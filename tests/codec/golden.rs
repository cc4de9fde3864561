//! One packet of each type and version with its bytes, checked by hand
//! against the specification.

use bytes::Bytes;
use fourstep::codec::{
    Ack, Auth, ConnAck, Connect, Disconnect, Packet, Properties, Property, Publish, QoS,
    ReasonCode, RetainHandling, SubAck, Subscribe, Subscription, Unsubscribe, Version, Will,
    decode,
};

use crate::{V4, V5, bytes, encoded, identifier};

#[test]
fn packets_have_these_bytes() {
    for (version, packet, notation) in table() {
        let bytes = bytes(notation);
        assert_eq!(encoded(version, &packet).map(Bytes::from), Ok(bytes.clone()), "{packet:?}");
        assert_eq!(decode(version, &bytes), Ok(packet), "{notation}");
    }
}

/// Forms that mean the same as a shorter one; the encoder takes the shortest.
#[test]
fn longer_forms_are_understood() {
    let table = [
        (V5, "40 03 0001 00", "40 02 0001"),
        (V5, "40 04 0001 00 00", "40 02 0001"),
        (V5, "62 04 0001 92 00", "62 03 0001 92"),
        (V5, "E0 01 00", "E0 00"),
        (V5, "E0 02 00 00", "E0 00"),
        (V5, "E0 02 81 00", "E0 01 81"),
        (V5, "F0 02 00 00", "F0 00"),
    ];
    for (version, long, short) in table {
        let packet = decode(version, &bytes(long)).expect(long);
        assert_eq!(decode(version, &bytes(short)), Ok(packet.clone()), "{short}");
        assert_eq!(encoded(version, &packet).map(Bytes::from), Ok(bytes(short)), "{short}");
    }
}

fn table() -> Vec<(Version, Packet, &'static str)> {
    [version_311(), version_5()].concat()
}

fn version_311() -> Vec<(Version, Packet, &'static str)> {
    let ack = Ack::success(identifier(0x0102));
    let none = Properties::new;
    vec![
        (
            V4,
            Packet::Connect(Box::new(Connect {
                version: V4,
                clean_start: true,
                keep_alive: 60,
                client_identifier: "id".into(),
                will: Some(Will {
                    topic: "w/t".into(),
                    payload: Bytes::from_static(b"gone"),
                    qos: QoS::AtLeastOnce,
                    retain: true,
                    properties: none(),
                }),
                user_name: Some("user".into()),
                password: Some(Bytes::from_static(b"pass")),
                properties: none(),
            })),
            "10 25 0004 4D515454 04 EE 003C 0002 6964 0003 772F74 0004 676F6E65 0004 75736572 \
             0004 70617373",
        ),
        (
            V4,
            Packet::ConnAck(ConnAck {
                session_present: true,
                reason: ReasonCode::Success,
                properties: none(),
            }),
            "20 02 01 00",
        ),
        (
            V4,
            Packet::ConnAck(ConnAck {
                session_present: false,
                reason: ReasonCode::NotAuthorized,
                properties: none(),
            }),
            "20 02 00 05",
        ),
        (
            V4,
            Packet::Publish(Publish {
                topic: "a/b".into(),
                payload: Bytes::from_static(b"20.0"),
                ..Publish::default()
            }),
            "30 09 0003 612F62 32302E30",
        ),
        (
            V4,
            Packet::Publish(Publish {
                dup: true,
                qos: QoS::ExactlyOnce,
                retain: true,
                topic: "a".into(),
                packet_identifier: Some(identifier(10)),
                ..Publish::default()
            }),
            "3D 05 0001 61 000A",
        ),
        (V4, Packet::PubAck(ack.clone()), "40 02 0102"),
        (V4, Packet::PubRec(ack.clone()), "50 02 0102"),
        (V4, Packet::PubRel(ack.clone()), "62 02 0102"),
        (V4, Packet::PubComp(ack), "70 02 0102"),
        (
            V4,
            Packet::Subscribe(Subscribe {
                packet_identifier: identifier(10),
                subscriptions: vec![
                    Subscription {
                        filter: "a/b".into(),
                        qos: QoS::AtLeastOnce,
                        ..Subscription::default()
                    },
                    Subscription {
                        filter: "#".into(),
                        qos: QoS::ExactlyOnce,
                        ..Subscription::default()
                    },
                ],
                properties: none(),
            }),
            "82 0C 000A 0003 612F62 01 0001 23 02",
        ),
        (
            V4,
            Packet::SubAck(SubAck {
                packet_identifier: identifier(10),
                reasons: vec![
                    ReasonCode::Success,
                    ReasonCode::GrantedQoS2,
                    ReasonCode::UnspecifiedError,
                ],
                properties: none(),
            }),
            "90 05 000A 00 02 80",
        ),
        (
            V4,
            Packet::Unsubscribe(Unsubscribe {
                packet_identifier: identifier(10),
                filters: vec!["a/b".into(), "c/d".into()],
                properties: none(),
            }),
            "A2 0C 000A 0003 612F62 0003 632F64",
        ),
        (
            V4,
            Packet::UnsubAck(SubAck {
                packet_identifier: identifier(10),
                reasons: vec![],
                properties: none(),
            }),
            "B0 02 000A",
        ),
        (V4, Packet::PingReq, "C0 00"),
        (V4, Packet::PingResp, "D0 00"),
        (V4, Packet::Disconnect(Disconnect::default()), "E0 00"),
    ]
}

fn version_5() -> Vec<(Version, Packet, &'static str)> {
    let reason_string = || Properties::new().with(Property::ReasonString("no".into()));
    let refused =
        |reason| Ack { packet_identifier: identifier(1), reason, properties: reason_string() };
    vec![
        (
            V5,
            Packet::Connect(Box::new(Connect {
                version: V5,
                clean_start: false,
                keep_alive: 10,
                client_identifier: "".into(),
                will: Some(Will {
                    topic: "w".into(),
                    payload: Bytes::from_static(b"x"),
                    qos: QoS::ExactlyOnce,
                    retain: false,
                    properties: Properties::new().with(Property::WillDelayInterval(5)),
                }),
                user_name: None,
                password: Some(Bytes::from_static(&[0xFF])),
                properties: Properties::new()
                    .with(Property::SessionExpiryInterval(u32::MAX))
                    .with(Property::ReceiveMaximum(20)),
            })),
            "10 24 0004 4D515454 05 54 000A 08 11 FFFFFFFF 21 0014 0000 05 18 00000005 0001 77 \
             0001 78 0001 FF",
        ),
        (
            V5,
            Packet::ConnAck(ConnAck {
                session_present: false,
                reason: ReasonCode::Success,
                properties: Properties::new()
                    .with(Property::MaximumQoS(1))
                    .with(Property::RetainAvailable(false))
                    .with(Property::AssignedClientIdentifier("c1".into()))
                    .with(Property::ServerKeepAlive(30)),
            }),
            "20 0F 00 00 0C 24 01 25 00 12 0002 6331 13 001E",
        ),
        (
            V5,
            Packet::Publish(Publish {
                qos: QoS::AtLeastOnce,
                topic: "".into(),
                packet_identifier: Some(identifier(1)),
                properties: Properties::new()
                    .with(Property::TopicAlias(7))
                    .with(Property::SubscriptionIdentifier(300))
                    .with(Property::UserProperty("k".into(), "v".into())),
                payload: Bytes::from_static(b"hi"),
                ..Publish::default()
            }),
            "32 14 0000 0001 0D 23 0007 0B AC02 26 0001 6B 0001 76 6869",
        ),
        (V5, Packet::PubAck(Ack::success(identifier(1))), "40 02 0001"),
        (
            V5,
            Packet::PubAck(Ack::new(identifier(1), ReasonCode::NoMatchingSubscribers)),
            "40 03 0001 10",
        ),
        (V5, Packet::PubRec(refused(ReasonCode::QuotaExceeded)), "50 09 0001 97 05 1F 0002 6E6F"),
        (V5, Packet::PubRel(refused(ReasonCode::Success)), "62 09 0001 00 05 1F 0002 6E6F"),
        (
            V5,
            Packet::PubComp(Ack::new(identifier(1), ReasonCode::PacketIdentifierNotFound)),
            "70 03 0001 92",
        ),
        (
            V5,
            Packet::Subscribe(Subscribe {
                packet_identifier: identifier(10),
                subscriptions: vec![Subscription {
                    filter: "a/+".into(),
                    qos: QoS::AtLeastOnce,
                    no_local: true,
                    retain_as_published: true,
                    retain_handling: RetainHandling::DoNotSend,
                }],
                properties: Properties::new().with(Property::SubscriptionIdentifier(1)),
            }),
            "82 0B 000A 02 0B 01 0003 612F2B 2D",
        ),
        (
            V5,
            Packet::SubAck(SubAck {
                packet_identifier: identifier(10),
                reasons: vec![ReasonCode::GrantedQoS1, ReasonCode::NotAuthorized],
                properties: reason_string(),
            }),
            "90 0A 000A 05 1F 0002 6E6F 01 87",
        ),
        (
            V5,
            Packet::Unsubscribe(Unsubscribe {
                packet_identifier: identifier(10),
                filters: vec!["a".into()],
                properties: Properties::new(),
            }),
            "A2 06 000A 00 0001 61",
        ),
        (
            V5,
            Packet::UnsubAck(SubAck {
                packet_identifier: identifier(10),
                reasons: vec![ReasonCode::NoSubscriptionExisted],
                properties: Properties::new(),
            }),
            "B0 04 000A 00 11",
        ),
        (V5, Packet::PingReq, "C0 00"),
        (V5, Packet::PingResp, "D0 00"),
        (V5, Packet::Disconnect(Disconnect::default()), "E0 00"),
        (
            V5,
            Packet::Disconnect(Disconnect {
                reason: ReasonCode::DisconnectWithWillMessage,
                properties: Properties::new(),
            }),
            "E0 01 04",
        ),
        (
            V5,
            Packet::Disconnect(Disconnect {
                reason: ReasonCode::ServerMoved,
                properties: Properties::new().with(Property::ServerReference("b".into())),
            }),
            "E0 06 9D 04 1C 0001 62",
        ),
        (V5, Packet::Auth(Auth::default()), "F0 00"),
        (
            V5,
            Packet::Auth(Auth {
                reason: ReasonCode::ContinueAuthentication,
                properties: Properties::new()
                    .with(Property::AuthenticationMethod("m".into()))
                    .with(Property::AuthenticationData(Bytes::from_static(&[1]))),
            }),
            "F0 0A 18 08 15 0001 6D 16 0001 01",
        ),
    ]
}
