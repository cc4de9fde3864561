use std::collections::VecDeque;

use super::flows::Flows;
use crate::codec::PacketIdentifier;
use crate::time::Instant;

/// What was sent on a 3.1.1 connection and when, oldest first, with entries in
/// between that have been answered. For timed retries only.
#[derive(Clone, Debug, Default)]
pub(super) struct Sent(VecDeque<(Instant, PacketIdentifier)>);

impl Sent {
    /// A PUBLISH or PUBREL of this flow was sent, no earlier than any before.
    pub fn push(&mut self, at: Instant, identifier: PacketIdentifier) {
        self.0.push_back((at, identifier));
    }

    /// Bytes of memory besides the value itself.
    pub fn footprint(&self) -> usize {
        self.0.capacity() * size_of::<(Instant, PacketIdentifier)>()
    }

    /// A new connection, or none.
    pub fn clear(&mut self) {
        self.0.clear();
    }

    /// When the oldest that is unanswered was sent.
    pub fn oldest(&self) -> Option<Instant> {
        self.0.front().map(|(at, _)| *at)
    }

    /// Takes the oldest that is unanswered and was sent before `before`.
    pub fn pop_before(&mut self, before: Instant, flows: &Flows) -> Option<PacketIdentifier> {
        while let Some(&(at, identifier)) = self.0.front()
            && at < before
        {
            self.0.pop_front();
            if was_last_sent(flows, identifier, at) {
                return Some(identifier);
            }
        }
        None
    }

    /// Keeps the front unanswered, and the length near the number of open
    /// flows.
    pub fn forget_answered(&mut self, flows: &Flows) {
        while let Some(&(at, identifier)) = self.0.front()
            && !was_last_sent(flows, identifier, at)
        {
            self.0.pop_front();
        }
        if self.0.len() > 2 * flows.len() + 64 {
            self.0.retain(|&(at, identifier)| was_last_sent(flows, identifier, at));
        }
    }
}

fn was_last_sent(flows: &Flows, identifier: PacketIdentifier, at: Instant) -> bool {
    flows.of(identifier).is_some_and(|flow| flow.at == Some(at))
}
