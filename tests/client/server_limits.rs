use fourstep::client::{CommandError, Config, Event};
use fourstep::codec::{Packet, Properties, Property, Publish, QoS, ReasonCode};
use fourstep::session::Outcome;

use crate::rig::*;

#[test]
fn mqtt_3_2_2_11_no_message_goes_above_the_maximum_qos() {
    for maximum in [0, 1] {
        let mut rig = Rig::connected(config(V5), only(Property::MaximumQoS(maximum)));
        for qos in QoS::ALL {
            let result = rig.client.publish(rig.now, message("a", qos));
            match qos.bits() <= maximum {
                true => assert!(result.is_ok()),
                false => assert_eq!(statement(result), "MQTT-3.2.2-11"),
            }
        }
        assert_eq!(rig.packets().len(), usize::from(maximum) + 1);
    }
}

#[test]
fn mqtt_3_2_2_14_nothing_is_retained_where_the_server_does_not_keep_it() {
    let mut rig = Rig::connected(config(V5), only(Property::RetainAvailable(false)));
    let retained = Publish { retain: true, ..message("a", QoS::AtMostOnce) };
    assert_eq!(statement(rig.client.publish(rig.now, retained)), "MQTT-3.2.2-14");
    assert_eq!(rig.packets(), []);
}

#[test]
fn mqtt_3_2_2_15_no_packet_is_larger_than_the_server_takes() {
    // PUBLISH with topic "a" and no payload: 2 + 2 + 1 + 1 bytes, two more
    // above QoS 0.
    let mut rig = Rig::connected(config(V5), only(Property::MaximumPacketSize(200)));
    for (qos, overhead) in [(QoS::AtMostOnce, 6), (QoS::ExactlyOnce, 8)] {
        for extra in [0, 1] {
            // From 128 bytes on the Remaining Length has two.
            let payload = vec![b'x'; 200 - overhead - 1 + extra];
            let publish = Publish { payload: payload.into(), ..message("a", qos) };
            let result = rig.client.publish(rig.now, publish);
            match extra {
                0 => assert!(result.is_ok(), "{result:?}"),
                _ => assert_eq!(
                    result,
                    Err(CommandError::PacketTooLarge { size: 201, maximum: 200 })
                ),
            }
        }
    }
    let long = "x".repeat(300);
    let subscribe =
        rig.client.subscribe(rig.now, subscriptions(&[(&long, QoS::AtMostOnce)]), none());
    assert!(matches!(subscribe, Err(CommandError::PacketTooLarge { maximum: 200, .. })));
    let unsubscribe = rig.client.unsubscribe(rig.now, vec![long.into()], none());
    assert!(matches!(unsubscribe, Err(CommandError::PacketTooLarge { maximum: 200, .. })));
    assert_eq!(rig.packets().len(), 2);
    // The refused requests have given their identifiers back.
    assert_eq!(rig.subscribe(&[("a", QoS::AtMostOnce)]), identifier(2));
}

#[test]
fn the_size_that_an_error_names_is_the_size_of_the_packet() {
    let mut rig = Rig::connected(config(V5), only(Property::MaximumPacketSize(10)));
    for boundary in [128, 16_384, 2_097_152] {
        for payload in boundary - 10..boundary + 2 {
            let publish =
                Publish { payload: vec![0; payload].into(), ..message("a", QoS::AtMostOnce) };
            let mut bytes = Vec::new();
            let packet = Packet::Publish(publish.clone());
            fourstep::codec::encode(V5, &packet, &mut bytes).expect("right");
            assert_eq!(
                rig.client.publish(rig.now, publish),
                Err(CommandError::PacketTooLarge { size: bytes.len(), maximum: 10 })
            );
        }
    }
}

#[test]
fn mqtt_3_3_4_7_no_more_messages_are_under_way_than_the_receive_maximum() {
    let mut rig = Rig::connected(config(V5), only(Property::ReceiveMaximum(2)));
    for _ in 0..5 {
        rig.publish(message("a", QoS::AtLeastOnce));
    }
    assert_eq!(rig.packets().len(), 2);
    assert_eq!(rig.client.snapshot().queued, 3);
    rig.receive(Packet::PubAck(ack(1)));
    assert_eq!(rig.packets().len(), 1);
    // QoS 0 is not counted.
    rig.publish(message("a", QoS::AtMostOnce));
    assert_eq!(rig.packets().len(), 1);
}

#[test]
fn no_more_messages_are_under_way_than_our_own_quota_which_a_3_1_1_server_cannot_name() {
    for (version, announced, expect) in
        [(V4, none(), 3), (V5, none(), 3), (V5, only(Property::ReceiveMaximum(2)), 2)]
    {
        let mut rig = Rig::connected(Config { send_quota: 3, ..config(version) }, announced);
        for _ in 0..5 {
            rig.publish(message("a", QoS::ExactlyOnce));
        }
        assert_eq!(rig.packets().len(), expect, "{version}");
        assert_eq!(rig.client.snapshot().queued, 5 - expect, "{version}");
        // The message is under way until its last acknowledgement.
        rig.receive(Packet::PubRec(ack(1)));
        assert!(matches!(rig.packets()[..], [Packet::PubRel(_)]), "{version}");
        rig.receive(Packet::PubComp(ack(1)));
        assert!(matches!(rig.packets()[..], [Packet::Publish(_)]), "{version}");
    }
}

