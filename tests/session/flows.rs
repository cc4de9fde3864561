//! Single flows, packet by packet.

use fourstep::codec::{Ack, PacketType, Property, QoS, ReasonCode, Version};
use fourstep::session::{
    Effect, FlowState, Limits, OnSessionLoss, OnWrongAnswer, Outcome, QueuePolicy, Session, Token,
    Violation,
};
use fourstep::time::Instant;

use crate::{NOW, acknowledge, connected, effects, identifier, message, sends, success};

use PacketType::{PubAck, PubComp, PubRec, PubRel};
use QoS::{AtLeastOnce, AtMostOnce, ExactlyOnce};

#[test]
fn the_four_steps_of_qos_2_seen_from_the_sender() {
    let mut sender = connected(Limits::default(), Version::V5, 10);
    let token = sender.publish(NOW, message(ExactlyOnce, "a")).expect("there is room");
    assert_eq!(sends(&mut sender), ["PUBLISH 1 q2 a"]);
    acknowledge(&mut sender, PubRec, 1);
    assert_eq!(sends(&mut sender), ["PUBREL 1"]);
    assert_eq!(sender.outbound(1)[0].state, FlowState::AwaitingPubComp);
    acknowledge(&mut sender, PubComp, 1);
    let done = Outcome::Acknowledged(ReasonCode::Success);
    assert_eq!(effects(&mut sender), [Effect::Finished(token, done)]);
    assert_eq!(sender.identifiers_in_use(), 0);
}

#[test]
fn the_four_steps_of_qos_2_seen_from_the_receiver() {
    let mut receiver = connected(Limits::default(), Version::V5, 10);
    let mut publish = message(ExactlyOnce, "a");
    publish.packet_identifier = Some(identifier(9));
    receiver.handle_publish(NOW, publish.clone(), ReasonCode::Success).expect("it is allowed");
    let first = effects(&mut receiver);
    assert!(matches!(&first[0], Effect::Deliver(delivered) if *delivered == publish));
    assert_eq!(first.len(), 2, "{first:?}");
    assert_eq!(receiver.inbound(1), [identifier(9)]);
    acknowledge(&mut receiver, PubRel, 9);
    assert_eq!(sends(&mut receiver), ["PUBCOMP 9"]);
    assert_eq!(receiver.awaiting_release(), 0);
}

#[test]
fn mqtt_4_3_3_2_a_repeated_publish_is_acknowledged_and_not_delivered_again() {
    let mut receiver = connected(Limits::default(), Version::V311, 10);
    let mut publish = message(ExactlyOnce, "a");
    publish.packet_identifier = Some(identifier(9));
    receiver.handle_publish(NOW, publish.clone(), ReasonCode::Success).expect("it is allowed");
    effects(&mut receiver);
    publish.dup = true;
    receiver.handle_publish(NOW, publish, ReasonCode::Success).expect("it is allowed");
    assert_eq!(effects(&mut receiver).len(), 1);
}

#[test]
fn mqtt_4_3_3_2_after_pubcomp_the_same_identifier_is_a_new_message_whatever_dup_says() {
    let mut receiver = connected(Limits::default(), Version::V311, 10);
    for _ in 0..2 {
        let mut publish = message(ExactlyOnce, "a");
        publish.packet_identifier = Some(identifier(9));
        publish.dup = true;
        receiver.handle_publish(NOW, publish, ReasonCode::Success).expect("it is allowed");
        acknowledge(&mut receiver, PubRel, 9);
        let delivered = effects(&mut receiver);
        assert!(matches!(delivered[0], Effect::Deliver(_)), "{delivered:?}");
    }
}

#[test]
fn mqtt_4_3_2_2_a_repeated_qos_1_publish_is_delivered_again() {
    let mut receiver = connected(Limits::default(), Version::V311, 10);
    for dup in [false, true] {
        let mut publish = message(AtLeastOnce, "a");
        publish.packet_identifier = Some(identifier(1));
        publish.dup = dup;
        receiver.handle_publish(NOW, publish, ReasonCode::Success).expect("it is allowed");
        let delivered = effects(&mut receiver);
        assert!(matches!(delivered[0], Effect::Deliver(_)), "dup {dup}: {delivered:?}");
    }
}

