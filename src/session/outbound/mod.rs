mod contents;
mod held;
mod steps;

use std::collections::VecDeque;

use super::effect::Effects;
use super::flows::{Flow, Flows};
use super::past::Past;
use super::queue::{Queue, Queued, footprint};
use super::sent::Sent;
use super::{Effect, Identifiers, Key, Limits, OnSessionLoss, Outcome, QueuePolicy, Token};
use crate::codec::{PacketIdentifier, Publish, QoS, Version};
use crate::time::Instant;

/// The sender's half: our messages to the peer.
///
/// A message is first queued, then under way as a flow, then finished.
#[derive(Clone, Debug, Default)]
pub(super) struct Outbound {
    /// In use by flows, and by SUBSCRIBE and UNSUBSCRIBE.
    pub identifiers: Identifiers,
    /// Messages under way.
    flows: Flows,
    /// Messages that wait.
    queue: Queue,
    /// Messages that are held and have no identifier: the peer lost the session
    /// in which they had one.
    held: Queue,
    /// How many connections in a row ended with messages unanswered and not a
    /// single answer.
    fruitless: u16,
    /// Flows of an earlier connection that are still to be sent again on this
    /// one. Nothing new goes before them.
    again: VecDeque<PacketIdentifier>,
    /// The current connection.
    link: Option<Link>,
    /// For timed retries.
    sent: Sent,
    /// The token of the next message.
    next_token: u64,
    /// The place of the next PUBREC among all.
    next_released: u64,
}

/// What the sender has to know about the connection.
#[derive(Clone, Debug)]
struct Link {
    version: Version,
    /// How many more QoS 1 and 2 messages the peer takes now: its Receive
    /// Maximum less the unfinished ones sent on this connection (5.0, 4.9).
    quota: u16,
    /// Whether messages are held back for now.
    paused: bool,
    /// Whether anything of ours was answered.
    answered: bool,
    /// Messages go one by one until one is answered.
    caution: Option<Caution>,
    /// How many PUBLISHes and PUBRELs of flows were sent.
    packets: u64,
    /// How many packets a timer has sent again, each of which may bring an
    /// answer too many.
    repeated: u32,
}

/// After connections on which nothing was answered, one message goes alone: if
/// it is what ends the connections, the others are not sent with it again and
/// again.
#[derive(Clone, Copy, Debug, Default)]
struct Caution {
    /// When it was sent.
    asked: Option<Instant>,
}

impl Outbound {
    /// See [`super::Session::publish`].
    pub fn publish(
        &mut self,
        now: Instant,
        message: Publish,
        limits: &Limits,
        effects: &mut Effects,
    ) -> Option<Token> {
        let at = Some(now);
        if self.may_overtake(&message, limits) {
            let token = self.next_token();
            self.transmit(
                now,
                Queued { token, message, at, stored: false, past: Past::default() },
                effects,
            );
            return Some(token);
        }
        if !self.is_open() && message.qos == QoS::AtMostOnce && !limits.queue_qos0 {
            let token = self.next_token();
            effects.push(Effect::Finished(token, Outcome::Dropped));
            return Some(token);
        }
        let refuses = limits.queue_policy == QueuePolicy::RefuseNew;
        if self.queue.len() >= limits.queue_capacity
            || !self.can_hold(1, footprint(&message), limits)
        {
            // What must not be sent anymore must not push out what may.
            self.expire(now, effects);
        }
        let full = self.queue.len() >= limits.queue_capacity;
        if refuses && (full || !self.can_hold(1, footprint(&message), limits)) {
            return None;
        }
        let token = self.next_token();
        let queued = Queued { token, message, at, stored: true, past: Past::default() };
        effects.store(Key::Outbound(token), || queued.write());
        self.queue.push_back(queued);
        while (self.queue.len() > limits.queue_capacity || !self.can_hold(0, 0, limits))
            && let Some(dropped) = self.queue.pop_expendable()
        {
            finish_queued(&dropped, Outcome::Dropped, effects);
        }
        Some(token)
    }

    /// See [`super::Session::expire`].
    pub fn expire(&mut self, now: Instant, effects: &mut Effects) {
        for expired in self.queue.take_expired(now) {
            finish_queued(&expired, Outcome::Expired, effects);
        }
    }

    /// See [`super::Session::cancel`].
    pub fn cancel(&mut self, token: Token, outcome: Outcome, effects: &mut Effects) -> bool {
        let Some(queued) = self.queue.take(token) else { return false };
        finish_queued(&queued, outcome, effects);
        true
    }

    /// The connection is up: send again what an earlier one left open, PUBRELs
    /// in the order of their PUBRECs, then PUBLISHes in their original order.
    pub fn connect(
        &mut self,
        now: Instant,
        version: Version,
        receive_maximum: u16,
        effects: &mut Effects,
    ) {
        self.link = Some(Link {
            version,
            quota: receive_maximum,
            paused: false,
            answered: false,
            caution: (self.fruitless >= PATIENCE).then(Caution::default),
            packets: 0,
            repeated: 0,
        });
        self.sent.clear();
        self.flows.reset_counts();
        let is_held = |id: &PacketIdentifier| self.flows.of(*id).is_some_and(|it| it.past.held);
        self.again = self.flows.in_order().filter(|id| !is_held(id)).collect();
        self.pump(now, effects);
    }

