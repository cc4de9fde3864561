//! Strategies for packets: `valid` ones, which the specification allows, and
//! `any` ones, which it may not.

mod properties;

use bytestring::ByteString;
use fourstep::codec::{
    Ack, Auth, ConnAck, Connect, Disconnect, Packet, PacketIdentifier, PacketType, Property,
    PropertyId, Publish, QoS, ReasonCode, RetainHandling, SubAck, Subscribe, Subscription,
    Unsubscribe, Version, Will, topic,
};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;

use properties::{
    WILL, any_properties, payload, properties, property_list, text, topic_name, without_null,
};

pub fn version() -> impl Strategy<Value = Version> {
    select(vec![Version::V311, Version::V5])
}

/// A packet that `version` allows, of any type.
pub fn valid(version: Version) -> BoxedStrategy<Packet> {
    let types = PacketType::ALL
        .into_iter()
        .filter(|&packet_type| version == Version::V5 || packet_type != PacketType::Auth);
    proptest::strategy::Union::new(types.map(|packet_type| valid_of(version, packet_type))).boxed()
}

/// A packet of this type that `version` allows.
pub fn valid_of(version: Version, packet_type: PacketType) -> BoxedStrategy<Packet> {
    match packet_type {
        PacketType::Connect => {
            connect(version).prop_map(|it| Packet::Connect(Box::new(it))).boxed()
        }
        PacketType::ConnAck => connack(version).prop_map(Packet::ConnAck).boxed(),
        PacketType::Publish => publish(version).prop_map(Packet::Publish).boxed(),
        PacketType::PubAck => ack(version, packet_type).prop_map(Packet::PubAck).boxed(),
        PacketType::PubRec => ack(version, packet_type).prop_map(Packet::PubRec).boxed(),
        PacketType::PubRel => ack(version, packet_type).prop_map(Packet::PubRel).boxed(),
        PacketType::PubComp => ack(version, packet_type).prop_map(Packet::PubComp).boxed(),
        PacketType::Subscribe => subscribe(version).prop_map(Packet::Subscribe).boxed(),
        PacketType::SubAck => suback(version, packet_type).prop_map(Packet::SubAck).boxed(),
        PacketType::Unsubscribe => unsubscribe(version).prop_map(Packet::Unsubscribe).boxed(),
        PacketType::UnsubAck => suback(version, packet_type).prop_map(Packet::UnsubAck).boxed(),
        PacketType::PingReq => Just(Packet::PingReq).boxed(),
        PacketType::PingResp => Just(Packet::PingResp).boxed(),
        PacketType::Disconnect => disconnect(version).prop_map(Packet::Disconnect).boxed(),
        PacketType::Auth => auth().prop_map(Packet::Auth).boxed(),
    }
}

/// A packet of any type whose parts are well-typed, and no more.
pub fn any_packet() -> impl Strategy<Value = Packet> {
    let ack =
        || {
            (packet_identifier(), reason(), any_properties()).prop_map(
                |(id, reason, properties)| Ack { packet_identifier: id, reason, properties },
            )
        };
    let suback = || {
        (packet_identifier(), vec(reason(), 0..4), any_properties()).prop_map(
            |(packet_identifier, reasons, properties)| SubAck {
                packet_identifier,
                reasons,
                properties,
            },
        )
    };
    prop_oneof![
        any_connect().prop_map(|it| Packet::Connect(Box::new(it))),
        (any::<bool>(), reason(), any_properties()).prop_map(
            |(session_present, reason, properties)| {
                Packet::ConnAck(ConnAck { session_present, reason, properties })
            }
        ),
        any_publish().prop_map(Packet::Publish),
        ack().prop_map(Packet::PubAck),
        ack().prop_map(Packet::PubRec),
        ack().prop_map(Packet::PubRel),
        ack().prop_map(Packet::PubComp),
        any_subscribe().prop_map(Packet::Subscribe),
        suback().prop_map(Packet::SubAck),
        (packet_identifier(), vec(text(), 0..4), any_properties()).prop_map(
            |(packet_identifier, filters, properties)| {
                Packet::Unsubscribe(Unsubscribe { packet_identifier, filters, properties })
            }
        ),
        suback().prop_map(Packet::UnsubAck),
        Just(Packet::PingReq),
        Just(Packet::PingResp),
        (reason(), any_properties()).prop_map(|(reason, properties)| {
            Packet::Disconnect(Disconnect { reason, properties })
        }),
        (reason(), any_properties())
            .prop_map(|(reason, properties)| Packet::Auth(Auth { reason, properties })),
    ]
}

