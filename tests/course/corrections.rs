//! What the course itself once said wrongly or left out, held on the wire.
//! docs/course-coverage.md tells which lesson says it now.

use std::time::Duration;

use fourstep::codec::PacketType::{
    ConnAck, Disconnect, PingReq, PubAck, PubComp, PubRec, PubRel, Publish,
};
use fourstep::codec::QoS::{AtLeastOnce, AtMostOnce, ExactlyOnce};
use fourstep::codec::Version::{V5, V311};
use fourstep::codec::{Packet, QoS, ReasonCode, Version};
use fourstep::course::script::{CUT, PUBLISHER, READY, SUBSCRIBER, Script, reading, sensor};
use fourstep::course::{Evidence, Lesson, Selector, received, sent, statements};
use fourstep::session::PassOn;
use fourstep::sim::{Command, What, World};

use crate::wire::*;

/// Plays the run of a lesson's prediction.
fn predicted(slug: &str, version: Version) -> World {
    let lesson = Lesson::find(slug).expect("it is there");
    crate::play(&(lesson.prediction.scenario)(version))
}

/// Plays the solution of a lesson's goal.
fn solved(slug: &str, goal: &str, version: Version) -> World {
    let lesson = Lesson::find(slug).expect("it is there");
    let goal = lesson.goals.iter().find(|it| it.id == goal).expect("it is there");
    crate::play(&(goal.solution)(version))
}

#[test]
fn order_is_a_matter_of_both_windows_mqtt_5_0_3_3_4_9() {
    // One at a time to the broker, and no limit from there.
    assert_eq!(payloads(&predicted("order", V5)), ["1", "2", "3", "2", "3", "4"]);
    // One at a time on both hops.
    assert_eq!(payloads(&solved("order", "both-hops", V5)), ["1", "2", "2", "3", "4"]);
}

#[test]
fn will_is_discarded_with_disconnect_and_the_retained_state_is_not_mqtt_3_1_1_3_14_4_3() {
    for version in VERSIONS {
        let lie = solved("retained-and-will", "lie", version);
        assert_eq!(count(&lie, sent(PUBLISHER, Disconnect)), 1);
        assert_eq!(received_by(&lie, "late"), ["online"]);
        let careful = tried("retained-and-will", "will-careful", version);
        assert_eq!(received_by(&careful, "late"), ["offline"]);
        assert_eq!(received_by(&careful, "early"), ["online", "offline"]);
    }
}

#[test]
fn will_comes_one_and_a_half_times_keep_alive_after_a_silent_end_mqtt_3_1_1_3_1_2_24() {
    for version in VERSIONS {
        let world = predicted("retained-and-will", version);
        let last = first(&world, sent(PUBLISHER, Publish)).arrived().expect("it arrived");
        let will = first(&world, received("early", Publish).on("sensor/status"));
        assert_eq!(will.at.since(last), Duration::from_secs(6), "{version}");
    }
}

#[test]
fn two_ways_of_a_qos_2_receiver_deliver_once_and_a_round_trip_apart_mqtt_3_1_1_4_3_3_2() {
    for version in VERSIONS {
        let arrival = |world: &World| {
            assert_eq!(delivered(world, SUBSCRIBER), 1);
            first(world, received(SUBSCRIBER, Publish)).arrived().expect("it arrives")
        };
        let at_publish = arrival(&tried("qos-2", "", version));
        let at_pubrel = tried("qos-2", "at-pubrel", version);
        assert_eq!(arrival(&at_pubrel).since(at_publish), Duration::from_millis(600));
        let pubrel = first(&at_pubrel, sent(PUBLISHER, PubRel)).arrived();
        assert_eq!(Some(first(&at_pubrel, received(SUBSCRIBER, Publish)).at), pubrel);
    }
}

/// Cut before each of the four packets, and with a broker that dies.
#[test]
fn two_ways_of_a_qos_2_receiver_survive_each_cut_and_a_restart() {
    let steps = [
        sent(PUBLISHER, Publish),
        received(PUBLISHER, PubRec),
        sent(PUBLISHER, PubRel),
        received(PUBLISHER, PubComp),
    ];
    let restart = What::RestartBroker { keep_store: true, down_for: Duration::from_secs(1) };
    for version in VERSIONS {
        for pass_on in [PassOn::Publish, PassOn::PubRel] {
            for (step, what) in steps.into_iter().flat_map(|step| [(step, CUT), (step, restart)]) {
                let script = ready(version, ExactlyOnce).broker(|it| it.pass_on = pass_on);
                let script = script.before(step, what).at(READY);
                let world = run(script.publish(PUBLISHER, reading(ExactlyOnce)));
                assert_eq!(delivered(&world, SUBSCRIBER), 1, "{version} {pass_on:?} {what}");
            }
        }
    }
}

