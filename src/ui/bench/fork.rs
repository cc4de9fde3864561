//! Two outcomes side by side: what happened, and what would have happened.

use std::sync::Arc;
use std::time::Duration;

use leptos::prelude::*;

use super::super::diagram::{drawing, tools};
use super::super::dynamic::{maybe, part, text};
use super::super::focus::focus;
use super::super::legend::Legend;
use super::super::panel::section;
use super::super::rows::ROWS;
use super::super::scene::Scene;
use super::super::source::TraceSource;
use super::model::{Bench, Command};
use crate::sim::Timeline;
use crate::time::Instant;
use crate::trace::{Record, preview};
use crate::ui::isolate::isolated;
use crate::ui::language::{self, Words, say, t};
use crate::view::compare::{Comparison, Delivered, Outcome, Told, compare, times};
use crate::view::diagram::time;
use crate::view::number::grouped;
use crate::view::topic::shown;
use crate::view::what_if::{Choice, Group};

/// One of the two.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in crate::ui) enum Side {
    /// What happened.
    #[default]
    Original,
    /// What would have happened.
    Fork,
}

/// What a fork changes, and what came of it.
#[derive(PartialEq)]
pub(in crate::ui) struct Forked {
    choice: Choice,
    /// Where it is changed.
    record: Option<Record>,
    pub comparison: Comparison,
}

impl Side {
    /// For `id`s.
    pub fn name(self) -> &'static str {
        match self {
            Side::Original => "original",
            Side::Fork => "fork",
        }
    }
}

impl Forked {
    /// Of this choice at this record.
    pub fn new(original: &Timeline, fork: &Timeline, record: u64, choice: &Choice) -> Forked {
        Forked {
            choice: choice.clone(),
            record: original.world().trace().record(record).cloned(),
            comparison: compare(original, fork, None, LIMIT),
        }
    }

    /// The same change, after something was done in both.
    pub fn compared_again(&self, original: &Timeline, fork: &Timeline) -> Forked {
        Forked {
            choice: self.choice.clone(),
            record: self.record.clone(),
            comparison: compare(original, fork, None, LIMIT),
        }
    }

    /// The change and both outcomes in a few sentences, to be read aloud.
    pub fn told(&self) -> String {
        t!(
            lab.fork_told,
            what = self.words(),
            place = self.place().unwrap_or_default(),
            before = sentence(&self.comparison, Side::Original),
            now = sentence(&self.comparison, Side::Fork),
        )
    }

    /// What is changed: `Cut the line before it arrives`.
    fn words(&self) -> String {
        let words = say(&self.choice.words);
        match self.choice.group {
            Group::Level => t!(lab.published_at, level = words),
            Group::Counterfactual => t!(lab.counterfactual, what = words),
            Group::Line | Group::Machines => words,
        }
    }

    /// Where: `1.200 s, PUBACK id 1`.
    fn place(&self) -> Option<String> {
        let record = self.record.as_ref()?;
        let (time, what) = (time(record.at, Instant::ZERO), record.summary_in(language::current()));
        Some(t!(lab.fork_place, time = time, what = what))
    }
}

/// Both diagrams with what came of them, in place of the one.
#[component]
pub(in crate::ui) fn TwoOutcomes() -> impl IntoView {
    let bench = Bench::expect();
    let like = TraceSource::expect();
    let scenes = SIDES.map(|(side, _)| Scene::new(bench.pane(side, like)));
    let fork = bench.slice(|frame| frame.fork.clone());
    let forked = move || fork.get();
    let account = part(move || forked().map(|forked| account(&forked)));
    let reveal = move |_| {
        let first = fork.with(|fork| fork.as_ref()?.comparison.first_difference);
        if let Some(record) = first {
            scenes.iter().for_each(|scene| scene.reveal(record));
        }
    };
    let head = tools(like.view, scenes.to_vec(), false);
    let pane = move |(index, (side, name)): (usize, (Side, Words))| {
        let name = name();
        let scene = scenes[index];
        let outcome = move || {
            fork.with(|fork| {
                fork.as_ref().map(|it| sentence(&it.comparison, side)).unwrap_or_default()
            })
        };
        let is_active = bench.slice(move |frame| frame.side == side);
        view! {
            <div class="two__pane" role="group" aria-label=name>
                <button
                    class="two__head"
                    type="button"
                    title=t!(lab.look_at)
                    aria-pressed=maybe(move || Some(is_active.get().to_string()))
                    on:click=move |_| bench.send(Command::LookAt(side))
                >
                    <strong>{name}</strong>
                    <span>{text(outcome)}</span>
                </button>
                {drawing(scene)}
            </div>
        }
        .into_any()
    };
    let panes = SIDES.into_iter().enumerate().map(pane).collect_view();
    let body = view! {
        <div
            class="account"
            id=ACCOUNT
            role="group"
            aria-label=t!(lab.what_if_account)
            tabindex="-1"
        >
            {account}
            <div class="buttons">
                {button(t!(lab.keep_fork), "button button--small button--main", move |_| {
                    leave(bench, Command::KeepFork);
                })}
                {button(t!(lab.drop_fork), "button button--small", move |_| {
                    leave(bench, Command::DropFork);
                })}
                {button(t!(lab.show_difference), "button button--small button--quiet", reveal)}
            </div>
        </div>
        <div class="two">{panes}</div>
        <Legend/>
    };
    section(PACKETS, "stage stage--two", t!(shared.packets), head, body)
}

