//! What a driver owns, and what it does for the engine.

mod earlier;
mod gaps;
mod inputs;
mod open;
mod outputs;
mod slices;
mod storing;
mod timers;

use std::rc::{Rc, Weak};
use std::time::Duration;

use super::arrivals::Arrivals;
use super::driver::Shared;
use super::explain::{Explanation, Stage};
use super::gaps::{AnswerWatch, SleepWatch};
use super::kept::Kept;
use super::macrotask::Macrotask;
use super::outbox::Outbox;
use super::socket::{Socket, SocketEvent};
use super::storage::Store;
use super::{
    Address, Finished, Level, Notice, Received, Recent, SessionName, Snapshot, StorageState, View,
};
use crate::client::{Client, CommandError, ConnectionNumber, Deliveries, Subscribed};
use crate::codec::Version;
use crate::time::Instant;
use crate::trace::{Party, RecordKind, Tap, Trace};

pub use earlier::Earlier;
pub use open::Opening;

use timers::Timers;

/// The engine and everything that it runs on. Nothing in here calls back into
/// the driver: the browser's callbacks come later, through [`Shared`].
pub struct Runner {
    pub client: Client,
    pub trace: Trace,
    tap: Tap,
    outbox: Outbox,
    timers: Timers,
    /// For the callbacks that the browser is given.
    shared: Weak<Shared>,

    url: String,
    address: Address,
    /// What CONNECT asks for.
    version: Version,
    socket: Option<Socket>,
    /// The one that `socket` is for, so that a late event of an old one is
    /// ignored.
    connection: ConnectionNumber,
    /// How many connections the trace has of earlier drivers.
    earlier_connections: u64,
    /// In force, in seconds.
    keep_alive: u16,
    sleep: SleepWatch,
    answers: AnswerWatch,
    opened_at: Instant,
    stage: Stage,
    /// What came on the socket and is not worked off yet.
    arrivals: Arrivals<SocketEvent>,
    /// Comes back to it.
    slices: Macrotask,
    slice_is_due: bool,
    /// How many more bytes are recorded once the connection is to be closed.
    after_end: usize,

    store: Option<Rc<Store>>,
    /// One that has failed, and still keeps other tabs away.
    lost_store: Option<Rc<Store>>,
    /// A session that is kept in memory because it could not be opened, until
    /// what may be stored of it is marked as out of date.
    unopened: Option<SessionName>,
    storage: StorageState,

    inbox: Recent<Received>,
    /// Which messages storage keeps.
    kept: Kept,
    finished: Recent<Finished>,
    /// Messages that started over, and of which no notice tells yet.
    started_over: usize,
    notices: Recent<Notice>,
    trouble: Option<Explanation>,
    /// Whether that is a session of the server that the engine does not know.
    unknown_session: bool,
    /// The engine's words for the end of the connection.
    ending: Option<String>,
    /// As the engine has them.
    subscriptions: Vec<Subscribed>,
    /// What came for each of them, counted as it comes.
    deliveries: Deliveries,
}

impl Runner {
    /// A runner at rest.
    pub fn new(opening: Opening, shared: Weak<Shared>) -> Self {
        let now = super::clock::now();
        let is_durable = opening.store.is_some();
        let of_slices = shared.clone();
        let when_due = move || {
            if let Some(shared) = of_slices.upgrade() {
                shared.slice_due();
            }
        };
        let mut runner = Runner {
            client: opening.client,
            trace: trace(opening.parties, opening.trace_capacity),
            tap: Tap::new(CLIENT, SERVER),
            outbox: Outbox::new(is_durable),
            timers: Timers::default(),
            shared,
            url: opening.url,
            address: opening.address,
            version: opening.version,
            socket: None,
            connection: ConnectionNumber::default(),
            earlier_connections: 0,
            keep_alive: 0,
            sleep: SleepWatch::default(),
            answers: AnswerWatch::default(),
            opened_at: now,
            stage: Stage::Opening,
            arrivals: Arrivals::new(),
            slices: Macrotask::new(when_due),
            slice_is_due: false,
            after_end: 0,
            store: opening.store.map(Rc::new),
            lost_store: None,
            unopened: opening.unopened,
            storage: opening.storage,
            inbox: Recent::new(opening.inbox_capacity, opening.inbox_bytes),
            kept: opening.kept,
            finished: Recent::new(FINISHED_CAPACITY, usize::MAX),
            started_over: 0,
            notices: Recent::new(NOTICES_CAPACITY, NOTICES_BYTES),
            trouble: None,
            unknown_session: false,
            ending: None,
            subscriptions: Vec::new(),
            deliveries: Deliveries::new(),
        };
        for publish in opening.received {
            runner.inbox.push(Received { at: None, publish, record: None, granted: None });
        }
        if let Some(earlier) = opening.earlier {
            let session = runner.store.as_ref().map(|store| store.name().clone());
            runner.succeed(now, earlier, session.as_ref());
        }
        runner.refresh_subscriptions();
        for (level, text) in opening.notices {
            runner.notice(now, level, text);
        }
        runner
    }

    /// Refuses more to send while too much waits already.
    pub fn check_room(&self) -> Result<(), CommandError> {
        if self.outbox.bytes() >= OUTBOX_BYTES {
            return Err(CommandError::QueueFull { capacity: self.outbox.len() });
        }
        Ok(())
    }

    pub fn snapshot(&self) -> Snapshot {
        Snapshot {
            client: self.client.snapshot(),
            url: self.url.clone(),
            storage: self.storage.clone(),
            trouble: self.trouble.clone(),
            unknown_session: self.unknown_session,
            buffered: self.outbox.bytes() + self.socket.as_ref().map_or(0, Socket::buffered),
            records_next: self.trace.next_sequence(),
            records_dropped: self.trace.dropped(),
            inbox_total: self.inbox.total(),
            finished_total: self.finished.total(),
            notices_total: self.notices.total(),
        }
    }

    pub fn view(&self) -> View<'_> {
        View {
            trace: &self.trace,
            inbox: &self.inbox,
            finished: &self.finished,
            notices: &self.notices,
            deliveries: &self.deliveries,
        }
    }

    /// Tells a person something, in the notices and in the trace.
    fn notice(&mut self, now: Instant, level: Level, text: String) {
        self.trace.push(now, CLIENT, CLIENT, RecordKind::Note(text.clone()));
        self.notices.push(Notice { at: now, level, text });
    }
}

/// An empty trace whose time 0 is that of the page's clock.
fn trace(parties: Vec<String>, capacity: usize) -> Trace {
    let mut trace = Trace::new(parties, capacity);
    let zero = super::clock::unix_millis(Instant::ZERO) / 1_000.0;
    trace.epoch = Duration::try_from_secs_f64(zero).ok();
    trace
}

const CLIENT: Party = 0;
const SERVER: Party = 1;
/// Of the same size each.
const FINISHED_CAPACITY: usize = 1_000;
const NOTICES_CAPACITY: usize = 100;
/// They may quote a peer.
const NOTICES_BYTES: usize = 1024 * 1024;
/// What may wait for the network or a commit before `publish` refuses more.
const OUTBOX_BYTES: usize = 8 * 1024 * 1024;
