//! What the specification says: in both versions, and in each where they
//! differ.

use leptos::prelude::*;

use super::super::dynamic::{flag, text};
use super::super::language::{self, t};
use super::prose;
use super::study::Study;
use crate::codec::Version;
use crate::course::statements::{self, Statement};

/// The box, and the switch between the versions, which the lab follows.
pub(super) fn section(study: Study) -> AnyView {
    let prose = study.prose();
    let cited = prose.statements();
    let versions = [
        (Version::V311, "MQTT 3.1.1", prose.specification_v311),
        (Version::V5, "MQTT 5.0", prose.specification_v5),
    ];
    let version = |(version, name, blocks): (Version, &'static str, _)| {
        let statements = statements::of(version).iter();
        let statements = statements.filter(|it| cited.contains(&(version, it.id)));
        let statements = statements.map(statement).collect_view();
        view! {
            <section
                class="difference"
                class:difference--played=flag(move || study.version.get() == version)
                aria-label=name
            >
                <h4 class="difference__name">{name}</h4>
                <div class="prose">{prose::blocks(Some(study), blocks)}</div>
                <dl class="statements">{statements}</dl>
            </section>
        }
        .into_any()
    };
    view! {
        <section class="card-block specification" id="specification" aria-labelledby="specification-title">
            <h3 class="card-block__title" id="specification-title">{t!(course.specification)}</h3>
            <div class="prose">{prose::blocks(Some(study), prose.specification)}</div>
            {switch(study)}
            <div class="differences">{versions.map(version).into_iter().collect_view()}</div>
        </section>
    }
    .into_any()
}

/// What a normative statement says, in our words.
fn statement(statement: &Statement) -> AnyView {
    view! {
        <div class="statements__entry">
            <dt><code class="statement">"["{statement.id}"]"</code></dt>
            <dd>{prose::words(statement.words(language::current()))}</dd>
        </div>
    }
    .into_any()
}

/// Which version the lab plays.
fn switch(study: Study) -> AnyView {
    let option = move |version: Version| {
        let name = match version {
            Version::V311 => "3.1.1",
            Version::V5 => "5.0",
        };
        view! {
            <button
                class="button button--small"
                type="button"
                aria-pressed=text(move || (study.version.get() == version).to_string())
                on:click=move |_| study.set_version(version)
            >
                {name}
            </button>
        }
        .into_any()
    };
    let options = study.lesson.versions.iter().map(|version| option(*version)).collect_view();
    view! {
        <div class="versions" role="group" aria-label=t!(course.version)>
            <span class="versions__label" aria-hidden="true">{t!(course.version)}</span>
            {options}
        </div>
    }
    .into_any()
}
