//! From one publisher to every subscriber (3.3.4).

use super::Broker;
use super::budget::Account;
use super::disconnect::Fault;
use super::sessions::{Granted, SessionId};
use super::shared::GroupId;
use super::timers::Timer;
use crate::codec::{Property, PropertyId, Publish, QoS, ReasonCode, Statement, Version};
use crate::session::footprint;

/// Whoever a topic filter leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Subscriber {
    /// A subscription of its own.
    Session(SessionId),
    /// A shared one.
    Group(GroupId),
}

/// One copy of a message for one client.
#[derive(Debug)]
struct Delivery {
    to: SessionId,
    /// The highest that was granted ([MQTT-3.3.4-2]; 3.1.1: [MQTT-3.3.5-1]).
    granted: QoS,
    /// Whether any of the subscriptions keeps the RETAIN flag.
    retain_as_published: bool,
    /// Of every subscription that has one ([MQTT-3.3.4-3]).
    identifiers: Vec<u32>,
}

impl Broker {
    /// Rules of PUBLISH whose breach ends the connection.
    pub(super) fn check_publish(&self, publish: &Publish) -> Result<(), Fault> {
        let limits = &self.config.limits;
        if publish.properties.contains(PropertyId::SubscriptionIdentifier) {
            let why = "A client must not send a Subscription Identifier.";
            let fault = Fault::new(ReasonCode::ProtocolError, why);
            return Err(fault.citing(Statement::v5("MQTT-3.3.4-6")));
        }
        if publish.qos > limits.maximum_qos {
            let why = "The QoS is above the highest that the server supports.";
            let fault = Fault::new(ReasonCode::QoSNotSupported, why);
            return Err(fault.citing(Statement::v5("MQTT-3.2.2-11")));
        }
        if publish.retain && !limits.retain_available {
            let why = "Retained messages are not available.";
            let fault = Fault::new(ReasonCode::RetainNotSupported, why);
            return Err(fault.citing(Statement::v5("MQTT-3.2.2-14")));
        }
        Ok(())
    }

    /// The reason code that answers a PUBLISH.
    pub(super) fn answer(
        &self,
        version: Version,
        publisher: SessionId,
        publish: &Publish,
    ) -> ReasonCode {
        if let Some(reason) = self.refusal(publish) {
            return reason;
        }
        let tells = version == Version::V5 && publish.qos.is_acknowledged();
        let is_wanted = |to: &Subscriber, granted: &Granted| {
            !(granted.no_local && *to == Subscriber::Session(publisher))
        };
        match tells && !self.tree.any_match(&publish.topic, is_wanted) {
            true => ReasonCode::NoMatchingSubscribers,
            false => ReasonCode::Success,
        }
    }

    /// Why this message is not accepted, if it is not.
    pub(super) fn refusal(&self, publish: &Publish) -> Option<ReasonCode> {
        let limits = &self.config.limits;
        if !limits.allows_levels(&publish.topic) {
            Some(ReasonCode::TopicNameInvalid)
        } else if !self.config.access.allows_publish(&publish.topic) {
            Some(ReasonCode::NotAuthorized)
        } else if publish.retain
            && !self.retained.has_room(publish, limits, self.budget.room(Account::Retained))
        {
            Some(ReasonCode::QuotaExceeded)
        } else {
            None
        }
    }

    /// Takes over a message of a client: retains it if it says so, and forwards
    /// it.
    pub(super) fn accept(&mut self, publisher: Option<SessionId>, message: Publish) {
        self.counters.messages_received += 1;
        if message.retain {
            self.retain(publisher, &message);
        }
        self.forward(publisher, &message);
    }

    /// Sends a message to everybody who wants it.
    pub(super) fn forward(&mut self, publisher: Option<SessionId>, message: &Publish) {
        if !self.config.access.allows_delivery(&message.topic) {
            return;
        }
        for delivery in self.deliveries(publisher, &message.topic) {
            let retain = message.retain && delivery.retain_as_published;
            let copy = Publish { retain, ..message.clone() };
            self.deliver(delivery.to, delivery.granted, &delivery.identifiers, copy);
        }
    }

