//! How the session is stored, and what happens when that fails.

use std::rc::Rc;

use gloo_timers::callback::Timeout;
use js_sys::Promise;
use wasm_bindgen_futures::{JsFuture, spawn_local};

use super::Runner;
use crate::time::Instant;
use crate::web::explain::Explanation;
use crate::web::outbox::Batch;
use crate::web::storage::StorageError;
use crate::web::{Level, StorageState};

impl Runner {
    /// Starts a commit, if there is something to commit and none under way.
    pub(super) fn commit(&mut self) {
        let Some(store) = self.store.clone() else { return };
        let Some(batch) = self.outbox.take_batch() else { return };
        let Some(shared) = self.shared.upgrade() else { return };
        // It owns the driver until it has ended: packets wait for it.
        spawn_local(async move {
            let result = store.commit(&batch).await;
            shared.commit_ended(result.map_err(|error| (error, batch)));
        });
    }

    /// A commit has ended.
    pub fn handle_commit(&mut self, result: Result<(), (StorageError, Batch)>) {
        match result {
            Ok(()) => self.outbox.committed(),
            Err((error, batch)) => self.rewrite(error, batch),
        }
    }

    /// Storage was opened again because of `error`, and everything written; or
    /// that failed too.
    pub fn handle_rewrite(&mut self, now: Instant, error: StorageError, result: Result<(), Batch>) {
        let is_marked = || self.store.as_ref().is_some_and(|store| store.spoil());
        match result {
            Ok(()) => {
                self.outbox.committed();
                self.storage = StorageState::Durable;
                let text = format!(
                    "The browser's storage failed: {error}. It was opened again, and the whole \
                     session is stored."
                );
                self.notice(now, Level::Warning, text);
            }
            Err(_) if is_marked() => self.lose_storage(now, &error),
            Err(batch) => self.halt(now, error, batch),
        }
    }

    /// The person or the browser gives storage another try.
    pub fn retry_storage(&mut self, error: StorageError, batch: Batch) {
        self.rewrite(error, batch);
    }

    /// A commit has failed. What is stored is right as long as nothing leaves
    /// that depends on it, so all that waits goes on waiting.
    fn rewrite(&mut self, error: StorageError, failed: Batch) {
        let Some(store) = self.store.clone() else { return };
        let Some(shared) = self.shared.upgrade() else { return };
        let batch = self.outbox.retry(failed);
        let all = self.client.export_session();
        spawn_local(async move {
            let result = store.rewrite(&all, &batch).await;
            shared.rewrite_ended(error, result.map_err(|_| batch));
        });
    }

    /// Goes on in memory. What is stored is marked as out of date.
    fn lose_storage(&mut self, now: Instant, error: &StorageError) {
        self.outbox.give_up();
        self.storage = StorageState::Failed(error.to_string());
        self.notice(
            now,
            Level::Error,
            format!(
                "The session can no longer be stored: {error}. It goes on in memory and will not \
                 survive a reload."
            ),
        );
        let Some(store) = self.store.take() else { return };
        let lost = Rc::downgrade(&store);
        // It keeps other tabs away for as long as the session lives.
        self.lost_store = Some(store);
        spawn_local(async move {
            // The mark may be lost when the browser is killed; an entry that
            // is deleted is not.
            let mut wait = FIRST_WAIT_MILLIS;
            while let Some(store) = lost.upgrade() {
                if store.forget_again().await.is_ok() {
                    break;
                }
                drop(store);
                sleep(wait).await;
                wait = (wait * 2).min(LONGEST_WAIT_MILLIS);
            }
        });
    }

    /// Neither can the session be stored, nor can it be noted that what is
    /// stored is out of date. It is not, as long as nothing more is sent.
    fn halt(&mut self, now: Instant, error: StorageError, batch: Batch) {
        let is_first = self.storage == StorageState::Durable;
        self.storage = StorageState::Failed(error.to_string());
        if is_first {
            let text = format!(
                "The session can no longer be stored: {error}. The connection is closed, because \
                 a message that is sent now could be lost or arrive twice after a reload."
            );
            self.notice(now, Level::Error, text.clone());
            if self.socket.is_some() {
                let hint = "Free some space for this site's data: the page keeps trying.";
                self.fail(now, Explanation::new(text).hint(hint));
            }
        }
        // Without a connection there is none to disconnect.
        let _ = self.client.disconnect(now);
        let shared = self.shared.clone();
        spawn_local(async move {
            sleep(LONGEST_WAIT_MILLIS / 10).await;
            if let Some(shared) = shared.upgrade() {
                shared.storage_retry_due(error, batch);
            }
        });
    }
}

async fn sleep(millis: u32) {
    let promise = Promise::new(&mut |resolve, _| {
        let done = move || {
            // A function of a promise never throws.
            let _ = resolve.call0(&wasm_bindgen::JsValue::UNDEFINED);
        };
        Timeout::new(millis, done).forget();
    });
    // It is never rejected.
    let _ = JsFuture::from(promise).await;
}

const FIRST_WAIT_MILLIS: u32 = 1_000;
const LONGEST_WAIT_MILLIS: u32 = 60_000;
