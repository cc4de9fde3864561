//! Topic aliases of one connection, in both directions (5.0, 3.3.2.3.4).
//!
//! They belong to the connection and not to the session ([MQTT-3.3.2-7]), but
//! they are the same for client and broker, as the flows are.

use std::collections::BTreeMap;

use bytestring::ByteString;

use crate::codec::{Properties, Property, PropertyId, Publish, ReasonCode};

/// The peer's topic aliases towards us.
#[derive(Clone, Debug, Default)]
pub(crate) struct IncomingAliases {
    /// The Topic Alias Maximum that we stated.
    maximum: u16,
    topics: BTreeMap<u16, ByteString>,
    /// Of all topics together.
    bytes: usize,
}

/// Our topic aliases towards the peer. First come, first served: a topic that
/// got one keeps it.
#[derive(Clone, Debug, Default)]
pub(crate) struct OutgoingAliases {
    /// How many the peer allows, or 0 if we use none.
    maximum: u16,
    aliases: BTreeMap<ByteString, u16>,
    /// Of all topics together.
    bytes: usize,
}

/// What is wrong with an alias of the peer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum AliasFault {
    /// It is 0 ([MQTT-3.3.2-8]).
    Zero,
    /// It is above the Topic Alias Maximum that we stated.
    AboveMaximum,
    /// It stands alone, and no topic came with it before.
    Unknown,
}

impl AliasFault {
    /// What the peer is told. An alias that it may use, but that has no topic,
    /// is not invalid: the packet says nothing about where it belongs, and
    /// that is a Protocol Error (5.0, 3.3.4).
    pub(crate) fn reason(self) -> ReasonCode {
        match self {
            AliasFault::Zero | AliasFault::AboveMaximum => ReasonCode::TopicAliasInvalid,
            AliasFault::Unknown => ReasonCode::ProtocolError,
        }
    }
}

impl IncomingAliases {
    pub(crate) fn new(maximum: u16) -> Self {
        IncomingAliases { maximum, topics: BTreeMap::new(), bytes: 0 }
    }

    /// The Topic Alias Maximum that we stated.
    pub(crate) fn maximum(&self) -> u16 {
        self.maximum
    }

    /// Bytes of memory that the aliases take besides the value itself.
    pub(crate) fn footprint(&self) -> usize {
        self.bytes + self.topics.len() * ALIAS
    }

    /// Replaces an alias by its topic, or remembers the topic of a new one.
    pub(crate) fn resolve(&mut self, publish: &mut Publish) -> Result<(), AliasFault> {
        let Some(alias) = publish.properties.topic_alias() else { return Ok(()) };
        publish.properties.remove(PropertyId::TopicAlias);
        if alias == 0 {
            return Err(AliasFault::Zero);
        }
        if alias > self.maximum {
            return Err(AliasFault::AboveMaximum);
        }
        if !publish.topic.is_empty() {
            // A copy of its own, so that a topic does not keep alive the
            // packet that it came in.
            let topic = ByteString::from(&*publish.topic);
            self.bytes += topic.len();
            self.bytes -= self.topics.insert(alias, topic).map_or(0, |old| old.len());
            return Ok(());
        }
        match self.topics.get(&alias) {
            Some(topic) => publish.topic = topic.clone(),
            None => return Err(AliasFault::Unknown),
        }
        Ok(())
    }
}

impl OutgoingAliases {
    pub(crate) fn new(maximum: u16) -> Self {
        OutgoingAliases { maximum, aliases: BTreeMap::new(), bytes: 0 }
    }

    /// Puts an alias in the place of a topic that has one, which makes the
    /// packet shorter or leaves its length.
    pub(crate) fn shorten(&self, publish: &mut Publish) {
        if let Some(alias) = self.aliases.get(&publish.topic) {
            publish.topic = ByteString::new();
            publish.properties.push(Property::TopicAlias(*alias));
        }
    }

    /// The alias that a topic without one would get, if there is one left and
    /// it pays: a long topic takes memory for as long as the connection lasts.
    /// The peer knows the alias only once it is sent: then call `keep`.
    pub(crate) fn offer(&self, publish: &Publish) -> Option<u16> {
        let pays = (PROPERTY_LENGTH + 1..=LONGEST_TOPIC).contains(&publish.topic.len());
        let taken = u16::try_from(self.aliases.len()).unwrap_or(u16::MAX);
        let wanted = pays && taken < self.maximum && !self.aliases.contains_key(&publish.topic);
        wanted.then(|| taken.saturating_add(1))
    }

    /// The alias was sent with its topic.
    pub(crate) fn keep(&mut self, alias: u16, topic: ByteString) {
        self.bytes += topic.len();
        self.aliases.insert(topic, alias);
    }

    /// Bytes of memory that the aliases take besides the value itself.
    pub(crate) fn footprint(&self) -> usize {
        self.bytes + self.aliases.len() * ALIAS
    }
}

/// These properties with a topic alias added.
pub(crate) fn with_alias(properties: &Properties, alias: u16) -> Properties {
    properties.clone().with(Property::TopicAlias(alias))
}

/// Bytes of an alias in a map, without its topic.
const ALIAS: usize = 96;

/// Bytes of a Topic Alias: its identifier and two for the number.
const PROPERTY_LENGTH: usize = 3;

/// Bytes of a topic that is worth remembering.
const LONGEST_TOPIC: usize = 1_024;
