//! The tap: from the bytes of a link to records.

use bytes::Bytes;
use fourstep::codec::{Packet, QoS, Rule, Version};
use fourstep::time::Instant;
use fourstep::trace::{Defect, Direction, RecordKind, Tap, Trace};
use proptest::prelude::*;

use crate::{
    CLIENT, Link, SERVER, ToClient, ToServer, ack, connack, connect, encoded, publish, subscribe,
};

#[test]
fn each_packet_becomes_one_record_with_its_exact_bytes() {
    let mut link = Link::new(Version::V311);
    link.connect(false);
    let packet = encoded(Version::V311, &Packet::Publish(publish(QoS::AtLeastOnce, 9, "20.5")));
    link.bytes(ToClient, &packet);
    let record = link.trace.records().last().expect("there are records");
    assert_eq!((record.from, record.to), (SERVER, CLIENT));
    assert_eq!(record.arrived(), Some(record.at));
    let bytes = Bytes::from(packet);
    assert_eq!(record.kind, RecordKind::Packet { version: Version::V311, bytes });
}

#[test]
fn the_version_is_5_until_a_connect_says_otherwise_and_again_after_the_next_opening() {
    let mut link = Link::new(Version::V311);
    link.open();
    assert_eq!(link.tap.version(), Version::V5);
    link.send(ToServer, &connect(Version::V311, true));
    assert_eq!(link.tap.version(), Version::V311);
    let versions: Vec<_> = link.trace.records().map(|record| record.version()).collect();
    assert_eq!(versions, [None, Some(Version::V311)]);
    link.close("");
    link.open();
    assert_eq!(link.tap.version(), Version::V5);
}

#[test]
fn records_name_their_connection_and_what_is_late_the_one_it_crossed() {
    let mut link = Link::new(Version::V311);
    link.connect(false);
    link.close("by the client");
    // The other end goes on without knowing.
    let late = Packet::PubAck(ack(7));
    link.send(ToClient, &late);
    let bytes = Bytes::from(encoded(Version::V311, &late));
    let last = link.trace.records().last().map(|record| record.kind.clone());
    assert_eq!(last, Some(RecordKind::Packet { version: Version::V311, bytes }));
    link.open();
    link.close("");
    link.close("an attempt that failed");
    let connections: Vec<_> = link.trace.records().map(|record| record.connection).collect();
    assert_eq!(connections, [1, 1, 1, 1, 1, 2, 2, 0].map(|it| (it > 0).then_some(it)));
}

#[test]
fn a_half_packet_becomes_garbage_when_the_link_closes() {
    let mut link = Link::new(Version::V5);
    link.connect(false);
    let packet = encoded(Version::V5, &Packet::PubAck(ack(7)));
    link.bytes(ToClient, &packet[..3]);
    link.close("the line was cut");
    let [.., half, closed] = &kinds(&link.trace)[..] else { panic!("there are records") };
    let bytes = Bytes::copy_from_slice(&packet[..3]);
    let defect = Defect::CutShort;
    assert_eq!(*half, RecordKind::Garbage { version: Version::V5, bytes, defect });
    assert_eq!(*closed, RecordKind::Closed("the line was cut".into()));
    // Nothing of it is left for the next connection.
    link.connect(true);
    assert_eq!(link.lines()[7], "broker -> client  CONNACK session present Success (0x00)");
}

#[test]
fn a_packet_that_is_wrong_inside_is_garbage_and_the_next_one_a_packet() {
    let mut link = Link::new(Version::V5);
    link.connect(false);
    // PUBACK with packet identifier 0, then a good one.
    let mut bytes = vec![0x40, 2, 0, 0];
    bytes.extend(encoded(Version::V5, &Packet::PubAck(ack(7))));
    link.bytes(ToClient, &bytes);
    let [.., broken, good] = &kinds(&link.trace)[..] else { panic!("there are records") };
    assert!(matches!(broken, RecordKind::Garbage { bytes, defect: Defect::Malformed(error), .. }
            if bytes[..] == [0x40, 2, 0, 0] && error.rule == Rule::PacketIdentifierZero));
    assert!(matches!(good, RecordKind::Packet { .. }));
}

#[test]
fn after_a_broken_header_everything_is_garbage_and_bounded() {
    let mut link = Link::new(Version::V5);
    link.connect(false);
    // Type 0, in the middle of a chunk that goes on.
    let mut bytes = encoded(Version::V5, &Packet::PubAck(ack(7)));
    bytes.extend([0x00, 0x01, 0x02]);
    link.bytes(ToClient, &bytes);
    for _ in 0..200 {
        link.bytes(ToClient, &[0x40; 1_000]);
    }
    // The other direction is as it was.
    link.send(ToServer, &Packet::PingReq);
    link.close("");
    let kinds = kinds(&link.trace);
    assert!(
        matches!(&kinds[4], RecordKind::Garbage { bytes, defect: Defect::Malformed(error), .. }
        if bytes[..] == [0x00] && error.rule == Rule::ForbiddenPacketType && error.offset == 0)
    );
    let rest = kinds[5..].iter().filter_map(|kind| match kind {
        RecordKind::Garbage { bytes, defect: Defect::AfterError, .. } => Some(bytes),
        _ => None,
    });
    let rest: Vec<_> = rest.collect();
    assert_eq!(rest.len(), 64);
    assert_eq!(rest[0][..4], [0x01, 0x02, 0x40, 0x40]);
    assert_eq!(rest.iter().map(|bytes| bytes.len()).sum::<usize>(), 64 * 1024);
    assert_eq!(link.lines()[link.trace.len() - 2], "client -> broker  PINGREQ");
}

