use std::time::Duration;

use super::{Command, Scenario, Timeline};
use crate::time::Instant;

/// A timeline and how it is being played. It knows no clock: whoever draws
/// frames tells it how much real time has passed.
///
/// It may have a fork beside it: what would have happened instead. Then both
/// are played together, and are always at the same moment.
#[derive(Clone, Debug)]
pub struct Player {
    timeline: Timeline,
    fork: Option<Timeline>,
    mode: Mode,
    speed: f64,
}

/// Whether time goes on by itself.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Mode {
    /// It stands still until somebody says otherwise.
    Paused,
    /// It stands still because nothing was left to happen. The next command
    /// sets it going again.
    #[default]
    Quiet,
    /// It goes on in proportion to real time.
    Playing,
    /// It goes on as fast as it can, to the next quiet moment or to this one.
    Rushing(Instant),
}

impl Player {
    /// Speeds that make sense, as factors of real time.
    pub const SPEEDS: [f64; 7] = [0.1, 0.25, 0.5, 1.0, 4.0, 20.0, 100.0];

    /// At time zero of this scenario, playing at the speed of real time.
    pub fn new(scenario: &Scenario) -> Self {
        Player { timeline: Timeline::new(scenario), fork: None, mode: Mode::Playing, speed: 1.0 }
    }

    /// What is played.
    pub fn timeline(&self) -> &Timeline {
        &self.timeline
    }

    /// What is played beside it.
    pub fn fork(&self) -> Option<&Timeline> {
        self.fork.as_ref()
    }

    /// The furthest moment that either of the two has reached.
    pub fn end(&self) -> Instant {
        self.timelines().map(Timeline::end).max().unwrap_or_default()
    }

    /// Whether nothing more happens by itself.
    pub fn is_quiet(&self) -> bool {
        self.timelines().all(|timeline| timeline.world().is_quiet())
    }

    /// Whether time goes on by itself.
    pub fn mode(&self) -> Mode {
        self.mode
    }

    /// Whether [`Player::advance`] has anything to do.
    pub fn is_moving(&self) -> bool {
        matches!(self.mode, Mode::Playing | Mode::Rushing(_))
    }

    /// Virtual seconds for each real one.
    pub fn speed(&self) -> f64 {
        self.speed
    }

    /// Sets the speed; it is kept between 0.01 and 1,000.
    pub fn set_speed(&mut self, speed: f64) {
        if speed.is_finite() {
            self.speed = speed.clamp(0.01, 1_000.0);
        }
    }

    /// Lets time go on, or stops it.
    pub fn play(&mut self, play: bool) {
        self.mode = if play { Mode::Playing } else { Mode::Paused };
    }

    /// Goes on as fast as it can until nothing more happens by itself, or for
    /// an hour.
    pub fn rush(&mut self) {
        self.mode = Mode::Rushing(self.timeline.now() + LONGEST_RUSH);
    }

    /// This much real time has passed. While `may_go_on` says so: a frame has
    /// to end even if a million packets are due in it.
    pub fn advance(&mut self, passed: Duration, mut may_go_on: impl FnMut() -> bool) {
        let limit = match self.mode {
            Mode::Paused | Mode::Quiet => return,
            Mode::Playing => self.timeline.now() + passed.mul_f64(self.speed),
            Mode::Rushing(limit) => limit,
        };
        let mut busy = !self.is_quiet();
        if matches!(self.mode, Mode::Rushing(_)) && !busy {
            self.mode = Mode::Quiet;
            return;
        }
        while let Some(next) = self.next_event().filter(|next| *next <= limit) {
            self.go(next);
            let is_quiet = self.is_quiet();
            if busy && is_quiet {
                self.mode = Mode::Quiet;
                return;
            }
            busy = !is_quiet;
            if !may_go_on() {
                return;
            }
        }
        match self.mode {
            // What is due is past the limit, so this is quick.
            Mode::Playing => self.go(limit),
            _ => self.mode = Mode::Paused,
        }
    }

    /// Gives a command now, to the fork too. Time goes on if it stood still
    /// only because nothing was left to happen.
    pub fn command(&mut self, command: Command) {
        if let Some(fork) = &mut self.fork {
            fork.command(command.clone());
        }
        self.timeline.command(command);
        // One of the two may have been a microsecond late.
        let now = self.timelines().map(Timeline::now).max().unwrap_or_default();
        self.go(now);
        self.wake();
    }

    /// Goes to this moment and stays there.
    pub fn seek(&mut self, at: Instant) {
        self.mode = Mode::Paused;
        self.go(at);
    }

    /// Goes to the next change of a trace. False if none is near.
    pub fn step(&mut self) -> bool {
        self.mode = Mode::Paused;
        let now = self.timeline.now();
        let steps = self.timelines_mut().filter_map(|it| it.step().then(|| it.now()));
        let next = steps.min();
        self.go(next.unwrap_or(now));
        next.is_some()
    }

    /// Goes back to the last change of a trace. False at time zero.
    pub fn step_back(&mut self) -> bool {
        self.mode = Mode::Paused;
        let steps = self.timelines_mut().filter_map(|it| it.step_back().then(|| it.now()));
        let previous = steps.max();
        self.go(previous.unwrap_or_default());
        previous.is_some()
    }

    /// Does everything again that was done, with a changed set-up, up to the
    /// present moment. A fork keeps what makes it one.
    pub fn replay_with(&mut self, change: impl Fn(&mut Scenario)) {
        for timeline in self.timelines_mut() {
            let mut scenario = timeline.world().scenario().clone();
            change(&mut scenario);
            *timeline = timeline.fork(&scenario);
        }
        self.wake();
    }

    /// Stops, and has this beside it from now on.
    pub fn compare_with(&mut self, fork: Timeline) {
        self.mode = Mode::Paused;
        self.fork = Some(fork);
        self.go(self.timeline.now());
    }

    /// Goes on with the fork alone.
    pub fn keep_fork(&mut self) {
        if let Some(fork) = self.fork.take() {
            self.timeline = fork;
        }
    }

    /// Goes on without the fork.
    pub fn drop_fork(&mut self) {
        self.fork = None;
    }

    fn timelines(&self) -> impl Iterator<Item = &Timeline> {
        std::iter::once(&self.timeline).chain(&self.fork)
    }

    fn timelines_mut(&mut self) -> impl Iterator<Item = &mut Timeline> {
        std::iter::once(&mut self.timeline).chain(&mut self.fork)
    }

    fn next_event(&self) -> Option<Instant> {
        self.timelines().filter_map(|timeline| timeline.world().next_event()).min()
    }

    fn go(&mut self, at: Instant) {
        self.timelines_mut().for_each(|timeline| timeline.seek(at));
    }

    fn wake(&mut self) {
        if self.mode == Mode::Quiet {
            self.mode = Mode::Playing;
        }
    }
}

/// For which a rush lasts at most.
const LONGEST_RUSH: Duration = Duration::from_secs(3_600);
