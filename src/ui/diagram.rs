use leptos::prelude::*;

use super::dynamic::{maybe, part, text};
use super::language::t;
use super::legend::Legend;
use super::panel::section;
use super::rows::{Lanes, Rows};
use super::scene::Scene;
use super::source::{TraceSource, View};
use super::transcript::Transcript;
use crate::view::number::grouped;

/// The sequence diagram of a trace, or its transcript.
#[component]
pub(super) fn Diagram(
    /// What is shown while nothing has crossed a link.
    #[prop(into)]
    empty: ViewFn,
) -> impl IntoView {
    let source = TraceSource::expect();
    let scene = Scene::new(source);
    let is_empty = Memo::new(move |_| source.news.get().next == 0);
    let dropped = Memo::new(move |_| source.news.get().dropped);
    let head = view! {
        <p class="panel__note">{text(move || dropped_in_words(dropped.get()))}</p>
        {tools(source.view, vec![scene], true)}
    };
    let drawing = part(move || if is_empty.get() { empty.run() } else { drawing(scene) });
    section("packets", "stage", t!(shared.packets), head, view! { {drawing} <Legend/> })
}

/// What is shown of one trace: its diagram or its transcript.
pub(super) fn drawing(scene: Scene) -> AnyView {
    let is_blank = scene.is_blank();
    let source = scene.source;
    let drawing = part(move || {
        if source.view.as_text.get() {
            view! { <Transcript source/> }.into_any()
        } else if is_blank.get() {
            super::panel::empty(t!(shared.new_packets))
        } else {
            view! { <Lanes scene/> <Rows scene/> }.into_any()
        }
    });
    drawing.into_any()
}

/// How the diagrams are shown.
pub(super) fn tools(view: View, scenes: Vec<Scene>, with_clear: bool) -> AnyView {
    let (View { as_text, as_list, without_pings, .. }, all) = (view, StoredValue::new(scenes));
    let each = move |change: fn(Scene, bool), on: bool| {
        all.with_value(|scenes| scenes.iter().for_each(|scene| change(*scene, on)));
    };
    let first = all.with_value(|scenes| scenes.first().copied());
    let following = first.map(|scene| scene.scroll.is_following());
    let is_following = move || following.is_some_and(|following| following.get());
    let follow = move || {
        let is_following = untrack(is_following);
        each(|scene, on| scene.scroll.change(|window| window.follow(on)), !is_following);
    };
    let hide_pings = move || {
        without_pings.update(|on| *on = !*on);
        each(Scene::leave_out_pings, without_pings.get_untracked());
    };
    let has_scale = first.is_some_and(|scene| scene.source.stage.is_some());
    let scale = has_scale.then(|| {
        let flip = move || as_list.update(|on| *on = !*on);
        toggle(t!(shared.to_scale), move || !as_list.get(), flip)
    });
    let clear = with_clear.then(|| {
        view! {
            <button
                class="button button--small"
                type="button"
                on:click=move |_| each(|scene, _| scene.clear(), true)
            >
                {t!(shared.clear)}
            </button>
        }
    });
    view! {
        <div class="panel__tools">
            {toggle(t!(shared.follow), is_following, follow)}
            {scale}
            {toggle(t!(shared.hide_pings), move || without_pings.get(), hide_pings)}
            {toggle(t!(shared.show_as_text), move || as_text.get(), move || as_text.update(|on| *on = !*on))}
            {clear}
        </div>
    }
    .into_any()
}

/// A button that is pressed or not.
fn toggle(
    words: &'static str,
    is_on: impl Fn() -> bool + Send + Sync + 'static,
    flip: impl Fn() + 'static,
) -> AnyView {
    view! {
        <button
            class="button button--small"
            type="button"
            aria-pressed=maybe(move || Some(is_on().to_string()))
            on:click=move |_| flip()
        >
            {words}
        </button>
    }
    .into_any()
}

fn dropped_in_words(dropped: u64) -> String {
    match dropped {
        0 => String::new(),
        1 => t!(shared.one_dropped).to_owned(),
        dropped => t!(shared.some_dropped, dropped = grouped(dropped)),
    }
}
