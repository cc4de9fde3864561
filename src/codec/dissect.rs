use std::ops::Range;

use bytes::Bytes;

use super::reader::Reader;
use super::recorder::{Field, Recorder};
use super::{DecodeError, PacketType, Version, decode_packet};

/// What one packet's bytes say, as a tree of named fields. It is made by the
/// decoder itself, so the two cannot disagree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dissection {
    /// The type in the first byte, if it is one.
    pub packet_type: Option<PacketType>,
    /// Top-level fields in wire order: "Fixed Header", "Variable Header" and
    /// "Payload", as far as the packet has them. Together with `undissected`
    /// they cover every byte exactly once; so do the children of any field
    /// that has children without a mask.
    pub fields: Vec<Field>,
    /// Bytes after the point where decoding failed; empty for a good packet.
    pub undissected: Range<usize>,
    /// Why decoding failed, if it did.
    pub error: Option<DecodeError>,
}

/// Dissects one packet, whole or broken or cut short. Never fails: what is
/// wrong is part of the answer.
pub fn dissect(version: Version, bytes: &[u8]) -> Dissection {
    let bytes = Bytes::copy_from_slice(bytes);
    let mut recorder = Recorder::default();
    let decoded = decode_packet(&mut Reader::new(version, &bytes, Some(&mut recorder)));
    let fields = recorder.finish();
    let end = fields.last().map_or(0, |field| field.range.end);
    Dissection {
        packet_type: bytes.first().and_then(|&byte| PacketType::from_number(byte >> 4)),
        fields,
        undissected: end..bytes.len(),
        error: decoded.err(),
    }
}
