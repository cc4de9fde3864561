//! The module of the lab and of the course.

use leptos::prelude::*;

use super::bench::{Bench, LabPage};
use super::module;
use super::route::Route;

/// Starts the module.
pub fn mount() {
    module::mount("classroom", classroom);
}

/// The page that the address names, if it is one of this module's.
fn classroom() -> AnyView {
    // The lab goes on while another page is shown.
    let bench = Bench::provide();
    let route = Route::current();
    Effect::new(move || {
        if let Route::Lab(Some(setup)) = route.get() {
            bench.open_link(&setup);
        }
    });
    let page = Memo::new(move |_| route.with(Page::of));
    let show = move || match page.get() {
        Page::Lab => view! { <LabPage/> }.into_any(),
        Page::None => ().into_any(),
    };
    show.into_any()
}

/// What is shown, whatever else the address says.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Page {
    Lab,
    None,
}

impl Page {
    fn of(route: &Route) -> Page {
        match route {
            Route::Lab(_) | Route::Course(_) => Page::Lab,
            Route::Front | Route::Client => Page::None,
        }
    }
}
