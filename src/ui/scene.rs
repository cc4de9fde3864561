//! The diagram's own state: which records have rows, their flows, where they
//! are, and the part of them that is on the screen.

use std::ops::Range;
use std::time::Duration;

use leptos::prelude::*;

use super::language;
use super::placement::{Known, Layout, List, Place};
use super::scroll::Scroll;
use super::source::{News, Scrolled, TraceSource};
use crate::time::Instant;
use crate::trace::Trace;
use crate::view::diagram::{self, Lane, Options, Point, Row, Shape};
use crate::view::flow::{FlowId, Flows};
use crate::view::order::Order;
use crate::view::timescale::Gap;
use crate::view::window::Window;

/// A handle: copies are the same scene.
#[derive(Clone, Copy)]
pub(super) struct Scene {
    pub source: TraceSource,
    /// Its rows are pixels of the drawing.
    pub scroll: Scroll,
    /// The present, as far as the layout knows it.
    pub now: RwSignal<Instant>,
    index: StoredValue<Index>,
    /// Rises when what is in the index may be drawn differently.
    shown: RwSignal<u32>,
}

/// The place beside a row that its label leaves free.
pub(super) struct RowHead {
    pub x: f64,
    pub y: f64,
    /// Whether it is left of `x`.
    pub rightward: bool,
}

/// What is known of the trace so far.
struct Index {
    news: News,
    order: Order,
    flows: Flows,
    layout: Box<dyn Layout>,
    /// The first difference that was shown by itself.
    revealed: Option<u64>,
}

impl Scene {
    /// A scene that follows this trace.
    pub fn new(source: TraceSource) -> Self {
        let layout = Scene::layout(source, source.view.as_list.get_untracked());
        let index = Index::new(News::default(), layout);
        let scene = Scene {
            source,
            scroll: Scroll::new(1.0),
            now: RwSignal::new(Instant::ZERO),
            index: StoredValue::new(index),
            shown: RwSignal::new(0),
        };
        Effect::new(move || {
            let now = source.stage.map_or(Instant::ZERO, |stage| stage.now.get());
            scene.update(source.news.get(), now);
        });
        let form = Memo::new(move |_| {
            let travel = source.stage.map(|stage| stage.travel.get());
            (source.view.as_list.get(), scene.options().row_height.to_bits(), travel)
        });
        Effect::new(move || scene.lay_out(form.get().0));
        Effect::new(move || {
            if let Some(record) = source.selected() {
                scene.reveal(record);
            }
        });
        Effect::new(move || scene.reveal_difference());
        Effect::new(move || scene.keep_up());
        scene
    }

    fn layout(source: TraceSource, as_list: bool) -> Box<dyn Layout> {
        match source.stage {
            Some(stage) if !as_list => (stage.layout)(),
            _ => Box::new(List::default()),
        }
    }

