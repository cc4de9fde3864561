//! The facts that the course teaches, each on the wire. docs/course-coverage.md
//! tells which lesson teaches which.

use std::time::Duration;

use fourstep::codec::PacketType::{
    ConnAck, PingReq, PubAck, PubComp, PubRec, PubRel, Publish, SubAck,
};
use fourstep::codec::QoS::{self, AtLeastOnce, AtMostOnce, ExactlyOnce};
use fourstep::codec::Version::{V5, V311};
use fourstep::codec::{self, Packet, PacketIdentifier, ReasonCode};
use fourstep::course::cost::{Settings, Table, Way};
use fourstep::course::script::{CUT, PUBLISHER, READY, SUBSCRIBER, Script, TOPIC, reading, sensor};
use fourstep::course::{Evidence, received, sent};
use fourstep::session::{FlowState, Limits, Session};
use fourstep::sim::{Publication, What, WillSetup, World};
use fourstep::time::Instant;

use crate::wire::*;

#[test]
fn fact_1_a_level_is_agreed_between_one_sender_and_one_receiver() {
    for version in VERSIONS {
        for published in QoS::ALL {
            for granted in QoS::ALL {
                let script = ready(version, granted).at(READY);
                let world = run(script.publish(PUBLISHER, reading(published)));
                let (sends, answers) = steps(published);
                assert_eq!(kinds(&world, |packet| sent(PUBLISHER, packet)), sends);
                assert_eq!(kinds(&world, |packet| received(PUBLISHER, packet)), answers);
                // The broker is the sender of the second hop.
                let (sends, answers) = steps(published.min(granted));
                assert_eq!(kinds(&world, |packet| received(SUBSCRIBER, packet)), sends);
                assert_eq!(kinds(&world, |packet| sent(SUBSCRIBER, packet)), answers);
            }
        }
    }
}

#[test]
fn fact_2_puback_from_the_broker_says_nothing_of_subscribers() {
    for version in VERSIONS {
        let alone = Script::new(version).client(PUBLISHER).connect(PUBLISHER).at(READY);
        let world = run(alone.publish(PUBLISHER, reading(AtLeastOnce)));
        assert_eq!(count(&world, received(PUBLISHER, PubAck)), 1);
        // With a subscriber far away, the publisher is done before it has heard.
        let slow = ready(version, AtLeastOnce)
            .with(SUBSCRIBER, |client| client.link.latency = Duration::from_millis(600));
        let world = run(slow.at(10_000).publish(PUBLISHER, reading(AtLeastOnce)));
        let puback = first(&world, received(PUBLISHER, PubAck)).arrived();
        assert!(puback < first(&world, received(SUBSCRIBER, Publish)).arrived());
    }
}

#[test]
fn fact_3_delivery_is_at_the_lower_of_published_and_granted_mqtt_3_8_4_6() {
    for version in VERSIONS {
        for (published, granted, delivered) in [
            (ExactlyOnce, AtLeastOnce, AtLeastOnce),
            (AtMostOnce, ExactlyOnce, AtMostOnce),
            (AtLeastOnce, ExactlyOnce, AtLeastOnce),
        ] {
            let script = ready(version, granted).at(READY);
            let world = run(script.publish(PUBLISHER, reading(published)));
            assert_eq!(forwarded(&world)[0].qos, delivered, "{published} {granted}");
        }
        // The SUBACK grants, and may grant less than was asked for.
        let script = ready(version, ExactlyOnce).broker(|broker| broker.maximum_qos = AtLeastOnce);
        let world = run(script.at(READY).publish(PUBLISHER, reading(AtLeastOnce)));
        let mut answers = Evidence::of(&world).packets(received(SUBSCRIBER, SubAck));
        let Some((_, Packet::SubAck(answer))) = answers.next() else { panic!("no SUBACK") };
        assert_eq!(answer.reasons, [ReasonCode::GrantedQoS1]);
    }
}

#[test]
fn fact_3_published_at_2_and_granted_1_it_may_come_twice() {
    for version in VERSIONS {
        let script = ready(version, AtLeastOnce).before(sent(SUBSCRIBER, PubAck), CUT);
        let world = run(script.at(READY).publish(PUBLISHER, reading(ExactlyOnce)));
        assert_eq!(delivered(&world, SUBSCRIBER), 2);
        assert_eq!(count(&world, received(PUBLISHER, PubComp)), 1);
    }
}

