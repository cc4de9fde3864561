//! Arbitrary bytes, as one packet and as a stream: no panic, no disagreement
//! between decoder, dissection, encoder and framer.

#![no_main]

use bytes::Bytes;
use fourstep::codec::{DecodeError, Framer, Version};
use libfuzzer_sys::fuzz_target;

#[path = "../../tests/common/agreement.rs"]
mod agreement;

fuzz_target!(|data: &[u8]| {
    for version in [Version::V311, Version::V5] {
        agreement::packet(version, data);
    }
    stream(data);
});

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
            agreement::packet(version, &frame);
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
