//! Two outcomes side by side: where they first differ, and what came of each.

use std::time::Duration;

use super::what_if::Message;
use crate::sim::{Timeline, World, first_difference};
use crate::time::Instant;
use crate::trace::Fate;

/// What two outcomes have to do with each other.
#[derive(Clone, Debug, PartialEq)]
pub struct Comparison {
    /// The number, in both traces, of the first record that differs.
    pub first_difference: Option<u64>,
    /// When that record left, in the one of the two that has it first.
    pub differs_at: Option<Instant>,
    /// When both have come to rest, or the limit up to which they were
    /// played.
    pub end: Instant,
    /// What came of the first.
    pub before: Outcome,
    /// What came of the second.
    pub now: Outcome,
}

/// What came of a world: facts that can be counted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// Whether it came to rest.
    pub is_quiet: bool,
    /// How often each client that got any copy of the message got one, and
    /// when it got the first. Of all messages if there is no message.
    pub receivers: Vec<Receiver>,
    /// Packets that left.
    pub packets: usize,
    /// Packets that never arrived.
    pub lost: usize,
}

/// A client that got something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Receiver {
    /// The client's name.
    pub name: String,
    /// How many copies.
    pub copies: u64,
    /// How many of them were duplicates.
    pub duplicates: u64,
}

/// Plays both on until they are at rest, at most so long past their present,
/// and compares them. The timelines themselves stay where they are.
pub fn compare(
    original: &Timeline,
    fork: &Timeline,
    message: Option<&Message>,
    limit: Duration,
) -> Comparison {
    let [mut before, mut now] = [original.clone(), fork.clone()];
    let last = before.end().max(now.end()) + limit;
    let quiet = [&mut before, &mut now].map(|timeline| {
        timeline.seek(timeline.end());
        timeline.run_until_quiet(last)
    });
    let end = before.now().max(now.now());
    before.seek(end);
    now.seek(end);
    let difference = first_difference(before.world().trace(), now.world().trace());
    let left = |timeline: &Timeline| Some(timeline.world().trace().record(difference?)?.at);
    Comparison {
        first_difference: difference,
        differs_at: left(&before).into_iter().chain(left(&now)).min(),
        end,
        before: Outcome::of(before.world(), message, quiet[0]),
        now: Outcome::of(now.world(), message, quiet[1]),
    }
}

impl Comparison {
    /// Both outcomes in two short sentences.
    pub fn sentence(&self) -> String {
        match self.first_difference {
            None => "Nothing is different.".to_owned(),
            Some(_) => format!("Before: {} Now: {}", self.before.sentence(), self.now.sentence()),
        }
    }
}

impl Outcome {
    /// What came of a world. Of one message, or with `None` of all.
    pub fn of(world: &World, message: Option<&Message>, is_quiet: bool) -> Outcome {
        let clients = world.scenario().clients.iter().enumerate();
        let receivers = clients.filter_map(|(index, client)| {
            let inbox = world.inbox(index)?;
            let (copies, duplicates) = match message {
                None => (inbox.total, inbox.duplicates),
                Some(message) => {
                    let copies = inbox.copies(&message.topic, &message.payload);
                    let same = inbox.deliveries.iter().filter(|delivery| {
                        delivery.message.topic == message.topic
                            && delivery.message.payload == message.payload
                    });
                    (u64::from(copies), same.filter(|delivery| delivery.duplicate).count() as u64)
                }
            };
            let name = client.name.to_string();
            (copies > 0).then_some(Receiver { name, copies, duplicates })
        });
        let packets = || world.trace().records().filter(|record| record.bytes().is_some());
        Outcome {
            is_quiet,
            receivers: receivers.collect(),
            packets: packets().count(),
            lost: packets().filter(|record| matches!(record.fate, Fate::Lost(_))).count(),
        }
    }

    /// In a short sentence: `delivered twice, with 12 packets, 1 of them lost.`
    pub fn sentence(&self) -> String {
        let delivered = match self.receivers.as_slice() {
            [] => "not delivered".to_owned(),
            [one] => format!("delivered {}", times(one.copies)),
            many => {
                let each: Vec<String> = many
                    .iter()
                    .map(|receiver| format!("{} to {}", times(receiver.copies), receiver.name))
                    .collect();
                format!("delivered {}", each.join(", "))
            }
        };
        let packets = match self.lost {
            0 => format!("with {} packets", self.packets),
            lost => format!("with {} packets, {lost} of them lost", self.packets),
        };
        let rest = if self.is_quiet { "" } else { ", and still going on" };
        format!("{delivered}, {packets}{rest}.")
    }
}

/// A number of times, in words.
fn times(count: u64) -> String {
    match count {
        0 => "not at all".to_owned(),
        1 => "once".to_owned(),
        2 => "twice".to_owned(),
        more => format!("{more} times"),
    }
}
