//! What stands around every page: the header, and with it the way to the other
//! pages.

mod language;
mod theme;

use leptos::prelude::*;

use super::dynamic::part;
use super::language::{Words, t, track};
use super::route::{self, Route};
use super::sections::go_to;
use language::LanguageSwitch;
use theme::ThemeToggle;

/// What a module shows.
pub(super) struct Page {
    /// How things are, in the header.
    pub status: AnyView,
    pub main: AnyView,
}

/// The header, and a page below it, while the address names a page of this
/// module.
///
/// What is not shown is not in the document, so that names of elements can be
/// the same on all pages. All of it is built anew when the language changes.
pub(super) fn shell(
    route: RwSignal<Route>,
    is_ours: fn(&Route) -> bool,
    page: fn() -> Page,
) -> AnyView {
    let is_shown = Memo::new(move |_| route.with(is_ours));
    let show = part(move || {
        track();
        is_shown.get().then(|| framed(route, page()))
    });
    show.into_any()
}

fn framed(route: RwSignal<Route>, page: Page) -> AnyView {
    let place = Memo::new(move |_| route.with(Place::of));
    Effect::new(move || document().set_title(place.get().title));
    view! {
        <SkipLink place/>
        <Header place status=page.status/>
        {page.main}
    }
    .into_any()
}

/// What the shell knows of a page.
#[derive(Clone, Copy, PartialEq)]
struct Place {
    /// Where its link leads.
    address: &'static str,
    title: &'static str,
    /// The page in a sentence.
    what: &'static str,
    /// What follows the header's links: its name, and its `id`.
    main: (&'static str, &'static str),
}

impl Place {
    fn of(route: &Route) -> Place {
        match route {
            Route::Front => Place {
                address: route::FRONT,
                title: "Fourstep",
                what: "",
                main: (t!(shell.skip_to_content), "content"),
            },
            Route::Course(_) => Place {
                address: route::COURSE,
                title: t!(shell.course_title),
                what: t!(shell.course_in_a_sentence),
                main: (t!(shell.skip_to_lesson), "content"),
            },
            Route::Lab(_) => Place {
                address: route::LAB,
                title: t!(shell.lab_title),
                what: t!(shell.lab_in_a_sentence),
                main: (t!(shell.skip_to_packets), "packets"),
            },
            Route::Client => Place {
                address: route::CLIENT,
                title: t!(shell.client_title),
                what: t!(shell.client_in_a_sentence),
                main: (t!(shell.skip_to_packets), "packets"),
            },
        }
    }
}

#[component]
fn SkipLink(place: Memo<Place>) -> impl IntoView {
    let words = move || place.get().main.0;
    let address = move || format!("#{}", place.get().main.1);
    let go = move |event| go_to(&event, place.get_untracked().main.1);
    view! { <a class="skip-link" href=address on:click=go>{words}</a> }
}

#[component]
fn Header(place: Memo<Place>, status: AnyView) -> impl IntoView {
    let link = move |(address, name): (&'static str, Words)| {
        let current = move || (place.get().address == address).then_some("page");
        view! { <li><a href=address aria-current=current>{name()}</a></li> }
    };
    view! {
        <header class="header">
            <h1 class="header__name">
                <a class="header__home" href=route::FRONT><Mark/>"Fourstep"</a>
            </h1>
            <nav class="pages" aria-label=t!(shell.pages)>
                <ul>{PAGES.map(link).collect_view()}</ul>
            </nav>
            <p class="header__what">{move || place.get().what}</p>
            <div class="header__end">
                {status}
                <LanguageSwitch/>
                <ThemeToggle/>
            </div>
        </header>
    }
}

/// The four steps of QoS 2, as in the icon.
#[component]
fn Mark() -> impl IntoView {
    view! {
        <svg class="header__mark" viewBox="0 0 32 32" aria-hidden="true">
            <path class="mark mark--publish" d="M5 6h22"/>
            <path class="mark mark--pubrec" d="M27 13H5"/>
            <path class="mark mark--pubrel" d="M5 20h22"/>
            <path class="mark mark--pubcomp" d="M27 27H5"/>
        </svg>
    }
}

const PAGES: [(&str, Words); 3] = [
    (route::COURSE, || t!(shell.course)),
    (route::LAB, || t!(shell.lab)),
    (route::CLIENT, || t!(shell.client)),
];
