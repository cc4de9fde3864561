//! What one packet costs to encode and to decode, in both versions.

use std::hint::black_box;

use bytes::Bytes;
use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use fourstep::codec::{
    self, Ack, Framer, MAXIMUM_PACKET_SIZE, Packet, PacketIdentifier, Properties, Property,
    Publish, QoS, Version,
};

/// Each kind of packet that a flow sends, by name.
fn packets() -> Vec<(&'static str, Version, Packet)> {
    vec![
        ("publish/3.1.1/16 B", Version::V311, publish(Properties::new(), 16)),
        ("publish/3.1.1/16 kB", Version::V311, publish(Properties::new(), 16 * 1024)),
        ("publish/5.0/16 B", Version::V5, publish(Properties::new(), 16)),
        ("publish/5.0/three properties", Version::V5, publish(three_properties(), 16)),
        ("puback/3.1.1", Version::V311, Packet::PubAck(Ack::success(identifier()))),
        ("puback/5.0", Version::V5, Packet::PubAck(Ack::success(identifier()))),
    ]
}

fn encode(c: &mut Criterion) {
    let mut group = c.benchmark_group("encode");
    for (name, version, packet) in packets() {
        let mut out = Vec::new();
        group.bench_function(name, |bencher| {
            bencher.iter(|| {
                out.clear();
                codec::encode(version, black_box(&packet), &mut out).expect("a valid packet");
                black_box(out.len())
            });
        });
    }
}

fn decode(c: &mut Criterion) {
    let mut group = c.benchmark_group("decode");
    for (name, version, packet) in packets() {
        let bytes = encoded(version, &packet);
        group.bench_function(name, |bencher| {
            bencher.iter(|| codec::decode(version, black_box(&bytes)).expect("a valid packet"));
        });
    }
}

/// A chunk of a hundred packets, cut into packets and decoded.
fn frame(c: &mut Criterion) {
    let mut group = c.benchmark_group("frame and decode");
    group.throughput(Throughput::Elements(PACKETS_IN_A_CHUNK));
    for (name, version, packet) in packets() {
        let chunk = encoded(version, &packet).repeat(PACKETS_IN_A_CHUNK as usize);
        group.bench_function(name, |bencher| {
            bencher.iter_batched_ref(
                || Framer::new(MAXIMUM_PACKET_SIZE),
                |framer| {
                    framer.push(&chunk);
                    while let Some(bytes) = framer.next_packet(version).expect("a valid stream") {
                        black_box(codec::decode(version, &bytes).expect("a valid packet"));
                    }
                },
                BatchSize::SmallInput,
            );
        });
    }
}

fn encoded(version: Version, packet: &Packet) -> Bytes {
    let mut out = Vec::new();
    codec::encode(version, packet, &mut out).expect("a valid packet");
    out.into()
}

fn publish(properties: Properties, payload: usize) -> Packet {
    Packet::Publish(Publish {
        topic: "sensor/temperature".into(),
        qos: QoS::AtLeastOnce,
        packet_identifier: Some(identifier()),
        payload: vec![b'x'; payload].into(),
        properties,
        ..Publish::default()
    })
}

fn three_properties() -> Properties {
    Properties::new()
        .with(Property::MessageExpiryInterval(60))
        .with(Property::ContentType("text/plain".into()))
        .with(Property::UserProperty("unit".into(), "°C".into()))
}

fn identifier() -> PacketIdentifier {
    PacketIdentifier::new(7).expect("7 is not 0")
}

const PACKETS_IN_A_CHUNK: u64 = 100;

criterion_group!(benches, encode, decode, frame);
criterion_main!(benches);
