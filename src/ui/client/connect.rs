use std::time::Duration;

use leptos::ev::SubmitEvent;
use leptos::prelude::*;

use super::connect_more::{Advanced, LastWill};
use super::form::{Fault, Field, Form, PRESETS};
use super::lab::{Command, Lab, Place};
use super::remembered;
use super::words::value_in_words;
use crate::client::Status;
use crate::codec::Version;
use crate::ui::controls::{CheckBox, Choice, TextField};
use crate::ui::dynamic::{part, text};
use crate::ui::focus::{focus, keep_focus};
use crate::ui::panel::{notice, section};
use crate::web::explain::Explanation;
use crate::web::{Level, StorageState};

/// The connect form as views share it: its text, and what is wrong with it.
#[derive(Clone, Copy)]
pub(super) struct FormState {
    pub form: RwSignal<Form>,
    pub faults: RwSignal<Vec<Fault>>,
}

impl FormState {
    pub fn text(self, field: Field) -> Signal<String> {
        Signal::derive(move || self.form.with(|form| form.text(field).to_owned()))
    }

    pub fn is_on(self, field: Field) -> Signal<bool> {
        Signal::derive(move || self.form.with(|form| form.is_on(field)))
    }

    pub fn set(self, field: Field) -> impl Fn(String) + Copy + 'static {
        move |text| {
            self.form.update(|form| form.set(field, text));
            if self.faults.with_untracked(|faults| !faults.is_empty()) {
                self.faults.update(|faults| faults.retain(|(faulty, _)| *faulty != field));
            }
        }
    }

    pub fn set_on(self, field: Field) -> impl Fn(bool) + Copy + 'static {
        move |on| self.form.update(|form| form.set_on(field, on))
    }

    pub fn fault(self, field: Field) -> Signal<Option<String>> {
        Signal::derive(move || {
            self.faults.with(|faults| {
                let fault = faults.iter().find(|(faulty, _)| *faulty == field);
                fault.map(|(_, sentence)| sentence.clone())
            })
        })
    }

    pub fn is_v5(self) -> Signal<bool> {
        Signal::derive(move || self.form.with(|form| form.version() == Version::V5))
    }
}

/// The connect form; once a connection is wanted, a summary of it.
#[component]
pub(super) fn Connect() -> impl IntoView {
    let lab = Lab::expect();
    let state = FormState { form: lab.form, faults: RwSignal::new(Vec::new()) };
    let is_wanted = lab.is_wanted();
    // The button that was pressed goes away with its half of the panel.
    Effect::new(move |before: Option<bool>| {
        let wanted = is_wanted.get();
        if before.is_some_and(|before| before != wanted) {
            set_timeout(|| keep_focus("connect"), Duration::ZERO);
        }
        wanted
    });
    let half = part(move || {
        if is_wanted.get() {
            view! { <Summary/> }.into_any()
        } else {
            view! { <ConnectForm state/> }.into_any()
        }
    });
    section(
        "connect",
        "",
        "Connect",
        (),
        view! { <div class="panel__body">{half} <Trouble/></div> },
    )
}

#[component]
fn ConnectForm(state: FormState) -> impl IntoView {
    let lab = Lab::expect();
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        let form = state.form.get_untracked();
        remembered::save_form(&form);
        match form.config(remembered::random_seed()) {
            Ok(config) => {
                state.faults.set(Vec::new());
                let url = form.url().to_owned();
                lab.send(Command::Connect { url, config: Box::new(config) });
            }
            Err(faults) => {
                focus_first(&faults);
                state.faults.set(faults);
            }
        }
    };
    view! {
        <form class="panel__form" novalidate on:submit=submit>
            <Resume/>
            <TextField
                id=Field::Url.name()
                label="Broker address"
                kind="url"
                list="presets"
                value=state.text(Field::Url)
                on_input=state.set(Field::Url)
                fault=state.fault(Field::Url)
            />
            <datalist id="presets">
                {PRESETS
                    .iter()
                    .map(|(url, what)| view! { <option value=*url>{*what}</option> })
                    .collect_view()}
            </datalist>
            <Presets state/>
            <Choice
                name="version"
                legend="Version"
                options=&[("4", "MQTT 3.1.1"), ("5", "MQTT 5.0")]
                value=state.text(Field::Version)
                on_change=state.set(Field::Version)
            />
            <TextField
                id=Field::ClientIdentifier.name()
                label="Client identifier"
                mono=true
                value=state.text(Field::ClientIdentifier)
                on_input=state.set(Field::ClientIdentifier)
                fault=state.fault(Field::ClientIdentifier)
            />
            <Session state/>
            <div class="pair">
                <TextField
                    id=Field::UserName.name()
                    label="User name"
                    autocomplete="username"
                    value=state.text(Field::UserName)
                    on_input=state.set(Field::UserName)
                    fault=state.fault(Field::UserName)
                />
                <TextField
                    id=Field::Password.name()
                    label="Password"
                    kind="password"
                    value=state.text(Field::Password)
                    on_input=state.set(Field::Password)
                />
            </div>
            <LastWill state/>
            <Advanced state/>
            <div class="buttons">
                <button class="button button--main" type="submit">"Connect"</button>
            </div>
        </form>
    }
}

