//! The module of the front page: what this is, and the ways in.

mod exchange;
mod stage;

use leptos::prelude::*;

use super::language::{Words, t};
use super::module;
use super::route::{self, Route};
use super::shell::{Page, shell};
use stage::stage;

/// Starts the module.
pub fn mount() {
    module::mount("front", front);
}

fn front() -> AnyView {
    shell(Route::current(), |route| *route == Route::Front, page)
}

fn page() -> Page {
    Page {
        title: Signal::stored(String::new()),
        status: ().into_any(),
        main: view! { <FrontPage/> }.into_any(),
    }
}

#[component]
fn FrontPage() -> impl IntoView {
    view! {
        <main class="front" id="content" tabindex="-1">
            <div class="front__words">
                <h2 class="front__title">{t!(front.title)}</h2>
                <p class="front__lead">{t!(front.lead)}</p>
            </div>
            {stage()}
            <ul class="front__ways">{WAYS.map(way).collect_view()}</ul>
        </main>
    }
}

/// A link to a page, with what it is for.
fn way((address, name, what): (&'static str, Words, Words)) -> AnyView {
    view! {
        <li>
            <a class="front__way" href=address><strong>{name()}</strong><span>{what()}</span></a>
        </li>
    }
    .into_any()
}

const WAYS: [(&str, Words, Words); 3] = [
    (route::COURSE, || t!(shell.course), || t!(front.course)),
    (route::LAB, || t!(shell.lab), || t!(front.lab)),
    (route::CLIENT, || t!(shell.client), || t!(front.client)),
];
