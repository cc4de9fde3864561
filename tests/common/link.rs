//! A tapped link, and the packets that cross it.

use bytes::Bytes;
use fourstep::codec::{
    self, Ack, ConnAck, Connect, Packet, PacketIdentifier, Properties, Publish, QoS, ReasonCode,
    SubAck, Subscribe, Subscription, Version,
};
use fourstep::time::Instant;
use fourstep::trace::{Direction, Tap, Trace};

pub use Direction::{ToClient, ToServer};

pub const CLIENT: u16 = 0;
pub const SERVER: u16 = 1;

/// A link whose bytes are tapped; its clock moves on by a millisecond with
/// each thing that happens.
pub struct Link {
    pub version: Version,
    pub trace: Trace,
    pub tap: Tap,
    pub now: Instant,
    pub connections: u64,
}

impl Link {
    pub fn new(version: Version) -> Self {
        Link::with_capacity(version, 1_000_000)
    }

    pub fn with_capacity(version: Version, capacity: usize) -> Self {
        let trace = Trace::new(vec!["client".into(), "broker".into()], capacity);
        Link { version, trace, tap: Tap::new(CLIENT, SERVER), now: Instant::ZERO, connections: 0 }
    }

    pub fn open(&mut self) {
        self.tick();
        self.connections += 1;
        self.tap.open(self.now, self.connections, &mut self.trace);
    }

    /// Opens the link and lets CONNECT and CONNACK cross it.
    pub fn connect(&mut self, session_present: bool) {
        self.open();
        self.send(ToServer, &connect(self.version, !session_present));
        self.send(ToClient, &connack(session_present));
    }

    pub fn send(&mut self, direction: Direction, packet: &Packet) {
        let bytes = encoded(self.version, packet);
        self.bytes(direction, &bytes);
    }

    pub fn bytes(&mut self, direction: Direction, bytes: &[u8]) {
        self.tick();
        self.tap.bytes(self.now, direction, bytes, &mut self.trace);
    }

    pub fn close(&mut self, why: &str) {
        self.tick();
        self.tap.close(self.now, why, &mut self.trace);
    }

    pub fn tick(&mut self) {
        self.now = self.now + std::time::Duration::from_millis(1);
    }
}

pub fn encoded(version: Version, packet: &Packet) -> Vec<u8> {
    let mut bytes = Vec::new();
    codec::encode(version, packet, &mut bytes).expect("a test's packet is allowed");
    bytes
}

pub fn connect(version: Version, clean_start: bool) -> Packet {
    Packet::Connect(Box::new(Connect {
        version,
        clean_start,
        keep_alive: 30,
        client_identifier: "sensor".into(),
        ..Connect::default()
    }))
}

pub fn connack(session_present: bool) -> Packet {
    Packet::ConnAck(ConnAck {
        session_present,
        reason: ReasonCode::Success,
        properties: Properties::new(),
    })
}

pub fn identifier(value: u16) -> PacketIdentifier {
    PacketIdentifier::new(value).expect("a test's identifier is not zero")
}

/// A reading of the sensor; `id` 0 for QoS 0.
pub fn publish(qos: QoS, id: u16, payload: &str) -> Publish {
    Publish {
        qos,
        topic: "sensor/temperature".into(),
        packet_identifier: PacketIdentifier::new(id),
        payload: Bytes::copy_from_slice(payload.as_bytes()),
        ..Publish::default()
    }
}

pub fn ack(id: u16) -> Ack {
    Ack::success(identifier(id))
}

pub fn subscribe(id: u16, filters: &[(&str, QoS)]) -> Packet {
    Packet::Subscribe(Subscribe {
        packet_identifier: identifier(id),
        subscriptions: filters
            .iter()
            .map(|&(filter, qos)| Subscription {
                filter: filter.into(),
                qos,
                ..Subscription::default()
            })
            .collect(),
        properties: Properties::new(),
    })
}

pub fn suback(id: u16, reasons: &[ReasonCode]) -> Packet {
    Packet::SubAck(SubAck {
        packet_identifier: identifier(id),
        reasons: reasons.to_vec(),
        properties: Properties::new(),
    })
}
