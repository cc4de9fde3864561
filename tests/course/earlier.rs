//! What lessons 1 to 8 claim in passing, held against the wire.

use fourstep::codec::PacketType::{ConnAck, PubAck, PubRec, PubRel, Publish, SubAck};
use fourstep::codec::{Packet, QoS, ReasonCode, Version};
use fourstep::course::{Evidence, Goal, LESSONS, Lesson, Selector, received, sent};
use fourstep::sim::World;

use crate::wire::{VERSIONS, count, first, received_by, tried};

#[test]
fn each_experiment_delivers_what_its_lesson_says() {
    for (lesson, experiment, client, expected) in [
        ("message", "", "display", "20.5"),
        ("message", "", "logger", ""),
        ("message", "wildcard", "display", "20.5"),
        ("message", "wildcard", "logger", "20.5"),
        ("message", "nobody", "display", ""),
        ("two-deliveries", "nobody", "subscriber", ""),
        ("two-deliveries", "grant-lower", "subscriber", "20.5"),
        ("qos-0", "", "subscriber", "20.0 20.5 21.0 21.5 22.0 22.5 23.0 23.5 24.0 24.5"),
        ("qos-0", "cut-first-hop", "subscriber", "20.0 20.5 21.0 22.0 22.5 23.0 23.5 24.0 24.5"),
        ("qos-0", "cut-second-hop", "subscriber", "20.0 20.5 21.0 22.5 23.0 23.5 24.0 24.5"),
        ("qos-0", "qos-1", "subscriber", "20.0 20.5 21.0 21.5 22.0 22.5 23.0 23.5 24.0 24.5"),
        ("qos-1", "cut-publish", "subscriber", "20.5"),
        ("qos-1", "cut-puback", "subscriber", "20.5 20.5"),
        ("qos-1", "sensor", "subscriber", "20.0 20.5 21.0 21.5 22.0 22.5 23.0 23.5 24.0 24.5"),
        ("memory", "echo", "publisher", "20.5"),
        ("downgrade", "two-one", "subscriber", "20.5 20.5"),
        ("downgrade", "zero-two", "subscriber", ""),
        ("downgrade", "one-zero", "subscriber", "20.5 20.5"),
        ("downgrade", "overlap", "subscriber", "20.5"),
        ("nobody-home", "", "guest", "20.5"),
        ("nobody-home", "asleep", "sleeper", "21.0 21.5 22.0 22.5 23.0"),
        ("nobody-home", "asleep", "guest", ""),
        ("nobody-home", "qos-0", "sleeper", ""),
        ("nobody-home", "publisher-away", "guest", "21.0 21.5 22.0 22.5 23.0"),
        ("nobody-home", "broker-remembers", "guest", "20.5"),
        ("nobody-home", "broker-forgets", "guest", "20.5"),
    ] {
        for version in VERSIONS {
            let world = tried(lesson, experiment, version);
            let here = format!("{lesson} {experiment} {version}: {client}");
            assert_eq!(received_by(&world, client).join(" "), expected, "{here}");
        }
    }
}

#[test]
fn puback_comes_whether_anybody_gets_the_message_or_not_and_5_0_may_remark_it() {
    for (version, expected) in
        [(Version::V311, ReasonCode::Success), (Version::V5, ReasonCode::NoMatchingSubscribers)]
    {
        let world = tried("two-deliveries", "nobody", version);
        assert_eq!(count(&world, received("", Publish)), 0);
        let packets: Vec<_> =
            Evidence::of(&world).packets(received("publisher", PubAck)).map(|it| it.1).collect();
        assert!(matches!(&packets[..], [Packet::PubAck(ack)] if ack.reason == expected));

        let world = tried("two-deliveries", "slow", version);
        let arrival = |selector| first(&world, selector).arrived().expect("it arrives");
        assert!(arrival(received("publisher", PubAck)) < arrival(received("subscriber", Publish)));
    }
}

#[test]
fn a_broker_may_grant_less_than_was_asked_for() {
    for version in VERSIONS {
        let world = tried("two-deliveries", "grant-lower", version);
        let mut answers = Evidence::of(&world).packets(received("subscriber", SubAck));
        let answer = answers.next().map(|it| it.1);
        assert!(
            matches!(answer, Some(Packet::SubAck(ack)) if ack.reasons == [ReasonCode::GrantedQoS1])
        );
    }
}

