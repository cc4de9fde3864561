use std::time::Duration;

use crate::time::Instant;

/// Keeps one connection alive, and finds out when it is dead (3.1.2.10,
/// 3.12). Two clocks run, and neither waits for the other.
///
/// *The server's* patience: a PINGREQ leaves whenever nothing was sent for
/// three quarters of the interval, whether or not an earlier one is answered
/// ([MQTT-3.1.2-20] in 5.0, [MQTT-3.1.2-23] in 3.1.1). The last quarter is for
/// timers that come late, as in a browser's background tab.
///
/// *Ours*: when nothing was received for so long, a PINGREQ leaves too,
/// because a client that only sends, at QoS 0, would never learn that the
/// server is gone. The first PINGREQ without an answer starts a wait for half
/// the interval, at least 5 and at most 30 seconds, after which the connection
/// is dead. Any bytes from the server start that wait again, because PINGRESP
/// may be behind a large message; a further PINGREQ does not.
///
/// When the timer for that wait is late itself, it is we who slept, and the
/// answer may be unread: then another PINGREQ gets a wait of its own, once.
#[derive(Clone, Debug, Default)]
pub(super) struct KeepAlive {
    interval: Option<Interval>,
    last_sent: Instant,
    last_received: Instant,
    ping: Option<Ping>,
}

/// What to do when time has passed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Due {
    Nothing,
    SendPing,
    Dead,
}

#[derive(Clone, Copy, Debug)]
struct Interval {
    until_ping: Duration,
    until_dead: Duration,
}

/// A PINGREQ without PINGRESP.
#[derive(Clone, Copy, Debug)]
struct Ping {
    deadline: Instant,
    /// Whether it has had its second chance.
    repeated: bool,
}

impl KeepAlive {
    /// Starts with the interval that is in force since CONNACK, in seconds; 0
    /// for no keep-alive. The last packet before it, CONNECT or AUTH, counts
    /// from when it was sent.
    pub fn start(&mut self, now: Instant, seconds: u16) {
        let whole = Duration::from_secs(u64::from(seconds));
        *self = KeepAlive {
            interval: (seconds > 0).then(|| Interval {
                until_ping: whole * 3 / 4,
                until_dead: (whole / 2).clamp(SHORTEST_GRACE, LONGEST_GRACE),
            }),
            last_sent: self.last_sent,
            last_received: now,
            ping: None,
        };
    }

    /// Notes that a packet was sent.
    pub fn sent(&mut self, now: Instant) {
        self.last_sent = now;
    }

    /// Notes that bytes were received: the server is alive.
    pub fn received(&mut self, now: Instant) {
        self.last_received = now;
        if let (Some(interval), Some(ping)) = (self.interval, &mut self.ping) {
            *ping = Ping { deadline: now + interval.until_dead, repeated: false };
        }
    }

    /// Notes that PINGRESP was received.
    pub fn answered(&mut self) {
        self.ping = None;
    }

    /// What is due at this time. The caller sends the PINGREQ.
    pub fn handle_timeout(&mut self, now: Instant) -> Due {
        let Some(interval) = self.interval else { return Due::Nothing };
        let wait = |repeated| Some(Ping { deadline: now + interval.until_dead, repeated });
        match self.ping {
            Some(ping) if now >= ping.deadline => {
                if ping.repeated || now.since(ping.deadline) <= PUNCTUAL {
                    return Due::Dead;
                }
                self.ping = wait(true);
            }
            _ if now < self.ping_due(interval) => return Due::Nothing,
            Some(_) => {}
            None => self.ping = wait(false),
        }
        Due::SendPing
    }

    /// The next time at which something is due.
    pub fn next_timeout(&self) -> Option<Instant> {
        let due = self.ping_due(self.interval?);
        Some(self.ping.map_or(due, |ping| due.min(ping.deadline)))
    }

    /// When the next PINGREQ has to leave. While one is unanswered, what we
    /// receive does not matter: no further one would bring more.
    fn ping_due(&self, interval: Interval) -> Instant {
        let silent_since = match self.ping {
            None => self.last_sent.min(self.last_received),
            Some(_) => self.last_sent,
        };
        silent_since + interval.until_ping
    }
}

