//! A list of properties on the wire, and the rules that hold for it
//! (2.2.2).

use super::place::Place;
use super::{Properties, Property, PropertyId};
use crate::codec::reader::Reader;
use crate::codec::writer::Writer;
use crate::codec::{DecodeError, PacketType, ReasonCode, Rule, Version, topic};

impl Properties {
    /// Reads the properties that stand here; none in 3.1.1.
    pub(in crate::codec) fn decode(
        reader: &mut Reader<'_>,
        place: Place,
    ) -> Result<Properties, DecodeError> {
        if reader.version() == Version::V311 {
            return Ok(Properties::new());
        }
        let mut properties = Properties::new();
        let name = if place == Place::Will { "Will Properties" } else { "Properties" };
        reader.group(name, |reader| {
            let start = reader.position();
            let length = reader.variable_byte_integer("Property Length")?;
            let mut seen = Seen::default();
            let mut data = None;
            reader.within(start, length as usize, |reader| {
                let start = reader.position();
                while !reader.is_empty() {
                    let start = reader.position();
                    let property = decode_property(reader, place, &mut seen)?;
                    if property.id() == PropertyId::AuthenticationData {
                        data = Some(start);
                    }
                }
                properties = Properties::from_wire(reader.since(start), seen.0);
                Ok(())
            })?;
            reader.check(data.unwrap_or(start), properties.check_as_a_whole())
        })?;
        Ok(properties)
    }

    /// Writes the properties with their length.
    pub(in crate::codec) fn encode(
        &self,
        writer: &mut Writer<'_>,
        place: Place,
    ) -> Result<(), Rule> {
        if writer.version() == Version::V311 {
            return if self.is_empty() { Ok(()) } else { Err(Rule::NotInVersion) };
        }
        self.check_as_a_whole()?;
        let mut seen = Seen::default();
        writer.counted(0, |writer| {
            let (wire, present, added) = self.parts();
            seen.check_all(present, place)?;
            self.check_identifiers(place)?;
            writer.bytes(wire);
            for property in added {
                seen.check(property.id(), place)?;
                property.check()?;
                writer.u8(property.id() as u8);
                property.write(writer)?;
            }
            Ok(())
        })
    }

    /// Writes the end of an acknowledgement or DISCONNECT in its shortest
    /// form: reason and properties may be left out, and in 3.1.1 they must be.
    pub(in crate::codec) fn encode_after(
        &self,
        reason: ReasonCode,
        packet_type: PacketType,
        writer: &mut Writer<'_>,
        place: Place,
    ) -> Result<(), Rule> {
        if reason == ReasonCode::Success && self.is_empty() {
            return Ok(());
        }
        if writer.version() == Version::V311 {
            return Err(Rule::NotInVersion);
        }
        writer.reason(reason, packet_type)?;
        if self.is_empty() { Ok(()) } else { self.encode(writer, place) }
    }

    /// Several Subscription Identifiers, which PUBLISH may have, may stand
    /// nowhere else.
    fn check_identifiers(&self, place: Place) -> Result<(), Rule> {
        let several = place != Place::Publish && self.subscription_identifiers().nth(1).is_some();
        if several { Err(Rule::PropertyDuplicate) } else { Ok(()) }
    }

    /// The rule that concerns more than one property.
    fn check_as_a_whole(&self) -> Result<(), Rule> {
        let alone = self.contains(PropertyId::AuthenticationData)
            && !self.contains(PropertyId::AuthenticationMethod);
        if alone { Err(Rule::AuthenticationDataAlone) } else { Ok(()) }
    }
}

impl Property {
    /// Reads the property of a CONNECT that stands here, whatever stands
    /// around it.
    pub(in super::super) fn decode(reader: &mut Reader<'_>) -> Result<Property, DecodeError> {
        decode_property(reader, Place::Connect, &mut Seen::default())
    }

