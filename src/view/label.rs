//! What is written on an arrow.

use std::borrow::Cow;

use super::{isolate, topic};
use crate::codec::{self, Packet, PacketType, QoS, ReasonCode, Version};
use crate::language::Language;
use crate::trace::{Defect, Record, RecordKind, preview, quoted};

/// The parts of an arrow's label, in the order in which they are written.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Label {
    /// The packet's name as the specification prints it, or `BROKEN`.
    pub name: &'static str,
    /// `id 7`.
    pub identifier: Option<String>,
    /// `QoS 2`.
    pub qos: Option<&'static str>,
    /// `DUP`, `RETAIN`, `session present`: short words, shown as badges.
    pub flags: Vec<Cow<'static, str>>,
    /// The reason, if it is a failure, or what is wrong with the bytes.
    pub problem: Option<String>,
    /// Topic and payload, filters, and the like: what may be cut to fit.
    pub detail: String,
    /// Bytes on the link.
    pub size: usize,
}

/// How an arrow looks. The name is a CSS class; colors live in the style
/// sheet, and the shape repeats what the color says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Look {
    /// `publish`, `puback`, ... , `broken`.
    pub class: &'static str,
    /// What the head of the arrow looks like.
    pub head: Head,
}

/// The head of an arrow, which tells packets apart without color.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Head {
    /// A filled triangle: PUBLISH.
    Filled,
    /// An open angle: an acknowledgement or another answer.
    Open,
    /// A filled triangle with a bar behind it: PUBREL, the sender's second
    /// step.
    Barred,
    /// A filled diamond: SUBSCRIBE, UNSUBSCRIBE.
    Diamond,
    /// A circle: CONNECT, DISCONNECT, AUTH and keep-alive.
    Circle,
    /// A cross: bytes that are no packet.
    Cross,
}

impl Label {
    /// The label of a record; `None` for what is no traffic.
    pub fn of(record: &Record) -> Option<Label> {
        match &record.kind {
            RecordKind::Packet { version, bytes } => Some(match codec::decode(*version, bytes) {
                Ok(packet) => Label { size: bytes.len(), ..packet_label(*version, &packet) },
                Err(error) => broken(bytes.len(), error.to_string()),
            }),
            RecordKind::Garbage { bytes, defect, .. } => {
                let words = match defect {
                    Defect::Malformed(_) | Defect::CutShort | Defect::AfterError => defect.words(),
                };
                Some(broken(bytes.len(), words))
            }
            RecordKind::Opened | RecordKind::Closed(_) | RecordKind::Note(_) => None,
        }
    }

    /// The parts that are never cut, joined by spaces.
    pub fn head(&self) -> String {
        let mut head = self.name.to_owned();
        for part in self
            .identifier
            .as_deref()
            .into_iter()
            .chain(self.qos)
            .chain(self.flags.iter().map(Cow::as_ref))
        {
            head.push(' ');
            head.push_str(part);
        }
        head
    }

    /// Says in this language what is no name of the specification.
    pub(super) fn translate(&mut self, language: Language) {
        if language != Language::English {
            self.flags.iter_mut().for_each(|flag| *flag = language.say(flag).into());
            self.problem = self.problem.take().map(|problem| language.say(&problem));
        }
    }

    /// Leaves out the flags, last first, and then the QoS until the head has at
    /// most `columns` columns, as far as that goes. A `…` stands for them.
    pub fn shorten(&mut self, columns: usize) {
        if width(&self.head()) <= columns {
            return;
        }
        let whole = (self.flags.len(), self.qos);
        while width(&self.head()) + width(" …") > columns {
            if self.flags.pop().is_none() && self.qos.take().is_none() {
                break;
            }
        }
        if (self.flags.len(), self.qos) != whole {
            self.flags.push("…".into());
        }
    }

    /// Isolates what may be written from right to left.
    pub(super) fn isolate(&mut self) {
        for text in self.problem.iter_mut().chain([&mut self.detail]) {
            if let Cow::Owned(isolated) = isolate::isolated(text) {
                *text = isolated;
            }
        }
    }

    /// Cuts the problem and the detail so that head, problem and detail
    /// together have about `columns` columns. The head stays whole.
    pub fn fit(&mut self, columns: usize) {
        let mut left = columns.saturating_sub(width(&self.head()) + 1);
        if let Some(problem) = &mut self.problem {
            *problem = cut(problem, left.max(SHORTEST));
            left = left.saturating_sub(width(problem) + 1);
        }
        self.detail = cut(&self.detail, left);
    }
}

