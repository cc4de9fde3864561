//! What every view of the lab shares: the player, one [`Frame`] a change, and
//! the commands that views may send.

use std::sync::Arc;
use std::time::Duration;

use leptos::prelude::*;

use super::super::language;
use super::super::memory::Memory;
use super::super::route;
use super::super::source::{Asked, News, Pane, Stage, TraceSource};
use super::engine::Engine;
use super::fork::{Forked, Side};
use super::menu::Opened;
use super::picture::{self, BrokerPicture, ClientPicture};
use super::to_scale::ToScale;
use super::what_if;
use crate::sim::setups::Setup;
use crate::sim::{self, Absence, BrokerSetup, ClientSetup, Mode, Player, Scenario, World};
use crate::time::Instant;
use crate::trace::Trace;
use crate::ui::language::{say, t};
use crate::view::what_if::Choice;
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
    pub clients: Vec<Arc<ClientPicture>>,
    pub broker: Arc<BrokerPicture>,
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
    /// What was opened last.
    pub opened: RwSignal<Opened>,
    /// What is wrong with the link or the file that was to be opened.
    pub trouble: RwSignal<Option<String>>,
    /// What is typed and opened in the cards.
    pub(super) memory: Memory,
    engine: StoredValue<Engine, LocalStorage>,
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
        let bench = Bench {
            frame: RwSignal::new(Frame::default()),
            selected: RwSignal::new(None),
            asked: RwSignal::new(None),
            opened: RwSignal::new(Opened::default()),
            trouble: RwSignal::new(None),
            memory: Memory::new(),
            engine: StoredValue::new_local(Engine::new(&scenario)),
        };
        bench.refresh(None);
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
        let mut source = match side {
            Side::Original => self.source(news, |_| Side::Original),
            Side::Fork => self.source(news, |_| Side::Fork),
        };
        (source.pane, source.view) = (Some(pane), like.view);
        (source.pointed, source.spoken) = (like.pointed, like.spoken);
        source
    }

    fn source(self, news: Memo<News>, side: fn(&Engine) -> Side) -> TraceSource {
        let roles = self.slice(|frame| {
            // The trace of a lesson is provided once, in whatever language.
            language::track();
            match frame.is_file {
                true => Vec::new(),
                false => picture::roles(&frame.clients),
            }
        });
        let zero = Some(Instant::ZERO);
        let mut source = TraceSource::new(news, self.selected, roles, zero, move |lend| {
            self.engine.with_value(|engine| lend(engine.trace(side(engine))));
        });
        let absences = Memo::new(move |_| {
            news.track();
            self.engine.with_value(|engine| engine.absences(side(engine)))
        });
        source.stage = Some(self.stage(absences));
        source
    }

    fn stage(self, absences: Memo<Vec<Absence>>) -> Stage {
        Stage {
            layout: ToScale::boxed,
            now: self.slice(|frame| frame.present),
            is_moving: self.slice(Frame::is_moving),
            travel: self.slice(|frame| frame.travel.clone()),
            absences,
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
            Ok(scenario) => {
                self.opened.set(Opened::by_link(setup));
                self.send(Command::Open(Box::new(scenario)));
            }
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
        self.refresh(None);
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
        let turn = self.engine.with_value(Engine::turn);
        self.refresh(turn);
        if turn.is_some() {
            request_animation_frame(move || self.draw());
        }
    }

    /// Starts to play what was opened: time stands still until the page shows.
    pub fn wake(self) {
        self.go_on();
    }

    /// Takes a new picture of the world; of its participants, of the one whose
    /// turn it is.
    fn refresh(self, turn: Option<usize>) {
        let picture = |before: &Frame| self.engine.with_value(|it| it.picture(before, turn));
        let next = self.frame.with_untracked(picture);
        if self.frame.with_untracked(|frame| *frame != next) {
            self.frame.set(next);
        }
    }
}

impl Frame {
    /// Whether time goes on by itself.
    pub fn is_moving(&self) -> bool {
        matches!(self.mode, Mode::Playing | Mode::Rushing(_))
    }
}
