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
        Experiment { id: "cut-second-hop", scenario: cut_second_hop },
        Experiment { id: "sensor", scenario: sensor_and_cut },
    ],
    prediction: Prediction {
        scenario: cut_puback,
        answers: &[
            Answer { id: "once", contradiction: |it| it.first(SECOND_COPY) },
            Answer { id: "marked", contradiction: |it| it.first(SECOND_COPY.dup(false)) },
            Answer { id: "twice", contradiction: |it| it.first(SECOND_COPY.dup(true)) },
            Answer { id: "done", contradiction: |it| it.first(REPEAT) },
        ],
    },
    goals: &[
        Goal { id: "twice", reached: seen_twice, solution: cut_puback, par: 16 },
        Goal {
            id: "other-hop",
            reached: repeated_on_the_second_hop_only,
            solution: cut_second_hop,
            par: 14,
        },
    ],
    instrument: Instrument::None,
};

/// What the publisher sends again.
const REPEAT: Selector = sent(PUBLISHER, Publish).dup(true);
/// What the subscriber is sent when it has the message already.
const SECOND_COPY: Selector = received(SUBSCRIBER, Publish).nth(2);

/// One reading, and a cut before each of these packets.
fn cut(version: Version, packets: &[Selector]) -> Scenario {
    let script = pair(version, QoS::AtLeastOnce).at(READY - 500);
    let armed = packets.iter().fold(script, |script, packet| script.before(*packet, CUT));
    armed.at(READY).publish(PUBLISHER, reading(QoS::AtLeastOnce)).finish()
}

fn cut_puback(version: Version) -> Scenario {
    cut(version, &[received(PUBLISHER, PubAck)])
}

fn cut_second_hop(version: Version) -> Scenario {
    cut(version, &[sent(SUBSCRIBER, PubAck)])
}

/// Lesson 3's cut, with PUBACKs.
fn sensor_and_cut(version: Version) -> Scenario {
    let script = pair(version, QoS::AtLeastOnce).at(READY - 500);
    let script = script.before(sent(PUBLISHER, Publish).nth(4), CUT);
    script.at(READY).publish(PUBLISHER, sensor(QoS::AtLeastOnce)).finish()
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
