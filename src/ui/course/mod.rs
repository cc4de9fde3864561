//! The course: its contents, its lessons, its glossary.
//!
//! What a lesson says, plays, asks and is judged by is data in
//! [`course`](crate::course). Here it becomes pages, around the same lab as
//! everywhere else.

mod contents;
mod glossary;
mod goals;
mod instruments;
mod keeping;
mod lesson;
mod place;
mod predict;
mod prose;
mod record;
mod search;
mod specification;
mod stage;
mod study;

use leptos::prelude::*;

use super::bench::{Bench, Command};
use super::dynamic::part;
use super::language;
use place::Place;
use record::Record;
use study::Study;

/// The page of the course that `address` names: what follows `#/course/`.
/// `bench` is the lab of all lessons.
pub(super) fn page(address: Memo<String>, bench: Bench) -> AnyView {
    provide_context(bench);
    on_cleanup(move || bench.send(Command::Play(false)));
    let record = Record::provide();
    // What was looked for is still there on the way back.
    let query = RwSignal::new(String::new());
    let place = Memo::new(move |_| address.with(|address| Place::of(address)));
    part(move || match place.get() {
        Place::Lesson { lesson, link } => {
            record.note(|progress| progress.open(lesson.slug));
            let study = Study::new(lesson, bench);
            study.open(link.as_deref());
            // Built anew in another language, while the lab goes on.
            part(move || {
                language::track();
                lesson::page(study)
            })
            .into_any()
        }
        Place::Contents => part(move || {
            language::track();
            contents::page(record, query)
        })
        .into_any(),
        Place::Glossary(term) => part(move || {
            language::track();
            glossary::page(term.clone())
        })
        .into_any(),
    })
    .into_any()
}
