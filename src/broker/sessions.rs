use std::collections::BTreeMap;
use std::time::Duration;

use bytestring::ByteString;

use super::budget::Charge;
use super::{ConnectionId, SessionSnapshot};
use crate::codec::{QoS, Subscription, Version, Will};
use crate::session::{Session, Token};
use crate::time::Instant;

/// Names one session. Higher is later, and none is used twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct SessionId(u64);

/// What the server keeps of one client (3.1.2.4; 5.0: 4.1).
#[derive(Clone, Debug)]
pub(super) struct ClientSession {
    pub client_identifier: ByteString,
    /// While the client is connected.
    pub connection: Option<ConnectionId>,
    /// What the client spoke last.
    pub version: Version,
    /// Seconds; `u32::MAX` for ever.
    pub expiry_interval: u32,
    /// When it ends, if it has no connection and does not last for ever.
    pub ends_at: Option<Instant>,
    /// The flows in both directions.
    pub flows: Session,
    pub subscriptions: Subscriptions,
    /// What the whole session takes.
    pub charge: Charge,
    /// The number of the next subscription.
    pub next_subscription: u64,
    /// To be published if the connection ends badly, or since it has.
    pub will: Option<Will>,
    /// When the next message that waits expires, as the timer has it.
    pub expires_at: Option<Instant>,
    /// Messages that came by a shared subscription and are not finished.
    pub shared: BTreeMap<Token, Shared>,
    /// Retained messages that are still to be sent, by the number of their
    /// subscription.
    pub replays: BTreeMap<u64, Replay>,
    /// Whether it is in the broker's list of sessions to send them.
    pub is_replaying: bool,
}

/// What another member of a shared subscription would get of a message.
#[derive(Clone, Debug)]
pub(super) struct Shared {
    /// The topic filter with `$share` and the share name.
    pub filter: ByteString,
    /// As the message was published.
    pub qos: QoS,
    /// As the message was published.
    pub retain: bool,
}

/// The subscriptions of one client.
#[derive(Clone, Debug, Default)]
pub(super) struct Subscriptions {
    by_filter: BTreeMap<ByteString, Held>,
    /// What they take.
    bytes: usize,
}

/// One subscription as the session holds it.
#[derive(Clone, Debug)]
pub(super) struct Held {
    /// With the granted QoS.
    pub subscription: Subscription,
    /// Its place among those of the session.
    pub number: u64,
    /// 0 for none.
    pub identifier: u32,
    /// Whether it is a shared one: `$share` means nothing in 3.1.1.
    pub shared: bool,
}

/// What routing has to know of a subscription.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Granted {
    pub qos: QoS,
    pub no_local: bool,
    pub retain_as_published: bool,
    /// Its Subscription Identifier; 0 for none.
    pub identifier: u32,
}

/// Retained messages that a subscription has still to get.
#[derive(Clone, Debug)]
pub(super) struct Replay {
    pub filter: ByteString,
    /// The last topic that was looked at.
    pub after: Option<ByteString>,
}

/// Every session, connected or not.
#[derive(Clone, Debug, Default)]
pub(super) struct Sessions {
    by_id: BTreeMap<SessionId, ClientSession>,
    by_client: BTreeMap<ByteString, SessionId>,
    next: u64,
}

impl ClientSession {
    /// An empty session.
    pub fn new(client_identifier: ByteString, flows: Session) -> Self {
        ClientSession {
            client_identifier,
            connection: None,
            version: Version::default(),
            expiry_interval: 0,
            ends_at: None,
            flows,
            subscriptions: Subscriptions::default(),
            charge: Charge::default(),
            next_subscription: 0,
            will: None,
            expires_at: None,
            shared: BTreeMap::new(),
            replays: BTreeMap::new(),
            is_replaying: false,
        }
    }

    /// Bytes of memory that the session takes, all that it holds included.
    pub fn footprint(&self) -> usize {
        session_footprint(&self.client_identifier)
            + self.flows.footprint()
            + self.will.as_ref().map_or(0, Will::footprint)
            + self.subscriptions.footprint()
            + self.shared.len() * SHARED
    }

    fn expiry(&self) -> Duration {
        match self.expiry_interval {
            u32::MAX => Duration::MAX,
            seconds => Duration::from_secs(seconds.into()),
        }
    }

