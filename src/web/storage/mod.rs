//! Durable sessions in IndexedDB.
//!
//! One database for the site, with two object stores. `sessions` has one row
//! for each stored session, under `[server, client identifier]`.
//! `entries` has the engine's entries under that key with two more parts, the
//! kind of entry and its number, and the newest received messages. A commit uses the browser's usual
//! durability: it survives the end of the tab and of the browser, but perhaps
//! not a power failure in the same moment.

mod error;
mod lock;
mod request;

use bytes::Bytes;
use idb::{
    Database, DatabaseEvent, Event, Factory, KeyRange, ObjectStoreParams, Transaction,
    TransactionMode,
};
use js_sys::{Array, Uint8Array};
use wasm_bindgen::{JsCast, JsValue};

use super::Address;
use super::outbox::Batch;
use crate::codec::PacketIdentifier;
use crate::session::{Key, Token};

pub use error::StorageError;
pub use lock::Lock;

use request::{answer, committed, opened};

/// Names one stored session: one client identifier at one server, as the
/// server does. The protocol version may change from one connection to the
/// next.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SessionName {
    /// The server's address, without user name, password, query and fragment.
    pub server: String,
    /// The client identifier; never empty.
    pub client_identifier: String,
}

impl SessionName {
    /// The session of this client identifier there.
    pub fn new(address: &Address, client_identifier: &str) -> Self {
        let client_identifier = client_identifier.to_owned();
        SessionName { server: address.to_string(), client_identifier }
    }

    fn key(&self) -> Array {
        Array::of2(&self.server.as_str().into(), &self.client_identifier.as_str().into())
    }

    fn from_key(key: &JsValue) -> Option<Self> {
        let key: &Array = key.dyn_ref()?;
        Some(SessionName {
            server: key.get(0).as_string()?,
            client_identifier: key.get(1).as_string()?,
        })
    }

    /// All of the session's entries: arrays sort part by part, and an array
    /// sorts after every number.
    fn entries(&self) -> Result<KeyRange, idb::Error> {
        let end = self.key();
        end.push(&Array::new());
        KeyRange::bound(&self.key(), &end, None, None)
    }

    /// The name of the lock that a tab holds while it uses the session.
    fn lock(&self) -> String {
        format!("fourstep session {} {}", self.server, self.client_identifier)
    }
}

/// One session in durable storage, for this tab alone.
pub struct Store {
    database: Database,
    name: SessionName,
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
}

impl Store {
    /// Opens the session, and creates it if there is none. Waits a moment for
    /// a tab that is just closing.
    pub async fn open(name: SessionName) -> Result<Opened, StorageError> {
        let lock = lock::acquire(&name.lock()).await?.ok_or(StorageError::InUse)?;
        let database = open_database().await?;
        let transaction = begin(&database)?;
        let sessions = transaction.object_store(SESSIONS)?;
        let entries = transaction.object_store(ENTRIES)?;
        // All requests are made before the first answer is awaited: a
        // transaction without open requests commits by itself.
        sessions.put(&JsValue::TRUE, Some(&name.key()))?;
        let keys = entries.get_all_keys(Some(name.entries()?.into()), None)?;
        let values = entries.get_all(Some(name.entries()?.into()), None)?;
        let keys: Array = answer(keys).await?.unchecked_into();
        let values: Array = answer(values).await?.unchecked_into();
        committed(transaction).await?;
        let mut opened = Opened {
            store: Store { database, name, lock },
            entries: Vec::new(),
            received: Vec::new(),
        };
        for (key, value) in keys.iter().zip(values.iter()) {
            opened.take(&key, &value);
        }
        Ok(opened)
    }

    /// Writes and deletes entries, all or none. Returns when that is durable.
    pub async fn commit(&self, batch: &Batch) -> Result<(), StorageError> {
        let transaction = begin(&self.database)?;
        if let Err(error) = self.write(&transaction, batch) {
            // Else what was written so far would commit by itself.
            let _ = transaction.abort();
            return Err(error.into());
        }
        committed(transaction).await
    }

    /// Deletes all entries; the session stays, empty.
    pub async fn clear(&self) -> Result<(), StorageError> {
        let transaction = begin(&self.database)?;
        transaction.object_store(ENTRIES)?.delete(self.name.entries()?)?;
        committed(transaction).await
    }

    /// Deletes the session with all its entries.
    pub async fn forget(&self) -> Result<(), StorageError> {
        let transaction = begin(&self.database)?;
        transaction.object_store(ENTRIES)?.delete(self.name.entries()?)?;
        transaction.object_store(SESSIONS)?.delete(JsValue::from(self.name.key()))?;
        committed(transaction).await
    }

