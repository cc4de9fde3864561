//! Enhanced authentication (5.0, 4.12): the driver knows the methods, the
//! broker the exchange of packets.

use std::time::Duration;

use bytes::Bytes;
use bytestring::ByteString;

use super::connection::{Stage, beyond_free};
use super::disconnect::Fault;
use super::timers::Timer;
use super::{Broker, ConnectionId, Event};
use crate::codec::{Auth, Connect, Packet, Properties, Property, ReasonCode, Statement};

/// The outcome of one step of an enhanced authentication.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Send this data, and ask again with what the client answers.
    Continue(Bytes),
    /// The client is who it says, and gets this data as a last word.
    Accept(Option<Bytes>),
    /// It is not. The reason is one that CONNACK and DISCONNECT may carry;
    /// usually `NotAuthorized`.
    Refuse(ReasonCode),
}

impl Broker {
    /// CONNECT, a packet of `size` bytes, names an authentication method: asks
    /// the driver ([MQTT-4.12.0-1]).
    pub(super) fn start_authentication(
        &mut self,
        id: ConnectionId,
        connect: Box<Connect>,
        method: ByteString,
        size: usize,
    ) {
        let Some(connection) = self.connections.get_mut(&id) else { return };
        let data = connect.properties.authentication_data();
        if !self.config.authentication_methods.contains(&method) {
            let why = "This authentication method is not supported.";
            let fault = Fault::new(ReasonCode::BadAuthenticationMethod, why);
            return self.refuse(id, fault.citing(Statement::v5("MQTT-4.12.0-1")));
        }
        // A copy, so that it does not keep alive the packet.
        connection.authentication_method = Some(ByteString::from(&*method));
        connection.stage = Stage::Authenticating { connect, pending: true };
        self.take_up(id, |taken| taken.connecting = beyond_free(size));
        if let Err(fault) = self.check_taken(beyond_free(size)) {
            return self.fail(id, fault);
        }
        self.event(Event::Authenticate { connection: id, method, data });
    }

    /// AUTH from a client.
    pub(super) fn handle_auth(&mut self, id: ConnectionId, auth: Auth) -> Result<(), Fault> {
        let Some(connection) = self.connections.get_mut(&id) else { return Ok(()) };
        let method = auth.properties.authentication_method();
        let Some(method) =
            method.filter(|it| Some(it) == connection.authentication_method.as_ref())
        else {
            return Err(wrong_method(connection.authentication_method.is_some()));
        };
        let (turn, expected) = match &mut connection.stage {
            Stage::Authenticating { pending, .. } => (pending, ReasonCode::ContinueAuthentication),
            Stage::Connected { reauthentication } => {
                let expected = match reauthentication.is_some() {
                    true => ReasonCode::ContinueAuthentication,
                    false => ReasonCode::ReAuthenticate,
                };
                (reauthentication.get_or_insert(false), expected)
            }
            _ => return Ok(()),
        };
        if *turn || auth.reason != expected {
            let why = "This AUTH does not fit the exchange.";
            return Err(Fault::new(ReasonCode::ProtocolError, why));
        }
        *turn = true;
        if auth.reason == ReasonCode::ReAuthenticate {
            let patience = Duration::from_secs(self.config.limits.connect_timeout.into());
            self.timers.set(Timer::Authentication(id), self.now + patience);
        }
        let data = auth.properties.authentication_data();
        self.event(Event::Authenticate { connection: id, method, data });
        Ok(())
    }

    /// See [`Broker::authenticate`].
    pub(super) fn handle_verdict(&mut self, id: ConnectionId, verdict: Verdict) {
        let Some(connection) = self.connections.get_mut(&id) else { return };
        match &mut connection.stage {
            Stage::Authenticating { pending, connect } if *pending => match verdict {
                Verdict::Continue(data) => {
                    *pending = false;
                    self.send_auth(id, ReasonCode::ContinueAuthentication, Some(data));
                }
                Verdict::Accept(data) => {
                    let connect = std::mem::take(connect);
                    self.accept_connect(id, *connect, data);
                }
                Verdict::Refuse(reason) => {
                    let fault = Fault::new(reason, "The authentication failed.");
                    self.refuse(id, fault.citing(Statement::v5("MQTT-4.12.0-4")));
                }
            },
            Stage::Connected { reauthentication: turn @ Some(true) } => match verdict {
                Verdict::Continue(data) => {
                    *turn = Some(false);
                    self.send_auth(id, ReasonCode::ContinueAuthentication, Some(data));
                }
                Verdict::Accept(data) => {
                    *turn = None;
                    self.timers.clear(&Timer::Authentication(id));
                    self.send_auth(id, ReasonCode::Success, data);
                }
                Verdict::Refuse(reason) => {
                    let fault = Fault::new(reason, "The authentication failed.");
                    self.fail(id, fault.citing(Statement::v5("MQTT-4.12.1-2")));
                }
            },
            _ => {}
        }
    }

    /// A re-authentication is not over in time.
    pub(super) fn end_authentication(&mut self, id: ConnectionId) {
        let why = "The re-authentication was not over in time.";
        let fault = Fault::new(ReasonCode::NotAuthorized, why);
        self.fail(id, fault.citing(Statement::v5("MQTT-4.12.1-2")));
    }

    fn send_auth(&mut self, id: ConnectionId, reason: ReasonCode, data: Option<Bytes>) {
        let Some(connection) = self.connections.get(&id) else { return };
        let method = connection.authentication_method.clone().map(Property::AuthenticationMethod);
        let data = data.map(Property::AuthenticationData);
        let properties: Properties = method.into_iter().chain(data).collect();
        self.send(id, Packet::Auth(Auth { reason, properties }));
    }
}

/// An AUTH that does not name the method of CONNECT, or came although CONNECT
/// named none.
fn wrong_method(connect_named_one: bool) -> Fault {
    let (why, statement) = match connect_named_one {
        true => {
            ("AUTH must name the authentication method of CONNECT.", Statement::v5("MQTT-4.12.0-5"))
        }
        false => ("AUTH came, but CONNECT named no method.", Statement::v5("MQTT-4.12.0-7")),
    };
    Fault::new(ReasonCode::ProtocolError, why).citing(statement)
}
