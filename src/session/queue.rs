use std::collections::VecDeque;
use std::time::Duration;

use bytes::Bytes;

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
}

impl Queued {
    /// The value for durable storage.
    pub fn write(&self) -> Option<Bytes> {
        let message = &self.message;
        store::write(FlowState::Free, None, 0, ReasonCode::Success, message.qos, Some(message))
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
    messages: VecDeque<Queued>,
    /// How many of them are QoS 0.
    qos0: usize,
    /// What they weigh together.
    bytes: usize,
}

impl Queue {
    /// Behind all others.
    pub fn push_back(&mut self, queued: Queued) {
        self.qos0 += is_qos0(&queued);
        self.bytes += weight(&queued.message);
        self.messages.push_back(queued);
    }

    /// Ahead of all others.
    pub fn push_front(&mut self, queued: Queued) {
        self.qos0 += is_qos0(&queued);
        self.bytes += weight(&queued.message);
        self.messages.push_front(queued);
    }

    /// The oldest.
    pub fn front(&self) -> Option<&Queued> {
        self.messages.front()
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
            _ => self.messages.iter().position(|queued| is_qos0(queued) == 1),
        };
        self.remove(expendable.unwrap_or(0))
    }

    /// Takes this one.
    pub fn take(&mut self, token: Token) -> Option<Queued> {
        self.remove(self.messages.iter().position(|queued| queued.token == token)?)
    }

    /// Oldest first.
    pub fn iter(&self) -> impl Iterator<Item = &Queued> {
        self.messages.iter()
    }

    /// How many wait.
    pub fn len(&self) -> usize {
        self.messages.len()
    }

    /// How many bytes wait.
    pub fn bytes(&self) -> usize {
        self.bytes
    }

    /// Whether a QoS 0 message waits.
    pub fn has_qos0(&self) -> bool {
        self.qos0 > 0
    }

    fn remove(&mut self, index: usize) -> Option<Queued> {
        let queued = self.messages.remove(index)?;
        self.qos0 -= is_qos0(&queued);
        self.bytes -= weight(&queued.message);
        if self.messages.is_empty() && self.messages.capacity() > KEPT {
            self.messages = VecDeque::new();
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

/// The bytes that count against [`Limits::queue_bytes`](super::Limits).
/// What a message weighs does not change while it is held.
pub(crate) fn weight(message: &Publish) -> usize {
    let properties = message.properties.iter().map(|property| match property {
        Property::UserProperty(name, value) => name.len() + value.len(),
        Property::ContentType(text) | Property::ResponseTopic(text) => text.len(),
        Property::CorrelationData(data) => data.len(),
        _ => 0,
    });
    message.topic.len() + message.payload.len() + properties.sum::<usize>()
}

fn is_qos0(queued: &Queued) -> usize {
    usize::from(queued.message.qos == QoS::AtMostOnce)
}

/// Room for this many messages or flows is kept while there are none.
pub(super) const KEPT: usize = 64;