#[test]
fn mqtt_4_4_0_1_reconnecting_sends_publish_and_pubrel_again_with_the_same_identifiers() {
    let mut sender = connected(Limits::default(), Version::V5, 10);
    for (qos, name) in [(AtLeastOnce, "a"), (ExactlyOnce, "b"), (ExactlyOnce, "c")] {
        sender.publish(NOW, message(qos, name)).expect("there is room");
    }
    acknowledge(&mut sender, PubRec, 2);
    sends(&mut sender);
    sender.handle_disconnected();
    sender.handle_connected(NOW, Version::V5, true, 10);
    assert_eq!(sends(&mut sender), ["PUBREL 2", "PUBLISH 1 q1 dup a", "PUBLISH 3 q2 dup c"]);
}

#[test]
fn mqtt_3_3_4_7_unfinished_messages_never_exceed_the_peers_receive_maximum() {
    let mut sender = connected(Limits::default(), Version::V5, 2);
    for name in ["a", "b", "c"] {
        sender.publish(NOW, message(ExactlyOnce, name)).expect("there is room");
    }
    assert_eq!(sends(&mut sender), ["PUBLISH 1 q2 a", "PUBLISH 2 q2 b"]);
    acknowledge(&mut sender, PubRec, 1);
    assert_eq!(sends(&mut sender), ["PUBREL 1"], "PUBREC gives no quota back");
    acknowledge(&mut sender, PubComp, 1);
    assert_eq!(sends(&mut sender), ["PUBLISH 1 q2 c"], "the freed identifier is used again");
}

#[test]
fn what_is_sent_again_respects_the_new_receive_maximum_too() {
    let mut sender = connected(Limits::default(), Version::V5, 10);
    for name in ["a", "b", "c"] {
        sender.publish(NOW, message(AtLeastOnce, name)).expect("there is room");
    }
    sends(&mut sender);
    sender.handle_disconnected();
    sender.handle_connected(NOW, Version::V5, true, 1);
    assert_eq!(sends(&mut sender), ["PUBLISH 1 q1 dup a"]);
    sender.publish(NOW, message(AtLeastOnce, "d")).expect("there is room");
    for (acknowledged, next) in
        [(1, "PUBLISH 2 q1 dup b"), (2, "PUBLISH 3 q1 dup c"), (3, "PUBLISH 1 q1 d")]
    {
        acknowledge(&mut sender, PubAck, acknowledged);
        assert_eq!(sends(&mut sender), [next]);
    }
}

#[test]
fn mqtt_3_3_4_9_a_peer_beyond_our_receive_maximum_is_in_error() {
    let limits = Limits { receive_maximum: 1, ..Limits::default() };
    let mut receiver = connected(limits, Version::V5, 10);
    let mut publish = message(ExactlyOnce, "a");
    publish.packet_identifier = Some(identifier(1));
    receiver
        .handle_publish(NOW, publish.clone(), ReasonCode::Success)
        .expect("the first is allowed");
    receiver
        .handle_publish(NOW, publish.clone(), ReasonCode::Success)
        .expect("a repeat is no second");
    publish.packet_identifier = Some(identifier(2));
    let refused = receiver.handle_publish(NOW, publish, ReasonCode::Success);
    assert_eq!(refused, Err(Violation::ReceiveMaximumExceeded));
}

#[test]
fn mqtt_4_4_0_2_a_refused_message_ends_its_flow() {
    for (qos, answer) in [(AtLeastOnce, PubAck), (ExactlyOnce, PubRec)] {
        let mut sender = connected(Limits::default(), Version::V5, 10);
        let token = sender.publish(NOW, message(qos, "a")).expect("there is room");
        effects(&mut sender);
        let refusal = Ack::new(identifier(1), ReasonCode::QuotaExceeded);
        sender.handle_ack(NOW, answer, &refusal).expect("a refusal is allowed");
        let refused = Outcome::Refused(ReasonCode::QuotaExceeded);
        assert_eq!(effects(&mut sender), [Effect::Finished(token, refused)]);
        assert_eq!(sender.identifiers_in_use(), 0);
    }
}