    /// The connection is gone.
    pub fn disconnect(&mut self) {
        self.link = None;
        self.again.clear();
        self.sent.clear();
    }

    /// See [`super::Session::set_paused`].
    pub fn set_paused(&mut self, now: Instant, paused: bool, effects: &mut Effects) {
        if let Some(link) = &mut self.link {
            link.paused = paused;
            self.pump(now, effects);
        }
    }

    /// The peer lost the session: its side of every flow is gone.
    pub fn start_over(&mut self, policy: OnSessionLoss, effects: &mut Effects) {
        let mut started_over = Vec::new();
        // From the last to the first, because each goes to the queue's front.
        for identifier in self.flows.in_order().rev() {
            let Some(flow) = self.end(identifier) else { continue };
            let Flow { token, message, answer, at, past, .. } = flow;
            match (message, policy) {
                (Some(message), OnSessionLoss::StartOver) => {
                    let queued = Queued { token, message, at, stored: true, past };
                    effects.store(Key::Outbound(token), || queued.write());
                    if past.held {
                        self.held.push_front(queued);
                    } else {
                        self.queue.push_front(queued);
                        started_over.push(token);
                    }
                }
                (Some(_), OnSessionLoss::GiveUp) => finish(token, Outcome::SessionLost, effects),
                (None, _) if flow.is_told => effects.remove(Key::Outbound(token)),
                (None, _) => finish(token, Outcome::Received(answer), effects),
            }
        }
        effects.queue.extend(started_over.into_iter().rev().map(Effect::StartedOver));
    }

    /// See [`super::Session::oldest_unanswered`].
    pub fn oldest_unanswered(&self) -> Option<Instant> {
        self.sent.oldest()
    }

    /// Sends whatever may be sent now: first what an earlier connection left
    /// open, then the queue.
    pub fn pump(&mut self, now: Instant, effects: &mut Effects) {
        while let Some(&identifier) = self.again.front() {
            if !self.may_resend(identifier) {
                return;
            }
            self.again.pop_front();
            self.resend(now, identifier, effects);
        }
        while let Some(queued) = self.queue.front()
            && self.has_room(queued.message.qos)
        {
            let Some(queued) = self.queue.pop_front() else { return };
            self.transmit(now, queued, effects);
        }
    }

    /// A PUBREL may always go; a PUBLISH needs quota.
    fn may_resend(&self, identifier: PacketIdentifier) -> bool {
        let has_quota = self.link.as_ref().is_some_and(Link::takes_publish);
        self.flows.of(identifier).is_none_or(|flow| flow.message.is_none() || has_quota)
    }

    /// Whether a new message can go out ahead of the queue. QoS 0 may overtake
    /// what waits for quota, but never another QoS 0 message.
    fn may_overtake(&self, message: &Publish, limits: &Limits) -> bool {
        match message.qos {
            QoS::AtMostOnce => self.is_open() && !self.queue.has_qos0(),
            qos => {
                self.again.is_empty()
                    && self.queue.len() == 0
                    && self.has_room(qos)
                    && self.can_hold(1, footprint(message), limits)
            }
        }
    }

    /// Whether so many more messages with so many bytes may be held. A message
    /// that is the only one is held whatever its size.
    fn can_hold(&self, messages: usize, bytes: usize, limits: &Limits) -> bool {
        self.bytes_held().saturating_add(bytes) <= limits.queue_bytes
            || self.queue.len() + self.held.len() + self.flows.len() + messages <= 1
    }

    /// Whether messages go out now.
    fn is_open(&self) -> bool {
        self.link.as_ref().is_some_and(|link| !link.paused)
    }

    /// Whether connection, quota and identifiers allow one more message.
    fn has_room(&self, qos: QoS) -> bool {
        let Some(link) = self.link.as_ref().filter(|link| !link.paused) else { return false };
        !qos.is_acknowledged() || (link.takes_publish() && self.identifiers.in_use() < u16::MAX)
    }

    fn next_token(&mut self) -> Token {
        let token = Token(self.next_token);
        self.next_token += 1;
        token
    }
}

impl Link {
    /// Whether one more PUBLISH with QoS 1 or 2 may go out.
    fn takes_publish(&self) -> bool {
        let waits = self.caution.is_some_and(|caution| caution.asked.is_some());
        self.quota > 0 && !self.paused && !waits
    }
}

/// Ends a message that was under way.
fn finish(token: Token, outcome: Outcome, effects: &mut Effects) {
    effects.remove(Key::Outbound(token));
    effects.push(Effect::Finished(token, outcome));
}

/// Ends a message that never was.
fn finish_queued(queued: &Queued, outcome: Outcome, effects: &mut Effects) {
    if queued.stored {
        effects.remove(Key::Outbound(queued.token));
    }
    effects.push(Effect::Finished(queued.token, outcome));
}

/// Connections without any answer before messages go one by one.
const PATIENCE: u16 = 2;
