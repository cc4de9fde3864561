use bytestring::ByteString;
use leptos::prelude::*;

use super::lab::{Command, Lab};
use crate::ui::dynamic::{part, text};
use crate::ui::language::t;
use crate::view::table::{Granted, SubscriptionRow};

/// Requested, granted and delivered QoS of each subscription, side by side.
#[component]
pub(super) fn Subscriptions() -> impl IntoView {
    let lab = Lab::expect();
    let rows = lab.slice(|frame| {
        let filters = frame.client.subscriptions.iter().map(|s| s.requested.filter.clone());
        filters.zip(frame.subscriptions.iter().cloned()).collect::<Vec<_>>()
    });
    let is_empty = Memo::new(move |_| rows.with(Vec::is_empty));
    let filters = Memo::new(move |_| {
        rows.with(|rows| rows.iter().map(|(filter, _)| filter.clone()).collect::<Vec<_>>())
    });
    part(move || {
        if is_empty.get() {
            return view! { <p class="field__hint">{t!(client.no_subscriptions)}</p> }.into_any();
        }
        view! {
            <ul class="subscriptions" aria-label=t!(client.subscriptions)>
                <For each=move || filters.get() key=Clone::clone let(filter)>
                    <Row filter rows/>
                </For>
            </ul>
        }
        .into_any()
    })
}

#[component]
fn Row(filter: ByteString, rows: Memo<Vec<(ByteString, SubscriptionRow)>>) -> impl IntoView {
    let lab = Lab::expect();
    let own = filter.clone();
    let row = Memo::new(move |_| {
        rows.with(|rows| rows.iter().find(|(f, _)| *f == own).map(|(_, row)| row.clone()))
    });
    let label = t!(client.unsubscribe_from, filter = filter);
    let words = move || row.with(|row| row.as_ref().map(in_words).unwrap_or_default());
    view! {
        <li class="subscription" data-grant=text(move || words().class.to_owned())>
            <div class="subscription__head">
                <code class="subscription__filter">{text(move || words().filter)}</code>
                <button
                    type="button"
                    class="button button--small"
                    aria-label=label
                    on:click=move |_| lab.send(Command::Unsubscribe(filter.clone()))
                >
                    {t!(client.unsubscribe)}
                </button>
            </div>
            <dl class="levels">
                <div>
                    <dt>{t!(client.requested)}</dt>
                    <dd>{text(move || words().requested)}</dd>
                </div>
                <div class="levels__granted">
                    <dt>{t!(client.granted)}</dt>
                    <dd>{text(move || words().granted)}</dd>
                </div>
                <div>
                    <dt>{t!(client.delivered)}</dt>
                    <dd>{text(move || words().delivered)}</dd>
                </div>
            </dl>
            {part(move || {
                words().remark.map(|text| view! { <p class="subscription__remark">{text}</p> })
            })}
        </li>
    }
}

/// A subscription in words.
#[derive(Default)]
struct Words {
    filter: String,
    requested: String,
    granted: String,
    delivered: String,
    class: &'static str,
    remark: Option<String>,
}

fn in_words(row: &SubscriptionRow) -> Words {
    let requested = row.requested;
    let (granted, class, remark) = match &row.granted {
        Granted::Waiting => (t!(client.awaiting_suback).to_owned(), "pending", None),
        Granted::At(qos) if *qos < requested => {
            let text = t!(client.granted_less, qos = qos, requested = requested);
            (format!("QoS {qos}"), "lower", Some(text))
        }
        Granted::At(qos) => (format!("QoS {qos}"), "full", None),
        Granted::Refused(why) => {
            (t!(client.refused).to_owned(), "refused", Some(t!(client.refused_because, why = why)))
        }
    };
    Words {
        filter: row.filter.clone(),
        requested: format!("QoS {requested}"),
        granted,
        delivered: delivered_in_words(row.delivered),
        class,
        remark,
    }
}

/// `3 × QoS 1`, for each level at which messages came.
fn delivered_in_words(counts: [u64; 3]) -> String {
    let levels = counts.iter().enumerate().filter(|(_, count)| **count > 0);
    let parts: Vec<_> = levels.map(|(qos, count)| format!("{count} × QoS {qos}")).collect();
    if parts.is_empty() { t!(client.none_yet).to_owned() } else { parts.join(", ") }
}
