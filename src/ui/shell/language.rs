use std::time::Duration;

use leptos::prelude::*;

use crate::language::Language;
use crate::ui::focus::keep_focus;
use crate::ui::language::{self, t};

/// Both languages by their own names, and the way from one to the other.
#[component]
pub(super) fn LanguageSwitch() -> impl IntoView {
    let name = |language: Language| {
        let chosen = (language::current() == language).to_string();
        view! {
            <span class="language__name" lang=language.tag() data-chosen=chosen>
                {language.name()}
            </span>
        }
    };
    let change = move |_| {
        language::choose(language::current().other());
        // The button is built anew too.
        set_timeout(|| keep_focus(BUTTON), Duration::ZERO);
    };
    view! {
        <button class="language" id=BUTTON type="button" title=t!(shell.language) on:click=change>
            {name(Language::English)}
            <span aria-hidden="true">"/"</span>
            {name(Language::Chinese)}
        </button>
    }
}

/// Its `id`.
const BUTTON: &str = "language";