    /// Whether other tabs are kept away. Without https the browser has no
    /// locks, and the user has to take care.
    pub fn is_exclusive(&self) -> bool {
        self.lock.is_held()
    }

    fn write(&self, transaction: &Transaction, batch: &Batch) -> Result<(), idb::Error> {
        let entries = transaction.object_store(ENTRIES)?;
        for (key, value) in &batch.entries {
            let key = self.entry_key(*key);
            match value {
                Some(value) => {
                    entries.put(&Uint8Array::from(value.as_ref()), Some(&key))?;
                }
                None => {
                    entries.delete(JsValue::from(key))?;
                }
            }
        }
        if batch.oldest_received > 0 {
            let ends = [0, batch.oldest_received].map(|number| self.received_key(number));
            entries.delete(KeyRange::bound(&ends[0], &ends[1], None, Some(true))?)?;
        }
        for (number, value) in &batch.received {
            let value = Uint8Array::from(value.as_ref());
            entries.put(&value, Some(&self.received_key(*number)))?;
        }
        Ok(())
    }

    fn entry_key(&self, key: Key) -> Array {
        match key {
            Key::Outbound(token) => self.key(OUTBOUND, token.0),
            Key::Inbound(identifier) => self.key(INBOUND, identifier.value().into()),
            Key::Subscription(place) => self.key(SUBSCRIPTION, place),
            Key::Session => self.key(SESSION, 0),
        }
    }

    fn received_key(&self, number: u64) -> Array {
        self.key(RECEIVED, number)
    }

    fn key(&self, kind: u8, number: u64) -> Array {
        let array = self.name.key();
        array.push(&kind.into());
        array.push(&(number as f64).into());
        array
    }
}

impl Opened {
    /// Takes one row. `None` for one that no version of the page has written.
    fn take(&mut self, key: &JsValue, value: &JsValue) -> Option<()> {
        let parts: &Array = key.dyn_ref()?;
        let number = parts.get(3).as_f64()?;
        let value = value.dyn_ref::<Uint8Array>()?.to_vec().into();
        let key = match parts.get(2).as_f64()? as u8 {
            OUTBOUND => Key::Outbound(Token(number as u64)),
            INBOUND => Key::Inbound(PacketIdentifier::new(number as u16)?),
            SUBSCRIPTION => Key::Subscription(number as u64),
            SESSION => Key::Session,
            RECEIVED => {
                self.received.push((number as u64, value));
                return Some(());
            }
            _ => return None,
        };
        self.entries.push((key, value));
        Some(())
    }
}

impl Drop for Store {
    fn drop(&mut self) {
        // Running transactions still end.
        self.database.close();
    }
}

/// The sessions that IndexedDB holds.
pub async fn stored_sessions() -> Result<Vec<SessionName>, StorageError> {
    let database = open_database().await?;
    let transaction = begin(&database)?;
    let keys = answer(transaction.object_store(SESSIONS)?.get_all_keys(None, None)?).await?;
    committed(transaction).await?;
    database.close();
    let keys: Array = keys.unchecked_into();
    Ok(keys.iter().filter_map(|key| SessionName::from_key(&key)).collect())
}

/// Deletes a stored session. One that a tab is using is refused with
/// [`StorageError::InUse`].
pub async fn delete_session(name: &SessionName) -> Result<(), StorageError> {
    Store::open(name.clone()).await?.store.forget().await
}

async fn open_database() -> Result<Database, StorageError> {
    let mut request = Factory::new()?.open(DATABASE, Some(1))?;
    request.on_upgrade_needed(|event| {
        // What fails here fails the request, with the reason.
        if let Ok(database) = event.database() {
            for store in [SESSIONS, ENTRIES] {
                let _ = database.create_object_store(store, ObjectStoreParams::new());
            }
        }
    });
    let mut database = opened(request).await?;
    // A newer version of the page, in another tab, wants to change the
    // database. It may: this tab goes on in memory.
    database.on_version_change(|event| {
        if let Ok(database) = Event::target(&event).and_then(Database::try_from) {
            database.close();
        }
    });
    Ok(database)
}

fn begin(database: &Database) -> Result<Transaction, StorageError> {
    Ok(database.transaction(&[SESSIONS, ENTRIES], TransactionMode::ReadWrite)?)
}

const DATABASE: &str = "fourstep";
const SESSIONS: &str = "sessions";
const ENTRIES: &str = "entries";
const OUTBOUND: u8 = 0;
const INBOUND: u8 = 1;
const SUBSCRIPTION: u8 = 2;
const RECEIVED: u8 = 3;
const SESSION: u8 = 4;

#[cfg(test)]
mod tests;
