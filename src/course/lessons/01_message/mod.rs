use super::prose;
use crate::codec::PacketType::Publish;
use crate::codec::{QoS, Version, topic};
use crate::course::script::{PUBLISHER, READY, Script, TOPIC, reading};
use crate::course::{
    Answer, Evidence, Experiment, Goal, Instrument, Lesson, Prediction, received, sent,
};
use crate::sim::{Publication, Scenario};

pub static LESSON: Lesson = Lesson {
    number: 1,
    slug: "message",
    prose: prose!("01_message"),
    versions: &[Version::V5, Version::V311],
    scenario: one_listener,
    experiments: &[
        Experiment { id: "wildcard", scenario: two_listeners },
        Experiment { id: "nobody", scenario: no_listener },
    ],
    prediction: Prediction {
        scenario: two_listeners,
        answers: &[
            Answer { id: "one", contradiction: |it| it.first(received("", Publish)) },
            Answer { id: "two", contradiction: |it| it.first(received("", Publish).nth(2)) },
            Answer { id: "three", contradiction: |it| it.first(received("", Publish).nth(3)) },
            Answer { id: "four", contradiction: second_copy_of_one_message },
        ],
    },
    goals: &[
        Goal { id: "two-listeners", reached: heard_by_two, solution: two_listeners, par: 13 },
        Goal {
            id: "one-filter",
            reached: one_filter_heard_two_topics,
            solution: two_topics,
            par: 15,
        },
    ],
    instrument: Instrument::None,
};

/// It subscribes to the sensor's topic, and to nothing else.
const DISPLAY: &str = "display";
/// It is connected, and has asked for nothing yet.
const LOGGER: &str = "logger";

fn lab(version: Version) -> Script {
    Script::new(version)
        .client(PUBLISHER)
        .client(DISPLAY)
        .client(LOGGER)
        .connect(PUBLISHER)
        .connect(DISPLAY)
        .connect(LOGGER)
        .subscribe(DISPLAY, TOPIC, QoS::AtMostOnce)
        .at(READY)
}

fn one_listener(version: Version) -> Scenario {
    lab(version).publish(PUBLISHER, reading(QoS::AtMostOnce)).finish()
}

fn no_listener(version: Version) -> Scenario {
    lab(version).publish(PUBLISHER, humidity()).finish()
}

/// What [`one_listener`] plays, and the logger subscribes in time.
fn two_listeners(version: Version) -> Scenario {
    let script = Script::on(one_listener(version)).at(READY - 1_200);
    script.subscribe(LOGGER, "sensor/#", QoS::AtMostOnce).finish()
}

fn two_topics(version: Version) -> Scenario {
    Script::on(two_listeners(version)).at(READY + 1_500).publish(PUBLISHER, humidity()).finish()
}

fn humidity() -> Publication {
    Publication::new("sensor/humidity", "48", QoS::AtMostOnce)
}

/// The second copy, if the publisher sent only once.
fn second_copy_of_one_message(evidence: &Evidence<'_>) -> Option<u64> {
    let once = evidence.count(sent(PUBLISHER, Publish)) == 1;
    evidence.first(received("", Publish).nth(2)).filter(|_| once)
}

/// The broker passes a message on at the moment in which it arrives, so a copy
/// is known by when it left.
fn heard_by_two(evidence: &Evidence<'_>) -> bool {
    evidence.publishes(sent("", Publish)).any(|(record, message)| {
        let mut listeners = evidence
            .publishes(received("", Publish))
            .filter(|(copy, it)| Some(copy.at) == record.arrived() && it.topic == message.topic)
            .filter(|(copy, _)| copy.arrived().is_some())
            .map(|(copy, _)| copy.to);
        let first = listeners.next();
        listeners.any(|listener| Some(listener) != first)
    })
}

fn one_filter_heard_two_topics(evidence: &Evidence<'_>) -> bool {
    evidence.trace().parties.iter().any(|client| {
        let session = evidence.session(client);
        let filters = session.into_iter().flat_map(|session| session.subscriptions);
        filters.into_iter().any(|subscription| {
            let mut topics = evidence
                .deliveries(client)
                .map(|delivery| &delivery.message.topic)
                .filter(|name| topic::matches(&subscription.filter, name));
            let first = topics.next();
            topics.any(|name| Some(name) != first)
        })
    })
}
