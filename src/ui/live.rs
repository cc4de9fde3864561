//! The live trace, for whoever wants to judge it.
//!
//! The client of a real broker and the course are modules of their own and
//! share the document only. So the course asks with an event on the window,
//! and what the client knows is in the event's detail when that returns: the
//! records as JSON lines, as they are saved to a file.

use leptos::ev::Custom;
use leptos::prelude::*;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{CustomEvent, CustomEventInit, Event};

use super::source::News;
use crate::export::jsonl;
use crate::trace::Trace;

/// Some records of a live trace.
pub(super) struct Part {
    /// Rises with each new trace, whose records count from zero again.
    pub generation: u32,
    /// The sequence number that follows the last of these records.
    pub next: u64,
    /// The records, as [`jsonl`] writes them.
    pub lines: String,
}

/// Lends a trace to the other modules, from now on.
pub(super) fn lend(news: Memo<News>, read: impl Fn(&mut dyn FnMut(&Trace)) + 'static) {
    let _ = window_event_listener(Custom::<CustomEvent>::new(ASK), move |event| {
        let answer = event.detail().unchecked_into::<js_sys::Array>();
        let generation = news.get_untracked().generation;
        let first = match number(&answer, 0) == u64::from(generation) {
            true => number(&answer, 1),
            false => 0,
        };
        read(&mut |trace| {
            let next = trace.next_sequence().min(first.max(trace.dropped()) + MOST);
            answer.set(0, generation.into());
            answer.set(1, JsValue::from_f64(next as f64));
            answer.set(2, jsonl::write_part(trace, first..next).into());
        });
    });
    Effect::new(move || {
        news.track();
        if let Ok(event) = Event::new(NEWS) {
            let _ = window().dispatch_event(&event);
        }
    });
}

/// Calls back whenever there are new records, until the owner is gone.
pub(super) fn follow(on_news: impl Fn() + 'static) {
    let listener = window_event_listener(Custom::<Event>::new(NEWS), move |_| on_news());
    on_cleanup(move || listener.remove());
}

/// The records from this one on of the trace with this generation, or else the
/// first of another. `None` if there is no live trace.
pub(super) fn ask(generation: u32, next: u64) -> Option<Part> {
    let detail = js_sys::Array::of2(&generation.into(), &JsValue::from_f64(next as f64));
    let options = CustomEventInit::new();
    options.set_detail(&detail);
    let event = CustomEvent::new_with_event_init_dict(ASK, &options).ok()?;
    let _ = window().dispatch_event(&event);
    let lines = detail.get(2).as_string()?;
    let generation = u32::try_from(number(&detail, 0)).ok()?;
    Some(Part { generation, next: number(&detail, 1), lines })
}

/// A whole number in an answer.
fn number(answer: &js_sys::Array, place: u32) -> u64 {
    answer.get(place).as_f64().unwrap_or_default() as u64
}

/// The event that tells of new records.
const NEWS: &str = "fourstep.live.news";
/// The event that asks for records: generation and first sequence number go in;
/// generation, next sequence number and lines come out.
const ASK: &str = "fourstep.live.ask";
/// Records in one answer, so that a frame is not held up.
const MOST: u64 = 500;
