//! How a module of the page starts. Each is a binary of its own, which the
//! shell fetches when its page is first opened.

use leptos::mount::mount_to;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::HtmlElement;

use super::crash;

/// Puts a module's views into its container, an element of `index.html`.
///
/// They stay for good and watch the address: while it names another module's
/// page, they show nothing and their models live on. Pages that are not shown
/// are not in the document, so that names of elements can be the same on all.
pub(super) fn mount(container: &str, views: fn() -> AnyView) {
    crash::report_panics();
    if let Some(container) = element(container) {
        mount_to(container, views).forget();
    }
}

/// Shows a part of a page elsewhere, in the element with this `id`, for as
/// long as the page is shown.
pub(super) fn show_at(id: &str, view: fn() -> AnyView) {
    if let Some(place) = element(id) {
        let shown = StoredValue::new_local(Some(mount_to(place, view)));
        on_cleanup(move || drop(shown.try_update_value(Option::take)));
    }
}

fn element(id: &str) -> Option<HtmlElement> {
    document().get_element_by_id(id)?.dyn_into().ok()
}
