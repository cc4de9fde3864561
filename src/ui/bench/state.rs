//! What a participant remembers, in words.

use std::time::Duration;

use leptos::prelude::*;

use super::model::{Bench, Command};
use super::picture::ClientPicture;
use crate::client::Status;
use crate::codec::PacketIdentifier;
use crate::session::OutboundFlow;
use crate::sim::{self, Delivery};
use crate::time::Instant;
use crate::trace::preview;
use crate::ui::dynamic::part;
use crate::ui::isolate::{isolated, topic};
use crate::ui::language::{say, t};
use crate::view::diagram::time;
use crate::view::number::grouped;
use crate::view::table::{Granted, granted, state_words};
use crate::view::topic::shown;

/// An unfinished message.
#[derive(Clone, PartialEq, Eq, Hash)]
pub(super) struct FlowLine {
    /// For the style: `out` or `in`.
    direction: &'static str,
    way: &'static str,
    identifier: Option<u16>,
    words: String,
}

/// Unfinished messages, ours first. `to` and `from` say whose they are.
pub(super) fn flow_lines(
    outbound: &[OutboundFlow],
    inbound: &[PacketIdentifier],
    (to, from): (&'static str, &'static str),
) -> Vec<FlowLine> {
    let ours = outbound.iter().map(|flow| FlowLine {
        direction: "out",
        way: to,
        identifier: flow.packet_identifier.map(PacketIdentifier::value),
        words: format!("QoS {}{}{}", flow.qos, say(", "), say(state_words(flow.state))),
    });
    let theirs = inbound.iter().map(|identifier| FlowLine {
        direction: "in",
        way: from,
        identifier: Some(identifier.value()),
        words: t!(lab.awaiting_pubrel).to_owned(),
    });
    ours.chain(theirs).take(MOST_LINES).collect()
}

/// A list of unfinished messages with its heading.
#[component]
pub(super) fn Flows(
    #[prop(into)] title: Signal<String>,
    #[prop(into)] lines: Signal<Vec<FlowLine>>,
    #[prop(into)] total: Signal<usize>,
) -> impl IntoView {
    let rest = move || match total.get().saturating_sub(MOST_LINES) {
        0 => None,
        rest => {
            Some(view! { <li class="facts__none">{t!(lab.and_more, count = grouped(rest))}</li> })
        }
    };
    // Not keyed: a line that has changed is written over.
    let line = |line: FlowLine| {
        view! {
            <li class="flow">
                <span class="way" data-way=line.direction>{line.way}</span>
                <span class="flow__identifier">
                    {line.identifier.map_or_else(no_identifier, |id| t!(lab.identifier, number = id))}
                </span>
                <span>{line.words}</span>
            </li>
        }
    };
    let lines = part(move || lines.get().into_iter().map(line).collect_view());
    view! {
        <div class="facts">
            <h3 class="facts__title">{part(move || title.with(|title| isolated(title)))} " "<span>{move || grouped(total.get())}</span></h3>
            <ul class="facts__list">
                {lines}
                {rest}
            </ul>
        </div>
    }
}

/// The messages that the application got, duplicates marked. In the document
/// the newest is last, so that adding one moves no other; the style shows it
/// first.
#[component]
pub(super) fn InboxList(client: usize) -> impl IntoView {
    let bench = Bench::expect();
    let inbox = bench.slice(move |frame| {
        frame.clients.get(client).map(|client| client.inbox.clone()).unwrap_or_default()
    });
    let counts = move || inbox.with(|inbox| inbox_words(inbox.total, inbox.duplicates));
    let each = move || {
        inbox.with(|inbox| {
            let first = inbox.total - inbox.latest.len() as u64;
            (first..).zip(inbox.latest.iter().cloned()).collect::<Vec<_>>()
        })
    };
    let line = |(_, delivery): (u64, Delivery)| {
        let message = &delivery.message;
        let flags = [(message.dup, "DUP"), (message.retain, "RETAIN")];
        let flag = |(on, word): (bool, &'static str)| {
            on.then(|| view! { <span class="badge">{word}</span> })
        };
        let duplicate = delivery
            .duplicate
            .then(|| view! { <span class="badge badge--bad">{t!(lab.duplicate)}</span> });
        view! {
            <li class="delivery" class:delivery--duplicate=delivery.duplicate>
                <span class="delivery__time">{time(delivery.at, Instant::ZERO)}</span>
                <span class="delivery__topic">{topic(&message.topic, TOPIC)}</span>
                <span class="delivery__payload">
                    {isolated(&preview(&message.payload, PAYLOAD))}
                </span>
                <span class="badge">{format!("QoS {}", message.qos)}</span>
                {flags.map(flag).into_iter().collect_view()}
                {duplicate}
            </li>
        }
    };
    view! {
        <div class="facts">
            <h3 class="facts__title">{t!(lab.inbox)} " " <span>{counts}</span></h3>
            <Show when=move || inbox.with(|inbox| inbox.total > 0)>
                <div class="facts__scroll" tabindex="0">
                    <ul class="facts__list facts__list--newest" aria-label=t!(lab.inbox)>
                        <For
                            each=each
                            key=|(number, it)| (*number, it.at.as_micros(), it.message.payload.clone())
                            let(delivery)
                        >
                            {line(delivery)}
                        </For>
                    </ul>
                </div>
            </Show>
        </div>
    }
}

