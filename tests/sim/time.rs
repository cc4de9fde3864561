//! Any moment can be gone to, and looks the same however one came there.

use fourstep::codec::PacketType;
use fourstep::sim::{Crossing, Fault, LinkSetup, Split, Timeline, What, When, first_difference};
use fourstep::trace::{Direction, RecordKind};

use crate::*;

/// Five messages at QoS 2 through a cut and a slow, jittery, chopping link.
fn busy(seed: u64) -> Scenario {
    let mut scenario = publisher_and_subscriber(Version::V5, QoS::ExactlyOnce);
    scenario.seed = seed;
    for client in &mut scenario.clients {
        client.link = LinkSetup {
            jitter: Duration::from_millis(15),
            bandwidth: 2_000,
            split: Split::Random(9),
            ..LinkSetup::default()
        };
    }
    let mut readings = Publication::new("t", "{20.0+0.5}", QoS::ExactlyOnce);
    (readings.times, readings.every) = (5, Duration::from_millis(150));
    scenario.steps.push(step(1_000, Command::Publish(PUBLISHER, readings)));
    scenario.steps.push(step(1_300, Command::Fault(Fault::cut(SUBSCRIBER, When::Now))));
    scenario
}

#[test]
fn the_same_seed_gives_the_same_trace_and_another_seed_another() {
    let text = |seed| play(&busy(seed)).trace().to_text();
    assert_eq!(text(7), text(7));
    assert_ne!(text(7), text(8));
}

#[test]
fn how_time_is_cut_up_changes_nothing() {
    let scenario = busy(7);
    let mut whole = World::new(&scenario);
    whole.advance_to(millis(10_000));
    for pace in [1, 7, 16, 1_000] {
        let mut world = World::new(&scenario);
        let mut at = 0;
        while at < 10_000 {
            at = (at + pace).min(10_000);
            world.advance_to(millis(at));
        }
        assert_eq!(world.trace().to_text(), whole.trace().to_text(), "every {pace} ms");
    }
}

#[test]
fn seeking_to_and_fro_shows_what_playing_shows() {
    let scenario = busy(3);
    let mut timeline = Timeline::new(&scenario);
    timeline.seek(millis(10_000));
    for at in [5_000, 0, 1_234, 1_100, 1_301, 10_000, 1_299, 60, 9_999, 1_300] {
        timeline.seek(millis(at));
        let mut played = World::new(&scenario);
        played.advance_to(millis(at));
        assert_same(timeline.world(), &played, at);
        assert_eq!(timeline.now(), millis(at));
        assert_eq!(timeline.end(), millis(10_000));
    }
}

#[test]
fn long_worlds_are_rewound_from_checkpoints() {
    let mut scenario = publisher_and_subscriber(Version::V311, QoS::ExactlyOnce);
    let mut many = Publication::new("t", "{1+1}", QoS::ExactlyOnce);
    (many.times, many.every) = (2_000, Duration::from_millis(10));
    scenario.steps.push(step(1_000, Command::Publish(PUBLISHER, many)));
    let mut timeline = Timeline::new(&scenario);
    assert!(timeline.run_until_quiet(millis(600_000)));
    assert_eq!(timeline.world().inbox(SUBSCRIBER).map(|inbox| inbox.total), Some(2_000));
    for at in [20_000, 15_000, 15_001, 1_003, 12_345] {
        timeline.seek(millis(at));
        let mut played = World::new(&scenario);
        played.advance_to(millis(at));
        assert_same(timeline.world(), &played, at);
    }
}

#[test]
fn stepping_goes_from_change_to_change_and_back_the_same_way() {
    let mut timeline = Timeline::new(&busy(5));
    let mut there = vec![timeline.now()];
    while timeline.now() < millis(3_000) && timeline.step() {
        there.push(timeline.now());
    }
    assert!(there.len() > 50, "only {} steps", there.len());
    assert!(there.is_sorted());
    let mut back = vec![timeline.now()];
    while timeline.step_back() {
        back.push(timeline.now());
    }
    back.reverse();
    assert_eq!(there, back);
}

