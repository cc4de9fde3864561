//! The course: lessons whose every claim can be run.
//!
//! A [`Lesson`] is plain data and functions without state. What it says is
//! [`Prose`], one for each language, compiled from Markdown. What it shows is a
//! [`Scenario`], played by the same engines as everything else. What it asks is
//! judged by [`Evidence`] alone: the trace, and the state of the engines.
//!
//! A page plays the lesson's scenario, lights up the sentences that
//! [`Narration`] finds for what is under way, takes an answer to the
//! [`Prediction`] before its run and shows the record that contradicts it
//! after, and asks the [`Goal`]s after each change whether they are reached.

pub mod cost;
pub mod decimal;
pub mod downgrade;
mod evidence;
pub mod exhaustion;
pub mod glossary;
mod instrument;
pub mod lessons;
mod narration;
pub mod progress;
pub mod prose;
pub mod script;
pub mod search;
mod selector;
pub mod sensor;
pub mod snippet;
pub mod statements;

use crate::codec::{PacketType, Version};
use crate::sim::{Scenario, World};
use crate::time::Instant;
use crate::trace::{RecordKind, Trace};

pub use crate::language::Language;
pub use evidence::Evidence;
pub use instrument::{Case, Findings, Instrument};
pub use lessons::LESSONS;
pub use narration::Narration;
pub use prose::{Block, Inline, Part, Prose};
pub use selector::{Selector, received, sent};

/// One lesson.
#[derive(Debug)]
pub struct Lesson {
    /// Its place in the course, from 1.
    pub number: u8,
    /// Its name in addresses: small letters, digits and hyphens.
    pub slug: &'static str,
    /// What it says, in the order of [`Language::ALL`].
    pub prose: [Prose; 2],
    /// The versions in which it can be played; the first is the one to start
    /// with.
    pub versions: &'static [Version],
    /// What the lab plays when the lesson is opened.
    pub scenario: fn(Version) -> Scenario,
    /// What the prose offers to try.
    pub experiments: &'static [Experiment],
    /// The question to answer before a run.
    pub prediction: Prediction,
    /// What is to be reached, in the order of the prose.
    pub goals: &'static [Goal],
    /// What it has besides the lab.
    pub instrument: Instrument,
}

/// Another scenario, which the prose names by `try:`.
#[derive(Debug)]
pub struct Experiment {
    /// Its name in the prose.
    pub id: &'static str,
    /// What is played.
    pub scenario: fn(Version) -> Scenario,
}

/// A question about what will happen.
#[derive(Debug)]
pub struct Prediction {
    /// What is played once an answer is chosen.
    pub scenario: fn(Version) -> Scenario,
    /// The answers, in the order of the prose.
    pub answers: &'static [Answer],
}

/// One answer to a [`Prediction`].
#[derive(Debug)]
pub struct Answer {
    /// Its name in the prose: `## option NAME`.
    pub id: &'static str,
    /// The number of the first record that contradicts it, as soon as there is
    /// one. The right answer never has one, the others have one when the run is
    /// over.
    pub contradiction: fn(&Evidence<'_>) -> Option<u64>,
}

/// What a run says of an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Nothing yet: the run is not over.
    Open,
    /// Nothing contradicts it.
    Right,
    /// This record contradicts it.
    Wrong(u64),
}

/// Something to reach in the lab.
#[derive(Debug)]
pub struct Goal {
    /// Its name in the prose: `## goal NAME`.
    pub id: &'static str,
    /// Whether it is reached.
    pub reached: fn(&Evidence<'_>) -> bool,
    /// A way to reach it: what "solve" plays before the learner's eyes.
    pub solution: fn(Version) -> Scenario,
    /// [`packets`] that suffice: whoever needs no more earns a star. 0: the goal
    /// is reached with the lesson's instrument, and there is no star.
    pub par: u32,
}

impl Lesson {
    /// The lesson with this slug.
    pub fn find(slug: &str) -> Option<&'static Lesson> {
        LESSONS.iter().copied().find(|lesson| lesson.slug == slug)
    }

    /// What it says in this language.
    pub fn prose(&self, language: Language) -> &Prose {
        language.of(&self.prose)
    }

    /// Whether the lesson plays exactly this by itself: at the start, for its
    /// prediction, as an experiment, or as the solution of a goal.
    pub fn plays(&self, scenario: &Scenario) -> bool {
        let version = scenario.clients.first().map(|client| client.version);
        let own = [self.scenario, self.prediction.scenario].into_iter();
        let own = own.chain(self.experiments.iter().map(|it| it.scenario));
        let mut own = own.chain(self.goals.iter().map(|it| it.solution));
        version.is_some_and(|version| own.any(|make| make(version) == *scenario))
    }

    /// Whether the learner has reached a goal: not by what the lesson plays by
    /// itself.
    pub fn is_reached(&self, goal: &Goal, evidence: &Evidence<'_>) -> bool {
        (goal.reached)(evidence) && !evidence.scenario().is_some_and(|it| self.plays(it))
    }

    /// The scenario of the experiment with this name.
    pub fn experiment(&self, id: &str) -> Option<fn(Version) -> Scenario> {
        self.experiments.iter().find(|it| it.id == id).map(|it| it.scenario)
    }
}

impl Prediction {
    /// What the run says of the answer with this name.
    pub fn verdict(&self, answer: &str, evidence: &Evidence<'_>) -> Verdict {
        let answer = self.answers.iter().find(|it| it.id == answer);
        match answer.and_then(|answer| (answer.contradiction)(evidence)) {
            Some(record) => Verdict::Wrong(record),
            None if evidence.is_over() => Verdict::Right,
            None => Verdict::Open,
        }
    }
}

impl Goal {
    /// Plays a scenario from its start, until the goal is reached or `limit` is,
    /// and tells how many [`packets`] it took. So the score does not depend on
    /// when a page looks.
    pub fn score(&self, scenario: &Scenario, limit: Instant) -> Option<u32> {
        let mut world = World::new(scenario);
        loop {
            if (self.reached)(&Evidence::of(&world)) {
                return Some(packets(world.trace()));
            }
            if world.next_event().is_none_or(|next| next > limit) || !world.step() {
                return None;
            }
        }
    }
}

/// What packet golf counts: every packet on every link, whatever became of it,
/// except PINGREQ and PINGRESP, so that looking on costs nothing.
pub fn packets(trace: &Trace) -> u32 {
    let counts = trace.records().filter(|record| match &record.kind {
        RecordKind::Packet { bytes, .. } => {
            let number = bytes.first().map_or(0, |first| first >> 4);
            !matches!(
                PacketType::from_number(number),
                Some(PacketType::PingReq | PacketType::PingResp)
            )
        }
        _ => false,
    });
    u32::try_from(counts.count()).unwrap_or(u32::MAX)
}
