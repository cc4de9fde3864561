//! PUBLISH and its four acknowledgements on the wire (3.3 to 3.7).

use super::header::FirstByte;
use super::properties::Place;
use super::reader::Reader;
use super::writer::Writer;
use super::{
    Ack, DecodeError, PacketType, Properties, PropertyId, Publish, QoS, ReasonCode, Rule, Version,
    topic,
};

impl Publish {
    pub(super) fn decode(
        reader: &mut Reader<'_>,
        FirstByte { dup, qos, retain, .. }: FirstByte,
    ) -> Result<Publish, DecodeError> {
        let (topic, packet_identifier, properties) = reader.group("Variable Header", |reader| {
            let start = reader.position();
            let topic = reader.string("Topic Name")?;
            let packet_identifier = match qos {
                QoS::AtMostOnce => None,
                _ => Some(reader.packet_identifier()?),
            };
            let properties = Properties::decode(reader, Place::Publish)?;
            reader.check(start, check_topic(&topic, &properties))?;
            Ok((topic, packet_identifier, properties))
        })?;
        let payload = reader.rest("Payload");
        Ok(Publish { dup, qos, retain, topic, packet_identifier, properties, payload })
    }

    /// Writes the whole packet: the hot path. The payload is copied once.
    pub(super) fn encode(&self, writer: &mut Writer<'_>) -> Result<(), Rule> {
        if self.dup && self.qos == QoS::AtMostOnce {
            return Err(Rule::DupWithQoS0);
        }
        match (self.qos, self.packet_identifier) {
            (QoS::AtMostOnce, Some(_)) => return Err(Rule::PacketIdentifierWithQoS0),
            (QoS::AtLeastOnce | QoS::ExactlyOnce, None) => {
                return Err(Rule::PacketIdentifierMissing);
            }
            _ => {}
        }
        check_topic(&self.topic, &self.properties)?;
        writer.u8(FirstByte::publish(self.dup, self.qos, self.retain));
        writer.counted(self.payload.len(), |writer| {
            writer.string(&self.topic)?;
            if let Some(identifier) = self.packet_identifier {
                writer.packet_identifier(identifier);
            }
            self.properties.encode(writer, Place::Publish)
        })?;
        writer.bytes(&self.payload);
        Ok(())
    }
}

impl Ack {
    pub(super) fn decode(
        reader: &mut Reader<'_>,
        packet_type: PacketType,
    ) -> Result<Ack, DecodeError> {
        reader.group("Variable Header", |reader| {
            let packet_identifier = reader.packet_identifier()?;
            // 5.0 lets both the reason and the properties be left out.
            let reason = match reader.version() == Version::V311 || reader.is_empty() {
                true => ReasonCode::Success,
                false => reader.reason(packet_type)?,
            };
            let properties = match reader.is_empty() {
                true => Properties::new(),
                false => Properties::decode(reader, Place::in_ack(packet_type))?,
            };
            Ok(Ack { packet_identifier, reason, properties })
        })
    }

    pub(super) fn encode(
        &self,
        writer: &mut Writer<'_>,
        packet_type: PacketType,
    ) -> Result<(), Rule> {
        writer.packet_identifier(self.packet_identifier);
        let place = Place::in_ack(packet_type);
        self.properties.encode_after(self.reason, packet_type, writer, place)
    }
}

/// A topic name, or in 5.0 none beside a Topic Alias (5.0, 3.3.2.1).
fn check_topic(name: &str, properties: &Properties) -> Result<(), Rule> {
    if name.is_empty() {
        return match properties.contains(PropertyId::TopicAlias) {
            true => Ok(()),
            false => Err(Rule::TopicNameMissing),
        };
    }
    topic::validate_name(name).map_err(|rule| match rule {
        Rule::TopicNameWildcard => Rule::PublishTopicWildcard,
        rule => rule,
    })
}
