//! Text of a peer or a person in the document: what runs from right to left
//! stays within its element.

use leptos::prelude::*;

use crate::view::isolate::{Part, parts};
use crate::view::topic::shown;

/// A text whose right-to-left parts are isolated.
pub(super) fn isolated(text: &str) -> AnyView {
    match parts(text).as_slice() {
        [Part { text, is_isolated: false }] => (*text).to_owned().into_any(),
        parts => parts.iter().map(element).collect_view().into_any(),
    }
}

/// A topic or a client identifier, of which at most `limit` characters are
/// shown.
pub(super) fn topic(text: &str, limit: usize) -> AnyView {
    isolated(&shown(text, limit))
}

fn element(part: &Part<'_>) -> AnyView {
    let text = part.text.to_owned();
    match part.is_isolated {
        true => view! { <bdi>{text}</bdi> }.into_any(),
        false => text.into_any(),
    }
}
