use std::time::Duration;

use leptos::ev::SubmitEvent;
use leptos::prelude::*;

use super::connect_more::{Advanced, LastWill};
use super::form::{Fault, Field, PRESETS};
use super::form_state::FormState;
use super::lab::{Command, Lab, Place};
use super::remembered;
use super::words::value_in_words;
use crate::client::Status;
use crate::language::{readable, visible};
use crate::ui::controls::{CheckBox, Choice, TextField};
use crate::ui::dynamic::{part, text};
use crate::ui::focus::{focus, keep_focus};
use crate::ui::language::{Words, say, t};
use crate::ui::memory::opened;
use crate::ui::panel::{notice, section};
use crate::view::table::age_words;
use crate::web::explain::{Explanation, Remedy};
use crate::web::{Address, Level, StorageState, StoredSession};

/// The connect form; once a connection is wanted, a summary of it.
#[component]
pub(super) fn Connect() -> impl IntoView {
    let lab = Lab::expect();
    let state =
        FormState { form: lab.form, faults: RwSignal::new(Vec::new()), settled: lab.settled };
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
        t!(client.connect),
        (),
        view! { <div class="panel__body">{half} <Trouble/></div> },
    )
}

#[component]
fn ConnectForm(state: FormState) -> impl IntoView {
    let lab = Lab::expect();
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        lab.settle_address();
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
            <OtherSessions/>
            <div
                on:change=move |_| lab.settle_address()
                // The pasted text is in the field once this event is over.
                on:paste=move |_| set_timeout(move || lab.settle_address(), Duration::ZERO)
            >
                <TextField
                    id=Field::Url.name()
                    label=t!(client.broker_address)
                    kind="url"
                    list="presets"
                    value=state.text(Field::Url)
                    on_input=state.set(Field::Url)
                    fault=state.fault(Field::Url)
                />
            </div>
            <AddressRemarks/>
            <datalist id="presets">
                {PRESETS
                    .iter()
                    .map(|(url, what)| view! { <option value=*url>{what()}</option> })
                    .collect_view()}
            </datalist>
            <Presets state/>
            <Choice
                name="version"
                legend=t!(client.version)
                options=&[("4", "MQTT 3.1.1"), ("5", "MQTT 5.0")]
                value=state.text(Field::Version)
                on_change=state.set(Field::Version)
            />
            <TextField
                id=Field::ClientIdentifier.name()
                label=t!(client.client_identifier)
                mono=true
                value=state.text(Field::ClientIdentifier)
                on_input=state.set(Field::ClientIdentifier)
                fault=state.fault(Field::ClientIdentifier)
            />
            <Session state/>
            <div class="pair">
                <TextField
                    id=Field::UserName.name()
                    label=t!(client.user_name)
                    autocomplete="username"
                    value=state.text(Field::UserName)
                    on_input=state.set(Field::UserName)
                    fault=state.fault(Field::UserName)
                />
                <TextField
                    id=Field::Password.name()
                    label=t!(client.password)
                    kind="password"
                    value=state.text(Field::Password)
                    on_input=state.set(Field::Password)
                />
            </div>
            <LastWill state/>
            <Advanced state/>
            <div class="buttons">
                <button class="button button--main" type="submit">{t!(client.connect)}</button>
            </div>
        </form>
    }
}

/// What was changed about the address, and what to know about it.
#[component]
fn AddressRemarks() -> impl IntoView {
    let lab = Lab::expect();
    let remarks = move || {
        let settled = lab.settled.get();
        let form = lab.form.read();
        let login = settled.login_moved.then(|| t!(client.login_moved).to_owned());
        let scheme = settled.scheme_added.map(|scheme| t!(client.scheme_added, scheme = scheme));
        let port = form.plain_port().map(|port| t!(client.plain_port, port = port));
        let query = form.has_query().then(|| t!(client.query_not_stored).to_owned());
        let remarks = [login, scheme, port, query].into_iter().flatten();
        remarks.map(|remark| view! { <p class="field__hint">{remark}</p> }).collect_view()
    };
    view! { <div role="status">{part(remarks)}</div> }
}

/// Well-known brokers, one click each.
#[component]
fn Presets(state: FormState) -> impl IntoView {
    let preset = move |(url, what): &(&'static str, Words)| {
        let (url, what) = (*url, *what);
        let host = url.split("://").nth(1).unwrap_or(url).split([':', '/']).next().unwrap_or(url);
        let is_chosen = move || state.form.with(|form| form.text(Field::Url) == url);
        view! {
            <li>
                <button
                    type="button"
                    class="button button--small"
                    title=what()
                    aria-pressed=text(move || is_chosen().to_string())
                    on:click=move |_| state.set(Field::Url)(url.to_owned())
                >
                    {host.to_owned()}
                </button>
            </li>
        }
    };
    view! {
        <ul class="presets" aria-label=t!(client.presets)>
            {PRESETS.iter().map(preset).collect_view()}
        </ul>
    }
}

/// Clean start, session expiry and keep-alive.
#[component]
fn Session(state: FormState) -> impl IntoView {
    let is_v5 = state.is_v5();
    let clean = Signal::derive(move || {
        if is_v5.get() { t!(client.clean_start) } else { t!(client.clean_session) }.to_owned()
    });
    let meaning = move || {
        state.form.with(|form| match (form.is_persistent(), form.is_on(Field::Clean)) {
            (false, _) => t!(client.session_ends),
            (true, true) => {
                t!(client.session_is_kept)
            }
            (true, false) => {
                t!(client.session_goes_on)
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
                                    label=t!(client.session_expiry)
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
                    label=t!(client.keep_alive_seconds)
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
                        {t!(client.session_is_stored)}
                    </p>
                    <button
                        class="button button--main"
                        type="button"
                        on:click=move |_| lab.resume()
                    >
                        {t!(client.resume)}
                    </button>
                </div>
            }
        })
    })
}

