//! Messages on which one connection after another ends.

use std::collections::BTreeMap;
use std::time::Duration;

use fourstep::codec::{PacketType, QoS, ReasonCode, Version};
use fourstep::session::{Effect, Limits, OnSessionLoss, Outcome, Session, Token};

use crate::{NOW, acknowledge, connected, effects, message, sends};

use QoS::{AtLeastOnce, ExactlyOnce};

const DURABLE: fn() -> Limits = || Limits { durable: true, ..Limits::default() };

#[test]
fn a_message_that_ends_each_connection_is_held_and_the_others_go_on() {
    for qos in [AtLeastOnce, ExactlyOnce] {
        for session_present in [true, false] {
            let mut sender = connected(DURABLE(), Version::V5, 10);
            for name in ["poison", "b", "c"] {
                sender.publish(NOW, message(qos, name)).expect("there is room");
            }
            let mut copies = BTreeMap::new();
            let mut held = Vec::new();
            for _ in 0..20 {
                for effect in effects(&mut sender) {
                    match effect {
                        Effect::Send(fourstep::codec::Packet::Publish(publish)) => {
                            *copies.entry(publish.payload).or_insert(0) += 1;
                        }
                        Effect::Held(token) => held.push(token),
                        _ => {}
                    }
                }
                if sender.held() > 0 {
                    break;
                }
                sender.handle_lost();
                sender.handle_connected(NOW, Version::V5, session_present, 10);
            }
            assert_eq!(held, [Token(0)]);
            let copies: Vec<_> = copies.into_values().collect();
            assert_eq!(copies, [3, 2, 5], "b goes alone once the first is held");
            assert!(sender.outbound(9)[0].held);
            answer(&mut sender, qos, "b");
            answer(&mut sender, qos, "c");
            assert_eq!((sender.in_flight(), sender.queued()), (1, 0), "only the held one is left");
        }
    }
}

#[test]
fn an_answer_to_any_message_lets_the_others_go_side_by_side_again() {
    let mut sender = connected(Limits::default(), Version::V5, 10);
    for name in ["a", "b", "c"] {
        sender.publish(NOW, message(AtLeastOnce, name)).expect("there is room");
    }
    for _ in 0..3 {
        sends(&mut sender);
        sender.handle_lost();
        sender.handle_connected(NOW, Version::V5, true, 10);
    }
    assert_eq!(sends(&mut sender), ["PUBLISH 1 q1 dup a"]);
    acknowledge(&mut sender, PacketType::PubAck, 1);
    assert_eq!(sends(&mut sender), ["PUBLISH 2 q1 dup b", "PUBLISH 3 q1 dup c"]);
}

#[test]
fn a_message_that_is_sent_alone_and_never_answered_does_not_keep_the_others_back() {
    let mut sender = connected(Limits::default(), Version::V5, 10);
    for name in ["a", "b"] {
        sender.publish(NOW, message(ExactlyOnce, name)).expect("there is room");
    }
    for _ in 0..3 {
        sends(&mut sender);
        sender.handle_lost();
        sender.handle_connected(NOW, Version::V5, true, 10);
    }
    assert_eq!(sends(&mut sender), ["PUBLISH 1 q2 dup a"]);
    let due = sender.next_timeout().expect("there is a time limit");
    sender.handle_timeout(NOW);
    assert_eq!(sends(&mut sender), Vec::<String>::new(), "it is not over");
    sender.handle_timeout(due + Duration::ZERO);
    assert_eq!(sends(&mut sender), ["PUBLISH 2 q2 dup b"]);
    assert_eq!(sender.next_timeout(), None);
}

#[test]
fn connections_that_we_end_ourselves_and_those_with_an_answer_count_nothing() {
    let mut sender = connected(Limits::default(), Version::V5, 10);
    sender.publish(NOW, message(AtLeastOnce, "a")).expect("there is room");
    for _ in 0..20 {
        sender.handle_disconnected();
        sender.handle_connected(NOW, Version::V5, true, 10);
    }
    assert_eq!(sender.held(), 0);
    // A server is asked by its client each time, and has no person to ask.
    let limits = Limits { hold_after: None, ..Limits::default() };
    let mut sender = connected(limits, Version::V5, 10);
    sender.publish(NOW, message(AtLeastOnce, "a")).expect("there is room");
    for _ in 0..20 {
        sender.handle_lost();
        sender.handle_connected(NOW, Version::V5, true, 10);
    }
    assert_eq!(sender.held(), 0);
}

#[test]
fn a_held_message_is_sent_when_the_application_says_so() {
    for (session_present, expected) in [(true, "PUBLISH 1 q2 dup a"), (false, "PUBLISH 1 q2 a")] {
        let (mut sender, token) = held(ExactlyOnce, session_present);
        assert!(!sender.send_held(NOW, Token(99)));
        assert!(sender.send_held(NOW, token));
        assert!(!sender.send_held(NOW, token), "once is enough");
        assert_eq!(sends(&mut sender), [expected]);
        acknowledge(&mut sender, PacketType::PubRec, 1);
        acknowledge(&mut sender, PacketType::PubComp, 1);
        let done = Effect::Finished(token, Outcome::Acknowledged(ReasonCode::Success));
        assert_eq!(effects(&mut sender).last(), Some(&done));
    }
}

