//! What moves a scene: a person, the pane beside it, and what is new.

use std::time::Duration;

use leptos::prelude::*;

use super::super::scroll::moved;
use super::super::source::Scrolled;
use super::Scene;
use crate::view::pace::Pace;
use crate::view::window::Window;
use crate::web::clock;

impl Scene {
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
            let row = moved(key, at, index.order.rows(), page)?;
            index.order.record(row)
        });
        if record.is_some() {
            self.source.select(record);
        }
        record.is_some()
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

    /// Shows what is spoken of beside the diagram, and then the end again if that
    /// was in view before. `followed`, and what comes back: whether it was.
    pub(super) fn peek(self, followed: bool) -> bool {
        let follows = self.scroll.window.with_untracked(Window::is_following);
        match self.source.peeked.get() {
            Some(record) => self.reveal(record),
            None if followed => self.scroll.change(|window| window.follow(true)),
            None => {}
        }
        self.source.peeked.with_untracked(Option::is_some) && (followed || follows)
    }

    pub(super) fn reveal_difference(self) {
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
    pub(super) fn keep_up(self) {
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
    pub(super) fn top(self) -> f64 {
        self.scroll.window.with_untracked(|window| {
            let start = window.rows().start;
            start as f64 + window.offset() - window.y(start)
        })
    }

    /// So many pixels have gone by because of what is new.
    pub(super) fn pass(self, pixels: f64) {
        let height = self.scroll.window.with_untracked(Window::height);
        let views = if height > 0.0 { pixels.abs() / height } else { 0.0 };
        self.pace(|pace| pace.pass(clock::now(), views));
    }

    /// Nothing goes by.
    pub(super) fn stop(self) {
        self.pace(Pace::stop);
    }

    /// Looks, as long as rows go by too fast to be read, whether they still do.
    pub(super) fn watch_haste(self) {
        if self.is_hasty.get()
            && let Ok(interval) = set_interval_with_handle(move || self.pass(0.0), PAUSE)
        {
            on_cleanup(move || interval.clear());
        }
    }

    fn pace(self, change: impl FnOnce(&mut Pace)) {
        self.index.update_value(|index| change(&mut index.pace));
        let is_hasty = self.index.with_value(|index| index.pace.is_hasty());
        if self.is_hasty.get_untracked() != is_hasty {
            self.is_hasty.set(is_hasty);
        }
    }
}

/// From one look at the haste to the next.
const PAUSE: Duration = Duration::from_millis(100);
