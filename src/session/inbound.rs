use std::collections::BTreeMap;

use bytes::Bytes;

use super::effect::Effects;
use super::queue::{age, footprint};
use super::{
    Action, Effect, FlowState, Key, Limits, PassOn, Side, Trigger, Violation, store, transition,
};
use crate::codec::{Ack, Packet, PacketIdentifier, PacketType, Publish, QoS, ReasonCode, Version};
use crate::time::Instant;

/// The receiver's half: the peer's messages to us.
///
/// QoS 1 needs no memory. QoS 2 remembers one identifier from PUBLISH to
/// PUBREL, and with [`PassOn::PubRel`] the message too.
#[derive(Clone, Debug, Default)]
pub(super) struct Inbound {
    /// Identifiers that await PUBREL, and whether their PUBLISH came on this
    /// connection and so counts against our Receive Maximum.
    awaiting: BTreeMap<PacketIdentifier, bool>,
    /// How many of them count.
    counted: u16,
    /// The messages of those that are passed on at PUBREL.
    messages: BTreeMap<PacketIdentifier, Message>,
    /// Bytes of these messages.
    bytes: usize,
}

/// A QoS 2 message of the peer's that is kept until PUBREL.
#[derive(Clone, Debug)]
struct Message {
    publish: Publish,
    /// When it came; `None` if that was in an earlier process.
    at: Option<Instant>,
    bytes: usize,
}

impl Inbound {
    /// A PUBLISH has come.
    pub fn publish(
        &mut self,
        now: Instant,
        version: Version,
        limits: &Limits,
        publish: Publish,
        answer: ReasonCode,
        effects: &mut Effects,
    ) -> Result<(), Violation> {
        let Some(identifier) = publish.packet_identifier else {
            if !answer.is_error() {
                effects.push(Effect::Deliver(publish));
            }
            return Ok(());
        };
        self.check_receive_maximum(version, limits.receive_maximum, identifier)?;

        let state = self.state(identifier);
        let is_new = publish.qos == QoS::ExactlyOnce && state == FlowState::Free;
        let is_kept = is_new && limits.pass_on == PassOn::PubRel && !answer.is_error();
        let answer = match is_kept && !self.has_room(limits, &publish) {
            true if version == Version::V5 => ReasonCode::QuotaExceeded,
            true => return Err(Violation::NoRoom),
            false => answer,
        };
        let accepted = !answer.is_error();
        let on = match (publish.qos, state) {
            // A repeated PUBLISH was accepted when it first came.
            (_, FlowState::Free) if !accepted && version == Version::V5 => Trigger::PublishRefused,
            (QoS::ExactlyOnce, _) if is_kept => Trigger::PublishQoS2ToStore,
            (QoS::ExactlyOnce, _) => Trigger::PublishQoS2,
            _ => Trigger::PublishQoS1,
        };
        let row = transition(Side::Receiver, state, on).ok_or(Violation::Unexpected {
            packet_type: PacketType::Publish,
            packet_identifier: identifier,
            state,
        })?;

        if row.to != FlowState::Free {
            self.count(identifier);
        }
        let first = state == FlowState::Free;
        let reply = if version == Version::V5 && first { answer } else { ReasonCode::Success };
        let refusal = match publish.qos {
            QoS::ExactlyOnce => Packet::PubRec,
            _ => Packet::PubAck,
        };
        let mut message = accepted.then_some(publish);
        for action in row.actions {
            match action {
                Action::KeepMessage => self.keep(identifier, now, message.take()),
                Action::Store => {
                    effects.store(Key::Inbound(identifier), || self.stored(identifier));
                }
                Action::Deliver => effects.queue.extend(message.take().map(Effect::Deliver)),
                Action::SendPubAck => send(effects, Packet::PubAck, identifier, reply),
                Action::SendPubRec => send(effects, Packet::PubRec, identifier, reply),
                Action::SendRefusal => send(effects, refusal, identifier, reply),
                // The rest is the sender's, or PUBREL's.
                _ => {}
            }
        }
        Ok(())
    }

