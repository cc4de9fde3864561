//! What the instruments find, and that they find it by running the engines.

use std::time::Duration;

use fourstep::codec::QoS::{self, AtLeastOnce, AtMostOnce, ExactlyOnce};
use fourstep::codec::Version::{self, V5, V311};
use fourstep::course::cost::{self, Cost, Headers, Settings, Way};
use fourstep::course::exhaustion::{Cuts, Exhaustion, Tally};
use fourstep::course::script::{PUBLISHER, READY, TOPIC};
use fourstep::course::{downgrade, received};
use fourstep::sim::World;

use crate::play;

const VERSIONS: [Version; 2] = [V311, V5];

#[test]
fn nothing_is_delivered_above_what_was_published_or_granted() {
    for version in VERSIONS {
        let table = downgrade::Table::complete(version);
        assert_eq!(table.filled(), 9);
        for published in QoS::ALL {
            for granted in QoS::ALL {
                let cell = table.cell(published, granted).expect("it is filled in");
                assert_eq!(cell.delivered, published.min(granted), "{published} {granted}");
            }
        }
    }
}

#[test]
fn a_cell_is_filled_in_when_its_message_has_left_for_the_subscriber_and_not_before() {
    let scenario = downgrade::scenario(V5, ExactlyOnce, AtLeastOnce);
    let (mut world, mut table) = (World::new(&scenario), downgrade::Table::default());
    let publish = received("subscriber", fourstep::codec::PacketType::Publish);
    while !world.is_quiet() && world.step() {
        table.fill(&world);
        assert_eq!(table.filled(), publish.select(world.trace()).count());
    }
    assert_eq!(table.filled(), 1);
}

#[test]
fn every_cut_there_is_and_every_two_prove_each_level_and_no_more() {
    for version in VERSIONS {
        for cuts in [Cuts::One, Cuts::Two] {
            let mut work = Exhaustion::new(version, cuts);
            assert!(!work.tally().proves_it());
            // In slices, as a page does it.
            while work.advance(7) {
                assert!(!work.tally().is_complete());
            }
            let tally = work.tally();
            assert!(tally.proves_it(), "{cuts:?} {tally:?}");
            assert_eq!(tally, &Tally::complete(version, cuts));
            assert!(tally.total > 200, "{cuts:?} {}", tally.total);
            // As the lesson says.
            let places = |qos| tally.row(qos).times.iter().sum::<u32>();
            let is_one = cuts == Cuts::One;
            assert!(!is_one || QoS::ALL.into_iter().all(|qos| places(qos) < 100), "{tally:?}");
            println!("{version}: {} worlds, {cuts:?}", tally.total);
        }
    }
}

#[test]
fn in_a_world_of_two_cuts_the_line_breaks_twice() {
    let mut work = Exhaustion::new(V5, Cuts::Two);
    while work.tally().done() == 0 {
        work.advance(1);
    }
    let mut numbers = 0..;
    let runs = std::iter::from_fn(|| work.run(numbers.next()?));
    for run in runs {
        let world = play(&run.scenario(V5));
        let text = world.trace().to_text();
        assert_eq!(text.matches("the connection was cut").count(), 2, "{run:?}\n{text}");
    }
}

#[test]
fn the_example_of_a_count_is_a_world_that_gives_it() {
    for cuts in [Cuts::One, Cuts::Two] {
        let mut work = Exhaustion::new(V311, cuts);
        while work.advance(100) {}
        for qos in QoS::ALL {
            let row = work.tally().row(qos);
            for (times, first) in row.first.iter().enumerate() {
                assert_eq!(first.is_some(), row.times[times] > 0);
                if let Some(number) = first {
                    let run = work.run(*number).expect("there is such a world");
                    let world = play(&run.scenario(V311));
                    let copies = world.inbox(1).expect("a subscriber").copies(TOPIC, b"20.5");
                    assert_eq!((run.qos, (copies as usize).min(3)), (qos, times), "{run:?}");
                }
            }
        }
    }
}

fn message(settings: &Settings, way: Way) -> Cost {
    cost::Table::of(settings).row(way).expect("there is such a row").message
}

