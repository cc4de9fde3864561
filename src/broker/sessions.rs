use std::collections::BTreeMap;
use std::time::Duration;

use bytestring::ByteString;

use super::{ConnectionId, SessionSnapshot};
use crate::codec::{QoS, Subscription, Version, Will};
use crate::session::Session;
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
    /// By topic filter.
    pub subscriptions: BTreeMap<ByteString, Held>,
    /// What the topic filters weigh.
    pub subscription_bytes: usize,
    /// How much of [`Sessions::bytes`] is this session's.
    counted: usize,
    /// The number of the next subscription.
    pub next_subscription: u64,
    /// To be published if the connection ends badly, or since it has.
    pub will: Option<Will>,
    /// What the will weighs, while there is one.
    pub will_bytes: usize,
    /// Retained messages that are still to be sent, by the number of their
    /// subscription.
    pub replays: BTreeMap<u64, Replay>,
    /// Whether it is in the broker's list of sessions to send them.
    pub is_replaying: bool,
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
    /// What all sessions hold, as far as it was counted.
    bytes: usize,
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
            subscriptions: BTreeMap::new(),
            subscription_bytes: 0,
            counted: 0,
            next_subscription: 0,
            will: None,
            will_bytes: 0,
            replays: BTreeMap::new(),
            is_replaying: false,
        }
    }

    /// What the session holds.
    fn weight(&self) -> usize {
        let messages = self.flows.queued() + self.flows.in_flight();
        self.flows.bytes_held()
            + messages * MESSAGE_OVERHEAD
            + self.flows.awaiting_release() * IDENTIFIER_OVERHEAD
            + self.will.as_ref().map_or(0, |_| self.will_bytes)
            + self.subscription_bytes
    }

    /// Leaves the broker that counted it.
    pub fn uncount(&mut self) {
        self.counted = 0;
    }

    fn expiry(&self) -> Duration {
        match self.expiry_interval {
            u32::MAX => Duration::MAX,
            seconds => Duration::from_secs(seconds.into()),
        }
    }

    /// A picture for views.
    pub fn snapshot(&self) -> SessionSnapshot {
        let mut held: Vec<_> = self.subscriptions.values().collect();
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
        self.bytes -= session.counted;
        Some(session)
    }

    /// Counts again what a session holds.
    pub fn count(&mut self, id: SessionId) {
        if let Some(session) = self.by_id.get_mut(&id) {
            let weight = session.weight();
            self.bytes = self.bytes - session.counted + weight;
            session.counted = weight;
        }
    }

    /// How many bytes the sessions hold together.
    pub fn bytes(&self) -> usize {
        self.bytes
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

    /// How many there are.
    pub fn len(&self) -> usize {
        self.by_id.len()
    }
}

/// What counts of a will.
pub(super) fn will_weight(will: &Will) -> usize {
    // Every property of a will has come in the same packet; user properties
    // are what may be long.
    let properties = will.properties.user_properties();
    let properties: usize = properties.map(|(name, value)| name.len() + value.len()).sum();
    will.topic.len() + will.payload.len() + properties
}

/// What counts of a topic filter: itself, and its nodes in the topic tree.
pub(super) fn filter_weight(filter: &str) -> usize {
    filter.len() + filter.split('/').count() * LEVEL_OVERHEAD
}

/// Bytes of a message besides its own: its place in a queue.
const MESSAGE_OVERHEAD: usize = 256;

/// Bytes of an identifier that awaits PUBREL.
const IDENTIFIER_OVERHEAD: usize = 16;

/// Bytes of a node in the topic tree.
const LEVEL_OVERHEAD: usize = 128;

/// How many messages a snapshot shows.
const SHOWN: usize = 200;
