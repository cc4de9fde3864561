use std::collections::BTreeMap;
use std::time::Duration;

use bytes::Bytes;
use bytestring::ByteString;

use super::inbox::Name;
use super::{ClientSetup, Inbox, Publication, WillSetup};
use crate::broker::ConnectionId;
use crate::client::{
    Backoff, Client, ClosedReason, CommandError, Config, ConnectionNumber, Event, Output,
    UnknownSession,
};
use crate::codec::{Properties, Property, Publish, Subscription, Version, Will};
use crate::session::Key;
use crate::time::Instant;

/// The machine that a client runs on: the engine, its storage, and an
/// application that does as it is told.
#[derive(Clone, Debug)]
pub(super) struct Host {
    config: Config,
    /// `None` while the process is gone.
    pub client: Option<Client>,
    /// The newest connection, as the network and as the engine names it.
    connection: Option<(ConnectionId, ConnectionNumber)>,
    /// What the engine has stored, crash or no crash.
    store: BTreeMap<Key, Bytes>,
    /// When a crashed process starts again, and whether it reads the store.
    pub restart: Option<(Instant, bool)>,
    /// Whether the application wants a connection.
    wants_connection: bool,
    /// What the application asked for and has no answer to.
    wishes: Vec<Wish>,
    /// What it wants to stay subscribed to.
    subscriptions: Vec<Subscription>,
    /// Whether the process has started again and not been connected since.
    fresh: bool,
    pub inbox: Inbox,
    /// When the engine's timer was last served.
    served: Option<Instant>,
    repeats_by_timer: bool,
}

#[derive(Clone, Debug)]
struct Wish {
    what: WishWhat,
    /// Whether the engine has been asked.
    uttered: bool,
}

#[derive(Clone, Debug)]
enum WishWhat {
    Subscribe(Subscription),
    Unsubscribe(ByteString),
}

/// What the world has to do for a host.
#[derive(Debug)]
pub(super) enum Wanted {
    Open(ConnectionNumber),
    Send(Bytes),
    Close(ConnectionNumber),
}

impl Host {
    /// A host whose application is at rest.
    pub fn new(setup: &ClientSetup, seed: u64) -> Self {
        let config = config(setup, seed);
        Host {
            client: Some(Client::new(config.clone())),
            connection: None,
            repeats_by_timer: config.retry_interval.is_some(),
            config,
            store: BTreeMap::new(),
            restart: None,
            wants_connection: false,
            wishes: Vec::new(),
            subscriptions: Vec::new(),
            fresh: false,
            inbox: Inbox::default(),
            served: None,
        }
    }

    /// The application connects. While the process is gone, it will when it is
    /// back.
    pub fn connect(&mut self, now: Instant) -> Result<(), CommandError> {
        self.wants_connection = true;
        self.client.as_mut().map_or(Ok(()), |client| client.connect(now))
    }

    /// The application says goodbye.
    pub fn disconnect(&mut self, now: Instant) -> Result<(), CommandError> {
        self.wants_connection = false;
        self.client.as_mut().map_or(Ok(()), |client| client.disconnect(now))
    }

    /// The application publishes one message of a series.
    pub fn publish(&mut self, now: Instant, message: Publish) -> Result<(), CommandError> {
        match &mut self.client {
            Some(client) => client.publish(now, message).map(|_| ()),
            None => Err(CommandError::NotConnected),
        }
    }

    /// The application subscribes, now or as soon as it is connected.
    pub fn subscribe(
        &mut self,
        now: Instant,
        subscription: Subscription,
    ) -> Result<(), CommandError> {
        self.subscriptions.retain(|other| other.filter != subscription.filter);
        self.subscriptions.push(subscription.clone());
        self.wish(now, WishWhat::Subscribe(subscription))
    }

    /// The application unsubscribes, now or as soon as it is connected.
    pub fn unsubscribe(&mut self, now: Instant, filter: ByteString) -> Result<(), CommandError> {
        self.subscriptions.retain(|other| other.filter != filter);
        self.wish(now, WishWhat::Unsubscribe(filter))
    }

    /// The process dies, and comes back later.
    pub fn crash(&mut self, at: Instant, keep_store: bool) {
        self.client = None;
        self.connection = None;
        self.restart = Some((at, keep_store));
        self.wishes.iter_mut().for_each(|wish| wish.uttered = false);
        if !keep_store {
            self.store.clear();
        }
    }

