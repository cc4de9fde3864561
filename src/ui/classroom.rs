//! The module of the lab and of the course.

use leptos::prelude::*;

use super::bench::{Bench, LabPage};
use super::dynamic::part;
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
    let route = Route::current();
    Effect::new(move || {
        if let Route::Lab(Some(setup)) = route.get() {
            bench.open_link(&setup);
        }
    });
    provide_context(route);
    shell(route, |route| Shown::of(route).is_some(), page)
}

/// The page that the address names, which is one of this module's.
fn page() -> Page {
    let route: RwSignal<Route> = expect_context();
    let shown = Memo::new(move |_| route.with(Shown::of));
    let main = part(move || shown.get().map(|Shown::Lab| view! { <LabPage/> }));
    Page { status: ().into_any(), main: main.into_any() }
}

/// Which page is shown, whatever else the address says.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Shown {
    Lab,
}

impl Shown {
    fn of(route: &Route) -> Option<Shown> {
        match route {
            Route::Lab(_) | Route::Course(_) => Some(Shown::Lab),
            Route::Front | Route::Client => None,
        }
    }
}
