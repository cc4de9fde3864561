use crate::ui::dynamic::part;
use bytes::Bytes;
use leptos::ev::SubmitEvent;
use leptos::prelude::*;

use super::form::qos;
use super::lab::{Command, Lab, Place};
use crate::codec::{Properties, Property, Publish, Version, topic};
use crate::ui::controls::{CheckBox, Choice, QOS_OPTIONS, TextArea, TextField};
use crate::ui::language::{say, t};
use crate::ui::memory::opened;
use crate::ui::panel::{notice, section};

/// What the publish panel holds, however often it is built.
#[derive(Clone, Copy)]
pub(super) struct Draft {
    topic: RwSignal<String>,
    payload: RwSignal<String>,
    qos: RwSignal<String>,
    retain: RwSignal<bool>,
    count: RwSignal<String>,
    properties: Drafts,
    fault: RwSignal<Option<(&'static str, String)>>,
}

/// The MQTT 5.0 properties of a message; empty ones are not sent.
#[derive(Clone, Copy)]
struct Drafts {
    content_type: RwSignal<String>,
    expiry: RwSignal<String>,
    response_topic: RwSignal<String>,
    correlation: RwSignal<String>,
    user_name: RwSignal<String>,
    user_value: RwSignal<String>,
    is_utf8: RwSignal<bool>,
}

/// Hands messages to the client: one, or a burst of them.
#[component]
pub(super) fn PublishPanel() -> impl IntoView {
    let lab = Lab::expect();
    let draft = Draft::expect();
    let version = lab.version();
    let send = move |count: usize| {
        if let Some(message) = draft.message(version.get_untracked()) {
            lab.send(Command::Publish { message: Box::new(message), count });
        }
    };
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        send(1);
    };
    let burst = move |_| {
        let count = draft.count.with_untracked(|text| text.trim().parse::<usize>());
        match count {
            Ok(count) if (1..=MOST).contains(&count) => send(count),
            _ => draft.fault.set(Some((COUNT, t!(client.fault_count, most = MOST)))),
        }
    };
    let body = view! {
            <div class="panel__body">
                <form class="panel__form" novalidate on:submit=submit>
                    <TextField
                        id=TOPIC
                        topic=true
                        label=t!(client.topic)
                        mono=true
                        value=draft.topic
                        on_input=draft.setter(draft.topic)
                        fault=draft.fault_of(TOPIC)
                    />
                    <TextArea
                        id="publish-payload"
                        label=t!(client.payload)
                        value=draft.payload
                        on_input=draft.setter(draft.payload)
                    />
                    <Choice
                        name="publish-qos"
                        legend="QoS"
                        options=QOS_OPTIONS
                        value=draft.qos
                        on_change=move |level| draft.qos.set(level)
                    />
                    <CheckBox
                        label=t!(client.retain)
                        checked=draft.retain
                        on_change=move |on| draft.retain.set(on)
                    />
                    {part(move || (version.get() == Version::V5).then(|| view! { <MoreFields draft/> }))}
                    <div class="send">
                        <button class="button button--main" type="submit">{t!(client.send)}</button>
                        <div class="send__burst">
                            <TextField
                                id=COUNT
                                label=t!(client.count)
                                kind="number"
                                value=draft.count
                                on_input=draft.setter(draft.count)
                                fault=draft.fault_of(COUNT)
                            />
                            <button class="button" type="button" on:click=burst>{t!(client.send_burst)}</button>
                        </div>
                    </div>
                    <p class="field__hint">{t!(client.burst_hint, n = "{n}", t = "{t}")}</p>
                </form>
                <Outcomes/>
            </div>
    };
    section("publish", "", t!(client.publish), (), body)
}

#[component]
fn MoreFields(draft: Draft) -> impl IntoView {
    let more = draft.properties;
    let field = move |id, label, value: RwSignal<String>| {
        view! {
            <TextField id label value on_input=draft.setter(value) fault=draft.fault_of(id)/>
        }
    };
    let body = view! {
            <div class="more__body">
                <div class="pair">
                    {field("content-type", t!(client.content_type), more.content_type)}
                    {field(EXPIRY, t!(client.message_expiry), more.expiry)}
                </div>
                <div class="pair">
                    {field(RESPONSE, t!(client.response_topic), more.response_topic)}
                    {field("correlation-data", t!(client.correlation_data), more.correlation)}
                </div>
                <div class="pair">
                    {field("user-property-name", t!(client.user_property_name), more.user_name)}
                    {field("user-property-value", t!(client.user_property_value), more.user_value)}
                </div>
                <CheckBox
                    label=t!(client.is_utf8)
                    checked=more.is_utf8
                    on_change=move |on| more.is_utf8.set(on)
                />
            </div>
    };
    opened("properties", t!(client.properties), body)
}

