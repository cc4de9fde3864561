//! Ways to the parts of a page.

use leptos::ev::MouseEvent;
use leptos::prelude::*;
use wasm_bindgen::JsCast;

use super::language::{Words, t};

/// A part of a page: its `id` and its name.
pub(super) type Section = (&'static str, Words);

/// Ways to the parts of the page, for narrow screens.
#[component]
pub(super) fn Sections(sections: &'static [Section]) -> impl IntoView {
    let link = |(id, name): &Section| {
        let id = *id;
        let go = move |event| go_to(&event, id);
        view! { <li><a href=format!("#{id}") on:click=go>{name()}</a></li> }
    };
    view! {
        <nav class="sections" aria-label=t!(shared.parts_of_the_page)>
            <ul>{sections.iter().map(link).collect_view()}</ul>
        </nav>
    }
}

/// Goes to a part of the page. The fragment of the address stays what it is:
/// the name of the page.
pub(super) fn go_to(event: &MouseEvent, id: &str) {
    event.prevent_default();
    let Some(part) = document().get_element_by_id(id) else { return };
    part.scroll_into_view();
    if let Ok(part) = part.dyn_into::<web_sys::HtmlElement>() {
        let _ = part.focus();
    }
}
