//! Messages that end one connection after another: sent alone, then held, then
//! for the application to decide.

use std::time::Duration;

use super::super::{Effect, Effects, FlowState, Key, Limits, Outcome};
use super::{Flow, Outbound, Queued, finish, finish_queued};
use crate::codec::{PacketIdentifier, ReasonCode};
use crate::session::Token;
use crate::session::past::Past;
use crate::time::Instant;

impl Outbound {
    /// The connection was lost. The first packet on it that has no answer is
    /// the one that may have ended it: a peer reads in order.
    pub fn lose(&mut self, limits: &Limits, effects: &mut Effects) {
        let Some((most, link)) = limits.hold_after.zip(self.link.take()) else {
            return self.disconnect();
        };
        let sent = self.flows.iter().filter(|(_, flow)| flow.place_sent > 0);
        let first = sent.min_by_key(|(_, flow)| flow.place_sent).map(|(identifier, _)| identifier);
        match (first, link.answered) {
            (_, true) => self.fruitless = 0,
            (Some(_), false) => self.fruitless = self.fruitless.saturating_add(1),
            (None, false) => {}
        }
        if let Some(identifier) = first
            && let Some(flow) = self.flows.of_mut(identifier)
        {
            flow.past.unanswered = flow.past.unanswered.saturating_add(1);
            flow.past.held = flow.past.unanswered >= most;
            if flow.past.held && !flow.is_told {
                effects.push(Effect::Held(flow.token));
            }
            self.store(identifier, effects);
        }
        self.disconnect();
    }

    /// See [`crate::session::Session::give_up`].
    pub fn give_up(&mut self, now: Instant, token: Token, effects: &mut Effects) -> bool {
        if let Some(queued) = self.queue.take(token).or_else(|| self.held.take(token)) {
            let outcome = Outcome::GivenUp { sent: queued.past.sent };
            finish_queued(&queued, outcome, effects);
            return true;
        }
        let Some(identifier) = self.flows.identifier(token) else { return false };
        let is_connected = self.link.is_some();
        let may_end = |flow: &&mut Flow| !flow.is_told && (flow.past.held || !is_connected);
        let Some(flow) = self.flows.of_mut(identifier).filter(may_end) else { return false };
        if flow.state == FlowState::AwaitingPubComp {
            // The peer has it. The identifier stays in use: PUBREL was no help.
            flow.is_told = true;
            effects.push(Effect::Finished(token, Outcome::Received(flow.answer)));
            self.store(identifier, effects);
        } else {
            self.abandon(now, identifier, Outcome::GivenUp { sent: true }, effects);
            self.pump(now, effects);
        }
        true
    }

    /// Ends a flow without an answer. The peer may keep the identifier of a
    /// QoS 2 message, and would take the next message with it for a repeat: so
    /// it stays in use until PUBREL and PUBCOMP have freed it there.
    pub fn abandon(
        &mut self,
        now: Instant,
        identifier: PacketIdentifier,
        outcome: Outcome,
        effects: &mut Effects,
    ) {
        let is_connected = self.link.is_some();
        self.end_caution();
        let Some(flow) = self.flows.of_mut(identifier) else { return };
        let is_known = flow.known || (flow.counts && !is_connected);
        if flow.state != FlowState::AwaitingPubRec || !is_known {
            if let Some(flow) = self.end(identifier) {
                finish(flow.token, outcome, effects);
            }
            return;
        }
        flow.state = FlowState::AwaitingPubComp;
        flow.is_told = true;
        flow.past.held = false;
        effects.push(Effect::Finished(flow.token, outcome));
        self.discard_message(identifier, ReasonCode::Success);
        self.store(identifier, effects);
        if is_connected {
            self.resend(now, identifier, effects);
        }
    }

    /// See [`crate::session::Session::send_held`].
    pub fn send_held(&mut self, now: Instant, token: Token, effects: &mut Effects) -> bool {
        if let Some(queued) = self.held.take(token) {
            let past = Past { sent: queued.past.sent, ..Past::default() };
            let queued = Queued { past, ..queued };
            effects.store(Key::Outbound(token), || queued.write());
            self.queue.push_front(queued);
            self.pump(now, effects);
            return true;
        }
        let Some(identifier) = self.flows.identifier(token) else { return false };
        let is_held = |flow: &&mut Flow| flow.past.held && !flow.is_told;
        let Some(flow) = self.flows.of_mut(identifier).filter(is_held) else { return false };
        flow.past = Past { sent: true, ..Past::default() };
        self.store(identifier, effects);
        if self.link.is_some() {
            self.again.push_back(identifier);
        }
        self.pump(now, effects);
        true
    }

    /// When to stop waiting for the one message that was sent alone.
    pub fn next_timeout(&self) -> Option<Instant> {
        let caution = self.link.as_ref()?.caution?;
        Some(caution.asked? + ALONE)
    }

    /// The time of [`Outbound::next_timeout`] has come: a message that is never
    /// answered does not keep the others back.
    pub fn handle_timeout(&mut self, now: Instant, effects: &mut Effects) {
        if self.next_timeout().is_some_and(|due| now >= due) {
            self.end_caution();
            self.pump(now, effects);
        }
    }

    /// Messages go side by side again.
    pub fn end_caution(&mut self) {
        if let Some(link) = &mut self.link {
            link.caution = None;
        }
    }
}

/// How long the others wait for a message that was sent alone.
const ALONE: Duration = Duration::from_secs(10);
