use std::fmt;

use super::{PacketType, Version};

/// Defines [`ReasonCode`] from the one table below.
macro_rules! reason_codes {
    ($($(#[$doc:meta])* $name:ident = $code:literal, $text:literal;)*) => {
        /// A reason code (5.0, section 2.4), also used for the return codes of
        /// 3.1.1, which the codec maps to and from the wire.
        ///
        /// 0x00 has three names, "Success", "Normal disconnection" and
        /// "Granted QoS 0"; it is one variant, and [`ReasonCode::name_in`]
        /// knows which name fits.
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[repr(u8)]
        pub enum ReasonCode {
            $($(#[$doc])* #[doc = $text] $name = $code,)*
        }

        impl ReasonCode {
            /// Every reason code, in the order of its numbers.
            pub const ALL: &'static [ReasonCode] = &[$(ReasonCode::$name),*];

            /// The reason code with this number, if there is one.
            pub const fn from_code(code: u8) -> Option<ReasonCode> {
                match code {
                    $($code => Some(ReasonCode::$name),)*
                    _ => None,
                }
            }

            /// The name as the specification prints it.
            pub const fn name(self) -> &'static str {
                match self {
                    $(ReasonCode::$name => $text,)*
                }
            }
        }
    };
}

reason_codes! {
    #[default]
    Success = 0x00, "Success";
    GrantedQoS1 = 0x01, "Granted QoS 1";
    GrantedQoS2 = 0x02, "Granted QoS 2";
    DisconnectWithWillMessage = 0x04, "Disconnect with Will Message";
    NoMatchingSubscribers = 0x10, "No matching subscribers";
    NoSubscriptionExisted = 0x11, "No subscription existed";
    ContinueAuthentication = 0x18, "Continue authentication";
    ReAuthenticate = 0x19, "Re-authenticate";
    UnspecifiedError = 0x80, "Unspecified error";
    MalformedPacket = 0x81, "Malformed Packet";
    ProtocolError = 0x82, "Protocol Error";
    ImplementationSpecificError = 0x83, "Implementation specific error";
    UnsupportedProtocolVersion = 0x84, "Unsupported Protocol Version";
    ClientIdentifierNotValid = 0x85, "Client Identifier not valid";
    BadUserNameOrPassword = 0x86, "Bad User Name or Password";
    NotAuthorized = 0x87, "Not authorized";
    ServerUnavailable = 0x88, "Server unavailable";
    ServerBusy = 0x89, "Server busy";
    Banned = 0x8A, "Banned";
    ServerShuttingDown = 0x8B, "Server shutting down";
    BadAuthenticationMethod = 0x8C, "Bad authentication method";
    KeepAliveTimeout = 0x8D, "Keep Alive timeout";
    SessionTakenOver = 0x8E, "Session taken over";
    TopicFilterInvalid = 0x8F, "Topic Filter invalid";
    TopicNameInvalid = 0x90, "Topic Name invalid";
    PacketIdentifierInUse = 0x91, "Packet Identifier in use";
    PacketIdentifierNotFound = 0x92, "Packet Identifier not found";
    ReceiveMaximumExceeded = 0x93, "Receive Maximum exceeded";
    TopicAliasInvalid = 0x94, "Topic Alias invalid";
    PacketTooLarge = 0x95, "Packet too large";
    MessageRateTooHigh = 0x96, "Message rate too high";
    QuotaExceeded = 0x97, "Quota exceeded";
    AdministrativeAction = 0x98, "Administrative action";
    PayloadFormatInvalid = 0x99, "Payload format invalid";
    RetainNotSupported = 0x9A, "Retain not supported";
    QoSNotSupported = 0x9B, "QoS not supported";
    UseAnotherServer = 0x9C, "Use another server";
    ServerMoved = 0x9D, "Server moved";
    SharedSubscriptionsNotSupported = 0x9E, "Shared Subscriptions not supported";
    ConnectionRateExceeded = 0x9F, "Connection rate exceeded";
    MaximumConnectTime = 0xA0, "Maximum connect time";
    SubscriptionIdentifiersNotSupported = 0xA1, "Subscription Identifiers not supported";
    WildcardSubscriptionsNotSupported = 0xA2, "Wildcard Subscriptions not supported";
}

impl ReasonCode {
    /// The number on the wire of MQTT 5.0.
    pub const fn code(self) -> u8 {
        self as u8
    }

    /// Whether this reports a failure: 0x80 and above (5.0, section 2.4).
    pub const fn is_error(self) -> bool {
        self.code() >= 0x80
    }

    /// The return code of a 3.1.1 CONNACK that means the same, 0 to 5.
    pub fn return_code(self) -> Option<u8> {
        let code = RETURN_CODES.iter().position(|&reason| reason == self)?;
        u8::try_from(code).ok()
    }

    /// Whether a packet of this type may carry this code in MQTT 5.0 (the
    /// tables of sections 3.2.2.2, 3.4.2.1 and so on).
    pub fn is_allowed_in(self, packet_type: PacketType) -> bool {
        let allowed: &[ReasonCode] = match packet_type {
            PacketType::ConnAck => CONNACK,
            PacketType::PubAck | PacketType::PubRec => PUBACK,
            PacketType::PubRel | PacketType::PubComp => PUBREL,
            PacketType::SubAck => SUBACK,
            PacketType::UnsubAck => UNSUBACK,
            PacketType::Disconnect => DISCONNECT,
            PacketType::Auth => AUTH,
            _ => &[],
        };
        allowed.contains(&self)
    }

    /// Whether a client may send DISCONNECT with this code (5.0, 3.14.2.1).
    pub fn is_disconnect_of_client(self) -> bool {
        self.is_allowed_in(PacketType::Disconnect) && !DISCONNECT_OF_SERVER.contains(&self)
    }

    /// Whether a server may send DISCONNECT with this code (5.0, 3.14.2.1).
    pub fn is_disconnect_of_server(self) -> bool {
        self.is_allowed_in(PacketType::Disconnect) && self != ReasonCode::DisconnectWithWillMessage
    }

    /// The code that this byte is in a packet of that type, if it is allowed
    /// there.
    pub(super) fn from_wire(
        version: Version,
        packet_type: PacketType,
        byte: u8,
    ) -> Option<ReasonCode> {
        if (version, packet_type) == (Version::V311, PacketType::ConnAck) {
            return RETURN_CODES.get(usize::from(byte)).copied();
        }
        let reason = ReasonCode::from_code(byte)?;
        reason.to_wire(version, packet_type).is_some().then_some(reason)
    }

    /// The byte for this code in a packet of that type, if it is allowed there.
    pub(super) fn to_wire(self, version: Version, packet_type: PacketType) -> Option<u8> {
        match (version, packet_type) {
            (Version::V311, PacketType::ConnAck) => self.return_code(),
            (Version::V311, PacketType::SubAck) if self.is_error() => {
                (self == ReasonCode::UnspecifiedError).then_some(self.code())
            }
            _ => self.is_allowed_in(packet_type).then_some(self.code()),
        }
    }

    /// The name of this code in a packet of that type: 0x00 reads "Granted
    /// QoS 0" in SUBACK and "Normal disconnection" in DISCONNECT.
    pub const fn name_in(self, packet_type: PacketType) -> &'static str {
        match (self, packet_type) {
            (ReasonCode::Success, PacketType::SubAck) => "Granted QoS 0",
            (ReasonCode::Success, PacketType::Disconnect) => "Normal disconnection",
            _ => self.name(),
        }
    }
}

impl fmt::Display for ReasonCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} (0x{:02X})", self.name(), self.code())
    }
}

