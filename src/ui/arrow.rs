//! One row of the diagram: SVG made from what the layout says.

use leptos::prelude::*;

use super::dynamic::part;
use crate::trace::Fate;
use crate::view::diagram::{Anchor, Arrow, Options, Point, Row, Rule, Shape};
use crate::view::flow::Mark;
use crate::view::label::{Head, Label, Look};

/// What is in a row, its upper edge at 0. `tip` is where the head is of a
/// packet that is under way; `differs` marks the first that is otherwise in
/// the pane beside it.
pub(super) fn draw(
    row: Row,
    options: &Options,
    tip: Option<Memo<Option<Point>>>,
    differs: bool,
) -> AnyView {
    let y = match &row.shape {
        Shape::Arrow(arrow) => arrow.from.y,
        Shape::Rule(rule) => rule.y,
    };
    let differs = differs.then(|| view! { <text class="differs" x="0" y=y + 3.0>"≠"</text> });
    let time = view! { <text class="row__time" x=TIME_X y=y + 3.0>{row.time}</text> };
    let shape = match row.shape {
        Shape::Arrow(arrow) => draw_arrow(arrow, row.mark, options.two_lines, tip),
        Shape::Rule(rule) => draw_rule(rule),
    };
    (differs, time, shape).into_any()
}

fn draw_arrow(
    arrow: Arrow,
    mark: Option<Mark>,
    two_lines: bool,
    tip: Option<Memo<Option<Point>>>,
) -> AnyView {
    let Arrow { from, to, rightward, look, label, label_at, anchor, fate } = arrow;
    let step = mark.filter(|mark| mark.steps > 1 && is_numbered(look));
    let start = if step.is_some() { STEP_CENTER + STEP_RADIUS } else { 0.0 };
    let line = move |to: Point| line(from, to, start, rightward, look.head, fate);
    let line = match tip {
        Some(tip) => part(move || line(tip.get().unwrap_or(to))).into_any(),
        None => line(to),
    };
    view! {
        <g class=format!("arrow arrow--{}", look.class)>
            {line}
            {step.map(|mark| draw_step(mark, step_center(from, to, rightward)))}
            {words(label, label_at, anchor, two_lines)}
        </g>
    }
    .into_any()
}

/// The line of an arrow with its head, or with the sign that it was lost.
fn line(from: Point, to: Point, start: f64, rightward: bool, shape: Head, fate: Fate) -> AnyView {
    let side = if rightward { 1.0 } else { -1.0 };
    let fall = (to.y - from.y) / (to.x - from.x).abs().max(1.0);
    let start = start.min((to.x - from.x).abs());
    let lost = matches!(fate, Fate::Lost(_));
    // Where the line ends, so that it does not show through an open head.
    let neck = if lost { 0.0 } else { NECK.min((to.x - from.x).abs()) };
    let end = if lost {
        let transform = format!("translate({} {})", to.x.round(), to.y.round());
        view! { <path class="arrow__lost" transform=transform d="M-5-5L5 5M-5 5L5-5"/> }.into_any()
    } else {
        let angle = (fall.atan().to_degrees() * side).round();
        turned_head(shape, to, angle, rightward)
    };
    view! {
        <line
            class="arrow__line"
            x1=from.x + side * start
            y1=from.y + fall * start
            x2=to.x - side * neck
            y2=to.y - fall * neck
        />
        {end}
    }
    .into_any()
}

fn turned_head(shape: Head, to: Point, angle: f64, rightward: bool) -> AnyView {
    let turn = if rightward { "" } else { " scale(-1 1)" };
    view! {
        <path
            class=format!("arrow__head arrow__head--{}", shape.name())
            transform=format!("translate({} {}) rotate({angle}){turn}", to.x, to.y)
            d=head_path(shape)
        />
    }
    .into_any()
}

/// The head of a level arrow with its tip at this place.
pub(super) fn head(head: Head, x: f64, y: f64, rightward: bool) -> AnyView {
    turned_head(head, Point { x, y }, 0.0, rightward)
}

