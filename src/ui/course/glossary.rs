//! The glossary: each term, what it means, and the lessons that use it.

use leptos::prelude::*;

use super::super::focus::focus;
use super::super::language::{self, t};
use super::{place, prose};
use crate::course::glossary::{self, Term};
use crate::course::{Inline, LESSONS, Lesson};

/// The page, at the term with this name if there is one.
pub(super) fn page(term: String) -> AnyView {
    let terms = glossary::terms(language::current());
    // The fragment of the address is the name of the page, so the browser does
    // not know the way.
    Effect::new(move || {
        let id = element_id(&term);
        if let Some(place) = document().get_element_by_id(&id) {
            place.scroll_into_view();
            focus(&id);
        }
    });
    view! {
        <main class="main main--course" id="content" tabindex="-1">
            <article class="page glossary" aria-labelledby="glossary-title">
                <p class="lesson__number"><a href=place::CONTENTS>{t!(course.contents)}</a></p>
                <h2 class="lesson__title" id="glossary-title">{t!(course.glossary)}</h2>
                <dl class="terms">{terms.iter().map(entry).collect_view()}</dl>
            </article>
        </main>
    }
    .into_any()
}

fn entry(term: &'static Term) -> AnyView {
    let lessons = LESSONS.iter().filter(|lesson| uses(lesson, term.id)).map(|lesson| {
        let title = lesson.prose(language::current()).title;
        view! { <li><a href=place::lesson(lesson.slug)>{title}</a></li> }.into_any()
    });
    let lessons = lessons.collect::<Vec<_>>();
    let used = (!lessons.is_empty()).then(|| {
        view! {
            <div class="terms__lessons">
                <span>{t!(course.glossary_in)}</span>
                <ul>{lessons.collect_view()}</ul>
            </div>
        }
        .into_any()
    });
    view! {
        <div class="terms__entry" id=element_id(term.id) tabindex="-1">
            <dt>{term.name}</dt>
            <dd>
                <div class="prose">{prose::blocks(None, term.meaning)}</div>
                {used}
            </dd>
        </div>
    }
    .into_any()
}

/// Whether a lesson refers to this term.
fn uses(lesson: &Lesson, id: &str) -> bool {
    let mut found = false;
    lesson.prose(language::current()).walk(&mut |inline| {
        found |= matches!(inline, Inline::Term { id: other, .. } if *other == id);
    });
    found
}

fn element_id(term: &str) -> String {
    format!("term-{term}")
}
