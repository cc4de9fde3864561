//! Links carry bytes as they should, and faults do what they say.

use fourstep::client::Status;
use fourstep::codec::PacketType::{self, Publish as PublishPacket};
use fourstep::sim::{Crossing, Fault, LinkSetup, Split, What, When, WillSetup};
use fourstep::trace::Direction::{self, ToClient, ToServer};

use crate::*;

#[test]
fn a_message_at_each_level_crosses_in_its_steps() {
    for (qos, expected) in [
        (QoS::AtMostOnce, vec!["PUBLISH", "PUBLISH"]),
        (QoS::AtLeastOnce, vec!["PUBLISH", "PUBLISH", "PUBACK", "PUBACK"]),
        (
            QoS::ExactlyOnce,
            vec![
                "PUBLISH", "PUBLISH", "PUBREC", "PUBREL", "PUBREC", "PUBCOMP", "PUBREL", "PUBCOMP",
            ],
        ),
    ] {
        for version in [Version::V311, Version::V5] {
            let mut scenario = publisher_and_subscriber(version, qos);
            scenario.steps.push(step(1_000, publish("20.5", qos)));
            let world = play(&scenario);
            assert_eq!(names_since(&world, 1_000), expected, "{version}");
            assert_eq!(nothing_is_left(&world), Ok(()));
        }
    }
}

#[test]
fn latency_bandwidth_and_splits_decide_when_a_packet_has_arrived() {
    // A PUBLISH of 10 bytes: 2 of header, 3 of topic, 1 of properties, 4 of payload.
    let link = |bandwidth, split, jitter| LinkSetup {
        latency: Duration::from_millis(20),
        jitter: Duration::from_millis(jitter),
        bandwidth,
        split,
    };
    for (link, arrives) in [
        (link(0, Split::Whole, 0), 20..=20),
        (link(1_000, Split::Whole, 0), 30..=30),
        (link(1_000, Split::Every(3), 0), 30..=30),
        (link(1_000, Split::Every(0), 0), 30..=30),
        (link(0, Split::Random(4), 0), 20..=20),
        (link(0, Split::Whole, 10), 20..=30),
        (link(100, Split::Random(4), 10), 120..=130),
    ] {
        let mut scenario = publisher_and_subscriber(Version::V5, QoS::AtMostOnce);
        scenario.clients[PUBLISHER].link = link.clone();
        scenario.steps.push(step(5_000, publish("20.5", QoS::AtMostOnce)));
        let world = play(&scenario);
        let record = world
            .trace()
            .records()
            .find(|record| record.summary().starts_with("PUBLISH"))
            .expect("it crosses");
        let took = record.arrived().expect("it arrives").since(millis(5_000)).as_millis();
        assert!(arrives.contains(&took), "{link:?}: {took} ms");
    }
}

#[test]
fn pieces_never_overtake_each_other() {
    let mut scenario = publisher_and_subscriber(Version::V5, QoS::AtMostOnce);
    for client in &mut scenario.clients {
        client.link.jitter = Duration::from_millis(500);
        client.link.split = Split::Random(3);
    }
    let mut many = Publication::new("t", "{1+1}", QoS::AtMostOnce);
    (many.times, many.every) = (50, Duration::from_millis(3));
    scenario.steps.push(step(10_000, Command::Publish(PUBLISHER, many)));
    let world = play(&scenario);
    let inbox = world.inbox(SUBSCRIBER).expect("there is a subscriber");
    let received = inbox.deliveries.iter().map(|delivery| delivery.message.payload.clone());
    assert!(received.eq((1..=50).map(|n| n.to_string())));
}

