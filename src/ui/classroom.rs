//! The module of the lab and of the course.

use leptos::prelude::*;

use super::bench::{Bench, LabPage, Opened};
use super::course::{self, Course};
use super::dynamic::part;
use super::language;
use super::memory::Memory;
use super::module;
use super::route::Route;
use super::shell::{Page, shell};

/// Starts the module.
pub fn mount() {
    module::mount("classroom", classroom);
}

fn classroom() -> AnyView {
    // The lab goes on while another page is shown.
    let bench = Bench::provide();
    // The lessons have one of their own.
    let course = Course::new();
    let route = Route::current();
    Effect::new(move || {
        if let Route::Lab(Some(setup)) = route.get() {
            bench.open_link(&setup);
        }
    });
    Effect::new(move || {
        if route.with(|route| Shown::of(route) != Some(Shown::Course)) {
            course.pause();
        }
    });
    provide_context(route);
    provide_context(course);
    provide_context(Memory::new());
    let pages = shell(route, |route| Shown::of(route).is_some(), page);
    let companion = part(move || {
        language::track();
        let is_client = route.with(|route| *route == Route::Client);
        is_client.then(|| course.companion())
    });
    view! {
        {pages}
        {companion}
    }
    .into_any()
}

/// The page that the address names, which is one of this module's.
fn page() -> Page {
    let route: RwSignal<Route> = expect_context();
    let shown = Memo::new(move |_| route.with(Shown::of));
    let course: Course = expect_context();
    let address = Memo::new(move |_| {
        route.with(|route| match route {
            Route::Course(address) => address.clone(),
            _ => String::new(),
        })
    });
    let main = part(move || match shown.get() {
        Some(Shown::Lab) => view! { <LabPage/> }.into_any(),
        Some(Shown::Course) => course::page(address, course),
        None => ().into_any(),
    });
    let bench = Bench::expect();
    let title = Signal::derive(move || match shown.get() {
        Some(Shown::Lab) => bench.opened.with(Opened::name),
        Some(Shown::Course) => address.with(|address| course::title(address)),
        None => String::new(),
    });
    Page { title, status: ().into_any(), main: main.into_any() }
}

/// Which page is shown, whatever else the address says.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Shown {
    Lab,
    Course,
}

impl Shown {
    fn of(route: &Route) -> Option<Shown> {
        match route {
            Route::Lab(_) => Some(Shown::Lab),
            Route::Course(_) => Some(Shown::Course),
            Route::Front | Route::Client => None,
        }
    }
}
