//! What happens to the driver.

use super::Runner;
use crate::client::{ConnectionNumber, Status};
use crate::time::Instant;
use crate::trace::Direction;
use crate::web::explain::{self, Explanation, Lost, Stage};
use crate::web::page::{self, PageEvent};
use crate::web::socket::SocketEvent;
use crate::web::storage::StorageError;
use crate::web::{Level, StorageState};

impl Runner {
    /// Something happened on the socket with this number.
    pub fn handle_socket(&mut self, now: Instant, number: ConnectionNumber, event: SocketEvent) {
        let Some(socket) = self.socket.as_ref().filter(|_| number == self.connection) else {
            return;
        };
        match event {
            SocketEvent::Open if !socket.speaks_mqtt() => self.fail(
                now,
                Explanation::new(
                    "The server did not choose the “mqtt” subprotocol [MQTT-6.0.0-4].",
                )
                .hint("It is a WebSocket server, but not an MQTT listener: check the address."),
            ),
            SocketEvent::Open => {
                self.stage = Stage::AwaitingConnAck;
                self.tap.open(now, number.0, &mut self.trace);
                self.client.handle_open(now, number);
            }
            SocketEvent::Bytes(bytes) => {
                self.unread_record = self.trace.next_sequence();
                self.tap.bytes(now, Direction::ToClient, &bytes, &mut self.trace);
                self.client.handle_bytes(now, number, &bytes);
                // Timers may be late in a background tab; messages are not.
                self.client.handle_timeout(now);
            }
            SocketEvent::Text => self.fail(
                now,
                Explanation::new(
                    "The server sent a text message; MQTT allows only binary ones [MQTT-6.0.0-1].",
                )
                .hint("It is a WebSocket server, but not an MQTT listener: check the address."),
            ),
            SocketEvent::Closed { code, reason } => {
                let explanation = self.explain_loss(now, code, &reason);
                self.fail(now, explanation);
            }
        }
    }

    /// A commit has ended.
    pub fn handle_commit(&mut self, now: Instant, result: Result<(), StorageError>) {
        match result {
            Ok(()) => self.outbox.committed(),
            Err(error) => self.lose_storage(now, &error),
        }
    }

    /// A timer has fired, early or late.
    pub fn handle_timer(&mut self, now: Instant) {
        self.timers.fired();
        self.timers.stop_retry();
        self.client.handle_timeout(now);
    }

    /// The browser said something about the page.
    pub fn handle_page(&mut self, now: Instant, event: PageEvent) {
        match event {
            PageEvent::Offline => self.notice(
                now,
                Level::Info,
                "The browser says that it is offline. The connection is left alone: it may lead \
                 to this machine, and keep-alive finds out."
                    .to_owned(),
            ),
            PageEvent::Online => {
                self.notice(now, Level::Info, "The browser says that it is online.".to_owned());
                self.catch_up(now);
            }
            PageEvent::Visibility => {
                self.timers.visibility_changed();
                self.catch_up(now);
            }
            PageEvent::Show => self.catch_up(now),
            // What waits is handed over by the pump that follows.
            PageEvent::Hide => {}
        }
    }

    /// The socket is of no more use, and the engine has to know.
    pub(super) fn fail(&mut self, now: Instant, explanation: Explanation) {
        self.socket = None;
        self.tap.close(now, &explanation.summary, &mut self.trace);
        let summary = explanation.summary.clone();
        self.outbox.connection_lost();
        if self.outbox.is_opening() {
            // The engine is done with this connection and wants the next.
            return;
        }
        if self.client.status() != Status::Closing {
            self.trouble = Some(explanation);
        }
        self.client.handle_close(now, self.connection, &summary);
    }

    /// Explains a connection that closed by itself, at this stage.
    pub(super) fn explain_loss(&self, now: Instant, code: u16, reason: &str) -> Explanation {
        explain::lost(&Lost {
            address: &self.address,
            page_is_secure: page::is_secure(),
            online: page::is_online(),
            stage: self.stage,
            elapsed: now.since(self.opened_at),
            code,
            reason,
        })
    }

    /// After a pause: what is overdue happens now, and a lost connection is
    /// tried again without waiting.
    fn catch_up(&mut self, now: Instant) {
        if self.socket.as_ref().is_some_and(|socket| socket.is_closed()) {
            let explanation = self.explain_loss(now, 1006, "");
            self.fail(now, explanation);
        }
        self.client.handle_timeout(now);
        if !crate::web::frame::is_hidden() && page::is_online() {
            self.client.reconnect_now(now);
        }
    }

    /// Goes on in memory. What is stored is out of date from now on, and must
    /// not be taken up again.
    fn lose_storage(&mut self, now: Instant, error: &StorageError) {
        self.outbox.give_up();
        self.storage = StorageState::Failed(error.to_string());
        self.notice(
            now,
            Level::Error,
            format!(
                "The session can no longer be stored: {error}. It goes on in memory and will not \
                 survive a reload."
            ),
        );
        if let Some(store) = self.store.take() {
            wasm_bindgen_futures::spawn_local(async move {
                // There is nobody left to tell.
                let _ = store.forget().await;
            });
        }
    }
}