    /// A picture for views.
    pub fn snapshot(&self) -> SessionSnapshot {
        let mut held: Vec<_> = self.subscriptions.iter().collect();
        held.sort_by_key(|held| held.number);
        SessionSnapshot {
            client_identifier: self.client_identifier.clone(),
            connection: self.connection,
            version: self.version,
            expiry: self.expiry(),
            subscriptions: held.into_iter().map(|held| held.subscription.clone()).collect(),
            outbound: self.flows.outbound(SHOWN),
            outbound_total: self.flows.in_flight() + self.flows.queued(),
            queued: self.flows.queued(),
            inbound: self.flows.inbound(SHOWN),
            identifiers_in_use: self.flows.identifiers_in_use(),
            has_will: self.will.is_some(),
        }
    }
}

impl Subscriptions {
    /// The one with this topic filter.
    pub fn of(&self, filter: &str) -> Option<&Held> {
        self.by_filter.get(filter)
    }

    /// Adds one, whose topic filter must not be there.
    pub fn insert(&mut self, held: Held) {
        let filter = held.subscription.filter.clone();
        self.bytes += subscription_footprint(&filter);
        self.by_filter.insert(filter, held);
    }

    /// Takes one out.
    pub fn remove(&mut self, filter: &str) -> Option<Held> {
        let held = self.by_filter.remove(filter)?;
        self.bytes -= subscription_footprint(filter);
        Some(held)
    }

    /// By topic filter.
    pub fn iter(&self) -> impl Iterator<Item = &Held> {
        self.by_filter.values()
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.by_filter.len()
    }

    /// Bytes of memory that they take.
    pub fn footprint(&self) -> usize {
        self.bytes
    }
}

impl Held {
    /// What routing has to know.
    pub fn granted(&self) -> Granted {
        Granted {
            qos: self.subscription.qos,
            no_local: self.subscription.no_local,
            retain_as_published: self.subscription.retain_as_published,
            identifier: self.identifier,
        }
    }
}

impl Sessions {
    /// Adds a session, whose client must not have one.
    pub fn add(&mut self, session: ClientSession) -> SessionId {
        let id = SessionId(self.next);
        self.next += 1;
        self.by_client.insert(session.client_identifier.clone(), id);
        self.by_id.insert(id, session);
        id
    }

    /// Takes a session out.
    pub fn remove(&mut self, id: SessionId) -> Option<ClientSession> {
        let session = self.by_id.remove(&id)?;
        self.by_client.remove(&session.client_identifier);
        Some(session)
    }

    /// This session.
    pub fn of(&self, id: SessionId) -> Option<&ClientSession> {
        self.by_id.get(&id)
    }

    /// This session, to be changed.
    pub fn of_mut(&mut self, id: SessionId) -> Option<&mut ClientSession> {
        self.by_id.get_mut(&id)
    }

    /// The session of this client.
    pub fn of_client(&self, client_identifier: &str) -> Option<SessionId> {
        self.by_client.get(client_identifier).copied()
    }

    /// Every session, by client identifier.
    pub fn by_client(&self) -> impl Iterator<Item = &ClientSession> {
        self.by_client.values().filter_map(|id| self.by_id.get(id))
    }

    /// Every session, oldest first.
    pub fn into_values(self) -> impl Iterator<Item = ClientSession> {
        self.by_id.into_values()
    }

    /// Every session, oldest first.
    pub fn ids(&self) -> Vec<SessionId> {
        self.by_id.keys().copied().collect()
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.by_id.len()
    }
}

/// Bytes of memory that a session takes which holds nothing, its flows not
/// counted.
pub(super) fn session_footprint(client_identifier: &str) -> usize {
    SESSION + client_identifier.len()
}

/// Bytes of memory that a subscription takes: in the session, in the topic
/// tree, and while its retained messages are sent.
pub(super) fn subscription_footprint(filter: &str) -> usize {
    SUBSCRIPTION + filter.len() * 2 + filter.split('/').count() * LEVEL
}

/// Bytes of a session and its places in two maps.
const SESSION: usize = 2 * size_of::<ClientSession>();

/// Bytes of a subscription besides its topic filter: its place in a map, the
/// values of its node, and a shared one's group.
const SUBSCRIPTION: usize = 448;

/// Bytes of an unfinished message's place among those that are shared.
const SHARED: usize = 2 * (size_of::<Token>() + size_of::<Shared>());

/// Bytes of a node in the topic tree, and of its place in another.
const LEVEL: usize = 256;

/// How many messages a snapshot shows.
const SHOWN: usize = 200;