#[test]
fn a_receiver_that_refuses_keeps_nothing_in_5_0_and_cannot_refuse_in_3_1_1() {
    let cases = [
        (Version::V5, vec!["PUBREC 4 Not authorized (0x87)"], 0),
        (Version::V311, vec!["PUBREC 4"], 1),
    ];
    for (version, expected, kept) in cases {
        let mut receiver = connected(Limits::default(), version, 10);
        let mut publish = message(ExactlyOnce, "a");
        publish.packet_identifier = Some(identifier(4));
        receiver.handle_publish(NOW, publish, ReasonCode::NotAuthorized).expect("it is allowed");
        assert_eq!(sends(&mut receiver), expected);
        assert_eq!(receiver.awaiting_release(), kept);
    }
}

#[test]
fn a_server_takes_an_answer_that_does_not_fit_for_a_fault_that_changes_nothing() {
    let cases = [
        (AtLeastOnce, PubRec, FlowState::AwaitingPubAck),
        (AtLeastOnce, PubComp, FlowState::AwaitingPubAck),
        (ExactlyOnce, PubAck, FlowState::AwaitingPubRec),
        (ExactlyOnce, PubComp, FlowState::AwaitingPubRec),
    ];
    for (qos, packet_type, state) in cases {
        let limits = Limits { on_wrong_answer: OnWrongAnswer::Close, ..Limits::default() };
        let mut sender = connected(limits, Version::V5, 10);
        sender.publish(NOW, message(qos, "a")).expect("there is room");
        effects(&mut sender);
        let refused = sender.handle_ack(NOW, packet_type, &success(1));
        let packet_identifier = identifier(1);
        assert_eq!(refused, Err(Violation::Unexpected { packet_type, packet_identifier, state }));
        assert_eq!(sender.outbound(1)[0].state, state);
        assert_eq!(effects(&mut sender), []);
    }
}

#[test]
fn an_answer_for_an_unknown_identifier_lets_the_peer_finish() {
    let cases = [
        (Version::V5, PubRec, vec!["PUBREL 7 Packet Identifier not found (0x92)"]),
        (Version::V5, PubRel, vec!["PUBCOMP 7 Packet Identifier not found (0x92)"]),
        (Version::V311, PubRec, vec!["PUBREL 7"]),
        (Version::V311, PubRel, vec!["PUBCOMP 7"]),
        (Version::V5, PubAck, vec![]),
        (Version::V5, PubComp, vec![]),
    ];
    for (version, packet_type, expected) in cases {
        let mut session = connected(Limits::default(), version, 10);
        acknowledge(&mut session, packet_type, 7);
        assert_eq!(sends(&mut session), expected, "{packet_type:?} in {version}");
    }
}

#[test]
fn a_lost_session_starts_unfinished_messages_over_as_new_ones() {
    let mut sender = connected(Limits::default(), Version::V5, 10);
    for (qos, name) in [(ExactlyOnce, "a"), (AtLeastOnce, "b"), (ExactlyOnce, "c")] {
        sender.publish(NOW, message(qos, name)).expect("there is room");
    }
    acknowledge(&mut sender, PubRec, 1);
    effects(&mut sender);
    sender.handle_disconnected();
    sender.handle_connected(NOW, Version::V5, false, 10);
    let after = effects(&mut sender);
    let done = Outcome::Received(ReasonCode::Success);
    assert!(after.contains(&Effect::Finished(Token(0), done)), "PUBREC had come for it");
    assert!(after.contains(&Effect::StartedOver(Token(1))));
    assert!(after.contains(&Effect::StartedOver(Token(2))));
    let sent: Vec<_> = after.iter().filter(|effect| matches!(effect, Effect::Send(_))).collect();
    assert_eq!(sent.len(), 2, "{sent:?}");
    let flows = sender.outbound(9);
    let ids: Vec<_> = flows.iter().map(|flow| (flow.token.0, flow.packet_identifier)).collect();
    assert_eq!(ids, [(1, Some(identifier(1))), (2, Some(identifier(2)))]);
}

#[test]
fn a_lost_session_can_give_messages_up_instead() {
    let limits = Limits { on_session_loss: OnSessionLoss::GiveUp, ..Limits::default() };
    let mut sender = connected(limits, Version::V5, 10);
    let token = sender.publish(NOW, message(AtLeastOnce, "a")).expect("there is room");
    effects(&mut sender);
    sender.handle_disconnected();
    sender.handle_connected(NOW, Version::V5, false, 10);
    assert_eq!(effects(&mut sender), [Effect::Finished(token, Outcome::SessionLost)]);
    assert_eq!(sender.identifiers_in_use(), 0);
}

