use bytes::Bytes;

use super::LinkSetup;
use super::pipe::{Arrival, Pipe};
use crate::broker::ConnectionId;
use crate::time::Instant;
use crate::trace::{Direction, Fate, Tap, Trace};

/// One connection between a client and the broker, as the network sees it.
#[derive(Clone, Debug)]
pub(super) struct Connection {
    pub id: ConnectionId,
    pub tap: Tap,
    to_server: Pipe,
    to_client: Pipe,
    client_end: End,
    broker_end: End,
    /// Why it will never open, if so.
    refused: Option<&'static str>,
    /// Half-open: nothing passes, and nobody knows.
    swallows: bool,
    /// Who closed it first, in words.
    closed_by: Option<&'static str>,
    /// Whether the trace says that it is closed.
    close_recorded: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    /// Will be told at this moment.
    Opening(Instant),
    Open,
    Closed,
}

/// What an end is told.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Told {
    /// The broker has a new connection.
    BrokerOpened(ConnectionId),
    /// The client's connection is open.
    ClientOpened(ConnectionId),
    /// The client's connection is gone, or could not be opened.
    ClientClosed(ConnectionId, &'static str),
    /// The broker's connection is gone.
    BrokerClosed(ConnectionId),
    /// Bytes have come, then perhaps a fault strikes this connection.
    Bytes(ConnectionId, Direction, Bytes, Option<usize>),
}

/// What a connection does next by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Next {
    BrokerOpens,
    ClientOpens,
    Arrival(Direction),
}

impl Connection {
    /// A connection that the client opens, and that reaches the broker after
    /// `latency`. `refused` says why nobody is there.
    pub fn new(
        id: ConnectionId,
        tap: Tap,
        now: Instant,
        setup: &LinkSetup,
        refused: Option<&'static str>,
    ) -> Self {
        let reaches = now + setup.latency;
        Connection {
            id,
            tap,
            to_server: Pipe::default(),
            to_client: Pipe::default(),
            client_end: End::Opening(reaches + setup.latency),
            broker_end: if refused.is_some() { End::Closed } else { End::Opening(reaches) },
            refused,
            swallows: false,
            closed_by: None,
            close_recorded: false,
        }
    }

    /// One direction of it.
    pub fn pipe(&mut self, direction: Direction) -> &mut Pipe {
        match direction {
            Direction::ToServer => &mut self.to_server,
            Direction::ToClient => &mut self.to_client,
        }
    }

    /// Bytes of memory that what is under way takes, roughly.
    pub fn weight(&self) -> usize {
        self.to_server.weight() + self.to_client.weight()
    }

    /// Whether the end that sends this way has it open.
    pub fn is_open_for(&self, direction: Direction) -> bool {
        self.sending_end(direction) == End::Open
    }

    /// Whether the end that sends this way has closed it.
    pub fn is_closed_for(&self, direction: Direction) -> bool {
        self.sending_end(direction) == End::Closed
    }

    /// Whether both ends have closed it.
    pub fn is_finished(&self) -> bool {
        (self.client_end, self.broker_end) == (End::Closed, End::Closed)
    }

    /// Whether nothing is under way and no end is mistaken about it.
    pub fn is_quiet(&self) -> bool {
        self.next().is_none()
            && !self.swallows
            && (self.client_end, self.broker_end) == (End::Open, End::Open)
    }

    /// Whether it is half-open.
    pub fn swallows(&self) -> bool {
        self.swallows
    }

    /// What comes next. Of what is due at the same moment, the first in this
    /// order.
    pub fn next(&self) -> Option<(Instant, Next)> {
        let opening = |end: End, what| match end {
            End::Opening(at) => Some((at, what)),
            End::Open | End::Closed => None,
        };
        let arrival =
            |pipe: &Pipe, direction| pipe.next_arrival().map(|at| (at, Next::Arrival(direction)));
        let candidates = [
            opening(self.broker_end, Next::BrokerOpens),
            opening(self.client_end, Next::ClientOpens),
            arrival(&self.to_server, Direction::ToServer),
            arrival(&self.to_client, Direction::ToClient),
        ];
        candidates.into_iter().flatten().min_by_key(|(at, _)| *at)
    }

    /// Lets it come. `broker_up` is whether there is a broker to connect to.
    pub fn pass(
        &mut self,
        now: Instant,
        next: Next,
        broker_up: bool,
        trace: &mut Trace,
    ) -> Option<Told> {
        match next {
            Next::BrokerOpens => self.open_at_broker(broker_up),
            Next::ClientOpens => self.open_at_client(now, trace),
            Next::Arrival(direction) => self.arrive(now, direction, trace),
        }
    }

