use std::time::Duration;

use fourstep::client::{Backoff, ClosedReason, Config, Event, Status};
use fourstep::codec::{Disconnect, Packet, Publish, QoS, ReasonCode};
use fourstep::session::{OnSessionLoss, Outcome};

use crate::rig::*;

#[test]
fn a_lost_connection_is_opened_again_after_a_wait() {
    for version in BOTH {
        let mut rig = Rig::connected(reconnecting(version), none());
        rig.lose();
        assert_eq!(rig.closed(), ClosedReason::TransportLost("cut".into()));
        assert_eq!(rig.opens, 1);
        let Status::WaitingToReconnect { at, attempt: 1 } = rig.client.status() else {
            panic!("{:?}", rig.client.status())
        };
        assert_eq!(rig.client.next_timeout(), Some(at));
        rig.wait_seconds(2);
        assert_eq!((rig.opens, rig.client.status()), (2, Status::Opening));
        rig.accept(true, none());
        assert_eq!(rig.client.status(), Status::Connected);
    }
}

#[test]
fn waits_grow_to_a_cap_are_jittered_and_start_again_after_success() {
    let waits = |seed: u64| {
        let mut config = reconnecting(V5);
        config.reconnect.as_mut().expect("some").seed = seed;
        let mut rig = Rig::connected(config, none());
        let mut waits = Vec::new();
        for attempt in 1..=6 {
            rig.lose();
            let Status::WaitingToReconnect { at, attempt: seen } = rig.client.status() else {
                panic!("{:?}", rig.client.status())
            };
            assert_eq!(seen, attempt);
            waits.push(at - rig.now);
            rig.wait(at - rig.now);
        }
        rig.accept(true, none());
        rig.lose();
        let Status::WaitingToReconnect { at, attempt: 7 } = rig.client.status() else {
            panic!("one that was dropped at once is no success: {:?}", rig.client.status())
        };
        rig.wait(at - rig.now);
        rig.accept(true, none());
        rig.wait_seconds(10);
        rig.lose();
        assert!(matches!(rig.client.status(), Status::WaitingToReconnect { attempt: 1, .. }));
        waits
    };
    let first = waits(1);
    for (wait, full) in first.iter().zip([2, 4, 8, 8, 8, 8].map(Duration::from_secs)) {
        assert!(full / 2 <= *wait && *wait <= full, "{wait:?} of {full:?}");
    }
    assert_eq!(first, waits(1), "the same seed");
    assert_ne!(first, waits(2), "another seed");
}

#[test]
fn without_a_backoff_a_lost_connection_stays_lost() {
    let mut rig = Rig::connected(config(V5), none());
    rig.lose();
    assert_eq!((rig.client.status(), rig.client.next_timeout()), (Status::Disconnected, None));
}

#[test]
fn what_cannot_heal_is_not_tried_again() {
    for (reason, again) in [
        (ReasonCode::ServerUnavailable, true),
        (ReasonCode::ServerBusy, true),
        (ReasonCode::ConnectionRateExceeded, true),
        (ReasonCode::QuotaExceeded, true),
        (ReasonCode::UnsupportedProtocolVersion, false),
        (ReasonCode::ClientIdentifierNotValid, false),
        (ReasonCode::BadUserNameOrPassword, false),
        (ReasonCode::NotAuthorized, false),
        (ReasonCode::Banned, false),
        (ReasonCode::BadAuthenticationMethod, false),
        (ReasonCode::ProtocolError, false),
        (ReasonCode::TopicNameInvalid, false),
        (ReasonCode::UseAnotherServer, false),
        (ReasonCode::ServerMoved, false),
    ] {
        let mut rig = Rig::new(reconnecting(V5));
        rig.client.connect(rig.now).expect("right");
        rig.open();
        rig.receive(connack(false, reason, none()));
        let waits = matches!(rig.client.status(), Status::WaitingToReconnect { .. });
        assert_eq!(waits, again, "{reason}");
        assert_eq!(rig.closed().may_heal(), again, "{reason}");
    }
}

