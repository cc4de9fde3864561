//! Reads fields off the wire, each by its name.

use bytes::Bytes;
use bytestring::ByteString;

use super::recorder::Recorder;
use super::{DecodeError, PacketIdentifier, PacketType, ReasonCode, Rule, Version};

/// A position in one packet. With a [`Recorder`] it keeps what it reads, so
/// that a dissection is the decoder's own account.
pub(super) struct Reader<'a> {
    bytes: &'a Bytes,
    position: usize,
    /// Where the packet, or the list of properties in it, ends.
    end: usize,
    /// The rule that reading past `end` breaks.
    beyond: Rule,
    /// Whether bytes are missing that the fixed header promises.
    cut: bool,
    version: Version,
    recorder: Option<&'a mut Recorder>,
}

type Result<T> = std::result::Result<T, DecodeError>;

impl<'a> Reader<'a> {
    pub(super) fn new(
        version: Version,
        bytes: &'a Bytes,
        recorder: Option<&'a mut Recorder>,
    ) -> Self {
        let end = bytes.len();
        Reader { bytes, position: 0, end, beyond: Rule::Truncated, cut: false, version, recorder }
    }

    pub(super) fn version(&self) -> Version {
        self.version
    }

    /// From here on another version's rules apply: a CONNECT named it.
    pub(super) fn set_version(&mut self, version: Version) {
        self.version = version;
    }

    pub(super) fn position(&self) -> usize {
        self.position
    }

    pub(super) fn is_empty(&self) -> bool {
        self.position == self.end
    }

    pub(super) fn remaining(&self) -> usize {
        self.end - self.position
    }

    /// What was read since `start`.
    pub(super) fn since(&self, start: usize) -> Bytes {
        self.bytes.slice(start..self.position)
    }

    /// The next byte, which stays unread.
    pub(super) fn peek(&self) -> Option<u8> {
        self.bytes.get(self.position..self.end)?.first().copied()
    }

    /// The error that this rule is broken at `offset`.
    pub(super) fn error(&self, offset: usize, rule: Rule) -> DecodeError {
        DecodeError { offset, rule, version: self.version }
    }

    /// Turns the answer of a check of what was read at `offset` into ours.
    pub(super) fn check(
        &self,
        offset: usize,
        checked: std::result::Result<(), Rule>,
    ) -> Result<()> {
        checked.map_err(|rule| self.error(offset, rule))
    }

    /// Fails unless every byte of the packet was read.
    pub(super) fn finish(&self) -> Result<()> {
        if self.position < self.bytes.len() {
            Err(self.error(self.position, Rule::TrailingBytes))
        } else if self.cut {
            Err(self.error(self.position, Rule::Truncated))
        } else {
            Ok(())
        }
    }

    /// Narrows the reader to the body of a packet: `length` bytes from here.
    pub(super) fn enter_body(&mut self, length: usize) {
        self.cut = length > self.remaining();
        self.end -= self.remaining().saturating_sub(length);
    }

    /// Of a packet that is cut short, an absence is no fault of its sender:
    /// what seems to be missing at the cut may be in the missing bytes.
    pub(super) fn excuse(&self, error: DecodeError) -> DecodeError {
        match self.cut && error.offset >= self.bytes.len() {
            true => self.error(self.bytes.len(), Rule::Truncated),
            false => error,
        }
    }

    /// Reads the `length` bytes of a property list, no further. `start` is
    /// where its length stands.
    pub(super) fn within(
        &mut self,
        start: usize,
        length: usize,
        read: impl FnOnce(&mut Self) -> Result<()>,
    ) -> Result<()> {
        if length > self.remaining() {
            if !self.cut {
                return Err(self.error(start, Rule::Truncated));
            }
            // Show what there is of it.
            read(self)?;
            return Err(self.error(self.position, Rule::Truncated));
        }
        let outer = (self.end, self.beyond);
        self.end = self.position + length;
        self.beyond = Rule::PropertyTooLong;
        read(self)?;
        (self.end, self.beyond) = outer;
        Ok(())
    }

    /// Reads fields that belong together.
    pub(super) fn group<T>(
        &mut self,
        name: &'static str,
        read: impl FnOnce(&mut Self) -> Result<T>,
    ) -> Result<T> {
        if let Some(recorder) = &mut self.recorder {
            recorder.open(name, self.position);
        }
        let value = read(self)?;
        if let Some(recorder) = &mut self.recorder {
            recorder.close();
        }
        Ok(value)
    }

