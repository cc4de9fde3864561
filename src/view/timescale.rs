//! How far down each moment is drawn, so that what takes longer looks longer.
//!
//! Time runs downward in proportion, but not blindly so. Things that happen
//! at nearly the same moment are moved apart until their labels can be read,
//! and a long wait in which nothing happens is cut short and marked as a
//! [`Gap`]. What lies above a moment depends on the past alone, so nothing
//! that is drawn moves while time goes on, nor when it is rewound.

use std::collections::VecDeque;
use std::ops::Range;
use std::time::Duration;

use super::order::Order;
use crate::time::Instant;
use crate::trace::{Fate, Party, Record, Trace};

/// How time becomes pixels. Lengths are in CSS pixels.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Spacing {
    /// For one second of time.
    pub per_second: f64,
    /// For the longest wait; what is longer is cut to this.
    pub longest: f64,
    /// From one departure to the next between the same lanes: the height of
    /// a label.
    pub line: f64,
    /// From one arrival to the next of the same kind of way, and at least
    /// from a departure to its arrival if it took time.
    pub arrival: f64,
    /// Above the first.
    pub top: f64,
}

/// Follows a trace and knows where each of its rows is.
///
/// Reading what is new takes time for what is new and for what is under way;
/// asking for what is visible, for what is visible and the logarithm of the
/// rest.
#[derive(Clone, Debug)]
pub struct Timescale {
    spacing: Spacing,
    rewinds: u64,
    numbering: u32,
    /// The number of the first row held.
    first: u64,
    places: VecDeque<Place>,
    /// Rows that have not ended, rising.
    under_way: VecDeque<u64>,
    moments: VecDeque<Moment>,
    /// Of the lowest label between each lane and the next.
    labels: Vec<f64>,
    /// Of the lowest arrival from one lane at another.
    arrivals: Vec<((Party, Party), f64)>,
    /// The lowest time that is written at the side.
    written: f64,
    pages: VecDeque<Page>,
    now: Instant,
}

/// Where a row is drawn.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Place {
    /// Where it leaves.
    pub tail: f64,
    /// Where it arrives or is lost; `None` while it is under way.
    pub head: Option<f64>,
    /// Whether there is room to write its time at the side.
    pub is_timed: bool,
}

/// A wait that is drawn shorter than it was.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Gap {
    /// Its upper end.
    pub y1: f64,
    /// Its lower end.
    pub y2: f64,
    /// How long it was, or has been so far.
    pub length: Duration,
}

/// A moment at which something happened, and the room that it takes.
#[derive(Clone, Copy, Debug)]
struct Moment {
    at: Instant,
    top: f64,
    bottom: f64,
}

/// What was under way when a row was added: from time to time, so that it is
/// found without looking at all that is older.
#[derive(Clone, Debug)]
struct Page {
    row: u64,
    under_way: Vec<u64>,
}

