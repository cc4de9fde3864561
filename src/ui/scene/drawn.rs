//! What of a scene is drawn.

use std::ops::Range;

use leptos::prelude::*;

use super::super::language;
use super::super::placement::Place;
use super::{NARROW, Scene};
use crate::sim::Absence;
use crate::view::diagram::{self, Lane, Options, Point, Row, Shape};
use crate::view::flow::FlowId;
use crate::view::strokes::{self, Stroke};
use crate::view::timescale::Gap;
use crate::view::window::Window;

/// What goes by too fast to be read.
#[derive(Clone, Default, PartialEq)]
pub(in crate::ui) struct Strokes {
    /// The height from which theirs are counted.
    pub top: f64,
    pub strokes: Vec<Stroke>,
}

/// A part of a lifeline for which nobody lives.
#[derive(Clone, Copy, PartialEq)]
pub(in crate::ui) struct Absent {
    pub x: f64,
    pub y1: f64,
    pub y2: f64,
}

/// The place beside a row that its label leaves free.
pub(in crate::ui) struct RowHead {
    pub x: f64,
    pub y: f64,
    /// Whether it is left of `x`.
    pub rightward: bool,
}

impl Scene {
    /// The rows on the screen; none while they could not be read.
    pub fn places(self) -> Memo<Vec<Place>> {
        let heights = self.heights();
        Memo::new(move |_| {
            if self.is_hasty.get() {
                return Vec::new();
            }
            self.shown.track();
            let ys = heights.get();
            let differs = self.source.stage.and_then(|stage| stage.differs.get());
            let places = self.know(|trace, index| {
                let rows = index.layout.rows(&index.order, ys);
                let place = |row| {
                    let record = index.order.record(row)?;
                    let fate = trace.record(record)?.fate;
                    let ys = index.layout.span(row)?;
                    let (y, height) = (ys.start.floor(), (ys.end - ys.start).ceil());
                    Some(Place {
                        row,
                        record,
                        y: y as u64,
                        height: height as u64,
                        fate,
                        differs: differs == Some(record),
                        rewinds: trace.rewinds(),
                    })
                };
                rows.into_iter().filter_map(place).collect()
            });
            places.unwrap_or_default()
        })
    }

    /// The lines on the screen while rows could not be read.
    pub fn strokes(self) -> Memo<Strokes> {
        Memo::new(move |_| {
            if !self.is_hasty.get() {
                return Strokes::default();
            }
            self.shown.track();
            self.now.track();
            let visible = self.scroll.window.with(Window::visible);
            let ys = visible.start as f64..visible.end as f64;
            let (options, lanes) = (self.options(), self.lanes());
            let strokes = self.known(&options, |known, layout| {
                let rows = layout.rows(known.order, ys.clone()).into_iter();
                let lines = rows.filter_map(|row| layout.line(known, row, &lanes));
                strokes::strokes(lines, ys.start)
            });
            Strokes { top: ys.start, strokes: strokes.unwrap_or_default() }
        })
    }

    /// The waits on the screen that are drawn shorter than they were.
    pub fn gaps(self) -> Memo<Vec<Gap>> {
        let heights = self.heights();
        Memo::new(move |_| {
            self.shown.track();
            self.now.track();
            let ys = heights.get();
            self.know(|_, index| index.layout.gaps(ys)).unwrap_or_default()
        })
    }

    /// The parts of lifelines on the screen whose processes were gone.
    pub fn absences(self) -> Memo<Vec<Absent>> {
        let heights = self.heights();
        Memo::new(move |_| {
            let Some(absences) = self.source.stage.map(|stage| stage.absences) else {
                return Vec::new();
            };
            self.shown.track();
            let (now, ys) = (self.now.get(), heights.get());
            let (options, lanes) = (self.options(), self.lanes());
            let parts = self.known(&options, |known, layout| {
                let part = |absence: &Absence| {
                    let x = lanes.get(usize::from(absence.lane))?.x;
                    let y1 = layout.y(known, absence.from);
                    let y2 = layout.y(known, absence.until.min(now));
                    (y1 < ys.end && y2 > ys.start).then_some(Absent { x, y1, y2 })
                };
                absences.with(|absences| absences.iter().filter_map(part).collect())
            });
            parts.unwrap_or_default()
        })
    }

