//! How the wire has the value of a property, by its type (2.2.2.2).

use bytes::Bytes;
use bytestring::ByteString;

use crate::codec::reader::Reader;
use crate::codec::writer::Writer;
use crate::codec::{DecodeError, Rule};

/// The type of a property's value, which says how the wire has it.
pub(super) trait Value: Sized {
    fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError>;
    /// How many bytes the value at the start of `bytes` takes, which is known
    /// to be whole.
    fn skip(bytes: &[u8]) -> usize;
    fn write(&self, writer: &mut Writer<'_>) -> Result<(), Rule>;
}

impl Value for bool {
    fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let start = reader.position();
        match reader.u8("Value")? {
            0 => Ok(false),
            1 => Ok(true),
            _ => Err(reader.error(start, Rule::BooleanValue)),
        }
    }

    fn skip(_: &[u8]) -> usize {
        size_of::<Self>()
    }

    fn write(&self, writer: &mut Writer<'_>) -> Result<(), Rule> {
        writer.u8(u8::from(*self));
        Ok(())
    }
}

impl Value for u8 {
    fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        reader.u8("Value")
    }

    fn skip(_: &[u8]) -> usize {
        size_of::<Self>()
    }

    fn write(&self, writer: &mut Writer<'_>) -> Result<(), Rule> {
        writer.u8(*self);
        Ok(())
    }
}

impl Value for u16 {
    fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        reader.u16("Value")
    }

    fn skip(_: &[u8]) -> usize {
        size_of::<Self>()
    }

    fn write(&self, writer: &mut Writer<'_>) -> Result<(), Rule> {
        writer.u16(*self);
        Ok(())
    }
}

impl Value for u32 {
    fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        reader.u32("Value")
    }

    fn skip(_: &[u8]) -> usize {
        size_of::<Self>()
    }

    fn write(&self, writer: &mut Writer<'_>) -> Result<(), Rule> {
        writer.u32(*self);
        Ok(())
    }
}

impl Value for ByteString {
    fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        reader.string("Value")
    }

    fn skip(bytes: &[u8]) -> usize {
        skip_prefixed(bytes)
    }

    fn write(&self, writer: &mut Writer<'_>) -> Result<(), Rule> {
        writer.string(self)
    }
}

impl Value for Bytes {
    fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        reader.binary("Value")
    }

    fn skip(bytes: &[u8]) -> usize {
        skip_prefixed(bytes)
    }

    fn write(&self, writer: &mut Writer<'_>) -> Result<(), Rule> {
        writer.binary(self)
    }
}

/// A two-byte length and as many bytes.
fn skip_prefixed(bytes: &[u8]) -> usize {
    match bytes {
        [high, low, ..] => 2 + usize::from(u16::from_be_bytes([*high, *low])),
        _ => bytes.len(),
    }
}
