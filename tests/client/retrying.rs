use std::time::Duration;

use fourstep::client::{ClosedReason, CommandError, Config};
use fourstep::codec::{Packet, QoS};

use crate::rig::*;

fn retrying() -> Config {
    Config { retry_interval: Some(Duration::from_secs(5)), keep_alive: 0, ..config(V4) }
}

#[test]
fn mqtt_4_4_0_1_a_timed_retry_is_refused_with_5_0() {
    let config = Config { version: V5, ..retrying() };
    assert_eq!(config.validate(), Err(CommandError::RetryForbidden));
    let mut rig = Rig::new(config);
    let refused = rig.client.connect(rig.now).expect_err("forbidden");
    assert!(refused.to_string().contains("[MQTT-4.4.0-1]"), "{refused}");
    rig.drain();
    assert_eq!(rig.opens, 0);
}

#[test]
fn in_3_1_1_what_is_unanswered_goes_again_with_dup_and_its_identifier() {
    let mut rig = Rig::connected(retrying(), none());
    rig.publish(message("a", QoS::AtLeastOnce));
    rig.packets();
    for _ in 0..3 {
        rig.wait(Duration::from_millis(4_999));
        assert_eq!(rig.packets(), []);
        rig.wait(Duration::from_millis(1));
        let Packet::Publish(again) = rig.packet() else { panic!("not PUBLISH") };
        assert_eq!((again.dup, again.packet_identifier), (true, Some(identifier(1))));
    }
    rig.receive(Packet::PubAck(ack(1)));
    assert_eq!(rig.client.next_timeout(), None);
}

#[test]
fn a_pubrel_is_repeated_but_never_its_publish() {
    let mut rig = Rig::connected(retrying(), none());
    rig.publish(message("a", QoS::ExactlyOnce));
    rig.receive(Packet::PubRec(ack(1)));
    rig.packets();
    rig.wait_seconds(5);
    assert_eq!(rig.packets(), [Packet::PubRel(ack(1))]);
}

#[test]
fn without_an_interval_nothing_is_repeated_while_connected() {
    for version in BOTH {
        let mut rig = Rig::connected(Config { keep_alive: 0, ..config(version) }, none());
        rig.publish(message("a", QoS::AtLeastOnce));
        rig.packets();
        rig.wait_seconds(1_000_000);
        assert_eq!(rig.packets(), []);
    }
}

#[test]
fn retries_do_not_hide_that_the_connection_is_dead() {
    let mut rig = Rig::connected(Config { keep_alive: 10, ..retrying() }, none());
    rig.publish(message("a", QoS::AtLeastOnce));
    rig.wait_seconds(60);
    assert!(rig.packets().contains(&Packet::PingReq));
    assert_eq!(rig.closed(), ClosedReason::KeepAliveTimeout);
}

#[test]
fn an_interval_of_zero_contradicts_itself() {
    let config = Config { retry_interval: Some(Duration::ZERO), ..retrying() };
    assert!(matches!(config.validate(), Err(CommandError::Config(_))));
}