/// A timer that is later than this had no chance to run in time.
const PUNCTUAL: Duration = Duration::from_secs(1);
const SHORTEST_GRACE: Duration = Duration::from_secs(5);
const LONGEST_GRACE: Duration = Duration::from_secs(30);

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: u64) -> Instant {
        Instant::from_millis(seconds * 1_000)
    }

    fn started(seconds: u16) -> KeepAlive {
        let mut keep_alive = KeepAlive::default();
        keep_alive.start(at(0), seconds);
        keep_alive
    }

    #[test]
    fn a_ping_is_due_after_three_quarters_of_silence_and_an_exchange_puts_it_off() {
        let mut keep_alive = started(60);
        assert_eq!(keep_alive.next_timeout(), Some(at(45)));
        keep_alive.sent(at(30));
        assert_eq!(keep_alive.next_timeout(), Some(at(45)));
        keep_alive.received(at(30));
        assert_eq!(keep_alive.handle_timeout(at(45)), Due::Nothing);
        assert_eq!(keep_alive.next_timeout(), Some(at(75)));
        assert_eq!(keep_alive.handle_timeout(at(75)), Due::SendPing);
    }

    #[test]
    fn the_wait_for_an_answer_is_half_the_interval_within_bounds() {
        for (seconds, wait) in [(1, 5), (10, 5), (40, 20), (60, 30), (u16::MAX, 30)] {
            let mut keep_alive = started(seconds);
            let slept = at(100_000);
            assert_eq!(keep_alive.handle_timeout(slept), Due::SendPing);
            keep_alive.sent(slept);
            assert_eq!(
                keep_alive.ping.map(|it| it.deadline),
                Some(at(100_000 + wait)),
                "{seconds}"
            );
        }
    }

    #[test]
    fn silence_after_a_ping_is_death_but_any_bytes_are_life() {
        let mut keep_alive = started(60);
        assert_eq!(keep_alive.handle_timeout(at(45)), Due::SendPing);
        keep_alive.sent(at(45));
        keep_alive.received(at(70));
        assert_eq!(keep_alive.handle_timeout(at(75)), Due::Nothing);
        assert_eq!(keep_alive.handle_timeout(at(100)), Due::Dead);
    }

    #[test]
    fn a_ping_without_an_answer_is_followed_by_the_next_and_does_not_put_off_death() {
        let mut keep_alive = started(5);
        let after = Instant::from_millis;
        assert_eq!(keep_alive.handle_timeout(after(3_750)), Due::SendPing);
        keep_alive.sent(after(3_750));
        assert_eq!(keep_alive.next_timeout(), Some(after(7_500)));
        assert_eq!(keep_alive.handle_timeout(after(7_500)), Due::SendPing);
        keep_alive.sent(after(7_500));
        assert_eq!(keep_alive.next_timeout(), Some(after(8_750)));
        assert_eq!(keep_alive.handle_timeout(after(8_750)), Due::Dead);
    }

    #[test]
    fn what_was_sent_before_connack_counts() {
        let mut keep_alive = KeepAlive::default();
        keep_alive.sent(at(1));
        keep_alive.start(at(8), 10);
        assert_eq!(keep_alive.next_timeout(), Some(Instant::from_millis(8_500)));
    }

    #[test]
    fn who_slept_through_the_deadline_asks_once_more_before_giving_up() {
        let mut keep_alive = started(60);
        assert_eq!(keep_alive.handle_timeout(at(45)), Due::SendPing);
        keep_alive.sent(at(45));
        assert_eq!(keep_alive.handle_timeout(at(135)), Due::SendPing);
        keep_alive.sent(at(135));
        assert_eq!(keep_alive.next_timeout(), Some(at(165)));
        assert_eq!(keep_alive.handle_timeout(at(255)), Due::Dead);
    }

    #[test]
    fn zero_turns_it_off() {
        let mut keep_alive = started(0);
        assert_eq!(keep_alive.next_timeout(), None);
        assert_eq!(keep_alive.handle_timeout(at(1_000_000)), Due::Nothing);
    }
}
