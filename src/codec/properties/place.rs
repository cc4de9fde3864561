use crate::codec::PacketType;

/// Where a list of properties stands: in a packet, or in a CONNECT's will.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::codec) enum Place {
    Connect,
    Will,
    ConnAck,
    Publish,
    PubAck,
    PubRec,
    PubRel,
    PubComp,
    Subscribe,
    SubAck,
    Unsubscribe,
    UnsubAck,
    Disconnect,
    Auth,
}

impl Place {
    /// The variable header of one of the four acknowledgements, SUBACK and
    /// UNSUBACK, which are decoded by type.
    pub(in crate::codec) fn in_ack(packet_type: PacketType) -> Place {
        match packet_type {
            PacketType::PubAck => Place::PubAck,
            PacketType::PubRec => Place::PubRec,
            PacketType::PubRel => Place::PubRel,
            PacketType::PubComp => Place::PubComp,
            PacketType::UnsubAck => Place::UnsubAck,
            _ => Place::SubAck,
        }
    }
}
