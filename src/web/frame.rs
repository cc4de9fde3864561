use std::cell::RefCell;
use std::rc::Rc;

use gloo_timers::callback::Timeout;
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;

/// Calls back at most once per animation frame, however often it is asked to.
///
/// Frames stop while the page is hidden; then a timer takes their place, so
/// that what shows in the background (the tab's title, say) stays current.
pub struct Frame {
    inner: Rc<Inner>,
    /// What the browser calls on the next frame.
    on_frame: Closure<dyn FnMut()>,
}

struct Inner {
    callback: Box<dyn Fn()>,
    pending: RefCell<Option<Pending>>,
}

/// A call that is due.
enum Pending {
    Frame(i32),
    Timer(#[expect(dead_code, reason = "dropping it cancels the timer")] Timeout),
}

impl Frame {
    /// Calls `callback` when asked to with [`Frame::request`].
    pub fn new(callback: impl Fn() + 'static) -> Self {
        let inner = Rc::new(Inner { callback: Box::new(callback), pending: RefCell::new(None) });
        let on_frame = {
            let inner = inner.clone();
            Closure::new(move || inner.run())
        };
        Frame { inner, on_frame }
    }

    /// Asks for one call, if none is due already.
    pub fn request(&self) {
        if self.inner.pending.borrow().is_none() {
            self.schedule();
        }
    }

    /// The page was hidden or shown: a call that is due changes over to the
    /// timer or the frame.
    pub fn visibility_changed(&self) {
        if self.cancel() {
            self.schedule();
        }
    }

    fn schedule(&self) {
        let request = (!is_hidden()).then(|| {
            let callback = self.on_frame.as_ref().unchecked_ref();
            web_sys::window().and_then(|window| window.request_animation_frame(callback).ok())
        });
        let pending = match request.flatten() {
            Some(id) => Pending::Frame(id),
            None => {
                let inner = self.inner.clone();
                Pending::Timer(Timeout::new(HIDDEN_MILLIS, move || inner.run()))
            }
        };
        *self.inner.pending.borrow_mut() = Some(pending);
    }

    /// Returns whether a call was due.
    fn cancel(&self) -> bool {
        let pending = self.inner.pending.take();
        if let (Some(Pending::Frame(id)), Some(window)) = (&pending, web_sys::window()) {
            // It can only fail for an identifier that is not ours.
            let _ = window.cancel_animation_frame(*id);
        }
        pending.is_some()
    }
}

impl Inner {
    fn run(&self) {
        // Before the callback, which may ask for the next call.
        self.pending.take();
        (self.callback)();
    }
}

impl Drop for Frame {
    fn drop(&mut self) {
        self.cancel();
    }
}

/// Whether the page is in a background tab or a minimized window.
pub fn is_hidden() -> bool {
    web_sys::window().and_then(|window| window.document()).is_some_and(|page| page.hidden())
}

/// How long changes gather while the page is hidden. Browsers make it at
/// least a second there.
const HIDDEN_MILLIS: u32 = 250;

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use gloo_timers::callback::Timeout;
    use js_sys::Promise;
    use wasm_bindgen_futures::JsFuture;
    use wasm_bindgen_test::wasm_bindgen_test;

    use super::*;

    async fn sleep(millis: u32) {
        let promise = Promise::new(&mut |resolve, _| {
            Timeout::new(millis, move || drop(resolve.call0(&resolve))).forget();
        });
        JsFuture::from(promise).await.expect("timers work");
    }

    #[wasm_bindgen_test]
    async fn many_requests_make_one_call_and_none_makes_none() {
        let calls = Rc::new(Cell::new(0));
        let counted = calls.clone();
        let frame = Frame::new(move || counted.set(counted.get() + 1));
        for expect in 1..=3 {
            (0..1_000).for_each(|_| frame.request());
            assert_eq!(calls.get(), expect - 1, "not at once");
            sleep(600).await;
            assert_eq!(calls.get(), expect);
        }
        frame.visibility_changed();
        sleep(600).await;
        assert_eq!(calls.get(), 3, "nothing was due");
        frame.request();
        frame.visibility_changed();
        sleep(600).await;
        assert_eq!(calls.get(), 4, "what was due is still due, once");
        frame.request();
        drop(frame);
        sleep(600).await;
        assert_eq!(calls.get(), 4, "nobody asks any more");
    }
}
