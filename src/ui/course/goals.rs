//! Goals: what is to be reached in the lab, judged by the trace alone.

use leptos::ev::Event;
use leptos::prelude::*;
use web_sys::Element;

use super::super::dynamic::{flag, text};
use super::super::language::t;
use super::instruments::Tool;
use super::study::{Play, Study};
use super::{live, prose};
use crate::course::{Goal, Prose, packets};
use crate::time::Instant;
use crate::view::number::grouped;

/// How a goal stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Standing {
    Open,
    Reached,
    /// Within par.
    Star,
}

/// What there is to say of the goals. A handle: copies are the same.
#[derive(Clone, Copy)]
pub(super) struct Notes {
    /// Those that were reached by a solution that was played.
    shown: RwSignal<Vec<&'static str>>,
    /// Those whose hint is open.
    hinted: RwSignal<Vec<&'static str>>,
    /// The last that was reached, by its place.
    news: RwSignal<Option<usize>>,
}

impl Default for Notes {
    fn default() -> Self {
        let none = || RwSignal::new(Vec::new());
        Notes { shown: none(), hinted: none(), news: RwSignal::new(None) }
    }
}

impl Notes {
    /// Tells that the goal at this place is reached.
    pub fn tell(self, place: usize) {
        self.news.set(Some(place + 1));
    }
}

/// Judges the goals of the lesson after each change.
pub(super) fn watch(study: Study) {
    for goal in study.lesson.goals {
        watch_goal(study, goal);
    }
}

/// All goals of the lesson.
pub(super) fn section(study: Study) -> AnyView {
    if study.lesson.goals.is_empty() {
        return ().into_any();
    }
    let count = study.bench.slice(|frame| frame.news);
    let used = Memo::new(move |_| {
        // Read, since a memo that nobody reads is not kept current.
        let _ = count.get();
        study.source.read(packets).unwrap_or_default()
    });
    let news = study.notes.news;
    let news = move || news.get().map_or_else(String::new, |it| t!(course.goal_news, number = it));
    let goals = study.lesson.goals.iter();
    let goals = goals.map(|goal| view_goal(study, goal)).collect_view();
    view! {
        <section class="card-block goals" id="goals" aria-labelledby="goals-title">
            <h3 class="card-block__title" id="goals-title">{t!(course.goals)}</h3>
            <p class="goals__count">{text(move || t!(course.packets_so_far, count = grouped(used.get())))}</p>
            <ol class="goals__list">{goals}</ol>
            <div class="buttons">
                <button
                    class="button button--small"
                    type="button"
                    on:click=move |_| study.start(Play::Start)
                >
                    {t!(course.reset)}
                </button>
            </div>
            <p class="visually-hidden" role="status">{text(news)}</p>
        </section>
    }
    .into_any()
}

fn view_goal(study: Study, goal: &'static Goal) -> AnyView {
    let Notes { shown, hinted, .. } = study.notes;
    let best = study.record.best(study.lesson, goal.id);
    let is_shown = move || shown.with(|shown| shown.contains(&goal.id));
    let Some(words) = Prose::part(study.prose().goals, goal.id) else { return ().into_any() };
    let standing = move || match best.get() {
        Some(best) if goal.par > 0 && best <= goal.par => Standing::Star,
        Some(_) => Standing::Reached,
        None => Standing::Open,
    };
    let is_reached = move || standing() != Standing::Open;
    let state = move || match standing() {
        Standing::Open if is_shown() => t!(course.goal_shown),
        Standing::Open => t!(course.goal_open),
        Standing::Reached => t!(course.goal_reached),
        Standing::Star => t!(course.goal_star),
    };
    let mark = move || match standing() {
        Standing::Open if is_shown() => "shown",
        Standing::Open => "open",
        Standing::Reached => "reached",
        Standing::Star => "star",
    };
    let score = move || match best.get() {
        _ if goal.par == 0 => String::new(),
        Some(best) => t!(course.goal_best, best = best, par = goal.par),
        None => t!(course.goal_par, par = goal.par),
    };
    let is_live = matches!(study.tool, Tool::Broker(..));
    let is_hinted = hinted.with_untracked(|hinted| hinted.contains(&goal.id));
    let on_toggle = move |event: Event| {
        let is_open = event_target::<Element>(&event).has_attribute("open");
        hinted.update(|hinted| {
            hinted.retain(|id| *id != goal.id);
            hinted.extend(is_open.then_some(goal.id));
        });
    };
    view! {
        <li class="goal" class:goal--reached=flag(is_reached)>
            <span class="goal__mark" data-state=text(move || mark().to_owned()) aria-hidden="true"></span>
            <div class="goal__body">
                <p class="goal__text">{prose::text(None, words.text)}</p>
                <p class="goal__state">
                    <span class="badge" class:badge--good=flag(is_reached)>
                        {text(move || state().to_owned())}
                    </span>
                    " "
                    {text(score)}
                    " "
                    {is_live.then(|| live::badge(study, goal))}
                </p>
                <details class="more" open=is_hinted on:toggle=on_toggle>
                    <summary>{t!(course.hint)}</summary>
                    <div class="more__body prose">{prose::blocks(None, words.more)}</div>
                </details>
                <button
                    class="button button--small"
                    type="button"
                    on:click=move |_| study.solve(goal)
                >
                    {t!(course.solve)}
                </button>
            </div>
        </li>
    }
    .into_any()
}

/// Judges the goal after each change, and counts once a run when it is
/// reached.
fn watch_goal(study: Study, goal: &'static Goal) {
    let Notes { shown, .. } = study.notes;
    let progress = study.progress();
    let counted = StoredValue::new(None::<u32>);
    let place = study.lesson.goals.iter().position(|it| it.id == goal.id).unwrap_or_default();
    Effect::new(move || {
        let (generation, ..) = progress.get();
        study.findings.track();
        let is_solution = study.play.get_untracked() == Play::Solution(goal.id);
        // What is played as a solution may be what the lesson plays by itself.
        // What an instrument has found has nothing to do with what is played.
        let is_reached = study.judge(|evidence| match is_solution || goal.par == 0 {
            true => (goal.reached)(evidence),
            false => study.lesson.is_reached(goal, evidence),
        });
        let run = if goal.par == 0 { 0 } else { generation };
        if !is_reached || counted.get_value() == Some(run) {
            return;
        }
        counted.set_value(Some(run));
        study.notes.tell(place);
        if is_solution {
            shown.update(|shown| shown.push(goal.id));
            return;
        }
        let score = match goal.par {
            0 => Some(0),
            _ => goal.score(&study.bench.scenario(), LIMIT),
        };
        if let Some(packets) = score {
            study.record.note(|progress| progress.reach(study.lesson.slug, goal.id, packets));
        }
    });
}

/// As far as a score is looked for.
const LIMIT: Instant = Instant::from_millis(3_600_000);
