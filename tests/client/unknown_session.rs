//! Session Present 1 for a client that holds no session.

use fourstep::client::{ClosedReason, Config, Event, KnownSession, Status, UnknownSession};
use fourstep::codec::{Disconnect, Packet, Properties, Property, QoS, ReasonCode, Version, Will};
use fourstep::session::Key;

use crate::rig::*;

#[test]
fn mqtt_3_2_2_4_in_5_0_and_by_choice_in_3_1_1_an_unknown_session_is_not_gone_on_with() {
    for (version, statement) in [(V4, None), (V5, Some("MQTT-3.2.2-4"))] {
        let mut rig =
            Rig::new(Config { reconnect: reconnecting(version).reconnect, ..asks(version) });
        rig.publish(message("a", QoS::ExactlyOnce));
        rig.client.connect(rig.now).expect("right");
        rig.accept(true, none());
        let names: Vec<_> =
            rig.packets().iter().map(|packet| packet.packet_type().name()).collect();
        assert_eq!(names, ["CONNECT", "DISCONNECT"], "no PUBLISH, and no will");
        let reason = rig.closed();
        assert_eq!(reason, ClosedReason::UnknownSession { version });
        assert_eq!(reason.statement(), statement);
        rig.wait_seconds(3_600);
        assert_eq!((rig.opens, rig.closes), (1, 1), "a person has to decide");
        assert_eq!(rig.client.snapshot().queued, 1, "what we have waits");
        assert_eq!(rig.client.snapshot().known_session, KnownSession::None);
    }
}

#[test]
fn a_person_can_start_over_and_what_waited_here_is_sent_in_the_new_session() {
    for version in BOTH {
        let mut rig = Rig::new(asks(version));
        rig.publish(message("a", QoS::ExactlyOnce));
        rig.client.connect(rig.now).expect("right");
        rig.accept(true, none());
        rig.lose();
        rig.events();
        rig.packets();
        rig.client.connect_deciding(rig.now, UnknownSession::StartOver).expect("right");
        discard(&mut rig, version);
        let packets = rig.packets();
        assert!(matches!(packets.last(), Some(Packet::Publish(publish)) if !publish.dup));
        assert_eq!(rig.client.snapshot().known_session, KnownSession::Established);
        rig.client.disconnect(rig.now).expect("connected");
        rig.client.connect(rig.now).expect("right");
        rig.accept(true, none());
        assert_eq!(rig.client.status(), Status::Connected, "it is ours now");
    }
}

#[test]
fn a_program_that_nobody_watches_starts_over_by_itself_once() {
    for version in BOTH {
        let mut rig =
            Rig::new(Config { unknown_session: UnknownSession::StartOver, ..asks(version) });
        rig.client.connect(rig.now).expect("right");
        rig.accept(true, none());
        assert_eq!(rig.closed(), ClosedReason::UnknownSession { version });
        rig.packets();
        rig.wait_seconds(0);
        discard(&mut rig, version);
        assert_eq!(rig.client.status(), Status::Connected);
    }
}

#[test]
fn a_server_that_always_has_a_session_is_not_asked_for_ever() {
    for version in BOTH {
        let config = Config { reconnect: reconnecting(version).reconnect, ..asks(version) };
        let config = Config { unknown_session: UnknownSession::StartOver, ..config };
        let mut rig = Rig::new(config);
        rig.publish(message("a", QoS::ExactlyOnce));
        rig.client.connect(rig.now).expect("right");
        let mut sent = Vec::new();
        for _ in 0..100 {
            if rig.client.status() == Status::Opening {
                rig.open();
                let packets = rig.packets();
                let [Packet::Connect(connect)] = &packets[..] else { panic!("{packets:?}") };
                let is_discarding = version == V4 && connect.clean_start;
                rig.receive(connack(!is_discarding, ReasonCode::Success, none()));
                sent.extend(rig.packets());
            }
            rig.wait_seconds(8);
        }
        assert!(sent.iter().all(|packet| matches!(packet, Packet::Disconnect(_))), "{sent:?}");
        match version {
            V4 => assert_eq!(rig.client.status(), Status::Closing, "and no attempt waits"),
            // Session Present 1 in answer to Clean Start 1 is another fault.
            V5 => assert_eq!(rig.closed_last().statement(), Some("MQTT-3.2.2-2")),
        }
    }
}

