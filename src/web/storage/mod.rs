//! Durable sessions in IndexedDB.
//!
//! One database for the site, with two object stores. `sessions` has one row
//! for each stored session, under `[server, client identifier]`: when it was
//! last used, and its address. `entries` has the engine's entries under that
//! key with two more parts, the kind of entry and its number, and the newest
//! received messages. A commit uses the browser's usual durability: it
//! survives the end of the tab and of the browser, but perhaps not a power
//! failure in the same moment.
//!
//! What is stored is either what the server was last told of, or marked as out
//! of date ([`marker`]): a session that is older than what was sent would give
//! packet identifiers a second meaning.

mod database;
mod error;
mod listing;
mod lock;
mod marker;
mod presence;
mod request;
mod rows;

use std::cell::{Cell, RefCell};

use bytes::Bytes;
use idb::{Database, ObjectStore, Transaction};
use js_sys::{Array, Uint8Array};
use wasm_bindgen::{JsCast, JsValue};

use super::outbox::Batch;
use super::{Address, SessionName};
use crate::session::Key;

pub use error::StorageError;
pub use listing::{StoredSession, delete_session, stored_sessions};
pub use lock::Lock;
pub use marker::spoil;

use database::{ENTRIES, SESSIONS, begin, open_database};
use request::{answer, committed};
use rows::{Rows, Visit};

/// One session in durable storage, for this tab alone.
pub struct Store {
    database: RefCell<Database>,
    name: SessionName,
    address: String,
    /// When the session's row was written, which says when it was last used.
    visited: Cell<f64>,
    /// Keeps other tabs away until it is dropped.
    lock: Lock,
}

/// What [`Store::open`] found.
pub struct Opened {
    /// For the commits to come.
    pub store: Store,
    /// Its entries.
    pub entries: Vec<(Key, Bytes)>,
    /// Received messages by number, rising.
    pub received: Vec<(u64, Bytes)>,
    /// Whether there was more, which was out of date because storage had
    /// failed, and is deleted.
    pub was_spoiled: bool,
}

impl Store {
    /// Opens the session, and creates it if there is none. Waits a moment for
    /// a tab that is just closing.
    pub async fn open(name: SessionName, address: &Address) -> Result<Opened, StorageError> {
        let (lock, database) = claim(&name).await?;
        let was_spoiled = marker::is_spoiled(&name);
        let address = address.to_string();
        let transaction = begin(&database)?;
        let entries = transaction.object_store(ENTRIES)?;
        if was_spoiled {
            entries.delete(rows::all_rows(&name)?)?;
        }
        let visit = Visit::now(&address).write();
        transaction.object_store(SESSIONS)?.put(&visit, Some(&rows::session_key(&name)))?;
        let found = read(&entries, &name).await?;
        committed(transaction).await?;
        marker::reserve(&name);
        Ok(Opened {
            store: Store {
                database: RefCell::new(database),
                name,
                address,
                visited: Cell::new(js_sys::Date::now()),
                lock,
            },
            entries: found.entries,
            received: found.received,
            was_spoiled,
        })
    }

    /// Writes and deletes entries, all or none. Returns when that is durable.
    pub async fn commit(&self, batch: &Batch) -> Result<(), StorageError> {
        let transaction = begin(&self.database.borrow())?;
        self.write_all(transaction, |entries, store| {
            for (key, value) in &batch.entries {
                let key = rows::entry_key(&self.name, *key);
                match value {
                    Some(value) => {
                        entries.put(&Uint8Array::from(value.as_ref()), Some(&key))?;
                    }
                    None => {
                        entries.delete(JsValue::from(key))?;
                    }
                }
            }
            store.write_received(entries, batch)
        })
        .await
    }

    /// Opens storage again, after a commit has failed, and writes all that it
    /// should hold: `all` the engine's entries, and the received messages of
    /// `batch`.
    pub async fn rewrite(&self, all: &[(Key, Bytes)], batch: &Batch) -> Result<(), StorageError> {
        let database = open_database().await?;
        self.database.replace(database).close();
        let transaction = begin(&self.database.borrow())?;
        self.visited.set(0.0);
        self.write_all(transaction, |entries, store| {
            for range in rows::engine_rows(&self.name)? {
                entries.delete(range)?;
            }
            for (key, value) in all {
                let key = rows::entry_key(&self.name, *key);
                entries.put(&Uint8Array::from(value.as_ref()), Some(&key))?;
            }
            store.write_received(entries, batch)
        })
        .await
    }

