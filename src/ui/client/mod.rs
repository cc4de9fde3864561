//! The module of the client of a real broker.

mod connect;
mod connect_more;
mod form;
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
    shell(Route::current(), |route| *route == Route::Client, page)
}

fn page() -> Page {
    Page { status: view! { <StatusLine/> }.into_any(), main: view! { <ClientPage/> }.into_any() }
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
            <strong>"Nothing has crossed the wire yet"</strong>
            <ol>
                <li>"Pick a broker and connect. CONNECT and CONNACK appear here."</li>
                <li>"Subscribe to the topic filter that is filled in."</li>
                <li>
                    "Publish at QoS 2 and watch the four steps, first to the broker, then back to you."
                </li>
            </ol>
        </div>
    }
}

const SECTIONS: &[Section] = &[
    ("connect", "Connect"),
    ("publish", "Publish"),
    ("subscribe", "Subscribe"),
    ("packets", "Packets"),
    ("inbox", "Inbox"),
];
