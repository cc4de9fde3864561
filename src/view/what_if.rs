//! What could have happened instead at one record: the faults that can be
//! placed there, and a message's other levels. Each choice is one change of
//! the scenario, and shows its outcome as a fork of the timeline.

use std::time::Duration;

use bytes::Bytes;
use bytestring::ByteString;

use super::flow::Flows;
use crate::codec::{self, Packet, QoS};
use crate::sim::{Command, Crossing, Fault, Publication, Scenario, Timeline, What, When, World};
use crate::time::Instant;
use crate::trace::{Fate, Record, RecordKind, Trace};

/// One entry of the menu.
#[derive(Clone, Debug, PartialEq)]
pub struct Choice {
    /// Under which heading it stands.
    pub group: Group,
    /// What it says: `Cut the line before it arrives`.
    pub words: String,
    /// What is to be known about it.
    pub note: &'static str,
    /// What it changes, or why it cannot be had.
    pub change: Result<Change, &'static str>,
}

/// A heading of the menu.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Group {
    /// What connections do.
    Line,
    /// What processes do.
    Machines,
    /// What no network does.
    Counterfactual,
    /// What would have been asked for instead.
    Level,
}

/// One change of a scenario.
#[derive(Clone, Debug, PartialEq)]
pub enum Change {
    /// Something goes wrong.
    Fault {
        /// When the fault is placed.
        at: Instant,
        /// What it is.
        fault: Fault,
    },
    /// A message is published at another level.
    Level {
        /// The step that publishes it.
        step: usize,
        /// The level.
        qos: QoS,
    },
}

/// A message, as its topic and payload tell it from others.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// Topic name.
    pub topic: ByteString,
    /// Payload.
    pub payload: Bytes,
}

/// What can be changed at a record, in the order of the menu. Empty for a
/// record that is not held.
pub fn choices(world: &World, sequence: u64) -> Vec<Choice> {
    let Some(record) = world.trace().record(sequence) else { return Vec::new() };
    let point = Point::of(world, record);
    let mut choices = line(&point);
    choices.extend(machines(world, &point));
    choices.extend(counterfactual(record, &point));
    choices.extend(levels(world.scenario(), record));
    choices
}

/// The message that a record is about: a PUBLISH's own, an acknowledgement's
/// by its flow.
pub fn message(trace: &Trace, flows: &Flows, sequence: u64) -> Option<Message> {
    let own = published(trace.record(sequence)?);
    own.or_else(|| {
        let flow = flows.flow_of(sequence)?;
        flow.records.iter().find_map(|sequence| published(trace.record(*sequence)?))
    })
}

impl Change {
    /// What happens with this change, up to the timeline's present.
    pub fn fork(&self, timeline: &Timeline) -> Timeline {
        match self {
            Change::Fault { at, fault } => timeline.fork_with(*at, Command::Fault(fault.clone())),
            Change::Level { step, qos } => {
                let mut scenario = timeline.world().scenario().clone();
                if let Some(step) = scenario.steps.get_mut(*step)
                    && let Command::Publish(_, publication) = &mut step.command
                {
                    publication.qos = *qos;
                }
                timeline.fork(&scenario)
            }
        }
    }
}

impl Group {
    /// The heading.
    pub const fn name(self) -> &'static str {
        match self {
            Group::Line => "The line",
            Group::Machines => "The machines",
            Group::Counterfactual => "Counterfactual",
            Group::Level => "What if it had been published at",
        }
    }
}

/// Where a fault is to strike.
struct Point {
    /// Whose link it is.
    client: Option<usize>,
    /// The packet; `Err`: why there is none.
    crossing: Result<Crossing, &'static str>,
    /// When the record was made.
    at: Instant,
    /// Whether it is traffic.
    is_packet: bool,
    /// Why nothing more can happen to the packet.
    lost: Option<&'static str>,
}

impl Point {
    fn of(world: &World, record: &Record) -> Point {
        let broker = world.broker_lane();
        let found = Crossing::of_record(world.trace(), record.sequence, broker);
        let lane = if record.from == broker { record.to } else { record.from };
        let crossing = match (&record.kind, found) {
            (_, Some((_, crossing))) => Ok(crossing),
            (RecordKind::Packet { .. }, None) => Err("older records are no longer kept"),
            _ => Err("no packet crosses here"),
        };
        Point {
            client: world.client_at(lane),
            crossing,
            at: record.at,
            is_packet: record.bytes().is_some(),
            lost: matches!(record.fate, Fate::Lost(_)).then_some("it never arrived"),
        }
    }

    /// Before a packet arrives, or at the moment of what is no packet.
    fn before(&self, what: What) -> Result<Change, &'static str> {
        match self.crossing {
            Ok(crossing) => match self.lost {
                Some(why) => Err(why),
                None => self.fault(When::Before(crossing), what),
            },
            Err(_) if !self.is_packet => self.fault(When::Now, what),
            Err(why) => Err(why),
        }
    }

    fn after(&self, what: What) -> Result<Change, &'static str> {
        match self.lost {
            Some(why) => Err(why),
            None => self.fault(When::After(self.crossing?), what),
        }
    }

    fn fault(&self, when: When, what: What) -> Result<Change, &'static str> {
        let client = self.client.ok_or("it concerns no client")?;
        // A packet has to meet its fault when it leaves, so that is there
        // a moment before.
        let at = match when {
            When::Now => self.at,
            _ => Instant::from_micros(self.at.as_micros().saturating_sub(1)),
        };
        Ok(Change::Fault { at, fault: Fault { client, when, what } })
    }
}