/// How the last messages ended, and how many have not.
#[component]
fn Outcomes() -> impl IntoView {
    let lab = Lab::expect();
    let refusal = lab.refusal(Place::Publish);
    let outcomes = lab.slice(|frame| frame.outcomes.clone());
    let waiting = lab.slice(|frame| (frame.client.queued, frame.client.outbound_total));
    view! {
        <div role="alert">
            {part(move || refusal.get().map(|words| notice("notice--bad", say(&words))))}
        </div>
        {part(move || {
            waiting_in_words(waiting.get()).map(|words| notice("notice--warn", words))
        })}
        <ul class="outcomes" aria-label=t!(client.last_outcomes)>
            {part(move || {
                outcomes
                    .get()
                    .into_iter()
                    .map(|line| {
                        view! {
                            <li class="outcome" data-good=line.is_good.to_string()>
                                {line.text}
                            </li>
                        }
                    })
                    .collect_view()
            })}
        </ul>
    }
}

impl Draft {
    /// Offers a draft for this topic to the panel.
    pub fn provide(topic: String) {
        provide_context(Draft::new(topic));
    }

    fn expect() -> Self {
        expect_context()
    }

    fn new(topic: String) -> Self {
        let empty = || RwSignal::new(String::new());
        Draft {
            topic: RwSignal::new(topic),
            payload: RwSignal::new(t!(client.first_payload).to_owned()),
            qos: RwSignal::new("2".to_owned()),
            retain: RwSignal::new(false),
            count: RwSignal::new("10".to_owned()),
            properties: Drafts {
                content_type: empty(),
                expiry: empty(),
                response_topic: empty(),
                correlation: empty(),
                user_name: empty(),
                user_value: empty(),
                is_utf8: RwSignal::new(false),
            },
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

    /// The message, or `None` after saying what is wrong.
    fn message(self, version: Version) -> Option<Publish> {
        let name = self.topic.get_untracked();
        if let Err(rule) = topic::validate_name(&name) {
            self.fault.set(Some((TOPIC, say(rule.sentence()))));
            return None;
        }
        let properties = match version {
            Version::V311 => Properties::new(),
            Version::V5 => {
                self.properties.read().map_err(|fault| self.fault.set(Some(fault))).ok()?
            }
        };
        Some(Publish {
            qos: self.qos.with_untracked(|text| qos(text)),
            retain: self.retain.get_untracked(),
            topic: name.into(),
            properties,
            payload: Bytes::from(self.payload.get_untracked().into_bytes()),
            ..Publish::default()
        })
    }
}

impl Drafts {
    fn read(self) -> Result<Properties, (&'static str, String)> {
        let text = |signal: RwSignal<String>| {
            let text = signal.get_untracked();
            (!text.is_empty()).then_some(text)
        };
        let mut properties = Properties::new();
        if self.is_utf8.get_untracked() {
            properties.push(Property::PayloadFormatIndicator(1));
        }
        if let Some(seconds) = text(self.expiry) {
            let seconds = seconds
                .trim()
                .parse()
                .map_err(|_| (EXPIRY, t!(client.fault_seconds).to_owned()))?;
            properties.push(Property::MessageExpiryInterval(seconds));
        }
        if let Some(content_type) = text(self.content_type) {
            properties.push(Property::ContentType(content_type.into()));
        }
        if let Some(name) = text(self.response_topic) {
            topic::validate_name(&name).map_err(|rule| (RESPONSE, say(rule.sentence())))?;
            properties.push(Property::ResponseTopic(name.into()));
        }
        if let Some(data) = text(self.correlation) {
            properties.push(Property::CorrelationData(data.into()));
        }
        if let Some(name) = text(self.user_name) {
            let value = self.user_value.get_untracked();
            properties.push(Property::UserProperty(name.into(), value.into()));
        }
        Ok(properties)
    }
}

fn waiting_in_words((queued, total): (usize, usize)) -> Option<String> {
    let under_way = total.saturating_sub(queued);
    match (queued, under_way) {
        (0, _) => None,
        (queued, 0) => Some(t!(client.some_wait, queued = queued)),
        (queued, under_way) => {
            Some(t!(client.some_under_way, queued = queued, under_way = under_way))
        }
    }
}

const TOPIC: &str = "publish-topic";
const COUNT: &str = "publish-count";
const EXPIRY: &str = "message-expiry";
const RESPONSE: &str = "response-topic";

/// The largest burst.
const MOST: usize = 10_000;
