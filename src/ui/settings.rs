//! What the page remembers between visits, in `localStorage`.

use leptos::prelude::window;
use web_sys::Storage;

/// A setting with this name. `None` too when the browser denies storage.
pub(super) fn read(name: &str) -> Option<String> {
    storage()?.get_item(name).ok()?
}

/// Remembers a setting, and tells whether it could. Without storage nothing is
/// remembered, and nothing else is lost.
pub(super) fn write(name: &str, value: &str) -> bool {
    storage().is_some_and(|storage| storage.set_item(name, value).is_ok())
}

/// Whether the browser remembers anything.
pub(super) fn is_kept() -> bool {
    storage().is_some()
}

fn storage() -> Option<Storage> {
    window().local_storage().ok()?
}
