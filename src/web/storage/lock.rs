use js_sys::{Function, Object, Promise, Reflect};
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::AbortSignal;

use super::StorageError;
use super::presence::Presence;

/// A lock among the tabs of this site (Web Locks). The browser frees it when
/// it is dropped, and when the tab is closed or crashes.
pub struct Lock {
    /// Ends the promise for whose life the browser holds the lock. `None`
    /// where it has no locks: it offers them to https pages and localhost only.
    release: Option<Function>,
    /// Keeps other tabs away where there are no locks, if tabs can talk.
    presence: Option<Presence>,
}

impl Lock {
    /// Whether other tabs are really kept away.
    pub fn is_held(&self) -> bool {
        self.release.is_some() || self.presence.is_some()
    }
}

impl Drop for Lock {
    fn drop(&mut self) {
        if let Some(release) = &self.release {
            // A function of a promise never throws.
            let _ = release.call0(&JsValue::UNDEFINED);
        }
    }
}

/// Takes the lock of that name. `None`: another tab holds it, and did not
/// let go within a moment, as one that is being reloaded does.
pub async fn acquire(name: &str) -> Result<Option<Lock>, StorageError> {
    let Some(manager) = lock_manager() else {
        return Ok(match Presence::claim(name).await {
            Ok(claimed) => claimed.map(|presence| Lock { release: None, presence: Some(presence) }),
            Err(_) => Some(Lock { release: None, presence: None }),
        });
    };
    match JsFuture::from(request(&manager, name)).await {
        Ok(release) => Ok(Some(Lock { release: release.dyn_into().ok(), presence: None })),
        Err(error) if is_timeout(&error) => Ok(None),
        Err(error) => Err(StorageError::from_words(String::from(Object::from(error).to_string()))),
    }
}

/// A promise of the function that releases the lock.
fn request(manager: &JsValue, name: &str) -> Promise {
    Promise::new(&mut |granted, refused| {
        let hold = Closure::once_into_js(move |_lock: JsValue| {
            Promise::new(&mut |release, _| {
                let _ = granted.call1(&JsValue::UNDEFINED, &release);
            })
        });
        let options = Object::new();
        let signal = AbortSignal::timeout_with_u32(WAIT_MILLIS);
        let asked = Reflect::set(&options, &"signal".into(), &signal)
            .and_then(|_| Reflect::get(manager, &"request".into()))
            .and_then(|function| function.dyn_into::<Function>())
            .and_then(|function| function.call3(manager, &name.into(), &options, &hold));
        match asked {
            // It lasts as long as the lock is held, and fails if it never is.
            Ok(lasting) => spawn_local(async move {
                if let Err(error) = JsFuture::from(lasting.unchecked_into::<Promise>()).await {
                    let _ = refused.call1(&JsValue::UNDEFINED, &error);
                }
            }),
            Err(error) => {
                let _ = refused.call1(&JsValue::UNDEFINED, &error);
            }
        }
    })
}

/// `navigator.locks`, by reflection: web-sys counts it as unstable.
fn lock_manager() -> Option<JsValue> {
    let navigator = web_sys::window()?.navigator();
    let manager = Reflect::get(&navigator, &"locks".into()).ok()?;
    manager.is_object().then_some(manager)
}

fn is_timeout(error: &JsValue) -> bool {
    let name = error.dyn_ref::<web_sys::DomException>().map(|exception| exception.name());
    name.is_some_and(|name| name == "TimeoutError" || name == "AbortError")
}

/// A page that is reloaded meets the locks of its former self for an instant.
const WAIT_MILLIS: u32 = 1_500;
