//! How a message is written for durable storage.
//!
//! A short head, then the message as a PUBLISH packet: the codec's own bytes,
//! read back with the codec's own strictness. Of the peer's messages the head
//! is the format alone.

use bytes::Bytes;

use super::past::Past;
use super::{FlowState, Token};
use crate::codec::{self, Packet, PacketIdentifier, Publish, QoS, ReasonCode, Version};

/// One of our messages as storage holds it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Stored {
    /// Which message.
    pub token: Token,
    /// `Free` while it is queued.
    pub state: FlowState,
    /// `None` while it is queued.
    pub packet_identifier: Option<PacketIdentifier>,
    /// The place of its PUBREC among all PUBRECs; 0 before that.
    pub released: u64,
    /// The reason code of its PUBREC.
    pub answer: ReasonCode,
    /// Its QoS, also once the message is gone.
    pub qos: QoS,
    /// `None` once PUBREC has come.
    pub message: Option<Publish>,
    /// What has happened to it so far.
    pub past: Past,
    /// Whether its outcome was told already, and only the identifier is left.
    pub is_told: bool,
}

/// What is written of a message besides itself.
#[derive(Clone, Copy, Debug)]
pub(super) struct Head {
    pub state: FlowState,
    pub packet_identifier: Option<PacketIdentifier>,
    pub released: u64,
    pub answer: ReasonCode,
    pub qos: QoS,
    pub past: Past,
    pub is_told: bool,
}

/// Writes the value that [`read`] reads. `None` if the message is one that the
/// codec does not encode, which then cannot be sent either.
pub(super) fn write(head: &Head, message: Option<&Publish>) -> Option<Bytes> {
    let Head { state, packet_identifier, released, answer, qos, past, is_told } = *head;
    let mut out = Vec::with_capacity(HEAD + message.map_or(0, |m| m.payload.len() + 32));
    out.push(FORMAT);
    out.push(state_number(state));
    out.push(qos.bits());
    out.push(answer.code());
    out.extend_from_slice(&packet_identifier.map_or(0, PacketIdentifier::value).to_be_bytes());
    out.extend_from_slice(&released.to_be_bytes());
    out.extend_from_slice(&past.to_bytes());
    out.push(u8::from(is_told));
    if let Some(message) = message {
        // A queued message has no identifier yet; the packet needs one.
        let placeholder = packet_identifier.or(PacketIdentifier::new(1));
        let packet_identifier = if qos.is_acknowledged() { placeholder } else { None };
        let publish = Publish { dup: false, packet_identifier, ..message.clone() };
        codec::encode_publish(Version::V5, &publish, &mut out).ok()?;
    }
    Some(out.into())
}

/// Reads what [`write`] wrote. `None` for anything else.
pub(super) fn read(token: Token, value: &Bytes) -> Option<Stored> {
    let length = match *value.first()? {
        FORMAT => HEAD,
        FIRST_FORMAT => FIRST_HEAD,
        _ => return None,
    };
    let head = value.get(..length)?;
    let state = state_from(head[1])?;
    let packet_identifier = PacketIdentifier::new(u16::from_be_bytes([head[4], head[5]]));
    let message = match value.slice(length..) {
        bytes if bytes.is_empty() => None,
        bytes => match codec::decode(Version::V5, &bytes).ok()? {
            Packet::Publish(publish) => Some(publish),
            _ => return None,
        },
    };
    let stored = Stored {
        token,
        state,
        packet_identifier,
        released: u64::from_be_bytes(head[6..FIRST_HEAD].try_into().ok()?),
        answer: ReasonCode::from_code(head[3])?,
        qos: QoS::from_bits(head[2])?,
        message,
        past: match head.get(FIRST_HEAD..FIRST_HEAD + 3) {
            Some(past) => Past::from_bytes(past.try_into().ok()?),
            // Whatever was under way has left.
            None => Past { sent: state != FlowState::Free, ..Past::default() },
        },
        is_told: head.get(FIRST_HEAD + 3) == Some(&1),
    };
    is_consistent(&stored).then_some(stored)
}

/// Writes a message of the peer's that is kept until PUBREL. `None` if the codec
/// does not encode it: then it could not have come.
pub(super) fn write_received(message: &Publish) -> Option<Bytes> {
    let mut out = Vec::with_capacity(message.payload.len() + 32);
    out.push(FORMAT);
    codec::encode_publish(Version::V5, message, &mut out).ok()?;
    Some(out.into())
}

/// Reads what [`write_received`] wrote. `None` for anything else.
pub(super) fn read_received(value: &Bytes) -> Option<Publish> {
    if *value.first()? != FORMAT {
        return None;
    }
    match codec::decode(Version::V5, &value.slice(1..)).ok()? {
        Packet::Publish(publish) if publish.qos == QoS::ExactlyOnce => Some(publish),
        _ => None,
    }
}

/// A message is there exactly until PUBREC, an identifier exactly while the
/// flow runs.
fn is_consistent(stored: &Stored) -> bool {
    let queued = stored.state == FlowState::Free;
    let released = stored.state == FlowState::AwaitingPubComp;
    let fits = match stored.state {
        FlowState::Free => true,
        FlowState::AwaitingPubAck => stored.qos == QoS::AtLeastOnce,
        FlowState::AwaitingPubRec => stored.qos == QoS::ExactlyOnce,
        // QoS 1 too, if it was answered with PUBREC.
        FlowState::AwaitingPubComp => stored.qos.is_acknowledged(),
        FlowState::AwaitingPubRel | FlowState::StoredUntilPubRel => false,
    };
    fits && (released || !stored.is_told)
        && stored.message.is_none() == released
        && stored.packet_identifier.is_none() == queued
        && stored.message.as_ref().is_none_or(|message| message.qos == stored.qos)
}

fn state_number(state: FlowState) -> u8 {
    match state {
        FlowState::Free => 0,
        FlowState::AwaitingPubAck => 1,
        FlowState::AwaitingPubRec => 2,
        FlowState::AwaitingPubComp => 3,
        FlowState::AwaitingPubRel => 4,
        FlowState::StoredUntilPubRel => 5,
    }
}

fn state_from(number: u8) -> Option<FlowState> {
    [
        FlowState::Free,
        FlowState::AwaitingPubAck,
        FlowState::AwaitingPubRec,
        FlowState::AwaitingPubComp,
        FlowState::AwaitingPubRel,
        FlowState::StoredUntilPubRel,
    ]
    .get(usize::from(number))
    .copied()
}

/// The first byte of every value; another number is another layout.
const FORMAT: u8 = 2;

/// Format, state, QoS, answer, identifier, released; then past and `is_told`.
const HEAD: usize = FIRST_HEAD + 3 + 1;

/// The layout of earlier versions, which is still read.
const FIRST_FORMAT: u8 = 1;
const FIRST_HEAD: usize = 4 + 2 + 8;
