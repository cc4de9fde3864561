//! Words of a peer are escaped and short wherever a person reads them.

use bytes::Bytes;
use fourstep::codec::{
    self, Ack, ConnAck, Connect, Disconnect, Packet, Properties, Property, Publish, QoS,
    ReasonCode, Version,
};
use fourstep::language::Language;
use fourstep::time::Instant;
use fourstep::trace::{RecordKind, Trace};
use fourstep::view::diagram::{self, Options};
use fourstep::view::flow::Flows;
use fourstep::view::inspector::Inspection;
use fourstep::view::label::Label;
use fourstep::view::transcript;

use crate::{encoded, identifier};

/// A text that turns what follows around, hides a part of itself, and does not
/// end.
fn hostile() -> String {
    format!("\u{202E}a\u{200B}\u{2066}\u{FEFF}{}", "long ".repeat(12_000))
}

/// Packets with hostile words wherever a text may be.
fn packets() -> Vec<Packet> {
    let words = || Property::ReasonString(hostile().into());
    let server = || Property::ServerReference(hostile().into());
    let user = || Property::UserProperty(hostile().into(), hostile().into());
    let properties = |list: Vec<Property>| list.into_iter().collect::<Properties>();
    vec![
        Packet::Connect(Box::new(Connect {
            version: Version::V5,
            client_identifier: hostile().into(),
            user_name: Some(hostile().into()),
            ..Connect::default()
        })),
        Packet::ConnAck(ConnAck {
            session_present: false,
            reason: ReasonCode::Success,
            properties: properties(vec![
                words(),
                server(),
                user(),
                Property::AssignedClientIdentifier(hostile().into()),
                Property::ResponseInformation(hostile().into()),
            ]),
        }),
        Packet::Publish(Publish {
            topic: hostile().into(),
            qos: QoS::AtMostOnce,
            payload: Bytes::from(hostile()),
            properties: properties(vec![
                Property::ContentType(hostile().into()),
                Property::ResponseTopic(hostile().into()),
            ]),
            ..Publish::default()
        }),
        Packet::PubAck(Ack {
            packet_identifier: identifier(1),
            reason: ReasonCode::NotAuthorized,
            properties: properties(vec![words(), user()]),
        }),
        Packet::Disconnect(Disconnect {
            reason: ReasonCode::ServerMoved,
            properties: properties(vec![words(), server()]),
        }),
    ]
}

/// What the views make of a trace with all this in it, each text by itself.
fn texts(trace: &Trace) -> Vec<String> {
    let mut texts: Vec<String> = trace.to_text().lines().map(str::to_owned).collect();
    let all = 0..trace.next_sequence();
    for language in Language::ALL {
        for line in transcript::lines(language, trace, all.clone()) {
            texts.extend([line.text, line.sentence]);
        }
    }
    texts.push(transcript::announcement(Language::English, trace, all.clone(), 1));
    for record in trace.records() {
        texts.extend([record.summary(), record.sentence(&trace.parties)]);
        if let Some(label) = Label::of(record) {
            texts.extend([label.head(), label.detail]);
            texts.extend(label.problem);
        }
        for row in Inspection::of(record).iter().flat_map(Inspection::fields) {
            texts.extend([row.value.clone(), row.meaning.clone()]);
        }
    }
    let diagram = diagram::layout(trace, &Flows::new(), &Options::default(), all);
    texts.push(format!("{:?}", diagram.lanes));
    texts
}

#[test]
fn no_view_shows_words_of_a_peer_raw_or_without_end() {
    let mut trace = Trace::new(vec![hostile(), "broker".into()], 100);
    for packet in packets() {
        let bytes = encoded(Version::V5, &packet);
        assert!(codec::decode(Version::V5, &Bytes::from(bytes.clone())).is_ok(), "{packet:?}");
        let kind = RecordKind::Packet { version: Version::V5, bytes: bytes.into() };
        trace.push(Instant::ZERO, 1, 0, kind);
    }
    trace.push(Instant::ZERO, 1, 0, RecordKind::Closed(hostile()));
    trace.push(Instant::ZERO, 1, 0, RecordKind::Note(hostile()));
    let texts = texts(&trace);
    assert!(texts.iter().any(|text| text.contains(r"\u{202e}")), "nothing was shown");
    for text in texts {
        let head: String = text.chars().take(200).collect();
        assert!(!text.contains(['\u{202E}', '\u{200B}', '\u{2066}', '\u{FEFF}']), "{head}");
        // The inspector is where a whole value is looked for.
        assert!(text.chars().count() < 1_300, "{} characters: {head}", text.chars().count());
    }
}
