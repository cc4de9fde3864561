//! Which sessions are stored.

use js_sys::Array;
use wasm_bindgen::JsCast;

use super::database::{ENTRIES, SESSIONS, begin, open_database};
use super::request::{answer, committed};
use super::rows::{self, Visit};
use super::{SessionName, StorageError, claim, marker, read};
use crate::client::{Client, Config};
use crate::codec::Version;

/// A session that this browser holds, so that a page can offer it.
#[derive(Clone, Debug, PartialEq)]
pub struct StoredSession {
    /// Which one.
    pub name: SessionName,
    /// The address under which it was last used, without user name, password
    /// and query: `ws://` or `wss://`, host, port and path.
    pub address: Option<String>,
    /// When it was last used, to the minute: milliseconds since 1970-01-01
    /// UTC. `None` if an earlier version of the page has stored it.
    pub used: Option<f64>,
    /// Our messages that wait for their turn.
    pub queued: usize,
    /// Messages whose exchange has begun and is not finished, in both
    /// directions.
    pub unfinished: usize,
    /// Topic filters that are subscribed.
    pub subscriptions: usize,
    /// Received messages that are kept to be shown.
    pub received: usize,
}

/// The sessions that IndexedDB holds, the latest used first. Those that are
/// out of date, because storage has failed, are not among them.
pub async fn stored_sessions() -> Result<Vec<StoredSession>, StorageError> {
    let database = open_database().await?;
    let transaction = begin(&database)?;
    let sessions = transaction.object_store(SESSIONS)?;
    let keys = sessions.get_all_keys(None, None)?;
    let visits = sessions.get_all(None, None)?;
    let keys: Array = answer(keys).await?.unchecked_into();
    let visits: Array = answer(visits).await?.unchecked_into();
    let entries = transaction.object_store(ENTRIES)?;
    let mut stored = Vec::new();
    for (key, visit) in keys.iter().zip(visits.iter()) {
        let Some((server, client_identifier)) = rows::session_of(&key) else { continue };
        let name = SessionName { server, client_identifier };
        if marker::is_spoiled(&name) {
            continue;
        }
        let rows = read(&entries, &name).await?;
        stored.push(describe(name, Visit::read(&visit), &rows));
    }
    committed(transaction).await?;
    database.close();
    stored.sort_by(|one, other| {
        other.used.partial_cmp(&one.used).unwrap_or(std::cmp::Ordering::Equal)
    });
    Ok(stored)
}

/// Deletes a stored session. One that a tab is using is refused with
/// [`StorageError::InUse`].
pub async fn delete_session(name: &SessionName) -> Result<(), StorageError> {
    let (_lock, database) = claim(name).await?;
    let transaction = begin(&database)?;
    transaction.object_store(ENTRIES)?.delete(rows::all_rows(name)?)?;
    let key = wasm_bindgen::JsValue::from(rows::session_key(name));
    transaction.object_store(SESSIONS)?.delete(key)?;
    committed(transaction).await?;
    database.close();
    marker::forget(name);
    Ok(())
}

/// The engine knows best what its entries mean.
fn describe(name: SessionName, visit: Visit, rows: &rows::Rows) -> StoredSession {
    let mut config = Config::new(Version::V5, name.client_identifier.clone());
    config.clean_start = false;
    config.session_expiry_interval = u32::MAX;
    let (client, _) = Client::with_session(config, &rows.entries);
    let snapshot = client.snapshot();
    StoredSession {
        name,
        address: visit.address,
        used: visit.used,
        queued: snapshot.queued,
        unfinished: snapshot.outbound_total - snapshot.queued + snapshot.inbound_total,
        subscriptions: snapshot.subscriptions.len(),
        received: rows.received.len(),
    }
}
