//! What a message costs, counted for the settings that the learner chooses.

use std::time::Duration;

use leptos::prelude::*;

use super::fields::{check, number, one_of};
use crate::course::Findings;
use crate::course::cost::{Headers, Row, Settings, Table, Way};
use crate::ui::course::study::Study;
use crate::ui::dynamic::part;
use crate::ui::language::t;
use crate::view::number::grouped;

/// What the learner chooses. A handle: copies are the same.
#[derive(Clone, Copy)]
pub(in crate::ui::course) struct Choice {
    latency: RwSignal<u32>,
    payload: RwSignal<u32>,
    messages: RwSignal<u32>,
    many_headers: RwSignal<bool>,
    connection_per_request: RwSignal<bool>,
}

/// A row of the chart: its bytes and its wait, of all rows.
struct Bars {
    most_bytes: u64,
    longest: Duration,
}

impl Default for Choice {
    fn default() -> Self {
        let Settings { latency, payload, messages, .. } = Settings::default();
        Choice {
            latency: RwSignal::new(latency.as_millis().try_into().unwrap_or_default()),
            payload: RwSignal::new(payload.try_into().unwrap_or_default()),
            messages: RwSignal::new(messages),
            many_headers: RwSignal::new(false),
            connection_per_request: RwSignal::new(false),
        }
    }
}

/// Counts, for the settings as they are.
pub(super) fn solve(study: Study, choice: Choice) {
    let table = untrack(|| Table::of(&choice.settings(study)));
    study.findings.set(Some(Findings::Cost(table)));
}

pub(super) fn view(study: Study, choice: Choice) -> AnyView {
    let table = Memo::new(move |_| Table::of(&choice.settings(study)));
    let tell = move || study.findings.set(Some(Findings::Cost(table.get_untracked())));
    let headers = Signal::derive(move || usize::from(choice.many_headers.get()));
    let set_headers = move |index: usize| {
        choice.many_headers.set(index == 1);
        tell();
    };
    let names = vec![t!(course.cost_few).to_owned(), t!(course.cost_many).to_owned()];
    view! {
        <p class="instrument__about">{t!(course.cost_about)}</p>
        <div class="trio">
            {number(t!(course.cost_latency), choice.latency, (0, 10_000), tell)}
            {number(t!(course.cost_payload), choice.payload, (0, 100_000), tell)}
            {number(t!(course.cost_messages), choice.messages, (1, 10_000), tell)}
        </div>
        <div class="cost__http">
            {one_of(t!(course.cost_headers), names, headers, set_headers)}
            {check(t!(course.cost_connections), choice.connection_per_request, tell)}
        </div>
        {part(move || table.with(chart))}
    }
    .into_any()
}

/// The bars, and the same in numbers.
fn chart(table: &Table) -> AnyView {
    let latency = table.settings.latency;
    let wait = |row: &Row| row.total.wait(latency);
    let bars = Bars {
        most_bytes: table.rows.iter().map(|row| row.total.bytes()).max().unwrap_or_default(),
        longest: table.rows.iter().map(wait).max().unwrap_or_default(),
    };
    let rows = table.rows.iter().map(|row| {
        let Row { total, message, .. } = row;
        let bytes = percent(total.bytes(), bars.most_bytes);
        let waits = percent(wait(row).as_micros() as u64, bars.longest.as_micros() as u64);
        view! {
            <tr>
                <th scope="row">{name(row.way)}</th>
                <td>{grouped(message.packets)}</td>
                <td>{grouped(message.bytes())}</td>
                <td>{grouped(message.round_trips)}</td>
                <td class="cost__total">
                    {bar("bar bar--bytes", bytes)}
                    <span>{grouped(total.bytes())}</span>
                </td>
                <td class="cost__total">
                    {bar("bar bar--wait", waits)}
                    <span>{grouped(wait(row).as_millis())}</span>
                </td>
            </tr>
        }
        .into_any()
    });
    view! {
        <div class="cost__scroll" tabindex="0" role="region" aria-label=t!(course.cost_table)>
            <table class="cost">
                <thead>
                    <tr>
                        <td></td>
                        <th scope="colgroup" colspan="3">{t!(course.cost_one)}</th>
                        <th scope="colgroup" colspan="2">
                            {t!(course.cost_all, count = grouped(table.settings.messages))}
                        </th>
                    </tr>
                    <tr>
                        <th scope="col">{t!(course.cost_way)}</th>
                        <th scope="col">{t!(course.cost_packets)}</th>
                        <th scope="col">{t!(course.cost_bytes)}</th>
                        <th scope="col">{t!(course.cost_trips)}</th>
                        <th scope="col">{t!(course.cost_bytes)}</th>
                        <th scope="col">{t!(course.cost_wait)}</th>
                    </tr>
                </thead>
                <tbody>{rows.collect_view()}</tbody>
            </table>
        </div>
    }
    .into_any()
}

/// A bar, which the number beside it repeats.
fn bar(class: &'static str, percent: u64) -> AnyView {
    view! {
        <svg class=class viewBox="0 0 100 4" preserveAspectRatio="none" aria-hidden="true">
            <rect width=percent.to_string() height="4"/>
        </svg>
    }
    .into_any()
}

fn percent(part: u64, whole: u64) -> u64 {
    match whole {
        0 => 0,
        whole => (part * 100).div_ceil(whole),
    }
}

fn name(way: Way) -> String {
    match way {
        Way::Http => "HTTP/1.1".to_owned(),
        Way::Mqtt(qos) => format!("MQTT QoS {qos}"),
        Way::WebSocket(qos) => t!(course.cost_web_socket, qos = qos),
    }
}

impl Choice {
    fn settings(self, study: Study) -> Settings {
        Settings {
            version: study.version.get(),
            latency: Duration::from_millis(self.latency.get().into()),
            payload: self.payload.get() as usize,
            messages: self.messages.get(),
            headers: if self.many_headers.get() { Headers::Many } else { Headers::Few },
            connection_per_request: self.connection_per_request.get(),
            ..Settings::default()
        }
    }
}
