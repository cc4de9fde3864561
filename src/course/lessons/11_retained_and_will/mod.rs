use std::time::Duration;

use super::prose;
use crate::codec::PacketType::{Disconnect, Publish};
use crate::codec::{QoS, Version};
use crate::course::script::{PUBLISHER, READY, Script, reading};
use crate::course::{
    Answer, Evidence, Experiment, Goal, Instrument, Lesson, Prediction, Selector, received, sent,
};
use crate::sim::{Publication, Scenario, What, WillSetup};
use crate::trace::Record;

pub static LESSON: Lesson = Lesson {
    number: 11,
    slug: "retained-and-will",
    prose: prose!("11_retained_and_will"),
    versions: &[Version::V5, Version::V311],
    scenario: |version| late_reader(version, reading(QoS::AtLeastOnce)),
    experiments: &[
        Experiment { id: "retained-0", scenario: |version| retained(version, QoS::AtMostOnce) },
        Experiment { id: "retained-1", scenario: |version| retained(version, QoS::AtLeastOnce) },
        Experiment { id: "retained-2", scenario: |version| retained(version, QoS::ExactlyOnce) },
        Experiment { id: "cleared", scenario: cleared },
        Experiment { id: "will-0", scenario: |version| will(version, QoS::AtMostOnce) },
        Experiment { id: "will-1", scenario: |version| will(version, QoS::AtLeastOnce) },
        Experiment { id: "will-2", scenario: |version| will(version, QoS::ExactlyOnce) },
        Experiment { id: "will-retained", scenario: will_retained },
        Experiment { id: "will-delayed", scenario: |_| will_delayed() },
    ],
    prediction: Prediction {
        scenario: goodbye,
        answers: &[
            Answer { id: "at-once", contradiction: silence_after_goodbye },
            Answer { id: "never", contradiction: |it| it.first(WILL) },
            Answer { id: "keep-alive", contradiction: silence_after_goodbye },
        ],
    },
    goals: &[
        Goal {
            id: "both-flags",
            reached: both_flags,
            solution: |version| retained(version, QoS::AtMostOnce),
            par: 13,
        },
        Goal {
            id: "will",
            reached: will_reached_early,
            solution: |version| will(version, QoS::AtMostOnce),
            par: 7,
        },
        Goal { id: "epitaph", reached: epitaph, solution: will_retained, par: 14 },
    ],
    instrument: Instrument::None,
};

/// There from the start.
const EARLY: &str = "early";
/// Comes when everything has been published.
const LATE: &str = "late";
/// Where the publisher's state is told.
const STATUS: &str = "sensor/status";
/// What reaches the early subscriber when nothing else is published.
const WILL: Selector = received(EARLY, Publish);

/// The publisher, with a will of this level, and both subscribers; the early
/// one is ready.
fn lab(version: Version, change: impl FnOnce(&mut WillSetup)) -> Script {
    let mut will = WillSetup {
        topic: STATUS.into(),
        payload: "gone".into(),
        qos: QoS::AtLeastOnce,
        ..WillSetup::default()
    };
    change(&mut will);
    Script::new(version)
        .client_with(PUBLISHER, |client| {
            client.will = Some(will);
            client.reconnect = None;
        })
        .client(EARLY)
        .client(LATE)
        .connect(PUBLISHER)
        .connect(EARLY)
        .subscribe(EARLY, "sensor/#", QoS::ExactlyOnce)
        .at(READY)
}

/// The late subscriber comes, so much later.
fn late(script: Script, millis: u64) -> Scenario {
    script.later(millis).connect(LATE).subscribe(LATE, "sensor/#", QoS::ExactlyOnce).finish()
}

/// A message for the early subscriber; then the late one comes.
fn late_reader(version: Version, message: Publication) -> Scenario {
    late(lab(version, |_| {}).publish(PUBLISHER, message), 3_000)
}

fn retained(version: Version, qos: QoS) -> Scenario {
    late_reader(version, Publication { retain: true, ..reading(qos) })
}

/// A retained message, and then one without payload.
fn cleared(version: Version) -> Scenario {
    let keep = Publication { retain: true, ..reading(QoS::AtLeastOnce) };
    let clear = Publication { payload: "".into(), ..keep.clone() };
    late(
        lab(version, |_| {}).publish(PUBLISHER, keep).later(1_500).publish(PUBLISHER, clear),
        1_500,
    )
}

/// The publisher's process dies, and is gone for a while.
fn die(script: Script) -> Script {
    script.now(PUBLISHER, What::CrashClient { keep_store: true, down_for: LONG })
}

fn will(version: Version, qos: QoS) -> Scenario {
    die(lab(version, |will| will.qos = qos)).finish()
}

fn will_retained(version: Version) -> Scenario {
    late(die(lab(version, |will| will.retain = true)), 3_000)
}

/// Two seconds between the end and the will, which only 5.0 can ask for.
fn will_delayed() -> Scenario {
    die(lab(Version::V5, |will| will.delay = 2)).finish()
}

/// The publisher says goodbye.
fn goodbye(version: Version) -> Scenario {
    lab(version, |_| {}).disconnect(PUBLISHER).finish()
}

/// The goodbye, if nothing was published after it.
fn silence_after_goodbye(evidence: &Evidence<'_>) -> Option<u64> {
    let silent = evidence.is_over() && evidence.first(WILL).is_none();
    evidence.first(sent(PUBLISHER, Disconnect)).filter(|_| silent)
}

/// The same reading came to one subscriber as news, and to the other as the
/// last known value.
fn both_flags(evidence: &Evidence<'_>) -> bool {
    let payloads = |client, retain: bool| {
        let publishes = evidence.publishes(received(client, Publish));
        let arrived = publishes.filter(|(record, _)| record.arrived().is_some());
        let flagged = arrived.filter(move |(_, it)| it.retain == retain && it.topic != STATUS);
        flagged.map(|(_, publish)| (publish.topic, publish.payload))
    };
    payloads(EARLY, false).any(|news| payloads(LATE, true).any(|kept| kept == news))
}

/// What the publisher left behind has reached this client.
fn wills<'a>(
    evidence: &Evidence<'a>,
    client: &'static str,
) -> impl Iterator<Item = &'a Record> + 'a {
    let published = evidence.publishes(sent(PUBLISHER, Publish)).any(|(_, it)| it.topic == STATUS);
    let publishes = evidence.publishes(received(client, Publish));
    publishes
        .filter(move |(record, it)| it.topic == STATUS && !published && record.arrived().is_some())
        .map(|(record, _)| record)
}

fn will_reached_early(evidence: &Evidence<'_>) -> bool {
    wills(evidence, EARLY).next().is_some()
}

/// A client that came when the publisher was gone was told so at once.
fn epitaph(evidence: &Evidence<'_>) -> bool {
    let gone = evidence.first(Selector::closed(PUBLISHER));
    let came = evidence.first(Selector::opened(LATE));
    let told = wills(evidence, LATE).any(|record| {
        record.bytes().and_then(|bytes| bytes.first()).is_some_and(|first| first & RETAIN != 0)
    });
    told && gone.zip(came).is_some_and(|(gone, came)| gone < came)
}

/// RETAIN in the first byte of PUBLISH (section 3.3.1.3).
const RETAIN: u8 = 1;
/// Longer than the rest of the run.
const LONG: Duration = Duration::from_secs(8);
