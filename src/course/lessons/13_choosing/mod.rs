use super::prose;
use crate::codec::PacketType::{PubAck, PubRec, Publish};
use crate::codec::{PacketType, QoS, Version};
use crate::course::script::{CUT, PUBLISHER, READY, SUBSCRIBER, Script};
use crate::course::{
    Answer, Case, Evidence, Experiment, Findings, Goal, Instrument, Lesson, Prediction, Selector,
    received, sent,
};
use crate::sim::{Publication, Scenario};

pub static LESSON: Lesson = Lesson {
    number: 13,
    slug: "choosing",
    prose: prose!("13_choosing"),
    versions: &[Version::V5, Version::V311],
    scenario: |version| three(version, [QoS::AtLeastOnce; 3], PubAck),
    experiments: &[
        Experiment { id: "pulse", scenario: |version| metered(version, PULSE, "1 kWh") },
        Experiment { id: "total", scenario: |version| metered(version, TOTAL, "4711 kWh") },
    ],
    prediction: Prediction {
        scenario: alarms,
        answers: &[
            Answer { id: "ladder", contradiction: rings_together },
            Answer { id: "together", contradiction: rings_later },
            Answer { id: "careful", contradiction: rings_together },
        ],
    },
    goals: &[
        Goal { id: "decided", reached: decided, solution: cheapest, par: 0 },
        Goal { id: "cheapest", reached: each_at_its_level, solution: cheapest, par: 24 },
    ],
    instrument: Instrument::Cases(CASES),
};

const CASES: &[Case] = &[
    Case { id: "room", levels: &[QoS::AtMostOnce] },
    Case { id: "alarm", levels: &[QoS::AtLeastOnce] },
    Case { id: "pulse", levels: &[QoS::ExactlyOnce] },
    Case { id: "total", levels: &[QoS::AtLeastOnce] },
    Case { id: "toggle", levels: &[QoS::ExactlyOnce] },
    Case { id: "lamp", levels: &[QoS::AtLeastOnce] },
    Case { id: "truck", levels: &[QoS::AtMostOnce] },
    Case { id: "journal", levels: &[QoS::AtLeastOnce, QoS::ExactlyOnce] },
];

/// A new reading every few seconds.
const TEMPERATURE: &str = "room/temperature";
/// Somebody has to hear of it; twice does no harm.
const ALARM: &str = "door/alarm";
/// One more unit to pay for.
const PULSE: &str = "meter/pulse";
/// All units so far: as often as you like.
const TOTAL: &str = "meter/total";

fn lab(version: Version) -> Script {
    Script::new(version)
        .client(PUBLISHER)
        .client(SUBSCRIBER)
        .connect(PUBLISHER)
        .connect(SUBSCRIBER)
        .subscribe(SUBSCRIBER, "#", QoS::ExactlyOnce)
        .at(READY)
}

/// The same alarm at each level, at the same moment.
fn alarms(version: Version) -> Scenario {
    let alarm = |script: Script, qos| {
        script.publish(PUBLISHER, Publication::new(ALARM, format!("open, QoS {qos}"), qos))
    };
    QoS::ALL.into_iter().fold(lab(version), alarm).finish()
}

/// A message at QoS 1, of which the answer is lost.
fn metered(version: Version, topic: &'static str, payload: &'static str) -> Scenario {
    lab(version)
        .before(received(PUBLISHER, PubAck), CUT)
        .publish(PUBLISHER, Publication::new(topic, payload, QoS::AtLeastOnce))
        .finish()
}

/// The three messages at these levels, over a line that breaks before the
/// first answer of this kind arrives.
fn three(version: Version, levels: [QoS; 3], answer: PacketType) -> Scenario {
    let lab = lab(version).before(received(PUBLISHER, answer), CUT);
    let messages = [(TEMPERATURE, "20.5"), (ALARM, "open"), (PULSE, "1 kWh")];
    let publish = |script: Script, ((topic, payload), qos)| {
        script.publish(PUBLISHER, Publication::new(topic, payload, qos)).later(4_000)
    };
    messages.into_iter().zip(levels).fold(lab, publish).finish()
}

fn cheapest(version: Version) -> Scenario {
    three(version, QoS::ALL, PubRec)
}

/// The second alarm, if it arrived together with the first.
fn rings_together(evidence: &Evidence<'_>) -> Option<u64> {
    let alarms: Vec<_> = evidence.all(received(SUBSCRIBER, Publish)).collect();
    let [first, second, ..] = &alarms[..] else { return None };
    let together = first.arrived().is_some() && first.arrived() == second.arrived();
    together.then_some(second.sequence)
}

/// The first alarm that did not arrive together with the first of all.
fn rings_later(evidence: &Evidence<'_>) -> Option<u64> {
    let mut alarms =
        evidence.all(received(SUBSCRIBER, Publish)).filter(|it| it.arrived().is_some());
    let first = alarms.next()?;
    alarms.find(|it| it.arrived() != first.arrived()).map(|it| it.sequence)
}

/// Every case has been decided, and well.
fn decided(evidence: &Evidence<'_>) -> bool {
    let Some(Findings::Cases(decisions)) = evidence.findings() else { return false };
    CASES.iter().all(|case| {
        decisions.iter().any(|(id, level)| *id == case.id && case.levels.contains(level))
    })
}

/// Each of the three was sent at the level that does and costs the least, the
/// line broke, and the pulse still counts once.
fn each_at_its_level(evidence: &Evidence<'_>) -> bool {
    let level = |topic: &str, qos| {
        let mut published = evidence.publishes(sent(PUBLISHER, Publish)).peekable();
        published.peek().is_some() && published.all(|(_, it)| it.topic != topic || it.qos == qos)
    };
    let copies = |topic: &str| {
        evidence.deliveries(SUBSCRIBER).filter(|it| it.message.topic == *topic).count()
    };
    evidence.is_over()
        && evidence.is_honest()
        && evidence.first(Selector::closed(PUBLISHER)).is_some()
        && level(TEMPERATURE, QoS::AtMostOnce)
        && level(ALARM, QoS::AtLeastOnce)
        && level(PULSE, QoS::ExactlyOnce)
        && copies(TEMPERATURE) == 1
        && copies(ALARM) >= 1
        && copies(PULSE) == 1
}
