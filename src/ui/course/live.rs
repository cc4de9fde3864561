//! The learner's own connection to a real broker, on the client page: its
//! trace is followed here, and judged like that of the lab.

use leptos::prelude::*;

use super::super::dynamic::{flag, part, text};
use super::super::language::t;
use super::super::live;
use super::study::Study;
use super::{place, prose};
use crate::course::{Evidence, Goal, Prose, packets};
use crate::export::jsonl;
use crate::trace::Trace;
use crate::view::number::grouped;

/// The live trace. A handle: copies are the same.
#[derive(Clone, Copy)]
pub(in crate::ui::course) struct Live {
    followed: StoredValue<Followed>,
    /// How many records there were so far: zero without a connection.
    pub seen: RwSignal<u64>,
    /// Whether the learner has closed what goes along to the client page.
    is_closed: RwSignal<bool>,
    /// Whether a frame is asked for.
    is_asked: StoredValue<bool>,
}

struct Followed {
    generation: u32,
    /// The number of the record that comes next.
    next: u64,
    trace: Trace,
}

impl Live {
    /// Follows the connection that there is or will be.
    pub fn follow() -> Live {
        let trace = Trace::new(Vec::new(), CAPACITY);
        let followed = Followed { generation: 0, next: 0, trace };
        let live = Live {
            followed: StoredValue::new(followed),
            seen: RwSignal::new(0),
            is_closed: RwSignal::new(false),
            is_asked: StoredValue::new(false),
        };
        live::follow(move || live.look());
        live.look();
        live
    }

    /// Judges the goals of a lesson, as packets come in.
    pub fn watch(self, study: Study) {
        let slug = study.lesson.slug;
        Effect::new(move || {
            if self.seen.get() == 0 {
                return;
            }
            for (place, goal) in study.lesson.goals.iter().enumerate() {
                let is_known = study.record.progress.with_untracked(|it| it.is_live(slug, goal.id));
                let score = match is_known {
                    true => None,
                    false => self.followed.with_value(|followed| followed.score(goal)),
                };
                if let Some(packets) = score {
                    study.notes.tell(place);
                    study.record.note(|progress| {
                        progress.reach(slug, goal.id, packets);
                        progress.reach_live(slug, goal.id);
                    });
                }
            }
        });
    }

    /// Takes what is new with the next frame.
    fn look(self) {
        if !self.is_asked.get_value() {
            self.is_asked.set_value(true);
            request_animation_frame(move || self.take());
        }
    }

    fn take(self) {
        // The lesson may be gone by now.
        if self.is_asked.try_set_value(false).is_some() {
            return;
        }
        let is_new = self.followed.try_update_value(Followed::take).unwrap_or_default();
        if is_new {
            self.seen.set(self.followed.with_value(|followed| followed.next));
            // There may be more than one answer holds.
            self.look();
        }
    }
}

/// How the goals stand on the client page, which the learner takes along from
/// the lesson.
pub(super) fn companion(study: Study, live: Live) -> AnyView {
    let slug = study.lesson.slug;
    let is_reached = move |goal: &Goal| study.record.progress.with(|it| it.is_live(slug, goal.id));
    let count = move || study.lesson.goals.iter().filter(|goal| is_reached(goal)).count();
    let goal = |goal: &'static Goal| {
        let words = Prose::part(study.prose().goals, goal.id)?;
        let state = move || if is_reached(goal) { "reached" } else { "open" };
        let view = view! {
            <li class="companion__goal">
                <span class="goal__mark" data-state=text(move || state().to_owned()) aria-hidden="true"></span>
                <div>
                    {prose::text(None, words.text)}
                    " "
                    <span class="visually-hidden">
                        {text(move || match is_reached(goal) {
                            true => t!(course.goal_reached),
                            false => t!(course.goal_open),
                        }.to_owned())}
                    </span>
                    <details class="more">
                        <summary>{t!(course.hint)}</summary>
                        <div class="more__body prose">{prose::blocks(None, words.more)}</div>
                    </details>
                </div>
            </li>
        };
        Some(view.into_any())
    };
    view! {
        <aside class="companion" aria-labelledby="companion-title" hidden=flag(move || live.is_closed.get())>
            <details class="companion__fold" open=has_room()>
                <summary class="companion__head">
                    <span id="companion-title">
                        {t!(course.live_goals, number = study.lesson.number)}
                    </span>
                    <span class="badge" class:badge--good=flag(move || count() > 0) role="status">
                        {text(move || t!(course.live_count, reached = count(), count = study.lesson.goals.len()))}
                    </span>
                </summary>
                <ol class="companion__goals">{study.lesson.goals.iter().filter_map(goal).collect_view()}</ol>
                <div class="buttons">
                    <a class="button button--small" href=place::lesson(slug)>{t!(course.live_back)}</a>
                    <button
                        class="button button--small button--quiet"
                        type="button"
                        on:click=move |_| live.is_closed.set(true)
                    >
                        {t!(course.live_close)}
                    </button>
                </div>
            </details>
        </aside>
    }
    .into_any()
}

/// Whether it can be open without hiding the page.
fn has_room() -> bool {
    let width = window().inner_width().ok().and_then(|width| width.as_f64());
    width.is_some_and(|width| width >= ROOM)
}

/// Whether the connection is followed, in the lesson.
pub(super) fn standing(live: Live) -> AnyView {
    live.is_closed.set(false);
    let words = move || match live.seen.get() {
        0 => t!(course.live_none).to_owned(),
        count => t!(course.live_seen, count = grouped(count)),
    };
    view! { <p class="instrument__about" role="status">{text(words)}</p> }.into_any()
}

/// Whether a goal was reached on a real broker, beside how it stands in the
/// lab.
pub(super) fn badge(study: Study, goal: &'static Goal) -> AnyView {
    let slug = study.lesson.slug;
    let is_reached = study.record.of(move |progress| progress.is_live(slug, goal.id));
    part(move || match is_reached.get() {
        true => view! { <span class="badge badge--good">{t!(course.live_reached)}</span> },
        false => view! { <span class="badge">{t!(course.live_open)}</span> },
    })
    .into_any()
}

impl Followed {
    /// With how many packets the goal is reached, if it is.
    fn score(&self, goal: &Goal) -> Option<u32> {
        let evidence = Evidence::live(&self.trace);
        (goal.reached)(&evidence).then(|| packets(&self.trace))
    }

    /// Takes over some of what is new. False if nothing is.
    fn take(&mut self) -> bool {
        let Some(part) = live::ask(self.generation, self.next) else { return false };
        let is_other = part.generation != self.generation;
        if !is_other && part.next == self.next {
            return false;
        }
        let Ok(trace) = jsonl::read(&part.lines) else { return false };
        if is_other {
            self.trace = Trace::new(trace.parties.clone(), CAPACITY);
        }
        self.trace.parties.clone_from(&trace.parties);
        for record in trace.records() {
            self.trace.append(record.clone());
        }
        (self.generation, self.next) = (part.generation, part.next);
        true
    }
}

/// Pixels of a window that has room for more than its page.
const ROOM: f64 = 960.0;
/// Records that are judged: the newest.
const CAPACITY: usize = 5_000;
