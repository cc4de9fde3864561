//! SUBSCRIBE and UNSUBSCRIBE (3.8 to 3.11).

use bytestring::ByteString;

use super::budget::Account;
use super::disconnect::Fault;
use super::sessions::{Held, Replay, SessionId, subscription_footprint};
use super::shared::Subscriber;
use super::{Broker, ConnectionId};
use crate::codec::{
    Packet, Properties, QoS, ReasonCode, RetainHandling, SubAck, Subscribe, Subscription,
    Unsubscribe, Version, topic,
};

impl Broker {
    /// Answers each filter with a reason code, in order ([MQTT-3.8.4-6];
    /// 3.1.1: [MQTT-3.8.4-5]), then sends retained messages.
    pub(super) fn handle_subscribe(
        &mut self,
        id: ConnectionId,
        subscribe: Subscribe,
    ) -> Result<(), Fault> {
        let Some(connection) = self.connections.get(&id) else { return Ok(()) };
        let (version, Some(session)) = (connection.version, connection.session) else {
            return Ok(());
        };
        let Subscribe { packet_identifier, subscriptions, properties } = subscribe;
        let identifier = properties.subscription_identifiers().next().unwrap_or(0);
        let reasons = subscriptions.into_iter().map(|subscription| {
            match self.subscribe(session, version, subscription, identifier) {
                Err(_) if version == Version::V311 => ReasonCode::UnspecifiedError,
                Ok(reason) | Err(reason) => reason,
            }
        });
        let reasons = reasons.collect();
        let properties = Properties::new();
        self.send(id, Packet::SubAck(SubAck { packet_identifier, reasons, properties }));
        self.list_replaying(session);
        self.start_sys();
        Ok(())
    }

    /// Answers each filter with a reason code, in order ([MQTT-3.11.3-1]);
    /// 3.1.1 has none to give.
    pub(super) fn handle_unsubscribe(
        &mut self,
        id: ConnectionId,
        unsubscribe: Unsubscribe,
    ) -> Result<(), Fault> {
        let Some(connection) = self.connections.get(&id) else { return Ok(()) };
        let (version, Some(session)) = (connection.version, connection.session) else {
            return Ok(());
        };
        let Unsubscribe { packet_identifier, filters, .. } = unsubscribe;
        let mut reasons: Vec<_> =
            filters.iter().map(|filter| self.unsubscribe(session, filter)).collect();
        if version == Version::V311 {
            reasons.clear();
        }
        let properties = Properties::new();
        self.send(id, Packet::UnsubAck(SubAck { packet_identifier, reasons, properties }));
        Ok(())
    }

    /// Routes to a session what a subscription asks for.
    pub(super) fn route(&mut self, id: SessionId, held: &Held) {
        self.counters.subscriptions += 1;
        let filter = &*held.subscription.filter;
        match split(held) {
            None => drop(self.tree.insert(filter, Subscriber::Session(id), held.granted())),
            Some((name, filter)) => {
                let (group, new) = self.groups.join(name, filter, id, held.granted());
                if new {
                    self.tree.insert(filter, Subscriber::Group(group), held.granted());
                }
            }
        }
    }

    /// Takes back what [`Broker::route`] did.
    pub(super) fn unroute(&mut self, id: SessionId, held: &Held) {
        let filter = &*held.subscription.filter;
        match split(held) {
            None => drop(self.tree.remove(filter, &Subscriber::Session(id))),
            Some((name, filter)) => {
                if let Some(group) = self.groups.leave(name, filter, id) {
                    self.tree.remove(filter, &Subscriber::Group(group));
                }
            }
        }
        self.counters.subscriptions -= 1;
    }

    /// Makes or replaces one subscription ([MQTT-3.8.4-3]). The answer is the
    /// granted QoS, or why there is none.
    fn subscribe(
        &mut self,
        id: SessionId,
        version: Version,
        mut subscription: Subscription,
        identifier: u32,
    ) -> Result<ReasonCode, ReasonCode> {
        let shared = version == Version::V5 && topic::split_shared(&subscription.filter).is_some();
        subscription.qos = subscription.qos.min(self.config.limits.maximum_qos);
        let granted = match subscription.qos {
            QoS::AtMostOnce => ReasonCode::Success,
            QoS::AtLeastOnce => ReasonCode::GrantedQoS1,
            QoS::ExactlyOnce => ReasonCode::GrantedQoS2,
        };
        self.check_subscription(id, &subscription, shared)?;
        let old = self.remove_subscription(id, &subscription.filter);
        let Some(session) = self.sessions.of_mut(id) else { return Ok(granted) };
        let number = old.as_ref().map_or(session.next_subscription, |held| held.number);
        session.next_subscription += 1;
        // A copy, so that a filter does not keep alive the packet it came in.
        subscription.filter = ByteString::from(&*subscription.filter);
        let replays = !shared
            && match subscription.retain_handling {
                RetainHandling::Send => true,
                RetainHandling::SendIfNew => old.is_none(),
                RetainHandling::DoNotSend => false,
            };
        if replays {
            let filter = subscription.filter.clone();
            session.replays.insert(number, Replay { filter, after: None });
        }
        let held = Held { subscription, number, identifier, shared };
        session.subscriptions.insert(held.clone());
        self.route(id, &held);
        self.charge_session(id);
        Ok(granted)
    }

    fn check_subscription(
        &self,
        id: SessionId,
        subscription: &Subscription,
        shared: bool,
    ) -> Result<(), ReasonCode> {
        let limits = &self.config.limits;
        let filter = &*subscription.filter;
        let plain = match topic::split_shared(filter) {
            Some((_, filter)) if shared => filter,
            _ => filter,
        };
        if !limits.allows_levels(plain) {
            return Err(ReasonCode::TopicFilterInvalid);
        }
        if !self.config.access.allows_subscribe(plain) {
            return Err(ReasonCode::NotAuthorized);
        }
        let footprint = subscription_footprint(filter);
        let is_full = self.sessions.of(id).is_some_and(|session| {
            let subscriptions = &session.subscriptions;
            subscriptions.of(filter).is_none()
                && (subscriptions.len() >= limits.max_subscriptions
                    || subscriptions.footprint() + footprint > limits.subscription_bytes
                    || footprint > self.budget.room(Account::Sessions))
        });
        if is_full { Err(ReasonCode::QuotaExceeded) } else { Ok(()) }
    }

    fn unsubscribe(&mut self, id: SessionId, filter: &str) -> ReasonCode {
        match self.remove_subscription(id, filter) {
            Some(_) => ReasonCode::Success,
            None => ReasonCode::NoSubscriptionExisted,
        }
    }

    fn remove_subscription(&mut self, id: SessionId, filter: &str) -> Option<Held> {
        let session = self.sessions.of_mut(id)?;
        let held = session.subscriptions.remove(filter)?;
        session.replays.remove(&held.number);
        self.unroute(id, &held);
        self.charge_session(id);
        Some(held)
    }
}

/// Share name and topic filter of a shared subscription.
fn split(held: &Held) -> Option<(&str, &str)> {
    topic::split_shared(&held.subscription.filter).filter(|_| held.shared)
}
