//! One type for everything that changes.
//!
//! A closure in a view has a type of its own, and with it the view gets its
//! own copy of the code that watches and updates it. Behind a shared pointer,
//! all closures with the same result are one type and share that code. It
//! halves the size of the page.

use std::sync::{Arc, Mutex};

use leptos::prelude::*;

/// Text or an attribute that changes.
type Dynamic<T> = Arc<dyn Fn() -> T + Send + Sync>;

/// A part of a view that changes. A view cannot be shared between threads,
/// and this is the one other form that Leptos takes.
type DynamicPart = Arc<Mutex<dyn FnMut() -> AnyView + Send>>;

/// Text that changes.
pub(super) fn text(read: impl Fn() -> String + Send + Sync + 'static) -> Dynamic<String> {
    Arc::new(read)
}

/// An attribute that comes and goes.
pub(super) fn maybe(
    read: impl Fn() -> Option<String> + Send + Sync + 'static,
) -> Dynamic<Option<String>> {
    Arc::new(read)
}

/// Something that is or is not so.
pub(super) fn flag(read: impl Fn() -> bool + Send + Sync + 'static) -> Dynamic<bool> {
    Arc::new(read)
}

/// A part of the view that is built anew when it changes.
pub(super) fn part<V: IntoAny>(read: impl Fn() -> V + Send + 'static) -> DynamicPart {
    Arc::new(Mutex::new(move || read().into_any()))
}