/// Subscriptions with what was asked for and what was granted.
#[component]
pub(super) fn Subscriptions(client: usize) -> impl IntoView {
    let bench = Bench::expect();
    let rows = bench.slice(move |frame| {
        let engine = frame.clients.get(client).and_then(|client| client.engine.as_ref());
        let subscriptions = engine.map(|engine| engine.subscriptions.as_slice());
        let row = |it: &crate::client::Subscribed| {
            (it.requested.filter.clone(), grant_words(it.requested.qos.bits(), &granted(it)))
        };
        subscriptions.unwrap_or_default().iter().map(row).collect::<Vec<_>>()
    });
    view! {
        <ul class="facts__list">
            <For each=move || rows.get() key=Clone::clone let((filter, words))>
                <li class="subscribed">
                    <code class="subscribed__filter">{topic(&filter, TOPIC)}</code>
                    <span class="subscribed__words">{words}</span>
                    <button
                        class="button button--small button--quiet"
                        type="button"
                        aria-label=t!(lab.unsubscribe_from, filter = shown(&filter, TOPIC))
                        on:click=move |_| {
                            let command = sim::Command::Unsubscribe(client, filter.clone());
                            bench.send(Command::Do(command));
                        }
                    >
                        {t!(lab.unsubscribe)}
                    </button>
                </li>
            </For>
        </ul>
    }
}

/// Where a client stands, for its badge.
pub(super) fn status(client: &ClientPicture) -> (&'static str, &'static str) {
    match client.engine.as_ref().map(|engine| engine.status) {
        None => ("lost", t!(lab.crashed)),
        Some(Status::Disconnected) => ("off", t!(lab.not_connected)),
        Some(Status::Opening) => ("busy", t!(lab.opening)),
        Some(Status::Connecting) => ("busy", t!(lab.awaiting_connack)),
        Some(Status::Connected) => ("on", t!(lab.connected)),
        Some(Status::Closing) => ("busy", t!(lab.closing)),
        Some(Status::WaitingToReconnect { .. }) => ("lost", t!(lab.waiting)),
    }
}

/// What the broker keeps of a client.
pub(super) fn session_words(client: &ClientPicture) -> String {
    let Some(session) = &client.session else {
        return t!(lab.session_none).to_owned();
    };
    let connected = client.engine.as_ref().filter(|engine| engine.status == Status::Connected);
    let age = match connected.map(|engine| engine.session_present) {
        Some(true) => t!(lab.session_present),
        Some(false) => t!(lab.session_new),
        None => t!(lab.session_kept),
    };
    let end = match session.expiry {
        Duration::ZERO => t!(lab.session_ends).to_owned(),
        Duration::MAX => t!(lab.session_never_expires).to_owned(),
        expiry => t!(lab.session_expires, seconds = grouped(expiry.as_secs())),
    };
    t!(lab.session_words, age = age, end = end)
}

fn grant_words(requested: u8, granted: &Granted) -> String {
    match granted {
        Granted::Waiting => t!(lab.asked, requested = requested),
        Granted::At(qos) => t!(lab.granted, requested = requested, granted = qos),
        Granted::Refused(why) => t!(lab.refused, why = why),
    }
}

fn no_identifier() -> String {
    t!(lab.no_identifier).to_owned()
}

fn inbox_words(total: u64, duplicates: u64) -> String {
    match duplicates {
        0 => grouped(total),
        1 => t!(lab.one_duplicate, total = grouped(total)),
        many => t!(lab.duplicates, total = grouped(total), many = grouped(many)),
    }
}

const MOST_LINES: usize = 12;
/// Characters.
const TOPIC: usize = 80;
const PAYLOAD: usize = 60;
