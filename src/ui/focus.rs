//! Where the keyboard is.

use leptos::ev::MouseEvent;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement};

/// Moves the focus to the element with this id.
pub(super) fn focus(id: &str) {
    let element = document().get_element_by_id(id);
    if let Some(element) = element.and_then(|it| it.dyn_into::<HtmlElement>().ok()) {
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

/// Elements of which one at a time is a stop of the Tab key; arrow keys lead to
/// the others. A handle: copies are the same.
#[derive(Clone, Copy)]
pub(super) struct Roving {
    /// What they are in.
    pub around: NodeRef<leptos::html::Div>,
    selector: &'static str,
}

impl Roving {
    /// Of the elements with this selector. The first of them is the stop.
    pub fn new(selector: &'static str) -> Roving {
        let roving = Roving { around: NodeRef::new(), selector };
        Effect::new(move || {
            if roving.around.get().is_some() {
                roving.stop_at(0);
            }
        });
        roving
    }

    /// Moves the focus as this key says. Whether the key means anything.
    pub fn go(self, key: &str) -> bool {
        let elements = self.elements();
        let Some(at) = position(&elements) else { return false };
        let next = match key {
            "ArrowRight" | "ArrowDown" => at + 1,
            "ArrowLeft" | "ArrowUp" => at.saturating_sub(1),
            "Home" => 0,
            "End" => elements.len() - 1,
            _ => return false,
        };
        if let Some(element) = elements.get(next) {
            // An element that cannot be focused keeps the focus where it is.
            let _ = element.focus();
        }
        true
    }

    /// Makes the element that has the focus the stop, if it is one of these.
    pub fn stop_here(self) {
        if let Some(at) = position(&self.elements()) {
            self.stop_at(at);
        }
    }

    fn stop_at(self, stop: usize) {
        for (index, element) in self.elements().iter().enumerate() {
            element.set_tab_index(if index == stop { 0 } else { -1 });
        }
    }

    fn elements(self) -> Vec<HtmlElement> {
        let around = self.around.get_untracked();
        let list = around.and_then(|around| around.query_selector_all(self.selector).ok());
        let list = list.map(|list| (0..list.length()).filter_map(move |index| list.item(index)));
        list.into_iter().flatten().filter_map(|node| node.dyn_into().ok()).collect()
    }
}

/// Which of them has the focus.
fn position(elements: &[HtmlElement]) -> Option<usize> {
    let active = document().active_element()?;
    elements.iter().position(|element| **element == active)
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
