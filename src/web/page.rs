use std::rc::Rc;

use gloo_events::EventListener;
use web_sys::EventTarget;

/// What the browser tells the page that matters to a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PageEvent {
    /// The browser believes that it has a network again.
    Online,
    /// The browser believes that it has no network. A broker on this machine
    /// may still be reachable, so this proves nothing about a connection.
    Offline,
    /// The page went to the background or came back.
    Visibility,
    /// The page is about to go: closed, reloaded, left, or put aside in the
    /// back/forward cache.
    Hide,
    /// The page is back, perhaps from the back/forward cache, or from being
    /// frozen.
    Show,
}

/// Listens to the page until it is dropped.
pub struct PageListener {
    _listeners: Vec<EventListener>,
}

impl PageListener {
    /// Calls `on_event` for each event.
    pub fn new(on_event: impl Fn(PageEvent) + 'static) -> Self {
        let on_event = Rc::new(on_event);
        let listen = |target: &EventTarget, name: &'static str, event: PageEvent| {
            let on_event = on_event.clone();
            EventListener::new(target, name, move |_| on_event(event))
        };
        let mut listeners = Vec::new();
        if let Some(window) = web_sys::window() {
            for (name, event) in WINDOW_EVENTS {
                listeners.push(listen(&window, name, event));
            }
            if let Some(document) = window.document() {
                for (name, event) in DOCUMENT_EVENTS {
                    listeners.push(listen(&document, name, event));
                }
            }
        }
        PageListener { _listeners: listeners }
    }
}

/// Whether the page came by https, so that `ws:` would be mixed content.
pub fn is_secure() -> bool {
    web_sys::window()
        .and_then(|window| window.location().protocol().ok())
        .is_some_and(|scheme| scheme == "https:")
}

/// Whether the browser believes that it has a network.
pub fn is_online() -> bool {
    web_sys::window().is_none_or(|window| window.navigator().on_line())
}

const WINDOW_EVENTS: [(&str, PageEvent); 4] = [
    ("online", PageEvent::Online),
    ("offline", PageEvent::Offline),
    ("pagehide", PageEvent::Hide),
    ("pageshow", PageEvent::Show),
];

const DOCUMENT_EVENTS: [(&str, PageEvent); 2] =
    [("visibilitychange", PageEvent::Visibility), ("resume", PageEvent::Show)];
