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
    /// What the page shows now, before the name of the page in the window's
    /// title; empty for the page as such.
    pub title: Signal<String>,
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
    let own = page.title;
    Effect::new(move || {
        let title = place.get().title;
        document().set_title(&own.with(|own| match own.as_str() {
            "" => title.to_owned(),
            own => format!("{own} · {title}"),
        }));
    });
    view! {
        <SkipLinks place/>
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
    /// What the keyboard can go to at once: names and `id`s.
    skips: [Option<(&'static str, &'static str)>; 2],
}

impl Place {
    fn of(route: &Route) -> Place {
        match route {
            Route::Front => Place {
                address: route::FRONT,
                title: "Fourstep",
                what: "",
                skips: [Some((t!(shell.skip_to_content), "content")), None],
            },
            Route::Course(address) => Place {
                address: route::COURSE,
                title: t!(shell.course_title),
                what: t!(shell.course_in_a_sentence),
                skips: [Some((t!(shell.skip_to_lesson), "content")), time(is_lesson(address))],
            },
            Route::Lab(_) => Place {
                address: route::LAB,
                title: t!(shell.lab_title),
                what: t!(shell.lab_in_a_sentence),
                skips: [packets(), time(true)],
            },
            Route::Client => Place {
                address: route::CLIENT,
                title: t!(shell.client_title),
                what: t!(shell.client_in_a_sentence),
                skips: [packets(), None],
            },
        }
    }
}

fn packets() -> Option<(&'static str, &'static str)> {
    Some((t!(shell.skip_to_packets), "packets"))
}

/// To where a run is played, paused and stepped through, on pages that have it.
fn time(is_there: bool) -> Option<(&'static str, &'static str)> {
    is_there.then(|| (t!(shell.skip_to_time), "time"))
}

/// Whether a page of the course has a lab.
fn is_lesson(address: &str) -> bool {
    !address.is_empty() && !address.starts_with("glossary")
}

#[component]
fn SkipLinks(place: Memo<Place>) -> impl IntoView {
    let link = |(words, id): (&'static str, &'static str)| {
        let go = move |event| go_to(&event, id);
        view! { <a class="skip-link" href=format!("#{id}") on:click=go>{words}</a> }
    };
    part(move || place.get().skips.into_iter().flatten().map(link).collect_view())
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
