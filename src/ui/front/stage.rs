//! The exchange as a picture that moves.

use std::time::Duration;

use leptos::prelude::*;

use super::exchange::{Arrow, Exchange, HEIGHT, LANES, Picture, TOP, WIDTH};
use crate::codec::PacketType;
use crate::time::Instant;
use crate::ui::dynamic::{part, text};
use crate::ui::language::t;
use crate::view::number::grouped;
use crate::web::clock;

/// The exchange, which is played for as long as the page is shown.
#[derive(Clone, Copy)]
struct Stage {
    exchange: StoredValue<Exchange, LocalStorage>,
    picture: RwSignal<Picture>,
    is_playing: RwSignal<bool>,
    /// When the last frame was drawn.
    drawn: StoredValue<Option<Instant>>,
}

/// One message at QoS 2 after another, live, and a button that stops them.
/// Who wants no motion finds one message at its end.
pub(super) fn stage() -> AnyView {
    let stage = Stage::new();
    if wants_no_motion() {
        stage.finish();
    } else {
        stage.play(true);
    }
    let arrows = part(move || {
        stage.picture.with(|picture| picture.arrows.iter().map(arrow).collect::<Vec<_>>())
    });
    view! {
        <section class="exchange" aria-label=t!(front.exchange)>
            <svg
                class="exchange__picture"
                viewBox=format!("0 0 {WIDTH} {HEIGHT}")
                role="img"
                aria-label=t!(front.alternative)
            >
                {LANES.into_iter().zip(names()).map(lane).collect::<Vec<_>>()}
                {arrows}
            </svg>
            <div class="exchange__foot">
                <p class="exchange__count">{text(move || stage.picture.with(delivered))}</p>
                <button
                    class="button button--small"
                    type="button"
                    on:click=move |_| stage.play(!stage.is_playing.get_untracked())
                >
                    {text(move || what_next(stage.is_playing.get()).to_owned())}
                </button>
            </div>
        </section>
    }
    .into_any()
}

impl Stage {
    fn new() -> Self {
        let exchange = Exchange::new();
        Stage {
            picture: RwSignal::new(exchange.picture()),
            exchange: StoredValue::new_local(exchange),
            is_playing: RwSignal::new(false),
            drawn: StoredValue::new(None),
        }
    }

    fn play(self, play: bool) {
        self.is_playing.set(play);
        self.drawn.set_value(None);
        if play {
            request_animation_frame(move || self.draw());
        }
    }

    fn finish(self) {
        self.exchange.update_value(Exchange::finish);
        self.show();
    }

    fn draw(self) {
        // None when another page is shown by now.
        if self.is_playing.try_get_untracked() != Some(true) {
            return;
        }
        let now = clock::now();
        let passed = self.drawn.get_value().map_or(Duration::ZERO, |drawn| now.since(drawn));
        self.drawn.set_value(Some(now));
        // A tab in the background draws no frames, and nothing is missed there.
        self.exchange.update_value(|exchange| exchange.advance(passed.min(LONGEST)));
        self.show();
        request_animation_frame(move || self.draw());
    }

    fn show(self) {
        let next = self.exchange.with_value(Exchange::picture);
        if self.picture.with_untracked(|picture| *picture != next) {
            self.picture.set(next);
        }
    }
}

fn names() -> [&'static str; 3] {
    [t!(front.publisher), t!(front.broker), t!(front.subscriber)]
}

fn what_next(is_playing: bool) -> &'static str {
    if is_playing { t!(front.pause) } else { t!(front.play) }
}

fn lane((x, name): (i64, &'static str)) -> AnyView {
    view! {
        <text class="exchange__name" x=x y=TOP - 24>{name}</text>
        <line class="exchange__lane" x1=x x2=x y1=TOP - 12 y2=HEIGHT/>
    }
    .into_any()
}

fn arrow(arrow: &Arrow) -> AnyView {
    let &Arrow { packet, from, tip, to } = arrow;
    let points_right = to.0 > from.0;
    let (angle, head) = if points_right { (ANGLE, "-11") } else { (-ANGLE, "11") };
    let middle = ((from.0 + to.0) / 2, (from.1 + to.1) / 2);
    let name = if tip == to { "wire wire--there" } else { "wire" };
    view! {
        <g class=name data-packet=packet.name()>
            <line class="wire__line" x1=from.0 y1=from.1 x2=tip.0 y2=tip.1/>
            <path
                class="wire__head"
                d=format!("M0 0L{head}-5.5L{head} 5.5z")
                transform=format!("translate({} {}) rotate({angle})", tip.0, tip.1)
            />
            <text
                class="wire__label"
                transform=format!("translate({} {}) rotate({angle})", middle.0, middle.1)
                y="-7"
            >
                {step(packet)}
            </text>
        </g>
    }
    .into_any()
}

/// The name of a step of QoS 2, with its number.
fn step(packet: PacketType) -> String {
    let number = match packet {
        PacketType::Publish => "1 ",
        PacketType::PubRec => "2 ",
        PacketType::PubRel => "3 ",
        PacketType::PubComp => "4 ",
        _ => "",
    };
    format!("{number}{}", packet.name())
}

fn delivered(picture: &Picture) -> String {
    match picture.delivered {
        0 => t!(front.on_its_way).to_owned(),
        1 => t!(front.delivered_once).to_owned(),
        count => t!(front.delivered, count = grouped(count)),
    }
}

fn wants_no_motion() -> bool {
    let query = window().match_media("(prefers-reduced-motion: reduce)");
    query.ok().flatten().is_some_and(|query| query.matches())
}

/// How steep the arrows are, in degrees: 52 units down on 224 across.
const ANGLE: i64 = 13;
/// The most that time moves on in one frame.
const LONGEST: Duration = Duration::from_millis(100);
