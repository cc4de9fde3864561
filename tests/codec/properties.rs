//! The list of properties: as it came, as it was added to, and what it weighs.

use bytes::Bytes;
use fourstep::codec::{
    Packet, PacketIdentifier, Properties, Property, PropertyId, Publish, QoS, Subscribe,
    Subscription, decode, encode,
};

use crate::V5;

/// The PUBLISH with these properties, as a receiver has it.
fn received(properties: Properties) -> Publish {
    let publish = Publish { topic: "t".into(), properties, ..Publish::default() };
    let mut bytes = Vec::new();
    encode(V5, &Packet::Publish(publish), &mut bytes).expect("it is valid");
    match decode(V5, &Bytes::from(bytes)) {
        Ok(Packet::Publish(publish)) => publish,
        other => panic!("{other:?}"),
    }
}

fn user(name: &str) -> Property {
    Property::UserProperty(name.into(), "value".into())
}

fn some() -> Vec<Property> {
    vec![
        user("first"),
        Property::PayloadFormatIndicator(1),
        Property::SubscriptionIdentifier(268_435_455),
        Property::ContentType("text".into()),
        user("second"),
        Property::TopicAlias(7),
        Property::SubscriptionIdentifier(1),
        Property::CorrelationData("data".into()),
        Property::MessageExpiryInterval(60),
    ]
}

#[test]
fn what_came_reads_as_what_was_sent_whole_or_one_by_one() {
    let sent: Properties = some().into_iter().collect();
    let got = received(sent.clone()).properties;
    assert_eq!(got, sent);
    assert_eq!(got.iter().collect::<Vec<_>>(), some());
    assert_eq!(got.len(), some().len());
    assert_eq!(format!("{got:?}"), format!("{sent:?}"));
    assert_eq!(got.topic_alias(), Some(7));
    assert_eq!(got.message_expiry_interval(), Some(60));
    assert_eq!(got.response_topic(), None);
    assert_eq!(got.subscription_identifiers().collect::<Vec<_>>(), [268_435_455, 1]);
    let names: Vec<_> = got.user_properties().map(|(name, _)| name).collect();
    assert_eq!(names, ["first", "second"]);
}

#[test]
fn what_came_can_be_added_to_and_taken_from() {
    for id in PropertyId::ALL {
        let mut got = received(some().into_iter().collect()).properties;
        got.push(user("third"));
        got.remove(*id);
        let mut expect = some();
        expect.push(user("third"));
        expect.retain(|property| property.id() != *id);
        assert_eq!(got.iter().collect::<Vec<_>>(), expect);
        assert_eq!(got, expect.iter().cloned().collect());
        assert!(!got.contains(*id));
        assert_eq!(received(got.clone()).properties, got);
    }
}

/// What a PUBLISH may carry is refused where it may not stand, however it came.
#[test]
fn what_came_in_one_packet_is_checked_for_another() {
    let several = vec![Property::SubscriptionIdentifier(1), Property::SubscriptionIdentifier(2)];
    for (properties, fits) in [(several, false), (some(), false), (vec![user("a")], true)] {
        let subscribe = Subscribe {
            packet_identifier: PacketIdentifier::new(1).expect("it is not zero"),
            subscriptions: vec![Subscription {
                filter: "t".into(),
                qos: QoS::AtMostOnce,
                ..Subscription::default()
            }],
            properties: received(properties.into_iter().collect()).properties,
        };
        let encoded = encode(V5, &Packet::Subscribe(subscribe), &mut Vec::new());
        assert_eq!(encoded.is_ok(), fits);
    }
}

#[test]
fn a_footprint_is_at_least_what_is_held_and_near_the_wire_for_what_came() {
    let list: Properties = (0..1_000).map(|_| user("")).collect();
    assert!(list.footprint() >= 1_000 * (size_of::<Property>() + 5));
    let came = received(list).properties;
    let wire = 1_000 * (1 + 2 + 2 + 5);
    assert!((wire..wire + 200).contains(&came.footprint()), "{}", came.footprint());
    let mut added = came.clone();
    added.push(Property::SubscriptionIdentifier(1));
    assert!(added.footprint() >= came.footprint() + size_of::<Property>());
    let publish = Publish { payload: vec![0; 500].into(), ..received(came) };
    assert!(publish.footprint() >= size_of::<Publish>() + 1 + wire + 500);
}
