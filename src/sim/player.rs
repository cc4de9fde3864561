use std::time::Duration;

use super::{Command, Scenario, Timeline};
use crate::time::Instant;

/// A timeline and how it is being played. It knows no clock: whoever draws
/// frames tells it how much real time has passed.
#[derive(Clone, Debug)]
pub struct Player {
    timeline: Timeline,
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
        Player { timeline: Timeline::new(scenario), mode: Mode::Playing, speed: 1.0 }
    }

    /// What is played.
    pub fn timeline(&self) -> &Timeline {
        &self.timeline
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
        let mut busy = !self.timeline.world().is_quiet();
        if matches!(self.mode, Mode::Rushing(_)) && !busy {
            self.mode = Mode::Quiet;
            return;
        }
        while let Some(next) = self.timeline.world().next_event().filter(|next| *next <= limit) {
            self.timeline.seek(next);
            let is_quiet = self.timeline.world().is_quiet();
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
            Mode::Playing => self.timeline.seek(limit),
            _ => self.mode = Mode::Paused,
        }
    }

    /// Gives a command now. Time goes on if it stood still only because
    /// nothing was left to happen.
    pub fn command(&mut self, command: Command) {
        self.timeline.command(command);
        if self.mode == Mode::Quiet {
            self.mode = Mode::Playing;
        }
    }

    /// Goes to this moment and stays there.
    pub fn seek(&mut self, at: Instant) {
        self.mode = Mode::Paused;
        self.timeline.seek(at);
    }

    /// Goes to the next change of the trace. False if none is near.
    pub fn step(&mut self) -> bool {
        self.mode = Mode::Paused;
        self.timeline.step()
    }

    /// Goes back to the last change of the trace. False at time zero.
    pub fn step_back(&mut self) -> bool {
        self.mode = Mode::Paused;
        self.timeline.step_back()
    }

    /// Does everything again that was done, with another set-up, up to the
    /// present moment.
    pub fn replay_with(&mut self, scenario: &Scenario) {
        self.timeline = self.timeline.fork(scenario);
        if self.mode == Mode::Quiet {
            self.mode = Mode::Playing;
        }
    }
}

/// For which a rush lasts at most.
const LONGEST_RUSH: Duration = Duration::from_secs(3_600);
