//! Writes fields as the wire has them.

use super::{PacketIdentifier, PacketType, ReasonCode, Rule, Version};

/// Appends one packet to a buffer. What cannot be written is a broken
/// [`Rule`]; the caller then removes what was appended.
pub(super) struct Writer<'a> {
    out: &'a mut Vec<u8>,
    version: Version,
}

impl<'a> Writer<'a> {
    pub(super) fn new(version: Version, out: &'a mut Vec<u8>) -> Self {
        Writer { out, version }
    }

    pub(super) fn version(&self) -> Version {
        self.version
    }

    pub(super) fn u8(&mut self, value: u8) {
        self.out.push(value);
    }

    pub(super) fn u16(&mut self, value: u16) {
        self.out.extend_from_slice(&value.to_be_bytes());
    }

    pub(super) fn u32(&mut self, value: u32) {
        self.out.extend_from_slice(&value.to_be_bytes());
    }

    pub(super) fn packet_identifier(&mut self, identifier: PacketIdentifier) {
        self.u16(identifier.value());
    }

    /// Raw bytes, without a length.
    pub(super) fn bytes(&mut self, bytes: &[u8]) {
        self.out.extend_from_slice(bytes);
    }

    pub(super) fn variable_byte_integer(&mut self, value: u32) -> Result<(), Rule> {
        let (bytes, length) = variable_byte_integer(value)?;
        self.bytes(&bytes[..length]);
        Ok(())
    }

    pub(super) fn string(&mut self, text: &str) -> Result<(), Rule> {
        if text.contains('\0') {
            return Err(Rule::NullCharacter);
        }
        self.binary(text.as_bytes())
    }

    pub(super) fn binary(&mut self, bytes: &[u8]) -> Result<(), Rule> {
        let length = u16::try_from(bytes.len()).map_err(|_| Rule::TooLongForLength)?;
        self.u16(length);
        self.bytes(bytes);
        Ok(())
    }

    /// The reason code (3.1.1: return code) of a packet of this type.
    pub(super) fn reason(
        &mut self,
        reason: ReasonCode,
        packet_type: PacketType,
    ) -> Result<(), Rule> {
        let byte = reason.to_wire(self.version, packet_type);
        self.u8(byte.ok_or_else(|| match self.version {
            Version::V311 if reason.is_allowed_in(packet_type) => Rule::NotInVersion,
            _ => Rule::for_reason_in(packet_type),
        })?);
        Ok(())
    }

    /// Writes a Variable Byte Integer that counts what `write` writes, and
    /// `tail` bytes that the caller appends itself afterwards.
    pub(super) fn counted(
        &mut self,
        tail: usize,
        write: impl FnOnce(&mut Self) -> Result<(), Rule>,
    ) -> Result<(), Rule> {
        let start = self.out.len();
        // Most counts fit in one byte; a longer one moves what follows.
        self.u8(0);
        write(self)?;
        let length = u32::try_from(self.out.len() - start - 1 + tail);
        let length = length.map_err(|_| Rule::PacketTooLarge)?;
        let (bytes, size) = variable_byte_integer(length)?;
        self.out.splice(start..=start, bytes[..size].iter().copied());
        Ok(())
    }
}

/// A Variable Byte Integer (5.0: 1.5.5; 3.1.1: 2.2.3) and its size.
fn variable_byte_integer(value: u32) -> Result<([u8; 4], usize), Rule> {
    let low = |shift: u32| (value >> shift) as u8 & 0x7F;
    match value {
        0..=0x7F => Ok(([low(0), 0, 0, 0], 1)),
        0x80..=0x3FFF => Ok(([low(0) | 0x80, low(7), 0, 0], 2)),
        0x4000..=0x1F_FFFF => Ok(([low(0) | 0x80, low(7) | 0x80, low(14), 0], 3)),
        0x20_0000..=0xFFF_FFFF => Ok(([low(0) | 0x80, low(7) | 0x80, low(14) | 0x80, low(21)], 4)),
        _ => Err(Rule::PacketTooLarge),
    }
}