/// Sessions that are stored under other names than the form's: it may have
/// been lost.
#[component]
fn OtherSessions() -> impl IntoView {
    let lab = Lab::expect();
    let others = lab.other_sessions();
    let row = move |stored: StoredSession| {
        let address = readable(stored.address.as_deref().unwrap_or_default(), IDENTIFIER);
        let identifier = readable(&stored.name.client_identifier, IDENTIFIER);
        let age = stored.used.map(|used| {
            let millis = (js_sys::Date::now() - used).max(0.0);
            let age = Duration::try_from_secs_f64(millis / 1_000.0).unwrap_or_default();
            t!(client.last_used, age = say(&age_words(age)))
        });
        let held = t!(client.session_holds, unfinished = stored.unfinished, queued = stored.queued);
        view! {
            <li>
                <p>
                    <bdi>{identifier}</bdi> " · " <bdi>{address}</bdi>
                </p>
                <p class="field__hint">{held} " " {age}</p>
                <button
                    class="button button--small"
                    type="button"
                    on:click=move |_| lab.resume_stored(&stored)
                >
                    {t!(client.resume)}
                </button>
            </li>
        }
    };
    part(move || {
        let others = others.get();
        (!others.is_empty()).then(|| {
            let rows = others.into_iter().take(MOST_SESSIONS).map(row).collect_view();
            opened("sessions", t!(client.other_sessions), view! { <ul class="hints">{rows}</ul> })
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
            (t!(client.broker), address_in_words(&frame.url)),
            (t!(client.version), frame.version.to_string()),
            (t!(client.client_identifier), readable(&client.client_identifier, IDENTIFIER)),
            (t!(client.keep_alive), keep_alive_in_words(client.keep_alive)),
            (t!(client.session), session_in_words(connected, client.session_present).to_owned()),
        ]
        .to_vec()
    });
    let is_waiting = move || matches!(status.get(), Status::WaitingToReconnect { .. });
    view! {
        <AddressRemarks/>
        <dl class="facts">
            {part(move || facts.get().into_iter().map(fact).collect_view())}
        </dl>
        <Announced/>
        <div class="buttons">
            <button class="button" type="button" on:click=move |_| lab.send(Command::Disconnect)>
                {t!(client.disconnect)}
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
                                {t!(client.try_now)}
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
            .map(|property| (property.id().name(), value_in_words(&property)))
            .collect::<Vec<_>>()
    });
    part(move || {
        let properties = properties.get();
        (!properties.is_empty()).then(|| {
            let rows = properties.into_iter().map(fact).collect_view();
            let list = view! { <dl class="facts facts--wide">{rows}</dl> };
            opened("announced", t!(client.announced), list)
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
            {part(move || refusal.get().map(|words| notice("notice--bad", say(&words))))}
            {part(move || trouble.get().map(|trouble| view! { <Explained trouble/> }))}
            {part(move || match storage.get() {
                StorageState::Failed(why) => Some(notice("notice--warn", say(&why))),
                StorageState::Memory | StorageState::Durable => None,
            })}
        </div>
        <div class="troubles" role="status">
            {part(move || {
                let notices = notices.get().into_iter();
                notices
                    .map(|(level, words)| notice(level_class(level), visible(&say(&words), NOTICE)))
                    .collect_view()
            })}
        </div>
    }
}

#[component]
fn Explained(trouble: Explanation) -> impl IntoView {
    let lab = Lab::expect();
    let remedy = |remedy: &Remedy| {
        let remedy = *remedy;
        let label = match remedy {
            Remedy::SpeakV311 => t!(client.speak_v311),
            Remedy::StartOver => t!(client.start_over),
            Remedy::TakeSession => t!(client.take_session),
        };
        view! {
            <button class="button" type="button" on:click=move |_| lab.remedy(remedy)>
                {label}
            </button>
        }
    };
    let remedies = trouble.remedies.iter().map(remedy).collect_view();
    let hints = trouble.hints.iter().map(|hint| view! { <li>{say(hint)}</li> }).collect_view();
    view! {
        <div class="notice notice--bad">
            <p>{say(&trouble.summary)}</p>
            <ul class="hints">{hints}</ul>
            <div class="buttons">{remedies}</div>
            {trouble.said.map(|said| {
                view! {
                    <details>
                        <summary>{t!(client.all_it_said)}</summary>
                        <p class="said">{said}</p>
                    </details>
                }
            })}
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

/// An address without what may be secret in it.
fn address_in_words(url: &str) -> String {
    Address::parse(url).map(|address| address.to_string()).unwrap_or_default()
}

fn session_in_words(connected: bool, present: bool) -> &'static str {
    match (connected, present) {
        (false, _) => t!(client.session_unknown),
        (true, true) => t!(client.session_present),
        (true, false) => t!(client.session_new),
    }
}

fn keep_alive_in_words(seconds: u16) -> String {
    if seconds == 0 { t!(client.off).to_owned() } else { t!(client.in_seconds, seconds = seconds) }
}

fn focus_first(faults: &[Fault]) {
    let first = Field::ALL.into_iter().find(|field| faults.iter().any(|(f, _)| f == field));
    if let Some(field) = first {
        focus(field.name());
    }
}

/// Characters of a client identifier, which the broker may have assigned.
const IDENTIFIER: usize = 200;
/// Stored sessions that are offered.
const MOST_SESSIONS: usize = 20;
/// Characters of a notice.
const NOTICE: usize = 1_000;
