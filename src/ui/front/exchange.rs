//! The exchange on the front page: a publisher, the broker and a subscriber in
//! a world of their own, and what of its trace is drawn.

use std::time::Duration;

use crate::codec::{PacketType, QoS, Subscription, Version};
use crate::sim::{ClientSetup, Command, Publication, Scenario, World};
use crate::time::Instant;
use crate::trace::{Party, Record};

/// One message at QoS 2 after another, each in a new world.
pub(super) struct Exchange {
    world: World,
    /// When its message was published.
    begun: Instant,
    /// Messages delivered in worlds before this one.
    delivered: u64,
}

/// What is drawn, in units of the picture.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Picture {
    pub arrows: Vec<Arrow>,
    /// Messages that the subscriber's application got.
    pub delivered: u64,
}

/// A packet on its way, or arrived.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Arrow {
    pub packet: PacketType,
    /// Where it left.
    pub from: (i64, i64),
    /// Where it is.
    pub tip: (i64, i64),
    /// Where it arrives.
    pub to: (i64, i64),
}

impl Exchange {
    /// Both clients are connected, and the first message leaves.
    pub fn new() -> Self {
        Exchange::after(0)
    }

    fn after(delivered: u64) -> Self {
        let mut world = World::new(&scenario());
        world.run_until_quiet(LIMIT);
        let message = Publication::new(TOPIC, "20.5", QoS::ExactlyOnce);
        let begun = world.command(Command::Publish(PUBLISHER, message));
        Exchange { world, begun, delivered }
    }

    /// Lets time pass. When all is done and seen, the next message leaves.
    pub fn advance(&mut self, passed: Duration) {
        self.world.advance_to(self.world.now() + passed);
        if self.world.is_quiet() && self.world.now() > self.begun + DURATION + REST {
            *self = Exchange::after(self.delivered());
        }
    }

    /// Goes to the end of this message.
    pub fn finish(&mut self) {
        self.world.run_until_quiet(LIMIT);
    }

    pub fn picture(&self) -> Picture {
        let records = self.world.trace().records().filter(|record| record.at >= self.begun);
        let arrows = records.filter_map(|record| self.arrow(record)).collect();
        Picture { arrows, delivered: self.delivered() }
    }

    fn delivered(&self) -> u64 {
        self.delivered + self.world.inbox(SUBSCRIBER).map_or(0, |inbox| inbox.total)
    }

    fn arrow(&self, record: &Record) -> Option<Arrow> {
        let packet = PacketType::from_number(record.bytes()?.first()? >> 4)?;
        let from = (self.lane(record.from), self.height(record.at));
        let to = (self.lane(record.to), self.height(record.at + LATENCY));
        let passed = micros(self.world.now().since(record.at).min(LATENCY));
        let on_the_way = |from: i64, to: i64| from + (to - from) * passed / micros(LATENCY);
        let tip = (on_the_way(from.0, to.0), on_the_way(from.1, to.1));
        Some(Arrow { packet, from, tip, to })
    }

    /// Where a participant's lane is. The broker stands in the middle.
    fn lane(&self, party: Party) -> i64 {
        match self.world.client_at(party) {
            Some(PUBLISHER) => LANES[0],
            Some(_) => LANES[2],
            None => LANES[1],
        }
    }

    fn height(&self, at: Instant) -> i64 {
        TOP + micros(at.since(self.begun)) * SLOPE / micros(LATENCY)
    }
}

fn scenario() -> Scenario {
    let client = |name: &str| {
        let mut client = ClientSetup::new(name, Version::V5);
        client.link.latency = LATENCY;
        client
    };
    let subscription =
        Subscription { filter: TOPIC.into(), qos: QoS::ExactlyOnce, ..Subscription::default() };
    let at_once = |command| crate::sim::Step { at: Instant::ZERO, command };
    Scenario {
        clients: vec![client("publisher"), client("subscriber")],
        steps: vec![
            at_once(Command::Connect(PUBLISHER)),
            at_once(Command::Connect(SUBSCRIBER)),
            at_once(Command::Subscribe(SUBSCRIBER, subscription)),
        ],
        ..Scenario::default()
    }
}

fn micros(duration: Duration) -> i64 {
    duration.as_micros() as i64
}

const PUBLISHER: usize = 0;
const SUBSCRIBER: usize = 1;
const TOPIC: &str = "sensor/temperature";

/// From one end of a link to the other: slow enough to be watched.
const LATENCY: Duration = Duration::from_millis(750);
/// Four packets on each hop, the second hop one packet behind the first.
const DURATION: Duration = Duration::from_millis(5 * 750);
/// Between the end of one message and the next.
const REST: Duration = Duration::from_millis(2_500);
/// More than a message takes, by far.
const LIMIT: Duration = Duration::from_secs(60);

/// The picture, in its own units: width and height, where the lanes are, where
/// time begins, and how far down a packet comes on its way.
pub(super) const WIDTH: i64 = 560;
pub(super) const HEIGHT: i64 = 340;
pub(super) const LANES: [i64; 3] = [56, 280, 504];
pub(super) const TOP: i64 = 56;
const SLOPE: i64 = 52;
