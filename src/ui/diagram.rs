use leptos::ev::KeyboardEvent;
use leptos::prelude::*;

use super::arrow;
use super::dynamic::{flag, part, text};
use super::focus::focus;
use super::inspector::FIELDS;
use super::language::t;
use super::legend::Legend;
use super::panel::section;
use super::scene::{Place, Scene};
use super::source::TraceSource;
use super::transcript::Transcript;
use crate::view::flow::FlowId;
use crate::view::window::Window;

/// The sequence diagram of a trace, or its transcript.
#[component]
pub(super) fn Diagram(
    /// What is shown while nothing has crossed a link.
    #[prop(into)]
    empty: ViewFn,
) -> impl IntoView {
    let source = TraceSource::expect();
    let scene = Scene::new();
    let as_text = RwSignal::new(false);
    let is_empty = Memo::new(move |_| source.news.get().next == 0);
    let dropped = Memo::new(move |_| source.news.get().dropped);
    let is_blank = scene.is_blank();
    let head = view! {
        <p class="panel__note">{text(move || dropped_in_words(dropped.get()))}</p>
        <Tools scene as_text/>
    };
    let drawing = part(move || {
        if is_empty.get() {
            empty.run()
        } else if as_text.get() {
            view! { <Transcript/> }.into_any()
        } else if is_blank.get() {
            super::panel::empty(t!(shared.new_packets))
        } else {
            view! { <Lanes scene/> <Rows scene/> }.into_any()
        }
    });
    section("packets", "stage", t!(shared.packets), head, view! { {drawing} <Legend/> })
}

#[component]
fn Tools(scene: Scene, as_text: RwSignal<bool>) -> impl IntoView {
    let following = scene.scroll.is_following();
    let follow = move |_| {
        let follow = !following.get_untracked();
        scene.scroll.change(|window| window.follow(follow));
    };
    let hide_pings = move |_| {
        let without = !scene.without_pings.get_untracked();
        scene.leave_out_pings(without);
    };
    view! {
        <div class="panel__tools">
            <button
                class="button button--small"
                type="button"
                aria-pressed=text(move || following.get().to_string())
                on:click=follow
            >
                {t!(shared.follow)}
            </button>
            <button
                class="button button--small"
                type="button"
                aria-pressed=text(move || scene.without_pings.get().to_string())
                on:click=hide_pings
            >
                {t!(shared.hide_pings)}
            </button>
            <button
                class="button button--small"
                type="button"
                aria-pressed=text(move || as_text.get().to_string())
                on:click=move |_| as_text.update(|on| *on = !*on)
            >
                {t!(shared.show_as_text)}
            </button>
            <button class="button button--small" type="button" on:click=move |_| scene.clear()>
                {t!(shared.clear)}
            </button>
        </div>
    }
}

/// The participants' names above their lines.
#[component]
fn Lanes(scene: Scene) -> impl IntoView {
    let source = TraceSource::expect();
    let heads = move || {
        let lanes = scene.lanes();
        let roles = source.roles.get();
        let last = lanes.len().saturating_sub(1);
        let head = |(index, lane): (usize, crate::view::diagram::Lane)| {
            let class = match index {
                0 => "lane lane--first",
                index if index == last => "lane lane--last",
                _ => "lane",
            };
            let role = roles.get(index).cloned();
            view! {
                <text class=class x=lane.x y="15">{role}</text>
                <text class=format!("{class} lane__name") x=lane.x y="32">{lane.name}</text>
                <line class="lane__line" x1=lane.x x2=lane.x y1="38" y2="44"/>
            }
        };
        lanes.into_iter().enumerate().map(head).collect_view()
    };
    view! {
        <svg class="lanes" aria-hidden="true" height="44">
            {heads}
        </svg>
    }
}

