//! Which page is shown, by the address's fragment: `#/client`, `#/lab/SETUP`.

use leptos::prelude::*;

/// A page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Route {
    /// What this is, and the ways in. An address that names no page leads
    /// here too.
    Front,
    /// The lessons, and what follows `course/` in the address.
    Course(String),
    /// The broker in the page and the virtual network, with the set-up that
    /// the link carries, if any.
    Lab(Option<String>),
    /// The client of a real broker.
    Client,
}

impl Route {
    /// The page of the address, kept current.
    pub fn current() -> RwSignal<Route> {
        let route = RwSignal::new(Route::of(&fragment()));
        let listener = window_event_listener(leptos::ev::hashchange, move |_| {
            let next = Route::of(&fragment());
            if route.with_untracked(|route| *route != next) {
                route.set(next);
            }
        });
        on_cleanup(move || listener.remove());
        route
    }

    /// The page that a fragment names.
    fn of(fragment: &str) -> Route {
        let path = fragment.strip_prefix("#/").unwrap_or_default();
        let (page, rest) = path.split_once('/').unwrap_or((path, ""));
        match page {
            "course" => Route::Course(rest.to_owned()),
            "lab" => Route::Lab((!rest.is_empty()).then(|| rest.to_owned())),
            "client" => Route::Client,
            _ => Route::Front,
        }
    }

    /// The module that shows the page: the name of its binary and the `id` of
    /// its container.
    pub fn module(&self) -> &'static str {
        match self {
            Route::Front => "front",
            Route::Course(_) | Route::Lab(_) => "classroom",
            Route::Client => "client",
        }
    }
}

/// The address of the lab with this set-up.
pub(super) fn lab_address(setup: &str) -> String {
    let location = window().location();
    let page = location.href().unwrap_or_default();
    let page = page.split('#').next().unwrap_or_default();
    format!("{page}{LAB}/{setup}")
}

fn fragment() -> String {
    window().location().hash().unwrap_or_default()
}

/// Where the pages are.
pub(super) const FRONT: &str = "#/";
/// The course's first lessons are set-ups of the lab.
pub(super) const COURSE: &str = LAB;
pub(super) const LAB: &str = "#/lab";
pub(super) const CLIENT: &str = "#/client";
