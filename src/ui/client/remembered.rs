//! The connect form between visits, and what is random in it.

use leptos::prelude::window;
use wasm_bindgen::JsValue;
use web_sys::UrlSearchParams;

use super::form::{Field, Form};
use crate::ui::settings::{read, write};
use crate::web::page_is_secure;

/// The form as it was left, or its defaults with a fresh client identifier.
/// What an older version of the page has stored of a password is deleted.
pub(super) fn load_form() -> Form {
    let mut form = Form::default();
    let stored = read(FORM).and_then(|text| UrlSearchParams::new_with_str(&text).ok());
    for field in Field::ALL.into_iter().filter(|field| field.is_remembered()) {
        if let Some(text) = stored.as_ref().and_then(|stored| stored.get(field.name())) {
            form.set(field, text);
        }
    }
    if form.settle(page_is_secure()).login_moved {
        save_form(&form);
    }
    if form.text(Field::ClientIdentifier).is_empty() {
        form.set(Field::ClientIdentifier, random_identifier());
    }
    form
}

/// Remembers the form, without what may be secret in it.
pub(super) fn save_form(form: &Form) {
    if let Ok(stored) = UrlSearchParams::new() {
        for field in Field::ALL {
            if let Some(text) = form.remembered(field) {
                stored.set(field.name(), &text);
            }
        }
        write(FORM, &String::from(stored.to_string()));
    }
}

/// A seed for the jitter of reconnecting.
pub(super) fn random_seed() -> u64 {
    let mut bytes = [0; 8];
    random(&mut bytes);
    u64::from_le_bytes(bytes)
}

/// `fourstep-` and six random letters and digits.
fn random_identifier() -> String {
    let mut bytes = [0; 6];
    random(&mut bytes);
    let letters = bytes.iter().map(|byte| char::from(LETTERS[usize::from(byte % 32)]));
    "fourstep-".chars().chain(letters).collect()
}

fn random(bytes: &mut [u8]) {
    let filled: Result<_, JsValue> =
        window().crypto().and_then(|crypto| crypto.get_random_values_with_u8_array(bytes));
    // Without the crypto API an identifier is merely less random.
    if filled.is_err() {
        bytes.fill_with(|| (js_sys::Math::random() * 256.0) as u8);
    }
}

const FORM: &str = "fourstep.form";

/// 32 of them, so that a byte falls on each equally often.
const LETTERS: &[u8; 32] = b"abcdefghijkmnopqrstuvwxyz2345678";
