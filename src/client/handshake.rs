//! CONNACK: what it must say, and what follows from it (3.2).

use super::incoming::Fault;
use super::link::Exchange;
use super::outgoing::measure;
use super::server_limits::ServerLimits;
use super::{Client, ClosedReason, Event, KnownSession, Status};
use crate::codec::{ConnAck, Properties, PropertyId, Publish, ReasonCode, Statement, Version};
use crate::session::Outcome;
use crate::session::aliases::OutgoingAliases;
use crate::time::Instant;

impl Client {
    /// Handles CONNACK.
    pub(super) fn handle_connack(&mut self, now: Instant, connack: ConnAck) -> Result<(), Fault> {
        if self.status != Status::Connecting {
            let statement = Statement::v5("MQTT-3.2.0-2");
            let version = self.config.version;
            return Err(Fault::unexpected(version, "A second CONNACK came.", statement));
        }
        if connack.reason != ReasonCode::Success {
            return Err(Fault::quiet(ClosedReason::Refused(connack)));
        }
        self.check_connack(&connack)?;
        if self.link.discards {
            self.finish_discarding(now);
            return Ok(());
        }
        let resumes = connack.session_present && self.known_session != KnownSession::None;
        self.adopt(now, &connack);
        self.note_session(&connack);
        self.outbox.event(Event::Connected(connack));
        self.ask_again(now, resumes);
        self.cancel_unsupported();
        self.session.handle_connected(
            now,
            self.config.version,
            resumes,
            self.link.server.receive_maximum.min(self.config.send_quota),
        );
        self.pump(now);
        Ok(())
    }

    /// Refuses an accepting CONNACK that breaks a rule.
    fn check_connack(&mut self, connack: &ConnAck) -> Result<(), Fault> {
        // First, because it forbids even to say goodbye.
        let maximum = connack.properties.maximum_packet_size();
        if maximum.is_some_and(|maximum| maximum < LARGEST_SIMPLE_PACKET) {
            let what = "The server's Maximum Packet Size is too small for an acknowledgement.";
            return Err(Fault::quiet(ClosedReason::Unexpected { what, statement: None }));
        }
        self.check_method(&connack.properties, self.authentication_method().is_some())?;
        if connack.session_present && self.link.clean_start {
            let statement = Statement::both("MQTT-3.2.2-1", "MQTT-3.2.2-2");
            let what = "Session Present must be 0 in answer to a clean start.";
            return Err(Fault::unexpected(self.config.version, what, statement));
        }
        self.check_known_session(connack.session_present)?;
        let requested = self.config.properties.request_response_information() == Some(true);
        if !requested && connack.properties.contains(PropertyId::ResponseInformation) {
            let what = "The server sent Response Information that CONNECT had not requested.";
            let statement = Statement::v5("MQTT-3.1.2-28");
            return Err(Fault::unexpected(self.config.version, what, statement));
        }
        let assigned = connack.properties.assigned_client_identifier().unwrap_or_default();
        let needed = self.config.version == Version::V5 && self.client_identifier.is_empty();
        if needed && assigned.is_empty() {
            let what = "The server must assign a client identifier to a client without one.";
            let statement = Statement::v5("MQTT-3.2.2-16");
            return Err(Fault::unexpected(self.config.version, what, statement));
        }
        Ok(())
    }

    /// Adopts the settings of CONNACK.
    fn adopt(&mut self, now: Instant, connack: &ConnAck) {
        let properties = &connack.properties;
        let server = ServerLimits::new(properties);
        self.status = Status::Connected;
        self.link.connected_at = Some(now);
        // In 3.1.1 "clean" describes the session, not only its start.
        self.clean_start = self.config.clean_start && self.config.version == Version::V311;
        self.session_present = connack.session_present;
        self.session_expiry_interval =
            properties.session_expiry_interval().unwrap_or_else(|| self.config.session_expiry());
        if let (true, Some(assigned)) =
            (self.client_identifier.is_empty(), properties.assigned_client_identifier())
        {
            self.client_identifier = assigned;
        }
        // [MQTT-3.2.2-21]
        self.keep_alive = properties.server_keep_alive().unwrap_or(self.config.keep_alive);
        self.link.keep_alive.start(now, self.keep_alive);
        self.link.outgoing_aliases = OutgoingAliases::new(match self.config.use_topic_aliases {
            true => server.topic_alias_maximum,
            false => 0,
        });
        self.link.server = server;
        self.link.server_properties = properties.clone();
        self.link.exchange = Exchange::None;
    }

    /// Ends queued messages that this server does not take. To send them at a
    /// lower QoS, or without RETAIN, would be to send something else.
    fn cancel_unsupported(&mut self) {
        let Client { session, link, scratch, config, .. } = self;
        let mut is_supported = |message: &Publish| {
            let properties = match config.version {
                // Stored while it spoke 5.0; the session leaves them out too.
                Version::V311 => Properties::new(),
                Version::V5 => message.properties.clone(),
            };
            let message = Publish { properties, ..message.clone() };
            link.server.refusal(&message).is_none()
                && measure(config.version, message, scratch)
                    .is_ok_and(|size| size <= link.server.maximum_packet_size as usize)
        };
        let unsupported: Vec<_> = session
            .queue()
            .filter(|(_, message)| !is_supported(message))
            .map(|(token, _)| token)
            .collect();
        for token in unsupported {
            session.cancel(token, Outcome::NotSupported);
        }
    }
}

/// PUBREL or PUBCOMP with a reason code.
const LARGEST_SIMPLE_PACKET: u32 = 5;
