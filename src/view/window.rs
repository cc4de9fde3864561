//! Which rows of a long list are on the screen.

use std::ops::Range;

/// A scrolled view of a list with rows of one height, of which only the
/// visible ones exist. Rows have sequence numbers, as records of a trace do:
/// new ones come at the end, and old ones may be dropped at the start.
///
/// Lengths are in CSS pixels. The list is as tall as all its rows, up to
/// [`TALLEST`]; beyond that, which browsers cannot lay out, a pixel of the
/// scroll bar stands for more than one pixel of the list.
#[derive(Clone, Debug, PartialEq)]
pub struct Window {
    row_height: f64,
    height: f64,
    rows: Range<u64>,
    /// Pixels of the list above the view, were the list as tall as its rows.
    top: f64,
    following: bool,
    /// The `scrollTop` that the page last gave the element.
    placed: Option<f64>,
}

impl Window {
    /// A view of an empty list that follows its end. `row_height` is at least
    /// one pixel.
    pub fn new(row_height: f64) -> Self {
        Window {
            row_height: if row_height >= 1.0 { row_height } else { 1.0 },
            height: 0.0,
            rows: 0..0,
            top: 0.0,
            following: true,
            placed: None,
        }
    }

    /// The view's height has changed.
    pub fn resize(&mut self, height: f64) {
        self.height = if height.is_finite() { height.max(0.0) } else { 0.0 };
        self.settle();
    }

    /// The rows' height has changed, on a narrow screen say. The first visible
    /// row stays the first.
    pub fn set_row_height(&mut self, row_height: f64) {
        let first = self.top / self.row_height;
        self.row_height = if row_height >= 1.0 { row_height } else { 1.0 };
        self.top = first * self.row_height;
        self.settle();
    }

    /// The list has changed: `dropped` is its first sequence number, `next`
    /// the one after its last. Unless the view follows the end, the rows in it
    /// stay where they are, even as older ones are dropped.
    pub fn update(&mut self, dropped: u64, next: u64) {
        let gone = dropped.saturating_sub(self.rows.start);
        self.rows = dropped..next.max(dropped);
        self.top -= gone as f64 * self.row_height;
        self.settle();
    }

    /// The page has set the element's `scrollTop` to [`Window::offset`]: what
    /// it is now. It is less if the content has not grown yet.
    pub fn placed(&mut self, offset: f64) {
        self.placed = Some(offset);
    }

    /// The element has scrolled: its `scrollTop` now. Unless the page did it,
    /// a person did: at the end the view starts to follow, anywhere else it
    /// stops.
    pub fn scroll(&mut self, offset: f64) {
        let is = |place: f64| (offset - place).abs() < 1.0;
        if !offset.is_finite() || is(self.offset()) || self.placed.is_some_and(is) {
            return;
        }
        self.placed = None;
        self.top = offset * self.stretch();
        self.following = self.top >= self.lowest() - END_TOLERANCE * self.stretch();
        self.settle();
    }

    /// Goes to the end and follows it, or stays where it is from now on.
    pub fn follow(&mut self, following: bool) {
        self.following = following;
        self.settle();
    }

    /// Whether the view sticks to the end.
    pub fn is_following(&self) -> bool {
        self.following
    }

    /// Scrolls as little as it takes to show these rows whole, their start if
    /// they are too many, and stops following unless they are the last.
    pub fn reveal(&mut self, rows: Range<u64>) {
        let is_held = self.rows.contains(&rows.start) && rows.end <= self.rows.end;
        if !is_held {
            return;
        }
        let y = |row: u64| (row - self.rows.start) as f64 * self.row_height;
        self.top = self.top.max(y(rows.end) - self.height).min(y(rows.start));
        self.following = rows.end == self.rows.end;
        self.settle();
    }

    /// Scrolls until this row is the first in the view, and stops following.
    pub fn go_to(&mut self, sequence: u64) {
        let row = sequence.clamp(self.rows.start, self.rows.end) - self.rows.start;
        self.top = row as f64 * self.row_height;
        self.following = false;
        self.settle();
    }

    /// The height that the scrolled content must have.
    pub fn content_height(&self) -> f64 {
        self.full_height().min(TALLEST)
    }

    /// The `scrollTop` that the element must have, once its content has
    /// [`Window::content_height`].
    pub fn offset(&self) -> f64 {
        self.top / self.stretch()
    }

    /// The rows to emit: the visible ones and a few around them. Empty while
    /// the view has no height.
    pub fn visible(&self) -> Range<u64> {
        if self.height <= 0.0 {
            return self.rows.start..self.rows.start;
        }
        let first = (self.top / self.row_height).floor() as u64;
        let last = ((self.top + self.height) / self.row_height).ceil() as u64;
        let start = self.rows.start.saturating_add(first.saturating_sub(OVERSCAN));
        let end = self.rows.start.saturating_add(last.saturating_add(OVERSCAN));
        start.min(self.rows.end)..end.min(self.rows.end)
    }

    /// Where the upper edge of a row is within the scrolled content. Give the
    /// first of [`Window::visible`] to place what was laid out for them.
    pub fn y(&self, sequence: u64) -> f64 {
        let row = sequence.saturating_sub(self.rows.start) as f64;
        self.offset() + (row * self.row_height - self.top)
    }

    /// The row that holds this `y` of the content, if there is one.
    pub fn row_at(&self, y: f64) -> Option<u64> {
        let row = ((y - self.offset() + self.top) / self.row_height).floor();
        if !row.is_finite() || row < 0.0 {
            return None;
        }
        let sequence = self.rows.start.saturating_add(row as u64);
        self.rows.contains(&sequence).then_some(sequence)
    }

    /// Pixels of the view.
    pub fn height(&self) -> f64 {
        self.height
    }

    /// Pixels of one row.
    pub fn row_height(&self) -> f64 {
        self.row_height
    }

    /// How many rows fit into the view whole; at least one. What Page Down
    /// moves by.
    pub fn page(&self) -> u64 {
        ((self.height / self.row_height).floor() as u64).max(1)
    }

    /// The sequence numbers of all rows.
    pub fn rows(&self) -> Range<u64> {
        self.rows.clone()
    }

    fn full_height(&self) -> f64 {
        (self.rows.end - self.rows.start) as f64 * self.row_height
    }

    /// The largest `top`.
    fn lowest(&self) -> f64 {
        (self.full_height() - self.height).max(0.0)
    }

    /// Pixels of the list for one of the scroll bar.
    fn stretch(&self) -> f64 {
        let scrollable = self.content_height() - self.height;
        if scrollable <= 0.0 { 1.0 } else { (self.lowest() / scrollable).max(1.0) }
    }

    fn settle(&mut self) {
        self.top = if self.following { self.lowest() } else { self.top.clamp(0.0, self.lowest()) };
    }
}

/// The tallest content, in pixels, that every browser lays out.
pub const TALLEST: f64 = 8_000_000.0;
/// Rows beyond each edge of the view, so that a quick scroll shows no gap.
const OVERSCAN: u64 = 4;
/// This near to the end counts as the end: browsers round `scrollTop`.
const END_TOLERANCE: f64 = 4.0;
