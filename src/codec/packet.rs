//! The fifteen control packets, one set of types for both versions.
//!
//! What exists only in MQTT 5.0 (properties, most reason codes) is simply
//! empty or `Success` in 3.1.1. Fields are public and plain; [`encode`]
//! refuses a combination that [`decode`] would refuse.
//!
//! [`encode`]: super::encode
//! [`decode`]: super::decode

use bytes::Bytes;
use bytestring::ByteString;

use super::{PacketIdentifier, PacketType, Properties, QoS, ReasonCode, Version};

/// One MQTT control packet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Packet {
    /// Client asks for a connection (3.1).
    Connect(Box<Connect>),
    /// Server answers it (3.2).
    ConnAck(ConnAck),
    /// A message (3.3).
    Publish(Publish),
    /// QoS 1 acknowledgement (3.4).
    PubAck(Ack),
    /// QoS 2, step two: received (3.5).
    PubRec(Ack),
    /// QoS 2, step three: release (3.6).
    PubRel(Ack),
    /// QoS 2, step four: complete (3.7).
    PubComp(Ack),
    /// Client asks for subscriptions (3.8).
    Subscribe(Subscribe),
    /// Server grants or refuses them (3.9).
    SubAck(SubAck),
    /// Client ends subscriptions (3.10).
    Unsubscribe(Unsubscribe),
    /// Server confirms (3.11). In 3.1.1 `reasons` is empty.
    UnsubAck(SubAck),
    /// Keep-alive question (3.12).
    PingReq,
    /// Keep-alive answer (3.13).
    PingResp,
    /// An end with a reason (3.14). In 3.1.1 it has no body.
    Disconnect(Disconnect),
    /// Enhanced authentication, 5.0 only (3.15).
    Auth(Auth),
}

impl Packet {
    /// Which of the fifteen this is.
    pub fn packet_type(&self) -> PacketType {
        match self {
            Packet::Connect(_) => PacketType::Connect,
            Packet::ConnAck(_) => PacketType::ConnAck,
            Packet::Publish(_) => PacketType::Publish,
            Packet::PubAck(_) => PacketType::PubAck,
            Packet::PubRec(_) => PacketType::PubRec,
            Packet::PubRel(_) => PacketType::PubRel,
            Packet::PubComp(_) => PacketType::PubComp,
            Packet::Subscribe(_) => PacketType::Subscribe,
            Packet::SubAck(_) => PacketType::SubAck,
            Packet::Unsubscribe(_) => PacketType::Unsubscribe,
            Packet::UnsubAck(_) => PacketType::UnsubAck,
            Packet::PingReq => PacketType::PingReq,
            Packet::PingResp => PacketType::PingResp,
            Packet::Disconnect(_) => PacketType::Disconnect,
            Packet::Auth(_) => PacketType::Auth,
        }
    }

    /// The packet identifier, for the packets that carry one.
    pub fn packet_identifier(&self) -> Option<PacketIdentifier> {
        match self {
            Packet::Publish(publish) => publish.packet_identifier,
            Packet::PubAck(ack)
            | Packet::PubRec(ack)
            | Packet::PubRel(ack)
            | Packet::PubComp(ack) => Some(ack.packet_identifier),
            Packet::Subscribe(subscribe) => Some(subscribe.packet_identifier),
            Packet::SubAck(ack) | Packet::UnsubAck(ack) => Some(ack.packet_identifier),
            Packet::Unsubscribe(unsubscribe) => Some(unsubscribe.packet_identifier),
            _ => None,
        }
    }
}

/// CONNECT (3.1). It names its own version.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Connect {
    /// The version that this connection will speak.
    pub version: Version,
    /// Clean Session in 3.1.1, Clean Start in 5.0.
    pub clean_start: bool,
    /// Seconds; 0 turns keep-alive off.
    pub keep_alive: u16,
    /// May be empty: the server then assigns one.
    pub client_identifier: ByteString,
    /// Published by the server if the connection ends ungracefully.
    pub will: Option<Will>,
    /// User name.
    pub user_name: Option<ByteString>,
    /// Password. In 3.1.1 only beside a user name ([MQTT-3.1.2-22]).
    pub password: Option<Bytes>,
    /// 5.0 only.
    pub properties: Properties,
}

/// The will message that CONNECT leaves with the server (3.1.2.5).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Will {
    /// Topic name, without wildcards.
    pub topic: ByteString,
    /// Payload, 0 to 65,535 bytes.
    pub payload: Bytes,
    /// Will QoS.
    pub qos: QoS,
    /// Will Retain.
    pub retain: bool,
    /// Will properties, 5.0 only.
    pub properties: Properties,
}

impl Will {
    /// A copy that does not keep alive the CONNECT in which it came, with user
    /// name, password and all.
    pub fn detached(&self) -> Will {
        Will {
            topic: ByteString::from(&*self.topic),
            payload: Bytes::copy_from_slice(&self.payload),
            properties: self.properties.detached(),
            ..*self
        }
    }

