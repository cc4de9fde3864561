use std::time::Duration;

use bytes::Bytes;
use bytestring::ByteString;

use super::Fault;
use crate::codec::{QoS, Subscription, Version};
use crate::session::PassOn;
use crate::time::Instant;

/// Everything that a [`World`](super::World) depends on: who takes part, over
/// which links, and what happens when. Plain data; the same scenario gives the
/// same trace, to the byte.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Scenario {
    /// Where all chance comes from: jitter, random splits, waits before
    /// reconnecting.
    pub seed: u64,
    /// The broker.
    pub broker: BrokerSetup,
    /// The clients. Commands name them by their index in this list.
    pub clients: Vec<ClientSetup>,
    /// What happens, sorted by time. Of steps at the same moment the first in
    /// the list comes first.
    pub steps: Vec<Step>,
}

/// The broker of a scenario.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BrokerSetup {
    /// Unfinished QoS 1 and 2 messages that one client may have under way.
    pub receive_maximum: u16,
    /// The highest QoS that it accepts and grants.
    pub maximum_qos: QoS,
    /// Whether it accepts retained messages.
    pub retain_available: bool,
    /// Messages that it queues for one client.
    pub queue_capacity: u32,
    /// When it passes a QoS 2 message on.
    pub pass_on: PassOn,
}

impl Default for BrokerSetup {
    fn default() -> Self {
        BrokerSetup {
            receive_maximum: 20,
            maximum_qos: QoS::ExactlyOnce,
            retain_available: true,
            queue_capacity: 1_000,
            pass_on: PassOn::Publish,
        }
    }
}

/// One client of a scenario, and its link to the broker.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClientSetup {
    /// The name of its lane and its client identifier.
    pub name: ByteString,
    /// The version that it speaks.
    pub version: Version,
    /// Clean Session in 3.1.1, Clean Start in 5.0.
    pub clean_start: bool,
    /// Seconds for which the broker keeps the session (5.0).
    pub session_expiry_interval: u32,
    /// Seconds; 0 turns keep-alive off.
    pub keep_alive: u16,
    /// Unfinished QoS 1 and 2 messages that the broker may have under way
    /// (5.0).
    pub receive_maximum: u16,
    /// The message that the broker publishes if the connection ends badly.
    pub will: Option<WillSetup>,
    /// Whether topic aliases are used, both ways (5.0).
    pub topic_aliases: bool,
    /// The first wait before coming back after a lost connection, at least
    /// 1 ms. It doubles up to 16 times its value. `None`: it stays away.
    pub reconnect: Option<Duration>,
    /// 3.1.1 only: send again what is unanswered for this long.
    pub retry_interval: Option<Duration>,
    /// Its link to the broker.
    pub link: LinkSetup,
}

impl ClientSetup {
    /// A client whose session outlives its connection, and who comes back
    /// after half a second to a second. Its link takes 20 ms each way.
    pub fn new(name: impl Into<ByteString>, version: Version) -> Self {
        ClientSetup {
            name: name.into(),
            version,
            clean_start: false,
            session_expiry_interval: 3_600,
            keep_alive: 60,
            receive_maximum: u16::MAX,
            will: None,
            topic_aliases: false,
            reconnect: Some(Duration::from_secs(1)),
            retry_interval: None,
            link: LinkSetup::default(),
        }
    }
}

/// A client's will.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct WillSetup {
    /// Topic name.
    pub topic: ByteString,
    /// Payload.
    pub payload: Bytes,
    /// Will QoS.
    pub qos: QoS,
    /// Will Retain.
    pub retain: bool,
    /// Seconds between the end of the connection and the message (5.0).
    pub delay: u32,
}

/// How a link carries bytes, the same in both directions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LinkSetup {
    /// From one end to the other.
    pub latency: Duration,
    /// At most this much more, drawn for each piece. Pieces never overtake
    /// each other: TCP keeps the order.
    pub jitter: Duration,
    /// Bytes a second; 0 for no limit.
    pub bandwidth: u32,
    /// How writes are cut into pieces that arrive one after the other.
    pub split: Split,
}

impl Default for LinkSetup {
    fn default() -> Self {
        LinkSetup {
            latency: Duration::from_millis(20),
            jitter: Duration::ZERO,
            bandwidth: 0,
            split: Split::Whole,
        }
    }
}

/// How what one end writes is cut into pieces.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Split {
    /// Not at all: each write arrives as it was written.
    #[default]
    Whole,
    /// Into pieces of this many bytes; 0 counts as 1.
    Every(u16),
    /// Into pieces of 1 to this many bytes, drawn from the seed.
    Random(u16),
}

/// Something that happens at a chosen moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// When, counted from the start.
    pub at: Instant,
    /// What.
    pub command: Command,
}

