//! The client engine, sans-IO.
//!
//! A [`Client`] has no socket, no clock and no randomness of its own. A driver
//! owns those and calls it in three ways:
//!
//! - *Commands* are what the application wants: [`connect`], [`publish`],
//!   [`subscribe`] and so on. Misuse is a [`CommandError`] and changes nothing.
//! - *Inputs* are what happened: [`handle_open`], [`handle_bytes`],
//!   [`handle_close`], [`handle_timeout`]. They never fail. A peer's fault ends
//!   the connection and arrives as [`Event::Closed`] with a [`ClosedReason`].
//! - *Outputs* are what the driver has to do: drain [`poll`] after every
//!   command and input, do what it says in that order, and call
//!   [`handle_timeout`] at [`next_timeout`].
//!
//! The front page of the crate shows such a driver in full.
//!
//! [`connect`]: Client::connect
//! [`publish`]: Client::publish
//! [`subscribe`]: Client::subscribe
//! [`handle_open`]: Client::handle_open
//! [`handle_bytes`]: Client::handle_bytes
//! [`handle_close`]: Client::handle_close
//! [`handle_timeout`]: Client::handle_timeout
//! [`poll`]: Client::poll
//! [`next_timeout`]: Client::next_timeout

mod authentication;
mod backoff;
mod config;
mod connection;
mod deliveries;
mod error;
mod event;
mod handshake;
mod incoming;
mod keep_alive;
mod known_session;
mod link;
mod outbox;
mod outgoing;
mod server_limits;
mod snapshot;
mod stored;
mod subscriptions;

use bytes::Bytes;
use bytestring::ByteString;

use crate::codec::{Disconnect, PacketIdentifier, Properties, PropertyId, Publish, Subscription};
use crate::session::{Key, Session, Token};
use crate::time::Instant;

pub use config::{Backoff, Config, Login, UnknownSession};
pub use deliveries::Deliveries;
pub use error::{ClosedReason, CommandError};
pub use event::{ConnectionNumber, Event, Grant, Output};
pub use snapshot::{KnownSession, Snapshot, Status, Subscribed};

use backoff::Attempts;
use link::Link;
use outbox::Outbox;
use subscriptions::Subscriptions;

/// An MQTT client with no socket, no clock and no randomness of its own.
#[derive(Clone, Debug)]
pub struct Client {
    config: Config,
    status: Status,
    session: Session,
    subscriptions: Subscriptions,
    outbox: Outbox,
    /// The newest connection that was asked for.
    connection: ConnectionNumber,
    link: Link,
    attempts: Attempts,
    /// Ours, or the one that the server assigned.
    client_identifier: ByteString,
    /// In force, in seconds; the server may have overruled ours.
    keep_alive: u16,
    /// In force, in seconds; the server may have overruled ours.
    session_expiry_interval: u32,
    session_present: bool,
    known_session: KnownSession,
    /// What storage holds of `known_session`.
    stored_session: Option<KnownSession>,
    /// What to do about a session that we do not know.
    unknown_session: UnknownSession,
    /// Whether the last connection ended because of such a session.
    met_unknown: bool,
    /// Whether such a session is to be discarded.
    starts_over: bool,
    /// How many were, since a connection was last accepted.
    discards: u8,
    /// Whether the next CONNECT asks for a new session.
    clean_start: bool,
    /// Kept for its room only.
    scratch: Vec<u8>,
}

impl Client {
    /// A client at rest.
    pub fn new(config: Config) -> Self {
        Client::with_session(config, &[]).0
    }

    /// A client at rest that continues a stored session: the entries that
    /// [`Output::Store`] had committed. The second value counts entries that
    /// could not be read and were skipped.
    ///
    /// Subscriptions come back with what was granted for them, unless the
    /// configuration asks for a new session.
    pub fn with_session(config: Config, entries: &[(Key, Bytes)]) -> (Self, usize) {
        let mut limits = config.limits.clone();
        limits.durable &= config.is_persistent();
        let (session, mut unreadable) = Session::import(limits, entries);
        let mut subscriptions = Subscriptions::default();
        let mut stored_session = None;
        for (key, value) in entries {
            match key {
                Key::Session => {
                    stored_session = stored::read_session(value);
                    unreadable += usize::from(stored_session.is_none());
                }
                Key::Subscription(place) if config.clean_start => {
                    subscriptions.forget_stored(*place);
                }
                Key::Subscription(place) => {
                    unreadable += usize::from(!subscriptions.restore(*place, value));
                }
                _ => {}
            }
        }
        // Storage of an earlier version has no entry for the session itself.
        let began = session.has_begun() || subscriptions.has_grants();
        let inferred = if began { KnownSession::Established } else { KnownSession::None };
        let client = Client {
            status: Status::Disconnected,
            session,
            subscriptions,
            outbox: Outbox::default(),
            connection: ConnectionNumber::default(),
            link: Link::new(&config, config.clean_start, Instant::ZERO),
            attempts: Attempts::new(config.reconnect.as_ref().map_or(0, |backoff| backoff.seed)),
            client_identifier: config.client_identifier.clone(),
            keep_alive: config.keep_alive,
            session_expiry_interval: config.session_expiry(),
            session_present: false,
            known_session: stored_session.unwrap_or(inferred),
            stored_session,
            unknown_session: config.unknown_session,
            met_unknown: false,
            starts_over: false,
            discards: 0,
            clean_start: config.clean_start,
            scratch: Vec::new(),
            config,
        };
        (client, unreadable)
    }

