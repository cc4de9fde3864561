//! A broker, and clients that say exactly what a test tells them to.

use std::collections::BTreeMap;
use std::fmt::Write;

use bytes::Bytes;
use fourstep::broker::{Broker, Config, ConnectionId, Event, Output};
use fourstep::codec::{
    self, Ack, Connect, Disconnect, Framer, Packet, PacketIdentifier, Properties, Property,
    Publish, QoS, ReasonCode, Subscribe, Subscription, Unsubscribe, Version,
};
use fourstep::time::Instant;

/// One broker with its clients, named by numbers.
pub struct World {
    pub broker: Broker,
    pub now: Instant,
    pub events: Vec<Event>,
    peers: BTreeMap<u64, Peer>,
    next_connection: u64,
    /// The next bytes to this one fill its transport.
    blocks_when_sent: Option<ConnectionId>,
}

/// What one client's end of its connection has seen.
struct Peer {
    connection: ConnectionId,
    version: Version,
    framer: Framer,
    received: Vec<Packet>,
    closed: bool,
}

impl World {
    pub fn new(config: Config) -> Self {
        World::with_broker(Broker::new(config))
    }

    pub fn with_broker(broker: Broker) -> Self {
        World {
            broker,
            now: Instant::from_millis(1_000),
            events: Vec::new(),
            peers: BTreeMap::new(),
            next_connection: 0,
            blocks_when_sent: None,
        }
    }

    /// Opens a new connection for client `peer`; its old one is forgotten.
    pub fn open(&mut self, peer: u64, version: Version) {
        let connection = ConnectionId(self.next_connection);
        self.next_connection += 1;
        let (framer, received) = (Framer::default(), Vec::new());
        self.peers.insert(peer, Peer { connection, version, framer, received, closed: false });
        self.broker.handle_open(self.now, connection);
        self.drain();
    }

    /// Opens a connection and sends CONNECT; the answer stays unread.
    pub fn connect(&mut self, peer: u64, connect: Connect) {
        self.open(peer, connect.version);
        self.send(peer, Packet::Connect(Box::new(connect)));
    }

    /// Connects with a new session that ends with the connection, and reads
    /// CONNACK.
    pub fn join(&mut self, peer: u64, version: Version) {
        self.connect(peer, plain(peer, version));
        let received = self.received(peer);
        assert!(received[0].starts_with("CONNACK 0x00"), "{received:?}");
    }

    /// Subscribes, and reads SUBACK.
    pub fn subscribe(&mut self, peer: u64, filter: &str, qos: QoS) {
        let filter = filter.into();
        self.send(peer, subscribe(1, [Subscription { filter, qos, ..Subscription::default() }]));
        let received = self.received(peer);
        let granted = format!("SUBACK #1 0x0{qos}");
        assert!(received[0].starts_with(&granted), "{received:?}");
    }

    pub fn send(&mut self, peer: u64, packet: Packet) {
        let mut bytes = Vec::new();
        codec::encode(self.peers[&peer].version, &packet, &mut bytes).expect("tests send sense");
        self.send_bytes(peer, &bytes);
    }

    pub fn send_bytes(&mut self, peer: u64, bytes: &[u8]) {
        let connection = self.peers[&peer].connection;
        self.broker.handle_bytes(self.now, connection, bytes);
        self.drain();
    }

    /// Sends a packet, and takes one output of what that brings about: then
    /// the client does not read anymore.
    pub fn send_and_block(&mut self, peer: u64, packet: Packet) {
        let connection = self.peers[&peer].connection;
        self.blocks_when_sent = Some(connection);
        self.send(peer, packet);
    }

    /// The transport of this client goes away.
    pub fn cut(&mut self, peer: u64) {
        let connection = self.peers[&peer].connection;
        self.broker.handle_close(self.now, connection);
        self.drain();
    }

    pub fn block(&mut self, peer: u64, blocked: bool) {
        let connection = self.peers[&peer].connection;
        self.broker.handle_blocked(self.now, connection, blocked);
        self.drain();
    }

