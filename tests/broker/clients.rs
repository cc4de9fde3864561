//! The broker with real clients of ours, in memory.

use std::time::Duration;

use fourstep::broker::{Broker, Config, ConnectionId, Output};
use fourstep::client::{self, Client, ConnectionNumber, Event};
use fourstep::codec::{Properties, Publish, QoS, Subscription, Version};
use fourstep::session::Outcome;
use fourstep::time::Instant;
use proptest::prelude::*;

use crate::harness::VERSIONS;

struct World {
    broker: Broker,
    now: Instant,
    peers: Vec<Peer>,
    next: u64,
}

struct Peer {
    client: Client,
    connection: Option<ConnectionId>,
    number: ConnectionNumber,
    /// Payloads, in the order of arrival.
    inbox: Vec<String>,
    outcomes: Vec<Outcome>,
}

impl World {
    fn new(versions: &[Version]) -> Self {
        let peers = versions.iter().zip(1..).map(|(version, number)| {
            let config = client::Config {
                clean_start: false,
                session_expiry_interval: if *version == Version::V5 { 3_600 } else { 0 },
                ..client::Config::new(*version, format!("client-{number}"))
            };
            let (inbox, outcomes) = (Vec::new(), Vec::new());
            let number = ConnectionNumber::default();
            Peer { client: Client::new(config), connection: None, number, inbox, outcomes }
        });
        let (broker, now) = (Broker::new(Config::default()), Instant::from_millis(1));
        World { broker, now, peers: peers.collect(), next: 0 }
    }

    fn connect(&mut self, number: usize) {
        self.peers[number].client.connect(self.now).expect("it is not connected");
        self.run();
    }

    fn subscribe(&mut self, number: usize, filter: &str, qos: QoS) {
        let subscription = Subscription { filter: filter.into(), qos, ..Subscription::default() };
        let client = &mut self.peers[number].client;
        client.subscribe(self.now, vec![subscription], Properties::new()).expect("it is connected");
        self.run();
    }

    fn publish(&mut self, number: usize, qos: QoS, payload: &str) {
        let payload = payload.as_bytes().to_vec().into();
        let message = Publish { qos, topic: "t".into(), payload, ..Publish::default() };
        self.peers[number].client.publish(self.now, message).expect("there is room");
    }

    /// Cuts a connection: what is under way on it is lost.
    fn cut(&mut self, number: usize) {
        if let Some(connection) = self.peers[number].connection.take() {
            self.broker.handle_close(self.now, connection);
            let peer = &mut self.peers[number];
            peer.client.handle_close(self.now, peer.number, "cut");
            self.run();
        }
    }

    /// Carries bytes to and fro until nobody has any.
    fn run(&mut self) {
        while self.step() {}
    }

    /// Carries one output of everybody. False if nobody had any.
    fn step(&mut self) -> bool {
        let mut moved = false;
        for number in 0..self.peers.len() {
            while let Some(output) = self.peers[number].client.poll() {
                moved = true;
                self.carry_from_client(number, output);
            }
        }
        if let Some(output) = self.broker.poll() {
            moved = true;
            self.carry_from_broker(output);
        }
        moved
    }

    fn carry_from_client(&mut self, number: usize, output: client::Output) {
        let peer = &mut self.peers[number];
        match output {
            client::Output::Open(number) => {
                peer.number = number;
                let connection = ConnectionId(self.next);
                self.next += 1;
                peer.connection = Some(connection);
                self.broker.handle_open(self.now, connection);
                peer.client.handle_open(self.now, number);
            }
            client::Output::Send(bytes) => {
                if let Some(connection) = peer.connection {
                    self.broker.handle_bytes(self.now, connection, &bytes);
                }
            }
            client::Output::Close(_) => {
                if let Some(connection) = peer.connection.take() {
                    self.broker.handle_close(self.now, connection);
                }
            }
            client::Output::Event(Event::Message(publish)) => {
                peer.inbox.push(String::from_utf8_lossy(&publish.payload).into_owned());
            }
            client::Output::Event(Event::Finished(_, outcome)) => peer.outcomes.push(outcome),
            _ => {}
        }
    }

    fn carry_from_broker(&mut self, output: Output) {
        let to = |peers: &mut Vec<Peer>, connection| {
            peers.iter().position(|peer| peer.connection == Some(connection))
        };
        match output {
            Output::Send(connection, bytes) => {
                if let Some(number) = to(&mut self.peers, connection) {
                    let peer = &mut self.peers[number];
                    peer.client.handle_bytes(self.now, peer.number, &bytes);
                }
            }
            Output::Close(connection) => {
                if let Some(number) = to(&mut self.peers, connection) {
                    self.peers[number].connection = None;
                    let peer = &mut self.peers[number];
                    peer.client.handle_close(self.now, peer.number, "closed");
                }
            }
            Output::Event(_) => {}
        }
    }
}

