use std::fmt;

/// A Quality of Service level (section 4.3 of both specifications).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum QoS {
    /// QoS 0: no acknowledgement, no state, no repeat.
    #[default]
    AtMostOnce = 0,
    /// QoS 1: PUBLISH, PUBACK.
    AtLeastOnce = 1,
    /// QoS 2: PUBLISH, PUBREC, PUBREL, PUBCOMP.
    ExactlyOnce = 2,
}

impl QoS {
    /// All three levels, lowest first.
    pub const ALL: [QoS; 3] = [QoS::AtMostOnce, QoS::AtLeastOnce, QoS::ExactlyOnce];

    /// The level that these two bits stand for; `None` for the reserved 3.
    pub const fn from_bits(bits: u8) -> Option<QoS> {
        match bits {
            0 => Some(QoS::AtMostOnce),
            1 => Some(QoS::AtLeastOnce),
            2 => Some(QoS::ExactlyOnce),
            _ => None,
        }
    }

    /// The level as the two bits on the wire.
    pub const fn bits(self) -> u8 {
        self as u8
    }

    /// What two bits on the wire mean, for a reader of packets.
    pub(super) const fn meaning_of_bits(bits: u8) -> &'static str {
        match QoS::from_bits(bits) {
            Some(QoS::AtMostOnce) => "at most once",
            Some(QoS::AtLeastOnce) => "at least once",
            Some(QoS::ExactlyOnce) => "exactly once",
            None => "reserved",
        }
    }

    /// Whether messages at this level are acknowledged, and so carry a packet
    /// identifier.
    pub const fn is_acknowledged(self) -> bool {
        !matches!(self, QoS::AtMostOnce)
    }
}

impl fmt::Display for QoS {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.bits())
    }
}
