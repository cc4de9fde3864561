//! The Quality-of-Service flows as one table.
//!
//! This is not a description of the code: [`Session`](super::Session) runs
//! from it, the tests walk it, and the page draws it. It does not know which
//! role we play. Client and broker are both senders and receivers.

use std::fmt;

/// The two ends of one flow (section 4.3). "Sender" and "receiver" are of one
/// message on one hop, never of the connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Side {
    /// Sends the PUBLISH.
    Sender,
    /// Receives the PUBLISH.
    Receiver,
}

/// Where one packet identifier stands, on one side.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum FlowState {
    /// No flow uses the identifier.
    Free,
    /// Sender, QoS 1: the message is kept until PUBACK.
    AwaitingPubAck,
    /// Sender, QoS 2: the message is kept until PUBREC.
    AwaitingPubRec,
    /// Sender, QoS 2: the message is gone, the identifier kept until PUBCOMP.
    AwaitingPubComp,
    /// Receiver, QoS 2: the identifier is kept until PUBREL.
    AwaitingPubRel,
    /// Receiver, QoS 2: the message is kept until PUBREL, and passed on then.
    StoredUntilPubRel,
}

/// What moves a flow.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Trigger {
    /// The application has a new QoS 1 message.
    SendQoS1,
    /// The application has a new QoS 2 message.
    SendQoS2,
    /// PUBACK with a reason below 0x80.
    PubAck,
    /// PUBACK with a reason of 0x80 or above (5.0).
    PubAckError,
    /// PUBREC with a reason below 0x80.
    PubRec,
    /// PUBREC with a reason of 0x80 or above (5.0).
    PubRecError,
    /// PUBREC once more, too often to be an answer to a repeated PUBLISH.
    PubRecAgain,
    /// PUBCOMP.
    PubComp,
    /// The connection is back and the session with it, or, in 3.1.1 only, the
    /// sender's own timer ran out.
    Resend,
    /// PUBLISH with QoS 1.
    PublishQoS1,
    /// PUBLISH with QoS 2.
    PublishQoS2,
    /// PUBLISH with QoS 2, new to a receiver that passes messages on at PUBREL.
    PublishQoS2ToStore,
    /// PUBLISH with QoS 1 or 2 that the receiver will not take (5.0).
    PublishRefused,
    /// PUBREL.
    PubRel,
}

/// What a flow does when it moves, in order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Action {
    /// Commit the new state to the session before anything else leaves.
    Store,
    /// Send PUBLISH with DUP 0.
    SendPublish,
    /// Send PUBLISH with DUP 1 and the same identifier.
    SendPublishAgain,
    /// Drop the message; its identifier stays in use.
    DiscardMessage,
    /// Send PUBREL.
    SendPubRel,
    /// Send PUBREL with "Packet Identifier not found" (5.0).
    SendPubRelNotFound,
    /// Keep the message until PUBREL.
    KeepMessage,
    /// Hand the message to the application.
    Deliver,
    /// Send PUBACK.
    SendPubAck,
    /// Send PUBREC.
    SendPubRec,
    /// Send PUBCOMP.
    SendPubComp,
    /// Send PUBCOMP with "Packet Identifier not found" (5.0).
    SendPubCompNotFound,
    /// Send PUBACK or PUBREC with the reason for the refusal (5.0).
    SendRefusal,
    /// Forget the identifier: it may be used for a new message.
    Release,
    /// Tell the application that its message has arrived, or was refused.
    Finish,
    /// Tell the application that this is not the answer which is due.
    ReportWrongAnswer,
}

/// One row: in state `from`, on `on`, do `actions` and be in state `to`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Transition {
    /// Whose row it is.
    pub side: Side,
    /// The state before.
    pub from: FlowState,
    /// What happens.
    pub on: Trigger,
    /// The state after.
    pub to: FlowState,
    /// What is done, in order.
    pub actions: &'static [Action],
    /// The normative statement of 3.1.1, without brackets; of a wrong answer,
    /// the one that the peer broke.
    pub v311: Option<&'static str>,
    /// The normative statement of 5.0, without brackets.
    pub v5: Option<&'static str>,
}

