use bytes::Bytes;
use bytestring::ByteString;

use super::FlowState;
use crate::codec::{Packet, PacketIdentifier, PacketType, Publish, QoS, ReasonCode};
use crate::time::Instant;

/// Names one message that this side sends, from the command that handed it
/// over until [`Effect::Finished`]. Tokens rise in the order of the commands
/// and are never used twice while anything of the session is left.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Token(pub u64);

/// How much a session may hold, and what happens at the limit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Messages that wait for a connection or for the peer's Receive Maximum.
    pub queue_capacity: usize,
    /// Bytes of memory for the messages that wait or are under way: topic,
    /// payload and properties, with some 300 for each on top. A message that
    /// is the only one is taken whatever its size.
    pub queue_bytes: usize,
    /// What happens to a message that finds no room.
    pub queue_policy: QueuePolicy,
    /// Whether QoS 0 messages wait for a connection, or are dropped without
    /// one. Either is allowed (3.1.2.4; 5.0: 4.1).
    pub queue_qos0: bool,
    /// Our own Receive Maximum: unfinished QoS 1 and 2 messages that the peer
    /// may have under way to us (5.0, 3.3.4).
    pub receive_maximum: u16,
    /// Whether changes are reported as [`Effect::Store`] and
    /// [`Effect::Remove`], for a session that outlives the process.
    pub durable: bool,
    /// What becomes of unfinished messages when the peer has lost the session.
    pub on_session_loss: OnSessionLoss,
}

impl Default for Limits {
    /// Room for 10,000 queued messages of any size, none lost silently, in
    /// memory only.
    fn default() -> Self {
        Limits {
            queue_capacity: 10_000,
            queue_bytes: usize::MAX,
            queue_policy: QueuePolicy::RefuseNew,
            queue_qos0: true,
            receive_maximum: u16::MAX,
            durable: false,
            on_session_loss: OnSessionLoss::StartOver,
        }
    }
}

/// What happens to a new message when the queue is full.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum QueuePolicy {
    /// The new message is refused with an error; nothing queued is lost.
    #[default]
    RefuseNew,
    /// The oldest queued QoS 0 message makes room, else the oldest message.
    DropOldest,
}

/// What becomes of messages that were under way when the peer says that it
/// has no session (session present 0). A message whose PUBREC had come is
/// finished in either case: the peer had taken it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum OnSessionLoss {
    /// They start over as new messages, with new identifiers and DUP 0. A
    /// QoS 2 message whose PUBREC had not come may then arrive twice, and
    /// [`Effect::StartedOver`] says so.
    #[default]
    StartOver,
    /// They are given up and reported as [`Outcome::SessionLost`].
    GiveUp,
}

/// What a session wants done, in this order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Send this packet on the current connection.
    Send(Packet),
    /// Commit this entry before anything that follows leaves (durable only).
    Store(Key, Bytes),
    /// Delete this entry (durable only).
    Remove(Key),
    /// Hand this message to the application.
    Deliver(Publish),
    /// A message of ours has come to its end.
    Finished(Token, Outcome),
    /// The peer lost the session; this message, which it may have received
    /// already, is sent again as a new one.
    StartedOver(Token),
}

/// How a message of ours ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Outcome {
    /// QoS 0: handed to the connection; nobody will ever know more.
    Sent,
    /// QoS 1 or 2: the flow completed. The reason code is the one of PUBACK
    /// or PUBREC: `Success`, or `NoMatchingSubscribers` (5.0).
    Acknowledged(ReasonCode),
    /// The receiver refused it with a reason of 0x80 or above (5.0).
    Refused(ReasonCode),
    /// Its Message Expiry Interval ran out before it could be sent (5.0).
    Expired,
    /// The queue was full and its policy chose this message, or it was a
    /// QoS 0 message with no connection to send it on.
    Dropped,
    /// It was queued, and the server that we then reached does not take such
    /// messages: its Maximum QoS, Retain Available or Maximum Packet Size.
    NotSupported,
    /// The peer lost the session, and the policy is to give up.
    SessionLost,
}

/// The name of one entry in durable storage.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Key {
    /// A message of ours, queued or under way.
    Outbound(Token),
    /// The identifier of a QoS 2 message that the peer has not released yet.
    Inbound(PacketIdentifier),
    /// A subscription of ours, by its place among all that were asked for. The
    /// client's own: a session of flows has none.
    Subscription(u64),
    /// That the client and the server have a session at all. The client's own.
    Session,
}

/// One of our messages, for views and tests.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OutboundFlow {
    /// Which message.
    pub token: Token,
    /// `None` while it is queued.
    pub packet_identifier: Option<PacketIdentifier>,
    /// `Free` while it is queued.
    pub state: FlowState,
    /// Its QoS.
    pub qos: QoS,
    /// The topic name; empty once the message is discarded after PUBREC.
    pub topic: ByteString,
    /// When it was last sent, or, while it is queued, handed over. Zero if
    /// that was in an earlier process.
    pub since: Instant,
}

/// The peer broke the rules of the flows. The connection has to be closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Violation {
    /// A packet that does not fit the state of the flow.
    Unexpected {
        /// What came.
        packet_type: PacketType,
        /// For which identifier.
        packet_identifier: PacketIdentifier,
        /// Where that flow stood.
        state: FlowState,
    },
    /// More unfinished messages than our Receive Maximum.
    ReceiveMaximumExceeded,
}

impl Violation {
    /// What a 5.0 DISCONNECT says about it.
    pub fn reason(self) -> ReasonCode {
        match self {
            Violation::Unexpected { .. } => ReasonCode::ProtocolError,
            Violation::ReceiveMaximumExceeded => ReasonCode::ReceiveMaximumExceeded,
        }
    }
}
