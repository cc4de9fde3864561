//! The model of a lesson that is being studied: what its lab plays, and what
//! its prose has to do with that.

use leptos::prelude::*;

use super::super::bench::{Bench, Command};
use super::super::language;
use super::super::source::TraceSource;
use super::goals::Notes;
use super::instruments::{self, Tool};
use super::predict::Question;
use super::record::Record;
use super::{goals, predict, stage};
use crate::codec::Version;
use crate::course::{Evidence, Findings, Goal, Lesson, Narration, Prose};
use crate::sim::Scenario;

/// A lesson under study, and everything about it that is to outlast its page.
/// A handle: copies are the same study.
#[derive(Clone, Copy)]
pub(super) struct Study {
    pub lesson: &'static Lesson,
    pub bench: Bench,
    pub source: TraceSource,
    /// The version that its clients speak.
    pub version: RwSignal<Version>,
    /// What the lab plays.
    pub play: RwSignal<Play>,
    /// The sentence that is pointed at.
    pub pointed: RwSignal<Option<u16>>,
    /// What the lesson's instrument has found.
    pub findings: RwSignal<Option<Findings>>,
    /// How far the learner is with the question.
    pub question: Question,
    /// What there is to say of the goals.
    pub notes: Notes,
    /// How the lesson's instrument is set.
    pub tool: Tool,
    /// Which of the lab's cards is shown.
    pub tab: RwSignal<usize>,
    pub record: Record,
    narration: Memo<Narration>,
    lit: Memo<Vec<u16>>,
    meant: Memo<Vec<u16>>,
}

