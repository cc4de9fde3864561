use std::collections::{BTreeMap, BTreeSet};

use super::Subscribed;
use crate::codec::{Publish, topic};

/// Counts the messages that came for each subscription.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Deliveries {
    /// By topic filter.
    counts: BTreeMap<String, [u64; 3]>,
}

impl Deliveries {
    /// No message received yet.
    pub fn new() -> Self {
        Deliveries::default()
    }

    /// Counts a message that arrived, with its topic name in full, for each
    /// subscription that it [belongs to](Subscribed::is_meant_by).
    pub fn count(&mut self, subscriptions: &[Subscribed], message: &Publish) {
        for subscribed in subscriptions.iter().filter(|meant| meant.is_meant_by(message)) {
            let filter = &*subscribed.requested.filter;
            if !self.counts.contains_key(filter) {
                self.counts.insert(filter.to_owned(), [0; 3]);
            }
            if let Some(counts) = self.counts.get_mut(filter) {
                let count = &mut counts[usize::from(message.qos.bits())];
                *count = count.saturating_add(1);
            }
        }
    }

    /// How many messages came for this filter, by QoS.
    pub fn of(&self, filter: &str) -> [u64; 3] {
        self.counts.get(filter).copied().unwrap_or_default()
    }

    /// Forgets the counts of filters that are no longer subscribed.
    pub fn retain(&mut self, subscriptions: &[Subscribed]) {
        let filters: BTreeSet<&str> =
            subscriptions.iter().map(|subscribed| &*subscribed.requested.filter).collect();
        self.counts.retain(|filter, _| filters.contains(filter.as_str()));
    }
}

impl Subscribed {
    /// Whether a message that arrived, with its topic name in full, was sent
    /// for this subscription: it carries its identifier (5.0,
    /// [MQTT-3.3.4-3]), or, if this has none, the filter matches; then the
    /// server does not say for which one it was sent.
    pub fn is_meant_by(&self, message: &Publish) -> bool {
        match self.subscription_identifier {
            Some(identifier) => {
                message.properties.subscription_identifiers().any(|meant| meant == identifier)
            }
            None => {
                let filter = &*self.requested.filter;
                let plain = topic::split_shared(filter).map_or(filter, |(_, plain)| plain);
                topic::matches(plain, &message.topic)
            }
        }
    }
}
