//! The proof by exhaustion, a slice of it in each frame.

use std::time::Duration;

use leptos::prelude::*;

use crate::codec::QoS;
use crate::course::Findings;
use crate::course::exhaustion::{Exhaustion, Tally};
use crate::ui::course::study::{Play, Study};
use crate::ui::dynamic::{flag, part, text};
use crate::ui::language::t;
use crate::web::clock;

/// The work under way. A handle: copies are the same work.
#[derive(Clone, Copy)]
struct Work {
    study: Study,
    work: StoredValue<Option<Exhaustion>>,
    tally: RwSignal<Tally>,
    is_running: RwSignal<bool>,
}

pub(super) fn view(study: Study) -> AnyView {
    let work = Work {
        study,
        work: StoredValue::new(None),
        tally: RwSignal::new(Tally::default()),
        is_running: RwSignal::new(false),
    };
    on_cleanup(move || work.stop());
    study.on_solve(move || work.start());
    let is_running = work.is_running;
    let tally = work.tally;
    let press = move |_| match is_running.get_untracked() {
        true => work.stop(),
        false => work.start(),
    };
    let words = move || {
        let (done, is_complete) = tally.with(|tally| (tally.done(), tally.is_complete()));
        let label = match (is_running.get(), done) {
            _ if is_complete => t!(course.exhaustion_all),
            (true, _) => t!(course.exhaustion_stop),
            (false, 0) => t!(course.exhaustion_start),
            (false, _) => t!(course.exhaustion_go_on),
        };
        label.to_owned()
    };
    let progress = move || {
        let (done, total) = tally.with(|tally| (tally.done(), tally.total));
        t!(course.exhaustion_done, done = done, total = total)
    };
    let head = [
        t!(course.exhaustion_never),
        t!(course.exhaustion_once),
        t!(course.exhaustion_twice),
        t!(course.exhaustion_more),
    ];
    let head = head.map(|words| view! { <th scope="col">{words}</th> }.into_any());
    view! {
        <p class="instrument__about">{t!(course.exhaustion_about)}</p>
        <div class="buttons">
            <button
                class="button button--main"
                type="button"
                disabled=flag(move || tally.with(Tally::is_complete))
                on:click=press
            >
                {text(words)}
            </button>
            <progress
                class="exhaustion__bar"
                aria-label=t!(course.exhaustion_progress)
                max=text(move || tally.with(|tally| tally.total.max(1)).to_string())
                prop:value=text(move || tally.with(Tally::done).to_string())
            ></progress>
        </div>
        <p class="goals__count" hidden=flag(move || tally.with(|tally| tally.total == 0))>
            {text(progress)}
        </p>
        <table class="counts">
            <thead>
                <tr>
                    <th scope="col">"QoS"</th>
                    {head.into_iter().collect_view()}
                </tr>
            </thead>
            <tbody>{QoS::ALL.map(|qos| row(work, qos)).into_iter().collect_view()}</tbody>
        </table>
        <p class="exhaustion__verdict" role="status">
            {text(move || match tally.with(Tally::proves_it) {
                true => t!(course.exhaustion_proved),
                false => "",
            }.to_owned())}
        </p>
    }
    .into_any()
}

/// How many worlds of a level ended in each way. A count leads to the first of
/// them.
fn row(work: Work, qos: QoS) -> AnyView {
    let cell = move |index: usize| {
        let count = Memo::new(move |_| {
            work.tally.with(|tally| (tally.row(qos).times[index], tally.row(qos).first[index]))
        });
        let inside = part(move || match count.get() {
            (count, Some(number)) => view! {
                <button
                    class="try"
                    type="button"
                    title=t!(course.exhaustion_show)
                    on:click=move |_| work.show(number)
                >
                    {count.to_string()}
                </button>
            }
            .into_any(),
            (count, None) => count.to_string().into_any(),
        });
        view! { <td>{inside}</td> }.into_any()
    };
    let cells = [0, 1, 2, 3].map(cell);
    view! { <tr><th scope="row">{qos.to_string()}</th>{cells.into_iter().collect_view()}</tr> }
        .into_any()
}

impl Work {
    fn start(self) {
        if self.is_running.get_untracked() || self.tally.with_untracked(Tally::is_complete) {
            return;
        }
        let version = self.study.version.get_untracked();
        self.work.update_value(|work| {
            let _ = work.get_or_insert_with(|| Exhaustion::new(version));
        });
        self.is_running.set(true);
        request_animation_frame(move || self.go_on());
    }

    fn stop(self) {
        // The page may be gone by the time of the next frame.
        let _ = self.is_running.try_set(false);
    }

    /// One frame's worth.
    fn go_on(self) {
        if self.is_running.try_get_untracked() != Some(true) {
            return;
        }
        let start = clock::now();
        let mut is_left = true;
        self.work.update_value(|work| {
            let Some(work) = work else { return };
            while is_left && clock::now().since(start) < BUDGET {
                is_left = work.advance(1);
            }
            self.tally.set(work.tally().clone());
        });
        self.study.findings.set(Some(Findings::Exhaustion(self.tally.get_untracked())));
        self.is_running.set(is_left);
        if is_left {
            request_animation_frame(move || self.go_on());
        }
    }

    /// Plays one of the worlds in the lab.
    fn show(self, number: usize) {
        let version = self.study.version.get_untracked();
        let scenario = self.work.with_value(|work| {
            let run = work.as_ref()?.run(number)?;
            Some(run.scenario(version))
        });
        if let Some(scenario) = scenario {
            self.study.play_this(Play::Instrument, scenario);
        }
    }
}

/// Real time that one frame may spend in worlds.
const BUDGET: Duration = Duration::from_millis(10);
