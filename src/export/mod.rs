//! A trace as a file: [JSON lines](jsonl) that can be read back, and
//! [pcapng](pcapng()) for Wireshark.

mod json;
pub mod jsonl;
#[cfg(feature = "export")]
mod pcapng;

#[cfg(feature = "export")]
pub use pcapng::{ExportError, pcapng};