#[test]
fn fact_4_qos_0_is_sent_once_without_identifier_and_without_dup_mqtt_3_3_1_2() {
    for version in VERSIONS {
        let script = ready(version, AtMostOnce).before(sent(PUBLISHER, Publish), CUT);
        let world = run(script.at(READY).publish(PUBLISHER, reading(AtMostOnce)));
        let [publish] = &published(&world)[..] else { panic!("it was sent again") };
        assert_eq!((publish.packet_identifier, publish.dup), (None, false));
        assert_eq!(delivered(&world, SUBSCRIBER), 0);
        // Not stored: nothing is left at the moment after it was sent.
        let world = run_to(
            ready(version, AtMostOnce).at(READY).publish(PUBLISHER, reading(AtMostOnce)),
            READY,
        );
        let client = world.client(0).expect("it is there");
        assert_eq!((client.outbound_total, client.identifiers_in_use), (0, 0));
    }
}

#[test]
fn fact_5_qos_1_is_stored_until_puback_and_comes_again_with_dup_and_the_same_identifier() {
    for version in VERSIONS {
        let script =
            || ready(version, AtLeastOnce).at(READY).publish(PUBLISHER, reading(AtLeastOnce));
        for (millis, stored) in [(READY + 599, 1), (READY + 600, 0)] {
            let client = run_to(script(), millis).client(0).expect("it is there");
            assert_eq!(client.outbound_total, stored, "{millis}");
        }
        let lost = ready(version, AtLeastOnce).before(received(PUBLISHER, PubAck), CUT);
        let world = run(lost.at(READY).publish(PUBLISHER, reading(AtLeastOnce)));
        let [one, two] = &published(&world)[..] else { panic!("it was not sent twice") };
        assert_eq!((one.dup, two.dup), (false, true));
        assert_eq!(one.packet_identifier, two.packet_identifier);
        assert_eq!(delivered(&world, SUBSCRIBER), 2);
    }
}

#[test]
fn fact_6_after_pubrec_the_message_goes_and_the_identifier_stays_mqtt_4_3_3_1() {
    for version in VERSIONS {
        let script =
            || ready(version, ExactlyOnce).at(READY).publish(PUBLISHER, reading(ExactlyOnce));
        // 300 ms each way: PUBREC arrives after 600, PUBCOMP after 1,200.
        for (millis, state, has_message) in [
            (READY + 599, Some(FlowState::AwaitingPubRec), true),
            (READY + 600, Some(FlowState::AwaitingPubComp), false),
            (READY + 1_199, Some(FlowState::AwaitingPubComp), false),
            (READY + 1_200, None, false),
        ] {
            let client = run_to(script(), millis).client(0).expect("it is there");
            let flow = client.outbound.first();
            assert_eq!(flow.map(|flow| flow.state), state, "{millis}");
            assert_eq!(flow.is_some_and(|flow| !flow.topic.is_empty()), has_message, "{millis}");
            assert_eq!(client.identifiers_in_use, u16::from(state.is_some()), "{millis}");
        }
    }
}

#[test]
fn fact_6_the_receiver_remembers_the_identifier_until_pubrel_mqtt_4_3_3_2() {
    for version in VERSIONS {
        let script =
            || ready(version, ExactlyOnce).at(READY).publish(PUBLISHER, reading(ExactlyOnce));
        for (millis, remembered) in
            [(READY + 299, 0), (READY + 300, 1), (READY + 899, 1), (READY + 900, 0)]
        {
            let world = run_to(script(), millis);
            let session = Evidence::of(&world).session(PUBLISHER).expect("it has a session");
            assert_eq!(session.inbound.len(), remembered, "{millis}");
        }
        // A repeat within that time is answered and not delivered.
        let lost = ready(version, ExactlyOnce).before(received(PUBLISHER, PubRec), CUT);
        let world = run(lost.at(READY).publish(PUBLISHER, reading(ExactlyOnce)));
        assert_eq!(count(&world, received(PUBLISHER, PubRec)), 2);
        assert_eq!(delivered(&world, SUBSCRIBER), 1);
        // After PUBREL has been sent, the PUBLISH is not.
        let lost = ready(version, ExactlyOnce).before(sent(PUBLISHER, PubRel), CUT);
        let world = run(lost.at(READY).publish(PUBLISHER, reading(ExactlyOnce)));
        assert_eq!(
            (count(&world, sent(PUBLISHER, Publish)), count(&world, sent(PUBLISHER, PubRel))),
            (1, 2)
        );
    }
}