#[test]
fn qos_0_offline_is_kept_by_this_client_and_sent_in_a_pile() {
    for version in VERSIONS {
        let world = tried("qos-0", "cut-first-hop", version);
        assert_eq!(delivered(&world, SUBSCRIBER), 9);
        let back =
            first(&world, received(PUBLISHER, ConnAck).nth(2)).arrived().expect("it is back");
        let pile = Evidence::of(&world).all(sent(PUBLISHER, Publish)).filter(|it| it.at == back);
        assert!(pile.count() > 1, "{version}");
    }
}

#[test]
fn qos_0_offline_into_a_half_open_connection_is_lost_six_times() {
    for version in VERSIONS {
        let world = predicted("qos-0", version);
        assert_eq!(payloads(&world), ["20.0", "20.5", "21.0", "24.5"]);
        assert_eq!(count(&world, sent(PUBLISHER, Publish).lost()), 6);
    }
}

/// Pings are for those who have nothing else to say.
#[test]
fn qos_0_offline_is_noticed_by_a_ping_mqtt_3_1_1_3_1_2_23() {
    for version in VERSIONS {
        let world = predicted("qos-0", version);
        assert!(count(&world, sent(PUBLISHER, PingReq).lost()) > 0);
        let busy = ready(version, AtMostOnce).with(PUBLISHER, |it| it.keep_alive = 60).at(READY);
        let busy = run_to(busy.publish(PUBLISHER, sensor(AtMostOnce)), READY + 10_000);
        assert_eq!(count(&busy, sent(PUBLISHER, PingReq)), 0);
    }
}

#[test]
fn for_real_a_broker_without_persistence_keeps_no_session_over_a_restart() {
    for (keep_store, present) in [(true, true), (false, false)] {
        let down_for = Duration::from_secs(1);
        let what = What::RestartBroker { keep_store, down_for };
        let script = ready(V311, AtLeastOnce).at(READY).now(PUBLISHER, what);
        let world = run(script);
        let answers = Evidence::of(&world).packets(received(PUBLISHER, ConnAck).nth(2)).next();
        let Some((_, Packet::ConnAck(answer))) = answers else { panic!("it never came back") };
        assert_eq!(answer.session_present, present);
    }
}

#[test]
fn alarm_reaches_the_subscriber_at_the_same_moment_at_each_level() {
    for version in VERSIONS {
        let world = predicted("choosing", version);
        let evidence = Evidence::of(&world);
        let arrivals: Vec<_> =
            evidence.all(received(SUBSCRIBER, Publish)).map(|it| it.arrived()).collect();
        assert_eq!(arrivals.len(), 3);
        assert!(arrivals.iter().all(|at| at.is_some() && *at == arrivals[0]));
    }
}

#[test]
fn expiry_binds_the_servers_copies_and_not_the_senders_queue_mqtt_5_0_3_3_2_5() {
    let position = |qos| {
        let mut position = reading(qos);
        position.expiry = Some(1);
        position
    };
    // The subscriber is away: the broker drops the copy.
    let away = ready(V5, AtLeastOnce).disconnect(SUBSCRIBER).at(READY);
    let away = away.publish(PUBLISHER, position(AtLeastOnce)).later(5_000).connect(SUBSCRIBER);
    assert_eq!(delivered(&run(away), SUBSCRIBER), 0);
    let words = |id| statements::find(V5, id).expect("it is there").words(Default::default());
    assert!(words("MQTT-3.3.2-5").contains("for this subscriber"));
}

#[test]
fn exhaustion_covers_every_cut_of_one_message_and_the_halves_are_no_packets() {
    for version in VERSIONS {
        let world = predicted("exhaustion", version);
        assert_eq!(delivered(&world, SUBSCRIBER), 1);
        // A packet begins with its type: PUBLISH is 3.
        let publish = first(&world, sent(PUBLISHER, Publish));
        assert_eq!(publish.bytes().expect("it has bytes")[0] >> 4, 3);
    }
}

