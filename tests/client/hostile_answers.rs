//! A server that gives each packet of each flow each answer that it must not
//! give, or closes there: no message is sent again without end, no outcome
//! names a packet that did not come, and other messages get through.

use std::collections::BTreeMap;
use std::io::{Write as _, stdout};
use std::time::Duration;

use bytes::Bytes;
use fourstep::client::{Config, Event, Status};
use fourstep::codec::{
    Ack, Disconnect, Packet, PacketIdentifier, PacketType, QoS, ReasonCode, Version, encode,
};
use fourstep::session::{Outcome, Token};

use crate::rig::*;

/// What the server does in place of the right answer.
#[derive(Clone, Debug)]
enum Deed {
    Answer(Packet),
    Bytes(&'static [u8]),
    Close,
    Silence,
}

/// A packet of ours: when it comes for the first message, the deed follows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Point {
    Publish,
    PubRel,
}

#[test]
fn no_answer_to_any_packet_makes_us_send_a_message_without_end() {
    let mut cases = 0;
    for version in BOTH {
        for qos in [QoS::AtLeastOnce, QoS::ExactlyOnce] {
            for point in [Point::Publish, Point::PubRel] {
                for resumes in [true, false] {
                    for durable in [true, false] {
                        for deed in deeds(version) {
                            let case = Case { version, qos, point, resumes, durable };
                            case.play(&deed);
                            cases += 1;
                        }
                    }
                }
            }
        }
    }
    writeln!(stdout(), "{cases} cases: each wrong answer to each packet").expect("an output");
    assert!(cases > 500, "{cases}");
}

fn deeds(version: Version) -> Vec<Deed> {
    let acks: [fn(Ack) -> Packet; 4] =
        [Packet::PubAck, Packet::PubRec, Packet::PubRel, Packet::PubComp];
    let mut deeds = vec![Deed::Close, Deed::Silence, Deed::Bytes(&[0x00, 0x00])];
    let mut reasons = vec![ReasonCode::Success];
    if version == V5 {
        reasons.push(ReasonCode::PacketIdentifierNotFound);
        reasons.push(ReasonCode::UnspecifiedError);
    }
    for packet in acks {
        for reason in &reasons {
            deeds.push(Deed::Answer(packet(Ack::new(identifier(1), *reason))));
        }
    }
    // Filled in with the identifier of what it answers.
    deeds.push(Deed::Answer(suback(1, &[ReasonCode::Success])));
    deeds.push(Deed::Answer(unsuback(1, if version == V5 { &[ReasonCode::Success] } else { &[] })));
    deeds.push(Deed::Answer(connack(false, ReasonCode::Success, none())));
    deeds.push(Deed::Answer(Packet::PingReq));
    deeds.push(Deed::Answer(Packet::PingResp));
    let disconnect = |reason| Packet::Disconnect(Disconnect { reason, ..Disconnect::default() });
    deeds.push(Deed::Answer(disconnect(ReasonCode::Success)));
    if version == V5 {
        deeds.push(Deed::Answer(disconnect(ReasonCode::QuotaExceeded)));
    }
    deeds
}

#[derive(Clone, Copy, Debug)]
struct Case {
    version: Version,
    qos: QoS,
    point: Point,
    resumes: bool,
    durable: bool,
}

/// What was seen of the first message.
#[derive(Debug, Default)]
struct Seen {
    copies: BTreeMap<Bytes, u32>,
    /// By identifier, which answers came for it.
    answers: BTreeMap<u16, Vec<(PacketType, ReasonCode)>>,
    outcomes: BTreeMap<Token, Outcome>,
    held: Vec<Token>,
    connections: u32,
    deeds: u32,
}

impl Case {
    fn play(self, deed: &Deed) {
        let mut config =
            Config { reconnect: reconnecting(self.version).reconnect, ..persistent(self.version) };
        config.limits.durable = self.durable;
        let mut rig = Rig::connected(config, none());
        let mut seen = Seen::default();
        let first = rig.publish(named("poison", self.qos));
        let others = [rig.publish(named("b", self.qos)), rig.publish(named("c", self.qos))];
        let mut ids = BTreeMap::new();
        for _ in 0..400 {
            self.serve(&mut rig, deed, &mut seen, &mut ids);
            match rig.client.status() {
                Status::Opening => {
                    seen.connections += 1;
                    rig.open();
                    rig.packets();
                    let accepted = connack(self.resumes, ReasonCode::Success, none());
                    rig.receive(accepted);
                }
                Status::Disconnected | Status::Closing => {
                    // A person connects again, a limited number of times.
                    rig.lose();
                    rig.client.connect(rig.now).expect("right");
                }
                _ => rig.wait(Duration::from_secs(2)),
            }
        }
        self.serve(&mut rig, deed, &mut seen, &mut ids);
        let what = format!("{self:?} {deed:?}: {seen:?}");
        for (name, copies) in &seen.copies {
            assert!(*copies <= 7, "{copies} copies of {name:?}: {what}");
        }
        for token in others {
            let outcome = seen.outcomes.get(&token);
            let is_done = matches!(outcome, Some(Outcome::Acknowledged(ReasonCode::Success)));
            // A session that is lost takes what was awaiting PUBCOMP along.
            let is_lost = !self.resumes && matches!(outcome, Some(Outcome::Received(_)));
            assert!(is_done || is_lost, "kept back: {what}");
        }
        let snapshot = rig.client.snapshot();
        let is_told = seen.outcomes.contains_key(&first)
            || seen.held.contains(&first)
            || snapshot.outbound.iter().any(|flow| flow.token == first);
        assert!(is_told, "the first message is gone without a word: {what}");
    }

