use gloo_timers::callback::Timeout;
use idb::request::{OpenDatabaseRequest, RequestReadyState};
use idb::{Database, Request, Transaction};
use js_sys::{Function, Promise};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::DomException;

use super::StorageError;

/// The result of a request.
pub async fn answer<R: Request>(mut request: R) -> Result<JsValue, StorageError> {
    let mut listen = |resolve: Function, reject: Function| {
        request.on_success(move |_| call(&resolve));
        request.on_error(move |_| call(&reject));
    };
    let is_success = JsFuture::from(Promise::new(&mut listen)).await.is_ok();
    if is_success {
        return Ok(request.result()?);
    }
    Err(failure(request.error()?))
}

/// Commits a transaction: returns when it is durable, or why it never will be.
pub async fn committed(mut transaction: Transaction) -> Result<(), StorageError> {
    let mut listen = |resolve: Function, reject: Function| {
        transaction.on_complete(move |_| call(&resolve));
        transaction.on_abort(move |event| {
            let aborted = event.target().map(Transaction::try_from);
            let error = aborted.and_then(Result::ok).and_then(|transaction| transaction.error());
            // A function of a promise never throws.
            let _ = reject.call1(&JsValue::UNDEFINED, &error.into());
        });
    };
    match JsFuture::from(Promise::new(&mut listen)).await {
        Ok(_) => Ok(()),
        Err(reason) => Err(failure(reason.dyn_into().ok())),
    }
}

/// The database of an open request; an error if that takes too long.
pub async fn opened(mut request: OpenDatabaseRequest) -> Result<Database, StorageError> {
    let mut timer = None;
    let mut listen = |resolve: Function, reject: Function| {
        let give_up = reject.clone();
        timer = Some(Timeout::new(OPEN_MILLIS, move || call(&give_up)));
        request.on_success(move |_| call(&resolve));
        request.on_error(move |_| call(&reject));
    };
    let is_success = JsFuture::from(Promise::new(&mut listen)).await.is_ok();
    drop(timer);
    if is_success {
        return Ok(request.database()?);
    }
    if request.ready_state()? == RequestReadyState::Pending {
        // The browser may still call them.
        request.forget_callbacks();
        return Err(StorageError::Blocked);
    }
    Err(failure(request.error()?))
}

fn failure(exception: Option<DomException>) -> StorageError {
    match exception {
        Some(exception) => idb::Error::DomException(exception).into(),
        None => StorageError::Failed("no reason given".to_owned()),
    }
}

fn call(function: &Function) {
    // A function of a promise never throws.
    let _ = function.call0(&JsValue::UNDEFINED);
}

/// Longer than a busy disk takes, shorter than a person waits.
const OPEN_MILLIS: u32 = 10_000;
