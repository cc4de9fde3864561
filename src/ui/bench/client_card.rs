use leptos::prelude::*;

use super::super::memory::disclosure;
use super::actions::{Connection, PublishForm, SubscribeForm};
use super::model::Bench;
use super::picture::ClientPicture;
use super::settings::ClientSettings;
use super::state::{Flows, InboxList, Subscriptions, flow_lines, session_words, status};
use crate::client::Snapshot;
use crate::ui::dynamic::part;
use crate::ui::isolate::topic;
use crate::ui::language::t;
use crate::view::number::grouped;

/// One client: what it can do, what it remembers, what it got.
#[component]
pub(in crate::ui) fn ClientCard(client: usize) -> impl IntoView {
    let bench = Bench::expect();
    let picture = bench.slice(move |frame| frame.clients.get(client).cloned());
    let about = move |read: fn(&ClientPicture) -> String| {
        Memo::new(move |_| picture.with(|it| it.as_deref().map(read).unwrap_or_default()))
    };
    let name = about(|client| client.setup.name.to_string());
    let version = about(|client| client.setup.version.to_string());
    let session = about(session_words);
    let state =
        Memo::new(move |_| picture.with(|it| it.as_deref().map(status).unwrap_or_default()));
    let engine = move |read: fn(&Snapshot) -> usize| {
        Memo::new(move |_| {
            picture.with(|it| it.as_ref().and_then(|it| it.engine.as_ref()).map_or(0, read))
        })
    };
    let total = engine(|engine| engine.outbound_total + engine.inbound_total);
    let queued = engine(|engine| engine.queued);
    let lines = Memo::new(move |_| {
        let lines = |it: &Snapshot| {
            flow_lines(&it.outbound, &it.inbound, (t!(lab.way_out), t!(lab.way_in)))
        };
        picture.with(|it| it.as_ref()?.engine.as_ref().map(lines)).unwrap_or_default()
    });
    let title = Signal::derive(move || match queued.get() {
        0 => t!(lab.in_flight).to_owned(),
        queued => t!(lab.in_flight_and_queued, queued = grouped(queued)),
    });
    let is_subscriber = client > 0;
    let publishes = bench.kept(&format!("publish-{client}"), || !is_subscriber);
    let subscribes = bench.kept(&format!("subscribe-{client}"), || is_subscriber);
    let title_id = move || format!("client-{client}-title");
    view! {
        <section class="panel card" id=format!("client-{client}") aria-labelledby=title_id()>
            <div class="panel__head">
                <h2 class="panel__title" id=title_id()>
                    {part(move || name.with(|name| topic(name, NAME)))}
                </h2>
                <span class="badge">{move || format!("MQTT {}", version.get())}</span>
                <p class="status card__status" data-state=move || state.get().0>
                    <span class="status__dot"></span>
                    {move || state.get().1}
                </p>
            </div>
            <div class="card__body">
                <div class="card__part">
                    <Connection client/>
                    {disclosure(publishes, "more", t!(lab.publish), view! { <PublishForm client/> })}
                    {disclosure(
                        subscribes,
                        "more",
                        t!(lab.subscribe),
                        view! { <SubscribeForm client/> },
                    )}
                </div>
                <div class="card__part card__part--state">
                    <Subscriptions client/>
                    <Flows title lines total/>
                    <InboxList client/>
                    <p class="facts__session">
                        <span>{t!(lab.session)} " "</span>
                        {move || session.get()}
                    </p>
                </div>
                <ClientSettings client/>
            </div>
        </section>
    }
}

/// Characters of a client's name.
const NAME: usize = 80;
