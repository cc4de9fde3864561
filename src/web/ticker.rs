use gloo_events::EventListener;
use js_sys::Array;
use wasm_bindgen::JsValue;
use web_sys::{Blob, BlobPropertyBag, Url, Worker};

/// A timer that keeps time in the background.
///
/// Browsers let the timers of a hidden page run once a second, and after five
/// minutes once a minute, which is too late for a keep-alive below a minute
/// or so. Timers of a worker are not slowed down, and neither are its
/// messages to the page.
pub struct Ticker {
    worker: Worker,
    url: String,
    _listener: EventListener,
}

impl Ticker {
    /// Starts the worker; `None` if the browser, or the page's security
    /// policy, does not allow it.
    pub fn new(on_tick: impl Fn() + 'static) -> Option<Ticker> {
        let kind = BlobPropertyBag::new();
        kind.set_type("text/javascript");
        let source = Array::of1(&SOURCE.into());
        let blob = Blob::new_with_str_sequence_and_options(&source, &kind).ok()?;
        let url = Url::create_object_url_with_blob(&blob).ok()?;
        let worker = Worker::new(&url).ok()?;
        let listener = EventListener::new(&worker, "message", move |_| on_tick());
        Some(Ticker { worker, url, _listener: listener })
    }

    /// Ticks once after `millis` milliseconds, instead of what was set before.
    pub fn set(&self, millis: u32) {
        // Only a value that cannot be copied to the worker would fail.
        let _ = self.worker.post_message(&JsValue::from(millis));
    }
}

impl Drop for Ticker {
    fn drop(&mut self) {
        self.worker.terminate();
        // Not earlier: some browsers load the program late.
        let _ = Url::revoke_object_url(&self.url);
    }
}

/// The worker's whole program.
const SOURCE: &str = "let timer;
onmessage = (event) => {
  clearTimeout(timer);
  timer = setTimeout(() => postMessage(0), event.data);
};
";

#[cfg(test)]
mod tests {
    use std::cell::Cell;
    use std::rc::Rc;

    use js_sys::Promise;
    use wasm_bindgen_futures::JsFuture;
    use wasm_bindgen_test::wasm_bindgen_test;

    use super::*;

    #[wasm_bindgen_test]
    async fn the_last_setting_ticks_once() {
        let ticks = Rc::new(Cell::new(0));
        let counted = ticks.clone();
        let mut ticker = None;
        let first_tick = Promise::new(&mut |resolve, _| {
            let counted = counted.clone();
            ticker = Ticker::new(move || {
                counted.set(counted.get() + 1);
                drop(resolve.call0(&resolve));
            });
            let ticker = ticker.as_ref().expect("workers are allowed");
            ticker.set(3_600_000);
            ticker.set(10);
        });
        JsFuture::from(first_tick).await.expect("ticks");
        assert_eq!(ticks.get(), 1);
    }
}
