//! The proof by exhaustion: the line is cut at every possible point, each time
//! in a world of its own, and what arrived is counted. Then it is cut twice.
//!
//! A point is a byte of one direction of one link, or the moment after a packet
//! has arrived: there is no other place at which a connection can break. A
//! packet of which a part has arrived is one that has not, so that for pairs of
//! cuts the moments before and after each packet suffice.

use std::collections::VecDeque;

use super::script::{PUBLISHER, READY, SUBSCRIBER, TOPIC, pair, reading};
use crate::codec::{QoS, Version};
use crate::sim::{Command, Crossing, Fault, Scenario, Step, When, World};
use crate::time::Instant;
use crate::trace::{Direction, RecordKind, Trace};

/// The work: it can be done in slices, between two frames of a page.
#[derive(Clone, Debug)]
pub struct Exhaustion {
    version: Version,
    runs: Vec<Run>,
    /// Cuts to which a second one is still to be found.
    first_cuts: VecDeque<Run>,
    tally: Tally,
}

/// How often the line is cut in each world.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Cuts {
    /// At every byte, and after every packet.
    #[default]
    One,
    /// Before or after a packet, and then before or after one that came later.
    Two,
}

/// One world to play.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Run {
    /// The level, of publishing and of the subscription.
    pub qos: QoS,
    /// The cuts.
    pub faults: Vec<Fault>,
}

/// What was counted so far.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// One for each level.
    pub rows: [Row; 3],
    /// How many worlds there are to play.
    pub total: usize,
}

/// The counts of one level.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Row {
    /// In how many worlds the message was delivered not at all, once, twice,
    /// and more often.
    pub times: [u32; 4],
    /// The first world of each count, for [`Exhaustion::run`].
    pub first: [Option<usize>; 4],
}

impl Exhaustion {
    /// Finds every first point, by playing each level once undisturbed.
    pub fn new(version: Version, cuts: Cuts) -> Self {
        let mut work = Exhaustion {
            version,
            runs: Vec::new(),
            first_cuts: VecDeque::new(),
            tally: Tally::default(),
        };
        for qos in QoS::ALL {
            let world = Run { qos, faults: Vec::new() }.play(version);
            let start = Instant::from_millis(READY);
            let first = world.trace().records().position(|record| record.at >= start);
            let first = first.map_or(world.trace().next_sequence(), |first| first as u64);
            let run = |fault| Run { qos, faults: vec![fault] };
            match cuts {
                Cuts::One => work.runs.extend(places(&world, first).map(run)),
                Cuts::Two => work.first_cuts.extend(boundaries(&world, first).map(run)),
            }
        }
        work.tally.total = work.runs.len();
        work
    }

    /// Plays the next so many worlds: first those that are only looked at for
    /// where a second cut can be, then those that count. False if that was all.
    pub fn advance(&mut self, worlds: usize) -> bool {
        for _ in 0..worlds {
            if let Some(first) = self.first_cuts.pop_front() {
                self.cut_again(&first);
                continue;
            }
            let Some(run) = self.runs.get(self.tally.done()) else { return false };
            let world = run.play(self.version);
            let client = world.scenario().clients.iter().position(|it| it.name == SUBSCRIBER);
            let inbox = client.and_then(|client| world.inbox(client));
            let copies = inbox.map_or(0, |inbox| inbox.copies(TOPIC, b"20.5"));
            self.tally.count(run.qos, copies);
        }
        !self.tally.is_complete()
    }

    /// Adds a world for each point at which the line can be cut once more.
    fn cut_again(&mut self, first: &Run) {
        let world = first.play(self.version);
        let is_cut = |kind: &RecordKind| matches!(kind, RecordKind::Closed(_));
        let cut = world.trace().records().find(|record| is_cut(&record.kind));
        let after = cut.map_or(world.trace().next_sequence(), |record| record.sequence);
        self.runs.extend(boundaries(&world, after).map(|second| Run {
            qos: first.qos,
            faults: first.faults.iter().cloned().chain([second]).collect(),
        }));
        self.tally.total = self.runs.len();
    }

    /// One of the worlds, by its number, whether it has been played or not.
    pub fn run(&self, number: usize) -> Option<&Run> {
        self.runs.get(number)
    }