impl Look {
    /// The look of a record; `None` for what is no traffic. Reads one byte.
    pub fn of(record: &Record) -> Option<Look> {
        match &record.kind {
            RecordKind::Packet { bytes, .. } => Some(
                bytes
                    .first()
                    .and_then(|first| PacketType::from_number(first >> 4))
                    .map_or(Look::BROKEN, Look::of_packet),
            ),
            RecordKind::Garbage { .. } => Some(Look::BROKEN),
            RecordKind::Opened | RecordKind::Closed(_) | RecordKind::Note(_) => None,
        }
    }

    /// The look of packets of this type.
    pub const fn of_packet(packet_type: PacketType) -> Look {
        let (class, head) = match packet_type {
            PacketType::Connect => ("connect", Head::Circle),
            PacketType::ConnAck => ("connack", Head::Open),
            PacketType::Publish => ("publish", Head::Filled),
            PacketType::PubAck => ("puback", Head::Open),
            PacketType::PubRec => ("pubrec", Head::Open),
            PacketType::PubRel => ("pubrel", Head::Barred),
            PacketType::PubComp => ("pubcomp", Head::Open),
            PacketType::Subscribe => ("subscribe", Head::Diamond),
            PacketType::SubAck => ("suback", Head::Open),
            PacketType::Unsubscribe => ("unsubscribe", Head::Diamond),
            PacketType::UnsubAck => ("unsuback", Head::Open),
            PacketType::PingReq => ("pingreq", Head::Circle),
            PacketType::PingResp => ("pingresp", Head::Open),
            PacketType::Disconnect => ("disconnect", Head::Circle),
            PacketType::Auth => ("auth", Head::Circle),
        };
        Look { class, head }
    }

    /// The look of bytes that are no packet.
    pub const BROKEN: Look = Look { class: "broken", head: Head::Cross };
}

impl Head {
    /// The name of the head, for an SVG marker's id.
    pub const fn name(self) -> &'static str {
        match self {
            Head::Filled => "filled",
            Head::Open => "open",
            Head::Barred => "barred",
            Head::Diamond => "diamond",
            Head::Circle => "circle",
            Head::Cross => "cross",
        }
    }

    /// Every head.
    pub const ALL: [Head; 6] =
        [Head::Filled, Head::Open, Head::Barred, Head::Diamond, Head::Circle, Head::Cross];
}

/// About how many columns a text takes in a font of fixed width: two for
/// characters of East Asian scripts and for pictographs.
pub fn width(text: &str) -> usize {
    text.chars().map(columns).sum()
}

/// Cuts a text to about this many columns; the last is then `…`. What would
/// be only an ellipsis is left out.
pub fn cut(text: &str, limit: usize) -> String {
    let mut used = 0;
    let mut shown = String::new();
    // Where to cut if the text turns out to be too wide.
    let mut keep = 0;
    for character in text.chars() {
        used += columns(character);
        if used > limit {
            shown.truncate(keep);
            let kept = shown.trim_end().len();
            shown.truncate(kept);
            if !shown.is_empty() {
                shown.push('…');
            }
            return shown;
        }
        shown.push(character);
        if used < limit {
            keep = shown.len();
        }
    }
    shown
}

/// Cuts a name to about this many columns; a `…` stands for its middle, because
/// names often differ at their ends alone.
pub fn cut_middle(name: &str, limit: usize) -> String {
    if width(name) <= limit {
        return name.to_owned();
    }
    let left = limit.saturating_sub(1);
    let mut end = String::new();
    let mut used = 0;
    for character in name.chars().rev() {
        used += columns(character);
        if used > left / 2 {
            break;
        }
        end.insert(0, character);
    }
    let mut start = String::new();
    let mut used = width(&end);
    for character in name.chars() {
        used += columns(character);
        if used > left {
            break;
        }
        start.push(character);
    }
    format!("{}…{}", start.trim_end(), end.trim_start())
}

