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
mod live;
mod place;
mod predict;
mod prose;
mod record;
mod search;
mod specification;
mod stage;
mod study;

use leptos::ev::click;
use leptos::prelude::*;

use super::bench::Bench;
use super::dynamic::part;
use super::focus::closest;
use super::language::{self, t};
use instruments::Tool;
use place::Place;
use record::Record;
use study::Study;

/// The course's model, which outlives its pages: they are built anew in
/// another language, and a look into the glossary loses nothing of a lesson. A
/// handle: copies are the same course.
#[derive(Clone, Copy)]
pub(super) struct Course {
    /// The lab of all lessons.
    bench: Bench,
    record: Record,
    /// What was looked for in the contents.
    query: RwSignal<String>,
    /// The lesson that was opened last.
    opened: StoredValue<Option<Opened>>,
    /// What the lessons' signals belong to.
    owner: StoredValue<Owner>,
}

/// A lesson that was opened.
#[derive(Clone)]
struct Opened {
    place: Place,
    study: Study,
    /// Its signals live as long as this.
    owner: Owner,
}

impl Course {
    /// A course of which no lesson is open yet.
    pub fn new() -> Course {
        Course {
            bench: Bench::new(),
            record: Record::new(),
            query: RwSignal::new(String::new()),
            opened: StoredValue::new(None),
            owner: StoredValue::new(Owner::current().unwrap_or_default()),
        }
    }

    /// Stops the time of the lesson, which nobody sees any more.
    pub fn pause(self) {
        let Some(Opened { study, .. }) = self.opened.get_value() else { return };
        study.pause();
    }

    /// What goes along to the client page from a lesson that is about it.
    pub fn companion(self) -> Option<AnyView> {
        let Opened { study, .. } = self.opened.get_value()?;
        match study.tool {
            Tool::Broker(_, live) => Some(live::companion(study, live)),
            _ => None,
        }
    }

    /// The study of the lesson at this place: the one that is under way, if it
    /// was opened there.
    fn study(self, place: &Place) -> Option<Study> {
        let Place::Lesson { lesson, link } = place else { return None };
        let opened = self.opened.get_value();
        if let Some(Opened { study, .. }) = opened.as_ref().filter(|it| it.place == *place) {
            return Some(*study);
        }
        let owner = self.owner.with_value(Owner::child);
        let study = owner.with(|| Study::new(lesson, self.bench, self.record));
        self.opened.set_value(Some(Opened { place: place.clone(), study, owner }));
        if let Some(Opened { owner, .. }) = opened {
            owner.cleanup();
        }
        study.open(link.as_deref());
        Some(study)
    }
}

/// The page of the course that `address` names: what follows `#/course/`.
pub(super) fn page(address: Memo<String>, course: Course) -> AnyView {
    let Course { bench, record, query, .. } = course;
    provide_context(bench);
    let place = Memo::new(move |_| address.with(|address| Place::of(address)));
    // A link leads to the start of a page. The way back leads to where one was,
    // which the browser knows.
    let is_followed = StoredValue::new(false);
    let listener = window_event_listener(click, move |event| {
        let link = closest(&event, LINKS).and_then(|link| link.get_attribute("href"));
        let is_here = link.is_none() || link == window().location().hash().ok();
        is_followed.set_value(!is_here && !event.ctrl_key() && !event.meta_key());
    });
    on_cleanup(move || listener.remove());
    part(move || {
        let place = place.get();
        let to_start = is_followed.get_value();
        is_followed.set_value(false);
        // The glossary goes to its terms by itself.
        if to_start && !matches!(place, Place::Glossary(_)) {
            request_animation_frame(|| window().scroll_to_with_x_and_y(0.0, 0.0));
        }
        if let Some(study) = course.study(&place) {
            record.note(|progress| progress.open(study.lesson.slug));
            study.source.provide();
            return lesson::page(study);
        }
        course.pause();
        match place {
            Place::Glossary(term) => glossary::page(term),
            _ => contents::page(record, query),
        }
    })
    .into_any()
}

/// What the page at this address is about; empty for the course as such.
pub(super) fn title(address: &str) -> String {
    match Place::of(address) {
        Place::Contents => String::new(),
        Place::Glossary(_) => t!(course.glossary).to_owned(),
        Place::Lesson { lesson, .. } => lesson.prose(language::current()).title.to_owned(),
    }
}

/// Links within the course.
const LINKS: &str = "main a[href^='#/course']";