#[test]
fn a_full_queue_refuses_or_drops_as_its_policy_says() {
    let check = |policy, levels: &[QoS], dropped: Option<u64>, refused: bool| {
        let limits = Limits { queue_capacity: 2, queue_policy: policy, ..Limits::default() };
        let mut session = Session::new(limits);
        let mut last = None;
        for qos in levels {
            last = session.publish(NOW, message(*qos, "a"));
        }
        assert_eq!(last.is_none(), refused, "{policy:?} {levels:?}");
        let dropped = dropped.map(|token| Effect::Finished(Token(token), Outcome::Dropped));
        assert_eq!(session.poll(), dropped, "{policy:?} {levels:?}");
        assert_eq!(session.queued(), 2);
    };
    check(QueuePolicy::RefuseNew, &[AtLeastOnce; 3], None, true);
    check(QueuePolicy::DropOldest, &[AtLeastOnce; 3], Some(0), false);
    check(QueuePolicy::DropOldest, &[AtLeastOnce, AtMostOnce, ExactlyOnce], Some(1), false);
    check(QueuePolicy::DropOldest, &[AtLeastOnce, ExactlyOnce, AtMostOnce], Some(2), false);
}

#[test]
fn qos_0_without_a_connection_waits_or_is_dropped() {
    let mut keeps = Session::new(Limits::default());
    keeps.publish(NOW, message(AtMostOnce, "a")).expect("there is room");
    keeps.handle_connected(NOW, Version::V311, false, u16::MAX);
    assert_eq!(sends(&mut keeps), ["PUBLISH 0 q0 a"]);

    let mut drops = Session::new(Limits { queue_qos0: false, ..Limits::default() });
    let token = drops.publish(NOW, message(AtMostOnce, "a")).expect("it is dropped, not refused");
    assert_eq!(effects(&mut drops), [Effect::Finished(token, Outcome::Dropped)]);
}

#[test]
fn mqtt_3_3_2_5_a_message_that_waited_too_long_is_not_sent() {
    let cases = [(0, Some(10)), (4_999, Some(6)), (9_999, Some(1)), (10_000, None), (60_000, None)];
    for (waited, left) in cases {
        let mut session = Session::new(Limits::default());
        let mut publish = message(AtLeastOnce, "a");
        publish.properties.push(Property::MessageExpiryInterval(10));
        let token = session.publish(Instant::ZERO, publish).expect("there is room");
        session.handle_connected(Instant::from_millis(waited), Version::V5, false, 10);
        let effects = effects(&mut session);
        match (&effects[0], left) {
            (Effect::Send(fourstep::codec::Packet::Publish(publish)), Some(left)) => {
                assert_eq!(publish.properties.message_expiry_interval(), Some(left), "{waited} ms");
            }
            (Effect::Finished(ended, Outcome::Expired), None) => assert_eq!(*ended, token),
            (other, _) => panic!("after {waited} ms: {other:?}"),
        }
    }
}

#[test]
fn mqtt_4_4_0_1_a_timed_retry_happens_in_3_1_1_and_never_in_5_0() {
    for (version, expected) in [(Version::V311, vec!["PUBLISH 1 q1 dup a"]), (Version::V5, vec![])]
    {
        let mut sender = connected(Limits::default(), version, 10);
        sender.publish(Instant::from_millis(100), message(AtLeastOnce, "a")).expect("room");
        sends(&mut sender);
        sender.resend_older_than(Instant::from_millis(900), Instant::from_millis(100));
        assert_eq!(sends(&mut sender), Vec::<String>::new(), "it is not old enough");
        sender.resend_older_than(Instant::from_millis(900), Instant::from_millis(101));
        assert_eq!(sends(&mut sender), expected, "{version}");
    }
}

#[test]
fn all_65535_identifiers_can_be_in_flight_and_the_next_message_waits() {
    let mut sender = connected(Limits::default(), Version::V311, u16::MAX);
    for _ in 0..=u16::MAX {
        sender.publish(NOW, message(AtLeastOnce, "a")).expect("there is room");
    }
    assert_eq!((sender.in_flight(), sender.queued()), (65_535, 1));
    assert_eq!(sender.export().len(), 65_536);
    sends(&mut sender);
    acknowledge(&mut sender, PubAck, 40_000);
    assert_eq!(sends(&mut sender), ["PUBLISH 40000 q1 a"]);
}
