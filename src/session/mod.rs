//! The Quality-of-Service flows, role-blind: client and broker use the same.
//!
//! A [`Session`] is one side of the agreement between one sender and one
//! receiver (section 4.3). It does not know whether it is the client's or the
//! broker's. It has two halves, our messages to the peer and the peer's to
//! us, and both run from one [table](TRANSITIONS).
//!
//! The four steps of QoS 2 are four calls:
//!
//! ```text
//! sender                                receiver
//! publish()            PUBLISH ->       handle_publish()     keep the identifier, deliver
//! handle_ack(PubRec)   <- PUBREC
//!   drop the message   PUBREL ->        handle_ack(PubRel)   forget the identifier
//! handle_ack(PubComp)  <- PUBCOMP
//!   free the identifier
//! ```
//!
//! With [`PassOn::PubRel`] the receiver keeps the message at PUBLISH and
//! delivers it at PUBREL.

pub(crate) mod aliases;
mod effect;
mod flows;
mod identifiers;
mod inbound;
mod outbound;
mod past;
mod queue;
mod sent;
mod store;
mod table;

use std::collections::VecDeque;

use bytes::Bytes;

use crate::codec::{Ack, PacketIdentifier, PacketType, Publish, ReasonCode, Version};
use crate::time::Instant;

pub use effect::{
    Effect, Key, Limits, OnSessionLoss, OnWrongAnswer, OutboundFlow, Outcome, PassOn, QueuePolicy,
    Token, Violation, WrongAnswer,
};
pub use identifiers::Identifiers;
pub use table::{Action, FlowState, Side, TRANSITIONS, Transition, Trigger, transition};

pub(crate) use queue::{age, footprint};

use effect::Effects;
use inbound::Inbound;
use outbound::Outbound;
use queue::KEPT;

/// One side of a session: our messages to the peer and the peer's to us.
#[derive(Clone, Debug)]
pub struct Session {
    limits: Limits,
    /// What this connection speaks; the last one's while there is none.
    version: Version,
    /// Our messages.
    outbound: Outbound,
    /// The peer's.
    inbound: Inbound,
    /// What is to be done, oldest first.
    effects: Effects,
}

impl Session {
    /// An empty session.
    pub fn new(limits: Limits) -> Self {
        Session {
            effects: Effects { queue: VecDeque::new(), durable: limits.durable },
            limits,
            version: Version::default(),
            outbound: Outbound::default(),
            inbound: Inbound::default(),
        }
    }

    /// Rebuilds a session from what [`Effect::Store`] had committed, in any
    /// order. Entries that cannot be read are skipped; the second value counts
    /// them.
    pub fn import(limits: Limits, entries: &[(Key, Bytes)]) -> (Self, usize) {
        let mut session = Session::new(limits);
        let mut unreadable = 0;
        let mut ours = Vec::new();
        for (key, value) in entries {
            match key {
                Key::Subscription(_) | Key::Session => {}
                Key::Inbound(identifier) => {
                    unreadable += usize::from(!session.inbound.restore(*identifier, value));
                }
                Key::Outbound(token) => match store::read(*token, value) {
                    Some(stored) => ours.push(stored),
                    None => unreadable += 1,
                },
            }
        }
        ours.sort_by_key(|stored| stored.token);
        for stored in ours {
            if !session.outbound.restore(stored) {
                unreadable += 1;
            }
        }
        (session, unreadable)
    }

    /// Everything that durable storage should hold now.
    pub fn export(&self) -> Vec<(Key, Bytes)> {
        let mut entries = self.outbound.export();
        entries.extend(self.inbound.export());
        entries
    }

    /// Whether the peer may hold something of this session: a message is under
    /// way, or a QoS 2 message of the peer awaits PUBREL.
    pub fn has_begun(&self) -> bool {
        self.in_flight() > 0 || self.awaiting_release() > 0
    }

    /// Hands over a message. It is sent at once if there is a connection and
    /// the peer's Receive Maximum allows, else queued. `dup` and
    /// `packet_identifier` of `message` are ignored. `None`: there is no room
    /// and the policy refuses; nothing has changed.
    pub fn publish(&mut self, now: Instant, message: Publish) -> Option<Token> {
        self.outbound.publish(now, message, &self.limits, &mut self.effects)
    }

    /// Gives up a message that is queued and was never sent. False if there is
    /// no such message.
    pub fn cancel(&mut self, token: Token, outcome: Outcome) -> bool {
        self.outbound.cancel(token, outcome, &mut self.effects)
    }

