//! The lab of a lesson: time, the diagram, and who takes part.

use crate::ui::clipboard;
use leptos::ev::KeyboardEvent;
use leptos::prelude::*;

use super::super::bench::{BrokerCard, ClientCard, Transport, TwoOutcomes, WhatIf};
use super::super::diagram::Diagram;
use super::super::dynamic::{flag, part, text};
use super::super::focus::focus;
use super::super::inspector::Inspector;
use super::super::language::t;
use super::super::route;
use super::super::sections::go_to;
use super::super::transcript::Announcer;
use super::study::{Play, Study};

/// Shows the packet that is selected.
pub(super) fn watch(study: Study) {
    Effect::new(move || {
        if study.source.selected().is_some() {
            study.tab.set(0);
        }
    });
}

/// The lab beside the prose.
pub(super) fn stage(study: Study) -> AnyView {
    let empty = || view! { <p class="empty">{t!(course.stage_empty)}</p> }.into_any();
    let is_forked = study.bench.slice(|frame| frame.fork.is_some());
    let diagram = part(move || match is_forked.get() {
        true => view! { <TwoOutcomes/> }.into_any(),
        false => view! { <Diagram empty=empty/> }.into_any(),
    });
    view! {
        <section class="lesson__stage" id=STAGE aria-label=t!(course.stage) tabindex="-1">
            <Announcer/>
            {head(study)}
            <Transport/>
            {diagram}
            <WhatIf/>
            {participants(study)}
        </section>
    }
    .into_any()
}

/// On narrow screens the prose and the lab are far apart.
pub(super) fn jump() -> AnyView {
    let link = |id: &'static str, words: &'static str| {
        view! { <a href=format!("#{id}") on:click=move |event| go_to(&event, id)>{words}</a> }
    };
    view! {
        <nav class="lesson__jump" aria-label=t!(course.jump)>
            {link("content", t!(course.jump_text))}
            {link(STAGE, t!(course.jump_stage))}
        </nav>
    }
    .into_any()
}

/// What is played, and what can be done with it.
fn head(study: Study) -> AnyView {
    let words = move || match study.play.get() {
        Play::Start => t!(course.plays_start),
        Play::Experiment(_) => t!(course.plays_experiment),
        Play::Prediction => t!(course.plays_prediction),
        Play::Solution(_) => t!(course.plays_solution),
        Play::Instrument => t!(course.plays_instrument),
        Play::Link => t!(course.plays_link),
    };
    let bench = study.bench;
    let revision = bench.slice(|frame| (frame.news.generation, frame.end));
    let lab = Memo::new(move |_| {
        let _ = revision.get();
        bench.scenario().to_link().ok()
    });
    let copied = RwSignal::new(false);
    Effect::new(move || {
        let _ = revision.get();
        copied.set(false);
    });
    let copy = move |_| {
        if let Some(link) = lab.get_untracked() {
            let address = route::address_of(&format!("#/course/{}/{link}", study.lesson.slug));
            clipboard::copy(address, move || copied.set(true));
        }
    };
    let open = move || {
        lab.get().map_or_else(|| route::LAB.to_owned(), |link| format!("{}/{link}", route::LAB))
    };
    view! {
        <div class="stage-head">
            <p class="stage-head__what" role="status">{text(move || words().to_owned())}</p>
            <div class="buttons">
                <button
                    class="button button--small"
                    type="button"
                    on:click=move |_| study.restart()
                >
                    {t!(course.again)}
                </button>
                <button class="button button--small" type="button" on:click=copy>
                    {text(move || if copied.get() { t!(course.copied) } else { t!(course.copy_link) }.to_owned())}
                </button>
                <a class="button button--small" href=text(open)>{t!(course.open_in_lab)}</a>
            </div>
            <p class="notice notice--bad" role="alert" hidden=flag(move || bench.trouble.with(Option::is_none))>
                {text(move || bench.trouble.get().unwrap_or_default())}
            </p>
        </div>
    }
    .into_any()
}

/// The inspector and the cards of those who take part, one at a time.
fn participants(study: Study) -> AnyView {
    let tab = study.tab;
    let names = study.bench.slice(|frame| {
        (
            frame.news.generation,
            frame.clients.iter().map(|it| it.setup.name.to_string()).collect::<Vec<_>>(),
        )
    });
    part(move || {
        let (_, clients) = names.get();
        let count = clients.len() + 2;
        if tab.get_untracked() >= count {
            tab.set(0);
        }
        let mut titles = vec![t!(course.tab_bytes).to_owned()];
        titles.extend(clients.iter().cloned());
        titles.push(t!(course.tab_broker).to_owned());
        let handle = move |(index, title): (usize, String)| handle(tab, count, index, title);
        let panes = (0..count).map(|index| {
            let inside = match index {
                0 => view! { <Inspector/> }.into_any(),
                index if index == count - 1 => view! { <BrokerCard/> }.into_any(),
                index => view! { <ClientCard client=index - 1/> }.into_any(),
            };
            pane(tab, index, inside)
        });
        view! {
            <div class="tabs">
                <div class="tabs__list" role="tablist" aria-label=t!(course.tabs)>
                    {titles.into_iter().enumerate().map(handle).collect_view()}
                </div>
                {panes.collect_view()}
            </div>
        }
    })
    .into_any()
}

fn handle(tab: RwSignal<usize>, count: usize, index: usize, title: String) -> AnyView {
    let is_shown = move || tab.get() == index;
    let on_key = move |event: KeyboardEvent| {
        let next = match event.key().as_str() {
            "ArrowRight" => (index + 1) % count,
            "ArrowLeft" => (index + count - 1) % count,
            "Home" => 0,
            "End" => count - 1,
            _ => return,
        };
        // With Shift they move through time.
        if event.shift_key() {
            return;
        }
        event.prevent_default();
        tab.set(next);
        focus(&tab_id(next));
    };
    view! {
        <button
            class="tabs__tab"
            type="button"
            role="tab"
            id=tab_id(index)
            aria-controls=format!("pane-{index}")
            aria-selected=text(move || is_shown().to_string())
            tabindex=text(move || if is_shown() { "0" } else { "-1" }.to_owned())
            on:click=move |_| tab.set(index)
            on:keydown=on_key
        >
            {title}
        </button>
    }
    .into_any()
}

fn pane(tab: RwSignal<usize>, index: usize, inside: AnyView) -> AnyView {
    view! {
        <div
            class="tabs__pane"
            role="tabpanel"
            id=format!("pane-{index}")
            aria-labelledby=tab_id(index)
            hidden=flag(move || tab.get() != index)
        >
            {inside}
        </div>
    }
    .into_any()
}

fn tab_id(index: usize) -> String {
    format!("tab-{index}")
}

/// The lab's place in the document.
pub(super) const STAGE: &str = "stage";
