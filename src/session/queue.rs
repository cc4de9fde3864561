use std::collections::VecDeque;
use std::time::Duration;

use bytes::Bytes;

use super::past::Past;
use super::store;
use super::{FlowState, Token};
use crate::codec::{Property, PropertyId, Publish, QoS, ReasonCode};
use crate::time::Instant;

/// A message of ours that was never sent, or starts over.
#[derive(Clone, Debug)]
pub(super) struct Queued {
    /// Which message.
    pub token: Token,
    /// The message.
    pub message: Publish,
    /// When it was handed over; `None` if that was in an earlier process.
    pub at: Option<Instant>,
    /// Whether storage may hold it.
    pub stored: bool,
    /// What has happened to it so far.
    pub past: Past,
}

/// A message in the queue with what it was counted with.
#[derive(Clone, Debug)]
struct Place {
    queued: Queued,
    bytes: usize,
}

impl Queued {
    /// The value for durable storage.
    pub fn write(&self) -> Option<Bytes> {
        let head = store::Head {
            state: FlowState::Free,
            packet_identifier: None,
            released: 0,
            answer: ReasonCode::Success,
            qos: self.message.qos,
            past: self.past,
            is_told: false,
        };
        store::write(&head, Some(&self.message))
    }

    /// From when on it must not be sent anymore, if that is known.
    pub fn expires_at(&self) -> Option<Instant> {
        let seconds = self.message.properties.message_expiry_interval()?;
        Some(self.at? + Duration::from_secs(seconds.into()))
    }

    /// Ages the message by the time that it waited. False if it must not be
    /// sent anymore.
    pub fn age(&mut self, now: Instant) -> bool {
        self.at.is_none_or(|at| age(&mut self.message, now.since(at)))
    }
}

/// Messages that wait for a connection, for the peer's Receive Maximum or for
/// a packet identifier, oldest first.
#[derive(Clone, Debug, Default)]
pub(super) struct Queue {
    places: VecDeque<Place>,
    /// How many of them are QoS 0.
    qos0: usize,
    /// What they weigh together.
    bytes: usize,
    /// No message expires before.
    next_expiry: Option<Instant>,
}

impl Queue {
    /// Behind all others.
    pub fn push_back(&mut self, queued: Queued) {
        let place = self.count(queued);
        self.places.push_back(place);
    }

    /// Ahead of all others.
    pub fn push_front(&mut self, queued: Queued) {
        let place = self.count(queued);
        self.places.push_front(place);
    }

    /// The oldest.
    pub fn front(&self) -> Option<&Queued> {
        self.places.front().map(|place| &place.queued)
    }

    /// Takes the oldest.
    pub fn pop_front(&mut self) -> Option<Queued> {
        self.remove(0)
    }

    /// Takes the one that makes room for others: the oldest QoS 0 message,
    /// else the oldest.
    pub fn pop_expendable(&mut self) -> Option<Queued> {
        let expendable = match self.qos0 {
            0 => None,
            _ => self.iter().position(|queued| is_qos0(queued) == 1),
        };
        self.remove(expendable.unwrap_or_default())
    }

    /// Takes those whose Message Expiry Interval is over
    /// ([MQTT-3.3.2-5], 5.0).
    pub fn take_expired(&mut self, now: Instant) -> Vec<Queued> {
        if self.next_expiry.is_none_or(|at| at > now) {
            return Vec::new();
        }
        let is_over = |queued: &Queued| queued.expires_at().is_some_and(|at| at <= now);
        let (mut kept, mut expired) = (Queue::default(), Vec::new());
        for Place { queued, .. } in std::mem::take(self).places {
            match is_over(&queued) {
                true => expired.push(queued),
                false => kept.push_back(queued),
            }
        }
        *self = kept;
        expired
    }

    /// No message expires before; `None` if none does.
    pub fn next_expiry(&self) -> Option<Instant> {
        self.next_expiry
    }

    /// Takes this one.
    pub fn take(&mut self, token: Token) -> Option<Queued> {
        let index = self.iter().position(|queued| queued.token == token)?;
        self.remove(index)
    }

    /// Oldest first.
    pub fn iter(&self) -> impl Iterator<Item = &Queued> {
        self.places.iter().map(|place| &place.queued)
    }

    /// How many wait.
    pub fn len(&self) -> usize {
        self.places.len()
    }

    /// How many bytes wait.
    pub fn bytes(&self) -> usize {
        self.bytes
    }

    /// Bytes of memory for more messages than there are.
    pub fn spare(&self) -> usize {
        (self.places.capacity() - self.places.len()) * size_of::<Place>()
    }

    /// Whether a QoS 0 message waits.
    pub fn has_qos0(&self) -> bool {
        self.qos0 > 0
    }

    fn count(&mut self, queued: Queued) -> Place {
        let bytes = footprint(&queued.message);
        self.qos0 += is_qos0(&queued);
        self.bytes += bytes;
        let expiry = queued.expires_at();
        self.next_expiry = self.next_expiry.into_iter().chain(expiry).min();
        Place { queued, bytes }
    }

    fn remove(&mut self, index: usize) -> Option<Queued> {
        let Place { queued, bytes } = self.places.remove(index)?;
        self.qos0 -= is_qos0(&queued);
        self.bytes -= bytes;
        if self.places.is_empty() {
            self.next_expiry = None;
            if self.places.capacity() > KEPT {
                self.places = VecDeque::new();
            }
        }
        Some(queued)
    }
}

/// Takes the time spent waiting off the Message Expiry Interval
/// ([MQTT-3.3.2-6]). False if nothing is left: a message whose delivery has
/// not started must not be sent then ([MQTT-3.3.2-5]).
pub(crate) fn age(message: &mut Publish, waited: Duration) -> bool {
    let waited = waited.as_secs();
    let Some(interval) = message.properties.message_expiry_interval().filter(|_| waited > 0) else {
        return true;
    };
    // What is left of a u32 fits into a u32.
    let left = u64::from(interval).saturating_sub(waited) as u32;
    message.properties.remove(PropertyId::MessageExpiryInterval);
    message.properties.push(Property::MessageExpiryInterval(left));
    left > 0
}

/// The bytes that count against [`Limits::queue_bytes`](super::Limits): of the
/// message, and of its place among the others.
pub(crate) fn footprint(message: &Publish) -> usize {
    PLACE + message.footprint() - size_of::<Publish>()
}

fn is_qos0(queued: &Queued) -> usize {
    usize::from(queued.message.qos == QoS::AtMostOnce)
}

/// Room for this many messages or flows is kept while there are none.
pub(super) const KEPT: usize = 64;

/// Bytes of a message's place in the queue or among the flows, without what
/// the message refers to.
pub(super) const PLACE: usize = 256;

const _: () = assert!(size_of::<Place>() <= PLACE && size_of::<Publish>() <= PLACE);
