//! The proof by exhaustion, a slice of it in each frame.

use std::time::Duration;

use leptos::prelude::*;

use super::fields::one_of;
use crate::codec::QoS;
use crate::course::Findings;
use crate::course::exhaustion::{Cuts, Exhaustion, Tally};
use crate::ui::course::study::{Play, Study};
use crate::ui::dynamic::{flag, part, text};
use crate::ui::language::t;
use crate::view::number::grouped;
use crate::web::clock;

/// The work under way. A handle: copies are the same work.
#[derive(Clone, Copy)]
pub(in crate::ui::course) struct Work {
    work: StoredValue<Option<Exhaustion>>,
    /// By its place in [`CUTS`].
    cuts: RwSignal<usize>,
    tally: RwSignal<Tally>,
    is_running: RwSignal<bool>,
    /// Whether a frame is asked for.
    is_asked: StoredValue<bool>,
}

impl Default for Work {
    fn default() -> Self {
        Work {
            work: StoredValue::new(None),
            cuts: RwSignal::new(0),
            tally: RwSignal::new(Tally::default()),
            is_running: RwSignal::new(false),
            is_asked: StoredValue::new(false),
        }
    }
}

pub(super) fn view(study: Study, work: Work) -> AnyView {
    let Work { cuts, tally, is_running, .. } = work;
    let press = move |_| match is_running.get_untracked() {
        true => work.stop(),
        false => work.start(study),
    };
    let choose = move |place| {
        if cuts.get_untracked() != place {
            cuts.set(place);
            work.renew(study);
        }
    };
    let names = vec![t!(course.exhaustion_one).to_owned(), t!(course.exhaustion_two).to_owned()];
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
        t!(course.exhaustion_done, done = grouped(done), total = grouped(total))
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
        {one_of(t!(course.exhaustion_cuts), names, cuts.into(), choose)}
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
            <tbody>{QoS::ALL.map(|qos| row(study, work, qos)).into_iter().collect_view()}</tbody>
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
fn row(study: Study, work: Work, qos: QoS) -> AnyView {
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
                    on:click=move |_| work.show(study, number)
                >
                    {grouped(count)}
                </button>
            }
            .into_any(),
            (count, None) => grouped(count).into_any(),
        });
        view! { <td>{inside}</td> }.into_any()
    };
    let cells = [0, 1, 2, 3].map(cell);
    view! { <tr><th scope="row">{qos.to_string()}</th>{cells.into_iter().collect_view()}</tr> }
        .into_any()
}

impl Work {
    /// Starts, or goes on.
    pub fn start(self, study: Study) {
        if !self.tally.with_untracked(Tally::is_complete) {
            self.is_running.set(true);
            self.ask(study);
        }
    }

    /// Stays where it is.
    pub fn stop(self) {
        self.is_running.set(false);
    }

    /// Forgets what was counted. What was running goes on from the start, in
    /// the version and with the cuts that are chosen now.
    pub fn renew(self, study: Study) {
        self.work.set_value(None);
        self.tally.set(Tally::default());
        study.findings.set(None);
    }

    /// Asks for one animation frame, and for one only.
    fn ask(self, study: Study) {
        if !self.is_asked.get_value() {
            self.is_asked.set_value(true);
            request_animation_frame(move || self.go_on(study));
        }
    }

    /// One frame's worth.
    fn go_on(self, study: Study) {
        // The lesson may be gone by now.
        if self.is_asked.try_set_value(false).is_some() || !self.is_running.get_untracked() {
            return;
        }
        let start = clock::now();
        let (version, cuts) = (study.version.get_untracked(), CUTS[self.cuts.get_untracked()]);
        let mut is_left = false;
        self.work.update_value(|work| {
            let work = work.get_or_insert_with(|| Exhaustion::new(version, cuts));
            // One at least, however slow the machine is.
            is_left = work.advance(1);
            while is_left && clock::now().since(start) < BUDGET {
                is_left = work.advance(1);
            }
            self.tally.set(work.tally().clone());
        });
        study.findings.set(Some(Findings::Exhaustion(self.tally.get_untracked())));
        self.is_running.set(is_left);
        if is_left {
            self.ask(study);
        }
    }

    /// Plays one of the worlds in the lab.
    fn show(self, study: Study, number: usize) {
        let version = study.version.get_untracked();
        let scenario = self.work.with_value(|work| {
            let run = work.as_ref()?.run(number)?;
            Some(run.scenario(version))
        });
        if let Some(scenario) = scenario {
            study.play_this(Play::Instrument, scenario);
        }
    }
}

const CUTS: [Cuts; 2] = [Cuts::One, Cuts::Two];
/// Real time that one frame may spend in worlds.
const BUDGET: Duration = Duration::from_millis(10);
