//! Cases to decide: which level?

use leptos::prelude::*;

use super::super::prose;
use crate::codec::QoS;
use crate::course::{Case, Findings, Part, Prose};
use crate::ui::course::study::Study;
use crate::ui::dynamic::{flag, part};
use crate::ui::language::t;

pub(super) fn view(study: Study, cases: &'static [Case]) -> AnyView {
    let case = |case: &'static Case| {
        let part = Prose::part(study.prose().cases, case.id)?;
        let decide = move |qos| {
            let mut decisions = study.findings.with_untracked(decisions);
            decisions.retain(|(id, _)| *id != case.id);
            decisions.push((case.id, qos));
            study.findings.set(Some(Findings::Cases(decisions)));
        };
        let decision = Memo::new(move |_| {
            let decisions = study.findings.with(decisions);
            decisions.into_iter().find(|(id, _)| *id == case.id).map(|(_, qos)| qos)
        });
        Some(view_case(study, case, part, decision, decide))
    };
    view! { <ol class="cases">{cases.iter().filter_map(case).collect_view()}</ol> }.into_any()
}

/// Decides every case.
pub(super) fn solve(study: Study, cases: &'static [Case]) {
    let level = |case: &Case| Some((case.id, *case.levels.first()?));
    study.findings.set(Some(Findings::Cases(cases.iter().filter_map(level).collect())));
}

/// What was decided so far.
fn decisions(findings: &Option<Findings>) -> Vec<(&'static str, QoS)> {
    match findings {
        Some(Findings::Cases(decisions)) => decisions.clone(),
        _ => Vec::new(),
    }
}

fn view_case(
    study: Study,
    case: &'static Case,
    words: &'static Part,
    decision: Memo<Option<QoS>>,
    decide: impl Fn(QoS) + Copy + 'static,
) -> AnyView {
    let option = move |qos: QoS| {
        view! {
            <label class="choice__option">
                <input
                    type="radio"
                    name=format!("case-{}", case.id)
                    prop:checked=flag(move || decision.get() == Some(qos))
                    on:change=move |_| decide(qos)
                />
                <span>{format!("QoS {qos}")}</span>
            </label>
        }
        .into_any()
    };
    let answer = part(move || match decision.get() {
        None => ().into_any(),
        Some(qos) => {
            let (class, verdict) = match case.levels.iter().position(|level| *level == qos) {
                Some(0) => ("verdict verdict--right", t!(course.case_right)),
                Some(_) => ("verdict verdict--right", t!(course.case_will_do)),
                None => ("verdict verdict--wrong", t!(course.case_wrong)),
            };
            view! {
                <div class=class>
                    <p class="verdict__words">{verdict}</p>
                    <div class="prose">{prose::blocks(Some(study), words.more)}</div>
                </div>
            }
            .into_any()
        }
    });
    view! {
        <li class="case">
            <fieldset class="choice">
                <legend class="case__text">{prose::text(Some(study), words.text)}</legend>
                <div class="choice__options">{QoS::ALL.map(option).into_iter().collect_view()}</div>
            </fieldset>
            <div role="status">{answer}</div>
        </li>
    }
    .into_any()
}