    /// A blocked client has read some of what its transport holds.
    pub fn progress(&mut self, peer: u64) {
        self.broker.handle_progress(self.now, self.peers[&peer].connection);
        self.drain();
    }

    /// Whether the broker wants to read what this client sends.
    pub fn reads(&self, peer: u64) -> bool {
        self.broker.reads(self.peers[&peer].connection)
    }

    /// Lets time pass, as a driver does: timer by timer.
    pub fn wait(&mut self, seconds: u64) {
        let end = Instant::from_micros(self.now.as_micros() + seconds * 1_000_000);
        while let Some(at) = self.broker.next_timeout().filter(|at| *at <= end) {
            self.now = self.now.max(at);
            self.broker.handle_timeout(self.now);
            self.drain();
        }
        self.now = end;
    }

    /// Does what the broker wants done.
    pub fn drain(&mut self) {
        while let Some(output) = self.broker.poll() {
            match output {
                Output::Send(connection, bytes) => {
                    if self.blocks_when_sent.take_if(|it| *it == connection).is_some() {
                        self.broker.handle_blocked(self.now, connection, true);
                    }
                    let peer = self.peers.values_mut().find(|peer| peer.connection == connection);
                    let Some(peer) = peer else { continue };
                    assert!(!peer.closed, "bytes after Close");
                    peer.framer.push(&bytes);
                    while let Some(frame) =
                        peer.framer.next_packet(peer.version).expect("the broker sends packets")
                    {
                        let packet = codec::decode(peer.version, &frame);
                        peer.received.push(packet.expect("the broker sends valid packets"));
                    }
                    assert!(peer.framer.pending().is_empty(), "a Send ends within a packet");
                }
                Output::Close(connection) => {
                    let peer = self.peers.values_mut().find(|peer| peer.connection == connection);
                    peer.into_iter().for_each(|peer| peer.closed = true);
                }
                Output::Event(event) => self.events.push(event),
            }
        }
    }

    /// What this client has received since it was last asked.
    pub fn packets(&mut self, peer: u64) -> Vec<Packet> {
        std::mem::take(&mut self.peers.get_mut(&peer).expect("the client exists").received)
    }

    /// The same in short; `closed` at the end of a closed connection.
    pub fn received(&mut self, peer: u64) -> Vec<String> {
        let mut received: Vec<_> = self.packets(peer).iter().map(show).collect();
        if self.peers[&peer].closed {
            received.push("closed".to_owned());
        }
        received
    }

    /// What this client has received, line by line.
    pub fn expect<const N: usize>(&mut self, peer: u64, expect: [&str; N]) {
        assert_eq!(self.received(peer), expect, "client {peer}");
    }
}

/// A packet in short. Reason Strings are left out: their wording is free.
pub fn show(packet: &Packet) -> String {
    let mut text = packet.packet_type().name().to_owned();
    let mut put = |part: String| write!(text, " {part}").expect("strings take anything");
    match packet {
        Packet::ConnAck(connack) => {
            put(format!("0x{:02X}", connack.reason.code()));
            if connack.session_present {
                put("present".into());
            }
            put_properties(&connack.properties, put);
        }
        Packet::Publish(publish) => {
            put(publish.topic.to_string());
            put(format!("q{}", publish.qos));
            if let Some(identifier) = publish.packet_identifier {
                put(format!("#{identifier}"));
            }
            if publish.retain {
                put("retain".into());
            }
            if publish.dup {
                put("dup".into());
            }
            put(String::from_utf8_lossy(&publish.payload).into_owned());
            put_properties(&publish.properties, put);
        }
        Packet::PubAck(ack) | Packet::PubRec(ack) | Packet::PubRel(ack) | Packet::PubComp(ack) => {
            put(format!("#{}", ack.packet_identifier));
            if ack.reason != ReasonCode::Success {
                put(format!("0x{:02X}", ack.reason.code()));
            }
            put_properties(&ack.properties, put);
        }
        Packet::SubAck(ack) | Packet::UnsubAck(ack) => {
            put(format!("#{}", ack.packet_identifier));
            ack.reasons.iter().for_each(|reason| put(format!("0x{:02X}", reason.code())));
        }
        Packet::Disconnect(disconnect) => {
            put(format!("0x{:02X}", disconnect.reason.code()));
        }
        Packet::Auth(auth) => {
            put(format!("0x{:02X}", auth.reason.code()));
            put_properties(&auth.properties, put);
        }
        _ => {}
    }
    text
}

