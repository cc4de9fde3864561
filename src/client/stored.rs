//! How one subscription is written for durable storage: what was granted, then
//! a SUBSCRIBE packet in the codec's own bytes.

use bytes::Bytes;

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

/// Asked for, and no answer yet.
const NOT_GRANTED: u8 = 0xFF;
