use std::cell::RefCell;
use std::rc::{Rc, Weak};

use bytes::Bytes;
use bytestring::ByteString;

use super::explain::{self, Explanation};
use super::frame::Frame;
use super::outbox::Batch;
use super::page::{self, PageEvent, PageListener};
use super::runner::{Earlier, Opening, Runner};
use super::socket::SocketEvent;
use super::storage::StorageError;
use super::{Address, Snapshot, View, clock};
use crate::client::{CommandError, Config, ConnectionNumber, UnknownSession};
use crate::codec::{Disconnect, PacketIdentifier, Properties, Publish, Subscription};
use crate::session::Token;
use crate::time::Instant;

/// What a [`Driver`] is made from.
#[derive(Clone, Debug)]
pub struct Options {
    /// Where to connect: `ws://` or `wss://`, with the path.
    pub url: String,
    /// How the client connects. `limits.durable` is ignored: a session that
    /// outlives its connection is stored, any other is not.
    pub config: Config,
    /// How many trace records are kept.
    pub trace_capacity: usize,
    /// How many received messages are kept.
    pub inbox_capacity: usize,
    /// How many bytes of received messages are kept. The newest stays, however
    /// large it is.
    pub inbox_bytes: usize,
}

impl Options {
    /// These, with room for 10,000 records and 1,000 received messages of
    /// 64 MiB together.
    pub fn new(url: impl Into<String>, config: Config) -> Self {
        Options {
            url: url.into(),
            config,
            trace_capacity: 10_000,
            inbox_capacity: 1_000,
            inbox_bytes: 64 * 1024 * 1024,
        }
    }
}

/// A [`Client`](crate::client::Client) at work in the browser: a cheap handle
/// that can be cloned.
///
/// When the last handle is dropped, the connection is closed without
/// DISCONNECT, as when the tab is closed: the server publishes the will, and
/// keeps the session if it is to be kept. Say goodbye with
/// [`Driver::disconnect`].
///
/// # What the browser's events do
///
/// - `offline` is only noted: a broker on this machine stays reachable, and
///   if the connection is dead, keep-alive finds out.
/// - `online`, and a page that comes back (from the background, from a frozen
///   state, from the back/forward cache), let overdue timers run and try a
///   lost connection again at once.
/// - When the page goes, nothing needs to be saved: whatever a packet that
///   has left depends on is committed already. The browser closes the
///   connection, which the server takes for a lost one.
#[derive(Clone)]
pub struct Driver {
    shared: Rc<Shared>,
}

/// What the driver's callbacks lead to. They hold it weakly.
pub(super) struct Shared {
    runner: RefCell<Runner>,
    frame: Frame,
    _page: PageListener,
}

impl Driver {
    /// Makes a driver, with its stored session if the session is to outlive
    /// the connection. It does not connect yet. Storage that cannot be used
    /// is no error: the driver says so in a notice and works in memory.
    ///
    /// `on_change` is called at most once a frame, whatever happened in
    /// between, and may call any method of the driver. It must not own the
    /// driver, which would then never be dropped.
    ///
    /// # Errors
    ///
    /// The address is not one that this page can connect to, and no attempt
    /// could change that. Or another tab uses this session.
    pub async fn open(
        options: Options,
        on_change: impl Fn() + 'static,
    ) -> Result<Driver, Explanation> {
        Driver::open_after(options, None, on_change).await
    }

    /// As [`Driver::open`], in the place of a driver that has
    /// [retired](Driver::retire): the trace and the lists go on, and what that
    /// driver still held and this one does not take up has an outcome.
    pub async fn open_after(
        options: Options,
        earlier: Option<Earlier>,
        on_change: impl Fn() + 'static,
    ) -> Result<Driver, Explanation> {
        let address = Address::parse(&options.url)?;
        explain::check(&address, page::is_secure())?;
        let opening = Opening::new(options, address, earlier).await?;
        let shared = Rc::new_cyclic(|weak: &Weak<Shared>| {
            let of_page = weak.clone();
            Shared {
                runner: RefCell::new(Runner::new(opening, weak.clone())),
                frame: Frame::new(on_change),
                _page: PageListener::new(move |event| {
                    if let Some(shared) = of_page.upgrade() {
                        shared.page_event(event);
                    }
                }),
            }
        });
        shared.frame.request();
        Ok(Driver { shared })
    }

    /// Ends this driver, so that another can take its place, and returns what
    /// it leaves. Its connection is closed without DISCONNECT. No handle of it
    /// is of use after that.
    pub fn retire(&self) -> Earlier {
        self.shared.run(|runner, now| runner.retire(now))
    }

    // Commands. Misuse is an error that changes nothing.

    /// [`Client::connect`](crate::client::Client::connect).
    pub fn connect(&self) -> Result<(), CommandError> {
        self.shared.run(|runner, now| runner.client.connect(now))
    }

