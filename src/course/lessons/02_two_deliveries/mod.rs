use std::time::Duration;

use super::prose;
use crate::codec::PacketType::{PubAck, Publish};
use crate::codec::{self, Packet, QoS, Version};
use crate::course::script::{CUT, PUBLISHER, READY, SUBSCRIBER, Script, pair, reading};
use crate::course::{
    Answer, Evidence, Experiment, Goal, Instrument, Lesson, Prediction, received, sent,
};
use crate::sim::{Command, LinkSetup, Publication, Scenario};
use crate::trace::Record;

pub static LESSON: Lesson = Lesson {
    number: 2,
    slug: "two-deliveries",
    prose: prose!("02_two_deliveries"),
    versions: &[Version::V5, Version::V311],
    scenario: two_levels,
    experiments: &[
        Experiment { id: "slow", scenario: slow_subscriber },
        Experiment { id: "nobody", scenario: nobody },
        Experiment { id: "grant-lower", scenario: lower_grant },
    ],
    prediction: Prediction {
        scenario: cut_second_hop,
        answers: &[
            Answer { id: "resent", contradiction: puback_without_repeat },
            Answer { id: "later", contradiction: nothing_came },
            Answer { id: "gone", contradiction: copy_that_came },
            // What the publisher gets is its PUBACK, and no more.
            Answer { id: "told", contradiction: puback_without_repeat },
        ],
    },
    goals: &[
        Goal { id: "unheard", reached: acknowledged_and_unheard, solution: left_alone, par: 9 },
        Goal {
            id: "four-and-two",
            reached: exactly_once_then_at_least_once,
            solution: asked_again,
            par: 17,
        },
    ],
    instrument: Instrument::None,
};

/// Published at QoS 1, granted QoS 0.
fn two_levels(version: Version) -> Scenario {
    pair(version, QoS::AtMostOnce).publish(PUBLISHER, reading(QoS::AtLeastOnce)).finish()
}

/// The subscriber's link gets slow once it is connected.
fn slow_subscriber(version: Version) -> Scenario {
    let link = LinkSetup { latency: Duration::from_millis(1_500), ..LinkSetup::default() };
    let script = pair(version, QoS::AtLeastOnce).step(Command::SetLink(1, link));
    script.publish(PUBLISHER, reading(QoS::AtLeastOnce)).finish()
}

/// A topic that nobody has asked for.
fn nobody(version: Version) -> Scenario {
    let message = Publication::new("garden/soil", "dry", QoS::AtLeastOnce);
    pair(version, QoS::AtLeastOnce).publish(PUBLISHER, message).finish()
}

/// The subscriber asks for QoS 2, and the broker grants no more than 1.
fn lower_grant(version: Version) -> Scenario {
    let script = pair(version, QoS::ExactlyOnce).broker(|it| it.maximum_qos = QoS::AtLeastOnce);
    script.publish(PUBLISHER, reading(QoS::AtLeastOnce)).finish()
}

fn cut_second_hop(version: Version) -> Scenario {
    let script = pair(version, QoS::AtMostOnce).at(READY - 500);
    let script = script.before(received(SUBSCRIBER, Publish), CUT);
    script.at(READY).publish(PUBLISHER, reading(QoS::AtLeastOnce)).finish()
}

/// The subscriber leaves before the message comes.
fn left_alone(version: Version) -> Scenario {
    Script::on(two_levels(version)).at(READY - 500).disconnect(SUBSCRIBER).finish()
}

/// The subscriber asks again, for QoS 1, before a message at QoS 2.
fn asked_again(version: Version) -> Scenario {
    Script::on(two_levels(version))
        .at(READY + 1_000)
        .subscribe(SUBSCRIBER, "sensor/#", QoS::AtLeastOnce)
        .later(1_000)
        .publish(PUBLISHER, reading(QoS::ExactlyOnce))
        .finish()
}

/// The copy that was lost, if no other arrived in the end.
fn nothing_came(evidence: &Evidence<'_>) -> Option<u64> {
    let silent = evidence.is_over() && evidence.delivered(SUBSCRIBER) == 0;
    evidence.first(received(SUBSCRIBER, Publish).lost()).filter(|_| silent)
}

/// The subscriber's copy, if it arrived.
fn copy_that_came(evidence: &Evidence<'_>) -> Option<u64> {
    let mut copies = evidence.all(received(SUBSCRIBER, Publish));
    copies.find(|it| it.arrived().is_some()).map(|it| it.sequence)
}

/// The PUBACK, if the publisher sent only once.
fn puback_without_repeat(evidence: &Evidence<'_>) -> Option<u64> {
    let once = evidence.is_over() && evidence.count(sent(PUBLISHER, Publish)) == 1;
    evidence.first(received(PUBLISHER, PubAck)).filter(|_| once)
}

/// Some message has its PUBACK, and no application has it or will get it.
fn acknowledged_and_unheard(evidence: &Evidence<'_>) -> bool {
    let clients = &evidence.trace().parties;
    let is_acknowledged = |record: &Record, message: &codec::Publish| {
        evidence.packets(received("", PubAck)).any(|(puback, packet)| {
            let Packet::PubAck(ack) = packet else { return false };
            puback.to == record.from
                && puback.arrived().is_some()
                && Some(puback.at) == record.arrived()
                && Some(ack.packet_identifier) == message.packet_identifier
        })
    };
    let is_heard = |message: &codec::Publish| {
        clients
            .iter()
            .filter_map(|client| evidence.inbox(client))
            .any(|inbox| inbox.copies(&message.topic, &message.payload) > 0)
    };
    let nothing_waits = || {
        let mut sessions = clients.iter().filter_map(|client| evidence.session(client));
        sessions.all(|session| session.outbound_total == 0)
    };
    evidence.is_over()
        && nothing_waits()
        && evidence
            .publishes(sent("", Publish))
            .any(|(record, message)| is_acknowledged(record, &message) && !is_heard(&message))
}

/// A message that takes four packets on its first hop, and two on its second.
fn exactly_once_then_at_least_once(evidence: &Evidence<'_>) -> bool {
    let first = sent("", Publish).qos(QoS::ExactlyOnce);
    let second = received("", Publish).qos(QoS::AtLeastOnce);
    let passed_on = || evidence.all(second).filter(|copy| copy.arrived().is_some());
    evidence.is_over()
        && evidence.all(first).any(|it| passed_on().any(|copy| Some(copy.at) == it.arrived()))
}