    /// The process starts again, and its application goes on where it was.
    pub fn start_again(&mut self, now: Instant) -> Result<(), CommandError> {
        self.restart = None;
        let entries: Vec<_> = self.store.iter().map(|(key, value)| (*key, value.clone())).collect();
        let (client, _) = Client::with_session(self.config.clone(), &entries);
        self.client = Some(client);
        self.fresh = true;
        if self.wants_connection { self.connect(now) } else { Ok(()) }
    }

    /// The network makes the connection that the engine asked for.
    pub fn connecting(&mut self, id: ConnectionId, number: ConnectionNumber) {
        self.connection = Some((id, number));
    }

    /// The engine, and its number for this connection; `None` if the process
    /// is gone or knows only a later one.
    pub fn client_of(&mut self, id: ConnectionId) -> Option<(&mut Client, ConnectionNumber)> {
        let (newest, number) = self.connection?;
        self.client.as_mut().filter(|_| newest == id).map(|client| (client, number))
    }

    /// Bytes of memory that it takes, roughly.
    pub fn weight(&self) -> usize {
        let flows = self.client.as_ref().map(|client| {
            let picture = client.snapshot();
            picture.outbound_total + picture.queued + picture.inbound_total
        });
        (flows.unwrap_or(0) + self.store.len() + self.wishes.len()) * ENTRY + self.inbox.weight()
    }

    /// When the engine wants to be called. A timer that asks for more at once
    /// waits a moment, so that no world can stand still.
    pub fn next_timeout(&self) -> Option<Instant> {
        let at = self.client.as_ref()?.next_timeout()?;
        Some(self.served.map_or(at, |served| at.max(served + TIMER_PAUSE)))
    }

    /// Serves the engine's timer.
    pub fn handle_timeout(&mut self, now: Instant) {
        self.served = Some(now);
        if let Some(client) = &mut self.client {
            client.handle_timeout(now);
        }
    }

    /// The next thing to do for the engine; storage and events are dealt with
    /// here. `published` tells how often a message was published; `remarks` takes
    /// what no packet says.
    pub fn poll(
        &mut self,
        now: Instant,
        published: &BTreeMap<Name, u32>,
        remarks: &mut Vec<String>,
    ) -> Option<Wanted> {
        loop {
            match self.client.as_mut()?.poll()? {
                Output::Open(number) => return Some(Wanted::Open(number)),
                Output::Send(bytes) => return Some(Wanted::Send(bytes)),
                Output::Close(number) => return Some(Wanted::Close(number)),
                Output::Store(key, value) => {
                    self.store.insert(key, value);
                }
                Output::Remove(key) => {
                    self.store.remove(&key);
                }
                Output::Event(Event::Connected(ack)) => {
                    let mut errors = Vec::new();
                    self.handle_connected(now, ack.session_present, &mut errors);
                    remarks.extend(errors.iter().map(CommandError::to_string));
                }
                Output::Event(Event::Subscribed { grants, .. }) => {
                    self.forget_wishes(grants.iter().map(|grant| &grant.filter));
                }
                Output::Event(Event::Unsubscribed { reasons, .. }) => {
                    self.forget_wishes(reasons.iter().map(|(filter, _)| filter));
                }
                Output::Event(Event::Message(message)) => {
                    let times = published.get(&Name::of(&message)).copied().unwrap_or(0);
                    self.inbox.push(now, message, times);
                }
                Output::Event(Event::Closed(reason)) if is_remarkable(&reason) => {
                    remarks.push(reason.to_string());
                }
                Output::Event(_) => {}
            }
        }
    }

    /// Whether nothing will happen here by itself but keep-alive.
    pub fn is_quiet(&self) -> bool {
        use crate::client::Status;
        let Some(client) = &self.client else { return false };
        match client.status() {
            Status::Disconnected => true,
            Status::Connected => !(self.repeats_by_timer && client.snapshot().outbound_total > 0),
            Status::Opening
            | Status::Connecting
            | Status::Closing
            | Status::WaitingToReconnect { .. } => false,
        }
    }

    fn wish(&mut self, now: Instant, what: WishWhat) -> Result<(), CommandError> {
        self.wishes.retain(|other| other.what.filter() != what.filter());
        self.wishes.push(Wish { what, uttered: false });
        let mut errors = Vec::new();
        self.utter_wishes(now, &mut errors);
        errors.pop().map_or(Ok(()), Err)
    }

