use std::rc::Weak;
use std::time::Duration;

use gloo_timers::callback::Timeout;

use super::Shared;
use crate::time::Instant;
use crate::web::frame::is_hidden;
use crate::web::ticker::Ticker;

/// The timers of a driver: one for the engine, one for back-pressure.
#[derive(Default)]
pub struct Timers {
    /// When the engine's timer fires, and the timer.
    engine: Option<(Instant, Timeout)>,
    /// Looks again whether the browser's buffer has drained. There is no
    /// event for that.
    retry: Option<Timeout>,
    /// Keeps time while the page is hidden.
    ticker: Option<Ticker>,
}

impl Timers {
    /// Sees to it that the engine's timer fires at `deadline` or earlier. An
    /// early call does no harm, so a timer that is set is left alone when the
    /// deadline moves away, as it does with each packet.
    pub fn arm(&mut self, now: Instant, deadline: Option<Instant>, shared: &Weak<Shared>) {
        let Some(deadline) = deadline else {
            self.engine = None;
            self.ticker = None;
            return;
        };
        if self.engine.as_ref().is_some_and(|(at, _)| *at <= deadline) {
            return;
        }
        let wait = millis(deadline.since(now));
        if is_hidden() {
            self.ticker(shared, wait);
        }
        self.engine = Some((deadline, Timeout::new(wait, when_fired(shared))));
    }

    /// When the engine's timer should fire.
    pub fn due(&self) -> Option<Instant> {
        self.engine.as_ref().map(|(at, _)| *at)
    }

    /// The engine's timer, or the worker's, has fired.
    pub fn fired(&mut self) {
        self.engine = None;
    }

    /// The page was hidden or shown: the next [`Timers::arm`] starts anew.
    pub fn visibility_changed(&mut self) {
        self.engine = None;
        if !is_hidden() {
            self.ticker = None;
        }
    }

    /// Comes back when the buffer may have drained.
    pub fn retry(&mut self, shared: &Weak<Shared>) {
        if self.retry.is_none() {
            self.retry = Some(Timeout::new(RETRY_MILLIS, when_fired(shared)));
        }
    }

    /// The buffer has drained, or the timer for it has fired.
    pub fn stop_retry(&mut self) {
        self.retry = None;
    }

    fn ticker(&mut self, shared: &Weak<Shared>, wait: u32) {
        if self.ticker.is_none() {
            self.ticker = Ticker::new(when_fired(shared));
        }
        if let Some(ticker) = &self.ticker {
            ticker.set(wait);
        }
    }
}

/// Any of the timers: looking at everything that may be due is cheap.
fn when_fired(shared: &Weak<Shared>) -> impl Fn() + 'static {
    let shared = shared.clone();
    move || {
        if let Some(shared) = shared.upgrade() {
            shared.timer_fired();
        }
    }
}

/// Whole milliseconds, rounded up so that the timer is not early, and no more
/// than browsers can count.
fn millis(wait: Duration) -> u32 {
    let millis = wait.as_micros().div_ceil(1_000);
    u32::try_from(millis).unwrap_or(u32::MAX).min(i32::MAX as u32)
}

const RETRY_MILLIS: u32 = 20;
