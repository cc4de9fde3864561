//! How our own messages ended, in words.

use std::collections::VecDeque;

use crate::codec::{QoS, ReasonCode};
use crate::session::{Outcome, Token};
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
}

impl Outcomes {
    /// A message was handed over.
    pub fn published(&mut self, token: Token, qos: QoS) {
        if self.published.len() == REMEMBERED {
            self.published.pop_front();
        }
        self.published.push_back((token, qos));
    }

    /// The latest outcomes in words, newest first.
    pub fn latest(&self, finished: &Recent<Finished>) -> Vec<Line> {
        finished.iter().rev().take(SHOWN).map(|finished| self.line(finished)).collect()
    }

    fn line(&self, finished: &Finished) -> Line {
        let found = self.published.binary_search_by_key(&finished.token, |(token, _)| *token);
        let qos = found.ok().and_then(|index| self.published.get(index)).map(|(_, qos)| *qos);
        let (text, is_good) = in_words(finished.outcome, qos);
        let number = finished.token.0.saturating_add(1);
        let text = match qos {
            Some(qos) => format!("Message {number}, QoS {qos}: {text}"),
            None => format!("Message {number}, of an earlier visit: {text}"),
        };
        Line { text, is_good }
    }
}

fn in_words(outcome: Outcome, qos: Option<QoS>) -> (String, bool) {
    match outcome {
        Outcome::Sent => ("sent, and nobody will say whether it arrived.".to_owned(), true),
        Outcome::Acknowledged(reason) => (acknowledged(reason, qos), true),
        Outcome::Refused(reason) => (format!("the broker refused it: {reason}."), false),
        Outcome::Expired => ("expired before it could be sent.".to_owned(), false),
        Outcome::Dropped => ("dropped before it could be sent.".to_owned(), false),
        Outcome::NotSupported => {
            ("the broker does not take it: its limits say so in CONNACK.".to_owned(), false)
        }
        Outcome::SessionLost => ("given up: the broker lost the session.".to_owned(), false),
    }
}

fn acknowledged(reason: ReasonCode, qos: Option<QoS>) -> String {
    let text = match qos {
        Some(QoS::ExactlyOnce) => {
            "PUBCOMP came, the last of four packets. The broker has it exactly once"
        }
        _ => "PUBACK came. The broker has it at least once",
    };
    if reason == ReasonCode::NoMatchingSubscribers {
        format!("{text}; nobody subscribes to it.")
    } else {
        format!("{text}.")
    }
}

/// Messages whose QoS is remembered.
const REMEMBERED: usize = 20_000;
/// Outcomes shown.
const SHOWN: usize = 4;