    /// Hands one client its copy. QoS is the lower of the published and the
    /// granted ([MQTT-3.8.4-8]; 3.1.1: [MQTT-3.8.4-6]), DUP is of this hop
    /// ([MQTT-3.3.1-3]), and properties go on as they came.
    pub(super) fn deliver(
        &mut self,
        to: SessionId,
        granted: QoS,
        identifiers: &[u32],
        message: Publish,
    ) {
        let room = self.budget.room(Account::Sessions);
        let Some(session) = self.sessions.of_mut(to) else { return };
        let connection = session.connection.and_then(|id| self.connections.get(&id));
        let qos = message.qos.min(granted);
        if qos == QoS::AtMostOnce && connection.is_none() {
            return;
        }
        let mut message = Publish { dup: false, qos, packet_identifier: None, ..message };
        for &identifier in identifiers {
            message.properties.push(Property::SubscriptionIdentifier(identifier));
        }
        if qos.is_acknowledged() && footprint(&message) > room {
            return self.count_dropped(to);
        }
        match session.flows.publish(self.now, message) {
            Some(_) => self.counters.messages_forwarded += 1,
            None => self.count_dropped(to),
        }
        self.drain(to);
    }

    fn retain(&mut self, publisher: Option<SessionId>, message: &Publish) {
        let publisher = publisher.and_then(|publisher| self.sessions.of(publisher));
        let publisher = publisher.map(|it| it.client_identifier.clone()).unwrap_or_default();
        let timer = Timer::Retained(message.topic.clone());
        match self.retained.set(&mut self.budget, self.now, message, publisher) {
            Some(at) => self.timers.set(timer, at),
            None => self.timers.clear(&timer),
        }
    }

    /// Who gets a copy, and how: one for each client, and one for each shared
    /// subscription.
    fn deliveries(&mut self, publisher: Option<SessionId>, name: &str) -> Vec<Delivery> {
        let mut own = Vec::new();
        let mut groups = Vec::new();
        self.tree.matches(name, |to, granted| match *to {
            Subscriber::Session(to) if granted.no_local && publisher == Some(to) => {}
            Subscriber::Session(to) => own.push((to, *granted)),
            Subscriber::Group(group) => groups.push(group),
        });
        own.sort_by_key(|(to, _)| *to);
        let mut deliveries: Vec<Delivery> = Vec::with_capacity(own.len() + groups.len());
        for (to, granted) in own {
            match deliveries.last_mut().filter(|delivery| delivery.to == to) {
                Some(delivery) => delivery.add(granted),
                None => deliveries.push(Delivery::new(to, granted)),
            }
        }
        let (sessions, connections) = (&self.sessions, &self.connections);
        let is_ready = |id| {
            let connection = sessions.of(id).and_then(|session| session.connection);
            connection.and_then(|id| connections.get(&id)).is_some_and(|it| !it.blocked)
        };
        for group in groups {
            let chosen = self.groups.choose(group, is_ready);
            deliveries.extend(chosen.map(|(to, granted)| Delivery::new(to, granted)));
        }
        deliveries
    }
}

impl Delivery {
    fn new(to: SessionId, granted: Granted) -> Self {
        let mut delivery = Delivery {
            to,
            granted: granted.qos,
            retain_as_published: false,
            identifiers: Vec::new(),
        };
        delivery.add(granted);
        delivery
    }

    /// Another subscription of the same client matches.
    fn add(&mut self, granted: Granted) {
        self.granted = self.granted.max(granted.qos);
        self.retain_as_published |= granted.retain_as_published;
        self.identifiers.extend((granted.identifier != 0).then_some(granted.identifier));
    }
}
