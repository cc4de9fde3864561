use bytestring::ByteString;

use crate::codec::{PacketIdentifier, Properties, ReasonCode, Subscription};
use crate::session::OutboundFlow;
use crate::time::Instant;

/// The state of the connection.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Status {
    /// No connection, and none is wanted.
    #[default]
    Disconnected,
    /// The driver was asked to open a connection.
    Opening,
    /// CONNECT is sent; CONNACK is awaited.
    Connecting,
    /// CONNACK was received.
    Connected,
    /// The driver was asked to close the connection, and no other is wanted.
    Closing,
    /// The connection is lost; the next attempt waits for its time.
    WaitingToReconnect {
        /// When the next attempt starts.
        at: Instant,
        /// Which attempt it will be, from 1.
        attempt: u32,
    },
}

/// What the client holds of a session with the server, connected or not.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum KnownSession {
    /// Nothing: there was none, or it has ended.
    #[default]
    None,
    /// The session was established by this client.
    Established,
    /// The server's session was taken over unknown, see
    /// [`UnknownSession::Adopt`](super::UnknownSession::Adopt).
    Adopted,
}

/// One subscription as the client knows it: what was asked and what was
/// granted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Subscribed {
    /// What was asked for.
    pub requested: Subscription,
    /// What the server granted; `None` until SUBACK.
    pub granted: Option<ReasonCode>,
    /// The Subscription Identifier that was sent with it (5.0).
    pub subscription_identifier: Option<u32>,
}

/// A picture of the client for views: plain and comparable.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Snapshot {
    /// The state of the connection.
    pub status: Status,
    /// Whether the server said "session present" last time.
    pub session_present: bool,
    /// Which session we hold.
    pub known_session: KnownSession,
    /// The identifier in use: ours, or the one that the server assigned.
    pub client_identifier: ByteString,
    /// Keep-alive in force, in seconds; the server may have overruled ours.
    pub keep_alive: u16,
    /// Seconds for which the server keeps the session after the connection
    /// ends: ours, unless the server overruled it or DISCONNECT changed it.
    /// 0xFFFFFFFF, also for 3.1.1 without a clean session: for ever.
    pub session_expiry_interval: u32,
    /// Our messages, queued and under way, at most 200 of them, oldest first.
    pub outbound: Vec<OutboundFlow>,
    /// How many there are in all.
    pub outbound_total: usize,
    /// How many of these wait in the queue.
    pub queued: usize,
    /// How many of these are held until the application decides.
    pub held: usize,
    /// QoS 2 messages of the server that await PUBREL, at most 200 of them.
    pub inbound: Vec<PacketIdentifier>,
    /// How many there are in all.
    pub inbound_total: usize,
    /// Packet identifiers that are in use for our messages and for SUBSCRIBE
    /// and UNSUBSCRIBE.
    pub identifiers_in_use: u16,
    /// Subscriptions, in the order in which they were asked for.
    pub subscriptions: Vec<Subscribed>,
    /// What the server announced in CONNACK (5.0), as it came.
    pub server_properties: Properties,
}

impl Snapshot {
    pub(super) const MOST_FLOWS: usize = 200;
}
