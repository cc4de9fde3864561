use std::collections::{BTreeMap, VecDeque};

use bytes::Bytes;
use bytestring::ByteString;

use crate::codec::Publish;
use crate::time::Instant;

/// What a client's application has received.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Inbox {
    /// The newest, oldest first, at most [`Inbox::CAPACITY`].
    pub deliveries: VecDeque<Delivery>,
    /// How many there were in all.
    pub total: u64,
    /// How many of all were duplicates.
    pub duplicates: u64,
    /// How often each message came, live ones only.
    copies: BTreeMap<Name, u32>,
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

/// What tells one message from another.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Name {
    topic: ByteString,
    payload: Bytes,
}

impl Name {
    pub fn of(message: &Publish) -> Self {
        Name { topic: message.topic.clone(), payload: message.payload.clone() }
    }
}

impl Inbox {
    /// Deliveries that are held.
    pub const CAPACITY: usize = 1_000;

    /// How many copies of messages with this topic and payload have come, as
    /// far as they were not retained ones.
    pub fn copies(&self, topic: &str, payload: &[u8]) -> u32 {
        let name = Name { topic: topic.into(), payload: Bytes::copy_from_slice(payload) };
        self.copies.get(&name).copied().unwrap_or(0)
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
        self.deliveries.push_back(Delivery { at, message, copy, duplicate });
        if self.deliveries.len() > Self::CAPACITY {
            self.deliveries.pop_front();
        }
    }
}
