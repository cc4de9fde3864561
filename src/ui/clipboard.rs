//! Copying text. The browser's clipboard is only there for pages that came by
//! https or from this machine. Elsewhere the old way is tried, and if that
//! fails too, the text is shown to be copied by hand.

use js_sys::{Function, Reflect};
use leptos::prelude::*;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{HtmlDialogElement, HtmlElement, HtmlTextAreaElement};

use super::language::t;

/// Copies a text, then calls back if that was done. If it cannot be done, a
/// dialog has the text, selected.
pub(super) fn copy(text: String, on_copied: impl FnOnce() + 'static) {
    leptos::task::spawn_local(async move {
        if write(&text).await || write_as_before(&text) {
            on_copied();
        } else {
            // Without a dialog there is nothing else that could be tried.
            let _ = show(&text);
        }
    });
}

/// The clipboard of secure pages. False if there is none, or if the person or
/// the browser refuses.
async fn write(text: &str) -> bool {
    if !window().is_secure_context() {
        return false;
    }
    JsFuture::from(window().navigator().clipboard().write_text(text)).await.is_ok()
}

/// Has the browser copy a selected text, as pages did before there was a
/// clipboard for them.
fn write_as_before(text: &str) -> bool {
    let focused = document().active_element();
    let copied = || -> Result<bool, JsValue> {
        let area = area(text)?;
        area.set_class_name("visually-hidden");
        body()?.append_child(&area)?;
        area.select();
        // Old, so web-sys does not have it for every document.
        let command = Reflect::get(&document(), &"execCommand".into())?;
        let copied = command.unchecked_into::<Function>().call1(&document(), &"copy".into());
        area.remove();
        Ok(copied?.is_truthy())
    };
    let copied = copied().unwrap_or(false);
    if let Some(focused) = focused.and_then(|it| it.dyn_into::<HtmlElement>().ok()) {
        let _ = focused.focus();
    }
    copied
}

/// Shows the text in a dialog, selected.
fn show(text: &str) -> Result<(), JsValue> {
    let dialog: HtmlDialogElement = document().create_element("dialog")?.unchecked_into();
    dialog.set_class_name("copy");
    let words = document().create_element("p")?;
    words.set_text_content(Some(t!(shared.copy_by_hand)));
    let area = area(text)?;
    area.set_class_name("input input--mono copy__text");
    area.set_attribute("aria-label", t!(shared.text_to_copy))?;
    let close = document().create_element("button")?;
    close.set_class_name("button");
    close.set_text_content(Some(t!(shared.close)));
    let form = document().create_element("form")?;
    // Its button closes the dialog.
    form.set_attribute("method", "dialog")?;
    form.append_child(&close)?;
    for part in [&words, area.as_ref(), &form] {
        dialog.append_child(part)?;
    }
    body()?.append_child(&dialog)?;
    let closed = dialog.clone();
    let listener = gloo_events::EventListener::once(&dialog, "close", move |_| closed.remove());
    listener.forget();
    dialog.show_modal()?;
    area.select();
    Ok(())
}

fn area(text: &str) -> Result<HtmlTextAreaElement, JsValue> {
    let area: HtmlTextAreaElement = document().create_element("textarea")?.unchecked_into();
    area.set_value(text);
    area.set_read_only(true);
    Ok(area)
}

fn body() -> Result<HtmlElement, JsValue> {
    document().body().ok_or(JsValue::NULL)
}
