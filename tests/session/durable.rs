//! Sessions that outlive the process: what was stored is what comes back.

use std::collections::BTreeMap;

use bytes::Bytes;
use fourstep::codec::{PacketType, QoS, Version};
use fourstep::session::{Effect, Key, Limits, PassOn, Session};
use proptest::prelude::*;

use crate::{NOW, acknowledge, effects, identifier, message, sends, success};

const DURABLE: fn() -> Limits = || Limits { durable: true, ..Limits::default() };

/// The same, by whether QoS 2 messages are passed on at PUBREL.
fn durable(at_pub_rel: bool) -> Limits {
    let pass_on = if at_pub_rel { PassOn::PubRel } else { PassOn::Publish };
    Limits { pass_on, ..DURABLE() }
}

#[derive(Clone, Debug)]
enum Step {
    Publish(u8),
    Acknowledge(u8, u16),
    Receive(u16),
    Release(u16),
    Cut(bool),
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        (0u8..=2).prop_map(Step::Publish),
        (0u8..3, 1u16..6).prop_map(|(kind, id)| Step::Acknowledge(kind, id)),
        (1u16..6).prop_map(Step::Receive),
        (1u16..6).prop_map(Step::Release),
        prop::bool::weighted(0.7).prop_map(Step::Cut),
    ];
    prop::collection::vec(step, 0..60)
}

proptest! {
    /// After every step the storage, fed by Store and Remove alone, holds
    /// exactly what the session would export.
    #[test]
    fn storage_always_equals_the_export(steps in steps(), late in any::<bool>()) {
        let mut session = Session::new(durable(late));
        let mut storage = BTreeMap::new();
        for step in steps {
            run(&mut session, step);
            commit(&mut session, &mut storage);
            let export: BTreeMap<_, _> = session.export().into_iter().collect();
            prop_assert_eq!(&storage, &export);
        }
    }

    /// A session that is stored, dropped and imported does on the next
    /// connection what it would have done without that.
    #[test]
    fn an_imported_session_goes_on_as_if_nothing_had_happened(
        steps in steps(),
        late in any::<bool>(),
    ) {
        let mut session = Session::new(durable(late));
        for step in steps {
            run(&mut session, step);
        }
        effects(&mut session);
        session.handle_disconnected();
        let (mut imported, unreadable) = Session::import(DURABLE(), &session.export());
        prop_assert_eq!(unreadable, 0);
        for session in [&mut session, &mut imported] {
            session.handle_connected(NOW, Version::V5, true, 3);
        }
        prop_assert_eq!(sends(&mut session), sends(&mut imported));
        prop_assert_eq!(session.inbound(99), imported.inbound(99));
        for id in session.inbound(99) {
            let release = |session: &mut Session| {
                acknowledge(session, PacketType::PubRel, id.value());
                effects(session)
            };
            prop_assert_eq!(release(&mut session), release(&mut imported));
        }
    }

    /// Whatever lies in storage, importing it does not panic.
    #[test]
    fn unreadable_entries_are_skipped_and_counted(
        values in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..40), 0..9)
    ) {
        let entries: Vec<_> = values.into_iter().zip(0..)
            .map(|(value, n)| (Key::Outbound(fourstep::session::Token(n)), Bytes::from(value)))
            .collect();
        let (session, unreadable) = Session::import(DURABLE(), &entries);
        prop_assert_eq!(session.in_flight() + session.queued() + unreadable, entries.len());
    }
}

#[test]
fn a_qos_2_message_is_stored_before_it_leaves_and_its_identifier_before_pubrec_leaves() {
    let mut session = Session::new(DURABLE());
    session.handle_connected(NOW, Version::V5, false, 9);
    session.publish(NOW, message(QoS::ExactlyOnce, "a")).expect("there is room");
    session.handle_ack(NOW, PacketType::PubRec, &success(1)).expect("it fits");
    let mut publish = message(QoS::ExactlyOnce, "b");
    publish.packet_identifier = Some(identifier(7));
    session.handle_publish(NOW, publish, Default::default()).expect("it is allowed");
    let order: Vec<_> = effects(&mut session)
        .iter()
        .map(|effect| match effect {
            Effect::Store(..) => "store",
            Effect::Send(_) => "send",
            Effect::Deliver(_) => "deliver",
            _ => "other",
        })
        .collect();
    assert_eq!(order, ["store", "send", "store", "send", "store", "deliver", "send"]);
}

#[test]
fn a_message_kept_until_pubrel_is_stored_before_pubrec_leaves_and_delivered_after_a_restart() {
    let mut session = Session::new(durable(true));
    session.handle_connected(NOW, Version::V5, false, 9);
    let mut publish = message(QoS::ExactlyOnce, "b");
    publish.packet_identifier = Some(identifier(7));
    session.handle_publish(NOW, publish.clone(), Default::default()).expect("it is allowed");
    let first: Vec<_> = effects(&mut session);
    assert!(
        matches!(&first[..], [Effect::Store(Key::Inbound(_), _), Effect::Send(_)]),
        "{first:?}"
    );

    let (mut session, unreadable) = Session::import(durable(true), &session.export());
    assert_eq!(unreadable, 0);
    session.handle_connected(NOW, Version::V5, true, 9);
    acknowledge(&mut session, PacketType::PubRel, 7);
    let [Effect::Deliver(delivered), Effect::Remove(_), Effect::Send(_)] =
        &effects(&mut session)[..]
    else {
        panic!("it is delivered, forgotten and answered")
    };
    assert_eq!(*delivered, publish);
}

#[test]
fn a_session_that_is_not_durable_stores_nothing() {
    let mut session = Session::new(Limits::default());
    session.publish(NOW, message(QoS::ExactlyOnce, "a")).expect("there is room");
    assert_eq!(session.poll(), None);
}

fn run(session: &mut Session, step: Step) {
    match step {
        Step::Publish(level) => {
            let qos = QoS::from_bits(level).expect("below 3");
            session.publish(NOW, message(qos, "payload")).expect("there is room");
        }
        Step::Acknowledge(kind, id) => {
            let kinds = [PacketType::PubAck, PacketType::PubRec, PacketType::PubComp];
            // An answer that does not fit changes nothing, which is as good.
            let _ = session.handle_ack(NOW, kinds[usize::from(kind)], &success(id));
        }
        Step::Receive(id) => {
            let mut publish = message(QoS::ExactlyOnce, "theirs");
            publish.packet_identifier = Some(identifier(id));
            session.handle_publish(NOW, publish, Default::default()).expect("it is allowed");
        }
        Step::Release(id) => {
            session.handle_ack(NOW, PacketType::PubRel, &success(id)).expect("it is allowed");
        }
        Step::Cut(session_present) => {
            session.handle_disconnected();
            session.handle_connected(NOW, Version::V5, session_present, 3);
        }
    }
}

fn commit(session: &mut Session, storage: &mut BTreeMap<Key, Bytes>) {
    for effect in effects(session) {
        match effect {
            Effect::Store(key, value) => drop(storage.insert(key, value)),
            Effect::Remove(key) => drop(storage.remove(&key)),
            _ => {}
        }
    }
}
