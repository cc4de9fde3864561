//! The client of a real broker.

use leptos::prelude::*;

use super::app::{Section, Sections};
use super::connect::Connect;
use super::diagram::Diagram;
use super::files::{SaveTrace, epoch_of_page};
use super::in_flight::InFlight;
use super::inbox::Inbox;
use super::inspector::Inspector;
use super::lab::Lab;
use super::publish::PublishPanel;
use super::subscribe::SubscribePanel;
use super::transcript::Announcer;

/// Controls, the diagram with its inspector, and the lists.
#[component]
pub(super) fn ClientPage() -> impl IntoView {
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
