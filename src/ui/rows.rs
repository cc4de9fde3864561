//! The lanes of the diagram, and what is drawn between them.

use leptos::ev::{KeyboardEvent, MouseEvent, PointerEvent};
use leptos::prelude::*;

use super::arrow;
use super::dynamic::{flag, maybe, part, text};
use super::focus::{FIELDS, bottom_left, focus};
use super::language::t;
use super::placement::Place;
use super::scene::{Absent, Scene};
use super::source::{Asked, TraceSource};
use crate::trace::Fate;
use crate::view::diagram::{Lane, Point};
use crate::view::flow::FlowId;
use crate::view::strokes::Stroke;
use crate::view::timescale::Gap;

/// The participants' names above their lines.
#[component]
pub(super) fn Lanes(scene: Scene) -> impl IntoView {
    let heads = move || {
        let lanes = scene.lanes();
        let roles = scene.source.roles.get();
        let last = lanes.len().saturating_sub(1);
        let head = |(index, lane): (usize, Lane)| {
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

/// The rows on the screen.
#[component]
pub(super) fn Rows(scene: Scene) -> impl IntoView {
    let Scene { source, scroll, .. } = scene;
    let places = scene.places();
    let options = Memo::new(move |_| scene.options());
    let selected_flow = scene.selected_flow();
    let origin = scene.origin();
    // What a pointer is at; a touch selects instead.
    let hovered = RwSignal::new(None::<u64>);
    let each = move || {
        let width = options.with(|options| options.width.to_bits());
        places.get().into_iter().map(move |place| (place, width)).collect::<Vec<_>>()
    };
    let lines = part(move || {
        let lane = |lane: Lane| {
            view! { <line class="lane__line" x1=lane.x x2=lane.x y1="0" y2="100%"/> }
        };
        scene.lanes().into_iter().map(lane).collect_view()
    });
    // The listbox points at the selected row only while that row exists.
    let active = maybe(move || {
        let record = source.selected()?;
        let shown = places.with(|places| places.iter().any(|place| place.record == record));
        shown.then(|| row_id(source, record))
    });
    let hint = source.stage.map(|_| source.id("rows-hint"));
    let hint_text = hint
        .clone()
        .map(|id| view! { <p class="visually-hidden" id=id>{t!(shared.what_if_key)}</p> });
    view! {
        <div class="rows__frame" on:pointerleave=move |_| hovered.set(None)>
            {hint_text}
            <div
                class="rows"
                class:rows--to-scale=flag(move || scene.is_to_scale())
                id=source.id(ROWS)
                node_ref=scroll.element
                role="listbox"
                aria-label=t!(shared.packets_in_order)
                aria-describedby=hint
                tabindex="0"
                aria-activedescendant=active
                on:scroll=move |_| scene.on_scroll()
                on:keydown=move |event| on_key(scene, &event)
            >
                <div class="rows__all" role="presentation">
                    <For each=each key=|key| *key let((place, _))>
                        {choice(scene, place, selected_flow, hovered, origin)}
                    </For>
                    // Above the choices, and transparent to the pointer.
                    <svg class="rows__svg" aria-hidden="true">
                        {lines}
                        {absences(scene, origin)}
                        {gaps(scene, origin)}
                        <For each=each key=|key| *key let((place, _))>
                            {drawing(scene, place, origin)}
                        </For>
                        {haste(scene, origin)}
                    </svg>
                </div>
            </div>
            {tools(scene, hovered, origin)}
        </div>
    }
}

fn on_key(scene: Scene, event: &KeyboardEvent) {
    let source = scene.source;
    let selected = untrack(|| source.selected());
    let key = event.key();
    let asks =
        matches!((key.as_str(), event.shift_key()), ("c" | "ContextMenu", false) | ("F10", true));
    match (key.as_str(), selected) {
        (_, Some(record)) if asks && !event.ctrl_key() && !event.meta_key() => {
            let Some(stage) = source.stage else { return };
            let at = bottom_left(&row_id(source, record)).unwrap_or_default();
            stage.ask.run(Asked { record, at });
        }
        ("Enter" | " ", Some(_)) => focus(FIELDS),
        ("Escape", _) => source.select(None),
        (key, _) if scene.select_by_key(key) => {}
        _ => return,
    }
    event.prevent_default();
}

/// What a pointer, a key and a screen reader find of a row: a name and a
/// background, without the drawing's fragments of text.
fn choice(
    scene: Scene,
    place: Place,
    selected_flow: Memo<Option<FlowId>>,
    hovered: RwSignal<Option<u64>>,
    origin: Memo<f64>,
) -> Option<AnyView> {
    let source = scene.source;
    let Place { row, record, y, height, .. } = place;
    let mut sentence = scene.sentence(record)?;
    if place.differs {
        sentence.push(' ');
        sentence.push_str(t!(shared.first_difference));
    }
    let flow = scene.flow(record);
    let is_selected = Memo::new(move |_| source.selected() == Some(record));
    let place_in_list = text(move || {
        let rows = scene.rows();
        (row + 1).saturating_sub(rows.start).to_string()
    });
    let count = text(move || {
        let rows = scene.rows();
        (rows.end - rows.start).to_string()
    });
    let options = untrack(|| scene.options());
    let corners = scene.row(row, &options).map(|row| scene.outline(&row, &options));
    let outline = corners.and_then(|corners| Outline::of(&corners));
    let px = |of: fn(&Outline) -> f64| outline.as_ref().map(|it| format!("{}px", of(it)));
    let ask = move |event: MouseEvent| {
        if let Some(stage) = source.stage {
            event.prevent_default();
            source.select(Some(record));
            let at = (f64::from(event.client_x()), f64::from(event.client_y()));
            stage.ask.run(Asked { record, at });
        }
    };
    let enter = move |event: PointerEvent| {
        hovered.set((event.pointer_type() == "mouse").then_some(record));
        source.pointed.set(Some(record));
    };
    let choice = view! {
        <div
            class="row"
            class:row--selected=flag(move || is_selected.get())
            class:row--lit=flag(move || {
                flow.is_some() && selected_flow.get() == flow && source.spoken.with(Vec::is_empty)
            })
            class:row--spoken=flag(move || source.spoken.with(|spoken| spoken.contains(&record)))
            class:row--differs=place.differs
            id=row_id(source, record)
            role="option"
            aria-label=sentence
            aria-selected=text(move || is_selected.get().to_string())
            aria-posinset=place_in_list
            aria-setsize=count
            style:top=text(move || format!("{}px", origin.get() + y as f64))
            style:height=format!("{height}px")
            style:left=px(|it| it.left)
            style:width=px(|it| it.width)
            style:clip-path=outline.as_ref().map(|it| it.polygon.clone())
            on:click=move |_| source.select(Some(record))
            on:contextmenu=ask
            on:pointerenter=enter
            on:pointerleave=move |_| source.pointed.set(None)
        ></div>
    };
    Some(choice.into_any())
}

/// The shape of a choice that has other than straight edges.
struct Outline {
    left: f64,
    width: f64,
    polygon: String,
}

impl Outline {
    /// Of these corners, if there are any.
    fn of(corners: &[Point]) -> Option<Outline> {
        let xs = || corners.iter().map(|corner| corner.x.round());
        let left = xs().reduce(f64::min)?;
        let corner = |at: &Point| format!("{}px {}px", at.x.round() - left, at.y.round());
        let polygon: Vec<String> = corners.iter().map(corner).collect();
        Some(Outline {
            left,
            width: xs().fold(left, f64::max) - left,
            polygon: format!("polygon({})", polygon.join(",")),
        })
    }
}

fn drawing(scene: Scene, place: Place, origin: Memo<f64>) -> Option<AnyView> {
    let options = untrack(|| scene.options());
    let drawn = scene.row(place.row, &options)?;
    let is_moving = place.fate == Fate::UnderWay && scene.is_to_scale();
    let tip = is_moving.then(|| scene.tip(place.row, options.clone()));
    let y = place.y as f64;
    let transform = text(move || format!("translate(0 {})", origin.get() + y));
    let drawn = arrow::draw(drawn, &options, tip, place.differs);
    Some(view! { <g transform=transform>{drawn}</g> }.into_any())
}

/// What goes by too fast to be read: lines without words.
fn haste(scene: Scene, origin: Memo<f64>) -> AnyView {
    let strokes = scene.strokes();
    let drawn = part(move || {
        let stroke = |Stroke { class, path }: Stroke| {
            view! { <path class=format!("stroke arrow--{class}") d=path/> }
        };
        strokes.get().strokes.into_iter().map(stroke).collect_view()
    });
    let top = Memo::new(move |_| strokes.with(|strokes| strokes.top) + origin.get());
    view! { <g transform=text(move || format!("translate(0 {})", top.get()))>{drawn}</g> }
        .into_any()
}

/// Lifelines are interrupted while nobody lives.
fn absences(scene: Scene, origin: Memo<f64>) -> AnyView {
    let absences = scene.absences();
    let absent = move |Absent { x, y1, y2 }: Absent| {
        let (y1, y2) = (origin.get() + y1, origin.get() + y2);
        let transform = format!("translate({} {})", x.round(), y1.round());
        view! {
            <line class="lane__break" x1=x x2=x y1=y1 y2=y2/>
            <line class="lane__absence" x1=x x2=x y1=y1 y2=y2/>
            <path class="rule__end" transform=transform d="M-5-5L5 5M-5 5L5-5"/>
        }
    };
    part(move || absences.get().into_iter().map(absent).collect_view()).into_any()
}

/// Waits that are drawn shorter than they were.
fn gaps(scene: Scene, origin: Memo<f64>) -> AnyView {
    let gaps = scene.gaps();
    let width = Memo::new(move |_| scene.options().width);
    let gap = move |Gap { y1, y2, length }: Gap| {
        // The label of what comes next stands in it.
        let (top, height) = (origin.get() + y1 + GAP, (y2 - y1 - 4.0 * GAP).max(GAP));
        let millis = length.as_millis();
        let words = format!("{}.{} s", millis / 1_000, millis / 100 % 10);
        view! {
            <rect class="gap" x="0" y=top width=width.get() height=height/>
            <text class="gap__length" x="8" y=top + height / 2.0 + 4.0>{words}</text>
        }
    };
    part(move || gaps.get().into_iter().map(gap).collect_view()).into_any()
}

/// What can be done at once at the row under the pointer, or else at the
/// selected one. It stands at the arrow's head, where the label is not.
fn tools(scene: Scene, hovered: RwSignal<Option<u64>>, origin: Memo<f64>) -> Option<AnyView> {
    let source = scene.source;
    let stage = source.stage?;
    let target = Memo::new(move |_| hovered.get().or_else(|| source.selected()));
    let place = Memo::new(move |_| {
        let head = scene.head(target.get()?)?;
        let (offset, height) =
            scene.scroll.window.with(|window| (window.offset(), window.height()));
        let y = (head.y + origin.get() - offset).round();
        (y > -TOOLS && y < height)
            .then(|| (head.x.round(), y.clamp(0.0, (height - TOOLS).max(0.0)), head.rightward))
    });
    let shown = Memo::new(move |_| target.get().filter(|_| place.get().is_some()));
    let tools = move |record| {
        let px = move |of: fn((f64, f64, bool)) -> f64| {
            text(move || format!("{}px", place.get().map(of).unwrap_or_default()))
        };
        view! {
            <div
                class="row-tools"
                class:row-tools--before=flag(move || place.get().is_some_and(|it| it.2))
                role="group"
                aria-label=t!(shared.at_this_packet)
                style:left=px(|it| it.0)
                style:top=px(|it| it.1)
            >
                {(stage.tools)(record)}
            </div>
        }
    };
    Some(part(move || shown.get().map(tools)).into_any())
}

/// Moves the focus back to the diagram.
pub(super) fn focus_rows(source: TraceSource) {
    focus(&source.id(ROWS));
}

fn row_id(source: TraceSource, record: u64) -> String {
    source.id(&format!("record-{record}"))
}

/// The list's `id`, where it is the only one.
pub(super) const ROWS: &str = "rows";
/// Pixels between what is drawn and a wait that is cut short.
const GAP: f64 = 8.0;
/// Pixels of the buttons beside a row.
const TOOLS: f64 = 28.0;
