use leptos::ev::KeyboardEvent;
use leptos::prelude::*;

use super::lab::Lab;
use crate::time::Instant;
use crate::trace::{preview, readable};
use crate::ui::dynamic::{part, text};
use crate::ui::language::t;
use crate::ui::panel::{empty, panel};
use crate::ui::scroll::{Scroll, moved};
use crate::view::diagram::time;
use crate::view::window::Window;
use crate::web::Received;

/// Messages as the application gets them, newest last.
#[component]
pub(super) fn Inbox() -> impl IntoView {
    let lab = Lab::expect();
    let counts = lab.slice(|frame| (frame.inbox_dropped, frame.inbox_total));
    let is_empty = Memo::new(move |_| counts.get().1 == 0);
    let note = move || match counts.get() {
        (_, 0) => String::new(),
        (0, 1) => t!(client.one_message).to_owned(),
        (0, total) => t!(client.messages, total = total),
        (dropped, total) => t!(client.messages_dropped, total = total, dropped = dropped),
    };
    let body = part(move || {
        if is_empty.get() {
            empty(t!(client.inbox_empty))
        } else {
            view! { <Messages/> }.into_any()
        }
    });
    panel("inbox", "inbox", t!(client.inbox), note, body)
}

#[component]
fn Messages() -> impl IntoView {
    let lab = Lab::expect();
    let scroll = Scroll::new(ROW_HEIGHT);
    let active = RwSignal::new(None::<u64>);
    let counts = lab.slice(|frame| (frame.generation, frame.inbox_dropped, frame.inbox_total));
    Effect::new(move || {
        let (_, dropped, total) = counts.get();
        scroll.change(|window| window.update(dropped, total));
    });
    let visible = scroll.visible();
    let choose = move |number: u64| {
        active.set(Some(number));
        scroll.change(|window| window.reveal(number..number + 1));
        let record = lab.read(|view| view.inbox.item(number).and_then(|message| message.record));
        if let Some(record) = record.flatten() {
            lab.selected.set(Some(record));
        }
    };
    let on_key = move |event: KeyboardEvent| {
        let (rows, page) = scroll.window.with_untracked(|window| (window.rows(), window.page()));
        if let Some(number) = moved(&event.key(), active.get_untracked(), rows, page) {
            event.prevent_default();
            choose(number);
        }
    };
    let active_id = move || {
        let number = active.get()?;
        visible.get().contains(&number).then(|| message_id(number))
    };
    let each = move || {
        let generation = counts.with(|(generation, ..)| *generation);
        visible.get().map(move |number| (generation, number)).collect::<Vec<_>>()
    };
    view! {
        <div
            class="messages"
            node_ref=scroll.element
            role="listbox"
            aria-label=t!(client.messages_in_order)
            tabindex="0"
            aria-activedescendant=active_id
            on:scroll=move |_| scroll.on_scroll()
            on:keydown=on_key
        >
            <div class="messages__all" role="presentation">
                <For each=each key=|key| *key let((_, number))>
                    <Message number scroll active choose/>
                </For>
            </div>
        </div>
    }
}

#[component]
fn Message(
    number: u64,
    scroll: Scroll,
    active: RwSignal<Option<u64>>,
    choose: impl Fn(u64) + Copy + 'static,
) -> impl IntoView {
    let lab = Lab::expect();
    let words = lab.read(|view| view.inbox.item(number).map(Words::new))??;
    let top = move || format!("{}px", scroll.window.with(|window| window.y(number)));
    let place =
        move || scroll.window.with(|window| (number + 1).saturating_sub(window.rows().start));
    let count = move || {
        let rows = scroll.window.with(Window::rows);
        (rows.end - rows.start).to_string()
    };
    Some(view! {
        <div
            class="message"
            id=message_id(number)
            role="option"
            aria-selected=text(move || (active.get() == Some(number)).to_string())
            aria-posinset=text(move || place().to_string())
            aria-setsize=count
            style:top=top
            on:click=move |_| choose(number)
        >
            <span class="message__head">
                <code class="message__topic">{words.topic}</code>
                <span class="message__time">{words.time}</span>
            </span>
            <span class="message__body">
                <span class="badge">{words.qos}</span>
                {words.dup.then(|| view! { <span class="badge badge--warn">"DUP"</span> })}
                {words.retain.then(|| view! { <span class="badge badge--good">"RETAIN"</span> })}
                <span class="message__payload">{words.payload}</span>
            </span>
        </div>
    })
}

struct Words {
    topic: String,
    time: String,
    qos: String,
    payload: String,
    dup: bool,
    retain: bool,
}

impl Words {
    fn new(message: &Received) -> Self {
        let publish = &message.publish;
        Words {
            topic: readable(&publish.topic, TOPIC),
            time: message
                .at
                .map_or_else(|| t!(client.earlier).to_owned(), |at| time(at, Instant::ZERO)),
            qos: format!("QoS {}", publish.qos),
            payload: preview(&publish.payload, PAYLOAD),
            dup: publish.dup,
            retain: publish.retain,
        }
    }
}

fn message_id(number: u64) -> String {
    format!("message-{number}")
}

/// Pixels.
const ROW_HEIGHT: f64 = 52.0;
/// Characters.
const TOPIC: usize = 100;
const PAYLOAD: usize = 100;
