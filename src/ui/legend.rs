use leptos::prelude::*;

use super::arrow;
use super::language::t;
use super::memory::{Memory, disclosure};
use crate::codec::PacketType;
use crate::view::label::Look;

/// What the colors, dashes and heads of the arrows mean.
#[component]
pub(super) fn Legend() -> impl IntoView {
    let entry = |(packet_type, words): &(PacketType, &'static str)| {
        let look = Look::of_packet(*packet_type);
        view! {
            <li class="legend__entry">
                <svg class="legend__arrow" viewBox="0 0 34 14" aria-hidden="true">
                    <g class=format!("arrow arrow--{}", look.class)>
                        <line class="arrow__line" x1="1" y1="7" x2="22" y2="7"/>
                        {arrow::head(look.head, 32.0, 7.0, true)}
                    </g>
                </svg>
                {*words}
            </li>
        }
    };
    let is_open = expect_context::<Memory>().signal("legend", 0, || false);
    let body = view! {
        <ul class="legend__list">{ENTRIES.iter().map(entry).collect_view()}</ul>
        <p class="legend__note">{t!(shared.legend_in_words)}</p>
        <p class="legend__note">{t!(shared.legend_in_haste)}</p>
    };
    disclosure(is_open, "legend", t!(shared.legend), body)
}

const ENTRIES: [(PacketType, &str); 13] = [
    (PacketType::Publish, "PUBLISH"),
    (PacketType::PubAck, "PUBACK"),
    (PacketType::PubRec, "PUBREC"),
    (PacketType::PubRel, "PUBREL"),
    (PacketType::PubComp, "PUBCOMP"),
    (PacketType::Connect, "CONNECT, AUTH"),
    (PacketType::ConnAck, "CONNACK"),
    (PacketType::Subscribe, "SUBSCRIBE"),
    (PacketType::SubAck, "SUBACK, UNSUBACK"),
    (PacketType::Unsubscribe, "UNSUBSCRIBE"),
    (PacketType::PingReq, "PINGREQ"),
    (PacketType::PingResp, "PINGRESP"),
    (PacketType::Disconnect, "DISCONNECT"),
];
