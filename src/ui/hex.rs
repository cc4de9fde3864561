use std::ops::Range;
use std::sync::Arc;

use leptos::ev::KeyboardEvent;
use leptos::prelude::*;

use super::dynamic::{flag, part};
use super::language::t;
use crate::view::inspector::{HexCell, HexRow, Inspection};
use crate::view::number::grouped;

/// What is lit up in both halves of the inspector.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Lit {
    /// Lines of the tree.
    pub fields: Vec<usize>,
    /// Their bytes.
    pub bytes: Range<usize>,
}

/// A packet's bytes in hexadecimal and as text.
#[component]
pub(super) fn Hex(inspection: Arc<Inspection>, lit: RwSignal<Lit>) -> impl IntoView {
    let shown = RwSignal::new(ROWS_AT_ONCE);
    let total = inspection.hex_row_count(COLUMNS);
    let length = inspection.bytes().len();
    let of = inspection.clone();
    let light = move |byte: usize| {
        let fields = of.fields_at(byte).to_vec();
        let bytes = fields.first().map_or(byte..byte + 1, |field| of.bytes_of(*field));
        lit.set(Lit { fields, bytes });
    };
    let light_by_key = light.clone();
    let on_key = move |event: KeyboardEvent| {
        let at = lit.with_untracked(|lit| lit.bytes.clone());
        let next = match event.key().as_str() {
            "ArrowRight" | "ArrowDown" => at.end,
            "ArrowLeft" | "ArrowUp" => at.start.saturating_sub(1),
            "Home" => 0,
            "End" => length.saturating_sub(1),
            _ => return,
        };
        event.prevent_default();
        light_by_key(next.min(length.saturating_sub(1)));
    };
    let rows = move || {
        let rows = inspection.hex_rows(COLUMNS, 0..shown.get());
        rows.into_iter().map(|row| draw(row, lit, light.clone())).collect_view()
    };
    view! {
        <div
            class="hex"
            role="group"
            aria-label=t!(shared.bytes_in_hexadecimal, length = grouped(length))
            tabindex="0"
            on:keydown=on_key
            on:pointerleave=move |_| lit.set(Lit::default())
        >
            {rows}
            {part(move || {
                let more = move |_| shown.update(|shown| *shown += ROWS_AT_ONCE);
                (shown.get() < total)
                    .then(|| {
                        view! {
                            <button class="button button--small" type="button" on:click=more>
                                {t!(shared.more_bytes)}
                            </button>
                        }
                    })
            })}
        </div>
    }
}

fn draw(row: HexRow, lit: RwSignal<Lit>, light: impl Fn(usize) + Clone + 'static) -> impl IntoView {
    let ascii: String = row.cells.iter().map(HexCell::ascii).collect();
    let cell = move |cell: &HexCell| {
        let light = light.clone();
        let offset = cell.offset;
        view! {
            <span
                class="hex__cell"
                class:hex__cell--lit=flag(move || lit.with(|lit| lit.bytes.contains(&offset)))
                class:hex__cell--wrong=cell.wrong
                class:hex__cell--undissected=cell.undissected
                on:pointerenter=move |_| light(offset)
            >
                {cell.hex()}
            </span>
        }
    };
    view! {
        <div class="hex__row">
            <span class="hex__offset">{format!("{:04X}", row.offset)}</span>
            <span class="hex__cells">{row.cells.iter().map(cell).collect_view()}</span>
            <span class="hex__ascii" aria-hidden="true">{ascii}</span>
        </div>
    }
}

const COLUMNS: usize = 8;
/// 1,024 bytes.
const ROWS_AT_ONCE: usize = 128;