    /// Deletes all entries; the session stays, empty.
    pub async fn clear(&self) -> Result<(), StorageError> {
        let transaction = begin(&self.database.borrow())?;
        transaction.object_store(ENTRIES)?.delete(rows::all_rows(&self.name)?)?;
        committed(transaction).await
    }

    /// Deletes the session with all its entries.
    pub async fn forget(&self) -> Result<(), StorageError> {
        let transaction = begin(&self.database.borrow())?;
        transaction.object_store(ENTRIES)?.delete(rows::all_rows(&self.name)?)?;
        let key = JsValue::from(rows::session_key(&self.name));
        transaction.object_store(SESSIONS)?.delete(key)?;
        committed(transaction).await?;
        marker::forget(&self.name);
        Ok(())
    }

    /// As [`Store::forget`], on a new connection to the database.
    pub async fn forget_again(&self) -> Result<(), StorageError> {
        let database = open_database().await?;
        self.database.replace(database).close();
        self.forget().await
    }

    /// Which session it is.
    pub fn name(&self) -> &SessionName {
        &self.name
    }

    /// Notes that what is stored is out of date. False if the browser does not
    /// allow even that.
    pub fn spoil(&self) -> bool {
        marker::spoil(&self.name)
    }

    /// Whether other tabs are kept away. If the browser has no means for that,
    /// the user has to take care.
    pub fn is_exclusive(&self) -> bool {
        self.lock.is_held()
    }

    /// Writes what `write` says, and from time to time that the session is in
    /// use.
    async fn write_all(
        &self,
        transaction: Transaction,
        write: impl FnOnce(&ObjectStore, &Store) -> Result<(), idb::Error>,
    ) -> Result<(), StorageError> {
        let written = transaction.object_store(ENTRIES).and_then(|entries| {
            write(&entries, self)?;
            let now = js_sys::Date::now();
            if (now - self.visited.get()).abs() >= VISIT_MILLIS {
                let visit = Visit::now(&self.address).write();
                let key = rows::session_key(&self.name);
                transaction.object_store(SESSIONS)?.put(&visit, Some(&key))?;
                self.visited.set(now);
            }
            Ok(())
        });
        if let Err(error) = written {
            // Else what was written so far would commit by itself.
            let _ = transaction.abort();
            return Err(error.into());
        }
        committed(transaction).await
    }

    fn write_received(&self, entries: &ObjectStore, batch: &Batch) -> Result<(), idb::Error> {
        if batch.oldest_received > 0 {
            let ends = [0, batch.oldest_received].map(|at| rows::received_key(&self.name, at));
            entries.delete(idb::KeyRange::bound(&ends[0], &ends[1], None, Some(true))?)?;
        }
        for (number, value) in &batch.received {
            let key = rows::received_key(&self.name, *number);
            entries.put(&Uint8Array::from(value.as_ref()), Some(&key))?;
        }
        Ok(())
    }
}

impl Drop for Store {
    fn drop(&mut self) {
        // Running transactions still end.
        self.database.borrow().close();
    }
}

/// Keeps other tabs away from the session, and opens the database.
async fn claim(name: &SessionName) -> Result<(Lock, Database), StorageError> {
    let lock = lock::acquire(&name.lock()).await?.ok_or(StorageError::InUse)?;
    Ok((lock, open_database().await?))
}

/// All rows of a session. Both requests are made before the first answer is
/// awaited: a transaction without open requests commits by itself.
async fn read(entries: &ObjectStore, name: &SessionName) -> Result<Rows, StorageError> {
    let keys = entries.get_all_keys(Some(rows::all_rows(name)?.into()), None)?;
    let values = entries.get_all(Some(rows::all_rows(name)?.into()), None)?;
    let keys: Array = answer(keys).await?.unchecked_into();
    let values: Array = answer(values).await?.unchecked_into();
    let mut found = Rows::default();
    for (key, value) in keys.iter().zip(values.iter()) {
        found.take(&key, &value);
    }
    Ok(found)
}

/// How old the note of the last use may be.
const VISIT_MILLIS: f64 = 60_000.0;

#[cfg(test)]
mod tests;
