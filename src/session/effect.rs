use std::collections::VecDeque;
use std::fmt;

use bytes::Bytes;
use bytestring::ByteString;

use super::table::{FlowState, Side, Trigger, transition};
use crate::codec::{Packet, PacketIdentifier, PacketType, Publish, QoS, ReasonCode, Version};
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
    /// After how many connections that ended with the same message unanswered
    /// it is [held](Effect::Held), at least 1. `None`: it is sent again on
    /// every connection, as a server does whose client decides how often that
    /// is.
    pub hold_after: Option<u16>,
    /// What to do about an answer that does not fit the flow.
    pub on_wrong_answer: OnWrongAnswer,
    /// When a QoS 2 message of the peer's is passed on.
    pub pass_on: PassOn,
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
            hold_after: Some(5),
            on_wrong_answer: OnWrongAnswer::EndFlow,
            pass_on: PassOn::Publish,
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

/// What to do about a PUBACK, PUBREC or PUBCOMP that is not the answer which
/// the flow awaits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum OnWrongAnswer {
    /// The flow ends with what the answer says, [`Effect::WrongAnswer`] tells
    /// of it, and the connection stays. To close would lead to sending the
    /// message again, to the same answer, without end.
    #[default]
    EndFlow,
    /// It is a [`Violation`]: the connection has to be closed (5.0, 4.13). For
    /// a server, which does not come back by itself.
    Close,
}

/// What becomes of messages that were under way when the peer says that it
/// has no session (session present 0). A message whose PUBREC had come is not
/// sent again in either case, and ends as [`Outcome::Received`].
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

/// The two ways of a QoS 2 receiver (3.1.1, figure 4.3; 5.0 shows the first and
/// forbids neither). Either way the message is delivered once.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum PassOn {
    /// At PUBLISH: the identifier is kept until PUBREL ("method B").
    #[default]
    Publish,
    /// At PUBREL: the message is kept until then ("method A"). Those that are
    /// kept take at most [`Limits::queue_bytes`], of which the first may take
    /// more. One that finds no room is refused with Quota exceeded; a 3.1.1
    /// peer cannot be told and is [in violation](Violation::NoRoom).
    PubRel,
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
    /// One connection after another has ended after this message was sent, and
    /// before it was answered: [`Limits::hold_after`] of them. It is not sent
    /// again by itself. [`Session::send_held`](super::Session::send_held)
    /// sends it, [`Session::give_up`](super::Session::give_up) ends it.
    ///
    /// Against [MQTT-4.4.0-1] and [MQTT-4.6.0-1], on purpose: it keeps its
    /// identifier, but newer messages leave before it. Otherwise a message
    /// that the peer cannot digest would keep all others from ever leaving, or
    /// reach the peer's subscribers once for each connection.
    Held(Token),
    /// The peer has answered a message with a packet that does not fit.
    WrongAnswer(WrongAnswer),
}

/// How a message of ours ended. It names no packet that did not come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Outcome {
    /// QoS 0: handed to the connection, and there is no confirmation.
    Sent,
    /// QoS 1 or 2: the flow completed, with PUBACK or PUBCOMP. The reason code
    /// is the one of PUBACK or PUBREC: `Success`, or `NoMatchingSubscribers`
    /// (5.0).
    Acknowledged(ReasonCode),
    /// QoS 1 or 2: a packet of this type ended the flow, in place of the one
    /// that was due. PUBACK for a QoS 2 message: it has arrived at least once.
    /// PUBREC (and then PUBCOMP) for a QoS 1 message: the same. PUBCOMP where
    /// PUBACK or PUBREC was due: it has probably arrived.
    AcknowledgedBy(PacketType),
    /// QoS 2: PUBREC came, with this reason, and PUBCOMP did not: the peer lost
    /// the session, or answered PUBREL with something else. The peer had taken
    /// the message. Unless it lost it with the session, it has it once.
    Received(ReasonCode),
    /// The receiver refused it with a reason of 0x80 or above (5.0).
    Refused(ReasonCode),
    /// Its Message Expiry Interval ran out before it could be sent (5.0).
    Expired,
    /// The queue was full and its policy chose this message, or it was a
    /// QoS 0 message with no connection to send it on.
    Dropped,
    /// The server that we then reached does not take such messages: its
    /// Maximum QoS, Retain Available or Maximum Packet Size. It was queued, or
    /// under way to an earlier server, where it may have arrived.
    NotSupported,
    /// The peer lost the session, and the policy is to give up.
    SessionLost,
    /// The application gave it up.
    GivenUp {
        /// Whether it had left: then it may have arrived, even more than once.
        sent: bool,
    },
}

/// The name of one entry in durable storage.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Key {
    /// A message of ours, queued or under way.
    Outbound(Token),
    /// A QoS 2 message that the peer has not released yet: its identifier, and
    /// with [`PassOn::PubRel`] the message.
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
    /// Whether it is [held](Effect::Held).
    pub held: bool,
}

/// An answer to a message of ours that does not fit its flow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WrongAnswer {
    /// The message.
    pub token: Token,
    /// What came.
    pub packet_type: PacketType,
    /// For which identifier.
    pub packet_identifier: PacketIdentifier,
    /// Where that flow stood.
    pub state: FlowState,
    /// What is spoken on the connection.
    pub version: Version,
}

impl WrongAnswer {
    /// The normative statement that the peer broke, without brackets: what
    /// the receiver's side of the flow has to answer.
    pub fn statement(&self) -> Option<&'static str> {
        let (from, on) = match self.state {
            FlowState::AwaitingPubAck => (FlowState::Free, Trigger::PublishQoS1),
            FlowState::AwaitingPubRec => (FlowState::Free, Trigger::PublishQoS2),
            _ => (FlowState::AwaitingPubRel, Trigger::PubRel),
        };
        let row = transition(Side::Receiver, from, on)?;
        match self.version {
            Version::V311 => row.v311,
            Version::V5 => row.v5,
        }
    }
}

impl fmt::Display for WrongAnswer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let WrongAnswer { packet_type, packet_identifier, state, .. } = self;
        let name = packet_type.name();
        write!(
            f,
            "The server answered packet identifier {packet_identifier}, which was {state}, with {name}."
        )?;
        self.statement().map_or(Ok(()), |statement| write!(f, " [{statement}]"))
    }
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
    /// A QoS 2 message that cannot be kept until PUBREL, from a 3.1.1 peer, to
    /// which no answer can say so.
    NoRoom,
}

impl Violation {
    /// What a 5.0 DISCONNECT says about it.
    pub fn reason(self) -> ReasonCode {
        match self {
            Violation::Unexpected { .. } => ReasonCode::ProtocolError,
            Violation::ReceiveMaximumExceeded => ReasonCode::ReceiveMaximumExceeded,
            Violation::NoRoom => ReasonCode::QuotaExceeded,
        }
    }
}

/// The queue of effects; swallows storage for a session that is not durable.
#[derive(Clone, Debug)]
pub(super) struct Effects {
    pub queue: VecDeque<Effect>,
    pub durable: bool,
}

impl Effects {
    pub fn push(&mut self, effect: Effect) {
        self.queue.push_back(effect);
    }

    pub fn store(&mut self, key: Key, value: impl FnOnce() -> Option<Bytes>) {
        if self.durable
            && let Some(value) = value()
        {
            self.push(Effect::Store(key, value));
        }
    }

    pub fn remove(&mut self, key: Key) {
        if self.durable {
            self.push(Effect::Remove(key));
        }
    }
}
