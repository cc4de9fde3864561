//! The database itself, and what earlier versions of the page left in it.

use idb::{
    Database, DatabaseEvent, Event, Factory, ObjectStoreParams, Transaction, TransactionMode,
};
use js_sys::Array;
use wasm_bindgen::{JsCast, JsValue};

use super::request::{answer, committed, opened};
use super::rows::{self, Visit};
use super::{SessionName, StorageError};

pub async fn open_database() -> Result<Database, StorageError> {
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
    rename_earlier(&database).await?;
    Ok(database)
}

pub fn begin(database: &Database) -> Result<Transaction, StorageError> {
    Ok(database.transaction(&[SESSIONS, ENTRIES], TransactionMode::ReadWrite)?)
}

/// Gives sessions that were stored under their address the name that does not
/// depend on its spelling. Where that name is taken, by a session under
/// another spelling, the earlier one stays as it is.
async fn rename_earlier(database: &Database) -> Result<(), StorageError> {
    let transaction = begin(database)?;
    let sessions = transaction.object_store(SESSIONS)?;
    let keys: Array = answer(sessions.get_all_keys(None, None)?).await?.unchecked_into();
    let mut taken: Vec<_> = keys.iter().filter_map(|key| rows::session_of(&key)).collect();
    for key in keys.iter() {
        let Some((address, identifier)) = rows::session_of(&key) else { continue };
        let Some(name) = SessionName::of_earlier(&address, &identifier) else { continue };
        let new = (name.server.clone(), identifier.clone());
        if taken.contains(&new) {
            continue;
        }
        taken.push(new);
        let visit = Visit { address: Some(address.clone()), ..Visit::default() };
        sessions.put(&visit.write(), Some(&rows::session_key(&name)))?;
        sessions.delete(key)?;
        let earlier = SessionName { server: address, client_identifier: identifier };
        move_rows(&transaction, &earlier, &name).await?;
    }
    committed(transaction).await
}

async fn move_rows(
    transaction: &Transaction,
    from: &SessionName,
    to: &SessionName,
) -> Result<(), StorageError> {
    let entries = transaction.object_store(ENTRIES)?;
    let keys = entries.get_all_keys(Some(rows::all_rows(from)?.into()), None)?;
    let values = entries.get_all(Some(rows::all_rows(from)?.into()), None)?;
    let keys: Array = answer(keys).await?.unchecked_into();
    let values: Array = answer(values).await?.unchecked_into();
    entries.delete(rows::all_rows(from)?)?;
    for (key, value) in keys.iter().zip(values.iter()) {
        let key: Array = key.unchecked_into();
        key.set(0, JsValue::from_str(&to.server));
        entries.put(&value, Some(&key))?;
    }
    Ok(())
}

pub const SESSIONS: &str = "sessions";
pub const ENTRIES: &str = "entries";
const DATABASE: &str = "fourstep";
