//! The browser's side: a [`Driver`] that runs a [`Client`] on a WebSocket,
//! the browser's clock and IndexedDB.
//!
//! ```text
//!            commands                    Driver::with, snapshot
//!   page ───────────────▶  Driver  ──────────────────────────▶ page
//!                            │  one `on_change` a frame
//!            ┌───────────────┼──────────────┬───────────────┐
//!         Client           Outbox         Socket          Store
//!      (sans-IO engine)  (what may leave) (WebSocket)  (IndexedDB)
//! ```
//!
//! - Every byte that the WebSocket is given or gives crosses a
//!   [`Tap`](crate::trace::Tap) at that moment: the trace is the wire.
//! - A packet leaves only after the storage that it depends on is committed
//!   ([`Outbox`](outbox)).
//! - The page is told of changes once a frame, however many there were.
//!
//! What can be told apart without a browser ([`Address`], [`explain`]) is
//! compiled everywhere and tested on the host.
//!
//! [`Client`]: crate::client::Client

mod address;
#[cfg(any(test, target_arch = "wasm32"))]
mod arrivals;
pub mod explain;
#[cfg(any(test, target_arch = "wasm32"))]
mod gaps;
#[cfg(any(test, target_arch = "wasm32"))]
mod kept;
#[cfg(any(test, target_arch = "wasm32"))]
mod outbox;
mod recent;
mod session_name;
mod typed_address;

#[cfg(any(test, target_arch = "wasm32"))]
pub mod clock;
#[cfg(target_arch = "wasm32")]
mod driver;
#[cfg(target_arch = "wasm32")]
mod frame;
#[cfg(target_arch = "wasm32")]
mod macrotask;
#[cfg(target_arch = "wasm32")]
mod page;
#[cfg(target_arch = "wasm32")]
mod runner;
#[cfg(target_arch = "wasm32")]
mod socket;
#[cfg(target_arch = "wasm32")]
mod storage;
#[cfg(target_arch = "wasm32")]
mod ticker;
#[cfg(target_arch = "wasm32")]
mod view;

pub use address::Address;
pub use recent::{Footprint, Recent};
pub use session_name::SessionName;
pub use typed_address::{TypedAddress, TypedLogin};

#[cfg(target_arch = "wasm32")]
pub use driver::{Driver, Options};
#[cfg(target_arch = "wasm32")]
pub use page::is_secure as page_is_secure;
#[cfg(target_arch = "wasm32")]
pub use runner::Earlier;
#[cfg(target_arch = "wasm32")]
pub use storage::{StorageError, StoredSession, delete_session, stored_sessions};
#[cfg(target_arch = "wasm32")]
pub use view::{Finished, Level, Notice, Received, Snapshot, StorageState, View};

// The tests of these modules need a page; the codec's tests do not mind one.
#[cfg(all(test, target_arch = "wasm32"))]
wasm_bindgen_test::wasm_bindgen_test_configure!(run_in_browser);
