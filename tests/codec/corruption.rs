//! Cut and corrupted packets: never a panic, and the dissection always
//! accounts for every byte.

use std::ops::Range;

use bytes::Bytes;
use fourstep::codec::{Field, Rule, Version, decode, dissect};
use proptest::prelude::*;

use crate::packets::{valid, version};
use crate::{V4, V5, encoded};

proptest! {
    #![proptest_config(ProptestConfig { cases: 100, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_packet_cut_at_any_byte_is_refused_as_truncated(
        (version, packet) in version().prop_flat_map(|it| (Just(it), valid(it))),
    ) {
        let bytes = encoded(version, &packet)?;
        for length in 0..bytes.len() {
            let error = check(version, &bytes[..length])?;
            prop_assert_eq!(error.map(|(_, rule)| rule), Some(Rule::Truncated), "at {}", length);
        }
        prop_assert_eq!(check(version, &bytes)?, None);
    }

    #[test]
    fn a_packet_with_one_wrong_byte_never_panics(
        (version, packet) in version().prop_flat_map(|it| (Just(it), valid(it))),
        noise in any::<u8>(),
    ) {
        let mut bytes = encoded(version, &packet)?;
        // Every value of each byte in a short packet, the telling ones in others.
        let values = match bytes.len() {
            0..=24 => (0..=255).collect(),
            _ => vec![0, 1, 2, 0x7F, 0x80, 0xFF, noise],
        };
        for index in 0..bytes.len() {
            let original = bytes[index];
            for &value in &values {
                bytes[index] = value;
                check(version, &bytes)?;
            }
            bytes[index] = original;
        }
    }

    #[test]
    fn a_packet_with_bytes_after_it_is_refused_there(
        (version, packet) in version().prop_flat_map(|it| (Just(it), valid(it))),
        extra in proptest::collection::vec(any::<u8>(), 1..4),
    ) {
        let mut bytes = encoded(version, &packet)?;
        let end = bytes.len();
        bytes.extend(extra);
        prop_assert_eq!(check(version, &bytes)?, Some((end, Rule::TrailingBytes)));
    }

    #[test]
    fn noise_never_panics(
        version in version(),
        first in any::<u8>(),
        body in proptest::collection::vec(any::<u8>(), 0..127),
    ) {
        check(version, &body)?;
        // With a true length the noise reaches the decoders of the packets.
        let length = u8::try_from(body.len()).unwrap_or_default();
        check(version, &[&[first, length], &body[..]].concat())?;
    }
}

/// Decodes and dissects, and checks what must hold between the two.
fn check(version: Version, bytes: &[u8]) -> Result<Option<(usize, Rule)>, TestCaseError> {
    let decoded = decode(version, &Bytes::copy_from_slice(bytes));
    let dissection = dissect(version, bytes);
    prop_assert_eq!(dissection.error, decoded.as_ref().err().copied());
    let mut at = 0;
    for field in &dissection.fields {
        at = check_field(field, at)?;
    }
    prop_assert_eq!(dissection.undissected, at..bytes.len());
    match decoded {
        Ok(packet) => {
            prop_assert_eq!(at, bytes.len());
            // The encoder does not refuse what the decoder accepts.
            let again = encoded(version, &packet)?;
            prop_assert_eq!(decode(version, &again.into())?, packet);
            Ok(None)
        }
        Err(error) => {
            prop_assert!(error.offset <= bytes.len());
            Ok(Some((error.offset, error.rule)))
        }
    }
}

/// Checks that a field begins where the one before it ended, and that its
/// children cover it; returns where it ends.
fn check_field(field: &Field, start: usize) -> Result<usize, TestCaseError> {
    let Range { start: begins, end } = field.range;
    prop_assert_eq!(begins, start, "{}", field.name);
    prop_assert!(begins < end, "{} is empty", field.name);
    let (bits, parts): (Vec<_>, Vec<_>) =
        field.children.iter().partition(|child| child.mask.is_some());
    let mut masks = 0_u8;
    for child in &bits {
        let mask = child.mask.unwrap_or_default();
        prop_assert_eq!(&child.range, &field.range);
        prop_assert_eq!(masks & mask, 0, "{} overlaps", child.name);
        masks |= mask;
    }
    if !bits.is_empty() {
        prop_assert_eq!((masks, end - begins), (0xFF, 1), "bits of {}", field.name);
    }
    let mut at = begins;
    for child in &parts {
        at = check_field(child, at)?;
    }
    prop_assert!(parts.is_empty() || at == end, "children of {}", field.name);
    Ok(end)
}

/// A CONNECT speaks for itself, whatever version the connection is thought to
/// have.
#[test]
fn a_connect_is_decoded_by_the_version_that_it_names() {
    let v4 = crate::bytes("10 # 0004 'MQTT' 04 02 003C 0001 'a'");
    let v5 = crate::bytes("10 # 0004 'MQTT' 05 02 003C [] 0001 'a'");
    for version in [V4, V5] {
        assert_eq!(decode(version, &v4), decode(V4, &v4));
        assert_eq!(decode(version, &v5), decode(V5, &v5));
        assert!(decode(version, &v4).is_ok() && decode(version, &v5).is_ok());
    }
}
