/// What a broker has done so far, and what it holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counters {
    /// Clients that are connected.
    pub clients_connected: u64,
    /// Subscriptions of all sessions.
    pub subscriptions: u64,
    /// Bytes from clients.
    pub bytes_received: u64,
    /// Bytes to clients.
    pub bytes_sent: u64,
    /// Packets from clients.
    pub packets_received: u64,
    /// Packets to clients.
    pub packets_sent: u64,
    /// Messages accepted, wills included.
    pub messages_received: u64,
    /// Copies handed to the sessions of subscribers.
    pub messages_forwarded: u64,
    /// Messages not accepted.
    pub messages_refused: u64,
    /// Copies that found a full queue, a client that does not read, or were
    /// too large for the client.
    pub messages_dropped: u64,
    /// Copies whose Message Expiry Interval ran out while they waited.
    pub messages_expired: u64,
}
