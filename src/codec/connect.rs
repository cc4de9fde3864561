//! CONNECT and CONNACK on the wire (3.1, 3.2).

use bytes::Bytes;

use super::properties::Place;
use super::reader::Reader;
use super::writer::Writer;
use super::{
    ConnAck, Connect, DecodeError, MAXIMUM_PACKET_SIZE, PacketType, Properties, Property, QoS,
    ReasonCode, Rule, Version, Will, header, topic,
};

/// The Maximum Packet Size that holds for the answer to a CONNECT which cannot
/// be decoded, in bytes ([MQTT-3.1.2-24] in 5.0): what it names, or the
/// protocol's own if it names none. `None` where its properties cannot be read
/// as far as that.
pub fn maximum_packet_size_of(connect: &Bytes) -> Option<u32> {
    let mut reader = Reader::new(Version::V5, connect, None);
    let reader = &mut reader;
    header::decode(reader).ok()?;
    reader.string("Protocol Name").ok()?;
    reader.u8("Protocol Version").ok()?;
    reader.u8("Connect Flags").ok()?;
    reader.u16("Keep Alive").ok()?;
    let start = reader.position();
    let length = reader.variable_byte_integer("Property Length").ok()?;
    let mut maximum = None;
    let read = reader.within(start, length as usize, |reader| {
        while !reader.is_empty() && maximum.is_none() {
            if let Property::MaximumPacketSize(size) = Property::decode(reader)? {
                maximum = Some(size);
            }
        }
        Ok(())
    });
    maximum.or(read.ok().map(|()| MAXIMUM_PACKET_SIZE))
}

/// What the variable header of a CONNECT says.
struct VariableHeader {
    flags: ConnectFlags,
    keep_alive: u16,
    properties: Properties,
}

/// The connect flags (3.1.2.3), all but the reserved one.
#[derive(Default)]
struct ConnectFlags {
    user_name: bool,
    password: bool,
    /// QoS and RETAIN of the will.
    will: Option<(QoS, bool)>,
    clean_start: bool,
}

impl Connect {
    pub(super) fn decode(reader: &mut Reader<'_>) -> Result<Connect, DecodeError> {
        let header = reader.group("Variable Header", VariableHeader::decode)?;
        reader.group("Payload", |reader| Connect::decode_payload(reader, header))
    }

    fn decode_payload(
        reader: &mut Reader<'_>,
        VariableHeader { flags, keep_alive, properties }: VariableHeader,
    ) -> Result<Connect, DecodeError> {
        let start = reader.position();
        let client_identifier = reader.string("Client Identifier")?;
        if client_identifier.is_empty() {
            reader.meaning(|| "the server assigns one".to_owned());
        }
        let identified =
            check_client_identifier(reader.version(), &client_identifier, flags.clean_start);
        reader.check(start, identified)?;
        let will = match flags.will {
            Some((qos, retain)) => Some(Will::decode(reader, qos, retain)?),
            None => None,
        };
        let user_name = match flags.user_name {
            true => Some(reader.string("User Name")?),
            false => None,
        };
        let password = match flags.password {
            true => Some(reader.binary("Password")?),
            false => None,
        };
        Ok(Connect {
            version: reader.version(),
            clean_start: flags.clean_start,
            keep_alive,
            client_identifier,
            will,
            user_name,
            password,
            properties,
        })
    }

    /// Writes what follows the fixed header, in the version that it names.
    pub(super) fn encode(&self, writer: &mut Writer<'_>) -> Result<(), Rule> {
        let flags = ConnectFlags {
            user_name: self.user_name.is_some(),
            password: self.password.is_some(),
            will: self.will.as_ref().map(|will| (will.qos, will.retain)),
            clean_start: self.clean_start,
        };
        if self.version == Version::V311 && flags.password && !flags.user_name {
            return Err(Rule::PasswordWithoutUserName);
        }
        check_client_identifier(self.version, &self.client_identifier, self.clean_start)?;
        writer.string(PROTOCOL_NAME)?;
        writer.u8(self.version.level());
        writer.u8(flags.byte());
        writer.u16(self.keep_alive);
        self.properties.encode(writer, Place::Connect)?;
        writer.string(&self.client_identifier)?;
        if let Some(will) = &self.will {
            will.encode(writer)?;
        }
        if let Some(user_name) = &self.user_name {
            writer.string(user_name)?;
        }
        if let Some(password) = &self.password {
            writer.binary(password)?;
        }
        Ok(())
    }
}

impl VariableHeader {
    fn decode(reader: &mut Reader<'_>) -> Result<VariableHeader, DecodeError> {
        let start = reader.position();
        if reader.string("Protocol Name")? != PROTOCOL_NAME {
            return Err(reader.error(start, Rule::ProtocolName));
        }
        let start = reader.position();
        let level = reader.u8(match reader.version() {
            Version::V311 => "Protocol Level",
            Version::V5 => "Protocol Version",
        })?;
        let version = Version::from_level(level);
        let version = version.ok_or_else(|| reader.error(start, Rule::ProtocolVersion))?;
        reader.meaning(|| format!("MQTT {version}"));
        reader.set_version(version);
        let flags = ConnectFlags::decode(reader)?;
        let keep_alive = reader.u16("Keep Alive")?;
        reader.meaning(|| match keep_alive {
            0 => "off".to_owned(),
            _ => "seconds".to_owned(),
        });
        let properties = Properties::decode(reader, Place::Connect)?;
        Ok(VariableHeader { flags, keep_alive, properties })
    }
}