/// Well-known brokers, one click each.
#[component]
fn Presets(state: FormState) -> impl IntoView {
    let preset = move |(url, what): &(&'static str, &'static str)| {
        let (url, what) = (*url, *what);
        let host = url.split("://").nth(1).unwrap_or(url).split([':', '/']).next().unwrap_or(url);
        let is_chosen = move || state.form.with(|form| form.text(Field::Url) == url);
        view! {
            <li>
                <button
                    type="button"
                    class="button button--small"
                    title=what
                    aria-pressed=text(move || is_chosen().to_string())
                    on:click=move |_| state.set(Field::Url)(url.to_owned())
                >
                    {host.to_owned()}
                </button>
            </li>
        }
    };
    view! {
        <ul class="presets" aria-label="Brokers to start with">
            {PRESETS.iter().map(preset).collect_view()}
        </ul>
    }
}

/// Clean start, session expiry and keep-alive.
#[component]
fn Session(state: FormState) -> impl IntoView {
    let is_v5 = state.is_v5();
    let clean = Signal::derive(move || {
        if is_v5.get() { "Clean start" } else { "Clean session" }.to_owned()
    });
    let meaning = move || {
        state.form.with(|form| match (form.is_persistent(), form.is_on(Field::Clean)) {
            (false, _) => "The session ends with the connection: nothing waits for you.",
            (true, true) => {
                "A new session that is kept: messages for you wait at the broker. Unfinished messages, and the newest that you receive at QoS 1 and 2, survive a reload of this page."
            }
            (true, false) => {
                "Goes on with the stored session, if there is one: unfinished messages are completed."
            }
        })
    };
    view! {
        <div class="session">
            <CheckBox
                label=clean
                checked=state.is_on(Field::Clean)
                on_change=state.set_on(Field::Clean)
            />
            <div class="pair">
                {part(move || {
                    is_v5
                        .get()
                        .then(|| {
                            view! {
                                <TextField
                                    id=Field::SessionExpiry.name()
                                    label="Session expiry, seconds"
                                    kind="number"
                                    value=state.text(Field::SessionExpiry)
                                    on_input=state.set(Field::SessionExpiry)
                                    fault=state.fault(Field::SessionExpiry)
                                />
                            }
                        })
                })}
                <TextField
                    id=Field::KeepAlive.name()
                    label="Keep-alive, seconds"
                    kind="number"
                    value=state.text(Field::KeepAlive)
                    on_input=state.set(Field::KeepAlive)
                    fault=state.fault(Field::KeepAlive)
                />
            </div>
            <p class="field__hint">{meaning}</p>
        </div>
    }
}

/// Offers to go on with the session that an earlier visit left behind.
#[component]
fn Resume() -> impl IntoView {
    let lab = Lab::expect();
    let is_stored = lab.has_stored_session();
    part(move || {
        is_stored.get().then(|| {
            view! {
                <div class="notice notice--good resume">
                    <p>
                        "This browser keeps a session for this broker and client identifier, with what was unfinished when the page was closed."
                    </p>
                    <button
                        class="button button--main"
                        type="button"
                        on:click=move |_| lab.resume()
                    >
                        "Resume session"
                    </button>
                </div>
            }
        })
    })
}

