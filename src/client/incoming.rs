//! What the server sends: each packet checked against who may send it, and
//! when.

use bytes::Bytes;

use super::{Client, ClosedReason, Event, Status};
use crate::codec::{
    ConnAck, Disconnect, Packet, PacketType, PropertyId, Publish, ReasonCode, Rule, Statement,
    SubAck, Version, decode,
};
use crate::session::Violation;
use crate::session::aliases::AliasFault;
use crate::time::Instant;

/// A fault of the server, and what a 5.0 server is told about it.
#[derive(Debug)]
pub(super) struct Fault {
    pub reason: ClosedReason,
    pub farewell: Option<ReasonCode>,
}

impl Fault {
    /// A packet that may not come now, or not as it came.
    pub fn unexpected(version: Version, what: &'static str, statement: Statement) -> Self {
        ClosedReason::unexpected(version, what, statement).into()
    }

    /// A reason to close without a DISCONNECT.
    pub fn quiet(reason: ClosedReason) -> Self {
        Fault { reason, farewell: None }
    }
}

impl From<ClosedReason> for Fault {
    fn from(reason: ClosedReason) -> Self {
        Fault { farewell: reason.farewell(), reason }
    }
}

impl From<Violation> for Fault {
    fn from(violation: Violation) -> Self {
        ClosedReason::Violation(violation).into()
    }
}

impl Client {
    /// Handles the server's next whole packet; false if there is none yet.
    pub(super) fn handle_next_packet(&mut self, now: Instant) -> Result<bool, Fault> {
        let version = self.config.version;
        let packet = self.link.framer.next_packet(version);
        let packet = packet.map_err(|error| match error.rule {
            Rule::PacketTooLarge => self.packet_too_large(),
            _ => ClosedReason::Malformed(error),
        })?;
        let Some(bytes) = packet else { return Ok(false) };
        let packet = decode(version, &bytes).map_err(|error| {
            let old_form = self.connack_of_v311(&bytes);
            old_form.map_or(ClosedReason::Malformed(error), ClosedReason::SpeaksOnlyV311)
        })?;
        self.handle_packet(now, packet)?;
        Ok(true)
    }

    /// A packet above our limit, of which only the header is there.
    fn packet_too_large(&self) -> ClosedReason {
        let first = self.link.framer.pending().first().copied().unwrap_or_default();
        let is_acknowledged = first >> 4 == PacketType::Publish as u8 && first & 0b0110 != 0;
        ClosedReason::PacketTooLarge {
            maximum: self.config.maximum_packet_size,
            version: self.config.version,
            is_kept: is_acknowledged && self.session_expiry_interval > 0,
        }
    }

    /// The CONNACK that these bytes are in 3.1.1, if a CONNECT of 5.0 waits for
    /// one. In 5.0 they are none: it has properties.
    fn connack_of_v311(&self, bytes: &Bytes) -> Option<ConnAck> {
        if self.config.version != Version::V5 || self.status != Status::Connecting {
            return None;
        }
        match decode(Version::V311, bytes) {
            Ok(Packet::ConnAck(connack)) => Some(connack),
            _ => None,
        }
    }

    fn handle_packet(&mut self, now: Instant, packet: Packet) -> Result<(), Fault> {
        let packet_type = packet.packet_type();
        self.check_turn(packet_type)?;
        self.check_problem_information(&packet)?;
        match packet {
            Packet::ConnAck(connack) => self.handle_connack(now, connack),
            Packet::Publish(publish) => self.handle_publish(now, publish),
            Packet::PubAck(ack)
            | Packet::PubRec(ack)
            | Packet::PubRel(ack)
            | Packet::PubComp(ack) => {
                self.session.handle_ack(now, packet_type, &ack)?;
                self.pump(now);
                Ok(())
            }
            Packet::SubAck(ack) => self.handle_suback(now, ack),
            Packet::UnsubAck(ack) => self.handle_unsuback(now, ack),
            // One that we did not ask for does no harm: it may answer the
            // first of two pings.
            Packet::PingResp => {
                self.link.keep_alive.answered();
                Ok(())
            }
            Packet::Disconnect(disconnect) => match self.config.version {
                Version::V311 => Err(from_client_only(PacketType::Disconnect)),
                Version::V5 => Err(Fault::quiet(check_disconnect(disconnect))),
            },
            Packet::Auth(auth) => Ok(self.handle_auth(now, auth)?),
            Packet::Connect(_)
            | Packet::Subscribe(_)
            | Packet::Unsubscribe(_)
            | Packet::PingReq => Err(from_client_only(packet_type)),
        }
    }

