//! What a field of one line says of what is typed or pasted into it.

use leptos::prelude::*;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::Event;

use super::dynamic::part;
use super::language::t;
use crate::view::topic::{Hint, hints, loses_lines};

/// Follows what is pasted. Browsers leave the line breaks out, and say nothing.
/// A handle: copies are the same.
#[derive(Clone, Copy)]
pub(super) struct Pasted {
    has_lost_lines: RwSignal<bool>,
    /// Whether the next input is the paste itself.
    is_under_way: StoredValue<bool>,
}

impl Pasted {
    pub fn new() -> Pasted {
        Pasted { has_lost_lines: RwSignal::new(false), is_under_way: StoredValue::new(false) }
    }

    /// Something is pasted.
    pub fn on_paste(self, event: &Event) {
        let text = pasted_text(event.as_ref()).unwrap_or_default();
        self.has_lost_lines.set(loses_lines(&text));
        self.is_under_way.set_value(true);
    }

    /// The field's text has changed.
    pub fn on_input(self) {
        if !self.is_under_way.get_value() {
            self.has_lost_lines.set(false);
        }
        self.is_under_way.set_value(false);
    }
}

/// What there is to say, below the field; of a topic also what is unusual about
/// it.
pub(super) fn remarks(pasted: Pasted, topic: Option<Signal<String>>) -> AnyView {
    let said = Memo::new(move |_| {
        let mut said = Vec::new();
        said.extend(pasted.has_lost_lines.get().then(|| t!(shared.lost_lines)));
        let hints = topic.map(|topic| topic.with(|topic| hints(topic)));
        said.extend(hints.into_iter().flatten().map(words));
        said
    });
    let line = |words: &'static str| view! { <span class="field__remark">{words}</span> };
    let lines = part(move || said.get().into_iter().map(line).collect_view());
    view! { <span class="field__remarks" aria-live="polite">{lines}</span> }.into_any()
}

fn words(hint: Hint) -> &'static str {
    match hint {
        Hint::SpaceAround => t!(shared.topic_space_around),
        Hint::Unseen => t!(shared.topic_unseen),
        Hint::LeadingSlash => t!(shared.topic_leading_slash),
        Hint::TrailingSlash => t!(shared.topic_trailing_slash),
        Hint::EmptyLevel => t!(shared.topic_empty_level),
    }
}

/// The text of a paste event. Its type is unstable in `web-sys`.
fn pasted_text(event: &JsValue) -> Option<String> {
    let data = js_sys::Reflect::get(event, &"clipboardData".into()).ok()?;
    let read = js_sys::Reflect::get(&data, &"getData".into()).ok()?;
    let read: js_sys::Function = read.dyn_into().ok()?;
    read.call1(&data, &"text".into()).ok()?.as_string()
}
