//! The connect form as plain data, and what it means to the engine.

use std::time::Duration;

use bytes::Bytes;
use bytestring::ByteString;

use crate::client::{Backoff, Config, Login};
use crate::codec::{MAXIMUM_PACKET_SIZE, Properties, QoS, Version, Will, topic};
use crate::session::Limits;
use crate::ui::language::{Words, say, t};
use crate::web::explain;
use crate::web::{SessionName, TypedAddress};

/// One thing that the connect form asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Field {
    Url,
    Version,
    ClientIdentifier,
    Clean,
    SessionExpiry,
    KeepAlive,
    UserName,
    Password,
    WillOn,
    WillTopic,
    WillPayload,
    WillQos,
    WillRetain,
    ReceiveMaximum,
    MaximumPacketSize,
    TopicAliasMaximum,
    UseTopicAliases,
    SendQuota,
    RetryInterval,
    Reconnect,
    ResumeOnLoad,
}

impl Field {
    /// Every field, in the order of the form.
    pub const ALL: [Field; 21] = [
        Field::Url,
        Field::Version,
        Field::ClientIdentifier,
        Field::Clean,
        Field::SessionExpiry,
        Field::KeepAlive,
        Field::UserName,
        Field::Password,
        Field::WillOn,
        Field::WillTopic,
        Field::WillPayload,
        Field::WillQos,
        Field::WillRetain,
        Field::ReceiveMaximum,
        Field::MaximumPacketSize,
        Field::TopicAliasMaximum,
        Field::UseTopicAliases,
        Field::SendQuota,
        Field::RetryInterval,
        Field::Reconnect,
        Field::ResumeOnLoad,
    ];

    /// The name under which it is remembered, and its `id` in the document.
    pub fn name(self) -> &'static str {
        match self {
            Field::Url => "url",
            Field::Version => "version",
            Field::ClientIdentifier => "client-identifier",
            Field::Clean => "clean",
            Field::SessionExpiry => "session-expiry",
            Field::KeepAlive => "keep-alive",
            Field::UserName => "user-name",
            Field::Password => "password",
            Field::WillOn => "will",
            Field::WillTopic => "will-topic",
            Field::WillPayload => "will-payload",
            Field::WillQos => "will-qos",
            Field::WillRetain => "will-retain",
            Field::ReceiveMaximum => "receive-maximum",
            Field::MaximumPacketSize => "maximum-packet-size",
            Field::TopicAliasMaximum => "topic-alias-maximum",
            Field::UseTopicAliases => "use-topic-aliases",
            Field::SendQuota => "send-quota",
            Field::RetryInterval => "retry-interval",
            Field::Reconnect => "reconnect",
            Field::ResumeOnLoad => "resume-on-load",
        }
    }

    /// Whether it may be written to the browser's storage. A password may not.
    pub fn is_remembered(self) -> bool {
        self != Field::Password
    }

    fn default_value(self) -> &'static str {
        match self {
            Field::Url => PRESETS[0].0,
            Field::Version => "5",
            Field::Clean | Field::Reconnect => ON,
            Field::SessionExpiry => "3600",
            Field::KeepAlive => "60",
            Field::WillQos => "0",
            Field::ReceiveMaximum => "65535",
            Field::MaximumPacketSize => "1048576",
            Field::TopicAliasMaximum => "0",
            // What mosquitto takes if it is not told otherwise.
            Field::SendQuota => "20",
            _ => "",
        }
    }
}

/// What the form holds: the text of each field. A check box is `on` or empty.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Form([String; Field::ALL.len()]);

/// What was changed about the address, so that the page can say so.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Settled {
    /// User name or password moved into their fields.
    pub login_moved: bool,
    /// The scheme that was put in front.
    pub scheme_added: Option<&'static str>,
}

/// What is wrong with a field, in a sentence.
pub(crate) type Fault = (Field, String);

impl Default for Form {
    fn default() -> Self {
        Form(Field::ALL.map(|field| field.default_value().to_owned()))
    }
}

impl Form {
    pub fn text(&self, field: Field) -> &str {
        &self.0[field as usize]
    }

    pub fn is_on(&self, field: Field) -> bool {
        self.text(field) == ON
    }

    pub fn set(&mut self, field: Field, text: impl Into<String>) {
        self.0[field as usize] = text.into();
    }

