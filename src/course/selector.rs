use crate::codec::{self, Packet, PacketType, Publish, QoS};
use crate::sim::Crossing;
use crate::trace::{Direction, Fate, Party, Record, RecordKind, Trace};

/// Which records of a trace are meant: those of a kind, on one client's link.
///
/// A sentence says with it what it speaks of, a goal what it looks for, a
/// script where a fault strikes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Selector {
    /// Whose link, by the name of the lane; empty: everybody's.
    client: &'static str,
    subject: Subject,
    /// The how many-th of its kind, from 1; 0: all.
    nth: u32,
    dup: Option<bool>,
    retain: bool,
    qos: Option<QoS>,
    /// Empty: any topic.
    topic: &'static str,
    lost: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Subject {
    Packet(Direction, PacketType),
    Opened,
    Closed,
}

/// What this client sends.
pub const fn sent(client: &'static str, packet_type: PacketType) -> Selector {
    Selector::new(client, Subject::Packet(Direction::ToServer, packet_type))
}

/// What this client receives.
pub const fn received(client: &'static str, packet_type: PacketType) -> Selector {
    Selector::new(client, Subject::Packet(Direction::ToClient, packet_type))
}

impl Selector {
    /// The moments at which this client's connection comes up.
    pub const fn opened(client: &'static str) -> Selector {
        Selector::new(client, Subject::Opened)
    }

    /// The moments at which this client's connection goes down.
    pub const fn closed(client: &'static str) -> Selector {
        Selector::new(client, Subject::Closed)
    }

    /// Only the how many-th of its kind that way on this link, from 1, counted
    /// over all connections, whatever its flags are.
    pub const fn nth(self, nth: u32) -> Selector {
        Selector { nth, ..self }
    }

    /// Only PUBLISH packets with DUP, or without.
    pub const fn dup(self, dup: bool) -> Selector {
        Selector { dup: Some(dup), ..self }
    }

    /// Only PUBLISH packets with RETAIN.
    pub const fn retain(self) -> Selector {
        Selector { retain: true, ..self }
    }

    /// Only PUBLISH packets of this level.
    pub const fn qos(self, qos: QoS) -> Selector {
        Selector { qos: Some(qos), ..self }
    }

    /// Only PUBLISH packets that name this topic.
    pub const fn on(self, topic: &'static str) -> Selector {
        Selector { topic, ..self }
    }

    /// Only what never arrived.
    pub const fn lost(self) -> Selector {
        Selector { lost: true, ..self }
    }

    /// Whose link it speaks of; empty: everybody's.
    pub const fn client(&self) -> &'static str {
        self.client
    }

    /// The place for a fault: the first of its kind unless another is meant.
    /// `None` if it selects no packets.
    pub fn crossing(&self) -> Option<Crossing> {
        match self.subject {
            Subject::Packet(direction, packet_type) => {
                Some(Crossing { direction, packet_type, nth: self.nth.max(1) })
            }
            Subject::Opened | Subject::Closed => None,
        }
    }

    /// The records that it selects, oldest first.
    pub fn select<'a>(self, trace: &'a Trace) -> impl Iterator<Item = &'a Record> + 'a {
        let mut count = 0;
        trace.records().filter(move |record| {
            if !self.is_kind(trace, record) {
                return false;
            }
            count += 1;
            (self.nth == 0 || self.nth == count) && self.has_flags(record)
        })
    }

    /// The packets that it selects, each with its record.
    pub fn packets<'a>(self, trace: &'a Trace) -> impl Iterator<Item = (&'a Record, Packet)> + 'a {
        self.select(trace).filter_map(|record| Some((record, packet(record)?)))
    }

    /// The PUBLISH packets that it selects, each with its record.
    pub fn publishes<'a>(
        self,
        trace: &'a Trace,
    ) -> impl Iterator<Item = (&'a Record, Publish)> + 'a {
        self.packets(trace).filter_map(|(record, packet)| match packet {
            Packet::Publish(publish) => Some((record, publish)),
            _ => None,
        })
    }

    const fn new(client: &'static str, subject: Subject) -> Selector {
        Selector {
            client,
            subject,
            nth: 0,
            dup: None,
            retain: false,
            qos: None,
            topic: "",
            lost: false,
        }
    }

    fn is_kind(&self, trace: &Trace, record: &Record) -> bool {
        let lane = if record.from == SERVER { record.to } else { record.from };
        let is_subject = match (self.subject, &record.kind) {
            (Subject::Packet(direction, packet_type), RecordKind::Packet { bytes, .. }) => {
                let to_server = record.to == SERVER;
                to_server == (direction == Direction::ToServer)
                    && bytes.first().is_some_and(|first| first >> 4 == packet_type as u8)
            }
            (Subject::Opened, RecordKind::Opened) | (Subject::Closed, RecordKind::Closed(_)) => {
                true
            }
            _ => false,
        };
        is_subject && (self.client.is_empty() || name(trace, lane) == self.client)
    }

    fn has_flags(&self, record: &Record) -> bool {
        let first = record.bytes().and_then(|bytes| bytes.first()).copied().unwrap_or_default();
        self.dup.is_none_or(|dup| (first & DUP != 0) == dup)
            && (!self.retain || first & RETAIN != 0)
            && self.qos.is_none_or(|qos| (first & QOS) >> 1 == qos.bits())
            && (!self.lost || matches!(record.fate, Fate::Lost(_)))
            && (self.topic.is_empty() || is_on(record, self.topic))
    }
}

fn name(trace: &Trace, lane: Party) -> &str {
    trace.parties.get(usize::from(lane)).map_or("", String::as_str)
}

fn is_on(record: &Record, topic: &str) -> bool {
    matches!(packet(record), Some(Packet::Publish(publish)) if &*publish.topic == topic)
}

/// A record's packet, if it is one.
fn packet(record: &Record) -> Option<Packet> {
    match &record.kind {
        RecordKind::Packet { version, bytes } => codec::decode(*version, bytes).ok(),
        _ => None,
    }
}

/// The lane of the server, in a world and on a live page alike.
const SERVER: Party = 1;
/// Flags in the first byte of PUBLISH (section 3.3.1).
const DUP: u8 = 0b1000;
const QOS: u8 = 0b0110;
const RETAIN: u8 = 0b0001;
