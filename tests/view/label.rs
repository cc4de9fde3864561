//! What is written on an arrow, and how it looks.

use std::collections::HashSet;

use bytes::Bytes;
use fourstep::codec::{
    Ack, ConnAck, Packet, PacketType, Properties, Property, Publish, QoS, ReasonCode, Version,
};
use fourstep::time::Instant;
use fourstep::trace::{RecordKind, Trace};
use fourstep::view::label::{Head, Label, Look, cut, width};

use crate::{Link, ToClient, ack, connack, connect, encoded, publish, suback, subscribe};

#[test]
fn a_label_has_the_parts_that_matter() {
    let flags = Publish { dup: true, retain: true, ..publish(QoS::AtLeastOnce, 7, "20.5") };
    let alias = Publish {
        topic: "".into(),
        properties: Properties::new().with(Property::TopicAlias(3)),
        ..publish(QoS::AtMostOnce, 0, "x")
    };
    let refused = Packet::ConnAck(ConnAck {
        session_present: false,
        reason: ReasonCode::NotAuthorized,
        properties: Properties::new(),
    });
    let no_subscribers = Ack { reason: ReasonCode::NoMatchingSubscribers, ..ack(1) };
    #[rustfmt::skip]
    let cases: &[(Packet, &str, Option<&str>, &str)] = &[
        (Packet::Publish(flags), "PUBLISH id 7 QoS 1 DUP RETAIN", None, r#"sensor/temperature "20.5""#),
        (Packet::Publish(alias), "PUBLISH QoS 0", None, r#"alias 3 "x""#),
        (Packet::PubRel(ack(7)), "PUBREL id 7", None, ""),
        (Packet::PubAck(no_subscribers), "PUBACK id 1", None, "No matching subscribers"),
        (connect(Version::V5, true), "CONNECT clean start", None, r#"MQTT 5.0 "sensor""#),
        (connack(true), "CONNACK session present", None, ""),
        (refused, "CONNACK", Some("Not authorized (0x87)"), ""),
        (subscribe(1, &[("a", QoS::AtLeastOnce), ("b", QoS::AtMostOnce)]), "SUBSCRIBE id 1", None, "a QoS 1, b QoS 0"),
        (suback(1, &[ReasonCode::Success, ReasonCode::QuotaExceeded]), "SUBACK id 1", Some("Quota exceeded (0x97)"), "Granted QoS 0, Quota exceeded"),
        (Packet::PingReq, "PINGREQ", None, ""),
    ];
    for (packet, head, problem, detail) in cases {
        let bytes = encoded(Version::V5, packet);
        let label = label(RecordKind::Packet { version: Version::V5, bytes: bytes.clone().into() });
        assert_eq!(label.head(), *head);
        assert_eq!(label.problem.as_deref(), *problem);
        assert_eq!(label.detail, *detail);
        assert_eq!(label.size, bytes.len());
    }
}

#[test]
fn a_problem_comes_before_the_detail_and_both_are_cut_to_fit() {
    let reasons = [ReasonCode::NotAuthorized, ReasonCode::Success];
    let bytes = Bytes::from(encoded(Version::V5, &suback(1, &reasons)));
    let label = label(RecordKind::Packet { version: Version::V5, bytes });
    #[rustfmt::skip]
    let cases = [
        (80, "Not authorized (0x87)", "Not authorized, Granted QoS 0"),
        (50, "Not authorized (0x87)", "Not authorized,…"),
        (34, "Not authorized (0x87)", ""),
        (28, "Not authorized…", ""),
        // What is wrong is never left out.
        (5, "Not authori…", ""),
    ];
    for (columns, problem, detail) in cases {
        let mut label = label.clone();
        label.fit(columns);
        assert_eq!((label.problem.as_deref(), label.detail.as_str()), (Some(problem), detail));
    }
}

#[test]
fn a_head_without_room_leaves_out_flags_and_then_the_qos() {
    let check = |head: Label, columns, expect: &str| {
        let mut label = head;
        label.shorten(columns);
        assert_eq!(label.head(), expect, "in {columns} columns");
    };
    let connack =
        || Label { name: "CONNACK", flags: vec!["session present".into()], ..Label::default() };
    check(connack(), 23, "CONNACK session present");
    check(connack(), 22, "CONNACK …");
    check(connack(), 3, "CONNACK …");
    let publish = || Label {
        name: "PUBLISH",
        identifier: Some("id 7".to_owned()),
        qos: Some("QoS 2"),
        flags: vec!["DUP".into(), "RETAIN".into()],
        ..Label::default()
    };
    check(publish(), 29, "PUBLISH id 7 QoS 2 DUP RETAIN");
    check(publish(), 28, "PUBLISH id 7 QoS 2 DUP …");
    check(publish(), 20, "PUBLISH id 7 QoS 2 …");
    check(publish(), 19, "PUBLISH id 7 …");
    check(Label { name: "UNSUBSCRIBE", ..Label::default() }, 5, "UNSUBSCRIBE");
}

#[test]
fn broken_bytes_are_labelled_as_such() {
    let mut link = Link::new(Version::V5);
    link.open();
    link.bytes(ToClient, &[0x40, 2, 0, 0]);
    let record = link.trace.record(1).expect("it was just sent");
    let label = Label::of(record).expect("it is traffic");
    assert_eq!((label.name, label.size), ("BROKEN", 4));
    assert!(label.problem.is_some_and(|problem| problem.contains("MQTT-2.2.1-3")));
    assert_eq!(Look::of(record), Some(Look::BROKEN));
}

#[test]
fn every_packet_type_has_a_class_of_its_own_and_a_look_made_from_one_byte() {
    let mut classes = HashSet::new();
    for packet_type in PacketType::ALL {
        let look = Look::of_packet(packet_type);
        assert_eq!(look.class, packet_type.name().to_lowercase());
        assert!(classes.insert(look.class));
        let bytes = Bytes::from(vec![(packet_type as u8) << 4]);
        let record = record(RecordKind::Packet { version: Version::V5, bytes });
        assert_eq!(Look::of(&record), Some(look));
    }
    // The four steps can be told apart without color.
    assert_ne!(Look::of_packet(PacketType::Publish).head, Look::of_packet(PacketType::PubRel).head);
    let names: HashSet<_> = Head::ALL.iter().map(|head| head.name()).collect();
    assert_eq!(names.len(), Head::ALL.len());
}

#[test]
fn text_is_cut_by_the_columns_that_it_takes() {
    #[rustfmt::skip]
    let cases = [
        ("sensor", 6, "sensor"),
        ("sensor", 5, "sens…"),
        ("sensor", 2, "s…"),
        ("sensor", 1, ""),
        ("sensor", 0, ""),
        ("", 0, ""),
        ("温度計", 6, "温度計"),
        ("温度計", 5, "温度…"),
        ("温度計", 4, "温…"),
        ("a b c", 4, "a b…"),
        ("ab cd", 4, "ab…"),
    ];
    for (text, limit, expected) in cases {
        assert_eq!(cut(text, limit), expected, "{text} in {limit}");
        assert!(width(&cut(text, limit)) <= limit);
    }
}

fn label(kind: RecordKind) -> Label {
    Label::of(&record(kind)).expect("it is traffic")
}

fn record(kind: RecordKind) -> fourstep::trace::Record {
    let mut trace = Trace::new(Vec::new(), 1);
    trace.push(Instant::ZERO, 0, 1, kind);
    trace.record(0).expect("it was pushed").clone()
}