    /// Ends the queued messages whose Message Expiry Interval is over
    /// ([MQTT-3.3.2-5], 5.0).
    pub fn expire(&mut self, now: Instant) {
        self.outbound.expire(now, &mut self.effects);
    }

    /// When to call [`Session::expire`]: no queued message expires before.
    pub fn next_expiry(&self) -> Option<Instant> {
        self.outbound.next_expiry()
    }

    /// Gives up a message that is [held](Effect::Held) or queued, or, while
    /// there is no connection, any. It ends with [`Outcome::GivenUp`], or, if
    /// PUBREC had come, with [`Outcome::Received`]. False if there is no such
    /// message.
    pub fn give_up(&mut self, now: Instant, token: Token) -> bool {
        self.outbound.give_up(now, token, &mut self.effects)
    }

    /// Sends a message again that is [held](Effect::Held): now, or on the next
    /// connection, after those that have left meanwhile. False if it is not
    /// held.
    pub fn send_held(&mut self, now: Instant, token: Token) -> bool {
        self.outbound.send_held(now, token, &mut self.effects)
    }

    /// Ends a flow whose packet cannot be sent to this peer.
    pub(crate) fn abandon(&mut self, now: Instant, identifier: PacketIdentifier, outcome: Outcome) {
        self.outbound.abandon(now, identifier, outcome, &mut self.effects);
    }

    /// Takes an identifier for SUBSCRIBE or UNSUBSCRIBE. `None` when all
    /// 65,535 are in use.
    pub fn allocate_identifier(&mut self) -> Option<PacketIdentifier> {
        self.outbound.identifiers.allocate()
    }

    /// Frees an identifier taken with [`Session::allocate_identifier`].
    pub fn release_identifier(&mut self, now: Instant, identifier: PacketIdentifier) {
        self.outbound.identifiers.release(identifier);
        self.outbound.pump(now, &mut self.effects);
    }

    /// The connection is up. With `session_present`, unfinished flows are sent
    /// again in their original order ([MQTT-4.4.0-1], [MQTT-4.6.0-1]); without,
    /// they end as [`OnSessionLoss`] says and the receiver's side is forgotten.
    /// `receive_maximum` is the peer's (65,535 in 3.1.1).
    pub fn handle_connected(
        &mut self,
        now: Instant,
        version: Version,
        session_present: bool,
        receive_maximum: u16,
    ) {
        self.version = version;
        if !session_present {
            self.inbound.forget(&mut self.effects);
            self.outbound.start_over(self.limits.on_session_loss, &mut self.effects);
        }
        self.inbound.reset_connection();
        self.outbound.connect(now, version, receive_maximum, &mut self.effects);
    }

    /// The connection is gone, and not because we wanted it. As
    /// [`Session::handle_disconnected`], and a message that was sent on too
    /// many such connections is [held](Effect::Held) from now on.
    pub fn handle_lost(&mut self) {
        self.outbound.lose(&self.limits, &mut self.effects);
        self.handle_disconnected();
    }

    /// The connection is gone. Nothing more is sent until the next.
    pub fn handle_disconnected(&mut self) {
        self.outbound.disconnect();
        self.inbound.reset_connection();
        self.effects.queue.retain(|effect| !matches!(effect, Effect::Send(_)));
    }

    /// Holds back our messages, or sends them again: the peer does not read as
    /// fast as we send. Acknowledgements and PUBRELs still go out, and a QoS 0
    /// message is treated as if there were no connection.
    pub fn set_paused(&mut self, now: Instant, paused: bool) {
        self.outbound.set_paused(now, paused, &mut self.effects);
    }

    /// A PUBLISH from the peer. `answer` is the reason code of the first
    /// acknowledgement: `Success`, or `NoMatchingSubscribers`, or a refusal of
    /// 0x80 or above, which delivers nothing. 3.1.1 cannot refuse: the flow
    /// runs its course, and the message is not delivered.
    pub fn handle_publish(
        &mut self,
        now: Instant,
        publish: Publish,
        answer: ReasonCode,
    ) -> Result<(), Violation> {
        let (version, limits) = (self.version, &self.limits);
        self.inbound.publish(now, version, limits, publish, answer, &mut self.effects)
    }