    /// What was counted so far.
    pub fn tally(&self) -> &Tally {
        &self.tally
    }
}

impl Run {
    /// What is played.
    pub fn scenario(&self, version: Version) -> Scenario {
        let mut scenario = pair(version, self.qos).publish(PUBLISHER, reading(self.qos)).finish();
        // The traps are there before anything leaves.
        let trap =
            |fault: &Fault| Step { at: Instant::ZERO, command: Command::Fault(fault.clone()) };
        scenario.steps.splice(0..0, self.faults.iter().map(trap));
        scenario
    }

    /// Plays it to its end.
    fn play(&self, version: Version) -> World {
        let mut world = World::new(&self.scenario(version));
        world.run_until_quiet(super::script::LONGEST);
        world
    }
}

impl Tally {
    /// Every world, played at once.
    pub fn complete(version: Version, cuts: Cuts) -> Tally {
        let mut work = Exhaustion::new(version, cuts);
        while work.advance(1_000) {}
        work.tally
    }

    /// How many worlds have been played.
    pub fn done(&self) -> usize {
        self.rows.iter().flat_map(|row| row.times).map(|count| count as usize).sum()
    }

    /// Whether all have.
    pub fn is_complete(&self) -> bool {
        self.total > 0 && self.done() == self.total
    }

    /// The counts of a level.
    pub fn row(&self, qos: QoS) -> &Row {
        &self.rows[usize::from(qos.bits())]
    }

    /// Whether every world has been played and each level did what it promises
    /// and no more: at QoS 0 the message came once or was lost, at QoS 1 it
    /// came once or again, at QoS 2 it came once.
    pub fn proves_it(&self) -> bool {
        let [zero, one, two] = self.rows.each_ref().map(|row| row.times.map(|count| count > 0));
        self.is_complete()
            && zero == [true, true, false, false]
            && !one[0]
            && one[1]
            && one[2]
            && two == [false, true, false, false]
    }

    fn count(&mut self, qos: QoS, copies: u32) {
        let number = self.done();
        let row = &mut self.rows[usize::from(qos.bits())];
        let place = (copies as usize).min(3);
        row.times[place] += 1;
        row.first[place].get_or_insert(number);
    }
}

/// Every byte of this world's connections, from record `first` on, and the
/// moment after each packet.
fn places(world: &World, first: u64) -> impl Iterator<Item = Fault> {
    let trace = world.trace();
    let clients = 0..world.scenario().clients.len();
    let bytes = clients.flat_map(move |client| {
        [Direction::ToServer, Direction::ToClient].into_iter().flat_map(move |direction| {
            let lane = world.lane(client);
            let before = bytes(trace, lane, direction, first);
            let all = bytes(trace, lane, direction, trace.next_sequence());
            (before..all).map(move |byte| Fault::cut(client, When::Byte(direction, byte)))
        })
    });
    let after = crossings(world, first);
    bytes.chain(after.map(|(client, crossing)| Fault::cut(client, When::After(crossing))))
}

/// The moments before and after each packet, from record `first` on.
fn boundaries(world: &World, first: u64) -> impl Iterator<Item = Fault> {
    crossings(world, first).flat_map(|(client, crossing)| {
        [When::Before(crossing), When::After(crossing)].map(|when| Fault::cut(client, when))
    })
}

/// Each packet from record `first` on, and whose link it crossed.
fn crossings(world: &World, first: u64) -> impl Iterator<Item = (usize, Crossing)> {
    let trace = world.trace();
    (first..trace.next_sequence()).filter_map(move |record| {
        let (lane, crossing) = Crossing::of_record(trace, record, world.broker_lane())?;
        Some((world.client_at(lane)?, crossing))
    })
}

/// How many bytes crossed in this direction before record `end`.
fn bytes(trace: &Trace, lane: u16, direction: Direction, end: u64) -> u64 {
    let records = trace.range(0..end).filter(|record| match direction {
        Direction::ToServer => record.from == lane,
        Direction::ToClient => record.to == lane,
    });
    records.filter_map(|record| record.bytes()).map(|bytes| bytes.len() as u64).sum()
}
