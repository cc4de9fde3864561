//! What the driver does for the engine.

use super::Runner;
use super::slices::AFTER_END;
use crate::client::{ClosedReason, ConnectionNumber, Event, Output};
use crate::codec::{Publish, QoS, ReasonCode};
use crate::time::Instant;
use crate::trace::Direction;
use crate::web::explain::{self, Explanation, Stage};
use crate::web::outbox::Step;
use crate::web::socket::Socket;
use crate::web::storage;
use crate::web::{Finished, Level, Received};

impl Runner {
    /// Does everything that the engine asks for, as far as it can be done now.
    pub fn pump(&mut self, now: Instant) {
        loop {
            self.drain(now, None);
            self.tell_started_over(now);
            self.commit();
            if self.is_congested() {
                self.timers.retry(&self.shared);
                break;
            }
            match self.outbox.take_step() {
                Some(Step::Open(number)) => self.open(now, number),
                Some(Step::Send(bytes)) => self.send(now, &bytes),
                Some(Step::Close(number)) => self.close(now, number),
                None => break,
            }
        }
        self.look_for_answers(now);
        let due = [self.client.next_timeout(), self.answers.next_look(self.keep_alive)];
        self.timers.arm(now, due.into_iter().flatten().min(), &self.shared);
    }

    /// Takes what the engine has to say, `record` being what it was given.
    pub(super) fn drain(&mut self, now: Instant, record: Option<u64>) {
        while let Some(output) = self.client.poll() {
            self.take(now, output, record);
        }
    }

    fn take(&mut self, now: Instant, output: Output, record: Option<u64>) {
        match output {
            Output::Open(number) => self.outbox.push(Step::Open(number)),
            Output::Send(bytes) => self.outbox.push(Step::Send(bytes)),
            Output::Close(number) => self.outbox.push(Step::Close(number)),
            Output::Store(key, value) => self.outbox.write(key, Some(value)),
            Output::Remove(key) => self.outbox.write(key, None),
            Output::Event(event) => self.tell(now, event, record),
        }
    }

    /// Whether the browser's buffer is full. To a connection that is to be
    /// closed everything is given, because it may never drain.
    fn is_congested(&self) -> bool {
        let is_full = |socket: &Socket| socket.buffered() >= HIGH_WATER;
        self.socket.as_ref().is_some_and(is_full) && !self.outbox.is_closing()
    }

    fn open(&mut self, now: Instant, number: ConnectionNumber) {
        self.connection = number;
        self.opened_at = now;
        self.stage = Stage::Opening;
        self.ending = None;
        self.unknown_session = false;
        self.after_end = AFTER_END;
        let shared = self.shared.clone();
        let socket = Socket::open(&self.url, move |event| {
            if let Some(shared) = shared.upgrade() {
                shared.socket_event(number, event);
            }
        });
        match socket {
            Ok(socket) => self.socket = Some(socket),
            Err(why) => self.fail(
                now,
                Explanation::new(format!("The browser refuses to connect to {}.", self.address))
                    .hint(format!("It says: “{why}”."))
                    .hint("If this page came by https:, use a wss: address."),
            ),
        }
    }

    fn send(&mut self, now: Instant, bytes: &[u8]) {
        let Some(socket) = &self.socket else { return };
        // The engine sends nothing before the socket is open, and one that is
        // closing tells so by its last event.
        if socket.send(bytes).is_ok() {
            let first = self.trace.next_sequence();
            self.tap.bytes(now, Direction::ToServer, bytes, &mut self.trace);
            self.note_sent(now, first);
        }
    }

    fn close(&mut self, now: Instant, number: ConnectionNumber) {
        if self.socket.is_none() {
            return;
        }
        self.record_rest(now);
        self.socket = None;
        let why = self.ending.take().unwrap_or_else(|| CLOSED_BY_US.to_owned());
        self.tap.close(now, &why, &mut self.trace);
        self.client.handle_close(now, number, CLOSED_BY_US);
    }

