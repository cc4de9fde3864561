//! Will messages (3.1.2.5).

use std::time::Duration;

use super::Broker;
use super::sessions::SessionId;
use super::timers::Timer;
use crate::codec::{PropertyId, Publish, Will};

impl Broker {
    /// The connection has ended and the will, if it is still there, is to be
    /// published: after its delay, or when the session ends, if that is sooner
    /// (5.0, 3.1.3.2.2).
    pub(super) fn schedule_will(&mut self, id: SessionId) {
        let Some(session) = self.sessions.of(id) else { return };
        let Some(will) = &session.will else { return };
        let delay = will.properties.will_delay_interval().unwrap_or(0);
        match delay.min(session.expiry_interval) {
            0 => self.publish_will(id),
            seconds => {
                let at = self.now + Duration::from_secs(seconds.into());
                self.timers.set(Timer::Will(id), at);
            }
        }
    }

    /// The client is back in time: its will is not published
    /// ([MQTT-3.1.3-9]).
    pub(super) fn cancel_will(&mut self, id: SessionId) {
        self.timers.clear(&Timer::Will(id));
        if let Some(session) = self.sessions.of_mut(id) {
            session.will = None;
        }
    }

    /// Publishes the will and removes it from the session ([MQTT-3.1.2-10]).
    pub(super) fn publish_will(&mut self, id: SessionId) {
        self.timers.clear(&Timer::Will(id));
        let Some(session) = self.sessions.of_mut(id) else { return };
        let Some(will) = session.will.take() else { return };
        let message = message(will);
        if self.refusal(&message).is_some() {
            self.counters.messages_refused += 1;
            return;
        }
        self.accept(Some(id), message);
    }
}

/// The will as the message that it becomes.
pub(super) fn message(will: Will) -> Publish {
    let Will { topic, payload, qos, retain, mut properties } = will;
    properties.remove(PropertyId::WillDelayInterval);
    Publish { qos, retain, topic, payload, properties, ..Publish::default() }
}
