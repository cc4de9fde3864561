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
use super::study::Study;
use crate::course::Instrument;

/// The lesson's instrument; nothing if it has none.
pub(super) fn section(study: Study) -> AnyView {
    match study.lesson.instrument {
        Instrument::None => ().into_any(),
        Instrument::Cases(cases) => titled(t!(course.cases), cases::view(study, cases)),
        Instrument::Downgrade => titled(t!(course.downgrade), downgrade::view(study)),
        Instrument::Cost => titled(t!(course.cost), cost::view(study)),
        Instrument::Exhaustion => titled(t!(course.exhaustion), exhaustion::view(study)),
        Instrument::Sensor => titled(t!(course.sensor), sensor::view(study)),
        Instrument::Broker => {
            let inside = view! { {broker()} {sensor::view(study)} }.into_any();
            titled(t!(course.broker), inside)
        }
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
fn broker() -> AnyView {
    view! {
        <p class="instrument__about">{t!(course.broker_about)}</p>
        <p><a class="button button--main" href=route::CLIENT>{t!(course.broker_open)}</a></p>
    }
    .into_any()
}