#[test]
fn fact_7_dup_marks_a_packet_on_one_hop_mqtt_3_3_1_3() {
    for version in VERSIONS {
        let dups = |script: Script| {
            let world = run(script.at(READY).publish(PUBLISHER, reading(AtLeastOnce)));
            let flags = |publishes: Vec<fourstep::codec::Publish>| -> Vec<bool> {
                publishes.iter().map(|publish| publish.dup).collect()
            };
            (flags(published(&world)), flags(forwarded(&world)))
        };
        let first_hop = ready(version, AtLeastOnce).before(received(PUBLISHER, PubAck), CUT);
        assert_eq!(dups(first_hop), (vec![false, true], vec![false, false]));
        let second_hop = ready(version, AtLeastOnce).before(sent(SUBSCRIBER, PubAck), CUT);
        assert_eq!(dups(second_hop), (vec![false], vec![false, true]));
    }
}

#[test]
fn fact_8_two_clients_and_both_directions_may_use_one_identifier_at_once() {
    for version in VERSIONS {
        let script = ready(version, AtLeastOnce).client("other").connect("other").at(READY + 2_000);
        let script = script
            .publish(PUBLISHER, reading(AtLeastOnce))
            .publish("other", reading(AtLeastOnce))
            .publish(SUBSCRIBER, Publication::new("elsewhere", "x", AtLeastOnce));
        let world = run_to(script, READY + 2_301);
        let evidence = Evidence::of(&world);
        for client in [PUBLISHER, "other", SUBSCRIBER] {
            let open = evidence.client(client).expect("it is there").outbound;
            assert_eq!(open[0].packet_identifier.map(PacketIdentifier::value), Some(1), "{client}");
        }
        // The broker towards the subscriber, at the same moment.
        let open = evidence.session(SUBSCRIBER).expect("it is there").outbound;
        assert_eq!(open[0].packet_identifier.map(PacketIdentifier::value), Some(1));
    }
}

#[test]
fn fact_8_identifiers_are_used_again_and_are_never_0() {
    for version in VERSIONS {
        let script = ready(version, ExactlyOnce).at(READY);
        let series = numbered(3, Duration::from_secs(2), ExactlyOnce);
        let world = run(script.publish(PUBLISHER, series));
        let ids = published(&world)
            .into_iter()
            .map(|it| it.packet_identifier.map(PacketIdentifier::value));
        assert_eq!(ids.collect::<Vec<_>>(), [Some(1); 3]);
    }
}

#[test]
fn fact_8_at_most_65_535_flows_are_unfinished_and_receive_maximum_asks_for_fewer() {
    // No answer comes. The flows alone: a simulated client holds fewer bytes.
    let mut session = Session::new(Limits { queue_capacity: 70_000, ..Limits::default() });
    session.handle_connected(Instant::ZERO, V311, true, u16::MAX);
    for _ in 0..70_000 {
        let message =
            codec::Publish { qos: AtLeastOnce, topic: TOPIC.into(), ..Default::default() };
        session.publish(Instant::ZERO, message).expect("there is room");
    }
    assert_eq!((session.in_flight(), session.queued()), (65_535, 70_000 - 65_535));
    let script = ready(V5, AtMostOnce).broker(|broker| broker.receive_maximum = 3).at(READY);
    let script = script.publish(PUBLISHER, numbered(10, Duration::ZERO, AtLeastOnce));
    let client = run_to(script, READY + 1).client(0).expect("it is there");
    assert_eq!((client.outbound_total, client.queued), (10, 7));
}

#[test]
fn fact_9_a_persistent_session_gathers_qos_1_and_2_and_a_clean_one_nothing() {
    for version in VERSIONS {
        for (clean, qos, expected) in [
            (false, AtLeastOnce, 5),
            (false, ExactlyOnce, 5),
            (true, AtLeastOnce, 0),
            (true, ExactlyOnce, 0),
        ] {
            let script = ready(version, ExactlyOnce).with(SUBSCRIBER, |client| {
                client.clean_start = clean;
                client.session_expiry_interval = if clean { 0 } else { 3_600 };
            });
            let script = script.disconnect(SUBSCRIBER).at(READY);
            let script = script.publish(PUBLISHER, numbered(5, Duration::from_millis(100), qos));
            let world = run(script.at(10_000).connect(SUBSCRIBER));
            assert_eq!(delivered(&world, SUBSCRIBER), expected, "{version} {clean} {qos}");
        }
    }
}

