//! What we send: commands checked, the session's effects turned into outputs.

use bytestring::ByteString;

use super::{Client, CommandError, Event, Grant, Output, Status};
use crate::codec::{
    Disconnect, EncodeError, MAXIMUM_PACKET_SIZE, Packet, PacketIdentifier, Properties, PropertyId,
    Publish, ReasonCode, Statement, Subscribe, Subscription, Unsubscribe, Version, encode,
    encode_publish,
};
use crate::session::aliases::with_alias;
use crate::session::{Effect, Outcome};
use crate::time::Instant;

impl Client {
    /// Carries out the session's effects.
    pub(super) fn pump(&mut self, now: Instant) {
        self.store_subscriptions();
        while let Some(effect) = self.session.poll() {
            match effect {
                Effect::Send(Packet::Publish(publish)) => self.send_publish(now, publish),
                Effect::Send(packet) => self.send(now, &packet),
                Effect::Store(key, value) => self.outbox.push(Output::Store(key, value)),
                Effect::Remove(key) => self.outbox.push(Output::Remove(key)),
                Effect::Deliver(publish) => self.outbox.event(Event::Message(publish)),
                Effect::Finished(token, outcome) => {
                    self.outbox.event(Event::Finished(token, outcome));
                }
                Effect::Held(token) => self.outbox.event(Event::Held(token)),
                Effect::WrongAnswer(answer) => self.outbox.event(Event::WrongAnswer(answer)),
                Effect::StartedOver(token) => self.outbox.event(Event::StartedOver(token)),
            }
        }
    }

    /// Stores what changed in the subscriptions, if there is durable storage.
    fn store_subscriptions(&mut self) {
        let durable = self.stores();
        for (key, value) in self.subscriptions.take_changes() {
            match value {
                _ if !durable => {}
                Some(value) => self.outbox.push(Output::Store(key, value)),
                None => self.outbox.push(Output::Remove(key)),
            }
        }
    }

    /// Whether the message may be handed over now. While there is a connection
    /// the server's limits count too; a queued message meets them later.
    pub(super) fn check_message(&mut self, message: &Publish) -> Result<(), CommandError> {
        if message.properties.contains(PropertyId::SubscriptionIdentifier) {
            let what = "A client must not send a Subscription Identifier with a message.";
            return Err(self.forbidden(what, Statement::v5("MQTT-3.3.4-6")));
        }
        let size = measure(self.config.version, message.clone(), &mut self.scratch)?;
        let server = &self.link.server;
        let maximum = match self.status {
            Status::Connected => {
                server.check_publish(message)?;
                server.maximum_packet_size
            }
            _ => MAXIMUM_PACKET_SIZE,
        };
        if size > maximum as usize {
            return Err(CommandError::PacketTooLarge { size, maximum });
        }
        Ok(())
    }

    /// Sends SUBSCRIBE.
    pub(super) fn send_subscribe(
        &mut self,
        now: Instant,
        subscriptions: Vec<Subscription>,
        properties: Properties,
    ) -> Result<PacketIdentifier, CommandError> {
        if self.config.version == Version::V5 {
            self.link.server.check_subscribe(&subscriptions, &properties)?;
        }
        self.send_request(now, |packet_identifier| {
            Packet::Subscribe(Subscribe { packet_identifier, subscriptions, properties })
        })
    }

    /// Sends UNSUBSCRIBE.
    pub(super) fn send_unsubscribe(
        &mut self,
        now: Instant,
        filters: Vec<ByteString>,
        properties: Properties,
    ) -> Result<PacketIdentifier, CommandError> {
        self.send_request(now, |packet_identifier| {
            Packet::Unsubscribe(Unsubscribe { packet_identifier, filters, properties })
        })
    }

    /// Asks again for the subscriptions that the server does not know.
    pub(super) fn ask_again(&mut self, now: Instant, resumes: bool) {
        let again = self.subscriptions.handle_connected(resumes, self.config.resubscribe);
        for (subscriptions, properties) in again.subscribe {
            self.resubscribe(now, subscriptions, properties);
        }
        if !again.unsubscribe.is_empty() {
            // Nothing is lost if it cannot be sent: the subscription stays, as
            // if the command had never been given.
            let _ = self.send_unsubscribe(now, again.unsubscribe, Properties::new());
        }
    }

    /// Sends DISCONNECT with these contents, checked.
    pub(super) fn send_disconnect(&mut self, disconnect: Disconnect) -> Result<(), CommandError> {
        self.check_disconnect(&disconnect)?;
        let session_expiry_interval = disconnect.properties.session_expiry_interval();
        let packet = Packet::Disconnect(disconnect);
        let (version, maximum) = (self.config.version, self.link.server.maximum_packet_size);
        self.outbox.packet(maximum, |out| encode(version, &packet, out))?;
        if let Some(seconds) = session_expiry_interval {
            self.session_expiry_interval = seconds;
        }
        Ok(())
    }

