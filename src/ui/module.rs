//! How a module of the page starts. Each is a binary of its own, which
//! `src/boot.js` fetches when one of its pages is first opened.

use leptos::mount::mount_to;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::HtmlElement;

use super::crash;

/// Puts a module's views into its container, an element of `index.html`. They
/// stay for good: the module lives on while another's page is shown.
pub(super) fn mount(container: &str, views: fn() -> AnyView) {
    crash::report_panics();
    if let Some(container) = element(container) {
        mount_to(container, views).forget();
    }
}

fn element(id: &str) -> Option<HtmlElement> {
    document().get_element_by_id(id)?.dyn_into().ok()
}