#[test]
fn fact_9_a_client_keeps_what_it_could_not_send() {
    for version in VERSIONS {
        let script = ready(version, ExactlyOnce).disconnect(PUBLISHER).at(READY);
        let script = script.publish(PUBLISHER, reading(ExactlyOnce)).at(10_000);
        let world = run(script.connect(PUBLISHER));
        assert_eq!(delivered(&world, SUBSCRIBER), 1);
        let publish = first(&world, sent(PUBLISHER, Publish));
        assert!(publish.at.as_micros() > 10_000_000);
    }
}

#[test]
fn fact_10_redelivery_is_on_reconnect_with_the_original_identifiers_mqtt_4_4_0_1() {
    for version in VERSIONS {
        let script = ready(version, ExactlyOnce).before(received(PUBLISHER, PubAck), CUT).at(READY);
        let world =
            run(script.publish(PUBLISHER, numbered(3, Duration::from_millis(10), AtLeastOnce)));
        let sent = published(&world);
        let ids: Vec<_> =
            sent.iter().map(|it| it.packet_identifier.map(PacketIdentifier::value)).collect();
        assert_eq!(ids, [Some(1), Some(2), Some(3), Some(1), Some(2), Some(3)]);
        let evidence = Evidence::of(&world);
        let back = evidence.all(received(PUBLISHER, ConnAck)).nth(1).expect("it came back");
        let mut again = evidence.all(fourstep::course::sent(PUBLISHER, Publish).dup(true));
        assert!(again.all(|record| record.sequence > back.sequence));
    }
}

#[test]
fn fact_10_without_a_session_the_client_starts_over() {
    for version in VERSIONS {
        let restart = What::RestartBroker { keep_store: false, down_for: Duration::from_secs(1) };
        let script = ready(version, ExactlyOnce).before(received(PUBLISHER, PubRec), restart);
        let world = run(script.at(READY).publish(PUBLISHER, reading(ExactlyOnce)));
        let evidence = Evidence::of(&world);
        let Some((_, Packet::ConnAck(back))) =
            evidence.packets(received(PUBLISHER, ConnAck)).nth(1)
        else {
            panic!("it did not come back")
        };
        assert!(!back.session_present);
        // What it sends then is not marked as a repeat: for this server it is none.
        assert_eq!(evidence.count(sent(PUBLISHER, Publish).dup(true)), 0);
    }
}

#[test]
fn fact_11_a_message_costs_one_two_or_four_packets_and_no_one_or_two_round_trips() {
    for version in VERSIONS {
        let table = Table::of(&Settings { version, ..Settings::default() });
        for (qos, packets, round_trips) in
            [(AtMostOnce, 1, 0), (AtLeastOnce, 2, 1), (ExactlyOnce, 4, 2)]
        {
            let cost = table.row(Way::Mqtt(qos)).expect("it is there").message;
            assert_eq!((cost.packets, cost.round_trips), (packets, round_trips), "{qos}");
        }
        // State grows with what is unfinished, on both sides of both hops.
        let script = ready(version, ExactlyOnce).at(READY);
        let script = script.publish(PUBLISHER, numbered(7, Duration::ZERO, ExactlyOnce));
        let world = run_to(script, READY + 310);
        let (client, evidence) = (world.client(0).expect("it is there"), Evidence::of(&world));
        assert_eq!(client.outbound_total, 7);
        assert_eq!(evidence.session(PUBLISHER).expect("it is there").inbound.len(), 7);
        assert_eq!(evidence.session(SUBSCRIBER).expect("it is there").outbound_total, 7);
    }
}

