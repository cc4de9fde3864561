//! Clients that read slowly, and say that they are there.

use fourstep::broker::Config;
use fourstep::codec::{Connect, Packet, Version};

use crate::harness::*;

fn slow_client(world: &mut World, version: Version) {
    world.connect(1, Connect { keep_alive: 4, ..plain(1, version) });
    world.received(1);
    world.subscribe(1, "t", Q1);
    world.join(9, version);
    world.block(1, true);
}

/// A message of 30 MB to a client that reads 1 MB in a second takes 30 s.
#[test]
fn mqtt_3_1_2_22_what_a_slow_client_reads_is_a_sign_of_life() {
    for version in VERSIONS {
        let mut world = World::new(Config::default());
        slow_client(&mut world, version);
        for _ in 0..10 {
            world.wait(5);
            world.progress(1);
        }
        world.expect(1, []);
        // It is gone, and so is the sign.
        world.wait(6);
        assert_eq!(world.received(1).last().map(String::as_str), Some("closed"), "{version}");
    }
}

/// Its PINGREQs are read though it does not read the answers, and what it
/// acknowledges is.
#[test]
fn mqtt_3_1_2_22_what_a_slow_client_sends_is_read_while_it_does_not_read() {
    for version in VERSIONS {
        let mut world = World::new(Config::default());
        slow_client(&mut world, version);
        for _ in 0..10 {
            world.wait(3);
            world.send(1, Packet::PingReq);
        }
        world.expect(1, []);
        assert!(world.reads(1));
        world.block(1, false);
        assert_eq!(world.received(1), ["PINGRESP"; 10], "{version}");
    }
}

/// Who asks and does not read the answers is not read from anymore, and loses
/// no answer.
#[test]
fn a_client_that_only_asks_is_read_until_the_answers_take_16_kilobytes() {
    let mut world = World::new(Config::default());
    slow_client(&mut world, Version::V5);
    world.send_bytes(1, &[0xC0, 0].repeat(5_000));
    assert!(!world.reads(1));
    let read = world.broker.counters().packets_received;
    assert!((50..1_000).contains(&read), "{read}");
    world.block(1, false);
    assert!(world.reads(1));
    assert_eq!(world.received(1).len(), 5_000);
}
