//! What the client itself writes for durable storage. A subscription: what was
//! granted, then a SUBSCRIBE packet in the codec's own bytes. That there is a
//! session: one byte.

use bytes::Bytes;

use super::KnownSession;
use crate::codec::{
    Packet, PacketIdentifier, Properties, ReasonCode, Subscribe, Subscription, Version, decode,
    encode,
};

/// Writes the value that [`read`] reads. `None` for what the codec refuses,
/// which could not have been sent either.
pub(super) fn write(
    granted: Option<ReasonCode>,
    requested: &Subscription,
    properties: &Properties,
) -> Option<Bytes> {
    let subscribe = Subscribe {
        // The packet needs an identifier; storage has no use for it.
        packet_identifier: PacketIdentifier::new(1)?,
        subscriptions: vec![requested.clone()],
        properties: properties.clone(),
    };
    let mut out = vec![granted.map_or(NOT_GRANTED, ReasonCode::code)];
    encode(Version::V5, &Packet::Subscribe(subscribe), &mut out).ok()?;
    Some(out.into())
}

/// Reads what [`write`] wrote. `None` for anything else.
pub(super) fn read(value: &Bytes) -> Option<(Option<ReasonCode>, Subscription, Properties)> {
    let granted = match *value.first()? {
        NOT_GRANTED => None,
        code => Some(ReasonCode::from_code(code).filter(|reason| !reason.is_error())?),
    };
    match decode(Version::V5, &value.slice(1..)).ok()? {
        Packet::Subscribe(mut subscribe) if subscribe.subscriptions.len() == 1 => {
            Some((granted, subscribe.subscriptions.pop()?, subscribe.properties))
        }
        _ => None,
    }
}

/// Writes the value of [`Key::Session`](crate::session::Key::Session).
pub(super) fn write_session(known: KnownSession) -> Option<Bytes> {
    match known {
        KnownSession::None => None,
        KnownSession::Established => Some(Bytes::from_static(&[ESTABLISHED])),
        KnownSession::Adopted => Some(Bytes::from_static(&[ADOPTED])),
    }
}

/// Reads what [`write_session`] wrote. `None` for anything else.
pub(super) fn read_session(value: &Bytes) -> Option<KnownSession> {
    match value[..] {
        [ESTABLISHED] => Some(KnownSession::Established),
        [ADOPTED] => Some(KnownSession::Adopted),
        _ => None,
    }
}

const ESTABLISHED: u8 = 1;
const ADOPTED: u8 = 2;

/// Asked for, and no answer yet.
const NOT_GRANTED: u8 = 0xFF;
