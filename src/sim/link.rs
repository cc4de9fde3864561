use std::ops::Range;

use bytes::{Bytes, BytesMut};

use super::connection::{Connection, Next, Told};
use super::fault::{Crossing, packet_type};
use super::random::Random;
use super::{LinkSetup, Traps};
use crate::broker::ConnectionId;
use crate::codec::Framer;
use crate::time::Instant;
use crate::trace::{Direction, Fate, Party, Record, RecordKind, Tap, Trace};

/// The way between one client and the broker, and the connections on it.
#[derive(Clone, Debug)]
pub(super) struct Link {
    /// The client's index.
    client: usize,
    parties: Parties,
    pub setup: LinkSetup,
    random: Random,
    /// No connection can be opened before this moment.
    pub down_until: Instant,
    /// The client's newest connection is the last. Earlier ones are those of
    /// which the broker has not learned that they are gone.
    connections: Vec<Connection>,
    /// Packets of each type that have left, to the server and to the client.
    left: [[u32; 16]; 2],
    /// Bytes that were written, over all connections, likewise.
    written: [u64; 2],
}

/// The lanes of both ends.
#[derive(Clone, Copy, Debug)]
pub(super) struct Parties {
    pub client: Party,
    pub broker: Party,
}

/// What is due on a link, and on which of its connections.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Due {
    connection: usize,
    next: Next,
}

impl Link {
    /// A link with no connection.
    pub fn new(client: usize, parties: Parties, setup: LinkSetup, random: Random) -> Self {
        Link {
            client,
            parties,
            setup,
            random,
            down_until: Instant::ZERO,
            connections: Vec::new(),
            left: [[0; 16]; 2],
            written: [0; 2],
        }
    }

    /// The client opens a connection. The broker learns of it after one way,
    /// the client after both.
    pub fn open(&mut self, now: Instant, id: ConnectionId) {
        let refused = (now < self.down_until).then_some("the network is down");
        let tap = Tap::new(self.parties.client, self.parties.broker);
        self.connections.push(Connection::new(id, tap, now, &self.setup, refused));
    }

    /// The client writes to its connection.
    pub fn client_writes(
        &mut self,
        now: Instant,
        bytes: Bytes,
        traps: &mut Traps,
        trace: &mut Trace,
    ) {
        let open = |connection: &Connection| connection.is_open_for(Direction::ToServer);
        if let Some(index) = self.connections.iter().rposition(open) {
            self.write(now, index, Direction::ToServer, bytes, traps, trace);
        }
    }

    /// The broker writes to this connection.
    pub fn broker_writes(
        &mut self,
        now: Instant,
        id: ConnectionId,
        bytes: Bytes,
        traps: &mut Traps,
        trace: &mut Trace,
    ) {
        let open = |connection: &Connection| {
            connection.id == id && connection.is_open_for(Direction::ToClient)
        };
        if let Some(index) = self.connections.iter().position(open) {
            self.write(now, index, Direction::ToClient, bytes, traps, trace);
        }
    }

    /// The client closes its connection, once what it wrote has left.
    pub fn client_closes(&mut self, now: Instant, trace: &mut Trace) {
        let newest = self
            .connections
            .iter_mut()
            .rfind(|connection| !connection.is_closed_for(Direction::ToServer));
        if let Some(connection) = newest {
            connection.close(now, Direction::ToServer, &self.setup, trace);
        }
        self.forget_finished(now, trace);
    }

    /// The broker closes this connection, once what it wrote has left.
    pub fn broker_closes(&mut self, now: Instant, id: ConnectionId, trace: &mut Trace) {
        let named = self.connections.iter_mut().find(|connection| {
            connection.id == id && !connection.is_closed_for(Direction::ToClient)
        });
        if let Some(connection) = named {
            connection.close(now, Direction::ToClient, &self.setup, trace);
        }
        self.forget_finished(now, trace);
    }

    /// Whether this connection is one of this link's.
    pub fn has(&self, id: ConnectionId) -> bool {
        self.connections.iter().any(|connection| connection.id == id)
    }

    /// Bytes of memory that what is under way takes, roughly.
    pub fn weight(&self) -> usize {
        self.connections.iter().map(Connection::weight).sum()
    }

    /// Whether nothing is under way, and no end believes in a connection of
    /// which the other knows nothing.
    pub fn is_quiet(&self) -> bool {
        self.connections.iter().all(Connection::is_quiet)
    }

    /// The next thing that happens by itself.
    pub fn next_due(&self) -> Option<(Instant, Due)> {
        let due = self.connections.iter().enumerate().filter_map(|(index, connection)| {
            let (at, next) = connection.next()?;
            Some((at, Due { connection: index, next }))
        });
        due.min_by_key(|(at, _)| *at)
    }

    /// Lets it happen. `broker_up` is whether there is a broker to connect to.
    pub fn pass(
        &mut self,
        now: Instant,
        due: Due,
        broker_up: bool,
        trace: &mut Trace,
    ) -> Option<Told> {
        let told = self.connections.get_mut(due.connection)?.pass(now, due.next, broker_up, trace);
        self.forget_finished(now, trace);
        told
    }