#[test]
fn a_cut_loses_what_is_under_way_and_the_client_comes_back() {
    let world = with_fault(QoS::AtLeastOnce, cut_before(ToServer, PublishPacket));
    assert_eq!(
        lines_since(&world, 1_000),
        [
            "PUBLISH id 1 QoS 1 \"t\" 3 bytes \"one\" lost",
            "connection closed: the connection was cut",
            "connection opened",
            "CONNECT MQTT 5.0 client \"publisher\" keep alive 10 s",
            "CONNACK session present Success (0x00)",
            "PUBLISH id 1 QoS 1 DUP \"t\" 3 bytes \"one\"",
            "PUBLISH id 1 QoS 1 \"t\" 3 bytes \"one\"",
            "PUBACK id 1",
            "PUBACK id 1",
        ]
    );
}

#[test]
fn a_half_open_connection_is_found_out_by_keep_alive() {
    let what = What::HalfOpen;
    let fault = Fault { what, ..cut_before(ToServer, PublishPacket) };
    let world = with_fault(QoS::AtLeastOnce, fault);
    let lines = lines_since(&world, 1_000);
    let expected = [
        "PUBLISH id 1 QoS 1 \"t\" 3 bytes \"one\" lost",
        "note: half-open: the link swallows everything from here on, and neither end is told",
        "PINGREQ lost",
        "connection closed: by the client; the broker is not told",
        "note: publisher: The server did not answer a ping in time: the connection is dead.",
    ];
    let of_publisher: Vec<_> =
        lines.iter().filter(|line| expected.contains(&line.as_str())).collect();
    assert_eq!(of_publisher, expected.iter().collect::<Vec<_>>());
    assert_eq!(world.inbox(SUBSCRIBER).map(|inbox| inbox.total), Some(1));
}

#[test]
fn a_delay_holds_everything_back_and_loses_nothing() {
    let what = What::Delay(Duration::from_secs(3));
    let world = with_fault(QoS::AtLeastOnce, Fault { what, ..cut_before(ToServer, PublishPacket) });
    let inbox = world.inbox(SUBSCRIBER).expect("there is a subscriber");
    let received: Vec<_> = inbox.deliveries.iter().map(|delivery| delivery.at).collect();
    assert_eq!(received, [millis(4_040)]);
    assert!(lines_since(&world, 1_000).iter().all(|line| !line.contains("closed")));
}

#[test]
fn while_the_network_is_down_nothing_can_be_opened() {
    let what = What::Cut { down_for: Duration::from_secs(5) };
    let fault = Fault { client: PUBLISHER, when: When::Now, what };
    let mut scenario = publisher_and_subscriber(Version::V5, QoS::AtLeastOnce);
    scenario.steps.push(step(1_000, Command::Fault(fault)));
    scenario.steps.push(step(2_000, publish("one", QoS::AtLeastOnce)));
    let mut world = World::new(&scenario);
    world.advance_to(millis(5_500));
    let status = world.client(PUBLISHER).map(|snapshot| snapshot.status);
    assert!(!matches!(status, Some(Status::Connected)), "{status:?}");
    assert!(world.run_until_quiet(LONG));
    let refused = "connection closed: the network is down";
    assert!(lines_since(&world, 1_000).iter().any(|line| line == refused));
    assert_eq!(world.inbox(SUBSCRIBER).map(|inbox| inbox.total), Some(1));
}

#[test]
fn a_message_waits_for_a_broker_that_restarts() {
    let down_for = Duration::from_secs(3);
    for (keep_store, delivered) in [(true, 1), (false, 1)] {
        let what = What::RestartBroker { keep_store, down_for };
        let fault = Fault { client: PUBLISHER, when: When::Now, what };
        let mut scenario = publisher_and_subscriber(Version::V5, QoS::ExactlyOnce);
        scenario.steps.push(step(1_000, Command::Fault(fault)));
        let mut world = World::new(&scenario);
        world.advance_to(millis(2_000));
        assert!(!world.broker_is_up() && world.sessions().is_empty());
        assert!(world.run_until_quiet(LONG));
        let kept = world.client(SUBSCRIBER).map(|snapshot| snapshot.session_present);
        assert_eq!(kept, Some(keep_store));
        world.command(publish("one", QoS::ExactlyOnce));
        assert!(world.run_until_quiet(LONG));
        assert_eq!(world.inbox(SUBSCRIBER).map(|inbox| inbox.total), Some(delivered));
    }
}

