//! What could have happened at a packet: a menu, and two buttons beside it.

use leptos::ev::KeyboardEvent;
use leptos::prelude::*;

use super::super::dynamic::{flag, maybe, part, text};
use super::super::focus::{bottom_left, focus, reveal};
use super::super::rows::focus_rows;
use super::super::scroll::moved;
use super::super::source::{Asked, TraceSource};
use super::fork::{ACCOUNT, Forked};
use super::model::{Bench, Command};
use crate::ui::language::{self, say, t};
use crate::view::what_if::{Choice, choices};

/// What can be done at once at a record, and everything else.
pub(super) fn tools(record: u64) -> AnyView {
    let bench = Bench::expect();
    if bench.slice(|frame| frame.fork.is_some() || frame.is_file).get() {
        return ().into_any();
    }
    let cut = bench.read(|player| choices(player.timeline().world(), record).into_iter().next());
    let cannot = cut.as_ref().is_none_or(|cut| cut.change.is_err());
    let strike = move |_| {
        if let Some(cut) = cut.clone() {
            fork(bench, record, cut);
        }
    };
    let ask = move |_| {
        let at = bottom_left(MORE).unwrap_or_default();
        bench.ask(Asked { record, at });
    };
    view! {
        <button class="row-tools__tool" type="button" disabled=cannot on:click=strike>
            {t!(lab.cut_here)}
        </button>
        <button
            class="row-tools__tool"
            type="button"
            id=MORE
            aria-haspopup="menu"
            aria-label=t!(lab.what_if_more)
            on:click=ask
        >
            {t!(lab.what_if)}
        </button>
    }
    .into_any()
}

/// The menu of everything that could have happened at a record.
#[component]
pub(in crate::ui) fn WhatIf() -> impl IntoView {
    let bench = Bench::expect();
    let source = TraceSource::expect();
    let fork = bench.slice(|frame| frame.fork.clone());
    let outcome = text(move || fork.with(|it| it.as_deref().map(Forked::told).unwrap_or_default()));
    let menu = part(move || bench.asked.get().map(|asked| menu(bench, source, asked)));
    view! {
        {menu}
        <p class="visually-hidden" role="status">{outcome}</p>
    }
}

/// Shows what would have happened, and leads the keyboard there: what had the
/// focus is gone.
fn fork(bench: Bench, record: u64, choice: Choice) {
    bench.send(Command::Fork(record, Box::new(choice)));
    request_animation_frame(|| focus(ACCOUNT));
}

fn menu(bench: Bench, source: TraceSource, asked: Asked) -> AnyView {
    let all = bench.read(|player| choices(player.timeline().world(), asked.record));
    let what = source
        .read(|trace| Some(trace.record(asked.record)?.summary_in(language::current())))
        .flatten();
    let active = RwSignal::new(0);
    let remarks: Vec<String> = all.iter().map(remark).collect();
    let remark = move || remarks.get(active.get()).cloned().unwrap_or_default();
    let close = move || {
        bench.asked.set(None);
        focus_rows(source);
    };
    let entries = entries(&all, active);
    let all = StoredValue::new(all);
    let choose = move |index: usize| {
        let choice = all.with_value(|all| all.get(index).cloned());
        if let Some(choice) = choice.filter(|choice| choice.change.is_ok()) {
            fork(bench, asked.record, choice);
        }
    };
    let on_key = move |event: KeyboardEvent| {
        let index = active.get_untracked();
        let last = all.with_value(Vec::len);
        match event.key().as_str() {
            "Escape" | "Tab" => close(),
            "Enter" | " " => choose(index),
            key => match moved(key, Some(index as u64), 0..last as u64, 5) {
                Some(next) => {
                    active.set(usize::try_from(next).unwrap_or_default());
                    reveal(&entry_id(active.get_untracked()));
                }
                None => return,
            },
        }
        event.prevent_default();
        event.stop_propagation();
    };
    let on_click = move |event: leptos::ev::MouseEvent| {
        let entry = super::super::focus::closest(&event, "[data-entry]");
        let index = entry.and_then(|it| it.get_attribute("data-entry"));
        if let Some(index) = index.and_then(|index| index.parse().ok()) {
            active.set(index);
            choose(index);
        }
    };
    request_animation_frame(|| focus(MENU));
    let (x, y) = asked.at;
    view! {
        <div class="what-if__backdrop" on:pointerdown=move |_| close()></div>
        <div class="what-if" style=("--x", format!("{x}px")) style=("--y", format!("{y}px"))>
            <p class="what-if__title">{what}</p>
            <div
                class="what-if__menu"
                id=MENU
                role="menu"
                aria-label=t!(lab.what_else)
                aria-describedby=REMARK
                aria-activedescendant=maybe(move || Some(entry_id(active.get())))
                tabindex="-1"
                on:keydown=on_key
                on:click=on_click
            >
                {entries}
            </div>
            <p class="what-if__remark" id=REMARK aria-live="polite">{text(remark)}</p>
        </div>
    }
    .into_any()
}

/// The entries under their headings.
fn entries(all: &[Choice], active: RwSignal<usize>) -> AnyView {
    let entry = |(index, choice): (usize, &Choice)| {
        view! {
            <div
                class="what-if__entry"
                class:what-if__entry--active=flag(move || active.get() == index)
                id=entry_id(index)
                role="menuitem"
                data-entry=index.to_string()
                aria-disabled=choice.change.is_err().then_some("true")
                on:pointerenter=move |_| active.set(index)
            >
                {say(&choice.words)}
            </div>
        }
        .into_any()
    };
    let numbered: Vec<(usize, &Choice)> = all.iter().enumerate().collect();
    let group = |group: &[(usize, &Choice)]| {
        let name = group.first().map(|(_, choice)| say(choice.group.name())).unwrap_or_default();
        let entries = group.iter().copied().map(entry).collect_view();
        let label = name.clone();
        view! {
            <div class="what-if__group" role="group" aria-label=label>
                <p class="what-if__heading" aria-hidden="true">{name}</p>
                {entries}
            </div>
        }
        .into_any()
    };
    let groups = numbered.chunk_by(|(_, one), (_, next)| one.group == next.group);
    groups.map(group).collect_view().into_any()
}

/// What is to be known about a choice, or why it cannot be had.
fn remark(choice: &Choice) -> String {
    match choice.change {
        Ok(_) => say(choice.note),
        Err(why) => t!(lab.not_here, why = say(why)),
    }
}

fn entry_id(index: usize) -> String {
    format!("what-if-{index}")
}

const MENU: &str = "what-if";
const MORE: &str = "what-if-more";
const REMARK: &str = "what-if-remark";
