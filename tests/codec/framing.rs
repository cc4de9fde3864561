//! The framer: arbitrary chunks in, whole packets out.

use bytes::Bytes;
use fourstep::codec::{DecodeError, Framer, MAXIMUM_PACKET_SIZE, Rule, decode};
use proptest::prelude::*;

use crate::packets::{valid, version};
use crate::{V5, encoded};

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whole_byte_by_byte_and_chunked_feeding_give_the_same_packets(
        (version, packets) in version()
            .prop_flat_map(|it| (Just(it), proptest::collection::vec(valid(it), 1..6))),
        cuts in proptest::collection::vec(1_usize..40, 1..20),
    ) {
        let each = packets
            .iter()
            .map(|packet| encoded(version, packet))
            .collect::<Result<Vec<_>, _>>()?;
        let stream = each.concat();
        let one_by_one = feed(each.iter().map(Vec::as_slice));
        let mut rest = &stream[..];
        let chunked = feed(cuts.iter().cycle().map_while(|&cut| {
            let (chunk, after) = rest.split_at_checked(cut).unwrap_or((rest, &[]));
            rest = after;
            (!chunk.is_empty()).then_some(chunk)
        }));
        prop_assert_eq!(&one_by_one, &Ok(each.iter().cloned().map(Bytes::from).collect()));
        prop_assert_eq!(&feed([&stream[..]]), &one_by_one);
        prop_assert_eq!(&feed(stream.chunks(1)), &one_by_one);
        prop_assert_eq!(&chunked, &one_by_one);
        prop_assert_eq!(cut_up(&stream, stream.len()), each.clone());
        prop_assert_eq!(cut_up(&stream, 3).concat(), stream);
        for (bytes, packet) in one_by_one?.iter().zip(packets) {
            prop_assert_eq!(decode(version, bytes)?, packet);
        }
    }

    #[test]
    fn noise_gives_the_same_answer_in_any_chunks(
        noise in proptest::collection::vec(any::<u8>(), 0..60),
        cut in 1_usize..8,
    ) {
        let whole = feed([&noise[..]]);
        prop_assert_eq!(&feed(noise.chunks(cut)), &whole);
    }
}

/// The pieces into which a framer cuts the chunks of a stream, each pushed
/// before the next is cut.
fn cut_up(stream: &[u8], chunk: usize) -> Vec<Vec<u8>> {
    let mut framer = Framer::default();
    let mut pieces = Vec::new();
    for mut chunk in stream.chunks(chunk) {
        while !chunk.is_empty() {
            let (piece, rest) = chunk.split_at(framer.cut(chunk));
            framer.push(piece);
            while framer.next_packet(V5).is_ok_and(|packet| packet.is_some()) {}
            pieces.push(piece.to_vec());
            chunk = rest;
        }
    }
    pieces
}

/// All packets that come of these chunks, or the error that ends them.
fn feed<'a>(chunks: impl IntoIterator<Item = &'a [u8]>) -> Result<Vec<Bytes>, DecodeError> {
    let mut framer = Framer::default();
    let mut packets = Vec::new();
    for chunk in chunks {
        framer.push(chunk);
        while let Some(packet) = framer.next_packet(V5)? {
            packets.push(packet);
        }
    }
    Ok(packets)
}

#[test]
fn pending_bytes_wait_for_the_rest_of_their_packet() {
    let mut framer = Framer::default();
    framer.push(&[0xC0, 0x00, 0x30, 0x05, 0x00]);
    assert_eq!(framer.pending(), [0xC0, 0x00, 0x30, 0x05, 0x00]);
    assert_eq!(framer.next_packet(V5), Ok(Some(Bytes::from_static(&[0xC0, 0x00]))));
    assert_eq!(framer.next_packet(V5), Ok(None));
    assert_eq!(framer.pending(), [0x30, 0x05, 0x00]);
    framer.push(&[0x01, b'a', b'b', b'c']);
    assert_eq!(
        framer.next_packet(V5),
        Ok(Some(Bytes::from_static(&[0x30, 0x05, 0x00, 0x01, b'a', b'b', b'c'])))
    );
    assert!(framer.pending().is_empty());
}

