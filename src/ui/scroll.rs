//! A scrolled list of which only the visible rows exist in the document.

use std::ops::Range;

use leptos::html::Div;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;

use crate::view::window::Window;

/// Binds a [`Window`] to the element that scrolls.
#[derive(Clone, Copy)]
pub(super) struct Scroll {
    /// To be set on the scrolling element.
    pub element: NodeRef<Div>,
    /// Which rows are visible.
    pub window: RwSignal<Window>,
    /// Of the element's inside, in CSS pixels.
    pub width: RwSignal<f64>,
}

impl Scroll {
    /// A list of rows of this height.
    pub fn new(row_height: f64) -> Self {
        let scroll = Scroll {
            element: NodeRef::new(),
            window: RwSignal::new(Window::new(row_height)),
            width: RwSignal::new(0.0),
        };
        scroll.observe_size();
        scroll.place_content();
        scroll
    }

    /// The handler for the element's `scroll` event.
    pub fn on_scroll(self) {
        if let Some(element) = self.element.get_untracked() {
            let (height, offset) = (element.client_height(), element.scroll_top());
            self.change(|window| {
                // A view that became taller scrolls by itself. It must know
                // its height first, or that would look like a person's doing.
                window.resize(f64::from(height));
                window.scroll(f64::from(offset));
            });
        }
    }

    /// Changes the window, and tells readers only if it is different then.
    pub fn change(self, change: impl FnOnce(&mut Window)) {
        let mut window = self.window.get_untracked();
        change(&mut window);
        if self.window.with_untracked(|old| *old != window) {
            self.window.set(window);
        }
    }

    /// The rows to emit.
    pub fn visible(self) -> Memo<Range<u64>> {
        Memo::new(move |_| self.window.with(Window::visible))
    }

    /// Whether the list sticks to its end.
    pub fn is_following(self) -> Memo<bool> {
        Memo::new(move |_| self.window.with(Window::is_following))
    }

    /// Sets the height of the element's one child, and only then how far it is
    /// scrolled: the other way round, the browser would cut the offset.
    fn place_content(self) {
        let place = Memo::new(move |_| {
            self.window.with(|window| (window.content_height(), window.offset()))
        });
        Effect::new(move || {
            let (height, offset) = place.get();
            let Some(element) = self.element.get() else { return };
            if let Some(content) = element.first_element_child() {
                // An SVG element has a style too, and is no HTML element.
                let content: &web_sys::HtmlElement = content.unchecked_ref();
                let _ = content.style().set_property("height", &format!("{height}px"));
            }
            let offset = offset.round() as i32;
            if element.scroll_top() != offset {
                element.set_scroll_top(offset);
                let placed = f64::from(element.scroll_top());
                self.change(|window| window.placed(placed));
            }
        });
    }

    fn observe_size(self) {
        Effect::new(move || {
            let Some(element) = self.element.get() else { return };
            let measure = move || {
                if let Some(element) = self.element.get_untracked() {
                    self.change(|window| window.resize(f64::from(element.client_height())));
                    let width = f64::from(element.client_width());
                    if self.width.get_untracked() != width {
                        self.width.set(width);
                    }
                }
            };
            measure();
            let callback = Closure::<dyn Fn()>::new(measure);
            let observer = web_sys::ResizeObserver::new(callback.as_ref().unchecked_ref());
            if let Ok(observer) = observer {
                observer.observe(&element);
                // Both live as long as the element does.
                let kept = StoredValue::new_local((observer, callback));
                on_cleanup(move || {
                    let _ = kept.try_with_value(|(observer, _)| observer.disconnect());
                });
            }
        });
    }
}

/// Where a key moves the selection in a list with these rows. `page` is how
/// many rows fit on the screen. `None` for a key that does not move it.
pub(super) fn moved(key: &str, at: Option<u64>, rows: Range<u64>, page: u64) -> Option<u64> {
    let last = rows.end.checked_sub(1).filter(|_| !rows.is_empty())?;
    let at = at.filter(|row| rows.contains(row));
    let row = match (key, at) {
        ("Home", _) => rows.start,
        ("End", _) => last,
        ("ArrowUp" | "ArrowDown" | "PageUp" | "PageDown", None) => last,
        ("ArrowUp", Some(row)) => row.saturating_sub(1),
        ("ArrowDown", Some(row)) => row + 1,
        ("PageUp", Some(row)) => row.saturating_sub(page),
        ("PageDown", Some(row)) => row + page,
        _ => return None,
    };
    Some(row.clamp(rows.start, last))
}
