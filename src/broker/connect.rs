//! CONNECT and CONNACK (3.1, 3.2).

use std::hash::{DefaultHasher, Hash, Hasher};
use std::time::Duration;

use bytes::Bytes;
use bytestring::ByteString;

use super::connection::Stage;
use super::disconnect::Fault;
use super::sessions::{ClientSession, SessionId};
use super::timers::Timer;
use super::{Broker, ConnectionId, Event};
use crate::codec::{
    self, ConnAck, Connect, MAXIMUM_PACKET_SIZE, Packet, PacketType, Property, QoS, ReasonCode,
    Statement, Version, Will,
};
use crate::session::Session;
use crate::session::aliases::{IncomingAliases, OutgoingAliases};

impl Broker {
    /// The first packet of a connection, which has to be CONNECT
    /// ([MQTT-3.1.0-1]).
    pub(super) fn handle_first(&mut self, id: ConnectionId, frame: &Bytes) {
        if frame.first().is_none_or(|byte| byte >> 4 != PacketType::Connect as u8) {
            let why = "The first packet must be CONNECT.";
            let fault = Fault::new(ReasonCode::ProtocolError, why);
            return self.fail(id, fault.citing(Statement::both("MQTT-3.1.0-1", "MQTT-3.1.0-1")));
        }
        match codec::decode(Version::V5, frame) {
            Ok(Packet::Connect(connect)) => self.handle_connect(id, connect, frame.len()),
            Ok(_) => {}
            Err(error) => self.refuse_malformed(id, frame, error),
        }
    }

    /// CONNECT, a packet of `size` bytes.
    fn handle_connect(&mut self, id: ConnectionId, connect: Box<Connect>, size: usize) {
        let Some(connection) = self.connections.get_mut(&id) else { return };
        let properties = &connect.properties;
        connection.version = connect.version;
        connection.maximum_packet_size =
            properties.maximum_packet_size().unwrap_or(MAXIMUM_PACKET_SIZE);
        connection.problem_information = properties.request_problem_information().unwrap_or(true);
        let surplus = connection.surplus;
        if let Err(fault) = self.check_connect(&connect, surplus) {
            return self.refuse(id, fault);
        }
        match connect.properties.authentication_method() {
            Some(method) => self.start_authentication(id, connect, method, size),
            None => self.accept_connect(id, *connect, None),
        }
    }

    /// Takes over the session, or makes one, and answers with CONNACK.
    pub(super) fn accept_connect(
        &mut self,
        id: ConnectionId,
        connect: Connect,
        data: Option<Bytes>,
    ) {
        self.take_up(id, |taken| taken.connecting = 0);
        let Some(connection) = self.connections.get(&id) else { return };
        let method = connection.authentication_method.clone();
        if let Err(fault) = self.check_room(&connect) {
            return self.refuse(id, fault);
        }
        let mut properties = self.announced(&connect);
        properties.extend(method.map(Property::AuthenticationMethod));
        properties.extend(data.map(Property::AuthenticationData));
        let identifier = match connect.client_identifier.is_empty() {
            true => {
                let assigned = self.assign_identifier();
                properties.push(Property::AssignedClientIdentifier(assigned.clone()));
                assigned
            }
            // A copy, so that it does not keep alive the packet.
            false => ByteString::from(&*connect.client_identifier),
        };
        if connect.version == Version::V311 {
            properties.clear();
        }
        let properties = properties.into_iter().collect();
        let mut connack =
            ConnAck { session_present: false, reason: ReasonCode::Success, properties };
        if !self.can_take(id, &Packet::ConnAck(connack.clone())) {
            let why = "CONNACK would be larger than the client's Maximum Packet Size.";
            return self.refuse(id, Fault::new(ReasonCode::PacketTooLarge, why));
        }
        let (session, session_present) = self.session_for(&identifier, connect.clean_start);
        self.join(id, session, &connect, session_present);
        connack.session_present = session_present;
        self.send(id, Packet::ConnAck(connack));
        self.event(Event::Connected {
            connection: id,
            client_identifier: identifier,
            session_present,
        });
        self.drain(session);
    }