    pub(super) fn u8(&mut self, name: &'static str) -> Result<u8> {
        let [value] = self.fixed(name, |[byte]| byte.to_string())?;
        Ok(value)
    }

    /// A byte whose value is better read as hexadecimal.
    pub(super) fn code(&mut self, name: &'static str) -> Result<u8> {
        let [value] = self.fixed(name, |[byte]| format!("0x{byte:02X}"))?;
        Ok(value)
    }

    pub(super) fn u16(&mut self, name: &'static str) -> Result<u16> {
        let value = self.fixed(name, |value| u16::from_be_bytes(value).to_string())?;
        Ok(u16::from_be_bytes(value))
    }

    pub(super) fn u32(&mut self, name: &'static str) -> Result<u32> {
        let value = self.fixed(name, |value| u32::from_be_bytes(value).to_string())?;
        Ok(u32::from_be_bytes(value))
    }

    /// A Variable Byte Integer (5.0: 1.5.5; 3.1.1: 2.2.3). Its size follows
    /// from its value in both versions; only 5.0 has a number for that.
    pub(super) fn variable_byte_integer(&mut self, name: &'static str) -> Result<u32> {
        let start = self.position;
        let available = self.bytes.get(start..self.end).unwrap_or_default();
        match variable_byte_integer(available) {
            Ok(Some((value, length))) => {
                self.advance(length, name, || value.to_string());
                Ok(value)
            }
            Ok(None) => Err(self.error(start, self.beyond)),
            Err((at, rule)) => Err(self.error(start + at, rule)),
        }
    }

    pub(super) fn packet_identifier(&mut self) -> Result<PacketIdentifier> {
        let start = self.position;
        let value = self.u16("Packet Identifier")?;
        PacketIdentifier::new(value).ok_or_else(|| self.error(start, Rule::PacketIdentifierZero))
    }

    /// The reason code (3.1.1: return code) of a packet of this type.
    pub(super) fn reason(&mut self, packet_type: PacketType) -> Result<ReasonCode> {
        let start = self.position;
        let name = match self.version {
            Version::V311 => "Return Code",
            Version::V5 => "Reason Code",
        };
        let byte = self.code(name)?;
        let reason = ReasonCode::from_wire(self.version, packet_type, byte);
        let name = match (self.version, reason) {
            (_, None) => "reserved",
            (Version::V311, Some(ReasonCode::UnspecifiedError)) => "Failure",
            (_, Some(reason)) => reason.name_in(packet_type),
        };
        self.meaning(|| name.to_owned());
        reason.ok_or_else(|| self.error(start, Rule::for_reason_in(packet_type)))
    }

    /// A UTF-8 Encoded String (5.0: 1.5.4; 3.1.1: 1.5.3).
    pub(super) fn string(&mut self, name: &'static str) -> Result<ByteString> {
        let start = self.position;
        let bytes =
            self.prefixed(name, "Characters", &|bytes| match std::str::from_utf8(bytes) {
                Ok(text) => quoted(text),
                Err(_) => hex(bytes),
            })?;
        let null = bytes.iter().position(|&byte| byte == 0);
        match (ByteString::try_from(bytes), null) {
            (Ok(string), None) => Ok(string),
            (Ok(_), Some(at)) => Err(self.error(start + 2 + at, Rule::NullCharacter)),
            (Err(error), Some(at)) if at < error.valid_up_to() => {
                Err(self.error(start + 2 + at, Rule::NullCharacter))
            }
            (Err(error), _) => {
                self.meaning(|| "not well-formed UTF-8".to_owned());
                Err(self.error(start + 2 + error.valid_up_to(), Rule::InvalidUtf8))
            }
        }
    }

    /// Binary Data (5.0: 1.5.6).
    pub(super) fn binary(&mut self, name: &'static str) -> Result<Bytes> {
        self.prefixed(name, "Bytes", &bytes_as_text)
    }

    /// Everything up to the end of the packet.
    pub(super) fn rest(&mut self, name: &'static str) -> Bytes {
        let rest = self.bytes.slice(self.position..self.end);
        if let Some(recorder) = &mut self.recorder
            && !rest.is_empty()
        {
            recorder.leaf(name, self.position..self.end, bytes_as_text(&rest));
            recorder.meaning(byte_count(rest.len()));
        }
        self.position = self.end;
        rest
    }

    /// Adds the meaning of the last field to the recording, if there is one.
    pub(super) fn meaning(&mut self, meaning: impl FnOnce() -> String) {
        if let Some(recorder) = &mut self.recorder {
            recorder.meaning(meaning());
        }
    }