    /// One event, with the sequence number of the record that brought it.
    fn tell(&mut self, now: Instant, event: Event, record: Option<u64>) {
        match event {
            Event::Connected(_) => {
                self.stage = Stage::Connected;
                self.keep_alive = self.client.snapshot().keep_alive;
                self.trouble = None;
                if let Some(name) = self.unopened.take() {
                    // From now on the server's session is another one than any
                    // that is stored. Where no mark can be made, nothing was
                    // stored either.
                    storage::spoil(&name);
                }
                self.refresh_subscriptions();
            }
            Event::Message(publish) => self.receive(now, publish, record),
            Event::Finished(token, outcome) => {
                self.finished.push(Finished { at: now, token, outcome });
            }
            Event::SessionDiscarded => self.notice(
                now,
                Level::Warning,
                "The server held a session that this client did not know. It is discarded, with \
                 the messages that waited in it."
                    .to_owned(),
            ),
            Event::SessionAdopted => self.notice(
                now,
                Level::Warning,
                "The server's session is taken over. QoS 2 messages sent from here may be lost: \
                 the server may take one for a repeat of another."
                    .to_owned(),
            ),
            Event::Held(token) => self.notice(
                now,
                Level::Warning,
                format!(
                    "Message {} is held: each connection on which it was sent ended before the \
                     answer. It can be sent again or given up.",
                    token.0.saturating_add(1)
                ),
            ),
            Event::WrongAnswer(answer) => self.notice(now, Level::Warning, answer.to_string()),
            Event::StartedOver(_) => self.started_over += 1,
            Event::Subscribed { .. } | Event::Unsubscribed { .. } => self.refresh_subscriptions(),
            Event::Closed(reason) => self.closed(now, &reason),
            Event::Authenticate(_) => self.notice(
                now,
                Level::Info,
                "The server goes on with the authentication and awaits an answer.".to_owned(),
            ),
        }
    }

    fn closed(&mut self, now: Instant, reason: &ClosedReason) {
        self.ending = Some(reason.to_string());
        self.unknown_session = matches!(reason, ClosedReason::UnknownSession { .. });
        match reason {
            ClosedReason::Disconnected | ClosedReason::SessionDiscarded => self.trouble = None,
            // `fail` has explained it.
            ClosedReason::TransportLost(_) => {}
            ClosedReason::ConnectTimeout if self.stage == Stage::Opening => {
                self.trouble = Some(self.explain_loss(now, 1006, ""));
            }
            other => self.trouble = explain::ended(other, self.version),
        }
    }

    fn receive(&mut self, now: Instant, publish: Publish, record: Option<u64>) {
        if self.store.is_some()
            && let Some((number, value)) = self.kept.add(&publish)
        {
            self.outbox.write_received(number, value, self.kept.oldest());
        }
        self.deliveries.count(&self.subscriptions, &publish);
        let meant = self.subscriptions.iter().filter(|subscribed| subscribed.is_meant_by(&publish));
        let granted = meant
            .filter_map(|meant| Some((&meant.requested.filter, granted_qos(meant.granted?)?)))
            .max_by_key(|(_, qos)| *qos)
            .map(|(filter, qos)| (filter.clone(), qos));
        self.inbox.push(Received { at: Some(now), publish, record, granted });
    }

    /// Tells of a lost session once, with all its messages.
    fn tell_started_over(&mut self, now: Instant) {
        let messages = match std::mem::take(&mut self.started_over) {
            0 => return,
            1 => "1 message starts".to_owned(),
            count => format!("{count} messages start"),
        };
        let text =
            format!("The server has lost the session. {messages} over and may arrive twice.");
        self.notice(now, Level::Warning, text);
    }

    /// The subscriptions have changed, or what was granted for them.
    pub fn refresh_subscriptions(&mut self) {
        self.subscriptions = self.client.snapshot().subscriptions;
        self.deliveries.retain(&self.subscriptions);
    }
}

/// The QoS that SUBACK granted, if it granted one.
fn granted_qos(reason: ReasonCode) -> Option<QoS> {
    match reason {
        ReasonCode::Success => Some(QoS::AtMostOnce),
        ReasonCode::GrantedQoS1 => Some(QoS::AtLeastOnce),
        ReasonCode::GrantedQoS2 => Some(QoS::ExactlyOnce),
        _ => None,
    }
}

/// The browser's buffer counts as full from here on.
const HIGH_WATER: usize = 1024 * 1024;
const CLOSED_BY_US: &str = "closed by the client";
