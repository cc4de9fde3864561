use super::{Command, Scenario, World};
use crate::time::Instant;
use crate::trace::{Fate, Record, Trace};

/// A world with its past: it can be played, scrubbed, rewound and forked.
///
/// An earlier moment is a replay from a checkpoint, which is a copy of the
/// world without its trace. What one sees at a moment is the same however one
/// came there.
#[derive(Clone, Debug)]
pub struct Timeline {
    world: World,
    /// By time; the first is the world before anything has happened.
    checkpoints: Vec<Checkpoint>,
    /// Events since the last checkpoint.
    events: usize,
    /// Events from one checkpoint to the next.
    interval: usize,
    /// The furthest moment that was ever reached.
    end: Instant,
}

#[derive(Clone, Debug)]
struct Checkpoint {
    /// Everything up to this moment has happened; `None`: nothing at all.
    at: Option<Instant>,
    /// The number of the next record.
    next: u64,
    world: World,
    /// Bytes of memory, roughly.
    weight: usize,
}

impl Timeline {
    /// At time zero of this scenario.
    pub fn new(scenario: &Scenario) -> Self {
        let mut world = World::new(scenario);
        let start = Checkpoint { at: None, next: 0, world: world.without_trace(), weight: 0 };
        Timeline {
            world,
            checkpoints: vec![start],
            events: 0,
            interval: FIRST_INTERVAL,
            end: Instant::ZERO,
        }
    }

    /// The world at the present moment.
    pub fn world(&self) -> &World {
        &self.world
    }

    /// The present moment.
    pub fn now(&self) -> Instant {
        self.world.now()
    }

    /// The furthest moment that was ever reached.
    pub fn end(&self) -> Instant {
        self.end
    }

    /// Goes to this moment, forward or back. Everything that happens at the
    /// moment itself has then happened. To play, call it with a little more
    /// each time.
    pub fn seek(&mut self, at: Instant) {
        if at < self.now() {
            self.restore(|checkpoint| checkpoint.at.is_none_or(|moment| moment <= at));
        }
        self.run_to(at);
    }

    /// Goes on to the next moment at which the trace changes: something leaves,
    /// arrives or is lost. False if none is near.
    pub fn step(&mut self) -> bool {
        let before = self.world.trace().revision();
        for _ in 0..MOST_SILENT_MOMENTS {
            let Some(next) = self.world.next_event() else { return false };
            self.run_to(next);
            if self.world.trace().revision() != before {
                return true;
            }
        }
        false
    }

    /// Goes back to the last moment before this one at which the trace
    /// changed, or to time zero. False at time zero.
    pub fn step_back(&mut self) -> bool {
        let now = self.now();
        let changes = self.world.trace().records().flat_map(changes);
        let previous = changes.filter(|at| *at < now).max().unwrap_or(Instant::ZERO);
        self.seek(previous);
        previous < now
    }

    /// Goes to the first moment at which nothing more happens by itself, or to
    /// `limit` if it is busy until then. False in the latter case.
    pub fn run_until_quiet(&mut self, limit: Instant) -> bool {
        while !self.world.is_quiet() {
            match self.world.next_event() {
                Some(next) if next <= limit => self.run_to(next),
                _ => return false,
            }
        }
        true
    }

    /// Gives a command now. It becomes part of the scenario; steps of the
    /// scenario that are still to come stay. What was seen of a later moment
    /// is forgotten.
    pub fn command(&mut self, command: Command) -> Instant {
        let at = self.world.command(command);
        self.checkpoints.retain(|checkpoint| checkpoint.at.is_none_or(|before| before < at));
        // Every replay has to meet the command too.
        let scenario = self.world.scenario().clone();
        for checkpoint in &mut self.checkpoints {
            checkpoint.world.reschedule(at, &scenario);
        }
        self.end = self.now();
        at
    }

    /// What would have happened with this scenario instead: a timeline of its
    /// own, at the same moment. Only what comes after the first difference is
    /// played again.
    pub fn fork(&self, scenario: &Scenario) -> Timeline {
        let mut fork = match self.first_change(scenario) {
            None => self.clone(),
            Some(None) => Timeline::new(scenario),
            Some(Some(change)) => {
                let mut fork = self.clone();
                fork.restore(|checkpoint| checkpoint.at.is_none_or(|at| at < change));
                for checkpoint in &mut fork.checkpoints {
                    checkpoint.world.reschedule(change, scenario);
                }
                fork.world.reschedule(change, scenario);
                fork
            }
        };
        fork.end = self.now();
        fork.run_to(self.now());
        fork
    }

    /// What would have happened with one more command at this moment.
    pub fn fork_with(&self, at: Instant, command: Command) -> Timeline {
        let mut scenario = self.world.scenario().clone();
        // Ahead of what else was asked for at that moment.
        let place = scenario.steps.partition_point(|step| step.at < at);
        scenario.steps.insert(place, super::Step { at, command });
        self.fork(&scenario)
    }

