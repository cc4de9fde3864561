use super::prose;
use crate::codec::PacketType::Publish;
use crate::codec::{QoS, Version};
use crate::course::script::{CUT, PUBLISHER, READY, SUBSCRIBER, Script, TOPIC, pair, sensor};
use crate::course::{
    Answer, Evidence, Experiment, Goal, Instrument, Lesson, Prediction, Selector, received, sent,
};
use crate::sim::{Scenario, What};

pub static LESSON: Lesson = Lesson {
    number: 3,
    slug: "qos-0",
    prose: prose!("03_qos_0"),
    versions: &[Version::V5, Version::V311],
    scenario: undisturbed,
    experiments: &[
        Experiment { id: "cut-first-hop", scenario: cut_first_hop },
        Experiment { id: "cut-second-hop", scenario: cut_second_hop },
        Experiment { id: "qos-1", scenario: |version| cut(version, QoS::AtLeastOnce, FOURTH) },
    ],
    prediction: Prediction {
        scenario: half_open,
        answers: &[
            Answer { id: "nine", contradiction: |it| other_than(it, 9) },
            Answer { id: "ten", contradiction: |it| other_than(it, 10) },
            Answer { id: "four", contradiction: |it| other_than(it, 4) },
            Answer { id: "three", contradiction: |it| other_than(it, 3) },
        ],
    },
    goals: &[
        Goal { id: "lose-one", reached: exactly_one_lost, solution: cut_first_hop, par: 27 },
        Goal { id: "nobody-noticed", reached: nobody_noticed, solution: both_came_back, par: 29 },
    ],
    instrument: Instrument::Sensor,
};

/// The fourth reading, 21.5, on its first hop.
const FOURTH: Selector = sent(PUBLISHER, Publish).nth(4);

fn undisturbed(version: Version) -> Scenario {
    ten_readings(version, QoS::AtMostOnce).finish()
}

fn ten_readings(version: Version, qos: QoS) -> Script {
    pair(version, qos).publish(PUBLISHER, sensor(qos))
}

fn cut(version: Version, qos: QoS, packet: Selector) -> Scenario {
    ten_readings(version, qos).at(READY - 500).before(packet, CUT).finish()
}

fn cut_first_hop(version: Version) -> Scenario {
    cut(version, QoS::AtMostOnce, FOURTH)
}

fn cut_second_hop(version: Version) -> Scenario {
    cut(version, QoS::AtMostOnce, received(SUBSCRIBER, Publish).nth(4))
}

/// The publisher goes on writing into a dead line until keep-alive finds out.
fn half_open(version: Version) -> Scenario {
    let script = ten_readings(version, QoS::AtMostOnce).with(PUBLISHER, |it| it.keep_alive = 3);
    script.at(READY - 500).before(FOURTH, What::HalfOpen).finish()
}

/// After the loss the subscriber's line is cut too, so everybody has had an
/// occasion to send again what they remember.
fn both_came_back(version: Version) -> Scenario {
    Script::on(cut_first_hop(version)).at(READY + 10_000).now(SUBSCRIBER, CUT).finish()
}

/// The last reading that came, if there were not so many in the end, or the
/// first that is one too many.
fn other_than(evidence: &Evidence<'_>, readings: usize) -> Option<u64> {
    let copies = || evidence.all(received(SUBSCRIBER, Publish)).map(|it| it.sequence);
    let surplus = copies().nth(readings);
    surplus
        .or_else(|| copies().last().filter(|_| evidence.is_over() && copies().count() < readings))
}

/// Ten readings left, all at QoS 0, and nine came.
fn exactly_one_lost(evidence: &Evidence<'_>) -> bool {
    evidence.is_over() && evidence.is_honest() && lost(evidence).len() == 1
}

/// After the loss both clients have come back, which is when a side sends what
/// it remembers; and none of the three remembers anything.
fn nobody_noticed(evidence: &Evidence<'_>) -> bool {
    let Some(lost) = lost_at(evidence) else { return false };
    let came_back = |client| evidence.all(Selector::opened(client)).any(|it| it.sequence > lost);
    let holds_nothing = |client: &str| {
        evidence.client(client).is_some_and(|it| it.outbound_total + it.inbound_total == 0)
            && evidence.session(client).is_some_and(|it| it.outbound_total + it.inbound.len() == 0)
    };
    exactly_one_lost(evidence)
        && came_back(PUBLISHER)
        && came_back(SUBSCRIBER)
        && holds_nothing(PUBLISHER)
        && holds_nothing(SUBSCRIBER)
}

/// Which readings left at QoS 0 and never came, by number; none unless all ten
/// have left.
fn lost(evidence: &Evidence<'_>) -> Vec<u32> {
    let left = |number: u32| {
        let mut sent = evidence.publishes(sent(PUBLISHER, Publish).qos(QoS::AtMostOnce));
        sent.any(|(_, message)| message.payload == payload(number))
    };
    let copies = |number: u32| {
        evidence.inbox(SUBSCRIBER).map_or(0, |inbox| inbox.copies(TOPIC, &payload(number)))
    };
    match (0..READINGS).all(left) {
        true => (0..READINGS).filter(|number| copies(*number) == 0).collect(),
        false => Vec::new(),
    }
}

/// The record with which a reading was lost.
fn lost_at(evidence: &Evidence<'_>) -> Option<u64> {
    evidence.first(sent("", Publish).lost()).or(evidence.first(received("", Publish).lost()))
}

/// What reading `number` says, counted from 0.
fn payload(number: u32) -> bytes::Bytes {
    sensor(QoS::AtMostOnce).payload_at(number)
}

const READINGS: u32 = 10;