#[test]
fn a_bad_header_is_refused_before_the_body_comes() {
    // The maximum, the bytes, the offset and the rule.
    let table: &[(u32, &[u8], usize, Rule)] = &[
        (10, &[0x30, 0x09], 1, Rule::PacketTooLarge),
        (10, &[0x30, 0xFF, 0xFF, 0xFF, 0x7F], 1, Rule::PacketTooLarge),
        (1, &[0xC0, 0x00], 1, Rule::PacketTooLarge),
        (0, &[0xC0, 0x00], 1, Rule::PacketTooLarge),
        (MAXIMUM_PACKET_SIZE, &[0x30, 0xFF, 0xFF, 0xFF, 0xFF], 4, Rule::VariableByteIntegerTooLong),
        (MAXIMUM_PACKET_SIZE, &[0x30, 0x80, 0x00], 2, Rule::VariableByteIntegerNotMinimal),
        (MAXIMUM_PACKET_SIZE, &[0x00], 0, Rule::ForbiddenPacketType),
        (MAXIMUM_PACKET_SIZE, &[0x36], 0, Rule::QoS3),
        (MAXIMUM_PACKET_SIZE, &[0x60], 0, Rule::PubRelFlags),
    ];
    for &(maximum, bytes, offset, rule) in table {
        let error = DecodeError { offset, rule, version: V5 };
        let mut whole = Framer::new(maximum);
        whole.push(bytes);
        assert_eq!(whole.next_packet(V5), Err(error), "{bytes:02X?}");
        let mut bytewise = Framer::new(maximum);
        bytes.iter().for_each(|&byte| bytewise.push(&[byte]));
        assert_eq!(bytewise.next_packet(V5), Err(error), "{bytes:02X?} byte by byte");
    }
}

#[test]
fn a_packet_of_exactly_the_maximum_is_accepted() {
    let mut framer = Framer::new(10);
    framer.push(&[0x30, 0x08, 0x00, 0x01, b'a', 1, 2, 3, 4, 5]);
    assert_eq!(framer.next_packet(V5).map(|packet| packet.map(|it| it.len())), Ok(Some(10)));
}

#[test]
fn an_error_stays_and_nothing_more_is_kept() {
    let mut framer = Framer::new(100);
    framer.push(&[0x30, 0xFF, 0xFF, 0xFF, 0x7F]);
    let error = framer.next_packet(V5);
    assert!(matches!(error, Err(DecodeError { rule: Rule::PacketTooLarge, .. })));
    for _ in 0..1_000 {
        framer.push(&[0; 1_000]);
        assert_eq!(framer.next_packet(V5), error);
    }
    assert_eq!(framer.pending().len(), 5);
}

/// The packet is refused by its header: of a chunk that holds a body beyond
/// the maximum only the header is kept, also when the chunk comes at once.
#[test]
fn nothing_is_stored_of_a_packet_beyond_the_maximum() {
    let mut body = vec![0x30, 0xC0, 0x84, 0x3D];
    body.resize(1_000_004, 0);
    let mut whole = Framer::new(1_000);
    whole.push(&body);
    assert!(whole.pending().len() <= 5, "{} bytes kept", whole.pending().len());
    assert!(whole.next_packet(V5).is_err());

    let mut split = Framer::new(1_000);
    split.push(&body[..2]);
    assert_eq!(split.next_packet(V5), Ok(None));
    split.push(&body[2..]);
    assert!(split.pending().len() <= 5, "{} bytes kept", split.pending().len());
    assert!(split.next_packet(V5).is_err());
}

/// A packet that is awaited has no room made for it beyond what came.
#[test]
fn an_announced_length_makes_no_room() {
    let mut framer = Framer::default();
    framer.push(&[0x30, 0xFF, 0xFF, 0xFF, 0x7F]);
    assert_eq!(framer.next_packet(V5), Ok(None));
    assert_eq!(framer.pending().len(), 5);
    assert!(framer.capacity() < 1_024, "{} bytes reserved", framer.capacity());
}

/// Splitting does not copy what follows: each packet points into the chunk
/// that brought it, in order.
#[test]
fn many_packets_in_one_chunk_are_split_without_copying() {
    let mut framer = Framer::default();
    framer.push(&[0xC0, 0x00].repeat(10_000));
    let mut last: Option<Bytes> = None;
    let mut count = 0;
    while let Ok(Some(packet)) = framer.next_packet(V5) {
        if let Some(last) = last {
            assert_eq!(packet.as_ptr(), last.as_ptr().wrapping_add(2));
        }
        last = Some(packet);
        count += 1;
    }
    assert_eq!(count, 10_000);
}

/// The first bytes of a packet must not keep alive the packet before it.
#[test]
fn the_start_of_a_packet_does_not_stay_in_the_buffer_of_a_large_one() {
    let mut framer = Framer::default();
    let mut bytes = vec![0x30, 0xC0, 0x84, 0x3D];
    bytes.resize(1_000_004, 0);
    bytes.extend([0x30, 0x7F, 0x00]);
    framer.push(&bytes);
    let packet = framer.next_packet(V5).expect("it is framed").expect("it is whole");
    assert_eq!(framer.next_packet(V5), Ok(None));
    assert_eq!(framer.pending(), [0x30, 0x7F, 0x00]);
    assert!(framer.capacity() < 1_024, "{} bytes reserved", framer.capacity());
    // The whole buffer is the packet's now.
    assert!(packet.try_into_mut().is_ok());
}