    /// The moment of the first step that is another in `scenario`; `Some(None)`
    /// if something else differs.
    fn first_change(&self, scenario: &Scenario) -> Option<Option<Instant>> {
        let ours = self.world.scenario();
        let same_setup = (ours.seed, &ours.broker, &ours.clients)
            == (scenario.seed, &scenario.broker, &scenario.clients);
        if !same_setup || !scenario.steps.is_sorted_by_key(|step| step.at) {
            return Some(None);
        }
        let same = ours.steps.iter().zip(&scenario.steps).take_while(|(a, b)| a == b).count();
        let moments = [ours.steps.get(same), scenario.steps.get(same)];
        moments.into_iter().flatten().map(|step| step.at).min().map(Some)
    }

    /// Goes back to the last checkpoint that `fits`, and forgets later ones.
    fn restore(&mut self, fits: impl Fn(&Checkpoint) -> bool) {
        self.checkpoints.truncate(self.checkpoints.partition_point(fits).max(1));
        let Some(checkpoint) = self.checkpoints.last() else { return };
        let mut trace = self.world.take_trace();
        match checkpoint.at {
            Some(at) => trace.rewind(checkpoint.next, at),
            None => trace.rewind(0, Instant::ZERO),
        }
        self.world = checkpoint.world.clone();
        self.world.put_trace(trace);
        self.events = 0;
    }

    fn run_to(&mut self, at: Instant) {
        while let Some(next) = self.world.next_event().filter(|next| *next <= at) {
            if self.events >= self.interval && next > self.now() {
                self.remember();
            }
            self.world.step();
            self.events += 1;
        }
        self.world.advance_to(at);
        self.end = self.end.max(self.now());
    }

    fn remember(&mut self) {
        self.events = 0;
        let at = Some(self.now());
        if self.checkpoints.last().is_some_and(|last| last.at >= at) {
            return;
        }
        let next = self.world.trace().next_sequence();
        let (world, weight) = (self.world.without_trace(), self.world.weight());
        self.checkpoints.push(Checkpoint { at, next, world, weight });
        while self.checkpoints.len() > MOST_CHECKPOINTS || self.weight() > MOST_WEIGHT {
            let mut index = 0;
            self.checkpoints.retain(|_| {
                index += 1;
                index % 2 == 1
            });
            self.interval = self.interval.saturating_mul(2);
        }
    }

    /// Bytes of memory that the checkpoints take, roughly; the first counts
    /// for nothing.
    fn weight(&self) -> usize {
        self.checkpoints.iter().map(|checkpoint| checkpoint.weight).sum()
    }
}

/// The number of the first record in which two traces differ; `None` if they
/// are the same. Records that either of them has dropped are not compared.
pub fn first_difference(a: &Trace, b: &Trace) -> Option<u64> {
    let first = a.dropped().max(b.dropped());
    let last = a.next_sequence().max(b.next_sequence());
    (first..last).find(|sequence| a.record(*sequence) != b.record(*sequence))
}

/// The moments at which something happened to a record.
fn changes(record: &Record) -> impl Iterator<Item = Instant> {
    let end = match record.fate {
        Fate::UnderWay => None,
        Fate::Arrived(at) | Fate::Lost(at) => Some(at),
    };
    std::iter::once(record.at).chain(end)
}

/// Events from one checkpoint to the next, at first.
const FIRST_INTERVAL: usize = 200;
/// Checkpoints that are kept; past that every other one goes.
const MOST_CHECKPOINTS: usize = 64;
/// Bytes of memory that they take; past that, too, every other one goes.
const MOST_WEIGHT: usize = 32 << 20;
/// Moments that may pass without any traffic before a step gives up.
const MOST_SILENT_MOMENTS: usize = 10_000;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_of_a_kilobyte_makes_a_world_and_its_past_hold_a_bounded_number_of_bytes() {
        let mut link = "v1;broker,queue:4294967295".to_owned();
        (0..8).for_each(|it| link += &format!(";client,c{it},5;link,latency:1s,split:1"));
        (0..8).for_each(|it| link += &format!(";0s,{it},connect"));
        (1..8).for_each(|it| link += &format!(";2s,{it},subscribe,%23,2"));
        (4..8).for_each(|it| link += &format!(";6s,{it},disconnect"));
        (0..9).for_each(|_| link += ";7s,0,publish,t,%7B1+1%7D,1,times:10000");
        assert!(link.len() < 1_000);
        let mut timeline = Timeline::new(&Scenario::from_link(&link).expect("it is a link"));
        for at in (0..15_000).step_by(200) {
            timeline.seek(Instant::from_millis(at));
            let (now, past) = (timeline.world.weight(), timeline.weight());
            assert!(now < 48 << 20, "{now} bytes at {at} ms");
            assert!(past <= MOST_WEIGHT, "{past} bytes in checkpoints at {at} ms");
        }
    }
}
