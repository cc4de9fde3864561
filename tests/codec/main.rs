//! The codec's tests: one crate, so that it links once.

#[path = "../common/agreement.rs"]
mod agreement;
#[path = "../common/packets.rs"]
mod packets;

mod corruption;
mod dissection;
mod example;
mod framing;
mod golden;
mod malformed;
mod properties;
mod refused;
mod round_trip;
mod tables;
mod topics;

use bytes::Bytes;
use fourstep::codec::{EncodeError, Packet, PacketIdentifier, Version, encode};

const V4: Version = Version::V311;
const V5: Version = Version::V5;

/// Bytes from a notation that keeps packets readable: hexadecimal digits,
/// `'text'`, `#` for the number of bytes that follow (a Remaining Length) and
/// `[...]` for a list with its length in front (properties). Counts are below
/// 128.
fn bytes(notation: &str) -> Bytes {
    let mut rest = notation;
    let (bytes, closed) = parse(&mut rest);
    assert!(!closed, "unbalanced ] in {notation}");
    bytes.into()
}

fn parse(rest: &mut &str) -> (Vec<u8>, bool) {
    let mut bytes = Vec::new();
    while let Some(first) = rest.chars().next() {
        match first {
            ' ' => *rest = &rest[1..],
            '\'' => {
                let (text, after) = rest[1..].split_once('\'').expect("an open quote");
                bytes.extend_from_slice(text.as_bytes());
                *rest = after;
            }
            '#' => {
                *rest = &rest[1..];
                let (tail, closed) = parse(rest);
                bytes.push(count(&tail));
                bytes.extend(tail);
                return (bytes, closed);
            }
            '[' => {
                *rest = &rest[1..];
                let (list, closed) = parse(rest);
                assert!(closed, "an open bracket");
                bytes.push(count(&list));
                bytes.extend(list);
            }
            ']' => {
                *rest = &rest[1..];
                return (bytes, true);
            }
            _ => {
                bytes.push(u8::from_str_radix(&rest[..2], 16).expect("two hexadecimal digits"));
                *rest = &rest[2..];
            }
        }
    }
    (bytes, false)
}

fn count(bytes: &[u8]) -> u8 {
    assert!(bytes.len() < 128, "counts of two bytes are written out");
    u8::try_from(bytes.len()).expect("below 128")
}

fn encoded(version: Version, packet: &Packet) -> Result<Vec<u8>, EncodeError> {
    let mut out = Vec::new();
    encode(version, packet, &mut out).map(|()| out)
}

fn identifier(value: u16) -> PacketIdentifier {
    PacketIdentifier::new(value).expect("not zero")
}
