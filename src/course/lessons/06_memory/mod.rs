use std::time::Duration;

use super::prose;
use crate::codec::PacketType::Publish;
use crate::codec::{PacketIdentifier, QoS, Version};
use crate::course::script::{PUBLISHER, READY, SUBSCRIBER, Script, TOPIC, reading};
use crate::course::{
    Answer, Evidence, Experiment, Goal, Instrument, Lesson, Prediction, Selector, received, sent,
};
use crate::session::OutboundFlow;
use crate::sim::{Publication, Scenario};

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
    let clients = evidence.trace().parties.iter().filter_map(|name| evidence.client(name));
    clients.filter(|client| uses(&client.outbound, ONE)).count() > 1
}

/// A client and the broker each have a flow with the same identifier towards
/// the other.
fn both_ways(evidence: &Evidence<'_>) -> bool {
    evidence.trace().parties.iter().any(|name| {
        let (Some(client), Some(session)) = (evidence.client(name), evidence.session(name)) else {
            return false;
        };
        let mut ours = client.outbound.iter().map(|flow| flow.packet_identifier);
        ours.any(|identifier| identifier.is_some() && uses(&session.outbound, identifier))
    })
}

fn uses(flows: &[OutboundFlow], identifier: Option<PacketIdentifier>) -> bool {
    flows.iter().any(|flow| flow.packet_identifier == identifier)
}
