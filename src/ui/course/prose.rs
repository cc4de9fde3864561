//! Prose as views: each node of the tree becomes an element, and no text is
//! ever taken for HTML.

use leptos::ev::KeyboardEvent;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::EventTarget;

use super::super::dynamic::flag;
use super::super::focus::Roving;
use super::place;
use super::study::{Play, Study};
use crate::codec::Version;
use crate::course::prose::{Blocks, Text};
use crate::course::{Block, Inline};

/// Blocks one below the other. Sentences light up where there is a study.
pub(super) fn blocks(study: Option<Study>, blocks: Blocks) -> AnyView {
    blocks.iter().map(|it| block(study, it)).collect_view().into_any()
}

/// Text within a block.
pub(super) fn text(study: Option<Study>, text: Text) -> AnyView {
    text.iter().map(|it| inline(study, it)).collect_view().into_any()
}

/// A sentence in which the text between backticks is code.
pub(super) fn words(words: &'static str) -> AnyView {
    let parts = words.split('`').enumerate().map(|(index, part)| match index % 2 {
        0 => part.into_any(),
        _ => code(part),
    });
    parts.collect_view().into_any()
}

/// What happens in the prose within: sentences that are pointed at, and
/// experiments that are started. One listener of each kind serves all.
pub(super) fn listening(study: Study, class: &'static str, prose: AnyView) -> AnyView {
    let point = move |target| study.pointed.set(sentence_at(target));
    let act = move |target: Option<EventTarget>| {
        if let Some(number) = sentence_at(target.clone()) {
            study.select(number);
        }
        let id = attribute(target, "data-try");
        let experiment = study.lesson.experiments.iter().find(|it| id.as_deref() == Some(it.id));
        if let Some(experiment) = experiment {
            study.start(Play::Experiment(experiment.id));
        }
    };
    // A sentence is a button that breaks across lines, which no button does.
    let sentences = Roving::new(SENTENCES);
    let on_key = move |event: KeyboardEvent| {
        if sentence_at(event.target()).is_none() || event.shift_key() {
            return;
        }
        match event.key().as_str() {
            "Enter" | " " => act(event.target()),
            key if sentences.go(key) => {}
            _ => return,
        }
        event.prevent_default();
    };
    view! {
        <div
            class=class
            node_ref=sentences.around
            on:pointerover=move |event| point(event.target())
            on:pointerleave=move |_| study.pointed.set(None)
            on:focusin=move |event| {
                sentences.stop_here();
                point(event.target());
            }
            on:focusout=move |_| study.pointed.set(None)
            on:click=move |event| act(event.target())
            on:keydown=on_key
        >
            {prose}
        </div>
    }
    .into_any()
}

fn block(study: Option<Study>, block: &'static Block) -> AnyView {
    let inner = |it: Text| text(study, it);
    match block {
        Block::Heading(words) => view! { <h3>{inner(words)}</h3> }.into_any(),
        Block::Paragraph(words) => view! { <p>{inner(words)}</p> }.into_any(),
        Block::List { ordered, items } => {
            let item = |item: &Blocks| view! { <li>{blocks(study, item)}</li> };
            let items = items.iter().map(item).collect_view();
            match ordered {
                true => view! { <ol>{items}</ol> }.into_any(),
                false => view! { <ul>{items}</ul> }.into_any(),
            }
        }
        Block::Table { head, rows } => table(study, head, rows),
        Block::Code(code) => view! { <pre tabindex="0"><code>{*code}</code></pre> }.into_any(),
        Block::Note(inside) => {
            view! { <aside class="note" role="note">{blocks(study, inside)}</aside> }.into_any()
        }
    }
}

/// A table. On a narrow screen its cells name their columns.
fn table(study: Option<Study>, head: &'static [Text], rows: &'static [&'static [Text]]) -> AnyView {
    let column = |cell: &Text| view! { <th scope="col">{text(study, cell)}</th> };
    let cell = |cell: &Text| view! { <td>{text(study, cell)}</td> };
    let row = |row: &&'static [Text]| view! { <tr>{row.iter().map(cell).collect_view()}</tr> };
    view! {
        <div class="prose__table" tabindex="0">
            <table>
                <thead><tr>{head.iter().map(column).collect_view()}</tr></thead>
                <tbody>{rows.iter().map(row).collect_view()}</tbody>
            </table>
        </div>
    }
    .into_any()
}

fn inline(study: Option<Study>, inline: &'static Inline) -> AnyView {
    let inner = || text(study, inline.inner());
    match inline {
        Inline::Text(words) => (*words).into_any(),
        Inline::Code(text) => code(text),
        Inline::Emphasis(_) => view! { <em>{inner()}</em> }.into_any(),
        Inline::Strong(_) => view! { <strong>{inner()}</strong> }.into_any(),
        Inline::Packets { number, .. } => match study {
            Some(study) => sentence(study, *number, inner()),
            None => inner(),
        },
        Inline::Term { id, .. } => link("term", place::term(id), inner()),
        Inline::Statement { version, id, text: [] } => {
            let specification = match version {
                Version::V311 => "3.1.1",
                Version::V5 => "5.0",
            };
            view! { <code class="statement" data-version=specification>"["{*id}"]"</code> }
                .into_any()
        }
        Inline::Statement { id, .. } => {
            view! { {inner()} " " <code class="statement">"["{*id}"]"</code> }.into_any()
        }
        Inline::Try { id, .. } => view! {
            <button class="try" type="button" data-try=*id>{inner()}</button>
        }
        .into_any(),
        Inline::Lesson { slug, .. } => link("", place::lesson(slug), inner()),
        Inline::Address { address, .. } => link("", (*address).to_owned(), inner()),
    }
}

/// A topic may break after each of its levels, an address may not.
fn code(text: &'static str) -> AnyView {
    if text.contains("//") {
        return view! { <code>{text}</code> }.into_any();
    }
    let level = |(index, level): (usize, &'static str)| match index {
        0 => level.into_any(),
        _ => view! { <wbr/> {level} }.into_any(),
    };
    let levels = text.split_inclusive('/').enumerate().map(level).collect_view();
    view! { <code>{levels}</code> }.into_any()
}

fn link(class: &'static str, address: String, words: AnyView) -> AnyView {
    view! { <a class=class href=address>{words}</a> }.into_any()
}

/// A sentence that speaks of packets.
fn sentence(study: Study, number: u16, words: AnyView) -> AnyView {
    view! {
        <span
            class="sentence"
            class:sentence--lit=flag(move || study.is_lit(number))
            class:sentence--meant=flag(move || study.is_meant(number))
            role="button"
            tabindex="-1"
            aria-describedby=SENTENCE_HINT
            data-sentence=number.to_string()
        >
            {words}
        </span>
    }
    .into_any()
}

fn sentence_at(target: Option<EventTarget>) -> Option<u16> {
    attribute(target, "data-sentence")?.parse().ok()
}

/// The value of this attribute at the target or around it.
fn attribute(target: Option<EventTarget>, name: &str) -> Option<String> {
    let element = target?.dyn_into::<web_sys::Element>().ok()?;
    element.closest(&format!("[{name}]")).ok()??.get_attribute(name)
}

/// Only one of a text's sentences is a stop of the Tab key: a lesson has dozens.
const SENTENCES: &str = "[data-sentence]";
/// The element that says what a sentence does.
pub(super) const SENTENCE_HINT: &str = "sentence-hint";
