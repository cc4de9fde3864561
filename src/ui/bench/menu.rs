//! Set-ups: a few ready ones, links, and files.

use leptos::prelude::*;

use super::super::dynamic::part;
use super::super::files::{OpenTrace, SaveTrace, epoch_of_lab};
use super::model::{Bench, Command};
use crate::sim::setups::Setup;
use crate::ui::clipboard;
use crate::ui::language::{say, t};

/// What a lab was opened with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::ui) enum Opened {
    /// A ready set-up, by its id.
    Ready(&'static str),
    /// What a link carries that is none of these.
    Link(String),
}

impl Default for Opened {
    fn default() -> Self {
        Opened::Ready(Setup::ALL.first().map_or("", |setup| setup.id))
    }
}

impl Opened {
    /// What this link opens: it may be a ready set-up's.
    pub fn by_link(link: &str) -> Opened {
        let is_it = |setup: &&Setup| setup.scenario().to_link().as_deref() == Ok(link);
        let ready = Setup::ALL.iter().find(is_it);
        ready.map_or_else(|| Opened::Link(link.to_owned()), |setup| Opened::Ready(setup.id))
    }

    /// Its name, for people.
    pub fn name(&self) -> String {
        match self {
            Opened::Ready(id) => setup(id).map(|setup| say(setup.name)).unwrap_or_default(),
            Opened::Link(_) => t!(lab.by_link).to_owned(),
        }
    }

    fn about(&self) -> String {
        match self {
            Opened::Ready(id) => setup(id).map(|setup| say(setup.about)).unwrap_or_default(),
            Opened::Link(_) => t!(lab.link_about).to_owned(),
        }
    }
}

/// Opens a ready set-up, and shares the one at hand.
#[component]
pub(super) fn Menu() -> impl IntoView {
    let bench = Bench::expect();
    let opened = bench.opened;
    let about = move || opened.with(Opened::about);
    let open = move |id: &str| {
        if let Some(setup) = setup(id) {
            opened.set(Opened::Ready(setup.id));
            // The address no longer says what is shown.
            let _ = window().location().set_hash("/lab");
            bench.send(Command::Open(Box::new(setup.scenario())));
        }
    };
    let start_over = move |_| match opened.get_untracked() {
        Opened::Ready(id) => open(id),
        Opened::Link(setup) => bench.open_link(&setup),
    };
    let option = move |setup: &Setup| {
        let id = setup.id;
        let is_selected = move || opened.with(|opened| *opened == Opened::Ready(id));
        view! { <option value=id prop:selected=is_selected>{say(setup.name)}</option> }
    };
    let from_link = part(move || {
        let is_link = opened.with(|opened| matches!(opened, Opened::Link(_)));
        is_link.then(|| view! { <option value="" prop:selected=true>{t!(lab.by_link)}</option> })
    });
    view! {
        <section class="panel" id="set-up" aria-labelledby="set-up-title">
            <div class="panel__head">
                <h2 class="panel__title" id="set-up-title">{t!(lab.set_up)}</h2>
                <button
                    class="button button--small panel__tools"
                    type="button"
                    on:click=start_over
                >
                    {t!(lab.start_over)}
                </button>
            </div>
            <div class="panel__body">
                <label class="field">
                    <span class="field__label">{t!(lab.show)}</span>
                    <select
                        class="input"
                        on:change=move |event| open(&event_target_value(&event))
                    >
                        {from_link}
                        {Setup::ALL.iter().map(option).collect_view()}
                    </select>
                </label>
                <p class="setup__about">{about}</p>
                <Share/>
                <p class="notice notice--bad" role="alert" hidden=move || bench.trouble.with(Option::is_none)>
                    {move || bench.trouble.get()}
                </p>
            </div>
        </section>
    }
}

/// A link to this lab.
#[component]
fn Share() -> impl IntoView {
    let bench = Bench::expect();
    let copied = RwSignal::new(false);
    let revision = bench.slice(|frame| (frame.news, frame.end));
    Effect::new(move || {
        // To be told of changes it has to be read: tracking alone never
        // computes it.
        let _ = revision.get();
        copied.set(false);
    });
    let on_open = move |trace: Result<_, String>| match trace {
        Ok(trace) => bench.send(Command::ShowFile(Box::new(trace))),
        Err(error) => bench.trouble.set(Some(error)),
    };
    let copy = move |_| match bench.link() {
        Ok(link) => {
            clipboard::copy(link, move || copied.set(true));
        }
        Err(error) => bench.trouble.set(Some(t!(lab.no_link, error = error))),
    };
    view! {
        <div class="buttons">
            <button class="button button--small" type="button" on:click=copy>
                {move || if copied.get() { t!(lab.link_copied) } else { t!(lab.copy_link) }}
            </button>
            <OpenTrace on_open/>
        </div>
        <SaveTrace epoch=epoch_of_lab/>
    }
}

fn setup(id: &str) -> Option<&'static Setup> {
    Setup::ALL.iter().find(|setup| setup.id == id)
}