    /// A PUBREL has come.
    pub fn release(
        &mut self,
        now: Instant,
        version: Version,
        ack: &Ack,
        effects: &mut Effects,
    ) -> Result<(), Violation> {
        let identifier = ack.packet_identifier;
        let state = self.state(identifier);
        let row =
            transition(Side::Receiver, state, Trigger::PubRel).ok_or(Violation::Unexpected {
                packet_type: PacketType::PubRel,
                packet_identifier: identifier,
                state,
            })?;
        for action in row.actions {
            match action {
                Action::Deliver => {
                    effects.queue.extend(self.take(identifier, now).map(Effect::Deliver));
                }
                Action::Release => {
                    self.uncount(identifier);
                    effects.remove(Key::Inbound(identifier));
                }
                Action::SendPubComp => {
                    send(effects, Packet::PubComp, identifier, ReasonCode::Success);
                }
                Action::SendPubCompNotFound => {
                    send(effects, Packet::PubComp, identifier, not_found(version));
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// The peer lost the session: whatever it sends next is new.
    pub fn forget(&mut self, effects: &mut Effects) {
        for identifier in std::mem::take(&mut self.awaiting).into_keys() {
            effects.remove(Key::Inbound(identifier));
        }
        *self = Inbound::default();
    }

    /// Receive Maximum counts anew on each connection (5.0, 4.9).
    pub fn reset_connection(&mut self) {
        self.awaiting.values_mut().for_each(|counts| *counts = false);
        self.counted = 0;
    }

    /// Takes back what [`Inbound::export`] wrote. False if it cannot be read.
    pub fn restore(&mut self, identifier: PacketIdentifier, value: &Bytes) -> bool {
        let message = store::read_received(value);
        if message.is_none() && !value.is_empty() {
            return false;
        }
        self.awaiting.insert(identifier, false);
        if let Some(publish) = message {
            self.insert(identifier, publish, None);
        }
        true
    }

    /// The entries for durable storage.
    pub fn export(&self) -> impl Iterator<Item = (Key, Bytes)> + '_ {
        self.identifiers().filter_map(|id| Some((Key::Inbound(id), self.stored(id)?)))
    }

    /// Identifiers that await PUBREL, ascending.
    pub fn identifiers(&self) -> impl Iterator<Item = PacketIdentifier> + '_ {
        self.awaiting.keys().copied()
    }

    /// How many identifiers await PUBREL.
    pub fn len(&self) -> usize {
        self.awaiting.len()
    }

    /// Bytes of memory that the identifiers and the messages take.
    pub fn footprint(&self) -> usize {
        self.awaiting.len() * IDENTIFIER + self.bytes
    }

    /// Whether this one does.
    pub fn contains(&self, identifier: PacketIdentifier) -> bool {
        self.awaiting.contains_key(&identifier)
    }

    fn state(&self, identifier: PacketIdentifier) -> FlowState {
        match self.contains(identifier) {
            true if self.messages.contains_key(&identifier) => FlowState::StoredUntilPubRel,
            true => FlowState::AwaitingPubRel,
            false => FlowState::Free,
        }
    }

    /// Whether this message can be kept until PUBREL. One that is the only one
    /// can.
    fn has_room(&self, limits: &Limits, publish: &Publish) -> bool {
        self.bytes == 0 || self.bytes.saturating_add(footprint(publish)) <= limits.queue_bytes
    }

    fn keep(&mut self, identifier: PacketIdentifier, now: Instant, publish: Option<Publish>) {
        if let Some(publish) = publish {
            self.insert(identifier, publish, Some(now));
        }
    }

    fn insert(&mut self, identifier: PacketIdentifier, publish: Publish, at: Option<Instant>) {
        let bytes = footprint(&publish);
        self.bytes += bytes;
        self.messages.insert(identifier, Message { publish, at, bytes });
    }

    /// Takes the message out, older by the time that it was kept. One that has
    /// expired is not passed on ([MQTT-3.3.2-5]), but its flow runs to its end
    /// ([MQTT-4.3.3-13]).
    fn take(&mut self, identifier: PacketIdentifier, now: Instant) -> Option<Publish> {
        let message = self.messages.remove(&identifier)?;
        self.bytes -= message.bytes;
        let mut publish = message.publish;
        let alive = message.at.is_none_or(|at| age(&mut publish, now.since(at)));
        alive.then_some(publish)
    }

    /// The value for durable storage.
    fn stored(&self, identifier: PacketIdentifier) -> Option<Bytes> {
        match self.messages.get(&identifier) {
            Some(message) => store::write_received(&message.publish),
            None => Some(Bytes::new()),
        }
    }

    /// 5.0 lets a receiver limit unfinished messages; a sender that goes past
    /// the limit is in error ([MQTT-3.3.4-9]; 5.0, 4.13 names reason 0x93).
    fn check_receive_maximum(
        &self,
        version: Version,
        receive_maximum: u16,
        identifier: PacketIdentifier,
    ) -> Result<(), Violation> {
        let counts_already = self.awaiting.get(&identifier) == Some(&true);
        if version == Version::V5 && !counts_already && self.counted >= receive_maximum {
            return Err(Violation::ReceiveMaximumExceeded);
        }
        Ok(())
    }

    fn count(&mut self, identifier: PacketIdentifier) {
        if self.awaiting.insert(identifier, true) != Some(true) {
            self.counted += 1;
        }
    }

    fn uncount(&mut self, identifier: PacketIdentifier) {
        if self.awaiting.remove(&identifier) == Some(true) {
            self.counted -= 1;
        }
    }
}

/// "Packet Identifier not found" exists in 5.0 only.
pub(super) fn not_found(version: Version) -> ReasonCode {
    match version {
        Version::V311 => ReasonCode::Success,
        Version::V5 => ReasonCode::PacketIdentifierNotFound,
    }
}

/// Queues one acknowledgement.
pub(super) fn send(
    effects: &mut Effects,
    packet: fn(Ack) -> Packet,
    identifier: PacketIdentifier,
    reason: ReasonCode,
) {
    effects.push(Effect::Send(packet(Ack::new(identifier, reason))));
}

/// Bytes of an identifier in a map: a node has room for eleven and may be half
/// empty.
const IDENTIFIER: usize = 16;
