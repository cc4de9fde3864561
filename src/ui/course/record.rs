//! What the learner has done, kept on this device.

use leptos::prelude::*;

use super::super::settings;
use crate::course::Lesson;
use crate::course::progress::Progress;

/// The learner's progress. A handle: copies are the same.
#[derive(Clone, Copy)]
pub(super) struct Record {
    pub progress: RwSignal<Progress>,
    /// Whether the browser keeps it.
    pub is_kept: RwSignal<bool>,
}

impl Record {
    /// What this device remembers, offered to all views below.
    pub fn provide() -> Record {
        let kept = settings::read(NAME);
        let progress = kept.and_then(|text| Progress::from_text(&text).ok()).unwrap_or_default();
        let record = Record {
            progress: RwSignal::new(progress),
            is_kept: RwSignal::new(settings::is_kept()),
        };
        provide_context(record);
        record
    }

    /// The record of the page.
    pub fn expect() -> Record {
        expect_context()
    }

    /// Takes note of something.
    pub fn note(self, note: impl FnOnce(&mut Progress)) {
        let mut progress = self.progress.get_untracked();
        note(&mut progress);
        if self.progress.with_untracked(|known| *known == progress) {
            return;
        }
        settings::write(NAME, &progress.to_text());
        self.progress.set(progress);
    }

    /// What is known of a lesson, tracked.
    pub fn of<T>(self, read: impl Fn(&Progress) -> T + Send + Sync + 'static) -> Memo<T>
    where
        T: PartialEq + Send + Sync + 'static,
    {
        Memo::new(move |_| self.progress.with(&read))
    }

    /// The fewest packets with which a goal was reached, tracked.
    pub fn best(self, lesson: &'static Lesson, goal: &'static str) -> Memo<Option<u32>> {
        self.of(move |progress| progress.best(lesson.slug, goal))
    }
}

const NAME: &str = "fourstep.progress";
