//! What every view of the lab shares: the player, one [`Frame`] a change, and
//! the commands that views may send.

use std::sync::Arc;
use std::time::Duration;

use leptos::prelude::*;

use super::super::memory::Memory;
use super::super::route;
use super::super::source::{Asked, News, Pane, Stage, TraceSource};
use super::fork::{Forked, Side};
use super::picture::{self, BrokerPicture, ClientPicture};
use super::to_scale::ToScale;
use super::what_if;
use crate::sim::setups::Setup;
use crate::sim::{self, BrokerSetup, ClientSetup, Mode, Player, Scenario, World};
use crate::time::Instant;
use crate::trace::Trace;
use crate::ui::language::{say, t};
use crate::view::what_if::{Change, Choice};
use crate::web::clock;

/// What a view may ask for.
pub(in crate::ui) enum Command {
    /// Do this in the world, now.
    Do(sim::Command),
    /// Let time go on, or stop it.
    Play(bool),
    /// Virtual seconds for each real one.
    Speed(f64),
    /// To the next packet.
    Step,
    /// To the last packet.
    StepBack,
    /// To this moment.
    Seek(Instant),
    /// As fast as can be until nothing more happens.
    Rush,
    /// Play this from the start.
    Open(Box<Scenario>),
    /// Do everything again with another broker.
    SetBroker(BrokerSetup),
    /// Do everything again with another client here.
    SetClient(usize, Box<ClientSetup>),
    /// One more client, who connects.
    AddClient,
    /// Show what would have happened with this choice at this record, beside
    /// what has happened.
    Fork(u64, Box<Choice>),
    /// Look closer at one of the two.
    LookAt(Side),
    /// Go on with the fork alone.
    KeepFork,
    /// Go on without the fork.
    DropFork,
    /// Show this trace, from a file, instead of the world's.
    ShowFile(Box<Trace>),
    /// Show the world's again.
    CloseFile,
}

/// What views know of the lab: plain and comparable.
#[derive(Clone, Default, PartialEq)]
pub(in crate::ui) struct Frame {
    /// Of what is looked at closer.
    pub news: News,
    /// Of the original and of the fork.
    pub both: [News; 2],
    /// What is changed in the fork, and what came of it.
    pub fork: Option<Arc<Forked>>,
    /// Which of the two the cards and the inspector are about.
    pub side: Side,
    pub now: Instant,
    pub end: Instant,
    /// The present of the trace that is shown.
    pub present: Instant,
    /// How long a packet takes at most to or from each lane.
    pub travel: Vec<Duration>,
    pub mode: Mode,
    pub is_quiet: bool,
    pub speed: f64,
    pub clients: Vec<ClientPicture>,
    pub broker: BrokerPicture,
    /// Whether the trace that is shown is a file's.
    pub is_file: bool,
}

/// The lab's model. A handle: copies are the same lab.
#[derive(Clone, Copy)]
pub(in crate::ui) struct Bench {
    frame: RwSignal<Frame>,
    /// The record whose bytes the inspector shows.
    selected: RwSignal<Option<u64>>,
    /// Where the menu of what could have happened is open.
    pub asked: RwSignal<Option<Asked>>,
    /// What is wrong with the link or the file that was to be opened.
    pub trouble: RwSignal<Option<String>>,
    /// What is typed and opened in the cards.
    pub(super) memory: Memory,
    engine: StoredValue<Engine, LocalStorage>,
}

struct Engine {
    player: Player,
    generation: u32,
    /// When the last animation frame was drawn, while time goes on.
    drawn: Option<Instant>,
    /// A trace from a file, which is shown instead of the world's.
    file: Option<Trace>,
    /// Of the player's fork.
    forked: Option<Arc<Forked>>,
    side: Side,
}

impl Bench {
    /// A lab with the first set-up, offered to all views below.
    pub fn provide() -> Bench {
        let bench = Bench::new();
        provide_context(bench);
        bench
    }

