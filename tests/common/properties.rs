//! Strategies for lists of properties, and for the texts and numbers that
//! packets are made of.

use bytes::Bytes;
use bytestring::ByteString;
use fourstep::codec::{PacketType, Properties, Property, PropertyId, Version};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{select, subsequence};

/// Properties that this type of packet may have; none in 3.1.1.
pub fn properties(version: Version, packet_type: PacketType) -> impl Strategy<Value = Properties> {
    let allowed: &[PropertyId] = match packet_type {
        PacketType::Connect => CONNECT,
        PacketType::ConnAck => CONNACK,
        PacketType::Publish => PUBLISH,
        PacketType::Subscribe => &[PropertyId::SubscriptionIdentifier],
        PacketType::Unsubscribe => &[],
        PacketType::Disconnect => DISCONNECT,
        PacketType::Auth => AUTH,
        _ => &[PropertyId::ReasonString],
    };
    property_list(version, allowed)
}

pub fn property_list(version: Version, allowed: &[PropertyId]) -> BoxedStrategy<Properties> {
    if version == Version::V311 {
        return Just(Properties::new()).boxed();
    }
    let once = subsequence(allowed.to_vec(), 0..=allowed.len())
        .prop_flat_map(|ids| ids.into_iter().map(valid_property).collect::<Vec<_>>());
    let user = vec(valid_property(PropertyId::UserProperty), 0..3);
    (once, user)
        .prop_map(|(once, user)| [once, user].concat())
        .prop_shuffle()
        .prop_map(|list| {
            let mut list: Properties = list.into_iter().collect();
            if !list.contains(PropertyId::AuthenticationMethod) {
                list.remove(PropertyId::AuthenticationData);
            }
            list
        })
        .boxed()
}

fn valid_property(id: PropertyId) -> BoxedStrategy<Property> {
    property(id)
        .prop_flat_map(|any| match any {
            Property::PayloadFormatIndicator(value) => {
                Just(Property::PayloadFormatIndicator(value & 1)).boxed()
            }
            Property::MaximumQoS(value) => Just(Property::MaximumQoS(value & 1)).boxed(),
            Property::ReceiveMaximum(value) => Just(Property::ReceiveMaximum(value.max(1))).boxed(),
            Property::TopicAlias(value) => Just(Property::TopicAlias(value.max(1))).boxed(),
            Property::MaximumPacketSize(value) => {
                Just(Property::MaximumPacketSize(value.max(1))).boxed()
            }
            Property::SubscriptionIdentifier(value) => {
                Just(Property::SubscriptionIdentifier(value.clamp(1, 0x0FFF_FFFF))).boxed()
            }
            Property::ResponseTopic(_) => topic_name().prop_map(Property::ResponseTopic).boxed(),
            Property::ContentType(text) => Just(Property::ContentType(without_null(&text))).boxed(),
            Property::AssignedClientIdentifier(text) => {
                Just(Property::AssignedClientIdentifier(without_null(&text))).boxed()
            }
            Property::AuthenticationMethod(text) => {
                Just(Property::AuthenticationMethod(without_null(&text))).boxed()
            }
            Property::ResponseInformation(text) => {
                Just(Property::ResponseInformation(without_null(&text))).boxed()
            }
            Property::ServerReference(text) => {
                Just(Property::ServerReference(without_null(&text))).boxed()
            }
            Property::ReasonString(text) => {
                Just(Property::ReasonString(without_null(&text))).boxed()
            }
            Property::UserProperty(name, value) => {
                Just(Property::UserProperty(without_null(&name), without_null(&value))).boxed()
            }
            other => Just(other).boxed(),
        })
        .boxed()
}

pub fn any_properties() -> impl Strategy<Value = Properties> {
    let some = vec(select(PropertyId::ALL.to_vec()).prop_flat_map(property), 1..4)
        .prop_map(|list| list.into_iter().collect());
    prop_oneof![2 => Just(Properties::new()), 1 => some]
}

