//! DISCONNECT and AUTH on the wire (3.14, 3.15).

use super::properties::Place;
use super::reader::Reader;
use super::writer::Writer;
use super::{
    Auth, DecodeError, Disconnect, PacketType, Properties, PropertyId, ReasonCode, Rule, Version,
};

impl Disconnect {
    pub(super) fn decode(reader: &mut Reader<'_>) -> Result<Disconnect, DecodeError> {
        if reader.version() == Version::V311 {
            return Ok(Disconnect::default());
        }
        reader.group("Variable Header", |reader| {
            // Both the reason and the properties may be left out (3.14.2).
            let reason = match reader.is_empty() {
                true => ReasonCode::Success,
                false => reader.reason(PacketType::Disconnect)?,
            };
            let properties = match reader.is_empty() {
                true => Properties::new(),
                false => Properties::decode(reader, Place::Disconnect)?,
            };
            Ok(Disconnect { reason, properties })
        })
    }

    pub(super) fn encode(&self, writer: &mut Writer<'_>) -> Result<(), Rule> {
        let packet_type = PacketType::Disconnect;
        self.properties.encode_after(self.reason, packet_type, writer, Place::Disconnect)
    }
}

impl Auth {
    pub(super) fn decode(reader: &mut Reader<'_>) -> Result<Auth, DecodeError> {
        // A success without properties may have no variable header (3.15.2.1).
        if reader.is_empty() {
            return Ok(Auth::default());
        }
        reader.group("Variable Header", |reader| {
            let reason = reader.reason(PacketType::Auth)?;
            let start = reader.position();
            let properties = Properties::decode(reader, Place::Auth)?;
            let auth = Auth { reason, properties };
            reader.check(start, auth.check())?;
            Ok(auth)
        })
    }

    pub(super) fn encode(&self, writer: &mut Writer<'_>) -> Result<(), Rule> {
        self.check()?;
        if *self == Auth::default() {
            return Ok(());
        }
        writer.reason(self.reason, PacketType::Auth)?;
        self.properties.encode(writer, Place::Auth)
    }

    /// Only the shortest AUTH does without an Authentication Method
    /// (3.15.2.2.2).
    fn check(&self) -> Result<(), Rule> {
        let method = self.properties.contains(PropertyId::AuthenticationMethod);
        match method || *self == Auth::default() {
            true => Ok(()),
            false => Err(Rule::AuthenticationMethodMissing),
        }
    }
}
