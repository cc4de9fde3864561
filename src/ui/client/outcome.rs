//! How our own messages ended, in words.

use std::collections::VecDeque;

use crate::codec::{PacketType, QoS, ReasonCode};
use crate::session::{Outcome, Token};
use crate::ui::language::t;
use crate::web::{Finished, Recent};

/// One outcome for the publish panel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Line {
    pub text: String,
    pub is_good: bool,
}

/// Remembers the QoS of the latest messages: an outcome does not carry it.
#[derive(Debug, Default)]
pub(super) struct Outcomes {
    published: VecDeque<(Token, QoS)>,
    /// So many outcomes are of an earlier engine, whose tokens are others.
    earlier: u64,
}

impl Outcomes {
    /// For an engine before which there were so many outcomes.
    pub fn after(earlier: u64) -> Self {
        Outcomes { earlier, ..Outcomes::default() }
    }

    /// A message was handed over.
    pub fn published(&mut self, token: Token, qos: QoS) {
        if self.published.len() == REMEMBERED {
            self.published.pop_front();
        }
        self.published.push_back((token, qos));
    }

    /// The latest outcomes in words, newest first.
    pub fn latest(&self, finished: &Recent<Finished>) -> Vec<Line> {
        let numbered = (finished.dropped()..).zip(finished.iter()).collect::<Vec<_>>();
        let latest = numbered.iter().rev().take(SHOWN);
        latest.map(|(number, finished)| self.line(finished, *number >= self.earlier)).collect()
    }

    fn line(&self, finished: &Finished, is_ours: bool) -> Line {
        let found = self.published.binary_search_by_key(&finished.token, |(token, _)| *token);
        let qos = found
            .ok()
            .filter(|_| is_ours)
            .and_then(|index| self.published.get(index))
            .map(|(_, qos)| *qos);
        let (text, is_good) = in_words(finished.outcome, qos);
        let number = finished.token.0.saturating_add(1);
        let text = match qos {
            Some(qos) => t!(client.outcome, number = number, qos = qos, text = text),
            None => t!(client.outcome_of_earlier, number = number, text = text),
        };
        Line { text, is_good }
    }
}

fn in_words(outcome: Outcome, qos: Option<QoS>) -> (String, bool) {
    match outcome {
        Outcome::Sent => (t!(client.outcome_sent).to_owned(), true),
        Outcome::Acknowledged(reason) => (acknowledged(reason, qos), true),
        Outcome::AcknowledgedBy(packet_type) => (acknowledged_by(packet_type, qos), false),
        Outcome::Received(_) => (t!(client.outcome_received).to_owned(), false),
        Outcome::GivenUp { sent: true } => (t!(client.outcome_given_up_sent).to_owned(), false),
        Outcome::GivenUp { sent: false } => (t!(client.outcome_given_up).to_owned(), false),
        Outcome::Refused(reason) => (t!(client.outcome_refused, reason = reason), false),
        Outcome::Expired => (t!(client.outcome_expired).to_owned(), false),
        Outcome::Dropped => (t!(client.outcome_dropped).to_owned(), false),
        Outcome::NotSupported => (t!(client.outcome_not_supported).to_owned(), false),
        Outcome::SessionLost => (t!(client.outcome_session_lost).to_owned(), false),
    }
}

/// A packet ended the flow that was not the one due.
fn acknowledged_by(packet_type: PacketType, qos: Option<QoS>) -> String {
    let came = packet_type.name();
    match (packet_type, qos) {
        (PacketType::PubComp, _) => t!(client.outcome_by_pubcomp, came = came),
        (_, Some(QoS::ExactlyOnce)) => t!(client.outcome_by_puback, came = came),
        _ => t!(client.outcome_by_pubrec, came = came),
    }
}

fn acknowledged(reason: ReasonCode, qos: Option<QoS>) -> String {
    let text = match qos {
        Some(QoS::ExactlyOnce) => {
            t!(client.outcome_pubcomp)
        }
        _ => t!(client.outcome_puback),
    };
    if reason == ReasonCode::NoMatchingSubscribers {
        t!(client.nobody_subscribes, text = text)
    } else {
        t!(client.sentence, text = text)
    }
}

/// Messages whose QoS is remembered.
const REMEMBERED: usize = 20_000;
/// Outcomes shown.
const SHOWN: usize = 4;
