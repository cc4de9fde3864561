use std::time::Duration;

use leptos::prelude::*;

use super::clipboard;
use super::dynamic::{flag, text};
use super::isolate::isolated;
use super::language::{self, t};
use super::source::{News, TraceSource};
use crate::trace::Trace;
use crate::view::transcript;

/// The diagram in words: the latest lines, and all of them for the clipboard.
#[component]
pub(super) fn Transcript(source: TraceSource) -> impl IntoView {
    let differs = source.stage.map(|stage| stage.differs);
    let lines = move || {
        let next = source.news.get().next;
        source
            .read(|trace| {
                transcript::lines(language::current(), trace, next.saturating_sub(SHOWN)..next)
            })
            .unwrap_or_default()
    };
    let copied = RwSignal::new(false);
    let copy = move |_| {
        if let Some(text) = source.read(Trace::to_text) {
            clipboard::copy(text, move || copied.set(true));
        }
    };
    view! {
        <div class="transcript">
            <div class="transcript__tools">
                <p class="panel__note">{t!(shared.latest_records, count = SHOWN)}</p>
                <button class="button button--small" type="button" on:click=copy>
                    {text(move || if copied.get() { t!(shared.copied) } else { t!(shared.copy_all) }.to_owned())}
                </button>
            </div>
            <div class="transcript__scroll" tabindex="0" role="region" aria-label=t!(shared.transcript)>
                <ol class="transcript__lines">
                    <For each=lines key=|line| (line.sequence, line.text.clone()) let(line)>
                        <li class:transcript__differs=flag(move || {
                            differs.is_some_and(|differs| differs.get() == Some(line.sequence))
                        })>
                            <button
                                type="button"
                                class="transcript__line"
                                on:click=move |_| source.select(Some(line.sequence))
                            >
                                <span aria-hidden="true">{isolated(&line.text)}</span>
                                <span class="visually-hidden">{line.sentence}</span>
                            </button>
                        </li>
                    </For>
                </ol>
            </div>
        </div>
    }
}

/// Tells a screen reader what crossed the wire, a few seconds' worth at once.
#[component]
pub(super) fn Announcer() -> impl IntoView {
    let source = TraceSource::expect();
    let told = StoredValue::new(((0, 0), 0));
    let is_due = StoredValue::new(false);
    let words = RwSignal::new(String::new());
    let announce = move || {
        // By now another page may be shown, perhaps of the same trace.
        let (Some(news), Some(before)) = (source.news.try_get_untracked(), told.try_get_value())
        else {
            return;
        };
        let News { generation, rewinds, next, .. } = news;
        is_due.set_value(false);
        let first = match before {
            (of, first) if of == (generation, rewinds) => first,
            // Whoever goes back knows what was there.
            ((of, _), _) if of == generation => next,
            _ => 0,
        };
        told.set_value(((generation, rewinds), next));
        let announcement = |trace: &Trace| {
            transcript::announcement(language::current(), trace, first..next, SENTENCES)
        };
        words.set(source.read(announcement).unwrap_or_default());
    };
    Effect::new(move || {
        if source.news.get().next > 0 && !is_due.get_value() {
            is_due.set_value(true);
            set_timeout(announce, PAUSE);
        }
    });
    view! { <p class="visually-hidden" role="status">{text(move || words.get())}</p> }
}

/// Lines that the transcript shows.
const SHOWN: u64 = 200;
/// Records that are announced one by one; of more, only the counts are.
const SENTENCES: usize = 4;
/// Between two announcements.
const PAUSE: Duration = Duration::from_secs(3);
