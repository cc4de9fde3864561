//! The module of the client of a real broker.

mod connect;
mod connect_more;
mod form;
mod form_state;
mod in_flight;
mod inbox;
mod lab;
mod outcome;
mod publish;
mod remembered;
mod status;
mod subscribe;
mod subscriptions;
mod words;

use leptos::prelude::*;

use super::diagram::Diagram;
use super::files::{SaveTrace, epoch_of_page};
use super::inspector::Inspector;
use super::language::t;
use super::memory::Memory;
use super::module;
use super::route::Route;
use super::sections::{Section, Sections};
use super::shell::{Page, shell};
use super::transcript::Announcer;
use connect::Connect;
use in_flight::InFlight;
use inbox::Inbox;
use lab::Lab;
use publish::PublishPanel;
use status::StatusLine;
use subscribe::SubscribePanel;

/// Starts the module.
pub fn mount() {
    module::mount("client", client);
}

fn client() -> AnyView {
    // The connection goes on while another page is shown.
    let lab = Lab::provide();
    lab.look_for_sessions();
    lab.lend_trace();
    provide_context(Memory::new());
    publish::Draft::provide(lab.suggested_topic("hello"));
    subscribe::Draft::provide(lab.suggested_topic("#"));
    shell(Route::current(), |route| *route == Route::Client, page)
}

fn page() -> Page {
    Page {
        title: Signal::stored(String::new()),
        status: view! { <StatusLine/> }.into_any(),
        main: view! { <ClientPage/> }.into_any(),
    }
}

/// Controls, the diagram with its inspector, and the lists.
#[component]
fn ClientPage() -> impl IntoView {
    Lab::expect().provide_trace();
    view! {
        <Sections sections=SECTIONS/>
        <Announcer/>
        <main class="main">
            <div class="column column--controls">
                <Connect/>
                <PublishPanel/>
                <SubscribePanel/>
            </div>
            <div class="column column--stage">
                <Diagram empty=Empty/>
                <Inspector/>
                <SaveTrace epoch=epoch_of_page/>
            </div>
            <div class="column column--facts">
                <InFlight/>
                <Inbox/>
            </div>
        </main>
    }
}

/// What to do first.
#[component]
fn Empty() -> impl IntoView {
    view! {
        <div class="empty stage__empty">
            <strong>{t!(client.nothing_yet)}</strong>
            <ol>
                <li>{t!(client.first_connect)}</li>
                <li>{t!(client.first_subscribe)}</li>
                <li>
                    {t!(client.first_publish)}
                </li>
            </ol>
        </div>
    }
}

const SECTIONS: &[Section] = &[
    ("connect", || t!(client.connect)),
    ("publish", || t!(client.publish)),
    ("subscribe", || t!(client.subscribe)),
    ("packets", || t!(shared.packets)),
    ("inbox", || t!(client.inbox)),
];
