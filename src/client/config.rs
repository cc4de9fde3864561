use std::time::Duration;

use bytes::Bytes;
use bytestring::ByteString;

use super::CommandError;
use crate::codec::{
    Connect, MAXIMUM_PACKET_SIZE, Packet, Properties, Property, PropertyId, Version, Will, encode,
};
use crate::session::Limits;

/// How a [`Client`](super::Client) connects, and what it may hold.
///
/// Start from [`Config::new`] and change what you need.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Config {
    /// The version to speak.
    pub version: Version,
    /// May be empty: then the server assigns one (3.1.1: only with a clean
    /// session, [MQTT-3.1.3-7]).
    pub client_identifier: ByteString,
    /// Clean Session in 3.1.1, Clean Start in 5.0. In 5.0 only the connection
    /// that [`Client::connect`](super::Client::connect) asks for is clean;
    /// reconnecting continues the session. In 3.1.1 a clean session ends
    /// with its connection, so each one is new.
    pub clean_start: bool,
    /// Seconds for which the server keeps the session after the connection
    /// ends (5.0). 0xFFFFFFFF: for ever. In 3.1.1 it is ignored, and a session
    /// that is not clean is kept.
    pub session_expiry_interval: u32,
    /// Seconds; 0 turns keep-alive off.
    pub keep_alive: u16,
    /// User name and password.
    pub login: Option<Login>,
    /// The message that the server publishes if the connection ends badly.
    pub will: Option<Will>,
    /// Largest packet that we accept, in bytes; told to the server in 5.0.
    /// More than the protocol can express means no limit.
    pub maximum_packet_size: u32,
    /// How many topic aliases the server may use towards us (5.0).
    pub topic_alias_maximum: u16,
    /// Whether we use topic aliases as far as the server allows (5.0).
    pub use_topic_aliases: bool,
    /// Enhanced authentication: the method's name and first data (5.0, 4.12).
    pub authentication: Option<(ByteString, Bytes)>,
    /// User Properties, Request Problem Information and Request Response
    /// Information for CONNECT (5.0). Properties that have
    /// a field above do not belong here.
    pub properties: Properties,
    /// What the session may hold, our Receive Maximum included. A session that
    /// ends with its connection is never stored, whatever `durable` says.
    pub limits: Limits,
    /// What to do when the server continues a session of which this client
    /// holds nothing.
    pub unknown_session: UnknownSession,
    /// The most QoS 1 and 2 messages of ours that are under way at once; more
    /// wait in the queue. A 5.0 server's Receive Maximum counts too, if it is
    /// less (5.0, 4.9). A 3.1.1 server cannot say how many it takes, and may
    /// close the connection at one too many.
    pub send_quota: u16,
    /// How long to wait for the connection, then for CONNACK, and for each
    /// step of an enhanced authentication.
    pub connect_timeout: Duration,
    /// How to come back after a lost connection; `None`: not by itself.
    pub reconnect: Option<Backoff>,
    /// Whether to ask again for all subscriptions when the server has lost
    /// the session, and for those whose SUBACK was lost with the connection.
    /// Without it these are forgotten.
    pub resubscribe: bool,
    /// 3.1.1 only: send again what is unanswered for this long. With 5.0 it is
    /// refused ([MQTT-4.4.0-1]).
    pub retry_interval: Option<Duration>,
}

/// What a client does that holds no session and gets Session Present 1.
///
/// It happens when the client's storage was lost, or when another client has
/// used the same client identifier. The server may still hold packet
/// identifiers of QoS 2 messages, and takes a new message with one of these
/// for a repeat: it acknowledges the message and drops it. So MQTT 5.0 demands
/// to close the connection ([MQTT-3.2.2-4]). MQTT 3.1.1 leaves it to the client
/// (3.2.2.2), and the danger is the same. A client that has lost its session
/// cannot tell it from one whose first CONNACK was lost, so that ends in the
/// same way.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum UnknownSession {
    /// Close with [`ClosedReason::UnknownSession`](super::ClosedReason) and
    /// stay disconnected, so that a person can decide: to start over throws
    /// away what waits at the server. The answer goes to
    /// [`Client::connect_deciding`](super::Client::connect_deciding).
    #[default]
    Ask,
    /// Close, connect again at once and discard the server's session:
    /// [`Event::SessionDiscarded`](super::Event::SessionDiscarded). In 5.0 with
    /// Clean Start 1; in 3.1.1, where a clean session ends with its connection,
    /// with a connection for that alone (3.2.2.2). For programs that run
    /// unattended and ask for all their subscriptions themselves.
    StartOver,
    /// Continue the server's session, for a client that will only receive:
    /// [`Event::SessionAdopted`](super::Event::SessionAdopted). A QoS 2 message
    /// that it sends may carry an identifier that the server still holds, and
    /// is then lost although it is acknowledged.
    Adopt,
}

/// User name and password for CONNECT.
#[derive(Clone, PartialEq, Eq)]
pub struct Login {
    /// User name, if any.
    pub user_name: Option<ByteString>,
    /// Password, if any. In 3.1.1 only beside a user name ([MQTT-3.1.2-22] in
    /// 3.1.1); in 5.0 it may stand alone, a token for example (3.1.2.9).
    pub password: Option<Bytes>,
}

impl std::fmt::Debug for Login {
    /// Never prints the password.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Login").field("user_name", &self.user_name).finish_non_exhaustive()
    }
}

/// Capped exponential backoff with jitter.
///
/// Attempt n waits between a half and the whole of `initial` times 2 to the
/// power n - 1, or of `maximum` if that is less.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Backoff {
    /// Before the first attempt. Above zero.
    pub initial: Duration,
    /// The longest wait.
    pub maximum: Duration,
    /// Seed of the jitter: the same seed gives the same waits.
    pub seed: u64,
}

