//! Who may not connect, and how they are told (3.1.4, 3.2.2.2).

use bytes::Bytes;

use super::budget::Account;
use super::disconnect::{Fault, reason_string};
use super::sessions::session_footprint;
use super::{Broker, ConnectionId};
use crate::codec::{
    self, ConnAck, Connect, DecodeError, Packet, PacketType, Properties, ReasonCode, Rule,
    Statement, Version, Will,
};
use crate::session::Session;

impl Broker {
    /// Whether this client may connect ([MQTT-3.1.4-2]).
    pub(super) fn check_connect(&self, connect: &Connect, surplus: bool) -> Result<(), Fault> {
        let (limits, access) = (&self.config.limits, &self.config.access);
        if surplus {
            return Err(Fault::new(ReasonCode::ServerBusy, "There are too many connections."));
        }
        let identifier = &connect.client_identifier;
        if identifier.is_empty() && !access.allow_zero_length_client_identifier {
            return Err(wrong_identifier("A client identifier is needed."));
        }
        if identifier.len() > limits.client_identifier_length.max(23) {
            return Err(wrong_identifier("The client identifier is too long."));
        }
        // An enhanced authentication decides by itself.
        let enhanced = connect.properties.authentication_method().is_some();
        if !enhanced && !access.admits(connect.user_name.as_deref(), connect.password.as_deref()) {
            let (reason, why) = match connect.user_name {
                Some(_) => (ReasonCode::BadUserNameOrPassword, "User name or password is wrong."),
                None => (ReasonCode::NotAuthorized, "A user name and a password are needed."),
            };
            return Err(Fault::new(reason, why));
        }
        connect.will.as_ref().map_or(Ok(()), |will| self.check_will(will))
    }

    /// Whether there is room for this client's session and will. Asked when the
    /// session is made: others may have come during an authentication.
    pub(super) fn check_room(&self, connect: &Connect) -> Result<(), Fault> {
        let limits = &self.config.limits;
        let known = self.sessions.of_client(&connect.client_identifier).is_some();
        let room = self.budget.room(Account::Sessions);
        let session = session_footprint(&connect.client_identifier) + size_of::<Session>();
        let will = connect.will.as_ref().map_or(0, Will::footprint);
        if !known && self.sessions.len() >= limits.max_sessions {
            Err(Fault::new(ReasonCode::QuotaExceeded, "There are too many sessions."))
        } else if !known && session > room {
            Err(Fault::new(ReasonCode::QuotaExceeded, "There is no room for another session."))
        } else if will > 0 && will > room {
            Err(Fault::new(ReasonCode::QuotaExceeded, "There is no room for the will."))
        } else {
            Ok(())
        }
    }

    fn check_will(&self, will: &Will) -> Result<(), Fault> {
        let (limits, access) = (&self.config.limits, &self.config.access);
        if will.qos > limits.maximum_qos {
            let why = "The Will QoS is above the highest that the server supports.";
            let fault = Fault::new(ReasonCode::QoSNotSupported, why);
            Err(fault.citing(Statement::v5("MQTT-3.2.2-12")))
        } else if will.retain && !limits.retain_available {
            let why = "Retained messages are not available.";
            let fault = Fault::new(ReasonCode::RetainNotSupported, why);
            Err(fault.citing(Statement::v5("MQTT-3.2.2-13")))
        } else if !limits.allows_levels(&will.topic) {
            Err(Fault::new(ReasonCode::TopicNameInvalid, "The Will Topic has too many levels."))
        } else if !access.allows_publish(&will.topic) {
            Err(Fault::new(ReasonCode::NotAuthorized, "The Will Topic is not allowed."))
        } else {
            Ok(())
        }
    }

    /// Turns a client away with CONNACK, as far as its version has a word for
    /// the reason, and closes ([MQTT-3.2.2-7]; 3.1.1: [MQTT-3.2.2-5]).
    pub(super) fn refuse(&mut self, id: ConnectionId, fault: Fault) {
        let Some(connection) = self.connections.get(&id) else { return };
        let (reason, why) = (fault.reason, fault.words(connection.version));
        let connack = match connection.version {
            Version::V5 => {
                let reason = match reason.is_allowed_in(PacketType::ConnAck) {
                    true => reason,
                    false => ReasonCode::ProtocolError,
                };
                Some((reason, reason_string(&why)))
            }
            Version::V311 => return_code(reason).map(|reason| (reason, Properties::new())),
        };
        if let Some((reason, properties)) = connack {
            let connack = ConnAck { session_present: false, reason, properties };
            self.send(id, Packet::ConnAck(connack));
        }
        self.end(id, reason, why, true);
        self.close(id);
    }

    /// A CONNECT that cannot be read. It is answered as far as its version is
    /// known ([MQTT-3.1.2-2], [MQTT-3.1.4-1]).
    pub(super) fn refuse_malformed(&mut self, id: ConnectionId, frame: &Bytes, error: DecodeError) {
        let version = match error.rule {
            // Of a level that is neither ours nor known, 3.1.1 says what the
            // answer looks like; every client may know that one
            // ([MQTT-3.1.2-2]; 5.0: 3.1.2.2).
            Rule::ProtocolVersion => Version::V311,
            // Whoever speaks another protocol understands no answer.
            Rule::ProtocolName => return self.fail(id, error.into()),
            Rule::Truncated if !has_level(frame) => return self.fail(id, error.into()),
            _ => error.version,
        };
        if let Some(connection) = self.connections.get_mut(&id) {
            connection.version = version;
            if version == Version::V5 {
                // Where the limit cannot be read, words are left out.
                connection.maximum_packet_size =
                    codec::maximum_packet_size_of(frame).unwrap_or(BARE_CONNACK);
            }
        }
        self.refuse(id, error.into());
    }
}

/// A client identifier that is not accepted.
fn wrong_identifier(why: &'static str) -> Fault {
    let fault = Fault::new(ReasonCode::ClientIdentifierNotValid, why);
    fault.citing(Statement::both("MQTT-3.1.3-9", "MQTT-3.1.3-8"))
}

/// Whether a CONNECT goes on as far as its protocol level, behind a length in
/// at most four bytes and a name of six.
fn has_level(frame: &[u8]) -> bool {
    let length = frame.iter().skip(1).take_while(|byte| **byte >= 0x80).count() + 1;
    frame.len() > 1 + length + 6
}

/// The nearest reason that a 3.1.1 CONNACK can give; `None` for what has to be
/// told by closing alone.
fn return_code(reason: ReasonCode) -> Option<ReasonCode> {
    match reason {
        ReasonCode::ServerBusy | ReasonCode::QuotaExceeded => Some(ReasonCode::ServerUnavailable),
        ReasonCode::QoSNotSupported
        | ReasonCode::RetainNotSupported
        | ReasonCode::TopicNameInvalid => Some(ReasonCode::NotAuthorized),
        reason => reason.return_code().map(|_| reason),
    }
}

/// Bytes of a CONNACK without properties.
const BARE_CONNACK: u32 = 5;