    /// [`Client::connect_deciding`](crate::client::Client::connect_deciding):
    /// the answer to [`Snapshot::unknown_session`].
    pub fn connect_deciding(&self, unknown_session: UnknownSession) -> Result<(), CommandError> {
        self.shared.run(|runner, now| runner.client.connect_deciding(now, unknown_session))
    }

    /// [`Client::send_held`](crate::client::Client::send_held).
    pub fn send_held(&self, token: Token) -> Result<(), CommandError> {
        self.shared.run(|runner, now| runner.client.send_held(now, token))
    }

    /// [`Client::give_up`](crate::client::Client::give_up).
    pub fn give_up(&self, token: Token) -> Result<(), CommandError> {
        self.shared.run(|runner, now| runner.client.give_up(now, token))
    }

    /// [`Client::publish`](crate::client::Client::publish). Also
    /// [`CommandError::QueueFull`] while more bytes wait for the network than
    /// the driver holds.
    pub fn publish(&self, message: Publish) -> Result<Token, CommandError> {
        self.shared.run(|runner, now| {
            runner.check_room()?;
            runner.client.publish(now, message)
        })
    }

    /// [`Client::subscribe`](crate::client::Client::subscribe).
    pub fn subscribe(
        &self,
        subscriptions: Vec<Subscription>,
        properties: Properties,
    ) -> Result<PacketIdentifier, CommandError> {
        self.shared.run(|runner, now| {
            let asked = runner.client.subscribe(now, subscriptions, properties);
            runner.refresh_subscriptions();
            asked
        })
    }

    /// [`Client::unsubscribe`](crate::client::Client::unsubscribe).
    pub fn unsubscribe(
        &self,
        filters: Vec<ByteString>,
        properties: Properties,
    ) -> Result<PacketIdentifier, CommandError> {
        self.shared.run(|runner, now| runner.client.unsubscribe(now, filters, properties))
    }

    /// [`Client::authenticate`](crate::client::Client::authenticate).
    pub fn authenticate(&self, data: Option<Bytes>) -> Result<(), CommandError> {
        self.shared.run(|runner, now| runner.client.authenticate(now, data))
    }

    /// [`Client::disconnect`](crate::client::Client::disconnect).
    pub fn disconnect(&self) -> Result<(), CommandError> {
        self.shared.run(|runner, now| runner.client.disconnect(now))
    }

    /// [`Client::disconnect_with`](crate::client::Client::disconnect_with).
    pub fn disconnect_with(&self, disconnect: Disconnect) -> Result<(), CommandError> {
        self.shared.run(|runner, now| runner.client.disconnect_with(now, disconnect))
    }

    /// [`Client::reconnect_now`](crate::client::Client::reconnect_now).
    pub fn reconnect_now(&self) {
        self.shared.run(|runner, now| runner.client.reconnect_now(now));
    }

    /// Forgets the records so far. Their numbers are not used again.
    pub fn clear_trace(&self) {
        self.shared.run(|runner, _| runner.trace.clear());
    }

    // Observation.

    /// A picture for views.
    pub fn snapshot(&self) -> Snapshot {
        self.shared.runner.borrow().snapshot()
    }

    /// Lends the lists. `read` must not call a command of the driver.
    pub fn with<R>(&self, read: impl FnOnce(View<'_>) -> R) -> R {
        read(self.shared.runner.borrow().view())
    }
}

impl Shared {
    /// Does one thing to the engine, and then everything that it asks for.
    fn run<R>(&self, act: impl FnOnce(&mut Runner, Instant) -> R) -> R {
        let mut runner = self.runner.borrow_mut();
        let now = clock::now();
        runner.look_for_sleep(now);
        let result = act(&mut runner, now);
        runner.pump(now);
        drop(runner);
        self.frame.request();
        result
    }

    pub(super) fn socket_event(&self, socket: ConnectionNumber, event: SocketEvent) {
        self.run(|runner, now| runner.handle_socket(now, socket, event));
    }

    pub(super) fn commit_ended(&self, result: Result<(), (StorageError, Batch)>) {
        self.run(|runner, _| runner.handle_commit(result));
    }

    pub(super) fn rewrite_ended(&self, error: StorageError, result: Result<(), Batch>) {
        self.run(|runner, now| runner.handle_rewrite(now, error, result));
    }

    pub(super) fn storage_retry_due(&self, error: StorageError, batch: Batch) {
        self.run(|runner, _| runner.retry_storage(error, batch));
    }

    pub(super) fn slice_due(&self) {
        self.run(|runner, now| runner.handle_slice(now));
    }

    pub(super) fn timer_fired(&self) {
        self.run(|runner, now| runner.handle_timer(now));
    }

    fn page_event(&self, event: PageEvent) {
        self.run(|runner, now| runner.handle_page(now, event));
        if event == PageEvent::Visibility {
            self.frame.visibility_changed();
        }
    }
}
