use super::prose;
use crate::codec::PacketType::{PubAck, Publish};
use crate::codec::{QoS, Version};
use crate::course::script::{CUT, PUBLISHER, READY, SUBSCRIBER, pair, reading, sensor};
use crate::course::{
    Answer, Evidence, Experiment, Goal, Instrument, Lesson, Prediction, Selector, received, sent,
};
use crate::sim::Scenario;

pub static LESSON: Lesson = Lesson {
    number: 4,
    slug: "qos-1",
    prose: prose!("04_qos_1"),
    versions: &[Version::V5, Version::V311],
    scenario: |version| cut(version, &[]),
    experiments: &[
        Experiment {
            id: "cut-publish",
            scenario: |version| cut(version, &[sent(PUBLISHER, Publish)]),
        },
        Experiment { id: "cut-puback", scenario: cut_puback },
        Experiment { id: "sensor", scenario: sensor_and_cut },
    ],
    prediction: Prediction {
        scenario: cut_second_publish,
        answers: &[
            Answer { id: "once", contradiction: |it| first_copy(it, true) },
            Answer { id: "marked", contradiction: |it| first_copy(it, false) },
            Answer { id: "twice", contradiction: only_copy },
            Answer {
                id: "done",
                contradiction: |it| first_copy(it, true).or(first_copy(it, false)),
            },
        ],
    },
    goals: &[
        Goal { id: "twice", reached: seen_twice, solution: cut_puback, par: 16 },
        Goal {
            id: "other-hop",
            reached: repeated_on_the_second_hop_only,
            solution: cut_second_puback,
            par: 14,
        },
    ],
    instrument: Instrument::None,
};

/// What the publisher sends again.
const REPEAT: Selector = sent(PUBLISHER, Publish).dup(true);

/// One reading, and a cut before each of these packets.
fn cut(version: Version, packets: &[Selector]) -> Scenario {
    let script = pair(version, QoS::AtLeastOnce).at(READY - 500);
    let armed = packets.iter().fold(script, |script, packet| script.before(*packet, CUT));
    armed.at(READY).publish(PUBLISHER, reading(QoS::AtLeastOnce)).finish()
}

fn cut_puback(version: Version) -> Scenario {
    cut(version, &[received(PUBLISHER, PubAck)])
}

fn cut_second_publish(version: Version) -> Scenario {
    cut(version, &[received(SUBSCRIBER, Publish)])
}

fn cut_second_puback(version: Version) -> Scenario {
    cut(version, &[sent(SUBSCRIBER, PubAck)])
}

/// Lesson 3's cut, with PUBACKs.
fn sensor_and_cut(version: Version) -> Scenario {
    let script = pair(version, QoS::AtLeastOnce).at(READY - 500);
    let script = script.before(sent(PUBLISHER, Publish).nth(4), CUT);
    script.at(READY).publish(PUBLISHER, sensor(QoS::AtLeastOnce)).finish()
}

/// The first copy that arrived, if it looks like this.
fn first_copy(evidence: &Evidence<'_>, dup: bool) -> Option<u64> {
    let mut copies = evidence.publishes(received(SUBSCRIBER, Publish));
    let (record, copy) = copies.find(|(record, _)| record.arrived().is_some())?;
    (copy.dup == dup).then_some(record.sequence)
}

/// The copy that arrived, if it was the only one in the end.
fn only_copy(evidence: &Evidence<'_>) -> Option<u64> {
    let once = evidence.is_over() && evidence.delivered(SUBSCRIBER) == 1;
    first_copy(evidence, true).or(first_copy(evidence, false)).filter(|_| once)
}

fn seen_twice(evidence: &Evidence<'_>) -> bool {
    let mut copies = evidence.deliveries(SUBSCRIBER);
    evidence.is_honest() && copies.any(|it| it.duplicate && it.message.qos == QoS::AtLeastOnce)
}

fn repeated_on_the_second_hop_only(evidence: &Evidence<'_>) -> bool {
    evidence.is_over()
        && evidence.is_honest()
        && evidence.duplicates(SUBSCRIBER) > 0
        && evidence.first(received(SUBSCRIBER, Publish).dup(true)).is_some()
        && evidence.first(REPEAT).is_none()
}
