//! Bytes beside fields, and the way from one to the other.

use bytes::Bytes;
use fourstep::codec::{Packet, Properties, Property, Publish, QoS, Version};
use fourstep::time::Instant;
use fourstep::trace::{Defect, RecordKind, Trace};
use fourstep::view::inspector::{Inspection, bits};
use proptest::prelude::*;

use crate::{ack, connack, connect, encoded, publish, subscribe};

#[test]
fn a_byte_leads_to_its_field_and_a_field_to_its_bytes() {
    let packet = Packet::Publish(publish(QoS::ExactlyOnce, 7, "20.5"));
    let inspection = inspect(Version::V311, encoded(Version::V311, &packet));
    let names = |byte: usize| -> Vec<&str> {
        inspection.fields_at(byte).iter().map(|&line| inspection.fields()[line].name).collect()
    };
    assert_eq!(names(0), ["Control Packet Type", "DUP", "QoS", "RETAIN"]);
    assert_eq!(names(1), ["Remaining Length"]);
    assert_eq!(names(22), ["Packet Identifier"]);
    assert_eq!(names(24), ["Payload"]);
    assert_eq!(names(1_000), [""; 0]);
    let identifier = inspection.fields_at(22)[0];
    assert_eq!(inspection.bytes_of(identifier), 22..24);
    let path: Vec<_> =
        inspection.path(identifier).map(|line| inspection.fields()[line].name).collect();
    assert_eq!(path, ["Packet Identifier", "Variable Header"]);
    let qos = &inspection.fields()[inspection.fields_at(0)[2]];
    assert_eq!((qos.bits.as_deref(), qos.value.as_str()), (Some(".... .10."), "2"));
}

#[test]
fn hexadecimal_rows_show_bytes_and_characters() {
    let packet = Packet::Publish(publish(QoS::AtLeastOnce, 7, "20.5"));
    let inspection = inspect(Version::V311, encoded(Version::V311, &packet));
    let rows: Vec<_> = inspection
        .hex_rows(16, 0..10)
        .iter()
        .map(|row| {
            let hex: Vec<_> = row.cells.iter().map(|cell| cell.hex()).collect();
            let text: String = row.cells.iter().map(|cell| cell.ascii()).collect();
            format!("{:04X}  {}  {text}", row.offset, hex.join(" "))
        })
        .collect();
    assert_eq!(
        rows,
        [
            "0000  32 1A 00 12 73 65 6E 73 6F 72 2F 74 65 6D 70 65  2...sensor/tempe",
            "0010  72 61 74 75 72 65 00 07 32 30 2E 35  rature..20.5",
        ]
    );
    assert_eq!(inspection.hex_row_count(8), 4);
    assert_eq!(inspection.hex_rows(8, 3..4)[0].cells.len(), 4);
    assert_eq!(inspection.hex_rows(0, 5..6)[0].offset, 5);
    assert!(inspection.hex_text().starts_with("32 1A 00"));
}

#[test]
fn mqtt_2_2_1_3_a_broken_packet_shows_the_rule_the_statement_and_the_byte() {
    let inspection = inspect(Version::V5, vec![0x40, 2, 0, 0]);
    let problem = inspection.problem.as_ref().expect("it is broken");
    assert_eq!(problem.sentence, "The packet identifier is zero.");
    assert_eq!(problem.statement, Some("MQTT-2.2.1-3"));
    assert_eq!(problem.offset, Some(2));
    let wrong: Vec<_> = inspection.hex_rows(16, 0..1)[0]
        .cells
        .iter()
        .filter(|cell| cell.wrong)
        .map(|cell| cell.offset)
        .collect();
    assert_eq!(wrong, [2]);
}

#[test]
fn bytes_after_broken_framing_have_no_fields() {
    let mut trace = Trace::new(Vec::new(), 1);
    let bytes = Bytes::from_static(&[0x40, 2, 0, 7]);
    let (version, defect) = (Version::V5, Defect::AfterError);
    trace.push(Instant::ZERO, 0, 1, RecordKind::Garbage { version, bytes, defect });
    let record = trace.record(0).expect("it was pushed");
    let inspection = Inspection::of(record).expect("it has bytes");
    assert_eq!((inspection.fields().len(), inspection.undissected), (0, 0..4));
    assert!(inspection.problem.is_some_and(|problem| problem.offset.is_none()));
}

#[test]
fn what_is_no_traffic_has_nothing_to_inspect() {
    let mut trace = Trace::new(Vec::new(), 1);
    trace.push(Instant::ZERO, 0, 1, RecordKind::Note("a remark".into()));
    assert_eq!(trace.record(0).and_then(Inspection::of), None);
}

