//! From one publisher to every subscriber (3.3.4).

use bytestring::ByteString;

use super::Broker;
use super::budget::Account;
use super::disconnect::Fault;
use super::sessions::{ClientSession, Granted, SessionId, Shared};
use super::shared::{Choice, GroupId, Subscriber};
use super::timers::Timer;
use crate::codec::{Property, PropertyId, Publish, QoS, ReasonCode, Statement, Version, topic};
use crate::session::footprint;

/// One copy of a message for one client.
#[derive(Debug)]
pub(super) struct Delivery {
    to: SessionId,
    /// The highest that was granted ([MQTT-3.3.4-2]; 3.1.1: [MQTT-3.3.5-1]).
    granted: QoS,
    /// Whether any of the subscriptions keeps the RETAIN flag.
    retain_as_published: bool,
    /// Of every subscription that has one ([MQTT-3.3.4-3]).
    identifiers: Vec<u32>,
    /// The whole topic filter of a shared subscription.
    shared: Option<ByteString>,
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
            self.deliver(delivery, message.clone());
        }
    }

    /// Hands one client its copy. QoS is the lower of the published and the
    /// granted ([MQTT-3.8.4-8]; 3.1.1: [MQTT-3.8.4-6]), DUP is of this hop
    /// ([MQTT-3.3.1-3]), and properties go on as they came.
    pub(super) fn deliver(&mut self, delivery: Delivery, message: Publish) {
        let Delivery { to, granted, retain_as_published, identifiers, shared } = delivery;
        let room = self.budget.room(Account::Sessions);
        let Some(session) = self.sessions.of_mut(to) else { return };
        let connection = session.connection.and_then(|id| self.connections.get(&id));
        let qos = message.qos.min(granted);
        if qos == QoS::AtMostOnce && connection.is_none() {
            return;
        }
        let shared = shared.filter(|_| qos.is_acknowledged());
        let shared =
            shared.map(|filter| Shared { filter, qos: message.qos, retain: message.retain });
        let retain = message.retain && retain_as_published;
        let mut message = Publish { dup: false, qos, retain, packet_identifier: None, ..message };
        for identifier in identifiers {
            message.properties.push(Property::SubscriptionIdentifier(identifier));
        }
        if qos.is_acknowledged() && footprint(&message) > room {
            return self.count_dropped(to);
        }
        match session.flows.publish(self.now, message) {
            Some(token) => {
                session.shared.extend(shared.map(|shared| (token, shared)));
                self.counters.messages_forwarded += 1;
            }
            None => self.count_dropped(to),
        }
        self.drain(to);
    }

    /// A session ends with these messages, which came by shared subscriptions:
    /// each goes to another member, unless it was sent at QoS 2
    /// ([MQTT-4.8.2-5]; 5.0, 4.8.2.1).
    pub(super) fn hand_over(&mut self, session: &ClientSession) {
        if session.shared.is_empty() {
            return;
        }
        for (token, mut message, was_sent) in session.flows.unfinished(self.now) {
            let Some(shared) = session.shared.get(&token) else { continue };
            if was_sent && message.qos == QoS::ExactlyOnce {
                continue;
            }
            message.properties.remove(PropertyId::SubscriptionIdentifier);
            let message = Publish { qos: shared.qos, retain: shared.retain, ..message };
            let group = topic::split_shared(&shared.filter)
                .and_then(|(name, filter)| self.groups.of(name, filter));
            if let Some(delivery) = group.and_then(|group| self.delivery_in(group)) {
                self.deliver(delivery, message);
            }
        }
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
        deliveries.extend(groups.into_iter().filter_map(|group| self.delivery_in(group)));
        deliveries
    }

    /// The copy for the member of this shared subscription whose turn it is.
    fn delivery_in(&mut self, group: GroupId) -> Option<Delivery> {
        let (sessions, connections) = (&self.sessions, &self.connections);
        let is_ready = |id| {
            let connection = sessions.of(id).and_then(|session| session.connection);
            connection.and_then(|id| connections.get(&id)).is_some_and(|it| !it.blocked)
        };
        let Choice { to, granted, filter } = self.groups.choose(group, is_ready)?;
        Some(Delivery { shared: Some(filter), ..Delivery::new(to, granted) })
    }
}

impl Delivery {
    /// A retained message for a new subscription.
    pub fn of_retained(to: SessionId, granted: Granted) -> Self {
        // 3.1.1: [MQTT-3.3.1-8]; 5.0: 3.3.1.3.
        Delivery { retain_as_published: true, ..Delivery::new(to, granted) }
    }

    fn new(to: SessionId, granted: Granted) -> Self {
        let mut delivery = Delivery {
            to,
            granted: granted.qos,
            retain_as_published: false,
            identifiers: Vec::new(),
            shared: None,
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
