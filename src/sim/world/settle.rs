//! Between the engines and the links.

use super::World;
use crate::broker::{self, ConnectionId};
use crate::codec::ReasonCode;
use crate::sim::connection::Told;
use crate::sim::host::Wanted;
use crate::trace::Direction;

impl World {
    /// Does what the engines ask for until none asks any more.
    pub(super) fn settle(&mut self) {
        loop {
            let mut busy = false;
            for index in 0..self.hosts.len() {
                while self.serve_host(index) {
                    busy = true;
                }
            }
            while self.serve_broker() {
                busy = true;
            }
            if !busy {
                return;
            }
        }
    }

    /// Tells an engine what its link says.
    pub(super) fn tell(&mut self, index: usize, told: Told) {
        let now = self.now;
        let host = self.hosts.get_mut(index);
        let client = |id| host.and_then(|host| host.client_of(id));
        let broker = self.broker.engine.as_mut();
        match told {
            Told::BrokerOpened(id) => broker.into_iter().for_each(|it| it.handle_open(now, id)),
            Told::BrokerClosed(id) => broker.into_iter().for_each(|it| it.handle_close(now, id)),
            Told::ClientOpened(id) => {
                client(id).into_iter().for_each(|(it, number)| it.handle_open(now, number));
            }
            Told::ClientClosed(id, why) => {
                client(id).into_iter().for_each(|(it, number)| it.handle_close(now, number, why));
            }
            Told::Bytes(id, direction, bytes, fault) => {
                match direction {
                    Direction::ToServer => {
                        broker.into_iter().for_each(|it| it.handle_bytes(now, id, &bytes));
                    }
                    Direction::ToClient => {
                        let client = client(id).into_iter();
                        client.for_each(|(it, number)| it.handle_bytes(now, number, &bytes));
                    }
                }
                if let Some(fault) = fault.and_then(|fault| self.traps.fault(fault).cloned()) {
                    // The receiver reacts before the fault strikes.
                    self.settle();
                    self.strike(&fault, Some((id, direction)));
                }
            }
        }
    }

    /// Does the next thing that a client asks for. False if there is none.
    fn serve_host(&mut self, index: usize) -> bool {
        let now = self.now;
        let (Some(host), Some(link)) = (self.hosts.get_mut(index), self.links.get_mut(index))
        else {
            return false;
        };
        let mut remarks = Vec::new();
        let wanted = host.poll(now, &self.published, &mut remarks);
        let busy = wanted.is_some();
        match wanted {
            Some(Wanted::Open(number)) => {
                self.next_connection += 1;
                let id = ConnectionId(self.next_connection);
                host.connecting(id, number);
                link.open(now, id);
            }
            Some(Wanted::Send(bytes)) => {
                link.client_writes(now, bytes, &mut self.traps, &mut self.trace);
                self.relieve(index);
            }
            Some(Wanted::Close(number)) => {
                link.client_closes(now, &mut self.trace);
                if let Some(client) = &mut host.client {
                    client.handle_close(now, number, "");
                }
            }
            None => {}
        }
        for remark in &remarks {
            self.note_of(index, remark);
        }
        busy
    }

    /// Does the next thing that the broker asks for. False if there is none.
    fn serve_broker(&mut self) -> bool {
        let Some(output) = self.broker.engine.as_mut().and_then(|engine| engine.poll()) else {
            return false;
        };
        let now = self.now;
        match output {
            broker::Output::Send(id, bytes) => {
                let mut links = self.links.iter_mut().enumerate();
                if let Some((index, link)) = links.find(|(_, link)| link.has(id)) {
                    link.broker_writes(now, id, bytes, &mut self.traps, &mut self.trace);
                    self.relieve(index);
                }
            }
            broker::Output::Close(id) => {
                if let Some(link) = self.links.iter_mut().find(|link| link.has(id)) {
                    link.broker_closes(now, id, &mut self.trace);
                }
            }
            broker::Output::Event(event) => self.note_event(&event),
        }
        true
    }

    /// What engines send by themselves, again and again, ends here: a network
    /// that holds too much breaks the connection that brought the last of it.
    fn relieve(&mut self, index: usize) {
        if self.under_way() > OVERFULL {
            self.note(index, "more is under way than the network holds");
            self.cut(index, None);
        }
    }

    /// Writes into the trace what no packet says: what the broker loses, and
    /// why it gives a connection up.
    fn note_event(&mut self, event: &broker::Event) {
        let (identifier, words) = match event {
            broker::Event::SessionExpired(identifier) => {
                (identifier, format!("the broker forgets the session of {identifier}"))
            }
            broker::Event::Dropped(identifier) => {
                (identifier, format!("the broker drops a message for {identifier}"))
            }
            broker::Event::Disconnected { client_identifier, reason, why, .. }
                if reason.is_error() && *reason != ReasonCode::UnspecifiedError =>
            {
                (client_identifier, format!("broker: {why}"))
            }
            _ => return,
        };
        let index = self.scenario.clients.iter().position(|client| client.name == *identifier);
        if let Some(index) = index {
            self.note(index, words);
        }
    }
}

/// Bytes of memory under way from which connections break.
const OVERFULL: usize = 32 << 20;
