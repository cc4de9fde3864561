//! Fourstep: a sans-IO MQTT 3.1.1 and 5.0 engine.
//!
//! The engine does no input or output and owns no clock. You give a
//! [`Client`](client::Client) commands, bytes and the time; it tells you what
//! to send, what to store, what happened, and when to call again. So it runs on
//! any transport (a browser's WebSocket, a socket, a simulated link), and a
//! test can decide what the network does and what time it is.
//!
//! # The run loop
//!
//! This is a whole driver. Its transport is a peer in memory that answers in
//! real packets; yours would be a socket in the same two places.
//!
//! ```
//! use std::collections::VecDeque;
//!
//! use bytes::Bytes;
//! use fourstep::client::{Client, Config, ConnectionNumber, Event, Output};
//! use fourstep::codec::{self, Ack, ConnAck, Framer, Packet, Publish, QoS, ReasonCode, Version};
//! use fourstep::session::Outcome;
//! use fourstep::time::Instant;
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let mut client = Client::new(Config::new(Version::V5, "thermometer"));
//! let mut server = Framer::default();
//! let mut from_server: VecDeque<Bytes> = VecDeque::new();
//! let mut now = Instant::ZERO;
//! let mut connection = ConnectionNumber::default();
//!
//! client.connect(now)?;
//! // Queued until the connection is there.
//! let reading = client.publish(now, Publish {
//!     topic: "sensor/temperature".into(),
//!     payload: "20.5".into(),
//!     qos: QoS::AtLeastOnce,
//!     ..Publish::default()
//! })?;
//!
//! 'running: loop {
//!     // 1. Do everything that the client asks for, in order.
//!     while let Some(output) = client.poll() {
//!         match output {
//!             Output::Open(number) => {
//!                 connection = number;
//!                 client.handle_open(now, connection); // at once: it is in memory
//!             }
//!             Output::Send(bytes) => {
//!                 server.push(&bytes);
//!                 while let Some(packet) = server.next_packet(Version::V5)? {
//!                     if let Some(answer) = answer(codec::decode(Version::V5, &packet)?) {
//!                         let mut bytes = Vec::new();
//!                         codec::encode(Version::V5, &answer, &mut bytes)?;
//!                         from_server.push_back(bytes.into());
//!                     }
//!                 }
//!             }
//!             // Commit these before you send what comes after them.
//!             Output::Store(_key, _value) => {}
//!             Output::Remove(_key) => {}
//!             Output::Event(Event::Finished(token, outcome)) => {
//!                 assert_eq!(token, reading);
//!                 assert_eq!(outcome, Outcome::Acknowledged(ReasonCode::Success));
//!                 client.disconnect(now)?;
//!             }
//!             Output::Event(Event::Closed(reason)) => {
//!                 println!("{reason}");
//!                 break 'running;
//!             }
//!             Output::Event(_) => {}
//!             Output::Close(number) => client.handle_close(now, number, ""),
//!         }
//!     }
//!     // 2. Wait for bytes, or until the client's next timeout.
//!     if let Some(bytes) = from_server.pop_front() {
//!         client.handle_bytes(now, connection, &bytes);
//!     } else if let Some(timeout) = client.next_timeout() {
//!         now = timeout;
//!         client.handle_timeout(now);
//!     }
//! }
//! # Ok(())
//! # }
//!
//! /// The server's side of this conversation.
//! fn answer(packet: Packet) -> Option<Packet> {
//!     match packet {
//!         Packet::Connect(_) => Some(Packet::ConnAck(ConnAck {
//!             session_present: false,
//!             reason: ReasonCode::Success,
//!             properties: Default::default(),
//!         })),
//!         Packet::Publish(publish) => Some(Packet::PubAck(Ack::success(publish.packet_identifier?))),
//!         _ => None,
//!     }
//! }
//! ```
//!
//! # The map
//!
//! Each module uses only those above it; `client` and `broker` do not know
//! each other.
//!
//! | module | what it is |
//! |---|---|
//! | [`time`] | a moment as plain data |
//! | [`codec`] | bytes to packets and back, for both versions; a stream cut into packets; a packet taken apart for an inspector |
//! | [`language`] | what the page and the course are written in |
//! | [`session`] | the Quality-of-Service flows, run from one table, for client and broker alike |
//! | [`client`] | the client engine: connecting, keep-alive, subscriptions, limits, reconnecting |
//! | [`broker`] | the server's side, for a page without a network |
//! | [`trace`] | every packet that crosses a link, as one list with many readers |
//! | [`export`] | a trace as JSON lines, and as a packet capture for Wireshark |
//! | [`sim`] | a virtual network of clients and a broker, with faults, and with time that goes back |
//! | [`view`] | what a page shows of a trace, as plain data |
//! | [`course`] | the lessons: what they say, play, ask and are judged by |
//!
//! Two drivers on real sockets are among the examples: `examples/client/`, with
//! the flags of mosquitto_pub and mosquitto_sub, and `examples/broker/`.
//!
//! # Features
//!
//! `export` (packet captures) and `course` (the lessons) are on unless you turn
//! them off with `default-features = false`; the engine needs neither. `web`
//! and `ui` add the browser's side, for wasm32.

pub mod broker;
pub mod client;
pub mod codec;
#[cfg(feature = "course")]
pub mod course;
pub mod export;
pub mod language;
pub mod session;
pub mod sim;
pub mod time;
pub mod trace;
#[cfg(all(feature = "ui", target_arch = "wasm32"))]
pub mod ui;
pub mod view;
#[cfg(any(test, feature = "web"))]
pub mod web;
