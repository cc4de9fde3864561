//! The titled box that every part of the page is in.

use leptos::prelude::*;

use super::dynamic::text;

/// A section with a heading, a note beside it, and a body. The functions of
/// this module give finished views, so that their code exists once.
pub(super) fn panel(
    id: &'static str,
    class: &'static str,
    title: &'static str,
    note: impl Fn() -> String + Send + Sync + 'static,
    body: impl IntoAny,
) -> AnyView {
    section(id, class, title, view! { <p class="panel__note">{text(note)}</p> }, body)
}

/// A section with a heading, anything beside it, and a body.
pub(super) fn section(
    id: &'static str,
    class: &'static str,
    title: &'static str,
    head: impl IntoAny,
    body: impl IntoAny,
) -> AnyView {
    any_section(id, class, title, head.into_any(), body.into_any())
}

fn any_section(
    id: &'static str,
    class: &'static str,
    title: &'static str,
    head: AnyView,
    body: AnyView,
) -> AnyView {
    let title_id = format!("{id}-title");
    let labelled_by = title_id.clone();
    view! {
        <section
            class=format!("panel {class}")
            id=id
            aria-labelledby=labelled_by
            tabindex="-1"
        >
            <div class="panel__head">
                <h2 class="panel__title" id=title_id>{title}</h2>
                {head}
            </div>
            {body}
        </section>
    }
    .into_any()
}

/// What an empty panel says.
pub(super) fn empty(words: &'static str) -> AnyView {
    view! { <p class="empty">{words}</p> }.into_any()
}

/// A remark in a box. The class says how much it matters.
pub(super) fn notice(class: &'static str, words: String) -> AnyView {
    view! { <p class=format!("notice {class}")>{words}</p> }.into_any()
}
