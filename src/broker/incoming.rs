//! From a client's bytes to what the broker does about them.

use std::time::Duration;

use bytes::Bytes;

use super::budget::Account;
use super::connection::{Connection, Stage, Taken, beyond_free};
use super::disconnect::Fault;
use super::sessions::SessionId;
use super::timers::Timer;
use super::{Broker, ConnectionId, Event};
use crate::codec::{self, Ack, Packet, PacketType, Publish, QoS, ReasonCode, Statement, Version};
use crate::session::aliases::AliasFault;
use crate::session::{PassOn, Violation};

impl Broker {
    /// A client has opened a connection.
    pub(super) fn open(&mut self, id: ConnectionId) {
        let limits = &self.config.limits;
        let count = self.connections.len();
        if self.connections.contains_key(&id) {
            return;
        }
        // A few more may come as far as CONNECT, to be told why they may not.
        if count >= limits.max_connections.saturating_add(SURPLUS) {
            return self.close(id);
        }
        let surplus = count >= limits.max_connections;
        let patience = Duration::from_secs(limits.connect_timeout.into());
        let connection = Connection::new(self.now, limits.connect_size(), surplus);
        self.timers.set(Timer::Connection(id), self.now + patience);
        self.connections.insert(id, connection);
    }

    /// Reads on where bytes have come.
    pub(super) fn list_unread(&mut self, id: ConnectionId) {
        if let Some(connection) = self.connections.get_mut(&id)
            && connection.is_read()
            && !std::mem::replace(&mut connection.is_listed, true)
        {
            self.unread.push_back(id);
        }
    }

    /// Reads one packet from the connection whose turn it is. False if none
    /// has anything to read.
    pub(super) fn read_next(&mut self) -> bool {
        let Some(id) = self.unread.pop_front() else { return false };
        if let Some(connection) = self.connections.get_mut(&id) {
            connection.is_listed = false;
            if connection.is_read() && self.read_packet(id) {
                self.list_unread(id);
            }
        }
        true
    }

    /// Reads one packet. False if there is no whole one.
    pub(super) fn read_packet(&mut self, id: ConnectionId) -> bool {
        let Some(connection) = self.connections.get_mut(&id) else { return false };
        if !connection.is_open() {
            return false;
        }
        let buffered = connection.framer.capacity();
        match connection.framer.next_packet(connection.version) {
            Ok(None) => {
                let receiving = beyond_free(connection.framer.capacity());
                self.await_rest(id, receiving);
                false
            }
            Ok(Some(frame)) => {
                let frame = without_buffer(frame, buffered);
                connection.heard_at = self.now;
                if connection.taken.receiving > 0 {
                    self.take_up(id, |taken| taken.receiving = 0);
                }
                self.counters.packets_received += 1;
                self.handle_frame(id, frame);
                true
            }
            Err(error) => {
                self.fail(id, error.into());
                false
            }
        }
    }

    /// A packet has come in part, with so many bytes that count.
    fn await_rest(&mut self, id: ConnectionId, receiving: usize) {
        self.take_up(id, |taken| taken.receiving = receiving);
        if let Err(fault) = self.check_taken(receiving) {
            self.fail(id, fault);
        }
    }

    /// Whether a connection may take so many bytes that count.
    pub(super) fn check_taken(&self, bytes: usize) -> Result<(), Fault> {
        if bytes > 0 && self.budget.is_exceeded(Account::Connections) {
            let why = "The connections take up all the room that there is for them.";
            return Err(Fault::new(ReasonCode::QuotaExceeded, why));
        }
        Ok(())
    }

    /// Changes what a connection takes.
    pub(super) fn take_up(&mut self, id: ConnectionId, change: impl FnOnce(&mut Taken)) {
        let Some(connection) = self.connections.get_mut(&id) else { return };
        change(&mut connection.taken);
        let total = connection.taken.total();
        self.budget.set(Account::Connections, &mut connection.charge, total);
    }

    /// A connection is gone, and what it took.
    pub(super) fn forget(&mut self, id: ConnectionId) {
        self.take_up(id, |taken| *taken = Taken::default());
        self.connections.remove(&id);
    }

