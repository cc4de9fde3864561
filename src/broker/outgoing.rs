//! From what the broker decided to what the driver has to do.

use bytes::Bytes;

use super::budget::Account;
use super::connection::{Encoded, beyond_free};
use super::disconnect::Fault;
use super::event::Pending;
use super::sessions::SessionId;
use super::timers::Timer;
use super::{Broker, ConnectionId, Event, Output};
use crate::codec::{Ack, Packet, PacketType, Publish, QoS, ReasonCode};
use crate::session::{Effect, Outcome, Token};
use crate::time::Instant;

impl Broker {
    /// Makes the next output, unless there is none.
    pub(super) fn next_output(&mut self) -> Option<Output> {
        while let Some(pending) = self.outputs.pop_front() {
            match pending {
                Pending::Event(event) => return Some(Output::Event(event)),
                Pending::Close(connection) => {
                    self.forget(connection);
                    return Some(Output::Close(connection));
                }
                Pending::Flush(connection) => {
                    if let Some(bytes) = self.flush(connection) {
                        return Some(Output::Send(connection, bytes));
                    }
                }
            }
        }
        None
    }

    /// Sends a packet once the driver polls.
    pub(super) fn send(&mut self, id: ConnectionId, packet: Packet) {
        let Some(connection) = self.connections.get_mut(&id) else { return };
        connection.outbox.push_back(packet);
        if !std::mem::replace(&mut connection.is_flushing, true) {
            self.outputs.push_back(Pending::Flush(id));
        }
    }

    /// Whether the client accepts a packet of this size.
    pub(super) fn can_take(&self, id: ConnectionId, packet: &Packet) -> bool {
        self.connections.get(&id).is_none_or(|connection| connection.can_take(packet))
    }

    /// Closes a connection once everything before is sent.
    pub(super) fn close(&mut self, id: ConnectionId) {
        self.outputs.push_back(Pending::Close(id));
    }

    /// Tells the driver.
    pub(super) fn event(&mut self, event: Event) {
        self.outputs.push_back(Pending::Event(event));
    }

    /// Does what the flows of a session want done.
    pub(super) fn drain(&mut self, id: SessionId) {
        while let Some(effect) = self.sessions.of_mut(id).and_then(|session| session.flows.poll()) {
            match effect {
                Effect::Send(packet) => {
                    if let Some(connection) = self.sessions.of(id).and_then(|it| it.connection) {
                        self.send(connection, packet);
                    }
                }
                // Since its PUBLISH was answered, other messages may have taken
                // the place of one that is retained.
                Effect::Deliver(message) if self.refusal(&message).is_some() => {
                    self.counters.messages_refused += 1;
                }
                Effect::Deliver(message) => self.accept(Some(id), message),
                Effect::Finished(token, outcome) => self.finish(id, token, outcome),
                // The rest concerns storage and the sender of a message; for
                // us that is done when it is sent.
                _ => {}
            }
        }
        self.charge_session(id);
        self.schedule_expiry(id);
        self.list_replaying(id);
    }

    /// Counts the outcome of a message to this client, and forgets its token.
    fn finish(&mut self, id: SessionId, token: Token, outcome: Outcome) {
        if let Some(session) = self.sessions.of_mut(id) {
            session.shared.remove(&token);
        }
        match outcome {
            Outcome::Dropped => self.count_dropped(id),
            Outcome::Expired => self.counters.messages_expired += 1,
            // For us a message is done when it is sent.
            _ => {}
        }
    }

    /// Ends the messages for this client that must not be sent anymore
    /// ([MQTT-3.3.2-5], 5.0).
    pub(super) fn expire_messages(&mut self, id: SessionId) {
        if let Some(session) = self.sessions.of_mut(id) {
            session.flows.expire(self.now);
            session.expires_at = None;
        }
        self.drain(id);
    }

    /// Sets the timer of the next message that expires, on whole seconds: a
    /// long queue is looked through at most once in each.
    fn schedule_expiry(&mut self, id: SessionId) {
        let Some(session) = self.sessions.of_mut(id) else { return };
        let seconds = session.flows.next_expiry().map(|at| at.as_micros().div_ceil(1_000_000));
        let at = seconds.map(|seconds| Instant::from_micros(seconds * 1_000_000));
        if std::mem::replace(&mut session.expires_at, at) == at {
            return;
        }
        match at {
            Some(at) => self.timers.set(Timer::Queue(id), at),
            None => self.timers.clear(&Timer::Queue(id)),
        }
    }

