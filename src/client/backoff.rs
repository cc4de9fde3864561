use std::time::Duration;

use super::Backoff;

/// Counts the attempts since the last success and draws their waits.
#[derive(Clone, Debug)]
pub(super) struct Attempts {
    /// State of the generator.
    random: u64,
    count: u32,
}

impl Attempts {
    pub fn new(seed: u64) -> Self {
        Attempts { random: seed, count: 0 }
    }

    /// The number of the next attempt, from 1, and how long to wait for it:
    /// a fixed half and a random half, so that clients which one server lost
    /// together do not come back together.
    pub fn next(&mut self, backoff: &Backoff) -> (u32, Duration) {
        let doublings = self.count.min(MOST_DOUBLINGS);
        self.count = self.count.saturating_add(1);
        let full = backoff.initial.saturating_mul(1 << doublings).min(backoff.maximum);
        let full = u64::try_from(full.as_micros()).unwrap_or(u64::MAX);
        let half = full / 2;
        // The remainder is biased by at most 2^-10 for waits below 500 years.
        let jitter = self.random() % (full - half).saturating_add(1).max(1);
        (self.count, Duration::from_micros((half + jitter).max(SHORTEST_WAIT)))
    }

    /// A connection ended that had been up for this long. One that lasted
    /// starts the waits from the first again; a server that accepts a client
    /// only to drop it at once, or two clients that take one session from each
    /// other, must not be asked every second for ever.
    pub fn ended(&mut self, backoff: &Backoff, lasted: Duration) {
        if lasted >= STABLE.min(backoff.maximum) {
            self.count = 0;
        }
    }

    /// SplitMix64 (Steele, Lea, Flood 2014).
    fn random(&mut self) -> u64 {
        self.random = self.random.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.random;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }
}

/// A connection that lasted this long was a success.
const STABLE: Duration = Duration::from_secs(10);

/// More would only overflow: the cap has long been reached.
const MOST_DOUBLINGS: u32 = 31;

/// Microseconds; keeps a driver from spinning.
const SHORTEST_WAIT: u64 = 1_000;

#[cfg(test)]
mod tests {
    use super::*;

    fn waits(seed: u64, count: usize) -> Vec<Duration> {
        let backoff = Backoff::new(seed);
        let mut attempts = Attempts::new(seed);
        (0..count).map(|_| attempts.next(&backoff).1).collect()
    }

    #[test]
    fn waits_double_up_to_the_cap_and_keep_at_least_a_half() {
        for seed in 0..100 {
            for (index, wait) in waits(seed, 12).into_iter().enumerate() {
                let full = Duration::from_secs(1 << index).min(Duration::from_secs(60));
                assert!(full / 2 <= wait && wait <= full, "attempt {index}: {wait:?}");
            }
        }
    }

    #[test]
    fn the_same_seed_gives_the_same_waits_and_another_gives_others() {
        assert_eq!(waits(7, 8), waits(7, 8));
        assert_ne!(waits(7, 8), waits(8, 8));
    }

    #[test]
    fn attempts_are_counted_until_a_success() {
        let backoff = Backoff::new(1);
        let mut attempts = Attempts::new(1);
        assert_eq!([attempts.next(&backoff).0, attempts.next(&backoff).0], [1, 2]);
        attempts.ended(&backoff, Duration::from_secs(9));
        assert_eq!(attempts.next(&backoff).0, 3);
        attempts.ended(&backoff, Duration::from_secs(10));
        let (attempt, wait) = attempts.next(&backoff);
        assert_eq!(attempt, 1);
        assert!(wait <= backoff.initial);
    }

    #[test]
    fn no_configuration_overflows_or_spins() {
        for (initial, maximum) in [
            (Duration::MAX, Duration::MAX),
            (Duration::from_nanos(1), Duration::from_nanos(1)),
            (Duration::ZERO, Duration::ZERO),
        ] {
            let backoff = Backoff { initial, maximum, seed: 3 };
            let mut attempts = Attempts::new(3);
            for _ in 0..100 {
                assert!(!attempts.next(&backoff).1.is_zero());
            }
        }
    }
}
