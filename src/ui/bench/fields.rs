//! Small fields with their label around them, so that any number of cards can
//! have the same ones.

use leptos::prelude::*;

use super::super::typed::{Pasted, remarks};

/// A line of text.
#[component]
pub(super) fn Text(
    label: &'static str,
    value: RwSignal<String>,
    #[prop(optional)] fault: Option<Signal<bool>>,
    /// Whether it is a topic name or a topic filter, of which something may be
    /// unusual.
    #[prop(optional)]
    topic: bool,
) -> impl IntoView {
    let is_wrong = move || fault.is_some_and(|fault| fault.get());
    let pasted = Pasted::new();
    let on_input = move |event| {
        value.set(event_target_value(&event));
        pasted.on_input();
    };
    view! {
        <div class="field">
            <label class="field">
                <span class="field__label">{label}</span>
                <input
                    class="input input--mono"
                    type="text"
                    autocomplete="off"
                    autocapitalize="off"
                    spellcheck="false"
                    prop:value=move || value.get()
                    aria-invalid=move || is_wrong().then_some("true")
                    on:paste=move |event| pasted.on_paste(event.as_ref())
                    on:input=on_input
                />
            </label>
            {remarks(pasted, topic.then(|| value.into()))}
        </div>
    }
}

/// A number. What is not one is marked, and stays out.
#[component]
pub(super) fn Number(
    label: &'static str,
    #[prop(into)] value: Signal<u32>,
    #[prop(default = 0)] min: u32,
    #[prop(default = u32::MAX)] max: u32,
    on_change: impl Fn(u32) + 'static,
) -> impl IntoView {
    let is_wrong = RwSignal::new(false);
    let on_change = move |event| {
        let number = event_target_value(&event).trim().parse().ok();
        let number = number.filter(|number| (min..=max).contains(number));
        is_wrong.set(number.is_none());
        number.into_iter().for_each(&on_change);
    };
    view! {
        <label class="field">
            <span class="field__label">{label}</span>
            <input
                class="input"
                type="text"
                inputmode="numeric"
                autocomplete="off"
                prop:value=move || value.get().to_string()
                aria-invalid=move || is_wrong.get().then_some("true")
                on:change=on_change
            />
        </label>
    }
}

/// One of a few.
#[component]
pub(super) fn Select(
    label: &'static str,
    /// Value and words of each.
    options: &'static [(&'static str, &'static str)],
    #[prop(into)] value: Signal<String>,
    on_change: impl Fn(String) + 'static,
) -> impl IntoView {
    let option = move |(key, words): &(&'static str, &'static str)| {
        let key = *key;
        let is_selected = move || value.with(|value| value == key);
        view! { <option value=key prop:selected=is_selected>{*words}</option> }
    };
    view! {
        <label class="field">
            <span class="field__label">{label}</span>
            <select
                class="input"
                on:change=move |event| on_change(event_target_value(&event))
            >
                {options.iter().map(option).collect_view()}
            </select>
        </label>
    }
}

/// The three levels.
pub(super) const LEVELS: &[(&str, &str)] = &[("0", "QoS 0"), ("1", "QoS 1"), ("2", "QoS 2")];
