use std::collections::BTreeMap;

use bytes::Bytes;
use bytestring::ByteString;

use super::{ClosedReason, Grant, Subscribed, stored};
use crate::codec::{
    PacketIdentifier, Properties, ReasonCode, Statement, SubAck, Subscribe, Subscription, Version,
};
use crate::session::Key;

/// What we are subscribed to or have asked for, and which SUBSCRIBEs and
/// UNSUBSCRIBEs await their answer.
#[derive(Clone, Debug, Default)]
pub(super) struct Subscriptions {
    entries: BTreeMap<ByteString, Entry>,
    requests: BTreeMap<PacketIdentifier, Request>,
    /// The place of the next entry among all.
    next_place: u64,
    /// What durable storage has not been told yet; `None` deletes.
    changes: Vec<(Key, Option<Bytes>)>,
}

/// One topic filter.
#[derive(Clone, Debug)]
struct Entry {
    place: u64,
    requested: Subscription,
    granted: Option<ReasonCode>,
    /// Of the SUBSCRIBE that asked for it.
    properties: Properties,
    /// The SUBSCRIBE under way for it.
    asked: Option<PacketIdentifier>,
    /// Whether an UNSUBSCRIBE was sent after that.
    leaving: bool,
}

/// A packet that awaits its answer.
#[derive(Clone, Debug)]
enum Request {
    Subscribe(Vec<Subscription>),
    Unsubscribe(Vec<ByteString>),
}

/// Requests to repeat on a new connection.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Again {
    /// One SUBSCRIBE for each, in the order in which they were first asked.
    pub subscribe: Vec<(Vec<Subscription>, Properties)>,
    /// One UNSUBSCRIBE for all.
    pub unsubscribe: Vec<ByteString>,
}

impl Subscriptions {
    /// A SUBSCRIBE was sent. A filter that is there already is replaced, as
    /// the server does it ([MQTT-3.8.4-3]).
    pub fn subscribe(&mut self, packet: Subscribe) {
        let Subscribe { packet_identifier, subscriptions, properties } = packet;
        for requested in &subscriptions {
            let place = self.entries.get(&requested.filter).map_or(self.next_place, |e| e.place);
            self.next_place += u64::from(place == self.next_place);
            let entry = Entry {
                place,
                requested: requested.clone(),
                granted: None,
                properties: properties.clone(),
                asked: Some(packet_identifier),
                leaving: false,
            };
            self.changes.push((entry.key(), entry.write()));
            self.entries.insert(requested.filter.clone(), entry);
        }
        self.requests.insert(packet_identifier, Request::Subscribe(subscriptions));
    }

    /// An UNSUBSCRIBE was sent.
    pub fn unsubscribe(&mut self, packet_identifier: PacketIdentifier, filters: Vec<ByteString>) {
        filters.iter().for_each(|filter| self.set_leaving(filter, true));
        self.requests.insert(packet_identifier, Request::Unsubscribe(filters));
    }

    /// Handles SUBACK.
    pub fn handle_suback(
        &mut self,
        version: Version,
        ack: &SubAck,
    ) -> Result<Vec<Grant>, ClosedReason> {
        let asked = match self.requests.get(&ack.packet_identifier) {
            Some(Request::Subscribe(asked)) => asked.clone(),
            _ => {
                let what = "A SUBACK came for a packet identifier without a SUBSCRIBE.";
                let statement = Statement::both("MQTT-3.8.4-2", "MQTT-3.8.4-2");
                return Err(ClosedReason::unexpected(version, what, statement));
            }
        };
        if asked.len() != ack.reasons.len() {
            let what = "A SUBACK must have one reason code for each topic filter.";
            let statement = Statement::both("MQTT-3.8.4-5", "MQTT-3.8.4-6");
            return Err(ClosedReason::unexpected(version, what, statement));
        }
        self.requests.remove(&ack.packet_identifier);
        let grants = asked.into_iter().zip(&ack.reasons).map(|(subscription, reason)| {
            self.grant(&subscription, ack.packet_identifier, *reason);
            Grant { filter: subscription.filter, requested: subscription.qos, reason: *reason }
        });
        let grants: Vec<_> = grants.collect();
        for entry in grants.iter().map(|grant| &grant.filter) {
            self.answered(entry, ack.packet_identifier);
        }
        Ok(grants)
    }

