//! Ordered byte streams over TCP and WebSocket, for the examples that run an
//! engine on sockets.
//!
//! Each connection is one task. It reports [`Input`]s to the driver's inbox
//! and is steered by its [`Link`]. The driver never waits for a socket, and a
//! socket that nobody empties is not read from either, so neither side of a
//! connection can make the other one's memory grow.

pub mod clock;
mod frames;
mod stream;
mod websocket;

use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use tokio::sync::{Notify, mpsc};
use tokio::time::timeout;

pub use stream::Stream;
use stream::{Reader, Writer};
#[allow(unused_imports, reason = "a broker has such rules, a client has none")]
pub use websocket::Origins;

/// What a connection reports, under the number that its driver gave it.
pub enum Input {
    /// It is open, and this is how to write to it.
    Opened(Link),
    /// Bytes came, in chunks of any size.
    Bytes(Bytes),
    /// A piece of the backlog of a link that is full has been sent.
    Progress,
    /// The backlog of a link that was full has been sent.
    Drained,
    /// It is gone, or could not be opened; why, in words. The last input.
    #[allow(dead_code, reason = "a client says it, a broker has no use for it")]
    Closed(String),
}

/// The driver's end of a connection. Dropping it closes the connection: what
/// was sent leaves, then the writing side is shut, and what still comes in is
/// read for a while, because closing over unread input resets the connection
/// and can take the last words with it.
pub struct Link(Arc<Backlog>);

impl Link {
    /// Hands over bytes to be sent. Says whether the link is full now: send
    /// only what cannot wait, until [`Input::Drained`].
    pub fn send(&self, bytes: Bytes) -> bool {
        self.0.add(&bytes)
    }

    /// Reads nothing, or reads on. Until it is told, a connection is not read
    /// from while its link is full.
    #[allow(dead_code, reason = "a client leaves it to the connection")]
    pub fn hold(&self, is_held: bool) {
        self.0.hold(is_held);
    }

    /// Whether more waits to be sent than should.
    #[allow(dead_code, reason = "a broker learns it from `send`, a client asks before it reads on")]
    pub fn is_full(&self) -> bool {
        self.0.is_full()
    }
}

impl Drop for Link {
    fn drop(&mut self) {
        self.0.hang_up();
    }
}

/// Runs a connection as a task of its own, from its opening to its end.
pub async fn run(
    number: u64,
    opening: impl Future<Output = io::Result<Stream>>,
    inbox: mpsc::Sender<(u64, Input)>,
) {
    let stream = match timeout(OPENING_TIMEOUT, opening).await {
        Ok(Ok(stream)) => stream,
        Ok(Err(error)) => return report(&inbox, number, Input::Closed(error.to_string())).await,
        Err(_) => return report(&inbox, number, Input::Closed("no answer".to_owned())).await,
    };
    let backlog = Arc::new(Backlog::default());
    report(&inbox, number, Input::Opened(Link(backlog.clone()))).await;

    let (reader, writer) = stream.split();
    // Each half has to go on whatever the other waits for: it may hold a place in the inbox.
    let has_written = Notify::new();
    let reading = async {
        let mut reading = Box::pin(read_all(reader, number, &inbox, &backlog));
        let why = tokio::select! {
            why = &mut reading => why,
            () = has_written.notified() => timeout(DRAIN_TIMEOUT, reading).await.unwrap_or_default(),
        };
        report(&inbox, number, Input::Closed(why)).await;
    };
    let writing = async {
        let mut writing = Box::pin(write_all(writer, number, &inbox, &backlog));
        // If it fails, the reading half soon learns why.
        let _ = tokio::select! {
            result = &mut writing => result,
            () = backlog.hung_up.notified() => {
                timeout(FLUSH_TIMEOUT, writing).await.unwrap_or(Ok(()))
            }
        };
        has_written.notify_one();
    };
    tokio::join!(reading, writing);
}

/// Reads until the peer closes; returns why the reading ended.
async fn read_all(
    mut reader: Reader,
    number: u64,
    inbox: &mpsc::Sender<(u64, Input)>,
    backlog: &Backlog,
) -> String {
    loop {
        // A peer that does not read what it is sent is not read from.
        backlog.room().await;
        match reader.next().await {
            Ok(Some(bytes)) => report(inbox, number, Input::Bytes(bytes)).await,
            Ok(None) => return "the peer closed the connection".to_owned(),
            Err(error) => return error.to_string(),
        }
    }
}