    /// Answers as MQTT wants it, except at the point.
    fn serve(self, rig: &mut Rig, deed: &Deed, seen: &mut Seen, ids: &mut BTreeMap<u16, Bytes>) {
        let mut answers = Vec::new();
        for packet in rig.packets() {
            let point = match &packet {
                Packet::Publish(publish) => {
                    *seen.copies.entry(publish.payload.clone()).or_default() += 1;
                    ids.insert(id(&packet), publish.payload.clone());
                    Point::Publish
                }
                Packet::PubRel(_) => Point::PubRel,
                _ => continue,
            };
            let is_first = ids.get(&id(&packet)).is_some_and(|name| name == "poison");
            let right = match &packet {
                Packet::Publish(publish) if publish.qos == QoS::AtLeastOnce => Packet::PubAck,
                Packet::Publish(_) => Packet::PubRec,
                _ => Packet::PubComp,
            };
            answers.push(match is_first && point == self.point {
                true => (deed.clone(), id(&packet)),
                false => (Deed::Answer(right(ack(id(&packet)))), id(&packet)),
            });
        }
        let connections = rig.opens;
        for (deed, value) in answers {
            if rig.opens != connections || rig.client.status() != Status::Connected {
                break;
            }
            seen.deeds += 1;
            self.answer(rig, deed, value, seen);
        }
        self.take_events(rig, seen, ids);
    }

    fn answer(self, rig: &mut Rig, deed: Deed, value: u16, seen: &mut Seen) {
        let readdressed = |ack: Ack| Ack { packet_identifier: identifier(value), ..ack };
        let packet = match deed {
            Deed::Close => return rig.lose(),
            Deed::Silence => return,
            Deed::Bytes(bytes) => return rig.receive_bytes(bytes),
            Deed::Answer(Packet::PubAck(ack)) => Packet::PubAck(readdressed(ack)),
            Deed::Answer(Packet::PubRec(ack)) => Packet::PubRec(readdressed(ack)),
            Deed::Answer(Packet::PubRel(ack)) => Packet::PubRel(readdressed(ack)),
            Deed::Answer(Packet::PubComp(ack)) => Packet::PubComp(readdressed(ack)),
            Deed::Answer(packet) => packet,
        };
        if let Packet::PubAck(ack) | Packet::PubRec(ack) | Packet::PubComp(ack) = &packet {
            seen.answers.entry(value).or_default().push((packet.packet_type(), ack.reason));
        }
        let mut bytes = Vec::new();
        // What this version cannot say is no answer in it.
        if encode(self.version, &packet, &mut bytes).is_ok() {
            rig.receive_bytes(&bytes);
        }
    }

    /// An outcome names only packets that came.
    fn take_events(self, rig: &mut Rig, seen: &mut Seen, ids: &BTreeMap<u16, Bytes>) {
        let flows: Vec<u16> = ids.keys().copied().collect();
        for event in rig.events() {
            match event {
                Event::Finished(token, outcome) => {
                    assert_eq!(seen.outcomes.insert(token, outcome), None, "an end is told once");
                    let came = |packet_type| {
                        let all = flows.iter().filter_map(|id| seen.answers.get(id));
                        all.flatten().any(|(seen, _)| *seen == packet_type)
                    };
                    let holds = match (outcome, self.qos) {
                        (Outcome::Acknowledged(_), QoS::AtLeastOnce) => came(PacketType::PubAck),
                        (Outcome::Acknowledged(_), _) => {
                            came(PacketType::PubRec) && came(PacketType::PubComp)
                        }
                        (Outcome::AcknowledgedBy(packet_type), _) => came(packet_type),
                        (Outcome::Received(_), _) => came(PacketType::PubRec),
                        (Outcome::Refused(_), _) => {
                            came(PacketType::PubAck) || came(PacketType::PubRec)
                        }
                        _ => true,
                    };
                    assert!(holds, "{self:?}: {outcome:?} names what never came: {seen:?}");
                }
                Event::Held(token) => seen.held.push(token),
                _ => {}
            }
        }
    }
}

fn named(name: &'static str, qos: QoS) -> fourstep::codec::Publish {
    fourstep::codec::Publish { payload: Bytes::from_static(name.as_bytes()), ..message("t", qos) }
}

fn id(packet: &Packet) -> u16 {
    packet.packet_identifier().map_or(0, PacketIdentifier::value)
}
