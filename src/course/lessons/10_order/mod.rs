use std::time::Duration;

use bytes::Bytes;

use super::prose;
use crate::codec::PacketType::{ConnAck, Connect, PubAck, PubRec, Publish};
use crate::codec::{Packet, QoS, Version};
use crate::course::script::{CUT, PUBLISHER, READY, SUBSCRIBER, Script, pair};
use crate::course::{
    Answer, Evidence, Experiment, Goal, Instrument, Lesson, Prediction, received, sent,
};
use crate::sim::{Publication, Scenario};
use crate::time::Instant;
use crate::trace::Record;

pub static LESSON: Lesson = Lesson {
    number: 10,
    slug: "order",
    prose: prose!("10_order"),
    versions: &[Version::V5, Version::V311],
    scenario: |version| four(lab(version, QoS::AtLeastOnce), QoS::AtLeastOnce),
    experiments: &[
        Experiment { id: "qos-2", scenario: cut_at_qos_2 },
        Experiment {
            id: "one-at-a-time",
            scenario: |_| four(one_at_a_time(QoS::AtLeastOnce), QoS::AtLeastOnce),
        },
        Experiment { id: "one-cut", scenario: |_| one_cut() },
        Experiment { id: "overtaken", scenario: |_| overtaken() },
    ],
    prediction: Prediction {
        scenario: |_| second_hop(None),
        answers: &[
            Answer { id: "in-order", contradiction: |it| deviation(it, &[1, 2, 3, 4]) },
            Answer { id: "in-place", contradiction: |it| deviation(it, &[1, 2, 2, 3, 4]) },
            Answer { id: "legal", contradiction: |it| deviation(it, &[1, 2, 3, 2, 3, 4]) },
            Answer { id: "lost", contradiction: |it| deviation(it, &[1, 2, 3]) },
        ],
    },
    goals: &[
        Goal { id: "out-of-order", reached: out_of_order, solution: two, par: 23 },
        Goal { id: "window", reached: waited_for_each_other, solution: |_| window(), par: 25 },
        Goal {
            id: "both-hops",
            reached: repeated_in_order,
            solution: |_| second_hop(Some(1)),
            par: 26,
        },
    ],
    instrument: Instrument::None,
};

/// Messages that are numbered from 1.
const COUNT: u32 = 4;
/// Much less than the round trip of 600 ms: several are under way at once.
const INTERVAL: Duration = Duration::from_millis(150);
/// Three times the latency of the other links, so that several messages are
/// under way to the subscriber while the publisher has one.
const SLOW: Duration = Duration::from_millis(900);
/// Milliseconds after which a client with such a link has its SUBACK.
const SLOWLY_READY: u64 = 6_000;

fn lab(version: Version, granted: QoS) -> Script {
    pair(version, granted).at(READY - 500)
}

/// Everything of 5.0: only there can the broker allow one message at a time.
fn one_at_a_time(granted: QoS) -> Script {
    lab(Version::V5, granted).broker(|broker| broker.receive_maximum = 1)
}

/// Numbered messages, from `first` on.
fn numbered(first: u32, times: u32, qos: QoS) -> Publication {
    let mut series = Publication::new("sensor/count", format!("{{{first}+1}}"), qos);
    (series.times, series.every) = (times, INTERVAL);
    series
}

fn four(script: Script, qos: QoS) -> Scenario {
    script.at(READY).publish(PUBLISHER, numbered(1, COUNT, qos)).finish()
}

/// Three messages at QoS 2 are under way when the line breaks. The first has
/// been answered; the fourth is published when the publisher is back.
fn cut_at_qos_2(version: Version) -> Scenario {
    let qos = QoS::ExactlyOnce;
    lab(version, qos)
        .before(received(PUBLISHER, PubRec).nth(2), CUT)
        .at(READY)
        .publish(PUBLISHER, numbered(1, COUNT - 1, qos))
        .later(5_000)
        .publish(PUBLISHER, numbered(COUNT, 1, qos))
        .finish()
}

/// Two messages are open when the line breaks.
fn two(version: Version) -> Scenario {
    lab(version, QoS::AtLeastOnce)
        .before(received(PUBLISHER, PubAck), CUT)
        .at(READY)
        .publish(PUBLISHER, numbered(1, 2, QoS::AtLeastOnce))
        .finish()
}

/// The same cut, where only one message may be under way.
fn one_cut() -> Scenario {
    four(
        one_at_a_time(QoS::AtLeastOnce).before(received(PUBLISHER, PubAck).nth(2), CUT),
        QoS::AtLeastOnce,
    )
}

/// The publisher may send one message at a time. The subscriber's link is slow,
/// and breaks before its second answer arrives; its CONNECT asks for this.
fn second_hop(receive_maximum: Option<u16>) -> Scenario {
    one_at_a_time(QoS::AtLeastOnce)
        .with(SUBSCRIBER, |subscriber| {
            subscriber.link.latency = SLOW;
            subscriber.receive_maximum = receive_maximum.unwrap_or(u16::MAX);
        })
        .at(SLOWLY_READY)
        .before(sent(SUBSCRIBER, PubAck).nth(2), CUT)
        .later(500)
        .publish(PUBLISHER, numbered(1, COUNT, QoS::AtLeastOnce))
        .finish()
}