    /// Handles UNSUBACK.
    pub fn handle_unsuback(
        &mut self,
        version: Version,
        ack: &SubAck,
    ) -> Result<Vec<(ByteString, ReasonCode)>, ClosedReason> {
        let filters = match self.requests.get(&ack.packet_identifier) {
            Some(Request::Unsubscribe(filters)) => filters.clone(),
            _ => {
                let what = "An UNSUBACK came for a packet identifier without an UNSUBSCRIBE.";
                let statement = Statement::both("MQTT-3.10.4-4", "MQTT-3.10.4-5");
                return Err(ClosedReason::unexpected(version, what, statement));
            }
        };
        let reasons = match version {
            Version::V311 => vec![ReasonCode::Success; filters.len()],
            Version::V5 => ack.reasons.clone(),
        };
        if filters.len() != reasons.len() {
            let what = "An UNSUBACK must have one reason code for each topic filter.";
            let statement = Statement::v5("MQTT-3.11.3-1");
            return Err(ClosedReason::unexpected(version, what, statement));
        }
        self.requests.remove(&ack.packet_identifier);
        for (filter, reason) in filters.iter().zip(&reasons) {
            match reason.is_error() {
                true => self.set_leaving(filter, false),
                false => self.leave(filter),
            }
        }
        Ok(filters.into_iter().zip(reasons).collect())
    }

    /// The client itself knows that the server would not take this one.
    pub fn refuse(&mut self, filter: &str, reason: ReasonCode) {
        if let Some(entry) = self.entries.get_mut(filter) {
            entry.granted = Some(reason);
            self.changes.push((entry.key(), entry.write()));
        }
    }

    /// The connection is gone, and with it every answer that was still to
    /// come. Returns the identifiers that are free again.
    pub fn handle_disconnected(&mut self) -> Vec<PacketIdentifier> {
        self.entries.values_mut().for_each(|entry| entry.asked = None);
        std::mem::take(&mut self.requests).into_keys().collect()
    }

    /// A connection is there. With `session_present` the server still knows
    /// what it has granted; without, it knows nothing. What it does not know
    /// is asked again, or forgotten if the client is not to `resubscribe`.
    pub fn handle_connected(&mut self, session_present: bool, resubscribe: bool) -> Again {
        if !session_present {
            self.retain(|entry| !entry.leaving);
            // A failure stays what it is; nothing else is granted any more.
            let lost = self.entries.values_mut().filter(|entry| !entry.has_failed());
            for entry in lost {
                entry.granted = None;
                self.changes.push((entry.key(), entry.write()));
            }
        }
        if !resubscribe {
            self.retain(|entry| entry.granted.is_some());
            self.entries.values_mut().for_each(|entry| entry.leaving = false);
            return Again::default();
        }
        let leaving = self.in_order().filter(|entry| entry.leaving);
        Again {
            unsubscribe: leaving.map(|entry| entry.requested.filter.clone()).collect(),
            subscribe: self.not_granted(),
        }
    }

    /// Whether some server has granted one.
    pub fn has_grants(&self) -> bool {
        self.entries.values().any(|entry| entry.granted.is_some())
    }

    /// Takes a subscription back from storage. False if it cannot be
    /// read.
    pub fn restore(&mut self, place: u64, value: &Bytes) -> bool {
        let Some((granted, requested, properties)) = stored::read(value) else { return false };
        self.next_place = self.next_place.max(place.saturating_add(1));
        let filter = requested.filter.clone();
        let entry = Entry { place, requested, granted, properties, asked: None, leaving: false };
        self.entries.insert(filter, entry).is_none()
    }

    /// Entries to commit or delete, in order.
    pub fn take_changes(&mut self) -> Vec<(Key, Option<Bytes>)> {
        std::mem::take(&mut self.changes)
    }

