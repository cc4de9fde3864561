use fourstep::client::{ClosedReason, CommandError, Config, Event, Grant};
use fourstep::codec::{
    Packet, Properties, Property, QoS, ReasonCode, RetainHandling, Subscribe, Subscription,
    Unsubscribe,
};

use crate::rig::*;

#[test]
fn mqtt_3_8_4_4_in_3_1_1_and_3_8_4_5_in_5_0_of_a_filter_named_twice_the_later_counts() {
    use ReasonCode::{GrantedQoS1, GrantedQoS2, QuotaExceeded, Success, UnspecifiedError};
    let (zero, one, two) = (QoS::AtMostOnce, QoS::AtLeastOnce, QoS::ExactlyOnce);
    for version in BOTH {
        let failure = if version == V5 { QuotaExceeded } else { UnspecifiedError };
        let cases = [
            ([zero, two], [Success, GrantedQoS2], (two, GrantedQoS2)),
            ([two, zero], [GrantedQoS2, Success], (zero, Success)),
            ([one, two], [GrantedQoS1, failure], (one, GrantedQoS1)),
            ([one, two], [failure, GrantedQoS1], (two, GrantedQoS1)),
            ([one, two], [failure, failure], (two, failure)),
        ];
        for ([first, second], reasons, (requested, granted)) in cases {
            let mut rig = Rig::connected(persistent(version), none());
            let id = rig.subscribe(&[("a", first), ("a", second)]);
            rig.receive(suback(id.value(), &reasons));
            let known = rig.client.snapshot().subscriptions;
            assert_eq!(known.len(), 1);
            assert_eq!((known[0].requested.qos, known[0].granted), (requested, Some(granted)));
        }
    }
}

#[test]
fn subscribe_options_cross_the_wire_as_they_were_given() {
    let mut rig = Rig::connected(config(V5), none());
    let wanted = vec![
        Subscription {
            filter: "a/#".into(),
            qos: QoS::ExactlyOnce,
            no_local: true,
            retain_as_published: true,
            retain_handling: RetainHandling::SendIfNew,
        },
        Subscription {
            filter: "$share/group/b".into(),
            retain_handling: RetainHandling::DoNotSend,
            ..Subscription::default()
        },
    ];
    let with_identifier = properties(&[Property::SubscriptionIdentifier(9)]);
    rig.client.subscribe(rig.now, wanted.clone(), with_identifier.clone()).expect("right");
    let expected = Subscribe {
        packet_identifier: identifier(1),
        subscriptions: wanted.clone(),
        properties: with_identifier,
    };
    assert_eq!(rig.packet(), Packet::Subscribe(expected));
    let listed = rig.client.snapshot().subscriptions;
    assert_eq!(listed[0].requested, wanted[0]);
    assert_eq!(listed[1].subscription_identifier, Some(9));
    assert_eq!(listed[1].granted, None);
}

#[test]
fn requested_and_granted_stand_side_by_side() {
    for version in BOTH {
        let mut rig = Rig::connected(config(version), none());
        let id = rig.subscribe(&[
            ("c", QoS::ExactlyOnce),
            ("a", QoS::ExactlyOnce),
            ("b", QoS::AtMostOnce),
        ]);
        let reasons =
            [ReasonCode::GrantedQoS2, ReasonCode::GrantedQoS1, ReasonCode::UnspecifiedError];
        rig.receive(suback(id.value(), &reasons));
        let grant =
            |filter: &str, requested, reason| Grant { filter: filter.into(), requested, reason };
        let expected = Event::Subscribed {
            packet_identifier: id,
            grants: vec![
                grant("c", QoS::ExactlyOnce, ReasonCode::GrantedQoS2),
                grant("a", QoS::ExactlyOnce, ReasonCode::GrantedQoS1),
                grant("b", QoS::AtMostOnce, ReasonCode::UnspecifiedError),
            ],
        };
        assert_eq!(rig.events(), [expected]);
        let listed: Vec<_> = rig
            .client
            .snapshot()
            .subscriptions
            .into_iter()
            .map(|s| (s.requested.filter.to_string(), s.granted))
            .collect();
        let expected: Vec<_> =
            ["c", "a", "b"].iter().map(|f| f.to_string()).zip(reasons.map(Some)).collect();
        assert_eq!(listed, expected);
        // The identifier is free again.
        assert_eq!(rig.subscribe(&[("d", QoS::AtMostOnce)]), id);
    }
}

