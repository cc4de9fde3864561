use bytes::Bytes;
use bytestring::ByteString;

use super::ClosedReason;
use crate::codec::{Auth, ConnAck, PacketIdentifier, Publish, QoS, ReasonCode};
use crate::session::{Key, Outcome, Token, WrongAnswer};

/// Numbers the connections that one client asks for, from 1 on.
///
/// A client may ask for a connection before the driver has closed the one
/// before, as in `disconnect` followed by `connect`. The number is how each
/// input finds its own: what arrives for an earlier connection is ignored.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ConnectionNumber(pub u64);

/// What the driver has to do, in this order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Output {
    /// Open a connection, then call `handle_open` or `handle_close` with its
    /// number.
    Open(ConnectionNumber),
    /// Send these bytes on the connection that was opened last: one or more
    /// whole packets. Whatever was ready leaves in one piece.
    Send(Bytes),
    /// Commit this entry to storage before any later `Send` leaves.
    Store(Key, Bytes),
    /// Delete this entry from storage, before any later `Send` leaves too: the
    /// server may use a released identifier for a new message.
    Remove(Key),
    /// Tell the application.
    Event(Event),
    /// Close this connection once everything before is sent, then call
    /// `handle_close` with its number.
    Close(ConnectionNumber),
}

/// What the application wants to know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// CONNACK with success.
    Connected(ConnAck),
    /// The server held a session that this client did not know. It is
    /// discarded, with what waited in it, as
    /// [`UnknownSession::StartOver`](super::UnknownSession) says.
    SessionDiscarded,
    /// The server held a session that this client did not know, and the client
    /// continues it, as [`UnknownSession::Adopt`](super::UnknownSession)
    /// says. QoS 2 messages that it sends may be lost.
    SessionAdopted,
    /// AUTH from the server (5.0, 4.12). With `ContinueAuthentication`, answer
    /// with [`Client::authenticate`](super::Client::authenticate); with
    /// `Success`, a re-authentication is complete.
    Authenticate(Auth),
    /// A message for us. A topic alias is resolved already.
    Message(Publish),
    /// A message of ours came to its end.
    Finished(Token, Outcome),
    /// The server lost the session; this message may arrive twice.
    StartedOver(Token),
    /// One connection after another has ended after this message was sent and
    /// before it was answered. It is held: decide with
    /// [`Client::send_held`](super::Client::send_held) or
    /// [`Client::give_up`](super::Client::give_up). Others go on without it.
    Held(Token),
    /// The server has answered a message of ours with a packet that does not
    /// fit. The connection stays; what became of the message is in
    /// [`Event::Finished`].
    WrongAnswer(WrongAnswer),
    /// SUBACK, one grant for each filter asked for. Comes for the application's
    /// SUBSCRIBE and for those that the client sends itself after the session
    /// was lost, or when the connection was lost before SUBACK.
    Subscribed {
        /// Of the SUBSCRIBE.
        packet_identifier: PacketIdentifier,
        /// In the order of the SUBSCRIBE.
        grants: Vec<Grant>,
    },
    /// UNSUBACK.
    Unsubscribed {
        /// Of the UNSUBSCRIBE.
        packet_identifier: PacketIdentifier,
        /// In the order of the UNSUBSCRIBE. 3.1.1 gives no reasons: all are
        /// `Success`.
        reasons: Vec<(ByteString, ReasonCode)>,
    },
    /// The connection has ended, or could not be made.
    Closed(ClosedReason),
}

/// What the server made of one topic filter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Grant {
    /// The filter.
    pub filter: ByteString,
    /// The QoS that was asked for.
    pub requested: QoS,
    /// `Success` (granted QoS 0), `GrantedQoS1`, `GrantedQoS2`, or a failure.
    pub reason: ReasonCode,
}
