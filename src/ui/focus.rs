//! Where the keyboard is.

use leptos::ev::MouseEvent;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::Element;

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

/// The nearest element around what was clicked that is such a one.
pub(super) fn closest(event: &MouseEvent, selector: &str) -> Option<Element> {
    let target = event.target()?.dyn_into::<Element>().ok()?;
    target.closest(selector).ok()?
}

/// Where the lower left corner of the element with this id is, in the window.
pub(super) fn bottom_left(id: &str) -> Option<(f64, f64)> {
    let place = document().get_element_by_id(id)?.get_bounding_client_rect();
    Some((place.left(), place.bottom()))
}

/// Scrolls as little as it takes to show the element with this id.
pub(super) fn reveal(id: &str) {
    if let Some(element) = document().get_element_by_id(id) {
        let options = web_sys::ScrollIntoViewOptions::new();
        options.set_block(web_sys::ScrollLogicalPosition::Nearest);
        element.scroll_into_view_with_scroll_into_view_options(&options);
    }
}

/// The id of the inspector's tree, where Enter leads from a row.
pub(super) const FIELDS: &str = "fields";
