//! Two outcomes side by side: where they first differ, and what came of each.

use std::time::Duration;

use super::diagram::time;
use super::number::grouped;
use super::what_if::Message;
use crate::language::Language;
use crate::sim::{Timeline, World, first_difference};
use crate::time::Instant;
use crate::trace::{Fate, Record};

/// What two outcomes have to do with each other.
#[derive(Clone, Debug, PartialEq)]
pub struct Comparison {
    /// The number, in both traces, of the first record that differs.
    pub first_difference: Option<u64>,
    /// When that record left, in the one of the two that has it first.
    pub differs_at: Option<Instant>,
    /// What each of the two has there; `None` if nothing.
    pub first_records: [Option<Told>; 2],
    /// When both have come to rest, or the limit up to which they were
    /// played.
    pub end: Instant,
    /// What came of the first.
    pub before: Outcome,
    /// What came of the second.
    pub now: Outcome,
    /// What came of each message at each client that got it in either of the
    /// two, as far as inboxes hold it: those first for which it differs.
    pub deliveries: Vec<Delivered>,
}

/// A record, and who its parties are.
#[derive(Clone, Debug, PartialEq)]
pub struct Told {
    record: Record,
    parties: Vec<String>,
}

/// What came of one message at one client: in the first, and in the second.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delivered {
    /// The client's name.
    pub client: String,
    /// The message.
    pub message: Message,
    /// How many copies came.
    pub copies: [u32; 2],
    /// How many of them were duplicates.
    pub duplicates: [u32; 2],
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
    let traces = [before.world().trace(), now.world().trace()];
    let records = traces.map(|trace| trace.record(difference?));
    Comparison {
        first_difference: difference,
        differs_at: records.iter().flatten().map(|record| record.at).min(),
        first_records: [0, 1].map(|of| {
            let parties = traces[of].parties.clone();
            Some(Told { record: records[of]?.clone(), parties })
        }),
        deliveries: deliveries([before.world(), now.world()]),
        end,
        before: Outcome::of(before.world(), message, quiet[0]),
        now: Outcome::of(now.world(), message, quiet[1]),
    }
}

impl Comparison {
    /// Both outcomes in two short sentences.
    pub fn sentence(&self) -> String {
        let [before, now] = [&self.before, &self.now].map(|it| it.sentence(Language::English));
        match self.first_difference {
            None => "Nothing is different.".to_owned(),
            Some(_) => format!("Before: {before} Now: {now}"),
        }
    }
}

impl Delivered {
    /// Whether the two differ.
    pub fn differs(&self) -> bool {
        self.copies[0] != self.copies[1]
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
    pub fn sentence(&self, language: Language) -> String {
        let delivered = |times: &str| language.tell("delivered {times}", &[("times", times)]);
        let delivered = match self.receivers.as_slice() {
            [] => language.say("not delivered"),
            [one] => delivered(&times(language, one.copies)),
            many => {
                let each = many.iter().map(|receiver| {
                    let times = times(language, receiver.copies);
                    language
                        .tell("{times} to {name}", &[("times", &times), ("name", &receiver.name)])
                });
                delivered(&each.collect::<Vec<_>>().join(&language.say(", ")))
            }
        };
        let (packets, lost) = (grouped(self.packets), grouped(self.lost));
        let values = [("packets", packets.as_str()), ("lost", lost.as_str())];
        let packets = match self.lost {
            0 => language.tell("with {packets} packets", &values),
            _ => language.tell("with {packets} packets, {lost} of them lost", &values),
        };
        let rest = if self.is_quiet { "" } else { ", and still going on" };
        let (comma, rest, stop) = (language.say(", "), language.say(rest), language.say("."));
        format!("{delivered}{comma}{packets}{rest}{stop}")
    }
}

impl Told {
    /// The record with its moments: `1.200 s: PUBACK from broker to publisher,
    /// packet identifier 1. It arrived at 1.500 s.`
    pub fn sentence(&self, language: Language) -> String {
        let Told { record, parties } = self;
        let sentence = record.sentence_in(language, parties);
        let moment = |at| time(at, Instant::ZERO);
        let left = moment(record.at);
        let arrived = match record.fate {
            Fate::Arrived(at) if at > record.at => {
                language.tell(" It arrived at {time} s.", &[("time", &moment(at))])
            }
            _ => String::new(),
        };
        language.tell("{time} s: ", &[("time", &left)]) + &sentence + &arrived
    }
}

/// Counts what each client of two worlds has got of each message.
fn deliveries(worlds: [&World; 2]) -> Vec<Delivered> {
    let mut all = Vec::new();
    for (client, setup) in worlds[0].scenario().clients.iter().enumerate() {
        let mut of_client: Vec<Delivered> = Vec::new();
        for (side, world) in worlds.into_iter().enumerate() {
            for delivery in world.inbox(client).into_iter().flat_map(|inbox| &inbox.deliveries) {
                let (topic, payload) = (&delivery.message.topic, &delivery.message.payload);
                let is_same =
                    |it: &Delivered| it.message.topic == *topic && it.message.payload == *payload;
                let index = of_client.iter().position(is_same).unwrap_or_else(|| {
                    let message = Message { topic: topic.clone(), payload: payload.clone() };
                    let client = setup.name.to_string();
                    of_client.push(Delivered {
                        client,
                        message,
                        copies: [0; 2],
                        duplicates: [0; 2],
                    });
                    of_client.len() - 1
                });
                of_client[index].copies[side] += 1;
                of_client[index].duplicates[side] += u32::from(delivery.duplicate);
            }
        }
        all.append(&mut of_client);
    }
    let (mut first, same): (Vec<_>, Vec<_>) = all.into_iter().partition(Delivered::differs);
    first.extend(same);
    first
}

/// A number of times, in words: `twice`.
pub fn times(language: Language, count: u64) -> String {
    match count {
        0 => language.say("not at all"),
        1 => language.say("once"),
        2 => language.say("twice"),
        more => language.tell("{count} times", &[("count", &grouped(more))]),
    }
}
