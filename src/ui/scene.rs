//! The diagram's own state: which records have rows, their flows, where they
//! are, and the part of them that is on the screen.

mod drawn;
mod moves;

use std::ops::Range;
use std::time::Duration;

use leptos::prelude::*;

pub(super) use drawn::Absent;

use super::language;
use super::placement::{Known, Layout, List};
use super::scroll::Scroll;
use super::source::{News, TraceSource};
use crate::time::Instant;
use crate::trace::Trace;
use crate::view::diagram::Options;
use crate::view::flow::Flows;
use crate::view::order::Order;
use crate::view::pace::Pace;
use crate::view::window::Window;

/// A handle: copies are the same scene.
#[derive(Clone, Copy)]
pub(super) struct Scene {
    pub source: TraceSource,
    /// Its rows are pixels of the drawing.
    pub scroll: Scroll,
    /// The present, as far as the layout knows it.
    pub now: RwSignal<Instant>,
    /// Whether rows go by too fast to be read.
    pub is_hasty: RwSignal<bool>,
    index: StoredValue<Index>,
    /// Rises when what is in the index may be drawn differently.
    shown: RwSignal<u32>,
}

/// What is known of the trace so far.
struct Index {
    news: News,
    order: Order,
    flows: Flows,
    layout: Box<dyn Layout>,
    /// How fast rows go by.
    pace: Pace,
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
            is_hasty: RwSignal::new(false),
            index: StoredValue::new(index),
            shown: RwSignal::new(0),
        };
        Effect::new(move || {
            let now = source.stage.map_or(Instant::ZERO, |stage| stage.now.get());
            let top = scene.top();
            scene.update(source.news.get(), now);
            match source.stage.is_none_or(|stage| stage.is_moving.get()) {
                true => scene.pass(scene.top() - top),
                false => scene.stop(),
            }
        });
        Effect::new(move || scene.watch_haste());
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
        Effect::new(move |followed: Option<bool>| scene.peek(followed == Some(true)));
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

    /// How many rows there are, and which place among them this one has.
    pub fn rows(self) -> Range<u64> {
        self.shown.track();
        self.index.with_value(|index| index.order.rows())
    }

    /// Whether there are no rows, because all were cleared say.
    pub fn is_blank(self) -> Memo<bool> {
        Memo::new(move |_| self.rows().is_empty())
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
        Index { news, order, flows, layout, pace: Pace::default(), revealed: None }
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
