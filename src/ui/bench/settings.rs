//! What the set-up says of a client and of the broker. A change plays
//! everything again from the start.

use std::time::Duration;

use leptos::prelude::*;

use super::super::controls::CheckBox;
use super::super::memory::disclosure;
use super::actions::level;
use super::fields::{LEVELS, Number, Select, Text};
use super::model::{Bench, Command};
use crate::codec::Version;
use crate::session::PassOn;
use crate::sim::{self, BrokerSetup, ClientSetup, LinkSetup, Split};
use crate::ui::language::t;

/// A client's settings and those of its link.
#[component]
pub(super) fn ClientSettings(client: usize) -> impl IntoView {
    let bench = Bench::expect();
    let setup = bench.slice(move |frame| frame.clients.get(client).map(|it| it.setup.clone()));
    let change = move |change: Box<dyn FnOnce(&mut ClientSetup)>| {
        if let Some(mut setup) = setup.get_untracked() {
            change(&mut setup);
            bench.send(Command::SetClient(client, Box::new(setup)));
        }
    };
    let number = move |read: fn(&ClientSetup) -> u32| {
        Signal::derive(move || setup.with(|setup| setup.as_ref().map_or(0, read)))
    };
    let flag = move |read: fn(&ClientSetup) -> bool| {
        Signal::derive(move || setup.with(|setup| setup.as_ref().is_some_and(read)))
    };
    let version = Signal::derive(move || {
        setup.with(|setup| setup.as_ref().map(|it| it.version.to_string()).unwrap_or_default())
    });
    let is_v5 = flag(|setup| setup.version == Version::V5);
    let clean = move || if is_v5.get() { t!(lab.clean_start) } else { t!(lab.clean_session) };
    let is_open = bench.kept(&format!("settings-{client}"), || false);
    let body = view! {
            <div class="more__body">
                <p class="field__hint">{t!(lab.plays_again)}</p>
                <Rename client/>
                <Select
                    label=t!(lab.version)
                    options=VERSIONS
                    value=version
                    on_change=move |next| {
                        let next = if next == "5.0" { Version::V5 } else { Version::V311 };
                        change(Box::new(move |setup| setup.version = next));
                    }
                />
                <CheckBox
                    label=Signal::derive(move || clean().to_owned())
                    checked=flag(|setup| setup.clean_start)
                    on_change=move |on| change(Box::new(move |setup| setup.clean_start = on))
                />
                <div class="duo">
                    <Show when=move || is_v5.get()>
                        <Number
                            label=t!(lab.session_expiry)
                            value=number(|setup| setup.session_expiry_interval)
                            on_change=move |next| {
                                change(Box::new(move |it| it.session_expiry_interval = next));
                            }
                        />
                        <Number
                            label=t!(lab.receive_maximum)
                            min=1
                            max=65_535
                            value=number(|setup| setup.receive_maximum.into())
                            on_change=move |next| {
                                change(Box::new(move |it| it.receive_maximum = short(next)));
                            }
                        />
                    </Show>
                    <Number
                        label=t!(lab.keep_alive)
                        max=65_535
                        value=number(|setup| setup.keep_alive.into())
                        on_change=move |next| {
                            change(Box::new(move |it| it.keep_alive = short(next)));
                        }
                    />
                    <Number
                        label=t!(lab.reconnect_after)
                        max=LONGEST
                        value=number(|setup| setup.reconnect.map_or(0, millis))
                        on_change=move |next| {
                            change(Box::new(move |it| it.reconnect = wait(next)));
                        }
                    />
                    <Show when=move || !is_v5.get()>
                        <Number
                            label=t!(lab.retry_after)
                            max=LONGEST
                            value=number(|setup| setup.retry_interval.map_or(0, millis))
                            on_change=move |next| {
                                change(Box::new(move |it| it.retry_interval = wait(next)));
                            }
                        />
                    </Show>
                </div>
                <p class="field__hint">{t!(lab.zero_never)}</p>
                <Link client/>
            </div>
    };
    disclosure(is_open, "more", t!(lab.settings), body)
}

/// The link can change while the world is playing.
#[component]
fn Link(client: usize) -> impl IntoView {
    let bench = Bench::expect();
    let link = bench.kept(&format!("link-{client}"), || {
        bench.read(|player| {
            let clients = &player.timeline().world().scenario().clients;
            clients.get(client).map(|client| client.link.clone()).unwrap_or_default()
        })
    });
    let change = move |change: Box<dyn FnOnce(&mut LinkSetup)>| {
        link.update(change);
        bench.send(Command::Do(sim::Command::SetLink(client, link.get_untracked())));
    };
    let number = move |read: fn(&LinkSetup) -> u32| Signal::derive(move || link.with(read));
    view! {
        <fieldset class="link">
            <legend class="choice__legend">{t!(lab.link)}</legend>
            <div class="duo">
                <Number
                    label=t!(lab.latency)
                    max=60_000
                    value=number(|link| millis(link.latency))
                    on_change=move |next| {
                        change(Box::new(move |link| link.latency = Duration::from_millis(next.into())));
                    }
                />
                <Number
                    label=t!(lab.jitter)
                    max=60_000
                    value=number(|link| millis(link.jitter))
                    on_change=move |next| {
                        change(Box::new(move |link| link.jitter = Duration::from_millis(next.into())));
                    }
                />
                <Number
                    label=t!(lab.bandwidth)
                    value=number(|link| link.bandwidth)
                    on_change=move |next| change(Box::new(move |link| link.bandwidth = next))
                />
                <Number
                    label=t!(lab.split)
                    max=65_535
                    value=number(|link| match link.split {
                        Split::Whole => 0,
                        Split::Every(bytes) | Split::Random(bytes) => bytes.into(),
                    })
                    on_change=move |next| {
                        let split = match short(next) {
                            0 => Split::Whole,
                            bytes => Split::Every(bytes),
                        };
                        change(Box::new(move |link| link.split = split));
                    }
                />
            </div>
            <p class="field__hint">{t!(lab.zero_no_limit)}</p>
        </fieldset>
    }
}

