//! Plain pictures of the participants.

use std::sync::Arc;
use std::time::Duration;

use super::model::Frame;
use crate::broker::SessionSnapshot;
use crate::client::Snapshot;
use crate::sim::{BrokerSetup, ClientSetup, Command, Delivery, LinkSetup, World};
use crate::time::Instant;
use crate::trace::{Fate, Trace};
use crate::ui::language::t;

/// The clients and the broker.
pub(super) type Participants = (Vec<Arc<ClientPicture>>, Arc<BrokerPicture>);

/// A client, what its application has, and what the broker keeps for it.
#[derive(Clone, PartialEq, Eq)]
pub(in crate::ui) struct ClientPicture {
    pub setup: ClientSetup,
    /// `None` while its process is gone.
    pub engine: Option<Snapshot>,
    /// What the broker remembers of it.
    pub session: Option<SessionSnapshot>,
    pub inbox: Arc<InboxPicture>,
}

/// What an application has received.
#[derive(Clone, Default, PartialEq, Eq)]
pub(in crate::ui) struct InboxPicture {
    pub total: u64,
    pub duplicates: u64,
    /// The newest last.
    pub latest: Vec<Delivery>,
}

/// The broker.
#[derive(Clone, Default, PartialEq, Eq)]
pub(in crate::ui) struct BrokerPicture {
    pub setup: BrokerSetup,
    pub is_up: bool,
    /// Topic names of retained messages.
    pub retained: Vec<String>,
    pub sessions: Vec<SessionSnapshot>,
}

/// All participants. A card is read, so while time goes on it need not change
/// with each frame: then only the one whose `turn` it is is looked at anew, and
/// the others are as they were `before`. `None`: all are.
pub(super) fn participants(world: &World, before: &Frame, turn: Option<usize>) -> Participants {
    let sessions = world.sessions();
    let setups = &world.scenario().clients;
    let is_due = |index| turn.is_none_or(|turn| turn % (setups.len() + 1) == index);
    let client = |(index, setup): (usize, &ClientSetup)| match before.clients.get(index) {
        Some(known) if !is_due(index) => known.clone(),
        _ => Arc::new(ClientPicture {
            setup: setup.clone(),
            engine: world.client(index),
            session: sessions.iter().find(|it| it.client_identifier == setup.name).cloned(),
            inbox: Arc::new(inbox(world, index)),
        }),
    };
    let clients = setups.iter().enumerate().map(client).collect();
    match is_due(setups.len()) {
        true => (clients, Arc::new(broker(world, sessions))),
        false => (clients, before.broker.clone()),
    }
}

fn broker(world: &World, sessions: Vec<SessionSnapshot>) -> BrokerPicture {
    let retained = world.retained(MOST_RETAINED);
    BrokerPicture {
        setup: world.scenario().broker.clone(),
        is_up: world.broker_is_up(),
        retained: retained.iter().map(ToString::to_string).collect(),
        sessions,
    }
}

/// What stands above each lane: the version of a client, or `broker`.
pub(super) fn roles(clients: &[Arc<ClientPicture>]) -> Vec<String> {
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
    let older = inbox.deliveries.len().saturating_sub(MOST_DELIVERIES);
    InboxPicture {
        total: inbox.total,
        duplicates: inbox.duplicates,
        latest: inbox.deliveries.range(older..).cloned().collect(),
    }
}

/// Messages of an inbox that are shown.
const MOST_DELIVERIES: usize = 50;
/// Topic names that are shown.
const MOST_RETAINED: usize = 50;