/// Continues with one of the two, and leads the keyboard back to its packets.
fn leave(bench: Bench, command: Command) {
    bench.send(command);
    request_animation_frame(|| {
        focus(PACKETS);
        // There is no list while it is shown as text.
        focus(ROWS);
    });
}

/// What was changed, where it first shows, and what came of it.
fn account(forked: &Arc<Forked>) -> AnyView {
    let comparison = &forked.comparison;
    let [original, fork] = &comparison.first_records;
    let line = |name: &'static str, told: &Option<Told>| {
        let sentence = |told: &Told| told.sentence(language::current());
        let record = told.as_ref().map_or_else(|| t!(lab.nothing_more).to_owned(), sentence);
        view! { <li><b>{name}</b> " " {record}</li> }
    };
    let difference = match comparison.first_difference {
        None => view! { <p>{t!(lab.no_difference)}</p> }.into_any(),
        Some(_) => view! {
            <p class="account__difference">{t!(lab.first_difference)}</p>
            <ul class="account__records">{line(t!(lab.original), original)} {line(t!(lab.fork), fork)}</ul>
        }
        .into_any(),
    };
    view! {
        <p class="account__change">
            {t!(lab.what_if_this)} " " <strong>{forked.words()}</strong> " " {forked.place()}
        </p>
        {difference}
        {deliveries(&comparison.deliveries)}
    }
    .into_any()
}

/// What each client got of each message.
fn deliveries(all: &[Delivered]) -> Option<AnyView> {
    let row = |delivered: &Delivered| {
        let message = &delivered.message;
        let message =
            format!("{} {}", shown(&message.topic, WIDE), preview(&message.payload, WIDE));
        let client = shown(&delivered.client, WIDE);
        let count = |side: usize| {
            let times = times(language::current(), delivered.copies[side].into());
            match delivered.duplicates[side] {
                0 => times,
                1 => t!(lab.one_duplicate, total = times),
                many => t!(lab.duplicates, total = times, many = grouped(many)),
            }
        };
        view! {
            <tr class:delivered--differs=delivered.differs()>
                <th scope="row">
                    {isolated(&t!(lab.message_to, message = message, client = client))}
                </th>
                <td>{count(0)}</td>
                <td>{count(1)}</td>
            </tr>
        }
        .into_any()
    };
    let more = all.len().saturating_sub(MOST_DELIVERIES);
    let rows = all.iter().take(MOST_DELIVERIES).map(row).collect_view();
    let more = (more > 0)
        .then(|| view! { <tr><td colspan="3">{t!(lab.and_more, count = grouped(more))}</td></tr> });
    (!all.is_empty()).then(|| {
        view! {
            <div class="delivered" tabindex="0" role="region" aria-label=t!(lab.deliveries)>
                <table>
                    <thead>
                        <tr>
                            <th scope="col">{t!(lab.delivered)}</th>
                            <th scope="col">{t!(lab.original)}</th>
                            <th scope="col">{t!(lab.fork)}</th>
                        </tr>
                    </thead>
                    <tbody>{rows} {more}</tbody>
                </table>
            </div>
        }
        .into_any()
    })
}

fn sentence(comparison: &Comparison, side: Side) -> String {
    let outcome: &Outcome = match side {
        Side::Original => &comparison.before,
        Side::Fork => &comparison.now,
    };
    outcome.sentence(language::current())
}

fn button(
    words: &'static str,
    class: &'static str,
    act: impl Fn(leptos::ev::MouseEvent) + 'static,
) -> AnyView {
    view! { <button class=class type="button" on:click=act>{words}</button> }.into_any()
}

const SIDES: [(Side, Words); 2] =
    [(Side::Original, || t!(lab.original)), (Side::Fork, || t!(lab.fork))];
/// The `id` of what was changed and what came of it.
pub(super) const ACCOUNT: &str = "account";
const PACKETS: &str = "packets";
/// Virtual time for which both are played on.
const LIMIT: Duration = Duration::from_secs(600);
const MOST_DELIVERIES: usize = 20;
/// Characters.
const WIDE: usize = 40;
