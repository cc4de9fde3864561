//! The end of a connection, and of a session.

use std::time::Duration;

use super::budget::Account;
use super::connection::Stage;
use super::sessions::SessionId;
use super::timers::Timer;
use super::{Broker, ConnectionId, Event};
use crate::codec::{
    DecodeError, Disconnect, Packet, PacketType, Properties, Property, ReasonCode, Statement,
    Version,
};

/// Why a connection has to be closed: a reason code for the client and a
/// sentence, with the normative statement that was broken or that demands it.
#[derive(Debug)]
pub(super) struct Fault {
    pub reason: ReasonCode,
    why: String,
    statement: Statement,
}

impl Fault {
    pub fn new(reason: ReasonCode, why: impl Into<String>) -> Self {
        Fault { reason, why: why.into(), statement: Statement::NONE }
    }

    /// The same with a statement.
    pub fn citing(self, statement: Statement) -> Self {
        Fault { statement, ..self }
    }

    /// The sentence with the statement as this version numbers it.
    pub fn words(&self, version: Version) -> String {
        match self.statement.in_version(version) {
            Some(id) => format!("{} [{id}]", self.why),
            None => self.why.clone(),
        }
    }
}

impl From<DecodeError> for Fault {
    fn from(error: DecodeError) -> Self {
        Fault::new(error.rule.reason(), error.to_string())
    }
}

impl Broker {
    /// DISCONNECT from a client (3.14).
    pub(super) fn handle_disconnect(
        &mut self,
        id: ConnectionId,
        disconnect: Disconnect,
    ) -> Result<(), Fault> {
        let Some(connection) = self.connections.get(&id) else { return Ok(()) };
        if !disconnect.reason.is_disconnect_of_client() {
            let why = "Only a server may send DISCONNECT with this reason.";
            let fault = Fault::new(ReasonCode::ProtocolError, why);
            return Err(fault.citing(Statement::v5("MQTT-3.14.2-1")));
        }
        if let Some(seconds) = disconnect.properties.session_expiry_interval() {
            if connection.requested_expiry == 0 && seconds > 0 {
                // A rule without a number (5.0, 3.14.2.2.2).
                let why = "A session that was to end with its connection cannot be kept.";
                return Err(Fault::new(ReasonCode::ProtocolError, why));
            }
            let session = connection.session;
            if let Some(session) = session.and_then(|session| self.sessions.of_mut(session)) {
                session.expiry_interval = seconds.min(connection.expiry_maximum);
            }
        }
        let reason = disconnect.reason;
        // [MQTT-3.14.4-3]; 3.1.1: [MQTT-3.14.4-3], [MQTT-3.1.2-10].
        let keeps_will = reason != ReasonCode::Success;
        self.end(id, reason, "The client disconnected.".into(), keeps_will);
        self.close(id);
        Ok(())
    }

    /// A client broke a rule: says why, in 5.0, and closes.
    pub(super) fn fail(&mut self, id: ConnectionId, fault: Fault) {
        let Some(connection) = self.connections.get(&id) else { return };
        if matches!(connection.stage, Stage::Authenticating { .. }) {
            return self.refuse(id, fault);
        }
        let why = fault.words(connection.version);
        if connection.is_connected() && connection.version == Version::V5 {
            let reason = match fault.reason.is_allowed_in(PacketType::Disconnect) {
                true => fault.reason,
                false => ReasonCode::ProtocolError,
            };
            let properties = reason_string(&why);
            self.send(id, Packet::Disconnect(Disconnect { reason, properties }));
        }
        self.end(id, fault.reason, why, true);
        self.close(id);
    }

    /// The broker shuts down.
    pub(super) fn turn_away(&mut self, id: ConnectionId) {
        if self.connections.get(&id).is_some_and(|connection| connection.is_open()) {
            let reason = ReasonCode::ServerShuttingDown;
            self.fail(id, Fault::new(reason, "The server is shutting down."));
        }
    }

    /// The transport is gone, or of no use. Nothing can be sent anymore.
    pub(super) fn lose(&mut self, id: ConnectionId) {
        let Some(connection) = self.connections.get(&id) else { return };
        if connection.is_open() {
            let why = "The connection was lost.".into();
            self.end(id, ReasonCode::UnspecifiedError, why, true);
        }
        self.forget(id);
    }