    /// CONNACK comes first, before it at most AUTH ([MQTT-3.2.0-1]).
    fn check_turn(&self, packet_type: PacketType) -> Result<(), Fault> {
        match packet_type {
            PacketType::ConnAck | PacketType::Auth => Ok(()),
            _ if self.status == Status::Connected => Ok(()),
            PacketType::Disconnect if self.config.version == Version::V5 => {
                let what = "A DISCONNECT came before CONNACK.";
                let statement = Statement::v5("MQTT-3.14.0-1");
                Err(Fault::quiet(ClosedReason::unexpected(Version::V5, what, statement)))
            }
            _ => Err(Fault::unexpected(
                self.config.version,
                "The server's first packet must be CONNACK.",
                Statement::both("MQTT-3.2.0-1", "MQTT-3.2.0-1"),
            )),
        }
    }

    /// Reason Strings and User Properties that our CONNECT has declined.
    fn check_problem_information(&self, packet: &Packet) -> Result<(), Fault> {
        if self.config.properties.request_problem_information() != Some(false) {
            return Ok(());
        }
        let properties = match packet {
            Packet::PubAck(ack)
            | Packet::PubRec(ack)
            | Packet::PubRel(ack)
            | Packet::PubComp(ack) => &ack.properties,
            Packet::SubAck(ack) | Packet::UnsubAck(ack) => &ack.properties,
            Packet::Auth(auth) => &auth.properties,
            _ => return Ok(()),
        };
        let declined = [PropertyId::ReasonString, PropertyId::UserProperty];
        if declined.into_iter().any(|id| properties.contains(id)) {
            let what = "The server sent a Reason String or User Property that CONNECT declined.";
            let statement = Statement::v5("MQTT-3.1.2-29");
            return Err(Fault::unexpected(self.config.version, what, statement));
        }
        Ok(())
    }

    fn handle_publish(&mut self, now: Instant, mut publish: Publish) -> Result<(), Fault> {
        let aliases = &mut self.link.incoming_aliases;
        let maximum = aliases.maximum();
        aliases.resolve(&mut publish).map_err(|fault| {
            let (what, statement) = describe_alias(fault, maximum);
            let reason = ClosedReason::unexpected(Version::V5, what, statement);
            Fault { reason, farewell: Some(fault.reason()) }
        })?;
        self.session.handle_publish(now, publish, ReasonCode::Success)?;
        self.pump(now);
        Ok(())
    }

    fn handle_suback(&mut self, now: Instant, ack: SubAck) -> Result<(), Fault> {
        let grants = self.subscriptions.handle_suback(self.config.version, &ack)?;
        let packet_identifier = ack.packet_identifier;
        self.outbox.event(Event::Subscribed { packet_identifier, grants });
        self.session.release_identifier(now, packet_identifier);
        self.pump(now);
        Ok(())
    }

    fn handle_unsuback(&mut self, now: Instant, ack: SubAck) -> Result<(), Fault> {
        let reasons = self.subscriptions.handle_unsuback(self.config.version, &ack)?;
        let packet_identifier = ack.packet_identifier;
        self.outbox.event(Event::Unsubscribed { packet_identifier, reasons });
        self.session.release_identifier(now, packet_identifier);
        self.pump(now);
        Ok(())
    }
}

/// The server's goodbye, or what is wrong with it. Either way the connection is
/// over: the server reads nothing more.
fn check_disconnect(disconnect: Disconnect) -> ClosedReason {
    let unexpected = |what, statement| ClosedReason::unexpected(Version::V5, what, statement);
    if !disconnect.reason.is_disconnect_of_server() {
        let what = "The server sent DISCONNECT with a reason that only a client may give.";
        unexpected(what, Statement::v5("MQTT-3.14.2-1"))
    } else if disconnect.properties.contains(PropertyId::SessionExpiryInterval) {
        let what = "The server sent DISCONNECT with a Session Expiry Interval.";
        unexpected(what, Statement::v5("MQTT-3.14.2-2"))
    } else {
        ClosedReason::ByServer(disconnect)
    }
}

fn from_client_only(packet_type: PacketType) -> Fault {
    let what = match packet_type {
        PacketType::Connect => "The server sent CONNECT, which only a client may send.",
        PacketType::Subscribe => "The server sent SUBSCRIBE, which only a client may send.",
        PacketType::Unsubscribe => "The server sent UNSUBSCRIBE, which only a client may send.",
        PacketType::PingReq => "The server sent PINGREQ, which only a client may send.",
        _ => "The server sent DISCONNECT, which in MQTT 3.1.1 only a client may send.",
    };
    ClosedReason::Unexpected { what, statement: None }.into()
}

/// What is wrong with an alias of the server: a sentence and the statement.
fn describe_alias(fault: AliasFault, maximum: u16) -> (&'static str, Statement) {
    match fault {
        AliasFault::Zero => ("A topic alias must not be 0.", Statement::v5("MQTT-3.3.2-8")),
        AliasFault::AboveMaximum => (
            "The topic alias is above the Topic Alias Maximum of our CONNECT.",
            match maximum {
                0 => Statement::v5("MQTT-3.1.2-27"),
                _ => Statement::v5("MQTT-3.1.2-26"),
            },
        ),
        AliasFault::Unknown => {
            ("The topic alias has no topic on this connection.", Statement::NONE)
        }
    }
}
