//! What a person has typed or opened, where no model knows of it.
//!
//! Views are built anew when the language changes. What is to outlive them has
//! a place in a memory, which lives as long as its owner: the module, or the
//! lab.

use std::any::Any;

use leptos::prelude::*;

use super::dynamic::flag;

/// Signals by the names of their places. A handle: copies are the same memory.
#[derive(Clone, Copy)]
pub(super) struct Memory(StoredValue<Vec<Place>, LocalStorage>);

struct Place {
    name: String,
    /// What the signal was made for.
    of: u32,
    signal: Box<dyn Any>,
}

impl Memory {
    /// One in which nothing is yet.
    pub fn new() -> Memory {
        Memory(StoredValue::new_local(Vec::new()))
    }

    /// The signal at this place. It starts with `first`, and anew when `of` is
    /// another than before.
    pub fn signal<T>(self, name: &str, of: u32, first: impl FnOnce() -> T) -> RwSignal<T>
    where
        T: Send + Sync + 'static,
    {
        let mut found = None;
        self.0.with_value(|places| {
            let place = places.iter().find(|place| place.name == name && place.of == of);
            found = place.and_then(|place| place.signal.downcast_ref::<ArcRwSignal<T>>().cloned());
        });
        let signal = found.unwrap_or_else(|| {
            let signal = ArcRwSignal::new(first());
            let place = Place { name: name.to_owned(), of, signal: Box::new(signal.clone()) };
            self.0.update_value(|places| {
                places.retain(|place| place.name != name);
                places.push(place);
            });
            signal
        });
        signal.into()
    }
}

/// What opens below its summary, at this place of the page's memory.
pub(super) fn opened(place: &str, summary: &'static str, body: impl IntoAny) -> AnyView {
    let memory: Memory = expect_context();
    disclosure(memory.signal(place, 0, || false), "more", summary, body)
}

/// What opens below its summary, and is open when this says so.
pub(super) fn disclosure(
    is_open: RwSignal<bool>,
    class: &'static str,
    summary: &'static str,
    body: impl IntoAny,
) -> AnyView {
    let toggle = move |event: leptos::ev::Event| {
        let details = event_target::<web_sys::Element>(&event);
        // The view may have gone by now, and its signal with it.
        let _ = is_open.try_set(details.has_attribute("open"));
    };
    view! {
        <details class=class open=flag(move || is_open.get()) on:toggle=toggle>
            <summary>{summary}</summary>
            {body.into_any()}
        </details>
    }
    .into_any()
}
