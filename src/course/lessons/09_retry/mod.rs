use std::time::Duration;

use super::prose;
use crate::codec::PacketType::{PubAck, Publish};
use crate::codec::{QoS, Version};
use crate::course::script::{CUT, PUBLISHER, READY, SUBSCRIBER, Script, reading};
use crate::course::{
    Answer, Evidence, Experiment, Goal, Instrument, Lesson, Prediction, Selector, received, sent,
};
use crate::sim::{Scenario, What};

pub static LESSON: Lesson = Lesson {
    number: 9,
    slug: "retry",
    prose: prose!("09_retry"),
    versions: &[Version::V311, Version::V5],
    scenario: |version| lab(version, None).publish(PUBLISHER, reading(LEVEL)).finish(),
    experiments: &[
        Experiment { id: "timer", scenario: |_| forgotten(lab(Version::V311, TIMER)) },
        Experiment { id: "forgotten", scenario: |version| cut_later(lab(version, None)) },
        Experiment { id: "dead-line", scenario: |version| dead_line(lab(version, None)) },
        Experiment { id: "timer-in-vain", scenario: |_| dead_line(lab(Version::V311, TIMER)) },
    ],
    prediction: Prediction {
        scenario: |_| late(),
        answers: &[
            Answer { id: "nothing", contradiction: |it| it.first(REPEAT) },
            Answer {
                id: "dropped",
                contradiction: |it| it.first(received(SUBSCRIBER, Publish).nth(2)),
            },
            Answer { id: "twice", contradiction: only_one_delivery },
            Answer { id: "closed", contradiction: repeat_on_the_same_connection },
        ],
    },
    goals: &[
        Goal {
            id: "hang",
            reached: hung_until_reconnect,
            solution: |version| dead_line(lab(version, None)),
            par: 13,
        },
        Goal { id: "needless", reached: repeated_needlessly, solution: |_| late(), par: 14 },
    ],
    instrument: Instrument::None,
};

/// The publisher's second attempt.
const REPEAT: Selector = sent(PUBLISHER, Publish).dup(true);
const LEVEL: QoS = QoS::AtLeastOnce;
/// A 3.1.1 client sends again what has not been answered for so long.
const TIMER: Option<Duration> = Some(Duration::from_secs(3));
/// Seconds after which a silent line is asked for a sign of life.
const KEEP_ALIVE: u16 = 10;

/// Publisher and subscriber, ready; the publisher with a timer or without.
fn lab(version: Version, timer: Option<Duration>) -> Script {
    Script::new(version)
        .client_with(PUBLISHER, |client| {
            client.keep_alive = KEEP_ALIVE;
            client.retry_interval = timer;
        })
        .client(SUBSCRIBER)
        .connect(PUBLISHER)
        .connect(SUBSCRIBER)
        .subscribe(SUBSCRIBER, "sensor/#", LEVEL)
        .at(READY)
}

/// Counterfactual: the broker forgets to send its PUBACK.
fn forgotten(lab: Script) -> Scenario {
    lab.before(received(PUBLISHER, PubAck), What::Withhold)
        .publish(PUBLISHER, reading(LEVEL))
        .finish()
}

/// The same, and much later the connection goes down.
fn cut_later(lab: Script) -> Scenario {
    Script::on(forgotten(lab)).at(READY + 8_000).now(PUBLISHER, CUT).finish()
}

/// The line dies as the message is under way, and nobody is told.
fn dead_line(lab: Script) -> Scenario {
    lab.before(sent(PUBLISHER, Publish), What::HalfOpen).publish(PUBLISHER, reading(LEVEL)).finish()
}

/// Nothing is lost, but the answer takes longer than the timer waits.
fn late() -> Scenario {
    let held_back = What::Delay(Duration::from_secs(5));
    lab(Version::V311, TIMER)
        .before(received(PUBLISHER, PubAck), held_back)
        .publish(PUBLISHER, reading(LEVEL))
        .finish()
}

/// The subscriber's message, if it stayed the only one.
fn only_one_delivery(evidence: &Evidence<'_>) -> Option<u64> {
    let once = evidence.is_over() && evidence.delivered(SUBSCRIBER) == 1;
    evidence.first(received(SUBSCRIBER, Publish)).filter(|_| once)
}

/// The repeat, if the connection that saw the message first had not gone down.
fn repeat_on_the_same_connection(evidence: &Evidence<'_>) -> Option<u64> {
    let closed = evidence.first(Selector::closed(PUBLISHER));
    evidence.first(REPEAT).filter(|repeat| closed.is_none_or(|closed| *repeat < closed))
}

/// A message waited unanswered for long while its connection seemed well, was
/// sent again on the next one and only there, and got its answer.
fn hung_until_reconnect(evidence: &Evidence<'_>) -> bool {
    let first = evidence.all(sent(PUBLISHER, Publish).dup(false)).next();
    let closed = evidence.all(Selector::closed(PUBLISHER)).next();
    let (Some(first), Some(closed), Some(repeat)) = (first, closed, evidence.first(REPEAT)) else {
        return false;
    };
    let answers: Vec<_> = evidence.all(received(PUBLISHER, PubAck)).collect();
    closed.at.since(first.at) >= LONG
        && repeat > closed.sequence
        && !answers.is_empty()
        && answers.iter().all(|answer| answer.sequence > repeat && answer.arrived().is_some())
}

/// No packet was lost and no connection went down, and still the subscriber
/// has the reading twice.
fn repeated_needlessly(evidence: &Evidence<'_>) -> bool {
    evidence.duplicates(SUBSCRIBER) > 0
        && evidence.first(REPEAT).is_some()
        && evidence.first(Selector::closed("")).is_none()
        && evidence.is_honest()
}

/// Far more than the round trip of 600 ms.
const LONG: Duration = Duration::from_secs(5);
