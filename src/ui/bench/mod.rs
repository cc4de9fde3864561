//! The lab: a broker in the page, a network that breaks, and time that runs
//! both ways.
//!
//! Views read slices of the [`Bench`]'s frame through memos and send back
//! [`Command`](model::Command)s. What they show is computed in `sim` and
//! `view`.

mod actions;
mod broker_card;
mod client_card;
mod engine;
mod fields;
mod fork;
mod menu;
mod model;
mod picture;
mod settings;
mod state;
mod to_scale;
mod transport;
mod what_if;

use leptos::prelude::*;

use super::diagram::Diagram;
use super::dynamic::{flag, part};
use super::inspector::Inspector;
use super::language::t;
use super::route::Route;
use super::sections::{Section, Sections};
use super::transcript::Announcer;
pub(super) use broker_card::BrokerCard;
pub(super) use client_card::ClientCard;
pub(super) use fork::TwoOutcomes;
use menu::Menu;
pub(super) use menu::Opened;
pub(super) use model::{Bench, Command};
pub(super) use transport::Transport;
pub(super) use what_if::WhatIf;

/// The lab's page.
#[component]
pub(super) fn LabPage() -> impl IntoView {
    let bench = Bench::expect();
    bench.provide_trace();
    bench.wake();
    let route: RwSignal<Route> = expect_context();
    // Time stops when the page is left, but not when its language changes.
    on_cleanup(move || {
        if !route.with_untracked(|route| matches!(route, Route::Lab(_))) {
            bench.send(Command::Play(false));
        }
    });
    // A lab that was opened anew has new cards.
    let cards = bench.slice(|frame| (frame.both[0].generation, frame.clients.len()));
    let others = move || {
        let (generation, count) = cards.get();
        (1..count).map(|client| (generation, client)).collect::<Vec<_>>()
    };
    let first = move || {
        let (_, count) = cards.get();
        (count > 0).then(|| view! { <ClientCard client=0/> })
    };
    let is_file = bench.slice(|frame| frame.is_file);
    let is_forked = bench.slice(|frame| frame.fork.is_some());
    let stage = part(move || match is_forked.get() {
        true => view! { <TwoOutcomes/> }.into_any(),
        false => view! { <Diagram empty=Empty/> }.into_any(),
    });
    let has_room = move || cards.get().1 < engine::MOST_CLIENTS;
    view! {
        <Sections sections=SECTIONS/>
        <Announcer/>
        <main class="main main--lab" class:main--forked=flag(move || is_forked.get())>
            <div class="column column--controls">
                <Menu/>
                {first}
            </div>
            <div class="column column--stage">
                <Show when=move || is_file.get() fallback=|| view! { <Transport/> }>
                    <p class="notice notice--warn file__notice">
                        {t!(lab.shows_file)}
                        <button
                            class="button button--small"
                            type="button"
                            on:click=move |_| bench.send(Command::CloseFile)
                        >
                            {t!(lab.back_to_lab)}
                        </button>
                    </p>
                </Show>
                {stage}
                <Inspector/>
            </div>
            <div class="column column--others">
                <BrokerCard/>
                <For each=others key=|key| *key let((_, client))>
                    <ClientCard client/>
                </For>
                <Show when=has_room>
                    <button
                        class="button"
                        type="button"
                        on:click=move |_| bench.send(Command::AddClient)
                    >
                        {t!(lab.add_client)}
                    </button>
                </Show>
            </div>
            <WhatIf/>
        </main>
    }
}

#[component]
fn Empty() -> impl IntoView {
    view! {
        <div class="empty stage__empty">
            <strong>{t!(lab.time_zero)}</strong>
            <ol>
                <li>{t!(lab.first_play)}</li>
                <li>{t!(lab.then_publish)}</li>
                <li>{t!(lab.then_break)}</li>
            </ol>
        </div>
    }
}

const SECTIONS: &[Section] = &[
    ("set-up", || t!(lab.set_up)),
    ("client-0", || t!(lab.publisher)),
    ("packets", || t!(shared.packets)),
    ("broker", || t!(lab.broker)),
    ("client-1", || t!(lab.subscriber)),
];
