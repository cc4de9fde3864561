use bytes::Bytes;
use fourstep::client::{Client, Config, Event};
use fourstep::codec::{Packet, Publish, QoS, ReasonCode, Version};
use fourstep::session::{Key, Token};

use crate::rig::*;

#[test]
fn a_client_goes_on_where_a_crashed_one_stopped() {
    for version in BOTH {
        let mut rig = Rig::connected(durable(version), none());
        rig.publish(message("1", QoS::AtLeastOnce));
        rig.publish(message("2", QoS::ExactlyOnce));
        rig.publish(message("3", QoS::ExactlyOnce));
        rig.receive(Packet::PubRec(ack(3)));
        rig.receive(Packet::Publish(Publish {
            packet_identifier: Some(identifier(9)),
            ..message("in", QoS::ExactlyOnce)
        }));
        let mut rig = crash(rig, version);
        rig.client.connect(rig.now).expect("right");
        rig.accept(true, none());
        let again: Vec<_> = rig
            .packets()
            .iter()
            .skip(1)
            .map(|packet| (packet.packet_type().name(), packet.packet_identifier()))
            .collect();
        let expected = [
            ("PUBREL", Some(identifier(3))),
            ("PUBLISH", Some(identifier(1))),
            ("PUBLISH", Some(identifier(2))),
        ];
        assert_eq!(again, expected);
        // The server's message was delivered before the crash, and is not again.
        rig.events();
        rig.receive(Packet::Publish(Publish {
            dup: true,
            packet_identifier: Some(identifier(9)),
            ..message("in", QoS::ExactlyOnce)
        }));
        assert_eq!(rig.packets(), [Packet::PubRec(ack(9))]);
        assert_eq!(rig.events(), []);
    }
}

#[test]
fn messages_queued_before_a_crash_are_sent_after_it() {
    for version in BOTH {
        let mut rig = Rig::connected(durable(version), none());
        rig.lose();
        let token = rig.publish(message("a", QoS::AtLeastOnce));
        let mut rig = crash(rig, version);
        // Tokens are never used twice.
        assert!(rig.publish(message("b", QoS::AtLeastOnce)) > token);
        rig.client.connect(rig.now).expect("right");
        rig.accept(true, none());
        assert_eq!(rig.packets().len(), 3);
        rig.events();
        rig.receive(Packet::PubAck(ack(1)));
        assert!(matches!(rig.events()[..], [Event::Finished(done, _)] if done == token));
    }
}

#[test]
fn the_export_is_what_storage_holds_at_any_time() {
    for version in BOTH {
        let mut rig = Rig::new(durable(version));
        let check = |rig: &Rig| {
            let mut exported = rig.client.export_session();
            exported.sort();
            let stored: Vec<_> = rig.store.clone().into_iter().collect();
            assert_eq!(exported, stored);
        };
        rig.publish(message("1", QoS::AtLeastOnce));
        check(&rig);
        rig.connect(none());
        check(&rig);
        rig.publish(message("2", QoS::ExactlyOnce));
        check(&rig);
        rig.receive(Packet::PubRec(ack(2)));
        check(&rig);
        rig.receive(Packet::PubAck(ack(1)));
        check(&rig);
        rig.receive(Packet::PubComp(ack(2)));
        check(&rig);
        let id = rig.subscribe(&[("a", QoS::AtLeastOnce), ("b", QoS::AtLeastOnce)]);
        check(&rig);
        rig.receive(suback(id.value(), &[ReasonCode::GrantedQoS1, ReasonCode::UnspecifiedError]));
        check(&rig);
        assert_eq!(rig.store.len(), 2, "a refusal is not kept");
        rig.lose();
        rig.client.connect(rig.now).expect("right");
        rig.accept(false, none());
        check(&rig);
        let again = rig.packets().last().and_then(Packet::packet_identifier).expect("SUBSCRIBE");
        rig.receive(suback(again.value(), &[ReasonCode::GrantedQoS1]));
        check(&rig);
        let id = rig.client.unsubscribe(rig.now, vec!["a".into()], none()).expect("right");
        rig.drain();
        check(&rig);
        let reasons: &[_] = if version == V5 { &[ReasonCode::Success] } else { &[] };
        rig.receive(unsuback(id.value(), reasons));
        check(&rig);
        assert_eq!(rig.store.into_keys().collect::<Vec<_>>(), [Key::Session]);
    }
}

