/// What has happened to a message of ours so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Past {
    /// How many connections ended after its PUBLISH had left on them and
    /// before any answer to it, in a row.
    pub unanswered: u16,
    /// Whether its PUBLISH has left on some connection.
    pub sent: bool,
    /// Whether it is not sent again before the application says so.
    pub held: bool,
}

impl Past {
    /// One byte of flags and two of `unanswered`, for durable storage.
    pub fn to_bytes(self) -> [u8; 3] {
        let [high, low] = self.unanswered.to_be_bytes();
        let sent = if self.sent { SENT } else { 0 };
        let held = if self.held { HELD } else { 0 };
        [sent | held, high, low]
    }

    /// Reads what [`Past::to_bytes`] wrote; other flags are not its own.
    pub fn from_bytes([flags, high, low]: [u8; 3]) -> Self {
        Past {
            unanswered: u16::from_be_bytes([high, low]),
            sent: flags & SENT != 0,
            held: flags & HELD != 0,
        }
    }
}

const SENT: u8 = 1;
const HELD: u8 = 2;
