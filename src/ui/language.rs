//! The language of the page, and its messages.
//!
//! The page's modules share one document, and nothing else. So the document
//! says which language it is: its `lang`, which `src/boot.js` sets before any
//! module runs, and which is remembered in `localStorage`. Whoever changes it
//! tells the window, and every module hears of it.
//!
//! A message is read with [`t!`] and is plain text. When the language changes,
//! the shell builds header and page anew. So what a person has typed or opened
//! belongs into the page's model, or into its [`memory`](super::memory).
//!
//! What the engine says is English, and shown with [`say`].

use std::cell::OnceCell;

use leptos::ev::Custom;
use leptos::prelude::*;
use web_sys::{Element, Event};

use super::settings;
pub(super) use crate::language::fill;
use crate::language::{self, Language};

/// What `build/messages.rs` makes of `src/locales/`.
pub(super) mod messages {
    #![expect(non_upper_case_globals, reason = "they are named as in the files")]
    include!(concat!(env!("OUT_DIR"), "/messages.rs"));
}

/// A message that is read when it is shown.
pub(super) type Words = fn() -> &'static str;

/// A message of `src/locales/` in the language of the page: a `&'static str`,
/// or a `String` if there is something to fill in.
///
/// ```ignore
/// t!(shell.lab);
/// t!(client.attempt, number = attempt, seconds = seconds);
/// ```
macro_rules! t {
    ($($key:ident).+) => {
        $crate::ui::language::message(&$crate::ui::language::messages::$($key)::+)
    };
    ($($key:ident).+, $($name:ident = $value:expr),+ $(,)?) => {
        $crate::ui::language::fill(
            $crate::ui::language::t!($($key).+),
            &[$((stringify!($name), &$value.to_string())),+],
        )
    };
}
pub(super) use t;

thread_local! {
    /// This module's picture of the document's language.
    static LANGUAGE: OnceCell<ArcRwSignal<Language>> = const { OnceCell::new() };
}

/// Changes the language of the whole page, and remembers it.
pub(super) fn choose(language: Language) {
    settings::write(NAME, language.tag());
    if let Some(root) = root() {
        let _ = root.set_attribute("lang", language.tag());
    }
    if let Ok(news) = Event::new(NAME) {
        let _ = window().dispatch_event(&news);
    }
}

/// The language now.
pub(super) fn current() -> Language {
    signal().get_untracked()
}

/// The language, tracked.
pub(super) fn track() -> Language {
    signal().get()
}

/// A message in the language of the page. [`t!`] is how it is called.
pub(super) fn message(words: &[&'static str; 2]) -> &'static str {
    current().of::<&str>(words)
}

/// What the engine says, in the language of the page.
pub(super) fn say(english: &str) -> String {
    current().say(english)
}

/// The module's signal. It lives as long as the page, and so does its
/// listener.
fn signal() -> ArcRwSignal<Language> {
    LANGUAGE.with(|language| {
        let signal = language.get_or_init(|| {
            let signal = ArcRwSignal::new(written());
            let follower = signal.clone();
            let _ = window_event_listener(Custom::<Event>::new(NAME), move |_| {
                follower.set(written());
            });
            signal
        });
        signal.clone()
    })
}

/// What the document says. `src/boot.js` has fetched the phrase book for it, or
/// tells the window again when it has.
fn written() -> Language {
    let book = js_sys::Reflect::get(&window(), &BOOK.into()).ok().and_then(|it| it.as_string());
    if let Some(book) = book {
        language::open_book(book);
    }
    let tag = root().and_then(|root| root.get_attribute("lang")).unwrap_or_default();
    Language::of_tag(&tag).unwrap_or_default()
}

fn root() -> Option<Element> {
    document().document_element()
}

/// Of the window's property that holds the phrase book.
const BOOK: &str = "phrases";
/// Of the setting, which `src/boot.js` reads too, and of the event.
const NAME: &str = "fourstep.language";