/// Sends until the link is dropped, then shuts the writing side.
async fn write_all(
    mut writer: Writer,
    number: u64,
    inbox: &mpsc::Sender<(u64, Input)>,
    backlog: &Backlog,
) -> io::Result<()> {
    while let Some(mut bytes) = backlog.next().await {
        while bytes.len() > PIECE {
            writer.send(bytes.split_to(PIECE)).await?;
            if backlog.is_full() {
                report(inbox, number, Input::Progress).await;
            }
        }
        writer.send(bytes).await?;
        if backlog.sent() {
            report(inbox, number, Input::Drained).await;
        }
    }
    writer.shut_down().await
}

/// Without a driver there is nobody to tell, and the task ends as the link is
/// gone too.
async fn report(inbox: &mpsc::Sender<(u64, Input)>, number: u64, input: Input) {
    let _ = inbox.send((number, input)).await;
}

/// What a link has taken and the socket has not.
#[derive(Default)]
struct Backlog {
    state: Mutex<BacklogState>,
    /// There is something to be sent, or nothing will ever be again.
    changed: Notify,
    /// It is no longer full, or no longer held.
    drained: Notify,
    /// The link is gone.
    hung_up: Notify,
}

#[derive(Default)]
struct BacklogState {
    /// Waits to be sent, in one piece: many packets are small.
    waiting: BytesMut,
    /// Bytes that the socket is taking.
    under_way: usize,
    /// From `HIGH` bytes up, until they have fallen to `LOW`.
    is_full: bool,
    /// Whether the driver wants nothing to be read; `None`: as long as it is
    /// full.
    is_held: Option<bool>,
    has_hung_up: bool,
}

impl Backlog {
    /// Says whether it is full now.
    fn add(&self, bytes: &[u8]) -> bool {
        let mut state = self.state();
        state.waiting.extend_from_slice(bytes);
        state.is_full |= state.waiting.len() + state.under_way >= HIGH;
        self.changed.notify_one();
        state.is_full
    }

    fn is_full(&self) -> bool {
        self.state().is_full
    }

    fn hold(&self, is_held: bool) {
        self.state().is_held = Some(is_held);
        if !is_held {
            self.drained.notify_one();
        }
    }

    fn hang_up(&self) {
        self.state().has_hung_up = true;
        self.changed.notify_one();
        self.hung_up.notify_one();
    }

    /// All that waits to be sent; `None` once there will be nothing more.
    async fn next(&self) -> Option<Bytes> {
        loop {
            {
                let mut state = self.state();
                if !state.waiting.is_empty() {
                    let bytes = std::mem::take(&mut state.waiting).freeze();
                    state.under_way = bytes.len();
                    return Some(bytes);
                }
                if state.has_hung_up {
                    return None;
                }
            }
            self.changed.notified().await;
        }
    }

    /// The socket has taken what was under way. Says whether the backlog was
    /// full and no longer is.
    fn sent(&self) -> bool {
        let mut state = self.state();
        state.under_way = 0;
        let drained = state.is_full && state.waiting.len() <= LOW;
        if drained {
            state.is_full = false;
            self.drained.notify_one();
        }
        drained
    }

    /// Waits until the peer may be read from.
    async fn room(&self) {
        while self.is_held() {
            self.drained.notified().await;
        }
    }

    fn is_held(&self) -> bool {
        let state = self.state();
        state.is_held.unwrap_or(state.is_full)
    }

    fn state(&self) -> MutexGuard<'_, BacklogState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Bytes that are sent at once: one WebSocket message, and what a peer may take
/// before that is noticed.
const PIECE: usize = 64 << 10;
/// Bytes of backlog from which a link is full.
const HIGH: usize = 256 << 10;
/// Bytes of backlog at which a full link has room again.
const LOW: usize = 64 << 10;

/// For connecting, and for the WebSocket handshake.
const OPENING_TIMEOUT: Duration = Duration::from_secs(10);
/// For sending what is left once the driver has hung up.
const FLUSH_TIMEOUT: Duration = Duration::from_secs(10);
/// For what still comes in after that.
const DRAIN_TIMEOUT: Duration = Duration::from_secs(2);