#[test]
fn unsubscribing_takes_a_filter_off_the_list() {
    for (version, reasons, left) in [
        (V4, &[][..], 0),
        (V5, &[ReasonCode::Success, ReasonCode::NoSubscriptionExisted][..], 0),
        (V5, &[ReasonCode::Success, ReasonCode::NotAuthorized][..], 1),
    ] {
        let mut rig = subscribed(config(version), &["a", "b"]);
        let filters = vec!["a".into(), "b".into()];
        let id = rig.client.unsubscribe(rig.now, filters, none()).expect("connected");
        assert!(matches!(rig.packet(), Packet::Unsubscribe(_)));
        rig.receive(unsuback(id.value(), reasons));
        let [Event::Unsubscribed { reasons: told, .. }] = &rig.events()[..] else {
            panic!("no answer")
        };
        assert_eq!(told.len(), 2);
        assert_eq!(rig.client.snapshot().subscriptions.len(), left);
    }
}

#[test]
fn both_need_a_connection_and_right_filters() {
    for version in BOTH {
        let mut rig = Rig::new(config(version));
        let wanted = || subscriptions(&[("a", QoS::AtMostOnce)]);
        let now = rig.now;
        assert_eq!(rig.client.subscribe(now, wanted(), none()), Err(CommandError::NotConnected));
        let filters = || vec!["a".into()];
        assert_eq!(rig.client.unsubscribe(now, filters(), none()), Err(CommandError::NotConnected));
        rig.connect(none());
        for wrong in ["", "a/#/b", "a+", "a\0"] {
            let subscribe =
                rig.client.subscribe(now, subscriptions(&[(wrong, QoS::AtMostOnce)]), none());
            assert!(matches!(subscribe, Err(CommandError::Invalid(_))), "{wrong:?}");
            let unsubscribe = rig.client.unsubscribe(now, vec![wrong.into()], none());
            assert!(matches!(unsubscribe, Err(CommandError::Invalid(_))), "{wrong:?}");
        }
        let nothing = rig.client.subscribe(now, Vec::new(), none());
        assert!(matches!(nothing, Err(CommandError::Invalid(_))));
        assert_eq!(rig.packets(), []);
        assert_eq!(rig.client.snapshot().subscriptions, []);
        assert_eq!(rig.subscribe(&[("a", QoS::AtMostOnce)]), identifier(1));
    }
}

#[test]
fn after_a_lost_session_everything_is_asked_for_again() {
    for version in BOTH {
        let mut rig = subscribed(reconnecting(version), &["b", "a"]);
        back(&mut rig, false);
        let expected = Subscribe {
            packet_identifier: identifier(1),
            subscriptions: subscriptions(&[("b", QoS::ExactlyOnce), ("a", QoS::ExactlyOnce)]),
            properties: none(),
        };
        assert_eq!(rig.packet(), Packet::Subscribe(expected));
        assert!(rig.client.snapshot().subscriptions.iter().all(|s| s.granted.is_none()));
        rig.receive(suback(1, &[ReasonCode::GrantedQoS1, ReasonCode::GrantedQoS1]));
        assert!(
            matches!(&rig.events()[..], [Event::Subscribed { grants, .. }] if grants.len() == 2)
        );
    }
}

#[test]
fn a_session_that_is_present_keeps_its_subscriptions() {
    for version in BOTH {
        let mut rig = subscribed(reconnecting(version), &["a"]);
        back(&mut rig, true);
        assert_eq!(rig.packets(), []);
        assert_eq!(rig.client.snapshot().subscriptions.len(), 1);
    }
}

#[test]
fn without_resubscribing_a_lost_session_empties_the_list() {
    let mut rig = subscribed(Config { resubscribe: false, ..reconnecting(V5) }, &["a"]);
    back(&mut rig, true);
    assert_eq!(rig.client.snapshot().subscriptions.len(), 1);
    back(&mut rig, false);
    assert_eq!(rig.packets(), []);
    assert_eq!(rig.client.snapshot().subscriptions, []);
}

#[test]
fn a_request_that_lost_its_answer_is_made_again() {
    for session_present in [false, true] {
        let mut rig = subscribed(reconnecting(V5), &["old"]);
        rig.subscribe(&[("new", QoS::AtMostOnce)]);
        rig.client.unsubscribe(rig.now, vec!["old".into()], none()).expect("connected");
        back(&mut rig, session_present);
        let subscribe = Packet::Subscribe(Subscribe {
            packet_identifier: identifier(1),
            subscriptions: subscriptions(&[("new", QoS::AtMostOnce)]),
            properties: none(),
        });
        let unsubscribe = Packet::Unsubscribe(Unsubscribe {
            packet_identifier: identifier(2),
            filters: vec!["old".into()],
            properties: none(),
        });
        match session_present {
            true => assert_eq!(rig.packets(), [subscribe, unsubscribe]),
            false => assert_eq!(rig.packets(), [subscribe]),
        }
    }
}