/// What the lab plays, as far as the lesson knows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Play {
    /// What it opens with.
    #[default]
    Start,
    /// An experiment, by its name.
    Experiment(&'static str),
    /// The run that was predicted.
    Prediction,
    /// A goal's reference solution, by the goal's name.
    Solution(&'static str),
    /// A run of the lesson's instrument.
    Instrument,
    /// What a link carried.
    Link,
}

impl Study {
    /// A study of this lesson in this lab.
    pub fn new(lesson: &'static Lesson, bench: Bench, record: Record) -> Study {
        let source = bench.provide_trace();
        let narration = Memo::new(move |_| {
            let _ = source.news.get();
            let prose = lesson.prose(language::track());
            source.read(|trace| Narration::of(prose, trace)).unwrap_or_default()
        });
        let pointed = RwSignal::new(None::<u16>);
        // What is pointed at lights up its counterpart, and nothing else does.
        let lit = Memo::new(move |_| {
            if pointed.get().is_some() || source.pointed.get().is_some() {
                return Vec::new();
            }
            let lit = |narration: &Narration| source.read(|trace| narration.lit(trace));
            narration.with(lit).unwrap_or_default()
        });
        let meant = Memo::new(move |_| {
            if pointed.get().is_some() {
                return Vec::new();
            }
            let Some(record) = source.pointed.get().or_else(|| source.selected()) else {
                return Vec::new();
            };
            narration.with(|narration| narration.sentences(record).collect())
        });
        let is_moving = bench.slice(|frame| frame.is_moving());
        Effect::new(move || {
            let records = |number| narration.with(|it| it.records(number).collect::<Vec<_>>());
            let spoken = pointed.get().map(records).unwrap_or_default();
            // While time goes on, the diagram is where time is.
            let is_still = !is_moving.get_untracked();
            source.peeked.set(spoken.first().copied().filter(|_| is_still));
            source.spoken.set(spoken);
        });
        let study = Study {
            lesson,
            bench,
            source,
            version: RwSignal::new(first_version(lesson)),
            play: RwSignal::new(Play::default()),
            pointed,
            findings: RwSignal::new(None),
            question: Question::default(),
            notes: Notes::default(),
            tool: Tool::of(lesson.instrument),
            // The first client, with what it holds and what it can be told. There are no bytes to
            // show yet.
            tab: RwSignal::new(1),
            record,
            narration,
            lit,
            meant,
        };
        stage::watch(study);
        predict::watch(study);
        goals::watch(study);
        instruments::watch(study);
        study
    }

    /// What the lesson says.
    pub fn prose(self) -> &'static Prose {
        self.lesson.prose(language::current())
    }

    /// Whether a sentence speaks of what is under way or has just arrived.
    pub fn is_lit(self, sentence: u16) -> bool {
        self.lit.with(|lit| lit.contains(&sentence))
    }

    /// Whether a sentence speaks of the packet that is pointed at or selected.
    pub fn is_meant(self, sentence: u16) -> bool {
        self.meant.with(|meant| meant.contains(&sentence))
    }

    /// Selects the next of the packets that a sentence speaks of.
    pub fn select(self, sentence: u16) {
        let selected = untrack(|| self.source.selected());
        let next = self.narration.with_untracked(|narration| {
            let records: Vec<u64> = narration.records(sentence).collect();
            let place = records.iter().position(|record| Some(*record) == selected);
            let next = place.map_or(0, |place| (place + 1) % records.len());
            records.get(next).copied()
        });
        if next.is_some() {
            self.source.select(next);
        }
    }

    /// Plays this from the start. `None` if the lesson has no such thing.
    pub fn start(self, play: Play) {
        if let Some(scenario) = self.scenario(play) {
            self.play_this(play, scenario);
        }
    }

    /// Plays the same again from the start. What was done by hand is undone.
    pub fn restart(self) {
        match self.play.get_untracked() {
            play @ (Play::Link | Play::Instrument) => self.play_this(play, self.bench.scenario()),
            play => self.start(play),
        }
    }

    /// Plays this from the start.
    pub fn play_this(self, play: Play, scenario: Scenario) {
        self.play.set(play);
        self.bench.send(Command::Open(Box::new(scenario)));
    }

    /// Plays a goal's solution: in the lab, or with the lesson's instrument.
    pub fn solve(self, goal: &Goal) {
        match goal.par {
            0 => instruments::solve(self),
            _ => self.start(Play::Solution(goal.id)),
        }
    }

    /// Stops time, and the instrument too.
    pub fn pause(self) {
        instruments::pause(self);
        self.bench.send(Command::Play(false));
    }

    /// Plays what a link carries, or else what the lesson opens with.
    pub fn open(self, link: Option<&str>) {
        match link {
            Some(link) => {
                self.play.set(Play::Link);
                self.bench.open_link(link);
            }
            None => self.start(Play::Start),
        }
    }

    /// Plays the same in another version.
    pub fn set_version(self, version: Version) {
        if self.version.get_untracked() != version && self.lesson.versions.contains(&version) {
            self.version.set(version);
            instruments::renew(self);
            match self.play.get_untracked() {
                Play::Link | Play::Instrument => self.start(Play::Start),
                play => self.start(play),
            }
        }
    }

    /// What the world has shown so far.
    pub fn judge<R>(self, judge: impl FnOnce(&Evidence<'_>) -> R) -> R {
        self.bench.look(|world| {
            let evidence = Evidence::of(world);
            self.findings.with_untracked(|findings| match findings {
                Some(findings) => judge(&evidence.with(findings)),
                None => judge(&evidence),
            })
        })
    }

    /// Changes whenever something may be judged differently, and tells which
    /// run it is.
    pub fn progress(self) -> Memo<(u32, u64, u64, bool)> {
        self.bench.slice(|frame| {
            let news = frame.news;
            (news.generation, news.next, news.revision, frame.is_quiet)
        })
    }

    fn scenario(self, play: Play) -> Option<Scenario> {
        let version = self.version.get_untracked();
        let lesson = self.lesson;
        let make = match play {
            Play::Start => lesson.scenario,
            Play::Experiment(id) => lesson.experiment(id)?,
            Play::Prediction => lesson.prediction.scenario,
            Play::Solution(id) => lesson.goals.iter().find(|goal| goal.id == id)?.solution,
            Play::Link | Play::Instrument => return None,
        };
        Some(make(version))
    }
}

fn first_version(lesson: &Lesson) -> Version {
    lesson.versions.first().copied().unwrap_or_default()
}
