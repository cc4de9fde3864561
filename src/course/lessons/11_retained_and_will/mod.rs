use std::time::Duration;

use super::prose;
use crate::codec::PacketType::Publish;
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
        Experiment { id: "will-careful", scenario: careful },
        Experiment { id: "will-delayed", scenario: |_| will_delayed() },
    ],
    prediction: Prediction {
        scenario: silent_end,
        answers: &[
            Answer { id: "at-once", contradiction: |it| not_after(it, Duration::ZERO) },
            Answer { id: "keep-alive", contradiction: |it| not_after(it, KEEP_ALIVE) },
            Answer { id: "later", contradiction: |it| not_after(it, KEEP_ALIVE * 3 / 2) },
            Answer { id: "never", contradiction: |it| it.first(WILL) },
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
        Goal { id: "lie", reached: lie, solution: goodbye, par: 17 },
    ],
    instrument: Instrument::None,
};

/// There from the start.
const EARLY: &str = "early";
/// Comes when everything has been published.
const LATE: &str = "late";
/// What the publisher says of itself while it is connected.
const ONLINE: &str = "online";
/// The topic of the publisher's state.
const STATUS: &str = "sensor/status";
/// What the early subscriber hears of the publisher's state.
const WILL: Selector = received(EARLY, Publish).on(STATUS);

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

/// The publisher tells its state, as a retained message.
fn tell(script: Script, state: &'static str) -> Script {
    let message = Publication::new(STATUS, state, QoS::AtLeastOnce);
    script.publish(PUBLISHER, Publication { retain: true, ..message })
}

/// The publisher says that it is there, and disconnects.
fn goodbye(version: Version) -> Scenario {
    let online = tell(lab(version, |will| will.retain = true), ONLINE);
    late(online.later(1_500).disconnect(PUBLISHER), 1_500)
}

/// The publisher says that it is there, and before it disconnects, that it will
/// be gone.
fn careful(version: Version) -> Scenario {
    let online = tell(lab(version, |will| will.retain = true), ONLINE);
    let offline = tell(online.later(1_500), "offline");
    late(offline.later(1_500).disconnect(PUBLISHER), 1_500)
}

/// The publisher's link swallows everything, from its first reading on.
fn silent_end(version: Version) -> Scenario {
    lab(version, |_| {})
        .with(PUBLISHER, |it| it.keep_alive = 4)
        .after(sent(PUBLISHER, Publish), What::HalfOpen)
        .publish(PUBLISHER, reading(QoS::AtMostOnce))
        .finish()
}

/// The will, if it left the broker more than half a second before or after this
/// much time had passed since the publisher's last packet.
fn not_after(evidence: &Evidence<'_>, expected: Duration) -> Option<u64> {
    let last = evidence.all(sent(PUBLISHER, Publish)).find_map(Record::arrived)?;
    let will = evidence.all(WILL).next()?;
    let passed = will.at.since(last);
    (passed.abs_diff(expected) > Duration::from_millis(500)).then_some(will.sequence)
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

/// The publisher is gone, and a client that comes then reads that it is online.
fn lie(evidence: &Evidence<'_>) -> bool {
    let last = |selector| evidence.all(selector).last().map(|it| it.sequence);
    let gone = last(Selector::closed(PUBLISHER));
    let is_gone = gone > last(Selector::opened(PUBLISHER));
    let came = last(Selector::opened(LATE)).filter(|came| is_gone && Some(*came) > gone);
    let mut read = evidence.publishes(received(LATE, Publish).retain().on(STATUS));
    let read = read.find(|(record, _)| came.is_some_and(|came| record.sequence > came));
    evidence.is_over() && read.is_some_and(|(_, it)| it.payload == ONLINE)
}

/// RETAIN in the first byte of PUBLISH (section 3.3.1.3).
const RETAIN: u8 = 1;
/// The publisher's keep-alive where its end is silent.
const KEEP_ALIVE: Duration = Duration::from_secs(4);
/// Longer than the rest of the run.
const LONG: Duration = Duration::from_secs(8);
