use gloo_events::EventListener;
use wasm_bindgen::JsValue;
use web_sys::MessageChannel;

/// Calls back in a task of its own, after the browser has had its turn: to
/// draw, to take input, to hand over what came meanwhile.
///
/// A timer would do it too, but late: browsers make a page wait 4 ms for a
/// timer that follows another, and a hidden page a second or more. A message
/// to oneself is slowed down by neither.
pub struct Macrotask {
    channel: Option<MessageChannel>,
    _listener: Option<EventListener>,
}

impl Macrotask {
    /// Calls `callback` once for each [`Macrotask::request`].
    pub fn new(callback: impl Fn() + 'static) -> Self {
        let channel = MessageChannel::new().ok();
        let listener = channel.as_ref().map(|channel| {
            let port = channel.port1();
            let listener = EventListener::new(&port, "message", move |_| callback());
            // A listener alone does not start the port.
            port.start();
            listener
        });
        Macrotask { channel, _listener: listener }
    }

    /// Asks for one call. False if the browser has no means for it.
    pub fn request(&self) -> bool {
        let sent = |channel: &MessageChannel| channel.port2().post_message(&JsValue::NULL).is_ok();
        self.channel.as_ref().is_some_and(sent)
    }
}

impl Drop for Macrotask {
    fn drop(&mut self) {
        if let Some(channel) = &self.channel {
            channel.port1().close();
        }
    }
}
