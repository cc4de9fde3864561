//! The sequence diagram in proportion to time: arrows slant by as much as
//! their packets took, and end where the packet is now, or was lost.

use std::ops::Range;
use std::time::Duration;

use super::diagram::{self, Anchor, Arrow, Lane, Options, Point, Row, Rule, Shape};
use super::flow::Flows;
use super::label::{Label, Look, width};
use super::order::Order;
use super::strokes::Line;
use super::timescale::{Place, Timescale};
use crate::trace::{Fate, Party, Record, Trace};

/// All that a drawing is made of.
#[derive(Clone, Copy, Debug)]
pub struct Scene<'a> {
    /// What happened.
    pub trace: &'a Trace,
    /// The flow of each record.
    pub flows: &'a Flows,
    /// Which records have rows.
    pub order: &'a Order,
    /// Where the rows are.
    pub timescale: &'a Timescale,
    /// How long a packet is expected to take to or from each lane; the longer
    /// counts. A packet under way is drawn as far as this says.
    pub travel: &'a [Duration],
}

impl Scene<'_> {
    /// One row, if it is held. Heights are those of the [`Timescale`].
    pub fn row(&self, row: u64, options: &Options) -> Option<Row> {
        let place = self.timescale.place(row)?;
        let record = self.trace.record(self.order.record(row)?)?;
        let lanes = diagram::lanes(&self.trace.parties, options);
        let time = match place.is_timed {
            true => diagram::time(record.at, options.zero),
            false => String::new(),
        };
        Some(Row {
            sequence: record.sequence,
            y: place.tail - self.timescale.spacing().line,
            time,
            mark: self.flows.mark(record.sequence),
            shape: match (Look::of(record), Label::of(record)) {
                (Some(look), Some(label)) => {
                    Shape::Arrow(self.arrow(record, place, look, label, &lanes, options))
                }
                _ => Shape::Rule(rule(record, place, &lanes, options)),
            },
        })
    }

    /// The line of a row, without its words. `lanes` are those of the trace.
    pub fn line(&self, row: u64, lanes: &[Lane]) -> Option<Line> {
        let place = self.timescale.place(row)?;
        let record = self.trace.record(self.order.record(row)?)?;
        let (from, to) = self.ends(record, place, lanes);
        Some(Line::of(record, from, to))
    }

    /// The rows of which some part lies between these heights.
    pub fn rows(&self, ys: Range<f64>, options: &Options) -> Vec<Row> {
        let rows = self.timescale.rows(ys);
        rows.into_iter().filter_map(|row| self.row(row, options)).collect()
    }

    fn arrow(
        &self,
        record: &Record,
        place: Place,
        look: Look,
        mut label: Label,
        lanes: &[Lane],
        options: &Options,
    ) -> Arrow {
        let (x1, x2) = (diagram::x(lanes, record.from), diagram::x(lanes, record.to));
        let rightward = x2 >= x1;
        let side = if rightward { 1.0 } else { -1.0 };
        let (from, to) = self.ends(record, place, lanes);
        let label_x = x1 + side * LABEL_START;
        let room = if rightward { options.width - label_x } else { label_x - options.time_width };
        diagram::fit(&mut label, (x2 - x1).abs() - LABEL_START - HEAD_GAP, room, options);
        Arrow {
            from,
            to,
            rightward,
            look,
            fate: record.fate,
            label,
            label_at: Point { x: label_x, y: place.tail - LABEL_GAP },
            anchor: if rightward { Anchor::Start } else { Anchor::End },
        }
    }

    /// From where to where a line goes.
    fn ends(&self, record: &Record, place: Place, lanes: &[Lane]) -> (Point, Point) {
        let (x1, x2) = (diagram::x(lanes, record.from), diagram::x(lanes, record.to));
        let from = Point { x: x1, y: place.tail };
        match Look::of(record) {
            Some(_) => (from, self.end(record, place, x1, x2 - (x2 - x1).signum() * HEAD_GAP)),
            None => (from, Point { x: x2, y: place.tail }),
        }
    }

    /// Where the arrow ends: at its goal, or short of it on the line to it.
    fn end(&self, record: &Record, place: Place, x1: f64, x2: f64) -> Point {
        let travel = self.travel(record.from, record.to);
        let on_the_way = |y: f64, share: f64| Point { x: x1 + (x2 - x1) * share, y };
        match (record.fate, place.head) {
            (Fate::Arrived(_), Some(head)) => Point { x: x2, y: head },
            (Fate::Lost(at), Some(head)) => {
                let share = at.since(record.at).as_secs_f64() / travel.as_secs_f64();
                let share = if share.is_finite() { share } else { 0.0 };
                on_the_way(head, share.clamp(SHORTEST, FARTHEST))
            }
            _ => {
                let now = self.timescale.now();
                let y = self.timescale.y(now).max(place.tail);
                let left = travel.saturating_sub(now.since(record.at));
                let goal = y + self.timescale.spacing().wait(left);
                let share = (y - place.tail) / (goal - place.tail);
                on_the_way(y, if share.is_finite() { share.min(FARTHEST) } else { 0.0 })
            }
        }
    }

    fn travel(&self, from: Party, to: Party) -> Duration {
        let of = |lane: Party| self.travel.get(usize::from(lane)).copied().unwrap_or_default();
        of(from).max(of(to))
    }
}