#[test]
fn fact_12_the_same_cut_loses_repeats_or_does_no_harm_as_the_level_has_it() {
    for version in VERSIONS {
        let readings = |qos, packet| {
            let script = ready(version, qos).before(packet, CUT).at(READY);
            payloads(&run(script.publish(PUBLISHER, sensor(qos))))
        };
        let mut all: Vec<String> = readings(ExactlyOnce, received(PUBLISHER, PubRec).nth(4));
        assert_eq!(all.len(), 10);
        let mut lost = readings(AtMostOnce, sent(PUBLISHER, Publish).nth(4));
        assert_eq!(lost.len(), 9);
        lost.retain(|reading| !all.contains(reading));
        assert!(lost.is_empty());
        let repeated = readings(AtLeastOnce, received(PUBLISHER, PubAck).nth(4));
        assert_eq!(repeated.len(), 11);
        all.retain(|reading| !repeated.contains(reading));
        assert!(all.is_empty());
    }
}

#[test]
fn fact_13_the_smallest_packet_has_two_bytes_and_a_fixed_header_two_to_five() {
    let quiet = ready(V311, AtMostOnce).with(PUBLISHER, |client| client.keep_alive = 10);
    let world = run_to(quiet, 30_000);
    assert_eq!(first(&world, sent(PUBLISHER, PingReq)).bytes().expect("a packet"), &[0xC0, 0][..]);
    for (payload, header) in [(0, 2), (100, 2), (200, 3), (20_000, 4), (3_000_000, 5)] {
        let settings = Settings { payload, topic: "a/b".to_owned(), ..Settings::default() };
        let table = Table::of(&settings);
        let cost = |way| table.row(way).expect("it is there").message.to_server as usize;
        assert_eq!(cost(Way::Mqtt(AtMostOnce)), header + 2 + 3 + payload, "{payload}");
        assert_eq!(cost(Way::Mqtt(AtLeastOnce)), header + 2 + 3 + 2 + payload, "{payload}");
        assert!(cost(Way::Http) > cost(Way::Mqtt(ExactlyOnce)));
    }
}

#[test]
fn fact_14_the_sensor_publishes_ten_readings_one_a_second_from_20_in_steps_of_a_half() {
    for version in VERSIONS {
        for qos in QoS::ALL {
            let world = run(ready(version, qos).at(READY).publish(PUBLISHER, sensor(qos)));
            let expected = (0..10).map(|index| format!("{}.{}", 20 + index / 2, index % 2 * 5));
            assert_eq!(payloads(&world), expected.collect::<Vec<_>>());
            let evidence = Evidence::of(&world);
            for (index, record) in evidence.all(sent(PUBLISHER, Publish)).enumerate() {
                assert_eq!(record.at.as_micros(), (READY + 1_000 * index as u64) * 1_000);
            }
            assert!(
                published(&world)
                    .iter()
                    .all(|it| it.topic == "sensor/temperature" && it.qos == qos)
            );
        }
    }
}

#[test]
fn fact_15_retain_is_set_for_a_new_subscription_and_cleared_for_an_old_one_mqtt_3_3_1_8() {
    for version in VERSIONS {
        for qos in QoS::ALL {
            let retained = Publication { retain: true, ..reading(qos) };
            let script = ready(version, ExactlyOnce).client("late").connect("late").at(READY);
            let script = script.publish(PUBLISHER, retained).later(3_000);
            let world = run(script.subscribe("late", "sensor/#", ExactlyOnce));
            let to = |client| {
                let publishes = Evidence::of(&world).publishes(received(client, Publish));
                publishes.map(|(_, it)| (it.retain, it.qos)).collect::<Vec<_>>()
            };
            assert_eq!(to(SUBSCRIBER), [(false, qos)]);
            // Stored with its level, and sent at it.
            assert_eq!(to("late"), [(true, qos)]);
        }
    }
}

#[test]
fn fact_15_the_will_has_a_level_and_a_retain_flag_of_its_own() {
    for version in VERSIONS {
        for (qos, retain) in [(AtMostOnce, false), (AtLeastOnce, true), (ExactlyOnce, true)] {
            let script = ready(version, ExactlyOnce).with(PUBLISHER, |client| {
                let (topic, payload) = ("sensor/status".into(), "gone".into());
                client.will = Some(WillSetup { topic, payload, qos, retain, delay: 0 });
                client.reconnect = None;
                client.session_expiry_interval = 0;
            });
            let world: World = run(script.at(READY).now(PUBLISHER, CUT));
            assert_eq!(forwarded(&world)[0].qos, qos);
            assert_eq!(payloads(&world), ["gone"]);
            assert_eq!(world.retained(10).len(), usize::from(retain));
        }
    }
}
