//! Search over all lessons and the glossary.

use leptos::prelude::*;

use super::super::dynamic::{part, text};
use super::super::language::{self, t};
use super::place;
use crate::course::search::{Hit, Index, Place};

/// The field. `query` is what is looked for.
pub(super) fn field(query: RwSignal<String>) -> AnyView {
    view! {
        <div class="search" role="search">
            <label class="visually-hidden" for="search">{t!(course.search)}</label>
            <input
                class="input"
                id="search"
                type="search"
                autocomplete="off"
                placeholder=t!(course.search)
                prop:value=text(move || query.get())
                on:input=move |event| query.set(event_target_value(&event))
            />
        </div>
    }
    .into_any()
}

/// What was found.
pub(super) fn results(query: RwSignal<String>) -> AnyView {
    let index = StoredValue::new(None::<Index>);
    let hits = move |query: &str| {
        let mut hits = Vec::new();
        index.update_value(|index| {
            let index = index.get_or_insert_with(|| Index::new(language::current()));
            hits = index.search(query, MOST_HITS);
        });
        hits
    };
    let list = part(move || {
        let query = query.get();
        if query.trim().is_empty() {
            return ().into_any();
        }
        let hits = hits(&query);
        let count = match hits.len() {
            0 => t!(course.search_nothing).to_owned(),
            MOST_HITS => t!(course.search_many, count = MOST_HITS),
            count => t!(course.search_count, count = count),
        };
        view! {
            <section class="found" aria-label=t!(course.search_results)>
                <p class="found__count" role="status">{count}</p>
                <ul>{hits.into_iter().map(hit).collect_view()}</ul>
            </section>
        }
        .into_any()
    });
    list.into_any()
}

fn hit(hit: Hit) -> AnyView {
    let (address, title) = match hit.place {
        Place::Lesson(lesson) => {
            (place::lesson(lesson.slug), lesson.prose(language::current()).title)
        }
        Place::Term(term) => (place::term(term.id), term.name),
    };
    view! {
        <li>
            <a href=address>{title}</a>
            <p>{hit.before}<mark>{hit.found}</mark>{hit.after}</p>
        </li>
    }
    .into_any()
}

/// Passages that are shown.
const MOST_HITS: usize = 20;
