//! Set-ups: a few ready ones, links, and files.

use leptos::prelude::*;

use super::super::files::{OpenTrace, SaveTrace, epoch_of_lab};
use super::model::{Bench, Command};
use crate::sim::setups::Setup;
use crate::ui::language::{say, t};

/// Opens a ready set-up, and shares the one at hand.
#[component]
pub(super) fn Menu() -> impl IntoView {
    let bench = Bench::expect();
    let chosen = bench.memory.signal("set-up", 0, || Setup::ALL.first().map_or("", |it| it.id));
    let about = move || setup(chosen.get()).map(|setup| say(setup.about));
    let open = move |id: &str| {
        if let Some(setup) = setup(id) {
            chosen.set(setup.id);
            // The address no longer says what is shown.
            let _ = window().location().set_hash("/lab");
            bench.send(Command::Open(Box::new(setup.scenario())));
        }
    };
    let option = move |setup: &Setup| {
        let id = setup.id;
        let is_selected = move || chosen.get() == id;
        view! { <option value=id prop:selected=is_selected>{say(setup.name)}</option> }
    };
    view! {
        <section class="panel" id="set-up" aria-labelledby="set-up-title">
            <div class="panel__head">
                <h2 class="panel__title" id="set-up-title">{t!(lab.set_up)}</h2>
                <button
                    class="button button--small panel__tools"
                    type="button"
                    on:click=move |_| open(chosen.get_untracked())
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
            // What becomes of it is the browser's affair: it asks, or tells.
            let _ = window().navigator().clipboard().write_text(&link);
            copied.set(true);
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