/// The return codes 0 to 5 of a 3.1.1 CONNACK (table 3.1).
const RETURN_CODES: &[ReasonCode] = &[
    ReasonCode::Success,
    ReasonCode::UnsupportedProtocolVersion,
    ReasonCode::ClientIdentifierNotValid,
    ReasonCode::ServerUnavailable,
    ReasonCode::BadUserNameOrPassword,
    ReasonCode::NotAuthorized,
];

const CONNACK: &[ReasonCode] = &[
    ReasonCode::Success,
    ReasonCode::UnspecifiedError,
    ReasonCode::MalformedPacket,
    ReasonCode::ProtocolError,
    ReasonCode::ImplementationSpecificError,
    ReasonCode::UnsupportedProtocolVersion,
    ReasonCode::ClientIdentifierNotValid,
    ReasonCode::BadUserNameOrPassword,
    ReasonCode::NotAuthorized,
    ReasonCode::ServerUnavailable,
    ReasonCode::ServerBusy,
    ReasonCode::Banned,
    ReasonCode::BadAuthenticationMethod,
    ReasonCode::TopicNameInvalid,
    ReasonCode::PacketTooLarge,
    ReasonCode::QuotaExceeded,
    ReasonCode::PayloadFormatInvalid,
    ReasonCode::RetainNotSupported,
    ReasonCode::QoSNotSupported,
    ReasonCode::UseAnotherServer,
    ReasonCode::ServerMoved,
    ReasonCode::ConnectionRateExceeded,
];