/// What replaces the form while a connection is wanted.
#[component]
fn Summary() -> impl IntoView {
    let lab = Lab::expect();
    let status = lab.slice(|frame| frame.client.status);
    let facts = lab.slice(|frame| {
        let client = &frame.client;
        let connected = client.status == Status::Connected;
        [
            ("Broker", frame.url.clone()),
            ("Version", frame.version.to_string()),
            ("Client identifier", client.client_identifier.to_string()),
            ("Keep-alive", keep_alive_in_words(client.keep_alive)),
            ("Session", session_in_words(connected, client.session_present).to_owned()),
        ]
        .to_vec()
    });
    let is_waiting = move || matches!(status.get(), Status::WaitingToReconnect { .. });
    view! {
        <dl class="facts">
            {part(move || facts.get().into_iter().map(fact).collect_view())}
        </dl>
        <Announced/>
        <div class="buttons">
            <button class="button" type="button" on:click=move |_| lab.send(Command::Disconnect)>
                "Disconnect"
            </button>
            {part(move || {
                is_waiting()
                    .then(|| {
                        view! {
                            <button
                                class="button button--main"
                                type="button"
                                on:click=move |_| lab.send(Command::ReconnectNow)
                            >
                                "Try again now"
                            </button>
                        }
                    })
            })}
        </div>
    }
}

/// The limits that a 5.0 broker announced in CONNACK.
#[component]
fn Announced() -> impl IntoView {
    let lab = Lab::expect();
    let properties = lab.slice(|frame| {
        let properties = frame.client.server_properties.iter();
        properties
            .map(|property| (property.id().name(), value_in_words(property)))
            .collect::<Vec<_>>()
    });
    part(move || {
        let properties = properties.get();
        (!properties.is_empty()).then(|| {
            let rows = properties.into_iter().map(fact).collect_view();
            view! {
                <details class="more">
                    <summary>"What the broker announced"</summary>
                    <dl class="facts facts--wide">{rows}</dl>
                </details>
            }
        })
    })
}

fn fact((name, value): (&'static str, String)) -> AnyView {
    view! { <div><dt>{name}</dt><dd>{value}</dd></div> }.into_any()
}

/// Why the last connection ended or could not be made, and what the driver
/// had to say.
#[component]
fn Trouble() -> impl IntoView {
    let lab = Lab::expect();
    let refusal = lab.refusal(Place::Connect);
    let trouble = lab.slice(|frame| frame.trouble.clone());
    let notices = lab.slice(|frame| frame.notices.clone());
    let storage = lab.slice(|frame| frame.storage.clone());
    view! {
        <div role="alert" class="troubles">
            {part(move || refusal.get().map(|words| notice("notice--bad", words)))}
            {part(move || trouble.get().map(|trouble| view! { <Explained trouble/> }))}
            {part(move || match storage.get() {
                StorageState::Failed(why) => Some(notice("notice--warn", why)),
                StorageState::Memory | StorageState::Durable => None,
            })}
        </div>
        <div class="troubles" role="status">
            {part(move || {
                let notices = notices.get().into_iter();
                notices
                    .map(|(level, words)| notice(level_class(level), words))
                    .collect_view()
            })}
        </div>
    }
}

#[component]
fn Explained(trouble: Explanation) -> impl IntoView {
    let hints = trouble.hints.into_iter().map(|hint| view! { <li>{hint}</li> }).collect_view();
    view! {
        <div class="notice notice--bad">
            <p>{trouble.summary}</p>
            <ul class="hints">{hints}</ul>
        </div>
    }
}

fn level_class(level: Level) -> &'static str {
    match level {
        Level::Info => "",
        Level::Warning => "notice--warn",
        Level::Error => "notice--bad",
    }
}

fn session_in_words(connected: bool, present: bool) -> &'static str {
    match (connected, present) {
        (false, _) => "not known yet",
        (true, true) => "present: the broker goes on with it",
        (true, false) => "new",
    }
}

fn keep_alive_in_words(seconds: u16) -> String {
    if seconds == 0 { "off".to_owned() } else { format!("{seconds} s") }
}

fn focus_first(faults: &[Fault]) {
    let first = Field::ALL.into_iter().find(|field| faults.iter().any(|(f, _)| f == field));
    if let Some(field) = first {
        focus(field.name());
    }
}