    /// An application whose process is new, and whose session is gone, asks
    /// for everything again. Of a process that lives on, the engine does it.
    fn handle_connected(
        &mut self,
        now: Instant,
        session_present: bool,
        errors: &mut Vec<CommandError>,
    ) {
        if std::mem::take(&mut self.fresh) && !session_present {
            let wanted = self.subscriptions.iter().cloned().map(WishWhat::Subscribe);
            self.wishes = wanted.map(|what| Wish { what, uttered: false }).collect();
        }
        self.utter_wishes(now, errors);
    }

    /// Asks the engine for what it has not been asked yet, if it is connected.
    fn utter_wishes(&mut self, now: Instant, errors: &mut Vec<CommandError>) {
        let Some(client) = &mut self.client else { return };
        for wish in self.wishes.iter_mut().filter(|wish| !wish.uttered) {
            let asked = match wish.what.clone() {
                WishWhat::Subscribe(wanted) => {
                    client.subscribe(now, vec![wanted], Properties::new())
                }
                WishWhat::Unsubscribe(filter) => {
                    client.unsubscribe(now, vec![filter], Properties::new())
                }
            };
            wish.uttered = asked != Err(CommandError::NotConnected);
            errors.extend(asked.err().filter(|error| *error != CommandError::NotConnected));
        }
    }

    /// These filters have their answer.
    fn forget_wishes<'a>(&mut self, filters: impl Iterator<Item = &'a ByteString>) {
        for filter in filters {
            self.wishes.retain(|wish| !wish.uttered || wish.what.filter() != filter);
        }
    }
}

impl WishWhat {
    fn filter(&self) -> &ByteString {
        match self {
            WishWhat::Subscribe(subscription) => &subscription.filter,
            WishWhat::Unsubscribe(filter) => filter,
        }
    }
}

/// The message that a publication stands for.
pub(super) fn message(publication: &Publication, index: u32, version: Version) -> Publish {
    let mut properties = Properties::new();
    if let (Version::V5, Some(expiry)) = (version, publication.expiry) {
        properties.push(Property::MessageExpiryInterval(expiry));
    }
    Publish {
        qos: publication.qos,
        retain: publication.retain,
        topic: publication.topic.clone(),
        payload: publication.payload_at(index),
        properties,
        ..Publish::default()
    }
}

/// Whether the trace does not tell already why the connection ended.
fn is_remarkable(reason: &ClosedReason) -> bool {
    !matches!(
        reason,
        ClosedReason::Disconnected
            | ClosedReason::TransportLost(_)
            | ClosedReason::SessionDiscarded
            | ClosedReason::Refused(_)
            | ClosedReason::ByServer(_)
    )
}

fn config(setup: &ClientSetup, seed: u64) -> Config {
    let mut config = Config::new(setup.version, setup.name.clone());
    config.clean_start = setup.clean_start;
    config.session_expiry_interval = setup.session_expiry_interval;
    config.keep_alive = setup.keep_alive;
    config.will = setup.will.as_ref().map(|will| self::will(will, setup.version));
    config.limits.receive_maximum = setup.receive_maximum;
    config.limits.durable = true;
    config.limits.queue_bytes = QUEUE_BYTES;
    // No person is there to be asked, and the application asks for its
    // subscriptions again.
    config.unknown_session = UnknownSession::StartOver;
    config.use_topic_aliases = setup.topic_aliases;
    config.topic_alias_maximum = if setup.topic_aliases { TOPIC_ALIASES } else { 0 };
    // Not announced: the fewer bytes in a first CONNECT, the better to read.
    config.maximum_packet_size = crate::codec::MAXIMUM_PACKET_SIZE;
    config.retry_interval = setup.retry_interval;
    config.reconnect = setup.reconnect.map(|wait| {
        let initial = wait.max(Duration::from_millis(1));
        Backoff { initial, maximum: initial.saturating_mul(16), seed }
    });
    config
}

fn will(setup: &WillSetup, version: Version) -> Will {
    let mut properties = Properties::new();
    if version == Version::V5 && setup.delay > 0 {
        properties.push(Property::WillDelayInterval(setup.delay));
    }
    Will {
        topic: setup.topic.clone(),
        payload: setup.payload.clone(),
        qos: setup.qos,
        retain: setup.retain,
        properties,
    }
}

/// The least time between two timers of one engine.
pub(super) const TIMER_PAUSE: Duration = Duration::from_millis(1);
/// Bytes of the messages that wait in one client.
const QUEUE_BYTES: usize = 4 << 20;
/// Bytes that an engine takes for a message or a flow, on top of its payload.
pub(super) const ENTRY: usize = 256;
/// Aliases that a client accepts if it uses them.
const TOPIC_ALIASES: u16 = 16;
