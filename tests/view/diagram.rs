//! The layout of the sequence diagram.

use bytes::Bytes;
use fourstep::codec::{Packet, QoS, Version};
use fourstep::time::Instant;
use fourstep::trace::{Fate, RecordKind, Trace};
use fourstep::view::diagram::{Arrow, Diagram, Options, Rule, Shape, layout, line};
use fourstep::view::flow::Flows;
use fourstep::view::label::width;
use proptest::prelude::*;

use crate::{Link, ToClient, ToServer, ack, encoded, publish};

#[test]
fn an_arrow_runs_from_lane_to_lane_and_a_rule_across_them() {
    let mut link = Link::new(Version::V5);
    link.connect(false);
    link.send(ToServer, &Packet::Publish(publish(QoS::ExactlyOnce, 7, "20.5")));
    link.send(ToClient, &Packet::PubRec(ack(7)));
    link.close("the line was cut");
    let diagram = draw(&link, &Options::default(), 0..100);
    assert_eq!((diagram.width, diagram.height), (640.0, 6.0 * 32.0));
    let lanes: Vec<_> = diagram.lanes.iter().map(|lane| (lane.name.as_str(), lane.x)).collect();
    assert_eq!(lanes, [("client", 104.0), ("broker", 616.0)]);

    let publish = arrow(&diagram, 3);
    assert!(publish.rightward);
    assert_eq!((publish.from.x, publish.to.x), (104.0, 614.0));
    assert_eq!(publish.from.y, publish.to.y);
    assert_eq!(publish.look.class, "publish");
    assert_eq!(publish.label.head(), "PUBLISH id 7 QoS 2");
    assert_eq!(publish.label.detail, r#"sensor/temperature "20.5""#);
    assert_eq!(diagram.rows[3].time, "0.004");
    assert_eq!(diagram.rows[3].mark.map(|mark| (mark.step, mark.steps)), Some((1, 4)));

    let pubrec = arrow(&diagram, 4);
    assert!(!pubrec.rightward);
    assert_eq!((pubrec.from.x, pubrec.to.x), (616.0, 106.0));

    let closed = rule(&diagram, 5);
    assert_eq!((closed.class, closed.x1, closed.x2), ("closed", 104.0, 616.0));
    assert_eq!(closed.words, "connection closed: the line was cut");
    assert_eq!(rule(&diagram, 0).class, "opened");
}

#[test]
fn on_a_narrow_screen_names_stay_and_details_give_way() {
    let mut link = Link::new(Version::V5);
    link.connect(false);
    let publish = fourstep::codec::Publish {
        dup: true,
        retain: true,
        ..publish(QoS::ExactlyOnce, 65_535, "20.5")
    };
    link.send(ToServer, &Packet::Publish(publish));
    let narrow =
        Options { width: 360.0, time_width: 48.0, character_width: 6.5, ..Options::default() };
    let one_line = draw(&link, &narrow, 3..4);
    let label = &arrow(&one_line, 0).label;
    assert_eq!(label.head(), "PUBLISH id 65535 QoS 2 DUP RETAIN");
    assert_eq!(label.detail, "senso…");
    let two_lines = draw(&link, &Options { two_lines: true, ..narrow }, 3..4);
    let label = &arrow(&two_lines, 0).label;
    assert_eq!(label.head(), "PUBLISH id 65535 QoS 2 DUP RETAIN");
    assert_eq!(label.detail, r#"sensor/temperature "20.5""#);
}

#[test]
fn many_lanes_share_the_width_evenly() {
    let parties = |count| vec!["p".to_owned(); count];
    #[rustfmt::skip]
    let cases: &[(usize, &[f64])] = &[
        (0, &[]),
        (1, &[360.0]),
        (2, &[104.0, 616.0]),
        (3, &[104.0, 360.0, 616.0]),
        (5, &[104.0, 232.0, 360.0, 488.0, 616.0]),
    ];
    for (count, expected) in cases {
        let trace = Trace::new(parties(*count), 1);
        let diagram = layout(&trace, &Flows::new(), &Options::default(), 0..1);
        let lanes: Vec<_> = diagram.lanes.iter().map(|lane| lane.x).collect();
        assert_eq!(lanes, *expected);
    }
}

#[test]
fn a_packet_that_takes_time_slants_and_a_lost_one_falls_short() {
    let mut trace = Trace::new(vec!["a".into(), "b".into(), "c".into()], 10);
    let bytes = Bytes::from(encoded(Version::V5, &Packet::PingReq));
    let at = Instant::from_millis(1);
    for fate in [
        Fate::Arrived(at),
        Fate::Arrived(Instant::from_millis(3)),
        Fate::UnderWay,
        Fate::Lost(Instant::from_millis(2)),
    ] {
        let kind = RecordKind::Packet { version: Version::V5, bytes: bytes.clone() };
        let sequence = trace.push_departure(at, 2, 1, kind);
        assert!(trace.mark(sequence, fate));
    }
    let options = Options { slant: 10.0, ..Options::default() };
    let diagram = layout(&trace, &Flows::new(), &options, 0..4);
    let heads: Vec<_> = (0..4)
        .map(|row| {
            let arrow = arrow(&diagram, row);
            (arrow.to.x, arrow.to.y - arrow.from.y)
        })
        .collect();
    assert_eq!(heads[0], (362.0, 0.0));
    assert_eq!(heads[1], (362.0, 10.0));
    // 60 % of the way from 616 to 360.
    assert!((heads[2].0 - 462.4).abs() < 1e-9 && (heads[2].1 - 6.0).abs() < 1e-9);
    assert_eq!(heads[3], heads[2]);
    for (row, record) in trace.records().enumerate() {
        let line = line(record, &diagram.lanes, &options, diagram.rows[row].y);
        let arrow = arrow(&diagram, row);
        assert_eq!((line.from, line.to), (arrow.from, arrow.to), "the same without words");
    }
}

#[test]
fn a_window_on_a_million_records_lays_out_only_itself() {
    let mut trace = Trace::new(vec!["a".into(), "b".into()], 1_000_000);
    for _ in 0..1_000_100 {
        trace.push(Instant::ZERO, 0, 1, RecordKind::Opened);
    }
    let options = Options::default();
    let window = |rows| layout(&trace, &Flows::new(), &options, rows);
    let diagram = window(500_000..500_040);
    assert_eq!(diagram.rows.len(), 40);
    assert_eq!((diagram.rows[0].sequence, diagram.rows[0].y), (500_000, 0.0));
    // What was dropped has no row, and the first that has one starts at 0.
    let diagram = window(90..110);
    assert_eq!(diagram.rows.len(), 10);
    assert_eq!((diagram.rows[0].sequence, diagram.rows[0].y), (100, 0.0));
    assert_eq!(window(1_000_095..2_000_000).rows.len(), 5);
    assert_eq!(window(3_000_000..4_000_000), window(0..0));
}

proptest! {
    /// Whatever windows are looked through one after the other, each record
    /// has one row in one of them, at its place, and is drawn the same way.
    #[test]
    fn windows_cover_each_record_exactly_once(
        cuts in prop::collection::btree_set(0u64..60, 0..10),
        capacity in 1usize..60,
    ) {
        let mut link = Link::with_capacity(Version::V5, capacity);
        for _ in 0..10 {
            link.connect(true);
            link.send(ToServer, &Packet::Publish(publish(QoS::AtMostOnce, 0, "20.5")));
            link.bytes(ToClient, &[0x40, 2, 0, 0]);
            link.close("");
        }
        let options = Options::default();
        let whole = draw(&link, &options, 0..60);
        let mut edges: Vec<u64> = cuts.into_iter().collect();
        edges.insert(0, 0);
        edges.push(60);
        let mut seen = Vec::new();
        for pair in edges.windows(2) {
            let part = draw(&link, &options, pair[0]..pair[1]);
            let top = pair[0].max(link.trace.dropped());
            for row in part.rows {
                prop_assert_eq!(row.y, (row.sequence - top) as f64 * options.row_height);
                seen.push((row.sequence, row.time));
            }
        }
        let expected: Vec<_> =
            whole.rows.into_iter().map(|row| (row.sequence, row.time)).collect();
        prop_assert_eq!(expected.len(), link.trace.len());
        prop_assert_eq!(seen, expected);
    }

    /// No label is wider than its arrow, unless the packet's own name,
    /// identifier and flags already are.
    #[test]
    fn labels_fit_between_the_lanes(
        drawing in 0.0f64..1_200.0,
        topic in "\\PC{1,40}",
        payload in prop::collection::vec(any::<u8>(), 0..80),
        two_lines in any::<bool>(),
    ) {
        prop_assume!(!topic.contains(['#', '+']));
        let mut link = Link::new(Version::V5);
        link.open();
        link.send(ToServer, &Packet::Publish(fourstep::codec::Publish {
            topic: topic.into(),
            payload: payload.into(),
            ..publish(QoS::AtLeastOnce, 1, "")
        }));
        let options = Options { width: drawing, two_lines, ..Options::default() };
        let diagram = draw(&link, &options, 1..2);
        let arrow = arrow(&diagram, 0);
        let room = ((arrow.to.x - arrow.from.x) / options.character_width).floor() as usize;
        let (head, detail) = (width(&arrow.label.head()), width(&arrow.label.detail));
        let needed = match two_lines {
            true => detail,
            false if detail == 0 => 0,
            false => head + 1 + detail,
        };
        prop_assert!(needed <= room, "{needed} columns in {room}");
    }
}

fn draw(link: &Link, options: &Options, rows: std::ops::Range<u64>) -> Diagram {
    let mut flows = Flows::new();
    flows.update(&link.trace);
    layout(&link.trace, &flows, options, rows)
}

fn arrow(diagram: &Diagram, row: usize) -> &Arrow {
    match &diagram.rows[row].shape {
        Shape::Arrow(arrow) => arrow,
        Shape::Rule(rule) => panic!("{rule:?} is no arrow"),
    }
}

fn rule(diagram: &Diagram, row: usize) -> &Rule {
    match &diagram.rows[row].shape {
        Shape::Rule(rule) => rule,
        Shape::Arrow(arrow) => panic!("{arrow:?} is no rule"),
    }
}