/// Something to be placed: the end of a row, or a new row.
enum News<'a> {
    End(u64, &'a Record),
    Row(u64, &'a Record),
}

impl Timescale {
    /// Knows nothing yet.
    pub fn new(spacing: Spacing) -> Self {
        Timescale {
            spacing,
            rewinds: 0,
            numbering: 0,
            first: 0,
            places: VecDeque::new(),
            under_way: VecDeque::new(),
            moments: VecDeque::new(),
            labels: Vec::new(),
            arrivals: Vec::new(),
            written: f64::NEG_INFINITY,
            pages: VecDeque::new(),
            now: Instant::ZERO,
        }
    }

    /// Reads what has happened since the last call, and forgets the rows that
    /// `order` has forgotten. After a rewind it reads all anew. `order` is of
    /// the same trace and up to date; `now` is not before its last change.
    pub fn update(&mut self, trace: &Trace, order: &Order, now: Instant) {
        let rows = order.rows();
        let next = self.first + self.places.len() as u64;
        let is_same = (self.rewinds, self.numbering) == (trace.rewinds(), order.numbering());
        if !is_same || rows.start > next {
            *self = Timescale {
                rewinds: trace.rewinds(),
                numbering: order.numbering(),
                first: rows.start,
                ..Timescale::new(self.spacing)
            };
        }
        self.now = now;
        self.read(trace, order);
        self.forget(rows.start);
    }

    /// How time becomes pixels.
    pub fn spacing(&self) -> &Spacing {
        &self.spacing
    }

    /// The moment of the last update.
    pub fn now(&self) -> Instant {
        self.now
    }

    /// Where a row is drawn, if it is held.
    pub fn place(&self, row: u64) -> Option<Place> {
        let index = usize::try_from(row.checked_sub(self.first)?).ok()?;
        self.places.get(index).copied()
    }

    /// How far down this moment is, once everything at it has happened.
    pub fn y(&self, at: Instant) -> f64 {
        let next = self.moments.partition_point(|moment| moment.at <= at);
        let Some(last) = next.checked_sub(1).and_then(|index| self.moments.get(index)) else {
            return self.moments.front().map_or(self.spacing.top, |first| first.top);
        };
        let waited = at.since(last.at);
        match self.moments.get(next) {
            Some(next) => {
                let share = waited.as_secs_f64() / next.at.since(last.at).as_secs_f64();
                last.bottom + (next.top - last.bottom) * share
            }
            None => last.bottom + self.spacing.wait(waited),
        }
    }

    /// The moment that is drawn this far down.
    pub fn moment_at(&self, y: f64) -> Instant {
        let next = self.moments.partition_point(|moment| moment.top <= y);
        let Some(last) = next.checked_sub(1).and_then(|index| self.moments.get(index)) else {
            return self.moments.front().map_or(Instant::ZERO, |first| first.at);
        };
        let below = (y - last.bottom).max(0.0);
        let waited = match self.moments.get(next) {
            Some(next) => {
                let share = below / (next.top - last.bottom).max(1.0);
                next.at.since(last.at).mul_f64(share.min(1.0))
            }
            None => {
                Duration::try_from_secs_f64(below / self.spacing.per_second).unwrap_or_default()
            }
        };
        last.at + waited
    }

    /// The height of everything up to now.
    pub fn height(&self) -> f64 {
        self.y(self.now)
    }

    /// The upper end of the oldest row held.
    pub fn top(&self) -> f64 {
        self.places.front().map_or(0.0, |place| place.tail - self.spacing.top)
    }

    /// The rows of which some part lies between these heights, rising.
    pub fn rows(&self, ys: Range<f64>) -> Vec<u64> {
        let start = self.places.partition_point(|place| place.tail < ys.start);
        let end = self.places.partition_point(|place| place.tail < ys.end).max(start);
        // Before the first of them, only what was still under way then.
        let before = self.first + start as u64;
        let page = self.pages.partition_point(|page| page.row < before).checked_sub(1);
        let page = page.and_then(|index| self.pages.get(index));
        let older = page.map_or(&[][..], |page| &page.under_way);
        let recent = page.map_or(before, |page| page.row.max(self.first))..before;
        let reaches = |row: &u64| {
            let place = self.place(*row);
            place.is_some_and(|place| place.head.is_none_or(|head| head >= ys.start))
        };
        let mut rows: Vec<u64> = older.iter().copied().chain(recent).filter(reaches).collect();
        rows.extend(before..self.first + end as u64);
        rows
    }

    /// The waits between these heights that are drawn shorter than they were.
    /// The last may still be going on.
    pub fn gaps(&self, ys: Range<f64>) -> Vec<Gap> {
        let start = self.moments.partition_point(|moment| moment.bottom < ys.start);
        let now = Moment { at: self.now, top: self.height(), bottom: self.height() };
        let moments = self.moments.range(start.saturating_sub(1)..);
        let mut gaps = Vec::new();
        let mut last: Option<&Moment> = None;
        for moment in moments.chain(std::iter::once(&now)) {
            if let Some(last) = last.filter(|last| last.bottom < ys.end) {
                let length = moment.at.since(last.at);
                if self.spacing.is_cut(length) {
                    gaps.push(Gap { y1: last.bottom, y2: moment.top, length });
                }
            }
            if moment.top >= ys.end {
                break;
            }
            last = Some(moment);
        }
        gaps
    }

    fn read(&mut self, trace: &Trace, order: &Order) {
        let mut news = Vec::new();
        for &row in &self.under_way {
            let Some(record) = order.record(row).and_then(|sequence| trace.record(sequence)) else {
                continue;
            };
            if let Some(at) = end(record) {
                news.push((at, News::End(row, record)));
            }
        }
        let next = self.first + self.places.len() as u64;
        for row in next.max(order.rows().start)..order.rows().end {
            let Some(record) = order.record(row).and_then(|sequence| trace.record(sequence)) else {
                continue;
            };
            news.push((record.at, News::Row(row, record)));
            if let Some(at) = end(record).filter(|at| *at > record.at) {
                news.push((at, News::End(row, record)));
            }
        }
        // At one moment what arrives comes first: what leaves answers it.
        news.sort_by_key(|(at, news)| (*at, matches!(news, News::Row(..)), news.row()));
        for (at, news) in news {
            match news {
                News::End(row, record) => self.end(at, row, record),
                News::Row(row, record) => self.row(at, row, record),
            }
        }
    }

    /// Places a new row.
    fn row(&mut self, at: Instant, row: u64, record: &Record) {
        let between = between(record.from, record.to);
        let line = self.spacing.line;
        let lowest = |labels: &[f64]| {
            labels.get(between.clone()).unwrap_or_default().iter().copied().fold(0.0, f64::max)
        };
        if self.labels.len() < between.end {
            self.labels.resize(between.end, self.spacing.top - line);
        }
        let tail = self.moment(at, lowest(&self.labels) + line);
        for label in self.labels.iter_mut().take(between.end).skip(between.start) {
            *label = tail;
        }
        let is_timed = tail >= self.written + TIME_HEIGHT;
        if is_timed {
            self.written = tail;
        }
        let under_way = end(record).is_none_or(|end| end > record.at);
        if row.is_multiple_of(PAGE) || self.pages.is_empty() {
            let under_way = self.under_way.iter().copied().collect();
            self.pages.push_back(Page { row, under_way });
        }
        self.places.push_back(Place { tail, head: (!under_way).then_some(tail), is_timed });
        if under_way {
            self.under_way.push_back(row);
        }
    }

    /// Places the end of a row that was under way.
    fn end(&mut self, at: Instant, row: u64, record: &Record) {
        let Some(tail) = self.place(row).map(|place| place.tail) else { return };
        let way = (record.from, record.to);
        let last = self.arrivals.iter().find(|(other, _)| *other == way).map(|(_, y)| *y);
        let lowest = last.map_or(tail, |last| last.max(tail)) + self.spacing.arrival;
        let head = self.moment(at, lowest);
        match self.arrivals.iter_mut().find(|(other, _)| *other == way) {
            Some((_, y)) => *y = head,
            None => self.arrivals.push((way, head)),
        }
        // The label of an answer keeps clear of the head of what it answers.
        let between = between(record.from, record.to);
        let beside = if record.to > record.from { between.end - 1 } else { between.start };
        if let Some(label) = self.labels.get_mut(beside) {
            *label = label.max(head);
        }
        if let Ok(index) = self.under_way.binary_search(&row) {
            self.under_way.remove(index);
        }
        let index = row.checked_sub(self.first).and_then(|index| usize::try_from(index).ok());
        if let Some(place) = index.and_then(|index| self.places.get_mut(index)) {
            place.head = Some(head);
        }
    }

    /// The height of the next thing that happens, which is at this moment and
    /// not above `lowest`.
    fn moment(&mut self, at: Instant, lowest: f64) -> f64 {
        let Some(last) = self.moments.back_mut() else {
            let y = lowest.max(self.spacing.top);
            self.moments.push_back(Moment { at, top: y, bottom: y });
            return y;
        };
        if at <= last.at {
            last.bottom = last.bottom.max(lowest);
            return last.bottom;
        }
        let y = (last.bottom + self.spacing.wait(at.since(last.at))).max(lowest);
        self.moments.push_back(Moment { at, top: y, bottom: y });
        y
    }

    fn forget(&mut self, first: u64) {
        while self.first < first && self.places.pop_front().is_some() {
            self.first += 1;
        }
        while self.under_way.front().is_some_and(|row| *row < first) {
            self.under_way.pop_front();
        }
        while self.pages.get(1).is_some_and(|page| page.row <= first) {
            self.pages.pop_front();
        }
        let top = self.places.front().map_or(f64::INFINITY, |place| place.tail);
        while self.moments.len() > 1 && self.moments.get(1).is_some_and(|next| next.top <= top) {
            self.moments.pop_front();
        }
    }
}

impl Spacing {
    /// For links on which a packet takes at most so long.
    pub fn for_travel(longest: Duration) -> Spacing {
        let usual = Spacing::default();
        match longest.as_secs_f64() {
            seconds if seconds > 0.0 => Spacing { per_second: TRAVEL / seconds, ..usual },
            _ => usual,
        }
    }

    /// Pixels for so long a wait.
    pub fn wait(&self, length: Duration) -> f64 {
        (length.as_secs_f64() * self.per_second).min(self.longest)
    }

    /// Whether so long a wait is drawn shorter than it was.
    pub fn is_cut(&self, length: Duration) -> bool {
        length.as_secs_f64() * self.per_second > self.longest
    }
}

impl Default for Spacing {
    /// For links that take some twenty milliseconds.
    fn default() -> Self {
        Spacing { per_second: 2_200.0, longest: 96.0, line: 20.0, arrival: 8.0, top: 28.0 }
    }
}

impl News<'_> {
    fn row(&self) -> u64 {
        match self {
            News::End(row, _) | News::Row(row, _) => *row,
        }
    }
}

/// When it arrived or was lost.
fn end(record: &Record) -> Option<Instant> {
    match record.fate {
        Fate::UnderWay => None,
        Fate::Arrived(at) | Fate::Lost(at) => Some(at),
    }
}

/// The spaces between lanes that an arrow crosses, numbered by the lane at
/// their left.
fn between(from: Party, to: Party) -> Range<usize> {
    let (left, right) = (usize::from(from.min(to)), usize::from(from.max(to)));
    left..right.max(left + 1)
}

/// Pixels that the longest way to travel is worth.
const TRAVEL: f64 = 44.0;
/// Rows from one [`Page`] to the next.
const PAGE: u64 = 64;
/// Pixels that a time at the side needs.
const TIME_HEIGHT: f64 = 13.0;
