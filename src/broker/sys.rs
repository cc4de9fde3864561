//! Counters, and the `$SYS` topics that show them.

use std::time::Duration;

use bytes::Bytes;
use bytestring::ByteString;

use super::Broker;
use super::sessions::Replay;
use super::timers::Timer;
use crate::codec::{Publish, topic};

impl Broker {
    /// Starts the rounds of `$SYS` messages once somebody wants them.
    pub(super) fn start_sys(&mut self) {
        if !self.timers.is_set(&Timer::Sys) && self.is_sys_wanted() {
            self.sys_sent = self.sys_values();
            self.schedule_sys();
        }
    }

    /// One round: what has changed since the last.
    pub(super) fn publish_sys(&mut self) {
        if !self.is_sys_wanted() {
            return;
        }
        let values = self.sys_values();
        let before = std::mem::replace(&mut self.sys_sent, values.clone());
        for ((name, value), before) in NAMES.iter().zip(values).zip(before) {
            if value != before {
                self.forward(None, &message(name, value));
            }
        }
        self.schedule_sys();
    }

    /// The `$SYS` messages that a new subscription gets, as if they had been
    /// retained.
    pub(super) fn sys_matching(&self, replay: &Replay) -> Vec<Publish> {
        let first = replay.after.is_none();
        if !first || self.config.limits.sys_interval == 0 || !replay.filter.starts_with("$SYS/") {
            return Vec::new();
        }
        let values = NAMES.iter().zip(self.sys_values());
        let matching = values.filter(|(name, _)| topic::matches(&replay.filter, name));
        matching.map(|(name, value)| message(name, value)).collect()
    }

    fn is_sys_wanted(&self) -> bool {
        self.config.limits.sys_interval > 0
            && NAMES.iter().any(|name| self.tree.any_match(name, |_, _| true))
    }

    fn schedule_sys(&mut self) {
        let interval = Duration::from_secs(self.config.limits.sys_interval.into());
        self.timers.set(Timer::Sys, self.now + interval);
    }

    /// In the order of `NAMES`.
    fn sys_values(&self) -> Vec<u64> {
        let counters = &self.counters;
        vec![
            self.now.since(self.started_at).as_secs(),
            counters.clients_connected,
            self.sessions.len() as u64,
            counters.subscriptions,
            self.retained.len() as u64,
            counters.bytes_received,
            counters.bytes_sent,
            counters.packets_received,
            counters.packets_sent,
            counters.messages_received,
            counters.messages_forwarded,
            counters.messages_refused,
            counters.messages_dropped,
            counters.messages_expired,
        ]
    }
}

fn message(name: &'static str, value: u64) -> Publish {
    Publish {
        topic: ByteString::from_static(name),
        payload: Bytes::from(value.to_string()),
        ..Publish::default()
    }
}

const NAMES: [&str; 14] = [
    "$SYS/broker/uptime",
    "$SYS/broker/clients/connected",
    "$SYS/broker/clients/total",
    "$SYS/broker/subscriptions/count",
    "$SYS/broker/retained/count",
    "$SYS/broker/bytes/received",
    "$SYS/broker/bytes/sent",
    "$SYS/broker/packets/received",
    "$SYS/broker/packets/sent",
    "$SYS/broker/messages/received",
    "$SYS/broker/messages/forwarded",
    "$SYS/broker/messages/refused",
    "$SYS/broker/messages/dropped",
    "$SYS/broker/messages/expired",
];
