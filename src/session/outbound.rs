use std::collections::VecDeque;

use bytes::Bytes;
use bytestring::ByteString;

use super::flows::{Flow, Flows};
use super::inbound::{not_found, send};
use super::queue::{Queue, Queued, weight};
use super::sent::Sent;
use super::store::Stored;
use super::{
    Action, Effect, Effects, FlowState, Identifiers, Key, Limits, OnSessionLoss, OutboundFlow,
    Outcome, QueuePolicy, Side, Token, Transition, Trigger, Violation, transition,
};
use crate::codec::{
    Ack, Packet, PacketIdentifier, PacketType, Properties, Publish, QoS, ReasonCode, Version,
};
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
            self.transmit(now, Queued { token, message, at, stored: false }, effects);
            return Some(token);
        }
        if !self.is_open() && message.qos == QoS::AtMostOnce && !limits.queue_qos0 {
            let token = self.next_token();
            effects.push(Effect::Finished(token, Outcome::Dropped));
            return Some(token);
        }
        let refuses = limits.queue_policy == QueuePolicy::RefuseNew;
        let full = self.queue.len() >= limits.queue_capacity;
        if refuses && (full || !self.can_hold(1, weight(&message), limits)) {
            return None;
        }
        let token = self.next_token();
        let queued = Queued { token, message, at, stored: true };
        effects.store(Key::Outbound(token), || queued.write());
        self.queue.push_back(queued);
        while (self.queue.len() > limits.queue_capacity || !self.can_hold(0, 0, limits))
            && let Some(dropped) = self.queue.pop_expendable()
        {
            finish_queued(&dropped, Outcome::Dropped, effects);
        }
        Some(token)
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
        self.link = Some(Link { version, quota: receive_maximum, paused: false });
        self.sent.clear();
        self.flows.reset_counts();
        self.again = self.flows.in_order().collect();
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
            let Some(Flow { token, message, answer, at, .. }) = self.end(identifier) else {
                continue;
            };
            match (message, policy) {
                (Some(message), OnSessionLoss::StartOver) => {
                    let queued = Queued { token, message, at, stored: true };
                    effects.store(Key::Outbound(token), || queued.write());
                    self.queue.push_front(queued);
                    started_over.push(token);
                }
                (Some(_), OnSessionLoss::GiveUp) => finish(token, Outcome::SessionLost, effects),
                (None, _) => finish(token, Outcome::Acknowledged(answer), effects),
            }
        }
        effects.queue.extend(started_over.into_iter().rev().map(Effect::StartedOver));
    }

    /// PUBACK, PUBREC or PUBCOMP has come.
    pub fn acknowledge(
        &mut self,
        now: Instant,
        packet_type: PacketType,
        on: Trigger,
        ack: &Ack,
        effects: &mut Effects,
    ) -> Result<(), Violation> {
        let identifier = ack.packet_identifier;
        let state = self.flows.state(identifier);
        let row = transition(Side::Sender, state, on).ok_or(Violation::Unexpected {
            packet_type,
            packet_identifier: identifier,
            state,
        })?;
        self.run(now, identifier, row, ack.reason, effects);
        self.pump(now, effects);
        Ok(())
    }

    /// See [`super::Session::resend_older_than`].
    pub fn resend_older_than(&mut self, now: Instant, before: Instant, effects: &mut Effects) {
        while let Some(identifier) = self.sent.pop_before(before, &self.flows) {
            self.resend(now, identifier, effects);
        }
        self.sent.forget_answered(&self.flows);
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

    /// Takes a message back from storage. False if its identifier is in use.
    pub fn restore(&mut self, stored: Stored) -> bool {
        let Stored { token, state, packet_identifier, released, answer, qos, message } = stored;
        self.next_token = self.next_token.max(token.0.saturating_add(1));
        self.next_released = self.next_released.max(released.saturating_add(1));
        let Some(identifier) = packet_identifier else {
            let queued = message.map(|message| Queued { token, message, at: None, stored: true });
            return queued.map(|queued| self.queue.push_back(queued)).is_some();
        };
        let free = self.identifiers.reserve(identifier);
        if free {
            let flow =
                Flow { token, state, qos, message, released, answer, at: None, counts: false };
            self.flows.insert(identifier, flow);
        }
        free
    }

    /// What storage should hold of this half.
    pub fn export(&self) -> Vec<(Key, Bytes)> {
        let flows = self.flows.iter().map(|(id, flow)| (flow.token, flow.write(id)));
        let queued = self.queue.iter().map(|queued| (queued.token, queued.write()));
        let entries = flows.chain(queued);
        entries.filter_map(|(token, value)| Some((Key::Outbound(token), value?))).collect()
    }

    /// See [`super::Session::outbound`].
    pub fn flows(&self, limit: usize) -> Vec<OutboundFlow> {
        let under_way = self.flows.iter().map(|(identifier, flow)| OutboundFlow {
            token: flow.token,
            packet_identifier: Some(identifier),
            state: flow.state,
            qos: flow.qos,
            topic: flow.message.as_ref().map_or_else(ByteString::new, |m| m.topic.clone()),
            since: flow.at.unwrap_or_default(),
        });
        let mut under_way: Vec<_> = under_way.collect();
        under_way.sort_unstable_by_key(|flow| flow.token);
        let queued = self.queue.iter().map(|queued| OutboundFlow {
            token: queued.token,
            packet_identifier: None,
            state: FlowState::Free,
            qos: queued.message.qos,
            topic: queued.message.topic.clone(),
            since: queued.at.unwrap_or_default(),
        });
        under_way.into_iter().chain(queued).take(limit).collect()
    }

    /// Queued messages, oldest first.
    pub fn queue(&self) -> impl Iterator<Item = (Token, &Publish)> {
        self.queue.iter().map(|queued| (queued.token, &queued.message))
    }

    /// How many messages are queued.
    pub fn queued(&self) -> usize {
        self.queue.len()
    }

    /// How many bytes of messages are queued or under way.
    pub fn bytes_held(&self) -> usize {
        self.queue.bytes() + self.flows.bytes()
    }

    /// How many flows are open.
    pub fn in_flight(&self) -> usize {
        self.flows.len()
    }

    /// Does what a row of the table says.
    fn run(
        &mut self,
        now: Instant,
        identifier: PacketIdentifier,
        row: &Transition,
        reason: ReasonCode,
        effects: &mut Effects,
    ) {
        if let Some(flow) = self.flows.of_mut(identifier) {
            flow.state = row.to;
        }
        let mut ended = None;
        for action in row.actions {
            match action {
                Action::Store => self.store(identifier, effects),
                Action::SendPublish => self.send_publish(now, identifier, false, effects),
                Action::SendPublishAgain => self.send_publish(now, identifier, true, effects),
                Action::DiscardMessage => self.discard_message(identifier, reason),
                Action::SendPubRel => {
                    self.note_sent(now, identifier);
                    send(effects, Packet::PubRel, identifier, ReasonCode::Success);
                }
                Action::SendPubRelNotFound => {
                    let reason = self.link.as_ref().map(|link| not_found(link.version));
                    send(effects, Packet::PubRel, identifier, reason.unwrap_or_default());
                }
                Action::Release => ended = self.end(identifier),
                Action::Finish => {
                    if let Some(flow) = ended.take() {
                        finish(flow.token, flow.outcome(row.on, reason), effects);
                    }
                }
                // The rest is the receiver's.
                _ => {}
            }
        }
    }

    /// Starts the flow of a message, or simply sends it at QoS 0. The caller
    /// has checked that there is room.
    fn transmit(&mut self, now: Instant, mut queued: Queued, effects: &mut Effects) {
        if !queued.age(now) {
            return finish_queued(&queued, Outcome::Expired, effects);
        }
        let on = match queued.message.qos {
            QoS::AtMostOnce => return self.send_qos0(queued, effects),
            QoS::AtLeastOnce => Trigger::SendQoS1,
            QoS::ExactlyOnce => Trigger::SendQoS2,
        };
        let Some(row) = transition(Side::Sender, FlowState::Free, on) else { return };
        let Some(identifier) = self.identifiers.allocate() else { return };
        let flow = Flow {
            token: queued.token,
            state: row.to,
            qos: queued.message.qos,
            message: Some(queued.message),
            released: 0,
            answer: ReasonCode::Success,
            at: Some(now),
            counts: false,
        };
        self.flows.insert(identifier, flow);
        self.run(now, identifier, row, ReasonCode::Success, effects);
    }

    fn send_qos0(&mut self, queued: Queued, effects: &mut Effects) {
        let message = queued.message.clone();
        let publish = Publish { dup: false, packet_identifier: None, ..message };
        effects.push(Effect::Send(Packet::Publish(self.for_link(publish))));
        finish_queued(&queued, Outcome::Sent, effects);
    }

    /// Sends the PUBLISH of a flow, which uses up quota the first time on a
    /// connection.
    fn send_publish(
        &mut self,
        now: Instant,
        identifier: PacketIdentifier,
        dup: bool,
        effects: &mut Effects,
    ) {
        self.note_sent(now, identifier);
        let Some(flow) = self.flows.of_mut(identifier) else { return };
        let counted = std::mem::replace(&mut flow.counts, true);
        let message = flow.message.clone();
        if let (false, Some(link)) = (counted, &mut self.link) {
            link.quota = link.quota.saturating_sub(1);
        }
        if let Some(message) = message {
            let publish = Publish { dup, packet_identifier: Some(identifier), ..message };
            effects.push(Effect::Send(Packet::Publish(self.for_link(publish))));
        }
    }

    fn resend(&mut self, now: Instant, identifier: PacketIdentifier, effects: &mut Effects) {
        if let Some(flow) = self.flows.of_mut(identifier) {
            flow.age(now);
        }
        let state = self.flows.state(identifier);
        if let Some(row) = transition(Side::Sender, state, Trigger::Resend) {
            self.run(now, identifier, row, ReasonCode::Success, effects);
        }
    }

    fn store(&self, identifier: PacketIdentifier, effects: &mut Effects) {
        if let Some(flow) = self.flows.of(identifier) {
            effects.store(Key::Outbound(flow.token), || flow.write(identifier));
        }
    }

    /// PUBREC has come: the message is the peer's now.
    fn discard_message(&mut self, identifier: PacketIdentifier, answer: ReasonCode) {
        self.flows.discard_message(identifier);
        if let Some(flow) = self.flows.of_mut(identifier) {
            flow.answer = answer;
            flow.released = self.next_released;
            self.next_released += 1;
        }
    }

    /// A PUBREL may always go; a PUBLISH needs quota.
    fn may_resend(&self, identifier: PacketIdentifier) -> bool {
        let has_quota = self.link.as_ref().is_some_and(|link| link.quota > 0 && !link.paused);
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
                    && self.can_hold(1, weight(message), limits)
            }
        }
    }

    /// Whether so many more messages with so many bytes may be held. A message
    /// that is the only one is held whatever its size.
    fn can_hold(&self, messages: usize, bytes: usize, limits: &Limits) -> bool {
        self.bytes_held().saturating_add(bytes) <= limits.queue_bytes
            || self.queue.len() + self.flows.len() + messages <= 1
    }

    /// Whether messages go out now.
    fn is_open(&self) -> bool {
        self.link.as_ref().is_some_and(|link| !link.paused)
    }

    /// Whether connection, quota and identifiers allow one more message.
    fn has_room(&self, qos: QoS) -> bool {
        let Some(link) = self.link.as_ref().filter(|link| !link.paused) else { return false };
        !qos.is_acknowledged() || (link.quota > 0 && self.identifiers.in_use() < u16::MAX)
    }

    /// 3.1.1 has no properties to carry.
    fn for_link(&self, publish: Publish) -> Publish {
        match &self.link {
            Some(Link { version: Version::V311, .. }) => {
                Publish { properties: Properties::new(), ..publish }
            }
            _ => publish,
        }
    }

    /// Takes a flow out and frees its identifier and its quota.
    fn end(&mut self, identifier: PacketIdentifier) -> Option<Flow> {
        let flow = self.flows.remove(identifier)?;
        self.identifiers.release(identifier);
        if let (true, Some(link)) = (flow.counts, &mut self.link) {
            link.quota = link.quota.saturating_add(1);
        }
        self.sent.forget_answered(&self.flows);
        Some(flow)
    }

    fn next_token(&mut self) -> Token {
        let token = Token(self.next_token);
        self.next_token += 1;
        token
    }

    /// Notes when a flow was last sent, for timed retries (3.1.1 only).
    fn note_sent(&mut self, now: Instant, identifier: PacketIdentifier) {
        let Some(flow) = self.flows.of_mut(identifier) else { return };
        flow.at = Some(now);
        if self.link.as_ref().is_some_and(|link| link.version == Version::V311) {
            self.sent.push(now, identifier);
        }
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
