use std::time::Duration;

use leptos::prelude::*;

use super::lab::{Command, Lab};
use crate::language::readable;
use crate::session::Token;
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
            view! { <Held/> <Table/> }.into_any()
        }
    });
    panel("in-flight", "in-flight", t!(client.in_flight), note, body)
}

/// Messages that are not sent again by themselves, because several connections
/// ended after they were sent: a person decides.
#[component]
fn Held() -> impl IntoView {
    let lab = Lab::expect();
    let held = lab.slice(|frame| {
        let held = frame.client.outbound.iter().filter(|flow| flow.held).take(SHOWN);
        held.map(|flow| (flow.token, flow.topic.to_string())).collect::<Vec<_>>()
    });
    let row = move |(token, topic): (Token, String)| {
        let number = token.0.saturating_add(1);
        view! {
            <div class="notice notice--warn">
                <p>{t!(client.held, number = number)} " " <bdi>{readable(&topic, TOPIC)}</bdi></p>
                <div class="buttons">
                    <button
                        class="button button--small"
                        type="button"
                        on:click=move |_| lab.send(Command::SendHeld(token))
                    >
                        {t!(client.send_held)}
                    </button>
                    <button
                        class="button button--small"
                        type="button"
                        on:click=move |_| lab.send(Command::GiveUp(token))
                    >
                        {t!(client.give_up)}
                    </button>
                </div>
            </div>
        }
    };
    part(move || held.get().into_iter().map(row).collect_view())
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
/// Characters of a topic.
const TOPIC: usize = 120;