    // Commands. Misuse is an error that changes nothing.

    /// Asks for a connection, and for a new one whenever it is lost, as
    /// [`Config::reconnect`] says. While an attempt waits for its time, it
    /// starts at once.
    pub fn connect(&mut self, now: Instant) -> Result<(), CommandError> {
        self.connect_deciding(now, self.config.unknown_session)
    }

    /// As [`Client::connect`], with `unknown_session` in place of
    /// [`Config::unknown_session`] until the next such command. After
    /// [`ClosedReason::UnknownSession`] this is where the person's answer goes.
    pub fn connect_deciding(
        &mut self,
        now: Instant,
        unknown_session: UnknownSession,
    ) -> Result<(), CommandError> {
        match self.status {
            Status::Disconnected | Status::Closing | Status::WaitingToReconnect { .. } => {}
            _ => return Err(CommandError::AlreadyConnected),
        }
        self.config.validate()?;
        self.clean_start = self.config.clean_start;
        self.decide(unknown_session);
        self.open(now);
        Ok(())
    }

    /// Hands over a message; queued while there is no connection. `dup`,
    /// `packet_identifier` and a Topic Alias of `message` are ignored: they
    /// are the client's to choose.
    ///
    /// The token comes back in [`Event::Finished`]. A queued message that the
    /// server turns out not to take ends with
    /// [`NotSupported`](crate::session::Outcome::NotSupported), and one that
    /// was under way to a server that took it with
    /// [`Refused`](crate::session::Outcome::Refused); neither is ever changed
    /// to fit.
    pub fn publish(&mut self, now: Instant, mut message: Publish) -> Result<Token, CommandError> {
        message.properties.remove(PropertyId::TopicAlias);
        self.check_message(&message)?;
        let capacity = self.config.limits.queue_capacity;
        let token =
            self.session.publish(now, message).ok_or(CommandError::QueueFull { capacity })?;
        self.pump(now);
        Ok(token)
    }

    /// Gives up a message that is [held](Event::Held) or waits in the queue, or,
    /// while there is no connection, any. It ends with
    /// [`GivenUp`](crate::session::Outcome::GivenUp), or, if PUBREC had come, with
    /// [`Received`](crate::session::Outcome::Received).
    pub fn give_up(&mut self, now: Instant, token: Token) -> Result<(), CommandError> {
        let found = self.session.give_up(now, token);
        self.pump(now);
        if found { Ok(()) } else { Err(CommandError::NotHeld) }
    }

    /// Sends a message that is [held](Event::Held): now, or on the next
    /// connection. It may arrive twice.
    pub fn send_held(&mut self, now: Instant, token: Token) -> Result<(), CommandError> {
        let found = self.session.send_held(now, token);
        self.pump(now);
        if found { Ok(()) } else { Err(CommandError::NotHeld) }
    }

    /// Asks for subscriptions. Needs a connection. [`Event::Subscribed`] with
    /// the same identifier says what was granted.
    pub fn subscribe(
        &mut self,
        now: Instant,
        subscriptions: Vec<Subscription>,
        properties: Properties,
    ) -> Result<PacketIdentifier, CommandError> {
        self.need_connection()?;
        self.send_subscribe(now, subscriptions, properties)
    }

    /// Ends subscriptions. Needs a connection. [`Event::Unsubscribed`] with
    /// the same identifier confirms it.
    pub fn unsubscribe(
        &mut self,
        now: Instant,
        filters: Vec<ByteString>,
        properties: Properties,
    ) -> Result<PacketIdentifier, CommandError> {
        self.need_connection()?;
        self.send_unsubscribe(now, filters, properties)
    }

    /// Continues an enhanced authentication, or starts it again (5.0, 4.12).
    pub fn authenticate(&mut self, now: Instant, data: Option<Bytes>) -> Result<(), CommandError> {
        self.send_auth(now, data)
    }

    /// Says goodbye: DISCONNECT, which discards the will, then close. Ends a
    /// wait for the next attempt too.
    pub fn disconnect(&mut self, now: Instant) -> Result<(), CommandError> {
        self.disconnect_with(now, Disconnect::default())
    }

