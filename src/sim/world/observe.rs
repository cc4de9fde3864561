//! What can be seen of a world.

use bytestring::ByteString;

use super::{World, lane_of_broker, lane_of_client};
use crate::broker::SessionSnapshot;
use crate::client::Snapshot;
use crate::sim::host::{ENTRY, Host};
use crate::sim::inbox::NAME;
use crate::sim::link::Link;
use crate::sim::{Absence, Inbox, Scenario};
use crate::time::Instant;
use crate::trace::{Party, Trace};

impl World {
    /// The present.
    pub fn now(&self) -> Instant {
        self.now
    }

    /// Everything that crossed the links. Its parties are the first client,
    /// the broker, and the other clients.
    pub fn trace(&self) -> &Trace {
        &self.trace
    }

    /// What is being played: what was given at first, and every command since.
    pub fn scenario(&self) -> &Scenario {
        &self.scenario
    }

    /// The lane of a client.
    pub fn lane(&self, client: usize) -> Party {
        lane_of_client(client)
    }

    /// The lane of the broker.
    pub fn broker_lane(&self) -> Party {
        lane_of_broker(self.hosts.len())
    }

    /// The client whose lane this is; `None` for the broker's.
    pub fn client_at(&self, lane: Party) -> Option<usize> {
        (0..self.hosts.len()).find(|index| self.lane(*index) == lane)
    }

    /// A picture of a client; `None` while its process is gone.
    pub fn client(&self, client: usize) -> Option<Snapshot> {
        Some(self.hosts.get(client)?.client.as_ref()?.snapshot())
    }

    /// What a client's application has received, crash or no crash.
    pub fn inbox(&self, client: usize) -> Option<&Inbox> {
        Some(&self.hosts.get(client)?.inbox)
    }

    /// Whether the broker's process is there.
    pub fn broker_is_up(&self) -> bool {
        self.broker.engine.is_some()
    }

    /// When processes were gone, or are, in the order of their deaths.
    pub fn absences(&self) -> &[Absence] {
        &self.absences
    }

    /// A picture of every session that the broker holds; empty while its
    /// process is gone.
    pub fn sessions(&self) -> Vec<SessionSnapshot> {
        self.broker.engine.as_ref().map(|engine| engine.snapshot()).unwrap_or_default()
    }

    /// Bytes of memory that a copy of it takes without the trace, roughly.
    pub(in crate::sim) fn weight(&self) -> usize {
        let sessions = self.sessions();
        let waiting: usize = sessions.iter().map(|session| session.queued).sum();
        let retained = self.retained(usize::MAX).len();
        let hosts: usize = self.hosts.iter().map(Host::weight).sum();
        (waiting + sessions.len() + retained + self.agenda.len()) * ENTRY
            + self.published.len() * NAME
            + hosts
            + self.under_way()
    }

    /// Bytes of memory that what is under way takes, roughly.
    pub(super) fn under_way(&self) -> usize {
        self.links.iter().map(Link::weight).sum()
    }

    /// Topic names of the broker's retained messages, at most `limit`.
    pub fn retained(&self, limit: usize) -> Vec<ByteString> {
        self.broker.engine.as_ref().map(|engine| engine.retained(limit)).unwrap_or_default()
    }
}
