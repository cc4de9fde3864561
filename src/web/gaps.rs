//! Gaps in time: a computer that slept, and a server that does not answer.

use std::time::Duration;

use crate::time::Instant;

/// Finds out that nothing ran for a while, because the computer slept or the
/// browser froze the page.
///
/// A timer that is late by a minute and more is the sign: browsers delay the
/// timers of a hidden page by a minute at most. The clock counts a sleep, so
/// the lateness includes it.
#[derive(Debug, Default)]
pub struct SleepWatch {
    last: Option<Instant>,
}

/// Finds out that a server does not answer, and that it does again.
#[derive(Debug, Default)]
pub struct AnswerWatch {
    /// Since when something of ours has had no answer.
    waiting: Option<Instant>,
    is_told: bool,
}

/// What an [`AnswerWatch`] has to say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// Nothing arrived for so long, although something is to be answered.
    Missing(Duration),
    /// The server has answered, after so long.
    Back(Duration),
}

impl SleepWatch {
    /// Something runs now. `due` is when the earliest timer should have fired.
    /// Returns how long nothing ran, if that was a sleep.
    pub fn look(&mut self, now: Instant, due: Option<Instant>) -> Option<Duration> {
        let last = self.last.replace(now)?;
        let is_late = due.is_some_and(|due| now.since(due) >= LATE);
        is_late.then(|| now.since(last))
    }
}

impl AnswerWatch {
    /// Something has left that the server has to answer.
    pub fn asked(&mut self, now: Instant) {
        self.waiting.get_or_insert(now);
    }

    /// Something arrived. Whether it answers all that was asked is the
    /// engine's to know; a server that sends is not silent.
    pub fn heard(&mut self, now: Instant) -> Option<Answer> {
        let since = self.waiting.take()?;
        std::mem::take(&mut self.is_told).then(|| Answer::Back(now.since(since)))
    }

    /// What was asked has not left the browser yet.
    pub fn still_sending(&mut self, now: Instant) {
        if !self.is_told && self.waiting.is_some() {
            self.waiting = Some(now);
        }
    }

    /// The connection is over, or a new one begins.
    pub fn reset(&mut self) {
        *self = AnswerWatch::default();
    }

    /// Says once that an answer is missing.
    pub fn look(&mut self, now: Instant, keep_alive: u16) -> Option<Answer> {
        let silence = now.since(self.waiting?);
        if self.is_told || silence < patience(keep_alive) {
            return None;
        }
        self.is_told = true;
        Some(Answer::Missing(silence))
    }

    /// When to look again.
    pub fn next_look(&self, keep_alive: u16) -> Option<Instant> {
        self.waiting.filter(|_| !self.is_told).map(|since| since + patience(keep_alive))
    }
}

/// What a person is told after a sleep. `keep_alive` is in seconds, 0 for
/// none; `was_connected`: a connection stood when it began.
pub fn after_sleep(gap: Duration, keep_alive: u16, was_connected: bool) -> String {
    let minutes = gap.as_secs() / 60;
    // A server takes a client for gone after one and a half times this.
    let is_over = keep_alive > 0 && gap.as_secs() >= u64::from(keep_alive) * 3 / 2;
    match (was_connected, is_over) {
        (true, true) => format!(
            "This computer slept, or the browser froze this page, for {minutes} min. The server \
             heard nothing for longer than the keep-alive allows: it has closed the connection \
             by now and published the will, if there is one."
        ),
        (true, false) => format!(
            "This computer slept, or the browser froze this page, for {minutes} min. The \
             connection may be lost: the next PINGREQ finds out."
        ),
        (false, _) => format!(
            "This computer slept, or the browser froze this page, for {minutes} min. Nothing was \
             sent or received meanwhile."
        ),
    }
}

/// How long a server may take: a quarter of the keep-alive, 15 s without one.
fn patience(keep_alive: u16) -> Duration {
    match keep_alive {
        0 => LONGEST_PATIENCE,
        seconds => {
            Duration::from_secs(u64::from(seconds) / 4).clamp(SHORTEST_PATIENCE, LONGEST_PATIENCE)
        }
    }
}

/// Later than browsers make a timer of a hidden page.
const LATE: Duration = Duration::from_secs(75);
const SHORTEST_PATIENCE: Duration = Duration::from_secs(5);
const LONGEST_PATIENCE: Duration = Duration::from_secs(15);

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: u64) -> Instant {
        Instant::from_millis(seconds * 1_000)
    }

    #[test]
    fn a_timer_that_is_far_late_means_a_sleep_and_one_of_a_hidden_page_does_not() {
        let mut watch = SleepWatch::default();
        let looks = [
            ("the first look", 10, None, None),
            ("the timer is on time", 55, Some(55), None),
            ("a hidden page's timer is a minute late", 160, Some(100), None),
            ("nothing was due", 4_000, None, None),
            ("an hour of sleep", 7_640, Some(4_045), Some(3_640)),
            ("awake again", 7_641, Some(7_680), None),
        ];
        for (what, now, due, expect) in looks {
            let gap = watch.look(at(now), due.map(at));
            assert_eq!(gap, expect.map(Duration::from_secs), "{what}");
        }
    }

    #[test]
    fn a_sleep_is_explained_by_what_the_server_has_done_meanwhile() {
        let hour = Duration::from_secs(3_660);
        let cases = [
            (hour, 60, true, "published the will"),
            (Duration::from_secs(80), 60, true, "may be lost"),
            (hour, 0, true, "may be lost"),
            (hour, 60, false, "Nothing was sent"),
        ];
        for (gap, keep_alive, was_connected, expect) in cases {
            let words = after_sleep(gap, keep_alive, was_connected);
            let minutes = format!("for {} min", gap.as_secs() / 60);
            assert!(words.contains(expect) && words.contains(&minutes), "{words}");
        }
    }

    #[test]
    fn a_packet_that_has_not_left_yet_is_not_waited_for() {
        let mut watch = AnswerWatch::default();
        watch.asked(at(1_000));
        watch.still_sending(at(1_020));
        assert_eq!(watch.look(at(1_021), 60), None);
        assert_eq!(watch.next_look(60), Some(at(1_035)));
        watch.reset();
        assert_eq!(watch.next_look(60), None);
    }

    #[test]
    fn a_silent_server_is_mentioned_once_and_that_it_answers_again() {
        let mut watch = AnswerWatch::default();
        assert_eq!(watch.look(at(1_000), 60), None, "nothing was asked");
        watch.asked(at(1_000));
        watch.asked(at(1_010));
        assert_eq!(watch.next_look(60), Some(at(1_015)));
        assert_eq!(watch.look(at(1_014), 60), None);
        let missing = Answer::Missing(Duration::from_secs(15));
        assert_eq!(watch.look(at(1_015), 60), Some(missing));
        assert_eq!((watch.look(at(1_030), 60), watch.next_look(60)), (None, None), "once");
        assert_eq!(watch.heard(at(1_040)), Some(Answer::Back(Duration::from_secs(40))));
        assert_eq!(watch.heard(at(1_041)), None);
        watch.asked(at(2_000));
        assert_eq!(watch.heard(at(2_001)), None, "an answer in time is no news");
        for (keep_alive, seconds) in [(0, 15), (4, 5), (40, 10), (u16::MAX, 15)] {
            let mut watch = AnswerWatch::default();
            watch.asked(at(0));
            assert_eq!(watch.next_look(keep_alive), Some(at(seconds)), "{keep_alive}");
        }
    }
}
