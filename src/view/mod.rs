//! What the page shows, as plain data.
//!
//! Everything here is computed from a [`Trace`](crate::trace::Trace), from the
//! engine's snapshots, or from a simulated [`World`](crate::sim::World), knows no browser, and is tested on the host. The
//! page only emits it. What is computed is bounded by what is visible, however
//! long the trace is.

pub mod compare;
pub mod diagram;
pub mod flow;
pub mod inspector;
pub mod isolate;
pub mod label;
pub mod number;
pub mod order;
pub mod pace;
pub mod slanted;
pub mod strokes;
pub mod table;
pub mod timescale;
pub mod topic;
pub mod transcript;
pub mod what_if;
pub mod window;
