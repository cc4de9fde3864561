//! The drawing in proportion to time.

use std::time::Duration;

use fourstep::time::Instant;
use fourstep::trace::{Fate, RecordKind};
use fourstep::view::diagram::{Anchor, Arrow, Options, Point, Row, Rule, Shape, lanes};
use fourstep::view::flow::Flows;
use fourstep::view::label::width;
use fourstep::view::slanted::{Scene, lifted, outline};
use fourstep::view::strokes::End;

use crate::timescale::Net;

const TRAVEL: [Duration; 4] = [
    Duration::from_millis(20),
    Duration::ZERO,
    Duration::from_millis(20),
    Duration::from_millis(40),
];

#[test]
fn a_packet_goes_from_lane_to_lane_as_time_goes_on() {
    let mut net = Net::new();
    net.send(0, 1, 20);
    let mut ends = Vec::new();
    for _ in 0..4 {
        net.pass(5);
        let arrow = arrow(&net, 0);
        ends.push((arrow.to.x, arrow.to.y, arrow.fate));
        if arrow.fate == Fate::UnderWay {
            assert_eq!(arrow.to.y, net.scale.height(), "its tip is on the line of now");
        }
    }
    let xs: Vec<f64> = ends.iter().map(|end| end.0).collect();
    // From lane to lane 168 px, of which the head leaves 2.
    let quarters: Vec<f64> =
        (1..=4).map(|quarter| 104.0 + 168.667 * f64::from(quarter) / 4.0).collect();
    for (x, expected) in xs.iter().zip(&quarters) {
        assert!((x - expected).abs() < 1.0, "{xs:?} {quarters:?}");
    }
    assert_eq!(ends[3].2, Fate::Arrived(Instant::from_millis(20)));
}

#[test]
fn a_packet_that_is_late_waits_short_of_its_goal() {
    let mut net = Net::new();
    net.send(0, 1, 500);
    net.pass(400);
    let arrow = arrow(&net, 0);
    assert!(arrow.to.x > 240.0 && arrow.to.x < 265.0, "{}", arrow.to.x);
}

#[test]
fn a_lost_packet_ends_where_and_when_it_was_lost() {
    for (millis, share) in [(0, 0.15), (5, 0.25), (10, 0.5), (15, 0.75), (300, 0.9)] {
        let mut net = Net::new();
        net.lose(1, 0, millis);
        net.pass(1_000);
        let arrow = arrow(&net, 0);
        assert!(!arrow.rightward);
        let reached = (arrow.from.x - arrow.to.x) / (arrow.from.x - 106.0);
        assert!((reached - share).abs() < 0.01, "lost after {millis} ms: {reached}");
        assert_eq!(Some(arrow.to.y), net.place(0).head);
    }
}

#[test]
fn a_label_starts_at_the_tail_and_fits_between_the_lanes() {
    let mut net = Net::new();
    net.send(0, 1, 20);
    net.send(3, 1, 20);
    net.pass(20);
    let options = Options::default();
    for (row, anchor) in [(0, Anchor::Start), (1, Anchor::End)] {
        let arrow = arrow(&net, row);
        assert_eq!(arrow.anchor, anchor);
        assert!(arrow.label_at.y < arrow.from.y);
        let columns = width(&arrow.label.head()) + width(&arrow.label.detail);
        let room = (arrow.to.x - arrow.from.x).abs();
        assert!(columns as f64 * options.character_width <= room, "row {row}");
    }
}

#[test]
fn a_label_never_runs_into_the_times() {
    let mut net = Net::new();
    net.send(1, 0, 20);
    net.pass(20);
    let label = |wide: f64| {
        let options = Options { width: wide, time_width: 56.0, ..Options::default() };
        let rows = drawn(&net, |scene| scene.rows(0.0..10_000.0, &options));
        let Shape::Arrow(arrow) = &rows[0].shape else { panic!("{rows:?}") };
        let columns = width(&arrow.label.head());
        let left = arrow.label_at.x - columns as f64 * options.character_width;
        assert!(left >= options.time_width, "{} at {left}", arrow.label.head());
        arrow.label.head()
    };
    assert_eq!(label(640.0), "PUBLISH QoS 0");
    assert_eq!(label(300.0), "PUBLISH …");
}

#[test]
fn without_its_words_a_row_is_the_same_line() {
    let mut net = Net::new();
    net.send(0, 1, 20);
    net.lose(1, 0, 10);
    net.send(3, 1, 500);
    net.trace.push(net.now, 2, 1, RecordKind::Opened);
    net.pass(30);
    let options = Options::default();
    let lanes = lanes(&net.trace.parties, &options);
    for (row, whole) in rows(&net).into_iter().enumerate() {
        let line = drawn(&net, |scene| scene.line(row as u64, &lanes)).expect("it is held");
        let is_lost = row == 1;
        match whole.shape {
            Shape::Arrow(arrow) => {
                assert_eq!((line.class, line.from, line.to), ("publish", arrow.from, arrow.to));
                assert_eq!(line.end, if is_lost { End::Lost } else { End::Head });
            }
            Shape::Rule(rule) => {
                assert_eq!((line.class, line.end), ("rule", End::Bare));
                assert_eq!((line.to.x, line.from.x, line.to.y), (rule.x1, rule.x2, rule.y));
            }
        }
    }
}

