//! What is on offer at a record, and what comes of it.

use fourstep::codec::PacketType;
use fourstep::language::Language;
use fourstep::sim::{Fault, Timeline, What, When};
use fourstep::trace::{Record, RecordKind};
use fourstep::view::compare::{Comparison, compare};
use fourstep::view::flow::Flows;
use fourstep::view::what_if::{Change, Choice, Group, choices, message};

use crate::*;

/// One message at this level, played to its end.
fn one_message(qos: QoS) -> Timeline {
    let mut scenario = publisher_and_subscriber(Version::V5, QoS::ExactlyOnce);
    scenario.steps.push(step(1_000, publish("20.5", qos)));
    let mut timeline = Timeline::new(&scenario);
    assert!(timeline.run_until_quiet(millis(60_000)));
    timeline
}

/// The first packet of this type that leaves this lane.
fn packet(timeline: &Timeline, from: Party, wanted: PacketType) -> u64 {
    let is_wanted = |record: &&Record| {
        let first = record.bytes().and_then(|bytes| bytes.first());
        record.from == from && first.is_some_and(|first| first >> 4 == wanted as u8)
    };
    let found = timeline.world().trace().records().find(is_wanted);
    found.unwrap_or_else(|| panic!("no {}", wanted.name())).sequence
}

/// What comes of the choice with these words at this record.
fn outcome(timeline: &Timeline, record: u64, words: &str) -> Comparison {
    let choice = choice(timeline, record, words);
    let fork = choice.change.expect("it is possible").fork(timeline);
    let trace = timeline.world().trace();
    let mut flows = Flows::new();
    flows.update(trace);
    compare(timeline, &fork, message(trace, &flows, record).as_ref(), LONG)
}

fn choice(timeline: &Timeline, record: u64, words: &str) -> Choice {
    let all = choices(timeline.world(), record);
    let found = all.iter().find(|choice| choice.words == words).cloned();
    found.unwrap_or_else(|| {
        panic!("{words:?} is none of {:?}", all.iter().map(|it| &it.words).collect::<Vec<_>>())
    })
}

#[test]
fn mqtt_4_4_0_1_a_cut_before_puback_delivers_the_message_twice() {
    let timeline = one_message(QoS::AtLeastOnce);
    let puback = packet(&timeline, BROKER_LANE, PacketType::PubAck);
    let compared = outcome(&timeline, puback, "Cut the line before it arrives");
    let copies = [&compared.before, &compared.now].map(|outcome| outcome.receivers[0].copies);
    assert_eq!(copies, [1, 2]);
    assert_eq!(compared.now.receivers[0].duplicates, 1);
    assert_eq!(compared.first_difference, Some(puback), "the PUBACK is lost");
    assert!(
        compared.sentence().starts_with("Before: delivered once, with "),
        "{}",
        compared.sentence()
    );
    assert!(compared.sentence().contains("Now: delivered twice, with "), "{}", compared.sentence());
    let delivered = compared.deliveries.first().expect("it was delivered");
    assert_eq!((delivered.client.as_str(), delivered.copies), ("subscriber", [1, 2]));
    assert_eq!(delivered.duplicates, [0, 1]);
    assert!(delivered.differs());
    let [before, now] = compared
        .first_records
        .each_ref()
        .map(|told| told.as_ref().map(|told| told.sentence(Language::English)).unwrap_or_default());
    assert_eq!(
        before,
        "1.020 s: PUBACK from broker to publisher, packet identifier 1. It arrived at 1.040 s."
    );
    assert!(now.ends_with("packet identifier 1. It was lost."), "{now}");
}

