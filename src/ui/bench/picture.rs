//! Plain pictures of the participants, taken once a frame.

use std::time::Duration;

use crate::broker::SessionSnapshot;
use crate::client::Snapshot;
use crate::sim::{BrokerSetup, ClientSetup, Command, Delivery, LinkSetup, World};
use crate::time::Instant;
use crate::trace::{Fate, Trace};
use crate::ui::language::t;

/// A client, what its application has, and what the broker keeps for it.
#[derive(Clone, PartialEq)]
pub(in crate::ui) struct ClientPicture {
    pub setup: ClientSetup,
    /// `None` while its process is gone.
    pub engine: Option<Snapshot>,
    /// What the broker remembers of it.
    pub session: Option<SessionSnapshot>,
    pub inbox: InboxPicture,
}

/// What an application has received.
#[derive(Clone, Default, PartialEq)]
pub(in crate::ui) struct InboxPicture {
    pub total: u64,
    pub duplicates: u64,
    /// The newest first.
    pub latest: Vec<Delivery>,
}

/// The broker.
#[derive(Clone, Default, PartialEq)]
pub(in crate::ui) struct BrokerPicture {
    pub setup: BrokerSetup,
    pub is_up: bool,
    /// Topic names of retained messages.
    pub retained: Vec<String>,
    pub sessions: Vec<SessionSnapshot>,
}

pub(super) fn clients(world: &World) -> Vec<ClientPicture> {
    let sessions = world.sessions();
    let client = |(index, setup): (usize, &ClientSetup)| ClientPicture {
        setup: setup.clone(),
        engine: world.client(index),
        session: sessions.iter().find(|session| session.client_identifier == setup.name).cloned(),
        inbox: inbox(world, index),
    };
    world.scenario().clients.iter().enumerate().map(client).collect()
}

pub(super) fn broker(world: &World) -> BrokerPicture {
    let retained = world.retained(MOST_RETAINED);
    BrokerPicture {
        setup: world.scenario().broker.clone(),
        is_up: world.broker_is_up(),
        retained: retained.iter().map(ToString::to_string).collect(),
        sessions: world.sessions(),
    }
}

/// What stands above each lane: the version of a client, or `broker`.
pub(super) fn roles(clients: &[ClientPicture]) -> Vec<String> {
    let mut roles: Vec<String> =
        clients.iter().map(|client| format!("MQTT {}", client.setup.version)).collect();
    roles.insert(roles.len().min(1), t!(lab.in_the_page).to_owned());
    roles
}

/// How long a packet takes at most to or from each lane: what its link takes
/// at present.
pub(super) fn travel(world: &World) -> Vec<Duration> {
    let scenario = world.scenario();
    let mut links: Vec<&LinkSetup> = scenario.clients.iter().map(|client| &client.link).collect();
    for step in scenario.steps.iter().filter(|step| step.at <= world.now()) {
        if let Command::SetLink(client, link) = &step.command
            && let Some(changed) = links.get_mut(*client)
        {
            *changed = link;
        }
    }
    let mut travel = vec![Duration::ZERO; links.len() + 1];
    for (index, link) in links.into_iter().enumerate() {
        if let Some(lane) = travel.get_mut(usize::from(world.lane(index))) {
            *lane = link.latency + link.jitter;
        }
    }
    travel
}

/// When the last thing happened in a trace.
pub(super) fn end(trace: &Trace) -> Instant {
    let last = |record: &crate::trace::Record| match record.fate {
        Fate::UnderWay => record.at,
        Fate::Arrived(at) | Fate::Lost(at) => at,
    };
    trace.records().map(last).max().unwrap_or_default()
}

fn inbox(world: &World, index: usize) -> InboxPicture {
    let Some(inbox) = world.inbox(index) else { return InboxPicture::default() };
    InboxPicture {
        total: inbox.total,
        duplicates: inbox.duplicates,
        latest: inbox.deliveries.iter().rev().take(MOST_DELIVERIES).cloned().collect(),
    }
}

/// Messages of an inbox that are shown.
const MOST_DELIVERIES: usize = 50;
/// Topic names that are shown.
const MOST_RETAINED: usize = 50;
