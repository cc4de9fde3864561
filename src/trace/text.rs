//! Records as words: the line that tests snapshot, and the sentence that is
//! read aloud.

use super::{Defect, Fate, Party, Record, RecordKind};
use crate::codec::{self, Ack, Packet, Publish, ReasonCode, SubAck, Version};
use crate::language::{Language, preview, quoted, visible};
use crate::time::Instant;

impl Record {
    /// One line of [`Trace::to_text`](super::Trace::to_text).
    pub fn to_line(&self, parties: &[String]) -> String {
        self.to_line_in(Language::English, parties)
    }

    /// The same line in another language.
    pub fn to_line_in(&self, language: Language, parties: &[String]) -> String {
        let [from, to] = [self.from, self.to].map(|party| name(language, parties, party));
        let time = seconds(self.at);
        let summary = self.summary_in(language);
        let what = match &self.kind {
            RecordKind::Packet { .. } | RecordKind::Garbage { .. } => {
                format!("{from} -> {to}  {summary}")
            }
            RecordKind::Note(_) => summary,
            RecordKind::Opened | RecordKind::Closed(_) => format!("{from} -- {to}  {summary}"),
        };
        let fate = match self.fate {
            Fate::Arrived(at) if at == self.at => String::new(),
            Fate::Arrived(at) => language.tell(" (arrived {time})", &[("time", &seconds(at))]),
            Fate::UnderWay => language.say(" (under way)"),
            Fate::Lost(at) => language.tell(" (lost {time})", &[("time", &seconds(at))]),
        };
        format!("{time:>12}  {what}{fate}")
    }

    /// What this record is, without time and parties:
    /// `PUBLISH id 7 QoS 2 DUP "sensor/temperature" 4 bytes "20.5"`.
    pub fn summary(&self) -> String {
        self.summary_in(Language::English)
    }

    /// What this record is, in another language.
    pub fn summary_in(&self, language: Language) -> String {
        match &self.kind {
            RecordKind::Packet { version, bytes } => match codec::decode(*version, bytes) {
                Ok(packet) => packet_summary(language, *version, &packet),
                // A record made by hand; a tap makes none of these.
                Err(error) => broken(language, bytes.len(), &error.to_string()),
            },
            RecordKind::Garbage { bytes, defect, .. } => {
                broken(language, bytes.len(), &defect.words())
            }
            RecordKind::Opened => language.say("connection opened"),
            RecordKind::Closed(why) if why.is_empty() => language.say("connection closed"),
            RecordKind::Closed(why) => {
                let why = visible(&language.say(why), LINE_WORDS);
                language.tell("connection closed: {why}", &[("why", &why)])
            }
            RecordKind::Note(words) => {
                let words = visible(&language.say(words), LINE_WORDS);
                language.tell("note: {words}", &[("words", &words)])
            }
        }
    }

    /// One sentence for a screen reader: "PUBLISH from client to broker, packet
    /// identifier 7, QoS 2, topic ..." Names stand as they are: an upper-case
    /// letter would make another client of them.
    pub fn sentence(&self, parties: &[String]) -> String {
        self.sentence_in(Language::English, parties)
    }

    /// The same sentence in another language.
    pub fn sentence_in(&self, language: Language, parties: &[String]) -> String {
        let [from, to] = [self.from, self.to].map(|party| name(language, parties, party));
        let way = language.tell("from {from} to {to}", &[("from", &from), ("to", &to)]);
        let end = match self.fate {
            Fate::Arrived(_) => String::new(),
            Fate::UnderWay => language.say(" It is under way."),
            Fate::Lost(_) => language.say(" It was lost."),
        };
        let (comma, stop) = (language.say(", "), language.say("."));
        match &self.kind {
            RecordKind::Packet { version, bytes } => match codec::decode(*version, bytes) {
                Ok(packet) => {
                    let name = packet.packet_type().name();
                    let mut words = format!("{name} {way}");
                    for part in packet_words(language, *version, &packet) {
                        words.push_str(&comma);
                        words.push_str(&part);
                    }
                    format!("{words}{stop}{end}")
                }
                Err(error) => {
                    let (what, why) =
                        (language.say("Broken bytes"), language.say(&error.to_string()));
                    format!("{what} {way}{stop}{end} {why}")
                }
            },
            RecordKind::Garbage { bytes, defect, .. } => {
                let size = language.say(&count(bytes.len(), "broken byte"));
                let what = capitalized(&language.say(&defect.words()));
                format!("{size} {way}{stop}{end} {what}")
            }
            RecordKind::Opened => {
                format!("{} {way}{stop}", capitalized(&language.say("connection opened")))
            }
            RecordKind::Closed(_) | RecordKind::Note(_) => {
                finished(&capitalized(&self.summary_in(language)), &stop)
            }
        }
    }
}

