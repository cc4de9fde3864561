use bytes::Bytes;
use bytestring::ByteString;

use crate::codec::{MAXIMUM_PACKET_SIZE, QoS, Version, topic};
use crate::session::{self, OnSessionLoss, OnWrongAnswer, PassOn, QueuePolicy};

/// How a broker treats its clients.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Config {
    /// What clients may make it hold, and what it announces.
    pub limits: Limits,
    /// Who may do what.
    pub access: Access,
    /// Methods of enhanced authentication that the driver carries out, with
    /// [`Event::Authenticate`](super::Event) and
    /// [`Broker::authenticate`](super::Broker::authenticate) (5.0, 4.12).
    pub authentication_methods: Vec<ByteString>,
    /// Keys the hash of the topic tree. Best random where clients may be
    /// hostile; it changes nothing else.
    pub seed: u64,
    /// What the client identifiers are made of that the broker assigns. Random
    /// where clients may be hostile: a client that guesses the identifier of
    /// another can take over its session. Equal seeds give equal identifiers,
    /// also after a restart without [`Store`](super::Store).
    pub identifier_seed: u128,
}

/// Every limit of the broker, so that no client can make it grow without
/// bound. Those that MQTT 5.0 can announce in CONNACK are announced.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Unfinished QoS 1 and 2 messages from one client.
    pub receive_maximum: u16,
    /// Topic aliases that a client may use, and that are used towards a client
    /// that allows as many.
    pub topic_alias_maximum: u16,
    /// Largest packet accepted, in bytes. `None` announces no limit; one of
    /// the protocol's own size, 268,435,460, holds all the same. What such
    /// packets may take together is bounded by `connection_bytes` while they
    /// come and leave, by `queue_bytes` and `total_session_bytes` while they
    /// wait for clients, and by `retained_bytes`.
    pub maximum_packet_size: Option<u32>,
    /// The highest QoS accepted and granted.
    pub maximum_qos: QoS,
    /// Whether retained messages are accepted.
    pub retain_available: bool,
    /// Connections at one time.
    pub max_connections: usize,
    /// The longest keep-alive, in seconds, for a client that asks for more or
    /// for none. It is announced (5.0, 3.2.2.3.14); 3.1.1 has no way to, so its
    /// clients are left alone. `None` or 0 for no limit.
    pub server_keep_alive: Option<u16>,
    /// Stored sessions, connected or not.
    pub max_sessions: usize,
    /// Bytes of memory that the connections may take together: for packets that
    /// have come in part, CONNECTs that an authentication holds up, packets that
    /// their clients do not read, and topics that have an alias. The first 16,384 of each are free, so that small packets always pass. A
    /// connection that would come above it with a packet is closed (0x97, Quota
    /// exceeded); a QoS 0 message that would is dropped.
    pub connection_bytes: usize,
    /// Largest CONNECT, in bytes: it comes before anyone is authenticated. Not
    /// above `maximum_packet_size` either.
    pub maximum_connect_size: u32,
    /// Bytes of a client identifier; the protocol asks for at least 23.
    pub client_identifier_length: usize,
    /// Unfinished QoS 1 and 2 messages to one client. Its own Receive Maximum
    /// may be lower.
    pub in_flight: u16,
    /// QoS 1 and 2 messages queued for one client, connected or not. QoS 0 is
    /// never queued.
    pub queue_capacity: usize,
    /// Bytes of memory for the messages queued for and under way to one client:
    /// topic, payload and properties, with 256 for each on top.
    pub queue_bytes: usize,
    /// What happens to a message that finds the queue full. Either way it is
    /// counted and reported as [`Event::Dropped`](super::Event::Dropped).
    pub queue_policy: QueuePolicy,
    /// When a client's QoS 2 message is passed on: at PUBLISH, or at PUBREL.
    /// Those that are kept until PUBREL take at most `queue_bytes` for each
    /// client, and count against `total_session_bytes`.
    pub pass_on: PassOn,
    /// Subscriptions of one client.
    pub max_subscriptions: usize,
    /// Bytes of memory for the subscriptions of one client: the topic filter
    /// twice, with 256 for each of its levels and 448 on top.
    pub subscription_bytes: usize,
    /// Levels of a topic name or filter.
    pub max_topic_levels: usize,
    /// Bytes of memory that the sessions may hold together: the sessions
    /// themselves, messages, wills, subscriptions, and identifiers of QoS 2
    /// messages that await PUBREL. A message counts once for each client that
    /// it waits for. Where nothing is left, messages to clients are dropped,
    /// and a client that has `receive_maximum` identifiers waiting gets no
    /// further QoS 2 message accepted (0x97, Quota exceeded; in 3.1.1 its
    /// connection is closed, [MQTT-4.8.0-2]). At worst a client holds all
    /// 65,535, which count as 1 MiB: one of 3.1.1 on a single connection, one
    /// of 5.0 over many.
    pub total_session_bytes: usize,
    /// Retained messages in all.
    pub max_retained: usize,
    /// Bytes of memory for the retained messages in all: topic, payload,
    /// properties and the publisher's name, with some 700 for each on top.
    pub retained_bytes: usize,
    /// Seconds that a 5.0 client may ask its session to be kept; also how
    /// long a 3.1.1 session that is not clean is kept.
    pub session_expiry_maximum: u32,
    /// The same where the broker assigned the client identifier: whoever
    /// connects without one would otherwise leave a session behind each time.
    pub assigned_session_expiry_maximum: u32,
    /// Seconds within which a client has to be connected, and within which a
    /// re-authentication has to be over (5.0, 4.12.1).
    pub connect_timeout: u16,
    /// Seconds between `$SYS` messages, while somebody subscribes to them; 0
    /// turns them off.
    pub sys_interval: u16,
}

