//! What comes from the server, worked off packet by packet, in slices of time
//! between which the browser has its turn.

use super::Runner;
use crate::client::ConnectionNumber;
use crate::time::Instant;
use crate::trace::Direction;
use crate::web::arrivals::Next;
use crate::web::clock;
use crate::web::explain::{Explanation, Stage};
use crate::web::socket::SocketEvent;

impl Runner {
    /// Something happened on the socket with this number. It waits behind what
    /// came before.
    pub fn handle_socket(&mut self, now: Instant, number: ConnectionNumber, event: SocketEvent) {
        if self.socket.is_none() || number != self.connection {
            return;
        }
        match event {
            SocketEvent::Bytes(bytes) => self.arrivals.push_bytes(bytes),
            other => self.arrivals.push(other),
        }
        if !self.slice_is_due {
            self.work_off(now, SLICE_MILLIS);
        } else if self.arrivals.bytes() > CROWDED {
            // To come back later would be to take in all that the server can
            // send. While this runs, the browser holds the next message back.
            self.work_off(now, CROWDED_MILLIS);
        }
        if self.arrivals.bytes() > FLOODED {
            let explanation = Explanation::new(
                "The server sends faster than this page can read: 64 MiB of packets wait.",
            );
            self.fail(now, explanation.hint("Subscribe to fewer topics, or at a lower rate."));
        }
    }

    /// The browser had its turn.
    pub fn handle_slice(&mut self, now: Instant) {
        self.slice_is_due = false;
        self.work_off(now, SLICE_MILLIS);
    }

    /// Records what came and will not be read, because the connection is over:
    /// as much of it as can still be of interest.
    pub(super) fn record_rest(&mut self, now: Instant) {
        while let Some(next) = self.arrivals.next() {
            let Next::Bytes(bytes) = next else { continue };
            let kept = bytes.len().min(self.after_end);
            self.after_end -= kept;
            self.tap.bytes(now, Direction::ToClient, &bytes[..kept], &mut self.trace);
            let length = bytes.len();
            self.arrivals.advance(length);
        }
    }

    fn work_off(&mut self, now: Instant, millis: f64) {
        let end = clock::performance() + millis;
        let mut unmeasured = 0;
        while let Some(next) = self.arrivals.next() {
            match next {
                Next::Other(event) => self.handle_event(now, event),
                Next::Bytes(_) if self.outbox.is_closing() => self.record_rest(now),
                Next::Bytes(bytes) => {
                    let length = self.tap.cut(Direction::ToClient, bytes);
                    let first = self.trace.next_sequence();
                    self.tap.bytes(now, Direction::ToClient, &bytes[..length], &mut self.trace);
                    let next = self.trace.next_sequence();
                    self.client.handle_bytes(now, self.connection, &bytes[..length]);
                    self.arrivals.advance(length);
                    self.note_heard(now);
                    self.drain(now, (next > first).then(|| next - 1));
                    unmeasured += length + PACKET_COST;
                }
            }
            if unmeasured >= LOOK_EVERY {
                unmeasured = 0;
                if clock::performance() >= end {
                    break;
                }
            }
        }
        // Timers may be late in a background tab; messages are not.
        self.client.handle_timeout(now);
        if !self.arrivals.is_empty() && !self.slice_is_due {
            self.slice_is_due = self.slices.request();
            if !self.slice_is_due {
                self.work_off(now, f64::INFINITY);
            }
        }
    }

    fn handle_event(&mut self, now: Instant, event: SocketEvent) {
        let Some(socket) = &self.socket else { return };
        match event {
            SocketEvent::Open if !socket.speaks_mqtt() => self.fail(
                now,
                Explanation::new(
                    "The server did not choose the “mqtt” subprotocol [MQTT-6.0.0-4].",
                )
                .hint("It is a WebSocket server, but not an MQTT listener: check the address."),
            ),
            SocketEvent::Open => {
                self.stage = Stage::AwaitingConnAck;
                let number = self.earlier_connections + self.connection.0;
                self.tap.open(now, number, &mut self.trace);
                self.client.handle_open(now, self.connection);
            }
            // They wait as bytes.
            SocketEvent::Bytes(_) => {}
            SocketEvent::Text => self.fail(
                now,
                Explanation::new(
                    "The server sent a text message; MQTT allows only binary ones [MQTT-6.0.0-1].",
                )
                .hint("It is a WebSocket server, but not an MQTT listener: check the address."),
            ),
            SocketEvent::Closed { code, reason } => {
                let explanation = self.explain_loss(now, code, &reason);
                self.fail(now, explanation);
            }
        }
    }
}

/// Half of what a page has for a frame at 60 frames a second.
const SLICE_MILLIS: f64 = 8.0;
/// With so many bytes behind it, a slice may be longer: a few frames.
const CROWDED_MILLIS: f64 = 50.0;
const CROWDED: usize = 4 * 1024 * 1024;
/// With so many bytes that wait, the connection is given up.
const FLOODED: usize = 64 * 1024 * 1024;
/// Bytes after which the clock is looked at.
const LOOK_EVERY: usize = 16 * 1024;
/// What a packet costs beyond its length, in bytes that cost as much.
const PACKET_COST: usize = 512;
/// Bytes that are recorded after the engine has closed the connection.
pub(super) const AFTER_END: usize = 64 * 1024;