#[test]
fn a_command_given_while_playing_is_a_step_of_the_scenario() {
    let mut world = World::new(&publisher_and_subscriber(Version::V5, QoS::AtLeastOnce));
    world.advance_to(millis(1_000));
    world.command(publish("a", QoS::AtLeastOnce));
    world.command(publish("b", QoS::AtLeastOnce));
    // At the very moment at which the first arrives at the broker.
    world.advance_to(millis(1_020));
    world.command(Command::Fault(Fault::cut(SUBSCRIBER, When::Now)));
    // In the middle of a moment at which more than one thing happens.
    while world.next_event().is_some_and(|next| next < millis(2_000)) {
        world.step();
        world.command(publish("c", QoS::AtMostOnce));
    }
    assert!(world.run_until_quiet(LONG));
    let replay = play(world.scenario());
    assert_eq!(replay.trace().to_text(), world.trace().to_text());
    assert_eq!(replay.scenario(), world.scenario());
}

#[test]
fn a_command_on_a_rewound_timeline_changes_what_comes_after_it() {
    let mut timeline = Timeline::new(&busy(3));
    timeline.seek(millis(5_000));
    timeline.seek(millis(1_050));
    timeline.command(Command::Fault(Fault::cut(PUBLISHER, When::Now)));
    timeline.command(publish("extra", QoS::AtLeastOnce));
    timeline.seek(millis(5_000));
    for at in [5_000, 1_040, 1_060, 5_000] {
        timeline.seek(millis(at));
        let mut played = World::new(timeline.world().scenario());
        played.advance_to(millis(at));
        assert_same(timeline.world(), &played, at);
    }
}

#[test]
fn a_fork_goes_its_own_way_from_its_moment_on() {
    let mut timeline = Timeline::new(&busy(3));
    timeline.seek(millis(5_000));
    let before = timeline.world().trace().to_text();

    let fault = Command::Fault(Fault::cut(PUBLISHER, When::Now));
    let fork = timeline.fork_with(millis(1_200), fault);
    assert_eq!(fork.now(), timeline.now());
    assert_eq!(timeline.world().trace().to_text(), before, "a fork leaves the original alone");
    assert_same(fork.world(), &played(fork.world().scenario(), 5_000), 5_000);

    let (ours, theirs) = (timeline.world().trace(), fork.world().trace());
    let first = first_difference(ours, theirs).expect("they differ");
    let of = |trace: &fourstep::trace::Trace| trace.record(first).cloned();
    assert_ne!(of(ours), of(theirs));
    for earlier in 0..first {
        assert_eq!(ours.record(earlier), theirs.record(earlier));
    }
    // What left before and was under way may have been lost.
    assert!(of(ours).is_some_and(|record| record.at >= millis(1_100)));
    assert_eq!(first_difference(ours, ours), None);
}

#[test]
fn a_fork_can_change_a_step_or_the_whole_set_up() {
    let mut timeline = Timeline::new(&busy(3));
    timeline.seek(millis(5_000));
    let mut other = timeline.world().scenario().clone();
    let Some(Command::Subscribe(_, wanted)) = other.steps.get_mut(2).map(|step| &mut step.command)
    else {
        panic!("the third step subscribes");
    };
    wanted.qos = QoS::AtMostOnce;
    assert_same(timeline.fork(&other).world(), &played(&other, 5_000), 5_000);
    other.clients[SUBSCRIBER].version = Version::V311;
    assert_same(timeline.fork(&other).world(), &played(&other, 5_000), 5_000);
    let same = timeline.world().scenario().clone();
    assert_eq!(
        first_difference(timeline.fork(&same).world().trace(), timeline.world().trace()),
        None
    );
}

