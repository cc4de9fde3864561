use super::Selector;
use super::instrument::Findings;
use crate::broker::SessionSnapshot;
use crate::client::Snapshot;
use crate::codec::{Packet, Publish};
use crate::sim::{Command, Delivery, Fault, Inbox, Scenario, What, World};
use crate::trace::{Record, Trace};

/// What predictions and goals are judged by: what crossed the links, and how
/// the engines stand. Nothing that a script says.
#[derive(Clone, Copy, Debug)]
pub struct Evidence<'a> {
    trace: &'a Trace,
    world: Option<&'a World>,
    findings: Option<&'a Findings>,
}

impl<'a> Evidence<'a> {
    /// A world as it is now.
    pub fn of(world: &'a World) -> Self {
        Evidence { trace: world.trace(), world: Some(world), findings: None }
    }

    /// A real connection: packets are all that is known of it.
    pub fn live(trace: &'a Trace) -> Self {
        Evidence { trace, world: None, findings: None }
    }

    /// The same, with what the lesson's instrument has found.
    #[must_use]
    pub fn with(self, findings: &'a Findings) -> Self {
        Evidence { findings: Some(findings), ..self }
    }

    /// Everything that crossed the links.
    pub fn trace(&self) -> &'a Trace {
        self.trace
    }

    /// What the lesson's instrument has found; `None` before it was used.
    pub fn findings(&self) -> Option<&'a Findings> {
        self.findings
    }

    /// What is being played; `None` on a live connection.
    pub fn scenario(&self) -> Option<&'a Scenario> {
        self.world.map(World::scenario)
    }

    /// The records that are selected, oldest first.
    pub fn all(&self, selector: Selector) -> impl Iterator<Item = &'a Record> + 'a {
        selector.select(self.trace)
    }

    /// The number of the first record that is selected: what a prediction is
    /// contradicted by.
    pub fn first(&self, selector: Selector) -> Option<u64> {
        self.all(selector).next().map(|record| record.sequence)
    }

    /// How many records are selected.
    pub fn count(&self, selector: Selector) -> usize {
        self.all(selector).count()
    }

    /// The packets that are selected, each with its record.
    pub fn packets(&self, selector: Selector) -> impl Iterator<Item = (&'a Record, Packet)> + 'a {
        selector.packets(self.trace)
    }

    /// The PUBLISH packets that are selected, each with its record.
    pub fn publishes(
        &self,
        selector: Selector,
    ) -> impl Iterator<Item = (&'a Record, Publish)> + 'a {
        selector.publishes(self.trace)
    }

    /// What this client's application has received.
    pub fn inbox(&self, client: &str) -> Option<&'a Inbox> {
        self.world?.inbox(self.index(client)?)
    }

    /// The messages that this client's application has received, oldest first.
    pub fn deliveries(&self, client: &str) -> impl Iterator<Item = &'a Delivery> + 'a {
        self.inbox(client).into_iter().flat_map(|inbox| &inbox.deliveries)
    }

    /// How many messages this client's application has received.
    pub fn delivered(&self, client: &str) -> u64 {
        self.inbox(client).map_or(0, |inbox| inbox.total)
    }

    /// How many of them were duplicates.
    pub fn duplicates(&self, client: &str) -> u64 {
        self.inbox(client).map_or(0, |inbox| inbox.duplicates)
    }

    /// A picture of a client; `None` while its process is gone.
    pub fn client(&self, client: &str) -> Option<Snapshot> {
        self.world?.client(self.index(client)?)
    }

    /// A picture of the session that the broker keeps for a client.
    pub fn session(&self, client: &str) -> Option<SessionSnapshot> {
        self.world?.sessions().into_iter().find(|session| session.client_identifier == client)
    }

    /// Whether everything has come to rest: only now can anybody say that
    /// something did not happen. Never on a live connection.
    pub fn is_over(&self) -> bool {
        self.world.is_some_and(World::is_quiet)
    }

    /// Whether no peer was made to forget anything: a goal that is reached by
    /// what no transport does proves nothing.
    pub fn is_honest(&self) -> bool {
        let steps = self.scenario().into_iter().flat_map(|scenario| &scenario.steps);
        steps
            .into_iter()
            .all(|step| !matches!(step.command, Command::Fault(Fault { what: What::Withhold, .. })))
    }

    fn index(&self, client: &str) -> Option<usize> {
        let clients = &self.scenario()?.clients;
        clients.iter().position(|setup| setup.name == client)
    }
}
