//! Which reason code and which property may be where, as a second, independent
//! account of the specification's tables.

use fourstep::codec::{PacketType, PropertyId, ReasonCode, Rule, Version, decode};

use crate::{V4, V5, bytes};

/// 5.0: tables 3-1 and so on; 3.1.1: tables 3.1 and 3.9.3.
#[test]
fn reason_codes_are_accepted_in_their_packets_only() {
    let auth = "[15 0001 'm']";
    let table: &[(Version, &str, &str, &[u8])] = &[
        (V4, "20 # 00 RR", "CONNACK", &[0, 1, 2, 3, 4, 5]),
        (V4, "90 # 0001 RR", "SUBACK", &[0, 1, 2, 0x80]),
        (
            V5,
            "20 # 00 RR []",
            "CONNACK",
            &[
                0x00, 0x80, 0x81, 0x82, 0x83, 0x84, 0x85, 0x86, 0x87, 0x88, 0x89, 0x8A, 0x8C, 0x90,
                0x95, 0x97, 0x99, 0x9A, 0x9B, 0x9C, 0x9D, 0x9F,
            ],
        ),
        (V5, "40 # 0001 RR", "PUBACK", PUBACK),
        (V5, "50 # 0001 RR", "PUBREC", PUBACK),
        (V5, "62 # 0001 RR", "PUBREL", &[0x00, 0x92]),
        (V5, "70 # 0001 RR", "PUBCOMP", &[0x00, 0x92]),
        (
            V5,
            "90 # 0001 [] RR",
            "SUBACK",
            &[0x00, 0x01, 0x02, 0x80, 0x83, 0x87, 0x8F, 0x91, 0x97, 0x9E, 0xA1, 0xA2],
        ),
        (V5, "B0 # 0001 [] RR", "UNSUBACK", &[0x00, 0x11, 0x80, 0x83, 0x87, 0x8F, 0x91]),
        (
            V5,
            "E0 # RR",
            "DISCONNECT",
            &[
                0x00, 0x04, 0x80, 0x81, 0x82, 0x83, 0x87, 0x89, 0x8B, 0x8C, 0x8D, 0x8E, 0x8F, 0x90,
                0x93, 0x94, 0x95, 0x96, 0x97, 0x98, 0x99, 0x9A, 0x9B, 0x9C, 0x9D, 0x9E, 0x9F, 0xA0,
                0xA1, 0xA2,
            ],
        ),
        (V5, &format!("F0 # RR {auth}"), "AUTH", &[0x00, 0x18, 0x19]),
    ];
    for (version, notation, name, allowed) in table {
        for code in 0..=255_u8 {
            let packet = bytes(&notation.replace("RR", &format!("{code:02X}")));
            let accepted = decode(*version, &packet).is_ok();
            assert_eq!(accepted, allowed.contains(&code), "{version} {name} 0x{code:02X}");
        }
    }
}

const PUBACK: &[u8] = &[0x00, 0x10, 0x80, 0x83, 0x87, 0x90, 0x91, 0x97, 0x99];

/// Table 2-4 of 5.0, with one good value each.
#[test]
fn properties_are_accepted_in_their_packets_only() {
    let table = [
        ("01 01", "PUBLISH WILL"),
        ("02 00000001", "PUBLISH WILL"),
        ("03 0001 'x'", "PUBLISH WILL"),
        ("08 0001 'x'", "PUBLISH WILL"),
        ("09 0001 00", "PUBLISH WILL"),
        ("0B FFFFFF7F", "PUBLISH SUBSCRIBE"),
        ("11 00000001", "CONNECT CONNACK DISCONNECT"),
        ("12 0001 'x'", "CONNACK"),
        ("13 0001", "CONNACK"),
        ("15 0001 'x'", "CONNECT CONNACK AUTH"),
        // Data comes beside a method.
        ("15 0001 'x' 16 0001 00", "CONNECT CONNACK AUTH"),
        ("17 01", "CONNECT"),
        ("18 00000001", "WILL"),
        ("19 01", "CONNECT"),
        ("1A 0001 'x'", "CONNACK"),
        ("1C 0001 'x'", "CONNACK DISCONNECT"),
        ("1F 0001 'x'", "CONNACK PUBACK PUBREC PUBREL PUBCOMP SUBACK UNSUBACK DISCONNECT AUTH"),
        ("21 0001", "CONNECT CONNACK"),
        ("22 0000", "CONNECT CONNACK"),
        ("23 0001", "PUBLISH"),
        ("24 01", "CONNACK"),
        ("25 01", "CONNACK"),
        (
            "26 0001 'x' 0001 'y' 26 0001 'x' 0000",
            "CONNECT WILL CONNACK PUBLISH PUBACK PUBREC PUBREL PUBCOMP SUBSCRIBE SUBACK \
             UNSUBSCRIBE UNSUBACK DISCONNECT AUTH",
        ),
        ("27 00000001", "CONNECT CONNACK"),
        ("28 01", "CONNACK"),
        ("29 01", "CONNACK"),
        ("2A 01", "CONNACK"),
    ];
    assert_eq!(table.len(), PropertyId::ALL.len());
    for (property, allowed) in table {
        for (place, notation) in PLACES {
            let method =
                if place == "AUTH" && !property.starts_with("15") { "15 0001 'm' " } else { "" };
            let notation = notation.replace("PP", &format!("{method}{property}"));
            let result = decode(V5, &bytes(&notation));
            let expect = match allowed.split_whitespace().any(|it| it == place) {
                true => None,
                false => Some(Rule::PropertyNotAllowed),
            };
            assert_eq!(result.err().map(|it| it.rule), expect, "{property} in {place}");
        }
    }
}

