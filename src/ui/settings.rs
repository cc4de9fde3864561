//! What the page remembers between visits, in `localStorage`.

use leptos::prelude::window;
use web_sys::Storage;

/// A setting with this name. `None` too when the browser denies storage.
pub(super) fn read(name: &str) -> Option<String> {
    storage()?.get_item(name).ok()?
}

/// Remembers a setting. Without storage nothing is remembered, and nothing
/// else is lost.
pub(super) fn write(name: &str, value: &str) {
    if let Some(storage) = storage() {
        let _ = storage.set_item(name, value);
    }
}

/// Whether the browser remembers anything.
pub(super) fn is_kept() -> bool {
    storage().is_some()
}

fn storage() -> Option<Storage> {
    window().local_storage().ok()?
}
