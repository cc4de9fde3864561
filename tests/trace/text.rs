//! What a record reads like.

use bytes::Bytes;
use fourstep::codec::{
    Ack, Connect, Disconnect, Packet, Properties, Property, Publish, QoS, ReasonCode, Unsubscribe,
    Version, Will,
};
use fourstep::time::Instant;
use fourstep::trace::{Fate, RecordKind, Trace, preview, readable};

use crate::{Link, ToClient, ToServer, ack, encoded, identifier, publish, suback, subscribe};

#[test]
fn every_kind_of_packet_has_its_line() {
    let publish_flags = Publish { dup: true, retain: true, ..publish(QoS::ExactlyOnce, 7, "20.5") };
    let alias = Publish {
        topic: "".into(),
        properties: Properties::new().with(Property::TopicAlias(3)),
        ..publish(QoS::AtMostOnce, 0, "")
    };
    let refused = Ack {
        reason: ReasonCode::NotAuthorized,
        properties: Properties::new().with(Property::ReasonString("not today".into())),
        ..ack(8)
    };
    let unsubscribe = Packet::Unsubscribe(Unsubscribe {
        packet_identifier: identifier(4),
        filters: vec!["a".into(), "b/+".into()],
        properties: Properties::new(),
    });
    let taken_over = Packet::Disconnect(Disconnect {
        reason: ReasonCode::SessionTakenOver,
        properties: Properties::new(),
    });
    let many: Vec<_> = (0..9).map(|_| ("a", QoS::AtMostOnce)).collect();
    #[rustfmt::skip]
    let cases: &[(Packet, &str)] = &[
        (Packet::Publish(publish_flags), r#"PUBLISH id 7 QoS 2 DUP RETAIN "sensor/temperature" 4 bytes "20.5""#),
        (Packet::Publish(alias), "PUBLISH QoS 0 alias 3 0 bytes"),
        (Packet::PubAck(refused), r#"PUBACK id 8 Not authorized (0x87) "not today""#),
        (Packet::PubRel(ack(7)), "PUBREL id 7"),
        (subscribe(1, &[("a/#", QoS::AtLeastOnce), ("b", QoS::AtMostOnce)]), r##"SUBSCRIBE id 1 "a/#" QoS 1, "b" QoS 0"##),
        (subscribe(2, &many), r#"SUBSCRIBE id 2 "a" QoS 0, "a" QoS 0, "a" QoS 0, "a" QoS 0, "a" QoS 0, "a" QoS 0 and 3 more"#),
        (suback(1, &[ReasonCode::GrantedQoS1, ReasonCode::Success, ReasonCode::NotAuthorized]), "SUBACK id 1 Granted QoS 1, Granted QoS 0, Not authorized (0x87)"),
        (unsubscribe, r#"UNSUBSCRIBE id 4 "a", "b/+""#),
        (Packet::PingReq, "PINGREQ"),
        (Packet::Disconnect(Disconnect::default()), "DISCONNECT Normal disconnection (0x00)"),
        (taken_over, "DISCONNECT Session taken over (0x8E)"),
    ];
    for (packet, expected) in cases {
        let mut link = Link::new(Version::V5);
        link.connect(false);
        link.send(ToServer, packet);
        assert_eq!(link.lines()[3], format!("client -> broker  {expected}"));
    }
}

#[test]
fn a_connect_never_shows_its_password() {
    let packet = Packet::Connect(Box::new(Connect {
        version: Version::V311,
        clean_start: true,
        client_identifier: "sensor".into(),
        will: Some(Will { topic: "gone".into(), qos: QoS::AtLeastOnce, ..Will::default() }),
        user_name: Some("me".into()),
        password: Some(Bytes::from_static(b"secret")),
        ..Connect::default()
    }));
    let mut link = Link::new(Version::V311);
    link.open();
    link.send(ToServer, &packet);
    let record = link.trace.record(1).expect("it was just sent");
    assert_eq!(
        record.summary(),
        r#"CONNECT MQTT 3.1.1 client "sensor" clean session keep alive 0 s will "gone" QoS 1 user "me" password"#
    );
    assert!(!record.sentence(&link.trace.parties).contains("secret"));
}

#[test]
fn broken_bytes_say_what_is_wrong_with_them() {
    let mut link = Link::new(Version::V5);
    link.open();
    link.bytes(ToClient, &[0x40, 2, 0, 0, 0x40, 2]);
    link.close("");
    assert_eq!(
        link.lines()[1..],
        [
            "broker -> client  broken bytes, 4 bytes: byte 2: The packet identifier is zero. \
             [MQTT-2.2.1-3]",
            "broker -> client  broken bytes, 2 bytes: The connection ended inside this packet.",
            "client -- broker  connection closed",
        ]
    );
}

#[test]
fn a_line_tells_what_became_of_a_simulated_packet() {
    let mut trace = Trace::new(vec!["sensor".into(), "broker".into()], 10);
    let bytes = Bytes::from(encoded(Version::V5, &Packet::PingReq));
    let ping = RecordKind::Packet { version: Version::V5, bytes };
    let at = Instant::from_millis(1_500);
    let sequence = trace.push_departure(at, 0, 1, ping);
    let line = |trace: &Trace| trace.to_text().trim_end().to_owned();
    assert_eq!(line(&trace), "    1.500000  sensor -> broker  PINGREQ (under way)");
    assert!(trace.mark(sequence, Fate::Arrived(Instant::from_millis(1_520))));
    assert_eq!(line(&trace), "    1.500000  sensor -> broker  PINGREQ (arrived 1.520000)");
    assert!(trace.mark(sequence, Fate::Lost(Instant::from_millis(1_510))));
    assert_eq!(line(&trace), "    1.500000  sensor -> broker  PINGREQ (lost 1.510000)");
    assert!(!trace.mark(sequence + 1, Fate::UnderWay));
}

#[test]
fn a_sentence_can_be_read_aloud() {
    let mut link = Link::new(Version::V5);
    link.connect(false);
    link.send(ToServer, &Packet::Publish(publish(QoS::ExactlyOnce, 7, "20.5")));
    link.send(ToClient, &Packet::PubRec(ack(7)));
    link.bytes(ToClient, &[0x40, 2, 0, 0]);
    link.close("The server went away.");
    let sentences: Vec<_> =
        link.trace.records().map(|record| record.sentence(&link.trace.parties)).collect();
    assert_eq!(
        sentences,
        [
            "Connection opened from client to broker.",
            "CONNECT from client to broker, MQTT 5.0, client \"sensor\", clean start, \
             keep alive 30 s.",
            "CONNACK from broker to client, Success (0x00).",
            "PUBLISH from client to broker, packet identifier 7, QoS 2, \
             topic \"sensor/temperature\", 4 bytes, \"20.5\".",
            "PUBREC from broker to client, packet identifier 7.",
            "4 broken bytes from broker to client. Byte 2: The packet identifier is zero. \
             [MQTT-2.2.1-3]",
            "Connection closed: The server went away.",
        ]
    );
}

#[test]
fn text_hides_nothing_and_moves_nothing() {
    #[rustfmt::skip]
    let cases = [
        ("20.5", "20.5"),
        ("Zürich 21 °C 温度 🌡", "Zürich 21 °C 温度 🌡"),
        ("two\nlines\tand\0null", r"two\nlines\tand\u{0}null"),
        ("quote \" and \\", r#"quote \" and \\"#),
        // A right-to-left override would turn "gpj.exe" around.
        ("\u{202E}exe.jpg\u{2066}", r"\u{202e}exe.jpg\u{2066}"),
        ("zero\u{200B}width\u{FEFF}", r"zero\u{200b}width\u{feff}"),
        ("tag\u{E0041}", r"tag\u{e0041}"),
        ("", ""),
    ];
    for (text, expected) in cases {
        assert_eq!(readable(text, 100), expected);
    }
}

#[test]
fn a_preview_is_text_or_hexadecimal_and_never_long() {
    let mebibyte = "é".repeat(512 * 1024);
    let (thirty, fifteen) = ("x".repeat(30), "é".repeat(15));
    let (suns, umbrellas) = ("🌞".repeat(15), "🌂".repeat(16));
    #[rustfmt::skip]
    let cases: &[(&[u8], &str)] = &[
        (b"", r#""""#),
        (b"20.5", r#""20.5""#),
        (thirty.as_bytes(), r#""xxxxxxxxxxxxxxx…""#),
        (fifteen.as_bytes(), r#""ééééééééééééééé""#),
        (suns.as_bytes(), r#""🌞🌞🌞🌞🌞🌞🌞🌞🌞🌞🌞🌞🌞🌞🌞""#),
        (umbrellas.as_bytes(), r#""🌂🌂🌂🌂🌂🌂🌂🌂🌂🌂🌂🌂🌂🌂🌂…""#),
        (mebibyte.as_bytes(), r#""ééééééééééééééé…""#),
        (&[0xFF, 0x00, 0x1A], "hex FF 00 1A"),
        (&[0xFF; 100_000], "hex FF FF FF FF FF …"),
        // Cut inside a character at its real end: not text.
        (&"é".as_bytes()[..1], "hex C3"),
    ];
    for (bytes, expected) in cases {
        assert_eq!(preview(bytes, 15), *expected);
    }
}

#[test]
fn a_sentence_never_changes_a_name() {
    let mut link = Link::new(Version::V5);
    link.trace.parties = vec!["ßensor-é".into(), "broker.example".into()];
    link.connect(false);
    link.bytes(ToClient, &[0x40, 2, 0, 0]);
    for record in link.trace.records() {
        let sentence = record.sentence(&link.trace.parties);
        for name in &link.trace.parties {
            assert!(sentence.contains(name.as_str()), "{sentence}");
        }
    }
}
