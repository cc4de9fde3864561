//! Answers that do not fit the flow: it ends, and says with what.

use fourstep::codec::{Ack, PacketType, QoS, ReasonCode, Version};
use fourstep::session::{Effect, FlowState, Limits, Outcome, Session, WrongAnswer};
use fourstep::time::Instant;

use crate::{NOW, acknowledge, connected, effects, identifier, message, sends, success};

use PacketType::{PubAck, PubComp, PubRec};
use QoS::{AtLeastOnce, ExactlyOnce};

#[test]
fn mqtt_4_3_3_2_in_3_1_1_and_4_3_3_8_in_5_0_puback_for_a_qos_2_message_ends_it_as_at_least_once() {
    for (version, statement) in [(Version::V311, "MQTT-4.3.3-2"), (Version::V5, "MQTT-4.3.3-8")] {
        let mut sender = connected(Limits::default(), version, 10);
        let token = sender.publish(NOW, message(ExactlyOnce, "a")).expect("there is room");
        effects(&mut sender);
        sender.handle_ack(NOW, PubAck, &success(1)).expect("the connection stays");
        let wrong = WrongAnswer {
            token,
            packet_type: PubAck,
            packet_identifier: identifier(1),
            state: FlowState::AwaitingPubRec,
            version,
        };
        assert_eq!(wrong.statement(), Some(statement));
        assert!(wrong.to_string().ends_with(&format!("with PUBACK. [{statement}]")), "{wrong}");
        let ended = Effect::Finished(token, Outcome::AcknowledgedBy(PubAck));
        assert_eq!(effects(&mut sender), [Effect::WrongAnswer(wrong), ended]);
        is_over(&mut sender);
    }
}

#[test]
fn mqtt_4_3_2_2_in_3_1_1_and_4_3_2_4_in_5_0_pubrec_for_a_qos_1_message_is_taken_up_to_pubcomp() {
    for (version, statement) in [(Version::V311, "MQTT-4.3.2-2"), (Version::V5, "MQTT-4.3.2-4")] {
        let mut sender = connected(Limits::default(), version, 10);
        let token = sender.publish(NOW, message(AtLeastOnce, "a")).expect("there is room");
        effects(&mut sender);
        acknowledge(&mut sender, PubRec, 1);
        let first = effects(&mut sender);
        assert!(
            matches!(&first[0], Effect::WrongAnswer(it) if it.statement() == Some(statement)),
            "{first:?}"
        );
        assert_eq!(sender.identifiers_in_use(), 1, "the server holds it until PUBREL");
        acknowledge(&mut sender, PubComp, 1);
        let ended = Effect::Finished(token, Outcome::AcknowledgedBy(PubRec));
        assert_eq!(effects(&mut sender), [ended]);
        is_over(&mut sender);
    }
}

#[test]
fn every_other_wrong_answer_ends_the_flow_at_once() {
    let refused = Outcome::Refused(ReasonCode::QuotaExceeded);
    let received = Outcome::Received(ReasonCode::Success);
    let by = Outcome::AcknowledgedBy;
    let no = ReasonCode::QuotaExceeded;
    let yes = ReasonCode::Success;
    let cases: [(QoS, &[PacketType], PacketType, ReasonCode, Outcome); 8] = [
        (AtLeastOnce, &[], PubComp, yes, by(PubComp)),
        (AtLeastOnce, &[], PubRec, no, refused),
        (ExactlyOnce, &[], PubComp, yes, by(PubComp)),
        (ExactlyOnce, &[], PubAck, no, refused),
        (ExactlyOnce, &[PubRec], PubAck, yes, received),
        (ExactlyOnce, &[PubRec], PubAck, no, received),
        (ExactlyOnce, &[PubRec], PubRec, no, received),
        (AtLeastOnce, &[PubRec], PubAck, yes, received),
    ];
    for (qos, before, packet_type, reason, outcome) in cases {
        let mut sender = connected(Limits::default(), Version::V5, 10);
        let token = sender.publish(NOW, message(qos, "a")).expect("there is room");
        before.iter().for_each(|packet_type| acknowledge(&mut sender, *packet_type, 1));
        effects(&mut sender);
        let ack = Ack::new(identifier(1), reason);
        sender.handle_ack(NOW, packet_type, &ack).expect("the connection stays");
        let [Effect::WrongAnswer(wrong), Effect::Finished(ended, seen)] = effects(&mut sender)[..]
        else {
            panic!("{qos:?} {before:?} {packet_type:?}")
        };
        assert_eq!((wrong.token, ended, seen), (token, token, outcome), "{qos:?} {packet_type:?}");
        is_over(&mut sender);
    }
}

#[test]
fn pubrec_in_answer_to_pubrel_is_not_answered_for_ever() {
    let mut sender = connected(Limits::default(), Version::V5, 10);
    let token = sender.publish(NOW, message(ExactlyOnce, "a")).expect("there is room");
    effects(&mut sender);
    let mut releases = 0;
    let ended = loop {
        acknowledge(&mut sender, PubRec, 1);
        let effects = effects(&mut sender);
        let sent = effects.iter().filter(|effect| matches!(effect, Effect::Send(_))).count();
        releases += sent;
        if sent == 0 {
            break effects;
        }
        assert!(releases < 100, "it never ends");
    };
    let received = Effect::Finished(token, Outcome::Received(ReasonCode::Success));
    assert!(ended.contains(&received), "{ended:?}");
    is_over(&mut sender);
}

/// What a timer sent twice may be answered twice; the second answer may come
/// when its identifier is another message's.
#[test]
fn an_answer_to_what_a_timer_sent_again_ends_no_other_message() {
    let mut sender = connected(Limits::default(), Version::V311, 10);
    let sent = Instant::from_millis(100);
    sender.publish(sent, message(AtLeastOnce, "a")).expect("there is room");
    sender.resend_older_than(Instant::from_millis(900), Instant::from_millis(101));
    effects(&mut sender);
    acknowledge(&mut sender, PubAck, 1);
    let next = sender.publish(NOW, message(ExactlyOnce, "b")).expect("there is room");
    effects(&mut sender);
    acknowledge(&mut sender, PubAck, 1);
    assert_eq!(effects(&mut sender), [], "it belongs to the first");
    acknowledge(&mut sender, PubRec, 1);
    acknowledge(&mut sender, PubComp, 1);
    let done = Effect::Finished(next, Outcome::Acknowledged(ReasonCode::Success));
    assert_eq!(effects(&mut sender).last(), Some(&done));
}

/// The identifier is free, and nothing is sent again.
fn is_over(sender: &mut Session) {
    assert_eq!((sender.identifiers_in_use(), sender.in_flight()), (0, 0));
    sender.handle_lost();
    sender.handle_connected(NOW, Version::V5, true, 10);
    assert_eq!(sends(sender), Vec::<String>::new());
}
