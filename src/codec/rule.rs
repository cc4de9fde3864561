//! Every rule that the codec enforces, in one table.

use super::{PacketType, ReasonCode, Statement, Version};

/// Defines [`Rule`] from the table below: a sentence, the normative statement
/// in 3.1.1 and in 5.0 (`-` where the specification gives no number), and the
/// reason code.
macro_rules! rules {
    (@id -) => { None };
    (@id $id:literal) => { Some(concat!("MQTT-", $id)) };
    ($($name:ident: $sentence:literal, $v311:tt, $v5:tt, $reason:ident;)*) => {
        /// A rule of the protocol that bytes or packets can break. Each has a
        /// sentence, a reason code and, where the specification numbers it, the
        /// identifier of a normative statement.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum Rule {
            $(#[doc = $sentence] $name,)*
        }

        impl Rule {
            /// Every rule.
            pub const ALL: &'static [Rule] = &[$(Rule::$name),*];

            /// One sentence: what is wrong.
            pub fn sentence(self) -> &'static str {
                match self {
                    $(Rule::$name => $sentence,)*
                }
            }

            /// The normative statement, without brackets: `MQTT-3.3.1-4`. `None`
            /// when the specification states the rule without a number, or when
            /// that version does not have the rule.
            pub fn statement(self, version: Version) -> Option<&'static str> {
                let statement = match self {
                    $(Rule::$name => Statement::new(rules!(@id $v311), rules!(@id $v5)),)*
                };
                statement.in_version(version)
            }

            /// The reason code that a 5.0 DISCONNECT or CONNACK gives for it:
            /// usually `MalformedPacket` or `ProtocolError`.
            pub fn reason(self) -> ReasonCode {
                match self {
                    $(Rule::$name => ReasonCode::$reason,)*
                }
            }
        }
    };
}

