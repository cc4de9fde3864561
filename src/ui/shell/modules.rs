//! Fetching the pages' modules.

use leptos::prelude::*;
use wasm_bindgen::prelude::*;

use super::Place;

#[wasm_bindgen]
extern "C" {
    /// Fetches the module with this name and starts it, once. Fails when it
    /// could not be fetched, or not started. `src/boot.js` offers it.
    #[wasm_bindgen(catch, js_namespace = fourstep)]
    async fn load(module: &str) -> Result<(), JsValue>;
}

/// Where the module of the page that is shown is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Phase {
    /// On its way.
    Fetching,
    /// It shows the page.
    Running,
    /// It could not be fetched.
    Failed,
}

/// Fetches the module of the page when it is first opened. Until it runs, its
/// place is taken by what there is to say about that.
#[component]
pub(super) fn Fetched(place: Memo<Place>) -> impl IntoView {
    let module = Memo::new(move |_| place.get().module);
    let phase = RwSignal::new(Phase::Fetching);
    let fetch = move || {
        let wanted = module.get_untracked();
        phase.set(Phase::Fetching);
        leptos::task::spawn_local(async move {
            let next = match load(wanted).await {
                Ok(()) => Phase::Running,
                Err(_) => Phase::Failed,
            };
            // By now another page may be shown.
            if module.get_untracked() == wanted {
                phase.set(next);
            }
        });
    };
    Effect::new(move || {
        module.track();
        fetch();
    });
    let taken = move |what: AnyView| {
        let id = move || place.get().main.1;
        view! { <main class="fetched" id=id tabindex="-1">{what}</main> }.into_any()
    };
    move || match phase.get() {
        Phase::Running => ().into_any(),
        Phase::Fetching => taken(view! { <p role="status">"Loading…"</p> }.into_any()),
        Phase::Failed => taken(failure(fetch)),
    }
}

fn failure(again: impl Fn() + 'static) -> AnyView {
    view! {
        <div class="notice notice--bad fetched__failure" role="alert">
            <p>{FAILURE}</p>
            <button class="button" type="button" on:click=move |_| again()>"Try again"</button>
        </div>
    }
    .into_any()
}

const FAILURE: &str = "This page could not be loaded. Check your connection to the network and try again. If the site has just been updated, reload it.";
