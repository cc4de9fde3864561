use leptos::prelude::*;

use crate::ui::dynamic::text;
use crate::ui::language::t;
use crate::ui::settings;

/// Light, dark, or as the system says. The choice becomes `data-theme` on the
/// root element, where the tokens read it.
#[component]
pub(super) fn ThemeToggle() -> impl IntoView {
    let theme = RwSignal::new(settings::read(NAME).unwrap_or_default());
    Effect::new(move || {
        let theme = theme.get();
        if let Some(root) = document().document_element() {
            let _ = match theme.as_str() {
                "" => root.remove_attribute("data-theme"),
                theme => root.set_attribute("data-theme", theme),
            };
        }
        settings::write(NAME, &theme);
    });
    view! {
        <label class="theme">
            <span class="theme__label">{t!(shell.theme)}</span>
            <select
                class="input theme__select"
                prop:value=text(move || theme.get())
                on:change=move |event| theme.set(event_target_value(&event))
            >
                <option value="">{t!(shell.theme_system)}</option>
                <option value="light">{t!(shell.theme_light)}</option>
                <option value="dark">{t!(shell.theme_dark)}</option>
            </select>
        </label>
    }
}

const NAME: &str = "fourstep.theme";
