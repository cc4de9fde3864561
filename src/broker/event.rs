use bytes::Bytes;
use bytestring::ByteString;

use crate::codec::ReasonCode;

/// Names one connection, from `handle_open` to `handle_close`. The driver
/// chooses it and never uses it twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ConnectionId(pub u64);

/// What the driver has to do, in this order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Output {
    /// Send these bytes: one or more whole packets.
    Send(ConnectionId, Bytes),
    /// Close the connection once everything before is sent. `handle_close`
    /// may follow, and does no harm.
    Close(ConnectionId),
    /// Something a log or a view may want to know.
    Event(Event),
}

/// What happened in the broker, for logs and views.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// A client's CONNECT was accepted.
    Connected {
        /// Its connection.
        connection: ConnectionId,
        /// Its client identifier, assigned ones included.
        client_identifier: ByteString,
        /// Whether a stored session goes on.
        session_present: bool,
    },
    /// A connection ended, or was refused.
    Disconnected {
        /// The connection.
        connection: ConnectionId,
        /// Its client identifier; empty if it never had one.
        client_identifier: ByteString,
        /// What the reason code of the DISCONNECT or CONNACK was or would be.
        reason: ReasonCode,
        /// In words, with the normative statement if there is one.
        why: String,
    },
    /// A client wants to authenticate with a method of
    /// [`Config::authentication_methods`](super::Config), or goes on with it: answer with
    /// [`Broker::authenticate`](super::Broker::authenticate) (5.0, 4.12).
    Authenticate {
        /// Its connection.
        connection: ConnectionId,
        /// The Authentication Method.
        method: ByteString,
        /// The Authentication Data, if any.
        data: Option<Bytes>,
    },
    /// A stored session ran out.
    SessionExpired(ByteString),
    /// A message of this client was not accepted. Its acknowledgement says so
    /// in 5.0; in 3.1.1, and at QoS 0, nothing else does.
    Refused {
        /// The client that sent it.
        client_identifier: ByteString,
        /// Why: `TopicNameInvalid` for too many levels, for example.
        reason: ReasonCode,
    },
    /// A message could not be queued for this client: its queue was full, or
    /// it does not read and the message was QoS 0.
    Dropped(ByteString),
}

/// An output that is not made yet.
#[derive(Clone, Debug)]
pub(super) enum Pending {
    /// Encode and send what is in the outbox of this connection.
    Flush(ConnectionId),
    /// Close it.
    Close(ConnectionId),
    /// Tell the driver.
    Event(Event),
}