fn connect(version: Version) -> impl Strategy<Value = Connect> {
    (any_connect(), properties(version, PacketType::Connect), option::of(will(version))).prop_map(
        move |(mut connect, properties, will)| {
            connect.version = version;
            connect.properties = properties;
            connect.will = will;
            connect.client_identifier = without_null(&connect.client_identifier);
            connect.user_name = connect.user_name.as_ref().map(without_null);
            if version == Version::V311 {
                connect.clean_start |= connect.client_identifier.is_empty();
                connect.password = connect.password.filter(|_| connect.user_name.is_some());
            }
            connect
        },
    )
}

fn will(version: Version) -> impl Strategy<Value = Will> {
    (topic_name(), payload(), qos(), any::<bool>(), property_list(version, WILL)).prop_map(
        |(topic, payload, qos, retain, properties)| Will {
            topic,
            payload,
            qos,
            retain,
            properties,
        },
    )
}

fn connack(version: Version) -> impl Strategy<Value = ConnAck> {
    let reason = reason_in(version, PacketType::ConnAck);
    (any::<bool>(), reason, properties(version, PacketType::ConnAck)).prop_map(
        |(session_present, reason, properties)| ConnAck {
            session_present: session_present && reason == ReasonCode::Success,
            reason,
            properties,
        },
    )
}

fn publish(version: Version) -> impl Strategy<Value = Publish> {
    (any_publish(), topic_name(), packet_identifier(), properties(version, PacketType::Publish))
        .prop_map(|(mut publish, topic, packet_identifier, properties)| {
            let acknowledged = publish.qos != QoS::AtMostOnce;
            publish.dup &= acknowledged;
            publish.packet_identifier = acknowledged.then_some(packet_identifier);
            // An alias stands for the topic now and then.
            let alias = properties.contains(PropertyId::TopicAlias) && publish.retain;
            publish.topic = if alias { ByteString::new() } else { topic };
            publish.properties = properties;
            publish
        })
}

fn ack(version: Version, packet_type: PacketType) -> impl Strategy<Value = Ack> {
    (packet_identifier(), reason_in(version, packet_type), properties(version, packet_type))
        .prop_map(|(packet_identifier, reason, properties)| Ack {
            packet_identifier,
            reason,
            properties,
        })
}

fn subscribe(version: Version) -> impl Strategy<Value = Subscribe> {
    let subscriptions = vec((topic_filter(version), any_subscription()), 1..4);
    (packet_identifier(), subscriptions, properties(version, PacketType::Subscribe)).prop_map(
        move |(packet_identifier, subscriptions, properties)| {
            let adjust = |(filter, any): (ByteString, Subscription)| match version {
                Version::V311 => Subscription { filter, qos: any.qos, ..Subscription::default() },
                Version::V5 => {
                    let no_local = any.no_local && topic::split_shared(&filter).is_none();
                    Subscription { filter, no_local, ..any }
                }
            };
            let subscriptions = subscriptions.into_iter().map(adjust).collect();
            Subscribe { packet_identifier, subscriptions, properties }
        },
    )
}

fn suback(version: Version, packet_type: PacketType) -> impl Strategy<Value = SubAck> {
    let reasons = match (version, packet_type) {
        (Version::V311, PacketType::UnsubAck) => Just(Vec::new()).boxed(),
        _ => vec(reason_in(version, packet_type), 1..5).boxed(),
    };
    (packet_identifier(), reasons, properties(version, packet_type)).prop_map(
        |(packet_identifier, reasons, properties)| SubAck {
            packet_identifier,
            reasons,
            properties,
        },
    )
}

fn unsubscribe(version: Version) -> impl Strategy<Value = Unsubscribe> {
    let filters = vec(topic_filter(version), 1..4);
    (packet_identifier(), filters, properties(version, PacketType::Unsubscribe)).prop_map(
        |(packet_identifier, filters, properties)| Unsubscribe {
            packet_identifier,
            filters,
            properties,
        },
    )
}

fn disconnect(version: Version) -> impl Strategy<Value = Disconnect> {
    let reason = reason_in(version, PacketType::Disconnect);
    (reason, properties(version, PacketType::Disconnect))
        .prop_map(|(reason, properties)| Disconnect { reason, properties })
}

