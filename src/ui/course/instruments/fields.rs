//! Fields with their label around them.

use leptos::prelude::*;

use crate::ui::dynamic::{flag, maybe, text};

/// A whole number within these bounds. What is none is marked, and stays out.
pub(super) fn number(
    label: &'static str,
    value: RwSignal<u32>,
    (min, max): (u32, u32),
    on_change: impl Fn() + 'static,
) -> AnyView {
    let is_wrong = RwSignal::new(false);
    let on_input = move |event| {
        let number = event_target_value(&event).trim().parse().ok();
        let number = number.filter(|number: &u32| (min..=max).contains(number));
        is_wrong.set(number.is_none());
        if let Some(number) = number {
            value.set(number);
            on_change();
        }
    };
    view! {
        <label class="field">
            <span class="field__label">{label}</span>
            <input
                class="input"
                type="text"
                inputmode="numeric"
                autocomplete="off"
                value=value.get_untracked().to_string()
                aria-invalid=maybe(move || is_wrong.get().then(|| "true".to_owned()))
                on:input=on_input
            />
        </label>
    }
    .into_any()
}

/// Buttons of which one is pressed.
pub(super) fn one_of(
    label: &'static str,
    options: Vec<String>,
    chosen: Signal<usize>,
    choose: impl Fn(usize) + Copy + 'static,
) -> AnyView {
    let option = move |(index, words): (usize, String)| {
        view! {
            <button
                class="button button--small"
                type="button"
                aria-pressed=text(move || (chosen.get() == index).to_string())
                on:click=move |_| choose(index)
            >
                {words}
            </button>
        }
        .into_any()
    };
    view! {
        <div class="one-of" role="group" aria-label=label>
            <span class="field__label" aria-hidden="true">{label}</span>
            {options.into_iter().enumerate().map(option).collect_view()}
        </div>
    }
    .into_any()
}

/// A check box.
pub(super) fn check(
    label: &'static str,
    value: RwSignal<bool>,
    on_change: impl Fn() + 'static,
) -> AnyView {
    let on_change = move |event| {
        value.set(event_target_checked(&event));
        on_change();
    };
    view! {
        <label class="check">
            <input type="checkbox" prop:checked=flag(move || value.get()) on:change=on_change/>
            <span>{label}</span>
        </label>
    }
    .into_any()
}
