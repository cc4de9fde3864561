//! A trace that leaves as a file is the same trace.
#![cfg(feature = "export")]

mod jsonl;
mod secrets;
mod wireshark;

use std::time::Duration;

use bytes::Bytes;
use fourstep::codec::{QoS, Subscription, Version};
use fourstep::sim::{
    ClientSetup, Command, Fault, Publication, Scenario, Step, What, When, WillSetup, World,
};
use fourstep::time::Instant;
use fourstep::trace::{Direction, Party, Tap, Trace};

/// Both clients connect, one subscribes, the other publishes at every level;
/// a connection is cut, another becomes half-open; both say goodbye.
fn eventful(version: Version) -> Trace {
    let mut clients =
        vec![ClientSetup::new("publisher", version), ClientSetup::new("subscriber", version)];
    clients[0].keep_alive = 20;
    clients[0].will = Some(WillSetup {
        topic: "gone".into(),
        payload: "publisher".into(),
        qos: QoS::AtLeastOnce,
        retain: true,
        delay: 5,
    });
    let mut steps = vec![
        (0, Command::Connect(0)),
        (0, Command::Connect(1)),
        (0, Command::Subscribe(1, subscription("sensor/#"))),
        (1_500, fault(1, When::Now, What::Cut { down_for: Duration::ZERO })),
        (5_000, fault(0, When::Now, What::HalfOpen)),
        (100_000, Command::Unsubscribe(1, "sensor/#".into())),
        (110_000, Command::Disconnect(0)),
        (110_000, Command::Disconnect(1)),
    ];
    for qos in QoS::ALL {
        let payload = format!("{{20.0+0.5}} at {qos}, \"quoted\"\n");
        let mut readings = Publication::new("sensor/temperature", payload, qos);
        (readings.times, readings.every) = (3, Duration::from_millis(300));
        steps.push((1_000, Command::Publish(0, readings)));
    }
    let large = Bytes::from(vec![7; 5_000]);
    steps.push((3_000, Command::Publish(0, Publication::new("sensor/x", large, QoS::AtLeastOnce))));
    steps.sort_by_key(|(at, _)| *at);
    played(clients, steps, 110_010)
}

/// The subscriber's connection becomes half-open while messages come. It finds
/// out and connects anew; only then does the broker say goodbye to the first
/// connection.
fn replaced(version: Version) -> Trace {
    let mut clients =
        vec![ClientSetup::new("publisher", version), ClientSetup::new("subscriber", version)];
    clients[1].keep_alive = 12;
    let mut readings = Publication::new("sensor/temperature", "20.5", QoS::AtLeastOnce);
    (readings.times, readings.every) = (200, Duration::from_millis(15));
    let steps = vec![
        (0, Command::Connect(0)),
        (0, Command::Connect(1)),
        (500, Command::Subscribe(1, subscription("sensor/#"))),
        (2_000, fault(1, When::Now, What::HalfOpen)),
        (14_000, Command::Publish(0, readings)),
    ];
    played(clients, steps, 18_000)
}

/// What one end of a real connection saw, with broken bytes of three kinds.
fn live() -> Trace {
    let mut trace = Trace::new(vec!["client".into(), "server".into()], 1_000);
    let mut tap = Tap::new(0, 1);
    let at = Instant::from_millis;
    let connect = [0x10, 0x0D, 0, 4, b'M', b'Q', b'T', b'T', 5, 2, 0, 60, 0, 0, 0];
    let ends = [&[0x30, 0x05, 0, 1][..], &[0x33, 0x00], &[0x00, 0xFF, 0xFF, 0xFF]];
    for (connection, end) in (1..).zip(ends) {
        tap.open(at(1), connection, &mut trace);
        tap.bytes(at(2), Direction::ToServer, &connect, &mut trace);
        tap.bytes(at(3), Direction::ToClient, &[0x20, 0x03, 0, 0, 0], &mut trace);
        tap.bytes(at(4), Direction::ToServer, &[0xC0, 0x00], &mut trace);
        tap.bytes(at(5), Direction::ToClient, &[0xD0, 0x00], &mut trace);
        tap.bytes(at(6), Direction::ToClient, end, &mut trace);
        tap.close(at(7), "by the server", &mut trace);
    }
    trace
}

/// The trace after so many milliseconds, with steps at such moments.
fn played(clients: Vec<ClientSetup>, steps: Vec<(u64, Command)>, until: u64) -> Trace {
    let steps = steps.into_iter();
    let steps = steps.map(|(at, command)| Step { at: Instant::from_millis(at), command });
    let scenario = Scenario { seed: 1, clients, steps: steps.collect(), ..Scenario::default() };
    let mut world = World::new(&scenario);
    world.advance_to(Instant::from_millis(until));
    world.trace().clone()
}

fn fault(client: usize, when: When, what: What) -> Command {
    Command::Fault(Fault { client, when, what })
}

fn subscription(filter: &str) -> Subscription {
    Subscription { filter: filter.into(), qos: QoS::ExactlyOnce, ..Subscription::default() }
}
