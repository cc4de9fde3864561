//! An MQTT broker, sans-IO: the client's verbs, keyed by connection.
//!
//! A [`Broker`] has no socket, no clock and no randomness of its own. A driver
//! calls it in two ways:
//!
//! - *Inputs* are what happened: [`handle_open`], [`handle_bytes`],
//!   [`handle_close`], [`handle_timeout`], [`handle_blocked`],
//!   [`handle_progress`]. They never fail. A client's fault ends its connection and nothing else.
//! - *Outputs* are what the driver has to do: drain [`poll`] after every
//!   input, do what it says in that order, and call [`handle_timeout`] at
//!   [`next_timeout`].
//!
//! What a client sent is worked off packet by packet while the driver polls,
//! and packets are encoded when they are polled. So what one input makes the
//! broker hold is one message with its list of receivers, and not a copy for
//! each.
//!
//! # What is limited, and what happens then
//!
//! Everything that a client can make the broker hold has a limit in
//! [`Limits`]: of its own kind in number, and of its account in bytes of
//! memory, where it counts with all that it takes, properties and places in
//! lists included. There are three accounts: connections, sessions and retained
//! messages; [`Broker::usage`] shows them. `make memory` prints what is taken
//! under attack beside them. A message beyond the limits of a client's queue is dropped for
//! that client alone, counted and reported ([`Event::Dropped`]); so is a QoS 0
//! message for a client that does not read ([`handle_blocked`]). A QoS 0
//! message for a client without a connection is not kept (3.1.2.4; 5.0: 4.1).
//! Subscriptions, retained messages, sessions and connections beyond their
//! limit are refused, with a reason code where the version has one.
//!
//! [`handle_open`]: Broker::handle_open
//! [`handle_bytes`]: Broker::handle_bytes
//! [`handle_close`]: Broker::handle_close
//! [`handle_timeout`]: Broker::handle_timeout
//! [`handle_blocked`]: Broker::handle_blocked
//! [`handle_progress`]: Broker::handle_progress
//! [`poll`]: Broker::poll
//! [`next_timeout`]: Broker::next_timeout

mod authenticate;
mod budget;
mod config;
mod connect;
mod connection;
mod counters;
mod disconnect;
mod event;
mod incoming;
mod outgoing;
mod publish;
mod refusal;
mod replay;
mod retained;
mod sessions;
mod shared;
mod snapshot;
mod store;
mod subscribe;
mod sys;
mod timers;
mod topic_tree;
mod will;

use std::collections::{BTreeMap, VecDeque};

use bytestring::ByteString;

use crate::time::Instant;

pub use authenticate::Verdict;
pub use budget::Usage;
pub use config::{Access, Config, Limits};
pub use counters::Counters;
pub use event::{ConnectionId, Event, Output};
pub use snapshot::SessionSnapshot;
pub use store::Store;
pub use topic_tree::TopicTree;

use budget::Budget;
use connection::Connection;
use event::Pending;
use retained::Retained;
use sessions::{Granted, SessionId, Sessions};
use shared::Groups;
use shared::Subscriber;
use timers::{Timer, Timers};

/// An MQTT broker with no socket, no clock and no randomness of its own.
#[derive(Clone, Debug)]
pub struct Broker {
    config: Config,
    /// The time of the last input.
    now: Instant,
    started_at: Instant,
    connections: BTreeMap<ConnectionId, Connection>,
    /// What clients make it keep.
    budget: Budget,
    sessions: Sessions,
    /// Who subscribes to what.
    tree: TopicTree<Subscriber, Granted>,
    groups: Groups,
    retained: Retained,
    timers: Timers,
    /// What the driver has to do, oldest first.
    outputs: VecDeque<Pending>,
    /// Connections with bytes that may hold a packet.
    unread: VecDeque<ConnectionId>,
    /// Sessions with retained messages to be sent.
    replaying: VecDeque<SessionId>,
    counters: Counters,
    /// `$SYS` messages as they were last sent.
    sys_sent: Vec<u64>,
    /// How many client identifiers were assigned.
    assigned: u64,
}

impl Broker {
    /// A broker with no sessions and no retained messages.
    pub fn new(config: Config) -> Self {
        Broker {
            tree: TopicTree::new(config.seed),
            budget: Budget::new(&config.limits),
            config,
            now: Instant::ZERO,
            started_at: Instant::ZERO,
            connections: BTreeMap::new(),
            sessions: Sessions::default(),
            groups: Groups::default(),
            retained: Retained::default(),
            timers: Timers::default(),
            outputs: VecDeque::new(),
            unread: VecDeque::new(),
            replaying: VecDeque::new(),
            counters: Counters::default(),
            sys_sent: Vec::new(),
            assigned: 0,
        }
    }

    /// A broker that goes on with what [`Broker::into_store`] kept: persistent
    /// sessions and retained messages, no connections. Time goes on with the
    /// same zero. Wills that were not published yet are now, at the end of
    /// their delay.
    pub fn with_store(now: Instant, config: Config, store: Store) -> Self {
        let mut broker = Broker::new(config);
        broker.now = now;
        broker.started_at = now;
        broker.restore(store);
        broker
    }

    /// Stops, and keeps what a restart may find: sessions that outlive their
    /// connection, and retained messages. Clients are not told.
    pub fn into_store(self) -> Store {
        self.keep()
    }

