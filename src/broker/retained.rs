use std::collections::BTreeMap;
use std::ops::Bound;
use std::time::Duration;

use bytestring::ByteString;

use super::Limits;
use super::budget::{Account, Budget, Charge};
use crate::codec::{Publish, topic};
use crate::session::age;
use crate::time::Instant;

/// The retained messages, by topic name (3.3.1.3).
#[derive(Clone, Debug, Default)]
pub(super) struct Retained {
    messages: BTreeMap<ByteString, Message>,
}

/// One retained message.
#[derive(Clone, Debug)]
pub(super) struct Message {
    /// As it is forwarded, with RETAIN set.
    pub publish: Publish,
    /// The client that published it: No Local holds for it too.
    pub publisher: ByteString,
    /// When it came, for its Message Expiry Interval.
    at: Instant,
    charge: Charge,
}

impl Retained {
    /// Whether there is room for this message, with so many bytes of memory
    /// left besides those of the message in whose place it comes.
    pub fn has_room(&self, publish: &Publish, limits: &Limits, room: usize) -> bool {
        let (count, room) = match self.messages.get(&publish.topic) {
            Some(old) => (self.messages.len() - 1, room.saturating_add(old.charge.bytes())),
            None => (self.messages.len(), room),
        };
        // The publisher's name is short and may be there already.
        publish.payload.is_empty() || count < limits.max_retained && footprint(publish, "") <= room
    }

    /// Keeps a message in the place of the one before ([MQTT-3.3.1-5]), or,
    /// if its payload is empty, removes that ([MQTT-3.3.1-6],
    /// [MQTT-3.3.1-7]; 3.1.1: [MQTT-3.3.1-10], [MQTT-3.3.1-11]). Returns when
    /// it expires, if it does.
    pub fn set(
        &mut self,
        budget: &mut Budget,
        now: Instant,
        publish: &Publish,
        publisher: ByteString,
    ) -> Option<Instant> {
        self.remove(budget, &publish.topic);
        if publish.payload.is_empty() {
            return None;
        }
        let mut charge = Charge::default();
        budget.set(Account::Retained, &mut charge, footprint(publish, &publisher));
        let message = Message { publish: publish.clone(), publisher, at: now, charge };
        let expiry = message.expiry();
        self.messages.insert(publish.topic.clone(), message);
        expiry
    }

    /// Removes the message of this topic, if there is one.
    pub fn remove(&mut self, budget: &mut Budget, topic: &str) {
        if let Some(mut old) = self.messages.remove(topic) {
            budget.set(Account::Retained, &mut old.charge, 0);
        }
    }

    /// Charges another budget with all of them.
    pub fn charge(&mut self, budget: &mut Budget) {
        for message in self.messages.values_mut() {
            message.charge = Charge::default();
            let bytes = footprint(&message.publish, &message.publisher);
            budget.set(Account::Retained, &mut message.charge, bytes);
        }
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.messages.len()
    }

    /// When each message expires that does.
    pub fn expiries(&self) -> Vec<(ByteString, Instant)> {
        let expiries = self.messages.iter();
        expiries.filter_map(|(topic, message)| Some((topic.clone(), message.expiry()?))).collect()
    }

    /// Every message, by topic.
    pub fn iter(&self) -> impl Iterator<Item = &Message> {
        self.messages.values()
    }

    /// The messages that match a filter, among the next `scan` by topic after
    /// `after`, up to the one with which they take `bytes` together. The topic
    /// returned is where to continue; `None`: that was all.
    pub fn matching(
        &self,
        filter: &str,
        after: Option<&ByteString>,
        scan: usize,
        bytes: usize,
    ) -> (Vec<Message>, Option<ByteString>) {
        if !topic::has_wildcard(filter) {
            return (self.messages.get(filter).cloned().into_iter().collect(), None);
        }
        let prefix = literal_prefix(filter);
        let start = match after {
            Some(after) => Bound::Excluded(&**after),
            None => Bound::Included(prefix),
        };
        let mut found = Vec::new();
        let mut last = None;
        let mut taken = 0;
        let mut messages = self.messages.range::<str, _>((start, Bound::Unbounded));
        for _ in 0..scan {
            match messages.next() {
                Some((name, message)) if name.starts_with(prefix) => {
                    last = Some(name);
                    if topic::matches(filter, name) {
                        found.push(message.clone());
                        taken += message.charge.bytes();
                    }
                    if taken >= bytes {
                        break;
                    }
                }
                _ => return (found, None),
            }
        }
        (found, last.cloned())
    }
}

impl Message {
    fn expiry(&self) -> Option<Instant> {
        let seconds = self.publish.properties.message_expiry_interval()?;
        Some(self.at + Duration::from_secs(seconds.into()))
    }

    /// The message with what is left of its Message Expiry Interval
    /// ([MQTT-3.3.2-6]); `None` if that is over and the timer is late.
    pub fn aged(&self, now: Instant) -> Option<Publish> {
        let mut publish = self.publish.clone();
        age(&mut publish, now.since(self.at)).then_some(publish)
    }
}

/// Bytes of memory that a retained message takes.
fn footprint(publish: &Publish, publisher: &str) -> usize {
    PLACE + publish.footprint() + publisher.len()
}

/// What every name that matches begins with. `a/#` matches `a` as well.
fn literal_prefix(filter: &str) -> &str {
    let end = filter.find(['+', '#']).unwrap_or(filter.len());
    let prefix = &filter[..end];
    match filter[end..].starts_with('#') {
        true => prefix.strip_suffix('/').unwrap_or(prefix),
        false => prefix,
    }
}

/// Bytes of a message's place in the map, and of its timer.
const PLACE: usize = 512;
