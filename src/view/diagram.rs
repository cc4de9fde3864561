//! The sequence diagram: lanes, arrows and rules with their coordinates.

use std::ops::Range;

use super::flow::{Flows, Mark};
use super::label::{self, Label, Look};
use super::strokes::Line;
pub use super::strokes::Point;
use super::{isolate, topic};
use crate::language::Language;
use crate::time::Instant;
use crate::trace::{Fate, Party, Record, RecordKind, Trace, readable};

/// What the page tells the layout. Lengths are in CSS pixels.
#[derive(Clone, Debug, PartialEq)]
pub struct Options {
    /// Of the whole drawing.
    pub width: f64,
    /// Of each row.
    pub row_height: f64,
    /// Of the column at the left in which times are written.
    pub time_width: f64,
    /// Width of one character of a label, in a font of fixed width.
    pub character_width: f64,
    /// Whether topic and payload have a line of their own below the arrow.
    pub two_lines: bool,
    /// How far below its tail an arrow's head lies if the packet took time.
    pub slant: f64,
    /// What the times are counted from.
    pub zero: Instant,
    /// Of what is written beside names of the specification.
    pub language: Language,
}

/// What is to be drawn for some consecutive records. The first row starts at
/// `y` 0: the page moves the whole drawing to where it belongs.
#[derive(Clone, Debug, PartialEq)]
pub struct Diagram {
    /// Pixels.
    pub width: f64,
    /// Pixels: the rows' heights together.
    pub height: f64,
    /// One for each participant, left to right.
    pub lanes: Vec<Lane>,
    /// One for each record, top to bottom.
    pub rows: Vec<Row>,
}

/// A participant's vertical line.
#[derive(Clone, Debug, PartialEq)]
pub struct Lane {
    /// The participant's name.
    pub name: String,
    /// Where the line is.
    pub x: f64,
}

/// One record.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// Its sequence number: the key of the row, and what a click selects.
    pub sequence: u64,
    /// The row's upper edge.
    pub y: f64,
    /// When it left, in seconds since [`Options::zero`]: `12.346`.
    pub time: String,
    /// The record's place in its flow.
    pub mark: Option<Mark>,
    /// What is drawn.
    pub shape: Shape,
}

/// What is drawn in a row.
#[derive(Clone, Debug, PartialEq)]
pub enum Shape {
    /// Traffic: from one lane to another.
    Arrow(Arrow),
    /// Something else that happened: a line across the lanes with words on it.
    Rule(Rule),
}

/// An arrow with its label.
#[derive(Clone, Debug, PartialEq)]
pub struct Arrow {
    /// The tail.
    pub from: Point,
    /// The head. A lost packet's is short of its lane, and nobody's.
    pub to: Point,
    /// Whether it points to the right.
    pub rightward: bool,
    /// Class and head.
    pub look: Look,
    /// What became of the packet.
    pub fate: Fate,
    /// What is written on it, cut to fit between the lanes.
    pub label: Label,
    /// Where the label is, on the baseline above the arrow.
    pub label_at: Point,
    /// Which part of the label is there.
    pub anchor: Anchor,
}

/// Which part of a text is at its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Anchor {
    /// Its left end.
    Start,
    /// Its middle.
    Middle,
    /// Its right end.
    End,
}

impl Anchor {
    /// The value of SVG's `text-anchor`.
    pub const fn name(self) -> &'static str {
        match self {
            Anchor::Start => "start",
            Anchor::Middle => "middle",
            Anchor::End => "end",
        }
    }
}

/// A line across the lanes.
#[derive(Clone, Debug, PartialEq)]
pub struct Rule {
    /// `opened`, `closed` or `note`: a CSS class.
    pub class: &'static str,
    /// The line's left end.
    pub x1: f64,
    /// Its right end.
    pub x2: f64,
    /// Its height.
    pub y: f64,
    /// What is written on it, cut to fit.
    pub words: String,
}

