use std::collections::{BTreeMap, BTreeSet};

use bytestring::ByteString;

use super::ConnectionId;
use super::sessions::SessionId;
use crate::time::Instant;

/// What the broker waits for.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Timer {
    /// CONNECT, or anything at all from a client: keep-alive.
    Connection(ConnectionId),
    /// The end of a re-authentication.
    Authentication(ConnectionId),
    /// The Will Delay Interval of a session without a connection.
    Will(SessionId),
    /// The Session Expiry Interval of a session without a connection.
    Session(SessionId),
    /// The Message Expiry Interval of a message that waits for a client.
    Queue(SessionId),
    /// The Message Expiry Interval of a retained message.
    Retained(ByteString),
    /// The next round of `$SYS` messages.
    Sys,
}

/// At most one time for each timer, soonest first.
#[derive(Clone, Debug, Default)]
pub(super) struct Timers {
    due: BTreeSet<(Instant, Timer)>,
    at: BTreeMap<Timer, Instant>,
}

impl Timers {
    /// Sets a timer anew.
    pub fn set(&mut self, timer: Timer, at: Instant) {
        self.clear(&timer);
        self.at.insert(timer.clone(), at);
        self.due.insert((at, timer));
    }

    /// Stops a timer, if it runs.
    pub fn clear(&mut self, timer: &Timer) {
        if let Some((timer, at)) = self.at.remove_entry(timer) {
            self.due.remove(&(at, timer));
        }
    }

    /// Whether it runs.
    pub fn is_set(&self, timer: &Timer) -> bool {
        self.at.contains_key(timer)
    }

    /// When the next one is due.
    pub fn next(&self) -> Option<Instant> {
        self.due.first().map(|(at, _)| *at)
    }

    /// Takes one that is due.
    pub fn pop(&mut self, now: Instant) -> Option<Timer> {
        if self.next()? > now {
            return None;
        }
        let (_, timer) = self.due.pop_first()?;
        self.at.remove(&timer);
        Some(timer)
    }
}