#[test]
fn a_filter_that_was_left_and_asked_for_again_stays() {
    let mut rig = subscribed(reconnecting(V5), &["a"]);
    let left = rig.client.unsubscribe(rig.now, vec!["a".into()], none()).expect("connected");
    let asked = rig.subscribe(&[("a", QoS::AtLeastOnce)]);
    rig.receive(unsuback(left.value(), &[ReasonCode::Success]));
    rig.receive(suback(asked.value(), &[ReasonCode::GrantedQoS1]));
    let listed = rig.client.snapshot().subscriptions;
    assert_eq!(listed.len(), 1);
    assert_eq!(listed[0].granted, Some(ReasonCode::GrantedQoS1));
}

#[test]
fn a_filter_that_was_asked_for_and_left_again_goes() {
    let mut rig = Rig::connected(reconnecting(V5), none());
    let asked = rig.subscribe(&[("a", QoS::AtLeastOnce)]);
    let leave = |rig: &mut Rig| {
        rig.client.unsubscribe(rig.now, vec!["a".into()], none()).expect("connected")
    };
    let left = leave(&mut rig);
    rig.receive(suback(asked.value(), &[ReasonCode::GrantedQoS1]));
    rig.receive(unsuback(left.value(), &[ReasonCode::Success]));
    assert_eq!(rig.client.snapshot().subscriptions, []);

    // The same with both answers lost: the last word counts.
    for session_present in [false, true] {
        rig.subscribe(&[("a", QoS::AtLeastOnce)]);
        leave(&mut rig);
        back(&mut rig, session_present);
        let packets = rig.packets();
        match session_present {
            false => assert_eq!(packets, []),
            true => assert!(matches!(packets[..], [Packet::Unsubscribe(_)]), "{packets:?}"),
        }
    }
}

#[test]
fn an_unsubscribe_that_was_refused_leaves_the_filter_subscribed() {
    let mut rig = subscribed(reconnecting(V5), &["a"]);
    let left = rig.client.unsubscribe(rig.now, vec!["a".into()], none()).expect("connected");
    rig.receive(unsuback(left.value(), &[ReasonCode::NotAuthorized]));
    rig.packets();
    back(&mut rig, false);
    assert!(matches!(rig.packet(), Packet::Subscribe(_)));
}

#[test]
fn the_answer_to_an_older_subscribe_says_nothing_about_a_newer() {
    let mut rig = Rig::connected(config(V5), none());
    let older = rig.subscribe(&[("a", QoS::AtMostOnce)]);
    let newer = rig.subscribe(&[("a", QoS::ExactlyOnce)]);
    let granted = |rig: &Rig| rig.client.snapshot().subscriptions[0].granted;
    rig.receive(suback(older.value(), &[ReasonCode::Success]));
    assert_eq!(granted(&rig), None);
    rig.receive(suback(newer.value(), &[ReasonCode::GrantedQoS2]));
    assert_eq!(granted(&rig), Some(ReasonCode::GrantedQoS2));
}

#[test]
fn a_filter_that_was_refused_is_not_asked_for_again() {
    let mut rig = Rig::connected(reconnecting(V5), none());
    let id = rig.subscribe(&[("fine", QoS::AtMostOnce), ("secret", QoS::AtMostOnce)]);
    rig.receive(suback(id.value(), &[ReasonCode::Success, ReasonCode::NotAuthorized]));
    rig.packets();
    back(&mut rig, false);
    let Packet::Subscribe(again) = rig.packet() else { panic!("not SUBSCRIBE") };
    assert_eq!(again.subscriptions, subscriptions(&[("fine", QoS::AtMostOnce)]));
    assert_eq!(rig.client.snapshot().subscriptions[1].granted, Some(ReasonCode::NotAuthorized));
}

