//! Packets that the encoder refuses, each by the rule that the decoder would
//! cite.

use bytes::Bytes;
use bytestring::ByteString;
use fourstep::codec::{
    Ack, Auth, ConnAck, Connect, Disconnect, Packet, Properties, Property, Publish, QoS,
    ReasonCode, Rule, SubAck, Subscribe, Subscription, Unsubscribe, Version, Will,
};

use crate::{V4, V5, encoded, identifier};

#[test]
fn packets_that_must_not_be_sent_are_refused() {
    for (version, packet, rule) in table() {
        let error = encoded(version, &packet).expect_err(rule.sentence());
        assert_eq!((error.rule, error.version), (rule, version), "{rule:?}");
    }
}

/// The rules that the table below breaks.
pub fn rules() -> impl Iterator<Item = Rule> {
    table().into_iter().map(|(_, _, rule)| rule)
}

fn table() -> Vec<(Version, Packet, Rule)> {
    [connects(), publishes(), acknowledgements(), subscriptions(), ends(), properties()].concat()
}

fn connects() -> Vec<(Version, Packet, Rule)> {
    let connect = |version, change: &dyn Fn(&mut Connect)| {
        let mut connect = Connect { version, client_identifier: "a".into(), ..Connect::default() };
        change(&mut connect);
        (version, Packet::Connect(Box::new(connect)))
    };
    let will = |topic: &'static str| {
        move |connect: &mut Connect| {
            connect.will = Some(Will { topic: topic.into(), ..Will::default() });
        }
    };
    [
        (connect(V4, &|it| it.client_identifier = "".into()), Rule::ClientIdentifierEmpty),
        (connect(V4, &|it| it.password = Some(Bytes::new())), Rule::PasswordWithoutUserName),
        (connect(V4, &|it| it.properties = user_property()), Rule::NotInVersion),
        (connect(V5, &|it| it.client_identifier = "\0".into()), Rule::NullCharacter),
        (connect(V5, &|it| it.user_name = Some(long())), Rule::TooLongForLength),
        (connect(V5, &|it| it.password = Some(long().into_bytes())), Rule::TooLongForLength),
        (connect(V5, &will("")), Rule::TopicEmpty),
        (connect(V4, &will("a/#")), Rule::TopicNameWildcard),
        (connect(V5, &will("a\0")), Rule::TopicNullCharacter),
    ]
    .map(|((version, packet), rule)| (version, packet, rule))
    .into()
}

fn publishes() -> Vec<(Version, Packet, Rule)> {
    let publish = |change: &dyn Fn(&mut Publish)| {
        let mut publish = Publish { topic: "a".into(), ..Publish::default() };
        change(&mut publish);
        Packet::Publish(publish)
    };
    let huge = Bytes::from(vec![0; 0x1000_0000]);
    vec![
        (V4, publish(&|it| it.dup = true), Rule::DupWithQoS0),
        (V5, publish(&|it| it.qos = QoS::AtLeastOnce), Rule::PacketIdentifierMissing),
        (
            V4,
            publish(&|it| it.packet_identifier = Some(identifier(1))),
            Rule::PacketIdentifierWithQoS0,
        ),
        (V4, publish(&|it| it.topic = "".into()), Rule::TopicNameMissing),
        (V5, publish(&|it| it.topic = "+".into()), Rule::PublishTopicWildcard),
        (V5, publish(&|it| it.topic = "\0".into()), Rule::TopicNullCharacter),
        (V5, publish(&|it| it.topic = long()), Rule::TopicTooLong),
        (V4, publish(&|it| it.properties = user_property()), Rule::NotInVersion),
        (V4, publish(&|it| it.payload = huge.clone()), Rule::PacketTooLarge),
    ]
}

fn acknowledgements() -> Vec<(Version, Packet, Rule)> {
    let ack = |reason| Ack::new(identifier(1), reason);
    let connack = |session_present, reason| {
        Packet::ConnAck(ConnAck { session_present, reason, properties: Properties::new() })
    };
    let suback = |reasons| SubAck {
        packet_identifier: identifier(1),
        reasons,
        properties: Properties::new(),
    };
    vec![
        (V4, connack(true, ReasonCode::NotAuthorized), Rule::SessionPresentWithError),
        (V4, connack(false, ReasonCode::ServerBusy), Rule::NotInVersion),
        (V4, connack(false, ReasonCode::GrantedQoS1), Rule::ConnAckReason),
        (V5, connack(false, ReasonCode::KeepAliveTimeout), Rule::ConnAckReason),
        (V4, Packet::PubAck(ack(ReasonCode::QuotaExceeded)), Rule::NotInVersion),
        (V5, Packet::PubAck(ack(ReasonCode::PacketIdentifierNotFound)), Rule::PubAckReason),
        (V5, Packet::PubRec(ack(ReasonCode::Banned)), Rule::PubRecReason),
        (V5, Packet::PubRel(ack(ReasonCode::NoMatchingSubscribers)), Rule::PubRelReason),
        (V5, Packet::PubComp(ack(ReasonCode::UnspecifiedError)), Rule::PubCompReason),
        (V4, Packet::SubAck(suback(vec![])), Rule::SubAckEmpty),
        (V4, Packet::SubAck(suback(vec![ReasonCode::NotAuthorized])), Rule::NotInVersion),
        (V5, Packet::SubAck(suback(vec![ReasonCode::Banned])), Rule::SubAckReason),
        (V4, Packet::UnsubAck(suback(vec![ReasonCode::Success])), Rule::NotInVersion),
        (V5, Packet::UnsubAck(suback(vec![])), Rule::UnsubAckEmpty),
        (V5, Packet::UnsubAck(suback(vec![ReasonCode::GrantedQoS1])), Rule::UnsubAckReason),
    ]
}

