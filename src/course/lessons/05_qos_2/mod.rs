use super::prose;
use crate::codec::PacketType::{PubComp, PubRec, PubRel, Publish};
use crate::codec::{QoS, Version};
use crate::course::script::{CUT, PUBLISHER, READY, SUBSCRIBER, pair, reading};
use crate::course::{
    Answer, Evidence, Experiment, Goal, Instrument, Lesson, Prediction, Selector, received, sent,
};
use crate::sim::Scenario;

pub static LESSON: Lesson = Lesson {
    number: 5,
    slug: "qos-2",
    prose: prose!("05_qos_2"),
    versions: &[Version::V5, Version::V311],
    scenario: undisturbed,
    experiments: &[
        Experiment { id: "cut-publish", scenario: |version| cut(version, &[STEPS[0]]) },
        Experiment { id: "cut-pubrec", scenario: |version| cut(version, &[STEPS[1]]) },
        Experiment { id: "cut-pubrel", scenario: |version| cut(version, &[STEPS[2]]) },
        Experiment { id: "cut-pubcomp", scenario: |version| cut(version, &[STEPS[3]]) },
    ],
    prediction: Prediction {
        scenario: |version| cut(version, &[STEPS[1]]),
        answers: &[
            Answer { id: "twice", contradiction: repeat_without_delivery },
            Answer { id: "once", contradiction: second_delivery },
            // The sender of the message repeats, not the broker.
            Answer {
                id: "pubrec",
                contradiction: |it| it.first(sent(PUBLISHER, Publish).dup(true)),
            },
            Answer { id: "pubrel", contradiction: publish_before_pubrel },
        ],
    },
    goals: &[
        Goal {
            id: "repeat",
            reached: repeated_and_delivered_once,
            solution: |version| cut(version, &[STEPS[1]]),
            par: 18,
        },
        Goal {
            id: "every-step",
            reached: cut_at_every_step,
            solution: |version| cut(version, &STEPS),
            par: 28,
        },
    ],
    instrument: Instrument::None,
};

/// The four steps on the publisher's hop, the first of each.
const STEPS: [Selector; 4] = [
    sent(PUBLISHER, Publish),
    received(PUBLISHER, PubRec),
    sent(PUBLISHER, PubRel),
    received(PUBLISHER, PubComp),
];

fn undisturbed(version: Version) -> Scenario {
    cut(version, &[])
}

/// One message, and a cut before each of these packets.
fn cut(version: Version, packets: &[Selector]) -> Scenario {
    let script = pair(version, QoS::ExactlyOnce).at(READY - 500);
    let armed = packets.iter().fold(script, |script, packet| script.before(*packet, CUT));
    armed.at(READY).publish(PUBLISHER, reading(QoS::ExactlyOnce)).finish()
}

/// The broker's second PUBREC, if nothing more came of it than that.
fn repeat_without_delivery(evidence: &Evidence<'_>) -> Option<u64> {
    let once = evidence.is_over() && evidence.delivered(SUBSCRIBER) == 1;
    evidence.first(received(PUBLISHER, PubRec).nth(2)).filter(|_| once)
}

fn second_delivery(evidence: &Evidence<'_>) -> Option<u64> {
    let twice = evidence.delivered(SUBSCRIBER) > 1;
    evidence.first(received(SUBSCRIBER, Publish).nth(2)).filter(|_| twice)
}

/// The repeated PUBLISH, if no PUBREL had left until then.
fn publish_before_pubrel(evidence: &Evidence<'_>) -> Option<u64> {
    let publish = evidence.first(sent(PUBLISHER, Publish).dup(true))?;
    let pubrel = evidence.first(sent(PUBLISHER, PubRel));
    Some(publish).filter(|publish| pubrel.is_none_or(|pubrel| *publish < pubrel))
}

fn repeated_and_delivered_once(evidence: &Evidence<'_>) -> bool {
    evidence.first(sent(PUBLISHER, Publish).dup(true)).is_some()
        && evidence.is_over()
        && evidence.is_honest()
        && evidence.delivered(SUBSCRIBER) == 1
}

fn cut_at_every_step(evidence: &Evidence<'_>) -> bool {
    STEPS.iter().all(|step| evidence.first(step.lost()).is_some())
        && evidence.is_over()
        && evidence.is_honest()
        && evidence.delivered(SUBSCRIBER) == 1
}
