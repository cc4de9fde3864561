use super::CommandError;
use crate::codec::{
    MAXIMUM_PACKET_SIZE, Properties, PropertyId, Publish, QoS, ReasonCode, Statement, Subscription,
    Version, topic,
};

/// What the server supports, as its CONNACK says (5.0, 3.2.2.3). What it does
/// not mention, and everything in 3.1.1, is supported without limit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct ServerLimits {
    pub receive_maximum: u16,
    pub maximum_qos: QoS,
    pub retain_available: bool,
    pub maximum_packet_size: u32,
    pub topic_alias_maximum: u16,
    wildcards_available: bool,
    identifiers_available: bool,
    shared_available: bool,
}

impl Default for ServerLimits {
    fn default() -> Self {
        ServerLimits::new(&Properties::new())
    }
}

impl ServerLimits {
    /// The limits that these properties of CONNACK set.
    pub fn new(connack: &Properties) -> Self {
        ServerLimits {
            receive_maximum: connack.receive_maximum().unwrap_or(u16::MAX),
            maximum_qos: connack.maximum_qos().and_then(QoS::from_bits).unwrap_or(QoS::ExactlyOnce),
            retain_available: connack.retain_available().unwrap_or(true),
            maximum_packet_size: connack.maximum_packet_size().unwrap_or(MAXIMUM_PACKET_SIZE),
            topic_alias_maximum: connack.topic_alias_maximum().unwrap_or(0),
            wildcards_available: connack.wildcard_subscription_available().unwrap_or(true),
            identifiers_available: connack.subscription_identifier_available().unwrap_or(true),
            shared_available: connack.shared_subscription_available().unwrap_or(true),
        }
    }

    /// The reason with which the server would have to refuse such a message;
    /// its size is checked apart.
    pub fn refusal(&self, publish: &Publish) -> Option<ReasonCode> {
        if publish.qos > self.maximum_qos {
            Some(ReasonCode::QoSNotSupported)
        } else if publish.retain && !self.retain_available {
            Some(ReasonCode::RetainNotSupported)
        } else {
            None
        }
    }

    /// Whether the server takes such a message; its size is checked apart.
    pub fn check_publish(&self, publish: &Publish) -> Result<(), CommandError> {
        match self.refusal(publish) {
            None => Ok(()),
            Some(ReasonCode::QoSNotSupported) => not_supported(
                "The server takes no messages of this QoS (Maximum QoS).",
                Statement::v5("MQTT-3.2.2-11"),
            ),
            Some(_) => not_supported(
                "The server keeps no retained messages (Retain Available).",
                Statement::v5("MQTT-3.2.2-14"),
            ),
        }
    }

    /// The reason with which the server would have to refuse one of these
    /// subscriptions.
    pub fn subscribe_refusal(
        &self,
        subscriptions: &[Subscription],
        properties: &Properties,
    ) -> Option<ReasonCode> {
        let mut filters = subscriptions.iter().map(|subscription| &*subscription.filter);
        if !self.wildcards_available && filters.clone().any(has_wildcard) {
            Some(ReasonCode::WildcardSubscriptionsNotSupported)
        } else if !self.identifiers_available
            && properties.contains(PropertyId::SubscriptionIdentifier)
        {
            Some(ReasonCode::SubscriptionIdentifiersNotSupported)
        } else if !self.shared_available
            && filters.any(|filter| topic::split_shared(filter).is_some())
        {
            Some(ReasonCode::SharedSubscriptionsNotSupported)
        } else {
            None
        }
    }

    /// Whether the server takes these subscriptions. The specification gives
    /// these rules no numbers.
    pub fn check_subscribe(
        &self,
        subscriptions: &[Subscription],
        properties: &Properties,
    ) -> Result<(), CommandError> {
        match self.subscribe_refusal(subscriptions, properties) {
            None => Ok(()),
            Some(ReasonCode::WildcardSubscriptionsNotSupported) => not_supported(
                "The server takes no wildcards in topic filters (Wildcard Subscription Available).",
                Statement::v5("section 3.2.2.3.11"),
            ),
            Some(ReasonCode::SubscriptionIdentifiersNotSupported) => not_supported(
                "The server takes no subscription identifiers (Subscription Identifier Available).",
                Statement::v5("section 3.2.2.3.12"),
            ),
            Some(_) => not_supported(
                "The server takes no shared subscriptions (Shared Subscription Available).",
                Statement::v5("section 3.2.2.3.13"),
            ),
        }
    }
}

/// Whether the filter, without a share name, has a wildcard.
fn has_wildcard(filter: &str) -> bool {
    topic::has_wildcard(topic::split_shared(filter).map_or(filter, |(_, filter)| filter))
}

/// Only a 5.0 server can say what it does not support.
fn not_supported(what: &'static str, statement: Statement) -> Result<(), CommandError> {
    let statement = statement.in_version(Version::V5).unwrap_or_default();
    Err(CommandError::NotSupported { what, statement })
}
