//! Arbitrary bytes, as one packet and as a stream: no panic, no disagreement
//! between decoder, dissection, encoder and framer.

#![no_main]

use bytes::Bytes;
use fourstep::codec::{DecodeError, Field, Framer, Version, decode, dissect, encode};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    for version in [Version::V311, Version::V5] {
        packet(version, data);
    }
    stream(data);
});

/// Decodes, dissects and encodes again.
fn packet(version: Version, data: &[u8]) {
    let decoded = decode(version, &Bytes::copy_from_slice(data));
    let dissection = dissect(version, data);
    assert_eq!(dissection.error, decoded.as_ref().err().copied());
    let end = dissection.fields.iter().fold(0, covered);
    assert_eq!(dissection.undissected, end..data.len());
    match decoded {
        Ok(packet) => {
            assert_eq!(end, data.len());
            let mut again = Vec::new();
            encode(version, &packet, &mut again).expect("what decodes encodes");
            assert!(again.len() <= data.len(), "the encoder takes the shortest form");
            assert_eq!(decode(version, &again.into()), Ok(packet));
        }
        Err(error) => {
            assert!(error.offset <= data.len());
            assert!(!error.to_string().is_empty());
        }
    }
}

/// Where a field ends that begins where the one before it ended, its parts
/// without a gap.
fn covered(start: usize, field: &Field) -> usize {
    assert_eq!(field.range.start, start, "{}", field.name);
    let mut parts = field.children.iter().filter(|child| child.mask.is_none()).peekable();
    if parts.peek().is_some() {
        assert_eq!(parts.fold(start, covered), field.range.end, "{}", field.name);
    }
    field.range.end
}

/// Cuts the stream into packets, whole and in chunks of varying size, whose
/// sizes depend on the data.
fn stream(data: &[u8]) {
    let whole = frames([data]);
    let mut seed = data
        .iter()
        .fold(1_usize, |seed, &byte| seed.wrapping_mul(31).wrapping_add(usize::from(byte)));
    let mut rest = data;
    let chunked = frames(std::iter::from_fn(|| {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        let size = (seed >> 33) % 9;
        let (chunk, after) = rest.split_at(size.min(rest.len()));
        let ended = rest.is_empty();
        rest = after;
        (!ended).then_some(chunk)
    }));
    assert_eq!(chunked, whole);
    for frame in whole.0 {
        for version in [Version::V311, Version::V5] {
            packet(version, &frame);
        }
    }
}

/// The packets in these chunks, and why there are no more of them, if there
/// cannot be.
fn frames<'a>(chunks: impl IntoIterator<Item = &'a [u8]>) -> (Vec<Bytes>, Option<DecodeError>) {
    let mut framer = Framer::new(MAXIMUM_PACKET_SIZE);
    let mut frames = Vec::new();
    for chunk in chunks {
        framer.push(chunk);
        loop {
            match framer.next_packet(Version::V5) {
                Ok(Some(frame)) => {
                    assert!(frame.len() <= MAXIMUM_PACKET_SIZE as usize);
                    frames.push(frame);
                }
                Ok(None) => break,
                Err(error) => return (frames, Some(error)),
            }
        }
    }
    (frames, None)
}

/// Small enough for the fuzzer to go beyond it.
const MAXIMUM_PACKET_SIZE: u32 = 300;