    // Inputs. Infallible; a client's fault ends its connection and nothing else.

    /// A client has opened a connection.
    pub fn handle_open(&mut self, now: Instant, connection: ConnectionId) {
        self.advance(now);
        self.open(connection);
    }

    /// Bytes from a client, in chunks of any size. Bytes of an unknown
    /// connection are ignored.
    pub fn handle_bytes(&mut self, now: Instant, connection: ConnectionId, bytes: &[u8]) {
        self.advance(now);
        if let Some(open) = self.connections.get_mut(&connection).filter(|it| it.is_open()) {
            open.framer.push(bytes);
            self.counters.bytes_received += bytes.len() as u64;
            self.list_unread(connection);
        }
    }

    /// The driver holds too many bytes that this client has not read yet, or
    /// no longer does. While a client is blocked it is sent nothing: QoS 0
    /// messages to it are dropped, others wait in its session. What it sends is
    /// read, because it may be a PINGREQ, but only until the answers take 16
    /// kB: ask [`Broker::reads`].
    pub fn handle_blocked(&mut self, now: Instant, connection: ConnectionId, blocked: bool) {
        self.advance(now);
        self.set_blocked(connection, blocked);
    }

    /// A client that is blocked has read some of the bytes that the driver
    /// holds for it. That is a sign of life: one large message may take longer
    /// than its keep-alive, and no answer to a PINGREQ can overtake it.
    pub fn handle_progress(&mut self, now: Instant, connection: ConnectionId) {
        self.advance(now);
        self.note_progress(connection);
    }

    /// A connection is gone, without DISCONNECT unless one came before: its
    /// will is published. What had come on it is worked off first.
    pub fn handle_close(&mut self, now: Instant, connection: ConnectionId) {
        self.advance(now);
        while self.read_packet(connection) {}
        self.lose(connection);
    }

    /// The time that [`Broker::next_timeout`] named has come. Late or early
    /// calls do no harm.
    pub fn handle_timeout(&mut self, now: Instant) {
        self.advance(now);
        while let Some(timer) = self.timers.pop(self.now) {
            self.handle_timer(timer);
        }
    }

    /// Says goodbye to every client ("Server shutting down", 5.0) and closes.
    pub fn shut_down(&mut self, now: Instant) {
        self.advance(now);
        let connections: Vec<_> = self.connections.keys().copied().collect();
        for connection in connections {
            self.turn_away(connection);
        }
    }

    // Commands.

    /// The outcome of one step of an enhanced authentication, as
    /// [`Event::Authenticate`] asks for it. Ignored if nothing is asked.
    pub fn authenticate(&mut self, now: Instant, connection: ConnectionId, verdict: Verdict) {
        self.advance(now);
        self.handle_verdict(connection, verdict);
    }

    // Outputs.

    /// What the driver has to do next. Drain it after every input.
    pub fn poll(&mut self) -> Option<Output> {
        let mut steps = 0;
        loop {
            if let Some(output) = self.next_output() {
                return Some(output);
            }
            let replaying = steps < REPLAYS_PER_POLL && self.replay_next();
            steps += usize::from(replaying);
            if !replaying && !self.read_next() {
                return None;
            }
        }
    }

    /// Whether packets are read from this connection now. While they are not,
    /// the driver best reads nothing from it either, so that the client waits.
    pub fn reads(&self, connection: ConnectionId) -> bool {
        self.connections.get(&connection).is_none_or(Connection::is_read)
    }

    /// When to call [`Broker::handle_timeout`]; `None` for no timer.
    pub fn next_timeout(&self) -> Option<Instant> {
        match self.replaying.is_empty() {
            true => self.timers.next(),
            // A long search is to go on as soon as others had their turn.
            false => Some(self.now),
        }
    }

    // Observation.

    /// A picture of every session, by client identifier.
    pub fn snapshot(&self) -> Vec<SessionSnapshot> {
        self.sessions.by_client().map(sessions::ClientSession::snapshot).collect()
    }

    /// Topic names of the retained messages, in order, at most `limit`.
    pub fn retained(&self, limit: usize) -> Vec<ByteString> {
        self.retained.iter().take(limit).map(|message| message.publish.topic.clone()).collect()
    }

    /// Bytes of memory that clients make it keep.
    pub fn usage(&self) -> Usage {
        self.budget.usage()
    }

    /// What has happened so far, in numbers.
    pub fn counters(&self) -> Counters {
        self.counters
    }

    /// Time never goes back.
    fn advance(&mut self, now: Instant) {
        self.now = self.now.max(now);
    }

    fn handle_timer(&mut self, timer: Timer) {
        match timer {
            Timer::Connection(connection) => self.check_patience(connection),
            Timer::Authentication(connection) => self.end_authentication(connection),
            Timer::Will(session) => self.publish_will(session),
            Timer::Session(session) => self.expire_session(session),
            Timer::Queue(session) => self.expire_messages(session),
            Timer::Retained(topic) => self.retained.remove(&mut self.budget, &topic),
            Timer::Sys => self.publish_sys(),
        }
    }
}

/// How many searches for retained messages one poll makes before it lets the
/// driver do something else.
const REPLAYS_PER_POLL: usize = 16;
