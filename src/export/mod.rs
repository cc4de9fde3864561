//! A trace as a file: [JSON lines](jsonl) that can be read back, and
//! [pcapng](pcapng()) for Wireshark.
//!
//! What [`Record::secrets`](crate::trace::Record::secrets) finds leaves only if
//! it is asked for: else each of its bytes is replaced, so that lengths stay,
//! and the record says so.

mod json;
pub mod jsonl;
#[cfg(feature = "export")]
mod pcapng;

#[cfg(feature = "export")]
pub use pcapng::{ExportError, pcapng, pcapng_with_secrets};

use std::borrow::Cow;

use crate::trace::Record;

/// Whether passwords and authentication data leave with a trace.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Secrets {
    LeftOut,
    Included,
}

impl Secrets {
    /// The record as it may leave.
    fn of(self, record: &Record) -> Cow<'_, Record> {
        match self {
            Secrets::LeftOut => record.without_secrets().map_or(Cow::Borrowed(record), Cow::Owned),
            Secrets::Included => Cow::Borrowed(record),
        }
    }
}