#[test]
fn messages_pass_between_versions_at_every_qos() {
    for from in VERSIONS {
        for into in VERSIONS {
            let mut world = World::new(&[from, into]);
            world.connect(0);
            world.connect(1);
            world.subscribe(1, "t", QoS::ExactlyOnce);
            for (number, qos) in QoS::ALL.into_iter().enumerate() {
                world.publish(0, qos, &number.to_string());
            }
            world.run();
            assert_eq!(world.peers[1].inbox, ["0", "1", "2"], "{from} {into}");
            assert_eq!(world.peers[0].outcomes.len(), 3);
            assert!(world.broker.snapshot().iter().all(|it| it.outbound_total == 0));
        }
    }
}

#[test]
fn an_idle_connection_lives_on_its_pings() {
    for version in VERSIONS {
        let mut world = World::new(&[version]);
        world.connect(0);
        for _ in 0..10_000 {
            let timeouts = [world.broker.next_timeout(), world.peers[0].client.next_timeout()];
            let Some(at) = timeouts.into_iter().flatten().min() else { break };
            world.now = world.now.max(at);
            world.broker.handle_timeout(world.now);
            world.peers[0].client.handle_timeout(world.now);
            world.run();
            if world.now > Instant::ZERO + Duration::from_secs(3_600) {
                break;
            }
        }
        assert!(world.peers[0].connection.is_some());
        assert!(world.broker.counters().packets_received > 10);
    }
}

#[derive(Clone, Debug)]
enum Step {
    Publish(usize, u8),
    Carry(u8),
    Cut(usize),
    Connect(usize),
}

proptest! {
    /// Connections are cut between any two packets; in the end everybody is
    /// back. QoS 1 arrives at least once, QoS 2 once and in order, whatever
    /// the versions.
    #[test]
    fn levels_hold_from_publisher_to_subscriber_through_any_cuts(
        versions in prop::collection::vec(prop::sample::select(VERSIONS.to_vec()), 2),
        steps in prop::collection::vec(prop_oneof![
            (0usize..2, 0u8..3).prop_map(|(from, qos)| Step::Publish(from, qos)),
            (0u8..20).prop_map(Step::Carry),
            (0usize..2).prop_map(Step::Cut),
            (0usize..2).prop_map(Step::Connect),
        ], 0..60),
    ) {
        let mut world = World::new(&versions);
        for number in 0..2 {
            world.connect(number);
            world.subscribe(number, "t", QoS::ExactlyOnce);
        }
        let mut sent = Vec::new();
        for (number, step) in steps.into_iter().enumerate() {
            match step {
                Step::Publish(from, level) => {
                    let qos = QoS::from_bits(level).expect("it is below 3");
                    let payload = format!("{qos}:{from}:{number}");
                    world.publish(from, qos, &payload);
                    sent.push((qos, from, payload));
                }
                Step::Carry(count) => {
                    let _ = (0..count).take_while(|_| world.step()).count();
                }
                Step::Cut(number) => world.cut(number),
                Step::Connect(number) if world.peers[number].connection.is_none() => {
                    // It may be waiting for its next attempt already.
                    let _ = world.peers[number].client.connect(world.now);
                }
                Step::Connect(_) => {}
            }
        }
        for number in 0..2 {
            if world.peers[number].connection.is_none() {
                let _ = world.peers[number].client.connect(world.now);
            }
        }
        world.run();
        for peer in &world.peers {
            for (qos, _, payload) in &sent {
                let count = peer.inbox.iter().filter(|it| *it == payload).count();
                let holds = match qos {
                    QoS::AtMostOnce => count <= 1,
                    QoS::AtLeastOnce => count >= 1,
                    QoS::ExactlyOnce => count == 1,
                };
                prop_assert!(holds, "{} arrived {} times", payload, count);
            }
            for from in 0..2 {
                let of = |it: &&String| it.starts_with(&format!("2:{from}:"));
                let wanted: Vec<_> = sent.iter().map(|(.., payload)| payload).filter(of).collect();
                let arrived: Vec<_> = peer.inbox.iter().filter(of).collect();
                prop_assert_eq!(arrived, wanted);
            }
        }
    }
}
