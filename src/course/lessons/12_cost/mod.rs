use std::time::Duration;

use super::prose;
use crate::codec::PacketType::{PubComp, Publish};
use crate::codec::{QoS, Version};
use crate::course::cost::Way;
use crate::course::script::{PUBLISHER, READY, Script, reading};
use crate::course::{
    Answer, Evidence, Experiment, Findings, Goal, Instrument, Lesson, Prediction, received, sent,
};
use crate::sim::setups::LATENCY;
use crate::sim::{Publication, Scenario};
use crate::time::Instant;
use crate::trace::Record;

pub static LESSON: Lesson = Lesson {
    number: 12,
    slug: "cost",
    prose: prose!("12_cost"),
    versions: &[Version::V311, Version::V5],
    scenario: each_level,
    experiments: &[
        Experiment { id: "idle", scenario: idle },
        Experiment { id: "overlapping", scenario: overlapping },
    ],
    prediction: Prediction {
        scenario: |version| ready(version).publish(PUBLISHER, reading(LEVEL)).finish(),
        answers: &[
            Answer { id: "one", contradiction: |it| not_after(it, 1) },
            Answer { id: "two", contradiction: |it| not_after(it, 2) },
            Answer { id: "four", contradiction: |it| not_after(it, 4) },
        ],
    },
    goals: &[
        Goal { id: "overlap", reached: overlapped, solution: overlapping, par: 22 },
        Goal { id: "count", reached: counted, solution: each_level, par: 0 },
    ],
    instrument: Instrument::Cost,
};

const LEVEL: QoS = QoS::ExactlyOnce;

/// A publisher alone: what a hop costs does not depend on who else listens.
fn ready(version: Version) -> Script {
    Script::new(version).client(PUBLISHER).connect(PUBLISHER).at(READY)
}

/// One reading at each level, one after the other.
fn each_level(version: Version) -> Scenario {
    let one = |script: Script, qos| script.publish(PUBLISHER, reading(qos)).later(2_000);
    QoS::ALL.into_iter().fold(ready(version), one).finish()
}

/// A publisher with nothing to say, and a short keep alive.
fn idle(version: Version) -> Scenario {
    let ready = ready(version).with(PUBLISHER, |client| client.keep_alive = 2);
    ready.later(7_000).disconnect(PUBLISHER).finish()
}

/// Five flows at QoS 2, open at the same time.
fn overlapping(version: Version) -> Scenario {
    let five = Publication { times: 5, every: Duration::from_millis(50), ..reading(LEVEL) };
    ready(version).publish(PUBLISHER, five).finish()
}

/// PUBCOMP, if it did not come after so many round trips.
fn not_after(evidence: &Evidence<'_>, round_trips: u32) -> Option<u64> {
    let start = evidence.all(sent(PUBLISHER, Publish)).next()?.at;
    let end = evidence.all(received(PUBLISHER, PubComp)).next()?;
    let took = end.arrived()?.since(start);
    (took != LATENCY * 2 * round_trips).then_some(end.sequence)
}

/// Five messages at QoS 2 are through in less than half the time that they
/// would take one after the other.
fn overlapped(evidence: &Evidence<'_>) -> bool {
    let starts: Vec<Instant> =
        evidence.all(sent(PUBLISHER, Publish).qos(LEVEL)).map(|record| record.at).collect();
    let ends: Vec<Instant> =
        evidence.all(received(PUBLISHER, PubComp)).filter_map(Record::arrived).collect();
    let (Some(start), Some(first), Some(last)) = (starts.first(), ends.first(), ends.last()) else {
        return false;
    };
    let one_by_one = first.since(*start) * u32::try_from(starts.len()).unwrap_or(u32::MAX);
    starts.len() >= 5 && ends.len() >= starts.len() && last.since(*start) * 2 < one_by_one
}

/// The chart stands, and says of a reading what the lesson says.
fn counted(evidence: &Evidence<'_>) -> bool {
    let Some(Findings::Cost(table)) = evidence.findings() else { return false };
    let bytes = |way| table.row(way).map(|row| row.message.bytes());
    bytes(Way::Mqtt(LEVEL)) < bytes(Way::Http)
}
