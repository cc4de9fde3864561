//! Which stored sessions are out of date and must not be taken up again.
//!
//! Noted in `localStorage`, because it is IndexedDB that has failed. Room for
//! the note is taken while all is well: when storage is full, writing as many
//! bytes over others still works.

use web_sys::{Storage, window};

use super::SessionName;

/// Takes room for the note. Without it, [`spoil`] may fail later.
pub fn reserve(name: &SessionName) {
    write(name, USABLE);
}

/// Notes that what is stored of this session is out of date. False if the
/// browser does not allow it.
pub fn spoil(name: &SessionName) -> bool {
    write(name, SPOILED)
}

/// Whether what is stored of this session is out of date.
pub fn is_spoiled(name: &SessionName) -> bool {
    storage().and_then(|storage| storage.get_item(&key(name)).ok()?).as_deref() == Some(SPOILED)
}

/// The session is no longer stored.
pub fn forget(name: &SessionName) {
    if let Some(storage) = storage() {
        // It fails only where nothing could be written either.
        let _ = storage.remove_item(&key(name));
    }
}

fn write(name: &SessionName, value: &str) -> bool {
    storage().is_some_and(|storage| storage.set_item(&key(name), value).is_ok())
}

fn key(name: &SessionName) -> String {
    name.lock()
}

fn storage() -> Option<Storage> {
    window()?.local_storage().ok()?
}

/// Both have the same length.
const USABLE: &str = "usable ";
const SPOILED: &str = "spoiled";
