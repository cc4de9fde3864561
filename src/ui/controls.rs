//! Form controls with a label, a hint and a fault, wired for screen readers.

use leptos::prelude::*;

use super::dynamic::{flag, maybe, text};
use super::typed::{Pasted, remarks};

/// A single-line field.
#[component]
pub(super) fn TextField(
    /// `id` in the document; hint and fault derive theirs from it.
    id: &'static str,
    #[prop(into)] label: Signal<String>,
    #[prop(into)] value: Signal<String>,
    #[prop(into)] on_input: Callback<String>,
    #[prop(optional)] hint: &'static str,
    #[prop(into, optional)] fault: Signal<Option<String>>,
    #[prop(optional)] list: Option<&'static str>,
    #[prop(default = "text")] kind: &'static str,
    #[prop(default = "off")] autocomplete: &'static str,
    #[prop(optional)] mono: bool,
    #[prop(into, optional)] disabled: Signal<bool>,
    #[prop(optional)] placeholder: &'static str,
    /// Whether it is a topic name or a topic filter, of which something may be
    /// unusual.
    #[prop(optional)]
    topic: bool,
) -> impl IntoView {
    let numeric = (kind == "number").then_some("numeric");
    let pasted = Pasted::new();
    let on_input = move |event| {
        on_input.run(event_target_value(&event));
        pasted.on_input();
    };
    view! {
        <div class="field">
            <label class="field__label" for=id>{text(move || label.get())}</label>
            <input
                id=id
                class="input"
                class:input--mono=mono
                type=if kind == "number" { "text" } else { kind }
                inputmode=numeric
                list=list
                autocomplete=autocomplete
                autocapitalize="off"
                spellcheck="false"
                placeholder=placeholder
                prop:value=text(move || value.get())
                disabled=flag(move || disabled.get())
                aria-invalid=maybe(move || fault.with(Option::is_some).then(|| "true".to_owned()))
                aria-describedby=described(id, hint, fault)
                on:paste=move |event| pasted.on_paste(event.as_ref())
                on:input=on_input
            />
            {remarks(pasted, topic.then_some(value))}
            <Remarks id hint fault/>
        </div>
    }
}

/// A multi-line field.
#[component]
pub(super) fn TextArea(
    id: &'static str,
    label: &'static str,
    #[prop(into)] value: Signal<String>,
    #[prop(into)] on_input: Callback<String>,
    #[prop(optional)] hint: &'static str,
    #[prop(into, optional)] fault: Signal<Option<String>>,
    #[prop(optional)] placeholder: &'static str,
    #[prop(default = 3)] rows: u32,
) -> impl IntoView {
    view! {
        <div class="field">
            <label class="field__label" for=id>{label}</label>
            <textarea
                id=id
                class="input input--mono"
                rows=rows
                autocomplete="off"
                autocapitalize="off"
                spellcheck="false"
                placeholder=placeholder
                prop:value=text(move || value.get())
                aria-invalid=maybe(move || fault.with(Option::is_some).then(|| "true".to_owned()))
                aria-describedby=described(id, hint, fault)
                on:input=move |event| on_input.run(event_target_value(&event))
            ></textarea>
            <Remarks id hint fault/>
        </div>
    }
}

/// A check box; its label follows it.
#[component]
pub(super) fn CheckBox(
    #[prop(into)] label: Signal<String>,
    #[prop(into)] checked: Signal<bool>,
    #[prop(into)] on_change: Callback<bool>,
) -> impl IntoView {
    view! {
        <label class="check">
            <input
                type="checkbox"
                prop:checked=flag(move || checked.get())
                on:change=move |event| on_change.run(event_target_checked(&event))
            />
            <span>{text(move || label.get())}</span>
        </label>
    }
}

/// One of a few: radio buttons that look like one segmented control.
#[component]
pub(super) fn Choice(
    /// Name of the group, unique in the document.
    name: &'static str,
    legend: &'static str,
    /// Value and label of each.
    #[prop(into)]
    options: Vec<(&'static str, &'static str)>,
    #[prop(into)] value: Signal<String>,
    #[prop(into)] on_change: Callback<String>,
) -> impl IntoView {
    let option = move |(key, label): (&'static str, &'static str)| {
        view! {
            <label class="choice__option">
                <input
                    type="radio"
                    name=name
                    value=key
                    prop:checked=flag(move || value.with(|value| value == key))
                    on:change=move |_| on_change.run(key.to_owned())
                />
                <span>{label}</span>
            </label>
        }
    };
    view! {
        <fieldset class="choice">
            <legend class="choice__legend">{legend}</legend>
            <div class="choice__options">{options.into_iter().map(option).collect_view()}</div>
        </fieldset>
    }
}

/// The three levels, for a [`Choice`].
pub(super) const QOS_OPTIONS: &[(&str, &str)] = &[("0", "QoS 0"), ("1", "QoS 1"), ("2", "QoS 2")];

#[component]
fn Remarks(id: &'static str, hint: &'static str, fault: Signal<Option<String>>) -> impl IntoView {
    let hint = (!hint.is_empty())
        .then(|| view! { <p class="field__hint" id=format!("{id}-hint")>{hint}</p> });
    let fault = move || {
        fault.get().map(|fault| {
            view! { <p class="field__error" id=format!("{id}-fault")>{fault}</p> }
        })
    };
    view! {
        {fault}
        {hint}
    }
}

fn described(
    id: &'static str,
    hint: &'static str,
    fault: Signal<Option<String>>,
) -> impl Fn() -> Option<String> {
    move || {
        let hint = (!hint.is_empty()).then(|| format!("{id}-hint"));
        let fault = fault.with(Option::is_some).then(|| format!("{id}-fault"));
        match (fault, hint) {
            (Some(fault), Some(hint)) => Some(format!("{fault} {hint}")),
            (one, other) => one.or(other),
        }
    }
}
