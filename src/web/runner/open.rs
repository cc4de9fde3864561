use crate::client::{Client, Config};
use crate::codec::Publish;
use crate::web::kept::Kept;
use crate::web::storage::{self, Opened, SessionName, Store};
use crate::web::{Address, Level, Options, StorageState};

/// What a runner starts from: a client, with its stored session if it has one.
pub struct Opening {
    pub client: Client,
    pub store: Option<Store>,
    /// Messages that an earlier page has received, oldest first.
    pub received: Vec<Publish>,
    pub kept: Kept,
    pub storage: StorageState,
    pub notices: Vec<(Level, String)>,
    /// The names of the two lanes of the trace.
    pub parties: Vec<String>,
    pub url: String,
    pub address: Address,
    pub trace_capacity: usize,
    pub inbox_capacity: usize,
}

impl Opening {
    /// Opens storage as far as the session needs it and the browser allows it.
    pub async fn new(options: Options, address: Address) -> Self {
        let Options { mut config, trace_capacity, inbox_capacity, .. } = options;
        // Without user name and password, which have their own place.
        let url = address.url();
        let mut notices = Vec::new();
        let (opened, storage) = match open_storage(&config, &address).await {
            Ok(None) => (None, StorageState::Memory),
            Ok(Some(opened)) => (Some(opened), StorageState::Durable),
            Err(why) => {
                notices.push((
                    Level::Warning,
                    format!(
                        "The session is kept in memory only and will not survive a reload: {why}."
                    ),
                ));
                (None, StorageState::Failed(why))
            }
        };
        config.limits.durable = opened.is_some();
        let parties = parties(&config, &address);
        let (client, store, kept, received) = resume(config, opened, &mut notices);
        Opening {
            client,
            store,
            received,
            kept,
            storage,
            notices,
            parties,
            url,
            address,
            trace_capacity,
            inbox_capacity,
        }
    }
}

/// The stored session, if this one is to be stored. The error completes the
/// sentence "in memory only, because".
async fn open_storage(config: &Config, address: &Address) -> Result<Option<Opened>, String> {
    let identifier = &config.client_identifier;
    let name = SessionName::new(address, identifier);
    if !config.is_persistent() {
        if !identifier.is_empty() {
            discard(&name).await;
        }
        return Ok(None);
    }
    if identifier.is_empty() {
        return Err("without a client identifier of its own it cannot be found again".into());
    }
    let mut opened = Store::open(name).await.map_err(|error| error.to_string())?;
    if config.clean_start && !(opened.entries.is_empty() && opened.received.is_empty()) {
        opened.store.clear().await.map_err(|error| error.to_string())?;
        opened.entries.clear();
        opened.received.clear();
    }
    Ok(Some(opened))
}

/// A session that starts clean and ends with its connection replaces the
/// stored one, on the server too ([MQTT-3.1.2-6], 5.0: [MQTT-3.1.2-4]). What
/// fails here is met again when the session is to be stored next.
async fn discard(name: &SessionName) {
    if storage::stored_sessions().await.is_ok_and(|sessions| sessions.contains(name)) {
        let _ = storage::delete_session(name).await;
    }
}

fn resume(
    config: Config,
    opened: Option<Opened>,
    notices: &mut Vec<(Level, String)>,
) -> (Client, Option<Store>, Kept, Vec<Publish>) {
    let Some(Opened { store, entries, received }) = opened else {
        return (Client::new(config), None, Kept::default(), Vec::new());
    };
    let (kept, received) = Kept::restore(received);
    let (client, unreadable) = Client::with_session(config, &entries);
    if entries.len() > unreadable {
        let count = entries.len() - unreadable;
        notices.push((
            Level::Info,
            format!("The stored session goes on, with {count} unfinished exchanges of messages."),
        ));
    }
    if unreadable > 0 {
        notices.push((
            Level::Warning,
            format!("{unreadable} entries of the stored session cannot be read and are skipped."),
        ));
    }
    if !store.is_exclusive() {
        notices.push((
            Level::Info,
            "Over plain http the browser offers no locks: do not open this session in two tabs."
                .to_owned(),
        ));
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