fn put_properties(properties: &Properties, mut put: impl FnMut(String)) {
    for property in properties {
        match property {
            Property::ReasonString(_) => {}
            Property::UserProperty(name, value) => put(format!("{name}={value}")),
            Property::SubscriptionIdentifier(identifier) => put(format!("id={identifier}")),
            Property::MessageExpiryInterval(seconds) => put(format!("expiry={seconds}")),
            Property::TopicAlias(alias) => put(format!("alias={alias}")),
            other => put(format!("{other:?}")),
        }
    }
}

/// CONNECT with a new session that ends with the connection.
pub fn plain(peer: u64, version: Version) -> Connect {
    Connect {
        version,
        clean_start: true,
        client_identifier: format!("client-{peer}").into(),
        ..Connect::default()
    }
}

/// CONNECT that goes on with a session and keeps it.
pub fn persistent(peer: u64, version: Version) -> Connect {
    let mut connect = Connect { clean_start: false, ..plain(peer, version) };
    if version == Version::V5 {
        connect.properties.push(Property::SessionExpiryInterval(3_600));
    }
    connect
}

/// PUBLISH; `identifier` counts above QoS 0 only.
pub fn publish(topic: &str, qos: QoS, identifier: u16, payload: &str) -> Publish {
    Publish {
        qos,
        topic: topic.into(),
        packet_identifier: qos.is_acknowledged().then(|| id(identifier)),
        payload: Bytes::copy_from_slice(payload.as_bytes()),
        ..Publish::default()
    }
}

pub fn retained(topic: &str, payload: &str) -> Packet {
    Packet::Publish(Publish { retain: true, ..publish(topic, QoS::AtMostOnce, 0, payload) })
}

pub fn message(topic: &str, payload: &str) -> Packet {
    Packet::Publish(publish(topic, QoS::AtMostOnce, 0, payload))
}

pub fn subscribe<const N: usize>(identifier: u16, subscriptions: [Subscription; N]) -> Packet {
    subscribe_with(identifier, subscriptions, Properties::new())
}

pub fn subscribe_with<const N: usize>(
    identifier: u16,
    subscriptions: [Subscription; N],
    properties: Properties,
) -> Packet {
    let subscriptions = subscriptions.to_vec();
    Packet::Subscribe(Subscribe { packet_identifier: id(identifier), subscriptions, properties })
}

pub fn unsubscribe(identifier: u16, filters: &[&str]) -> Packet {
    let filters = filters.iter().map(|filter| (*filter).into()).collect();
    let properties = Properties::new();
    Packet::Unsubscribe(Unsubscribe { packet_identifier: id(identifier), filters, properties })
}

pub fn to(filter: &str, qos: QoS) -> Subscription {
    Subscription { filter: filter.into(), qos, ..Subscription::default() }
}

pub fn disconnect(reason: ReasonCode) -> Packet {
    Packet::Disconnect(Disconnect { reason, properties: Properties::new() })
}

pub fn ack(identifier: u16) -> Ack {
    Ack::success(id(identifier))
}

pub fn id(value: u16) -> PacketIdentifier {
    PacketIdentifier::new(value).expect("a test's identifier is not zero")
}

pub const VERSIONS: [Version; 2] = [Version::V311, Version::V5];
pub const Q0: QoS = QoS::AtMostOnce;
pub const Q1: QoS = QoS::AtLeastOnce;
pub const Q2: QoS = QoS::ExactlyOnce;