#[component]
fn Rows(scene: Scene) -> impl IntoView {
    let source = TraceSource::expect();
    let scroll = scene.scroll;
    let places = scene.places();
    let options = Memo::new(move |_| scene.options());
    let selected_flow = scene.selected_flow();
    let each = move || {
        let width = options.with(|options| options.width.to_bits());
        places.get().into_iter().map(move |place| (place, width)).collect::<Vec<_>>()
    };
    let lines = move || {
        let lane = |lane: crate::view::diagram::Lane| {
            view! { <line class="lane__line" x1=lane.x x2=lane.x y1="0" y2="100%"/> }
        };
        scene.lanes().into_iter().map(lane).collect_view()
    };
    // The listbox points at the selected row only while that row exists.
    let active = move || {
        let record = source.selected.get()?;
        let shown = places.with(|places| places.iter().any(|place| place.record == record));
        shown.then(|| row_id(record))
    };
    let on_key = move |event: KeyboardEvent| {
        let key = event.key();
        match key.as_str() {
            "Enter" | " " if source.selected.get_untracked().is_some() => focus(FIELDS),
            "Escape" => source.selected.set(None),
            key if scene.select_by_key(key) => {}
            _ => return,
        }
        event.prevent_default();
    };
    view! {
        <div
            class="rows"
            id=ROWS
            node_ref=scroll.element
            role="listbox"
            aria-label=t!(shared.packets_in_order)
            tabindex="0"
            aria-activedescendant=active
            on:scroll=move |_| scroll.on_scroll()
            on:keydown=on_key
        >
            <div class="rows__all" role="presentation">
                <For each=each key=|key| *key let((place, _))>
                    <Choice scene place selected_flow/>
                </For>
                // Above the choices, and transparent to the pointer.
                <svg class="rows__svg" aria-hidden="true">
                    {lines}
                    <For each=each key=|key| *key let((place, _))>
                        <Drawing scene place/>
                    </For>
                </svg>
            </div>
        </div>
    }
}

/// What a pointer, a key and a screen reader find of a row: a name and a
/// background, without the drawing's fragments of text.
#[component]
fn Choice(scene: Scene, place: Place, selected_flow: Memo<Option<FlowId>>) -> impl IntoView {
    let source = TraceSource::expect();
    let Place { row, record, .. } = place;
    let sentence = scene.sentence(record)?;
    let flow = scene.flow(record);
    let is_selected = Memo::new(move |_| source.selected.get() == Some(record));
    let is_lit = move || flow.is_some() && selected_flow.get() == flow;
    let (top, height) = (
        move || format!("{}px", scene.scroll.window.with(|window| window.y(row))),
        move || format!("{}px", scene.scroll.window.with(Window::row_height)),
    );
    let place_in_list = move || {
        let rows = scene.rows();
        (row + 1).saturating_sub(rows.start).to_string()
    };
    let count = move || {
        let rows = scene.rows();
        (rows.end - rows.start).to_string()
    };
    Some(view! {
        <div
            class="row"
            class:row--selected=flag(move || is_selected.get())
            class:row--lit=is_lit
            id=row_id(record)
            role="option"
            aria-label=sentence
            aria-selected=text(move || is_selected.get().to_string())
            aria-posinset=place_in_list
            aria-setsize=count
            style:top=top
            style:height=height
            on:click=move |_| source.selected.set(Some(record))
        ></div>
    })
}

#[component]
fn Drawing(scene: Scene, place: Place) -> impl IntoView {
    let options = untrack(|| scene.options());
    let drawn = scene.row(place.record, &options)?;
    let transform =
        move || format!("translate(0 {})", scene.scroll.window.with(|window| window.y(place.row)));
    Some(view! { <g transform=transform>{arrow::draw(drawn, &options)}</g> })
}

/// Moves the focus back to the diagram.
pub(super) fn focus_rows() {
    focus(ROWS);
}

fn row_id(record: u64) -> String {
    format!("record-{record}")
}

fn dropped_in_words(dropped: u64) -> String {
    match dropped {
        0 => String::new(),
        1 => t!(shared.one_dropped).to_owned(),
        dropped => t!(shared.some_dropped, dropped = dropped),
    }
}

const ROWS: &str = "rows";