impl ConnectFlags {
    fn decode(reader: &mut Reader<'_>) -> Result<ConnectFlags, DecodeError> {
        let start = reader.position();
        let byte = reader.code("Connect Flags")?;
        let (clean, keep, fresh) = match reader.version() {
            Version::V311 => ("Clean Session", "stored session", "new session"),
            Version::V5 => ("Clean Start", "stored session if any", "new session"),
        };
        let user_name = reader.flag("User Name Flag", byte, 0x80, ["absent", "present"]);
        let password = reader.flag("Password Flag", byte, 0x40, ["absent", "present"]);
        let retain = reader.flag("Will Retain", byte, 0x20, ["not retained", "retained"]);
        let qos = reader.bits("Will QoS", byte, 0x18, QoS::meaning_of_bits);
        let will = reader.flag("Will Flag", byte, 0x04, ["no will", "will present"]);
        let clean_start = reader.flag(clean, byte, 0x02, [keep, fresh]);
        let reserved = reader.bits("Reserved", byte, 0x01, |_| "");
        let checked = match QoS::from_bits(qos) {
            _ if reserved != 0 => Err(Rule::ConnectReservedFlag),
            _ if qos != 0 && !will => Err(Rule::WillQoSWithoutWill),
            _ if retain && !will => Err(Rule::WillRetainWithoutWill),
            _ if reader.version() == Version::V311 && password && !user_name => {
                Err(Rule::PasswordWithoutUserName)
            }
            Some(qos) => Ok(will.then_some((qos, retain))),
            None => Err(Rule::WillQoS3),
        };
        let will = checked.map_err(|rule| reader.error(start, rule))?;
        Ok(ConnectFlags { user_name, password, will, clean_start })
    }

    fn byte(&self) -> u8 {
        let will = match self.will {
            Some((qos, retain)) => u8::from(retain) << 5 | qos.bits() << 3 | 1 << 2,
            None => 0,
        };
        u8::from(self.user_name) << 7
            | u8::from(self.password) << 6
            | will
            | u8::from(self.clean_start) << 1
    }
}

impl Will {
    fn decode(reader: &mut Reader<'_>, qos: QoS, retain: bool) -> Result<Will, DecodeError> {
        let properties = Properties::decode(reader, Place::Will)?;
        let start = reader.position();
        let topic = reader.string("Will Topic")?;
        reader.check(start, topic::validate_name(&topic))?;
        let payload = reader.binary(match reader.version() {
            Version::V311 => "Will Message",
            Version::V5 => "Will Payload",
        })?;
        Ok(Will { topic, payload, qos, retain, properties })
    }

    fn encode(&self, writer: &mut Writer<'_>) -> Result<(), Rule> {
        self.properties.encode(writer, Place::Will)?;
        topic::validate_name(&self.topic)?;
        writer.string(&self.topic)?;
        writer.binary(&self.payload)
    }
}

impl ConnAck {
    pub(super) fn decode(reader: &mut Reader<'_>) -> Result<ConnAck, DecodeError> {
        reader.group("Variable Header", |reader| {
            let start = reader.position();
            let flags = reader.code("Connect Acknowledge Flags")?;
            let reserved = reader.bits("Reserved", flags, 0xFE, |_| "");
            let session_present =
                reader.flag("Session Present", flags, 0x01, ["no session", "session continues"]);
            if reserved != 0 {
                return Err(reader.error(start, Rule::ConnAckReservedFlags));
            }
            let reason = reader.reason(PacketType::ConnAck)?;
            if session_present && reason != ReasonCode::Success {
                return Err(reader.error(start, Rule::SessionPresentWithError));
            }
            let properties = Properties::decode(reader, Place::ConnAck)?;
            Ok(ConnAck { session_present, reason, properties })
        })
    }

    pub(super) fn encode(&self, writer: &mut Writer<'_>) -> Result<(), Rule> {
        if self.session_present && self.reason != ReasonCode::Success {
            return Err(Rule::SessionPresentWithError);
        }
        writer.u8(u8::from(self.session_present));
        writer.reason(self.reason, PacketType::ConnAck)?;
        self.properties.encode(writer, Place::ConnAck)
    }
}

/// 3.1.1 lets a client have no identifier only for a clean session; 5.0 leaves
/// that to the server.
fn check_client_identifier(
    version: Version,
    client_identifier: &str,
    clean_start: bool,
) -> Result<(), Rule> {
    match version == Version::V311 && client_identifier.is_empty() && !clean_start {
        true => Err(Rule::ClientIdentifierEmpty),
        false => Ok(()),
    }
}

const PROTOCOL_NAME: &str = "MQTT";
