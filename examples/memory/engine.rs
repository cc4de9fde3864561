//! A broker without sockets, and clients that send it bytes.

use std::collections::BTreeSet;

use fourstep::broker::{Broker, Config, ConnectionId, Limits, Output};
use fourstep::codec::{
    Connect, Packet, PacketIdentifier, Properties, Property, Publish, QoS, Subscribe, Subscription,
    Version, decode, encode,
};
use fourstep::time::Instant;

/// A broker, and what its clients have sent so far.
pub struct Target {
    pub broker: Broker,
    /// Bytes.
    pub sent: usize,
    next: u64,
    /// These do not read on after what they are sent first.
    slow: BTreeSet<ConnectionId>,
}

impl Target {
    pub fn new(limits: Limits) -> Self {
        let config = Config { limits, ..Config::default() };
        Target { broker: Broker::new(config), sent: 0, next: 0, slow: BTreeSet::new() }
    }

    /// Opens a connection.
    pub fn open(&mut self) -> ConnectionId {
        let connection = ConnectionId(self.next);
        self.next += 1;
        self.broker.handle_open(Instant::ZERO, connection);
        connection
    }

    /// Opens a connection and connects, with a session that is kept.
    pub fn connect(&mut self, client_identifier: &str) -> ConnectionId {
        self.connect_with(Connect {
            client_identifier: client_identifier.into(),
            properties: Properties::new().with(Property::SessionExpiryInterval(u32::MAX)),
            ..Connect::default()
        })
    }

    pub fn connect_with(&mut self, connect: Connect) -> ConnectionId {
        let connection = self.open();
        self.send(connection, &Packet::Connect(Box::new(connect)));
        connection
    }

    pub fn subscribe(&mut self, connection: ConnectionId, filter: &str, identifier: Option<u32>) {
        let subscription = Subscription {
            filter: filter.into(),
            qos: QoS::AtLeastOnce,
            ..Subscription::default()
        };
        let subscribe = Subscribe {
            packet_identifier: PacketIdentifier::new(1).expect("it is not zero"),
            subscriptions: vec![subscription],
            properties: identifier.map(Property::SubscriptionIdentifier).into_iter().collect(),
        };
        self.send(connection, &Packet::Subscribe(subscribe));
    }

    pub fn publish(&mut self, connection: ConnectionId, publish: Publish) {
        let identifier = PacketIdentifier::new(1).expect("it is not zero");
        let packet_identifier = publish.qos.is_acknowledged().then_some(identifier);
        self.send(connection, &Packet::Publish(Publish { packet_identifier, ..publish }));
    }

    /// Sends a packet in chunks as a socket brings them.
    pub fn send(&mut self, connection: ConnectionId, packet: &Packet) {
        let mut bytes = Vec::new();
        encode(Version::V5, packet, &mut bytes).expect("an attack is made of valid packets");
        self.send_bytes(connection, &bytes);
    }

    pub fn send_bytes(&mut self, connection: ConnectionId, bytes: &[u8]) {
        self.sent += bytes.len();
        for chunk in bytes.chunks(CHUNK) {
            self.broker.handle_bytes(Instant::ZERO, connection, chunk);
            self.drain();
        }
    }

    /// The client does not read on after what it is sent next.
    pub fn block(&mut self, connection: ConnectionId) {
        self.slow.insert(connection);
    }

    pub fn close(&mut self, connection: ConnectionId) {
        self.broker.handle_close(Instant::ZERO, connection);
        self.drain();
    }

    fn drain(&mut self) {
        while let Some(output) = self.broker.poll() {
            // What leaves is not ours to count.
            if let Output::Send(connection, _) = output
                && self.slow.contains(&connection)
            {
                self.broker.handle_blocked(Instant::ZERO, connection, true);
            }
        }
    }
}

/// So many user properties without a name and a value, in the form of the
/// wire: as a list they would be most of what is measured.
pub fn empty_user_properties(count: usize) -> Properties {
    let mut body = vec![0, 1, b't'];
    write_length(&mut body, count * 5);
    body.resize(body.len() + count * 5, 0);
    let start = body.len() - count * 5;
    body[start..].iter_mut().step_by(5).for_each(|byte| *byte = 0x26);
    let mut bytes = vec![0x30];
    write_length(&mut bytes, body.len());
    bytes.extend(body);
    match decode(Version::V5, &bytes.into()) {
        Ok(Packet::Publish(publish)) => publish.properties,
        other => panic!("{other:?}"),
    }
}

/// Appends a Variable Byte Integer.
fn write_length(out: &mut Vec<u8>, mut length: usize) {
    while length >= 0x80 {
        out.push(0x80 | (length & 0x7F) as u8);
        length >>= 7;
    }
    out.push(length as u8);
}

/// Bytes that a socket brings at once.
const CHUNK: usize = 16 << 10;
