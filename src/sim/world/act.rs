//! What steps ask for, and what faults do.

use std::fmt;
use std::time::Duration;

use super::{Turn, World};
use crate::broker::ConnectionId;
use crate::client::CommandError;
use crate::sim::connection::Told;
use crate::sim::host::{self, Host};
use crate::sim::inbox::Name;
use crate::sim::{Absence, Command, Fault, Publication, What, When};
use crate::trace::{Direction, Party, RecordKind};

impl World {
    /// Carries out what is first on the agenda.
    pub(super) fn act(&mut self) {
        let Some((turn, command)) = self.agenda.pop_first() else { return };
        let now = self.now;
        if self.under_way() > FULL && sends(&command) {
            let client = command.client();
            self.note_of(client, "the network is full, so nothing is sent until something arrives");
            return;
        }
        match command {
            Command::Connect(client) => self.ask(client, |host| host.connect(now)),
            Command::Disconnect(client) => self.ask(client, |host| host.disconnect(now)),
            Command::Publish(client, publication) => self.publish(turn, client, publication),
            Command::Subscribe(client, subscription) => {
                self.ask(client, |host| host.subscribe(now, subscription));
            }
            Command::Unsubscribe(client, filter) => {
                self.ask(client, |host| host.unsubscribe(now, filter));
            }
            Command::SetLink(client, setup) => {
                if let Some(link) = self.links.get_mut(client) {
                    link.setup = setup;
                }
            }
            Command::Fault(fault) if fault.client >= self.links.len() => {}
            Command::Fault(fault) if !fault.is_possible() => {
                self.note(fault.client, "only a single acknowledgement can be withheld");
            }
            Command::Fault(fault) => match fault.when {
                When::Now => self.strike(&fault, None),
                _ => self.traps.place(fault),
            },
        }
    }

    /// A fault strikes: at one point of a connection, or with `None` the whole
    /// link.
    pub(super) fn strike(&mut self, fault: &Fault, point: Option<(ConnectionId, Direction)>) {
        let (now, index) = (self.now, fault.client);
        let only = point.map(|(connection, _)| connection);
        match fault.what {
            What::Cut { down_for } if down_for.is_zero() => self.cut(index, only),
            What::Cut { down_for } => {
                if let Some(link) = self.links.get_mut(index) {
                    link.down_until = link.down_until.max(now + down_for);
                }
                self.cut(index, None);
                self.note(index, format!("the network is down for {} ms", down_for.as_millis()));
            }
            What::HalfOpen => {
                self.note(index, fault.what);
                if let Some(link) = self.links.get_mut(index) {
                    link.swallow(now, only, &mut self.trace);
                }
            }
            What::Delay(wait) => {
                self.note(index, fault.what);
                if let Some(link) = self.links.get_mut(index) {
                    link.block(now + wait, point);
                }
            }
            What::CrashClient { keep_store, down_for } => {
                self.note(index, fault.what);
                self.lose(self.lane(index), down_for);
                if let Some(host) = self.hosts.get_mut(index) {
                    host.crash(now + down_for, keep_store);
                }
                self.break_link(index, None, "the client is gone");
            }
            What::RestartBroker { keep_store, down_for } => {
                self.note(index, fault.what);
                self.lose(self.broker_lane(), down_for);
                self.broker.stop(now + down_for, keep_store);
                for index in 0..self.links.len() {
                    self.break_link(index, None, "the broker is gone");
                }
            }
            // It is done where packets leave.
            What::Withhold => {}
        }
    }

    /// The process of a lane is gone from now on.
    fn lose(&mut self, lane: Party, down_for: Duration) {
        self.absences.push(Absence { lane, from: self.now, until: self.now + down_for });
    }

    /// Whoever is still there is told that the connection is gone.
    fn break_link(&mut self, index: usize, only: Option<ConnectionId>, why: &'static str) {
        let now = self.now;
        let told = self
            .links
            .get_mut(index)
            .map(|link| link.cut(now, only, why, &mut self.trace))
            .unwrap_or_default();
        told.into_iter().for_each(|told: Told| self.tell(index, told));
    }

    pub(super) fn cut(&mut self, index: usize, only: Option<ConnectionId>) {
        self.break_link(index, only, "the connection was cut");
    }

    fn ask(&mut self, index: usize, act: impl FnOnce(&mut Host) -> Result<(), CommandError>) {
        if let Some(Err(error)) = self.hosts.get_mut(index).map(act) {
            self.note_error(index, &error);
        }
    }

    /// Publishes one message of a series, and puts the next on the agenda.
    fn publish(&mut self, turn: Turn, index: usize, publication: Publication) {
        let Some(setup) = self.scenario.clients.get(index) else { return };
        let message = host::message(&publication, turn.index, setup.version);
        *self.published.entry(Name::of(&message)).or_default() += 1;
        let now = self.now;
        self.ask(index, |host| host.publish(now, message));
        let next = turn.index + 1;
        if next < publication.times.min(Publication::MOST_TIMES) {
            let turn = Turn { at: turn.at + publication.every, index: next, ..turn };
            self.agenda.insert(turn, Command::Publish(index, publication));
        }
    }

    /// Writes into the trace what a client could not do.
    pub(super) fn note_error(&mut self, index: usize, error: &CommandError) {
        self.note_of(index, error);
    }

    /// Writes into the trace what a client remarks.
    pub(super) fn note_of(&mut self, index: usize, remark: impl fmt::Display) {
        let name = self.scenario.clients.get(index).map(|client| client.name.clone());
        self.note(index, format!("{}: {remark}", name.unwrap_or_default()));
    }

    /// Writes something about a link into the trace.
    pub(super) fn note(&mut self, index: usize, words: impl fmt::Display) {
        let (client, broker) = (self.lane(index), self.broker_lane());
        self.trace.push(self.now, client, broker, RecordKind::Note(words.to_string()));
    }
}

/// Whether a client sends something because of it.
fn sends(command: &Command) -> bool {
    match command {
        Command::Connect(_)
        | Command::Publish(..)
        | Command::Subscribe(..)
        | Command::Unsubscribe(..) => true,
        Command::Disconnect(_) | Command::SetLink(..) | Command::Fault(_) => false,
    }
}

/// Bytes of memory under way from which clients are given no more to send. A
/// series ends there.
const FULL: usize = 4 << 20;