/// The corners of what belongs to a row, in the drawing's own coordinates: its
/// label, and a band along its line. `line` is the height of a label.
pub fn outline(row: &Row, line: f64, options: &Options) -> Vec<Point> {
    let (tail, head, width) = match &row.shape {
        Shape::Rule(rule) => {
            let ends = [rule.x1, rule.x2].map(|x| Point { x, y: rule.y });
            (ends[0], ends[1], rule.x2 - rule.x1)
        }
        Shape::Arrow(arrow) => {
            let columns = width(&arrow.label.head()) + width(&arrow.label.detail) + 1;
            let label = LABEL_START + columns as f64 * options.character_width;
            // What is under way has no line yet that stays.
            let fall = if arrow.fate == Fate::UnderWay { 0.0 } else { arrow.to.y - arrow.from.y };
            let head = Point { x: arrow.to.x, y: arrow.from.y + fall };
            (arrow.from, head, label)
        }
    };
    let side = if head.x >= tail.x { 1.0 } else { -1.0 };
    let corner = |x: f64, y: f64| Point { x: tail.x + side * x, y };
    let (length, fall) = ((head.x - tail.x).abs(), head.y - tail.y);
    let mut corners = vec![corner(0.0, tail.y - line), corner(width, tail.y - line)];
    corners.push(corner(width, tail.y));
    // Where the band leaves the label behind.
    let leaves = if fall > BAND { length * BAND / fall } else { length };
    if leaves < length {
        corners.extend([corner(leaves.min(width), tail.y), corner(length, head.y - BAND)]);
    }
    corners.extend([corner(length, head.y + BAND), corner(0.0, tail.y + BAND)]);
    corners
}

/// A row moved up by this much.
pub fn lifted(mut row: Row, by: f64) -> Row {
    row.y -= by;
    match &mut row.shape {
        Shape::Rule(rule) => rule.y -= by,
        Shape::Arrow(arrow) => {
            for point in [&mut arrow.from, &mut arrow.to, &mut arrow.label_at] {
                point.y -= by;
            }
        }
    }
    row
}

/// A line between the two lanes that it concerns.
fn rule(record: &Record, place: Place, lanes: &[Lane], options: &Options) -> Rule {
    let (from, to) = (diagram::x(lanes, record.from), diagram::x(lanes, record.to));
    diagram::rule(record, from.min(to)..from.max(to), options, place.tail)
}

/// Pixels between the arrow's tail and the label above it.
const LABEL_GAP: f64 = 5.0;
/// Pixels between the lane and the label, which leaves room for the number of
/// the step: that stands beside its lane.
const LABEL_START: f64 = 20.0;
/// Pixels between an arrow's head and the lane, so that the tip touches it.
const HEAD_GAP: f64 = 2.0;
/// Half the height of the band that belongs to a line.
const BAND: f64 = 7.0;
/// How far a lost packet is drawn at least, of 1.
const SHORTEST: f64 = 0.15;
/// How far a packet is drawn at most that has not arrived.
const FARTHEST: f64 = 0.9;