fn line(point: &Point) -> Vec<Choice> {
    let here = if point.is_packet { "before it arrives" } else { "here" };
    let choice = |words: String, note, change| Choice { group: Group::Line, words, note, change };
    let cut = What::Cut { down_for: Duration::ZERO };
    let mut choices = vec![choice(
        format!("Cut the line {here}"),
        "What is under way is lost, and both ends notice.",
        point.before(cut),
    )];
    if point.is_packet {
        choices.push(choice(
            "Cut the line after it arrives".to_owned(),
            "The receiver has it and has reacted, but the answer is lost.",
            point.after(cut),
        ));
    }
    choices.push(choice(
        format!("Half-open {here}"),
        "The line swallows everything from then on, and neither end is told.",
        point.before(What::HalfOpen),
    ));
    for (words, delay) in DELAYS {
        choices.push(choice(
            if point.is_packet {
                format!("Delay it by {words}")
            } else {
                format!("Delay by {words}")
            },
            "Nothing overtakes it: TCP keeps the order.",
            point.before(What::Delay(delay)),
        ));
    }
    choices
}

fn machines(world: &World, point: &Point) -> Vec<Choice> {
    let here = if point.is_packet { "before it arrives" } else { "here" };
    let client = point.client.and_then(|client| world.scenario().clients.get(client));
    let client = client.map_or("the client", |client| client.name.as_ref());
    let choice =
        |words: String, note, change| Choice { group: Group::Machines, words, note, change };
    let keeps = [(true, "keep"), (false, "lose")];
    let crashes = keeps.map(|(keep_store, keep)| {
        choice(
            format!("Crash {client} {here}, {keep} its session"),
            "It starts again after a second.",
            point.before(What::CrashClient { keep_store, down_for: DOWN_FOR }),
        )
    });
    let restarts = keeps.map(|(keep_store, keep)| {
        choice(
            format!("Restart the broker {here}, {keep} its store"),
            "It is back after a second. All connections are gone.",
            point.before(What::RestartBroker { keep_store, down_for: DOWN_FOR }),
        )
    });
    crashes.into_iter().chain(restarts).collect()
}

fn counterfactual(record: &Record, point: &Point) -> Option<Choice> {
    let name = packet(record)?.packet_type().name();
    let change = point.crossing.and_then(|crossing| {
        let fault = Fault { client: 0, when: When::Before(crossing), what: What::Withhold };
        match fault.is_possible() {
            true => point.fault(fault.when, fault.what),
            false => Err("only an acknowledgement can be forgotten"),
        }
    });
    Some(Choice {
        group: Group::Counterfactual,
        words: format!("Withhold this {name}"),
        note: "Counterfactual: the peer forgets to send it. TCP cannot lose it.",
        change,
    })
}

fn levels(scenario: &Scenario, record: &Record) -> Vec<Choice> {
    let Some(message) = published(record) else { return Vec::new() };
    let step = step(scenario, &message, record.at);
    let levels = [QoS::AtMostOnce, QoS::AtLeastOnce, QoS::ExactlyOnce];
    let choice = |(qos, note): (QoS, &'static str)| {
        let change = match step {
            None => Err("no step of this scenario publishes it"),
            Some((_, publication)) if publication.qos == qos => Err("that is its level"),
            Some((step, _)) => Ok(Change::Level { step, qos }),
        };
        Choice { group: Group::Level, words: format!("QoS {qos}"), note, change }
    };
    levels
        .into_iter()
        .zip(["At most once.", "At least once.", "Exactly once."])
        .map(choice)
        .collect()
}

/// The last step before this moment that publishes this message.
fn step<'a>(
    scenario: &'a Scenario,
    message: &Message,
    before: Instant,
) -> Option<(usize, &'a Publication)> {
    let mut steps = scenario.steps.iter().enumerate().rev().filter(|(_, step)| step.at <= before);
    steps.find_map(|(index, step)| match &step.command {
        Command::Publish(_, publication)
            if publication.topic == message.topic && is_payload(publication, &message.payload) =>
        {
            Some((index, publication))
        }
        _ => None,
    })
}

fn is_payload(publication: &Publication, payload: &Bytes) -> bool {
    let times = publication.times.clamp(1, Publication::MOST_TIMES);
    (0..times).any(|index| publication.payload_at(index) == payload)
}

fn published(record: &Record) -> Option<Message> {
    match packet(record)? {
        Packet::Publish(publish) if !publish.topic.is_empty() => {
            Some(Message { topic: publish.topic, payload: publish.payload })
        }
        _ => None,
    }
}

fn packet(record: &Record) -> Option<Packet> {
    match &record.kind {
        RecordKind::Packet { version, bytes } => codec::decode(*version, bytes).ok(),
        _ => None,
    }
}

/// The delays on offer.
const DELAYS: [(&str, Duration); 3] = [
    ("100 ms", Duration::from_millis(100)),
    ("1 s", Duration::from_secs(1)),
    ("10 s", Duration::from_secs(10)),
];
/// How long a process is gone.
const DOWN_FOR: Duration = Duration::from_secs(1);