#[test]
fn packets_and_round_trips_grow_with_the_level() {
    for version in VERSIONS {
        let settings = Settings { version, ..Settings::default() };
        for (qos, packets, round_trips) in
            [(AtMostOnce, 1, 0), (AtLeastOnce, 2, 1), (ExactlyOnce, 4, 2)]
        {
            let cost = message(&settings, Way::Mqtt(qos));
            assert_eq!((cost.packets, cost.round_trips), (packets, round_trips), "{qos}");
        }
        let http = message(&settings, Way::Http);
        assert_eq!((http.packets, http.round_trips), (2, 1));
    }
}

#[test]
fn what_crosses_the_line_does_not_depend_on_its_latency() {
    for version in VERSIONS {
        let table = |millis| {
            let latency = Duration::from_millis(millis);
            cost::Table::of(&Settings { version, latency, ..Settings::default() }).rows
        };
        for millis in [0, 1, 500, 624, 834, 2_500, 10_000] {
            assert_eq!(table(millis), table(20), "{version} {millis} ms");
        }
    }
}

/// The same count by hand: fixed header, topic with its length, identifier.
#[test]
fn bytes_are_those_of_the_packets() {
    let settings = Settings { topic: "a/b".to_owned(), payload: 10, ..Settings::default() };
    for (qos, to_server, to_client) in [
        (AtMostOnce, 2 + 5 + 10, 0),
        (AtLeastOnce, 2 + 5 + 2 + 10, 4),
        (ExactlyOnce, 2 + 5 + 2 + 10 + 4, 4 + 4),
    ] {
        let cost = message(&settings, Way::Mqtt(qos));
        assert_eq!((cost.to_server, cost.to_client), (to_server, to_client), "{qos}");
    }
    let http = message(&settings, Way::Http);
    assert_eq!(http.to_server, cost::request(&settings).len() as u64 + 10);
    assert_eq!(http.to_client, cost::response(&settings).len() as u64);
}

#[test]
fn a_frame_has_2_to_14_bytes_of_header() {
    // 118 bytes of payload make a packet of 125, the longest in a short frame.
    for (payload, header) in [(10, 6), (118, 6), (119, 8), (60_000, 8), (70_000, 14)] {
        let settings = Settings { topic: "a/b".to_owned(), payload, ..Settings::default() };
        let cost = message(&settings, Way::WebSocket(AtMostOnce));
        assert_eq!((cost.packets, cost.to_server), (1, header), "{payload}");
    }
}

#[test]
fn http_costs_what_its_settings_make_it_cost() {
    let few = Settings::default();
    let many = Settings { headers: Headers::Many, ..few.clone() };
    assert!(message(&many, Way::Http).bytes() > 3 * message(&few, Way::Http).bytes());
    let total = |settings: &Settings| cost::Table::of(settings).row(Way::Http).map(|row| row.total);
    let each = Settings { connection_per_request: true, ..few.clone() };
    assert_eq!(total(&few).map(|cost| cost.round_trips), Some(101));
    assert_eq!(total(&each).map(|cost| cost.round_trips), Some(200));
    // With a large payload the headers hardly count.
    let large = Settings { payload: 100_000, ..few };
    let [http, mqtt] = [Way::Http, Way::Mqtt(AtLeastOnce)].map(|way| message(&large, way).bytes());
    assert!(http < mqtt + mqtt / 100, "{http} {mqtt}");
}

#[test]
fn the_wait_is_that_of_the_trace() {
    let latency = Duration::from_millis(150);
    let settings = Settings { latency, ..Settings::default() };
    let cost = message(&settings, Way::Mqtt(ExactlyOnce));
    assert_eq!(cost.wait(latency), Duration::from_millis(600));
    let mut scenario = downgrade::scenario(V5, ExactlyOnce, AtMostOnce);
    scenario.clients[0].link.latency = latency;
    let world = play(&scenario);
    let pubcomp = received(PUBLISHER, fourstep::codec::PacketType::PubComp);
    let end = pubcomp.select(world.trace()).next().and_then(|record| record.arrived());
    assert_eq!(end, Some(fourstep::time::Instant::from_millis(READY + 600)));
}
