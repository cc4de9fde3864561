use super::Earlier;
use crate::client::{Client, Config};
use crate::codec::{Publish, Version};
use crate::web::explain::Explanation;
use crate::web::kept::Kept;
use crate::web::storage::{self, Opened, StorageError, Store};
use crate::web::{Address, Level, Options, SessionName, StorageState};

/// What a runner starts from: a client, with its stored session if it has one.
pub struct Opening {
    pub client: Client,
    pub store: Option<Store>,
    /// What an earlier driver left, whose place this one takes.
    pub earlier: Option<Earlier>,
    /// A session that could not be opened, and of which something may be
    /// stored.
    pub unopened: Option<SessionName>,
    /// Messages that an earlier page has received, oldest first.
    pub received: Vec<Publish>,
    pub kept: Kept,
    pub storage: StorageState,
    pub notices: Vec<(Level, String)>,
    /// The names of the two lanes of the trace.
    pub parties: Vec<String>,
    pub url: String,
    pub address: Address,
    pub version: Version,
    pub trace_capacity: usize,
    pub inbox_capacity: usize,
    pub inbox_bytes: usize,
}

impl Opening {
    /// Opens storage as far as the session needs it and the browser allows it.
    ///
    /// # Errors
    ///
    /// Another tab uses this session.
    pub async fn new(
        options: Options,
        address: Address,
        earlier: Option<Earlier>,
    ) -> Result<Self, Explanation> {
        let Options { mut config, trace_capacity, inbox_capacity, inbox_bytes, .. } = options;
        // Without user name and password, which have their own place.
        let url = address.url();
        let mut notices = Vec::new();
        let mut unopened = None;
        let (opened, storage) = match open_storage(&config, &address).await {
            Ok(None) => (None, StorageState::Memory),
            Ok(Some(opened)) => (Some(opened), StorageState::Durable),
            Err(Refusal::InUse) => return Err(in_use()),
            Err(Refusal::Memory(why)) => {
                let text = format!(
                    "The session is kept in memory only and will not survive a reload: {why}."
                );
                notices.push((Level::Warning, text));
                let name = SessionName::new(&address, &config.client_identifier);
                unopened = Some(name).filter(|name| !name.client_identifier.is_empty());
                (None, StorageState::Failed(why))
            }
        };
        config.limits.durable = opened.is_some();
        let parties = parties(&config, &address);
        let version = config.version;
        let (client, store, kept, received) = resume(config, opened, &mut notices);
        Ok(Opening {
            client,
            store,
            earlier,
            unopened,
            received,
            kept,
            storage,
            notices,
            parties,
            url,
            address,
            version,
            trace_capacity,
            inbox_capacity,
            inbox_bytes,
        })
    }
}

/// Why a session is not stored.
enum Refusal {
    /// Another tab uses it.
    InUse,
    /// Completes the sentence "in memory only, because".
    Memory(String),
}

impl From<StorageError> for Refusal {
    fn from(error: StorageError) -> Self {
        match error {
            StorageError::InUse => Refusal::InUse,
            other => Refusal::Memory(other.to_string()),
        }
    }
}

/// The stored session, if this one is to be stored.
async fn open_storage(config: &Config, address: &Address) -> Result<Option<Opened>, Refusal> {
    let identifier = &config.client_identifier;
    if identifier.is_empty() {
        return match config.is_persistent() {
            false => Ok(None),
            true => Err(Refusal::Memory(
                "without a client identifier of its own it cannot be found again".into(),
            )),
        };
    }
    let name = SessionName::new(address, identifier);
    if !config.is_persistent() {
        discard(&name).await?;
        return Ok(None);
    }
    let mut opened = Store::open(name.clone(), address).await?;
    if config.clean_start && !(opened.entries.is_empty() && opened.received.is_empty()) {
        if let Err(error) = opened.store.clear().await {
            storage::spoil(&name);
            return Err(error.into());
        }
        opened.entries.clear();
        opened.received.clear();
    }
    Ok(Some(opened))
}

/// A session that starts clean and ends with its connection replaces the
/// stored one, on the server too ([MQTT-3.1.2-6], 5.0: [MQTT-3.1.2-4]). If it
/// cannot be deleted, it is marked: it must not come back.
async fn discard(name: &SessionName) -> Result<(), Refusal> {
    let deleted = match storage::stored_sessions().await {
        Ok(stored) if stored.iter().any(|stored| stored.name == *name) => {
            storage::delete_session(name).await
        }
        Ok(_) => Ok(()),
        Err(error) => Err(error),
    };
    match deleted {
        Err(StorageError::InUse) => Err(Refusal::InUse),
        Err(_) => {
            // Where not even that is allowed, nothing was stored.
            storage::spoil(name);
            Ok(())
        }
        Ok(()) => Ok(()),
    }
}

fn in_use() -> Explanation {
    Explanation::new(
        "This session is open in another tab of this browser. Two connections with one client \
         identifier would push each other off the broker, and messages would be lost.",
    )
    .hint("Use that tab, or close it and connect again.")
    .hint("Or choose another client identifier: it has a session of its own.")
}

fn resume(
    config: Config,
    opened: Option<Opened>,
    notices: &mut Vec<(Level, String)>,
) -> (Client, Option<Store>, Kept, Vec<Publish>) {
    let Some(Opened { store, entries, received, was_spoiled }) = opened else {
        return (Client::new(config), None, Kept::default(), Vec::new());
    };
    let (kept, received) = Kept::restore(received);
    let (client, unreadable) = Client::with_session(config, &entries);
    let snapshot = client.snapshot();
    let queued = snapshot.queued;
    let unfinished = snapshot.outbound_total - queued + snapshot.inbound_total;
    if entries.len() > unreadable {
        let text = format!(
            "The stored session continues. Queued messages: {queued}; unfinished messages: \
             {unfinished}."
        );
        notices.push((Level::Info, text));
    }
    if unreadable > 0 {
        notices.push((
            Level::Warning,
            format!("{unreadable} entries of the stored session cannot be read and are skipped."),
        ));
    }
    if was_spoiled {
        let text = "What was stored of this session was out of date, because the browser's \
                    storage had failed. It is deleted, and the session starts again.";
        notices.push((Level::Warning, text.to_owned()));
    }
    if !store.is_exclusive() {
        let text = "This browser cannot keep other tabs away from this session: do not open it \
                    in two tabs.";
        notices.push((Level::Info, text.to_owned()));
    }
    (client, Some(store), kept, received)
}

fn parties(config: &Config, address: &Address) -> Vec<String> {
    let client = match config.client_identifier.as_ref() {
        "" => "client",
        identifier => identifier,
    };
    vec![client.to_owned(), address.host.clone()]
}