    /// What is to be drawn: the view and some room around it, in steps, so
    /// that it does not change with each pixel.
    fn heights(self) -> Memo<Range<f64>> {
        let visible = self.scroll.visible();
        Memo::new(move |_| {
            let rows = visible.get();
            let start = (rows.start / STEP).saturating_sub(1) * STEP;
            let end = (rows.end / STEP + 2) * STEP;
            if rows.is_empty() { 0.0..0.0 } else { start as f64..end as f64 }
        })
    }

    /// What is to be added to a height to find it in the document.
    pub fn origin(self) -> Memo<f64> {
        Memo::new(move |_| {
            self.scroll.window.with(|window| {
                let start = window.rows().start;
                (window.y(start) - start as f64).round()
            })
        })
    }

    /// One row, its upper edge at 0.
    pub fn row(self, row: u64, options: &Options) -> Option<Row> {
        self.known(options, |known, layout| layout.row(known, row))?
    }

    /// The corners of what belongs to a row, likewise.
    pub fn outline(self, row: &Row, options: &Options) -> Vec<Point> {
        self.index.with_value(|index| index.layout.outline(row, options))
    }

    /// Where the tip of a packet under way is, as time goes on.
    pub fn tip(self, row: u64, options: Options) -> Memo<Option<Point>> {
        Memo::new(move |_| {
            self.now.track();
            match self.row(row, &options)?.shape {
                Shape::Arrow(arrow) => Some(arrow.to),
                Shape::Rule(_) => None,
            }
        })
    }

    /// A record in a sentence.
    pub fn sentence(self, record: u64) -> Option<String> {
        self.source.read(|trace| {
            Some(trace.record(record)?.sentence_in(language::current(), &trace.parties))
        })?
    }

    /// The flow of a record.
    pub fn flow(self, record: u64) -> Option<FlowId> {
        self.index.with_value(|index| index.flows.mark(record)).map(|mark| mark.flow)
    }

    /// The flow of the selected record.
    pub fn selected_flow(self) -> Memo<Option<FlowId>> {
        Memo::new(move |_| {
            self.shown.track();
            self.flow(self.source.selected()?)
        })
    }

    /// The participants.
    pub fn lanes(self) -> Vec<Lane> {
        let options = self.options();
        self.source.read(|trace| diagram::lanes(&trace.parties, &options)).unwrap_or_default()
    }

    /// Where an arrow points to, and how high its row is.
    pub fn head(self, record: u64) -> Option<RowHead> {
        self.shown.track();
        let options = self.options();
        let row = self.index.with_value(|index| index.order.row(record))?;
        let ys = self.index.with_value(|index| index.layout.span(row))?;
        let (x, rightward) = match self.row(row, &options)?.shape {
            Shape::Arrow(arrow) if self.is_to_scale() => {
                let lanes = self.lanes();
                let lane = self.source.read(|trace| trace.record(record).map(|it| it.to));
                let lane = lanes.get(usize::from(lane.flatten()?))?;
                (lane.x, arrow.rightward)
            }
            Shape::Rule(rule) if self.is_to_scale() => (rule.x2, true),
            _ => (options.width - MARGIN, true),
        };
        let room = if rightward { TOOLS..options.width } else { 0.0..options.width - TOOLS };
        // Where both do not fit, the label comes first.
        let below = if options.width < NARROW { TOOLS_BELOW } else { 0.0 };
        Some(RowHead { x: x.min(room.end).max(room.start), y: ys.start + below, rightward })
    }
}

/// Pixels beside a row of the list.
const MARGIN: f64 = 16.0;
/// Pixels that buttons beside a row take.
const TOOLS: f64 = 150.0;
/// Pixels that they are below the row's upper edge where it is narrow.
const TOOLS_BELOW: f64 = 24.0;
/// Pixels by which what is drawn changes.
const STEP: u64 = 160;
