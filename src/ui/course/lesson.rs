//! The page of a lesson: its prose, and beside it its lab.

use leptos::prelude::*;

use super::super::language::{self, t};
use super::study::Study;
use super::{goals, instruments, keeping, place, predict, prose, specification, stage};
use crate::course::{LESSONS, Lesson};

/// A lesson.
pub(super) fn page(study: Study) -> AnyView {
    note_reading(study);
    view! {
        <main class="main main--lesson" id="content" tabindex="-1">
            <article class="lesson" aria-labelledby="lesson-title">
                {keeping::warning(study.record)}
                {text(study)}
                {predict::section(study)}
                {instruments::section(study)}
                {goals::section(study)}
                {specification::section(study)}
                {neighbors(study)}
            </article>
            {stage::stage(study)}
        </main>
        {stage::jump()}
    }
    .into_any()
}

/// Whoever has the question on the screen has read the text before it.
fn note_reading(study: Study) {
    let record = study.record;
    let slug = study.lesson.slug;
    let note = move || {
        let question = document().get_element_by_id(predict::SECTION);
        let height = window().inner_height().ok().and_then(|it| it.as_f64());
        let is_shown = question.zip(height).is_some_and(|(question, height)| {
            let place = question.get_bounding_client_rect();
            place.top() < height && place.bottom() > 0.0
        });
        if is_shown {
            record.note(|progress| progress.read(slug));
        }
    };
    let listener = window_event_listener(leptos::ev::scroll, move |_| note());
    let focus = window_event_listener(leptos::ev::focusin, move |_| note());
    on_cleanup(move || {
        listener.remove();
        focus.remove();
    });
}

/// The head of the lesson and its text.
fn text(study: Study) -> AnyView {
    let prose = study.prose();
    let number = t!(course.lesson_of, number = study.lesson.number, count = LESSONS.len());
    let text = prose::listening(study, "prose", prose::blocks(Some(study), prose.text));
    view! {
        <header class="lesson__head">
            <p class="lesson__number"><a href=place::CONTENTS>{number}</a></p>
            <h2 class="lesson__title" id="lesson-title">{prose.title}</h2>
            <div class="lesson__summary">{prose::text(Some(study), prose.summary)}</div>
        </header>
        <p class="visually-hidden" id=prose::SENTENCE_HINT>{t!(course.sentence_hint)}</p>
        {text}
    }
    .into_any()
}

/// The ways to the lessons before and after.
fn neighbors(study: Study) -> AnyView {
    let at = LESSONS.iter().position(|lesson| lesson.slug == study.lesson.slug).unwrap_or_default();
    let link = |lesson: &&'static Lesson, class: &'static str, words: &'static str| {
        view! {
            <a class=class href=place::lesson(lesson.slug)>
                <span class="neighbor__way">{words}</span>
                <span class="neighbor__title">{lesson.prose(language::current()).title}</span>
            </a>
        }
        .into_any()
    };
    let before = at.checked_sub(1).and_then(|at| LESSONS.get(at));
    let next = LESSONS.get(at + 1);
    view! {
        <nav class="neighbors" aria-label=t!(course.neighbors)>
            {before.map(|it| link(it, "neighbor", t!(course.back)))}
            {next.map(|it| link(it, "neighbor neighbor--next", t!(course.next)))}
            {next.is_none().then(|| {
                view! { <a class="neighbor neighbor--next" href=place::CONTENTS>{t!(course.to_contents)}</a> }
            })}
        </nav>
    }
    .into_any()
}
