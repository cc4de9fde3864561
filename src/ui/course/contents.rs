//! The contents of the course, and what is done of it.

use leptos::prelude::*;

use super::super::dynamic::part;
use super::super::language::{self, t};
use super::record::Record;
use super::{keeping, place, search};
use crate::course::progress::Progress;
use crate::course::prose::plain;
use crate::course::{LESSONS, Lesson};

/// The page.
pub(super) fn page(record: Record, query: RwSignal<String>) -> AnyView {
    view! {
        <main class="main main--course" id="content" tabindex="-1">
            <div class="page contents">
                {keeping::warning(record)}
                <h2 class="lesson__title">{t!(course.course)}</h2>
                <p class="contents__intro">{t!(course.course_about)}</p>
                <div class="contents__ways">
                    {part(move || go_on(record))}
                    <a class="button contents__go" href=place::GLOSSARY>{t!(course.glossary)}</a>
                    {search::field(query)}
                </div>
                {search::results(query)}
                <ol class="lessons">{LESSONS.iter().map(|lesson| entry(lesson, record)).collect_view()}</ol>
                {keeping::section(record)}
            </div>
        </main>
    }
    .into_any()
}

/// The way to where the learner was, or to the start.
fn go_on(record: Record) -> AnyView {
    let here = record.progress.with(|progress| progress.here().and_then(Lesson::find));
    let link = |lesson: &'static Lesson| {
        let title = lesson.prose(language::current()).title;
        let words = match here {
            Some(_) => t!(course.go_on, lesson = title),
            None => t!(course.begin, lesson = title),
        };
        view! {
            <a class="button button--main contents__go" href=place::lesson(lesson.slug)>{words}</a>
        }
    };
    here.or(LESSONS.first().copied()).map(link).into_any()
}

fn entry(lesson: &'static Lesson, record: Record) -> AnyView {
    let prose = lesson.prose(language::current());
    let is_here = record.of(|progress| progress.here() == Some(lesson.slug));
    view! {
        <li class="lessons__entry" data-here=move || is_here.get().then_some("yes")>
            <span class="lessons__number" aria-hidden="true">{lesson.number.to_string()}</span>
            <a class="lessons__link" href=place::lesson(lesson.slug)>{prose.title}</a>
            {part(move || record.progress.with(|progress| marks(lesson, progress)))}
            <p class="lessons__summary">{plain(prose.summary)}</p>
        </li>
    }
    .into_any()
}

/// What is done of a lesson.
fn marks(lesson: &Lesson, progress: &Progress) -> AnyView {
    let badge = |class: &'static str, words: String| {
        view! { <li class=format!("badge {class}")>{words}</li> }.into_any()
    };
    let mut badges = Vec::new();
    if progress.is_read(lesson.slug) {
        badges.push(badge("", t!(course.mark_read).to_owned()));
    }
    match progress.prediction(lesson.slug) {
        Some((_, true)) => badges.push(badge("", t!(course.mark_right).to_owned())),
        Some((_, false)) => badges.push(badge("", t!(course.mark_predicted).to_owned())),
        None => {}
    }
    let (reached, count) = (progress.reached(lesson), lesson.goals.len());
    if reached > 0 {
        let class = if reached == count { "badge--good" } else { "" };
        badges.push(badge(class, t!(course.mark_goals, reached = reached, count = count)));
    }
    let stars = progress.stars(lesson);
    if stars > 0 {
        badges.push(badge("badge--star", t!(course.mark_stars, count = stars)));
    }
    view! { <ul class="lessons__marks" aria-label=t!(course.marks)>{badges}</ul> }.into_any()
}