#[test]
fn a_client_that_crashes_goes_on_with_its_store_or_starts_from_nothing() {
    let down_for = Duration::from_secs(1);
    for (keep_store, delivered) in [(true, 1), (false, 0)] {
        // Its PUBLISH never arrives.
        let what = What::CrashClient { keep_store, down_for };
        let fault = Fault { what, ..cut_before(ToServer, PublishPacket) };
        let world = with_fault(QoS::ExactlyOnce, fault);
        let total = world.inbox(SUBSCRIBER).map(|inbox| inbox.total);
        assert_eq!(total, Some(delivered), "store kept: {keep_store}");
        assert_eq!(nothing_is_left(&world), Ok(()));
    }
}

#[test]
fn an_absence_is_as_long_as_a_process_is_gone() {
    let down_for = Duration::from_millis(500);
    let crash = What::CrashClient { keep_store: true, down_for };
    let restart = What::RestartBroker { keep_store: true, down_for };
    let mut scenario = publisher_and_subscriber(Version::V5, QoS::AtLeastOnce);
    for (at, what) in [(1_000, crash), (2_000, restart)] {
        let fault = Fault { client: SUBSCRIBER, when: When::Now, what };
        scenario.steps.push(step(at, Command::Fault(fault)));
    }
    let mut world = World::new(&scenario);
    for moment in (0..4_000).step_by(50) {
        world.advance_to(millis(moment));
        let is_gone = |lane| {
            let mut absences = world.absences().iter().filter(|it| it.lane == lane);
            absences.any(|it| (it.from..it.until).contains(&world.now()))
        };
        assert_eq!(is_gone(world.lane(SUBSCRIBER)), world.client(SUBSCRIBER).is_none(), "{moment}");
        assert_eq!(is_gone(world.broker_lane()), !world.broker_is_up(), "{moment}");
        assert!(!is_gone(world.lane(PUBLISHER)), "{moment}");
    }
    assert_eq!(world.absences().len(), 2);
}

#[test]
fn exactly_once_needs_the_store() {
    // The check that finds nothing elsewhere finds something here.
    let down_for = Duration::from_millis(100);
    let copies = |keep_store| {
        let what = What::CrashClient { keep_store, down_for };
        let fault = Fault { client: SUBSCRIBER, what, ..cut_before(ToClient, PublishPacket) };
        let world = with_fault(QoS::ExactlyOnce, fault);
        world.inbox(SUBSCRIBER).map(|inbox| inbox.copies("t", b"one"))
    };
    assert_eq!(copies(true), Some(1));
    // To go on with the broker's session could lose other messages, so the
    // client starts over, and what waited there for it is gone.
    assert_eq!(copies(false), Some(0));
}

#[test]
fn mqtt_3_1_2_8_a_will_is_published_for_a_client_that_is_cut_and_stays_away() {
    let mut scenario = publisher_and_subscriber(Version::V311, QoS::AtLeastOnce);
    scenario.clients[PUBLISHER].reconnect = None;
    scenario.clients[PUBLISHER].will =
        Some(WillSetup { topic: "t".into(), payload: "gone".into(), ..WillSetup::default() });
    for (end, copies) in
        [(Command::Fault(Fault::cut(PUBLISHER, When::Now)), 1), (Command::Disconnect(PUBLISHER), 0)]
    {
        let mut scenario = scenario.clone();
        scenario.steps.push(step(1_000, end));
        let world = play(&scenario);
        let inbox = world.inbox(SUBSCRIBER).expect("there is a subscriber");
        assert_eq!(inbox.copies("t", b"gone"), copies);
        assert_eq!(inbox.duplicates, 0);
    }
}

