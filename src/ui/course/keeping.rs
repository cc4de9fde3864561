//! Progress as a file, and how it is cleared.

use leptos::prelude::*;

use super::super::dynamic::{flag, part, text};
use super::super::files;
use super::super::focus::focus;
use super::super::language::t;
use super::record::Record;
use crate::course::progress::{Progress, ProgressError};

/// Says once that nothing is kept, if so, and what to do about it.
pub(super) fn warning(record: Record) -> AnyView {
    let is_due = move || !record.is_kept.get() && !record.is_told.get();
    let fault = RwSignal::new(None::<String>);
    let words = part(move || match is_due() {
        false => ().into_any(),
        true => view! {
            <div class="notice notice--warn keeping__warning">
                <p>{t!(course.keeping_warning)}</p>
                <div class="buttons">
                    <button
                        class="button button--small"
                        type="button"
                        on:click=move |_| fault.set(save(record).err())
                    >
                        {t!(course.keeping_export_progress)}
                    </button>
                    <button
                        class="button button--small"
                        type="button"
                        on:click=move |_| record.is_told.set(true)
                    >
                        {t!(course.keeping_understood)}
                    </button>
                </div>
                <p role="alert">{text(move || fault.get().unwrap_or_default())}</p>
            </div>
        }
        .into_any(),
    });
    view! { <div role="status">{words}</div> }.into_any()
}

/// Export, import and clear.
pub(super) fn section(record: Record) -> AnyView {
    let news = RwSignal::new(None::<Result<String, String>>);
    let save = move |_| news.set(save(record).err().map(Err));
    let take = move |text: Result<String, String>| {
        let read = text.and_then(|text| Progress::from_text(&text).map_err(in_words));
        news.set(Some(read.map(|other| {
            record.note(|progress| progress.merge(other));
            t!(course.keeping_imported).to_owned()
        })));
    };
    let words = part(move || match news.get() {
        None => ().into_any(),
        Some(Ok(words)) => view! { <p class="notice notice--good">{words}</p> }.into_any(),
        Some(Err(words)) => view! { <p class="notice notice--bad">{words}</p> }.into_any(),
    });
    view! {
        <section class="keeping" aria-labelledby="keeping-title">
            <h3 class="card-block__title" id="keeping-title">{t!(course.keeping)}</h3>
            <p class="keeping__about">{t!(course.keeping_about)}</p>
            <p class="notice notice--warn" hidden=flag(move || record.is_kept.get())>
                {t!(course.keeping_denied)}
            </p>
            <div class="buttons">
                <button class="button" type="button" on:click=save>{t!(course.keeping_export)}</button>
                {files::open_text(t!(course.keeping_import), ".txt,text/plain", take)}
                {clear(record, news)}
            </div>
            <div class="keeping__fault" role="status">{words}</div>
        </section>
    }
    .into_any()
}

/// Hands the progress to the browser as a file.
fn save(record: Record) -> Result<(), String> {
    let text = record.progress.with_untracked(Progress::to_text);
    files::save("fourstep-progress.txt", "text/plain", text.as_bytes())
}

/// Clears everything, once that is confirmed.
fn clear(record: Record, news: RwSignal<Option<Result<String, String>>>) -> AnyView {
    let is_asked = RwSignal::new(false);
    let ask = move |_| {
        is_asked.set(true);
        request_animation_frame(|| focus(KEEP));
    };
    let answer = move |clear: bool| {
        is_asked.set(false);
        if clear {
            record.note(|progress| *progress = Progress::default());
            news.set(Some(Ok(t!(course.keeping_cleared).to_owned())));
        }
        request_animation_frame(|| focus(CLEAR));
    };
    part(move || match is_asked.get() {
        false => view! {
            <button class="button" type="button" id=CLEAR on:click=ask>{t!(course.keeping_clear)}</button>
        }
        .into_any(),
        true => view! {
            <div class="buttons" role="group" aria-labelledby="clear-question">
                <p id="clear-question">{t!(course.keeping_sure)}</p>
                <button class="button" type="button" on:click=move |_| answer(true)>
                    {t!(course.keeping_clear_now)}
                </button>
                <button class="button" type="button" id=KEEP on:click=move |_| answer(false)>
                    {t!(course.keeping_keep)}
                </button>
            </div>
        }
        .into_any(),
    })
    .into_any()
}

/// Why a file is refused.
fn in_words(error: ProgressError) -> String {
    match error {
        ProgressError::NotProgress => t!(course.keeping_no_progress).to_owned(),
        ProgressError::TooNew => t!(course.keeping_too_new).to_owned(),
        ProgressError::TooLong => t!(course.keeping_too_long).to_owned(),
        ProgressError::Line(line) => t!(course.keeping_line, line = line),
    }
}

const CLEAR: &str = "clear-progress";
const KEEP: &str = "keep-progress";
