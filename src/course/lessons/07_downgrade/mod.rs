use super::prose;
use crate::codec::PacketType::{PubAck, Publish, SubAck};
use crate::codec::{QoS, Version, topic};
use crate::course::script::{CUT, PUBLISHER, READY, SUBSCRIBER, Script, TOPIC, pair, reading};
use crate::course::{
    Answer, Evidence, Experiment, Findings, Goal, Instrument, Lesson, Prediction, Selector,
    received, sent,
};
use crate::sim::Scenario;

pub static LESSON: Lesson = Lesson {
    number: 7,
    slug: "downgrade",
    prose: prose!("07_downgrade"),
    versions: &[Version::V5, Version::V311],
    scenario: two_to_one,
    experiments: &[
        Experiment { id: "two-one", scenario: two_one },
        Experiment { id: "zero-two", scenario: zero_two },
        Experiment { id: "one-zero", scenario: one_zero },
        Experiment { id: "overlap", scenario: overlap },
    ],
    prediction: Prediction {
        scenario: one_two,
        answers: &[
            Answer { id: "once", contradiction: |it| it.first(SECOND_COPY) },
            Answer { id: "merged", contradiction: |it| it.first(SECOND_COPY) },
            Answer {
                id: "twice",
                contradiction: |it| it.first(COPY.nth(3)).or(it.first(COPY.qos(QoS::ExactlyOnce))),
            },
            Answer { id: "raised", contradiction: |it| it.first(COPY.qos(QoS::AtLeastOnce)) },
        ],
    },
    goals: &[
        Goal { id: "nine", reached: nine_cells, solution: two_to_one, par: 0 },
        Goal { id: "twice", reached: twice_though_exactly_once, solution: two_one, par: 16 },
        Goal { id: "lost", reached: lost_though_granted_two, solution: asked_for_more, par: 18 },
        Goal { id: "highest", reached: highest_of_two_grants, solution: asked_twice, par: 13 },
    ],
    instrument: Instrument::Downgrade,
};

/// What the subscriber is sent.
const COPY: Selector = received(SUBSCRIBER, Publish);
const SECOND_COPY: Selector = COPY.nth(2);

fn level(version: Version, published: QoS, granted: QoS) -> Scenario {
    pair(version, granted).publish(PUBLISHER, reading(published)).finish()
}

fn two_to_one(version: Version) -> Scenario {
    level(version, QoS::ExactlyOnce, QoS::AtLeastOnce)
}

/// The subscriber's line breaks before its PUBACK arrives.
fn two_one(version: Version) -> Scenario {
    Script::on(two_to_one(version)).at(READY - 500).before(sent(SUBSCRIBER, PubAck), CUT).finish()
}

/// The subscriber's line breaks before the message arrives.
fn zero_two(version: Version) -> Scenario {
    let scenario = level(version, QoS::AtMostOnce, QoS::ExactlyOnce);
    Script::on(scenario).at(READY - 500).before(COPY, CUT).finish()
}

/// The publisher's line breaks before PUBACK arrives.
fn one_zero(version: Version) -> Scenario {
    let scenario = level(version, QoS::AtLeastOnce, QoS::AtMostOnce);
    Script::on(scenario).at(READY - 500).before(received(PUBLISHER, PubAck), CUT).finish()
}

/// The same, but the subscriber was granted the highest level.
fn one_two(version: Version) -> Scenario {
    let scenario = level(version, QoS::AtLeastOnce, QoS::ExactlyOnce);
    Script::on(scenario).at(READY - 500).before(received(PUBLISHER, PubAck), CUT).finish()
}

/// Two subscriptions of one client, both of which match.
fn overlap(version: Version) -> Scenario {
    let script = pair(version, QoS::AtMostOnce).at(READY - 1_200);
    script
        .subscribe(SUBSCRIBER, TOPIC, QoS::ExactlyOnce)
        .at(READY)
        .publish(PUBLISHER, reading(QoS::ExactlyOnce))
        .finish()
}

/// What the lesson starts with; then the subscriber asks again, for QoS 2, and
/// still loses a message.
fn asked_for_more(version: Version) -> Scenario {
    Script::on(two_to_one(version))
        .at(READY + 2_000)
        .subscribe(SUBSCRIBER, "sensor/#", QoS::ExactlyOnce)
        .later(1_000)
        .before(SECOND_COPY, CUT)
        .later(200)
        .publish(PUBLISHER, reading(QoS::AtMostOnce))
        .finish()
}

/// A second subscription before the message comes.
fn asked_twice(version: Version) -> Scenario {
    let script = Script::on(two_to_one(version)).at(READY - 1_200);
    script.subscribe(SUBSCRIBER, TOPIC, QoS::ExactlyOnce).finish()
}

fn nine_cells(evidence: &Evidence<'_>) -> bool {
    matches!(evidence.findings(), Some(Findings::Downgrade(table)) if table.filled() == 9)
}

fn twice_though_exactly_once(evidence: &Evidence<'_>) -> bool {
    evidence.is_honest()
        && evidence.first(sent("", Publish).qos(QoS::ExactlyOnce)).is_some()
        && evidence.first(sent("", Publish).qos(QoS::AtLeastOnce)).is_none()
        && evidence.deliveries(SUBSCRIBER).any(|it| it.duplicate)
}

/// A QoS 0 message was lost, though the subscriber holds a grant of QoS 2.
fn lost_though_granted_two(evidence: &Evidence<'_>) -> bool {
    let since = subscribed_at(evidence);
    let lost = |selector: Selector| {
        let mut lost = evidence.all(selector.qos(QoS::AtMostOnce).lost());
        lost.any(|it| Some(it.sequence) > since)
    };
    let grants = evidence.session(SUBSCRIBER).map(|session| session.subscriptions);
    let granted_two = grants.into_iter().flatten().any(|it| it.qos == QoS::ExactlyOnce);
    evidence.is_over()
        && evidence.is_honest()
        && granted_two
        && (lost(COPY) || lost(sent("", Publish)))
}

/// A copy came at the highest level of several that matched.
fn highest_of_two_grants(evidence: &Evidence<'_>) -> bool {
    let since = subscribed_at(evidence);
    let Some(session) = evidence.session(SUBSCRIBER) else { return false };
    let mut copies = evidence.publishes(COPY);
    copies.any(|(record, copy)| {
        let levels = || {
            let matching =
                session.subscriptions.iter().filter(|it| topic::matches(&it.filter, &copy.topic));
            matching.map(|it| it.qos)
        };
        record.arrived().is_some()
            && Some(record.sequence) > since
            && levels().min() < levels().max()
            && levels().max() == Some(copy.qos)
    })
}

/// The record of the latest SUBACK: what came before does not show what the
/// subscriptions of now do.
fn subscribed_at(evidence: &Evidence<'_>) -> Option<u64> {
    evidence.all(received(SUBSCRIBER, SubAck)).last().map(|record| record.sequence)
}
