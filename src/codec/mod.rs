//! Bytes to [`Packet`] and back, for MQTT 3.1.1 and 5.0.
//!
//! The protocol version is a parameter, never a second copy of the code.
//! Decoding is strict: everything that the specifications call malformed or a
//! protocol error is refused with a [`DecodeError`].

mod connect;
mod dissect;
mod end;
mod error;
mod framer;
mod header;
mod identifier;
mod packet;
mod packet_type;
mod properties;
mod publish;
mod qos;
mod reader;
mod reason;
mod recorder;
mod rule;
mod statement;
mod subscribe;
pub mod topic;
mod version;
mod writer;

use bytes::Bytes;

pub use connect::maximum_packet_size_of;
pub use dissect::{Dissection, dissect};
pub use error::{DecodeError, EncodeError, Rule};
pub use framer::Framer;
pub use identifier::PacketIdentifier;
pub use packet::{
    Ack, Auth, ConnAck, Connect, Disconnect, Packet, Publish, RetainHandling, SubAck, Subscribe,
    Subscription, Unsubscribe, Will,
};
pub use packet_type::PacketType;
pub use properties::{Iter, Properties, Property, PropertyId};
pub use qos::QoS;
pub use reason::ReasonCode;
pub use recorder::Field;
pub use statement::Statement;
pub use version::Version;

use header::FirstByte;
use reader::Reader;
use writer::Writer;

/// The largest packet that the protocol can express, fixed header included:
/// 1 + 4 + 268,435,455 bytes.
pub const MAXIMUM_PACKET_SIZE: u32 = 268_435_460;

/// Decodes one whole packet, as a [`Framer`] returns it. Strings and payloads
/// share `bytes` and are not copied. A CONNECT is decoded by the version that
/// it names itself.
pub fn decode(version: Version, bytes: &Bytes) -> Result<Packet, DecodeError> {
    decode_packet(&mut Reader::new(version, bytes, None))
}

/// Appends one packet to `out`. On an error `out` is as it was. A CONNECT is
/// encoded in the version that it names itself.
pub fn encode(version: Version, packet: &Packet, out: &mut Vec<u8>) -> Result<(), EncodeError> {
    let version = match packet {
        Packet::Connect(connect) => connect.version,
        _ => version,
    };
    append(version, out, |writer| encode_packet(packet, writer))
}

/// Appends one PUBLISH to `out`: the hot path, straight from borrowed parts.
/// Equal to [`encode`] of the same [`Publish`].
pub fn encode_publish(
    version: Version,
    publish: &Publish,
    out: &mut Vec<u8>,
) -> Result<(), EncodeError> {
    append(version, out, |writer| publish.encode(writer))
}

fn decode_packet(reader: &mut Reader<'_>) -> Result<Packet, DecodeError> {
    let first = header::decode(reader)?;
    let packet = decode_body(reader, first).map_err(|error| reader.excuse(error))?;
    reader.finish()?;
    Ok(packet)
}

fn decode_body(reader: &mut Reader<'_>, first: FirstByte) -> Result<Packet, DecodeError> {
    let packet_type = first.packet_type;
    Ok(match packet_type {
        PacketType::Connect => Packet::Connect(Box::new(Connect::decode(reader)?)),
        PacketType::ConnAck => Packet::ConnAck(ConnAck::decode(reader)?),
        PacketType::Publish => Packet::Publish(Publish::decode(reader, first)?),
        PacketType::PubAck => Packet::PubAck(Ack::decode(reader, packet_type)?),
        PacketType::PubRec => Packet::PubRec(Ack::decode(reader, packet_type)?),
        PacketType::PubRel => Packet::PubRel(Ack::decode(reader, packet_type)?),
        PacketType::PubComp => Packet::PubComp(Ack::decode(reader, packet_type)?),
        PacketType::Subscribe => Packet::Subscribe(Subscribe::decode(reader)?),
        PacketType::SubAck => Packet::SubAck(SubAck::decode(reader, packet_type)?),
        PacketType::Unsubscribe => Packet::Unsubscribe(Unsubscribe::decode(reader)?),
        PacketType::UnsubAck => Packet::UnsubAck(SubAck::decode(reader, packet_type)?),
        PacketType::PingReq => Packet::PingReq,
        PacketType::PingResp => Packet::PingResp,
        PacketType::Disconnect => Packet::Disconnect(Disconnect::decode(reader)?),
        PacketType::Auth => Packet::Auth(Auth::decode(reader)?),
    })
}

/// Runs `write` and takes back what it appended if it fails.
fn append(
    version: Version,
    out: &mut Vec<u8>,
    write: impl FnOnce(&mut Writer<'_>) -> Result<(), Rule>,
) -> Result<(), EncodeError> {
    let start = out.len();
    write(&mut Writer::new(version, out)).map_err(|rule| {
        out.truncate(start);
        EncodeError { rule, version }
    })
}

fn encode_packet(packet: &Packet, writer: &mut Writer<'_>) -> Result<(), Rule> {
    let packet_type = packet.packet_type();
    // PUBLISH has flags of its own and writes its own fixed header.
    if let Packet::Publish(publish) = packet {
        return publish.encode(writer);
    }
    if packet_type == PacketType::Auth && writer.version() == Version::V311 {
        return Err(Rule::AuthNotInVersion);
    }
    writer.u8(FirstByte::of(packet_type));
    writer.counted(0, |writer| match packet {
        Packet::Connect(connect) => connect.encode(writer),
        Packet::ConnAck(connack) => connack.encode(writer),
        Packet::Publish(publish) => publish.encode(writer),
        Packet::PubAck(ack) | Packet::PubRec(ack) | Packet::PubRel(ack) | Packet::PubComp(ack) => {
            ack.encode(writer, packet_type)
        }
        Packet::Subscribe(subscribe) => subscribe.encode(writer),
        Packet::SubAck(ack) | Packet::UnsubAck(ack) => ack.encode(writer, packet_type),
        Packet::Unsubscribe(unsubscribe) => unsubscribe.encode(writer),
        Packet::PingReq | Packet::PingResp => Ok(()),
        Packet::Disconnect(disconnect) => disconnect.encode(writer),
        Packet::Auth(auth) => auth.encode(writer),
    })
}
