//! Enhanced authentication (5.0, 4.12): an exchange of AUTH packets, before
//! CONNACK or, to authenticate again, after it.

use bytes::Bytes;
use bytestring::ByteString;

use super::link::Exchange;
use super::{Client, ClosedReason, CommandError, Event, Status};
use crate::codec::{Auth, Packet, Properties, Property, ReasonCode, Statement, Version, encode};
use crate::time::Instant;

impl Client {
    /// See [`Client::authenticate`].
    pub(super) fn send_auth(
        &mut self,
        now: Instant,
        data: Option<Bytes>,
    ) -> Result<(), CommandError> {
        if !self.is_open() {
            return Err(CommandError::NotConnected);
        }
        let Some(method) = self.authentication_method() else {
            let what = "AUTH needs an authentication method in CONNECT, and MQTT 5.0.";
            return Err(self.forbidden(what, Statement::v5("MQTT-4.12.0-7")));
        };
        let reason = match self.link.exchange {
            Exchange::Ours => ReasonCode::ContinueAuthentication,
            Exchange::None if self.status == Status::Connected => ReasonCode::ReAuthenticate,
            _ => {
                let what = "The server has not answered the last AUTH or CONNECT yet.";
                return Err(self.forbidden(what, Statement::NONE));
            }
        };
        let mut properties = Properties::new().with(Property::AuthenticationMethod(method.clone()));
        if let Some(data) = data {
            properties.push(Property::AuthenticationData(data));
        }
        let packet = Packet::Auth(Auth { reason, properties });
        let version = self.config.version;
        let maximum = self.link.server.maximum_packet_size;
        self.outbox.packet(maximum, |out| encode(version, &packet, out))?;
        self.link.keep_alive.sent(now);
        self.link.exchange = Exchange::Servers;
        self.link.deadline = now + self.config.connect_timeout;
        Ok(())
    }

    /// Handles AUTH.
    pub(super) fn handle_auth(&mut self, now: Instant, auth: Auth) -> Result<(), ClosedReason> {
        self.check_method(&auth.properties, true)?;
        if self.link.exchange != Exchange::Servers {
            return Err(unexpected("An AUTH came that we had not asked for.", Statement::NONE));
        }
        self.link.exchange = match (auth.reason, self.status) {
            (ReasonCode::ContinueAuthentication, _) => Exchange::Ours,
            (ReasonCode::Success, Status::Connected) => Exchange::None,
            _ => {
                let what = "This reason code of AUTH is not the server's to send now.";
                return Err(unexpected(what, Statement::v5("MQTT-3.15.2-1")));
            }
        };
        self.link.deadline = now + self.config.connect_timeout;
        self.outbox.event(Event::Authenticate(auth));
        Ok(())
    }

    /// Whether AUTH or CONNACK names the method of our CONNECT, or none if
    /// that named none. A CONNACK that
    /// refuses does not have to name it.
    pub(super) fn check_method(
        &self,
        properties: &Properties,
        required: bool,
    ) -> Result<(), ClosedReason> {
        match (self.authentication_method(), properties.authentication_method()) {
            (None, None) if !required => Ok(()),
            (None, _) => Err(unexpected(
                "The server started an authentication, but our CONNECT named no method.",
                Statement::v5("MQTT-4.12.0-6"),
            )),
            (Some(ours), Some(theirs)) if *ours == theirs => Ok(()),
            (Some(_), None) if !required => Ok(()),
            (Some(_), _) => Err(unexpected(
                "The server must name the authentication method of our CONNECT.",
                Statement::v5("MQTT-4.12.0-5"),
            )),
        }
    }

    /// When we give up waiting for the server to answer the AUTH of a
    /// re-authentication. Before CONNACK the deadline of the connection holds.
    pub(super) fn authentication_due(&self) -> Option<Instant> {
        (self.link.exchange == Exchange::Servers).then_some(self.link.deadline)
    }

    pub(super) fn authentication_method(&self) -> Option<&ByteString> {
        self.config.authentication.as_ref().map(|(method, _)| method)
    }
}

fn unexpected(what: &'static str, statement: Statement) -> ClosedReason {
    ClosedReason::unexpected(Version::V5, what, statement)
}
