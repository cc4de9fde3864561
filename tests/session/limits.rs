//! What a session may hold, and what a peer that does not read gets.

use fourstep::codec::{PacketType, QoS, Version};
use fourstep::session::{Effect, Limits, Outcome, QueuePolicy, Session, Token};

use crate::{NOW, connected, effects, message, sends, success};

/// A message of `size` bytes, its topic of one byte included.
fn heavy(qos: QoS, size: usize) -> fourstep::codec::Publish {
    message(qos, &"x".repeat(size - 1))
}

fn dropped(session: &mut Session) -> Vec<u64> {
    let dropped = effects(session).into_iter().filter_map(|effect| match effect {
        Effect::Finished(Token(token), Outcome::Dropped) => Some(token),
        _ => None,
    });
    dropped.collect()
}

#[test]
fn queued_bytes_are_bounded_as_the_policy_says() {
    for (policy, fourth_accepted, expect_dropped, held) in
        [(QueuePolicy::RefuseNew, false, vec![], 30), (QueuePolicy::DropOldest, true, vec![0], 25)]
    {
        let limits = Limits { queue_bytes: 30, queue_policy: policy, ..Limits::default() };
        let mut session = Session::new(limits);
        for _ in 0..3 {
            assert!(session.publish(NOW, heavy(QoS::AtLeastOnce, 10)).is_some());
        }
        assert_eq!(session.publish(NOW, heavy(QoS::AtLeastOnce, 5)).is_some(), fourth_accepted);
        assert_eq!(dropped(&mut session), expect_dropped);
        assert_eq!(session.bytes_held(), held);
    }
}

#[test]
fn bytes_under_way_count_until_the_peer_has_taken_them() {
    let limits = Limits { queue_bytes: 30, ..Limits::default() };
    for (qos, answer) in
        [(QoS::AtLeastOnce, PacketType::PubAck), (QoS::ExactlyOnce, PacketType::PubRec)]
    {
        let mut session = connected(limits.clone(), Version::V5, 100);
        for _ in 0..3 {
            session.publish(NOW, heavy(qos, 10)).expect("there is room");
        }
        assert_eq!((session.in_flight(), session.bytes_held()), (3, 30));
        assert_eq!(session.publish(NOW, heavy(qos, 1)), None);
        session.handle_ack(NOW, answer, &success(1)).expect("it fits");
        assert_eq!(session.bytes_held(), 20);
        assert!(session.publish(NOW, heavy(qos, 10)).is_some());
    }
}

#[test]
fn a_message_that_is_the_only_one_is_taken_whatever_its_size() {
    for policy in [QueuePolicy::RefuseNew, QueuePolicy::DropOldest] {
        let limits = Limits { queue_bytes: 30, queue_policy: policy, ..Limits::default() };
        let mut session = Session::new(limits);
        assert!(session.publish(NOW, heavy(QoS::AtLeastOnce, 1_000)).is_some());
        assert_eq!(session.queued(), 1);
        session.publish(NOW, heavy(QoS::AtLeastOnce, 10));
        assert_eq!(session.queued(), 1);
    }
}

#[test]
fn a_paused_session_answers_but_sends_no_message() {
    let limits = Limits { queue_qos0: false, ..Limits::default() };
    let mut session = connected(limits, Version::V5, 100);
    session.publish(NOW, message(QoS::ExactlyOnce, "a")).expect("there is room");
    effects(&mut session);
    session.set_paused(NOW, true);
    session.publish(NOW, message(QoS::AtMostOnce, "b")).expect("it is dropped");
    session.publish(NOW, message(QoS::AtLeastOnce, "c")).expect("there is room");
    assert_eq!(dropped(&mut session), [1]);
    session.handle_ack(NOW, PacketType::PubRec, &success(1)).expect("it fits");
    assert_eq!(sends(&mut session), ["PUBREL 1"]);
    session.set_paused(NOW, false);
    assert_eq!(sends(&mut session), ["PUBLISH 2 q1 c"]);
}
