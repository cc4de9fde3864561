//! SUBSCRIBE, UNSUBSCRIBE and their acknowledgements on the wire (3.8 to
//! 3.11).

use bytestring::ByteString;

use super::properties::Place;
use super::reader::Reader;
use super::writer::Writer;
use super::{
    DecodeError, PacketIdentifier, PacketType, Properties, QoS, RetainHandling, Rule, SubAck,
    Subscribe, Subscription, Unsubscribe, Version, topic,
};

impl Subscribe {
    pub(super) fn decode(reader: &mut Reader<'_>) -> Result<Subscribe, DecodeError> {
        let (packet_identifier, properties) = decode_variable_header(reader, Place::Subscribe)?;
        let subscriptions = decode_list(reader, Rule::SubscribeEmpty, Subscription::decode)?;
        Ok(Subscribe { packet_identifier, subscriptions, properties })
    }

    pub(super) fn encode(&self, writer: &mut Writer<'_>) -> Result<(), Rule> {
        if self.subscriptions.is_empty() {
            return Err(Rule::SubscribeEmpty);
        }
        writer.packet_identifier(self.packet_identifier);
        self.properties.encode(writer, Place::Subscribe)?;
        self.subscriptions.iter().try_for_each(|subscription| subscription.encode(writer))
    }
}

impl Subscription {
    fn decode(reader: &mut Reader<'_>) -> Result<Subscription, DecodeError> {
        reader.group("Subscription", |reader| {
            let start = reader.position();
            let filter = reader.string("Topic Filter")?;
            reader.check(start, check_filter(reader.version(), &filter))?;
            let start = reader.position();
            let subscription = match reader.version() {
                Version::V311 => Subscription::decode_requested_qos(reader, filter)?,
                Version::V5 => Subscription::decode_options(reader, filter)?,
            };
            reader.check(start, subscription.check())?;
            Ok(subscription)
        })
    }

    fn decode_requested_qos(
        reader: &mut Reader<'_>,
        filter: ByteString,
    ) -> Result<Subscription, DecodeError> {
        let start = reader.position();
        let byte = reader.code("Requested QoS")?;
        let reserved = reader.bits("Reserved", byte, 0xFC, |_| "");
        let qos = reader.bits("QoS", byte, 0x03, QoS::meaning_of_bits);
        match QoS::from_bits(qos) {
            _ if reserved != 0 => Err(reader.error(start, Rule::SubscribeReservedBits)),
            Some(qos) => Ok(Subscription { filter, qos, ..Subscription::default() }),
            None => Err(reader.error(start, Rule::SubscribeQoS3)),
        }
    }

    fn decode_options(
        reader: &mut Reader<'_>,
        filter: ByteString,
    ) -> Result<Subscription, DecodeError> {
        let start = reader.position();
        let byte = reader.code("Subscription Options")?;
        let reserved = reader.bits("Reserved", byte, 0xC0, |_| "");
        let handling = reader.bits("Retain Handling", byte, 0x30, RetainHandling::meaning_of_bits);
        let retain_as_published =
            reader.flag("Retain As Published", byte, 0x08, ["RETAIN cleared", "RETAIN kept"]);
        let no_local = reader.flag("No Local", byte, 0x04, ["own messages too", "not my own"]);
        let qos = reader.bits("Maximum QoS", byte, 0x03, QoS::meaning_of_bits);
        if reserved != 0 {
            return Err(reader.error(start, Rule::SubscribeReservedBits));
        }
        let qos = QoS::from_bits(qos).ok_or_else(|| reader.error(start, Rule::SubscribeQoS3))?;
        let retain_handling = RetainHandling::from_bits(handling)
            .ok_or_else(|| reader.error(start, Rule::RetainHandling3))?;
        Ok(Subscription { filter, qos, no_local, retain_as_published, retain_handling })
    }

    fn encode(&self, writer: &mut Writer<'_>) -> Result<(), Rule> {
        check_filter(writer.version(), &self.filter)?;
        self.check()?;
        let options = self.qos.bits()
            | u8::from(self.no_local) << 2
            | u8::from(self.retain_as_published) << 3
            | (self.retain_handling as u8) << 4;
        if writer.version() == Version::V311 && options > 0x03 {
            return Err(Rule::NotInVersion);
        }
        writer.string(&self.filter)?;
        writer.u8(options);
        Ok(())
    }

    /// The rule that joins filter and options.
    fn check(&self) -> Result<(), Rule> {
        match self.no_local && topic::split_shared(&self.filter).is_some() {
            true => Err(Rule::SharedNoLocal),
            false => Ok(()),
        }
    }
}

