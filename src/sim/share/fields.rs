use std::str::FromStr;
use std::time::Duration;

use bytes::Bytes;
use bytestring::ByteString;

use super::error::Wrong;
use super::limits::LONGEST_TIME;
use crate::codec::QoS;

/// The fields of one item, from left to right.
pub(super) struct Fields<'a> {
    rest: Option<&'a str>,
}

/// What stands behind a name, if anything does.
#[derive(Clone, Copy)]
pub(super) struct Value<'a>(Option<&'a str>);

impl<'a> Fields<'a> {
    pub fn new(item: &'a str) -> Self {
        Fields { rest: Some(item) }
    }

    /// The next field as it is.
    pub fn word(&mut self) -> Result<&'a str, Wrong> {
        let rest = self.rest.ok_or(Wrong::Missing)?;
        let (word, rest) = match rest.split_once(',') {
            Some((word, rest)) => (word, Some(rest)),
            None => (rest, None),
        };
        self.rest = rest;
        Ok(word)
    }

    /// The next field, as a value.
    pub fn value(&mut self) -> Result<Value<'a>, Wrong> {
        self.word().map(|word| Value(Some(word)))
    }

    /// The next field: a name and perhaps a value.
    pub fn named(&mut self) -> Result<(&'a str, Value<'a>), Wrong> {
        let word = self.word()?;
        Ok(match word.split_once(':') {
            Some((name, value)) => (name, Value(Some(value))),
            None => (word, Value(None)),
        })
    }

    /// All further fields, each with its name, none twice.
    pub fn options(
        &mut self,
        mut read: impl FnMut(&str, Value<'a>) -> Result<(), Wrong>,
    ) -> Result<(), Wrong> {
        let mut seen = Vec::new();
        while self.rest.is_some() {
            let (name, value) = self.named()?;
            if seen.contains(&name) {
                return Err(Wrong::Repeated);
            }
            seen.push(name);
            read(name, value)?;
        }
        Ok(())
    }

    /// Nothing more.
    pub fn end(&self) -> Result<(), Wrong> {
        if self.rest.is_some() { Err(Wrong::Unknown) } else { Ok(()) }
    }

    /// The next field, a text in percent-encoding.
    pub fn bytes(&mut self) -> Result<Bytes, Wrong> {
        decode(self.word()?).map(Bytes::from)
    }

    /// The same, in UTF-8.
    pub fn string(&mut self) -> Result<ByteString, Wrong> {
        ByteString::try_from(self.bytes()?).map_err(|_| Wrong::Encoding)
    }
}

impl<'a> Value<'a> {
    /// This value.
    pub fn of(word: &'a str) -> Self {
        Value(Some(word))
    }

    /// A name without a value.
    pub fn flag(self) -> Result<bool, Wrong> {
        if self.0.is_some() { Err(Wrong::Value) } else { Ok(true) }
    }

    /// The value as it is.
    pub fn word(self) -> Result<&'a str, Wrong> {
        self.0.ok_or(Wrong::Missing)
    }

    /// A whole number in digits alone.
    pub fn number<T: FromStr>(self) -> Result<T, Wrong> {
        let word = self.word()?;
        // `from_str` takes a sign too.
        let digits = word.bytes().all(|byte| byte.is_ascii_digit());
        if digits { word.parse().map_err(|_| Wrong::Value) } else { Err(Wrong::Value) }
    }

    /// A number that is not 0.
    pub fn positive<T: FromStr + Default + PartialEq>(self) -> Result<T, Wrong> {
        self.number().and_then(
            |number| {
                if number == T::default() { Err(Wrong::Value) } else { Ok(number) }
            },
        )
    }

    pub fn qos(self) -> Result<QoS, Wrong> {
        QoS::from_bits(self.number()?).ok_or(Wrong::Value)
    }

    /// A number with its unit: `2s`, `20ms`, `500us`.
    pub fn duration(self) -> Result<Duration, Wrong> {
        let word = self.word()?;
        let unit = word.find(|c: char| !c.is_ascii_digit()).ok_or(Wrong::Value)?;
        let (number, unit) = word.split_at(unit);
        let micros: u64 = match unit {
            "s" => 1_000_000,
            "ms" => 1_000,
            "us" => 1,
            _ => return Err(Wrong::Value),
        };
        let number: u64 = Value(Some(number)).number()?;
        let micros = number.checked_mul(micros).ok_or(Wrong::Value)?;
        let duration = Duration::from_micros(micros);
        if duration > LONGEST_TIME { Err(Wrong::Value) } else { Ok(duration) }
    }
}

fn decode(text: &str) -> Result<Vec<u8>, Wrong> {
    let mut decoded = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&byte, after)) = rest.split_first() {
        rest = after;
        decoded.push(match byte {
            b'%' => {
                let ([high, low], after) = after.split_first_chunk().ok_or(Wrong::Encoding)?;
                rest = after;
                let digit = |byte: &u8| char::from(*byte).to_digit(16).ok_or(Wrong::Encoding);
                // Two hexadecimal digits fit into a byte.
                (digit(high)? * 16 + digit(low)?) as u8
            }
            byte if is_plain(byte) => byte,
            _ => return Err(Wrong::Encoding),
        });
    }
    Ok(decoded)
}

/// Whether a byte stands for itself in a text.
pub(super) fn is_plain(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"-._~/+$".contains(&byte)
}