/// This property with any value of its type.
fn property(id: PropertyId) -> BoxedStrategy<Property> {
    use PropertyId as Id;

    match id {
        Id::PayloadFormatIndicator => (0..4_u8).prop_map(Property::PayloadFormatIndicator).boxed(),
        Id::MessageExpiryInterval => number().prop_map(Property::MessageExpiryInterval).boxed(),
        Id::ContentType => text().prop_map(Property::ContentType).boxed(),
        Id::ResponseTopic => text().prop_map(Property::ResponseTopic).boxed(),
        Id::CorrelationData => payload().prop_map(Property::CorrelationData).boxed(),
        Id::SessionExpiryInterval => number().prop_map(Property::SessionExpiryInterval).boxed(),
        Id::AssignedClientIdentifier => text().prop_map(Property::AssignedClientIdentifier).boxed(),
        Id::ServerKeepAlive => any::<u16>().prop_map(Property::ServerKeepAlive).boxed(),
        Id::AuthenticationMethod => text().prop_map(Property::AuthenticationMethod).boxed(),
        Id::AuthenticationData => payload().prop_map(Property::AuthenticationData).boxed(),
        Id::RequestProblemInformation => {
            any::<bool>().prop_map(Property::RequestProblemInformation).boxed()
        }
        Id::WillDelayInterval => number().prop_map(Property::WillDelayInterval).boxed(),
        Id::RequestResponseInformation => {
            any::<bool>().prop_map(Property::RequestResponseInformation).boxed()
        }
        Id::ResponseInformation => text().prop_map(Property::ResponseInformation).boxed(),
        Id::ServerReference => text().prop_map(Property::ServerReference).boxed(),
        Id::ReasonString => text().prop_map(Property::ReasonString).boxed(),
        Id::ReceiveMaximum => (0..4_u16).prop_map(Property::ReceiveMaximum).boxed(),
        Id::TopicAliasMaximum => any::<u16>().prop_map(Property::TopicAliasMaximum).boxed(),
        Id::TopicAlias => (0..4_u16).prop_map(Property::TopicAlias).boxed(),
        Id::MaximumQoS => (0..4_u8).prop_map(Property::MaximumQoS).boxed(),
        Id::RetainAvailable => any::<bool>().prop_map(Property::RetainAvailable).boxed(),
        Id::MaximumPacketSize => number().prop_map(Property::MaximumPacketSize).boxed(),
        Id::WildcardSubscriptionAvailable => {
            any::<bool>().prop_map(Property::WildcardSubscriptionAvailable).boxed()
        }
        Id::SubscriptionIdentifierAvailable => {
            any::<bool>().prop_map(Property::SubscriptionIdentifierAvailable).boxed()
        }
        Id::SharedSubscriptionAvailable => {
            any::<bool>().prop_map(Property::SharedSubscriptionAvailable).boxed()
        }
        Id::UserProperty => {
            (text(), text()).prop_map(|(name, value)| Property::UserProperty(name, value)).boxed()
        }
        Id::SubscriptionIdentifier => number().prop_map(Property::SubscriptionIdentifier).boxed(),
    }
}

/// Numbers of every length on the wire, the extremes among them.
fn number() -> impl Strategy<Value = u32> {
    let edges = vec![0, 1, 127, 128, 16_383, 16_384, 2_097_151, 2_097_152, 268_435_455, u32::MAX];
    prop_oneof![select(edges), any::<u32>()]
}

pub fn payload() -> impl Strategy<Value = Bytes> {
    prop_oneof![4 => vec(any::<u8>(), 0..20), 1 => vec(any::<u8>(), 100..200)].prop_map(Bytes::from)
}

/// Text with what topics and UTF-8 care about in it.
pub fn text() -> impl Strategy<Value = ByteString> {
    let interesting = select("a/b/+#$é\u{FEFF}\u{1F980}\u{10FFFF}\0".chars().collect::<Vec<_>>());
    let character = prop_oneof![Just('a'), Just('/'), interesting, any::<char>()];
    vec(character, 0..8).prop_map(|text| text.into_iter().collect::<String>().into())
}

pub fn topic_name() -> impl Strategy<Value = ByteString> {
    text().prop_map(|text| {
        let name = text.replace(['\0', '+', '#'], "");
        if name.is_empty() { "a".into() } else { name.into() }
    })
}

pub fn without_null(text: &ByteString) -> ByteString {
    text.replace('\0', "").into()
}

/// The properties of a will.
pub const WILL: &[PropertyId] = &[
    PropertyId::WillDelayInterval,
    PropertyId::PayloadFormatIndicator,
    PropertyId::MessageExpiryInterval,
    PropertyId::ContentType,
    PropertyId::ResponseTopic,
    PropertyId::CorrelationData,
];

const CONNECT: &[PropertyId] = &[
    PropertyId::SessionExpiryInterval,
    PropertyId::ReceiveMaximum,
    PropertyId::MaximumPacketSize,
    PropertyId::TopicAliasMaximum,
    PropertyId::RequestResponseInformation,
    PropertyId::RequestProblemInformation,
    PropertyId::AuthenticationMethod,
    PropertyId::AuthenticationData,
];

const CONNACK: &[PropertyId] = &[
    PropertyId::SessionExpiryInterval,
    PropertyId::ReceiveMaximum,
    PropertyId::MaximumQoS,
    PropertyId::RetainAvailable,
    PropertyId::MaximumPacketSize,
    PropertyId::AssignedClientIdentifier,
    PropertyId::TopicAliasMaximum,
    PropertyId::ReasonString,
    PropertyId::WildcardSubscriptionAvailable,
    PropertyId::SubscriptionIdentifierAvailable,
    PropertyId::SharedSubscriptionAvailable,
    PropertyId::ServerKeepAlive,
    PropertyId::ResponseInformation,
    PropertyId::ServerReference,
    PropertyId::AuthenticationMethod,
    PropertyId::AuthenticationData,
];

const PUBLISH: &[PropertyId] = &[
    PropertyId::PayloadFormatIndicator,
    PropertyId::MessageExpiryInterval,
    PropertyId::TopicAlias,
    PropertyId::ResponseTopic,
    PropertyId::CorrelationData,
    PropertyId::SubscriptionIdentifier,
    PropertyId::ContentType,
];

const DISCONNECT: &[PropertyId] =
    &[PropertyId::SessionExpiryInterval, PropertyId::ReasonString, PropertyId::ServerReference];

const AUTH: &[PropertyId] =
    &[PropertyId::AuthenticationMethod, PropertyId::AuthenticationData, PropertyId::ReasonString];
