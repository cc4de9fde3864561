use std::time::Duration;

use fourstep::client::{ClosedReason, Config, Status};
use fourstep::codec::{Packet, Property, QoS, ReasonCode, Version};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

use crate::rig::*;

fn with_keep_alive(version: Version, seconds: u16) -> Rig {
    Rig::connected(Config { keep_alive: seconds, ..config(version) }, none())
}

#[test]
fn mqtt_3_1_2_23_and_5_0_3_1_2_20_a_silent_client_pings_within_the_interval() {
    for version in BOTH {
        for seconds in [1, 10, 60, u16::MAX] {
            let mut rig = with_keep_alive(version, seconds);
            for _ in 0..5 {
                rig.wait(Duration::from_secs(u64::from(seconds)) * 3 / 4);
                assert_eq!(rig.packets(), [Packet::PingReq], "{version}, {seconds} s");
                rig.receive(Packet::PingResp);
            }
            assert_eq!(rig.client.status(), Status::Connected);
        }
    }
}

#[test]
fn a_client_that_sends_and_is_answered_need_not_ping() {
    for version in BOTH {
        let mut rig = with_keep_alive(version, 60);
        for _ in 0..10 {
            rig.wait_seconds(40);
            rig.publish(message("a", QoS::AtMostOnce));
            assert!(matches!(rig.packets()[..], [Packet::Publish(_)]));
            rig.receive(Packet::Publish(message("a", QoS::AtMostOnce)));
        }
    }
}

#[test]
fn a_client_that_sends_and_hears_nothing_finds_out_that_nobody_listens() {
    for version in BOTH {
        let mut rig = with_keep_alive(version, 60);
        let mut pings = 0;
        for _ in 0..75 {
            assert_eq!(rig.client.status(), Status::Connected);
            rig.publish(message("a", QoS::AtMostOnce));
            rig.wait_seconds(1);
            pings += rig.packets().iter().filter(|it| **it == Packet::PingReq).count();
        }
        assert_eq!(pings, 1);
        assert_eq!(rig.closed(), ClosedReason::KeepAliveTimeout);
    }
}

#[test]
fn requests_count_as_sending_too() {
    let mut rig = with_keep_alive(V5, 60);
    rig.wait_seconds(40);
    rig.subscribe(&[("a", QoS::AtMostOnce)]);
    rig.packets();
    rig.receive(Packet::Publish(message("a", QoS::AtMostOnce)));
    rig.wait_seconds(44);
    assert_eq!(rig.packets(), []);
    rig.wait_seconds(1);
    assert_eq!(rig.packets(), [Packet::PingReq]);
}

#[test]
fn mqtt_3_1_2_23_and_5_0_3_1_2_20_a_client_pings_while_a_pingresp_is_behind_a_large_message() {
    for version in BOTH {
        let mut rig = with_keep_alive(version, 60);
        rig.wait_seconds(45);
        // A PUBLISH of 65,535 bytes, whose end does not come for long: its
        // sender is alive, but hears from us as often as we promised.
        rig.receive_bytes(&[0x30, 0xFF, 0xFF, 0x03]);
        for _ in 0..10 {
            rig.wait_seconds(29);
            rig.receive_bytes(&[0]);
        }
        assert_eq!(rig.client.status(), Status::Connected);
        let pings = rig.packets();
        assert_eq!(pings, vec![Packet::PingReq; 1 + 290 / 45], "one each 45 s");
        rig.wait_seconds(30);
        assert_eq!(rig.closed(), ClosedReason::KeepAliveTimeout);
    }
}

#[test]
fn mqtt_3_1_2_23_and_5_0_3_1_2_20_messages_that_come_in_do_not_put_off_a_ping() {
    for version in BOTH {
        let mut rig = with_keep_alive(version, 60);
        for _ in 0..600 {
            rig.wait_seconds(1);
            rig.receive(Packet::Publish(message("a", QoS::AtMostOnce)));
        }
        assert_eq!(rig.packets(), vec![Packet::PingReq; 600 / 45]);
        assert_eq!(rig.client.status(), Status::Connected);
    }
}

#[test]
fn mqtt_3_1_2_23_and_5_0_3_1_2_20_a_late_connack_does_not_put_off_the_first_ping() {
    for version in BOTH {
        let mut rig = Rig::new(Config { keep_alive: 10, ..config(version) });
        rig.client.connect(rig.now).expect("the configuration is right");
        rig.open();
        rig.packets();
        rig.wait_seconds(7);
        rig.receive(connack(false, ReasonCode::Success, none()));
        rig.wait(Duration::from_millis(500));
        assert_eq!(rig.packets(), [Packet::PingReq], "7.5 s after CONNECT");
    }
}