#[test]
fn two_clients_that_take_the_session_from_each_other_do_not_do_so_for_ever() {
    for (reason, again) in [
        (ReasonCode::SessionTakenOver, false),
        (ReasonCode::AdministrativeAction, false),
        (ReasonCode::ServerShuttingDown, true),
        (ReasonCode::KeepAliveTimeout, true),
    ] {
        let mut rig = Rig::connected(reconnecting(V5), none());
        rig.receive(Packet::Disconnect(Disconnect { reason, properties: none() }));
        assert_eq!(rig.closes, 1);
        assert!(matches!(rig.closed(), ClosedReason::ByServer(d) if d.reason == reason));
        let waits = matches!(rig.client.status(), Status::WaitingToReconnect { .. });
        assert_eq!(waits, again, "{reason}");
    }
}

#[test]
fn reconnect_now_cuts_the_wait_short_and_otherwise_does_nothing() {
    let mut rig = Rig::connected(reconnecting(V5), none());
    rig.client.reconnect_now(rig.now);
    assert_eq!(rig.client.status(), Status::Connected);
    rig.lose();
    rig.client.reconnect_now(rig.now);
    assert_eq!(rig.client.status(), Status::Opening);
    rig.client.reconnect_now(rig.now);
    rig.drain();
    assert_eq!(rig.opens, 2);
    // The command does the same.
    rig.lose();
    rig.client.connect(rig.now).expect("no connection");
    assert_eq!(rig.client.status(), Status::Opening);
}

#[test]
fn mqtt_4_4_0_1_unfinished_messages_go_again_with_their_identifiers_in_order() {
    for version in BOTH {
        let mut rig = Rig::connected(reconnecting(version), none());
        for (topic, qos) in
            [("1", QoS::AtLeastOnce), ("2", QoS::ExactlyOnce), ("3", QoS::AtLeastOnce)]
        {
            rig.publish(message(topic, qos));
        }
        rig.receive(Packet::PubAck(ack(1)));
        rig.packets();
        back(&mut rig, true);
        let again: Vec<_> = rig
            .packets()
            .into_iter()
            .map(|packet| match packet {
                Packet::Publish(p) => (p.topic.to_string(), p.dup, p.packet_identifier),
                other => panic!("{other:?}"),
            })
            .collect();
        let expected = [
            ("2".to_owned(), true, Some(identifier(2))),
            ("3".to_owned(), true, Some(identifier(3))),
        ];
        assert_eq!(again, expected);
    }
}

#[test]
fn a_lost_session_starts_messages_over_or_gives_them_up() {
    for version in BOTH {
        for policy in [OnSessionLoss::StartOver, OnSessionLoss::GiveUp] {
            let mut config = reconnecting(version);
            config.limits.on_session_loss = policy;
            let mut rig = Rig::connected(config, none());
            let token = rig.publish(message("a", QoS::ExactlyOnce));
            rig.packets();
            rig.lose();
            rig.wait_seconds(2);
            rig.events();
            rig.accept(false, none());
            let (packets, events) = (rig.packets(), rig.events());
            match policy {
                OnSessionLoss::StartOver => {
                    let [_, Packet::Publish(Publish { dup: false, .. })] = &packets[..] else {
                        panic!("{packets:?}")
                    };
                    assert!(events.contains(&Event::StartedOver(token)));
                }
                OnSessionLoss::GiveUp => {
                    assert_eq!(packets.len(), 1);
                    assert!(events.contains(&Event::Finished(token, Outcome::SessionLost)));
                }
            }
        }
    }
}

#[test]
fn a_connection_that_never_opened_is_tried_again_too() {
    let mut rig = Rig::new(reconnecting(V4));
    rig.client.connect(rig.now).expect("right");
    rig.drain();
    for opens in 2..6 {
        rig.lose();
        rig.wait_seconds(8);
        assert_eq!(rig.opens, opens);
    }
}

#[test]
fn the_longest_wait_may_be_the_first() {
    let second = Duration::from_secs(1);
    let backoff = Backoff { initial: second, maximum: second, seed: 0 };
    let mut rig = Rig::connected(Config { reconnect: Some(backoff), ..config(V5) }, none());
    rig.lose();
    rig.wait_seconds(1);
    assert_eq!(rig.opens, 2);
}

fn back(rig: &mut Rig, session_present: bool) {
    // Long enough for the connection to count as a success.
    rig.wait_seconds(10);
    rig.lose();
    rig.wait_seconds(2);
    rig.open();
    rig.packets();
    rig.receive(connack(session_present, ReasonCode::Success, none()));
    rig.events();
}
