//! The module of the lab and of the course.

use leptos::prelude::*;

use super::bench::{Bench, LabPage};
use super::course;
use super::dynamic::part;
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
    let lessons = Lessons(Bench::new());
    let route = Route::current();
    Effect::new(move || {
        if let Route::Lab(Some(setup)) = route.get() {
            bench.open_link(&setup);
        }
    });
    provide_context(route);
    provide_context(lessons);
    provide_context(Memory::new());
    shell(route, |route| Shown::of(route).is_some(), page)
}

/// The page that the address names, which is one of this module's.
fn page() -> Page {
    let route: RwSignal<Route> = expect_context();
    let shown = Memo::new(move |_| route.with(Shown::of));
    let Lessons(lessons) = expect_context();
    let address = Memo::new(move |_| {
        route.with(|route| match route {
            Route::Course(address) => address.clone(),
            _ => String::new(),
        })
    });
    let main = part(move || match shown.get() {
        Some(Shown::Lab) => view! { <LabPage/> }.into_any(),
        Some(Shown::Course) => course::page(address, lessons),
        None => ().into_any(),
    });
    Page { status: ().into_any(), main: main.into_any() }
}

/// The lab of the lessons.
#[derive(Clone, Copy)]
struct Lessons(Bench);

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
