//! The tables beside the diagram.

use std::time::Duration;

use fourstep::client::{Deliveries, Snapshot, Subscribed};
use fourstep::codec::{Properties, Property, Publish, QoS, ReasonCode, Subscription};
use fourstep::session::{FlowState, OutboundFlow, Token};
use fourstep::time::Instant;
use fourstep::view::table::{Granted, Way, age_words, in_flight, not_shown, subscriptions};

use crate::{identifier, publish};

#[test]
fn both_directions_are_in_one_table() {
    let flow = |token, id, state, qos, topic: &str| OutboundFlow {
        held: false,
        token: Token(token),
        packet_identifier: (id > 0).then(|| identifier(id)),
        state,
        qos,
        topic: topic.into(),
        since: Instant::from_millis(1_000),
    };
    let snapshot = Snapshot {
        outbound: vec![
            flow(3, 1, FlowState::AwaitingPubComp, QoS::ExactlyOnce, ""),
            flow(4, 2, FlowState::AwaitingPubAck, QoS::AtLeastOnce, "a"),
            flow(5, 0, FlowState::Free, QoS::ExactlyOnce, "b"),
        ],
        outbound_total: 300,
        inbound: vec![identifier(1)],
        inbound_total: 4,
        ..Snapshot::default()
    };
    let rows = in_flight(&snapshot, Instant::from_millis(3_500));
    let short: Vec<_> = rows
        .iter()
        .map(|row| (row.way, row.packet_identifier, row.state, row.next_step, row.qos.bits()))
        .collect();
    assert_eq!(
        short,
        [
            (Way::Out, Some(1), "awaiting PUBCOMP", 4, 2),
            (Way::Out, Some(2), "awaiting PUBACK", 2, 1),
            (Way::Out, None, "queued", 1, 2),
            (Way::In, Some(1), "awaiting PUBREL", 3, 2),
        ]
    );
    assert_eq!(rows[0].age, Some(Duration::from_millis(2_500)));
    assert_eq!(rows[1].topic, "a");
    assert_eq!(not_shown(&snapshot), 300);
}

#[test]
fn requested_granted_and_delivered_stand_side_by_side() {
    let snapshot = Snapshot {
        subscriptions: vec![
            subscribed("sensor/#", QoS::ExactlyOnce, Some(ReasonCode::GrantedQoS1), None),
            subscribed("secret", QoS::AtMostOnce, Some(ReasonCode::NotAuthorized), None),
            subscribed("later", QoS::AtMostOnce, None, None),
        ],
        ..Snapshot::default()
    };
    let mut deliveries = Deliveries::new();
    for (qos, id) in [(QoS::AtLeastOnce, 1), (QoS::AtLeastOnce, 2), (QoS::AtMostOnce, 0)] {
        deliveries.count(&snapshot.subscriptions, &publish(qos, id, "20.5"));
    }
    let rows = subscriptions(&snapshot, &deliveries);
    let short: Vec<_> =
        rows.iter().map(|row| (row.filter.as_str(), &row.granted, row.delivered)).collect();
    assert_eq!(
        short,
        [
            ("sensor/#", &Granted::At(QoS::AtLeastOnce), [1, 2, 0]),
            ("secret", &Granted::Refused("Not authorized (0x87)".into()), [0, 0, 0]),
            ("later", &Granted::Waiting, [0, 0, 0]),
        ]
    );
    deliveries.retain(&[]);
    assert_eq!(deliveries, Deliveries::new());
}

#[test]
fn mqtt_3_3_4_3_a_message_counts_for_the_subscription_whose_identifier_it_carries() {
    let granted = Some(ReasonCode::GrantedQoS1);
    let subscriptions = [
        subscribed("sensor/#", QoS::AtLeastOnce, granted, Some(1)),
        subscribed("sensor/+", QoS::AtLeastOnce, granted, Some(2)),
        subscribed("$share/group/sensor/temperature", QoS::AtLeastOnce, granted, None),
        subscribed("other", QoS::AtLeastOnce, granted, None),
    ];
    let counts = |deliveries: &Deliveries| {
        subscriptions.each_ref().map(|subscribed| deliveries.of(&subscribed.requested.filter)[1])
    };
    let mut deliveries = Deliveries::new();
    let marked = Publish {
        properties: Properties::new().with(Property::SubscriptionIdentifier(2)),
        ..publish(QoS::AtLeastOnce, 1, "20.5")
    };
    deliveries.count(&subscriptions, &marked);
    assert_eq!(counts(&deliveries), [0, 1, 1, 0]);
    // A server that was given an identifier says it, so this one was not sent
    // for the first two.
    deliveries.count(&subscriptions, &publish(QoS::AtLeastOnce, 2, "20.5"));
    assert_eq!(counts(&deliveries), [0, 1, 2, 0]);
}

#[test]
fn ages_are_short() {
    let cases = [(0, "0.0 s"), (450, "0.4 s"), (12_900, "12 s"), (180_000, "3 min")];
    for (millis, expected) in cases {
        assert_eq!(age_words(Duration::from_millis(millis)), expected);
    }
    assert_eq!(age_words(Duration::from_secs(7_200)), "2 h");
}

fn subscribed(
    filter: &str,
    qos: QoS,
    granted: Option<ReasonCode>,
    subscription_identifier: Option<u32>,
) -> Subscribed {
    let requested = Subscription { filter: filter.into(), qos, ..Subscription::default() };
    Subscribed { requested, granted, subscription_identifier }
}
