//! Whether what goes by can be read.

use crate::time::Instant;

/// Tells whether a drawing moves on too fast for its words to be read.
///
/// It is a bucket that leaks: what passes through the view fills it, and it
/// runs dry at the pace at which words can just be read. One leap is no haste,
/// and neither is a moment of it.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Pace {
    /// Views that have passed, less what could be read since.
    unread: f64,
    /// When it was last told something.
    at: Instant,
    is_hasty: bool,
}

impl Pace {
    /// By now so many views, each of one view's height, have passed since the
    /// last call. More than one at once is one: the rest was never there.
    pub fn pass(&mut self, now: Instant, views: f64) {
        let read = now.since(self.at).as_secs_f64() / LEGIBLE;
        self.at = now;
        self.unread = (self.unread - read).max(0.0) + views.clamp(0.0, 1.0);
        self.unread = self.unread.min(MOST);
        self.is_hasty = self.unread > if self.is_hasty { LEAST } else { HASTE };
    }

    /// The drawing stands still, and will for a while.
    pub fn stop(&mut self) {
        *self = Pace { at: self.at, ..Pace::default() };
    }

    /// Whether it is too fast to be read.
    pub fn is_hasty(&self) -> bool {
        self.is_hasty
    }
}

/// Seconds that words have to stay in the view to be read at all.
const LEGIBLE: f64 = 0.25;
/// Unread views from which on it is haste, and until which it remains so.
const HASTE: f64 = 1.5;
const LEAST: f64 = 0.5;
/// Unread views that count, so that haste ends soon after it does.
const MOST: f64 = 2.0;

#[cfg(test)]
mod tests {
    use super::*;

    /// Whether it is hasty after so many seconds at so many views a second, 60
    /// frames a second.
    fn after(pace: &mut Pace, seconds: f64, views_per_second: f64) -> bool {
        let start = pace.at.as_micros() as f64;
        for frame in 1..=(seconds * 60.0) as u32 {
            let at = start + f64::from(frame) * 1_000_000.0 / 60.0;
            pace.pass(Instant::from_micros(at as u64), views_per_second / 60.0);
        }
        pace.is_hasty()
    }

    #[test]
    fn what_stays_for_a_quarter_of_a_second_can_be_read() {
        let check = |views_per_second, expect| {
            assert_eq!(
                after(&mut Pace::default(), 2.0, views_per_second),
                expect,
                "{views_per_second}"
            );
        };
        check(0.0, false);
        check(1.0, false);
        check(3.9, false);
        check(6.0, true);
        check(30.0, true);
        check(1_000.0, true);
    }

    #[test]
    fn one_leap_is_no_haste_however_far() {
        let mut pace = Pace::default();
        pace.pass(Instant::from_millis(1), 1_000.0);
        assert!(!pace.is_hasty());
    }

    #[test]
    fn haste_ends_soon_after_it_does_and_at_once_when_all_stands_still() {
        let mut pace = Pace::default();
        assert!(after(&mut pace, 10.0, 50.0));
        assert!(after(&mut pace, 0.3, 0.0));
        assert!(!after(&mut pace, 0.2, 0.0));
        assert!(after(&mut pace, 1.0, 50.0));
        pace.stop();
        assert!(!pace.is_hasty());
    }

    #[test]
    fn at_the_border_it_does_not_flicker() {
        let mut pace = Pace::default();
        assert!(after(&mut pace, 1.0, 8.0));
        let start = pace.at;
        for frame in 1..120_u64 {
            let views = if frame.is_multiple_of(2) { 0.1 } else { 0.04 };
            pace.pass(start + std::time::Duration::from_micros(frame * 16_667), views);
            assert!(pace.is_hasty(), "frame {frame}");
        }
    }
}
