use leptos::ev::SubmitEvent;
use leptos::prelude::*;

use super::form::qos;
use super::lab::{Command, Lab, Place};
use super::subscriptions::Subscriptions;
use crate::codec::{Properties, Property, RetainHandling, Subscription, Version, topic};
use crate::ui::controls::{CheckBox, Choice, QOS_OPTIONS, TextField};
use crate::ui::dynamic::part;
use crate::ui::language::{say, t};
use crate::ui::memory::opened;
use crate::ui::panel::{notice, section};

/// What the subscribe panel holds, however often it is built.
#[derive(Clone, Copy)]
pub(super) struct Draft {
    filter: RwSignal<String>,
    qos: RwSignal<String>,
    no_local: RwSignal<bool>,
    retain_as_published: RwSignal<bool>,
    retain_handling: RwSignal<String>,
    identifier: RwSignal<String>,
    fault: RwSignal<Option<(&'static str, String)>>,
}

/// Asks for subscriptions and lists what became of them.
#[component]
pub(super) fn SubscribePanel() -> impl IntoView {
    let lab = Lab::expect();
    let draft = Draft::expect();
    let version = lab.version();
    let refusal = lab.refusal(Place::Subscribe);
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        if let Some((subscription, properties)) = draft.subscription(version.get_untracked()) {
            lab.send(Command::Subscribe { subscription, properties });
        }
    };
    let body = view! {
            <div class="panel__body">
                <form class="panel__form" novalidate on:submit=submit>
                    <TextField
                        id=FILTER
                        topic=true
                        label=t!(client.topic_filter)
                        mono=true
                        value=draft.filter
                        on_input=draft.setter(draft.filter)
                        fault=draft.fault_of(FILTER)
                    />
                    <Choice
                        name="subscribe-qos"
                        legend=t!(client.requested_qos)
                        options=QOS_OPTIONS
                        value=draft.qos
                        on_change=move |level| draft.qos.set(level)
                    />
                    {part(move || (version.get() == Version::V5).then(|| view! { <Options draft/> }))}
                    <div class="buttons">
                        <button class="button button--main" type="submit">{t!(client.subscribe)}</button>
                    </div>
                </form>
                <div role="alert">
                    {part(move || refusal.get().map(|words| notice("notice--bad", say(&words))))}
                </div>
                <Subscriptions/>
            </div>
    };
    section("subscribe", "", t!(client.subscribe), (), body)
}

/// The subscription options of MQTT 5.0 (3.8.3.1).
#[component]
fn Options(draft: Draft) -> impl IntoView {
    let body = view! {
            <div class="more__body">
                <CheckBox
                    label=t!(client.no_local)
                    checked=draft.no_local
                    on_change=move |on| draft.no_local.set(on)
                />
                <CheckBox
                    label=t!(client.retain_as_published)
                    checked=draft.retain_as_published
                    on_change=move |on| draft.retain_as_published.set(on)
                />
                <Choice
                    name="retain-handling"
                    legend=t!(client.retain_handling)
                    options=[("0", t!(client.always)), ("1", t!(client.if_new)), ("2", t!(client.never))]
                    value=draft.retain_handling
                    on_change=move |choice| draft.retain_handling.set(choice)
                />
                <TextField
                    id=IDENTIFIER
                    label="Subscription Identifier"
                    kind="number"
                    placeholder=t!(client.none)
                    value=draft.identifier
                    on_input=draft.setter(draft.identifier)
                    fault=draft.fault_of(IDENTIFIER)
                />
            </div>
    };
    opened("options", t!(client.options), body)
}

impl Draft {
    /// Offers a draft for this filter to the panel.
    pub fn provide(filter: String) {
        provide_context(Draft::new(filter));
    }

    fn expect() -> Self {
        expect_context()
    }

    fn new(filter: String) -> Self {
        Draft {
            filter: RwSignal::new(filter),
            qos: RwSignal::new("2".to_owned()),
            no_local: RwSignal::new(false),
            retain_as_published: RwSignal::new(false),
            retain_handling: RwSignal::new("0".to_owned()),
            identifier: RwSignal::new(String::new()),
            fault: RwSignal::new(None),
        }
    }

    fn setter(self, signal: RwSignal<String>) -> impl Fn(String) + Copy + 'static {
        move |text| {
            signal.set(text);
            if self.fault.with_untracked(Option::is_some) {
                self.fault.set(None);
            }
        }
    }

    fn fault_of(self, id: &'static str) -> Signal<Option<String>> {
        Signal::derive(move || {
            self.fault.with(|fault| match fault {
                Some((faulty, text)) if *faulty == id => Some(text.clone()),
                _ => None,
            })
        })
    }

    /// What to ask for, or `None` after saying what is wrong.
    fn subscription(self, version: Version) -> Option<(Subscription, Properties)> {
        let filter = self.filter.get_untracked();
        if let Err(rule) = topic::validate_filter(&filter) {
            self.fault.set(Some((FILTER, say(rule.sentence()))));
            return None;
        }
        let mut subscription = Subscription {
            filter: filter.into(),
            qos: self.qos.with_untracked(|text| qos(text)),
            ..Subscription::default()
        };
        let mut properties = Properties::new();
        if version == Version::V5 {
            subscription.no_local = self.no_local.get_untracked();
            subscription.retain_as_published = self.retain_as_published.get_untracked();
            subscription.retain_handling =
                self.retain_handling.with_untracked(|text| retain_handling(text));
            if let Some(identifier) = self.identifier()? {
                properties.push(Property::SubscriptionIdentifier(identifier));
            }
        }
        Some((subscription, properties))
    }

    /// The outer `None` means a fault, the inner one that the field is empty.
    fn identifier(self) -> Option<Option<u32>> {
        let text = self.identifier.get_untracked();
        if text.trim().is_empty() {
            return Some(None);
        }
        match text.trim().parse() {
            Ok(identifier @ 1..=MOST) => Some(Some(identifier)),
            _ => {
                let text = t!(client.fault_count, most = MOST);
                self.fault.set(Some((IDENTIFIER, text)));
                None
            }
        }
    }
}

fn retain_handling(text: &str) -> RetainHandling {
    match text {
        "1" => RetainHandling::SendIfNew,
        "2" => RetainHandling::DoNotSend,
        _ => RetainHandling::Send,
    }
}

const FILTER: &str = "topic-filter";
const IDENTIFIER: &str = "subscription-identifier";

/// The largest Subscription Identifier (5.0, 3.8.2.1.2).
const MOST: u32 = 268_435_455;
