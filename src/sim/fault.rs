use std::fmt;
use std::time::Duration;

use crate::codec::PacketType;
use crate::time::Instant;
use crate::trace::{Direction, Party, RecordKind, Trace};

/// Something that goes wrong on one client's link, or at one of its ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// Whose link: an index into [`Scenario::clients`](super::Scenario::clients).
    pub client: usize,
    /// When.
    pub when: When,
    /// What.
    pub what: What,
}

/// When a fault strikes.
///
/// Points are places in a stream of bytes, because that is all that a
/// transport knows: what is before the point arrives, what is behind it is
/// what the fault happens to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum When {
    /// At once.
    Now,
    /// As this packet is about to arrive: all before it has arrived.
    Before(Crossing),
    /// As soon as this packet has arrived and the receiver has reacted to it.
    After(Crossing),
    /// As this byte is about to arrive, counted from 0 over all connections of
    /// the link.
    Byte(Direction, u64),
}

/// One packet on its way over a link.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Crossing {
    /// Which way.
    pub direction: Direction,
    /// Its kind.
    pub packet_type: PacketType,
    /// The how many-th of its kind that way, from 1, counted over all
    /// connections of the link.
    pub nth: u32,
}

/// A time for which a process is gone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Absence {
    /// Whose.
    pub lane: Party,
    /// When it died.
    pub from: Instant,
    /// When it starts again.
    pub until: Instant,
}

/// What goes wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum What {
    /// The connection is cut. What is under way is lost, and both ends are
    /// told.
    Cut {
        /// For how long no new connection can be opened.
        down_for: Duration,
    },
    /// The connection swallows everything from here on, and neither end is
    /// told. Keep-alive finds out.
    HalfOpen,
    /// Nothing passes this point for so long; then everything does, in order.
    Delay(Duration),
    /// The client's process dies, and starts again.
    CrashClient {
        /// Whether it finds its stored session again.
        keep_store: bool,
        /// How long it is gone.
        down_for: Duration,
    },
    /// The broker's process dies, and starts again. This concerns every link.
    RestartBroker {
        /// Whether it finds its sessions and retained messages again.
        keep_store: bool,
        /// How long it is gone.
        down_for: Duration,
    },
    /// Counterfactual: the sender forgets to send this one acknowledgement,
    /// and the connection stays up. No transport does that; it takes a broken
    /// peer. Only with [`When::Before`] a PUBACK, PUBREC, PUBREL or PUBCOMP.
    Withhold,
}

impl Fault {
    /// The connection of this client is cut at this point, and can be opened
    /// again at once.
    pub const fn cut(client: usize, when: When) -> Fault {
        Fault { client, when, what: What::Cut { down_for: Duration::ZERO } }
    }

    /// Whether the fault can happen at all: a counterfactual withholds
    /// acknowledgements and nothing else.
    pub fn is_possible(&self) -> bool {
        match (self.what, self.when) {
            (What::Withhold, When::Before(crossing)) => is_acknowledgement(crossing.packet_type),
            (What::Withhold, _) => false,
            _ => true,
        }
    }
}

impl Crossing {
    /// Which crossing a record shows: its link's lane and the crossing. `None`
    /// if it is no packet, or not held by the trace, or if older records were
    /// dropped, because then nobody can count.
    pub fn of_record(trace: &Trace, sequence: u64, broker: Party) -> Option<(Party, Crossing)> {
        let record = trace.record(sequence).filter(|_| trace.dropped() == 0)?;
        let packet_type = type_of(&record.kind)?;
        let (client, direction) = match (record.from == broker, record.to == broker) {
            (false, true) => (record.from, Direction::ToServer),
            (true, false) => (record.to, Direction::ToClient),
            _ => return None,
        };
        let same = trace.range(0..sequence + 1).filter(|other| {
            (other.from, other.to) == (record.from, record.to)
                && type_of(&other.kind) == Some(packet_type)
        });
        let nth = u32::try_from(same.count()).ok()?;
        Some((client, Crossing { direction, packet_type, nth }))
    }
}

impl fmt::Display for What {
    /// What a note in the trace says.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kept = |keep: bool| if keep { "with its store" } else { "without its store" };
        match self {
            What::Cut { .. } => f.write_str("the connection was cut"),
            What::HalfOpen => f.write_str(
                "half-open: the link swallows everything from here on, and neither end is told",
            ),
            What::Delay(wait) => write!(f, "nothing passes for {} ms", wait.as_millis()),
            What::CrashClient { keep_store, .. } => {
                write!(f, "the client crashes; it will start again {}", kept(*keep_store))
            }
            What::RestartBroker { keep_store, .. } => {
                write!(f, "the broker stops; it will start again {}", kept(*keep_store))
            }
            What::Withhold => f.write_str("counterfactual: the peer forgets to send this"),
        }
    }
}

/// The type of a packet by its first byte; `None` for what is no traffic.
fn type_of(kind: &RecordKind) -> Option<PacketType> {
    match kind {
        RecordKind::Packet { bytes, .. } => packet_type(bytes),
        _ => None,
    }
}

/// The type of a packet by its first byte.
pub(super) fn packet_type(bytes: &[u8]) -> Option<PacketType> {
    PacketType::from_number(bytes.first()? >> 4)
}

/// Whether a counterfactual may withhold it.
fn is_acknowledgement(packet_type: PacketType) -> bool {
    matches!(
        packet_type,
        PacketType::PubAck | PacketType::PubRec | PacketType::PubRel | PacketType::PubComp
    )
}
