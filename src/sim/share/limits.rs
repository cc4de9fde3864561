//! What a link may be, and what it may ask for.

use std::time::Duration;

/// How every link starts.
pub(super) const VERSION: &str = "v1";
/// Characters of a link.
pub(super) const LONGEST: usize = 64 * 1024;
pub(super) const MOST_CLIENTS: usize = 8;
pub(super) const MOST_STEPS: usize = 2_000;
/// Messages of all steps together.
pub(super) const MOST_MESSAGES: u64 = 100_000;
/// Bytes of the topics and payloads of these.
pub(super) const MOST_BYTES: u64 = 16 << 20;
/// For every time and every interval.
pub(super) const LONGEST_TIME: Duration = Duration::from_secs(24 * 60 * 60);