#[test]
fn an_overlong_remaining_length_is_recorded_as_far_as_it_takes_to_see_it() {
    for cut in 0..7 {
        let bytes = [0x30, 0xFF, 0xFF, 0xFF, 0xFF, 0x7F, 0x01];
        let mut link = Link::new(Version::V5);
        link.open();
        link.bytes(ToServer, &bytes[..cut]);
        link.bytes(ToServer, &bytes[cut..]);
        link.close("");
        let garbage: Vec<_> =
            link.trace.records().filter_map(|record| record.bytes()).map(|b| &b[..]).collect();
        assert_eq!(garbage, [&bytes[..5], &bytes[5..]], "cut at {cut}");
    }
}

proptest! {
    /// Chunks are an accident of the transport: no record may tell of them.
    #[test]
    fn any_chunking_of_the_same_bytes_gives_the_same_trace(
        to_server in stream(),
        to_client in stream(),
        cuts in prop::collection::vec(1usize..40, 1..30),
        version in prop_oneof![Just(Version::V311), Just(Version::V5)],
    ) {
        let mut start = encoded(version, &connect(version, true));
        start.extend(to_server);
        let whole = record([&start, &to_client], &[usize::MAX]);
        let chunked = record([&start, &to_client], &cuts);
        prop_assert_eq!(&whole, &chunked);
        // And what was recorded is what crossed, to the byte.
        for (direction, sent) in [(CLIENT, &start), (SERVER, &to_client)] {
            let mut recorded = Vec::new();
            for (from, kind) in &whole {
                if let RecordKind::Packet { bytes, .. } | RecordKind::Garbage { bytes, .. } = kind
                    && *from == direction
                {
                    recorded.extend_from_slice(bytes);
                }
            }
            prop_assert_eq!(&recorded, sent);
        }
    }
}

/// Good packets, and sometimes bytes that are none, and sometimes a half one.
fn stream() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        8 => (0..packets().len()).prop_map(|index| packets()[index].clone()),
        1 => prop::collection::vec(any::<u8>(), 1..20),
        1 => Just(vec![0x40, 2, 0, 0]),
    ];
    (prop::collection::vec(piece, 0..12), 0usize..4).prop_map(|(pieces, missing)| {
        let mut bytes = pieces.concat();
        bytes.truncate(bytes.len().saturating_sub(missing));
        bytes
    })
}

/// Packets that are the same in both versions.
fn packets() -> Vec<Vec<u8>> {
    let packets =
        [Packet::PubAck(ack(1)), Packet::PubRec(ack(300)), Packet::PingReq, Packet::PingResp];
    let mut encoded: Vec<_> = packets.iter().map(|packet| encoded(Version::V311, packet)).collect();
    for version in [Version::V311, Version::V5] {
        for packet in [
            Packet::Publish(publish(QoS::ExactlyOnce, 5, "20.5")),
            Packet::Publish(publish(QoS::AtMostOnce, 0, "")),
            subscribe(2, &[("a/#", QoS::AtLeastOnce)]),
            connack(false),
        ] {
            encoded.push(crate::encoded(version, &packet));
        }
    }
    encoded
}

/// Feeds both directions in chunks of these sizes, one direction after the
/// other, and closes.
fn record(streams: [&[u8]; 2], chunks: &[usize]) -> Vec<(u16, RecordKind)> {
    let mut trace = Trace::new(Vec::new(), usize::MAX);
    let mut tap = Tap::new(CLIENT, SERVER);
    tap.open(Instant::ZERO, 1, &mut trace);
    let mut chunks = chunks.iter().cycle();
    for (direction, mut rest) in [Direction::ToServer, ToClient].into_iter().zip(streams) {
        while !rest.is_empty() {
            let size = chunks.next().copied().unwrap_or(usize::MAX).min(rest.len());
            let (chunk, after) = rest.split_at(size);
            tap.bytes(Instant::ZERO, direction, chunk, &mut trace);
            rest = after;
        }
    }
    tap.close(Instant::ZERO, "", &mut trace);
    trace.records().map(|record| (record.from, record.kind.clone())).collect()
}

fn kinds(trace: &Trace) -> Vec<RecordKind> {
    trace.records().map(|record| record.kind.clone()).collect()
}
