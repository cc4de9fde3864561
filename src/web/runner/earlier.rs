//! What one driver leaves to the next, when its place is taken.

use super::Runner;
use crate::client::{Event, Output};
use crate::session::{Outcome, Token};
use crate::time::Instant;
use crate::trace::Trace;
use crate::web::{Finished, Level, Notice, Received, Recent, SessionName};

/// What a driver leaves behind: the trace, the lists, and what the messages
/// that it still held come to, unless they are taken up again.
pub struct Earlier {
    pub(super) trace: Trace,
    /// Connections of the trace have numbers up to this one.
    pub(super) connections: u64,
    pub(super) inbox: Recent<Received>,
    pub(super) finished: Recent<Finished>,
    pub(super) notices: Recent<Notice>,
    /// The stored session that its messages are in.
    session: Option<SessionName>,
    held: Vec<(Token, Outcome)>,
}

impl Runner {
    /// Ends this runner as if the page went: the connection is closed without
    /// DISCONNECT, and the stored session is let go of.
    pub fn retire(&mut self, now: Instant) -> Earlier {
        if self.socket.is_some() {
            self.record_rest(now);
            self.socket = None;
            self.tap.close(now, REPLACED, &mut self.trace);
        }
        self.client.handle_close(now, self.connection, REPLACED);
        // It does not come back by itself.
        let _ = self.client.disconnect(now);
        let held = self.give_up_all(now);
        let session = self.store.take().map(|store| store.name().clone());
        self.lost_store = None;
        self.outbox.give_up();
        self.outbox.connection_lost();
        let empty = Trace::new(self.trace.parties.clone(), 1);
        Earlier {
            trace: std::mem::replace(&mut self.trace, empty),
            connections: self.earlier_connections + self.connection.0,
            inbox: std::mem::replace(&mut self.inbox, Recent::new(1, 0)),
            finished: std::mem::replace(&mut self.finished, Recent::new(1, 0)),
            notices: std::mem::replace(&mut self.notices, Recent::new(1, 0)),
            session,
            held,
        }
    }

    /// Takes the place of an earlier driver. `session` is the stored session
    /// that this one continues.
    pub(super) fn succeed(
        &mut self,
        now: Instant,
        earlier: Earlier,
        session: Option<&SessionName>,
    ) {
        let parties = std::mem::take(&mut self.trace.parties);
        self.trace = earlier.trace;
        self.trace.parties = parties;
        self.earlier_connections = earlier.connections;
        self.finished = earlier.finished;
        self.notices = earlier.notices;
        let is_same = session.is_some() && earlier.session.as_ref() == session;
        if is_same && !self.inbox.is_empty() {
            self.inbox = earlier.inbox;
        }
        let taken_up = self.client.export_session();
        let is_taken_up = |token: &Token| {
            let key = crate::session::Key::Outbound(*token);
            is_same && taken_up.iter().any(|(stored, _)| *stored == key)
        };
        let mut given_up = 0;
        for (token, outcome) in earlier.held {
            if !is_taken_up(&token) {
                self.finished.push(Finished { at: now, token, outcome });
                given_up += 1;
            }
        }
        if given_up > 0 {
            let text = format!(
                "The client was set up again with other settings. Messages of the earlier one \
                 that were not finished and are given up: {given_up}."
            );
            self.notice(now, Level::Warning, text);
        }
    }

    /// What all messages come to that are held, if nothing more is done for
    /// them.
    fn give_up_all(&self, now: Instant) -> Vec<(Token, Outcome)> {
        // What is stored stays stored.
        let mut client = self.client.clone();
        let mut held = Vec::new();
        loop {
            let before = held.len();
            for flow in client.snapshot().outbound {
                // One that has its outcome already is none.
                let _ = client.give_up(now, flow.token);
            }
            while let Some(output) = client.poll() {
                if let Output::Event(Event::Finished(token, outcome)) = output {
                    held.push((token, outcome));
                }
            }
            if held.len() == before {
                return held;
            }
        }
    }
}

const REPLACED: &str = "closed by the client, which is set up again";
