//! Where the keyboard is.

use leptos::prelude::*;
use wasm_bindgen::JsCast;

/// Moves the focus to the element with this id.
pub(super) fn focus(id: &str) {
    let element = document().get_element_by_id(id);
    if let Some(element) = element.and_then(|it| it.dyn_into::<web_sys::HtmlElement>().ok()) {
        // An element that cannot be focused keeps the focus where it is.
        let _ = element.focus();
    }
}

/// Moves the focus to the element with this id if it was lost: what had it is
/// no longer in the document.
pub(super) fn keep_focus(id: &str) {
    let active = document().active_element();
    let is_lost = active.is_none_or(|element| element.tag_name() == "BODY");
    if is_lost {
        focus(id);
    }
}

/// Scrolls as little as it takes to show the element with this id.
pub(super) fn reveal(id: &str) {
    if let Some(element) = document().get_element_by_id(id) {
        let options = web_sys::ScrollIntoViewOptions::new();
        options.set_block(web_sys::ScrollLogicalPosition::Nearest);
        element.scroll_into_view_with_scroll_into_view_options(&options);
    }
}