fn auth() -> impl Strategy<Value = Auth> {
    let reason = reason_in(Version::V5, PacketType::Auth);
    (reason, properties(Version::V5, PacketType::Auth)).prop_map(|(reason, mut properties)| {
        if !properties.contains(PropertyId::AuthenticationMethod) {
            properties.push(Property::AuthenticationMethod("PLAIN".into()));
        }
        Auth { reason, properties }
    })
}

fn any_connect() -> impl Strategy<Value = Connect> {
    let will = (text(), payload(), qos(), any::<bool>(), any_properties()).prop_map(
        |(topic, payload, qos, retain, properties)| Will {
            topic,
            payload,
            qos,
            retain,
            properties,
        },
    );
    let credentials = (option::of(text()), option::of(payload()));
    (
        version(),
        any::<bool>(),
        any::<u16>(),
        text(),
        option::of(will),
        credentials,
        any_properties(),
    )
        .prop_map(
            |(
                version,
                clean_start,
                keep_alive,
                client_identifier,
                will,
                credentials,
                properties,
            )| {
                let (user_name, password) = credentials;
                Connect {
                    version,
                    clean_start,
                    keep_alive,
                    client_identifier,
                    will,
                    user_name,
                    password,
                    properties,
                }
            },
        )
}

fn any_publish() -> impl Strategy<Value = Publish> {
    (
        any::<[bool; 2]>(),
        qos(),
        text(),
        option::of(packet_identifier()),
        any_properties(),
        payload(),
    )
        .prop_map(|([dup, retain], qos, topic, packet_identifier, properties, payload)| {
            Publish { dup, qos, retain, topic, packet_identifier, properties, payload }
        })
}

fn any_subscribe() -> impl Strategy<Value = Subscribe> {
    (packet_identifier(), vec(any_subscription(), 0..4), any_properties()).prop_map(
        |(packet_identifier, subscriptions, properties)| Subscribe {
            packet_identifier,
            subscriptions,
            properties,
        },
    )
}

fn any_subscription() -> impl Strategy<Value = Subscription> {
    let handling =
        select(vec![RetainHandling::Send, RetainHandling::SendIfNew, RetainHandling::DoNotSend]);
    (text(), qos(), any::<[bool; 2]>(), handling).prop_map(
        |(filter, qos, [no_local, retain_as_published], retain_handling)| Subscription {
            filter,
            qos,
            no_local,
            retain_as_published,
            retain_handling,
        },
    )
}

fn reason() -> impl Strategy<Value = ReasonCode> {
    prop_oneof![Just(ReasonCode::Success), select(ReasonCode::ALL.to_vec())]
}

fn reason_in(version: Version, packet_type: PacketType) -> impl Strategy<Value = ReasonCode> {
    use ReasonCode as Reason;

    let v311: &[ReasonCode] = match packet_type {
        PacketType::ConnAck => &[
            Reason::Success,
            Reason::UnsupportedProtocolVersion,
            Reason::ClientIdentifierNotValid,
            Reason::ServerUnavailable,
            Reason::BadUserNameOrPassword,
            Reason::NotAuthorized,
        ],
        PacketType::SubAck => {
            &[Reason::Success, Reason::GrantedQoS1, Reason::GrantedQoS2, Reason::UnspecifiedError]
        }
        _ => &[Reason::Success],
    };
    select(match version {
        Version::V311 => v311.to_vec(),
        Version::V5 => {
            let allowed = |reason: &ReasonCode| reason.is_allowed_in(packet_type);
            ReasonCode::ALL.iter().copied().filter(allowed).collect()
        }
    })
}

fn qos() -> impl Strategy<Value = QoS> {
    select(QoS::ALL.to_vec())
}

fn packet_identifier() -> impl Strategy<Value = PacketIdentifier> {
    prop_oneof![Just(1), Just(u16::MAX), 1..=u16::MAX]
        .prop_filter_map("zero", PacketIdentifier::new)
}

fn topic_filter(version: Version) -> impl Strategy<Value = ByteString> {
    let level = prop_oneof![Just("+".to_owned()), topic_name().prop_map(|name| name.to_string())];
    let prefix = match version {
        Version::V311 => vec!["", "$share/", "$share//"],
        Version::V5 => vec!["", "", "$share/group/"],
    };
    (select(prefix), vec(level, 0..3), any::<bool>()).prop_map(|(prefix, mut levels, multi)| {
        if multi || levels.is_empty() {
            levels.push("#".to_owned());
        }
        format!("{prefix}{}", levels.join("/")).into()
    })
}