/// What a server sends, and when.
#[derive(Clone, Copy, Debug)]
enum Arrival {
    PingResp,
    Message,
    /// Some bytes of a message that does not end.
    Trickle,
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn mqtt_3_1_2_23_and_5_0_3_1_2_20_whatever_comes_in_the_gap_between_packets_stays_within_the_interval(
        version in select(&BOTH[..]),
        seconds in select(&[1_u16, 2, 5, 10, 40, 60, 300][..]),
        arrivals in vec((0.0..1.5_f64, select(&[Arrival::PingResp, Arrival::Message][..])), 0..60),
        trickle in vec(0.0..1.5_f64, 0..30),
    ) {
        let interval = Duration::from_secs(seconds.into());
        let mut rig = with_keep_alive(version, seconds);
        let trickle = trickle.into_iter().map(|wait| (wait, Arrival::Trickle));
        let mut last_sent = rig.now;
        for (number, (wait, arrival)) in arrivals.into_iter().chain(trickle).enumerate() {
            let end = rig.now + interval.mul_f64(wait);
            while rig.client.status() == Status::Connected {
                let due = rig.client.next_timeout().expect("keep-alive is on");
                rig.wait(due.min(end).since(rig.now));
                if !rig.packets().is_empty() {
                    last_sent = rig.now;
                }
                if rig.client.status() == Status::Connected {
                    prop_assert!(rig.now.since(last_sent) <= interval, "arrival {number}");
                }
                if due > end {
                    break;
                }
            }
            if rig.client.status() != Status::Connected {
                break;
            }
            match arrival {
                Arrival::PingResp => rig.receive(Packet::PingResp),
                Arrival::Message => rig.receive(Packet::Publish(message("a", QoS::AtMostOnce))),
                // At first the header of a message of 2 MiB, then bytes of it.
                Arrival::Trickle => rig.receive_bytes(&[0x30, 0xFF, 0xFF, 0x7F, 0, 1, b'a']),
            }
        }
    }
}

#[test]
fn receiving_is_not_sending() {
    let mut rig = with_keep_alive(V5, 60);
    for _ in 0..4 {
        rig.wait_seconds(11);
        rig.receive(Packet::Publish(message("a", QoS::AtMostOnce)));
    }
    assert_eq!(rig.packets(), []);
    rig.wait_seconds(1);
    assert_eq!(rig.packets(), [Packet::PingReq]);
}

#[test]
fn a_dead_connection_is_found_out() {
    for version in BOTH {
        let mut rig = with_keep_alive(version, 60);
        rig.wait_seconds(74);
        assert_eq!(rig.events(), []);
        rig.wait_seconds(1);
        assert_eq!(rig.closed(), ClosedReason::KeepAliveTimeout);
        assert_eq!(rig.closes, 1);
        assert_eq!(rig.packets(), [Packet::PingReq], "nothing is said to the dead");
    }
}

#[test]
fn a_background_tab_whose_timers_come_once_a_minute_stays_connected() {
    let mut rig = with_keep_alive(V5, 60);
    for _ in 0..10 {
        rig.sleep_seconds(60);
        assert_eq!(rig.packets(), [Packet::PingReq]);
        rig.receive(Packet::PingResp);
    }
    assert_eq!(rig.client.status(), Status::Connected);
}

#[test]
fn who_slept_asks_again_before_declaring_the_peer_dead() {
    let mut rig = with_keep_alive(V5, 60);
    rig.wait_seconds(45);
    assert_eq!(rig.packets(), [Packet::PingReq]);
    rig.sleep_seconds(600);
    assert_eq!(rig.packets(), [Packet::PingReq]);
    rig.receive(Packet::PingResp);
    assert_eq!(rig.client.status(), Status::Connected);
    // A peer that is dead indeed is not asked for ever, however late we are.
    rig.sleep_seconds(600);
    rig.sleep_seconds(600);
    rig.sleep_seconds(600);
    assert_eq!(rig.closed(), ClosedReason::KeepAliveTimeout);
}

#[test]
fn mqtt_3_2_2_21_the_servers_keep_alive_replaces_ours() {
    let mut rig = Rig::connected(
        Config { keep_alive: 1_000, ..config(V5) },
        properties(&[Property::ServerKeepAlive(20)]),
    );
    assert_eq!(rig.client.snapshot().keep_alive, 20);
    rig.wait_seconds(15);
    assert_eq!(rig.packets(), [Packet::PingReq]);

    let mut rig = Rig::connected(config(V5), properties(&[Property::ServerKeepAlive(0)]));
    rig.wait_seconds(1_000_000);
    assert_eq!(rig.packets(), []);
}

#[test]
fn zero_turns_keep_alive_off() {
    for version in BOTH {
        let mut rig = with_keep_alive(version, 0);
        assert_eq!(rig.client.next_timeout(), None);
        rig.wait_seconds(1_000_000);
        assert_eq!(rig.packets(), []);
    }
}