    /// The rows on the screen.
    pub fn places(self) -> Memo<Vec<Place>> {
        let heights = self.heights();
        Memo::new(move |_| {
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

    /// How the drawing is to be laid out at the present width.
    pub fn options(self) -> Options {
        let width = self.scroll.width.get();
        let narrow = width < NARROW;
        let two_lines = narrow && (self.source.view.as_list.get() || self.source.stage.is_none());
        Options {
            width,
            row_height: if two_lines { TALL_ROW_HEIGHT } else { ROW_HEIGHT },
            time_width: if narrow { 56.0 } else { 64.0 },
            character_width: CHARACTER_WIDTH,
            two_lines,
            slant: 0.0,
            // The page's clock starts with the page, and so do all times on it.
            zero: self.source.zero.unwrap_or(Instant::ZERO),
            language: language::current(),
        }
    }

    /// Whether heights stand for moments.
    pub fn is_to_scale(self) -> bool {
        self.source.stage.is_some() && !self.source.view.as_list.get()
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

    /// The participants.
    pub fn lanes(self) -> Vec<Lane> {
        let options = self.options();
        self.source.read(|trace| diagram::lanes(&trace.parties, &options)).unwrap_or_default()
    }

    /// The flow of the selected record.
    pub fn selected_flow(self) -> Memo<Option<FlowId>> {
        Memo::new(move |_| {
            self.shown.track();
            self.flow(self.source.selected()?)
        })
    }

    /// Moves the selection as this key says. Whether the key means anything.
    pub fn select_by_key(self, key: &str) -> bool {
        let selected = untrack(|| self.source.selected());
        let ys = self.scroll.window.with_untracked(|window| {
            let visible = window.visible();
            visible.start as f64..visible.end as f64
        });
        let record = self.index.with_value(|index| {
            let at = selected.and_then(|record| index.order.row(record));
            let page = index.layout.rows(&index.order, ys).len().max(2) as u64 - 1;
            let row = super::scroll::moved(key, at, index.order.rows(), page)?;
            index.order.record(row)
        });
        if record.is_some() {
            self.source.select(record);
        }
        record.is_some()
    }

    /// Whether there are no rows, because all were cleared say.
    pub fn is_blank(self) -> Memo<bool> {
        Memo::new(move |_| self.rows().is_empty())
    }

    /// How many rows there are, and which place among them this one has.
    pub fn rows(self) -> Range<u64> {
        self.shown.track();
        self.index.with_value(|index| index.order.rows())
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

    /// Takes all rows so far away.
    pub fn clear(self) {
        self.source.select(None);
        self.change(Order::clear);
    }

    /// Shows keep-alive packets, or leaves them out.
    pub fn leave_out_pings(self, without: bool) {
        self.change(|order, trace| order.leave_out_pings(without, trace));
    }

    /// A person has scrolled.
    pub fn on_scroll(self) {
        let before = self.scroll.window.with_untracked(Window::offset);
        self.scroll.on_scroll();
        if self.scroll.window.with_untracked(Window::offset) != before {
            self.tell();
        }
    }

    /// Scrolls until a record is in the view.
    pub fn reveal(self, record: u64) {
        let found = self.index.with_value(|index| {
            let row = index.order.row(record)?;
            Some((index.layout.span(row)?, row + 1 == index.order.rows().end))
        });
        let Some((ys, is_last)) = found else { return };
        self.scroll.change(|window| {
            window.reveal(ys.start.max(0.0) as u64..ys.end as u64);
            if is_last {
                window.follow(true);
            }
        });
        self.tell();
    }

    fn change(self, change: impl FnOnce(&mut Order, &Trace)) {
        self.source.read(|trace| self.index.update_value(|index| change(&mut index.order, trace)));
        self.place_rows(self.now.get_untracked());
        self.show();
    }

    fn update(self, news: News, now: Instant) {
        let known = self.index.with_value(|index| index.news);
        let view = self.source.view;
        self.source.read(|trace| {
            self.index.update_value(|index| {
                if known.generation != news.generation {
                    let layout = Scene::layout(self.source, view.as_list.get_untracked());
                    *index = Index::new(news, layout);
                }
                index.news = news;
                index.flows.update(trace);
                let without_pings = view.without_pings.get_untracked();
                if without_pings != index.order.is_without_pings() {
                    index.order.leave_out_pings(without_pings, trace);
                }
                index.order.update(trace);
            });
        });
        self.place_rows(now);
        if known != news {
            self.show();
        }
    }

    /// Tells the layout what there is, and the window how tall that is.
    fn place_rows(self, now: Instant) {
        let options = untrack(|| self.options());
        let travel = self.travel();
        self.source.read(|trace| {
            self.index.update_value(|Index { order, flows, layout, .. }| {
                let (order, travel) = (&*order, travel.as_slice());
                layout.update(&Known { trace, flows, order, options: &options, now, travel });
            });
        });
        let ys = self.index.with_value(|index| index.layout.extent(&index.order));
        self.scroll
            .change(|window| window.update(ys.start.max(0.0) as u64, ys.end.max(0.0) as u64));
        if self.now.get_untracked() != now {
            self.now.set(now);
        }
    }

    /// Has everything looked at again.
    fn show(self) {
        self.shown.update(|shown| *shown = shown.wrapping_add(1));
    }

    /// Changes to another layout, or to rows of another height; what is at the
    /// top stays there.
    fn lay_out(self, as_list: bool) {
        let top = self.top();
        let first = self.index.with_value(|index| index.layout.rows(&index.order, top..top + 1.0));
        let layout = Scene::layout(self.source, as_list);
        self.index.update_value(|index| index.layout = layout);
        self.place_rows(self.now.get_untracked());
        self.show();
        let row = first.first().copied();
        let y = self.index.with_value(|index| Some(index.layout.span(row?)?.start));
        if let Some(y) = y.filter(|_| !self.scroll.window.with_untracked(Window::is_following)) {
            self.scroll.change(|window| window.go_to(y.max(0.0) as u64));
        }
    }

    fn reveal_difference(self) {
        self.shown.track();
        let Some(record) = self.source.stage.and_then(|stage| stage.differs.get()) else { return };
        let is_seen = self.index.with_value(|index| index.revealed == Some(record));
        let height = self.scroll.window.with(Window::height);
        if is_seen || height == 0.0 {
            return;
        }
        let ys = self.index.with_value(|index| index.layout.span(index.order.row(record)?));
        let Some(ys) = ys else { return };
        self.index.update_value(|index| index.revealed = Some(record));
        let y = (ys.start - height / 3.0).max(0.0) as u64;
        self.scroll.change(|window| window.go_to(y));
    }

    /// Tells the pane beside it how far this one was scrolled.
    fn tell(self) {
        let Some(pane) = self.source.pane else { return };
        let y = self.top();
        let is_end = self.scroll.window.with_untracked(Window::is_following);
        let options = untrack(|| self.options());
        let at = self.known(&options, |known, layout| layout.moment(known, y)).unwrap_or_default();
        self.source.view.place.set(Some(Scrolled { pane: pane.name, y, at, is_end }));
    }

    /// Scrolls to where the pane beside it was scrolled to. Up to the first
    /// difference, what is at the same height is the same.
    fn keep_up(self) {
        let (Some(place), Some(pane)) = (self.source.view.place.get(), self.source.pane) else {
            return;
        };
        if place.pane == pane.name {
            return;
        }
        let options = untrack(|| self.options());
        let differs = self.source.stage.and_then(|stage| stage.differs.get_untracked());
        let same = self.index.with_value(|index| index.layout.span(index.order.row(differs?)?));
        let same = same.map_or(f64::MAX, |ys| ys.start);
        let y = match place.y <= same {
            true => place.y,
            false => self
                .known(&options, |known, layout| layout.y(known, place.at))
                .map_or(place.y, |y| y.max(same)),
        };
        self.scroll.change(|window| match place.is_end {
            true => window.follow(true),
            false => window.go_to(y as u64),
        });
    }

    /// The height at the top of the view.
    fn top(self) -> f64 {
        self.scroll.window.with_untracked(|window| {
            let start = window.rows().start;
            start as f64 + window.offset() - window.y(start)
        })
    }

    fn travel(self) -> Vec<Duration> {
        self.source.stage.map(|stage| stage.travel.get_untracked()).unwrap_or_default()
    }

    fn know<R>(self, read: impl FnOnce(&Trace, &Index) -> R) -> Option<R> {
        self.source.read(|trace| self.index.with_value(|index| read(trace, index)))
    }

    fn known<R>(
        self,
        options: &Options,
        read: impl FnOnce(&Known<'_>, &dyn Layout) -> R,
    ) -> Option<R> {
        let now = self.now.get_untracked();
        let travel = self.travel();
        self.know(|trace, Index { order, flows, layout, .. }| {
            let travel = travel.as_slice();
            read(&Known { trace, flows, order, options, now, travel }, &**layout)
        })
    }
}

impl Index {
    fn new(news: News, layout: Box<dyn Layout>) -> Index {
        let (order, flows) = (Order::new(), Flows::new());
        Index { news, order, flows, layout, revealed: None }
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
/// Pixels beside a row of the list.
const MARGIN: f64 = 16.0;
/// Pixels that buttons beside a row take.
const TOOLS: f64 = 150.0;
/// Pixels that they are below the row's upper edge where it is narrow.
const TOOLS_BELOW: f64 = 24.0;
/// Pixels by which what is drawn changes.
const STEP: u64 = 160;
