//! Which page is shown, by the address's fragment: `#/client`, `#/lab/SETUP`.

use leptos::ev::Custom;
use leptos::prelude::*;
use web_sys::Event;

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
    /// The page that is shown, kept current. A change of the address counts
    /// from when the module that it needs is there: `src/boot.js` tells.
    pub fn current() -> RwSignal<Route> {
        let route = RwSignal::new(Route::of(&fragment()));
        let listener = window_event_listener(Custom::<Event>::new(PAGE), move |_| {
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
}

/// The address of the lab with this set-up.
pub(super) fn lab_address(setup: &str) -> String {
    address_of(&format!("{LAB}/{setup}"))
}

/// The whole address with this fragment, which begins with `#`.
pub(super) fn address_of(fragment: &str) -> String {
    let location = window().location();
    let page = location.href().unwrap_or_default();
    let page = page.split('#').next().unwrap_or_default();
    format!("{page}{fragment}")
}

fn fragment() -> String {
    window().location().hash().unwrap_or_default()
}

/// The event that tells of another page.
const PAGE: &str = "page";

/// Where the pages are.
pub(super) const FRONT: &str = "#/";
pub(super) const COURSE: &str = "#/course";
pub(super) const LAB: &str = "#/lab";
pub(super) const CLIENT: &str = "#/client";