    /// Breaks one connection, or with `None` all of them: what is under way is
    /// lost. Returns what the ends are told.
    pub fn cut(
        &mut self,
        now: Instant,
        only: Option<ConnectionId>,
        why: &'static str,
        trace: &mut Trace,
    ) -> Vec<Told> {
        let mut told = Vec::new();
        for connection in &mut self.connections {
            if only.is_none_or(|id| id == connection.id) {
                connection.cut(why, &mut told);
            }
        }
        self.forget_finished(now, trace);
        told
    }

    /// From here on one connection, or with `None` each of them, swallows
    /// everything.
    pub fn swallow(&mut self, now: Instant, only: Option<ConnectionId>, trace: &mut Trace) {
        for connection in &mut self.connections {
            if only.is_none_or(|id| id == connection.id) {
                connection.swallow(now, trace);
            }
        }
    }

    /// Holds back everything in one direction of one connection, or with
    /// `None` in all of them.
    pub fn block(&mut self, until: Instant, only: Option<(ConnectionId, Direction)>) {
        for connection in &mut self.connections {
            for direction in [Direction::ToServer, Direction::ToClient] {
                if only.is_none_or(|only| only == (connection.id, direction)) {
                    connection.pipe(direction).block_until(until);
                }
            }
        }
    }

    /// Writes packet by packet: each becomes a record, and may meet a fault.
    fn write(
        &mut self,
        now: Instant,
        index: usize,
        direction: Direction,
        bytes: Bytes,
        traps: &mut Traps,
        trace: &mut Trace,
    ) {
        let Some(connection) = self.connections.get_mut(index) else { return };
        let mut stream = BytesMut::with_capacity(bytes.len());
        for packet in packets(bytes) {
            let way = direction as usize;
            let crossing = next_crossing(&self.left[way], direction, &packet);
            if let Some(crossing) = crossing {
                if traps.withholds(self.client, crossing) {
                    note_withheld(
                        now,
                        self.parties.ends(direction),
                        &connection.tap,
                        packet,
                        trace,
                    );
                    continue;
                }
                self.left[way][crossing.packet_type as usize] = crossing.nth;
            }
            let start = connection.pipe(direction).written() + stream.len() as u64;
            let range = extend(&mut self.written[way], packet.len());
            for trap in traps.meet(self.client, crossing, direction, range, start) {
                connection.pipe(direction).lay(trap);
            }
            connection.record(now, direction, &packet, start, trace);
            stream.extend_from_slice(&packet);
        }
        if !connection.swallows() {
            let random = &mut self.random;
            connection.pipe(direction).write(now, stream.freeze(), &self.setup, random);
        }
    }

    /// Drops connections that both ends have closed.
    fn forget_finished(&mut self, now: Instant, trace: &mut Trace) {
        self.connections.retain_mut(|connection| {
            if connection.is_finished() {
                connection.finish(now, trace);
            }
            !connection.is_finished()
        });
    }
}

impl Parties {
    /// Sender and receiver.
    fn ends(self, direction: Direction) -> (Party, Party) {
        match direction {
            Direction::ToServer => (self.client, self.broker),
            Direction::ToClient => (self.broker, self.client),
        }
    }
}

/// What this packet will be if it leaves.
fn next_crossing(left: &[u32; 16], direction: Direction, packet: &[u8]) -> Option<Crossing> {
    let packet_type = packet_type(packet)?;
    let nth = left.get(packet_type as usize)?.saturating_add(1);
    Some(Crossing { direction, packet_type, nth })
}

/// Adds to a count of bytes, and returns the places that they have in it.
fn extend(written: &mut u64, length: usize) -> Range<u64> {
    let start = *written;
    *written += length as u64;
    start..*written
}

/// A withheld packet crosses nothing, so it is no packet of the trace: a note
/// says what was not sent.
fn note_withheld(
    now: Instant,
    (from, to): (Party, Party),
    tap: &Tap,
    packet: Bytes,
    trace: &mut Trace,
) {
    let kind = RecordKind::Packet { version: tap.version(), bytes: packet };
    let fate = Fate::Lost(now);
    let unsent = Record::new(now, fate, from, to, kind);
    let sender = trace.parties.get(usize::from(from)).map(String::as_str).unwrap_or_default();
    let words = format!("counterfactual: {sender} forgets to send {}", unsent.summary());
    trace.push(now, from, to, RecordKind::Note(words));
}

/// What one end writes in one go, packet by packet. Bytes that are no whole
/// packet come last, in one piece.
fn packets(bytes: Bytes) -> Vec<Bytes> {
    let mut framer = Framer::default();
    framer.push(&bytes);
    let mut packets = Vec::new();
    let mut rest = bytes;
    while let Ok(Some(packet)) = framer.next_packet(Default::default()) {
        packets.push(rest.split_to(packet.len().min(rest.len())));
    }
    if !rest.is_empty() {
        packets.push(rest);
    }
    packets
}
