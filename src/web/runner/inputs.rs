//! What happens to the driver.

use super::Runner;
use crate::time::Instant;
use crate::web::Level;
use crate::web::explain::{self, Explanation, Lost};
use crate::web::page::{self, PageEvent};
use crate::web::socket::SocketEvent;

impl Runner {
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
    ///
    /// An end that the engine has named already stands, in the trace and in
    /// what the person is told: it closes a connection for a reason, and that
    /// the socket went first, while a commit held the closing up, is none.
    pub(super) fn fail(&mut self, now: Instant, explanation: Explanation) {
        self.record_rest(now);
        self.socket = None;
        let ending = self.ending.take();
        let why = ending.as_ref().unwrap_or(&explanation.summary).clone();
        self.tap.close(now, &why, &mut self.trace);
        self.outbox.connection_lost();
        if ending.is_none() {
            self.trouble = Some(explanation);
        }
        self.client.handle_close(now, self.connection, &why);
    }

    /// Explains a connection that closed by itself, at this stage.
    pub(super) fn explain_loss(&self, now: Instant, code: u16, reason: &str) -> Explanation {
        explain::lost(&Lost {
            address: &self.address,
            page_is_secure: page::is_secure(),
            online: page::is_online(),
            stage: self.stage,
            version: self.version,
            elapsed: now.since(self.opened_at),
            code,
            reason,
        })
    }

    /// After a pause: what is overdue happens now, and a lost connection is
    /// tried again without waiting.
    fn catch_up(&mut self, now: Instant) {
        if self.socket.as_ref().is_some_and(|socket| socket.is_closed()) {
            // Behind what came before it.
            let closed = SocketEvent::Closed { code: 1006, reason: String::new() };
            self.handle_socket(now, self.connection, closed);
        }
        self.client.handle_timeout(now);
        if !crate::web::frame::is_hidden() && page::is_online() {
            self.client.reconnect_now(now);
        }
    }
}
