//! What moves the lab: it carries out commands, and lets time go on.

use std::sync::Arc;
use std::time::Duration;

use super::super::source::News;
use super::fork::{Forked, Side};
use super::model::{Command, Frame};
use super::picture;
use crate::sim::{self, Absence, Player, Scenario, World};
use crate::time::Instant;
use crate::trace::Trace;
use crate::view::what_if::{Change, Choice};
use crate::web::clock;

/// The player, and what is shown of it.
pub(super) struct Engine {
    pub player: Player,
    generation: u32,
    /// When the last animation frame was drawn, while time goes on.
    pub drawn: Option<Instant>,
    /// A trace from a file, which is shown instead of the world's.
    file: Option<Trace>,
    /// Of the player's fork.
    forked: Option<Arc<Forked>>,
    pub side: Side,
    /// Animation frames so far.
    frames: usize,
}

impl Engine {
    /// At time zero of this scenario.
    pub fn new(scenario: &Scenario) -> Engine {
        Engine {
            player: Player::new(scenario),
            generation: 0,
            drawn: None,
            file: None,
            forked: None,
            side: Side::Original,
            frames: 0,
        }
    }

    /// Does as asked.
    pub fn carry_out(&mut self, command: Command) {
        let player = &mut self.player;
        match command {
            Command::Do(command) => {
                player.command(command);
                self.compare();
            }
            Command::Play(play) => player.play(play),
            Command::Speed(speed) => player.set_speed(speed),
            Command::Step => drop(player.step()),
            Command::StepBack => drop(player.step_back()),
            Command::Seek(at) => player.seek(at),
            Command::Rush => player.rush(),
            Command::Open(scenario) => {
                let speed = player.speed();
                *player = Player::new(&scenario);
                player.set_speed(speed);
                self.file = None;
                self.leave_fork();
                self.generation += 1;
            }
            Command::SetBroker(setup) => self.replay(|scenario| scenario.broker = setup.clone()),
            Command::SetClient(index, setup) => self.replay(|scenario| {
                if let Some(client) = scenario.clients.get_mut(index) {
                    client.clone_from(&setup);
                }
            }),
            Command::AddClient => self.add_client(),
            Command::Fork(record, choice) => {
                if let Ok(change) = &choice.change {
                    self.fork(record, &choice, change);
                }
            }
            Command::LookAt(side) => self.side = side,
            Command::KeepFork => {
                player.keep_fork();
                self.leave_fork();
                self.generation += 1;
            }
            Command::DropFork => {
                player.drop_fork();
                self.leave_fork();
            }
            Command::ShowFile(trace) => {
                player.play(false);
                player.drop_fork();
                self.leave_fork();
                self.file = Some(*trace);
                self.generation += 1;
            }
            Command::CloseFile => {
                self.file = None;
                self.generation += 1;
            }
        }
    }

    /// Plays what would have happened, up to the end of both, so that both
    /// outcomes are seen at once.
    fn fork(&mut self, record: u64, choice: &Choice, change: &Change) {
        let fork = change.fork(self.player.timeline());
        let forked = Forked::new(self.player.timeline(), &fork, record, choice);
        self.player.compare_with(fork);
        self.player.seek(forked.comparison.end);
        self.forked = Some(Arc::new(forked));
        self.side = Side::Fork;
    }

    /// Compares again, after what was done in both.
    fn compare(&mut self) {
        if let (Some(forked), Some(fork)) = (&self.forked, self.player.fork()) {
            self.forked = Some(Arc::new(forked.compared_again(self.player.timeline(), fork)));
        }
    }

    fn leave_fork(&mut self) {
        self.forked = None;
        self.side = Side::Original;
    }

    /// Does everything again in a world that differs from the start.
    fn replay(&mut self, change: impl Fn(&mut Scenario)) {
        self.player.replay_with(change);
        self.compare();
        self.generation += 1;
    }

    fn add_client(&mut self) {
        let clients = &self.player.timeline().world().scenario().clients;
        let index = clients.len();
        if index >= MOST_CLIENTS {
            return;
        }
        let name = (index..).map(|number| format!("client-{number}"));
        let name = name.into_iter().find(|name| clients.iter().all(|other| *other.name != **name));
        let setup = sim::setups::client(&name.unwrap_or_default());
        self.replay(|scenario| scenario.clients.push(setup.clone()));
        self.player.command(sim::Command::Connect(index));
    }

    /// The trace that is shown on a side.
    pub fn trace(&self, side: Side) -> &Trace {
        self.file.as_ref().unwrap_or_else(|| self.world_of(side).trace())
    }

    /// The world that the cards are about.
    pub fn world(&self) -> &World {
        self.world_of(self.side)
    }

    /// When processes were gone in the trace that is shown on a side.
    pub fn absences(&self, side: Side) -> Vec<Absence> {
        match self.file {
            Some(_) => Vec::new(),
            None => self.world_of(side).absences().to_vec(),
        }
    }

    fn world_of(&self, side: Side) -> &World {
        let fork = self.player.fork().filter(|_| side == Side::Fork);
        fork.unwrap_or(self.player.timeline()).world()
    }

    /// Which picture of which trace is shown on a side.
    pub fn news(&self, side: Side) -> News {
        // The records of a fork are not those of the original.
        News::of(self.trace(side), self.generation * 2 + side as u32)
    }

    /// Lets as much time go on as has passed since the last animation frame.
    pub fn advance(&mut self) {
        self.frames = self.frames.wrapping_add(1);
        let now = clock::now();
        let passed = self.drawn.map_or(Duration::ZERO, |before| now.since(before));
        // Frames stop while the page is hidden, and so does the world.
        self.player.advance(passed.min(LONGEST_FRAME), || clock::now().since(now) < BUDGET);
        self.drawn = self.player.is_moving().then_some(now);
    }

    /// Whose turn it is to be looked at anew, while time goes on.
    pub fn turn(&self) -> Option<usize> {
        self.drawn.map(|_| self.frames)
    }

    /// What there is to be seen, given what was seen `before`; of the
    /// participants, only the one whose `turn` it is is looked at anew.
    pub fn picture(&self, before: &Frame, turn: Option<usize>) -> Frame {
        let world = self.world();
        let (clients, broker) = picture::participants(world, before, turn);
        let now = self.player.timeline().now();
        Frame {
            news: self.news(self.side),
            both: [Side::Original, Side::Fork].map(|side| self.news(side)),
            fork: self.forked.clone(),
            side: self.side,
            now,
            end: self.player.end(),
            present: self.file.as_ref().map_or(now, picture::end),
            travel: match self.file {
                Some(_) => Vec::new(),
                None => picture::travel(world),
            },
            mode: self.player.mode(),
            is_quiet: self.player.is_quiet(),
            speed: self.player.speed(),
            clients,
            broker,
            is_file: self.file.is_some(),
        }
    }
}

/// Clients of one lab.
pub(super) const MOST_CLIENTS: usize = 6;
/// Real time that counts for one animation frame at most.
const LONGEST_FRAME: Duration = Duration::from_millis(100);
/// Real time that one frame may spend in the world.
const BUDGET: Duration = Duration::from_millis(9);
