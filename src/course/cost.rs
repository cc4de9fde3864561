//! What a message costs: packets, bytes and round trips, counted.
//!
//! MQTT is counted on a trace: a client and a broker, the engines themselves,
//! over a link of the chosen latency. HTTP/1.1 is counted on the text that it
//! sends, and that text is shown. How the two compare depends on everything in
//! [`Settings`], which is the point; no number here stands for all others.

use std::time::Duration;

use bytes::Bytes;

use super::script::{PUBLISHER, READY, Script};
use crate::codec::{PacketType, QoS, Version};
use crate::sim::{Publication, World};
use crate::time::Instant;
use crate::trace::{Record, RecordKind};

/// What the cost depends on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// The version of MQTT.
    pub version: Version,
    /// From one end to the other.
    pub latency: Duration,
    /// Bytes of payload.
    pub payload: usize,
    /// The topic, and the path of the HTTP request.
    pub topic: String,
    /// Messages that share one connection.
    pub messages: u32,
    /// The headers of HTTP.
    pub headers: Headers,
    /// Whether HTTP opens a connection for each request.
    pub connection_per_request: bool,
}

impl Default for Settings {
    /// One hundred readings of the sensor, 20 ms away.
    fn default() -> Self {
        Settings {
            version: Version::V311,
            latency: Duration::from_millis(20),
            payload: 4,
            topic: super::script::TOPIC.to_owned(),
            messages: 100,
            headers: Headers::Few,
            connection_per_request: false,
        }
    }
}

/// How many headers HTTP carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Headers {
    /// What the protocol asks for, and no more.
    Few,
    /// What a browser and a server commonly add.
    Many,
}

/// How a message is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// One HTTP/1.1 request and its response.
    Http,
    /// One message at this level, to the broker.
    Mqtt(QoS),
    /// What WebSocket framing adds to a message at this level.
    WebSocket(QoS),
}

/// A cost, of one thing or of many together.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Cost {
    /// Packets; of HTTP, requests and responses; of WebSocket, frames.
    pub packets: u64,
    /// Bytes from the client.
    pub to_server: u64,
    /// Bytes to the client.
    pub to_client: u64,
    /// Round trips that have to pass, one after the other, until the sender
    /// has nothing more to wait for.
    pub round_trips: u64,
}

/// The cost of one way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// Which way.
    pub way: Way,
    /// One connection, above TCP's own: CONNECT and CONNACK, or the request
    /// that turns HTTP into WebSocket. TCP's handshake counts as a round trip.
    pub connection: Cost,
    /// One message.
    pub message: Cost,
    /// All messages, with the connections that they need.
    pub total: Cost,
}

/// The rows for some settings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Table {
    /// What they depend on.
    pub settings: Settings,
    /// HTTP, QoS 0, 1 and 2, and WebSocket framing at each.
    pub rows: Vec<Row>,
}

impl Table {
    /// Counts everything, by playing each level once.
    pub fn of(settings: &Settings) -> Table {
        let runs = QoS::ALL.map(|qos| (qos, run(settings, qos)));
        let mut rows = vec![http(settings)];
        rows.extend(runs.iter().map(|(qos, world)| mqtt(settings, *qos, world)));
        rows.extend(runs.iter().map(|(qos, world)| web_socket(settings, *qos, world)));
        Table { settings: settings.clone(), rows }
    }

    /// The row of one way.
    pub fn row(&self, way: Way) -> Option<&Row> {
        self.rows.iter().find(|row| row.way == way)
    }
}

impl Cost {
    /// Bytes in both directions.
    pub const fn bytes(self) -> u64 {
        self.to_server + self.to_client
    }

    /// How long the sender waits in all, at this latency.
    pub fn wait(self, latency: Duration) -> Duration {
        let trips = u32::try_from(self.round_trips).unwrap_or(u32::MAX);
        latency.saturating_mul(2).saturating_mul(trips)
    }

    fn plus(self, other: Cost) -> Cost {
        Cost {
            packets: self.packets + other.packets,
            to_server: self.to_server + other.to_server,
            to_client: self.to_client + other.to_client,
            round_trips: self.round_trips + other.round_trips,
        }
    }

    fn times(self, count: u64) -> Cost {
        Cost {
            packets: self.packets * count,
            to_server: self.to_server * count,
            to_client: self.to_client * count,
            round_trips: self.round_trips * count,
        }
    }
}

impl Row {
    fn new(way: Way, connection: Cost, message: Cost, connections: u64, messages: u64) -> Row {
        let total = connection.times(connections).plus(message.times(messages));
        Row { way, connection, message, total }
    }
}

/// The HTTP request that carries one message, its payload left out.
pub fn request(settings: &Settings) -> String {
    let Settings { topic, payload, .. } = settings;
    let more = match settings.headers {
        Headers::Few => "",
        Headers::Many => REQUEST_HEADERS,
    };
    let close = if settings.connection_per_request { "Connection: close\r\n" } else { "" };
    format!(
        "POST /{topic} HTTP/1.1\r\nHost: {HOST}\r\n{more}{close}Content-Length: {payload}\r\n\r\n"
    )
}

