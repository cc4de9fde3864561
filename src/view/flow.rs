//! Which records belong together: the packets of one QoS 1 or QoS 2 flow, a
//! question and its answer.

use std::collections::{HashMap, VecDeque};

use crate::codec::{self, Packet, PacketIdentifier, PacketType, QoS, ReasonCode};
use crate::trace::{Party, Record, RecordKind, Trace};

/// Follows a trace and knows the flow of each of its records.
///
/// It holds one entry for each record that the trace holds, and each record
/// is read once, in constant time save for what a CONNACK or the end of a
/// connection ends.
#[derive(Debug, Default)]
pub struct Flows {
    /// The sequence number that is read next.
    next: u64,
    /// [`Trace::rewinds`] when it was last read.
    rewinds: u64,
    /// The marks of the records from `next - marks.len()` on.
    marks: VecDeque<Option<Mark>>,
    flows: HashMap<FlowId, Flow>,
    /// Flows that a later packet can continue.
    open: HashMap<Key, FlowId>,
}

/// Names a flow: the sequence number of the first of its records.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FlowId(pub u64);

/// A record's place in its flow.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Mark {
    /// The flow.
    pub flow: FlowId,
    /// Which step of it this is, from 1.
    pub step: u8,
    /// How many steps the flow has: 1 for QoS 0, 2 for QoS 1, 4 for QoS 2.
    pub steps: u8,
    /// Whether an earlier record of the flow was this step already.
    pub repeated: bool,
}

/// The records of one flow.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Flow {
    /// What it is.
    pub kind: FlowKind,
    /// Who sent the message, or asked the question.
    pub sender: Party,
    /// Who answers.
    pub receiver: Party,
    /// For the kinds that have one.
    pub packet_identifier: Option<PacketIdentifier>,
    /// How it stands.
    pub progress: Progress,
    /// Sequence numbers of its records that are still held, rising.
    pub records: VecDeque<u64>,
    /// One bit for each step that was seen.
    seen: u8,
}

/// What a flow is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum FlowKind {
    /// PUBLISH.
    QoS0,
    /// PUBLISH, PUBACK.
    QoS1,
    /// PUBLISH, PUBREC, PUBREL, PUBCOMP.
    QoS2,
    /// SUBSCRIBE, SUBACK.
    Subscribe,
    /// UNSUBSCRIBE, UNSUBACK.
    Unsubscribe,
    /// PINGREQ, PINGRESP.
    Ping,
    /// CONNECT, CONNACK.
    Connect,
}

/// How a flow stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Progress {
    /// More packets are to come.
    Open,
    /// The last step was seen.
    Finished,
    /// It ended early: refused, or the session or the connection was lost.
    Ended,
}

/// What finds the open flow of a packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Key {
    sender: Party,
    receiver: Party,
    family: Family,
    identifier: Option<PacketIdentifier>,
}

/// Kinds of flows whose packet identifiers cannot be taken for each other's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Family {
    Publish,
    Subscribe,
    Unsubscribe,
    Ping,
    Connect,
}

/// What one packet does to its flow.
struct Step {
    family: Family,
    kind: FlowKind,
    number: u8,
    /// Whether the packet goes from the flow's sender to its receiver.
    forward: bool,
    identifier: Option<PacketIdentifier>,
    /// Whether a reason of 0x80 or above ends the flow here.
    refused: bool,
}

impl Flows {
    /// Knows nothing yet.
    pub fn new() -> Self {
        Flows::default()
    }

    /// Reads what was appended to the trace since the last call, and forgets
    /// what the trace has dropped. After a rewind it reads all anew.
    pub fn update(&mut self, trace: &Trace) {
        let dropped = trace.dropped();
        // Records that came and went between two calls were never seen, and
        // after a rewind the numbers stand for other records.
        if dropped > self.next || trace.rewinds() != self.rewinds {
            let rewinds = trace.rewinds();
            *self = Flows { next: dropped, rewinds, ..Flows::default() };
        }
        for record in trace.range(self.next..trace.next_sequence()) {
            let mark = self.read(record);
            self.marks.push_back(mark);
            self.next += 1;
        }
        while self.first() < dropped {
            self.forget_first();
        }
    }

