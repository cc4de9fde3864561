//! A driver in memory, and short forms for packets.

use std::collections::BTreeMap;
use std::time::Duration;

use bytes::Bytes;
use fourstep::client::{Backoff, Client, ClosedReason, Config, ConnectionNumber, Event, Output};
use fourstep::codec::{
    Ack, ConnAck, Framer, Packet, PacketIdentifier, Properties, Property, Publish, QoS, ReasonCode,
    SubAck, Subscription, Version, decode, encode,
};
use fourstep::session::{Key, Outcome, Token};
use fourstep::time::Instant;

pub const V4: Version = Version::V311;
pub const V5: Version = Version::V5;
pub const BOTH: [Version; 2] = [V4, V5];

/// A client, its driver and a server whose packets the test writes.
pub struct Rig {
    pub client: Client,
    pub now: Instant,
    pub version: Version,
    /// What the driver's storage holds.
    pub store: BTreeMap<Key, Bytes>,
    /// The newest connection that was asked for.
    pub connection: ConnectionNumber,
    /// How many connections were asked for, and how many to be closed.
    pub opens: usize,
    pub closes: usize,
    /// How many pieces were sent.
    pub pieces: usize,
    framer: Framer,
    sent: Vec<Packet>,
    events: Vec<Event>,
}

impl Rig {
    pub fn new(config: Config) -> Self {
        Rig::with_session(config, &[])
    }

    pub fn with_session(config: Config, entries: &[(Key, Bytes)]) -> Self {
        let version = config.version;
        let (client, unreadable) = Client::with_session(config, entries);
        assert_eq!(unreadable, 0);
        Rig {
            client,
            now: Instant::from_millis(1_000),
            version,
            store: entries.iter().cloned().collect(),
            connection: ConnectionNumber::default(),
            opens: 0,
            closes: 0,
            pieces: 0,
            framer: Framer::default(),
            sent: Vec::new(),
            events: Vec::new(),
        }
    }

    /// A rig whose server has accepted with these properties and no session.
    pub fn connected(config: Config, properties: Properties) -> Self {
        let mut rig = Rig::new(config);
        rig.connect(properties);
        rig
    }

    /// Connects up to CONNACK and forgets the packets and events of that.
    pub fn connect(&mut self, properties: Properties) {
        self.client.connect(self.now).expect("the configuration is right");
        self.accept(false, properties);
        self.packets();
        self.events();
    }

    /// Opens the connection that was asked for and sends CONNACK.
    pub fn accept(&mut self, session_present: bool, properties: Properties) {
        self.open();
        self.receive(connack(session_present, ReasonCode::Success, properties));
    }

    /// Opens the connection that was asked for.
    pub fn open(&mut self) {
        self.drain();
        self.framer = Framer::default();
        self.client.handle_open(self.now, self.connection);
        self.drain();
    }

    /// The server sends a packet.
    pub fn receive(&mut self, packet: Packet) {
        let mut bytes = Vec::new();
        encode(self.version, &packet, &mut bytes).expect("a test's packet is right");
        self.receive_bytes(&bytes);
    }

    pub fn receive_bytes(&mut self, bytes: &[u8]) {
        self.client.handle_bytes(self.now, self.connection, bytes);
        self.drain();
    }

    /// The connection breaks.
    pub fn lose(&mut self) {
        self.client.handle_close(self.now, self.connection, "cut");
        self.drain();
    }

    /// Lets time pass, with a timer that is never late.
    pub fn wait(&mut self, duration: Duration) {
        let end = self.now + duration;
        while let Some(timeout) = self.client.next_timeout()
            && timeout <= end
        {
            self.now = timeout.max(self.now);
            self.client.handle_timeout(self.now);
            self.drain();
            let next = self.client.next_timeout();
            assert!(next.is_none_or(|next| next > self.now), "the timer does not move on");
        }
        self.now = end;
    }

    pub fn wait_seconds(&mut self, seconds: u64) {
        self.wait(Duration::from_secs(seconds));
    }

    /// Lets time pass while the driver sleeps; then its timer comes, late.
    pub fn sleep_seconds(&mut self, seconds: u64) {
        self.now = self.now + Duration::from_secs(seconds);
        self.client.handle_timeout(self.now);
        self.drain();
    }

    pub fn publish(&mut self, message: Publish) -> Token {
        let token = self.client.publish(self.now, message).expect("the message is right");
        self.drain();
        token
    }

    pub fn subscribe(&mut self, filters: &[(&str, QoS)]) -> PacketIdentifier {
        let identifier = self
            .client
            .subscribe(self.now, subscriptions(filters), Properties::new())
            .expect("the subscription is right");
        self.drain();
        identifier
    }

