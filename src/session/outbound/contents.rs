//! What the sender's half holds, for storage and for views.

use bytes::Bytes;
use bytestring::ByteString;

use super::{Flow, Outbound, Queued};
use crate::codec::Publish;
use crate::session::queue::age;
use crate::session::store::Stored;
use crate::session::{FlowState, Key, OutboundFlow, Token};
use crate::time::Instant;

impl Outbound {
    /// Takes a message back from storage. False if its identifier is in use.
    pub fn restore(&mut self, stored: Stored) -> bool {
        let Stored { token, state, packet_identifier, released, answer, qos, message, .. } = stored;
        let Stored { past, is_told, .. } = stored;
        self.next_token = self.next_token.max(token.0.saturating_add(1));
        self.next_released = self.next_released.max(released.saturating_add(1));
        let Some(identifier) = packet_identifier else {
            let queued =
                message.map(|message| Queued { token, message, at: None, stored: true, past });
            let queue = if past.held { &mut self.held } else { &mut self.queue };
            return queued.map(|queued| queue.push_back(queued)).is_some();
        };
        let free = self.identifiers.reserve(identifier);
        if free {
            let flow = Flow {
                token,
                state,
                qos,
                message,
                released,
                answer,
                at: None,
                counts: false,
                place_sent: 0,
                known: true,
                past,
                is_told,
                repeats: 0,
                strays: 0,
            };
            self.flows.insert(identifier, flow);
        }
        free
    }

    /// What storage should hold of this half.
    pub fn export(&self) -> Vec<(Key, Bytes)> {
        let flows = self.flows.iter().map(|(id, flow)| (flow.token, flow.write(id)));
        let queued = self.held.iter().chain(self.queue.iter());
        let queued = queued.map(|queued| (queued.token, queued.write()));
        let entries = flows.chain(queued);
        entries.filter_map(|(token, value)| Some((Key::Outbound(token), value?))).collect()
    }

    /// See [`crate::session::Session::outbound`].
    pub fn flows(&self, limit: usize) -> Vec<OutboundFlow> {
        let under_way = self.flows.iter().map(|(identifier, flow)| OutboundFlow {
            token: flow.token,
            packet_identifier: Some(identifier),
            state: flow.state,
            qos: flow.qos,
            topic: flow.message.as_ref().map_or_else(ByteString::new, |m| m.topic.clone()),
            since: flow.at.unwrap_or_default(),
            held: flow.past.held,
        });
        let mut begun: Vec<_> = under_way.chain(self.held.iter().map(waiting)).collect();
        begun.sort_unstable_by_key(|flow| flow.token);
        begun.into_iter().chain(self.queue.iter().map(waiting)).take(limit).collect()
    }

    /// See [`crate::session::Session::unfinished`].
    pub fn unfinished(&self, now: Instant) -> Vec<(Token, Publish, bool)> {
        let aged = |message: &Publish, at: Option<Instant>| {
            let mut message = message.clone();
            at.is_none_or(|at| age(&mut message, now.since(at))).then_some(message)
        };
        let under_way = self.flows.in_order().filter_map(|identifier| {
            let flow = self.flows.of(identifier)?;
            Some((flow.token, aged(flow.message.as_ref()?, flow.at)?, true))
        });
        let queued = self
            .queue
            .iter()
            .filter_map(|queued| Some((queued.token, aged(&queued.message, queued.at)?, false)));
        under_way.chain(queued).collect()
    }

    /// When the next queued message expires, or earlier.
    pub fn next_expiry(&self) -> Option<Instant> {
        self.queue.next_expiry()
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
        self.queue.bytes() + self.held.bytes() + self.flows.bytes()
    }

    /// See [`crate::session::Session::footprint`].
    pub fn footprint(&self) -> usize {
        let room = self.queue.spare() + self.held.spare() + self.flows.spare();
        self.bytes_held() + room + self.identifiers.footprint() + self.sent.footprint()
    }

    /// See [`crate::session::Session::held`].
    pub fn held(&self) -> usize {
        self.held.len()
            + self.flows.iter().filter(|(_, flow)| flow.past.held && !flow.is_told).count()
    }

    /// How many flows are open.
    pub fn in_flight(&self) -> usize {
        self.flows.len() + self.held.len()
    }
}

/// A message without an identifier.
fn waiting(queued: &Queued) -> OutboundFlow {
    OutboundFlow {
        token: queued.token,
        packet_identifier: None,
        state: FlowState::Free,
        qos: queued.message.qos,
        topic: queued.message.topic.clone(),
        since: queued.at.unwrap_or_default(),
        held: queued.past.held,
    }
}
