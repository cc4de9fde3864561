//! Dissections as the inspector shows them.

use fourstep::codec::{Field, PacketType, Rule, Version, dissect};

use crate::{V4, V5, bytes};

#[test]
fn a_publish_is_dissected_to_the_bit() {
    check(
        V5,
        "3D # 0003 'a/b' 000A [23 0007] 'hi'",
        "0..2 Fixed Header
           0..1 Type and Flags = 0x3D (PUBLISH)
             bits F0 Control Packet Type = 3 (PUBLISH)
             bits 08 DUP = 1 (repeated packet)
             bits 06 QoS = 2 (exactly once)
             bits 01 RETAIN = 1 (retained)
           1..2 Remaining Length = 13 (13 bytes follow)
         2..13 Variable Header
           2..7 Topic Name = \"a/b\"
             2..4 Length = 3
             4..7 Characters = \"a/b\"
           7..9 Packet Identifier = 10
           9..13 Properties
             9..10 Property Length = 3
             10..13 Topic Alias
               10..11 Identifier = 35 (0x23 Topic Alias)
               11..13 Value = 7
         13..15 Payload = \"hi\" (2 bytes)",
    );
}

#[test]
fn a_connect_is_dissected_to_the_bit() {
    check(
        V4,
        "10 # 0004 'MQTT' 04 EE 003C 0001 'c' 0001 't' 0001 FF 0001 'u' 0000",
        "0..2 Fixed Header
           0..1 Type and Flags = 0x10 (CONNECT)
             bits F0 Control Packet Type = 1 (CONNECT)
             bits 0F Reserved = 0
           1..2 Remaining Length = 24 (24 bytes follow)
         2..12 Variable Header
           2..8 Protocol Name = \"MQTT\"
             2..4 Length = 4
             4..8 Characters = \"MQTT\"
           8..9 Protocol Level = 4 (MQTT 3.1.1)
           9..10 Connect Flags = 0xEE
             bits 80 User Name Flag = 1 (present)
             bits 40 Password Flag = 1 (present)
             bits 20 Will Retain = 1 (retained)
             bits 18 Will QoS = 1 (at least once)
             bits 04 Will Flag = 1 (will present)
             bits 02 Clean Session = 1 (new session)
             bits 01 Reserved = 0
           10..12 Keep Alive = 60 (seconds)
         12..26 Payload
           12..15 Client Identifier = \"c\"
             12..14 Length = 1
             14..15 Characters = \"c\"
           15..18 Will Topic = \"t\"
             15..17 Length = 1
             17..18 Characters = \"t\"
           18..21 Will Message = ff
             18..20 Length = 1
             20..21 Bytes = ff
           21..24 User Name = \"u\"
             21..23 Length = 1
             23..24 Characters = \"u\"
           24..26 Password = \"\"
             24..26 Length = 0",
    );
}

#[test]
fn subscription_options_are_dissected_to_the_bit() {
    check(
        V5,
        "82 # 000A [] 0001 'a' 2D",
        "0..2 Fixed Header
           0..1 Type and Flags = 0x82 (SUBSCRIBE)
             bits F0 Control Packet Type = 8 (SUBSCRIBE)
             bits 0F Reserved = 2
           1..2 Remaining Length = 7 (7 bytes follow)
         2..5 Variable Header
           2..4 Packet Identifier = 10
           4..5 Properties
             4..5 Property Length = 0
         5..9 Payload
           5..9 Subscription
             5..8 Topic Filter = \"a\"
               5..7 Length = 1
               7..8 Characters = \"a\"
             8..9 Subscription Options = 0x2D
               bits C0 Reserved = 0
               bits 30 Retain Handling = 2 (no retained messages)
               bits 08 Retain As Published = 1 (RETAIN kept)
               bits 04 No Local = 1 (not my own)
               bits 03 Maximum QoS = 1 (at least once)",
    );
}

#[test]
fn return_codes_have_the_names_of_3_1_1() {
    check(
        V4,
        "90 # 0001 00 80",
        "0..2 Fixed Header
           0..1 Type and Flags = 0x90 (SUBACK)
             bits F0 Control Packet Type = 9 (SUBACK)
             bits 0F Reserved = 0
           1..2 Remaining Length = 4 (4 bytes follow)
         2..4 Variable Header
           2..4 Packet Identifier = 1
         4..6 Payload
           4..5 Return Code = 0x00 (Granted QoS 0)
           5..6 Return Code = 0x80 (Failure)",
    );
}

/// What was understood is shown, the wrong field too if it was read whole.
#[test]
fn a_broken_packet_is_dissected_as_far_as_it_goes() {
    check(
        V5,
        "E0 # 87 [11 00000001 11 00000002]",
        "0..2 Fixed Header
           0..1 Type and Flags = 0xE0 (DISCONNECT)
             bits F0 Control Packet Type = 14 (DISCONNECT)
             bits 0F Reserved = 0
           1..2 Remaining Length = 12 (12 bytes follow)
         2..10 Variable Header
           2..3 Reason Code = 0x87 (Not authorized)
           3..10 Properties
             3..4 Property Length = 10
             4..9 Session Expiry Interval
               4..5 Identifier = 17 (0x11 Session Expiry Interval)
               5..9 Value = 1 (seconds)
             9..10 Session Expiry Interval
               9..10 Identifier = 17 (0x11 Session Expiry Interval)
         10..14 undissected: byte 9: This property must not appear twice.",
    );
}

