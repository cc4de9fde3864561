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
    pub(super) fn keep(mut self) -> Store {
        let wills = self.end_short_sessions();
        let mut store =
            Store { retained: self.retained, assigned: self.assigned, wills, ..Store::default() };
        for mut session in self.sessions.into_values() {
            session.connection = None;
            session.is_replaying = false;
            session.expires_at = None;
            session.charge = Charge::default();
            session.flows.handle_disconnected();
            store.sessions.push(session);
        }
        store
    }

    /// Ends the sessions that do not outlive their connection, before others
    /// are kept that get their shared messages. Returns their wills.
    fn end_short_sessions(&mut self) -> Vec<Publish> {
        let mut wills = Vec::new();
        for id in self.sessions.ids() {
            if let Some(session) = self.sessions.of_mut(id)
                && session.expiry_interval == 0
            {
                wills.extend(session.will.take().map(super::will::message));
                self.end_session(id);
            }
        }
        wills
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
        for id in restored {
            self.schedule_will(id);
            self.expire_messages(id);
        }
    }
}