/// Lays out the records with these sequence numbers, one row each, in time
/// proportional to how many of them are held. Those that were dropped, or do
/// not exist yet, have no row.
pub fn layout(trace: &Trace, flows: &Flows, options: &Options, rows: Range<u64>) -> Diagram {
    let lanes = lanes(&trace.parties, options);
    let start = rows.start.max(trace.dropped());
    let rows: Vec<Row> = trace
        .range(rows)
        .map(|record| {
            let y = (record.sequence - start) as f64 * options.row_height;
            Row {
                sequence: record.sequence,
                y,
                time: time(record.at, options.zero),
                mark: flows.mark(record.sequence),
                shape: shape(record, &lanes, options, y),
            }
        })
        .collect();
    Diagram { width: options.width, height: rows.len() as f64 * options.row_height, lanes, rows }
}

/// The line of a record whose row has its upper edge at `y`, without words.
pub fn line(record: &Record, lanes: &[Lane], options: &Options, y: f64) -> Line {
    let middle = y + options.row_height * ARROW_HEIGHT;
    match Look::of(record) {
        Some(_) => {
            let (from, to) = ends(record, lanes, options, middle);
            Line::of(record, from, to)
        }
        None => {
            let xs = across(lanes, options);
            let end = |x: f64| Point { x, y: middle };
            Line::of(record, end(xs.start), end(xs.end))
        }
    }
}

/// Seconds since `zero`, to the millisecond.
pub fn time(at: Instant, zero: Instant) -> String {
    let millis = at.since(zero).as_millis();
    format!("{}.{:03}", millis / 1_000, millis % 1_000)
}

/// The lanes, spread evenly over what the times leave.
pub fn lanes(parties: &[String], options: &Options) -> Vec<Lane> {
    let left = options.time_width + LANE_MARGIN;
    let right = (options.width - LANE_MARGIN).max(left);
    let gaps = parties.len().saturating_sub(1);
    parties
        .iter()
        .enumerate()
        .map(|(index, name)| Lane {
            name: lane_name(name, index, right - left, gaps, options),
            x: match gaps {
                0 => (left + right) / 2.0,
                _ => left + (right - left) * index as f64 / gaps as f64,
            },
        })
        .collect()
}

/// The name of a lane, cut so that no two names touch: from its lane each has
/// the way to its neighbors, half of it. The outer ones start at the margin.
fn lane_name(name: &str, index: usize, width: f64, gaps: usize, options: &Options) -> String {
    let room = match gaps {
        0 => width,
        _ => {
            let half = width / gaps as f64 / 2.0 - NAME_GAP / 2.0;
            let outer = index == 0 || index == gaps;
            half + if outer { NAME_MARGIN } else { half }
        }
    };
    let name = topic::shown(&options.language.say(name), LANE_NAME);
    isolate::isolated(&label::cut_middle(&name, columns(room, options))).into_owned()
}

fn shape(record: &Record, lanes: &[Lane], options: &Options, y: f64) -> Shape {
    let middle = y + options.row_height * ARROW_HEIGHT;
    match (Look::of(record), Label::of(record)) {
        (Some(look), Some(label)) => {
            Shape::Arrow(arrow(record, look, label, lanes, options, middle))
        }
        _ => Shape::Rule(rule(record, across(lanes, options), options, middle)),
    }
}

/// From the first lane to the last.
fn across(lanes: &[Lane], options: &Options) -> Range<f64> {
    let first = lanes.first().map_or(options.time_width, |lane| lane.x);
    first..lanes.last().map_or(options.width, |lane| lane.x)
}

fn arrow(
    record: &Record,
    look: Look,
    mut label: Label,
    lanes: &[Lane],
    options: &Options,
    y: f64,
) -> Arrow {
    let (tail, goal) = (x(lanes, record.from), x(lanes, record.to));
    let (from, to) = ends(record, lanes, options, y);
    let middle = (tail + goal) / 2.0;
    let room = 2.0 * (middle - options.time_width).min(options.width - middle);
    fit(&mut label, (goal - tail).abs() - 2.0 * HEAD_GAP, room, options);
    Arrow {
        from,
        to,
        rightward: goal >= tail,
        look,
        fate: record.fate,
        label,
        label_at: Point { x: middle, y: y - LABEL_GAP },
        anchor: Anchor::Middle,
    }
}