fn columns(character: char) -> usize {
    match character {
        '\u{300}'..='\u{36F}' | '\u{2066}'..='\u{2069}' => 0,
        '\u{1100}'..='\u{115F}'
        | '\u{2E80}'..='\u{303E}'
        | '\u{3041}'..='\u{A4CF}'
        | '\u{AC00}'..='\u{D7A3}'
        | '\u{F900}'..='\u{FAFF}'
        | '\u{FE30}'..='\u{FE6F}'
        | '\u{FF00}'..='\u{FF60}'
        | '\u{FFE0}'..='\u{FFE6}'
        | '\u{1F300}'..='\u{1FAFF}'
        | '\u{20000}'..='\u{3FFFD}' => 2,
        _ => 1,
    }
}

fn broken(size: usize, problem: String) -> Label {
    Label { name: "BROKEN", problem: Some(problem), size, ..Label::default() }
}

fn packet_label(version: Version, packet: &Packet) -> Label {
    let packet_type = packet.packet_type();
    let mut label = Label {
        name: packet_type.name(),
        identifier: packet.packet_identifier().map(|identifier| format!("id {identifier}")),
        ..Label::default()
    };
    match packet {
        Packet::Connect(connect) => {
            if connect.clean_start {
                label.flags.push(match connect.version {
                    Version::V311 => "clean session".into(),
                    Version::V5 => "clean start".into(),
                });
            }
            label.flags.extend(connect.will.is_some().then(|| "will".into()));
            label.detail =
                format!("MQTT {} {}", connect.version, quoted(&connect.client_identifier, DETAIL));
        }
        Packet::ConnAck(ack) => {
            label.flags.extend(ack.session_present.then(|| "session present".into()));
            label.reason(packet_type, ack.reason);
        }
        Packet::Publish(publish) => {
            label.qos = Some(qos_name(publish.qos));
            label.flags.extend(publish.dup.then(|| "DUP".into()));
            label.flags.extend(publish.retain.then(|| "RETAIN".into()));
            label.detail = match publish.properties.topic_alias() {
                Some(alias) if publish.topic.is_empty() => format!("alias {alias}"),
                _ => topic::shown(&publish.topic, DETAIL),
            };
            if !publish.payload.is_empty() {
                label.detail.push(' ');
                label.detail.push_str(&preview(&publish.payload, DETAIL));
            }
        }
        Packet::PubAck(ack) | Packet::PubRec(ack) | Packet::PubRel(ack) | Packet::PubComp(ack) => {
            label.reason(packet_type, ack.reason);
        }
        Packet::Subscribe(subscribe) => {
            label.detail = list(&subscribe.subscriptions, |wanted| {
                format!("{} QoS {}", topic::shown(&wanted.filter, DETAIL), wanted.qos)
            });
        }
        Packet::SubAck(ack) | Packet::UnsubAck(ack) => {
            let failure = ack.reasons.iter().copied().find(|reason| reason.is_error());
            label.problem = failure.map(|reason| reason.to_string());
            label.detail = list(&ack.reasons, |reason| reason.name_in(packet_type).to_owned());
        }
        Packet::Unsubscribe(unsubscribe) => {
            label.detail = list(&unsubscribe.filters, |filter| topic::shown(filter, DETAIL));
        }
        Packet::PingReq | Packet::PingResp => {}
        Packet::Disconnect(disconnect) if version == Version::V5 => {
            label.reason(packet_type, disconnect.reason);
        }
        Packet::Disconnect(_) => {}
        Packet::Auth(auth) => label.reason(packet_type, auth.reason),
    }
    label
}

impl Label {
    /// A failure is a problem; anything that is not plain success, a detail.
    fn reason(&mut self, packet_type: PacketType, reason: ReasonCode) {
        if reason.is_error() {
            self.problem = Some(reason.to_string());
        } else if reason != ReasonCode::Success {
            self.detail = reason.name_in(packet_type).to_owned();
        }
    }
}

fn list<T>(items: &[T], words: impl Fn(&T) -> String) -> String {
    let shown: Vec<String> = items.iter().take(LISTED).map(words).collect();
    let more = if items.len() > shown.len() { ", …" } else { "" };
    shown.join(", ") + more
}

fn qos_name(qos: QoS) -> &'static str {
    match qos {
        QoS::AtMostOnce => "QoS 0",
        QoS::AtLeastOnce => "QoS 1",
        QoS::ExactlyOnce => "QoS 2",
    }
}

/// Characters of one topic or payload, before it is cut to fit.
const DETAIL: usize = 120;
/// Filters or reasons.
const LISTED: usize = 8;
/// Columns that a problem gets even where there is no room.
const SHORTEST: usize = 12;