fn head_path(head: Head) -> &'static str {
    match head {
        Head::Filled => "M0 0L-11-5.5V5.5Z",
        Head::Open => "M-9-5.5L0 0L-9 5.5M0 0H-11",
        Head::Barred => "M0 0L-10-5.5V5.5ZM-13-5.5V5.5",
        Head::Diamond => "M0 0L-6-5L-12 0L-6 5Z",
        Head::Circle => "M0 0A5 5 0 1 0-10 0A5 5 0 1 0 0 0",
        Head::Cross => "M-10-5L0 5M-10 5L0-5",
    }
}

/// Where the number of a step stands: on its line, and on its side of the lane.
/// So it never covers what leaves the same lane at the same moment on the other
/// side, as the fourth step of one hop and the third of the next do.
fn step_center(from: Point, to: Point, rightward: bool) -> Point {
    let side = if rightward { 1.0 } else { -1.0 };
    let fall = (to.y - from.y) / (to.x - from.x).abs().max(1.0);
    let fall = fall.min(STEEPEST);
    Point { x: from.x + side * STEP_CENTER, y: from.y + fall * STEP_CENTER }
}

fn draw_step(mark: Mark, at: Point) -> impl IntoView {
    let Point { x, y } = at;
    let class = if mark.repeated { "step step--repeated" } else { "step" };
    view! {
        <g class=class transform=format!("translate({x} {y})")>
            <circle r=STEP_RADIUS/>
            <text y="3.5">{mark.step.to_string()}</text>
        </g>
    }
}

fn words(label: Label, at: Point, anchor: Anchor, two_lines: bool) -> AnyView {
    let Point { x, y } = at;
    let identifier = label.identifier.map(|text| span("", text));
    let qos = label.qos.map(|text| span("", text.to_owned()));
    let flags = label.flags.iter().map(|flag| span("arrow__flag", flag.to_string())).collect_view();
    let problem = label.problem.map(|text| span("arrow__problem", text));
    let detail = (!label.detail.is_empty()).then_some(label.detail);
    let (inline, below) = if two_lines { (None, detail) } else { (detail, None) };
    let class = format!("arrow__label arrow__label--{}", anchor.name());
    view! {
        <text class=class x=x y=y>
            <tspan class="arrow__name">{label.name}</tspan>
            {identifier}
            {qos}
            {flags}
            {problem}
            {inline.map(|text| span("arrow__detail", text))}
        </text>
        {below.map(|text| view! { <text class="arrow__label arrow__detail" x=x y=y + 20.0>{text}</text> })}
    }
    .into_any()
}

/// A part of a label, with a space before it.
fn span(class: &'static str, text: String) -> AnyView {
    view! { <tspan class=class>{format!(" {text}")}</tspan> }.into_any()
}

fn draw_rule(rule: Rule) -> AnyView {
    let middle = (rule.x1 + rule.x2) / 2.0;
    // A connection that ends is crossed out where it ended.
    let ends = (rule.class == "closed").then(|| {
        [rule.x1, rule.x2]
            .map(|x| {
                let transform = format!("translate({} {})", x.round(), rule.y);
                view! { <path class="rule__end" transform=transform d="M-5-5L5 5M-5 5L5-5"/> }
            })
            .into_iter()
            .collect_view()
    });
    view! {
        <g class=format!("rule rule--{}", rule.class)>
            <line x1=rule.x1 y1=rule.y x2=rule.x2 y2=rule.y/>
            {ends}
            <text x=middle y=rule.y - 6.0>{rule.words}</text>
        </g>
    }
    .into_any()
}

/// Steps are numbered where there is something to count: the message flows.
fn is_numbered(look: Look) -> bool {
    look.class.starts_with("pub")
}

const TIME_X: f64 = 8.0;
const STEP_RADIUS: f64 = 8.0;
/// Pixels from the lane to the middle of a step's number.
const STEP_CENTER: f64 = 9.0;
/// Pixels down for each to the side, while a packet has only just left.
const STEEPEST: f64 = 1.0;
/// Where the line ends, so that it does not show through an open head.
const NECK: f64 = 10.0;
