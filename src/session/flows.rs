use bytes::Bytes;

use super::queue::{KEPT, PLACE, age, footprint};
use super::store;
use super::{FlowState, Outcome, Token, Trigger};
use crate::codec::{PacketIdentifier, Publish, QoS, ReasonCode};
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
        let message = self.message.as_ref();
        store::write(self.state, Some(identifier), self.released, self.answer, self.qos, message)
    }

    /// How a flow ended that `on` ended with `reason`.
    pub fn outcome(&self, on: Trigger, reason: ReasonCode) -> Outcome {
        match on {
            Trigger::PubAckError | Trigger::PubRecError => Outcome::Refused(reason),
            Trigger::PubComp => Outcome::Acknowledged(self.answer),
            _ => Outcome::Acknowledged(reason),
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

    /// The identifiers of the open flows, in the order in which they are sent
    /// again.
    pub fn in_order(&self) -> impl DoubleEndedIterator<Item = PacketIdentifier> + use<> {
        let mut order: Vec<_> = self.iter().map(|(id, flow)| (flow.place(), id)).collect();
        order.sort_unstable();
        order.into_iter().map(|(_, identifier)| identifier)
    }

    /// On a new connection nothing has used up quota yet.
    pub fn reset_counts(&mut self) {
        self.slots.iter_mut().flatten().for_each(|slot| slot.flow.counts = false);
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