#[test]
fn what_cannot_be_done_is_noted_and_harms_nobody() {
    let impossible = Fault { client: PUBLISHER, when: When::Now, what: What::Withhold };
    let far = Duration::from_secs(1);
    for (command, note) in [
        (Command::Fault(impossible), Some("only a single acknowledgement can be withheld")),
        (Command::Connect(PUBLISHER), Some("publisher: ")),
        (
            Command::Publish(PUBLISHER, Publication::new("a/#", "x", QoS::AtMostOnce)),
            Some("publisher: "),
        ),
        (Command::Connect(7), None),
        (Command::Fault(Fault::cut(7, When::Now)), None),
        (Command::Publish(7, Publication::new("t", "x", QoS::AtMostOnce)), None),
        (Command::SetLink(7, LinkSetup { latency: far, ..LinkSetup::default() }), None),
    ] {
        let mut scenario = publisher_and_subscriber(Version::V5, QoS::AtLeastOnce);
        scenario.steps.push(step(1_000, command.clone()));
        scenario.steps.push(step(2_000, publish("one", QoS::AtLeastOnce)));
        let world = play(&scenario);
        let lines = lines_since(&world, 1_000);
        let noted = lines.iter().find_map(|line| line.strip_prefix("note: "));
        match note {
            Some(note) => assert!(noted.is_some_and(|line| line.starts_with(note)), "{lines:?}"),
            None => assert_eq!(noted, None, "{command:?}"),
        }
        assert_eq!(world.inbox(SUBSCRIBER).map(|inbox| inbox.total), Some(1), "{command:?}");
    }
}

#[test]
fn the_broker_stands_beside_the_first_client_and_any_number_may_follow() {
    for (clients, lanes) in [
        (0, vec!["broker"]),
        (1, vec!["c0", "broker"]),
        (3, vec!["c0", "broker", "c1", "c2"]),
        (6, vec!["c0", "broker", "c1", "c2", "c3", "c4", "c5"]),
    ] {
        let clients = (0..clients).map(|n| ClientSetup::new(format!("c{n}"), Version::V5));
        let scenario = Scenario { clients: clients.collect(), ..Scenario::default() };
        let world = play(&scenario);
        assert_eq!(world.trace().parties, lanes);
        for client in 0..scenario.clients.len() {
            assert_eq!(lanes[usize::from(world.lane(client))], format!("c{client}"));
            assert_eq!(world.client_at(world.lane(client)), Some(client));
        }
        assert_eq!(lanes[usize::from(world.broker_lane())], "broker");
        assert_eq!(world.client_at(world.broker_lane()), None);
    }
}

/// On the publisher's link.
fn cut_before(direction: Direction, packet_type: PacketType) -> Fault {
    let crossing = Crossing { direction, packet_type, nth: 1 };
    Fault::cut(PUBLISHER, When::Before(crossing))
}

/// One message is published at 1 s, with a fault somewhere.
fn with_fault(qos: QoS, fault: Fault) -> World {
    let mut scenario = publisher_and_subscriber(Version::V5, qos);
    scenario.steps.push(step(0, Command::Fault(fault)));
    scenario.steps.push(step(1_000, publish("one", qos)));
    play(&scenario)
}

/// What the trace holds from this moment on, without times and parties.
fn lines_since(world: &World, at: u64) -> Vec<String> {
    let records = world.trace().records().filter(|record| record.at >= millis(at));
    let lines = records.map(|record| match record.fate {
        fourstep::trace::Fate::Lost(_) => format!("{} lost", record.summary()),
        _ => record.summary(),
    });
    lines.collect()
}

fn names_since(world: &World, at: u64) -> Vec<String> {
    let lines = lines_since(world, at);
    lines.iter().filter_map(|line| line.split(' ').next()).map(str::to_owned).collect()
}