fn subscriptions() -> Vec<(Version, Packet, Rule)> {
    let subscribe = |subscriptions| {
        let packet_identifier = identifier(1);
        let properties = Properties::new();
        Packet::Subscribe(Subscribe { packet_identifier, subscriptions, properties })
    };
    let to = |filter: &'static str| Subscription { filter: filter.into(), ..Default::default() };
    let unsubscribe = |filters| {
        let packet_identifier = identifier(1);
        let properties = Properties::new();
        Packet::Unsubscribe(Unsubscribe { packet_identifier, filters, properties })
    };
    let no_local = |filter| Subscription { no_local: true, ..to(filter) };
    vec![
        (V5, subscribe(vec![]), Rule::SubscribeEmpty),
        (V4, subscribe(vec![to("")]), Rule::TopicEmpty),
        (V5, subscribe(vec![to("a"), to("#/a")]), Rule::MultiLevelWildcard),
        (V5, subscribe(vec![to("$share/g")]), Rule::ShareName),
        (V5, subscribe(vec![no_local("$share/g/a")]), Rule::SharedNoLocal),
        (V4, subscribe(vec![no_local("a")]), Rule::NotInVersion),
        (V4, unsubscribe(vec![]), Rule::UnsubscribeEmpty),
        (V5, unsubscribe(vec!["a+".into()]), Rule::SingleLevelWildcard),
    ]
}

fn ends() -> Vec<(Version, Packet, Rule)> {
    let disconnect =
        |reason| Packet::Disconnect(Disconnect { reason, properties: Properties::new() });
    let auth = |reason, properties| Packet::Auth(Auth { reason, properties });
    vec![
        (V4, disconnect(ReasonCode::UnspecifiedError), Rule::NotInVersion),
        (V5, disconnect(ReasonCode::GrantedQoS1), Rule::DisconnectReason),
        (V4, auth(ReasonCode::Success, Properties::new()), Rule::AuthNotInVersion),
        (
            V5,
            auth(ReasonCode::ContinueAuthentication, Properties::new()),
            Rule::AuthenticationMethodMissing,
        ),
        (V5, auth(ReasonCode::Success, user_property()), Rule::AuthenticationMethodMissing),
        (
            V5,
            auth(
                ReasonCode::NotAuthorized,
                Properties::new().with(Property::AuthenticationMethod("m".into())),
            ),
            Rule::AuthReason,
        ),
    ]
}

fn properties() -> Vec<(Version, Packet, Rule)> {
    let publish = |list: Vec<Property>| {
        let properties = list.into_iter().collect();
        Packet::Publish(Publish { topic: "a".into(), properties, ..Publish::default() })
    };
    let connack = |property| {
        let properties = Properties::new().with(property);
        let reason = ReasonCode::Success;
        Packet::ConnAck(ConnAck { session_present: false, reason, properties })
    };
    let alias = Property::TopicAlias(1);
    vec![
        (V5, publish(vec![alias.clone(), alias]), Rule::PropertyDuplicate),
        (V5, publish(vec![Property::TopicAlias(0)]), Rule::TopicAliasZero),
        (V5, publish(vec![Property::ReceiveMaximum(1)]), Rule::PropertyNotAllowed),
        (V5, publish(vec![Property::PayloadFormatIndicator(2)]), Rule::BooleanValue),
        (V5, publish(vec![Property::ResponseTopic("#".into())]), Rule::ResponseTopicWildcard),
        (V5, publish(vec![Property::ContentType("\0".into())]), Rule::NullCharacter),
        (V5, publish(vec![Property::CorrelationData(long().into_bytes())]), Rule::TooLongForLength),
        (V5, publish(vec![Property::SubscriptionIdentifier(0)]), Rule::SubscriptionIdentifierRange),
        (
            V5,
            publish(vec![Property::SubscriptionIdentifier(0x1000_0000)]),
            Rule::SubscriptionIdentifierRange,
        ),
        (V5, connack(Property::MaximumQoS(2)), Rule::BooleanValue),
        (V5, connack(Property::ReceiveMaximum(0)), Rule::ReceiveMaximumZero),
        (V5, connack(Property::MaximumPacketSize(0)), Rule::MaximumPacketSizeZero),
        (V5, connack(Property::AuthenticationData(Bytes::new())), Rule::AuthenticationDataAlone),
    ]
}

fn user_property() -> Properties {
    Properties::new().with(Property::UserProperty("name".into(), "value".into()))
}

/// One byte more than a length of two bytes can tell.
fn long() -> ByteString {
    "a".repeat(65_536).into()
}
