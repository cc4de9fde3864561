use std::time::Duration;

use super::Broker;
use super::budget::Charge;
use super::retained::Retained;
use super::sessions::ClientSession;
use super::timers::Timer;
use crate::codec::Publish;

/// The broker's stored state, for a restart with its store.
#[derive(Clone, Debug, Default)]
pub struct Store {
    /// Those that outlive their connection, oldest first.
    sessions: Vec<ClientSession>,
    /// Wills of clients whose sessions did not outlive it.
    wills: Vec<Publish>,
    retained: Retained,
    /// How many client identifiers were assigned.
    assigned: u64,
}

impl Broker {
    /// What outlives the broker.
    pub(super) fn keep(self) -> Store {
        let mut store =
            Store { retained: self.retained, assigned: self.assigned, ..Store::default() };
        for mut session in self.sessions.into_values() {
            session.connection = None;
            session.is_replaying = false;
            session.charge = Charge::default();
            session.flows.handle_disconnected();
            if session.expiry_interval > 0 {
                store.sessions.push(session);
            } else if let Some(will) = session.will.take() {
                store.wills.push(super::will::message(will));
            }
        }
        store
    }

    /// Goes on with what an earlier broker kept. Its wills were not published,
    /// and may be now (3.1.2.5).
    pub(super) fn restore(&mut self, store: Store) {
        self.assigned = store.assigned;
        self.retained = store.retained;
        self.retained.charge(&mut self.budget);
        for (topic, at) in self.retained.expiries() {
            self.timers.set(Timer::Retained(topic), at);
        }
        let mut restored = Vec::new();
        for mut session in store.sessions {
            if session.expiry_interval != u32::MAX && session.ends_at.is_none() {
                let expiry = Duration::from_secs(session.expiry_interval.into());
                session.ends_at = Some(self.now + expiry);
            }
            let ends_at = session.ends_at;
            let subscriptions = session.subscriptions.clone();
            let id = self.sessions.add(session);
            self.charge_session(id);
            if let Some(at) = ends_at {
                self.timers.set(Timer::Session(id), at);
            }
            subscriptions.iter().for_each(|held| self.route(id, held));
            restored.push(id);
        }
        for will in store.wills {
            if self.refusal(&will).is_none() {
                self.accept(None, will);
            }
        }
        restored.into_iter().for_each(|id| self.schedule_will(id));
    }
}