    /// Reads `mask` of `byte`, the last field, shifted down to its lowest bit.
    pub(super) fn bits(
        &mut self,
        name: &'static str,
        byte: u8,
        mask: u8,
        meaning: impl FnOnce(u8) -> &'static str,
    ) -> u8 {
        let value = (byte & mask).checked_shr(mask.trailing_zeros()).unwrap_or_default();
        if let Some(recorder) = &mut self.recorder {
            recorder.bits(name, mask, value, meaning(value));
        }
        value
    }

    /// Reads one bit of `byte`, the last field.
    pub(super) fn flag(
        &mut self,
        name: &'static str,
        byte: u8,
        mask: u8,
        [unset, set]: [&'static str; 2],
    ) -> bool {
        self.bits(name, byte, mask, |value| if value == 0 { unset } else { set }) != 0
    }

    fn fixed<const N: usize>(
        &mut self,
        name: &'static str,
        text: impl FnOnce([u8; N]) -> String,
    ) -> Result<[u8; N]> {
        let ahead = self.bytes.get(self.position..self.end).unwrap_or_default();
        match ahead.first_chunk().copied() {
            Some(value) => {
                self.advance(N, name, || text(value));
                Ok(value)
            }
            None => Err(self.error(self.position, self.beyond)),
        }
    }

    /// Moves over the next `length` bytes, which are the field `name`.
    fn advance(&mut self, length: usize, name: &'static str, text: impl FnOnce() -> String) {
        let start = self.position;
        self.position += length;
        if let Some(recorder) = &mut self.recorder {
            recorder.leaf(name, start..self.position, text());
        }
    }

    /// A two-byte length and as many bytes.
    fn prefixed(
        &mut self,
        name: &'static str,
        content: &'static str,
        text: &dyn Fn(&[u8]) -> String,
    ) -> Result<Bytes> {
        let start = self.position;
        let end = match self.bytes.get(start..self.end) {
            Some([high, low, rest @ ..]) => {
                let length = usize::from(u16::from_be_bytes([*high, *low]));
                (length <= rest.len()).then_some(start + 2 + length)
            }
            _ => None,
        };
        let end = end.ok_or_else(|| self.error(start, self.beyond))?;
        let bytes = self.bytes.slice(start + 2..end);
        self.position = end;
        if let Some(recorder) = &mut self.recorder {
            recorder.leaf(name, start..end, text(&bytes));
            recorder.part("Length", start..start + 2, bytes.len().to_string());
            if !bytes.is_empty() {
                recorder.part(content, start + 2..end, text(&bytes));
            }
        }
        Ok(bytes)
    }
}

/// The value and size of the Variable Byte Integer at the start of `bytes`;
/// `None` if it continues beyond them. An error says how far in it is.
pub(super) fn variable_byte_integer(
    bytes: &[u8],
) -> std::result::Result<Option<(u32, usize)>, (usize, Rule)> {
    let mut value = 0;
    for (index, &byte) in bytes.iter().enumerate().take(4) {
        value |= u32::from(byte & 0x7F) << (7 * index);
        if byte & 0x80 == 0 {
            return match byte == 0 && index > 0 {
                true => Err((index, Rule::VariableByteIntegerNotMinimal)),
                false => Ok(Some((value, index + 1))),
            };
        }
        if index == 3 {
            return Err((index, Rule::VariableByteIntegerTooLong));
        }
    }
    Ok(None)
}

/// Text in quotes if it is UTF-8, hexadecimal if it is not; shortened when it
/// is long, since the bytes themselves are there to look at.
fn bytes_as_text(bytes: &[u8]) -> String {
    match std::str::from_utf8(bytes) {
        Ok(text) => quoted(text),
        Err(_) => hex(bytes),
    }
}

fn quoted(text: &str) -> String {
    match text.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("{:?}…", &text[..end]),
        None => format!("{text:?}"),
    }
}

fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;

    let mut text = String::with_capacity(2 * bytes.len().min(SHOWN) + 3);
    for byte in bytes.iter().take(SHOWN) {
        // Writing to a String cannot fail.
        let _ = write!(text, "{byte:02x}");
    }
    if bytes.len() > SHOWN {
        text.push('…');
    }
    text
}

fn byte_count(length: usize) -> String {
    match length {
        1 => "1 byte".to_owned(),
        _ => format!("{length} bytes"),
    }
}

/// How many characters or bytes of a long value a dissection shows.
const SHOWN: usize = 1_024;