/// What can happen besides the network's own course. Clients are named by
/// their index in [`Scenario::clients`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command {
    /// The client connects.
    Connect(usize),
    /// The client says goodbye.
    Disconnect(usize),
    /// The client publishes. Without a connection the message waits.
    Publish(usize, Publication),
    /// The client subscribes; without a connection, as soon as it has one.
    Subscribe(usize, Subscription),
    /// The client unsubscribes; without a connection, as soon as it has one.
    Unsubscribe(usize, ByteString),
    /// The client's link changes. What is under way arrives as it would have.
    SetLink(usize, LinkSetup),
    /// Something goes wrong, at once or when a point is reached.
    Fault(Fault),
}

impl Command {
    /// The index of the client that it is about.
    pub fn client(&self) -> usize {
        match self {
            Command::Connect(client)
            | Command::Disconnect(client)
            | Command::Publish(client, _)
            | Command::Subscribe(client, _)
            | Command::Unsubscribe(client, _)
            | Command::SetLink(client, _) => *client,
            Command::Fault(fault) => fault.client,
        }
    }
}

/// One message, or a series of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Publication {
    /// Topic name.
    pub topic: ByteString,
    /// The payload. In text, `{20.0+0.5}` stands for 20.0 in the first message
    /// of a series, 20.5 in the second, and so on.
    pub payload: Bytes,
    /// The level.
    pub qos: QoS,
    /// RETAIN flag.
    pub retain: bool,
    /// Message Expiry Interval in seconds (5.0).
    pub expiry: Option<u32>,
    /// How many messages, at least 1 and at most [`Publication::MOST_TIMES`].
    pub times: u32,
    /// The time from one to the next.
    pub every: Duration,
}

impl Publication {
    /// The longest series.
    pub const MOST_TIMES: u32 = 10_000;

    /// One message.
    pub fn new(topic: impl Into<ByteString>, payload: impl Into<Bytes>, qos: QoS) -> Self {
        Publication {
            topic: topic.into(),
            payload: payload.into(),
            qos,
            retain: false,
            expiry: None,
            times: 1,
            every: Duration::ZERO,
        }
    }

    /// The payload of message `index` of the series, counted from 0.
    pub fn payload_at(&self, index: u32) -> Bytes {
        let filled = std::str::from_utf8(&self.payload).ok().and_then(|text| fill(text, index));
        filled.map_or_else(|| self.payload.clone(), Bytes::from)
    }
}

/// Replaces the first `{start+step}`; `None` if there is none.
fn fill(text: &str, index: u32) -> Option<String> {
    let (before, rest) = text.split_once('{')?;
    let (inside, after) = rest.split_once('}')?;
    let (start, step) = inside.split_once('+')?;
    let decimals = decimals(start).max(decimals(step));
    let value = scaled(start, decimals)?
        .checked_add(scaled(step, decimals)?.checked_mul(i64::from(index))?)?;
    let scale = 10_i64.pow(decimals);
    let sign = if value < 0 { "-" } else { "" };
    let (whole, part) = ((value / scale).unsigned_abs(), (value % scale).unsigned_abs());
    let number = match decimals {
        0 => format!("{sign}{whole}"),
        _ => format!("{sign}{whole}.{part:0width$}", width = decimals as usize),
    };
    Some(format!("{before}{number}{after}"))
}

/// How many digits stand after the point.
fn decimals(number: &str) -> u32 {
    number.split_once('.').map_or(0, |(_, part)| u32::try_from(part.len()).unwrap_or(u32::MAX))
}

/// A decimal number, times 10 to the power `decimals`.
fn scaled(number: &str, decimals: u32) -> Option<i64> {
    if decimals > MOST_DECIMALS {
        return None;
    }
    let (whole, part) = number.split_once('.').unwrap_or((number, ""));
    let digits = format!("{whole}{part:0<width$}", width = decimals as usize);
    digits.parse().ok()
}

/// More would be no reading of any sensor.
const MOST_DECIMALS: u32 = 6;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_series_counts_in_its_payload() {
        for (template, index, expected) in [
            ("{20.0+0.5}", 0, "20.0"),
            ("{20.0+0.5}", 3, "21.5"),
            ("{20+0.25}", 2, "20.50"),
            ("{1+1}", 9, "10"),
            ("reading {1+1} of 10", 1, "reading 2 of 10"),
            ("{-1+1}", 1, "0"),
            ("{-0.5+1}", 0, "-0.5"),
            ("plain", 5, "plain"),
            ("{}", 5, "{}"),
            ("{a+b}", 5, "{a+b}"),
            ("{1+0.0000001}", 5, "{1+0.0000001}"),
            ("{-9223372036854775808+0}", 1, "-9223372036854775808"),
            ("{9223372036854775807+1}", 5, "{9223372036854775807+1}"),
        ] {
            let publication = Publication::new("t", template, QoS::AtMostOnce);
            assert_eq!(publication.payload_at(index), expected, "{template} at {index}");
        }
    }
}
