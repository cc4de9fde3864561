//! What lessons 9 to 15 claim in passing, held against the wire.

use std::time::Duration;

use fourstep::codec::PacketType::{self, PubComp, Publish};
use fourstep::codec::{QoS, Version};
use fourstep::course::cost::{Settings, Table, Way};
use fourstep::course::{Evidence, Lesson, Selector, packets, received, sent};
use fourstep::sim::World;
use fourstep::trace::Record;

use crate::wire::{received_by, tried};

#[test]
fn a_timer_repeats_into_a_dead_line_and_into_a_live_one() {
    for version in [Version::V311, Version::V5] {
        let vain = tried("retry", "timer-in-vain", version);
        let repeats: Vec<_> = sent("publisher", Publish)
            .dup(true)
            .select(vain.trace())
            .map(Record::arrived)
            .collect();
        assert!(repeats.iter().filter(|arrived| arrived.is_none()).count() > 1);
        assert_eq!(repeats.iter().filter(|arrived| arrived.is_some()).count(), 1);
        let closed = Selector::closed("publisher").select(vain.trace()).next();
        assert!(closed.is_some_and(|closed| closed.summary().contains("by the client")));

        let forgotten = tried("retry", "timer", version);
        assert_eq!(received_by(&forgotten, "subscriber"), ["20.5", "20.5"]);
        assert_eq!(Selector::closed("").select(forgotten.trace()).count(), 0);
    }
}

#[test]
fn mqtt_4_4_0_1_without_a_timer_nothing_is_repeated_before_the_next_connection() {
    for version in [Version::V311, Version::V5] {
        let world = tried("retry", "forgotten", version);
        let trace = world.trace();
        let repeat = sent("publisher", Publish).dup(true).select(trace).next().expect("a repeat");
        let back = Selector::opened("publisher").select(trace).nth(1).expect("a return");
        assert!(back.sequence < repeat.sequence);
        assert_eq!(sent("publisher", Publish).select(trace).count(), 2);
    }
}

#[test]
fn order_is_kept_at_qos_2_and_one_at_a_time_and_qos_0_overtakes() {
    for (experiment, expected) in [
        ("", "1 2 3 4"),
        ("qos-2", "1 2 3 4"),
        ("one-at-a-time", "1 2 3 4"),
        ("one-cut", "1 2 2 3 4"),
        ("overtaken", "1 3 2"),
    ] {
        let world = tried("order", experiment, Version::V5);
        assert_eq!(received_by(&world, "subscriber").join(" "), expected, "{experiment}");
    }
}

#[test]
fn retained_messages_and_wills_come_at_their_own_level() {
    for qos in QoS::ALL {
        for version in [Version::V311, Version::V5] {
            let kept = tried("retained-and-will", &format!("retained-{qos}"), version);
            let evidence = Evidence::of(&kept);
            let flags = |client| -> Vec<_> {
                let publishes = evidence.publishes(received(client, Publish));
                publishes.map(|(_, publish)| (publish.retain, publish.qos)).collect()
            };
            assert_eq!(flags("early"), [(false, qos)]);
            assert_eq!(flags("late"), [(true, qos)]);

            let will = tried("retained-and-will", &format!("will-{qos}"), version);
            let evidence = Evidence::of(&will);
            let levels: Vec<_> =
                evidence.publishes(received("early", Publish)).map(|(_, it)| it.qos).collect();
            assert_eq!(levels, [qos]);
        }
    }
}

#[test]
fn an_empty_retained_message_clears_the_topic() {
    let world = tried("retained-and-will", "cleared", Version::V311);
    assert_eq!(received_by(&world, "early"), ["20.5", ""]);
    assert_eq!(received_by(&world, "late"), [""; 0]);
}

#[test]
fn a_delayed_will_comes_two_seconds_after_the_end() {
    let world = tried("retained-and-will", "will-delayed", Version::V5);
    let end = Selector::closed("publisher").select(world.trace()).next().expect("an end");
    let will = received("early", Publish).select(world.trace()).next().expect("a will");
    assert_eq!(will.at.since(end.at), Duration::from_secs(2));
}

#[test]
fn the_bytes_of_the_cost_lesson_are_those_of_the_wire() {
    let bytes = |version, qos| {
        let table = Table::of(&Settings { version, ..Settings::default() });
        table.row(Way::Mqtt(qos)).expect("a row").message.bytes()
    };
    for (qos, expected) in QoS::ALL.into_iter().zip([26, 28 + 4, 28 + 4 + 4 + 4]) {
        assert_eq!(bytes(Version::V311, qos), expected);
        // The length of the properties; and the first answer has a reason to
        // give: nobody has subscribed.
        let more = if qos == QoS::AtMostOnce { 1 } else { 2 };
        assert_eq!(bytes(Version::V5, qos), expected + more);
    }
    let idle = tried("cost", "idle", Version::V311);
    for selector in
        [sent("publisher", PacketType::PingReq), received("publisher", PacketType::PingResp)]
    {
        let pings: Vec<_> = selector.select(idle.trace()).filter_map(Record::bytes).collect();
        assert!(pings.len() > 1 && pings.iter().all(|ping| ping.len() == 2));
    }
    // CONNECT, CONNACK and DISCONNECT.
    assert_eq!(packets(idle.trace()), 3);
}

#[test]
fn five_flows_that_overlap_take_hardly_longer_than_one() {
    let took = |world: &World| {
        let publishes = sent("publisher", Publish).qos(QoS::ExactlyOnce);
        let start = publishes.select(world.trace()).next().expect("a start").at;
        let end = received("publisher", PubComp).select(world.trace()).last().expect("an end");
        end.arrived().expect("it arrived").since(start)
    };
    let (one, five) = (tried("cost", "", Version::V5), tried("cost", "overlapping", Version::V5));
    assert!(took(&five) < took(&one) * 5 / 4, "{:?}, {:?}", took(&five), took(&one));
}

#[test]
fn a_total_may_come_twice_and_a_count_may_not() {
    let bill = |world: &World| {
        let kwh = |text: &String| text.strip_suffix(" kWh").and_then(|it| it.parse::<u32>().ok());
        received_by(world, "subscriber").iter().filter_map(kwh).collect::<Vec<_>>()
    };
    assert_eq!(bill(&tried("choosing", "pulse", Version::V5)).iter().sum::<u32>(), 2);
    assert_eq!(bill(&tried("choosing", "total", Version::V5)), [4711, 4711]);
}

#[test]
fn without_memory_qos_2_keeps_no_promise_and_qos_1_has_no_upper_limit() {
    for version in [Version::V311, Version::V5] {
        let forgetful = tried("exhaustion", "forgetful", version);
        assert_eq!(received_by(&forgetful, "subscriber"), ["20.5", "20.5"]);
        let three = tried("exhaustion", "three-times", version);
        assert_eq!(received_by(&three, "subscriber"), ["20.5"; 3]);
    }
}

#[test]
fn the_goals_of_a_real_broker_are_judged_by_the_packets_alone() {
    let lesson = Lesson::find("for-real").expect("it is there");
    for (goal, version) in
        lesson.goals.iter().flat_map(|goal| lesson.versions.iter().map(move |it| (goal, *it)))
    {
        let reached = |world: &World| (goal.reached)(&Evidence::live(world.trace()));
        assert!(reached(&crate::play(&(goal.solution)(version))), "{}", goal.id);
        assert!(!reached(&tried("for-real", "", version)), "{}", goal.id);
    }
}