    pub fn set_on(&mut self, field: Field, on: bool) {
        self.set(field, if on { ON } else { "" });
    }

    /// The address without the spaces around it.
    pub fn url(&self) -> &str {
        self.text(Field::Url).trim()
    }

    /// Completes the address, and moves user name and password out of it into
    /// their own fields, where they are neither shown nor stored.
    pub fn settle(&mut self, page_is_secure: bool) -> Settled {
        let Ok(typed) = TypedAddress::read(self.url(), page_is_secure) else {
            return Settled::default();
        };
        let scheme = if typed.address.secure { "wss://" } else { "ws://" };
        let settled = Settled {
            login_moved: typed.login.is_some(),
            scheme_added: typed.scheme_added.then_some(scheme),
        };
        self.set(Field::Url, typed.url);
        if let Some(login) = typed.login {
            // The password that stands in its field is another user's.
            let is_same = login.user_name == self.text(Field::UserName);
            if login.password.is_some() || !is_same {
                self.set(Field::Password, login.password.unwrap_or_default());
            }
            self.set(Field::UserName, login.user_name);
        }
        settled
    }

    /// What of a field may be written to the browser's storage: of an address
    /// neither user name nor password nor query, and nothing that is none.
    pub fn remembered(&self, field: Field) -> Option<String> {
        match field {
            Field::Url => {
                let typed = TypedAddress::read(self.url(), false).ok()?;
                Some(typed.without_query().to_owned())
            }
            field => field.is_remembered().then(|| self.text(field).to_owned()),
        }
    }

    /// Whether the address has a query, which is not stored.
    pub fn has_query(&self) -> bool {
        self.url().contains('?')
    }

    /// The port, if it is one where brokers speak MQTT without WebSocket.
    pub fn plain_port(&self) -> Option<u16> {
        let port = TypedAddress::read(self.url(), false).ok()?.address.port;
        explain::is_plain_port(port).then_some(port)
    }

    /// Whether this is the name of the session that the form would go on with.
    pub fn names(&self, name: &SessionName) -> bool {
        TypedAddress::read(self.url(), false).is_ok_and(|TypedAddress { address, .. }| {
            *name == SessionName::new(&address, self.text(Field::ClientIdentifier))
        })
    }

    pub fn version(&self) -> Version {
        if self.text(Field::Version) == "4" { Version::V311 } else { Version::V5 }
    }

    /// Whether the session is to outlive the connection.
    pub fn is_persistent(&self) -> bool {
        match self.version() {
            Version::V311 => !self.is_on(Field::Clean),
            Version::V5 => self.text(Field::SessionExpiry).trim() != "0",
        }
    }

    /// The client's configuration, or every fault of the form.
    pub fn config(&self, seed: u64) -> Result<Config, Vec<Fault>> {
        let mut faults = Vec::new();
        self.check_url(&mut faults);
        self.check_identifier(&mut faults);
        let will = self.will(&mut faults);
        let login = self.login(&mut faults);
        let mut number = |field, minimum, maximum| {
            self.number(field, minimum, maximum).unwrap_or_else(|fault| {
                faults.push(fault);
                minimum
            })
        };
        let v5 = self.version() == Version::V5;
        let session_expiry = if v5 { number(Field::SessionExpiry, 0, u32::MAX) } else { 0 };
        let keep_alive = number(Field::KeepAlive, 0, u32::from(u16::MAX));
        let receive_maximum = number(Field::ReceiveMaximum, 1, u32::from(u16::MAX));
        let maximum_packet_size = number(Field::MaximumPacketSize, 64, MAXIMUM_PACKET_SIZE);
        let send_quota =
            if v5 { u16::MAX.into() } else { number(Field::SendQuota, 1, u16::MAX.into()) };
        let alias_maximum = number(Field::TopicAliasMaximum, 0, u32::from(u16::MAX));
        let retry = self.retry_interval(&mut faults);
        if !faults.is_empty() {
            return Err(faults);
        }
        let v5_only = |number| if v5 { number } else { 0 };
        Ok(Config {
            clean_start: self.is_on(Field::Clean),
            session_expiry_interval: session_expiry,
            keep_alive: keep_alive as u16,
            login,
            will,
            maximum_packet_size,
            topic_alias_maximum: v5_only(alias_maximum) as u16,
            use_topic_aliases: v5 && self.is_on(Field::UseTopicAliases),
            send_quota: send_quota as u16,
            limits: Limits { receive_maximum: receive_maximum as u16, ..Limits::default() },
            reconnect: self.is_on(Field::Reconnect).then_some(Backoff::new(seed)),
            retry_interval: retry,
            ..Config::new(self.version(), self.text(Field::ClientIdentifier))
        })
    }

