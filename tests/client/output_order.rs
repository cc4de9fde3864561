use fourstep::client::{Client, Config, Event, Output};
use fourstep::codec::{Packet, Publish, QoS};

use crate::rig::*;

#[test]
fn what_is_ready_together_leaves_in_one_piece() {
    let mut rig = Rig::connected(config(V5), none());
    rig.pieces = 0;
    for _ in 0..100 {
        rig.client.publish(rig.now, message("a", QoS::AtMostOnce)).expect("right");
    }
    assert_eq!(rig.packets().len(), 100);
    assert_eq!(rig.pieces, 1);
}

#[test]
fn answers_to_one_chunk_leave_in_one_piece() {
    let mut rig = Rig::connected(config(V5), none());
    rig.pieces = 0;
    let mut chunk = Vec::new();
    for value in 1..=50 {
        let publish = Publish {
            packet_identifier: Some(identifier(value)),
            ..message("a", QoS::AtLeastOnce)
        };
        fourstep::codec::encode(V5, &Packet::Publish(publish), &mut chunk).expect("right");
    }
    rig.receive_bytes(&chunk);
    assert_eq!(rig.packets().len(), 50);
    assert_eq!(rig.events().len(), 50);
    assert_eq!(rig.pieces, 1);
}

#[test]
fn chunks_of_any_size_give_the_same() {
    let mut stream = Vec::new();
    for value in 1..=5 {
        let publish = Publish {
            packet_identifier: Some(identifier(value)),
            ..message("some/topic", QoS::ExactlyOnce)
        };
        fourstep::codec::encode(V5, &Packet::Publish(publish), &mut stream).expect("right");
        fourstep::codec::encode(V5, &Packet::PubRel(ack(value)), &mut stream).expect("right");
    }
    let run = |size: usize| {
        let mut rig = Rig::connected(config(V5), none());
        stream.chunks(size).for_each(|chunk| rig.receive_bytes(chunk));
        (rig.packets(), rig.events())
    };
    let whole = run(stream.len());
    assert_eq!((whole.0.len(), whole.1.len()), (10, 5));
    for size in 1..stream.len() {
        assert_eq!(run(size), whole, "chunks of {size} bytes");
    }
}

#[test]
fn a_message_is_stored_before_its_packet_leaves_and_removed_when_it_is_done() {
    for version in BOTH {
        let mut config = persistent(version);
        config.limits.durable = true;
        let mut rig = Rig::connected(config, none());
        rig.client.publish(rig.now, message("a", QoS::ExactlyOnce)).expect("right");
        assert_eq!(kinds(&mut rig.client), ["store", "send"]);
        rig.client.handle_bytes(rig.now, rig.connection, &[0x50, 2, 0, 1]);
        assert_eq!(kinds(&mut rig.client), ["store", "send"]);
        rig.client.handle_bytes(rig.now, rig.connection, &[0x70, 2, 0, 1]);
        assert_eq!(kinds(&mut rig.client), ["remove", "finished"]);
    }
}

#[test]
fn the_servers_identifier_is_stored_before_pubrec_and_removed_before_pubcomp() {
    for version in BOTH {
        let mut config = persistent(version);
        config.limits.durable = true;
        let mut rig = Rig::connected(config, none());
        let publish =
            Publish { packet_identifier: Some(identifier(7)), ..message("a", QoS::ExactlyOnce) };
        let mut bytes = Vec::new();
        fourstep::codec::encode(version, &Packet::Publish(publish), &mut bytes).expect("right");
        rig.client.handle_bytes(rig.now, rig.connection, &bytes);
        assert_eq!(kinds(&mut rig.client), ["store", "message", "send"]);
        rig.client.handle_bytes(rig.now, rig.connection, &[0x62, 2, 0, 7]);
        assert_eq!(kinds(&mut rig.client), ["remove", "send"]);
    }
}

#[test]
fn a_session_that_ends_with_its_connection_is_never_stored() {
    let cases = [
        config(V4),
        config(V5),
        Config { session_expiry_interval: 60, ..config(V4) },
        Config { clean_start: false, ..config(V5) },
    ];
    for mut config in cases {
        config.limits.durable = true;
        let mut rig = Rig::connected(config, none());
        rig.publish(message("a", QoS::ExactlyOnce));
        rig.receive(Packet::PubRec(ack(1)));
        assert!(rig.store.is_empty());
    }
}

#[test]
fn packets_for_a_connection_that_is_gone_are_forgotten_but_events_are_not() {
    let mut rig = Rig::connected(config(V5), none());
    let token = rig.client.publish(rig.now, message("a", QoS::AtMostOnce)).expect("right");
    rig.client.handle_close(rig.now, rig.connection, "cut");
    assert_eq!(rig.packets(), []);
    let events = rig.events();
    assert!(matches!(events[..], [Event::Finished(done, _), Event::Closed(_)] if done == token));
}

fn kinds(client: &mut Client) -> Vec<&'static str> {
    let kind = |output| match output {
        Output::Open(_) => "open",
        Output::Send(_) => "send",
        Output::Store(..) => "store",
        Output::Remove(_) => "remove",
        Output::Event(Event::Message(_)) => "message",
        Output::Event(Event::Finished(..)) => "finished",
        Output::Event(_) => "event",
        Output::Close(_) => "close",
    };
    std::iter::from_fn(|| client.poll()).map(kind).collect()
}