    /// The client has taken some of what waits for it, so it is there.
    pub(super) fn note_progress(&mut self, id: ConnectionId) {
        if let Some(connection) = self.connections.get_mut(&id) {
            connection.heard_at = self.now;
        }
    }

    /// The driver can take more for this client, or no longer can.
    pub(super) fn set_blocked(&mut self, id: ConnectionId, blocked: bool) {
        let Some(connection) = self.connections.get_mut(&id) else { return };
        connection.blocked = blocked;
        if !blocked {
            // It has taken what we sent, so it is there.
            connection.heard_at = self.now;
        }
        let flush = !blocked && !connection.outbox.is_empty() && !connection.is_flushing;
        connection.is_flushing |= flush;
        let session = connection.session;
        let unread = match blocked {
            true => beyond_free(connection.last_sent + connection.outbox_footprint()),
            false => 0,
        };
        self.take_up(id, |taken| taken.unread = unread);
        if flush {
            self.outputs.push_back(super::Pending::Flush(id));
        }
        if let Some(session) = session {
            if let Some(session) = self.sessions.of_mut(session) {
                session.flows.set_paused(self.now, blocked);
            }
            self.drain(session);
        }
        self.list_unread(id);
    }

    fn handle_frame(&mut self, id: ConnectionId, frame: Bytes) {
        let Some(connection) = self.connections.get_mut(&id) else { return };
        if matches!(connection.stage, Stage::New) {
            return self.handle_first(id, &frame);
        }
        let handled = match codec::decode(connection.version, &frame) {
            Ok(packet) => self.handle_packet(id, packet),
            Err(error) => Err(error.into()),
        };
        if let Err(fault) = handled {
            self.fail(id, fault);
        }
    }

    fn handle_packet(&mut self, id: ConnectionId, packet: Packet) -> Result<(), Fault> {
        let Some(connection) = self.connections.get(&id) else { return Ok(()) };
        let authenticating = !connection.is_connected();
        let packet_type = packet.packet_type();
        match packet {
            Packet::Auth(auth) => self.handle_auth(id, auth),
            Packet::Disconnect(disconnect) => self.handle_disconnect(id, disconnect),
            Packet::Connect(_) => {
                let fault = Fault::new(ReasonCode::ProtocolError, "CONNECT came a second time.");
                Err(fault.citing(Statement::both("MQTT-3.1.0-2", "MQTT-3.1.0-2")))
            }
            _ if authenticating => {
                let why = "Until CONNACK only AUTH and DISCONNECT may come.";
                let fault = Fault::new(ReasonCode::ProtocolError, why);
                Err(fault.citing(Statement::v5("MQTT-3.1.2-30")))
            }
            Packet::Publish(publish) => self.handle_publish(id, publish),
            Packet::PubAck(ack)
            | Packet::PubRec(ack)
            | Packet::PubRel(ack)
            | Packet::PubComp(ack) => self.handle_ack(id, packet_type, &ack),
            Packet::Subscribe(subscribe) => self.handle_subscribe(id, subscribe),
            Packet::Unsubscribe(unsubscribe) => self.handle_unsubscribe(id, unsubscribe),
            Packet::PingReq => {
                self.send(id, Packet::PingResp);
                Ok(())
            }
            Packet::ConnAck(_) | Packet::SubAck(_) | Packet::UnsubAck(_) | Packet::PingResp => {
                let what = format!("A client must not send {}.", packet_type.name());
                Err(Fault::new(ReasonCode::ProtocolError, what))
            }
        }
    }

    fn handle_publish(&mut self, id: ConnectionId, mut publish: Publish) -> Result<(), Fault> {
        let Some(connection) = self.connections.get_mut(&id) else { return Ok(()) };
        let version = connection.version;
        connection.incoming_aliases.resolve(&mut publish)?;
        let Some(session) = connection.session else { return Ok(()) };
        let aliases = beyond_free(connection.aliases_footprint());
        if aliases != connection.taken.aliases {
            self.take_up(id, |taken| taken.aliases = aliases);
            self.check_taken(aliases)?;
        }
        self.check_publish(&publish)?;
        let answer = match self.has_room_for(session, &publish) {
            true => self.answer(version, session, &publish),
            false if version == Version::V5 => ReasonCode::QuotaExceeded,
            false => {
                return Err(Violation::NoRoom.into());
            }
        };
        if answer.is_error() {
            self.refuse_message(session, answer);
        }
        if let Some(session) = self.sessions.of_mut(session) {
            session.flows.handle_publish(self.now, publish, answer)?;
        }
        self.drain(session);
        Ok(())
    }