    /// A lab with the first set-up.
    pub fn new() -> Bench {
        let scenario = Setup::ALL.first().map(Setup::scenario).unwrap_or_default();
        let engine = Engine {
            player: Player::new(&scenario),
            generation: 0,
            drawn: None,
            file: None,
            forked: None,
            side: Side::Original,
        };
        let bench = Bench {
            frame: RwSignal::new(Frame::default()),
            selected: RwSignal::new(None),
            asked: RwSignal::new(None),
            trouble: RwSignal::new(None),
            memory: Memory::new(),
            engine: StoredValue::new_local(engine),
        };
        bench.refresh();
        bench
    }

    /// The lab of the page.
    pub fn expect() -> Bench {
        expect_context()
    }

    /// Offers the trace that is looked at to the diagram, the inspector and
    /// the transcript.
    pub fn provide_trace(self) -> TraceSource {
        let source = self.source(self.slice(|frame| frame.news), |engine| engine.side);
        source.provide();
        source
    }

    /// One of the two outcomes, shown as `like` is.
    pub fn pane(self, side: Side, like: TraceSource) -> TraceSource {
        let news = self.slice(move |frame| frame.both[side as usize]);
        let pane = Pane {
            name: side.name(),
            is_active: self.slice(move |frame| frame.side == side),
            activate: Callback::new(move |()| self.look_at(side)),
        };
        let mut source = self.source(news, move |_| side);
        (source.pane, source.view) = (Some(pane), like.view);
        (source.pointed, source.spoken) = (like.pointed, like.spoken);
        source
    }

    fn source(self, news: Memo<News>, side: impl Fn(&Engine) -> Side + 'static) -> TraceSource {
        let roles = self.slice(|frame| match frame.is_file {
            true => Vec::new(),
            false => picture::roles(&frame.clients),
        });
        let zero = Some(Instant::ZERO);
        let mut source = TraceSource::new(news, self.selected, roles, zero, move |lend| {
            self.engine.with_value(|engine| lend(engine.trace(side(engine))));
        });
        source.stage = Some(self.stage());
        source
    }

    fn stage(self) -> Stage {
        Stage {
            layout: ToScale::boxed,
            now: self.slice(|frame| frame.present),
            travel: self.slice(|frame| frame.travel.clone()),
            differs: self.slice(|frame| frame.fork.as_ref()?.comparison.first_difference),
            tools: what_if::tools,
            ask: Callback::new(move |asked| self.ask(asked)),
        }
    }

    /// Opens the menu of what could have happened at a record. A fork has none
    /// of its own: keep it first.
    pub fn ask(self, asked: Asked) {
        if self.frame.with_untracked(|frame| frame.fork.is_none() && !frame.is_file) {
            self.asked.set(Some(asked));
        }
    }

    fn look_at(self, side: Side) {
        if self.frame.with_untracked(|frame| frame.side != side) {
            self.send(Command::LookAt(side));
        }
    }