    /// The place of a record in its flow, if it is part of one.
    pub fn mark(&self, sequence: u64) -> Option<Mark> {
        let index = usize::try_from(sequence.checked_sub(self.first())?).ok()?;
        *self.marks.get(index)?
    }

    /// A flow of which a record is still held.
    pub fn flow(&self, id: FlowId) -> Option<&Flow> {
        self.flows.get(&id)
    }

    /// The flow of a record.
    pub fn flow_of(&self, sequence: u64) -> Option<&Flow> {
        self.flow(self.mark(sequence)?.flow)
    }

    /// How many flows are unfinished.
    pub fn open_flows(&self) -> usize {
        self.open.len()
    }

    fn first(&self) -> u64 {
        self.next - self.marks.len() as u64
    }

    fn read(&mut self, record: &Record) -> Option<Mark> {
        match &record.kind {
            RecordKind::Packet { version, bytes } => {
                let packet = codec::decode(*version, bytes).ok()?;
                let mark = step(&packet).map(|step| self.take(record, &step));
                if let Packet::ConnAck(ack) = &packet
                    && !ack.reason.is_error()
                    && !ack.session_present
                {
                    // What was under way belongs to a session that is gone.
                    self.end(record.from, record.to, |family| family == Family::Publish);
                }
                mark
            }
            RecordKind::Closed(_) => {
                // Only messages outlive a connection.
                self.end(record.from, record.to, |family| family != Family::Publish);
                None
            }
            RecordKind::Garbage { .. } | RecordKind::Opened | RecordKind::Note(_) => None,
        }
    }

    fn take(&mut self, record: &Record, step: &Step) -> Mark {
        let (sender, receiver) =
            if step.forward { (record.from, record.to) } else { (record.to, record.from) };
        let key = Key { sender, receiver, family: step.family, identifier: step.identifier };
        let id = self.open_flow(&key, step, record.sequence);
        let Some(flow) = self.flows.get_mut(&id) else {
            let steps = step.kind.steps();
            return Mark { flow: id, step: step.number, steps, repeated: false };
        };
        let bit = 1 << step.number;
        let repeated = flow.seen & bit != 0;
        flow.seen |= bit;
        flow.records.push_back(record.sequence);
        let steps = flow.kind.steps();
        if step.number == steps {
            flow.progress = Progress::Finished;
        }
        if step.refused {
            flow.progress = Progress::Ended;
        }
        if flow.progress == Progress::Open {
            self.open.insert(key, id);
        } else {
            self.open.remove(&key);
        }
        Mark { flow: id, step: step.number, steps, repeated }
    }

    /// The open flow that this step continues, or a new one: a PUBREC opens a
    /// QoS 2 flow even if its PUBLISH was never seen.
    fn open_flow(&mut self, key: &Key, step: &Step, sequence: u64) -> FlowId {
        if let Some(&id) = self.open.get(key) {
            match self.flows.get_mut(&id) {
                Some(flow) if flow.kind == step.kind => return id,
                // The identifier is in use for something else now.
                Some(flow) => flow.progress = Progress::Ended,
                None => {}
            }
        }
        let id = FlowId(sequence);
        self.flows.insert(
            id,
            Flow {
                kind: step.kind,
                sender: key.sender,
                receiver: key.receiver,
                packet_identifier: key.identifier,
                progress: Progress::Open,
                records: VecDeque::new(),
                seen: 0,
            },
        );
        id
    }

    /// Ends the open flows between these two, both ways.
    fn end(&mut self, one: Party, other: Party, which: impl Fn(Family) -> bool) {
        let flows = &mut self.flows;
        self.open.retain(|key, id| {
            let between = (key.sender, key.receiver) == (one, other)
                || (key.sender, key.receiver) == (other, one);
            if !(between && which(key.family)) {
                return true;
            }
            if let Some(flow) = flows.get_mut(id) {
                flow.progress = Progress::Ended;
            }
            false
        });
    }