#[test]
fn pubrel_for_an_identifier_that_is_free_is_answered_with_pubcomp_and_in_5_0_with_0x92() {
    for (version, reason) in
        [(V311, ReasonCode::Success), (V5, ReasonCode::PacketIdentifierNotFound)]
    {
        let world = predicted("qos-2", version);
        let evidence = Evidence::of(&world);
        let last = evidence.packets(received(PUBLISHER, PubComp)).last();
        let Some((record, Packet::PubComp(answer))) = last else { panic!("no PUBCOMP") };
        assert!(record.arrived().is_some());
        assert_eq!(answer.reason, reason, "{version}");
        assert_eq!(count(&world, sent(PUBLISHER, PubRel)), 2);
        assert_eq!(delivered(&world, SUBSCRIBER), 1);
    }
}

#[test]
fn flow_control_lets_qos_0_pass_and_everything_else_be_answered_mqtt_5_0_4_9_0_3() {
    let world = tried("order", "overtaken", V5);
    assert_eq!(payloads(&world), ["1", "3", "2"]);
}

#[test]
fn first_copy_that_a_subscriber_sees_may_carry_dup_mqtt_3_1_1_3_3_1_3() {
    for version in VERSIONS {
        let world = predicted("qos-1", version);
        let evidence = Evidence::of(&world);
        let copies: Vec<_> = evidence
            .publishes(received(SUBSCRIBER, Publish))
            .filter(|(record, _)| record.arrived().is_some())
            .map(|(_, copy)| copy.dup)
            .collect();
        assert_eq!(copies, [true]);
        assert_eq!(count(&world, received(PUBLISHER, PubAck)), 1);
    }
}

#[test]
fn puback_does_not_reach_over_to_the_other_hop() {
    for version in VERSIONS {
        let world = predicted("two-deliveries", version);
        assert_eq!(count(&world, received(PUBLISHER, PubAck)), 1);
        assert_eq!(delivered(&world, SUBSCRIBER), 0);
        assert_eq!(count(&world, received(SUBSCRIBER, ConnAck)), 2);
    }
}

#[test]
fn puback_comes_for_a_message_without_any_session() {
    for version in VERSIONS {
        let alone = Script::new(version).client(PUBLISHER).connect(PUBLISHER).at(READY);
        let world = run(alone.publish(PUBLISHER, reading(AtLeastOnce)));
        assert_eq!(count(&world, received(PUBLISHER, PubAck)), 1);
    }
}

/// Two clients with one identifier throw each other out, in 3.1.1 again and
/// again. In 5.0 DISCONNECT says why, and this client then stays away.
#[test]
fn takeover_by_a_second_client_with_the_same_identifier_mqtt_3_1_1_3_1_4_2() {
    for version in VERSIONS {
        let script = Script::new(version).client("sensor").client("sensor");
        let script = script.connect("sensor").at(1_500).step(Command::Connect(1));
        let world = run_to(script, 30_000);
        let ended = count(&world, Selector::closed("sensor"));
        match version {
            V311 => assert!(ended > 4, "{ended}"),
            V5 => assert!(ended < 3, "{ended}"),
        }
    }
}

#[test]
fn retained_is_what_a_message_without_retain_is_not_and_sessions_queue_it_mqtt_3_1_1_3_3_1_12() {
    for version in VERSIONS {
        let away = ready(version, AtLeastOnce).disconnect(SUBSCRIBER).at(READY);
        let script = away.publish(PUBLISHER, reading(AtLeastOnce)).later(3_000).connect(SUBSCRIBER);
        let world = run(script);
        assert_eq!(payloads(&world), ["20.5"]);
        assert_eq!(count(&world, received(SUBSCRIBER, Publish).retain()), 0);
    }
    let words = statements::find(V311, "MQTT-3.3.1-12").expect("it is there");
    assert!(words.words(Default::default()).contains("Sessions queue it"));
}

#[test]
fn session_outlives_the_connection_only_if_it_is_persistent() {
    for (version, expiry, clean) in [(V311, 3_600, true), (V5, 0, false)] {
        let script = ready(version, AtLeastOnce).with(SUBSCRIBER, |client| {
            client.clean_start = clean;
            client.session_expiry_interval = expiry;
        });
        let script = script.before(sent(SUBSCRIBER, PubAck), CUT).at(READY);
        let world = run(script.publish(PUBLISHER, reading(AtLeastOnce)));
        assert_eq!(count(&world, received(SUBSCRIBER, Publish)), 1, "{version}");
    }
}

#[test]
fn granted_2_and_published_1_it_may_come_twice_mqtt_3_1_1_3_8_4_6() {
    for version in VERSIONS {
        let world = predicted("downgrade", version);
        let levels: Vec<QoS> = forwarded(&world).iter().map(|it| it.qos).collect();
        assert_eq!(levels, [AtLeastOnce; 2]);
    }
}