/// Where an arrow starts and ends.
fn ends(record: &Record, lanes: &[Lane], options: &Options, y: f64) -> (Point, Point) {
    let (tail, goal) = (x(lanes, record.from), x(lanes, record.to));
    let gap = if goal >= tail { -HEAD_GAP } else { HEAD_GAP };
    let (head, slant) = match record.fate {
        Fate::Arrived(at) if at == record.at => (goal + gap, 0.0),
        Fate::Arrived(_) => (goal + gap, options.slant),
        Fate::UnderWay | Fate::Lost(_) => {
            (tail + (goal - tail) * SHORT_OF_GOAL, options.slant * SHORT_OF_GOAL)
        }
    };
    (Point { x: tail, y }, Point { x: head, y: y + slant })
}

/// Cuts a label to this width, in one line or two. What is never cut may be
/// wider, but not more than the `room` there is up to the edge of the drawing
/// or the times.
pub(super) fn fit(label: &mut Label, width: f64, room: f64, options: &Options) {
    label.translate(options.language);
    label.shorten(columns(room, options));
    let columns = columns(width, options);
    if options.two_lines {
        let detail = label::cut(&label.detail, columns);
        label.detail.clear();
        label.fit(columns);
        label.detail = detail;
    } else {
        label.fit(columns);
    }
    label.isolate();
}

/// What is no traffic, as a line over these columns.
pub(super) fn rule(record: &Record, xs: Range<f64>, options: &Options, y: f64) -> Rule {
    let (class, words) = match &record.kind {
        RecordKind::Closed(why) if why.is_empty() => ("closed", "connection closed".to_owned()),
        RecordKind::Closed(why) => ("closed", format!("connection closed: {why}")),
        RecordKind::Note(words) => ("note", words.clone()),
        _ => ("opened", "connection opened".to_owned()),
    };
    let columns = columns(xs.end - xs.start, options);
    let words = options.language.say(&words);
    let words = label::cut(&readable(&words, RULE), columns);
    let words = isolate::isolated(&words).into_owned();
    Rule { class, x1: xs.start, x2: xs.end, y, words }
}

/// How many columns of a label fit into a width.
fn columns(width: f64, options: &Options) -> usize {
    // A cast from a float saturates: negative and NaN become 0.
    (width / options.character_width).floor() as usize
}

pub(super) fn x(lanes: &[Lane], party: Party) -> f64 {
    lanes.get(usize::from(party)).map_or(0.0, |lane| lane.x)
}

impl Default for Options {
    /// For a drawing of 640 pixels.
    fn default() -> Self {
        Options {
            width: 640.0,
            row_height: 32.0,
            time_width: 80.0,
            character_width: 7.0,
            two_lines: false,
            slant: 0.0,
            zero: Instant::ZERO,
            language: Language::English,
        }
    }
}

/// Pixels between the outer lanes and what is beside them.
const LANE_MARGIN: f64 = 24.0;
/// Characters of a participant's name that are looked at.
const LANE_NAME: usize = 256;
/// Characters of the words on a rule.
const RULE: usize = 160;
/// Pixels between the names of two lanes.
const NAME_GAP: f64 = 12.0;
/// Pixels by which the outer names reach beyond their lanes.
const NAME_MARGIN: f64 = 16.0;
/// Where in its row an arrow is, from 0 at the top to 1 at the bottom.
const ARROW_HEIGHT: f64 = 0.65;
/// Pixels between the arrow and the label above it.
const LABEL_GAP: f64 = 5.0;
/// Pixels between an arrow's head and the lane, so that the tip touches it.
const HEAD_GAP: f64 = 2.0;
/// How far a packet that has not arrived is drawn.
const SHORT_OF_GOAL: f64 = 0.6;
