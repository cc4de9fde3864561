//! What a whole flow costs, from PUBLISH to its last acknowledgement, beside
//! ever more flows that are unfinished. A time that stays the same from row to
//! row is the goal.

use std::hint::black_box;

use criterion::{BenchmarkId, Criterion, criterion_group, criterion_main};
use fourstep::codec::{
    Ack, Packet, PacketIdentifier, PacketType, Publish, QoS, ReasonCode, Version,
};
use fourstep::session::{Effect, Limits, Session};
use fourstep::time::Instant;

/// Our messages: published, sent, acknowledged, finished.
fn outbound(c: &mut Criterion) {
    let mut group = c.benchmark_group("send");
    for qos in [QoS::AtLeastOnce, QoS::ExactlyOnce] {
        for in_flight in IN_FLIGHT {
            let mut session = connected();
            for _ in 0..in_flight {
                publish(&mut session, qos);
            }
            drain(&mut session);
            let id = BenchmarkId::new(name(qos), in_flight);
            group.bench_function(id, |bencher| {
                bencher.iter(|| {
                    publish(&mut session, qos);
                    answer_all(&mut session);
                });
            });
        }
    }
}

/// The peer's messages: received, delivered, acknowledged, released.
fn inbound(c: &mut Criterion) {
    let mut group = c.benchmark_group("receive");
    let identifier = PacketIdentifier::new(7).expect("7 is not 0");
    for qos in [QoS::AtLeastOnce, QoS::ExactlyOnce] {
        let mut session = connected();
        group.bench_function(name(qos), |bencher| {
            bencher.iter(|| {
                let ack = Ack::success(identifier);
                let message =
                    Publish { packet_identifier: Some(ack.packet_identifier), ..message(qos) };
                session
                    .handle_publish(Instant::ZERO, message, ReasonCode::Success)
                    .expect("a legal PUBLISH");
                if qos == QoS::ExactlyOnce {
                    session
                        .handle_ack(Instant::ZERO, PacketType::PubRel, &ack)
                        .expect("a legal PUBREL");
                }
                drain(&mut session);
            });
        });
    }
}

fn connected() -> Session {
    let mut session = Session::new(Limits { queue_capacity: usize::MAX, ..Limits::default() });
    session.handle_connected(Instant::ZERO, Version::V5, false, u16::MAX);
    session
}

fn publish(session: &mut Session, qos: QoS) {
    session.publish(Instant::ZERO, message(qos)).expect("the queue has room");
}

fn message(qos: QoS) -> Publish {
    Publish {
        topic: "sensor/temperature".into(),
        qos,
        payload: "20.5 degrees C.".into(),
        ..Publish::default()
    }
}

/// Does what the peer would, until there is nothing left to send.
fn answer_all(session: &mut Session) {
    while let Some(effect) = session.poll() {
        let Effect::Send(packet) = black_box(effect) else { continue };
        let (packet_type, identifier) = match packet {
            Packet::Publish(publish) if publish.qos == QoS::AtLeastOnce => {
                (PacketType::PubAck, publish.packet_identifier)
            }
            Packet::Publish(publish) => (PacketType::PubRec, publish.packet_identifier),
            Packet::PubRel(ack) => (PacketType::PubComp, Some(ack.packet_identifier)),
            _ => continue,
        };
        let ack = Ack::success(identifier.expect("above QoS 0 it has one"));
        session.handle_ack(Instant::ZERO, packet_type, &ack).expect("a legal answer");
    }
}

fn drain(session: &mut Session) {
    while let Some(effect) = session.poll() {
        black_box(effect);
    }
}

fn name(qos: QoS) -> &'static str {
    match qos {
        QoS::AtMostOnce => "QoS 0",
        QoS::AtLeastOnce => "QoS 1",
        QoS::ExactlyOnce => "QoS 2",
    }
}

/// How many flows are unfinished already.
const IN_FLIGHT: [usize; 4] = [0, 500, 10_000, 65_000];

criterion_group!(benches, outbound, inbound);
criterion_main!(benches);