const PUBACK: &[ReasonCode] = &[
    ReasonCode::Success,
    ReasonCode::NoMatchingSubscribers,
    ReasonCode::UnspecifiedError,
    ReasonCode::ImplementationSpecificError,
    ReasonCode::NotAuthorized,
    ReasonCode::TopicNameInvalid,
    ReasonCode::PacketIdentifierInUse,
    ReasonCode::QuotaExceeded,
    ReasonCode::PayloadFormatInvalid,
];

const PUBREL: &[ReasonCode] = &[ReasonCode::Success, ReasonCode::PacketIdentifierNotFound];

const SUBACK: &[ReasonCode] = &[
    ReasonCode::Success,
    ReasonCode::GrantedQoS1,
    ReasonCode::GrantedQoS2,
    ReasonCode::UnspecifiedError,
    ReasonCode::ImplementationSpecificError,
    ReasonCode::NotAuthorized,
    ReasonCode::TopicFilterInvalid,
    ReasonCode::PacketIdentifierInUse,
    ReasonCode::QuotaExceeded,
    ReasonCode::SharedSubscriptionsNotSupported,
    ReasonCode::SubscriptionIdentifiersNotSupported,
    ReasonCode::WildcardSubscriptionsNotSupported,
];

const UNSUBACK: &[ReasonCode] = &[
    ReasonCode::Success,
    ReasonCode::NoSubscriptionExisted,
    ReasonCode::UnspecifiedError,
    ReasonCode::ImplementationSpecificError,
    ReasonCode::NotAuthorized,
    ReasonCode::TopicFilterInvalid,
    ReasonCode::PacketIdentifierInUse,
];

/// Bad authentication method is in table 2-6 (section 2.4) only, not in that
/// of 3.14.2.1; a failed re-authentication has no better code.
const DISCONNECT: &[ReasonCode] = &[
    ReasonCode::Success,
    ReasonCode::DisconnectWithWillMessage,
    ReasonCode::UnspecifiedError,
    ReasonCode::MalformedPacket,
    ReasonCode::ProtocolError,
    ReasonCode::ImplementationSpecificError,
    ReasonCode::NotAuthorized,
    ReasonCode::ServerBusy,
    ReasonCode::ServerShuttingDown,
    ReasonCode::BadAuthenticationMethod,
    ReasonCode::KeepAliveTimeout,
    ReasonCode::SessionTakenOver,
    ReasonCode::TopicFilterInvalid,
    ReasonCode::TopicNameInvalid,
    ReasonCode::ReceiveMaximumExceeded,
    ReasonCode::TopicAliasInvalid,
    ReasonCode::PacketTooLarge,
    ReasonCode::MessageRateTooHigh,
    ReasonCode::QuotaExceeded,
    ReasonCode::AdministrativeAction,
    ReasonCode::PayloadFormatInvalid,
    ReasonCode::RetainNotSupported,
    ReasonCode::QoSNotSupported,
    ReasonCode::UseAnotherServer,
    ReasonCode::ServerMoved,
    ReasonCode::SharedSubscriptionsNotSupported,
    ReasonCode::ConnectionRateExceeded,
    ReasonCode::MaximumConnectTime,
    ReasonCode::SubscriptionIdentifiersNotSupported,
    ReasonCode::WildcardSubscriptionsNotSupported,
];

/// Those that only a server may send. One code, Disconnect with Will Message,
/// only a client may.
const DISCONNECT_OF_SERVER: &[ReasonCode] = &[
    ReasonCode::NotAuthorized,
    ReasonCode::ServerBusy,
    ReasonCode::ServerShuttingDown,
    ReasonCode::BadAuthenticationMethod,
    ReasonCode::KeepAliveTimeout,
    ReasonCode::SessionTakenOver,
    ReasonCode::TopicFilterInvalid,
    ReasonCode::RetainNotSupported,
    ReasonCode::QoSNotSupported,
    ReasonCode::UseAnotherServer,
    ReasonCode::ServerMoved,
    ReasonCode::SharedSubscriptionsNotSupported,
    ReasonCode::ConnectionRateExceeded,
    ReasonCode::MaximumConnectTime,
    ReasonCode::SubscriptionIdentifiersNotSupported,
    ReasonCode::WildcardSubscriptionsNotSupported,
];

const AUTH: &[ReasonCode] =
    &[ReasonCode::Success, ReasonCode::ContinueAuthentication, ReasonCode::ReAuthenticate];
