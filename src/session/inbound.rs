use std::collections::BTreeMap;

use bytes::Bytes;

use super::{Action, Effect, Effects, FlowState, Key, Side, Trigger, Violation, transition};
use crate::codec::{Ack, Packet, PacketIdentifier, PacketType, Publish, QoS, ReasonCode, Version};

/// The receiver's half: the peer's messages to us.
///
/// QoS 1 needs no memory. QoS 2 remembers one identifier from PUBLISH to
/// PUBREL, and nothing else: never the message.
#[derive(Clone, Debug, Default)]
pub(super) struct Inbound {
    /// Identifiers that await PUBREL, and whether their PUBLISH came on this
    /// connection and so counts against our Receive Maximum.
    awaiting: BTreeMap<PacketIdentifier, bool>,
    /// How many of them count.
    counted: u16,
}

impl Inbound {
    /// A PUBLISH has come.
    pub fn publish(
        &mut self,
        version: Version,
        receive_maximum: u16,
        publish: Publish,
        answer: ReasonCode,
        effects: &mut Effects,
    ) -> Result<(), Violation> {
        let accepted = !answer.is_error();
        let Some(identifier) = publish.packet_identifier else {
            if accepted {
                effects.push(Effect::Deliver(publish));
            }
            return Ok(());
        };
        self.check_receive_maximum(version, receive_maximum, identifier)?;

        let state = self.state(identifier);
        let on = match (publish.qos, state) {
            // A repeated PUBLISH was accepted when it first came.
            (_, FlowState::Free) if !accepted && version == Version::V5 => Trigger::PublishRefused,
            (QoS::ExactlyOnce, _) => Trigger::PublishQoS2,
            _ => Trigger::PublishQoS1,
        };
        let row = transition(Side::Receiver, state, on).ok_or(Violation::Unexpected {
            packet_type: PacketType::Publish,
            packet_identifier: identifier,
            state,
        })?;

        if row.to == FlowState::AwaitingPubRel {
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
                Action::Store => effects.store(Key::Inbound(identifier), || Some(Bytes::new())),
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
        self.counted = 0;
    }

    /// Receive Maximum counts anew on each connection (5.0, 4.9).
    pub fn reset_connection(&mut self) {
        self.awaiting.values_mut().for_each(|counts| *counts = false);
        self.counted = 0;
    }

    /// Takes an identifier back from storage.
    pub fn restore(&mut self, identifier: PacketIdentifier) {
        self.awaiting.insert(identifier, false);
    }

    /// Identifiers that await PUBREL, ascending.
    pub fn identifiers(&self) -> impl Iterator<Item = PacketIdentifier> + '_ {
        self.awaiting.keys().copied()
    }

    /// How many identifiers await PUBREL.
    pub fn len(&self) -> usize {
        self.awaiting.len()
    }

    /// Bytes of memory that the identifiers take.
    pub fn footprint(&self) -> usize {
        self.awaiting.len() * IDENTIFIER
    }

    /// Whether this one does.
    pub fn contains(&self, identifier: PacketIdentifier) -> bool {
        self.awaiting.contains_key(&identifier)
    }

    fn state(&self, identifier: PacketIdentifier) -> FlowState {
        match self.contains(identifier) {
            true => FlowState::AwaitingPubRel,
            false => FlowState::Free,
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
