use std::sync::Arc;

use leptos::prelude::*;

use super::super::memory::disclosure;
use super::actions::DOWN;
use super::model::{Bench, Command};
use super::picture::BrokerPicture;
use super::settings::BrokerSettings;
use super::state::{Flows, flow_lines};
use crate::broker::SessionSnapshot;
use crate::sim::{self, Fault, What, When};
use crate::ui::isolate;
use crate::ui::language::{Words, t};
use crate::view::number::grouped;
use crate::view::topic::shown;

/// The broker: its sessions and retained messages.
#[component]
pub(in crate::ui) fn BrokerCard() -> impl IntoView {
    let bench = Bench::expect();
    let broker = bench.slice(|frame| frame.broker.clone());
    let is_up = Memo::new(move |_| broker.with(|broker| broker.is_up));
    let state =
        move || if is_up.get() { ("on", t!(lab.running)) } else { ("lost", t!(lab.stopped)) };
    let names = Memo::new(move |_| {
        let name = |session: &SessionSnapshot| session.client_identifier.clone();
        broker.with(|broker| broker.sessions.iter().map(name).collect::<Vec<_>>())
    });
    let retained = Memo::new(move |_| broker.with(|broker| broker.retained.clone()));
    let restart = move |(label, keep_store): (Words, bool)| {
        let strike = move |_| {
            let what = What::RestartBroker { keep_store, down_for: DOWN };
            let fault = Fault { client: 0, when: When::Now, what };
            bench.send(Command::Do(sim::Command::Fault(fault)));
        };
        view! {
            <button class="button button--small" type="button" on:click=strike>
                {label()}
            </button>
        }
    };
    view! {
        <section class="panel card" id="broker" aria-labelledby="broker-title">
            <div class="panel__head">
                <h2 class="panel__title" id="broker-title">{t!(lab.broker_lane)}</h2>
                <span class="badge">{t!(lab.in_the_page)}</span>
                <p class="status card__status" data-state=move || state().0>
                    <span class="status__dot"></span>
                    {move || state().1}
                </p>
            </div>
            <div class="card__body">
                {disclosure(
                    bench.kept("break-broker", || false),
                    "more",
                    t!(lab.break_it),
                    view! { <div class="buttons break">{RESTARTS.map(restart).collect_view()}</div> },
                )}
                <For each=move || names.get() key=Clone::clone let(name)>
                    <Session broker name=name.to_string()/>
                </For>
                <div class="facts">
                    <h3 class="facts__title">
                        {t!(lab.retained_messages)} " " <span>{move || grouped(retained.with(Vec::len))}</span>
                    </h3>
                    <ul class="facts__list">
                        <For each=move || retained.get() key=Clone::clone let(topic)>
                            <li><code>{isolate::topic(&topic, TOPIC)}</code></li>
                        </For>
                    </ul>
                </div>
                <BrokerSettings/>
            </div>
        </section>
    }
}

/// What the broker remembers of one client.
#[component]
fn Session(broker: Memo<Arc<BrokerPicture>>, name: String) -> impl IntoView {
    let title = t!(lab.session_of, name = shown(&name, TOPIC));
    let session = Memo::new(move |_| {
        let is_it = |session: &&SessionSnapshot| *session.client_identifier == *name;
        broker.with(|broker| broker.sessions.iter().find(is_it).cloned())
    });
    let read = move |read: fn(&SessionSnapshot) -> usize| {
        Signal::derive(move || session.with(|session| session.as_ref().map_or(0, read)))
    };
    let total = read(|session| session.outbound_total + session.inbound.len());
    let queued = read(|session| session.queued);
    let lines = Signal::derive(move || {
        session.with(|session| {
            let lines = |it: &SessionSnapshot| {
                flow_lines(&it.outbound, &it.inbound, (t!(lab.to_it), t!(lab.of_it)))
            };
            session.as_ref().map(lines).unwrap_or_default()
        })
    });
    let title = Signal::derive(move || match queued.get() {
        0 => t!(lab.session_in_flight, session = title),
        queued => t!(lab.session_queued, session = title, queued = grouped(queued)),
    });
    view! { <Flows title lines total/> }
}

const RESTARTS: [(Words, bool); 2] =
    [(|| t!(lab.restart_kept), true), (|| t!(lab.restart_lost), false)];
/// Characters.
const TOPIC: usize = 80;
