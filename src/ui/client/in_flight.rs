use std::time::Duration;

use leptos::prelude::*;

use super::lab::Lab;
use crate::time::Instant;
use crate::ui::dynamic::part;
use crate::ui::language::{say, t};
use crate::ui::panel::{empty, panel};
use crate::view::table::{self, InFlightRow, Way, age_words};
use crate::web::clock;

/// Unfinished messages of both directions: what each side has to remember.
#[component]
pub(super) fn InFlight() -> impl IntoView {
    let lab = Lab::expect();
    let totals = lab.slice(|frame| (frame.client.outbound_total, frame.client.inbound_total));
    let buffered = lab.slice(|frame| frame.buffered);
    let note = move || {
        let (out, inbound) = totals.get();
        match buffered.get() {
            0 => t!(client.flows, out = out, inbound = inbound),
            bytes => t!(client.flows_and_bytes, out = out, inbound = inbound, bytes = bytes),
        }
    };
    let is_empty = Memo::new(move |_| totals.get() == (0, 0));
    let body = part(move || {
        if is_empty.get() {
            empty(t!(client.nothing_in_flight))
        } else {
            view! { <Table/> }.into_any()
        }
    });
    panel("in-flight", "in-flight", t!(client.in_flight), note, body)
}

#[component]
fn Table() -> impl IntoView {
    let lab = Lab::expect();
    let now = RwSignal::new(clock::now());
    let tick = set_interval_with_handle(move || now.set(clock::now()), Duration::from_secs(1));
    if let Ok(tick) = tick {
        on_cleanup(move || tick.clear());
    }
    let rows = lab.slice(|frame| {
        let now = clock::now();
        let mut rows = table::in_flight(&frame.client, now);
        let hidden = rows.len().saturating_sub(SHOWN) + table::not_shown(&frame.client);
        rows.truncate(SHOWN);
        (rows.into_iter().map(|row| since(row, now)).collect::<Vec<_>>(), hidden)
    });
    let hidden = move || match rows.with(|(_, hidden)| *hidden) {
        0 => None,
        hidden => Some(view! { <p class="empty">{t!(client.and_more, count = hidden)}</p> }),
    };
    view! {
        <div class="table-scroll" tabindex="0" role="region" aria-label=t!(client.messages_in_flight)>
            <table class="table">
                <thead>
                    <tr>
                        <th scope="col">{t!(client.way)}</th>
                        <th scope="col">{t!(client.identifier)}</th>
                        <th scope="col">"QoS"</th>
                        <th scope="col">{t!(client.awaits)}</th>
                        <th scope="col">{t!(client.since)}</th>
                        <th scope="col">{t!(client.topic)}</th>
                    </tr>
                </thead>
                <tbody>
                    <For
                        each=move || rows.with(|(rows, _)| rows.clone())
                        key=|(row, since)| (row.token, row.packet_identifier, row.state, *since)
                        let((row, since))
                    >
                        {draw(row, since, now)}
                    </For>
                </tbody>
            </table>
            {hidden}
        </div>
    }
}

/// A row without its age, which changes by itself, and since when it stands
/// as it does.
fn since(row: InFlightRow, now: Instant) -> (InFlightRow, Option<Instant>) {
    let micros = |age: Duration| u64::try_from(age.as_micros()).unwrap_or(u64::MAX);
    let since =
        row.age.map(|age| Instant::from_micros(now.as_micros().saturating_sub(micros(age))));
    (InFlightRow { age: None, ..row }, since)
}

fn draw(row: InFlightRow, since: Option<Instant>, now: RwSignal<Instant>) -> impl IntoView {
    let (way, word) = match row.way {
        Way::Out => ("out", t!(client.way_out)),
        Way::In => ("in", t!(client.way_in)),
    };
    let identifier = row.packet_identifier.map_or("–".to_owned(), |id| id.to_string());
    let awaits = say(row.state.strip_prefix("awaiting ").unwrap_or(row.state));
    let age =
        move || since.map_or("–".to_owned(), |since| say(&age_words(now.get().since(since))));
    view! {
        <tr>
            <td><span class="way" data-way=way>{word}</span></td>
            <td>{identifier}</td>
            <td>{row.qos.to_string()}</td>
            <td>{awaits}</td>
            <td>{age}</td>
            <td class="table__topic">{row.topic}</td>
        </tr>
    }
}

/// Rows shown.
const SHOWN: usize = 40;
