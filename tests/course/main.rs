//! The course plays, and what it says is so.
#![cfg(feature = "course")]

mod claims;
mod corrections;
mod coverage;
mod earlier;
mod facts;
mod instruments;
mod language;
mod later;
mod lessons;
mod progress;
mod prose;
mod prose_compiler;
mod search;
mod sensor;
mod statements;
mod wire;

/// What compiles the prose when the crate is built.
#[path = "../../build/course"]
mod build {
    mod emit;
    pub mod lesson;
    mod markdown;
    mod same;
    mod selector;
    mod source;

    pub use source::{Source, Wrong};
}

use std::time::Duration;

use fourstep::codec::Version;
use fourstep::course::{LESSONS, Lesson};
use fourstep::sim::{Scenario, World};
use fourstep::time::Instant;

/// Longer than any scenario of the course is busy.
const LONG: Duration = Duration::from_secs(600);
const END: Instant = Instant::from_millis(600_000);

/// Each lesson in each of its versions.
fn played() -> impl Iterator<Item = (&'static Lesson, Version)> {
    let lessons = LESSONS.iter().copied();
    lessons.flat_map(|lesson| lesson.versions.iter().map(move |version| (lesson, *version)))
}

/// Plays a scenario to its end.
fn play(scenario: &Scenario) -> World {
    let mut world = World::new(scenario);
    assert!(world.run_until_quiet(LONG), "it never ends:\n{}", world.trace().to_text());
    world
}
