use std::time::Duration;

use super::prose;
use crate::codec::PacketType::{PubAck, PubRec, Publish};
use crate::codec::{QoS, Version};
use crate::course::script::{CUT, PUBLISHER, READY, SUBSCRIBER, TOPIC, pair, reading};
use crate::course::{
    Answer, Evidence, Experiment, Findings, Goal, Instrument, Lesson, Prediction, received, sent,
};
use crate::sim::setups::LATENCY;
use crate::sim::{Command, Fault, Scenario, Step, What, When, World};
use crate::time::Instant;
use crate::trace::{Direction, Record};

pub static LESSON: Lesson = Lesson {
    number: 14,
    slug: "exhaustion",
    prose: prose!("14_exhaustion"),
    versions: &[Version::V5, Version::V311],
    scenario: |version| one(version, QoS::ExactlyOnce),
    experiments: &[
        Experiment { id: "three-times", scenario: three_times },
        Experiment { id: "forgetful", scenario: forgetful },
    ],
    prediction: Prediction {
        scenario: half_a_packet,
        answers: &[
            Answer { id: "half", contradiction: the_only_delivery },
            Answer { id: "lost", contradiction: |it| it.first(received(SUBSCRIBER, Publish)) },
            Answer { id: "once", contradiction: second_delivery },
            Answer { id: "twice", contradiction: the_only_delivery },
        ],
    },
    goals: &[
        Goal {
            id: "proof",
            reached: proven,
            solution: |version| one(version, QoS::ExactlyOnce),
            par: 0,
        },
        Goal { id: "three", reached: came_three_times, solution: three_times, par: 22 },
    ],
    instrument: Instrument::Exhaustion,
};

fn one(version: Version, qos: QoS) -> Scenario {
    pair(version, qos).publish(PUBLISHER, reading(qos)).finish()
}

/// QoS 1, and the answer is lost twice.
fn three_times(version: Version) -> Scenario {
    pair(version, QoS::AtLeastOnce)
        .at(READY - 500)
        .before(received(PUBLISHER, PubAck).nth(1), CUT)
        .before(received(PUBLISHER, PubAck).nth(2), CUT)
        .at(READY)
        .publish(PUBLISHER, reading(QoS::AtLeastOnce))
        .finish()
}

/// QoS 2, and the broker dies and forgets everything: the subscriber is close
/// and has the message already, PUBREC has not arrived.
fn forgetful(version: Version) -> Scenario {
    let dies = What::RestartBroker { keep_store: false, down_for: Duration::ZERO };
    pair(version, QoS::ExactlyOnce)
        .with(SUBSCRIBER, |client| client.link.latency = LATENCY / 3)
        .at(READY - 500)
        .before(received(PUBLISHER, PubRec), dies)
        .at(READY)
        .publish(PUBLISHER, reading(QoS::ExactlyOnce))
        .finish()
}

/// QoS 1, and the line breaks in the middle of PUBLISH.
fn half_a_packet(version: Version) -> Scenario {
    let mut scenario = one(version, QoS::AtLeastOnce);
    let mut world = World::new(&scenario);
    world.run_until_quiet(LONGEST);
    let lane = world.lane(PUBLISHER_INDEX);
    let lengths = world.trace().records().filter(|record| record.from == lane).map(length);
    let publish = sent(PUBLISHER, Publish).select(world.trace()).next().map_or(0, length);
    // PUBLISH is the last that the publisher sends.
    let byte = lengths.sum::<u64>() - publish / 2;
    let when = When::Byte(Direction::ToServer, byte);
    let command = Command::Fault(Fault::cut(PUBLISHER_INDEX, when));
    scenario.steps.insert(0, Step { at: Instant::ZERO, command });
    scenario
}

fn length(record: &Record) -> u64 {
    record.bytes().map_or(0, |bytes| bytes.len() as u64)
}

/// The whole message, if it came once.
fn the_only_delivery(evidence: &Evidence<'_>) -> Option<u64> {
    let once = evidence.is_over() && evidence.delivered(SUBSCRIBER) == 1;
    evidence.first(received(SUBSCRIBER, Publish)).filter(|_| once)
}

fn second_delivery(evidence: &Evidence<'_>) -> Option<u64> {
    evidence.first(received(SUBSCRIBER, Publish).nth(2))
}

/// Every cut was tried, and each level did what it promises.
fn proven(evidence: &Evidence<'_>) -> bool {
    matches!(evidence.findings(), Some(Findings::Exhaustion(tally)) if tally.proves_it())
}

/// One message at QoS 1, published once, came three times.
fn came_three_times(evidence: &Evidence<'_>) -> bool {
    let published = evidence.count(sent(PUBLISHER, Publish).dup(false));
    let copies = evidence.inbox(SUBSCRIBER).map_or(0, |inbox| inbox.copies(TOPIC, b"20.5"));
    evidence.is_honest() && published == 1 && copies >= 3
}

/// The publisher of a [`pair`].
const PUBLISHER_INDEX: usize = 0;
/// Longer than one message takes.
const LONGEST: Duration = Duration::from_secs(60);
