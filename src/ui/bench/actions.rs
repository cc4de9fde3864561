//! What a client's application can be told to do.

use std::time::Duration;

use leptos::ev::SubmitEvent;
use leptos::prelude::*;

use super::super::controls::CheckBox;
use super::super::memory::disclosure;
use super::fields::{LEVELS, Number, Select, Text};
use super::model::{Bench, Command};
use crate::client::Status;
use crate::codec::{QoS, Subscription, topic};
use crate::sim::{self, Fault, Publication, What, When};
use crate::ui::language::{Words, t};

/// Connect, disconnect, and what can go wrong at once.
#[component]
pub(super) fn Connection(client: usize) -> impl IntoView {
    let bench = Bench::expect();
    let wants = bench.slice(move |frame| {
        let engine = frame.clients.get(client).and_then(|it| it.engine.as_ref());
        engine.is_some_and(|engine| engine.status != Status::Disconnected)
    });
    let connect = move |_| {
        bench.send(Command::Do(match wants.get_untracked() {
            true => sim::Command::Disconnect(client),
            false => sim::Command::Connect(client),
        }));
    };
    let fault = move |(label, what): &(Words, What)| {
        let what = *what;
        let strike = move |_| {
            let fault = Fault { client, when: When::Now, what };
            bench.send(Command::Do(sim::Command::Fault(fault)));
        };
        view! {
            <button class="button button--small" type="button" on:click=strike>
                {label()}
            </button>
        }
    };
    let is_open = bench.kept(&format!("break-{client}"), || false);
    let faults = view! {
        <div class="buttons break">{CLIENT_FAULTS.iter().map(fault).collect_view()}</div>
    };
    view! {
        <div class="buttons">
            <button class="button button--small" type="button" on:click=connect>
                {move || if wants.get() { t!(lab.disconnect) } else { t!(lab.connect) }}
            </button>
        </div>
        {disclosure(is_open, "more", t!(lab.break_it), faults)}
    }
}

/// Publish one message or a series.
#[component]
pub(super) fn PublishForm(client: usize) -> impl IntoView {
    let bench = Bench::expect();
    let field =
        |name, first: &str| bench.kept(&format!("publish-{client}-{name}"), || first.to_owned());
    let number = |name, first| bench.kept(&format!("publish-{client}-{name}"), || first);
    let (topic, payload) = (field("topic", "sensor/temperature"), field("payload", "20.5"));
    let qos = field("qos", "2");
    let retain = bench.kept(&format!("publish-{client}-retain"), || false);
    let (times, every) = (number("times", 1), number("every", 1_000));
    let is_wrong = Signal::derive(move || topic.with(|name| topic::validate_name(name).is_err()));
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        if is_wrong.get_untracked() {
            return;
        }
        let mut publication = Publication::new(
            topic.get_untracked(),
            payload.get_untracked(),
            level(&qos.get_untracked()),
        );
        publication.retain = retain.get_untracked();
        publication.times = times.get_untracked();
        publication.every = Duration::from_millis(every.get_untracked().into());
        bench.send(Command::Do(sim::Command::Publish(client, publication)));
    };
    view! {
        <form class="panel__body form" on:submit=submit>
            <Text label=t!(lab.topic) value=topic fault=is_wrong topic=true/>
            <Text label=t!(lab.payload) value=payload/>
            <div class="trio">
                <Select label="QoS" options=LEVELS value=qos on_change=move |next| qos.set(next)/>
                <Number
                    label=t!(lab.times)
                    value=times
                    min=1
                    max=Publication::MOST_TIMES
                    on_change=move |next| times.set(next)
                />
                <Number
                    label=t!(lab.every)
                    value=every
                    max=LONGEST
                    on_change=move |next| every.set(next)
                />
            </div>
            <CheckBox label=t!(lab.retain) checked=retain on_change=move |next| retain.set(next)/>
            <p class="field__hint">
                <code>"{20.0+0.5}"</code>
                " " {t!(lab.counting)}
            </p>
            <button class="button button--main" type="submit">{t!(lab.publish)}</button>
        </form>
    }
}

/// Subscribe.
#[component]
pub(super) fn SubscribeForm(client: usize) -> impl IntoView {
    let bench = Bench::expect();
    let filter = bench.kept(&format!("subscribe-{client}-filter"), || "sensor/#".to_owned());
    let qos = bench.kept(&format!("subscribe-{client}-qos"), || "2".to_owned());
    let is_wrong =
        Signal::derive(move || filter.with(|text| topic::validate_filter(text).is_err()));
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        if !is_wrong.get_untracked() {
            let subscription = Subscription {
                filter: filter.get_untracked().into(),
                qos: level(&qos.get_untracked()),
                ..Subscription::default()
            };
            bench.send(Command::Do(sim::Command::Subscribe(client, subscription)));
        }
    };
    view! {
        <form class="panel__body form" on:submit=submit>
            <div class="duo">
                <Text label=t!(lab.topic_filter) value=filter fault=is_wrong topic=true/>
                <Select label="QoS" options=LEVELS value=qos on_change=move |next| qos.set(next)/>
            </div>
            <button class="button" type="submit">{t!(lab.subscribe)}</button>
        </form>
    }
}

/// A level by its digit.
pub(super) fn level(digit: &str) -> QoS {
    digit.parse().ok().and_then(QoS::from_bits).unwrap_or_default()
}

/// What can go wrong with a client or its link at once.
const CLIENT_FAULTS: &[(Words, What)] = &[
    (|| t!(lab.cut), What::Cut { down_for: Duration::ZERO }),
    (|| t!(lab.down), What::Cut { down_for: Duration::from_secs(5) }),
    (|| t!(lab.half_open), What::HalfOpen),
    (|| t!(lab.stall), What::Delay(Duration::from_secs(2))),
    (|| t!(lab.crash_kept), What::CrashClient { keep_store: true, down_for: DOWN }),
    (|| t!(lab.crash_lost), What::CrashClient { keep_store: false, down_for: DOWN }),
];

/// How long a process is gone.
pub(super) const DOWN: Duration = Duration::from_secs(2);
/// Milliseconds between two messages.
const LONGEST: u32 = 600_000;