#[test]
fn a_record_can_be_pointed_at_and_cut_there() {
    let mut timeline = Timeline::new(&{
        let mut scenario = publisher_and_subscriber(Version::V5, QoS::AtLeastOnce);
        scenario.steps.push(step(1_000, publish("one", QoS::AtLeastOnce)));
        scenario
    });
    timeline.seek(millis(20_000));
    let trace = timeline.world().trace();
    let acknowledged = trace
        .records()
        .filter(|record| record.summary().starts_with("PUBACK") && record.to == BROKER_LANE)
        .map(|record| (record.sequence, record.at))
        .next();
    let (sequence, at) = acknowledged.expect("the subscriber acknowledges");
    let (lane, crossing) =
        Crossing::of_record(trace, sequence, BROKER_LANE).expect("it is a packet");
    assert_eq!(
        crossing,
        Crossing { direction: Direction::ToServer, packet_type: PacketType::PubAck, nth: 1 }
    );
    let client = timeline.world().client_at(lane).expect("a client's lane");
    let fork = timeline.fork_with(at, Command::Fault(Fault::cut(client, When::Before(crossing))));
    assert_eq!(first_difference(trace, fork.world().trace()), Some(sequence));
    let inbox = fork.world().inbox(SUBSCRIBER).expect("there is a subscriber");
    assert_eq!((inbox.total, inbox.duplicates), (2, 1), "a lost PUBACK makes a duplicate");
    assert!(inbox.deliveries.iter().map(|delivery| delivery.duplicate).eq([false, true]));
}

#[test]
fn a_counterfactual_says_so_in_the_trace() {
    for (version, retry, copies) in [
        // Nobody sends it again: the connection is up.
        (Version::V5, None, 1),
        (Version::V311, None, 1),
        // 3.1.1 allows a timer.
        (Version::V311, Some(Duration::from_secs(5)), 2),
    ] {
        let mut scenario = publisher_and_subscriber(version, QoS::AtLeastOnce);
        scenario.clients[PUBLISHER].retry_interval = retry;
        let crossing =
            Crossing { direction: Direction::ToClient, packet_type: PacketType::PubAck, nth: 1 };
        let (when, what) = (When::Before(crossing), What::Withhold);
        scenario.steps.push(step(0, Command::Fault(Fault { client: PUBLISHER, when, what })));
        scenario.steps.push(step(1_000, publish("one", QoS::AtLeastOnce)));
        let mut world = World::new(&scenario);
        world.advance_to(millis(30_000));
        let notes: Vec<_> = world
            .trace()
            .records()
            .filter(|record| matches!(record.kind, RecordKind::Note(_)))
            .map(|record| record.summary())
            .collect();
        assert_eq!(notes, ["note: counterfactual: broker forgets to send PUBACK id 1"]);
        let inbox = world.inbox(SUBSCRIBER).expect("there is a subscriber");
        assert_eq!(inbox.copies("t", b"one"), copies, "{version}, retry {retry:?}");
        let left = world.client(PUBLISHER).map(|snapshot| snapshot.outbound_total);
        assert_eq!(left, Some(usize::from(retry.is_none())), "{version}, retry {retry:?}");
    }
}

fn played(scenario: &Scenario, at: u64) -> World {
    let mut world = World::new(scenario);
    world.advance_to(millis(at));
    world
}

fn assert_same(ours: &World, theirs: &World, at: u64) {
    assert_eq!(ours.trace().to_text(), theirs.trace().to_text(), "at {at} ms");
    assert_eq!(ours.trace().next_sequence(), theirs.trace().next_sequence(), "at {at} ms");
    for client in 0..ours.scenario().clients.len() {
        assert_eq!(ours.client(client), theirs.client(client), "at {at} ms");
        assert_eq!(ours.inbox(client), theirs.inbox(client), "at {at} ms");
    }
    assert_eq!(ours.sessions(), theirs.sessions(), "at {at} ms");
    assert_eq!(ours.next_event(), theirs.next_event(), "at {at} ms");
}
