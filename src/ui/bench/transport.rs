use leptos::ev::KeyboardEvent;
use leptos::prelude::*;
use wasm_bindgen::JsCast;

use super::super::memory::disclosure;
use super::model::{Bench, Command};
use crate::sim::{Mode, Player};
use crate::time::Instant;
use crate::ui::language::{Words, t};
use crate::view::diagram::time;

/// Time: play, pause, step, scrub.
#[component]
pub(in crate::ui) fn Transport() -> impl IntoView {
    let bench = Bench::expect();
    let is_moving = bench.slice(|frame| frame.is_moving());
    listen_for_keys(bench);
    view! {
        <div class="transport" id="time" role="group" aria-label=t!(lab.time) tabindex="-1">
            <div class="transport__buttons">
                <Jump label=t!(lab.to_start) sign="|◀◀" at=|_| Instant::ZERO/>
                <Tool label=t!(lab.step_back) sign="◀|" command=|| Command::StepBack/>
                <button
                    class="button button--main transport__play"
                    type="button"
                    on:click=move |_| bench.send(Command::Play(!is_moving.get_untracked()))
                >
                    {move || if is_moving.get() { t!(lab.pause) } else { t!(lab.play) }}
                </button>
                <Tool label=t!(lab.step) sign="|▶" command=|| Command::Step/>
                <Jump label=t!(lab.to_end) sign="▶▶|" at=|end| end/>
                <button class="button" type="button" on:click=move |_| bench.send(Command::Rush)>
                    {t!(lab.run_until_quiet)}
                </button>
            </div>
            <Scrubber/>
            <Speed/>
            <Keys/>
        </div>
    }
}

#[component]
fn Tool(label: &'static str, sign: &'static str, command: fn() -> Command) -> impl IntoView {
    let bench = Bench::expect();
    view! {
        <button
            class="button transport__tool"
            type="button"
            aria-label=label
            title=label
            on:click=move |_| bench.send(command())
        >
            <span aria-hidden="true">{sign}</span>
        </button>
    }
}

/// A button that goes to a moment, given the furthest one.
#[component]
fn Jump(label: &'static str, sign: &'static str, at: fn(Instant) -> Instant) -> impl IntoView {
    let bench = Bench::expect();
    let end = bench.slice(|frame| frame.end);
    view! {
        <button
            class="button transport__tool"
            type="button"
            aria-label=label
            title=label
            on:click=move |_| bench.send(Command::Seek(at(end.get_untracked())))
        >
            <span aria-hidden="true">{sign}</span>
        </button>
    }
}

/// Where the present is between the start and the furthest moment.
#[component]
fn Scrubber() -> impl IntoView {
    let bench = Bench::expect();
    let now = bench.slice(|frame| frame.now.as_micros() / 1_000);
    let end = bench.slice(|frame| frame.end.as_micros() / 1_000);
    let state = bench.slice(|frame| match frame.mode {
        Mode::Playing => "playing",
        Mode::Rushing(_) => "running",
        _ if frame.is_quiet => "quiet",
        _ => "paused",
    });
    let words = move || format!("{} s", time(Instant::from_millis(now.get()), Instant::ZERO));
    let on_input = move |event| {
        if let Ok(millis) = event_target_value(&event).parse() {
            bench.send(Command::Seek(Instant::from_millis(millis)));
        }
    };
    view! {
        <div class="transport__scrub">
            <input
                class="transport__range"
                type="range"
                min="0"
                step="1"
                aria-label=t!(lab.moment)
                aria-valuetext=words
                max=move || end.get().to_string()
                prop:value=move || {
                    end.track();
                    now.get().to_string()
                }
                on:input=on_input
            />
            <output class="transport__time" data-state=move || state.get()>
                <span class="transport__now">{words}</span>
                <span class="transport__state">{move || state_words(state.get())}</span>
            </output>
        </div>
    }
}

#[component]
fn Speed() -> impl IntoView {
    let bench = Bench::expect();
    let speed = bench.slice(|frame| frame.speed);
    let option = |speed: &f64| {
        view! { <option value=speed.to_string()>{format!("{speed}×")}</option> }
    };
    let on_change = move |event| {
        if let Ok(speed) = event_target_value(&event).parse() {
            bench.send(Command::Speed(speed));
        }
    };
    view! {
        <label class="transport__speed">
            <span>{t!(lab.speed)}</span>
            <select class="input" prop:value=move || speed.get().to_string() on:change=on_change>
                {Player::SPEEDS.iter().map(option).collect_view()}
            </select>
        </label>
    }
}

/// What the keyboard does.
#[component]
fn Keys() -> impl IntoView {
    let row = |(keys, what): &(Words, Words)| {
        view! { <div><dt><kbd>{keys()}</kbd></dt><dd>{what()}</dd></div> }
    };
    let is_open = Bench::expect().kept("keys", || false);
    let list = view! { <dl>{KEYS.iter().map(row).collect_view()}</dl> };
    disclosure(is_open, "transport__keys", t!(lab.keys), list)
}

fn listen_for_keys(bench: Bench) {
    let listener = window_event_listener(leptos::ev::keydown, move |event: KeyboardEvent| {
        if event.default_prevented() || event.ctrl_key() || event.alt_key() || event.meta_key() {
            return;
        }
        let command = match (event.key().as_str(), event.shift_key()) {
            (" ", false) if !is_taken(&event, "button, summary, a, [role=option]") => {
                Command::Play(!bench.read(Player::is_moving))
            }
            ("ArrowRight", true) if !is_taken(&event, "") => Command::Step,
            ("ArrowLeft", true) if !is_taken(&event, "") => Command::StepBack,
            ("Home", true) if !is_taken(&event, "") => Command::Seek(Instant::ZERO),
            ("End", true) if !is_taken(&event, "") => Command::Seek(bench.read(Player::end)),
            _ => return,
        };
        event.prevent_default();
        bench.send(command);
    });
    on_cleanup(move || listener.remove());
}

/// Whether what has the focus has a use of its own for the key.
fn is_taken(event: &KeyboardEvent, others: &str) -> bool {
    let target = event.target().and_then(|it| it.dyn_into::<web_sys::Element>().ok());
    let is_in = |selector: &str| {
        target.as_ref().is_some_and(|it| it.closest(selector).is_ok_and(|it| it.is_some()))
    };
    is_in("input, textarea, select, [contenteditable]") || (!others.is_empty() && is_in(others))
}

/// What a state of the transport is called.
fn state_words(state: &str) -> &'static str {
    match state {
        "playing" => t!(lab.playing),
        "running" => t!(lab.rushing),
        "quiet" => t!(lab.quiet),
        _ => t!(lab.paused),
    }
}

const KEYS: &[(Words, Words)] = &[
    (|| t!(lab.key_space), || t!(lab.key_plays)),
    (|| "Shift →", || t!(lab.key_steps)),
    (|| "Shift ←", || t!(lab.key_steps_back)),
    (|| "Shift Home", || t!(lab.key_to_start)),
    (|| "Shift End", || t!(lab.key_to_end)),
    (|| "C", || t!(lab.key_what_if)),
];
