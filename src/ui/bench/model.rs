//! What every view of the lab shares: the player, one [`Frame`] a change, and
//! the commands that views may send.

use std::time::Duration;

use leptos::prelude::*;

use super::super::route;
use super::super::source::{News, TraceSource};
use super::picture::{self, BrokerPicture, ClientPicture};
use crate::sim::setups::Setup;
use crate::sim::{self, BrokerSetup, ClientSetup, Mode, Player, Scenario};
use crate::time::Instant;
use crate::trace::Trace;
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
    /// Show this trace, from a file, instead of the world's.
    ShowFile(Box<Trace>),
    /// Show the world's again.
    CloseFile,
}

/// What views know of the lab: plain and comparable.
#[derive(Clone, Default, PartialEq)]
pub(in crate::ui) struct Frame {
    pub news: News,
    pub now: Instant,
    pub end: Instant,
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
    pub selected: RwSignal<Option<u64>>,
    /// What is wrong with the link or the file that was to be opened.
    pub trouble: RwSignal<Option<String>>,
    engine: StoredValue<Engine, LocalStorage>,
}

struct Engine {
    player: Player,
    generation: u32,
    /// When the last animation frame was drawn, while time goes on.
    drawn: Option<Instant>,
    /// A trace from a file, which is shown instead of the world's.
    file: Option<Trace>,
}

impl Bench {
    /// A lab with the first set-up, offered to all views below.
    pub fn provide() -> Bench {
        let scenario = Setup::ALL.first().map(Setup::scenario).unwrap_or_default();
        let engine =
            Engine { player: Player::new(&scenario), generation: 0, drawn: None, file: None };
        let bench = Bench {
            frame: RwSignal::new(Frame::default()),
            selected: RwSignal::new(None),
            trouble: RwSignal::new(None),
            engine: StoredValue::new_local(engine),
        };
        bench.refresh();
        provide_context(bench);
        bench
    }

    /// The lab of the page.
    pub fn expect() -> Bench {
        expect_context()
    }

    /// Offers the world's trace to the diagram, the inspector and the
    /// transcript.
    pub fn provide_trace(self) -> TraceSource {
        let news = self.slice(|frame| frame.news);
        let roles = self.slice(|frame| match frame.is_file {
            true => Vec::new(),
            false => picture::roles(&frame.clients),
        });
        TraceSource::provide(news, self.selected, roles, Some(Instant::ZERO), move |lend| {
            self.engine.with_value(|engine| lend(engine.trace()));
        })
    }

    /// A slice of the frame that changes only when its value does.
    pub fn slice<T>(self, read: impl Fn(&Frame) -> T + Send + Sync + 'static) -> Memo<T>
    where
        T: PartialEq + Send + Sync + 'static,
    {
        Memo::new(move |_| self.frame.with(&read))
    }

    /// Lends the player.
    pub fn read<R>(self, read: impl FnOnce(&Player) -> R) -> R {
        self.engine.with_value(|engine| read(&engine.player))
    }

    /// What is being played, everything that was done by hand included.
    pub fn scenario(self) -> Scenario {
        self.read(|player| player.timeline().world().scenario().clone())
    }

    /// Opens what a link carries.
    pub fn open_link(self, setup: &str) {
        match Scenario::from_link(setup) {
            Ok(scenario) => self.send(Command::Open(Box::new(scenario))),
            Err(error) => {
                self.trouble.set(Some(format!("This link opens no set-up: {error}.")));
            }
        }
    }

    /// The address that opens this lab again.
    pub fn link(self) -> Result<String, String> {
        let link = self.scenario().to_link();
        link.map(|setup| route::lab_address(&setup)).map_err(|error| error.to_string())
    }

    /// Carries out a command.
    pub fn send(self, command: Command) {
        self.trouble.set(None);
        self.engine.update_value(|engine| engine.carry_out(command));
        if self.engine.with_value(|engine| engine.generation) != self.generation() {
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
            Command::Do(command) => player.command(command),
            Command::Play(play) => player.play(play),
            Command::Speed(speed) => player.set_speed(speed),
            Command::Step => drop(player.step()),
            Command::StepBack => drop(player.step_back()),
            Command::Seek(at) => player.seek(at),
            Command::Rush => player.rush(),
            Command::Open(scenario) => {
                let speed = player.speed();
                *player = Player::new(&scenario);
                self.file = None;
                player.set_speed(speed);
                self.generation += 1;
            }
            Command::SetBroker(setup) => self.replay(|scenario| scenario.broker = setup),
            Command::SetClient(index, setup) => self.replay(|scenario| {
                if let Some(client) = scenario.clients.get_mut(index) {
                    *client = *setup;
                }
            }),
            Command::AddClient => self.add_client(),
            Command::ShowFile(trace) => {
                self.player.play(false);
                self.file = Some(*trace);
                self.generation += 1;
            }
            Command::CloseFile => {
                self.file = None;
                self.generation += 1;
            }
        }
    }

    /// Does everything again in a world that differs from the start.
    fn replay(&mut self, change: impl FnOnce(&mut Scenario)) {
        let mut scenario = self.player.timeline().world().scenario().clone();
        change(&mut scenario);
        self.player.replay_with(&scenario);
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
        self.replay(|scenario| scenario.clients.push(setup));
        self.player.command(sim::Command::Connect(index));
    }

    /// The trace that is shown.
    fn trace(&self) -> &Trace {
        self.file.as_ref().unwrap_or_else(|| self.player.timeline().world().trace())
    }

    fn advance(&mut self) {
        let now = clock::now();
        let passed = self.drawn.map_or(Duration::ZERO, |before| now.since(before));
        // Frames stop while the page is hidden, and so does the world.
        self.player.advance(passed.min(LONGEST_FRAME), || clock::now().since(now) < BUDGET);
        self.drawn = self.player.is_moving().then_some(now);
    }

    fn picture(&self) -> Frame {
        let timeline = self.player.timeline();
        let world = timeline.world();
        Frame {
            news: News::of(self.trace(), self.generation),
            now: timeline.now(),
            end: timeline.end(),
            mode: self.player.mode(),
            is_quiet: world.is_quiet(),
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