    fn check_url(&self, faults: &mut Vec<Fault>) {
        if self.url().is_empty() {
            let text = t!(client.fault_no_url);
            faults.push((Field::Url, text.to_owned()));
        } else if let Err(explanation) = TypedAddress::read(self.url(), false) {
            faults.push((Field::Url, say(&explanation.to_string())));
        }
    }

    fn check_identifier(&self, faults: &mut Vec<Fault>) {
        let identifier = self.text(Field::ClientIdentifier);
        let v311 = self.version() == Version::V311;
        if identifier.is_empty() && v311 && !self.is_on(Field::Clean) {
            let text = t!(client.fault_no_identifier);
            faults.push((Field::ClientIdentifier, text.to_owned()));
        } else if identifier.len() > usize::from(u16::MAX) {
            let text = t!(client.fault_long_identifier);
            faults.push((Field::ClientIdentifier, text.to_owned()));
        }
    }

    fn login(&self, faults: &mut Vec<Fault>) -> Option<Login> {
        let (user_name, password) = (self.text(Field::UserName), self.text(Field::Password));
        // In 5.0 a password may stand alone (3.1.2.9).
        let needs_user_name = self.version() == Version::V311 && !password.is_empty();
        if needs_user_name && user_name.is_empty() {
            let text = t!(client.fault_no_user_name);
            faults.push((Field::UserName, text.to_owned()));
        }
        (!user_name.is_empty() || !password.is_empty()).then(|| Login {
            user_name: (!user_name.is_empty()).then(|| user_name.into()),
            password: (!password.is_empty()).then(|| Bytes::copy_from_slice(password.as_bytes())),
        })
    }

    fn will(&self, faults: &mut Vec<Fault>) -> Option<Will> {
        if !self.is_on(Field::WillOn) {
            return None;
        }
        if let Err(rule) = topic::validate_name(self.text(Field::WillTopic)) {
            faults.push((Field::WillTopic, say(rule.sentence())));
        }
        if self.text(Field::WillPayload).len() > usize::from(u16::MAX) {
            let text = t!(client.fault_long_will);
            faults.push((Field::WillPayload, text.to_owned()));
        }
        Some(Will {
            topic: self.bytestring(Field::WillTopic),
            payload: Bytes::copy_from_slice(self.text(Field::WillPayload).as_bytes()),
            qos: qos(self.text(Field::WillQos)),
            retain: self.is_on(Field::WillRetain),
            properties: Properties::new(),
        })
    }

    fn retry_interval(&self, faults: &mut Vec<Fault>) -> Option<Duration> {
        if self.version() == Version::V5 || self.text(Field::RetryInterval).trim().is_empty() {
            return None;
        }
        match self.number(Field::RetryInterval, 1, 3600) {
            Ok(seconds) => Some(Duration::from_secs(u64::from(seconds))),
            Err(fault) => {
                faults.push(fault);
                None
            }
        }
    }

    fn number(&self, field: Field, minimum: u32, maximum: u32) -> Result<u32, Fault> {
        match self.text(field).trim().parse::<u32>() {
            Ok(number) if (minimum..=maximum).contains(&number) => Ok(number),
            _ => Err((field, t!(client.fault_number, minimum = minimum, maximum = maximum))),
        }
    }

    fn bytestring(&self, field: Field) -> ByteString {
        self.text(field).into()
    }
}

/// The level that a choice of `0`, `1` or `2` stands for.
pub(crate) fn qos(text: &str) -> QoS {
    QoS::ALL.into_iter().find(|qos| qos.to_string() == text).unwrap_or_default()
}

/// Brokers to start with: address and what it is.
pub(crate) const PRESETS: [(&str, Words); 4] = [
    ("ws://localhost:9001", || t!(client.preset_local)),
    ("wss://test.mosquitto.org:8081", || t!(client.preset_mosquitto)),
    ("wss://broker.hivemq.com:8884/mqtt", || t!(client.preset_hivemq)),
    ("wss://broker.emqx.io:8084/mqtt", || t!(client.preset_emqx)),
];

const ON: &str = "on";
