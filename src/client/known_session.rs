//! Whether we hold a session with the server, and what follows if only the
//! server does (3.2.2.2; 5.0: 3.2.2.1.1).

use bytes::Bytes;

use super::incoming::Fault;
use super::{Client, ClosedReason, Event, KnownSession, Output, UnknownSession, stored};
use crate::codec::{ConnAck, ReasonCode};
use crate::session::Key;
use crate::time::Instant;

/// When a connection that has ended is followed by another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum NextAttempt {
    AtOnce,
    /// After the wait that [`Config::reconnect`](super::Config) says, if any.
    Later,
    Never,
}

impl Client {
    /// A new command to connect: what it says about an unknown session. An
    /// answer to the last one needs no second question.
    pub(super) fn decide(&mut self, unknown_session: UnknownSession) {
        let met_unknown = std::mem::take(&mut self.met_unknown);
        self.unknown_session = unknown_session;
        self.discards = 0;
        self.starts_over = met_unknown && unknown_session == UnknownSession::StartOver;
    }

    /// Session Present 1 when we hold nothing. The server may hold packet
    /// identifiers that a new message of ours would collide with.
    pub(super) fn check_known_session(&mut self, session_present: bool) -> Result<(), Fault> {
        let is_unknown = session_present && self.known_session == KnownSession::None;
        if !is_unknown || self.unknown_session == UnknownSession::Adopt {
            return Ok(());
        }
        self.met_unknown = true;
        Err(ClosedReason::UnknownSession { version: self.config.version }.into())
    }

    /// CONNACK has accepted us: there is a session from now on.
    pub(super) fn note_session(&mut self, connack: &ConnAck) {
        if std::mem::take(&mut self.starts_over) {
            self.outbox.event(Event::SessionDiscarded);
        }
        self.discards = 0;
        let known = match (connack.session_present, self.known_session) {
            (false, _) => KnownSession::Established,
            (true, KnownSession::None) => {
                self.outbox.event(Event::SessionAdopted);
                KnownSession::Adopted
            }
            (true, known) => known,
        };
        self.keep_session(known);
    }

    /// DISCONNECT was sent, and with a Session Expiry Interval of 0 the session
    /// ends with it.
    pub(super) fn end_session(&mut self) {
        if self.session_expiry_interval == 0 {
            self.keep_session(KnownSession::None);
        }
    }

    /// The server has discarded its session for a clean one, which in 3.1.1
    /// ends with this connection (3.2.2.2).
    pub(super) fn finish_discarding(&mut self, now: Instant) {
        self.starts_over = false;
        self.outbox.event(Event::SessionDiscarded);
        self.close(now, ClosedReason::SessionDiscarded, Some(ReasonCode::Success));
    }

    /// When the next connection is made, if this one ended for that reason.
    /// What discards the server's session follows at once. A server that has
    /// such a session again and again, before it accepts us, is asked less and
    /// less often, and then no more.
    pub(super) fn next_attempt(&mut self, reason: &ClosedReason) -> NextAttempt {
        match reason {
            ClosedReason::SessionDiscarded => NextAttempt::AtOnce,
            ClosedReason::UnknownSession { .. } => {
                self.starts_over = self.unknown_session == UnknownSession::StartOver
                    && self.discards < MOST_DISCARDS;
                self.discards += u8::from(self.starts_over);
                match (self.starts_over, self.discards) {
                    (false, _) => NextAttempt::Never,
                    (true, 1) => NextAttempt::AtOnce,
                    (true, _) => NextAttempt::Later,
                }
            }
            reason if reason.may_heal() => NextAttempt::Later,
            _ => NextAttempt::Never,
        }
    }

    /// The entry for durable storage.
    pub(super) fn export_known_session(&self) -> Option<(Key, Bytes)> {
        let value = stored::write_session(self.known_session)?;
        self.stores().then_some((Key::Session, value))
    }

    /// Whether what we hold outlives the process.
    pub(super) fn stores(&self) -> bool {
        self.config.limits.durable && self.config.is_persistent()
    }

    fn keep_session(&mut self, known: KnownSession) {
        self.known_session = known;
        let value = stored::write_session(known);
        if !self.stores() || self.stored_session.unwrap_or_default() == known {
            return;
        }
        self.stored_session = Some(known).filter(|known| *known != KnownSession::None);
        self.outbox.push(match value {
            Some(value) => Output::Store(Key::Session, value),
            None => Output::Remove(Key::Session),
        });
    }
}

/// Sessions that are discarded before a connection is accepted.
const MOST_DISCARDS: u8 = 5;