    /// What a 5.0 CONNACK announces (3.2.2.3), unless it is the default.
    fn announced(&self, connect: &Connect) -> Vec<Property> {
        let limits = &self.config.limits;
        let asked = connect.properties.session_expiry_interval().unwrap_or(0);
        let granted = asked.min(limits.session_expiry(connect.client_identifier.is_empty()));
        let keep_alive = limits.keep_alive(connect.version, connect.keep_alive);
        let announced = [
            (granted != asked).then_some(Property::SessionExpiryInterval(granted)),
            (limits.receive_maximum != u16::MAX)
                .then(|| Property::ReceiveMaximum(limits.receive_maximum.max(1))),
            (limits.maximum_qos != QoS::ExactlyOnce)
                .then(|| Property::MaximumQoS(limits.maximum_qos.bits())),
            (!limits.retain_available).then_some(Property::RetainAvailable(false)),
            limits.maximum_packet_size.map(Property::MaximumPacketSize),
            (limits.topic_alias_maximum != 0)
                .then_some(Property::TopicAliasMaximum(limits.topic_alias_maximum)),
            // [MQTT-3.2.2-21]: the client then uses this value.
            (keep_alive != connect.keep_alive).then_some(Property::ServerKeepAlive(keep_alive)),
        ];
        announced.into_iter().flatten().collect()
    }

    /// An identifier that no session has, and no other client can guess: 64
    /// bits of a hash of 128 that only the driver knows, in 21 characters.
    fn assign_identifier(&mut self) -> ByteString {
        loop {
            self.assigned += 1;
            let mut hasher = DefaultHasher::new();
            (self.config.identifier_seed, self.assigned).hash(&mut hasher);
            self.config.identifier_seed.hash(&mut hasher);
            let identifier = format!("auto-{:016x}", hasher.finish());
            if self.sessions.of_client(&identifier).is_none() {
                return identifier.into();
            }
        }
    }

    /// The session of this client, and whether it goes on ([MQTT-3.1.2-4] to
    /// [MQTT-3.1.2-6]). A connection that still has it is closed
    /// ([MQTT-3.1.4-3]; 3.1.1: [MQTT-3.1.4-2]).
    fn session_for(&mut self, client_identifier: &str, clean_start: bool) -> (SessionId, bool) {
        let connected = self.sessions.of_client(client_identifier);
        let connected = connected.and_then(|id| self.sessions.of(id)?.connection);
        if let Some(connection) = connected {
            let why = "The client has connected again.";
            let fault = Fault::new(ReasonCode::SessionTakenOver, why);
            let statement = Statement::both("MQTT-3.1.4-2", "MQTT-3.1.4-3");
            self.fail(connection, fault.citing(statement));
        }
        // The session may have ended with that connection, or be over by a
        // timer that is late.
        self.expire_session_if_over(client_identifier);
        if let Some(id) = self.sessions.of_client(client_identifier) {
            if !clean_start {
                self.cancel_will(id);
                self.timers.clear(&Timer::Session(id));
                return (id, true);
            }
            self.end_session(id);
        }
        let flows = Session::new(self.config.limits.of_flows());
        (self.sessions.add(ClientSession::new(client_identifier.into(), flows)), false)
    }

    /// Joins a connection and its session.
    fn join(&mut self, id: ConnectionId, session: SessionId, connect: &Connect, present: bool) {
        let limits = &self.config.limits;
        let (version, properties) = (connect.version, &connect.properties);
        let Some(connection) = self.connections.get_mut(&id) else { return };
        let Some(joined) = self.sessions.of_mut(session) else { return };
        let keep_alive = limits.keep_alive(version, connect.keep_alive);
        let patience = Duration::from_millis(u64::from(keep_alive) * 1_500);
        connection.patience = (keep_alive > 0).then_some(patience);
        connection.stage = Stage::Connected { reauthentication: None };
        connection.session = Some(session);
        connection.framer.set_maximum_packet_size(limits.packet_size());
        connection.requested_expiry = match (version, connect.clean_start) {
            (Version::V5, _) => properties.session_expiry_interval().unwrap_or(0),
            (Version::V311, true) => 0,
            (Version::V311, false) => u32::MAX,
        };
        if version == Version::V5 {
            let theirs = properties.topic_alias_maximum().unwrap_or(0);
            connection.incoming_aliases = IncomingAliases::new(limits.topic_alias_maximum);
            connection.outgoing_aliases =
                OutgoingAliases::new(theirs.min(limits.topic_alias_maximum));
        }
        joined.connection = Some(id);
        joined.version = version;
        joined.ends_at = None;
        connection.expiry_maximum = limits.session_expiry(connect.client_identifier.is_empty());
        joined.expiry_interval = connection.requested_expiry.min(connection.expiry_maximum);
        joined.will = connect.will.as_ref().map(Will::detached);
        let receive_maximum = properties.receive_maximum().unwrap_or(u16::MAX);
        let receive_maximum = receive_maximum.min(limits.in_flight.max(1));
        joined.flows.handle_connected(self.now, version, present, receive_maximum);
        self.counters.clients_connected += 1;
        match connection.patience {
            Some(patience) => self.timers.set(Timer::Connection(id), self.now + patience),
            None => self.timers.clear(&Timer::Connection(id)),
        }
    }
}