/// Five messages, one at a time.
fn window() -> Scenario {
    one_at_a_time(QoS::AtLeastOnce)
        .at(READY)
        .publish(PUBLISHER, numbered(1, COUNT + 1, QoS::AtLeastOnce))
        .finish()
}

/// Two messages at QoS 1, and one at QoS 0 that needs no room.
fn overtaken() -> Scenario {
    one_at_a_time(QoS::AtLeastOnce)
        .at(READY)
        .publish(PUBLISHER, numbered(1, 2, QoS::AtLeastOnce))
        .later(300)
        .publish(PUBLISHER, numbered(3, 1, QoS::AtMostOnce))
        .finish()
}

/// What the subscriber has received: payload and record, in order.
fn arrivals(evidence: &Evidence<'_>) -> Vec<(Bytes, u64)> {
    let publishes = evidence.publishes(received(SUBSCRIBER, Publish));
    let arrived = publishes.filter(|(record, _)| record.arrived().is_some());
    arrived.map(|(record, publish)| (publish.payload, record.sequence)).collect()
}

/// The first message that is not the one expected there.
fn deviation(evidence: &Evidence<'_>, expected: &[u8]) -> Option<u64> {
    let arrivals = arrivals(evidence);
    let differs = |(index, it): &(usize, &(Bytes, u64))| {
        let number = expected.get(*index).map(|number| number + b'0');
        number.is_none_or(|number| it.0 != [number][..])
    };
    arrivals.iter().enumerate().find(differs).map(|(_, it)| it.1)
}

/// The first message that came a second time.
fn second_copy(evidence: &Evidence<'_>) -> Option<u64> {
    let arrivals = arrivals(evidence);
    let again = |index: &usize| arrivals[..*index].iter().any(|it| it.0 == arrivals[*index].0);
    (0..arrivals.len()).find(again).map(|index| arrivals[index].1)
}

/// The first message that came again after another one had come for the first
/// time in between: 2 in 2, 3, 2.
fn copy_after_a_newer_one(evidence: &Evidence<'_>) -> Option<u64> {
    let arrivals = arrivals(evidence);
    let late = |index: &usize| {
        let first = arrivals[..*index].iter().position(|it| it.0 == arrivals[*index].0);
        first
            .is_some_and(|first| arrivals[first..*index].iter().any(|it| it.0 != arrivals[first].0))
    };
    (0..arrivals.len()).find(late).map(|index| arrivals[index].1)
}

/// Out of order, and all of it came from the first hop.
fn out_of_order(evidence: &Evidence<'_>) -> bool {
    copy_after_a_newer_one(evidence).is_some()
        && evidence.first(sent(PUBLISHER, Publish).dup(true)).is_some()
        && evidence.first(received(SUBSCRIBER, Publish).dup(true)).is_none()
        && evidence.is_honest()
}

/// Five messages were to be sent, and each left only when the one before it had
/// been answered.
fn waited_for_each_other(evidence: &Evidence<'_>) -> bool {
    let answers: Vec<Instant> =
        evidence.all(received(PUBLISHER, PubAck)).filter_map(Record::arrived).collect();
    let publishes: Vec<&Record> =
        evidence.all(sent(PUBLISHER, Publish).qos(QoS::AtLeastOnce).dup(false)).collect();
    let pushed_off = publishes.iter().skip(1).zip(&answers);
    allows_one(evidence)
        && publishes.len() > 4
        && answers.len() >= publishes.len()
        && pushed_off.clone().count() > 3
        && pushed_off.into_iter().all(|(publish, answer)| publish.at == *answer)
}

/// One message at a time on both hops. Something was resent on the second and
/// came twice, but nothing came after a newer message.
fn repeated_in_order(evidence: &Evidence<'_>) -> bool {
    let arrivals = arrivals(evidence);
    let distinct = arrivals
        .iter()
        .enumerate()
        .filter(|(index, it)| arrivals[..*index].iter().all(|earlier| earlier.0 != it.0));
    allows_one(evidence)
        && asks_for_one(evidence)
        && evidence.is_over()
        && evidence.is_honest()
        && evidence.first(received(SUBSCRIBER, Publish).dup(true)).is_some()
        && second_copy(evidence).is_some()
        && copy_after_a_newer_one(evidence).is_none()
        && distinct.count() >= COUNT as usize
}

/// Whether the broker has told the publisher: one at a time.
fn allows_one(evidence: &Evidence<'_>) -> bool {
    evidence.packets(received(PUBLISHER, ConnAck)).any(|(_, packet)| match packet {
        Packet::ConnAck(answer) => answer.properties.receive_maximum() == Some(1),
        _ => false,
    })
}

/// Whether the subscriber has told the broker the same, each time.
fn asks_for_one(evidence: &Evidence<'_>) -> bool {
    let mut connects = evidence.packets(sent(SUBSCRIBER, Connect)).peekable();
    connects.peek().is_some()
        && connects.all(|(_, packet)| match packet {
            Packet::Connect(connect) => connect.properties.receive_maximum() == Some(1),
            _ => false,
        })
}
