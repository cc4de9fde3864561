//! The tables beside the diagram: what is under way, and what is subscribed.

use std::time::Duration;

use super::topic::shown;
use crate::client::{Deliveries, Snapshot, Subscribed};
use crate::codec::QoS;
use crate::session::{FlowState, Token};
use crate::time::Instant;

/// One unfinished message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InFlightRow {
    /// Which way the message goes.
    pub way: Way,
    /// Which message; `None` for the server's.
    pub token: Option<Token>,
    /// `None` while it is queued.
    pub packet_identifier: Option<u16>,
    /// Where it stands, in words.
    pub state: &'static str,
    /// Which of the flow's steps comes next, from 1.
    pub next_step: u8,
    /// The QoS of this hop.
    pub qos: QoS,
    /// The topic name; empty once the message is discarded, and for the
    /// server's messages, which were handed on at once.
    pub topic: String,
    /// How long it has stood there; `None` if nobody noted it.
    pub age: Option<Duration>,
}

/// Which way a message goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Way {
    /// From us to the server.
    Out,
    /// From the server to us.
    In,
}

/// One subscription: what was asked for, what was granted, what came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SubscriptionRow {
    /// The topic filter.
    pub filter: String,
    /// The QoS that was asked for.
    pub requested: QoS,
    /// What the server answered.
    pub granted: Granted,
    /// Messages that came, by the QoS at which they came.
    pub delivered: [u64; 3],
}

/// A server's answer to one topic filter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Granted {
    /// None yet.
    Waiting,
    /// This QoS, which may be lower than what was asked for.
    At(QoS),
    /// Refused; why, in words.
    Refused(String),
}

/// The rows of the in-flight table: ours in the order of their tokens, then
/// the server's.
pub fn in_flight(snapshot: &Snapshot, now: Instant) -> Vec<InFlightRow> {
    let ours = snapshot.outbound.iter().map(|flow| InFlightRow {
        way: Way::Out,
        token: Some(flow.token),
        packet_identifier: flow.packet_identifier.map(|identifier| identifier.value()),
        state: state_words(flow.state),
        next_step: next_step(flow.state),
        qos: flow.qos,
        topic: shown(&flow.topic, TOPIC),
        age: Some(now.since(flow.since)),
    });
    let theirs = snapshot.inbound.iter().map(|identifier| InFlightRow {
        way: Way::In,
        token: None,
        packet_identifier: Some(identifier.value()),
        state: state_words(FlowState::AwaitingPubRel),
        next_step: next_step(FlowState::AwaitingPubRel),
        qos: QoS::ExactlyOnce,
        topic: String::new(),
        age: None,
    });
    ours.chain(theirs).collect()
}

/// How many unfinished messages the table does not show.
pub fn not_shown(snapshot: &Snapshot) -> usize {
    let hidden = |total: usize, shown: usize| total.saturating_sub(shown);
    hidden(snapshot.outbound_total, snapshot.outbound.len())
        + hidden(snapshot.inbound_total, snapshot.inbound.len())
}

/// The rows of the subscription table, in the order of the subscriptions.
pub fn subscriptions(snapshot: &Snapshot, deliveries: &Deliveries) -> Vec<SubscriptionRow> {
    snapshot
        .subscriptions
        .iter()
        .map(|subscribed| SubscriptionRow {
            filter: shown(&subscribed.requested.filter, TOPIC),
            requested: subscribed.requested.qos,
            granted: granted(subscribed),
            delivered: deliveries.of(&subscribed.requested.filter),
        })
        .collect()
}

/// An age as a person reads it: `0.4 s`, `12 s`, `3 min`, `2 h`.
pub fn age_words(age: Duration) -> String {
    let seconds = age.as_secs();
    match seconds {
        0..10 => format!("{}.{} s", seconds, age.subsec_millis() / 100),
        10..120 => format!("{seconds} s"),
        120..7_200 => format!("{} min", seconds / 60),
        _ => format!("{} h", seconds / 3_600),
    }
}

/// Where a flow stands, as a person says it.
pub fn state_words(state: FlowState) -> &'static str {
    match state {
        FlowState::Free => "queued",
        FlowState::AwaitingPubAck => "awaiting PUBACK",
        FlowState::AwaitingPubRec => "awaiting PUBREC",
        FlowState::AwaitingPubComp => "awaiting PUBCOMP",
        FlowState::AwaitingPubRel | FlowState::StoredUntilPubRel => "awaiting PUBREL",
    }
}

fn next_step(state: FlowState) -> u8 {
    match state {
        FlowState::Free => 1,
        FlowState::AwaitingPubAck | FlowState::AwaitingPubRec => 2,
        FlowState::AwaitingPubRel | FlowState::StoredUntilPubRel => 3,
        FlowState::AwaitingPubComp => 4,
    }
}

/// The answer to one subscription.
pub fn granted(subscribed: &Subscribed) -> Granted {
    match subscribed.granted {
        None => Granted::Waiting,
        Some(reason) => match QoS::from_bits(reason.code()) {
            Some(qos) => Granted::At(qos),
            None => Granted::Refused(reason.to_string()),
        },
    }
}

/// Characters of a topic.
const TOPIC: usize = 200;