    /// Charges a session with what it holds now.
    pub(super) fn charge_session(&mut self, id: SessionId) {
        if let Some(session) = self.sessions.of_mut(id) {
            let footprint = session.footprint();
            self.budget.set(Account::Sessions, &mut session.charge, footprint);
        }
    }

    /// A message did not reach this client.
    pub(super) fn count_dropped(&mut self, id: SessionId) {
        self.counters.messages_dropped += 1;
        if let Some(session) = self.sessions.of(id) {
            let client_identifier = session.client_identifier.clone();
            self.event(Event::Dropped(client_identifier));
        }
    }

    /// Encodes what is in the outbox, up to about a chunk.
    fn flush(&mut self, id: ConnectionId) -> Option<Bytes> {
        let connection = self.connections.get_mut(&id)?;
        connection.is_flushing = false;
        if connection.blocked && connection.is_open() {
            return None;
        }
        let mut out = Vec::new();
        self.drop_unaffordable(id);
        while out.len() < CHUNK
            && let Some(encoded) = self.connections.get_mut(&id)?.encode_next(&mut out)
        {
            match encoded {
                Encoded::Done => self.counters.packets_sent += 1,
                Encoded::TooLarge(Packet::Publish(publish)) => self.skip(id, &publish),
                // The client does not even take an acknowledgement.
                Encoded::TooLarge(_) => self.give_up(id),
            }
            self.drop_unaffordable(id);
        }
        let connection = self.connections.get_mut(&id)?;
        let aliases = beyond_free(connection.aliases_footprint());
        if aliases != connection.taken.aliases {
            self.take_up(id, |taken| taken.aliases = aliases);
        }
        let connection = self.connections.get_mut(&id)?;
        connection.last_sent = out.len();
        if !connection.outbox.is_empty() && !std::mem::replace(&mut connection.is_flushing, true) {
            // Ahead of everything, a Close above all.
            self.outputs.push_front(Pending::Flush(id));
        }
        if connection.outbox.is_empty() && connection.outbox.capacity() > KEPT {
            connection.outbox = Default::default();
        }
        self.counters.bytes_sent += out.len() as u64;
        (!out.is_empty()).then(|| out.into())
    }

    /// Drops the QoS 0 messages that come next as long as they are too large
    /// for what the connections may still take.
    fn drop_unaffordable(&mut self, id: ConnectionId) {
        let room = self.budget.room(Account::Connections);
        while let Some(connection) = self.connections.get_mut(&id)
            && let Some(Packet::Publish(publish)) = connection.outbox.front()
            && publish.qos == QoS::AtMostOnce
            && beyond_free(publish.footprint()) > room
        {
            connection.outbox.pop_front();
            match connection.session {
                Some(session) => self.count_dropped(session),
                None => self.counters.messages_dropped += 1,
            }
        }
    }

    /// Closes with as few words as the client takes.
    fn give_up(&mut self, id: ConnectionId) {
        let Some(connection) = self.connections.get_mut(&id) else { return };
        connection.outbox.clear();
        if connection.is_open() {
            let why = "An answer would be larger than the client's Maximum Packet Size.";
            self.fail(id, Fault::new(ReasonCode::PacketTooLarge, why));
        }
    }

    /// Acts as if a message that is too large had been sent ([MQTT-3.1.2-25]).
    fn skip(&mut self, id: ConnectionId, publish: &Publish) {
        self.counters.messages_dropped += 1;
        let session = self.connections.get(&id).and_then(|connection| connection.session);
        let (Some(session), Some(identifier)) = (session, publish.packet_identifier) else {
            return;
        };
        // An earlier connection may have brought the message, and the client
        // may still remember its identifier: then it has to be released.
        let (packet_type, reason) = match publish.qos {
            QoS::ExactlyOnce if publish.dup => (PacketType::PubRec, ReasonCode::Success),
            QoS::ExactlyOnce => (PacketType::PubRec, ReasonCode::UnspecifiedError),
            _ => (PacketType::PubAck, ReasonCode::UnspecifiedError),
        };
        if let Some(session) = self.sessions.of_mut(session) {
            let ack = Ack::new(identifier, reason);
            // The flow awaits exactly this.
            let _ = session.flows.handle_ack(self.now, packet_type, &ack);
        }
        self.drain(session);
    }
}

/// Room for this many packets is kept in an outbox while it is empty.
const KEPT: usize = 16;

/// A `Send` ends with the packet that makes it this large, in bytes.
const CHUNK: usize = 64 << 10;
