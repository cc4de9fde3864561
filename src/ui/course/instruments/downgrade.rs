//! Three levels published, three granted: each cell is filled in by a run of
//! the lab.

use leptos::prelude::*;

use crate::codec::QoS;
use crate::course::Findings;
use crate::course::downgrade::{Cell, Table, scenario};
use crate::ui::bench::Command;
use crate::ui::course::study::{Play, Study};
use crate::ui::dynamic::{flag, part, text};
use crate::ui::language::t;

/// Whether the cells are being filled in one after the other. A handle: copies
/// are the same.
#[derive(Clone, Copy, Default)]
pub(in crate::ui::course) struct Filling {
    is_running: RwSignal<bool>,
}

impl Filling {
    /// The cell that is being filled in is the last.
    pub fn stop(self) {
        self.is_running.set(false);
    }
}

/// Reads the cells off whatever the lab plays.
pub(super) fn watch(study: Study, filling: Filling) {
    let Filling { is_running } = filling;
    let progress = study.progress();
    Effect::new(move || {
        let _ = progress.get();
        let before = study.findings.with_untracked(table);
        let mut next = before.clone();
        study.bench.look(|world| next.fill(world));
        if is_running.get_untracked() && is_filled(&next, study) {
            is_running.set(run_next(study, &next));
        }
        if next != before {
            study.findings.set(Some(Findings::Downgrade(next)));
        }
    });
}

/// Fills in the cells that are empty.
pub(super) fn solve(study: Study, filling: Filling) {
    let table = study.findings.with_untracked(table);
    filling.is_running.set(run_next(study, &table));
}

/// What is filled in so far.
fn table(findings: &Option<Findings>) -> Table {
    match findings {
        Some(Findings::Downgrade(table)) => table.clone(),
        _ => Table::default(),
    }
}

pub(super) fn view(study: Study, filling: Filling) -> AnyView {
    let Filling { is_running } = filling;
    let table = Memo::new(move |_| study.findings.with(table));
    let head = QoS::ALL.map(|granted| view! { <th scope="col">{granted.to_string()}</th> });
    let row = |published: QoS| {
        let cells = QoS::ALL.map(|granted| cell(study, table, published, granted));
        view! { <tr><th scope="row">{published.to_string()}</th>{cells.into_iter().collect_view()}</tr> }
            .into_any()
    };
    view! {
        <p class="instrument__about">{t!(course.downgrade_about)}</p>
        <table class="downgrade">
            <thead>
                <tr>
                    <td></td>
                    <th scope="colgroup" colspan="3">{t!(course.downgrade_granted)}</th>
                </tr>
                <tr>
                    <th scope="col">{t!(course.downgrade_published)}</th>
                    {head.into_iter().collect_view()}
                </tr>
            </thead>
            <tbody>{QoS::ALL.map(row).into_iter().collect_view()}</tbody>
        </table>
        <div class="buttons">
            <button
                class="button"
                type="button"
                disabled=flag(move || is_running.get())
                on:click=move |_| solve(study, filling)
            >
                {t!(course.downgrade_all)}
            </button>
            <p class="goals__count" role="status">
                {text(move || t!(course.downgrade_filled, count = table.with(Table::filled)))}
            </p>
        </div>
    }
    .into_any()
}

/// A run of one cell, and what it showed.
fn cell(study: Study, table: Memo<Table>, published: QoS, granted: QoS) -> AnyView {
    let found = Memo::new(move |_| table.with(|table| table.cell(published, granted)));
    let inside = part(move || {
        let run = move |_| run(study, published, granted);
        let (class, words, label) = match found.get() {
            None => (
                "downgrade__cell",
                t!(course.downgrade_run).to_owned(),
                t!(course.downgrade_run_label, published = published, granted = granted),
            ),
            Some(Cell { delivered, .. }) => (
                "downgrade__cell downgrade__cell--filled",
                delivered.to_string(),
                t!(
                    course.downgrade_cell_label,
                    published = published,
                    granted = granted,
                    delivered = delivered
                ),
            ),
        };
        view! {
            <button class=class type="button" aria-label=label data-lost=lost(found.get(), published) on:click=run>
                {words}
            </button>
        }
    });
    view! { <td>{inside}</td> }.into_any()
}

/// Whether less was delivered than was published.
fn lost(cell: Option<Cell>, published: QoS) -> Option<&'static str> {
    cell.is_some_and(|cell| cell.delivered < published).then_some("yes")
}

fn run(study: Study, published: QoS, granted: QoS) {
    let version = study.version.get_untracked();
    study.play_this(Play::Instrument, scenario(version, published, granted));
}

/// Runs the first cell that is empty, to its end. False if there is none.
fn run_next(study: Study, table: &Table) -> bool {
    let cells = QoS::ALL.into_iter().flat_map(|published| QoS::ALL.map(|it| (published, it)));
    let next =
        cells.into_iter().find(|(published, granted)| table.cell(*published, *granted).is_none());
    if let Some((published, granted)) = next {
        run(study, published, granted);
        study.bench.send(Command::Rush);
    }
    next.is_some()
}

/// Whether what the lab plays has filled in its cell.
fn is_filled(table: &Table, study: Study) -> bool {
    let found = study.bench.look(Cell::of);
    found.is_some_and(|cell| table.cell(cell.published, cell.granted).is_some())
}
