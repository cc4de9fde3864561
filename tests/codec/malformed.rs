//! What the specifications forbid, byte for byte: each row is refused at that
//! offset, by that rule and that normative statement.

use std::collections::HashSet;

use fourstep::codec::{Rule, Version, decode};

use crate::{V4, V5, bytes, refused};

/// Version, packet, offset, rule, statement, and what is wrong.
type Row = (Version, &'static str, usize, Rule, &'static str, &'static str);

#[test]
fn malformed_packets_are_refused() {
    let mut seen = HashSet::new();
    for &(version, notation, offset, rule, statement, what) in ROWS {
        let error = decode(version, &bytes(notation)).expect_err(what);
        assert_eq!((error.offset, error.rule), (offset, rule), "{version} {what}: {notation}");
        let expect = (statement != "-").then(|| format!("MQTT-{statement}"));
        assert_eq!(error.rule.statement(error.version), expect.as_deref(), "{version} {what}");
        assert!(seen.insert((version, notation)), "{notation} is there twice");
    }
    assert!(ROWS.len() >= 120, "{} rows", ROWS.len());
}

/// No rule is left unexercised, here or by the encoder.
#[test]
fn every_rule_is_broken_by_some_test() {
    let tested: HashSet<Rule> = ROWS.iter().map(|row| row.3).chain(refused::rules()).collect();
    for rule in Rule::ALL {
        assert!(tested.contains(rule), "{rule:?}");
    }
}

#[test]
fn an_error_says_where_what_and_which_statement() {
    let error = decode(V5, &bytes("36 # 0001 'a' 0001 []")).expect_err("QoS 3");
    assert_eq!(error.to_string(), "byte 0: Both QoS bits of a PUBLISH are set. [MQTT-3.3.1-4]");
    let error = decode(V5, &bytes("E0 # 00 [11 00]")).expect_err("cut property");
    assert_eq!(error.to_string(), "byte 5: A property runs past the end of the property list.");
}

#[rustfmt::skip]
const ROWS: &[Row] = &[
    // The fixed header.
    (V4, "", 0, Rule::Truncated, "-", "no byte at all"),
    (V5, "", 0, Rule::Truncated, "-", "no byte at all"),
    (V5, "C0", 1, Rule::Truncated, "-", "no Remaining Length"),
    (V5, "30 80", 1, Rule::Truncated, "-", "half a Remaining Length"),
    (V5, "30 05 0001 'a'", 5, Rule::Truncated, "-", "less than the Remaining Length says"),
    (V4, "00 00", 0, Rule::ForbiddenPacketType, "-", "packet type 0"),
    (V5, "0F 00", 0, Rule::ForbiddenPacketType, "-", "packet type 0"),
    (V4, "F0 00", 0, Rule::AuthNotInVersion, "-", "AUTH in 3.1.1"),
    (V4, "11 # 0004 'MQTT' 04 02 003C 0001 'a'", 0, Rule::ReservedFlags, "2.2.2-2", "CONNECT flags"),
    (V5, "18 # 0004 'MQTT' 05 02 003C [] 0001 'a'", 0, Rule::ReservedFlags, "2.1.3-1", "CONNECT flags"),
    (V4, "21 # 00 00", 0, Rule::ReservedFlags, "2.2.2-2", "CONNACK flags"),
    (V5, "2F # 00 00 []", 0, Rule::ReservedFlags, "2.1.3-1", "CONNACK flags"),
    (V4, "42 # 0001", 0, Rule::ReservedFlags, "2.2.2-2", "PUBACK flags"),
    (V5, "51 # 0001", 0, Rule::ReservedFlags, "2.1.3-1", "PUBREC flags"),
    (V4, "60 # 0001", 0, Rule::PubRelFlags, "3.6.1-1", "PUBREL flags"),
    (V5, "63 # 0001", 0, Rule::PubRelFlags, "3.6.1-1", "PUBREL flags"),
    (V5, "74 # 0001", 0, Rule::ReservedFlags, "2.1.3-1", "PUBCOMP flags"),
    (V4, "80 # 0001 0001 'a' 00", 0, Rule::SubscribeFlags, "3.8.1-1", "SUBSCRIBE flags"),
    (V5, "8A # 0001 [] 0001 'a' 00", 0, Rule::SubscribeFlags, "3.8.1-1", "SUBSCRIBE flags"),
    (V4, "91 # 0001 00", 0, Rule::ReservedFlags, "2.2.2-2", "SUBACK flags"),
    (V4, "A0 # 0001 0001 'a'", 0, Rule::UnsubscribeFlags, "3.10.1-1", "UNSUBSCRIBE flags"),
    (V5, "A3 # 0001 [] 0001 'a'", 0, Rule::UnsubscribeFlags, "3.10.1-1", "UNSUBSCRIBE flags"),
    (V4, "B2 # 0001", 0, Rule::ReservedFlags, "2.2.2-2", "UNSUBACK flags"),
    (V4, "C1 00", 0, Rule::ReservedFlags, "2.2.2-2", "PINGREQ flags"),
    (V5, "D8 00", 0, Rule::ReservedFlags, "2.1.3-1", "PINGRESP flags"),
    (V4, "E1 00", 0, Rule::DisconnectFlags, "3.14.1-1", "DISCONNECT flags"),
    (V5, "E2 00", 0, Rule::DisconnectFlags, "3.14.1-1", "DISCONNECT flags"),
    (V5, "F1 00", 0, Rule::AuthFlags, "3.15.1-1", "AUTH flags"),
    (V4, "C0 80 80 80 80 00", 4, Rule::VariableByteIntegerTooLong, "-", "five bytes of Remaining Length"),
    (V5, "C0 FF FF FF FF 7F", 4, Rule::VariableByteIntegerTooLong, "-", "five bytes of Remaining Length"),
    (V4, "C0 80 00", 2, Rule::VariableByteIntegerNotMinimal, "-", "0 in two bytes"),
    (V5, "C0 80 00", 2, Rule::VariableByteIntegerNotMinimal, "1.5.5-1", "0 in two bytes"),
    (V5, "40 82 80 80 00 0001", 4, Rule::VariableByteIntegerNotMinimal, "1.5.5-1", "2 in four bytes"),
    (V4, "C0 00 00", 2, Rule::TrailingBytes, "-", "a byte after the packet"),
    (V4, "C0 # 00", 2, Rule::TrailingBytes, "-", "a PINGREQ with a body"),
    (V5, "D0 # 00", 2, Rule::TrailingBytes, "-", "a PINGRESP with a body"),
    (V4, "E0 # 00", 2, Rule::TrailingBytes, "-", "a 3.1.1 DISCONNECT with a body"),
    (V4, "20 # 00 00 00", 4, Rule::TrailingBytes, "-", "a 3.1.1 CONNACK with properties"),
    (V4, "40 # 0001 00", 4, Rule::TrailingBytes, "-", "a 3.1.1 PUBACK with a reason"),
    (V4, "B0 # 0001 00", 4, Rule::TrailingBytes, "-", "a 3.1.1 UNSUBACK with a payload"),

    // CONNECT.
    (V4, "10 # 0004 'MQTX' 04 02 003C 0001 'a'", 2, Rule::ProtocolName, "3.1.2-1", "another protocol"),
    (V5, "10 # 0004 'mqtt' 05 02 003C [] 0001 'a'", 2, Rule::ProtocolName, "3.1.2-1", "lower case"),
    (V4, "10 # 0006 'MQIsdp' 03 02 003C 0001 'a'", 2, Rule::ProtocolName, "3.1.2-1", "MQTT 3.1"),
    (V5, "10 # 0000", 2, Rule::ProtocolName, "3.1.2-1", "no protocol name"),
    (V4, "10 # 0004 'MQTT' 03 02 003C 0001 'a'", 8, Rule::ProtocolVersion, "3.1.2-2", "version 3"),
    (V5, "10 # 0004 'MQTT' 06 02 003C [] 0001 'a'", 8, Rule::ProtocolVersion, "3.1.2-2", "version 6"),
    (V5, "10 # 0004 'MQTT' 84 02 003C 0001 'a'", 8, Rule::ProtocolVersion, "3.1.2-2", "a bridge's version"),
    (V4, "10 # 0004 'MQTT' 04 03 003C 0001 'a'", 9, Rule::ConnectReservedFlag, "3.1.2-3", "reserved connect flag"),
    (V5, "10 # 0004 'MQTT' 05 03 003C [] 0001 'a'", 9, Rule::ConnectReservedFlag, "3.1.2-3", "reserved connect flag"),
    (V4, "10 # 0004 'MQTT' 04 0A 003C 0001 'a'", 9, Rule::WillQoSWithoutWill, "3.1.2-13", "Will QoS 1, no will"),
    (V5, "10 # 0004 'MQTT' 05 12 003C [] 0001 'a'", 9, Rule::WillQoSWithoutWill, "3.1.2-11", "Will QoS 2, no will"),
    (V4, "10 # 0004 'MQTT' 04 22 003C 0001 'a'", 9, Rule::WillRetainWithoutWill, "3.1.2-15", "Will Retain, no will"),
    (V5, "10 # 0004 'MQTT' 05 22 003C [] 0001 'a'", 9, Rule::WillRetainWithoutWill, "3.1.2-13", "Will Retain, no will"),
    (V4, "10 # 0004 'MQTT' 04 1E 003C 0001 'a' 0001 't' 0000", 9, Rule::WillQoS3, "3.1.2-14", "Will QoS 3"),
    (V5, "10 # 0004 'MQTT' 05 1E 003C [] 0001 'a' [] 0001 't' 0000", 9, Rule::WillQoS3, "3.1.2-12", "Will QoS 3"),
    (V4, "10 # 0004 'MQTT' 04 42 003C 0001 'a' 0001 'p'", 9, Rule::PasswordWithoutUserName, "3.1.2-22", "a password alone"),
    (V4, "10 # 0004 'MQTT' 04 00 003C 0000", 12, Rule::ClientIdentifierEmpty, "3.1.3-7", "nobody's stored session"),
    (V4, "10 # 0004 'MQTT' 04 02 00", 10, Rule::Truncated, "-", "half a keep alive"),
    (V4, "10 # 0004 'MQTT' 04 02 003C", 12, Rule::Truncated, "-", "no client identifier"),
    (V5, "10 # 0004 'MQTT' 05 02 003C", 12, Rule::Truncated, "-", "no properties"),
    (V4, "10 # 0004 'MQTT' 04 02 003C 0002 'a'", 12, Rule::Truncated, "-", "half a client identifier"),
    (V4, "10 # 0004 'MQTT' 04 06 003C 0001 'a'", 15, Rule::Truncated, "-", "no will topic"),
    (V5, "10 # 0004 'MQTT' 05 06 003C [] 0001 'a'", 16, Rule::Truncated, "-", "no will properties"),
    (V4, "10 # 0004 'MQTT' 04 06 003C 0001 'a' 0001 't'", 18, Rule::Truncated, "-", "no will payload"),
    (V4, "10 # 0004 'MQTT' 04 82 003C 0001 'a'", 15, Rule::Truncated, "-", "no user name"),
    (V4, "10 # 0004 'MQTT' 04 C2 003C 0001 'a' 0001 'u'", 18, Rule::Truncated, "-", "no password"),
    (V4, "10 # 0004 'MQTT' 04 02 003C 0001 'a' 0001 'u'", 15, Rule::TrailingBytes, "-", "a user name without its flag"),
    (V4, "10 # 0004 'MQTT' 04 06 003C 0001 'a' 0000 0000", 15, Rule::TopicEmpty, "4.7.3-1", "empty will topic"),
    (V4, "10 # 0004 'MQTT' 04 06 003C 0001 'a' 0001 '#' 0000", 15, Rule::TopicNameWildcard, "4.7.1-1", "wildcard in a will topic"),
    (V5, "10 # 0004 'MQTT' 05 06 003C [] 0001 'a' [] 0003 'a/+' 0000", 17, Rule::TopicNameWildcard, "4.7.0-1", "wildcard in a will topic"),

    // UTF-8.
    (V4, "10 # 0004 'MQTT' 04 02 003C 0002 'a' FF", 15, Rule::InvalidUtf8, "1.5.3-1", "no UTF-8 at all"),
    (V5, "10 # 0004 'MQTT' 05 02 003C [] 0002 C0 80", 15, Rule::InvalidUtf8, "1.5.4-1", "U+0000 in two bytes"),
    (V4, "30 # 0004 'a' EDA080", 5, Rule::InvalidUtf8, "1.5.3-1", "surrogate U+D800"),
    (V5, "30 # 0004 'a' EDBFBF []", 5, Rule::InvalidUtf8, "1.5.4-1", "surrogate U+DFFF"),
    (V5, "30 # 0006 EDA081 EDB080 []", 4, Rule::InvalidUtf8, "1.5.4-1", "a pair of surrogates"),
    (V4, "30 # 0004 F4908080", 4, Rule::InvalidUtf8, "1.5.3-1", "beyond U+10FFFF"),
    (V4, "30 # 0003 'ab' C3", 6, Rule::InvalidUtf8, "1.5.3-1", "half a character"),
    (V4, "30 # 0002 C1BF", 4, Rule::InvalidUtf8, "1.5.3-1", "overlong U+007F"),
    (V4, "30 # 0003 'a' 00 'b'", 5, Rule::NullCharacter, "1.5.3-2", "U+0000 in a topic"),
    (V5, "30 # 0003 'a' 00 'b' []", 5, Rule::NullCharacter, "1.5.4-2", "U+0000 in a topic"),
    (V5, "30 # 0003 'a' 00 FF []", 5, Rule::NullCharacter, "1.5.4-2", "U+0000 before bad UTF-8"),
    (V5, "82 # 0001 [] 0001 00 00", 7, Rule::NullCharacter, "1.5.4-2", "U+0000 in a filter"),
    (V4, "10 # 0004 'MQTT' 04 82 003C 0001 'a' 0001 00", 17, Rule::NullCharacter, "1.5.3-2", "U+0000 in a user name"),
    (V5, "E0 # 00 [26 0001 'a' 0001 FF]", 10, Rule::InvalidUtf8, "1.5.4-1", "bad value of a user property"),

    // CONNACK.
    (V4, "20 # 00", 3, Rule::Truncated, "-", "no return code"),
    (V5, "20 # 00 00", 4, Rule::Truncated, "-", "no properties"),
    (V4, "20 # 02 00", 2, Rule::ConnAckReservedFlags, "-", "reserved acknowledge flags"),
    (V5, "20 # 80 00 []", 2, Rule::ConnAckReservedFlags, "3.2.2-1", "reserved acknowledge flags"),
    (V4, "20 # 01 05", 2, Rule::SessionPresentWithError, "3.2.2-4", "a session and a refusal"),
    (V5, "20 # 01 87 []", 2, Rule::SessionPresentWithError, "3.2.2-6", "a session and a refusal"),
    (V4, "20 # 00 06", 3, Rule::ConnAckReason, "-", "reserved return code"),
    (V4, "20 # 00 87", 3, Rule::ConnAckReason, "-", "a 5.0 code in 3.1.1"),
    (V5, "20 # 00 01 []", 3, Rule::ConnAckReason, "3.2.2-8", "a 3.1.1 code in 5.0"),
    (V5, "20 # 00 8D []", 3, Rule::ConnAckReason, "3.2.2-8", "a code of DISCONNECT"),

    // PUBLISH.
    (V4, "36 # 0001 'a' 0001", 0, Rule::QoS3, "3.3.1-4", "QoS 3"),
    (V5, "3F # 0001 'a' 0001 []", 0, Rule::QoS3, "3.3.1-4", "QoS 3"),
    (V4, "38 # 0001 'a'", 0, Rule::DupWithQoS0, "3.3.1-2", "DUP at QoS 0"),
    (V5, "39 # 0001 'a' []", 0, Rule::DupWithQoS0, "3.3.1-2", "DUP at QoS 0"),
    (V4, "32 # 0001 'a' 0000", 5, Rule::PacketIdentifierZero, "2.3.1-1", "identifier 0"),
    (V5, "34 # 0001 'a' 0000 []", 5, Rule::PacketIdentifierZero, "2.2.1-3", "identifier 0"),
    (V4, "32 # 0001 'a' 00", 5, Rule::Truncated, "-", "half an identifier"),
    (V5, "30 # 0001 'a'", 5, Rule::Truncated, "-", "no properties"),
    (V4, "30 #", 2, Rule::Truncated, "-", "no topic"),
    (V4, "30 # 0002 'a'", 2, Rule::Truncated, "-", "half a topic"),
    (V4, "30 # 0000", 2, Rule::TopicNameMissing, "4.7.3-1", "empty topic"),
    (V5, "30 # 0000 []", 2, Rule::TopicNameMissing, "4.7.3-1", "empty topic, no alias"),
    (V4, "30 # 0003 'a/#'", 2, Rule::PublishTopicWildcard, "3.3.2-2", "# in a topic"),
    (V5, "30 # 0003 'a/+' []", 2, Rule::PublishTopicWildcard, "3.3.2-2", "+ in a topic"),
    (V5, "30 # 0001 'a' [23 0000]", 7, Rule::TopicAliasZero, "3.3.2-8", "alias 0"),
    (V5, "30 # 0001 'a' [01 02]", 7, Rule::BooleanValue, "-", "payload format 2"),
    (V5, "30 # 0001 'a' [08 0001 '#']", 7, Rule::ResponseTopicWildcard, "3.3.2-14", "wildcard in a response topic"),
    (V5, "30 # 0001 'a' [08 0000]", 7, Rule::TopicEmpty, "4.7.3-1", "empty response topic"),
    (V5, "30 # 0001 'a' [0B 00]", 7, Rule::SubscriptionIdentifierRange, "-", "subscription identifier 0"),
    (V5, "30 # 0001 'a' [0B 80808080 01]", 10, Rule::VariableByteIntegerTooLong, "-", "subscription identifier of five bytes"),
    (V5, "30 # 0001 'a' [0B 8100]", 8, Rule::VariableByteIntegerNotMinimal, "1.5.5-1", "subscription identifier with a spare byte"),

    // PUBACK, PUBREC, PUBREL, PUBCOMP.
    (V4, "40 # 0000", 2, Rule::PacketIdentifierZero, "2.3.1-1", "identifier 0"),
    (V5, "50 # 0000", 2, Rule::PacketIdentifierZero, "2.2.1-3", "identifier 0"),
    (V4, "62 # 0000", 2, Rule::PacketIdentifierZero, "2.3.1-1", "identifier 0"),
    (V5, "70 # 0000 00", 2, Rule::PacketIdentifierZero, "2.2.1-3", "identifier 0"),
    (V4, "40 # 00", 2, Rule::Truncated, "-", "half an identifier"),
    (V5, "40 #", 2, Rule::Truncated, "-", "no identifier"),
    (V5, "40 # 0001 92", 4, Rule::PubAckReason, "3.4.2-1", "a code of PUBREL"),
    (V5, "50 # 0001 01", 4, Rule::PubRecReason, "3.5.2-1", "a code of SUBACK"),
    (V5, "62 # 0001 10", 4, Rule::PubRelReason, "3.6.2-1", "a code of PUBACK"),
    (V5, "70 # 0001 FF", 4, Rule::PubCompReason, "3.7.2-1", "no code at all"),
    (V5, "40 # 0001 00 [] 00", 6, Rule::TrailingBytes, "-", "a byte after the properties"),

    // SUBSCRIBE and SUBACK.
    (V4, "82 # 0000 0001 'a' 00", 2, Rule::PacketIdentifierZero, "2.3.1-1", "identifier 0"),
    (V5, "82 # 0000 [] 0001 'a' 00", 2, Rule::PacketIdentifierZero, "2.2.1-3", "identifier 0"),
    (V4, "82 # 0001", 4, Rule::SubscribeEmpty, "3.8.3-3", "no filter"),
    (V5, "82 # 0001 []", 5, Rule::SubscribeEmpty, "3.8.3-2", "no filter"),
    (V4, "82 # 0001 0001 'a'", 7, Rule::Truncated, "-", "no QoS"),
    (V4, "82 # 0001 0001 'a' 03", 7, Rule::SubscribeQoS3, "3.8.3-4", "QoS 3"),
    (V5, "82 # 0001 [] 0001 'a' 03", 8, Rule::SubscribeQoS3, "-", "QoS 3"),
    (V4, "82 # 0001 0001 'a' 04", 7, Rule::SubscribeReservedBits, "3.8.3-4", "5.0 options in 3.1.1"),
    (V5, "82 # 0001 [] 0001 'a' 40", 8, Rule::SubscribeReservedBits, "3.8.3-5", "reserved options"),
    (V5, "82 # 0001 [] 0001 'a' 30", 8, Rule::RetainHandling3, "-", "Retain Handling 3"),
    (V5, "82 # 0001 [] 000A '$share/g/a' 04", 17, Rule::SharedNoLocal, "3.8.3-4", "shared with No Local"),
    (V4, "82 # 0001 0000 00", 4, Rule::TopicEmpty, "4.7.3-1", "empty filter"),
    (V5, "82 # 0001 [] 0000 00", 5, Rule::TopicEmpty, "4.7.3-1", "empty filter"),
    (V4, "82 # 0001 0002 'a#' 00", 4, Rule::MultiLevelWildcard, "4.7.1-2", "# not alone"),
    (V5, "82 # 0001 [] 0003 '#/a' 00", 5, Rule::MultiLevelWildcard, "4.7.1-1", "# not last"),
    (V4, "82 # 0001 0002 '+a' 00", 4, Rule::SingleLevelWildcard, "4.7.1-3", "+ not alone"),
    (V5, "82 # 0001 [] 0002 'a+' 00", 5, Rule::SingleLevelWildcard, "4.7.1-2", "+ not alone"),
    (V5, "82 # 0001 [] 0009 '$share//a' 00", 5, Rule::ShareNameEmpty, "4.8.2-1", "no share name"),
    (V5, "82 # 0001 [] 0008 '$share/g' 00", 5, Rule::ShareName, "4.8.2-2", "no filter after the share name"),
    (V5, "82 # 0001 [] 000A '$share/+/a' 00", 5, Rule::ShareName, "4.8.2-2", "wildcard in a share name"),
    (V5, "82 # 0001 [0B 01 0B 02] 0001 'a' 00", 7, Rule::PropertyDuplicate, "-", "two subscription identifiers"),
    (V4, "82 # 0001 0001 'a' 00 0001 'b' 03", 11, Rule::SubscribeQoS3, "3.8.3-4", "QoS 3 in the second"),
    (V4, "90 # 0000 00", 2, Rule::PacketIdentifierZero, "2.3.1-1", "identifier 0"),
    (V4, "90 # 0001", 4, Rule::SubAckEmpty, "3.8.4-5", "no return code"),
    (V5, "90 # 0001 []", 5, Rule::SubAckEmpty, "3.8.4-6", "no reason code"),
    (V4, "90 # 0001 00 03", 5, Rule::SubAckReason, "3.9.3-2", "reserved return code"),
    (V4, "90 # 0001 87", 4, Rule::SubAckReason, "3.9.3-2", "a 5.0 code in 3.1.1"),
    (V5, "90 # 0001 [] 03", 5, Rule::SubAckReason, "3.9.3-2", "QoS 3 granted"),
    (V5, "90 # 0001 [] 11", 5, Rule::SubAckReason, "3.9.3-2", "a code of UNSUBACK"),

    // UNSUBSCRIBE and UNSUBACK.
    (V4, "A2 # 0000 0001 'a'", 2, Rule::PacketIdentifierZero, "2.3.1-1", "identifier 0"),
    (V4, "A2 # 0001", 4, Rule::UnsubscribeEmpty, "3.10.3-2", "no filter"),
    (V5, "A2 # 0001 []", 5, Rule::UnsubscribeEmpty, "3.10.3-2", "no filter"),
    (V4, "A2 # 0001 0000", 4, Rule::TopicEmpty, "4.7.3-1", "empty filter"),
    (V5, "A2 # 0001 [] 0003 'a/b' 0002 'a#'", 10, Rule::MultiLevelWildcard, "4.7.1-1", "# not alone in the second"),
    (V5, "B0 # 0000 [] 00", 2, Rule::PacketIdentifierZero, "2.2.1-3", "identifier 0"),
    (V5, "B0 # 0001 []", 5, Rule::UnsubAckEmpty, "-", "no reason code"),
    (V5, "B0 # 0001 [] 01", 5, Rule::UnsubAckReason, "3.11.3-2", "a code of SUBACK"),

    // DISCONNECT and AUTH.
    (V5, "E0 # 01", 2, Rule::DisconnectReason, "3.14.2-1", "a code of SUBACK"),
    (V5, "E0 # 84", 2, Rule::DisconnectReason, "3.14.2-1", "a code of CONNACK"),
    (V5, "E0 # 00 [] 00", 4, Rule::TrailingBytes, "-", "a byte after the properties"),
    (V5, "F0 # 80", 2, Rule::AuthReason, "3.15.2-1", "an error in AUTH"),
    (V5, "F0 # 18", 3, Rule::Truncated, "-", "no properties"),
    (V5, "F0 # 18 []", 3, Rule::AuthenticationMethodMissing, "-", "no method"),
    (V5, "F0 # 00 [1F 0001 'a']", 3, Rule::AuthenticationMethodMissing, "-", "a reason and no method"),

    // Properties.
    (V5, "E0 # 00 [00]", 4, Rule::PropertyUnknown, "-", "identifier 0"),
    (V5, "E0 # 00 [04 00]", 4, Rule::PropertyUnknown, "-", "identifier 4"),
    (V5, "E0 # 00 [2B 00]", 4, Rule::PropertyUnknown, "-", "identifier after the last"),
    (V5, "E0 # 00 [FF 01 00]", 4, Rule::PropertyUnknown, "-", "identifier of two bytes"),
    (V5, "E0 # 00 [A6 00 0000 0000]", 5, Rule::VariableByteIntegerNotMinimal, "1.5.5-1", "identifier with a spare byte"),
    (V5, "E0 # 00 [21 0001]", 4, Rule::PropertyNotAllowed, "-", "Receive Maximum in DISCONNECT"),
    (V5, "30 # 0001 'a' [11 00000001]", 6, Rule::PropertyNotAllowed, "-", "Session Expiry in PUBLISH"),
    (V5, "10 # 0004 'MQTT' 05 02 003C [18 00000001] 0001 'a'", 13, Rule::PropertyNotAllowed, "-", "Will Delay outside the will"),
    (V5, "10 # 0004 'MQTT' 05 06 003C [] 0001 'a' [11 00000001] 0001 't' 0000", 17, Rule::PropertyNotAllowed, "-", "Session Expiry in the will"),
    (V5, "A2 # 0001 [0B 01] 0001 'a'", 5, Rule::PropertyNotAllowed, "-", "Subscription Identifier in UNSUBSCRIBE"),
    (V5, "E0 # 00 [11 00000001 11 00000001]", 9, Rule::PropertyDuplicate, "-", "Session Expiry twice"),
    (V5, "30 # 0001 'a' [03 0001 'x' 26 0000 0000 03 0001 'x']", 15, Rule::PropertyDuplicate, "-", "Content Type twice"),
    (V5, "E0 # 00 [11 0000]", 5, Rule::PropertyTooLong, "-", "a value cut by the list's end"),
    (V5, "E0 # 00 [1F 0005 'abc']", 5, Rule::PropertyTooLong, "-", "a string cut by the list's end"),
    (V5, "E0 # 00 [11]", 5, Rule::PropertyTooLong, "-", "no value"),
    (V5, "E0 # 00 05 11 0000", 3, Rule::Truncated, "-", "a list cut by the packet's end"),
    (V5, "40 # 0001 00 80", 5, Rule::Truncated, "-", "half a property length"),
    (V5, "E0 # 00 80 00", 4, Rule::VariableByteIntegerNotMinimal, "1.5.5-1", "property length with a spare byte"),
    (V5, "10 # 0004 'MQTT' 05 02 003C [21 0000] 0001 'a'", 14, Rule::ReceiveMaximumZero, "-", "Receive Maximum 0"),
    (V5, "20 # 00 00 [21 0000]", 6, Rule::ReceiveMaximumZero, "-", "Receive Maximum 0"),
    (V5, "10 # 0004 'MQTT' 05 02 003C [27 00000000] 0001 'a'", 14, Rule::MaximumPacketSizeZero, "-", "Maximum Packet Size 0"),
    (V5, "10 # 0004 'MQTT' 05 02 003C [17 02] 0001 'a'", 14, Rule::BooleanValue, "-", "Request Problem Information 2"),
    (V5, "10 # 0004 'MQTT' 05 02 003C [19 FF] 0001 'a'", 14, Rule::BooleanValue, "-", "Request Response Information 255"),
    (V5, "20 # 00 00 [24 02]", 6, Rule::BooleanValue, "-", "Maximum QoS 2"),
    (V5, "20 # 00 00 [25 02]", 6, Rule::BooleanValue, "-", "Retain Available 2"),
    (V5, "20 # 00 00 [28 02]", 6, Rule::BooleanValue, "-", "Wildcard Subscription Available 2"),
    (V5, "20 # 00 00 [29 02]", 6, Rule::BooleanValue, "-", "Subscription Identifier Available 2"),
    (V5, "20 # 00 00 [2A 02]", 6, Rule::BooleanValue, "-", "Shared Subscription Available 2"),
    (V5, "10 # 0004 'MQTT' 05 02 003C [16 0001 'x'] 0001 'a'", 13, Rule::AuthenticationDataAlone, "-", "data without a method"),
    (V5, "20 # 00 00 [16 0000]", 5, Rule::AuthenticationDataAlone, "-", "data without a method"),
];