#[test]
fn subscriptions_come_back_with_what_was_granted() {
    for version in BOTH {
        let mut rig = Rig::connected(durable(version), none());
        let id = rig.subscribe(&[("b", QoS::ExactlyOnce), ("a", QoS::AtLeastOnce)]);
        rig.receive(suback(id.value(), &[ReasonCode::GrantedQoS1, ReasonCode::GrantedQoS1]));
        let before = rig.client.snapshot().subscriptions;
        rig.subscribe(&[("unanswered", QoS::AtMostOnce)]);
        let mut rig = crash(rig, version);
        rig.client.connect(rig.now).expect("right");
        rig.accept(true, none());
        let after = rig.client.snapshot().subscriptions;
        assert_eq!(after[..2], before);
        let packets = rig.packets();
        let Some(Packet::Subscribe(again)) = packets.last() else { panic!("{packets:?}") };
        assert_eq!(again.subscriptions[0].filter, "unanswered", "only what has no answer");
        assert_eq!(again.subscriptions.len(), 1);
    }
}

#[test]
fn a_new_session_starts_without_the_old_subscriptions() {
    let mut rig = Rig::connected(durable(V5), none());
    let id = rig.subscribe(&[("a", QoS::AtLeastOnce)]);
    rig.receive(suback(id.value(), &[ReasonCode::GrantedQoS1]));
    let entries: Vec<_> = rig.store.into_iter().collect();
    let config = Config { clean_start: true, ..durable(V5) };
    let mut rig = Rig::with_session(config, &entries);
    rig.store.extend(entries);
    rig.client.connect(rig.now).expect("right");
    rig.accept(false, none());
    assert_eq!(rig.client.snapshot().subscriptions, []);
    assert_eq!(rig.store.into_keys().collect::<Vec<_>>(), [Key::Session]);
}

#[test]
fn entries_that_cannot_be_read_are_counted_and_do_no_harm() {
    let entries = [
        (Key::Outbound(Token(1)), Bytes::from_static(b"nonsense")),
        (Key::Outbound(Token(2)), Bytes::new()),
        (Key::Inbound(identifier(3)), Bytes::new()),
        (Key::Subscription(4), Bytes::from_static(b"\x01\x82")),
    ];
    let (client, unreadable) = Client::with_session(durable(V5), &entries);
    assert_eq!(unreadable, 3);
    assert_eq!(client.snapshot().inbound, [identifier(3)]);
}

#[test]
fn a_message_stored_by_5_0_loses_its_properties_in_3_1_1_but_not_its_content() {
    let mut rig = Rig::new(durable(V5));
    let mut publish = message("a", QoS::AtLeastOnce);
    publish.properties.push(fourstep::codec::Property::UserProperty("k".into(), "v".into()));
    rig.publish(publish);
    let mut rig = crash(rig, V4);
    rig.client.connect(rig.now).expect("right");
    rig.accept(false, none());
    let packets = rig.packets();
    let Some(Packet::Publish(sent)) = packets.last() else { panic!("{packets:?}") };
    assert_eq!((&*sent.payload, sent.properties.is_empty()), (&b"payload"[..], true));
}

fn durable(version: Version) -> Config {
    let mut config = persistent(version);
    config.limits.durable = true;
    config
}

/// The process dies; another starts with what storage holds.
fn crash(rig: Rig, version: Version) -> Rig {
    let entries: Vec<_> = rig.store.into_iter().collect();
    Rig::with_session(durable(version), &entries)
}