    /// A slice of the frame that changes only when its value does.
    pub fn slice<T>(self, read: impl Fn(&Frame) -> T + Send + Sync + 'static) -> Memo<T>
    where
        T: PartialEq + Send + Sync + 'static,
    {
        Memo::new(move |_| self.frame.with(&read))
    }

    /// What is typed or opened at a place in the cards, until the lab is opened
    /// anew.
    pub fn kept<T>(self, place: &str, first: impl FnOnce() -> T) -> RwSignal<T>
    where
        T: Send + Sync + 'static,
    {
        let generation = self.frame.with_untracked(|frame| frame.both[0].generation);
        self.memory.signal(place, generation, first)
    }

    /// Lends the player.
    pub fn read<R>(self, read: impl FnOnce(&Player) -> R) -> R {
        self.engine.with_value(|engine| read(&engine.player))
    }

    /// Lends the world at which the cards look.
    pub fn look<R>(self, look: impl FnOnce(&World) -> R) -> R {
        self.engine.with_value(|engine| look(engine.world()))
    }

    /// What is being played where the cards look, everything that was done by
    /// hand included.
    pub fn scenario(self) -> Scenario {
        self.engine.with_value(|engine| engine.world().scenario().clone())
    }

    /// Opens what a link carries.
    pub fn open_link(self, setup: &str) {
        match Scenario::from_link(setup) {
            Ok(scenario) => self.send(Command::Open(Box::new(scenario))),
            Err(error) => {
                let error = say(&error.to_string());
                self.trouble.set(Some(t!(lab.bad_link, error = error)));
            }
        }
    }

    /// The address that opens this lab again.
    pub fn link(self) -> Result<String, String> {
        let link = self.scenario().to_link();
        link.map(|setup| route::lab_address(&setup)).map_err(|error| say(&error.to_string()))
    }

    /// Carries out a command.
    pub fn send(self, command: Command) {
        self.trouble.set(None);
        self.asked.set(None);
        self.engine.update_value(|engine| engine.carry_out(command));
        if self.engine.with_value(|engine| engine.news(engine.side).generation) != self.generation()
        {
            self.selected.set(None);
        }
        self.refresh();
        self.go_on();
    }

    fn generation(self) -> u32 {
        self.frame.with_untracked(|frame| frame.news.generation)
    }

    /// Asks for an animation frame if time goes on and none is asked for.
    fn go_on(self) {
        let mut wanted = false;
        self.engine.update_value(|engine| {
            wanted = engine.player.is_moving() && engine.drawn.is_none();
            if wanted {
                engine.drawn = Some(clock::now());
            }
        });
        if wanted {
            request_animation_frame(move || self.draw());
        }
    }

    /// One animation frame.
    fn draw(self) {
        self.engine.update_value(Engine::advance);
        self.refresh();
        if self.engine.with_value(|engine| engine.drawn.is_some()) {
            request_animation_frame(move || self.draw());
        }
    }

    /// Starts to play what was opened: time stands still until the page shows.
    pub fn wake(self) {
        self.go_on();
    }

    /// Takes a new picture of the world.
    fn refresh(self) {
        let next = self.engine.with_value(|engine| engine.picture());
        if self.frame.with_untracked(|frame| *frame != next) {
            self.frame.set(next);
        }
    }
}

impl Engine {
    fn carry_out(&mut self, command: Command) {
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
    fn trace(&self, side: Side) -> &Trace {
        match (&self.file, side, self.player.fork()) {
            (Some(file), _, _) => file,
            (None, Side::Fork, Some(fork)) => fork.world().trace(),
            _ => self.player.timeline().world().trace(),
        }
    }

    /// The world that the cards are about.
    fn world(&self) -> &World {
        let fork = self.player.fork().filter(|_| self.side == Side::Fork);
        fork.unwrap_or(self.player.timeline()).world()
    }

    fn news(&self, side: Side) -> News {
        // The records of a fork are not those of the original.
        News::of(self.trace(side), self.generation * 2 + side as u32)
    }

    fn advance(&mut self) {
        let now = clock::now();
        let passed = self.drawn.map_or(Duration::ZERO, |before| now.since(before));
        // Frames stop while the page is hidden, and so does the world.
        self.player.advance(passed.min(LONGEST_FRAME), || clock::now().since(now) < BUDGET);
        self.drawn = self.player.is_moving().then_some(now);
    }

    fn picture(&self) -> Frame {
        let world = self.world();
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
            clients: picture::clients(world),
            broker: picture::broker(world),
            is_file: self.file.is_some(),
        }
    }
}

impl Frame {
    /// Whether time goes on by itself.
    pub fn is_moving(&self) -> bool {
        matches!(self.mode, Mode::Playing | Mode::Rushing(_))
    }
}

/// Clients of one lab.
pub(super) const MOST_CLIENTS: usize = 6;
/// Real time that counts for one animation frame at most.
const LONGEST_FRAME: Duration = Duration::from_millis(100);
/// Real time that one frame may spend in the world.
const BUDGET: Duration = Duration::from_millis(9);