    /// Bytes of memory that it takes, the value itself and all that it refers
    /// to.
    pub fn footprint(&self) -> usize {
        size_of::<Self>() + self.topic.len() + self.payload.len() + self.properties.heap()
    }
}

/// CONNACK (3.2).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConnAck {
    /// Whether the server continues a stored session.
    pub session_present: bool,
    /// `Success`, or why not. 3.1.1's return codes 1 to 5 appear as the 5.0
    /// codes of the same meaning: `UnsupportedProtocolVersion`,
    /// `ClientIdentifierNotValid`, `ServerUnavailable`,
    /// `BadUserNameOrPassword`, `NotAuthorized`.
    pub reason: ReasonCode,
    /// 5.0 only.
    pub properties: Properties,
}

/// PUBLISH (3.3).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Publish {
    /// This packet repeats an earlier one; says nothing about the message.
    pub dup: bool,
    /// The level of this hop.
    pub qos: QoS,
    /// RETAIN flag.
    pub retain: bool,
    /// Topic name. May be empty in 5.0 beside a Topic Alias.
    pub topic: ByteString,
    /// Present exactly when `qos` is 1 or 2.
    pub packet_identifier: Option<PacketIdentifier>,
    /// 5.0 only.
    pub properties: Properties,
    /// The application's bytes.
    pub payload: Bytes,
}

impl Publish {
    /// Bytes of memory that it takes, the value itself and all that it refers
    /// to. What several copies share counts for each.
    pub fn footprint(&self) -> usize {
        size_of::<Self>() + self.topic.len() + self.payload.len() + self.properties.heap()
    }
}

/// PUBACK, PUBREC, PUBREL and PUBCOMP, which share one shape (3.4 to 3.7).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ack {
    /// The flow that this answers.
    pub packet_identifier: PacketIdentifier,
    /// Always `Success` in 3.1.1.
    pub reason: ReasonCode,
    /// 5.0 only.
    pub properties: Properties,
}

impl Ack {
    /// A plain success for this identifier.
    pub fn success(packet_identifier: PacketIdentifier) -> Self {
        Ack::new(packet_identifier, ReasonCode::Success)
    }

    /// An acknowledgement with this reason and no properties.
    pub fn new(packet_identifier: PacketIdentifier, reason: ReasonCode) -> Self {
        Ack { packet_identifier, reason, properties: Properties::default() }
    }
}

/// SUBSCRIBE (3.8).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Subscribe {
    /// Answered by the SUBACK with the same identifier.
    pub packet_identifier: PacketIdentifier,
    /// At least one.
    pub subscriptions: Vec<Subscription>,
    /// 5.0 only.
    pub properties: Properties,
}

/// One topic filter and what is asked for it (3.8.3).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Subscription {
    /// Topic filter; `$share/{name}/{filter}` is a shared one in 5.0.
    pub filter: ByteString,
    /// The highest QoS that the server may use for it.
    pub qos: QoS,
    /// 5.0: do not send me what I published myself.
    pub no_local: bool,
    /// 5.0: keep the RETAIN flag as it was published.
    pub retain_as_published: bool,
    /// 5.0: whether retained messages are sent on subscribing.
    pub retain_handling: RetainHandling,
}

/// Whether retained messages are sent when a subscription is made
/// (5.0, 3.8.3.1).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum RetainHandling {
    /// 0: on every SUBSCRIBE, as in 3.1.1.
    #[default]
    Send = 0,
    /// 1: only if the subscription is new.
    SendIfNew = 1,
    /// 2: never.
    DoNotSend = 2,
}

/// SUBACK and UNSUBACK (3.9, 3.11).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SubAck {
    /// The SUBSCRIBE or UNSUBSCRIBE that this answers.
    pub packet_identifier: PacketIdentifier,
    /// One for each topic filter, in order. Empty in a 3.1.1 UNSUBACK.
    pub reasons: Vec<ReasonCode>,
    /// 5.0 only.
    pub properties: Properties,
}

/// UNSUBSCRIBE (3.10).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unsubscribe {
    /// Answered by the UNSUBACK with the same identifier.
    pub packet_identifier: PacketIdentifier,
    /// At least one.
    pub filters: Vec<ByteString>,
    /// 5.0 only.
    pub properties: Properties,
}

/// DISCONNECT (3.14).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Disconnect {
    /// Always `Success` ("normal disconnection") in 3.1.1.
    pub reason: ReasonCode,
    /// 5.0 only.
    pub properties: Properties,
}

/// AUTH, 5.0 only (3.15).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Auth {
    /// `Success`, `ContinueAuthentication` or `ReAuthenticate`.
    pub reason: ReasonCode,
    /// Carries the authentication method and data.
    pub properties: Properties,
}