/// The row for `on` in state `from`. `None` means that the peer broke the
/// protocol: a PUBCOMP for a QoS 1 flow, say.
pub fn transition(side: Side, from: FlowState, on: Trigger) -> Option<&'static Transition> {
    TRANSITIONS.iter().find(|row| row.side == side && row.from == from && row.on == on)
}

impl Transition {
    /// Whether the peer answered with what does not fit the flow.
    pub fn is_wrong_answer(&self) -> bool {
        self.actions.contains(&Action::ReportWrongAnswer)
    }
}

impl fmt::Display for FlowState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            FlowState::Free => "free",
            FlowState::AwaitingPubAck => "awaiting PUBACK",
            FlowState::AwaitingPubRec => "awaiting PUBREC",
            FlowState::AwaitingPubComp => "awaiting PUBCOMP",
            FlowState::AwaitingPubRel => "awaiting PUBREL",
            FlowState::StoredUntilPubRel => "stored until PUBREL",
        })
    }
}

/// Every row. Sender first, then receiver; QoS 1 before QoS 2.
#[rustfmt::skip]
pub const TRANSITIONS: &[Transition] = {
    use Action::*;
    use FlowState::*;
    use Side::*;
    use Trigger::*;
    &[
        // QoS 1, the sender.
        row(Sender, Free, SendQoS1, AwaitingPubAck, &[Store, SendPublish], "MQTT-4.3.2-1", "MQTT-4.3.2-2"),
        row(Sender, AwaitingPubAck, Resend, AwaitingPubAck, &[SendPublishAgain], "MQTT-4.4.0-1", "MQTT-4.4.0-1"),
        row(Sender, AwaitingPubAck, PubAck, Free, &[Release, Finish], "MQTT-4.3.2-1", "MQTT-4.3.2-3"),
        row(Sender, AwaitingPubAck, PubAckError, Free, &[Release, Finish], "", "MQTT-4.4.0-2"),
        // QoS 2, the sender: steps one and three.
        row(Sender, Free, SendQoS2, AwaitingPubRec, &[Store, SendPublish], "MQTT-4.3.3-1", "MQTT-4.3.3-2"),
        row(Sender, AwaitingPubRec, Resend, AwaitingPubRec, &[SendPublishAgain], "MQTT-4.4.0-1", "MQTT-4.4.0-1"),
        row(Sender, AwaitingPubRec, PubRec, AwaitingPubComp, &[DiscardMessage, Store, SendPubRel], "MQTT-4.3.3-1", "MQTT-4.3.3-4"),
        row(Sender, AwaitingPubRec, PubRecError, Free, &[Release, Finish], "", "MQTT-4.4.0-2"),
        row(Sender, AwaitingPubComp, Resend, AwaitingPubComp, &[SendPubRel], "MQTT-4.4.0-1", "MQTT-4.4.0-1"),
        row(Sender, AwaitingPubComp, PubRec, AwaitingPubComp, &[SendPubRel], "MQTT-4.3.3-1", "MQTT-4.3.3-4"),
        row(Sender, AwaitingPubComp, PubComp, Free, &[Release, Finish], "MQTT-4.3.3-1", "MQTT-4.3.3-5"),
        // A wrong answer ends the flow too: to send the message again would
        // only bring the same answer. A PUBREC for QoS 1 is taken up, so that
        // the peer frees the identifier.
        row(Sender, AwaitingPubAck, PubRec, AwaitingPubComp, &[ReportWrongAnswer, DiscardMessage, Store, SendPubRel], "MQTT-4.3.2-2", "MQTT-4.3.2-4"),
        row(Sender, AwaitingPubAck, PubRecError, Free, &[ReportWrongAnswer, Release, Finish], "", "MQTT-4.3.2-4"),
        row(Sender, AwaitingPubAck, PubComp, Free, &[ReportWrongAnswer, Release, Finish], "MQTT-4.3.2-2", "MQTT-4.3.2-4"),
        row(Sender, AwaitingPubRec, PubAck, Free, &[ReportWrongAnswer, Release, Finish], "MQTT-4.3.3-2", "MQTT-4.3.3-8"),
        row(Sender, AwaitingPubRec, PubAckError, Free, &[ReportWrongAnswer, Release, Finish], "", "MQTT-4.3.3-8"),
        row(Sender, AwaitingPubRec, PubComp, Free, &[ReportWrongAnswer, Release, Finish], "MQTT-4.3.3-2", "MQTT-4.3.3-8"),
        row(Sender, AwaitingPubComp, PubAck, Free, &[ReportWrongAnswer, Release, Finish], "MQTT-4.3.3-2", "MQTT-4.3.3-11"),
        row(Sender, AwaitingPubComp, PubAckError, Free, &[ReportWrongAnswer, Release, Finish], "", "MQTT-4.3.3-11"),
        row(Sender, AwaitingPubComp, PubRecError, Free, &[ReportWrongAnswer, Release, Finish], "", "MQTT-4.3.3-11"),
        row(Sender, AwaitingPubComp, PubRecAgain, Free, &[ReportWrongAnswer, Release, Finish], "MQTT-4.3.3-2", "MQTT-4.3.3-11"),
        // The sender, when an answer comes for an identifier that it no
        // longer knows: its store was lost, or a retry crossed the answer.
        row(Sender, Free, PubAck, Free, &[], "", ""),
        row(Sender, Free, PubAckError, Free, &[], "", ""),
        row(Sender, Free, PubRec, Free, &[SendPubRelNotFound], "", ""),
        row(Sender, Free, PubRecError, Free, &[], "", ""),
        row(Sender, Free, PubComp, Free, &[], "", ""),
        // QoS 1, the receiver: it keeps nothing, so DUP cannot matter.
        row(Receiver, Free, PublishQoS1, Free, &[Deliver, SendPubAck], "MQTT-4.3.2-2", "MQTT-4.3.2-4"),
        // QoS 2, the receiver: steps two and four.
        row(Receiver, Free, PublishQoS2, AwaitingPubRel, &[Store, Deliver, SendPubRec], "MQTT-4.3.3-2", "MQTT-4.3.3-8"),
        row(Receiver, AwaitingPubRel, PublishQoS2, AwaitingPubRel, &[SendPubRec], "MQTT-4.3.3-2", "MQTT-4.3.3-10"),
        row(Receiver, AwaitingPubRel, PubRel, Free, &[Release, SendPubComp], "MQTT-4.3.3-2", "MQTT-4.3.3-11"),
        // The same, where the message is kept and passed on at PUBREL.
        row(Receiver, Free, PublishQoS2ToStore, StoredUntilPubRel, &[KeepMessage, Store, SendPubRec], "MQTT-4.3.3-2", "MQTT-4.3.3-8"),
        row(Receiver, StoredUntilPubRel, PublishQoS2, StoredUntilPubRel, &[SendPubRec], "MQTT-4.3.3-2", "MQTT-4.3.3-10"),
        row(Receiver, StoredUntilPubRel, PubRel, Free, &[Deliver, Release, SendPubComp], "MQTT-4.3.3-2", "MQTT-4.3.3-11"),
        // Either way, PUBREL for an identifier that is free.
        row(Receiver, Free, PubRel, Free, &[SendPubCompNotFound], "MQTT-4.3.3-2", "MQTT-4.3.3-11"),
        // The receiver refuses: nothing is kept, and the identifier is free.
        row(Receiver, Free, PublishRefused, Free, &[SendRefusal], "", "MQTT-4.3.3-9"),
    ]
};

/// Builds a row; an empty statement means that the specification numbers none.
const fn row(
    side: Side,
    from: FlowState,
    on: Trigger,
    to: FlowState,
    actions: &'static [Action],
    v311: &'static str,
    v5: &'static str,
) -> Transition {
    Transition { side, from, on, to, actions, v311: some(v311), v5: some(v5) }
}

const fn some(statement: &'static str) -> Option<&'static str> {
    if statement.is_empty() { None } else { Some(statement) }
}
