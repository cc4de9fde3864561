//! The Quality-of-Service flows, from single rows to every possible cut.

mod durable;
mod explore;
mod failing_store;
mod flows;
mod held;
mod limits;
mod order;
mod table;
mod wrong_answers;

use bytes::Bytes;
use fourstep::codec::{
    Ack, Packet, PacketIdentifier, PacketType, Publish, QoS, ReasonCode, Version,
};
use fourstep::session::{Effect, Limits, Session, Violation};
use fourstep::time::Instant;

/// Time stands still where it does not matter.
const NOW: Instant = Instant::from_millis(1);

/// A message whose payload is its name.
fn message(qos: QoS, name: &str) -> Publish {
    Publish {
        qos,
        topic: "t".into(),
        payload: Bytes::copy_from_slice(name.as_bytes()),
        ..Publish::default()
    }
}

fn identifier(value: u16) -> PacketIdentifier {
    PacketIdentifier::new(value).expect("a test's identifier is not zero")
}

fn success(value: u16) -> Ack {
    Ack::success(identifier(value))
}

/// A session that is connected for the first time.
fn connected(limits: Limits, version: Version, receive_maximum: u16) -> Session {
    let mut session = Session::new(limits);
    session.handle_connected(NOW, version, false, receive_maximum);
    session
}

fn effects(session: &mut Session) -> Vec<Effect> {
    std::iter::from_fn(|| session.poll()).collect()
}

/// What the session sends, in short: `PUBLISH 1 q2 dup "a"`, `PUBREL 1`.
fn sends(session: &mut Session) -> Vec<String> {
    let sent = effects(session).into_iter().filter_map(|effect| match effect {
        Effect::Send(packet) => Some(short(&packet)),
        _ => None,
    });
    sent.collect()
}

fn short(packet: &Packet) -> String {
    let name = packet.packet_type().name();
    match packet {
        Packet::Publish(publish) => {
            let id = publish.packet_identifier.map_or(0, PacketIdentifier::value);
            let dup = if publish.dup { " dup" } else { "" };
            let payload = String::from_utf8_lossy(&publish.payload);
            format!("{name} {id} q{}{dup} {payload}", publish.qos)
        }
        Packet::PubAck(ack) | Packet::PubRec(ack) | Packet::PubRel(ack) | Packet::PubComp(ack) => {
            match ack.reason {
                ReasonCode::Success => format!("{name} {}", ack.packet_identifier),
                reason => format!("{name} {} {reason}", ack.packet_identifier),
            }
        }
        _ => name.to_owned(),
    }
}

/// Feeds one packet to the side that receives it.
fn receive(session: &mut Session, packet: Packet) -> Result<(), Violation> {
    let packet_type = packet.packet_type();
    match packet {
        Packet::Publish(publish) => session.handle_publish(NOW, publish, ReasonCode::Success),
        Packet::PubAck(ack) | Packet::PubRec(ack) | Packet::PubRel(ack) | Packet::PubComp(ack) => {
            session.handle_ack(NOW, packet_type, &ack)
        }
        other => panic!("{other:?} is no packet of a flow"),
    }
}

fn acknowledge(session: &mut Session, packet_type: PacketType, value: u16) {
    session.handle_ack(NOW, packet_type, &success(value)).expect("the answer fits the flow");
}