    fn check_disconnect(&self, disconnect: &Disconnect) -> Result<(), CommandError> {
        if !disconnect.reason.is_disconnect_of_client() {
            let what = "Only a server may send DISCONNECT with this reason.";
            return Err(self.forbidden(what, Statement::v5("MQTT-3.14.2-1")));
        }
        let expiry = disconnect.properties.session_expiry_interval();
        if self.config.session_expiry_interval == 0 && expiry.is_some_and(|seconds| seconds > 0) {
            let what =
                "A session that CONNECT let end with the connection cannot be kept after all.";
            return Err(self.forbidden(what, Statement::v5("section 3.14.2.2.2")));
        }
        if disconnect.properties.contains(PropertyId::ServerReference) {
            let what = "Only a server may send a Server Reference.";
            return Err(self.forbidden(what, Statement::v5("section 3.14.2.2.5")));
        }
        Ok(())
    }

    /// A command that the protocol does not allow.
    pub(super) fn forbidden(&self, what: &'static str, statement: Statement) -> CommandError {
        CommandError::Forbidden { what, statement: statement.in_version(self.config.version) }
    }

    fn send_request(
        &mut self,
        now: Instant,
        packet: impl FnOnce(PacketIdentifier) -> Packet,
    ) -> Result<PacketIdentifier, CommandError> {
        let identifier =
            self.session.allocate_identifier().ok_or(CommandError::NoIdentifierLeft)?;
        let packet = packet(identifier);
        let (version, maximum) = (self.config.version, self.link.server.maximum_packet_size);
        if let Err(error) = self.outbox.packet(maximum, |out| encode(version, &packet, out)) {
            self.session.release_identifier(now, identifier);
            self.pump(now);
            return Err(error);
        }
        self.link.keep_alive.sent(now);
        match packet {
            Packet::Subscribe(packet) => self.subscriptions.subscribe(packet),
            Packet::Unsubscribe(packet) => {
                self.subscriptions.unsubscribe(identifier, packet.filters);
            }
            _ => {}
        }
        self.store_subscriptions();
        Ok(identifier)
    }

    /// Sends SUBSCRIBE for these, in halves if the server does not take them
    /// together, and reports those that it does not take at all.
    fn resubscribe(
        &mut self,
        now: Instant,
        mut subscriptions: Vec<Subscription>,
        properties: Properties,
    ) {
        let error = match self.send_subscribe(now, subscriptions.clone(), properties.clone()) {
            Ok(_) | Err(CommandError::NoIdentifierLeft) => return,
            Err(error) => error,
        };
        if subscriptions.len() > 1 {
            let second = subscriptions.split_off(subscriptions.len() / 2);
            self.resubscribe(now, subscriptions, properties.clone());
            self.resubscribe(now, second, properties);
            return;
        }
        let reason = match error {
            CommandError::PacketTooLarge { .. } => ReasonCode::PacketTooLarge,
            _ => (self.link.server.subscribe_refusal(&subscriptions, &properties))
                .unwrap_or(ReasonCode::ImplementationSpecificError),
        };
        let (Some(subscription), Some(packet_identifier)) =
            (subscriptions.pop(), self.session.allocate_identifier())
        else {
            return;
        };
        self.session.release_identifier(now, packet_identifier);
        self.subscriptions.refuse(&subscription.filter, reason);
        let grant = Grant { filter: subscription.filter, requested: subscription.qos, reason };
        self.outbox.event(Event::Subscribed { packet_identifier, grants: vec![grant] });
    }

    /// Sends a PUBLISH of the session, with an alias where that helps.
    fn send_publish(&mut self, now: Instant, mut publish: Publish) {
        let (version, server) = (self.config.version, &self.link.server);
        let maximum = server.maximum_packet_size;
        if server.refusal(&publish).is_some() {
            return self.refuse(now, &publish);
        }
        self.link.keep_alive.sent(now);
        let aliases = &mut self.link.outgoing_aliases;
        aliases.shorten(&mut publish);
        if let Some(alias) = aliases.offer(&publish) {
            let properties = with_alias(&publish.properties, alias);
            let plain = std::mem::replace(&mut publish.properties, properties);
            if self.outbox.packet(maximum, |out| encode_publish(version, &publish, out)).is_ok() {
                return aliases.keep(alias, publish.topic);
            }
            publish.properties = plain;
        }
        match self.outbox.packet(maximum, |out| encode_publish(version, &publish, out)) {
            Ok(()) => {}
            Err(_) => self.refuse(now, &publish),
        }
    }

    /// Ends a flow whose message an earlier server took and this one does not.
    /// Messages that wait in the queue have been sorted out before.
    fn refuse(&mut self, now: Instant, publish: &Publish) {
        if let Some(identifier) = publish.packet_identifier {
            self.session.abandon(now, identifier, Outcome::NotSupported);
        }
    }
}

/// The size that a message will have as a packet without an alias, in bytes,
/// found without copying its payload.
pub(super) fn measure(
    version: Version,
    mut message: Publish,
    scratch: &mut Vec<u8>,
) -> Result<usize, EncodeError> {
    let payload = std::mem::take(&mut message.payload).len();
    message.dup = false;
    message.packet_identifier =
        if message.qos.is_acknowledged() { PacketIdentifier::new(1) } else { None };
    scratch.clear();
    encode_publish(version, &message, scratch)?;
    let header = 1 + scratch.iter().skip(1).take_while(|byte| **byte & 0x80 != 0).count() + 1;
    let remaining = scratch.len().saturating_sub(header).saturating_add(payload);
    let length = match remaining {
        0..=127 => 1,
        128..=16_383 => 2,
        16_384..=2_097_151 => 3,
        _ => 4,
    };
    Ok(remaining.saturating_add(1 + length))
}
