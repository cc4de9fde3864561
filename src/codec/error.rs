//! What is wrong with bytes (the peer's fault) or with a packet (ours).

use std::fmt;

use super::Version;

pub use super::rule::Rule;

/// Bytes from a peer that the specification forbids.
///
/// Displays as `byte 7: What is wrong. [MQTT-3.3.1-4]`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DecodeError {
    /// Bytes from the start of the packet to the first wrong one. A field
    /// that does not fit is wrong from its own first byte; a field that is
    /// absent is wrong where it should have been.
    pub offset: usize,
    /// The rule that is broken.
    pub rule: Rule,
    /// The version whose rules were applied.
    pub version: Version,
}

impl fmt::Display for DecodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "byte {}: ", self.offset)?;
        describe(f, self.rule, self.version)
    }
}

impl std::error::Error for DecodeError {}

/// A packet that the specification does not allow to be sent.
///
/// Displays as `What is wrong. [MQTT-3.3.1-4]`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EncodeError {
    /// The rule that it would break.
    pub rule: Rule,
    /// The version whose rules were applied.
    pub version: Version,
}

impl fmt::Display for EncodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        describe(f, self.rule, self.version)
    }
}

impl std::error::Error for EncodeError {}

fn describe(f: &mut fmt::Formatter<'_>, rule: Rule, version: Version) -> fmt::Result {
    f.write_str(rule.sentence())?;
    match rule.statement(version) {
        Some(statement) => write!(f, " [{statement}]"),
        None => Ok(()),
    }
}