    /// A PUBACK, PUBREC, PUBREL or PUBCOMP from the peer. Other packet types
    /// are ignored.
    pub fn handle_ack(
        &mut self,
        now: Instant,
        packet_type: PacketType,
        ack: &Ack,
    ) -> Result<(), Violation> {
        let failed = ack.reason.is_error();
        let trigger = match (packet_type, failed) {
            (PacketType::PubRel, _) => {
                return self.inbound.release(now, self.version, ack, &mut self.effects);
            }
            (PacketType::PubAck, false) => Trigger::PubAck,
            (PacketType::PubAck, true) => Trigger::PubAckError,
            (PacketType::PubRec, false) => Trigger::PubRec,
            (PacketType::PubRec, true) => Trigger::PubRecError,
            (PacketType::PubComp, _) => Trigger::PubComp,
            _ => return Ok(()),
        };
        let policy = self.limits.on_wrong_answer;
        self.outbound.acknowledge(now, packet_type, trigger, ack, policy, &mut self.effects)
    }

    /// Sends again every PUBLISH and PUBREL last sent before `before`, as
    /// 3.1.1 allows while connected. On a 5.0 connection it does nothing,
    /// because 5.0 forbids it ([MQTT-4.4.0-1]).
    pub fn resend_older_than(&mut self, now: Instant, before: Instant) {
        self.outbound.resend_older_than(now, before, &mut self.effects);
    }

    /// When the oldest unanswered PUBLISH or PUBREL was last sent on this
    /// connection. `None` on a 5.0 connection, which has no use for it.
    pub fn oldest_unanswered(&self) -> Option<Instant> {
        self.outbound.oldest_unanswered()
    }

    /// When to call [`Session::handle_timeout`]; `None` for no timer.
    pub fn next_timeout(&self) -> Option<Instant> {
        self.outbound.next_timeout()
    }

    /// Call at [`Session::next_timeout`]; early calls do no harm.
    pub fn handle_timeout(&mut self, now: Instant) {
        self.outbound.handle_timeout(now, &mut self.effects);
    }

    /// What is to be done next, in order.
    pub fn poll(&mut self) -> Option<Effect> {
        let effect = self.effects.queue.pop_front();
        if effect.is_none() && self.effects.queue.capacity() > KEPT {
            self.effects.queue = VecDeque::new();
        }
        effect
    }

    /// The oldest of our messages, under way and then queued, at most `limit`.
    pub fn outbound(&self, limit: usize) -> Vec<OutboundFlow> {
        self.outbound.flows(limit)
    }

    /// The lowest identifiers of the peer's QoS 2 messages that await PUBREL,
    /// at most `limit`.
    pub fn inbound(&self, limit: usize) -> Vec<PacketIdentifier> {
        self.inbound.identifiers().take(limit).collect()
    }

    /// How many QoS 2 messages of the peer await PUBREL.
    pub fn awaiting_release(&self) -> usize {
        self.inbound.len()
    }

    /// Whether the peer's QoS 2 message with this identifier awaits PUBREL.
    pub fn awaits_release(&self, identifier: PacketIdentifier) -> bool {
        self.inbound.contains(identifier)
    }

    /// Our queued messages that were never sent, oldest first.
    pub fn queue(&self) -> impl Iterator<Item = (Token, &Publish)> {
        self.outbound.queue()
    }

    /// Our messages that the peer has not taken over, those under way first,
    /// each as it may be sent now; those that have expired are left out. The
    /// last value says whether it was sent before.
    pub fn unfinished(&self, now: Instant) -> Vec<(Token, Publish, bool)> {
        self.outbound.unfinished(now)
    }

    /// How many of our messages wait in the queue.
    pub fn queued(&self) -> usize {
        self.outbound.queued()
    }

    /// Bytes of memory that our messages take, queued and under way. They
    /// count against [`Limits::queue_bytes`].
    pub fn bytes_held(&self) -> usize {
        self.outbound.bytes_held()
    }

    /// Bytes of memory that the session takes: the messages, what room there
    /// is for more, and the identifiers of the peer's.
    pub fn footprint(&self) -> usize {
        size_of::<Self>() + self.outbound.footprint() + self.inbound.footprint()
    }

    /// How many of our messages are [held](Effect::Held).
    pub fn held(&self) -> usize {
        self.outbound.held()
    }

    /// How many of our messages are unfinished, the queue not counted.
    pub fn in_flight(&self) -> usize {
        self.outbound.in_flight()
    }

    /// How many packet identifiers are in use, SUBSCRIBE's included.
    pub fn identifiers_in_use(&self) -> u16 {
        self.outbound.identifiers.in_use()
    }
}