#[test]
fn a_large_payload_is_one_field_and_its_rows_come_in_windows() {
    let payload = Bytes::from(vec![b'x'; 1 << 20]);
    let packet = Publish { payload, ..publish(QoS::AtMostOnce, 0, "") };
    let inspection = inspect(Version::V5, encoded(Version::V5, &Packet::Publish(packet)));
    assert!(inspection.fields().len() < 20);
    assert!(inspection.fields().iter().all(|field| field.value.len() < 8_192));
    let last = inspection.hex_row_count(16) - 1;
    assert_eq!(last, 65_537);
    assert_eq!(inspection.hex_rows(16, last - 1..last + 50).len(), 2);
    let [line] = inspection.fields_at(1_000_000) else { panic!("a payload has no bit fields") };
    assert_eq!(inspection.fields()[*line].name, "Payload");
}

#[test]
fn bits_are_drawn_in_their_place() {
    let cases = [
        (0b0011_0101, 0xF0, "0011 ...."),
        (0b0011_0101, 0x06, ".... .10."),
        (0xFF, 0x01, ".... ...1"),
        (0x00, 0x80, "0... ...."),
    ];
    for (byte, mask, expected) in cases {
        assert_eq!(bits(byte, mask), expected);
    }
}

proptest! {
    #[test]
    fn bytes_and_fields_map_to_each_other_in_good_packets(index in 0usize..8) {
        let (version, packet) = &packets()[index];
        check_maps(&inspect(*version, encoded(*version, packet)));
    }

    #[test]
    fn bytes_and_fields_map_to_each_other_in_broken_packets(
        index in 0usize..8,
        at in any::<prop::sample::Index>(),
        byte in any::<u8>(),
        length in any::<prop::sample::Index>(),
    ) {
        let (version, packet) = &packets()[index];
        let mut bytes = encoded(*version, packet);
        let at = at.index(bytes.len());
        bytes[at] = byte;
        let length = length.index(bytes.len()) + 1;
        bytes.truncate(length);
        check_maps(&inspect(*version, bytes));
    }

    #[test]
    fn bytes_and_fields_map_to_each_other_in_noise(
        bytes in prop::collection::vec(any::<u8>(), 0..64),
    ) {
        check_maps(&inspect(Version::V5, bytes));
    }
}

/// Every byte is in the fields that it leads to, every innermost field is
/// found from each of its bytes, and no byte is forgotten.
fn check_maps(inspection: &Inspection) {
    let size = inspection.bytes().len();
    for byte in 0..size {
        let lines = inspection.fields_at(byte);
        assert_eq!(lines.is_empty(), inspection.undissected.contains(&byte), "byte {byte}");
        for &line in lines {
            assert!(inspection.bytes_of(line).contains(&byte));
            let children = line + 1..line + 1 + inspection.fields()[line].descendants;
            for child in children {
                assert!(!inspection.bytes_of(child).contains(&byte), "{child} is further in");
            }
            assert!(inspection.path(line).all(|outer| inspection.bytes_of(outer).contains(&byte)));
        }
    }
    for (line, field) in inspection.fields().iter().enumerate() {
        assert!(field.range.end <= size);
        let depth = inspection.path(line).count() - 1;
        assert_eq!(depth, field.depth);
        if field.descendants == 0 {
            for byte in field.range.clone() {
                assert!(inspection.fields_at(byte).contains(&line), "{} at {byte}", field.name);
            }
        }
    }
    let rows = inspection.hex_rows(16, 0..inspection.hex_row_count(16));
    let cells: Vec<_> = rows.iter().flat_map(|row| &row.cells).collect();
    assert_eq!(cells.len(), size);
    assert!(cells.iter().enumerate().all(|(offset, cell)| cell.offset == offset));
}

fn packets() -> Vec<(Version, Packet)> {
    let properties = Properties::new()
        .with(Property::TopicAlias(3))
        .with(Property::UserProperty("a".into(), "b".into()));
    let with_properties = Publish { properties, ..publish(QoS::ExactlyOnce, 9, "20.5") };
    vec![
        (Version::V311, connect(Version::V311, true)),
        (Version::V5, connect(Version::V5, true)),
        (Version::V5, connack(true)),
        (Version::V311, Packet::Publish(publish(QoS::AtMostOnce, 0, "20.5"))),
        (Version::V5, Packet::Publish(with_properties)),
        (Version::V5, Packet::PubRel(ack(300))),
        (Version::V5, subscribe(1, &[("a/#", QoS::AtLeastOnce), ("b", QoS::AtMostOnce)])),
        (Version::V311, Packet::PingReq),
    ]
}

fn inspect(version: Version, bytes: Vec<u8>) -> Inspection {
    let mut trace = Trace::new(Vec::new(), 1);
    let bytes = bytes.into();
    trace.push(Instant::ZERO, 0, 1, RecordKind::Packet { version, bytes });
    Inspection::of(trace.record(0).expect("it was pushed")).expect("it has bytes")
}