    /// Checks the value by itself.
    fn check(&self) -> Result<(), Rule> {
        match self {
            Property::PayloadFormatIndicator(2..) | Property::MaximumQoS(2..) => {
                Err(Rule::BooleanValue)
            }
            Property::ReceiveMaximum(0) => Err(Rule::ReceiveMaximumZero),
            Property::MaximumPacketSize(0) => Err(Rule::MaximumPacketSizeZero),
            Property::TopicAlias(0) => Err(Rule::TopicAliasZero),
            Property::SubscriptionIdentifier(0 | 0x1000_0000..) => {
                Err(Rule::SubscriptionIdentifierRange)
            }
            Property::ResponseTopic(name) => {
                topic::validate_name(name).map_err(|rule| match rule {
                    Rule::TopicNameWildcard => Rule::ResponseTopicWildcard,
                    rule => rule,
                })
            }
            _ => Ok(()),
        }
    }
}

fn decode_property(
    reader: &mut Reader<'_>,
    place: Place,
    seen: &mut Seen,
) -> Result<Property, DecodeError> {
    let name = reader.peek().and_then(PropertyId::from_number).map(PropertyId::name);
    reader.group(name.unwrap_or("Unknown Property"), |reader| {
        let start = reader.position();
        let number = reader.variable_byte_integer("Identifier")?;
        reader.meaning(|| format!("0x{number:02X} {}", name.unwrap_or("unknown")));
        let id = u8::try_from(number).ok().and_then(PropertyId::from_number);
        let id = id.ok_or_else(|| reader.error(start, Rule::PropertyUnknown))?;
        reader.check(start, seen.check(id, place))?;
        let start = reader.position();
        let property = id.read(reader)?;
        reader.meaning(|| property.meaning().to_owned());
        reader.check(start, property.check())?;
        Ok(property)
    })
}

impl Property {
    /// What the value means, where it does not say so itself.
    fn meaning(&self) -> &'static str {
        match self {
            Property::PayloadFormatIndicator(0) => "unspecified bytes",
            Property::PayloadFormatIndicator(1) => "UTF-8 text",
            Property::MaximumQoS(0) => "at most once",
            Property::MaximumQoS(1) => "at least once",
            Property::SessionExpiryInterval(u32::MAX) => "never expires",
            Property::SessionExpiryInterval(_)
            | Property::MessageExpiryInterval(_)
            | Property::WillDelayInterval(_)
            | Property::ServerKeepAlive(_) => "seconds",
            Property::MaximumPacketSize(_) => "bytes",
            Property::RequestProblemInformation(value)
            | Property::RequestResponseInformation(value)
            | Property::RetainAvailable(value)
            | Property::WildcardSubscriptionAvailable(value)
            | Property::SubscriptionIdentifierAvailable(value)
            | Property::SharedSubscriptionAvailable(value) => {
                if *value {
                    "yes"
                } else {
                    "no"
                }
            }
            _ => "",
        }
    }
}

/// Which properties a list already has.
#[derive(Default)]
struct Seen(u64);

impl Seen {
    /// Checks that this one may come next, and notes it.
    fn check(&mut self, id: PropertyId, place: Place) -> Result<(), Rule> {
        if !id.is_allowed_in(place) {
            return Err(Rule::PropertyNotAllowed);
        }
        // Every identifier is below 64.
        let bit = 1_u64 << (id as u8);
        let repeatable = id == PropertyId::UserProperty
            || (id == PropertyId::SubscriptionIdentifier && place == Place::Publish);
        if self.0 & bit != 0 && !repeatable {
            return Err(Rule::PropertyDuplicate);
        }
        self.0 |= bit;
        Ok(())
    }

    /// Checks that these may stand here, which were checked for another place
    /// perhaps, and notes them.
    fn check_all(&mut self, present: u64, place: Place) -> Result<(), Rule> {
        let ids = PropertyId::ALL.iter().filter(|id| present & 1 << (**id as u8) != 0);
        ids.into_iter().try_for_each(|id| self.check(*id, place))
    }
}