#[test]
fn what_is_no_traffic_is_drawn_between_the_lanes_that_it_concerns() {
    let mut net = Net::new();
    for (from, kind) in [
        (0, RecordKind::Opened),
        (2, RecordKind::Closed("the connection was cut".to_owned())),
        (3, RecordKind::Note("the client crashes".to_owned())),
    ] {
        net.trace.push(net.now, from, 1, kind);
    }
    net.pass(1);
    let rules: Vec<Rule> = (0..3).map(|row| rule(&net, row)).collect();
    let lanes: Vec<(f64, f64)> =
        rules.iter().map(|rule| (rule.x1.round(), rule.x2.round())).collect();
    assert_eq!(lanes, [(104.0, 275.0), (275.0, 445.0), (275.0, 616.0)]);
    let classes: Vec<&str> = rules.iter().map(|rule| rule.class).collect();
    assert_eq!(classes, ["opened", "closed", "note"]);
}

#[test]
fn what_belongs_to_an_arrow_is_its_label_and_a_band_along_its_line() {
    let mut net = Net::new();
    net.send(0, 1, 20);
    net.send(3, 1, 20);
    net.pass(20);
    for row in rows(&net) {
        let Shape::Arrow(arrow) = &row.shape else { panic!("{row:?}") };
        let corners = outline(&row, 20.0, &Options::default());
        let (from, to, label) = (arrow.from, arrow.to, arrow.label_at);
        let middle = ((from.x + to.x) / 2.0, (from.y + to.y) / 2.0);
        for (x, y) in [(label.x, label.y), middle, (middle.0, middle.1 + 5.0)] {
            assert!(is_inside((x, y), &corners), "{x}, {y} of {corners:?}");
        }
        for (x, y) in [(middle.0, middle.1 + 10.0), (to.x, from.y), (from.x, to.y)] {
            assert!(!is_inside((x, y), &corners), "{x}, {y} of {corners:?}");
        }
    }
}

/// Whether a line to the right of the point crosses the edges an odd number of
/// times.
fn is_inside((x, y): (f64, f64), corners: &[Point]) -> bool {
    let next = corners.iter().cycle().skip(1);
    let edges = corners.iter().zip(next);
    let crossed = edges
        .filter(|(a, b)| (a.y > y) != (b.y > y) && x < a.x + (y - a.y) / (b.y - a.y) * (b.x - a.x));
    crossed.count() % 2 == 1
}

#[test]
fn a_row_that_is_lifted_looks_the_same() {
    let mut net = Net::new();
    net.trace.push(net.now, 0, 1, RecordKind::Opened);
    net.send(0, 1, 20);
    net.pass(20);
    for row in rows(&net) {
        let by = row.y;
        let up = lifted(row.clone(), by);
        assert_eq!(up.y, 0.0);
        match (&row.shape, &up.shape) {
            (Shape::Arrow(row), Shape::Arrow(up)) => {
                assert_eq!(up.to.y - up.from.y, row.to.y - row.from.y);
                assert_eq!((up.from.y, up.label_at.y), (row.from.y - by, row.label_at.y - by));
            }
            (Shape::Rule(row), Shape::Rule(up)) => assert_eq!(up.y, row.y - by),
            other => panic!("{other:?}"),
        }
    }
}

#[test]
fn times_at_the_side_never_overlap() {
    let mut net = Net::new();
    for _ in 0..20 {
        net.send(0, 1, 20);
        net.send(1, 2, 20);
        net.pass(1);
    }
    let rows = rows(&net);
    let timed: Vec<f64> = rows.iter().filter(|row| !row.time.is_empty()).map(|row| row.y).collect();
    assert!(timed.len() >= 10);
    assert!(timed.windows(2).all(|pair| pair[1] - pair[0] >= 13.0), "{timed:?}");
    assert_eq!(rows[0].time, "0.000");
}

fn rows(net: &Net) -> Vec<Row> {
    drawn(net, |scene| scene.rows(0.0..10_000.0, &Options::default()))
}

fn drawn<T>(net: &Net, draw: impl FnOnce(&Scene<'_>) -> T) -> T {
    let mut flows = Flows::new();
    flows.update(&net.trace);
    draw(&Scene {
        trace: &net.trace,
        flows: &flows,
        order: &net.order,
        timescale: &net.scale,
        travel: &TRAVEL,
    })
}

fn arrow(net: &Net, row: usize) -> Arrow {
    match rows(net).swap_remove(row).shape {
        Shape::Arrow(arrow) => arrow,
        Shape::Rule(rule) => panic!("{rule:?}"),
    }
}

fn rule(net: &Net, row: usize) -> Rule {
    match rows(net).swap_remove(row).shape {
        Shape::Rule(rule) => rule,
        Shape::Arrow(arrow) => panic!("{arrow:?}"),
    }
}
