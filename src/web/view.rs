use bytestring::ByteString;

use super::Recent;
use super::explain::Explanation;
use super::recent::Footprint;
use crate::client::{self, Deliveries};
use crate::codec::{Publish, QoS};
use crate::session::{Outcome, Token};
use crate::time::Instant;
use crate::trace::Trace;

/// A picture of a driver for views: plain, comparable and cheap. The lists
/// are read with [`Driver::with`](super::Driver::with); the counts here say
/// whether there is anything new in them.
#[derive(Clone, Debug, PartialEq)]
pub struct Snapshot {
    /// The engine: status, flows of both directions, subscriptions.
    pub client: client::Snapshot,
    /// Where it connects to, as it was given.
    pub url: String,
    /// Whether the session survives a reload.
    pub storage: StorageState,
    /// Why the last connection ended or could not be made, with what to try;
    /// `None` once CONNACK has come, and after our own goodbye.
    pub trouble: Option<Explanation>,
    /// Whether the last connection ended because the server holds a session
    /// that this page does not know, and a person has to decide what becomes
    /// of it: [`Driver::connect_deciding`](super::Driver::connect_deciding).
    pub unknown_session: bool,
    /// Bytes that wait to leave: in the browser's own buffer, and held back
    /// by the driver because that buffer is full or a commit is under way.
    pub buffered: usize,
    /// The sequence number that the next trace record will have.
    pub records_next: u64,
    /// How many trace records were dropped to keep the trace bounded.
    pub records_dropped: u64,
    /// How many messages were received in all.
    pub inbox_total: u64,
    /// How many of our messages came to an end in all.
    pub finished_total: u64,
    /// How many notices there were in all.
    pub notices_total: u64,
}

/// Where the session's state lives.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum StorageState {
    /// In memory, because the session is not to outlive the page.
    #[default]
    Memory,
    /// In IndexedDB: it survives a reload and a crash of the tab.
    Durable,
    /// In memory, although it was to be durable; why, in words.
    Failed(String),
}

/// What [`Driver::with`](super::Driver::with) lends.
#[derive(Clone, Copy, Debug)]
pub struct View<'a> {
    /// Every packet of both directions.
    pub trace: &'a Trace,
    /// Messages that the server sent us.
    pub inbox: &'a Recent<Received>,
    /// How our own messages ended.
    pub finished: &'a Recent<Finished>,
    /// What the driver has to say to a person.
    pub notices: &'a Recent<Notice>,
    /// How many messages came for each subscription, counted as they came:
    /// also of those that the inbox no longer holds.
    pub deliveries: &'a Deliveries,
}

/// A message from the server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Received {
    /// When it arrived; `None` if that was before this page was loaded.
    pub at: Option<Instant>,
    /// The PUBLISH. Its `qos` is the delivered one.
    pub publish: Publish,
    /// The sequence number of its record in the trace.
    pub record: Option<u64>,
    /// The matching subscription with the highest granted QoS, if there is
    /// one: a stored session may deliver what this page never asked for.
    pub granted: Option<(ByteString, QoS)>,
}

/// One of our messages at its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Finished {
    /// When it ended.
    pub at: Instant,
    /// Which message: what [`Driver::publish`](super::Driver::publish)
    /// returned.
    pub token: Token,
    /// How it ended.
    pub outcome: Outcome,
}

/// A remark of the driver for a person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    /// When.
    pub at: Instant,
    /// How much it matters.
    pub level: Level,
    /// In whole sentences.
    pub text: String,
}

/// How much a [`Notice`] matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Level {
    /// Good to know.
    Info,
    /// Something works less well than was asked for.
    Warning,
    /// Something does not work.
    Error,
}

impl Footprint for Received {
    fn footprint(&self) -> usize {
        size_of_val(self) - size_of_val(&self.publish) + self.publish.footprint()
    }
}

impl Footprint for Finished {
    fn footprint(&self) -> usize {
        size_of_val(self)
    }
}

impl Footprint for Notice {
    fn footprint(&self) -> usize {
        size_of_val(self) + self.text.len()
    }
}
