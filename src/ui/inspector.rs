use std::sync::Arc;
use std::time::Duration;

use leptos::ev::KeyboardEvent;
use leptos::prelude::*;

use super::dynamic::{maybe, part, text};
use super::focus::{FIELDS, focus, reveal};
use super::hex::{Hex, Lit};
use super::isolate::isolated;
use super::language::{self, say, t};
use super::panel::{empty, panel};
use super::rows::focus_rows;
use super::scroll::moved;
use super::source::TraceSource;
use crate::trace::Record;
use crate::view::inspector::{FieldRow, Inspection, Secrets};
use crate::view::number::grouped;

/// The record that is being read.
#[derive(Clone, PartialEq)]
struct Held {
    record: Record,
    /// Which trace, and which past of it: generation and rewinds.
    of_trace: (u32, u64),
}

impl Held {
    fn is(&self, sequence: u64, of_trace: (u32, u64)) -> bool {
        (self.record.sequence, self.of_trace) == (sequence, of_trace)
    }
}

/// A packet's bytes beside its named fields; what is pointed at in one is lit
/// up in the other.
#[component]
pub(super) fn Inspector() -> impl IntoView {
    let source = TraceSource::expect();
    let record = Memo::new(move |before: Option<&Option<Held>>| {
        let (news, selected) = (source.news.get(), source.selected()?);
        let of_trace = (news.generation, news.rewinds);
        if selected < news.dropped {
            // A flood drops what is being read. It can still be read.
            return before.cloned().flatten().filter(|held| held.is(selected, of_trace));
        }
        // After a rewind the same number may be another record.
        let record = source.read(|trace| trace.record(selected).cloned())??;
        Some(Held { record, of_trace })
    });
    // Which record's secrets are shown; those of any other are hidden.
    let revealed = RwSignal::new(None::<(u64, (u32, u64))>);
    let inspection = Memo::new(move |_| {
        record.with(|held| {
            let held = held.as_ref()?;
            let is_revealed = revealed.get() == Some((held.record.sequence, held.of_trace));
            let inspect = if is_revealed { Inspection::revealed } else { Inspection::of };
            inspect(&held.record).map(Arc::new)
        })
    });
    let reveal = Callback::new(move |show: bool| {
        let shown = record
            .with_untracked(|held| held.as_ref().map(|held| (held.record.sequence, held.of_trace)));
        revealed.set(shown.filter(|_| show));
    });
    let remark = Memo::new(move |_| {
        let held = record.get()?;
        source.read(|trace| held.record.sentence_in(language::current(), &trace.parties))
    });
    let body = part(move || match inspection.get() {
        Some(inspection) => view! { <Packet inspection reveal/> }.into_any(),
        None => empty(t!(shared.nothing_selected)),
    });
    panel(
        "inspector",
        "inspector",
        t!(shared.inspector),
        move || remark.get().unwrap_or_default(),
        body,
    )
}

#[component]
fn Packet(
    inspection: Arc<Inspection>,
    /// Shows the secrets of the packet, or hides them again.
    reveal: Callback<bool>,
) -> impl IntoView {
    let lit = RwSignal::new(Lit::default());
    let problem = inspection.problem.clone().map(|problem| {
        let place = problem.offset.map(|offset| t!(shared.byte, offset = offset) + " ");
        let statement = problem.statement.map(|id| view! { " " <code>{format!("[{id}]")}</code> });
        view! { <p class="notice notice--bad">{place} {say(&problem.sentence)} {statement}</p> }
    });
    view! {
        <div class="inspector__body">
            {problem}
            <Secret secrets=inspection.secrets reveal/>
            <div class="inspector__halves">
                <Hex inspection=inspection.clone() lit/>
                <Fields inspection lit/>
            </div>
        </div>
    }
}

