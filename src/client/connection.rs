//! One connection from its beginning to its end: open, lose, close, come back.

use crate::codec::{Disconnect, Packet, Properties, ReasonCode, Version, encode};
use crate::time::Instant;

use super::keep_alive::Due;
use super::known_session::NextAttempt;
use super::link::Link;
use super::{Client, ClosedReason, ConnectionNumber, Event, Output, Status};

impl Client {
    /// Whether bytes may go to the server.
    pub(super) fn is_open(&self) -> bool {
        matches!(self.status, Status::Connecting | Status::Connected)
    }

    /// Asks the driver for a connection.
    pub(super) fn open(&mut self, now: Instant) {
        self.status = Status::Opening;
        self.link.deadline = now + self.config.connect_timeout;
        self.connection = ConnectionNumber(self.connection.0.saturating_add(1));
        self.outbox.push(Output::Open(self.connection));
    }

    /// Sends CONNECT on the connection that the driver has opened.
    pub(super) fn start_handshake(&mut self, now: Instant) {
        let deadline = now + self.config.connect_timeout;
        let discards = self.starts_over && self.config.version == Version::V311;
        let clean_start = self.clean_start || self.starts_over;
        self.link = Link::new(&self.config, clean_start, deadline);
        self.link.discards = discards;
        self.status = Status::Connecting;
        let mut connect = self.config.connect_packet(self.client_identifier.clone(), clean_start);
        connect.will = connect.will.filter(|_| !discards);
        self.send(now, &Packet::Connect(Box::new(connect)));
    }

    /// Ends the connection from our side. A 5.0 server is told why, a 3.1.1
    /// server only that all is well.
    pub(super) fn close(
        &mut self,
        now: Instant,
        reason: ClosedReason,
        farewell: Option<ReasonCode>,
    ) {
        let is_told = |reason: &ReasonCode| {
            // 3.1.1 can only say goodbye.
            self.config.version == Version::V5 || *reason == ReasonCode::Success
        };
        if let (true, Some(reason)) = (self.is_open(), farewell.filter(is_told)) {
            let disconnect = Disconnect { reason, properties: Properties::new() };
            self.send(now, &Packet::Disconnect(disconnect));
        }
        self.outbox.push(Output::Close(self.connection));
        self.lose(now, reason, Status::Closing);
    }

    /// The connection is gone or being closed: tells the application, and
    /// decides whether to come back. If not, we are in state `rest`.
    pub(super) fn lose(&mut self, now: Instant, reason: ClosedReason, rest: Status) {
        match reason {
            ClosedReason::Disconnected => self.session.handle_disconnected(),
            _ => self.session.handle_lost(),
        }
        for identifier in self.subscriptions.handle_disconnected() {
            self.session.release_identifier(now, identifier);
        }
        self.pump(now);
        let next = self.next_attempt(&reason);
        self.status = match &self.config.reconnect {
            _ if next == NextAttempt::AtOnce => Status::WaitingToReconnect { at: now, attempt: 1 },
            Some(backoff) if next == NextAttempt::Later => {
                if let Some(connected_at) = self.link.connected_at.take() {
                    self.attempts.ended(backoff, now.since(connected_at));
                }
                let (attempt, wait) = self.attempts.next(backoff);
                Status::WaitingToReconnect { at: now + wait, attempt }
            }
            _ => rest,
        };
        self.outbox.event(Event::Closed(reason));
    }

    /// Does what is due on an established connection.
    pub(super) fn handle_connected_timeout(&mut self, now: Instant) {
        match self.link.keep_alive.handle_timeout(now) {
            Due::Nothing => {}
            Due::SendPing => self.send(now, &Packet::PingReq),
            Due::Dead => return self.close(now, ClosedReason::KeepAliveTimeout, None),
        }
        if self.authentication_due().is_some_and(|due| now >= due) {
            let reason = ClosedReason::AuthenticationTimeout;
            let farewell = reason.farewell();
            return self.close(now, reason, farewell);
        }
        self.session.handle_timeout(now);
        self.pump(now);
        self.retry(now);
    }

    /// When the timer of 3.1.1 resends something.
    pub(super) fn next_retry(&self) -> Option<Instant> {
        let interval = self.config.retry_interval?;
        let oldest = self.session.oldest_unanswered()?;
        Some(oldest + interval)
    }

    fn retry(&mut self, now: Instant) {
        let (Some(interval), Some(due)) = (self.config.retry_interval, self.next_retry()) else {
            return;
        };
        if now < due {
            return;
        }
        // "Older than" leaves out what was sent exactly one interval ago.
        let interval = u64::try_from(interval.as_micros()).unwrap_or(u64::MAX);
        let before = now.as_micros().saturating_sub(interval).saturating_add(1);
        self.session.resend_older_than(now, Instant::from_micros(before));
        self.pump(now);
    }

    /// Sends a packet that cannot be refused: our own control packets, which
    /// are small, and which `Config::validate` or the command has checked.
    pub(super) fn send(&mut self, now: Instant, packet: &Packet) {
        let version = self.config.version;
        let sent = self.outbox.packet(u32::MAX, |out| encode(version, packet, out));
        debug_assert!(sent.is_ok(), "{packet:?} cannot be encoded: {sent:?}");
        self.link.keep_alive.sent(now);
    }
}