    /// No packet came for one and a half times the keep-alive
    /// ([MQTT-3.1.2-24]; 5.0: [MQTT-3.1.2-22]), or no CONNECT at all.
    pub(super) fn check_patience(&mut self, id: ConnectionId) {
        let Some(connection) = self.connections.get(&id) else { return };
        match (&connection.stage, connection.patience) {
            (Stage::Closing, _) => {}
            (Stage::Connected { .. }, Some(patience)) => {
                let deadline = connection.heard_at + patience;
                if self.now < deadline {
                    return self.timers.set(Timer::Connection(id), deadline);
                }
                let why = "Nothing came for one and a half times the keep-alive.";
                let fault = Fault::new(ReasonCode::KeepAliveTimeout, why);
                self.fail(id, fault.citing(Statement::both("MQTT-3.1.2-24", "MQTT-3.1.2-22")));
            }
            (Stage::Connected { .. }, None) => {}
            (Stage::New | Stage::Authenticating { .. }, _) => {
                let why = "The client was not connected in time.";
                self.fail(id, Fault::new(ReasonCode::KeepAliveTimeout, why));
            }
        }
    }

    /// Parts a connection from its session. The caller sends what is to be
    /// sent and closes.
    pub(super) fn end(
        &mut self,
        id: ConnectionId,
        reason: ReasonCode,
        why: String,
        keeps_will: bool,
    ) {
        let Some(connection) = self.connections.get_mut(&id) else { return };
        connection.stage = Stage::Closing;
        connection.framer = Default::default();
        let session = connection.session.take();
        self.take_up(id, |taken| (taken.receiving, taken.connecting) = (0, 0));
        self.timers.clear(&Timer::Connection(id));
        self.timers.clear(&Timer::Authentication(id));
        let client_identifier = session.and_then(|session| self.sessions.of(session));
        let client_identifier =
            client_identifier.map(|session| session.client_identifier.clone()).unwrap_or_default();
        self.event(Event::Disconnected { connection: id, client_identifier, reason, why });
        if let Some(session) = session {
            self.leave(session, keeps_will);
        }
    }

    /// The session timer ran out ([MQTT-3.1.2-23]).
    pub(super) fn expire_session(&mut self, id: SessionId) {
        let Some(session) = self.sessions.of(id) else { return };
        let client_identifier = session.client_identifier.clone();
        self.end_session(id);
        self.event(Event::SessionExpired(client_identifier));
    }

    /// Ends the session of this client if its time is over.
    pub(super) fn expire_session_if_over(&mut self, client_identifier: &str) {
        let Some(id) = self.sessions.of_client(client_identifier) else { return };
        let ends_at = self.sessions.of(id).and_then(|session| session.ends_at);
        if ends_at.is_some_and(|at| at <= self.now) {
            self.expire_session(id);
        }
    }

    /// Ends a session: its will is published if it still waits, its
    /// subscriptions and messages are gone ([MQTT-4.1.0-2]), but for those that
    /// go to another member of a shared subscription.
    pub(super) fn end_session(&mut self, id: SessionId) {
        self.publish_will(id);
        self.timers.clear(&Timer::Session(id));
        self.timers.clear(&Timer::Queue(id));
        let Some(mut session) = self.sessions.remove(id) else { return };
        self.budget.set(Account::Sessions, &mut session.charge, 0);
        for held in session.subscriptions.iter() {
            self.unroute(id, held);
        }
        self.hand_over(&session);
    }

    /// The session goes on without a connection, or ends.
    fn leave(&mut self, id: SessionId, keeps_will: bool) {
        self.counters.clients_connected -= 1;
        let Some(session) = self.sessions.of_mut(id) else { return };
        session.connection = None;
        session.flows.handle_disconnected();
        let expiry = session.expiry_interval;
        if expiry != u32::MAX {
            let at = self.now + Duration::from_secs(expiry.into());
            session.ends_at = Some(at);
            self.timers.set(Timer::Session(id), at);
        }
        if !keeps_will {
            session.will = None;
        }
        self.schedule_will(id);
        match expiry {
            0 => self.end_session(id),
            _ => self.charge_session(id),
        }
    }
}

/// A reason in words, as far as it fits.
pub(super) fn reason_string(why: &str) -> Properties {
    Properties::new().with(Property::ReasonString(why.into()))
}
