//! Which page is shown, by the address's fragment: `#/lab`, `#/client`.

use leptos::prelude::*;

/// A page.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) enum Route {
    /// The broker in the page and the virtual network, with the set-up that
    /// the link carries, if any.
    Lab(Option<String>),
    /// The client of a real broker.
    Client,
    /// No page of ours: the one that was shown stays.
    #[default]
    Unknown,
}

impl Route {
    /// The page of the address, kept current.
    pub fn current() -> RwSignal<Route> {
        let first = match Route::of_fragment(&fragment()) {
            Route::Unknown => Route::Lab(None),
            route => route,
        };
        let route = RwSignal::new(first);
        let listener = window_event_listener(leptos::ev::hashchange, move |_| {
            match Route::of_fragment(&fragment()) {
                Route::Unknown => {}
                next => route.set(next),
            }
        });
        on_cleanup(move || listener.remove());
        route
    }

    fn of_fragment(fragment: &str) -> Route {
        match fragment.strip_prefix("#/") {
            Some("client") => Route::Client,
            Some("lab" | "lab/") => Route::Lab(None),
            Some(rest) => match rest.strip_prefix("lab/") {
                Some(setup) => Route::Lab(Some(setup.to_owned())),
                None => Route::Unknown,
            },
            None => Route::Unknown,
        }
    }
}

/// The address of the lab with this set-up.
pub(super) fn lab_address(setup: &str) -> String {
    let location = window().location();
    let page = location.href().unwrap_or_default();
    let page = page.split('#').next().unwrap_or_default();
    format!("{page}#/lab/{setup}")
}

fn fragment() -> String {
    window().location().hash().unwrap_or_default()
}