    /// A message is not accepted. At QoS 0 no packet says so, nor does any in
    /// 3.1.1, where it is acknowledged like others ([MQTT-3.3.5-2]): a client
    /// that is closed for it would send it again on each connection.
    fn refuse_message(&mut self, session: SessionId, reason: ReasonCode) {
        self.counters.messages_refused += 1;
        if let Some(session) = self.sessions.of(session) {
            let client_identifier = session.client_identifier.clone();
            self.event(Event::Refused { client_identifier, reason });
        }
    }

    /// Whether the identifier of a QoS 2 message, or the message, can be kept
    /// until PUBREL.
    fn has_room_for(&self, session: SessionId, publish: &Publish) -> bool {
        let limits = &self.config.limits;
        let is_full = self.budget.room(Account::Sessions) == 0;
        let Some(session) = self.sessions.of(session).filter(|_| is_full) else { return true };
        let keeps_identifiers = limits.pass_on == PassOn::Publish;
        publish.qos != QoS::ExactlyOnce
            || keeps_identifiers
                && session.flows.awaiting_release() < usize::from(limits.receive_maximum)
            || publish.packet_identifier.is_some_and(|it| session.flows.awaits_release(it))
    }

    fn handle_ack(
        &mut self,
        id: ConnectionId,
        packet_type: PacketType,
        ack: &Ack,
    ) -> Result<(), Fault> {
        let session = self.connections.get(&id).and_then(|connection| connection.session);
        let Some(session) = session else { return Ok(()) };
        if let Some(session) = self.sessions.of_mut(session) {
            session.flows.handle_ack(self.now, packet_type, ack)?;
        }
        self.drain(session);
        Ok(())
    }
}

impl From<Violation> for Fault {
    fn from(violation: Violation) -> Self {
        match violation {
            Violation::Unexpected { packet_type, packet_identifier, state } => {
                let name = packet_type.name();
                let why = format!(
                    "{name} for packet identifier {packet_identifier}, whose flow is {state}."
                );
                Fault::new(violation.reason(), why)
            }
            Violation::NoRoom => {
                let why = "No room is left for another QoS 2 message.";
                let fault = Fault::new(violation.reason(), why);
                fault.citing(Statement::v311("MQTT-4.8.0-2"))
            }
            Violation::ReceiveMaximumExceeded => {
                let why = "There are more unfinished messages than the Receive Maximum.";
                let fault = Fault::new(violation.reason(), why);
                fault.citing(Statement::v5("MQTT-3.3.4-7"))
            }
        }
    }
}

impl From<AliasFault> for Fault {
    fn from(fault: AliasFault) -> Self {
        let (why, statement) = match fault {
            AliasFault::Zero => ("A topic alias must not be 0.", Statement::v5("MQTT-3.3.2-8")),
            AliasFault::AboveMaximum => (
                "The topic alias is above the Topic Alias Maximum of CONNACK.",
                Statement::v5("MQTT-3.3.2-9"),
            ),
            AliasFault::Unknown => {
                ("The topic alias has no topic on this connection.", Statement::NONE)
            }
        };
        Fault::new(fault.reason(), why).citing(statement)
    }
}

/// A packet in a buffer of about its own size: what is kept of it must not
/// keep alive one that is larger. It came in one of `buffered` bytes.
fn without_buffer(frame: Bytes, buffered: usize) -> Bytes {
    match buffered <= frame.len() + frame.len() / 4 {
        true => frame,
        false => Bytes::copy_from_slice(&frame),
    }
}

/// Connections beyond the limit that may still learn why they are refused.
const SURPLUS: usize = 64;