impl Backoff {
    /// From one second up to one minute.
    pub fn new(seed: u64) -> Self {
        Backoff { initial: Duration::from_secs(1), maximum: Duration::from_secs(60), seed }
    }
}

impl Config {
    /// A clean session that ends with the connection, keep-alive of a minute,
    /// packets of up to 16 MiB, and no reconnecting.
    pub fn new(version: Version, client_identifier: impl Into<ByteString>) -> Self {
        Config {
            version,
            client_identifier: client_identifier.into(),
            clean_start: true,
            session_expiry_interval: 0,
            keep_alive: 60,
            login: None,
            will: None,
            maximum_packet_size: 16 * 1024 * 1024,
            topic_alias_maximum: 16,
            use_topic_aliases: true,
            authentication: None,
            properties: Properties::new(),
            limits: Limits::default(),
            unknown_session: UnknownSession::default(),
            send_quota: u16::MAX,
            connect_timeout: Duration::from_secs(10),
            reconnect: None,
            resubscribe: true,
            retry_interval: None,
        }
    }

    /// Whether the server is to keep the session after the connection.
    pub fn is_persistent(&self) -> bool {
        match self.version {
            Version::V311 => !self.clean_start,
            Version::V5 => self.session_expiry_interval > 0,
        }
    }

    /// Seconds for which this configuration wants the session to be kept.
    pub(super) fn session_expiry(&self) -> u32 {
        match (self.version, self.clean_start) {
            (Version::V5, _) => self.session_expiry_interval,
            (Version::V311, true) => 0,
            (Version::V311, false) => u32::MAX,
        }
    }

    /// Checks that the parts fit each other and that CONNECT can be written.
    /// [`Client::connect`](super::Client::connect) does it too.
    pub fn validate(&self) -> Result<(), CommandError> {
        self.validate_version()?;
        let contradictions = [
            (self.limits.receive_maximum == 0, "Receive Maximum must not be 0"),
            (self.send_quota == 0, "the send quota must not be 0"),
            (self.maximum_packet_size == 0, "Maximum Packet Size must not be 0"),
            (self.connect_timeout.is_zero(), "the connect timeout must not be 0"),
            (
                self.retry_interval.is_some_and(|interval| interval.is_zero()),
                "the retry interval must not be 0",
            ),
        ];
        if let Some((_, sentence)) = contradictions.iter().find(|(wrong, _)| *wrong) {
            return Err(CommandError::Config(sentence));
        }
        self.validate_backoff()?;
        let connect = self.connect_packet(self.client_identifier.clone(), self.clean_start);
        encode(self.version, &Packet::Connect(Box::new(connect)), &mut Vec::new())?;
        Ok(())
    }

    /// The CONNECT that this configuration asks for.
    pub(super) fn connect_packet(
        &self,
        client_identifier: ByteString,
        clean_start: bool,
    ) -> Connect {
        let login = self.login.as_ref();
        Connect {
            version: self.version,
            clean_start,
            keep_alive: self.keep_alive,
            client_identifier,
            will: self.will.clone(),
            user_name: login.and_then(|login| login.user_name.clone()),
            password: login.and_then(|login| login.password.clone()),
            properties: match self.version {
                Version::V311 => Properties::new(),
                Version::V5 => self.connect_properties(),
            },
        }
    }

    /// The properties whose values differ from their defaults.
    fn connect_properties(&self) -> Properties {
        let mut properties = Properties::new();
        if self.session_expiry_interval > 0 {
            properties.push(Property::SessionExpiryInterval(self.session_expiry_interval));
        }
        if self.limits.receive_maximum < u16::MAX {
            properties.push(Property::ReceiveMaximum(self.limits.receive_maximum));
        }
        if self.maximum_packet_size < MAXIMUM_PACKET_SIZE {
            properties.push(Property::MaximumPacketSize(self.maximum_packet_size));
        }
        if self.topic_alias_maximum > 0 {
            properties.push(Property::TopicAliasMaximum(self.topic_alias_maximum));
        }
        if let Some((method, data)) = &self.authentication {
            properties.push(Property::AuthenticationMethod(method.clone()));
            if !data.is_empty() {
                properties.push(Property::AuthenticationData(data.clone()));
            }
        }
        self.properties.iter().for_each(|property| properties.push(property));
        properties
    }

    fn validate_version(&self) -> Result<(), CommandError> {
        match self.version {
            Version::V5 if self.retry_interval.is_some() => Err(CommandError::RetryForbidden),
            Version::V311 if self.authentication.is_some() => {
                Err(CommandError::Config("MQTT 3.1.1 has no enhanced authentication"))
            }
            Version::V311 if !self.properties.is_empty() => {
                Err(CommandError::Config("MQTT 3.1.1 has no properties"))
            }
            _ if self.properties.iter().any(|property| !is_free(property.id())) => {
                Err(CommandError::Config(
                    "a property that has a field of its own is among the properties",
                ))
            }
            _ => Ok(()),
        }
    }

    fn validate_backoff(&self) -> Result<(), CommandError> {
        match &self.reconnect {
            Some(backoff) if backoff.initial.is_zero() => {
                Err(CommandError::Config("the first wait of the backoff must not be 0"))
            }
            Some(backoff) if backoff.maximum < backoff.initial => {
                Err(CommandError::Config("the longest wait of the backoff is below its first"))
            }
            _ => Ok(()),
        }
    }
}

/// Whether [`Config::properties`] may hold it.
fn is_free(id: PropertyId) -> bool {
    matches!(
        id,
        PropertyId::UserProperty
            | PropertyId::RequestProblemInformation
            | PropertyId::RequestResponseInformation
    )
}