#[test]
fn identifiers_are_used_again_at_once_and_the_lowest_first() {
    for version in VERSIONS {
        let of =
            |experiment, selector| identifiers(&tried("memory", experiment, version), selector);
        let published = sent("publisher", Publish);
        assert_eq!(of("", published), [1]);
        assert_eq!(of("", sent("meter", Publish)), [1]);
        assert_eq!(of("again", published), [1, 1]);
        assert_eq!(of("five", published), [1, 2, 3, 4, 5]);
        assert_eq!(of("echo", published), [1]);
        assert_eq!(of("echo", received("publisher", Publish)), [1]);
    }
}

/// A page may look seldom, so a goal must not pass by unseen.
#[test]
fn identifiers_that_were_shared_for_a_moment_are_seen_when_all_is_over() {
    let lesson = Lesson::find("memory").expect("it is there");
    for version in VERSIONS {
        for goal in lesson.goals {
            let ended = crate::play(&(goal.solution)(version));
            assert!((goal.reached)(&Evidence::of(&ended)), "{version} {}", goal.id);
        }
        for experiment in ["", "again", "five"] {
            let world = tried("memory", experiment, version);
            let reached = |goal: &Goal| (goal.reached)(&Evidence::of(&world));
            assert!(!lesson.goals.iter().any(reached), "{version} {experiment}");
        }
    }
}

#[test]
fn the_solution_of_one_goal_reaches_no_other_for_the_learner() {
    for lesson in LESSONS {
        let version = lesson.versions[0];
        for solved in lesson.goals {
            let world = crate::play(&(solved.solution)(version));
            let reached = |goal: &Goal| lesson.is_reached(goal, &Evidence::of(&world));
            assert!(!lesson.goals.iter().any(reached), "{} {}", lesson.slug, solved.id);
        }
    }
}

#[test]
fn only_the_second_hop_is_lowered_and_overlapping_subscriptions_make_one_copy_here() {
    for version in VERSIONS {
        let world = tried("downgrade", "", version);
        assert_eq!(count(&world, sent("publisher", PubRel)), 1);
        assert_eq!(levels(&world), [QoS::AtLeastOnce]);
        assert_eq!(levels(&tried("downgrade", "one-zero", version)), [QoS::AtMostOnce; 2]);
        let overlap = tried("downgrade", "overlap", version);
        assert_eq!(levels(&overlap), [QoS::ExactlyOnce]);
        assert_eq!(count(&overlap, sent("subscriber", PubRec)), 1);
    }
}

#[test]
fn session_present_tells_what_the_repeat_looks_like() {
    for version in VERSIONS {
        for (experiment, present, repeated) in
            [("broker-remembers", true, true), ("broker-forgets", false, false)]
        {
            let world = tried("nobody-home", experiment, version);
            assert_eq!(presence(&world, "publisher"), [false, present], "{experiment}");
            let publish = sent("publisher", Publish).nth(2);
            assert_eq!(count(&world, publish.dup(repeated)), 1, "{experiment}");
        }
    }
}

#[test]
fn mqtt_3_1_2_23_without_an_expiry_interval_a_5_0_session_ends_with_its_connection() {
    for (version, expected) in [(Version::V5, 0), (Version::V311, 5)] {
        let world = tried("nobody-home", "no-expiry", version);
        assert_eq!(received_by(&world, "sleeper").len(), expected, "{version}");
        assert_eq!(presence(&world, "sleeper"), [false, expected > 0], "{version}");
    }
}

fn identifiers(world: &World, selector: Selector) -> Vec<u16> {
    let publishes = Evidence::of(world).publishes(selector);
    publishes.filter_map(|(_, it)| Some(it.packet_identifier?.value())).collect()
}

/// The levels at which the subscriber is sent what it gets.
fn levels(world: &World) -> Vec<QoS> {
    let publishes = Evidence::of(world).publishes(received("subscriber", Publish));
    publishes.map(|(_, it)| it.qos).collect()
}

/// What each CONNACK says of the session.
fn presence(world: &World, client: &'static str) -> Vec<bool> {
    let answers = Evidence::of(world).packets(received(client, ConnAck));
    let present = answers.map(|(_, packet)| match packet {
        Packet::ConnAck(ack) => ack.session_present,
        other => panic!("no CONNACK: {other:?}"),
    });
    present.collect()
}
