use std::fmt;

use super::limits::LONGEST;

/// Why a text is no scenario, or a scenario no link.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ShareError {
    /// Longer than 64 KiB.
    TooLong,
    /// Not of a version that we know.
    Version,
    /// Something is wrong in one item.
    Item {
        /// Which one, from 1; the version is 0.
        item: usize,
        /// What is wrong.
        what: Wrong,
    },
    /// More clients, steps or messages than a scenario may have.
    TooMany,
    /// More than 16 MiB of topics and payloads in all messages.
    TooMuch,
    /// A step of a client that is not there.
    NoSuchClient,
    /// A fault that cannot be: see [`Fault::is_possible`](crate::sim::Fault::is_possible).
    Impossible,
    /// Steps that are not in the order of their times, or later than a day.
    Times,
}

/// What is wrong with an item.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wrong {
    /// An unknown item, field or word.
    Unknown,
    /// The same field twice.
    Repeated,
    /// A field is missing.
    Missing,
    /// A value that is none, or out of range.
    Value,
    /// A character that has to be percent-encoded, or bad percent-encoding.
    Encoding,
    /// It does not belong after what comes before it.
    Place,
}

impl fmt::Display for ShareError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ShareError::TooLong => write!(f, "longer than {LONGEST} characters"),
            ShareError::Version => f.write_str("not a set-up of a version that we know"),
            ShareError::Item { item, what } => write!(f, "part {item}: {what}"),
            ShareError::TooMany => f.write_str("too many clients, steps or messages"),
            ShareError::TooMuch => f.write_str("more than 16 MiB of messages"),
            ShareError::NoSuchClient => f.write_str("a step of a client that is not there"),
            ShareError::Impossible => f.write_str("a fault that cannot be"),
            ShareError::Times => f.write_str("steps out of order, or later than a day"),
        }
    }
}

impl fmt::Display for Wrong {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Wrong::Unknown => "it is unknown",
            Wrong::Repeated => "something is said twice",
            Wrong::Missing => "something is missing",
            Wrong::Value => "a value is out of range",
            Wrong::Encoding => "a character is not encoded as it must be",
            Wrong::Place => "it does not belong there",
        })
    }
}

impl std::error::Error for ShareError {}
