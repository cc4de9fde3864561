//! What in a packet is for its receiver alone.

use std::ops::Range;

use bytes::Bytes;

use super::{Defect, Record, RecordKind};
use crate::codec::{self, Packet, PacketType, Version};

impl Record {
    /// Where its bytes hold a secret, rising: the password of CONNECT, and the
    /// Authentication Data of CONNECT, CONNACK and AUTH (5.0). Of a packet that
    /// was cut short or is wrong inside, all counts that may be one. Bytes after
    /// lost framing belong to no packet and have none.
    pub fn secrets(&self) -> Vec<Range<usize>> {
        match &self.kind {
            RecordKind::Packet { version, bytes } => in_packet(*version, bytes),
            RecordKind::Garbage { defect: Defect::AfterError, .. } => Vec::new(),
            RecordKind::Garbage { version, bytes, .. } => in_broken(*version, bytes),
            RecordKind::Opened | RecordKind::Closed(_) | RecordKind::Note(_) => Vec::new(),
        }
    }

    /// The same record with [`COVER`] in place of each byte of its secrets, and
    /// marked as such. `None` if it has no secret.
    pub fn without_secrets(&self) -> Option<Record> {
        let secrets = self.secrets();
        if secrets.is_empty() {
            return None;
        }
        let mut record = Record { is_covered: true, ..self.clone() };
        if let RecordKind::Packet { bytes, .. } | RecordKind::Garbage { bytes, .. } =
            &mut record.kind
        {
            *bytes = covered(bytes, &secrets);
        }
        Some(record)
    }
}

/// Secrets of a packet that the decoder takes.
fn in_packet(version: Version, bytes: &Bytes) -> Vec<Range<usize>> {
    if !may_have_secrets(bytes) {
        return Vec::new();
    }
    let mut secrets = Vec::new();
    let properties = match codec::decode(version, bytes) {
        Ok(Packet::Connect(connect)) => {
            // The last field of the packet.
            let length = connect.password.map_or(0, |password| password.len());
            secrets.push(bytes.len().saturating_sub(length)..bytes.len());
            connect.properties
        }
        Ok(Packet::ConnAck(ack)) => ack.properties,
        Ok(Packet::Auth(auth)) => auth.properties,
        Ok(_) => return Vec::new(),
        // A record made by hand; a tap makes none of these.
        Err(_) => return in_broken(version, bytes),
    };
    if let Some(data) = properties.authentication_data().filter(|data| !data.is_empty()) {
        match place(&data, bytes) {
            Some(range) => secrets.push(range),
            None => return in_broken(version, bytes),
        }
    }
    in_order(secrets)
}

/// Secrets of a packet that is not whole or not good. One wrong byte may have
/// made other fields of all that follow, so all counts that comes after what
/// every such packet begins with.
fn in_broken(version: Version, bytes: &[u8]) -> Vec<Range<usize>> {
    let first = bytes.first().and_then(|first| PacketType::from_number(first >> 4));
    let beginning = match first {
        // Protocol Name, Protocol Version, Connect Flags and Keep Alive.
        Some(PacketType::Connect) => 10,
        // Acknowledge Flags and Reason Code.
        Some(PacketType::ConnAck) => 2,
        // Reason Code.
        Some(PacketType::Auth) => 1,
        _ => return Vec::new(),
    };
    let dissection = codec::dissect(version, bytes);
    let header = dissection.fields.first().map_or(0, |header| header.range.end);
    let start = (header + beginning).min(bytes.len());
    in_order(std::iter::once(start..bytes.len()))
}

fn in_order(secrets: impl IntoIterator<Item = Range<usize>>) -> Vec<Range<usize>> {
    let mut secrets: Vec<_> = secrets.into_iter().filter(|range| !range.is_empty()).collect();
    secrets.sort_by_key(|range| range.start);
    secrets
}

/// Whether packets of this type can have secrets.
fn may_have_secrets(bytes: &[u8]) -> bool {
    let first = bytes.first().and_then(|first| PacketType::from_number(first >> 4));
    matches!(first, Some(PacketType::Connect | PacketType::ConnAck | PacketType::Auth))
}

/// Where a field is in the packet that it was decoded from: the decoder does
/// not copy, it shares.
fn place(field: &Bytes, packet: &Bytes) -> Option<Range<usize>> {
    let start = field.as_ptr().addr().checked_sub(packet.as_ptr().addr())?;
    let end = start.checked_add(field.len())?;
    (end <= packet.len()).then_some(start..end)
}

fn covered(bytes: &[u8], secrets: &[Range<usize>]) -> Bytes {
    let mut bytes = bytes.to_vec();
    for range in secrets {
        if let Some(secret) = bytes.get_mut(range.clone()) {
            secret.fill(COVER);
        }
    }
    bytes.into()
}

/// What stands in place of each byte of a secret: an asterisk.
pub const COVER: u8 = b'*';
