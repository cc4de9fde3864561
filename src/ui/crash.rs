//! What a person sees when the page's own code fails.

use std::panic;

use leptos::prelude::document;

use super::language::t;

/// Writes panics to the console, and says on the page that it has stopped.
pub(super) fn report_panics() {
    panic::set_hook(Box::new(|panic| {
        web_sys::console::error_1(&panic.to_string().into());
        let document = document();
        let notice = document.create_element("p").ok().zip(document.body());
        if let Some((notice, body)) = notice {
            notice.set_class_name("crash");
            let _ = notice.set_attribute("role", "alert");
            notice.set_text_content(Some(t!(shared.crashed)));
            let _ = body.prepend_with_node_1(&notice);
        }
    }));
}