impl Defect {
    /// What is wrong, in a sentence.
    pub fn words(&self) -> String {
        match self {
            Defect::Malformed(error) => error.to_string(),
            Defect::CutShort => "The connection ended inside this packet.".to_owned(),
            Defect::AfterError => "They follow bytes that broke the framing.".to_owned(),
        }
    }
}

/// The line of bytes that are no packet.
fn broken(language: Language, size: usize, why: &str) -> String {
    let (size, why) = (language.say(&count(size, "byte")), language.say(why));
    language.tell("broken bytes, {size}: {why}", &[("size", &size), ("why", &why)])
}

/// A packet's part of the line.
fn packet_summary(language: Language, version: Version, packet: &Packet) -> String {
    let mut parts = vec![packet.packet_type().name().to_owned()];
    if let Some(identifier) = packet.packet_identifier() {
        parts.push(language.say(&format!("id {identifier}")));
    }
    parts.extend(details(language, version, packet, Form::Line));
    parts.join(" ")
}

/// A packet's part of the sentence, but for its name.
fn packet_words(language: Language, version: Version, packet: &Packet) -> Vec<String> {
    let mut parts = Vec::new();
    if let Some(identifier) = packet.packet_identifier() {
        parts.push(language.say(&format!("packet identifier {identifier}")));
    }
    parts.extend(details(language, version, packet, Form::Sentence));
    parts
}

/// Which of the two forms is written.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Form {
    Line,
    Sentence,
}

impl Form {
    fn pick(self, line: &str, sentence: &str) -> String {
        match self {
            Form::Line => line.to_owned(),
            Form::Sentence => sentence.to_owned(),
        }
    }
}

/// Everything but the name and the identifier, part by part.
fn details(language: Language, version: Version, packet: &Packet, form: Form) -> Vec<String> {
    let parts = match packet {
        Packet::Connect(connect) => {
            let mut parts = vec![
                format!("MQTT {}", connect.version),
                format!("client {}", quoted(&connect.client_identifier, LINE_TOPIC)),
            ];
            if connect.clean_start {
                parts.push(match connect.version {
                    Version::V311 => "clean session".to_owned(),
                    Version::V5 => "clean start".to_owned(),
                });
            }
            parts.push(format!("keep alive {} s", connect.keep_alive));
            if let Some(will) = &connect.will {
                let qos = will.qos;
                parts.push(format!("will {} QoS {qos}", quoted(&will.topic, LINE_TOPIC)));
            }
            if let Some(user_name) = &connect.user_name {
                parts.push(format!("user {}", quoted(user_name, LINE_TOPIC)));
            }
            if connect.password.is_some() {
                // Its presence only.
                parts.push("password".to_owned());
            }
            parts
        }
        Packet::ConnAck(ack) => {
            let mut parts = Vec::new();
            if ack.session_present {
                parts.push("session present".to_owned());
            }
            parts.push(ack.reason.to_string());
            parts.extend(reason_string(&ack.properties));
            parts
        }
        Packet::Publish(publish) => publish_details(publish, form),
        Packet::PubAck(ack) | Packet::PubRec(ack) | Packet::PubRel(ack) | Packet::PubComp(ack) => {
            ack_details(ack)
        }
        Packet::Subscribe(subscribe) => listed(language, &subscribe.subscriptions, |wanted| {
            format!("{} QoS {}", quoted(&wanted.filter, LINE_TOPIC), wanted.qos)
        }),
        Packet::SubAck(ack) | Packet::UnsubAck(ack) => suback_details(language, packet, ack),
        Packet::Unsubscribe(unsubscribe) => {
            listed(language, &unsubscribe.filters, |filter| quoted(filter, LINE_TOPIC))
        }
        Packet::PingReq | Packet::PingResp => Vec::new(),
        Packet::Disconnect(disconnect) => {
            let mut parts = Vec::new();
            if version == Version::V5 {
                let reason = disconnect.reason;
                let name = reason.name_in(packet.packet_type());
                parts.push(format!("{name} (0x{:02X})", reason.code()));
            }
            parts.extend(reason_string(&disconnect.properties));
            parts
        }
        Packet::Auth(auth) => {
            let mut parts = vec![auth.reason.to_string()];
            parts.extend(reason_string(&auth.properties));
            parts
        }
    };
    parts.iter().map(|part| language.say(part)).collect()
}

