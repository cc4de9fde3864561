use bytes::Bytes;

use super::past::Past;
use super::queue::{KEPT, PLACE, age, footprint};
use super::store;
use super::{FlowState, Outcome, Token, Transition, Trigger};
use crate::codec::{PacketIdentifier, PacketType, Publish, QoS, ReasonCode};
use crate::time::Instant;

/// One message of ours that is under way.
#[derive(Clone, Debug)]
pub(super) struct Flow {
    /// Which message.
    pub token: Token,
    /// Never `Free`.
    pub state: FlowState,
    /// Its QoS, 1 or 2.
    pub qos: QoS,
    /// Dropped once PUBREC has come.
    pub message: Option<Publish>,
    /// The place of its PUBREC among all: PUBRELs are sent again in this order
    /// ([MQTT-4.6.0-4]).
    pub released: u64,
    /// The reason code of its PUBREC.
    pub answer: ReasonCode,
    /// When it was last sent; `None` if that was in an earlier process.
    pub at: Option<Instant>,
    /// Whether it used up quota of this connection.
    pub counts: bool,
    /// The place of what was last sent of it among all that was sent on this
    /// connection, from 1; 0 for nothing.
    pub place_sent: u64,
    /// Whether the peer may know the identifier from an earlier connection.
    pub known: bool,
    /// What has happened to the message so far.
    pub past: Past,
    /// Whether its outcome was told already, and only the identifier is left.
    pub is_told: bool,
    /// How many PUBRECs came after the first.
    pub repeats: u8,
    /// How many wrong answers were taken for answers to something else.
    pub strays: u8,
}

impl Flow {
    /// The order in which flows are sent again: first PUBRELs by their PUBREC,
    /// then PUBLISHes by their first sending.
    pub fn place(&self) -> (bool, u64) {
        match self.message {
            None => (false, self.released),
            Some(_) => (true, self.token.0),
        }
    }

    /// Ages the message by the time since it was last sent. Its delivery has
    /// started, so it is sent again even when nothing is left.
    fn age(&mut self, now: Instant) {
        if let (Some(message), Some(at)) = (&mut self.message, self.at) {
            age(message, now.since(at));
        }
    }

    /// The bytes of its message, as long as it is there, and of its place.
    fn footprint(&self) -> usize {
        self.message.as_ref().map_or(PLACE, footprint)
    }

    /// The value for durable storage.
    pub fn write(&self, identifier: PacketIdentifier) -> Option<Bytes> {
        let head = store::Head {
            state: self.state,
            packet_identifier: Some(identifier),
            released: self.released,
            answer: self.answer,
            qos: self.qos,
            past: self.past,
            is_told: self.is_told,
        };
        store::write(&head, self.message.as_ref())
    }

    /// How a flow ended that this row ended with `reason`.
    pub fn outcome(&self, row: &Transition, reason: ReasonCode) -> Outcome {
        match (row.from, row.on) {
            (FlowState::AwaitingPubComp, Trigger::PubComp) => match self.qos {
                QoS::ExactlyOnce => Outcome::Acknowledged(self.answer),
                _ => Outcome::AcknowledgedBy(PacketType::PubRec),
            },
            (FlowState::AwaitingPubComp, _) => Outcome::Received(self.answer),
            (_, Trigger::PubAckError | Trigger::PubRecError) => Outcome::Refused(reason),
            (FlowState::AwaitingPubAck, Trigger::PubAck) => Outcome::Acknowledged(reason),
            (_, Trigger::PubAck) => Outcome::AcknowledgedBy(PacketType::PubAck),
            _ => Outcome::AcknowledgedBy(PacketType::PubComp),
        }
    }
}

/// Our flows, by packet identifier.
///
/// The flow of identifier `n` is at `n - 1`, so an acknowledgement finds it in
/// constant time however many are open. Identifiers are handed out lowest
/// first, so the table stays as short as the most flows ever open.
#[derive(Clone, Debug, Default)]
pub(super) struct Flows {
    slots: Vec<Option<Slot>>,
    /// How many of `slots` are occupied.
    open: usize,
    /// What they weigh together.
    bytes: usize,
}

/// A flow with what it was counted with.
#[derive(Clone, Debug)]
struct Slot {
    flow: Flow,
    bytes: usize,
}