#[test]
fn an_identifier_that_the_server_may_hold_is_freed_there_before_it_is_used_again() {
    let (mut sender, token) = held(ExactlyOnce, true);
    assert!(sender.give_up(NOW, token));
    let given_up = Effect::Finished(token, Outcome::GivenUp { sent: true });
    assert!(effects(&mut sender).contains(&given_up));
    sender.publish(NOW, message(ExactlyOnce, "b")).expect("there is room");
    assert_eq!(sends(&mut sender), ["PUBLISH 2 q2 b"], "1 is not free yet");
    acknowledge(&mut sender, PacketType::PubComp, 1);
    assert_eq!(effects(&mut sender).len(), 1, "its end was told before: only storage");
    sender.publish(NOW, message(ExactlyOnce, "c")).expect("there is room");
    assert_eq!(sends(&mut sender), ["PUBLISH 1 q2 c"]);
}

#[test]
fn what_is_given_up_says_whether_it_had_left() {
    let (mut sender, token) = held(AtLeastOnce, true);
    assert!(sender.give_up(NOW, token));
    assert!(
        effects(&mut sender).contains(&Effect::Finished(token, Outcome::GivenUp { sent: true }))
    );
    assert_eq!(sender.identifiers_in_use(), 0, "of QoS 1 the server holds nothing");
    let (mut sender, token) = held(AtLeastOnce, false);
    assert!(sender.give_up(NOW, token));
    assert!(
        effects(&mut sender).contains(&Effect::Finished(token, Outcome::GivenUp { sent: true }))
    );

    let mut sender = Session::new(Limits::default());
    let token = sender.publish(NOW, message(AtLeastOnce, "a")).expect("there is room");
    assert!(sender.give_up(NOW, token));
    assert_eq!(effects(&mut sender), [Effect::Finished(token, Outcome::GivenUp { sent: false })]);
    // Under way on a connection that is up, an answer may come at any time.
    sender.handle_connected(NOW, Version::V5, false, 10);
    let token = sender.publish(NOW, message(AtLeastOnce, "b")).expect("there is room");
    assert!(!sender.give_up(NOW, token));
    sender.handle_lost();
    assert!(sender.give_up(NOW, token));
}

#[test]
fn what_is_held_is_held_after_the_process_has_ended() {
    for (session_present, policy) in
        [(true, OnSessionLoss::StartOver), (false, OnSessionLoss::StartOver)]
    {
        let (sender, token) = held(ExactlyOnce, session_present);
        let limits = Limits { on_session_loss: policy, ..DURABLE() };
        let (mut sender, unreadable) = Session::import(limits, &sender.export());
        assert_eq!((unreadable, sender.held()), (0, 1));
        sender.handle_connected(NOW, Version::V5, session_present, 10);
        assert_eq!(sends(&mut sender), Vec::<String>::new());
        assert!(sender.give_up(NOW, token));
        // And so is an identifier that is still to be freed.
        let (mut sender, _) = Session::import(DURABLE(), &sender.export());
        sender.handle_connected(NOW, Version::V5, true, 10);
        let expected: &[&str] = if session_present { &["PUBREL 1"] } else { &[] };
        assert_eq!(sends(&mut sender), expected);
    }
}

/// A connected session whose only message is held.
fn held(qos: QoS, session_present: bool) -> (Session, Token) {
    let mut sender = connected(DURABLE(), Version::V5, 10);
    let token = sender.publish(NOW, message(qos, "a")).expect("there is room");
    for _ in 0..5 {
        sender.handle_lost();
        sender.handle_connected(NOW, Version::V5, session_present, 10);
    }
    effects(&mut sender);
    assert_eq!(sender.held(), 1);
    (sender, token)
}

/// The peer answers the message that is called so, through all its packets.
fn answer(sender: &mut Session, qos: QoS, name: &str) {
    let flows = sender.outbound(9);
    let mut under_way = flows.iter().filter(|flow| !flow.held);
    let flow = under_way.next().unwrap_or_else(|| panic!("{name} is not under way"));
    let identifier = flow.packet_identifier.expect("it was sent").value();
    match qos {
        AtLeastOnce => acknowledge(sender, PacketType::PubAck, identifier),
        _ => {
            acknowledge(sender, PacketType::PubRec, identifier);
            acknowledge(sender, PacketType::PubComp, identifier);
        }
    }
}

#[test]
fn a_pubrel_that_ends_each_connection_is_held_too() {
    let mut sender = connected(DURABLE(), Version::V5, 10);
    let tokens = ["a", "b"]
        .map(|name| sender.publish(NOW, message(ExactlyOnce, name)).expect("there is room"));
    acknowledge(&mut sender, PacketType::PubRec, 1);
    acknowledge(&mut sender, PacketType::PubRec, 2);
    for _ in 0..5 {
        sender.handle_lost();
        sender.handle_connected(NOW, Version::V5, true, 10);
    }
    assert!(effects(&mut sender).contains(&Effect::Held(tokens[0])));
    acknowledge(&mut sender, PacketType::PubComp, 2);
    let done = Effect::Finished(tokens[1], Outcome::Acknowledged(ReasonCode::Success));
    assert_eq!(effects(&mut sender).last(), Some(&done));
    assert!(sender.give_up(NOW, tokens[0]));
    let received = Effect::Finished(tokens[0], Outcome::Received(ReasonCode::Success));
    assert!(effects(&mut sender).contains(&received));
    sender.publish(NOW, message(ExactlyOnce, "c")).expect("there is room");
    assert_eq!(sends(&mut sender), ["PUBLISH 2 q2 c"], "the peer may still hold 1");
    // A session that is lost frees it.
    sender.handle_lost();
    sender.handle_connected(NOW, Version::V5, false, 10);
    assert_eq!(sends(&mut sender), ["PUBLISH 1 q2 c"]);
}