#[test]
fn a_session_can_be_taken_over_by_a_client_that_will_only_receive() {
    for version in BOTH {
        let mut rig = Rig::new(Config { unknown_session: UnknownSession::Adopt, ..asks(version) });
        rig.client.connect(rig.now).expect("right");
        rig.accept(true, none());
        assert_eq!(rig.client.status(), Status::Connected);
        assert_eq!(rig.events()[0], Event::SessionAdopted);
        assert_eq!(rig.client.snapshot().known_session, KnownSession::Adopted);
        // It stays known, also after the process has ended.
        let entries: Vec<_> = rig.store.into_iter().collect();
        let mut rig = Rig::with_session(asks(version), &entries);
        assert_eq!(rig.client.snapshot().known_session, KnownSession::Adopted);
        rig.client.connect(rig.now).expect("right");
        rig.accept(true, none());
        assert_eq!(rig.client.status(), Status::Connected);
        rig.lose();
        rig.client.connect(rig.now).expect("right");
        rig.accept(false, none());
        assert_eq!(rig.client.snapshot().known_session, KnownSession::Established);
    }
}

#[test]
fn a_session_with_nothing_under_way_is_one_too_if_it_was_established_here() {
    for version in BOTH {
        let rig = Rig::connected(asks(version), none());
        assert_eq!(rig.store.keys().collect::<Vec<_>>(), [&Key::Session]);
        let entries: Vec<_> = rig.store.clone().into_iter().collect();
        for mut rig in [rig, Rig::with_session(asks(version), &entries)] {
            rig.lose();
            rig.client.connect(rig.now).expect("right");
            rig.accept(true, none());
            assert_eq!(rig.client.status(), Status::Connected);
        }
    }
}

#[test]
fn the_session_is_stored_before_a_packet_leaves_that_depends_on_it() {
    let mut client = fourstep::client::Client::new(asks(V5));
    let now = fourstep::time::Instant::ZERO;
    client.publish(now, message("a", QoS::AtLeastOnce)).expect("right");
    client.connect(now).expect("right");
    let opened = std::iter::from_fn(|| client.poll()).find_map(|output| match output {
        fourstep::client::Output::Open(connection) => Some(connection),
        _ => None,
    });
    let connection = opened.expect("it wants a connection");
    client.handle_open(now, connection);
    while client.poll().is_some() {}
    client.handle_bytes(now, connection, &[0x20, 3, 0, 0, 0]);
    let outputs: Vec<_> = std::iter::from_fn(|| client.poll()).collect();
    let session = outputs
        .iter()
        .position(|output| matches!(output, fourstep::client::Output::Store(Key::Session, _)));
    let send =
        outputs.iter().position(|output| matches!(output, fourstep::client::Output::Send(_)));
    assert!(session.is_some() && session < send, "{outputs:?}");
}

#[test]
fn a_session_that_we_ended_with_disconnect_is_not_ours_any_more() {
    let mut rig = Rig::connected(asks(V5), none());
    let ends = properties(&[Property::SessionExpiryInterval(0)]);
    let goodbye = Disconnect { reason: ReasonCode::Success, properties: ends };
    rig.client.disconnect_with(rig.now, goodbye).expect("allowed");
    rig.drain();
    assert!(rig.store.is_empty(), "{:?}", rig.store);
    rig.events();
    rig.client.connect(rig.now).expect("right");
    rig.accept(true, none());
    assert_eq!(rig.closed(), ClosedReason::UnknownSession { version: V5 });
}

/// A durable client with a will whose policy is to ask.
fn asks(version: Version) -> Config {
    let will = Will {
        topic: "will".into(),
        payload: "gone".into(),
        qos: QoS::AtMostOnce,
        retain: false,
        properties: Properties::new(),
    };
    let mut config = Config { will: Some(will), ..persistent(version) };
    config.limits.durable = true;
    config
}

/// Plays the server while the client discards its session, up to the CONNACK
/// of the new one. Checks what the client sends for it.
fn discard(rig: &mut Rig, version: Version) {
    rig.open();
    let Packet::Connect(connect) = rig.packet() else { panic!("no CONNECT") };
    assert!(connect.clean_start);
    assert_eq!(connect.will.is_some(), version == V5, "a will would be told for nothing");
    rig.receive(connack(false, ReasonCode::Success, none()));
    if version == V4 {
        assert!(matches!(rig.packet(), Packet::Disconnect(_)));
        let closed = Event::Closed(ClosedReason::SessionDiscarded);
        assert_eq!(rig.events(), [Event::SessionDiscarded, closed]);
        rig.wait_seconds(0);
        rig.open();
        let Packet::Connect(connect) = rig.packet() else { panic!("no CONNECT") };
        assert!(!connect.clean_start && connect.will.is_some());
        rig.receive(connack(false, ReasonCode::Success, none()));
        assert!(matches!(rig.events()[0], Event::Connected(_)));
    } else {
        assert_eq!(rig.events()[0], Event::SessionDiscarded);
    }
}
