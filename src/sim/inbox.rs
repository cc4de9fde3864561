use std::collections::{BTreeMap, VecDeque};
use std::hash::{DefaultHasher, Hash, Hasher};

use crate::codec::Publish;
use crate::time::Instant;

/// What a client's application has received.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Inbox {
    /// The newest, oldest first, at most [`Inbox::CAPACITY`] with at most
    /// [`Inbox::BYTES`]. The newest stays, however large it is.
    pub deliveries: VecDeque<Delivery>,
    /// How many there were in all.
    pub total: u64,
    /// How many of all were duplicates.
    pub duplicates: u64,
    /// How often each message came, live ones only.
    copies: BTreeMap<Name, u32>,
    /// Bytes of the topics and payloads that are held.
    bytes: usize,
}

/// One message that was handed to the application.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delivery {
    /// When.
    pub at: Instant,
    /// The message as it came.
    pub message: Publish,
    /// Which copy of the message this is, from 1. Messages are told apart by
    /// topic and payload.
    pub copy: u32,
    /// Whether more copies have come than messages were published.
    pub duplicate: bool,
}

/// What tells one message from another: 128 bits of topic and payload. There
/// are as many as messages, and their payloads would take many times as much.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Name([u64; 2]);

impl Name {
    pub fn of(message: &Publish) -> Self {
        Name::new(&message.topic, &message.payload)
    }

    fn new(topic: &str, payload: &[u8]) -> Self {
        Name([0_u8, 1].map(|half| {
            let mut hasher = DefaultHasher::new();
            (half, topic, payload).hash(&mut hasher);
            hasher.finish()
        }))
    }
}

impl Inbox {
    /// Deliveries that are held.
    pub const CAPACITY: usize = 1_000;
    /// Bytes of their topics and payloads: 2 MiB.
    pub const BYTES: usize = 2 << 20;

    /// How many copies of messages with this topic and payload have come, as
    /// far as they were not retained ones.
    pub fn copies(&self, topic: &str, payload: &[u8]) -> u32 {
        self.copies.get(&Name::new(topic, payload)).copied().unwrap_or(0)
    }

    /// Adds a message of which `published` have been published so far. A
    /// retained one is no copy of a live one: it comes once for each
    /// subscription.
    pub(super) fn push(&mut self, at: Instant, message: Publish, published: u32) {
        let copy = match message.retain {
            true => 1,
            false => {
                let copies = self.copies.entry(Name::of(&message)).or_default();
                *copies += 1;
                *copies
            }
        };
        let duplicate = copy > published.max(1);
        self.total += 1;
        self.duplicates += u64::from(duplicate);
        self.bytes += size(&message);
        self.deliveries.push_back(Delivery { at, message, copy, duplicate });
        while self.deliveries.len() > Self::CAPACITY
            || self.deliveries.len() > 1 && self.bytes > Self::BYTES
        {
            let oldest = self.deliveries.pop_front();
            self.bytes -= oldest.map_or(0, |oldest| size(&oldest.message));
        }
    }

    /// Bytes of memory that it takes, roughly.
    pub(super) fn weight(&self) -> usize {
        self.bytes + self.deliveries.len() * size_of::<Delivery>() + self.copies.len() * NAME
    }
}

fn size(message: &Publish) -> usize {
    message.topic.len() + message.payload.len()
}

/// Bytes of a name and its number in a map, which is not always full.
pub(super) const NAME: usize = 32;
