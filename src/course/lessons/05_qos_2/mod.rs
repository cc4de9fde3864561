use super::prose;
use crate::codec::PacketType::{PubComp, PubRec, PubRel, Publish};
use crate::codec::{QoS, Version};
use crate::course::script::{CUT, PUBLISHER, READY, SUBSCRIBER, Script, pair, reading};
use crate::course::{
    Answer, Evidence, Experiment, Goal, Instrument, Lesson, Prediction, Selector, received, sent,
};
use crate::session::PassOn;
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
        Experiment { id: "at-pubrel", scenario: at_pubrel },
    ],
    prediction: Prediction {
        scenario: |version| cut(version, &[STEPS[3]]),
        answers: &[
            Answer { id: "silent", contradiction: second_pubcomp },
            Answer { id: "closed", contradiction: second_pubcomp },
            Answer { id: "pubcomp", contradiction: unanswered_pubrel },
            Answer { id: "publish", contradiction: second_pubcomp },
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

/// One message, with a broker that passes it on at PUBREL.
fn at_pubrel(version: Version) -> Scenario {
    Script::on(undisturbed(version)).broker(|it| it.pass_on = PassOn::PubRel).finish()
}

/// The second answer to PUBREL.
fn second_pubcomp(evidence: &Evidence<'_>) -> Option<u64> {
    evidence.first(received(PUBLISHER, PubComp).nth(2))
}

/// The second PUBREL, if no answer came in the end.
fn unanswered_pubrel(evidence: &Evidence<'_>) -> Option<u64> {
    let silent = evidence.is_over() && second_pubcomp(evidence).is_none();
    evidence.first(sent(PUBLISHER, PubRel).nth(2)).filter(|_| silent)
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