#[test]
fn subscriptions_with_identifiers_of_their_own_are_asked_for_apart() {
    let mut rig = Rig::connected(reconnecting(V5), none());
    for (filter, number) in [("a", 1), ("b", 1), ("c", 2)] {
        let number = properties(&[Property::SubscriptionIdentifier(number)]);
        let wanted = subscriptions(&[(filter, QoS::AtMostOnce)]);
        rig.client.subscribe(rig.now, wanted, number).expect("connected");
    }
    rig.packets();
    back(&mut rig, false);
    let sizes: Vec<_> = rig
        .packets()
        .into_iter()
        .map(|packet| match packet {
            Packet::Subscribe(subscribe) => subscribe.subscriptions.len(),
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(sizes, [2, 1]);
}

#[test]
fn what_a_new_server_does_not_take_is_refused_in_its_name_and_the_rest_asked_for() {
    let mut rig = subscribed(reconnecting(V5), &["a", "b/#", "c"]);
    rig.lose();
    rig.wait_seconds(2);
    rig.packets();
    rig.accept(false, properties(&[Property::WildcardSubscriptionAvailable(false)]));
    let asked: Vec<String> = rig
        .packets()
        .into_iter()
        .filter_map(|packet| match packet {
            Packet::Subscribe(subscribe) => Some(subscribe.subscriptions),
            _ => None,
        })
        .flatten()
        .map(|subscription| subscription.filter.to_string())
        .collect();
    assert_eq!(asked, ["a", "c"]);
    let listed = rig.client.snapshot().subscriptions;
    assert_eq!(listed[1].granted, Some(ReasonCode::WildcardSubscriptionsNotSupported));
    let told = rig.events().into_iter().any(|event| {
        matches!(event, Event::Subscribed { grants, .. }
            if grants[0].reason == ReasonCode::WildcardSubscriptionsNotSupported)
    });
    assert!(told);
}

#[test]
fn many_subscriptions_are_asked_for_in_packets_that_the_server_takes() {
    let filters: Vec<String> = (0..1_000).map(|number| format!("topic/{number}")).collect();
    let filters: Vec<&str> = filters.iter().map(String::as_str).collect();
    let mut rig = subscribed(reconnecting(V5), &filters);
    rig.lose();
    rig.wait_seconds(2);
    rig.packets();
    rig.accept(false, properties(&[Property::MaximumPacketSize(500)]));
    let mut asked = 0;
    for packet in rig.packets() {
        let Packet::Subscribe(subscribe) = packet else { continue };
        asked += subscribe.subscriptions.len();
        let mut bytes = Vec::new();
        fourstep::codec::encode(V5, &Packet::Subscribe(subscribe), &mut bytes).expect("right");
        assert!(bytes.len() <= 500);
    }
    assert_eq!(asked, 1_000);
}

#[test]
fn answers_that_fit_no_question_end_the_connection() {
    let ok = ReasonCode::Success;
    let cases = [
        (V4, suback(9, &[ok]), "MQTT-3.8.4-2"),
        (V5, suback(9, &[ok]), "MQTT-3.8.4-2"),
        (V4, suback(1, &[ok]), "MQTT-3.8.4-5"),
        (V5, suback(1, &[ok, ok, ok]), "MQTT-3.8.4-6"),
        (V4, unsuback(9, &[]), "MQTT-3.10.4-4"),
        (V5, unsuback(9, &[ok]), "MQTT-3.10.4-5"),
        (V5, unsuback(2, &[ok]), "MQTT-3.11.3-1"),
        // Each answer has its own question.
        (V5, suback(2, &[ok, ok]), "MQTT-3.8.4-2"),
        (V5, unsuback(1, &[ok, ok]), "MQTT-3.10.4-5"),
    ];
    for (version, answer, statement) in cases {
        let mut rig = Rig::connected(config(version), none());
        rig.subscribe(&[("a", QoS::AtMostOnce), ("b", QoS::AtMostOnce)]);
        let filters = vec!["c".into(), "d".into()];
        rig.client.unsubscribe(rig.now, filters, none()).expect("connected");
        rig.receive(answer.clone());
        let reason = rig.closed();
        assert!(matches!(reason, ClosedReason::Unexpected { .. }), "{answer:?}");
        assert_eq!(reason.statement(), Some(statement), "{answer:?}");
    }
}

/// Subscribed to these at QoS 2, with the connect packets forgotten.
fn subscribed(config: Config, filters: &[&str]) -> Rig {
    let mut rig = Rig::connected(config, none());
    let wanted: Vec<_> = filters.iter().map(|filter| (*filter, QoS::ExactlyOnce)).collect();
    let id = rig.subscribe(&wanted);
    rig.receive(suback(id.value(), &vec![ReasonCode::GrantedQoS2; filters.len()]));
    rig.packets();
    rig.events();
    rig
}

/// Loses the connection and gets a new one; CONNECT is forgotten.
fn back(rig: &mut Rig, session_present: bool) {
    // Long enough for the connection to count as a success.
    rig.wait_seconds(10);
    rig.lose();
    rig.wait_seconds(2);
    rig.open();
    rig.packets();
    rig.receive(connack(session_present, ReasonCode::Success, Properties::new()));
    rig.events();
}
