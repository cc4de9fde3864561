use std::time::Duration;

use leptos::prelude::*;

use super::lab::Lab;
use crate::client::Status;
use crate::ui::dynamic::text;
use crate::ui::language::t;
use crate::web::clock;

/// The connection's state in the header; told to screen readers as it
/// changes.
#[component]
pub(super) fn StatusLine() -> impl IntoView {
    let lab = Lab::expect();
    let status = lab.slice(|frame| frame.client.status);
    let seconds = seconds_to_reconnect(status);
    let visible = move || match (status.get(), seconds.get()) {
        (Status::WaitingToReconnect { attempt, .. }, Some(seconds)) => {
            t!(client.attempt, number = attempt, seconds = seconds)
        }
        (status, _) => in_words(status).to_owned(),
    };
    view! {
        <p class="status" data-state=text(move || state_name(status.get()).to_owned())>
            <span class="status__dot" aria-hidden="true"></span>
            <span aria-hidden="true">{text(visible)}</span>
            <span class="visually-hidden" role="status">{text(move || in_words(status.get()).to_owned())}</span>
        </p>
    }
}

/// The state in a word or two.
pub(super) fn in_words(status: Status) -> &'static str {
    match status {
        Status::Disconnected => t!(client.not_connected),
        Status::Opening => t!(client.opening),
        Status::Connecting => t!(client.connecting),
        Status::Connected => t!(client.connected),
        Status::Closing => t!(client.closing),
        Status::WaitingToReconnect { .. } => t!(client.waiting),
    }
}

/// Whole seconds until the next attempt, while one is waited for.
fn seconds_to_reconnect(status: Memo<Status>) -> Signal<Option<u64>> {
    let now = RwSignal::new(clock::now());
    Effect::new(move |_| {
        if let Status::WaitingToReconnect { .. } = status.get() {
            now.set(clock::now());
            let tick = move || now.set(clock::now());
            if let Ok(interval) = set_interval_with_handle(tick, Duration::from_millis(500)) {
                on_cleanup(move || interval.clear());
            }
        }
    });
    Signal::derive(move || match status.get() {
        Status::WaitingToReconnect { at, .. } => {
            Some(at.since(now.get()).as_millis().div_ceil(1_000) as u64)
        }
        _ => None,
    })
}

fn state_name(status: Status) -> &'static str {
    match status {
        Status::Disconnected => "off",
        Status::Connected => "on",
        Status::WaitingToReconnect { .. } => "lost",
        Status::Opening | Status::Connecting | Status::Closing => "busy",
    }
}
