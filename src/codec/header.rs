//! The fixed header (2.2; 5.0: 2.1): type, flags and Remaining Length.

use super::reader::Reader;
use super::{DecodeError, PacketType, QoS, Rule, Version};

/// What the first byte says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct FirstByte {
    pub(super) packet_type: PacketType,
    pub(super) dup: bool,
    pub(super) qos: QoS,
    pub(super) retain: bool,
}

impl FirstByte {
    /// The only first byte that this type may have; PUBLISH builds its own.
    pub(super) fn of(packet_type: PacketType) -> u8 {
        (packet_type as u8) << 4 | flags(packet_type)
    }

    /// Checks a first byte, all on its own.
    pub(super) fn parse(version: Version, byte: u8) -> Result<FirstByte, Rule> {
        let packet_type = PacketType::from_number(byte >> 4).ok_or(Rule::ForbiddenPacketType)?;
        let mut first = FirstByte { packet_type, dup: false, qos: QoS::AtMostOnce, retain: false };
        if packet_type == PacketType::Auth && version == Version::V311 {
            return Err(Rule::AuthNotInVersion);
        }
        if packet_type == PacketType::Publish {
            first.dup = byte & DUP != 0;
            first.qos = QoS::from_bits(byte >> 1 & 0b11).ok_or(Rule::QoS3)?;
            first.retain = byte & RETAIN != 0;
            if first.dup && first.qos == QoS::AtMostOnce {
                return Err(Rule::DupWithQoS0);
            }
        } else if byte & FLAGS != flags(packet_type) {
            return Err(Rule::for_flags_of(packet_type));
        }
        Ok(first)
    }

    /// The first byte of a PUBLISH.
    pub(super) fn publish(dup: bool, qos: QoS, retain: bool) -> u8 {
        (PacketType::Publish as u8) << 4
            | if dup { DUP } else { 0 }
            | qos.bits() << 1
            | if retain { RETAIN } else { 0 }
    }
}

/// Reads the fixed header and narrows the reader to the packet's body.
pub(super) fn decode(reader: &mut Reader<'_>) -> Result<FirstByte, DecodeError> {
    reader.group("Fixed Header", |reader| {
        let byte = reader.code("Type and Flags")?;
        record_first_byte(reader, byte);
        let first = FirstByte::parse(reader.version(), byte);
        let first = first.map_err(|rule| reader.error(0, rule))?;
        let length = reader.variable_byte_integer("Remaining Length")?;
        reader.meaning(|| format!("{length} bytes follow"));
        reader.enter_body(length as usize);
        Ok(first)
    })
}

fn record_first_byte(reader: &mut Reader<'_>, byte: u8) {
    let packet_type = PacketType::from_number(byte >> 4);
    let name = packet_type.map_or("Forbidden", PacketType::name);
    reader.bits("Control Packet Type", byte, 0xF0, |_| name);
    if packet_type == Some(PacketType::Publish) {
        reader.flag("DUP", byte, DUP, ["first attempt", "repeated packet"]);
        reader.bits("QoS", byte, QOS, QoS::meaning_of_bits);
        reader.flag("RETAIN", byte, RETAIN, ["not retained", "retained"]);
    } else {
        reader.bits("Reserved", byte, FLAGS, |_| "");
    }
    reader.meaning(|| name.to_owned());
}

/// The flags that the types other than PUBLISH must have (tables 2.2; 5.0: 2-2).
fn flags(packet_type: PacketType) -> u8 {
    match packet_type {
        PacketType::PubRel | PacketType::Subscribe | PacketType::Unsubscribe => 0b0010,
        _ => 0,
    }
}

const FLAGS: u8 = 0b0000_1111;
const DUP: u8 = 0b0000_1000;
const QOS: u8 = 0b0000_0110;
const RETAIN: u8 = 0b0000_0001;
