//! The proof by exhaustion: the line is cut at every possible point, each time
//! in a world of its own, and what arrived is counted.
//!
//! A point is a byte of one direction of one link, or the moment after a packet
//! has arrived: there is no other place at which a connection can break.

use super::script::{PUBLISHER, READY, SUBSCRIBER, TOPIC, pair, reading};
use crate::codec::{QoS, Version};
use crate::sim::{Command, Crossing, Fault, Scenario, Step, When, World};
use crate::time::Instant;
use crate::trace::{Direction, Trace};

/// The work: it can be done in slices, between two frames of a page.
#[derive(Clone, Debug)]
pub struct Exhaustion {
    version: Version,
    runs: Vec<Run>,
    tally: Tally,
}

/// One world to play.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Run {
    /// The level, of publishing and of the subscription.
    pub qos: QoS,
    /// The cut.
    pub fault: Fault,
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
    /// Finds every point, by playing each level once undisturbed.
    pub fn new(version: Version) -> Self {
        let mut runs = Vec::new();
        for qos in QoS::ALL {
            let mut world = World::new(&undisturbed(version, qos));
            world.run_until_quiet(super::LONGEST);
            let faults = points(&world).map(|(client, when)| Fault::cut(client, when));
            runs.extend(faults.map(|fault| Run { qos, fault }));
        }
        let tally = Tally { total: runs.len(), ..Tally::default() };
        Exhaustion { version, runs, tally }
    }

    /// Plays the next so many worlds. False if that was all.
    pub fn advance(&mut self, worlds: usize) -> bool {
        for _ in 0..worlds {
            let Some(run) = self.runs.get(self.tally.done()) else { return false };
            let mut world = World::new(&run.scenario(self.version));
            world.run_until_quiet(super::LONGEST);
            let client = world.scenario().clients.iter().position(|it| it.name == SUBSCRIBER);
            let inbox = client.and_then(|client| world.inbox(client));
            let copies = inbox.map_or(0, |inbox| inbox.copies(TOPIC, b"20.5"));
            self.tally.count(run.qos, copies);
        }
        !self.tally.is_complete()
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
        let mut scenario = undisturbed(version, self.qos);
        // The trap is there before anything leaves.
        let command = Command::Fault(self.fault.clone());
        scenario.steps.insert(0, Step { at: Instant::ZERO, command });
        scenario
    }
}

impl Tally {
    /// Every world, played at once.
    pub fn complete(version: Version) -> Tally {
        let mut work = Exhaustion::new(version);
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

fn undisturbed(version: Version, qos: QoS) -> Scenario {
    pair(version, qos).publish(PUBLISHER, reading(qos)).finish()
}

/// Every point at which this world's connections could have been cut, from the
/// moment on at which the message is published.
fn points(world: &World) -> impl Iterator<Item = (usize, When)> {
    let trace = world.trace();
    let start = Instant::from_millis(READY);
    let first = trace.records().find(|record| record.at >= start).map(|it| it.sequence);
    let first = first.unwrap_or(trace.next_sequence());
    let clients = 0..world.scenario().clients.len();
    let bytes = clients.flat_map(move |client| {
        [Direction::ToServer, Direction::ToClient].into_iter().flat_map(move |direction| {
            let lane = world.lane(client);
            let (before, all) = (
                bytes(trace, lane, direction, first),
                bytes(trace, lane, direction, trace.next_sequence()),
            );
            (before..all).map(move |byte| (client, When::Byte(direction, byte)))
        })
    });
    let packets = trace.records().filter(move |record| record.sequence >= first);
    let after = packets.filter_map(move |record| {
        let (lane, crossing) = Crossing::of_record(trace, record.sequence, world.broker_lane())?;
        Some((world.client_at(lane)?, When::After(crossing)))
    });
    bytes.chain(after)
}

/// How many bytes crossed in this direction before record `end`.
fn bytes(trace: &Trace, lane: u16, direction: Direction, end: u64) -> u64 {
    let records = trace.range(0..end).filter(|record| match direction {
        Direction::ToServer => record.from == lane,
        Direction::ToClient => record.to == lane,
    });
    records.filter_map(|record| record.bytes()).map(|bytes| bytes.len() as u64).sum()
}
