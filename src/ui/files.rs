//! Traces as files: saved from either page, and opened in the lab.

use std::time::Duration;

use leptos::prelude::*;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{Blob, BlobPropertyBag, File, HtmlAnchorElement, HtmlInputElement, Url};

use super::controls::CheckBox;
use super::language::{say, t};
use super::source::TraceSource;
use crate::export;
use crate::time::Instant;
use crate::trace::Trace;

/// Saves the trace at hand as JSON lines, or for Wireshark.
#[component]
pub(super) fn SaveTrace(
    /// When the trace's time zero was, counted from the start of 1970.
    epoch: fn(TraceSource) -> Duration,
) -> impl IntoView {
    let source = TraceSource::expect();
    let fault = RwSignal::new(None::<String>);
    let with_secrets = RwSignal::new(false);
    let is_empty = Memo::new(move |_| source.news.get().next == 0);
    let keep = move |result: Result<(), String>| fault.set(result.err());
    let save_lines = move |_| {
        let write = match with_secrets.get_untracked() {
            true => export::jsonl::write_with_secrets,
            false => export::jsonl::write,
        };
        let lines = source.read(write).unwrap_or_default();
        keep(save("fourstep.jsonl", "application/jsonl", lines.as_bytes()));
    };
    let save_capture = move |_| {
        let write = match with_secrets.get_untracked() {
            true => export::pcapng_with_secrets,
            false => export::pcapng,
        };
        let capture = source.read(|trace| write(trace, epoch(source)));
        keep(match capture {
            Some(Ok(capture)) => save("fourstep.pcapng", "application/x-pcapng", &capture),
            Some(Err(error)) => Err(say(&error.to_string())),
            None => Ok(()),
        });
    };
    view! {
        <div class="buttons" role="group" aria-label=t!(shared.save_the_trace)>
            <button
                class="button button--small"
                type="button"
                disabled=move || is_empty.get()
                on:click=save_lines
            >
                {t!(shared.save_lines)}
            </button>
            <button
                class="button button--small"
                type="button"
                disabled=move || is_empty.get()
                on:click=save_capture
            >
                {t!(shared.save_capture)}
            </button>
            <CheckBox
                label=Signal::derive(|| t!(shared.with_secrets).to_owned())
                checked=with_secrets
                on_change=move |on| with_secrets.set(on)
            />
            {move || fault.get().map(|fault| view! { <p class="field__error" role="alert">{fault}</p> })}
        </div>
    }
}

/// Opens a trace that was saved as JSON lines.
#[component]
pub(super) fn OpenTrace(
    /// Gets the trace, or why there is none.
    on_open: impl Fn(Result<Trace, String>) + Copy + 'static,
) -> impl IntoView {
    let on_change = move |event: leptos::ev::Event| {
        if let Some(file) = chosen(&event) {
            leptos::task::spawn_local(async move { on_open(read(&file).await) });
        }
    };
    view! {
        <label class="button button--small file">
            <input class="visually-hidden" type="file" accept=".jsonl" on:change=on_change/>
            {t!(shared.open_a_trace)}
        </label>
    }
}

/// Opens a text. The callback gets it, or why there is none.
pub(super) fn open_text(
    label: &'static str,
    accept: &'static str,
    on_open: impl Fn(Result<String, String>) + Copy + 'static,
) -> AnyView {
    let on_change = move |event: leptos::ev::Event| {
        if let Some(file) = chosen(&event) {
            leptos::task::spawn_local(async move { on_open(read_text(&file).await) });
        }
    };
    view! {
        <label class="button file">
            <input class="visually-hidden" type="file" accept=accept on:change=on_change/>
            {label}
        </label>
    }
    .into_any()
}

/// The file that was chosen in the field of this event.
fn chosen(event: &leptos::ev::Event) -> Option<File> {
    let input = event.target()?.dyn_into::<HtmlInputElement>().ok()?;
    let file = input.files()?.get(0);
    // So that the same file can be chosen again.
    input.set_value("");
    file
}

async fn read(file: &File) -> Result<Trace, String> {
    let text = read_text(file).await?;
    export::jsonl::read(&text)
        .map_err(|error| t!(shared.file_no_trace, error = say(&error.to_string())))
}

async fn read_text(file: &File) -> Result<String, String> {
    if file.size() > LARGEST {
        return Err(t!(shared.file_too_large, megabytes = LARGEST / 1e6));
    }
    let unreadable = |_: JsValue| t!(shared.file_unreadable).to_owned();
    let text = JsFuture::from(file.text()).await.map_err(unreadable)?;
    Ok(text.as_string().unwrap_or_default())
}

/// Hands bytes to the browser to be saved.
pub(super) fn save(name: &str, kind: &str, bytes: &[u8]) -> Result<(), String> {
    let offer = || -> Result<(), JsValue> {
        let options = BlobPropertyBag::new();
        options.set_type(kind);
        let parts = js_sys::Array::of1(&js_sys::Uint8Array::from(bytes));
        let blob = Blob::new_with_u8_array_sequence_and_options(&parts, &options)?;
        let address = Url::create_object_url_with_blob(&blob)?;
        let link: HtmlAnchorElement = document().create_element("a")?.unchecked_into();
        link.set_href(&address);
        link.set_download(name);
        link.click();
        // Not at once: some browsers start to read it late.
        set_timeout(move || drop(Url::revoke_object_url(&address)), KEPT);
        Ok(())
    };
    offer().map_err(|_| t!(shared.file_not_saved).to_owned())
}

/// The time zero of a trace whose clock is the browser's.
pub(super) fn epoch_of_page(_: TraceSource) -> Duration {
    since_1970(crate::web::clock::unix_millis(Instant::ZERO))
}

/// The time zero of a trace that was opened, or else of one that ends now.
pub(super) fn epoch_of_lab(source: TraceSource) -> Duration {
    if let Some(epoch) = source.read(|trace| trace.epoch).flatten() {
        return epoch;
    }
    let end = source.read(|trace| trace.records().last().map(|record| record.at)).flatten();
    let end = end.unwrap_or_default().as_micros() as f64 / 1_000.0;
    since_1970(js_sys::Date::now() - end)
}

fn since_1970(millis: f64) -> Duration {
    Duration::try_from_secs_f64(millis / 1_000.0).unwrap_or_default()
}

/// Bytes of a file that is opened.
const LARGEST: f64 = 50e6;
/// How long a file is offered.
const KEPT: Duration = Duration::from_secs(60);
