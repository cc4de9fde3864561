use std::ops::Range;

use super::super::placement::{Known, Layout};
use crate::time::Instant;
use crate::view::diagram::{Lane, Options, Point, Row};
use crate::view::order::Order;
use crate::view::slanted::{self, Scene};
use crate::view::strokes::Line;
use crate::view::timescale::{Gap, Spacing, Timescale};

/// Time runs downward in proportion, and arrows slant by what packets take.
pub(super) struct ToScale(Timescale);

impl ToScale {
    /// Of a trace of which nothing is known yet.
    pub fn boxed() -> Box<dyn Layout> {
        Box::new(ToScale(Timescale::new(Spacing::default())))
    }

    fn scene<'a>(&'a self, known: &Known<'a>) -> Scene<'a> {
        let Known { trace, flows, order, travel, .. } = *known;
        Scene { trace, flows, order, timescale: &self.0, travel }
    }
}

impl Layout for ToScale {
    fn update(&mut self, known: &Known<'_>) {
        let longest = known.travel.iter().copied().max().unwrap_or_default();
        let spacing = Spacing::for_travel(longest);
        if *self.0.spacing() != spacing {
            self.0 = Timescale::new(spacing);
        }
        self.0.update(known.trace, known.order, known.now);
    }

    fn extent(&self, _: &Order) -> Range<f64> {
        self.0.top()..self.0.height() + BELOW
    }

    fn rows(&self, _: &Order, ys: Range<f64>) -> Vec<u64> {
        self.0.rows(ys)
    }

    fn span(&self, row: u64) -> Option<Range<f64>> {
        let place = self.0.place(row)?;
        Some(place.tail - self.0.spacing().line..place.head.unwrap_or(place.tail) + BAND)
    }

    fn row(&self, known: &Known<'_>, row: u64) -> Option<Row> {
        let row = self.scene(known).row(row, known.options)?;
        let y = row.y.floor();
        Some(slanted::lifted(row, y))
    }

    fn line(&self, known: &Known<'_>, row: u64, lanes: &[Lane]) -> Option<Line> {
        self.scene(known).line(row, lanes)
    }

    fn outline(&self, row: &Row, options: &Options) -> Vec<Point> {
        slanted::outline(row, self.0.spacing().line, options)
    }

    fn y(&self, _: &Known<'_>, at: Instant) -> f64 {
        self.0.y(at)
    }

    fn moment(&self, _: &Known<'_>, y: f64) -> Instant {
        self.0.moment_at(y)
    }

    fn gaps(&self, ys: Range<f64>) -> Vec<Gap> {
        self.0.gaps(ys)
    }
}

/// Pixels below the present.
const BELOW: f64 = 24.0;
/// Pixels that a row reaches below its arrow's head.
const BAND: f64 = 7.0;