    /// Says goodbye in other words (5.0): with `DisconnectWithWillMessage` the
    /// server publishes the will, and a Session Expiry Interval replaces the
    /// one of CONNECT, unless that was 0.
    pub fn disconnect_with(
        &mut self,
        now: Instant,
        disconnect: Disconnect,
    ) -> Result<(), CommandError> {
        match self.status {
            Status::Disconnected | Status::Closing => return Err(CommandError::NotConnected),
            Status::WaitingToReconnect { .. } => self.status = Status::Disconnected,
            Status::Opening => self.close(now, ClosedReason::Disconnected, None),
            Status::Connecting | Status::Connected => {
                self.send_disconnect(disconnect)?;
                self.end_session();
                self.close(now, ClosedReason::Disconnected, None);
            }
        }
        Ok(())
    }

    /// Tries again at once instead of waiting for the backoff: the browser
    /// says that the network is back. Does nothing unless an attempt waits.
    pub fn reconnect_now(&mut self, now: Instant) {
        if let Status::WaitingToReconnect { .. } = self.status {
            self.open(now);
        }
    }

    // Inputs. Infallible; a peer's fault becomes `Event::Closed`. Those for
    // an earlier connection than the newest are ignored.

    /// The connection is open: bytes can be sent.
    pub fn handle_open(&mut self, now: Instant, connection: ConnectionNumber) {
        if connection == self.connection && self.status == Status::Opening {
            self.start_handshake(now);
        }
    }

    /// Bytes from the server, in chunks of any size.
    pub fn handle_bytes(&mut self, now: Instant, connection: ConnectionNumber, bytes: &[u8]) {
        if connection != self.connection || !self.is_open() || bytes.is_empty() {
            return;
        }
        self.link.framer.push(bytes);
        self.link.keep_alive.received(now);
        while self.is_open() {
            match self.handle_next_packet(now) {
                Ok(true) => {}
                Ok(false) => break,
                Err(fault) => self.close(now, fault.reason, fault.farewell),
            }
        }
    }

    /// The connection is gone, or could not be opened. `why` is what the
    /// driver knows, in words for a person.
    pub fn handle_close(&mut self, now: Instant, connection: ConnectionNumber, why: &str) {
        match self.status {
            _ if connection != self.connection => {}
            Status::Opening | Status::Connecting | Status::Connected => {
                self.outbox.forget_connection(connection);
                self.lose(now, ClosedReason::TransportLost(why.into()), Status::Disconnected);
            }
            Status::Closing => self.status = Status::Disconnected,
            Status::Disconnected | Status::WaitingToReconnect { .. } => {}
        }
    }

    /// Does what is due at the time of [`Client::next_timeout`]. Late or early
    /// calls do no harm.
    pub fn handle_timeout(&mut self, now: Instant) {
        match self.status {
            Status::Opening | Status::Connecting if now >= self.link.deadline => {
                self.close(now, ClosedReason::ConnectTimeout, None);
            }
            Status::WaitingToReconnect { at, .. } if now >= at => self.open(now),
            Status::Connected => self.handle_connected_timeout(now),
            _ => {}
        }
    }

    // Outputs.

    /// What the driver has to do next. Drain it after every command and input.
    pub fn poll(&mut self) -> Option<Output> {
        self.outbox.pop()
    }

    /// When to call [`Client::handle_timeout`]; `None` for no timer.
    pub fn next_timeout(&self) -> Option<Instant> {
        let due = match self.status {
            Status::Disconnected | Status::Closing => None,
            Status::Opening | Status::Connecting => Some(self.link.deadline),
            Status::WaitingToReconnect { at, .. } => Some(at),
            Status::Connected => {
                let keep_alive = self.link.keep_alive.next_timeout();
                let session = self.session.next_timeout();
                let due = [keep_alive, session, self.next_retry(), self.authentication_due()];
                due.into_iter().flatten().min()
            }
        };
        // Time saturates: at its end nothing can be due any more.
        due.filter(|due| due.as_micros() < u64::MAX)
    }

    // Observation.

    /// A picture for views.
    pub fn snapshot(&self) -> Snapshot {
        Snapshot {
            status: self.status,
            session_present: self.session_present,
            known_session: self.known_session,
            client_identifier: self.client_identifier.clone(),
            keep_alive: self.keep_alive,
            session_expiry_interval: self.session_expiry_interval,
            outbound: self.session.outbound(Snapshot::MOST_FLOWS),
            outbound_total: self.session.in_flight() + self.session.queued(),
            queued: self.session.queued(),
            held: self.session.held(),
            inbound: self.session.inbound(Snapshot::MOST_FLOWS),
            inbound_total: self.session.awaiting_release(),
            identifiers_in_use: self.session.identifiers_in_use(),
            subscriptions: self.subscriptions.list(),
            server_properties: self.link.server_properties.clone(),
        }
    }

    /// The state of the connection.
    pub fn status(&self) -> Status {
        self.status
    }

    /// Everything that durable storage should hold now.
    pub fn export_session(&self) -> Vec<(Key, Bytes)> {
        let mut entries = self.session.export();
        entries.extend(self.subscriptions.export());
        entries.extend(self.export_known_session());
        entries
    }

    fn need_connection(&self) -> Result<(), CommandError> {
        match self.status {
            Status::Connected => Ok(()),
            _ => Err(CommandError::NotConnected),
        }
    }
}
