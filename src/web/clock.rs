//! The browser's clock as plain time.
//!
//! `performance.now()` never goes back, but on many systems it stands still
//! while the machine sleeps. `Date` goes on, and may be set at will. So time
//! here is the former, plus every leap that only the latter made: after a
//! sleep, deadlines that passed in it are past, and keep-alive finds out at
//! once whether the connection is still alive. A user who sets the clock
//! forward causes the same check, which does no harm.

#[cfg(target_arch = "wasm32")]
use crate::time::Instant;

/// Now: microseconds since the page was loaded, never going back. All drivers
/// of a page share it.
#[cfg(target_arch = "wasm32")]
pub fn now() -> Instant {
    let millis = CLOCK.with_borrow_mut(|clock| clock.advance(performance(), js_sys::Date::now()));
    Instant::from_micros((millis * 1_000.0) as u64)
}

/// The moment as milliseconds since 1970-01-01 UTC, for showing.
#[cfg(target_arch = "wasm32")]
pub fn unix_millis(at: Instant) -> f64 {
    let ago = (now().as_micros() as f64 - at.as_micros() as f64) / 1_000.0;
    js_sys::Date::now() - ago
}

/// Milliseconds since the page was loaded, by the clock that may stand still.
#[cfg(target_arch = "wasm32")]
pub fn performance() -> f64 {
    web_sys::window().and_then(|window| window.performance()).map_or(0.0, |p| p.now())
}

/// Combines the two clocks. Both readings in milliseconds.
#[derive(Debug)]
struct Clock {
    performance: f64,
    date: f64,
    /// How much `date` has leapt ahead of `performance` in all.
    slept: f64,
}

impl Clock {
    /// Nothing read yet.
    const fn new() -> Self {
        Clock { performance: 0.0, date: 0.0, slept: 0.0 }
    }

    /// Takes both readings and returns the time in milliseconds.
    fn advance(&mut self, performance: f64, date: f64) -> f64 {
        let passed = (performance - self.performance).max(0.0);
        let leap = date - self.date - passed;
        // The first reading of the date is no leap.
        if leap >= LEAP && self.date > 0.0 {
            self.slept += leap;
        }
        self.performance += passed;
        self.date = date;
        self.performance + self.slept
    }
}

/// Less than this is a correction of the date or a rounding error.
const LEAP: f64 = 5_000.0;

#[cfg(target_arch = "wasm32")]
thread_local! {
    static CLOCK: std::cell::RefCell<Clock> = const { std::cell::RefCell::new(Clock::new()) };
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_never_goes_back_and_a_sleep_counts() {
        let mut clock = Clock::new();
        let readings = [
            ("the first reading is the page's age", 100.0, 1e12, 100.0),
            ("both went on", 350.0, 1e12 + 250.0, 350.0),
            ("the date was corrected a little", 400.0, 1e12 + 3_300.0, 400.0),
            ("the machine slept for an hour", 410.0, 1e12 + 3_603_310.0, 3_600_410.0),
            ("the date was set back", 420.0, 1e12, 3_600_420.0),
            ("both went on from there", 430.0, 1e12 + 10.0, 3_600_430.0),
            ("a reading went back", 425.0, 1e12 + 10.0, 3_600_430.0),
        ];
        for (what, performance, date, expect) in readings {
            assert_eq!(clock.advance(performance, date), expect, "{what}");
        }
    }
}
