use std::time::Duration;

use bytestring::ByteString;

use super::ConnectionId;
use crate::codec::{PacketIdentifier, Subscription, Version};
use crate::session::OutboundFlow;

/// One client's side in the broker, for views: plain and comparable.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SessionSnapshot {
    /// Whose session it is.
    pub client_identifier: ByteString,
    /// The connection, if the client is connected.
    pub connection: Option<ConnectionId>,
    /// The version that it spoke last.
    pub version: Version,
    /// How long the session outlives its connection; `Duration::MAX`: for ever.
    pub expiry: Duration,
    /// Subscriptions in the order in which they were made, with granted QoS.
    pub subscriptions: Vec<Subscription>,
    /// Messages to the client, under way and queued, at most 200, oldest first.
    pub outbound: Vec<OutboundFlow>,
    /// How many there are in all.
    pub outbound_total: usize,
    /// How many of these wait in the queue.
    pub queued: usize,
    /// QoS 2 messages of the client that await PUBREL, at most 200.
    pub inbound: Vec<PacketIdentifier>,
    /// Packet identifiers that are in use for messages to the client.
    pub identifiers_in_use: u16,
    /// Whether a will waits to be published, should the connection end badly.
    pub has_will: bool,
}
