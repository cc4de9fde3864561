//! Retained messages for new subscriptions (3.3.1.3; 5.0: 3.3.1.3, 3.8.3.1).
//!
//! They are sent a few at a time, and no faster than the client takes them:
//! one SUBSCRIBE may ask for every retained message many times over.

use super::Broker;
use super::publish::Delivery;
use super::sessions::{Replay, SessionId};
use crate::codec::Publish;

impl Broker {
    /// Goes on sending retained messages to this client if it can take some.
    pub(super) fn list_replaying(&mut self, id: SessionId) {
        if self.can_replay(id)
            && let Some(session) = self.sessions.of_mut(id)
            && !std::mem::replace(&mut session.is_replaying, true)
        {
            self.replaying.push_back(id);
        }
    }

    /// Sends some to the client whose turn it is. False if nobody waits.
    pub(super) fn replay_next(&mut self) -> bool {
        let Some(id) = self.replaying.pop_front() else { return false };
        if let Some(session) = self.sessions.of_mut(id) {
            session.is_replaying = false;
        }
        if self.can_replay(id) {
            self.replay(id);
            self.list_replaying(id);
        }
        true
    }

    /// Whether retained messages wait, and the client has taken what was sent
    /// before.
    fn can_replay(&self, id: SessionId) -> bool {
        let Some(session) = self.sessions.of(id) else { return false };
        let connection = session.connection.and_then(|id| self.connections.get(&id));
        !session.replays.is_empty()
            && session.flows.queued() == 0
            && connection.is_some_and(|it| it.is_open() && !it.blocked)
    }

    fn replay(&mut self, id: SessionId) {
        let Some(session) = self.sessions.of_mut(id) else { return };
        let Some((number, replay)) = session.replays.pop_first() else { return };
        let Some(held) = session.subscriptions.of(&replay.filter) else { return };
        let (granted, client) = (held.granted(), session.client_identifier.clone());
        let mut found = self.sys_matching(&replay);
        let (messages, after) =
            self.retained.matching(&replay.filter, replay.after.as_ref(), SCAN, BYTES);
        if let Some(after) = after
            && let Some(session) = self.sessions.of_mut(id)
        {
            let filter = replay.filter;
            session.replays.insert(number, Replay { filter, after: Some(after) });
        }
        let others = messages.iter().filter(|it| !(granted.no_local && it.publisher == client));
        found.extend(others.filter_map(|message| message.aged(self.now)));
        for message in found {
            if self.config.access.allows_delivery(&message.topic) {
                let message = Publish { retain: true, ..message };
                self.deliver(Delivery::of_retained(id, granted), message);
            }
        }
    }
}

/// How many retained messages one step looks at. No more than a queue has
/// room for by default.
const SCAN: usize = 256;

/// A step ends with the message that makes it this large, in bytes of memory:
/// what is sent at QoS 0 waits in no session.
const BYTES: usize = 64 << 10;