rules! {
    // Framing and the fixed header.
    PacketTooLarge: "The packet is larger than its receiver accepts.", -, -, PacketTooLarge;
    Truncated: "The packet ends before this field is complete.", -, -, MalformedPacket;
    TrailingBytes: "Bytes follow the last field of the packet.", -, -, MalformedPacket;
    ForbiddenPacketType: "Packet type 0 is forbidden.", -, -, MalformedPacket;
    AuthNotInVersion: "MQTT 3.1.1 has no AUTH: packet type 15 is forbidden.", -, -, MalformedPacket;
    ReservedFlags: "The flags of this packet type are reserved and must be 0000.",
        "2.2.2-2", "2.1.3-1", MalformedPacket;
    PubRelFlags: "The flags of a PUBREL must be 0010.", "3.6.1-1", "3.6.1-1", MalformedPacket;
    SubscribeFlags: "The flags of a SUBSCRIBE must be 0010.", "3.8.1-1", "3.8.1-1", MalformedPacket;
    UnsubscribeFlags: "The flags of an UNSUBSCRIBE must be 0010.",
        "3.10.1-1", "3.10.1-1", MalformedPacket;
    DisconnectFlags: "The flags of a DISCONNECT must be 0000.",
        "3.14.1-1", "3.14.1-1", MalformedPacket;
    AuthFlags: "The flags of an AUTH must be 0000.", -, "3.15.1-1", MalformedPacket;
    VariableByteIntegerTooLong: "A variable byte integer has more than four bytes.",
        -, -, MalformedPacket;
    VariableByteIntegerNotMinimal: "A variable byte integer uses more bytes than it needs.",
        -, "1.5.5-1", MalformedPacket;

    // Data types.
    InvalidUtf8: "A string is not well-formed UTF-8.", "1.5.3-1", "1.5.4-1", MalformedPacket;
    NullCharacter: "A string contains the null character U+0000.",
        "1.5.3-2", "1.5.4-2", MalformedPacket;
    TooLongForLength: "A string or binary field is longer than 65,535 bytes.",
        -, -, MalformedPacket;
    PacketIdentifierZero: "The packet identifier is zero.", "2.3.1-1", "2.2.1-3", ProtocolError;
    PacketIdentifierMissing: "A PUBLISH at QoS 1 or 2 needs a packet identifier.",
        "2.3.1-1", "2.2.1-3", ProtocolError;
    PacketIdentifierWithQoS0: "A PUBLISH at QoS 0 must not have a packet identifier.",
        "2.3.1-5", "2.2.1-2", ProtocolError;
    NotInVersion: "MQTT 3.1.1 has no way to say this: it needs MQTT 5.0.", -, -, ProtocolError;

    // Topics.
    TopicEmpty: "A topic name or filter must be at least one character long.",
        "4.7.3-1", "4.7.3-1", MalformedPacket;
    TopicTooLong: "A topic name or filter must not be longer than 65,535 bytes.",
        "4.7.3-3", "4.7.3-3", MalformedPacket;
    TopicNullCharacter: "A topic name or filter must not contain the null character U+0000.",
        "4.7.3-2", "4.7.3-2", MalformedPacket;
    TopicNameWildcard: "A topic name must not contain a wildcard.",
        "4.7.1-1", "4.7.0-1", MalformedPacket;
    MultiLevelWildcard: "The wildcard # must be alone in its level, and that level the last.",
        "4.7.1-2", "4.7.1-1", MalformedPacket;
    SingleLevelWildcard: "The wildcard + must be alone in its level.",
        "4.7.1-3", "4.7.1-2", MalformedPacket;
    ShareNameEmpty: "A shared subscription needs a share name of at least one character.",
        -, "4.8.2-1", MalformedPacket;
    ShareName: "A share name must not contain / + or #, and a topic filter must follow it.",
        -, "4.8.2-2", MalformedPacket;

    // CONNECT and CONNACK.
    ProtocolName: "The protocol name is not MQTT.", "3.1.2-1", "3.1.2-1", UnsupportedProtocolVersion;
    ProtocolVersion: "The protocol version is neither 4 (3.1.1) nor 5 (5.0).",
        "3.1.2-2", "3.1.2-2", UnsupportedProtocolVersion;
    ConnectReservedFlag: "The reserved bit of the connect flags is set.",
        "3.1.2-3", "3.1.2-3", MalformedPacket;
    WillQoSWithoutWill: "The Will QoS must be 0 when there is no will.",
        "3.1.2-13", "3.1.2-11", MalformedPacket;
    WillQoS3: "The Will QoS must not be 3.", "3.1.2-14", "3.1.2-12", MalformedPacket;
    WillRetainWithoutWill: "Will Retain must be 0 when there is no will.",
        "3.1.2-15", "3.1.2-13", MalformedPacket;
    PasswordWithoutUserName: "MQTT 3.1.1 allows a password only beside a user name.",
        "3.1.2-22", -, MalformedPacket;
    ClientIdentifierEmpty: "An empty client identifier needs Clean Session 1.",
        "3.1.3-7", -, ClientIdentifierNotValid;
    ConnAckReservedFlags: "Bits 7 to 1 of the connect acknowledge flags are reserved.",
        -, "3.2.2-1", MalformedPacket;
    SessionPresentWithError: "A CONNACK that refuses must have Session Present 0.",
        "3.2.2-4", "3.2.2-6", ProtocolError;
    ConnAckReason: "This is not a reason code of CONNACK.", -, "3.2.2-8", MalformedPacket;

    // PUBLISH and its acknowledgements.
    QoS3: "Both QoS bits of a PUBLISH are set.", "3.3.1-4", "3.3.1-4", MalformedPacket;
    DupWithQoS0: "DUP must be 0 in a PUBLISH at QoS 0.", "3.3.1-2", "3.3.1-2", MalformedPacket;
    PublishTopicWildcard: "The topic name of a PUBLISH contains a wildcard.",
        "3.3.2-2", "3.3.2-2", MalformedPacket;
    TopicNameMissing: "A PUBLISH needs a topic name, or in MQTT 5.0 a topic alias.",
        "4.7.3-1", "4.7.3-1", ProtocolError;
    PubAckReason: "This is not a reason code of PUBACK.", -, "3.4.2-1", MalformedPacket;
    PubRecReason: "This is not a reason code of PUBREC.", -, "3.5.2-1", MalformedPacket;
    PubRelReason: "This is not a reason code of PUBREL.", -, "3.6.2-1", MalformedPacket;
    PubCompReason: "This is not a reason code of PUBCOMP.", -, "3.7.2-1", MalformedPacket;

    // SUBSCRIBE, UNSUBSCRIBE and their acknowledgements.
    SubscribeEmpty: "A SUBSCRIBE must contain at least one topic filter.",
        "3.8.3-3", "3.8.3-2", ProtocolError;
    SubscribeQoS3: "The QoS of a subscription must not be 3.", "3.8.3-4", -, ProtocolError;
    SubscribeReservedBits: "Reserved bits of a subscription are set.",
        "3.8.3-4", "3.8.3-5", MalformedPacket;
    RetainHandling3: "Retain Handling must not be 3.", -, -, ProtocolError;
    SharedNoLocal: "No Local must be 0 on a shared subscription.", -, "3.8.3-4", ProtocolError;
    SubAckEmpty: "A SUBACK must contain a reason code for each topic filter.",
        "3.8.4-5", "3.8.4-6", ProtocolError;
    SubAckReason: "This is not a reason code of SUBACK.", "3.9.3-2", "3.9.3-2", MalformedPacket;
    UnsubscribeEmpty: "An UNSUBSCRIBE must contain at least one topic filter.",
        "3.10.3-2", "3.10.3-2", ProtocolError;
    UnsubAckEmpty: "An UNSUBACK must contain a reason code for each topic filter.",
        -, -, ProtocolError;
    UnsubAckReason: "This is not a reason code of UNSUBACK.", -, "3.11.3-2", MalformedPacket;

    // The end of a session.
    DisconnectReason: "This is not a reason code of DISCONNECT.", -, "3.14.2-1", MalformedPacket;
    AuthReason: "This is not a reason code of AUTH.", -, "3.15.2-1", MalformedPacket;

    // Properties.
    PropertyUnknown: "There is no property with this identifier.", -, -, MalformedPacket;
    PropertyNotAllowed: "This property is not allowed in this packet.", -, -, MalformedPacket;
    PropertyDuplicate: "This property must not appear twice.", -, -, ProtocolError;
    PropertyTooLong: "A property runs past the end of the property list.", -, -, MalformedPacket;
    BooleanValue: "The value of this property must be 0 or 1.", -, -, ProtocolError;
    ReceiveMaximumZero: "Receive Maximum must not be 0.", -, -, ProtocolError;
    MaximumPacketSizeZero: "Maximum Packet Size must not be 0.", -, -, ProtocolError;
    TopicAliasZero: "A topic alias must not be 0.", -, "3.3.2-8", TopicAliasInvalid;
    SubscriptionIdentifierRange: "A subscription identifier must be from 1 to 268,435,455.",
        -, -, ProtocolError;
    ResponseTopicWildcard: "A response topic must not contain a wildcard.",
        -, "3.3.2-14", ProtocolError;
    AuthenticationDataAlone: "Authentication Data needs an Authentication Method.",
        -, -, ProtocolError;
    AuthenticationMethodMissing: "An AUTH needs an Authentication Method.", -, -, ProtocolError;
}

impl Rule {
    /// The rule that a packet of this type breaks with a reason code that is
    /// not in its table.
    pub(super) fn for_reason_in(packet_type: PacketType) -> Rule {
        match packet_type {
            PacketType::ConnAck => Rule::ConnAckReason,
            PacketType::PubAck => Rule::PubAckReason,
            PacketType::PubRec => Rule::PubRecReason,
            PacketType::PubRel => Rule::PubRelReason,
            PacketType::PubComp => Rule::PubCompReason,
            PacketType::SubAck => Rule::SubAckReason,
            PacketType::UnsubAck => Rule::UnsubAckReason,
            PacketType::Auth => Rule::AuthReason,
            _ => Rule::DisconnectReason,
        }
    }

    /// The rule that a packet of this type breaks with wrong reserved flags.
    pub(super) fn for_flags_of(packet_type: PacketType) -> Rule {
        match packet_type {
            PacketType::PubRel => Rule::PubRelFlags,
            PacketType::Subscribe => Rule::SubscribeFlags,
            PacketType::Unsubscribe => Rule::UnsubscribeFlags,
            PacketType::Disconnect => Rule::DisconnectFlags,
            PacketType::Auth => Rule::AuthFlags,
            _ => Rule::ReservedFlags,
        }
    }
}
