//! What a lesson has besides the lab. Each computes what it shows by running
//! the engines, and its findings count for the lesson's goals.

mod cases;
mod cost;
mod downgrade;
mod exhaustion;
mod fields;
mod sensor;

use leptos::prelude::*;

use super::super::language::t;
use super::super::route;
use super::live::{self, Live};
use super::study::Study;
use crate::course::{Case, Instrument};

/// How a lesson's instrument is set, and what it is about to do. A handle:
/// copies are the same. What it has found is
/// [`Study::findings`](super::study::Study::findings).
#[derive(Clone, Copy)]
pub(super) enum Tool {
    None,
    Cases(&'static [Case]),
    Downgrade(downgrade::Filling),
    Cost(cost::Choice),
    Exhaustion(exhaustion::Work),
    Sensor(sensor::Choice),
    Broker(sensor::Choice, Live),
}

impl Tool {
    /// The instrument as it is at first.
    pub fn of(instrument: Instrument) -> Tool {
        match instrument {
            Instrument::None => Tool::None,
            Instrument::Cases(cases) => Tool::Cases(cases),
            Instrument::Downgrade => Tool::Downgrade(downgrade::Filling::default()),
            Instrument::Cost => Tool::Cost(cost::Choice::default()),
            Instrument::Exhaustion => Tool::Exhaustion(exhaustion::Work::default()),
            Instrument::Sensor => Tool::Sensor(sensor::Choice::default()),
            Instrument::Broker => Tool::Broker(sensor::Choice::default(), Live::follow()),
        }
    }
}

/// The lesson's instrument; nothing if it has none.
pub(super) fn section(study: Study) -> AnyView {
    match study.tool {
        Tool::None => ().into_any(),
        Tool::Cases(cases) => titled(t!(course.cases), cases::view(study, cases)),
        Tool::Downgrade(filling) => titled(t!(course.downgrade), downgrade::view(study, filling)),
        Tool::Cost(choice) => titled(t!(course.cost), cost::view(study, choice)),
        Tool::Exhaustion(work) => titled(t!(course.exhaustion), exhaustion::view(study, work)),
        Tool::Sensor(choice) => titled(t!(course.sensor), sensor::view(study, choice)),
        Tool::Broker(choice, live) => {
            let inside = view! { {broker(live)} {sensor::view(study, choice)} }.into_any();
            titled(t!(course.broker), inside)
        }
    }
}

/// Follows what fills the instrument in, or reaches goals with it.
pub(super) fn watch(study: Study) {
    match study.tool {
        Tool::Downgrade(filling) => downgrade::watch(study, filling),
        Tool::Broker(_, live) => live.watch(study),
        _ => {}
    }
}

/// Does everything with the instrument that is to be done.
pub(super) fn solve(study: Study) {
    match study.tool {
        Tool::None | Tool::Sensor(_) | Tool::Broker(..) => {}
        Tool::Cases(cases) => cases::solve(study, cases),
        Tool::Downgrade(filling) => downgrade::solve(study, filling),
        Tool::Cost(choice) => cost::solve(study, choice),
        Tool::Exhaustion(work) => work.start(study),
    }
}

/// Stops what the instrument does by itself.
pub(super) fn pause(study: Study) {
    match study.tool {
        Tool::Downgrade(filling) => filling.stop(),
        Tool::Exhaustion(work) => work.stop(),
        _ => {}
    }
}

/// Forgets what was found in the other version.
pub(super) fn renew(study: Study) {
    match study.tool {
        Tool::Downgrade(filling) => {
            filling.stop();
            study.findings.set(None);
        }
        Tool::Exhaustion(work) => work.renew(study),
        _ => {}
    }
}

fn titled(title: &'static str, inside: AnyView) -> AnyView {
    view! {
        <section class="card-block instrument" id="instrument" aria-labelledby="instrument-title" tabindex="-1">
            <h3 class="card-block__title" id="instrument-title">{title}</h3>
            {inside}
        </section>
    }
    .into_any()
}

/// The way to a broker of the learner's choice.
fn broker(live: Live) -> AnyView {
    view! {
        <p class="instrument__about">{t!(course.broker_about)}</p>
        <p><a class="button button--main" href=route::CLIENT>{t!(course.broker_open)}</a></p>
        {live::standing(live)}
    }
    .into_any()
}