/// The response to it.
pub fn response(settings: &Settings) -> String {
    let more = match settings.headers {
        Headers::Few => "",
        Headers::Many => RESPONSE_HEADERS,
    };
    let close = if settings.connection_per_request { "Connection: close\r\n" } else { "" };
    format!("HTTP/1.1 204 No Content\r\n{more}{close}\r\n")
}

fn http(settings: &Settings) -> Row {
    let message = Cost {
        packets: 2,
        to_server: (request(settings).len() + settings.payload) as u64,
        to_client: response(settings).len() as u64,
        round_trips: 1,
    };
    let connection = Cost { round_trips: 1, ..Cost::default() };
    let messages = u64::from(settings.messages);
    let connections = if settings.connection_per_request { messages } else { 1 };
    Row::new(Way::Http, connection, message, connections, messages)
}

/// A client connects, and publishes one message at [`READY`]. What it sends does
/// not depend on the latency, as long as it is connected by then and has not
/// given up.
fn run(settings: &Settings, qos: QoS) -> World {
    let payload = Bytes::from(vec![b'2'; settings.payload]);
    let publication = Publication::new(settings.topic.clone(), payload, qos);
    let scenario = Script::new(settings.version)
        .client_with(PUBLISHER, |client| client.link.latency = settings.latency.min(SLOWEST))
        .connect(PUBLISHER)
        .at(READY)
        .publish(PUBLISHER, publication)
        .finish();
    let mut world = World::new(&scenario);
    world.run_until_quiet(super::script::LONGEST);
    world
}

fn mqtt(settings: &Settings, qos: QoS, world: &World) -> Row {
    let connection = count(world, true, |_, bytes| bytes);
    let message = count(world, false, |_, bytes| bytes);
    // The three packets of TCP's handshake are one round trip more.
    let connection = Cost { round_trips: connection.round_trips + 1, ..connection };
    Row::new(Way::Mqtt(qos), connection, message, 1, u64::from(settings.messages))
}

fn web_socket(settings: &Settings, qos: QoS, world: &World) -> Row {
    let frames = |connection| Cost { round_trips: 0, ..count(world, connection, frame) };
    let upgrade = Cost {
        packets: 2,
        to_server: UPGRADE.len() as u64,
        to_client: UPGRADED.len() as u64,
        round_trips: 1,
    };
    let connection = upgrade.plus(frames(true));
    Row::new(Way::WebSocket(qos), connection, frames(false), 1, u64::from(settings.messages))
}

/// Counts the packets of a world: those of the connection itself, or those of
/// the message. `size` tells what a packet of a direction and a length counts.
fn count(world: &World, connection: bool, size: fn(bool, u64) -> u64) -> Cost {
    let mut cost = Cost::default();
    let broker = world.broker_lane();
    for record in world.trace().records().filter(|record| is_of_connection(record) == connection) {
        let Some(bytes) = record.bytes() else { continue };
        cost.packets += 1;
        if record.to == broker {
            cost.to_server += size(true, bytes.len() as u64);
        } else {
            cost.to_client += size(false, bytes.len() as u64);
            // What comes back answers what was sent before it.
            cost.round_trips += 1;
        }
    }
    cost
}

fn is_of_connection(record: &Record) -> bool {
    let RecordKind::Packet { bytes, .. } = &record.kind else { return false };
    let packet_type = bytes.first().and_then(|first| PacketType::from_number(first >> 4));
    matches!(packet_type, Some(PacketType::Connect | PacketType::ConnAck))
        && record.at < Instant::from_millis(READY)
}

/// The header of a WebSocket frame around so many bytes (RFC 6455, section
/// 5.2). A client masks what it sends.
fn frame(to_server: bool, bytes: u64) -> u64 {
    let length = match bytes {
        0..126 => 2,
        126..65_536 => 4,
        _ => 10,
    };
    length + if to_server { 4 } else { 0 }
}

/// The largest latency at which a client is connected before [`READY`].
const SLOWEST: Duration = Duration::from_millis(500);
const HOST: &str = "broker.example";
const REQUEST_HEADERS: &str = "\
User-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0\r\n\
Accept: */*\r\n\
Accept-Language: en-US,en;q=0.5\r\n\
Accept-Encoding: gzip, deflate, br, zstd\r\n\
Content-Type: text/plain;charset=UTF-8\r\n\
Origin: https://broker.example\r\n";
const RESPONSE_HEADERS: &str = "\
Server: nginx\r\n\
Date: Thu, 01 Jan 2026 00:00:00 GMT\r\n\
Access-Control-Allow-Origin: *\r\n\
Strict-Transport-Security: max-age=31536000\r\n\
Cache-Control: no-store\r\n";
/// The request that turns HTTP into WebSocket (RFC 6455, section 1.3).
const UPGRADE: &str = "\
GET /mqtt HTTP/1.1\r\n\
Host: broker.example\r\n\
Upgrade: websocket\r\n\
Connection: Upgrade\r\n\
Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\
Sec-WebSocket-Protocol: mqtt\r\n\
Sec-WebSocket-Version: 13\r\n\r\n";
const UPGRADED: &str = "\
HTTP/1.1 101 Switching Protocols\r\n\
Upgrade: websocket\r\n\
Connection: Upgrade\r\n\
Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\
Sec-WebSocket-Protocol: mqtt\r\n\r\n";