impl Default for Limits {
    fn default() -> Self {
        Limits {
            receive_maximum: 20,
            topic_alias_maximum: 10,
            maximum_packet_size: None,
            maximum_qos: QoS::ExactlyOnce,
            retain_available: true,
            max_connections: 100_000,
            server_keep_alive: None,
            max_sessions: 100_000,
            connection_bytes: 1 << 30,
            maximum_connect_size: 1 << 20,
            client_identifier_length: 1_024,
            in_flight: 1_000,
            queue_capacity: 100_000,
            queue_bytes: 64 << 20,
            queue_policy: QueuePolicy::RefuseNew,
            pass_on: PassOn::Publish,
            max_subscriptions: 10_000,
            subscription_bytes: 8 << 20,
            max_topic_levels: 128,
            total_session_bytes: 1 << 30,
            max_retained: 100_000,
            retained_bytes: 256 << 20,
            session_expiry_maximum: u32::MAX,
            assigned_session_expiry_maximum: 3_600,
            connect_timeout: 10,
            sys_interval: 10,
        }
    }
}

impl Limits {
    /// What the flows of one client may hold. Messages are kept in memory and
    /// handed on by [`Store`](super::Store), so nothing is `durable`.
    pub(super) fn of_flows(&self) -> session::Limits {
        session::Limits {
            queue_capacity: self.queue_capacity,
            queue_bytes: self.queue_bytes,
            queue_policy: self.queue_policy,
            queue_qos0: false,
            receive_maximum: self.receive_maximum.max(1),
            durable: false,
            on_session_loss: OnSessionLoss::GiveUp,
            // It is the client that comes back, and MQTT demands the repeat.
            hold_after: None,
            on_wrong_answer: OnWrongAnswer::Close,
            pass_on: self.pass_on,
        }
    }

    /// Bytes of a packet, once a client is connected.
    pub(super) fn packet_size(&self) -> u32 {
        self.maximum_packet_size.unwrap_or(MAXIMUM_PACKET_SIZE)
    }

