//! Who uses a session, where the browser has no Web Locks: over plain http
//! from another machine.
//!
//! A tab asks the others before it takes a session, and one that has it
//! answers. Of two that ask in the same moment, the one with the smaller
//! number gets it.

use std::cell::Cell;
use std::rc::Rc;

use gloo_events::EventListener;
use gloo_timers::callback::Timeout;
use js_sys::{Array, Function, Promise};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{BroadcastChannel, Event, MessageEvent};

/// Answers other tabs until it is dropped.
pub struct Presence {
    channel: BroadcastChannel,
    _listener: EventListener,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Asking,
    Holding,
    Refused,
}

impl Presence {
    /// Takes the name. `Ok(None)`: another tab has it. An error: the tabs of
    /// this browser cannot talk to each other.
    pub async fn claim(name: &str) -> Result<Option<Presence>, JsValue> {
        let channel = BroadcastChannel::new(name)?;
        let state = Rc::new(Cell::new(State::Asking));
        let number = js_sys::Math::random();
        let listener = listen(&channel, state.clone(), number);
        let presence = Presence { channel, _listener: listener };
        presence.channel.post_message(&message(ASK, number))?;
        JsFuture::from(wait()).await?;
        if state.get() == State::Refused {
            return Ok(None);
        }
        state.set(State::Holding);
        Ok(Some(presence))
    }
}

impl Drop for Presence {
    fn drop(&mut self) {
        self.channel.close();
    }
}

fn listen(channel: &BroadcastChannel, state: Rc<Cell<State>>, number: f64) -> EventListener {
    let answers = channel.clone();
    EventListener::new(channel, "message", move |event| {
        let Some((kind, other)) = read(event) else { return };
        let is_ours = match (state.get(), kind.as_str()) {
            (State::Holding, ASK) => true,
            (State::Asking, ASK) => number < other,
            (State::Asking, ANSWER) => false,
            _ => return,
        };
        if is_ours {
            // A message that cannot be sent is one that cannot be copied.
            let _ = answers.post_message(&message(ANSWER, number));
        } else {
            state.set(State::Refused);
        }
    })
}

/// Longer than other tabs take to answer, in the background too.
fn wait() -> Promise {
    Promise::new(&mut |resolve: Function, _| {
        let done = move || {
            // A function of a promise never throws.
            let _ = resolve.call0(&JsValue::UNDEFINED);
        };
        Timeout::new(WAIT_MILLIS, done).forget();
    })
}

fn message(kind: &str, number: f64) -> JsValue {
    Array::of2(&kind.into(), &number.into()).into()
}

fn read(event: &Event) -> Option<(String, f64)> {
    let data: Array = event.dyn_ref::<MessageEvent>()?.data().dyn_into().ok()?;
    Some((data.get(0).as_string()?, data.get(1).as_f64()?))
}

const ASK: &str = "ask";
const ANSWER: &str = "answer";
const WAIT_MILLIS: u32 = 400;
