//! Decimal numbers, exact.

use std::fmt;
use std::str::FromStr;

/// A decimal number with as many digits behind the point as it was written
/// with, such as 20.0. Exact: a sensor that counts in steps of 0.1 meets 0.3.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Decimal {
    units: i64,
    decimals: u32,
}

/// A text that is no [`Decimal`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotDecimal;

impl Decimal {
    /// The most digits before the point.
    pub const MOST_WHOLE: u32 = 6;
    /// The most digits behind the point. With more, the longest series would
    /// leave what binary floating point can count in.
    pub const MOST_DECIMALS: u32 = 3;

    /// `units` in the last of `decimals` places: `new(205, 1)` is 20.5.
    /// `None` with more digits than [`Decimal::MOST_WHOLE`] and
    /// [`Decimal::MOST_DECIMALS`].
    pub const fn new(units: i64, decimals: u32) -> Option<Self> {
        let fits = decimals <= Self::MOST_DECIMALS
            && units.unsigned_abs() < 10_u64.pow(Self::MOST_WHOLE + decimals);
        if fits { Some(Decimal { units, decimals }) } else { None }
    }

    /// Digits behind the point.
    pub const fn decimals(self) -> u32 {
        self.decimals
    }

    /// The number in units of the last of `decimals` places, which must not be
    /// fewer than its own.
    pub const fn scaled(self, decimals: u32) -> i64 {
        self.units * 10_i64.pow(decimals.saturating_sub(self.decimals))
    }

    /// Whether binary floating point holds the number exactly, as it does 0.5
    /// and not 0.1.
    pub const fn is_exact_in_binary(self) -> bool {
        self.units % 5_i64.pow(self.decimals) == 0
    }
}

impl FromStr for Decimal {
    type Err = NotDecimal;

    /// Reads digits, at most one point with digits on both sides, and perhaps
    /// a minus before them.
    fn from_str(text: &str) -> Result<Self, NotDecimal> {
        let (sign, digits) = match text.strip_prefix('-') {
            Some(digits) => (-1, digits),
            None => (1, text),
        };
        let (whole, part) = digits.split_once('.').unwrap_or((digits, "0"));
        let is_number = [whole, part]
            .into_iter()
            .all(|half| !half.is_empty() && half.bytes().all(|byte| byte.is_ascii_digit()));
        if !is_number || digits.len() > LONGEST {
            return Err(NotDecimal);
        }
        let decimals = if digits.contains('.') { part.len() } else { 0 };
        let units = digits.bytes().filter(u8::is_ascii_digit);
        let units = units.fold(0, |units, digit| units * 10 + i64::from(digit - b'0'));
        let decimals = u32::try_from(decimals).map_err(|_| NotDecimal)?;
        Decimal::new(sign * units, decimals).ok_or(NotDecimal)
    }
}

impl fmt::Display for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scale = 10_u64.pow(self.decimals);
        let units = self.units.unsigned_abs();
        let sign = if self.units < 0 { "-" } else { "" };
        write!(f, "{sign}{}", units / scale)?;
        match self.decimals as usize {
            0 => Ok(()),
            width => write!(f, ".{:0width$}", units % scale),
        }
    }
}

impl fmt::Display for NotDecimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("not a decimal number, such as 20.0, or one with too many digits")
    }
}

impl std::error::Error for NotDecimal {}

/// Digits and a point; so many fit into the units.
const LONGEST: usize = 18;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_decimal_is_read_and_written_as_it_was() {
        for text in ["0", "20", "20.0", "0.5", "-0.5", "-273.15", "0.001", "999999.999"] {
            let read = text.parse::<Decimal>().expect(text);
            assert_eq!(read.to_string(), text);
        }
        assert_eq!("-0.0".parse::<Decimal>().expect("zero").to_string(), "0.0");
        assert_eq!("007.50".parse::<Decimal>().expect("zeros").to_string(), "7.50");
    }

    #[test]
    fn what_is_no_decimal_is_refused() {
        for text in [
            "",
            "-",
            ".",
            "1.",
            ".5",
            "+1",
            "1e3",
            "1,5",
            "--1",
            "1.2.3",
            "0.0000001",
            "1000000000",
        ] {
            assert_eq!(text.parse::<Decimal>(), Err(NotDecimal), "{text}");
        }
    }

    #[test]
    fn halves_are_exact_in_binary_and_tenths_are_not() {
        for (text, expected) in
            [("20.0", true), ("0.5", true), ("-0.25", true), ("0.1", false), ("20.3", false)]
        {
            let number = text.parse::<Decimal>().expect(text);
            assert_eq!(number.is_exact_in_binary(), expected, "{text}");
        }
    }
}