impl Flows {
    /// The flow of this identifier.
    pub fn of(&self, identifier: PacketIdentifier) -> Option<&Flow> {
        self.slots.get(slot(identifier))?.as_ref().map(|slot| &slot.flow)
    }

    /// The flow of this identifier, to be changed. Its message stays as it is:
    /// for that there are [`Flows::age`] and [`Flows::discard_message`].
    pub fn of_mut(&mut self, identifier: PacketIdentifier) -> Option<&mut Flow> {
        self.slots.get_mut(slot(identifier))?.as_mut().map(|slot| &mut slot.flow)
    }

    /// Where the flow of this identifier stands; `Free` if there is none.
    pub fn state(&self, identifier: PacketIdentifier) -> FlowState {
        self.of(identifier).map_or(FlowState::Free, |flow| flow.state)
    }

    /// Opens a flow.
    pub fn insert(&mut self, identifier: PacketIdentifier, flow: Flow) {
        self.remove(identifier);
        let index = slot(identifier);
        if self.slots.len() <= index {
            self.slots.resize_with(index + 1, || None);
        }
        let bytes = flow.footprint();
        self.bytes += bytes;
        self.open += 1;
        if let Some(slot) = self.slots.get_mut(index) {
            *slot = Some(Slot { flow, bytes });
        }
    }

    /// Ends a flow.
    pub fn remove(&mut self, identifier: PacketIdentifier) -> Option<Flow> {
        let Slot { flow, bytes } = self.slots.get_mut(slot(identifier))?.take()?;
        self.open -= 1;
        self.bytes -= bytes;
        // A session that was busy once costs nothing idle.
        if self.open == 0 && self.slots.capacity() > KEPT {
            self.slots = Vec::new();
        }
        Some(flow)
    }

    /// Ages the message of a flow.
    pub fn age(&mut self, identifier: PacketIdentifier, now: Instant) {
        self.change(identifier, |flow| flow.age(now));
    }

    /// Drops the message of a flow, which goes on without it.
    pub fn discard_message(&mut self, identifier: PacketIdentifier) {
        self.change(identifier, |flow| flow.message = None);
    }

    /// Changes a flow and counts it again.
    fn change(&mut self, identifier: PacketIdentifier, change: impl FnOnce(&mut Flow)) {
        if let Some(Some(slot)) = self.slots.get_mut(slot(identifier)) {
            change(&mut slot.flow);
            let bytes = slot.flow.footprint();
            self.bytes = self.bytes - slot.bytes + bytes;
            slot.bytes = bytes;
        }
    }

    /// The open flows, by identifier.
    pub fn iter(&self) -> impl Iterator<Item = (PacketIdentifier, &Flow)> {
        let identifiers = (1..=u16::MAX).map_while(PacketIdentifier::new);
        identifiers.zip(&self.slots).filter_map(|(id, slot)| Some((id, &slot.as_ref()?.flow)))
    }

    /// The identifier under which this message is under way.
    pub fn identifier(&self, token: Token) -> Option<PacketIdentifier> {
        self.iter().find(|(_, flow)| flow.token == token).map(|(identifier, _)| identifier)
    }

    /// The identifiers of the open flows, in the order in which they are sent
    /// again.
    pub fn in_order(&self) -> impl DoubleEndedIterator<Item = PacketIdentifier> + use<> {
        let mut order: Vec<_> = self.iter().map(|(id, flow)| (flow.place(), id)).collect();
        order.sort_unstable();
        order.into_iter().map(|(_, identifier)| identifier)
    }

    /// On a new connection nothing has used up quota yet.
    pub fn reset_counts(&mut self) {
        for slot in self.slots.iter_mut().flatten() {
            slot.flow.place_sent = 0;
            slot.flow.known |= std::mem::take(&mut slot.flow.counts);
        }
    }

    /// How many bytes they hold.
    pub fn bytes(&self) -> usize {
        self.bytes
    }

    /// Bytes of memory for more flows than are open.
    pub fn spare(&self) -> usize {
        (self.slots.capacity() - self.open) * size_of::<Option<Slot>>()
    }

    /// How many are open.
    pub fn len(&self) -> usize {
        self.open
    }
}

/// Identifiers start at 1, the table at 0.
fn slot(identifier: PacketIdentifier) -> usize {
    usize::from(identifier.value()) - 1
}

const _: () = assert!(size_of::<Option<Slot>>() <= PLACE);
