//! The steps of a message of ours, from its first sending to its end, as the
//! table has them.

use super::{Flow, Link, Outbound, Queued, finish, finish_queued};
use crate::codec::{
    Ack, Packet, PacketIdentifier, PacketType, Properties, Publish, QoS, ReasonCode, Version,
};
use crate::session::effect::Effects;
use crate::session::inbound::{not_found, send};
use crate::session::past::Past;
use crate::session::{
    Action, Effect, FlowState, Key, OnWrongAnswer, Outcome, Side, Transition, Trigger, Violation,
    WrongAnswer, transition,
};
use crate::time::Instant;

impl Outbound {
    /// Starts the flow of a message, or simply sends it at QoS 0. The caller
    /// has checked that there is room.
    pub(super) fn transmit(&mut self, now: Instant, mut queued: Queued, effects: &mut Effects) {
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
            place_sent: 0,
            known: false,
            past: Past { sent: true, ..queued.past },
            is_told: false,
            repeats: 0,
            strays: 0,
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

    /// PUBACK, PUBREC or PUBCOMP has come.
    pub fn acknowledge(
        &mut self,
        now: Instant,
        packet_type: PacketType,
        on: Trigger,
        ack: &Ack,
        policy: OnWrongAnswer,
        effects: &mut Effects,
    ) -> Result<(), Violation> {
        let identifier = ack.packet_identifier;
        let state = self.flows.state(identifier);
        let on = self.recognize(identifier, on);
        let violation = Violation::Unexpected { packet_type, packet_identifier: identifier, state };
        let row = transition(Side::Sender, state, on).ok_or(violation)?;
        if row.is_wrong_answer() {
            match policy {
                OnWrongAnswer::Close => return Err(violation),
                OnWrongAnswer::EndFlow if self.is_stray(identifier) => return Ok(()),
                OnWrongAnswer::EndFlow => {}
            }
        }
        if let Some(link) = self.link.as_mut().filter(|_| state != FlowState::Free) {
            link.answered = true;
            self.end_caution();
            self.fruitless = 0;
        }
        self.run(now, identifier, row, ack.reason, effects);
        self.pump(now, effects);
        Ok(())
    }

    /// A peer that answers PUBREL with PUBREC would do so for ever.
    fn recognize(&mut self, identifier: PacketIdentifier, on: Trigger) -> Trigger {
        let Some(flow) = self.flows.of_mut(identifier) else { return on };
        if (flow.state, on) != (FlowState::AwaitingPubComp, Trigger::PubRec) {
            return on;
        }
        flow.repeats = flow.repeats.saturating_add(1);
        if flow.repeats > MOST_REPEATS { Trigger::PubRecAgain } else { on }
    }

    /// Whether a wrong answer may be meant for an earlier flow with this
    /// identifier: what a timer sent again may have been answered twice.
    fn is_stray(&mut self, identifier: PacketIdentifier) -> bool {
        let (Some(flow), Some(link)) = (self.flows.of_mut(identifier), &mut self.link) else {
            return false;
        };
        let is_stray = link.repeated > 0 && flow.strays < MOST_STRAYS;
        if is_stray {
            link.repeated -= 1;
            flow.strays += 1;
        }
        is_stray
    }

    /// See [`crate::session::Session::resend_older_than`].
    pub fn resend_older_than(&mut self, now: Instant, before: Instant, effects: &mut Effects) {
        while let Some(identifier) = self.sent.pop_before(before, &self.flows) {
            if let Some(link) = &mut self.link {
                link.repeated = link.repeated.saturating_add(1);
            }
            self.resend(now, identifier, effects);
        }
        self.sent.forget_answered(&self.flows);
    }

    /// Sends again what the peer has not answered.
    pub(super) fn resend(
        &mut self,
        now: Instant,
        identifier: PacketIdentifier,
        effects: &mut Effects,
    ) {
        self.flows.age(identifier, now);
        let state = self.flows.state(identifier);
        if let Some(row) = transition(Side::Sender, state, Trigger::Resend) {
            self.run(now, identifier, row, ReasonCode::Success, effects);
        }
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
                        let outcome = flow.outcome(row, reason);
                        match flow.is_told {
                            true => effects.remove(Key::Outbound(flow.token)),
                            false => finish(flow.token, outcome, effects),
                        }
                    }
                }
                Action::ReportWrongAnswer => self.report(identifier, row, effects),
                // The rest is the receiver's.
                _ => {}
            }
        }
    }

    fn report(&self, identifier: PacketIdentifier, row: &Transition, effects: &mut Effects) {
        let (Some(flow), Some(link)) = (self.flows.of(identifier), &self.link) else { return };
        let packet_type = match row.on {
            Trigger::PubAck | Trigger::PubAckError => PacketType::PubAck,
            Trigger::PubComp => PacketType::PubComp,
            _ => PacketType::PubRec,
        };
        effects.push(Effect::WrongAnswer(WrongAnswer {
            token: flow.token,
            packet_type,
            packet_identifier: identifier,
            state: row.from,
            version: link.version,
        }));
    }

    pub(super) fn store(&self, identifier: PacketIdentifier, effects: &mut Effects) {
        if let Some(flow) = self.flows.of(identifier) {
            effects.store(Key::Outbound(flow.token), || flow.write(identifier));
        }
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
        if let Some(link) = &mut self.link {
            link.quota = link.quota.saturating_sub(u16::from(!counted));
            if let Some(caution) = &mut link.caution {
                caution.asked = Some(now);
            }
        }
        if let Some(message) = message {
            let publish = Publish { dup, packet_identifier: Some(identifier), ..message };
            effects.push(Effect::Send(Packet::Publish(self.for_link(publish))));
        }
    }

    /// PUBREC has come: the message is the peer's now.
    pub(super) fn discard_message(&mut self, identifier: PacketIdentifier, answer: ReasonCode) {
        self.flows.discard_message(identifier);
        if let Some(flow) = self.flows.of_mut(identifier) {
            flow.answer = answer;
            flow.past.unanswered = 0;
            flow.released = self.next_released;
            self.next_released += 1;
        }
    }

    /// Notes when a flow was last sent, for timed retries (3.1.1 only), and as
    /// which packet of this connection.
    fn note_sent(&mut self, now: Instant, identifier: PacketIdentifier) {
        let Some(flow) = self.flows.of_mut(identifier) else { return };
        flow.at = Some(now);
        let Some(link) = &mut self.link else { return };
        link.packets += 1;
        flow.place_sent = link.packets;
        if link.version == Version::V311 {
            self.sent.push(now, identifier);
        }
    }

    /// Takes a flow out and frees its identifier and its quota.
    pub(super) fn end(&mut self, identifier: PacketIdentifier) -> Option<Flow> {
        let flow = self.flows.remove(identifier)?;
        self.identifiers.release(identifier);
        if let (true, Some(link)) = (flow.counts, &mut self.link) {
            link.quota = link.quota.saturating_add(1);
        }
        self.sent.forget_answered(&self.flows);
        Some(flow)
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
}

/// PUBRECs that come again in answer to what was sent twice.
const MOST_REPEATS: u8 = 16;

/// Wrong answers for one flow that may be meant for another.
const MOST_STRAYS: u8 = 3;