    fn forget_first(&mut self) {
        let sequence = self.first();
        let Some(Some(mark)) = self.marks.pop_front() else {
            return;
        };
        let Some(flow) = self.flows.get_mut(&mark.flow) else {
            return;
        };
        if flow.records.front() == Some(&sequence) {
            flow.records.pop_front();
        }
        if flow.records.is_empty() {
            let key = flow.key();
            if self.open.get(&key) == Some(&mark.flow) {
                self.open.remove(&key);
            }
            self.flows.remove(&mark.flow);
        }
    }
}

impl FlowKind {
    /// How many packets the flow has if nothing goes wrong.
    pub const fn steps(self) -> u8 {
        match self {
            FlowKind::QoS0 => 1,
            FlowKind::QoS2 => 4,
            FlowKind::QoS1
            | FlowKind::Subscribe
            | FlowKind::Unsubscribe
            | FlowKind::Ping
            | FlowKind::Connect => 2,
        }
    }

    const fn family(self) -> Family {
        match self {
            FlowKind::QoS0 | FlowKind::QoS1 | FlowKind::QoS2 => Family::Publish,
            FlowKind::Subscribe => Family::Subscribe,
            FlowKind::Unsubscribe => Family::Unsubscribe,
            FlowKind::Ping => Family::Ping,
            FlowKind::Connect => Family::Connect,
        }
    }
}

impl Flow {
    fn key(&self) -> Key {
        Key {
            sender: self.sender,
            receiver: self.receiver,
            family: self.kind.family(),
            identifier: self.packet_identifier,
        }
    }
}

/// Which step of which kind of flow a packet is; `None` for DISCONNECT and
/// AUTH, which belong to none.
fn step(packet: &Packet) -> Option<Step> {
    let (kind, number, reason) = match packet {
        Packet::Publish(publish) => match publish.qos {
            QoS::AtMostOnce => (FlowKind::QoS0, 1, ReasonCode::Success),
            QoS::AtLeastOnce => (FlowKind::QoS1, 1, ReasonCode::Success),
            QoS::ExactlyOnce => (FlowKind::QoS2, 1, ReasonCode::Success),
        },
        Packet::PubAck(ack) => (FlowKind::QoS1, 2, ack.reason),
        Packet::PubRec(ack) => (FlowKind::QoS2, 2, ack.reason),
        // PUBREL and PUBCOMP can say that the identifier was not found, which
        // is how a flow ends after one side has lost its store.
        Packet::PubRel(_) => (FlowKind::QoS2, 3, ReasonCode::Success),
        Packet::PubComp(_) => (FlowKind::QoS2, 4, ReasonCode::Success),
        Packet::Subscribe(_) => (FlowKind::Subscribe, 1, ReasonCode::Success),
        Packet::SubAck(_) => (FlowKind::Subscribe, 2, ReasonCode::Success),
        Packet::Unsubscribe(_) => (FlowKind::Unsubscribe, 1, ReasonCode::Success),
        Packet::UnsubAck(_) => (FlowKind::Unsubscribe, 2, ReasonCode::Success),
        Packet::PingReq => (FlowKind::Ping, 1, ReasonCode::Success),
        Packet::PingResp => (FlowKind::Ping, 2, ReasonCode::Success),
        Packet::Connect(_) => (FlowKind::Connect, 1, ReasonCode::Success),
        Packet::ConnAck(ack) => (FlowKind::Connect, 2, ack.reason),
        Packet::Disconnect(_) | Packet::Auth(_) => return None,
    };
    Some(Step {
        family: kind.family(),
        kind,
        number,
        forward: packet.packet_type() == PacketType::PubRel || number == 1,
        identifier: packet.packet_identifier(),
        refused: reason.is_error(),
    })
}