/// Says that something is hidden, with a button to show it.
#[component]
fn Secret(secrets: Secrets, reveal: Callback<bool>) -> impl IntoView {
    let (words, button) = match secrets {
        Secrets::None => return None,
        Secrets::Hidden => (t!(shared.secret_hidden), Some((t!(shared.reveal), true))),
        Secrets::Shown => (t!(shared.secret_shown), Some((t!(shared.hide), false))),
        Secrets::LeftOut => (t!(shared.secret_left_out), None),
    };
    let button = button.map(|(label, show)| {
        view! {
            <button
                class="button button--small"
                type="button"
                id=REVEAL
                on:click=move |_| {
                    reveal.run(show);
                    // The button is a new one now.
                    set_timeout(|| focus(REVEAL), Duration::ZERO);
                }
            >
                {label}
            </button>
        }
    });
    Some(view! { <p class="notice inspector__secret"><span>{words}</span> {button}</p> })
}

/// The tree of fields.
#[component]
fn Fields(inspection: Arc<Inspection>, lit: RwSignal<Lit>) -> impl IntoView {
    let source = TraceSource::expect();
    let active = RwSignal::new(None::<usize>);
    let shown = inspection.fields().len().min(MOST_FIELDS);
    let hidden = inspection.fields().len() - shown;
    let of = inspection.clone();
    let light = move |line: usize| {
        lit.set(Lit { fields: vec![line], bytes: of.bytes_of(line) });
    };
    let light_by_key = light.clone();
    let on_key = move |event: KeyboardEvent| {
        let at = active.get_untracked().map(|line| line as u64);
        // Nothing chosen yet: either arrow begins at the top.
        let row = match (event.key().as_str(), at) {
            ("ArrowDown" | "ArrowUp", None) => Some(0),
            (key, at) => moved(key, at, 0..shown as u64, 10),
        };
        if event.key() == "Escape" {
            focus_rows(source);
        } else if let Some(line) = row.and_then(|row| usize::try_from(row).ok()) {
            active.set(Some(line));
            light_by_key(line);
            reveal(&field_id(line));
        } else {
            return;
        }
        event.prevent_default();
    };
    let row = move |(line, field): (usize, &FieldRow)| {
        let light = light.clone();
        let choose = light.clone();
        let is_lit = move || lit.with(|lit| lit.fields.contains(&line));
        view! {
            <li
                class="field-row"
                class:field-row--lit=is_lit
                id=field_id(line)
                role="treeitem"
                data-depth=field.depth.min(4).to_string()
                attr:aria-level=(field.depth + 1).to_string()
                aria-selected=text(move || (active.get() == Some(line)).to_string())
                on:pointerenter=move |_| light(line)
                on:click=move |_| {
                    active.set(Some(line));
                    choose(line);
                }
            >
                <span class="field-row__name">{say(field.name)}</span>
                {field.bits.clone().map(|bits| view! { <code class="field-row__bits">{bits}</code> })}
                <span class="field-row__value">{isolated(&field.value)}</span>
                {(!field.meaning.is_empty())
                    .then(|| {
                        view! { <span class="field-row__meaning">{say(&field.meaning)}</span> }
                    })}
            </li>
        }
    };
    let rows = inspection.fields().iter().take(shown).enumerate().map(row).collect_view();
    view! {
        <div class="fields" on:pointerleave=move |_| lit.set(Lit::default())>
            <ul
                class="fields__tree"
                id=FIELDS
                role="tree"
                aria-label=t!(shared.fields)
                tabindex="0"
                aria-activedescendant=maybe(move || active.get().map(field_id))
                on:keydown=on_key
            >
                {rows}
            </ul>
            {(hidden > 0).then(|| view! { <p class="empty">{t!(shared.more_fields, hidden = grouped(hidden))}</p> })}
        </div>
    }
}

fn field_id(line: usize) -> String {
    format!("field-{line}")
}

/// The button that shows secrets.
const REVEAL: &str = "reveal-secrets";
/// Fields of one packet that are listed.
const MOST_FIELDS: usize = 400;