#[test]
fn the_same_cut_does_what_each_level_allows() {
    #[rustfmt::skip]
    let cases = [
        (QoS::AtMostOnce, PacketType::Publish, "Cut the line before it arrives", 0),
        (QoS::AtLeastOnce, PacketType::Publish, "Cut the line before it arrives", 1),
        (QoS::AtLeastOnce, PacketType::Publish, "Cut the line after it arrives", 2),
        (QoS::ExactlyOnce, PacketType::Publish, "Cut the line before it arrives", 1),
        (QoS::ExactlyOnce, PacketType::Publish, "Cut the line after it arrives", 1),
        (QoS::ExactlyOnce, PacketType::PubRel, "Cut the line before it arrives", 1),
        (QoS::AtMostOnce, PacketType::Publish, "QoS 2", 1),
        (QoS::AtLeastOnce, PacketType::Publish, "Delay it by 1 s", 1),
        (QoS::AtLeastOnce, PacketType::Publish, "Crash publisher before it arrives, keep its session", 1),
        (QoS::AtLeastOnce, PacketType::Publish, "Crash publisher before it arrives, lose its session", 0),
    ];
    for (qos, packet_type, words, expected) in cases {
        let timeline = one_message(qos);
        let record = packet(&timeline, 0, packet_type);
        let compared = outcome(&timeline, record, words);
        let copies: u64 = compared.now.receivers.iter().map(|receiver| receiver.copies).sum();
        assert_eq!(copies, expected, "QoS {qos}, {}: {words}", packet_type.name());
        assert!(compared.now.is_quiet);
    }
}

#[test]
fn only_an_acknowledgement_can_be_withheld_and_it_is_called_counterfactual() {
    let timeline = one_message(QoS::AtLeastOnce);
    let puback = packet(&timeline, BROKER_LANE, PacketType::PubAck);
    let withhold = choice(&timeline, puback, "Withhold this PUBACK");
    assert_eq!(withhold.group, Group::Counterfactual);
    assert!(withhold.note.starts_with("Counterfactual"), "{}", withhold.note);
    assert!(
        matches!(&withhold.change, Ok(Change::Fault { fault, .. }) if fault.what == What::Withhold)
    );
    let compared = outcome(&timeline, puback, "Withhold this PUBACK");
    assert_eq!(compared.first_difference, Some(puback));

    let publish = packet(&timeline, 0, PacketType::Publish);
    let refused = choice(&timeline, publish, "Withhold this PUBLISH");
    assert_eq!(refused.change, Err("only an acknowledgement can be forgotten"));
}

#[test]
fn what_cannot_be_had_says_why() {
    let mut timeline = one_message(QoS::AtLeastOnce);
    let publish = packet(&timeline, 0, PacketType::Publish);
    assert_eq!(choice(&timeline, publish, "QoS 1").change, Err("that is its level"));
    let cut = choice(&timeline, publish, "Cut the line before it arrives");
    timeline = cut.change.expect("it is possible").fork(&timeline);
    let lost = choice(&timeline, publish, "Cut the line after it arrives");
    assert_eq!(lost.change, Err("it never arrived"));
    assert_eq!(choices(timeline.world(), 1_000_000), []);
}

#[test]
fn a_fault_without_a_packet_strikes_at_the_moment() {
    let timeline = one_message(QoS::AtLeastOnce);
    let opened = timeline.world().trace().records().find(|it| it.kind == RecordKind::Opened);
    let opened = opened.expect("a connection was opened");
    let cut = choice(&timeline, opened.sequence, "Cut the line here");
    let fault = Fault::cut(0, When::Now);
    assert_eq!(cut.change, Ok(Change::Fault { at: opened.at, fault }));
    let compared = outcome(&timeline, opened.sequence, "Cut the line here");
    assert!(compared.first_difference.is_some());
}

#[test]
fn every_choice_at_every_record_changes_something_and_comes_to_rest() {
    let timeline = one_message(QoS::ExactlyOnce);
    let mut tried = 0;
    for sequence in 0..timeline.world().trace().next_sequence() {
        for choice in choices(timeline.world(), sequence) {
            assert!(!choice.note.is_empty());
            let Ok(change) = choice.change else { continue };
            let compared = compare(&timeline, &change.fork(&timeline), None, LONG);
            let what = format!("{} at {sequence}", choice.words);
            assert!(compared.first_difference >= Some(0), "{what} changes nothing");
            assert!(compared.now.is_quiet, "{what} never ends");
            tried += 1;
        }
    }
    assert!(tried > 100, "{tried}");
}

#[test]
fn what_is_the_same_is_said_to_be() {
    let timeline = one_message(QoS::AtMostOnce);
    let compared = compare(&timeline, &timeline.clone(), None, LONG);
    assert_eq!(compared.sentence(), "Nothing is different.");
}