    /// Makes a record of a packet that leaves, and that starts here in the
    /// stream.
    pub fn record(
        &mut self,
        now: Instant,
        direction: Direction,
        packet: &[u8],
        start: u64,
        trace: &mut Trace,
    ) {
        let first = trace.next_sequence();
        self.tap.departure(now, direction, packet, trace);
        for sequence in first..trace.next_sequence() {
            if self.swallows {
                trace.mark(sequence, Fate::Lost(now));
            } else {
                self.pipe(direction).expect_record(start + packet.len() as u64, sequence);
            }
        }
    }

    /// The end that sends this way closes. The other end learns of it once
    /// everything that was written has arrived.
    pub fn close(
        &mut self,
        now: Instant,
        direction: Direction,
        setup: &LinkSetup,
        trace: &mut Trace,
    ) {
        let (end, by) = match direction {
            Direction::ToServer => (&mut self.client_end, "by the client"),
            Direction::ToClient => (&mut self.broker_end, "by the broker"),
        };
        *end = End::Closed;
        self.closed_by.get_or_insert(by);
        if !self.swallows {
            self.pipe(direction).write_end(now, setup);
        } else if direction == Direction::ToServer {
            self.record_close(now, "by the client; the broker is not told", trace);
        }
    }

    /// Both ends learn that it is gone.
    pub fn cut(&mut self, why: &'static str, told: &mut Vec<Told>) {
        self.closed_by = Some(why);
        if self.client_end != End::Closed {
            told.push(Told::ClientClosed(self.id, why));
        }
        if self.broker_end == End::Open {
            told.push(Told::BrokerClosed(self.id));
        }
        (self.client_end, self.broker_end) = (End::Closed, End::Closed);
    }

    /// From here on it is half-open.
    pub fn swallow(&mut self, now: Instant, trace: &mut Trace) {
        self.swallows = true;
        self.lose_all(now, trace);
    }

    /// It is over: what is still under way will never arrive.
    pub fn finish(&mut self, now: Instant, trace: &mut Trace) {
        self.lose_all(now, trace);
        self.record_close(now, self.closed_by.unwrap_or_default(), trace);
    }

    fn sending_end(&self, direction: Direction) -> End {
        match direction {
            Direction::ToServer => self.client_end,
            Direction::ToClient => self.broker_end,
        }
    }

    fn open_at_broker(&mut self, broker_up: bool) -> Option<Told> {
        if !broker_up {
            self.broker_end = End::Closed;
            self.refused = Some("connection refused");
            return None;
        }
        self.broker_end = End::Open;
        Some(Told::BrokerOpened(self.id))
    }

    fn open_at_client(&mut self, now: Instant, trace: &mut Trace) -> Option<Told> {
        if let Some(why) = self.refused {
            self.client_end = End::Closed;
            self.closed_by = Some(why);
            return Some(Told::ClientClosed(self.id, why));
        }
        self.client_end = End::Open;
        self.tap.open(now, self.id.0, trace);
        Some(Told::ClientOpened(self.id))
    }

    fn arrive(&mut self, now: Instant, direction: Direction, trace: &mut Trace) -> Option<Told> {
        let arrival = self.pipe(direction).arrive()?;
        let receiver_is_there = match direction {
            Direction::ToServer => self.broker_end == End::Open,
            Direction::ToClient => self.client_end == End::Open,
        };
        let fate = if receiver_is_there { Fate::Arrived(now) } else { Fate::Lost(now) };
        while let Some(sequence) = self.pipe(direction).next_arrived_record() {
            trace.mark(sequence, fate);
        }
        match arrival {
            _ if !receiver_is_there => None,
            Arrival::Bytes(bytes, fault) => Some(Told::Bytes(self.id, direction, bytes, fault)),
            Arrival::End if direction == Direction::ToServer => {
                self.broker_end = End::Closed;
                Some(Told::BrokerClosed(self.id))
            }
            Arrival::End => {
                self.client_end = End::Closed;
                Some(Told::ClientClosed(self.id, "the broker closed the connection"))
            }
        }
    }

    fn record_close(&mut self, now: Instant, why: &str, trace: &mut Trace) {
        if !self.close_recorded {
            self.tap.close(now, why, trace);
            self.close_recorded = true;
        }
    }

    fn lose_all(&mut self, now: Instant, trace: &mut Trace) {
        for sequence in self.to_server.lose().chain(self.to_client.lose()) {
            trace.mark(sequence, Fate::Lost(now));
        }
    }
}
