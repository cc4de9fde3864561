use std::time::Duration;

use super::prose;
use crate::codec::PacketType::{ConnAck, PubAck, Publish, SubAck};
use crate::codec::{Packet, QoS, Version};
use crate::course::script::{PUBLISHER, READY, Script, TOPIC, reading};
use crate::course::{Answer, Evidence, Experiment, Goal, Instrument, Lesson, Prediction, received};
use crate::sim::{Publication, Scenario, What};

pub static LESSON: Lesson = Lesson {
    number: 8,
    slug: "nobody-home",
    prose: prose!("08_nobody_home"),
    versions: &[Version::V5, Version::V311],
    scenario: everybody_home,
    experiments: &[
        Experiment { id: "asleep", scenario: |version| away_and_back(version, QoS::AtLeastOnce) },
        Experiment { id: "qos-0", scenario: |version| away_and_back(version, QoS::AtMostOnce) },
        Experiment { id: "publisher-away", scenario: publisher_away },
        Experiment { id: "broker-remembers", scenario: |version| broker_stops(version, true) },
        Experiment { id: "broker-forgets", scenario: |version| broker_stops(version, false) },
        Experiment { id: "no-expiry", scenario: no_expiry },
    ],
    prediction: Prediction {
        scenario: |version| away_and_back(version, QoS::AtLeastOnce),
        answers: &[
            Answer { id: "both", contradiction: guest_comes_back_to_nothing },
            Answer { id: "sleeper", contradiction: |it| it.first(received(GUEST, Publish)) },
            Answer { id: "last", contradiction: |it| it.first(received(SLEEPER, Publish).nth(2)) },
            Answer { id: "neither", contradiction: |it| it.first(received(SLEEPER, Publish)) },
        ],
    },
    goals: &[
        Goal {
            id: "waiting",
            reached: five_wait,
            solution: |version| five_for_nobody(version).finish(),
            par: 28,
        },
        Goal { id: "back", reached: five_came, solution: both_back, par: 44 },
    ],
    instrument: Instrument::None,
};

/// Its session outlives its connection.
const SLEEPER: &str = "sleeper";
/// Its session ends with its connection.
const GUEST: &str = "guest";

/// A publisher, and two subscribers that differ in nothing but their sessions.
fn lab(version: Version) -> Script {
    Script::new(version)
        .client(PUBLISHER)
        .client(SLEEPER)
        .client_with(GUEST, |it| (it.clean_start, it.session_expiry_interval) = (true, 0))
        .connect(PUBLISHER)
        .connect(SLEEPER)
        .connect(GUEST)
        .subscribe(SLEEPER, "sensor/#", QoS::AtLeastOnce)
        .subscribe(GUEST, "sensor/#", QoS::AtLeastOnce)
        .at(READY)
}

fn everybody_home(version: Version) -> Scenario {
    lab(version).publish(PUBLISHER, reading(QoS::AtLeastOnce)).finish()
}

/// Both are away while five readings come.
fn away_and_back(version: Version, qos: QoS) -> Scenario {
    lab(version)
        .disconnect(SLEEPER)
        .disconnect(GUEST)
        .later(1_000)
        .publish(PUBLISHER, five(qos))
        .later(2_500)
        .connect(SLEEPER)
        .connect(GUEST)
        .finish()
}

/// The sensor measures on while it has no connection.
fn publisher_away(version: Version) -> Scenario {
    lab(version)
        .disconnect(PUBLISHER)
        .later(800)
        .publish(PUBLISHER, five(QoS::AtLeastOnce))
        .later(1_500)
        .connect(PUBLISHER)
        .finish()
}

/// The broker stops as its PUBACK is about to arrive, and starts again with
/// its store or without.
fn broker_stops(version: Version, keep_store: bool) -> Scenario {
    let stop = What::RestartBroker { keep_store, down_for: Duration::from_millis(300) };
    lab(version)
        .at(READY - 500)
        .before(received(PUBLISHER, PubAck), stop)
        .at(READY)
        .publish(PUBLISHER, reading(QoS::AtLeastOnce))
        .finish()
}

/// The sleeper does not start clean, and asks for no time either (5.0).
fn no_expiry(version: Version) -> Scenario {
    let script = Script::on(away_and_back(version, QoS::AtLeastOnce));
    script.with(SLEEPER, |it| it.session_expiry_interval = 0).finish()
}

fn five_for_nobody(version: Version) -> Script {
    Script::on(everybody_home(version))
        .at(READY + 1_500)
        .disconnect(SLEEPER)
        .disconnect(GUEST)
        .later(1_000)
        .publish(PUBLISHER, five(QoS::AtLeastOnce))
}

fn both_back(version: Version) -> Scenario {
    five_for_nobody(version).later(2_500).connect(SLEEPER).connect(GUEST).finish()
}

fn five(qos: QoS) -> Publication {
    let mut readings = Publication::new(TOPIC, "{21.0+0.5}", qos);
    (readings.times, readings.every) = (5, Duration::from_millis(200));
    readings
}

/// The guest's second CONNACK, once it says that there is no session.
fn guest_comes_back_to_nothing(evidence: &Evidence<'_>) -> Option<u64> {
    let (record, packet) = evidence.packets(received(GUEST, ConnAck).nth(2)).next()?;
    (session_present(&packet) == Some(false)).then_some(record.sequence)
}

/// Both had subscribed and are gone; five messages wait for the one, and of
/// the other nothing is left.
fn five_wait(evidence: &Evidence<'_>) -> bool {
    let has_subscribed = |client| evidence.first(received(client, SubAck)).is_some();
    let sleeper = evidence.session(SLEEPER);
    has_subscribed(SLEEPER)
        && has_subscribed(GUEST)
        && evidence.session(GUEST).is_none()
        && sleeper.is_some_and(|it| it.connection.is_none() && it.outbound_total == 5)
}

/// Both came back: the one to its session and five messages, the other to
/// neither.
fn five_came(evidence: &Evidence<'_>) -> bool {
    let last = |client| evidence.packets(received(client, ConnAck)).skip(1).last();
    let (Some((sleeper, at_sleeper)), Some((guest, at_guest))) = (last(SLEEPER), last(GUEST))
    else {
        return false;
    };
    let since = |client, back: u64| {
        let copies = evidence.all(received(client, Publish));
        copies.filter(|copy| copy.sequence > back && copy.arrived().is_some()).count()
    };
    evidence.is_over()
        && session_present(&at_sleeper) == Some(true)
        && session_present(&at_guest) == Some(false)
        && since(SLEEPER, sleeper.sequence) == 5
        && since(GUEST, guest.sequence) == 0
}

fn session_present(packet: &Packet) -> Option<bool> {
    match packet {
        Packet::ConnAck(ack) => Some(ack.session_present),
        _ => None,
    }
}