#[test]
fn a_packet_cut_short_is_dissected_as_far_as_it_goes() {
    check(
        V4,
        "30 10 0001 'a' 'twen'",
        "0..2 Fixed Header
           0..1 Type and Flags = 0x30 (PUBLISH)
             bits F0 Control Packet Type = 3 (PUBLISH)
             bits 08 DUP = 0 (first attempt)
             bits 06 QoS = 0 (at most once)
             bits 01 RETAIN = 0 (not retained)
           1..2 Remaining Length = 16 (16 bytes follow)
         2..5 Variable Header
           2..5 Topic Name = \"a\"
             2..4 Length = 1
             4..5 Characters = \"a\"
         5..9 Payload = \"twen\" (4 bytes)
         9..9 undissected: byte 9: The packet ends before this field is complete.",
    );
}

#[test]
fn text_that_is_not_utf_8_is_shown_as_bytes() {
    check(
        V4,
        "30 # 0002 'a' FF",
        "0..2 Fixed Header
           0..1 Type and Flags = 0x30 (PUBLISH)
             bits F0 Control Packet Type = 3 (PUBLISH)
             bits 08 DUP = 0 (first attempt)
             bits 06 QoS = 0 (at most once)
             bits 01 RETAIN = 0 (not retained)
           1..2 Remaining Length = 4 (4 bytes follow)
         2..6 Variable Header
           2..6 Topic Name = 61ff (not well-formed UTF-8)
             2..4 Length = 2
             4..6 Characters = 61ff
         6..6 undissected: byte 5: A string is not well-formed UTF-8. [MQTT-1.5.3-1]",
    );
}

#[test]
fn nothing_is_dissected_too() {
    let dissection = dissect(V5, &[]);
    assert_eq!((dissection.packet_type, dissection.fields.len()), (None, 0));
    assert_eq!(dissection.undissected, 0..0);
    assert_eq!(dissection.error.map(|error| error.rule), Some(Rule::Truncated));
    assert_eq!(dissect(V5, &[0xE0]).packet_type, Some(PacketType::Disconnect));
}

#[test]
fn a_long_value_is_shortened() {
    let mut packet = vec![0x30, 0x93, 0x4E, 0x00, 0x01, b'a'];
    packet.resize(10_006 - 4, 0xFF);
    packet[1..3].copy_from_slice(&[0x8F, 0x4E]);
    let payload = dissect(V4, &packet).fields.pop().expect("a payload");
    assert_eq!((payload.name, payload.range), ("Payload", 6..10_002));
    assert_eq!(payload.value.len(), 2 * 1_024 + "…".len());
    assert_eq!(payload.meaning, "9996 bytes");
}

/// A peer can put 50,000 topic filters into one packet. What the inspector
/// lists stays bounded, and still covers every byte.
#[test]
fn a_long_list_is_listed_in_part_and_covered_whole() {
    let filters = 50_000;
    let mut packet = vec![0x82, 0, 0, 0, 0, 1];
    packet.extend([0, 1, b'a', 0].repeat(filters));
    let length = packet.len() - 4;
    packet[1..4].copy_from_slice(&[
        0x80 | (length % 128) as u8,
        0x80 | (length / 128 % 128) as u8,
        (length / 16_384) as u8,
    ]);
    for bytes in [&packet[..], &packet[..packet.len() - 1]] {
        let dissection = dissect(V4, bytes);
        assert_eq!(dissection.error.is_some(), bytes.len() < packet.len());
        let payload = dissection.fields.last().expect("a payload");
        let last = payload.children.last().expect("topic filters");
        assert_eq!((payload.children.len(), last.name), (1_001, "More fields"));
        assert_eq!(
            (payload.range.end, last.range.end),
            (dissection.undissected.start, payload.range.end)
        );
    }
}

fn check(version: Version, notation: &str, expect: &str) {
    let dissection = dissect(version, &bytes(notation));
    let mut text = Vec::new();
    for field in &dissection.fields {
        render(field, 0, &mut text);
    }
    if let Some(error) = dissection.error {
        text.push(format!("{:?} undissected: {error}", dissection.undissected));
    }
    let expect: Vec<&str> =
        expect.lines().map(|line| line.strip_prefix("         ").unwrap_or(line)).collect();
    assert_eq!(text.join("\n"), expect.join("\n"));
}

fn render(field: &Field, depth: usize, text: &mut Vec<String>) {
    let place = match field.mask {
        Some(mask) => format!("bits {mask:02X}"),
        None => format!("{:?}", field.range),
    };
    let mut line = format!("{:1$}{place} {2}", "", 2 * depth, field.name);
    if !field.value.is_empty() {
        line += &format!(" = {}", field.value);
    }
    if !field.meaning.is_empty() {
        line += &format!(" ({})", field.meaning);
    }
    text.push(line);
    for child in &field.children {
        render(child, depth + 1, text);
    }
}
