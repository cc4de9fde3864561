use std::fmt;
use std::num::NonZeroU16;

/// A packet identifier: 16 bits, never zero ([MQTT-2.3.1-1]; 5.0:
/// [MQTT-2.2.1-3]). Zero cannot be expressed, so nothing has to check for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PacketIdentifier(NonZeroU16);

impl PacketIdentifier {
    /// The identifier with this value; `None` for zero.
    pub const fn new(value: u16) -> Option<Self> {
        match NonZeroU16::new(value) {
            Some(value) => Some(PacketIdentifier(value)),
            None => None,
        }
    }

    /// The value on the wire, 1 to 65,535.
    pub const fn value(self) -> u16 {
        self.0.get()
    }
}

impl fmt::Display for PacketIdentifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