const PLACES: [(&str, &str); 14] = [
    ("CONNECT", "10 # 0004 'MQTT' 05 02 003C [PP] 0001 'a'"),
    ("WILL", "10 # 0004 'MQTT' 05 06 003C [] 0001 'a' [PP] 0001 't' 0000"),
    ("CONNACK", "20 # 00 00 [PP]"),
    ("PUBLISH", "30 # 0001 'a' [PP]"),
    ("PUBACK", "40 # 0001 00 [PP]"),
    ("PUBREC", "50 # 0001 00 [PP]"),
    ("PUBREL", "62 # 0001 00 [PP]"),
    ("PUBCOMP", "70 # 0001 00 [PP]"),
    ("SUBSCRIBE", "82 # 0001 [PP] 0001 'a' 00"),
    ("SUBACK", "90 # 0001 [PP] 00"),
    ("UNSUBSCRIBE", "A2 # 0001 [PP] 0001 'a'"),
    ("UNSUBACK", "B0 # 0001 [PP] 00"),
    ("DISCONNECT", "E0 # 00 [PP]"),
    ("AUTH", "F0 # 18 [PP]"),
];

/// Only these two may come again, the second only in PUBLISH.
#[test]
fn properties_that_may_repeat_are_the_two_that_the_specification_names() {
    let accepted =
        ["30 # 0001 'a' [0B 01 0B 02]", "30 # 0001 'a' [26 0001 'x' 0000 26 0001 'x' 0000]"];
    for notation in accepted {
        assert!(decode(V5, &bytes(notation)).is_ok(), "{notation}");
    }
}

/// The table of rules is itself in order.
#[test]
fn every_rule_has_a_sentence_an_error_code_and_well_formed_statements() {
    for rule in Rule::ALL {
        let sentence = rule.sentence();
        assert!(sentence.ends_with('.') && !sentence.contains(". "), "{sentence}");
        assert!(rule.reason().is_error(), "{rule:?}");
        let in_disconnect = rule.reason().is_allowed_in(PacketType::Disconnect);
        let in_connack = rule.reason().is_allowed_in(PacketType::ConnAck);
        assert!(in_disconnect || in_connack, "{rule:?}");
        for version in [V4, V5] {
            let Some(statement) = rule.statement(version) else { continue };
            let numbers = statement.strip_prefix("MQTT-").expect("the prefix");
            let numbers: Vec<&str> = numbers.split(['.', '-']).collect();
            assert_eq!(numbers.len(), 4, "{statement}");
            assert!(numbers.iter().all(|it| it.parse::<u8>().is_ok()), "{statement}");
        }
    }
}

#[test]
fn zero_is_named_by_its_packet() {
    let table = [
        (PacketType::ConnAck, "Success"),
        (PacketType::SubAck, "Granted QoS 0"),
        (PacketType::Disconnect, "Normal disconnection"),
        (PacketType::PubAck, "Success"),
    ];
    for (packet_type, name) in table {
        assert_eq!(ReasonCode::Success.name_in(packet_type), name);
    }
}
