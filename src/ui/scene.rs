//! The diagram's own state: which records have rows, their flows, and the
//! part of them that is on the screen.

use std::ops::Range;

use leptos::prelude::*;

use super::scroll::Scroll;
use super::source::{News, TraceSource};
use crate::time::Instant;
use crate::trace::{Fate, Trace};
use crate::view::diagram::{self, Lane, Options, Row};
use crate::view::flow::{FlowId, Flows};
use crate::view::order::Order;
use crate::view::window::Window;

/// A handle: copies are the same scene.
#[derive(Clone, Copy)]
pub(super) struct Scene {
    source: TraceSource,
    pub scroll: Scroll,
    pub without_pings: RwSignal<bool>,
    index: StoredValue<Index>,
    /// Rises when rows are numbered anew.
    numbering: RwSignal<u32>,
}

/// What is known of the trace so far.
#[derive(Default)]
struct Index {
    generation: u32,
    rewinds: u64,
    order: Order,
    flows: Flows,
}

/// A row to be drawn: its number, its record, and what else makes it look as
/// it does.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Place {
    pub row: u64,
    pub record: u64,
    fate: Fate,
    /// Records are numbered again after a rewind.
    rewinds: u64,
}

impl Scene {
    /// A scene that follows the trace that is shown here.
    pub fn new() -> Self {
        let scene = Scene {
            source: TraceSource::expect(),
            scroll: Scroll::new(ROW_HEIGHT),
            without_pings: RwSignal::new(false),
            index: StoredValue::new(Index::default()),
            numbering: RwSignal::new(0),
        };
        Effect::new(move || scene.update(scene.source.news.get()));
        Effect::new(move || {
            let height = if scene.options().two_lines { TALL_ROW_HEIGHT } else { ROW_HEIGHT };
            scene.scroll.change(|window| window.set_row_height(height));
        });
        Effect::new(move || {
            if let Some(record) = scene.source.selected.get() {
                scene.reveal(record);
            }
        });
        scene
    }

    /// The rows on the screen.
    pub fn places(self) -> Memo<Vec<Place>> {
        let visible = self.scroll.visible();
        Memo::new(move |_| {
            self.numbering.track();
            self.source.news.track();
            let rows = visible.get();
            let places = self.source.read(|trace| {
                let place = |row| {
                    let record = self.index.with_value(|index| index.order.record(row))?;
                    let fate = trace.record(record)?.fate;
                    Some(Place { row, record, fate, rewinds: trace.rewinds() })
                };
                rows.filter_map(place).collect()
            });
            places.unwrap_or_default()
        })
    }

    /// How the drawing is to be laid out at the present width.
    pub fn options(self) -> Options {
        let width = self.scroll.width.get();
        let narrow = width < NARROW;
        Options {
            width,
            row_height: if narrow { TALL_ROW_HEIGHT } else { ROW_HEIGHT },
            time_width: if narrow { 56.0 } else { 64.0 },
            character_width: CHARACTER_WIDTH,
            two_lines: narrow,
            slant: 0.0,
            // The page's clock starts with the page, and so do all times on it.
            zero: self.source.zero.unwrap_or(Instant::ZERO),
        }
    }

    /// One row, laid out as if it were the first.
    pub fn row(self, record: u64, options: &Options) -> Option<Row> {
        let drawn = self.source.read(|trace| {
            let rows = record..record + 1;
            self.index.with_value(|index| diagram::layout(trace, &index.flows, options, rows))
        });
        drawn?.rows.into_iter().next()
    }

    /// A record in a sentence.
    pub fn sentence(self, record: u64) -> Option<String> {
        self.source.read(|trace| Some(trace.record(record)?.sentence(&trace.parties)))?
    }

    /// The flow of a record.
    pub fn flow(self, record: u64) -> Option<FlowId> {
        self.index.with_value(|index| index.flows.mark(record)).map(|mark| mark.flow)
    }

    /// The participants.
    pub fn lanes(self) -> Vec<Lane> {
        let options = self.options();
        self.source.read(|trace| diagram::lanes(&trace.parties, &options)).unwrap_or_default()
    }

    /// The flow of the selected record.
    pub fn selected_flow(self) -> Memo<Option<FlowId>> {
        Memo::new(move |_| {
            self.source.news.track();
            self.flow(self.source.selected.get()?)
        })
    }

    /// Moves the selection as this key says. Whether the key means anything.
    pub fn select_by_key(self, key: &str) -> bool {
        let page = self.scroll.window.with_untracked(Window::page);
        let record = self.index.with_value(|index| {
            let at =
                self.source.selected.get_untracked().and_then(|record| index.order.row(record));
            let row = super::scroll::moved(key, at, index.order.rows(), page)?;
            index.order.record(row)
        });
        if record.is_some() {
            self.source.selected.set(record);
        }
        record.is_some()
    }

    /// Whether there are no rows, because all were cleared say.
    pub fn is_blank(self) -> Memo<bool> {
        Memo::new(move |_| self.scroll.window.with(|window| window.rows().is_empty()))
    }

    /// How many rows there are, and which place among them this one has.
    pub fn rows(self) -> Range<u64> {
        self.scroll.window.with(Window::rows)
    }

    /// Shows keep-alive packets, or leaves them out.
    pub fn leave_out_pings(self, without: bool) {
        self.without_pings.set(without);
        self.change(|order, trace| order.leave_out_pings(without, trace));
    }

    /// Takes all rows so far away.
    pub fn clear(self) {
        self.source.selected.set(None);
        self.change(Order::clear);
    }

    fn change(self, change: impl FnOnce(&mut Order, &Trace)) {
        self.source.read(|trace| self.index.update_value(|index| change(&mut index.order, trace)));
        self.show();
        self.numbering.update(|numbering| *numbering += 1);
    }

    fn update(self, News { generation, rewinds, .. }: News) {
        let known = self.index.with_value(|index| (index.generation, index.rewinds));
        let is_renumbered = known != (generation, rewinds);
        if known.0 != generation {
            self.index.set_value(Index { generation, ..Index::default() });
        }
        self.source.read(|trace| {
            self.index.update_value(|index| {
                index.rewinds = rewinds;
                index.flows.update(trace);
                if self.without_pings.get_untracked() != index.order.is_without_pings() {
                    index.order.leave_out_pings(true, trace);
                }
                index.order.update(trace);
            });
        });
        self.show();
        if is_renumbered {
            self.numbering.update(|numbering| *numbering += 1);
        }
    }

    fn show(self) {
        let rows = self.index.with_value(|index| index.order.rows());
        self.scroll.change(|window| window.update(rows.start, rows.end));
    }

    fn reveal(self, record: u64) {
        if let Some(row) = self.index.with_value(|index| index.order.row(record)) {
            self.scroll.change(|window| window.reveal(row));
        }
    }
}

/// Pixels.
const ROW_HEIGHT: f64 = 40.0;
/// Pixels of a row whose label has two lines.
const TALL_ROW_HEIGHT: f64 = 52.0;
/// Pixels of a character of the label's font.
const CHARACTER_WIDTH: f64 = 7.3;
/// Narrower drawings get labels of two lines.
const NARROW: f64 = 520.0;