    /// Packets sent since the last call.
    pub fn packets(&mut self) -> Vec<Packet> {
        self.drain();
        std::mem::take(&mut self.sent)
    }

    /// The one packet sent since the last call.
    pub fn packet(&mut self) -> Packet {
        let mut packets = self.packets();
        assert_eq!(packets.len(), 1, "{packets:?}");
        packets.remove(0)
    }

    /// Events since the last call.
    pub fn events(&mut self) -> Vec<Event> {
        self.drain();
        std::mem::take(&mut self.events)
    }

    /// The reason of the only `Closed` since the last call.
    pub fn closed(&mut self) -> ClosedReason {
        let reasons: Vec<_> = self
            .events()
            .into_iter()
            .filter_map(|event| match event {
                Event::Closed(reason) => Some(reason),
                _ => None,
            })
            .collect();
        assert_eq!(reasons.len(), 1, "{reasons:?}");
        reasons.into_iter().next().expect("there is one")
    }

    /// The reason of the last `Closed`.
    pub fn closed_last(&mut self) -> ClosedReason {
        let closed = |event| match event {
            Event::Closed(reason) => Some(reason),
            _ => None,
        };
        self.events().into_iter().filter_map(closed).next_back().expect("there is one")
    }

    /// Messages that ended since the last call.
    pub fn finished(&mut self) -> Vec<(Token, Outcome)> {
        let finished = |event| match event {
            Event::Finished(token, outcome) => Some((token, outcome)),
            _ => None,
        };
        self.events().into_iter().filter_map(finished).collect()
    }

    /// Does what the client asks for.
    pub fn drain(&mut self) {
        while let Some(output) = self.client.poll() {
            match output {
                Output::Open(number) => {
                    assert!(number > self.connection, "a number comes twice");
                    self.connection = number;
                    self.opens += 1;
                }
                Output::Close(_) => self.closes += 1,
                Output::Event(event) => self.events.push(event),
                Output::Store(key, value) => {
                    self.store.insert(key, value);
                }
                Output::Remove(key) => {
                    self.store.remove(&key);
                }
                Output::Send(bytes) => {
                    self.pieces += 1;
                    self.framer.push(&bytes);
                    while let Some(bytes) = self.framer.next_packet(self.version).expect("framed") {
                        self.sent.push(decode(self.version, &bytes).expect("a right packet"));
                    }
                    assert!(self.framer.pending().is_empty(), "a packet was cut");
                }
            }
        }
    }
}

pub fn config(version: Version) -> Config {
    Config::new(version, "test")
}

/// A session that outlives its connections, and no clean start.
pub fn persistent(version: Version) -> Config {
    Config { clean_start: false, session_expiry_interval: 3_600, ..config(version) }
}

/// With a backoff that waits one to two seconds, then up to eight.
pub fn reconnecting(version: Version) -> Config {
    let backoff =
        Backoff { initial: Duration::from_secs(2), maximum: Duration::from_secs(8), seed: 42 };
    Config { reconnect: Some(backoff), ..persistent(version) }
}

pub fn message(topic: &str, qos: QoS) -> Publish {
    Publish { topic: topic.into(), qos, payload: "payload".into(), ..Publish::default() }
}

pub fn connack(session_present: bool, reason: ReasonCode, properties: Properties) -> Packet {
    Packet::ConnAck(ConnAck { session_present, reason, properties })
}

pub fn identifier(value: u16) -> PacketIdentifier {
    PacketIdentifier::new(value).expect("a test's identifier is not zero")
}

pub fn ack(value: u16) -> Ack {
    Ack::success(identifier(value))
}

pub fn suback(value: u16, reasons: &[ReasonCode]) -> Packet {
    Packet::SubAck(answers(value, reasons))
}

pub fn unsuback(value: u16, reasons: &[ReasonCode]) -> Packet {
    Packet::UnsubAck(answers(value, reasons))
}

fn answers(value: u16, reasons: &[ReasonCode]) -> SubAck {
    SubAck {
        packet_identifier: identifier(value),
        reasons: reasons.to_vec(),
        properties: Properties::new(),
    }
}

pub fn properties(list: &[Property]) -> Properties {
    list.iter().cloned().collect()
}

pub fn none() -> Properties {
    Properties::new()
}

pub fn subscriptions(filters: &[(&str, QoS)]) -> Vec<Subscription> {
    let subscription = |&(filter, qos): &(&str, QoS)| Subscription {
        filter: filter.into(),
        qos,
        ..Subscription::default()
    };
    filters.iter().map(subscription).collect()
}
