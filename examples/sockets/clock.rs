//! The engine's time from the machine's clock.

use fourstep::time::Instant;

/// Counts from its creation and never runs backwards.
#[derive(Clone, Copy)]
pub struct Clock {
    zero: tokio::time::Instant,
}

impl Clock {
    /// A clock whose zero is now.
    pub fn start() -> Self {
        Clock { zero: tokio::time::Instant::now() }
    }

    /// The time.
    pub fn now(&self) -> Instant {
        Instant::ZERO + self.zero.elapsed()
    }

    /// Waits for a moment; for ever if there is none.
    pub async fn reach(&self, moment: Option<Instant>) {
        let at = moment.map(|moment| self.zero.checked_add(moment.since(Instant::ZERO)));
        match at.flatten() {
            Some(at) => tokio::time::sleep_until(at).await,
            None => std::future::pending().await,
        }
    }
}