impl RetainHandling {
    /// The handling that these two bits stand for; `None` for the forbidden 3.
    pub const fn from_bits(bits: u8) -> Option<RetainHandling> {
        match bits {
            0 => Some(RetainHandling::Send),
            1 => Some(RetainHandling::SendIfNew),
            2 => Some(RetainHandling::DoNotSend),
            _ => None,
        }
    }

    fn meaning_of_bits(bits: u8) -> &'static str {
        match RetainHandling::from_bits(bits) {
            Some(RetainHandling::Send) => "send retained messages",
            Some(RetainHandling::SendIfNew) => "send retained messages if new",
            Some(RetainHandling::DoNotSend) => "no retained messages",
            None => "reserved",
        }
    }
}

impl SubAck {
    pub(super) fn decode(
        reader: &mut Reader<'_>,
        packet_type: PacketType,
    ) -> Result<SubAck, DecodeError> {
        let (packet_identifier, properties) =
            decode_variable_header(reader, Place::in_ack(packet_type))?;
        let reasons = match has_reasons(reader.version(), packet_type) {
            true => decode_list(reader, empty(packet_type), |reader| reader.reason(packet_type))?,
            false => Vec::new(),
        };
        Ok(SubAck { packet_identifier, reasons, properties })
    }

    pub(super) fn encode(
        &self,
        writer: &mut Writer<'_>,
        packet_type: PacketType,
    ) -> Result<(), Rule> {
        match (has_reasons(writer.version(), packet_type), self.reasons.is_empty()) {
            (true, true) => return Err(empty(packet_type)),
            (false, false) => return Err(Rule::NotInVersion),
            _ => {}
        }
        writer.packet_identifier(self.packet_identifier);
        self.properties.encode(writer, Place::in_ack(packet_type))?;
        self.reasons.iter().try_for_each(|&reason| writer.reason(reason, packet_type))
    }
}

impl Unsubscribe {
    pub(super) fn decode(reader: &mut Reader<'_>) -> Result<Unsubscribe, DecodeError> {
        let (packet_identifier, properties) = decode_variable_header(reader, Place::Unsubscribe)?;
        let filters = decode_list(reader, Rule::UnsubscribeEmpty, |reader| {
            let start = reader.position();
            let filter = reader.string("Topic Filter")?;
            reader.check(start, check_filter(reader.version(), &filter))?;
            Ok(filter)
        })?;
        Ok(Unsubscribe { packet_identifier, filters, properties })
    }

    pub(super) fn encode(&self, writer: &mut Writer<'_>) -> Result<(), Rule> {
        if self.filters.is_empty() {
            return Err(Rule::UnsubscribeEmpty);
        }
        writer.packet_identifier(self.packet_identifier);
        self.properties.encode(writer, Place::Unsubscribe)?;
        self.filters.iter().try_for_each(|filter| {
            check_filter(writer.version(), filter)?;
            writer.string(filter)
        })
    }
}

/// The variable header that the four packets share.
fn decode_variable_header(
    reader: &mut Reader<'_>,
    place: Place,
) -> Result<(PacketIdentifier, Properties), DecodeError> {
    reader.group("Variable Header", |reader| {
        Ok((reader.packet_identifier()?, Properties::decode(reader, place)?))
    })
}

/// The payload that the four packets share: one or more of the same.
fn decode_list<T>(
    reader: &mut Reader<'_>,
    empty: Rule,
    mut decode: impl FnMut(&mut Reader<'_>) -> Result<T, DecodeError>,
) -> Result<Vec<T>, DecodeError> {
    reader.group("Payload", |reader| {
        if reader.is_empty() {
            return Err(reader.error(reader.position(), empty));
        }
        let mut list = Vec::new();
        while !reader.is_empty() {
            list.push(decode(reader)?);
        }
        Ok(list)
    })
}

fn check_filter(version: Version, filter: &str) -> Result<(), Rule> {
    match version {
        Version::V311 => topic::validate_plain_filter(filter),
        Version::V5 => topic::validate_filter(filter),
    }
}

/// A 3.1.1 UNSUBACK has no payload (3.11.3).
fn has_reasons(version: Version, packet_type: PacketType) -> bool {
    (version, packet_type) != (Version::V311, PacketType::UnsubAck)
}

fn empty(packet_type: PacketType) -> Rule {
    match packet_type {
        PacketType::UnsubAck => Rule::UnsubAckEmpty,
        _ => Rule::SubAckEmpty,
    }
}