/// The name is the client identifier.
#[component]
fn Rename(client: usize) -> impl IntoView {
    let bench = Bench::expect();
    let known = bench.slice(move |frame| {
        frame.clients.get(client).map(|it| it.setup.name.to_string()).unwrap_or_default()
    });
    let name = bench.kept(&format!("rename-{client}"), || known.get_untracked());
    let is_wrong = Signal::derive(move || {
        let name = name.get();
        name.is_empty()
            || name.chars().count() > LONGEST_NAME
            || bench.read(|player| {
                let clients = player.timeline().world().scenario().clients.iter().enumerate();
                clients.into_iter().any(|(other, it)| other != client && *it.name == *name)
            })
    });
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        let setup = bench.slice(move |frame| frame.clients.get(client).map(|it| it.setup.clone()));
        if let Some(setup) = setup.get_untracked().filter(|_| !is_wrong.get_untracked()) {
            let setup = ClientSetup { name: name.get_untracked().into(), ..setup };
            bench.send(Command::SetClient(client, Box::new(setup)));
        }
    };
    view! {
        <form class="duo rename" on:submit=submit>
            <Text label=t!(lab.name) value=name fault=is_wrong/>
            <button class="button" type="submit">{t!(lab.rename)}</button>
        </form>
    }
}

/// The broker's settings.
#[component]
pub(super) fn BrokerSettings() -> impl IntoView {
    let bench = Bench::expect();
    let setup = bench.slice(|frame| frame.broker.setup.clone());
    let change = move |change: Box<dyn FnOnce(&mut BrokerSetup)>| {
        let mut setup = setup.get_untracked();
        change(&mut setup);
        bench.send(Command::SetBroker(setup));
    };
    let number = move |read: fn(&BrokerSetup) -> u32| Signal::derive(move || setup.with(read));
    let is_open = bench.kept("settings-broker", || false);
    let body = view! {
            <div class="more__body">
                <p class="field__hint">{t!(lab.plays_again)}</p>
                <div class="duo">
                    <Number
                        label=t!(lab.receive_maximum)
                        min=1
                        max=65_535
                        value=number(|setup| setup.receive_maximum.into())
                        on_change=move |next| {
                            change(Box::new(move |it| it.receive_maximum = short(next)));
                        }
                    />
                    <Select
                        label=t!(lab.maximum_qos)
                        options=LEVELS
                        value=Signal::derive(move || setup.with(|it| it.maximum_qos.to_string()))
                        on_change=move |next| {
                            let next = level(&next);
                            change(Box::new(move |it| it.maximum_qos = next));
                        }
                    />
                    <Select
                        label=t!(lab.pass_on)
                        options=PASS_ON
                        value=Signal::derive(move || {
                            let late = setup.with(|it| it.pass_on == PassOn::PubRel);
                            String::from(if late { "PUBREL" } else { "PUBLISH" })
                        })
                        on_change=move |next| {
                            let late = next == "PUBREL";
                            let next = if late { PassOn::PubRel } else { PassOn::Publish };
                            change(Box::new(move |it| it.pass_on = next));
                        }
                    />
                    <Number
                        label=t!(lab.queue)
                        max=100_000
                        value=number(|setup| setup.queue_capacity)
                        on_change=move |next| change(Box::new(move |it| it.queue_capacity = next))
                    />
                </div>
                <CheckBox
                    label=t!(lab.retained_accepted)
                    checked=Signal::derive(move || setup.with(|it| it.retain_available))
                    on_change=move |on| change(Box::new(move |it| it.retain_available = on))
                />
            </div>
    };
    disclosure(is_open, "more", t!(lab.settings), body)
}

fn short(number: u32) -> u16 {
    u16::try_from(number).unwrap_or(u16::MAX)
}

fn millis(duration: Duration) -> u32 {
    u32::try_from(duration.as_millis()).unwrap_or(u32::MAX)
}

/// 0 stands for never.
fn wait(millis: u32) -> Option<Duration> {
    (millis > 0).then(|| Duration::from_millis(millis.into()))
}

const VERSIONS: &[(&str, &str)] = &[("5.0", "MQTT 5.0"), ("3.1.1", "MQTT 3.1.1")];
/// Packets at which the broker may pass a QoS 2 message on.
const PASS_ON: &[(&str, &str)] = &[("PUBLISH", "PUBLISH"), ("PUBREL", "PUBREL")];
/// Milliseconds.
const LONGEST: u32 = 3_600_000;
/// Characters: what every server takes as a client identifier.
const LONGEST_NAME: usize = 23;
