//! Where the rows of the diagram are. Of its two forms this is the list; the
//! other, in proportion to time, is the lab's.

use std::ops::Range;
use std::time::Duration;

use crate::time::Instant;
use crate::trace::{Fate, Trace};
use crate::view::diagram::{self, Lane, Options, Point, Row};
use crate::view::flow::Flows;
use crate::view::order::Order;
use crate::view::strokes::Line;
use crate::view::timescale::Gap;

/// What a layout is told.
pub(super) struct Known<'a> {
    pub trace: &'a Trace,
    pub flows: &'a Flows,
    pub order: &'a Order,
    pub options: &'a Options,
    /// The present.
    pub now: Instant,
    /// How long a packet is expected to take to or from each lane.
    pub travel: &'a [Duration],
}

/// Where rows are, in pixels below the first that there ever was.
pub(super) trait Layout: Send + Sync {
    /// Reads what has happened.
    fn update(&mut self, known: &Known<'_>);

    /// From the oldest row to the end.
    fn extent(&self, order: &Order) -> Range<f64>;

    /// The rows of which some part is between these heights, rising.
    fn rows(&self, order: &Order, ys: Range<f64>) -> Vec<u64>;

    /// From the upper to the lower edge of a row.
    fn span(&self, row: u64) -> Option<Range<f64>>;

    /// What is drawn of a row, its upper edge at 0.
    fn row(&self, known: &Known<'_>, row: u64) -> Option<Row>;

    /// The line of a row without its words. Unlike a row's, its heights are
    /// those of the layout.
    fn line(&self, known: &Known<'_>, row: u64, lanes: &[Lane]) -> Option<Line>;

    /// The corners of what belongs to a row that was drawn; none: all between
    /// its edges.
    fn outline(&self, row: &Row, options: &Options) -> Vec<Point>;

    /// How far down a moment is.
    fn y(&self, known: &Known<'_>, at: Instant) -> f64;

    /// The moment that is so far down.
    fn moment(&self, known: &Known<'_>, y: f64) -> Instant;

    /// The waits between these heights that are drawn shorter than they were.
    fn gaps(&self, ys: Range<f64>) -> Vec<Gap>;
}

/// One row a record, all of one height.
pub(super) struct List {
    row_height: f64,
}

impl Default for List {
    /// Of a height that the first update corrects.
    fn default() -> Self {
        List { row_height: 1.0 }
    }
}

impl Layout for List {
    fn update(&mut self, known: &Known<'_>) {
        self.row_height = known.options.row_height;
    }

    fn extent(&self, order: &Order) -> Range<f64> {
        let rows = order.rows();
        rows.start as f64 * self.row_height..rows.end as f64 * self.row_height
    }

    fn rows(&self, order: &Order, ys: Range<f64>) -> Vec<u64> {
        let rows = order.rows();
        let row = |y: f64| (y / self.row_height) as u64;
        (row(ys.start).max(rows.start)..row(ys.end).saturating_add(1).min(rows.end)).collect()
    }

    fn span(&self, row: u64) -> Option<Range<f64>> {
        Some(row as f64 * self.row_height..(row + 1) as f64 * self.row_height)
    }

    fn row(&self, known: &Known<'_>, row: u64) -> Option<Row> {
        let record = known.order.record(row)?;
        let drawn = diagram::layout(known.trace, known.flows, known.options, record..record + 1);
        drawn.rows.into_iter().next()
    }

    fn line(&self, known: &Known<'_>, row: u64, lanes: &[Lane]) -> Option<Line> {
        let record = known.trace.record(known.order.record(row)?)?;
        let y = row as f64 * self.row_height;
        Some(diagram::line(record, lanes, known.options, y))
    }

    fn outline(&self, _: &Row, _: &Options) -> Vec<Point> {
        Vec::new()
    }

    fn y(&self, known: &Known<'_>, at: Instant) -> f64 {
        let rows = known.order.rows();
        let is_before = |row: u64| {
            let record = known.order.record(row).and_then(|record| known.trace.record(record));
            record.is_some_and(|record| record.at < at)
        };
        let (mut low, mut high) = (rows.start, rows.end);
        while low < high {
            let middle = low + (high - low) / 2;
            if is_before(middle) { low = middle + 1 } else { high = middle }
        }
        low as f64 * self.row_height
    }

    fn moment(&self, known: &Known<'_>, y: f64) -> Instant {
        let record = known.order.record((y / self.row_height) as u64);
        let record = record.and_then(|record| known.trace.record(record));
        record.map_or(known.now, |record| record.at)
    }

    fn gaps(&self, _: Range<f64>) -> Vec<Gap> {
        Vec::new()
    }
}

/// A row to be drawn, and what makes it look as it does.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Place {
    pub row: u64,
    pub record: u64,
    /// Its upper edge.
    pub y: u64,
    pub height: u64,
    pub fate: Fate,
    /// Whether it is the first that differs from the pane beside it.
    pub differs: bool,
    /// Records are numbered again after a rewind.
    pub rewinds: u64,
}
