//! What the learner has done, kept on this device.

use leptos::ev::storage;
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
    /// Whether the learner was told that it is not kept.
    pub is_told: RwSignal<bool>,
}

impl Record {
    /// What this device remembers. What other tabs do here counts too.
    pub fn new() -> Record {
        let record = Record {
            progress: RwSignal::new(kept().unwrap_or_default()),
            is_kept: RwSignal::new(settings::is_kept()),
            is_told: RwSignal::new(false),
        };
        let listener = window_event_listener(storage, move |_| {
            if let Some(progress) = kept() {
                record.progress.set(progress);
            }
        });
        on_cleanup(move || listener.remove());
        record
    }

    /// Takes note of something.
    pub fn note(self, note: impl FnOnce(&mut Progress)) {
        let known = self.progress.get_untracked();
        // Another tab may just have written: nothing of it is to be lost.
        let mut progress = kept().filter(|_| self.is_kept.get_untracked()).unwrap_or(known.clone());
        note(&mut progress);
        if progress != known {
            self.is_kept.set(settings::write(NAME, &progress.to_text()));
            self.progress.set(progress);
        }
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

/// What storage holds, if it can be read.
fn kept() -> Option<Progress> {
    Progress::from_text(&settings::read(NAME)?).ok()
}

const NAME: &str = "fourstep.progress";
