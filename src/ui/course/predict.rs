//! Predict, run, explain.

use leptos::prelude::*;

use super::super::bench::Command;
use super::super::dynamic::{flag, part};
use super::super::focus::focus;
use super::super::language::t;
use super::prose;
use super::stage::STAGE;
use super::study::{Play, Study};
use crate::course::{Part, Verdict};

/// How far the learner is with the question.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    /// Nothing runs.
    Choosing,
    /// This run of the lab decides.
    Running(u32),
    /// It has decided.
    Decided(Verdict),
}

/// The question before a run. A handle: copies are the same.
#[derive(Clone, Copy)]
pub(super) struct Question {
    chosen: RwSignal<Option<&'static str>>,
    phase: RwSignal<Phase>,
}

impl Default for Question {
    fn default() -> Self {
        Question { chosen: RwSignal::new(None), phase: RwSignal::new(Phase::Choosing) }
    }
}

/// Follows the run that decides.
pub(super) fn watch(study: Study) {
    let Question { chosen, phase } = study.question;
    let news = study.progress();
    Effect::new(move || {
        let (generation, ..) = news.get();
        let (Phase::Running(run), Some(answer)) = (phase.get_untracked(), chosen.get_untracked())
        else {
            return;
        };
        // Something else is played by now.
        if run != generation {
            phase.set(Phase::Choosing);
            return;
        }
        let verdict = study.judge(|evidence| study.lesson.prediction.verdict(answer, evidence));
        if verdict != Verdict::Open {
            phase.set(Phase::Decided(verdict));
            let is_right = verdict == Verdict::Right;
            study.record.note(|progress| progress.predict(study.lesson.slug, answer, is_right));
            if let Verdict::Wrong(record) = verdict {
                study.source.select(Some(record));
            }
        }
    });
}

/// The question, its answers, and what comes of the one that is chosen.
pub(super) fn section(study: Study) -> AnyView {
    let Question { chosen, phase } = study.question;
    let news = study.progress();
    let run = move |_| {
        study.start(Play::Prediction);
        let (generation, ..) = news.get_untracked();
        phase.set(Phase::Running(generation));
        // The button is gone, and what comes of the run appears here.
        focus(OUTCOME);
    };
    let is_fixed = move || phase.get() != Phase::Choosing;
    let prose = study.prose();
    let option = move |part: &'static Part| option(chosen, part, is_fixed);
    let options = prose.options.iter().map(option).collect_view();
    let question = prose::blocks(None, prose.prediction);
    view! {
        <section class="card-block predict" id=SECTION aria-labelledby="predict-title" tabindex="-1">
            <h3 class="card-block__title" id="predict-title">{t!(course.predict)}</h3>
            <div class="prose" id="predict-question">{question}</div>
            <fieldset class="options" aria-describedby="predict-question">
                <legend class="visually-hidden">{t!(course.predict_legend)}</legend>
                {options}
            </fieldset>
            <button
                class="button button--main"
                type="button"
                hidden=flag(is_fixed)
                disabled=flag(move || chosen.get().is_none())
                on:click=run
            >
                {t!(course.predict_run)}
            </button>
            <div class="predict__outcome" id=OUTCOME role="status" tabindex="-1">
                {part(move || outcome(study))}
            </div>
        </section>
    }
    .into_any()
}

fn option(
    chosen: RwSignal<Option<&'static str>>,
    part: &'static Part,
    is_fixed: impl Fn() -> bool + Send + Sync + 'static,
) -> AnyView {
    let id = part.id;
    view! {
        <label class="option">
            <input
                type="radio"
                name="prediction"
                value=id
                prop:checked=flag(move || chosen.get() == Some(id))
                disabled=flag(is_fixed)
                on:change=move |_| chosen.set(Some(id))
            />
            <span>{prose::text(None, part.text)}</span>
        </label>
    }
    .into_any()
}

/// What there is to say once an answer is chosen.
fn outcome(study: Study) -> AnyView {
    let Question { chosen, phase } = study.question;
    let verdict = match phase.get() {
        Phase::Choosing => return ().into_any(),
        Phase::Running(_) => {
            return view! { <p class="predict__running">{t!(course.predict_running)}</p> }
                .into_any();
        }
        Phase::Decided(verdict) => verdict,
    };
    let is_right = verdict == Verdict::Right;
    let (class, words) = match is_right {
        true => ("verdict verdict--right", t!(course.predict_right)),
        false => ("verdict verdict--wrong", t!(course.predict_wrong)),
    };
    let parts = study.prose().options;
    let answer = chosen.get_untracked().and_then(|id| crate::course::Prose::part(parts, id));
    let show = match verdict {
        Verdict::Wrong(record) => {
            let show = move |_| show_record(study, record);
            view! {
                <button class="button button--small" type="button" on:click=show>
                    {t!(course.predict_show)}
                </button>
            }
            .into_any()
        }
        _ => ().into_any(),
    };
    let again = move |_| {
        phase.set(Phase::Choosing);
        chosen.set(None);
        focus(SECTION);
    };
    let explanation =
        prose::listening(study, "prose", prose::blocks(Some(study), study.prose().explanation));
    view! {
        <div class=class>
            <p class="verdict__words">{words}</p>
            <div class="prose">{answer.map(|answer| prose::blocks(None, answer.more))}</div>
            <div class="buttons">
                {show}
                <button class="button button--small button--quiet" type="button" on:click=again>
                    {t!(course.predict_again)}
                </button>
            </div>
        </div>
        {explanation}
    }
    .into_any()
}

/// Selects the record of the prediction's run, and plays that again if
/// something else was played since.
fn show_record(study: Study, record: u64) {
    if study.play.get_untracked() != Play::Prediction {
        study.start(Play::Prediction);
        study.bench.send(Command::Rush);
    }
    study.source.select(Some(record));
    focus(STAGE);
}

/// The section's `id`.
pub(super) const SECTION: &str = "predict";
const OUTCOME: &str = "predict-outcome";