#[test]
fn what_a_subscription_asks_for_has_to_be_available() {
    let with_identifier = only(Property::SubscriptionIdentifier(7));
    let cases = [
        (Property::WildcardSubscriptionAvailable(false), "a/#", none(), "section 3.2.2.3.11"),
        (Property::WildcardSubscriptionAvailable(false), "+", none(), "section 3.2.2.3.11"),
        (
            Property::WildcardSubscriptionAvailable(false),
            "$share/group/a/+",
            none(),
            "section 3.2.2.3.11",
        ),
        (
            Property::SubscriptionIdentifierAvailable(false),
            "a",
            with_identifier,
            "section 3.2.2.3.12",
        ),
        (
            Property::SharedSubscriptionAvailable(false),
            "$share/group/a",
            none(),
            "section 3.2.2.3.13",
        ),
    ];
    for (unavailable, filter, properties, expected) in cases {
        let wanted = || subscriptions(&[("fine", QoS::AtMostOnce), (filter, QoS::AtMostOnce)]);
        let mut rig = Rig::connected(config(V5), only(unavailable));
        let refused = rig.client.subscribe(rig.now, wanted(), properties.clone());
        assert_eq!(statement(refused), expected, "{filter}");
        assert_eq!(rig.packets(), []);
        let mut rig = Rig::connected(config(V5), none());
        assert!(rig.client.subscribe(rig.now, wanted(), properties).is_ok(), "{filter}");
    }
}

#[test]
fn what_is_available_is_not_refused_for_its_neighbor() {
    let cases = [
        (Property::WildcardSubscriptionAvailable(false), "$share/group/a"),
        (Property::SharedSubscriptionAvailable(false), "a/#"),
        (Property::SubscriptionIdentifierAvailable(false), "a/#"),
    ];
    for (unavailable, filter) in cases {
        let mut rig = Rig::connected(config(V5), only(unavailable));
        rig.subscribe(&[(filter, QoS::AtMostOnce)]);
        assert!(matches!(rig.packet(), Packet::Subscribe(_)));
    }
}

#[test]
fn a_queued_message_that_the_server_does_not_take_ends_unsent_and_unchanged() {
    let too_large = Publish { payload: vec![0; 100].into(), ..message("a", QoS::AtMostOnce) };
    let retained = Publish { retain: true, ..message("a", QoS::AtLeastOnce) };
    let cases = [
        (Property::MaximumQoS(1), message("a", QoS::ExactlyOnce)),
        (Property::RetainAvailable(false), retained),
        (Property::MaximumPacketSize(100), too_large),
    ];
    for (limit, unfit) in cases {
        let mut rig = Rig::new(config(V5));
        let unfit = rig.publish(unfit);
        let fit = rig.publish(message("fit", QoS::AtLeastOnce));
        rig.client.connect(rig.now).expect("right");
        rig.accept(false, only(limit));
        let sent = rig.packets();
        assert!(matches!(&sent[..], [_, Packet::Publish(p)] if p.topic == "fit"), "{sent:?}");
        assert_eq!(rig.finished(), [(unfit, Outcome::NotSupported)]);
        rig.receive(Packet::PubAck(ack(1)));
        assert_eq!(rig.finished(), [(fit, Outcome::Acknowledged(ReasonCode::Success))]);
    }
}

#[test]
fn a_message_under_way_that_a_smaller_server_does_not_take_ends_without_a_word_of_the_server() {
    let limits = [
        Property::MaximumQoS(0),
        Property::RetainAvailable(false),
        Property::MaximumPacketSize(10),
    ];
    for limit in limits {
        for qos in [QoS::AtLeastOnce, QoS::ExactlyOnce] {
            for session_present in [false, true] {
                let mut rig = Rig::connected(reconnecting(V5), none());
                let token = rig.publish(Publish { retain: true, ..message("a", qos) });
                rig.lose();
                rig.wait_seconds(2);
                rig.packets();
                rig.events();
                rig.accept(session_present, only(limit.clone()));
                let packets = rig.packets();
                assert!(matches!(packets[0], Packet::Connect(_)));
                // The server may hold the identifier: it is freed before it is
                // used for another message.
                let releases = session_present && qos == QoS::ExactlyOnce;
                assert_eq!(packets[1..], vec![Packet::PubRel(ack(1)); usize::from(releases)]);
                assert_eq!(rig.finished(), [(token, Outcome::NotSupported)]);
                assert_eq!(rig.client.snapshot().identifiers_in_use, u16::from(releases));
                if releases {
                    rig.receive(Packet::PubComp(ack(1)));
                }
                assert_eq!(rig.client.snapshot().outbound, []);
                assert_eq!(rig.finished(), [], "an end is told once");
            }
        }
    }
}

#[test]
fn in_3_1_1_there_are_no_such_limits() {
    let mut rig = Rig::connected(config(V4), none());
    rig.publish(Publish { retain: true, ..message("a", QoS::ExactlyOnce) });
    rig.subscribe(&[("$share/group/#", QoS::AtMostOnce)]);
    assert_eq!(rig.packets().len(), 2);
}

#[test]
fn limits_end_with_their_connection() {
    let mut rig = Rig::connected(reconnecting(V5), only(Property::MaximumQoS(0)));
    rig.lose();
    // The next server may take it: it is queued.
    let token = rig.publish(message("a", QoS::ExactlyOnce));
    rig.wait_seconds(2);
    rig.accept(true, none());
    assert!(matches!(rig.packets().last(), Some(Packet::Publish(_))));
    let finished =
        rig.events().into_iter().any(|e| matches!(e, Event::Finished(t, _) if t == token));
    assert!(!finished);
}

fn only(property: Property) -> Properties {
    properties(&[property])
}

fn statement<T: std::fmt::Debug>(result: Result<T, CommandError>) -> &'static str {
    match result {
        Err(CommandError::NotSupported { statement, .. }) => statement,
        other => panic!("{other:?}"),
    }
}
