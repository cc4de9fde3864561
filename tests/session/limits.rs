//! What a session may hold, and what a peer that does not read gets.

use std::time::Duration;

use fourstep::codec::{PacketType, Properties, Property, Publish, QoS, ReasonCode, Version};
use fourstep::session::{Effect, Limits, Outcome, PassOn, QueuePolicy, Session, Token, Violation};

use crate::{NOW, acknowledge, connected, effects, identifier, message, sends, success};

/// A message of `size` bytes besides its topic.
fn heavy(qos: QoS, size: usize) -> Publish {
    message(qos, &"x".repeat(size))
}

/// What a queued or unfinished message of `size` bytes counts.
fn counted(size: usize) -> usize {
    let mut session = Session::new(Limits::default());
    session.publish(NOW, heavy(QoS::AtLeastOnce, size)).expect("there is room");
    session.bytes_held()
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
        let queue_bytes = 3 * counted(10);
        let limits = Limits { queue_bytes, queue_policy: policy, ..Limits::default() };
        let mut session = Session::new(limits);
        for _ in 0..3 {
            assert!(session.publish(NOW, heavy(QoS::AtLeastOnce, 10)).is_some());
        }
        assert_eq!(session.publish(NOW, heavy(QoS::AtLeastOnce, 5)).is_some(), fourth_accepted);
        assert_eq!(dropped(&mut session), expect_dropped);
        assert_eq!(session.bytes_held(), 3 * counted(0) + held);
    }
}

#[test]
fn bytes_under_way_count_until_the_peer_has_taken_them() {
    let limits = Limits { queue_bytes: 3 * counted(10), ..Limits::default() };
    for (qos, answer) in
        [(QoS::AtLeastOnce, PacketType::PubAck), (QoS::ExactlyOnce, PacketType::PubRec)]
    {
        let mut session = connected(limits.clone(), Version::V5, 100);
        for _ in 0..3 {
            session.publish(NOW, heavy(qos, 10)).expect("there is room");
        }
        assert_eq!((session.in_flight(), session.bytes_held()), (3, 3 * counted(10)));
        assert_eq!(session.publish(NOW, heavy(qos, 1)), None);
        session.handle_ack(NOW, answer, &success(1)).expect("it fits");
        // A QoS 2 flow goes on without its message.
        let rest = session.bytes_held() - 2 * counted(10);
        assert!(rest < counted(0), "{rest}");
        if qos == QoS::ExactlyOnce {
            session.handle_ack(NOW, PacketType::PubComp, &success(1)).expect("it fits");
        }
        assert_eq!(session.bytes_held(), 2 * counted(10));
        assert!(session.publish(NOW, heavy(qos, 10)).is_some());
    }
}

#[test]
fn a_message_that_is_the_only_one_is_taken_whatever_its_size() {
    for policy in [QueuePolicy::RefuseNew, QueuePolicy::DropOldest] {
        let queue_bytes = counted(30);
        let limits = Limits { queue_bytes, queue_policy: policy, ..Limits::default() };
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

/// A property is 72 bytes in memory where it stands in a list, and as few as
/// five on the wire.
#[test]
fn what_properties_take_in_memory_counts_against_the_queue() {
    let user = || Property::UserProperty("".into(), "".into());
    let many = |count| (0..count).map(|_| user()).collect::<Properties>();
    let with = |properties| Publish { properties, ..heavy(QoS::AtLeastOnce, 0) };
    let limits = Limits { queue_bytes: 100_000, ..Limits::default() };
    let mut session = Session::new(limits);
    assert!(session.publish(NOW, with(many(1_000))).is_some());
    let held = session.bytes_held() - counted(0);
    assert!(held >= 1_000 * size_of::<Property>(), "{held}");
    assert_eq!(session.publish(NOW, with(many(1_000))), None);
    assert_eq!(session.bytes_held() - counted(0), held);
}

/// Message Expiry Interval changes while a message is held: what it counts
/// must not.
#[test]
fn a_message_that_aged_is_counted_out_as_it_was_counted_in() {
    let mut session = connected(Limits::default(), Version::V5, 1);
    let properties = || Properties::new().with(Property::MessageExpiryInterval(60));
    for _ in 0..3 {
        let aging = Publish { properties: properties(), ..heavy(QoS::AtLeastOnce, 10) };
        session.publish(NOW, aging).expect("there is room");
    }
    session.handle_disconnected();
    let later = NOW + Duration::from_secs(10);
    session.handle_connected(later, Version::V5, true, 9);
    for number in 1..=3 {
        session.handle_ack(later, PacketType::PubAck, &success(number)).expect("it fits");
    }
    assert_eq!(session.bytes_held(), 0);
}

#[test]
fn mqtt_5_3_3_2_5_expired_messages_make_room_before_a_live_one_is_refused_or_pushed_out() {
    for policy in [QueuePolicy::RefuseNew, QueuePolicy::DropOldest] {
        let limits = Limits { queue_capacity: 3, queue_policy: policy, ..Limits::default() };
        let mut session = Session::new(limits);
        session.publish(NOW, message(QoS::AtLeastOnce, "live")).expect("there is room");
        for seconds in [5, 6] {
            let properties = Properties::new().with(Property::MessageExpiryInterval(seconds));
            let expiring = Publish { properties, ..message(QoS::AtLeastOnce, "late") };
            session.publish(NOW, expiring).expect("there is room");
        }
        assert_eq!(session.next_expiry(), Some(NOW + Duration::from_secs(5)));
        let later = NOW + Duration::from_secs(5);
        assert!(session.publish(later, message(QoS::AtLeastOnce, "new")).is_some());
        assert_eq!(dropped(&mut session), [0; 0]);
        assert_eq!(session.queued(), 3);
        session.expire(NOW + Duration::from_secs(6));
        assert_eq!((session.queued(), session.next_expiry()), (2, None));
    }
}

#[test]
fn messages_kept_until_pubrel_are_bounded_in_bytes() {
    for version in [Version::V311, Version::V5] {
        let queue_bytes = 2 * counted(10);
        let limits = Limits { queue_bytes, pass_on: PassOn::PubRel, ..Limits::default() };
        let mut session = connected(limits, version, 100);
        let idle = session.footprint();
        let receive = |session: &mut Session, id, size| {
            let mut publish = heavy(QoS::ExactlyOnce, size);
            publish.packet_identifier = Some(identifier(id));
            session.handle_publish(NOW, publish, ReasonCode::Success)
        };
        // The first may be of any size.
        receive(&mut session, 1, 10_000).expect("it is allowed");
        assert!(session.footprint() > idle + 10_000);
        let second = receive(&mut session, 2, 10);
        match version {
            Version::V311 => assert_eq!(second, Err(Violation::NoRoom)),
            Version::V5 => second.expect("it is refused, which is no violation"),
        }
        let expected: &[&str] = match version {
            Version::V311 => &["PUBREC 1"],
            Version::V5 => &["PUBREC 1", "PUBREC 2 Quota exceeded (0x97)"],
        };
        assert_eq!(sends(&mut session), expected);
        // A copy of one that is kept takes no more.
        receive(&mut session, 1, 10_000).expect("it is allowed");
        assert_eq!(sends(&mut session), ["PUBREC 1"]);
        acknowledge(&mut session, PacketType::PubRel, 1);
        assert_eq!(session.footprint(), idle);
        receive(&mut session, 2, 10).expect("there is room again");
    }
}
