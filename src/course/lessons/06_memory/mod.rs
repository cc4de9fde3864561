use std::time::Duration;

use super::prose;
use crate::codec::PacketType::Publish;
use crate::codec::{self, Packet, PacketIdentifier, QoS, Version};
use crate::course::script::{PUBLISHER, READY, SUBSCRIBER, Script, TOPIC, reading};
use crate::course::{
    Answer, Evidence, Experiment, Goal, Instrument, Lesson, Prediction, Selector, received, sent,
};
use crate::sim::{Publication, Scenario};
use crate::time::Instant;
use crate::trace::{Party, RecordKind};

pub static LESSON: Lesson = Lesson {
    number: 6,
    slug: "memory",
    prose: prose!("06_memory"),
    versions: &[Version::V5, Version::V311],
    scenario: one_after_the_other,
    experiments: &[
        Experiment { id: "again", scenario: again },
        Experiment { id: "five", scenario: five_at_once },
        Experiment { id: "echo", scenario: echo },
    ],
    prediction: Prediction {
        scenario: together,
        answers: &[
            Answer {
                id: "apart",
                contradiction: |it| it.first(METERED).filter(|_| both_use_one(it)),
            },
            Answer {
                id: "same",
                contradiction: |it| it.first(METERED).filter(|_| !both_use_one(it)),
            },
            Answer { id: "through", contradiction: second_copy_with_another },
            Answer { id: "given", contradiction: |it| it.first(sent(PUBLISHER, Publish)) },
        ],
    },
    goals: &[
        Goal { id: "two-clients", reached: two_clients_use_one, solution: meanwhile, par: 10 },
        Goal { id: "both-ways", reached: both_ways, solution: meanwhile_to_itself, par: 14 },
    ],
    instrument: Instrument::None,
};

/// A second publisher.
const METER: &str = "meter";
/// What it publishes.
const METERED: Selector = sent(METER, Publish);
/// The lowest identifier there is, and the first that a client here takes.
const ONE: Option<PacketIdentifier> = PacketIdentifier::new(1);

/// Two publishers and a subscriber.
fn lab(version: Version) -> Script {
    Script::new(version)
        .client(PUBLISHER)
        .client(SUBSCRIBER)
        .client(METER)
        .connect(PUBLISHER)
        .connect(SUBSCRIBER)
        .connect(METER)
        .subscribe(SUBSCRIBER, "sensor/#", QoS::ExactlyOnce)
        .at(READY)
}

/// A reading of the publisher's, and when its flow is over, one of the meter's.
fn one_after_the_other(version: Version) -> Scenario {
    lab(version)
        .publish(PUBLISHER, reading(QoS::ExactlyOnce))
        .later(3_000)
        .publish(METER, humidity(QoS::AtLeastOnce))
        .finish()
}

/// The same publisher once more, when its identifier is free again.
fn again(version: Version) -> Scenario {
    let mut readings = Publication::new(TOPIC, "{20.0+0.5}", QoS::ExactlyOnce);
    (readings.times, readings.every) = (2, Duration::from_secs(3));
    lab(version).publish(PUBLISHER, readings).finish()
}

fn five_at_once(version: Version) -> Scenario {
    let mut readings = Publication::new(TOPIC, "{20.0+0.5}", QoS::ExactlyOnce);
    (readings.times, readings.every) = (5, Duration::from_millis(100));
    lab(version).publish(PUBLISHER, readings).finish()
}

fn together(version: Version) -> Scenario {
    lab(version)
        .publish(PUBLISHER, reading(QoS::AtLeastOnce))
        .publish(METER, humidity(QoS::AtLeastOnce))
        .finish()
}

/// The publisher subscribes too, and so gets its own message back.
fn echo(version: Version) -> Scenario {
    let script = lab(version).at(READY - 1_200);
    script
        .subscribe(PUBLISHER, TOPIC, QoS::ExactlyOnce)
        .at(READY)
        .publish(PUBLISHER, reading(QoS::ExactlyOnce))
        .finish()
}

/// The meter does not wait.
fn meanwhile(version: Version) -> Scenario {
    let script = Script::on(one_after_the_other(version)).at(READY + 200);
    script.publish(METER, humidity(QoS::AtLeastOnce)).finish()
}

fn meanwhile_to_itself(version: Version) -> Scenario {
    let script = Script::on(one_after_the_other(version)).at(READY - 1_200);
    script.subscribe(PUBLISHER, TOPIC, QoS::ExactlyOnce).finish()
}

fn humidity(qos: QoS) -> Publication {
    Publication::new("sensor/humidity", "48", qos)
}

fn both_use_one(evidence: &Evidence<'_>) -> bool {
    [sent(PUBLISHER, Publish), METERED].into_iter().all(|selector| {
        let mut messages = evidence.publishes(selector);
        messages.any(|(_, message)| message.packet_identifier == ONE)
    })
}

/// The second message for the subscriber, if the broker numbers it anew.
fn second_copy_with_another(evidence: &Evidence<'_>) -> Option<u64> {
    let (record, copy) = evidence.publishes(received(SUBSCRIBER, Publish).nth(2)).next()?;
    (copy.packet_identifier != ONE).then_some(record.sequence)
}

fn two_clients_use_one(evidence: &Evidence<'_>) -> bool {
    overlap(evidence, |one, other| {
        one.sender != other.sender
            && one.receiver == other.receiver
            && [one.identifier, other.identifier].map(Some) == [ONE; 2]
    })
}

/// A client and the broker each have a flow with the same identifier towards
/// the other.
fn both_ways(evidence: &Evidence<'_>) -> bool {
    overlap(evidence, |one, other| {
        (one.sender, one.receiver) == (other.receiver, other.sender)
            && one.identifier == other.identifier
    })
}

/// A message of QoS 1 or 2 on one hop, as the trace shows it.
struct Flow {
    sender: Party,
    receiver: Party,
    identifier: PacketIdentifier,
    /// When its last answer arrived; `None` while none has.
    ended: Option<Instant>,
}

/// Whether two flows of which this holds were ever open at the same time. The
/// trace knows it also when they are long over.
fn overlap(evidence: &Evidence<'_>, holds: fn(&Flow, &Flow) -> bool) -> bool {
    let mut flows: Vec<Flow> = Vec::new();
    for record in evidence.trace().records() {
        let RecordKind::Packet { version, bytes } = &record.kind else { continue };
        match codec::decode(*version, bytes) {
            Ok(Packet::Publish(message)) => {
                let Some(identifier) = message.packet_identifier else { continue };
                flows.retain(|flow| flow.ended.is_none_or(|ended| ended > record.at));
                let (sender, receiver) = (record.from, record.to);
                let flow = Flow { sender, receiver, identifier, ended: None };
                if flows.iter().any(|other| holds(other, &flow)) {
                    return true;
                }
                // A repeat goes on with the flow that it repeats.
                flows.retain(|it| !it.is(sender, receiver, identifier));
                flows.push(flow);
            }
            Ok(Packet::PubAck(answer) | Packet::PubComp(answer)) => {
                let ends =
                    |flow: &&mut Flow| flow.is(record.to, record.from, answer.packet_identifier);
                if let Some(flow) = flows.iter_mut().find(ends) {
                    flow.ended = record.arrived();
                }
            }
            _ => {}
        }
    }
    false
}

impl Flow {
    fn is(&self, sender: Party, receiver: Party, identifier: PacketIdentifier) -> bool {
        (self.sender, self.receiver, self.identifier) == (sender, receiver, identifier)
    }
}