    /// Bytes of a CONNECT.
    pub(super) fn connect_size(&self) -> u32 {
        self.maximum_connect_size.min(self.packet_size())
    }

    /// Seconds that a session may be kept.
    pub(super) fn session_expiry(&self, has_assigned_identifier: bool) -> u32 {
        match has_assigned_identifier {
            true => self.session_expiry_maximum.min(self.assigned_session_expiry_maximum),
            false => self.session_expiry_maximum,
        }
    }

    /// The keep-alive of a client that asks for `asked` seconds; 0 for none.
    pub(super) fn keep_alive(&self, version: Version, asked: u16) -> u16 {
        match self.server_keep_alive.filter(|most| *most > 0 && version == Version::V5) {
            Some(most) if asked == 0 || asked > most => most,
            _ => asked,
        }
    }

    /// Whether a topic name or filter has few enough levels.
    pub(super) fn allows_levels(&self, topic: &str) -> bool {
        topic.split('/').count() <= self.max_topic_levels
    }
}

/// Who may connect, publish and subscribe.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Access {
    /// Whether clients may connect without a user name.
    pub allow_anonymous: bool,
    /// Whether clients may leave their identifier to the broker.
    pub allow_zero_length_client_identifier: bool,
    /// User names and their passwords.
    pub users: Vec<(ByteString, Bytes)>,
    /// Topic filters whose messages nobody may publish.
    pub deny_publish: Vec<ByteString>,
    /// Topic filters that nobody may subscribe to. What they match is not
    /// delivered under a wider filter either.
    pub deny_subscribe: Vec<ByteString>,
}

impl Access {
    /// Whether this user may connect.
    pub(super) fn admits(&self, user_name: Option<&str>, password: Option<&[u8]>) -> bool {
        let Some(user_name) = user_name else { return self.allow_anonymous };
        if self.users.is_empty() {
            return self.allow_anonymous;
        }
        let password = password.unwrap_or_default();
        self.users
            .iter()
            .filter(|(name, secret)| **name == *user_name && is_equal(secret, password))
            .count()
            > 0
    }

    /// Whether clients may publish under this topic name. `$SYS` is the
    /// broker's own.
    pub(super) fn allows_publish(&self, name: &str) -> bool {
        let own = name == "$SYS" || name.starts_with("$SYS/");
        !own && !self.deny_publish.iter().any(|filter| topic::matches(filter, name))
    }

    /// Whether messages of this topic name are delivered.
    pub(super) fn allows_delivery(&self, name: &str) -> bool {
        !self.deny_subscribe.iter().any(|filter| topic::matches(filter, name))
    }

    /// Whether clients may subscribe to this filter: unless everything that it
    /// matches is denied.
    pub(super) fn allows_subscribe(&self, filter: &str) -> bool {
        !self.deny_subscribe.iter().any(|denied| covers(denied, filter))
    }
}

/// Compares in a time that does not tell where the first difference is.
fn is_equal(secret: &[u8], given: &[u8]) -> bool {
    secret.len() == given.len()
        && secret.iter().zip(given).fold(0, |difference, (a, b)| difference | (a ^ b)) == 0
}

/// Whether `wide` matches every name that `narrow` matches.
fn covers(wide: &str, narrow: &str) -> bool {
    if narrow.starts_with('$') && wide.starts_with(['#', '+']) {
        return false;
    }
    let mut levels = narrow.split('/');
    for wanted in wide.split('/') {
        if wanted == "#" {
            return true;
        }
        match levels.next() {
            Some(level) if wanted == level || wanted == "+" && level != "#" => {}
            _ => return false,
        }
    }
    levels.next().is_none()
}

impl Default for Access {
    /// Everybody may do everything.
    fn default() -> Self {
        Access {
            allow_anonymous: true,
            allow_zero_length_client_identifier: true,
            users: Vec::new(),
            deny_publish: Vec::new(),
            deny_subscribe: Vec::new(),
        }
    }
}
