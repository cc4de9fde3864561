//! What a person is told about gaps in time.

use super::Runner;
use crate::client::Status;
use crate::time::Instant;
use crate::web::Level;
use crate::web::gaps::{Answer, after_sleep};
use crate::web::socket::Socket;

impl Runner {
    /// Something runs, perhaps after a sleep. To be called before it does.
    pub fn look_for_sleep(&mut self, now: Instant) {
        let was_connected = self.client.status() == Status::Connected;
        if let Some(gap) = self.sleep.look(now, self.timers.due()) {
            self.notice(now, Level::Info, after_sleep(gap, self.keep_alive, was_connected));
        }
    }

    /// Records from this one on were sent.
    pub(super) fn note_sent(&mut self, now: Instant, first: u64) {
        let sent = self.trace.range(first..self.trace.next_sequence());
        let first_bytes = sent.filter_map(|record| record.bytes()?.first().copied());
        if first_bytes.into_iter().any(asks) {
            self.answers.asked(now);
        }
    }

    /// Something arrived.
    pub(super) fn note_heard(&mut self, now: Instant) {
        let answer = self.answers.heard(now);
        self.tell_answer(now, answer);
    }

    /// Says that an answer is missing, once it is.
    pub(super) fn look_for_answers(&mut self, now: Instant) {
        if self.client.status() != Status::Connected {
            self.answers.reset();
        }
        if self.socket.as_ref().is_some_and(|socket| Socket::buffered(socket) > 0) {
            self.answers.still_sending(now);
        }
        let answer = self.answers.look(now, self.keep_alive);
        self.tell_answer(now, answer);
    }

    fn tell_answer(&mut self, now: Instant, answer: Option<Answer>) {
        match answer {
            None => {}
            Some(Answer::Missing(silence)) => {
                let seconds = silence.as_secs();
                let text = format!(
                    "The server has sent nothing for {seconds} s, although the connection is open \
                     and packets await an answer."
                );
                self.notice(now, Level::Warning, text);
            }
            Some(Answer::Back(silence)) => {
                let seconds = silence.as_secs();
                let text = format!("The server answers again, after {seconds} s.");
                self.notice(now, Level::Info, text);
            }
        }
    }
}

/// Whether a packet that starts with this byte is to be answered.
fn asks(first: u8) -> bool {
    match first >> 4 {
        PUBLISH => first & QOS != 0,
        PUBREC | PUBREL | SUBSCRIBE | UNSUBSCRIBE | PINGREQ => true,
        _ => false,
    }
}

// Types of packets (section 2.1.2), and the bits of a PUBLISH's QoS (3.3.1.2).
const PUBLISH: u8 = 3;
const PUBREC: u8 = 5;
const PUBREL: u8 = 6;
const SUBSCRIBE: u8 = 8;
const UNSUBSCRIBE: u8 = 10;
const PINGREQ: u8 = 12;
const QOS: u8 = 0b0110;