fn publish_details(publish: &Publish, form: Form) -> Vec<String> {
    let mut parts = vec![format!("QoS {}", publish.qos)];
    if publish.dup {
        parts.push(form.pick("DUP", "duplicate flag set"));
    }
    if publish.retain {
        parts.push(form.pick("RETAIN", "retain flag set"));
    }
    if !publish.topic.is_empty() {
        let topic = quoted(&publish.topic, LINE_TOPIC);
        parts.push(form.pick(&topic, &format!("topic {topic}")));
    }
    if let Some(alias) = publish.properties.topic_alias() {
        parts.push(form.pick(&format!("alias {alias}"), &format!("topic alias {alias}")));
    }
    parts.push(count(publish.payload.len(), "byte"));
    if !publish.payload.is_empty() {
        parts.push(preview(&publish.payload, LINE_PAYLOAD));
    }
    parts
}

fn ack_details(ack: &Ack) -> Vec<String> {
    let mut parts = Vec::new();
    if ack.reason != ReasonCode::Success {
        parts.push(ack.reason.to_string());
    }
    parts.extend(reason_string(&ack.properties));
    parts
}

fn suback_details(language: Language, packet: &Packet, ack: &SubAck) -> Vec<String> {
    let packet_type = packet.packet_type();
    let mut parts = listed(language, &ack.reasons, |reason| {
        if reason.is_error() { reason.to_string() } else { reason.name_in(packet_type).to_owned() }
    });
    parts.extend(reason_string(&ack.properties));
    parts
}

/// The first few of a list, and how many more there are, as one part.
fn listed<T>(language: Language, items: &[T], words: impl Fn(&T) -> String) -> Vec<String> {
    let shown: Vec<String> = items.iter().take(LINE_ITEMS).map(words).collect();
    let more = items.len() - shown.len();
    let mut list = shown.join(", ");
    if more > 0 {
        list.push_str(&language.tell(" and {more} more", &[("more", &more.to_string())]));
    }
    if list.is_empty() { Vec::new() } else { vec![list] }
}

fn reason_string(properties: &codec::Properties) -> Option<String> {
    let words = properties.reason_string()?;
    Some(quoted(&words, LINE_PAYLOAD))
}

fn count(number: usize, noun: &str) -> String {
    if number == 1 { format!("1 {noun}") } else { format!("{number} {noun}s") }
}

/// The name of a participant, which may have come with a file.
fn name(language: Language, parties: &[String], party: Party) -> String {
    let name = parties.get(usize::from(party)).map_or("?", String::as_str);
    visible(&language.say(name), LINE_TOPIC)
}

fn capitalized(words: &str) -> String {
    let mut characters = words.chars();
    match characters.next() {
        Some(first) => first.to_uppercase().chain(characters).collect(),
        None => String::new(),
    }
}

/// A sentence with this full stop, if it has no end of its own.
fn finished(words: &str, stop: &str) -> String {
    match words.ends_with(['.', '!', '?', '…', '。', '！', '？']) {
        true => words.to_owned(),
        false => format!("{words}{stop}"),
    }
}

fn seconds(at: Instant) -> String {
    let micros = at.as_micros();
    format!("{}.{:06}", micros / 1_000_000, micros % 1_000_000)
}

/// Characters of a payload or a reason string that a line shows.
const LINE_PAYLOAD: usize = 48;
/// Characters of a topic, a filter or a name.
const LINE_TOPIC: usize = 120;
/// Characters of a driver's words.
const LINE_WORDS: usize = 300;
/// Filters or reasons.
const LINE_ITEMS: usize = 6;
