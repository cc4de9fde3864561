//! A scenario as a short text that fits behind the `#` of a link.
//!
//! ```text
//! v1;client,publisher,5;client,subscriber,5;link,latency:100ms
//!   ;0s,0,connect;0s,1,connect;0s,1,subscribe,sensor/%23,2
//!   ;1s,0,publish,sensor/temperature,20.5,2
//!   ;1s,0,fault,before:to-client.PUBREC.1,cut
//! ```
//!
//! (in one line). Items are separated by `;` and their fields by `,`. What is
//! not written has its default. `will` and `link` belong to the client before
//! them; an item that starts with a time is a step, and its second field is the
//! index of the client. All but letters, digits and `-._~/+$` is
//! percent-encoded in texts.

mod fields;
mod read;
mod write;

use std::fmt;
use std::time::Duration;

use super::{Command, Scenario};
use crate::time::Instant;

impl Scenario {
    /// The scenario as a text of characters that a URL's fragment may have.
    /// Times are exact to the microsecond. Fails if the scenario is too large
    /// for [`Scenario::from_link`], or refers to clients that it has not.
    pub fn to_link(&self) -> Result<String, ShareError> {
        check(self)?;
        let text = write::scenario(self);
        if text.len() > LONGEST { Err(ShareError::TooLong) } else { Ok(text) }
    }

    /// Reads what [`Scenario::to_link`] wrote. Strict: whatever is unknown,
    /// repeated, out of range or out of order is refused.
    pub fn from_link(text: &str) -> Result<Scenario, ShareError> {
        if text.len() > LONGEST {
            return Err(ShareError::TooLong);
        }
        let scenario = read::scenario(text)?;
        check(&scenario)?;
        Ok(scenario)
    }
}

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
    /// A fault that cannot be: see [`Fault::is_possible`](super::Fault::is_possible).
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

/// What holds for a shared scenario beyond what its types say.
fn check(scenario: &Scenario) -> Result<(), ShareError> {
    let (mut messages, mut bytes) = (0_u64, 0_u64);
    let mut last = Instant::ZERO;
    if scenario.clients.len() > MOST_CLIENTS || scenario.steps.len() > MOST_STEPS {
        return Err(ShareError::TooMany);
    }
    for step in &scenario.steps {
        if step.command.client() >= scenario.clients.len() {
            return Err(ShareError::NoSuchClient);
        }
        if step.at < last || step.at.since(Instant::ZERO) > LONGEST_TIME {
            return Err(ShareError::Times);
        }
        last = step.at;
        match &step.command {
            Command::Publish(_, publication) => {
                let times = u64::from(publication.times);
                messages += times;
                bytes += times * (publication.topic.len() + publication.payload.len()) as u64;
            }
            Command::Fault(fault) if !fault.is_possible() => return Err(ShareError::Impossible),
            _ => {}
        }
    }
    if messages > MOST_MESSAGES {
        Err(ShareError::TooMany)
    } else if bytes > MOST_BYTES {
        Err(ShareError::TooMuch)
    } else {
        Ok(())
    }
}

/// Whether a byte stands for itself in a text.
fn is_plain(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"-._~/+$".contains(&byte)
}

/// How every link starts.
const VERSION: &str = "v1";
/// Characters of a link.
const LONGEST: usize = 64 * 1024;
const MOST_CLIENTS: usize = 8;
const MOST_STEPS: usize = 2_000;
/// Messages of all steps together.
const MOST_MESSAGES: u64 = 100_000;
/// Bytes of the topics and payloads of these.
const MOST_BYTES: u64 = 16 << 20;
/// For every time and every interval.
const LONGEST_TIME: Duration = Duration::from_secs(24 * 60 * 60);
