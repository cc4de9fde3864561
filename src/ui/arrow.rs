//! One row of the diagram: SVG made from what the layout says.

use leptos::prelude::*;

use crate::view::diagram::{Arrow, Options, Row, Rule, Shape};
use crate::view::flow::Mark;
use crate::view::label::{Head, Label, Look};

/// What is in a row, its upper edge at 0.
pub(super) fn draw(row: Row, options: &Options) -> AnyView {
    let time = view! {
        <text class="row__time" x=TIME_X y=options.row_height / 2.0 + 8.0>
            {row.time}
        </text>
    };
    let shape = match row.shape {
        Shape::Arrow(arrow) => draw_arrow(arrow, row.mark, options.two_lines).into_any(),
        Shape::Rule(rule) => draw_rule(rule).into_any(),
    };
    (time, shape).into_any()
}

fn draw_arrow(arrow: Arrow, mark: Option<Mark>, two_lines: bool) -> impl IntoView {
    let Arrow { from, to, rightward, look, label, label_at, .. } = arrow;
    let tail = if rightward { STEP_RADIUS } else { -STEP_RADIUS };
    let neck = if rightward { -NECK } else { NECK };
    let step = mark.filter(|mark| mark.steps > 1 && is_numbered(look));
    view! {
        <g class=format!("arrow arrow--{}", look.class)>
            <line
                class="arrow__line"
                x1=from.x + if step.is_some() { tail } else { 0.0 }
                y1=from.y
                x2=to.x + neck
                y2=to.y
            />
            {head(look.head, to.x, to.y, rightward)}
            {step.map(|mark| draw_step(mark, from.x, from.y))}
            {words(label, label_at.x, label_at.y, two_lines)}
        </g>
    }
}

/// The head of an arrow with its tip at this place.
pub(super) fn head(head: Head, x: f64, y: f64, rightward: bool) -> impl IntoView {
    let turn = if rightward { "" } else { " scale(-1 1)" };
    view! {
        <path
            class=format!("arrow__head arrow__head--{}", head.name())
            transform=format!("translate({x} {y}){turn}")
            d=head_path(head)
        />
    }
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

fn draw_step(mark: Mark, x: f64, y: f64) -> impl IntoView {
    let class = if mark.repeated { "step step--repeated" } else { "step" };
    view! {
        <g class=class transform=format!("translate({x} {y})")>
            <circle r=STEP_RADIUS/>
            <text y="3.5">{mark.step.to_string()}</text>
        </g>
    }
}

fn words(label: Label, x: f64, y: f64, two_lines: bool) -> impl IntoView {
    let identifier = label.identifier.map(|text| part("", text));
    let qos = label.qos.map(|text| part("", text.to_owned()));
    let flags =
        label.flags.iter().map(|flag| part("arrow__flag", (*flag).to_owned())).collect_view();
    let problem = label.problem.map(|text| part("arrow__problem", text));
    let detail = (!label.detail.is_empty()).then_some(label.detail);
    let (inline, below) = if two_lines { (None, detail) } else { (detail, None) };
    view! {
        <text class="arrow__label" x=x y=y>
            <tspan class="arrow__name">{label.name}</tspan>
            {identifier}
            {qos}
            {flags}
            {problem}
            {inline.map(|text| part("arrow__detail", text))}
        </text>
        {below.map(|text| view! { <text class="arrow__label arrow__detail" x=x y=y + 20.0>{text}</text> })}
    }
}

/// A part of a label, with a space before it.
fn part(class: &'static str, text: String) -> impl IntoView {
    view! { <tspan class=class>{format!(" {text}")}</tspan> }
}

fn draw_rule(rule: Rule) -> impl IntoView {
    let middle = (rule.x1 + rule.x2) / 2.0;
    view! {
        <g class=format!("rule rule--{}", rule.class)>
            <line x1=rule.x1 y1=rule.y x2=rule.x2 y2=rule.y/>
            <text x=middle y=rule.y - 6.0>{rule.words}</text>
        </g>
    }
}

/// Steps are numbered where there is something to count: the message flows.
fn is_numbered(look: Look) -> bool {
    look.class.starts_with("pub")
}

const TIME_X: f64 = 8.0;
const STEP_RADIUS: f64 = 8.0;
/// Where the line ends, so that it does not show through an open head.
const NECK: f64 = 10.0;
