use leptos::ev::MouseEvent;
use leptos::prelude::*;
use wasm_bindgen::JsCast;

use super::bench::{Bench, LabPage};
use super::client_page::ClientPage;
use super::lab::Lab;
use super::route::Route;
use super::status::StatusLine;
use super::theme::ThemeToggle;

/// The header, and the page that the address names.
#[component]
pub(super) fn App() -> impl IntoView {
    // Both go on while the other is shown.
    let lab = Lab::provide();
    lab.look_for_sessions();
    let bench = Bench::provide();
    let route = Route::current();
    Effect::new(move || {
        if let Route::Lab(Some(setup)) = route.get() {
            bench.open_link(&setup);
        }
    });
    let is_client = Memo::new(move |_| route.with(|route| *route == Route::Client));
    view! {
        <div class="app">
            <a class="skip-link" href="#packets" on:click=|event| go_to(&event, "packets")>
                "Skip to the packets"
            </a>
            <Header is_client/>
            {move || match is_client.get() {
                true => view! { <ClientPage/> }.into_any(),
                false => view! { <LabPage/> }.into_any(),
            }}
        </div>
    }
}

#[component]
fn Header(is_client: Memo<bool>) -> impl IntoView {
    let what = move || match is_client.get() {
        true => "An MQTT client that shows every packet, to the byte",
        false => "A broker in the page, a network to break, and time that runs both ways",
    };
    let link = move |(address, name, client): (&'static str, &'static str, bool)| {
        let current = move || (is_client.get() == client).then_some("page");
        view! { <li><a href=address aria-current=current>{name}</a></li> }
    };
    view! {
        <header class="header">
            <h1 class="header__name"><Mark/>"Fourstep"</h1>
            <nav class="pages" aria-label="Pages">
                <ul>{PAGES.map(link).collect_view()}</ul>
            </nav>
            <p class="header__what">{what}</p>
            <div class="header__end">
                <Show when=move || is_client.get()>
                    <StatusLine/>
                </Show>
                <ThemeToggle/>
            </div>
        </header>
    }
}

/// The four steps of QoS 2, as in the icon.
#[component]
fn Mark() -> impl IntoView {
    view! {
        <svg class="header__mark" viewBox="0 0 32 32" aria-hidden="true">
            <path class="mark mark--publish" d="M5 6h22"/>
            <path class="mark mark--pubrec" d="M27 13H5"/>
            <path class="mark mark--pubrel" d="M5 20h22"/>
            <path class="mark mark--pubcomp" d="M27 27H5"/>
        </svg>
    }
}

/// A part of a page: its `id` and its name.
pub(super) type Section = (&'static str, &'static str);

/// Ways to the parts of the page, for narrow screens.
#[component]
pub(super) fn Sections(sections: &'static [Section]) -> impl IntoView {
    let link = |(id, name): &Section| {
        let id = *id;
        let go = move |event| go_to(&event, id);
        view! { <li><a href=format!("#{id}") on:click=go>{*name}</a></li> }
    };
    view! {
        <nav class="sections" aria-label="Parts of the page">
            <ul>{sections.iter().map(link).collect_view()}</ul>
        </nav>
    }
}

/// Goes to a part of the page. The fragment of the address stays what it is:
/// the name of the page.
fn go_to(event: &MouseEvent, id: &str) {
    event.prevent_default();
    let Some(part) = document().get_element_by_id(id) else { return };
    part.scroll_into_view();
    if let Ok(part) = part.dyn_into::<web_sys::HtmlElement>() {
        let _ = part.focus();
    }
}

const PAGES: [(&str, &str, bool); 2] = [("#/lab", "Lab", false), ("#/client", "Client", true)];