    /// A new session is asked for: what was stored of the old one goes.
    pub fn forget_stored(&mut self, place: u64) {
        self.changes.push((Key::Subscription(place), None));
    }

    /// Entries that storage should hold.
    pub fn export(&self) -> impl Iterator<Item = (Key, Bytes)> + '_ {
        self.entries.values().filter_map(|entry| Some((entry.key(), entry.write()?)))
    }

    /// For views: in the order in which they were first asked for.
    pub fn list(&self) -> Vec<Subscribed> {
        self.in_order()
            .map(|entry| Subscribed {
                requested: entry.requested.clone(),
                granted: entry.granted,
                subscription_identifier: entry.properties.subscription_identifiers().next(),
            })
            .collect()
    }

    fn in_order(&self) -> impl Iterator<Item = &Entry> {
        let mut entries: Vec<_> = self.entries.values().collect();
        entries.sort_unstable_by_key(|entry| entry.place);
        entries.into_iter()
    }

    /// Entries without an answer; neighbors with equal properties share a
    /// SUBSCRIBE.
    fn not_granted(&self) -> Vec<(Vec<Subscription>, Properties)> {
        let mut packets: Vec<(Vec<Subscription>, Properties)> = Vec::new();
        let missing = self.in_order().filter(|entry| entry.granted.is_none() && !entry.leaving);
        for entry in missing {
            match packets.last_mut() {
                Some((subscriptions, properties)) if *properties == entry.properties => {
                    subscriptions.push(entry.requested.clone());
                }
                _ => packets.push((vec![entry.requested.clone()], entry.properties.clone())),
            }
        }
        packets
    }

    /// Notes a grant, unless a newer SUBSCRIBE for the filter is under way. Of a
    /// filter that one SUBSCRIBE names twice the later counts, as if there had
    /// been two ([MQTT-3.8.4-4] in 3.1.1, [MQTT-3.8.4-5] in 5.0); a refusal
    /// leaves what was granted before it.
    fn grant(&mut self, requested: &Subscription, by: PacketIdentifier, reason: ReasonCode) {
        if let Some(entry) = self.entries.get_mut(&requested.filter)
            && entry.asked == Some(by)
        {
            let stands = entry.granted.is_some_and(|granted| !granted.is_error());
            if !(stands && reason.is_error()) {
                entry.requested = requested.clone();
                entry.granted = Some(reason);
                self.changes.push((entry.key(), entry.write()));
            }
        }
    }

    /// The SUBSCRIBE under way for this filter has its answer.
    fn answered(&mut self, filter: &str, by: PacketIdentifier) {
        if let Some(entry) = self.entries.get_mut(filter).filter(|it| it.asked == Some(by)) {
            entry.asked = None;
        }
    }

    fn set_leaving(&mut self, filter: &str, leaving: bool) {
        if let Some(entry) = self.entries.get_mut(filter) {
            entry.leaving = leaving;
        }
    }

    /// Forgets a filter, unless it was subscribed to again since.
    fn leave(&mut self, filter: &str) {
        if let Some(entry) = self.entries.get(filter).filter(|entry| entry.leaving) {
            self.changes.push((entry.key(), None));
            self.entries.remove(filter);
        }
    }

    fn retain(&mut self, keep: impl Fn(&Entry) -> bool) {
        let Subscriptions { entries, changes, .. } = self;
        entries.retain(|_, entry| {
            let keeps = keep(entry);
            if !keeps {
                changes.push((entry.key(), None));
            }
            keeps
        });
    }
}

impl Entry {
    fn key(&self) -> Key {
        Key::Subscription(self.place)
    }

    /// The value for durable storage, which keeps no refusals.
    fn write(&self) -> Option<Bytes> {
        match self.has_failed() {
            true => None,
            false => stored::write(self.granted, &self.requested, &self.properties),
        }
    }

    fn has_failed(&self) -> bool {
        self.granted.is_some_and(ReasonCode::is_error)
    }
}
