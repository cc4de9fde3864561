//! Passwords and authentication data leave with a trace only if that was asked
//! for.

use std::time::Duration;

use bytes::Bytes;
use fourstep::codec::{self, Auth, Connect, Packet, Properties, Property, ReasonCode, Version};
use fourstep::export::{jsonl, pcapng, pcapng_with_secrets};
use fourstep::language::Language;
use fourstep::time::Instant;
use fourstep::trace::{Direction, Tap, Trace};
use fourstep::view::inspector::{Inspection, Secrets};
use fourstep::view::transcript;
use proptest::prelude::*;

/// A CONNECT with a password, and in 5.0 an AUTH and authentication data in both.
fn packets(version: Version, secret: &Bytes, properties: usize) -> Vec<Packet> {
    let mut connect = Connect { version, client_identifier: "client".into(), ..Connect::default() };
    (connect.user_name, connect.password) = (Some("ann".into()), Some(secret.clone()));
    if version == Version::V311 {
        return vec![Packet::Connect(connect.into())];
    }
    let with_data = || {
        let many = (0..properties).map(|_| Property::UserProperty("a".into(), "b".into()));
        many.chain([
            Property::AuthenticationMethod("SCRAM".into()),
            Property::AuthenticationData(secret.clone()),
        ])
        .collect::<Properties>()
    };
    connect.properties = with_data();
    let reason = ReasonCode::ContinueAuthentication;
    vec![Packet::Connect(connect.into()), Packet::Auth(Auth { reason, properties: with_data() })]
}

/// What crosses, up to `cut` bytes, is recorded; then the connection ends.
fn recorded(version: Version, packets: &[Packet], cut: usize, flip: Option<usize>) -> Trace {
    let mut bytes = Vec::new();
    for packet in packets {
        codec::encode(version, packet, &mut bytes).expect("it is a packet");
    }
    if let Some(bit) = flip {
        // Past the header, or the framing is lost.
        let place = 3 + bit / 8 % 8;
        bytes[place] ^= 1 << (bit % 8);
    }
    bytes.truncate(cut);
    let mut trace = Trace::new(vec!["client".into(), "broker".into()], 100);
    let mut tap = Tap::new(0, 1);
    tap.open(Instant::ZERO, 1, &mut trace);
    tap.bytes(Instant::ZERO, Direction::ToServer, &bytes, &mut trace);
    tap.close(Instant::ZERO, "cut", &mut trace);
    trace
}

/// Everything that leaves the page without a box that was ticked, or is on the
/// screen without a button that was pressed, as one text.
fn all_exports(trace: &Trace) -> String {
    let mut text = jsonl::write(trace);
    text.push_str(&jsonl::write_part(trace, 0..100));
    text.push_str(&trace.to_text());
    let capture = pcapng(trace, Duration::ZERO).expect("it fits");
    text.extend(capture.iter().map(|byte| char::from(*byte)));
    text.push_str(&hexadecimal(&capture));
    for line in transcript::lines(Language::English, trace, 0..100) {
        text.push_str(&line.text);
        text.push_str(&line.sentence);
    }
    for inspection in trace.records().filter_map(Inspection::of) {
        text.push_str(&hexadecimal(inspection.bytes()));
        text.push_str(&inspection.hex_text().replace(' ', "").to_lowercase());
        for row in inspection.hex_rows(8, 0..1_000) {
            text.extend(row.cells.iter().map(|cell| cell.hex().to_lowercase()));
        }
        for row in inspection.hex_rows(8, 0..1_000) {
            text.extend(row.cells.iter().map(|cell| cell.ascii()));
        }
        text.extend(inspection.fields().iter().map(|row| row.value.clone()));
    }
    text
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn says(text: &str, secret: &str) -> bool {
    text.contains(secret) || text.contains(&hexadecimal(secret.as_bytes()))
}

proptest! {
    #[test]
    fn no_export_without_the_box_has_a_secret(
        v5: bool,
        secret in "[a-z]{12,40}",
        cut in prop_oneof![Just(usize::MAX), 0usize..200],
        flip in prop_oneof![Just(None), (0usize..64).prop_map(Some)],
        properties in prop_oneof![Just(0usize), Just(1_100)],
    ) {
        let version = if v5 { Version::V5 } else { Version::V311 };
        let packets = packets(version, &Bytes::from(secret.clone()), properties);
        let trace = recorded(version, &packets, cut, flip);
        // A part of it that was cut off would be one too.
        let known = &secret[..10];
        let text = all_exports(&trace);
        prop_assert!(!says(&text, known), "{}", trace.to_text());
        let back = jsonl::read(&jsonl::write(&trace)).expect("it is ours");
        prop_assert!(!says(&all_exports(&back), known));
        let sizes = |trace: &Trace| -> Vec<_> {
            trace.records().map(|record| record.bytes().map(Bytes::len)).collect()
        };
        prop_assert_eq!(sizes(&back), sizes(&trace));
        let whole = jsonl::read(&jsonl::write_with_secrets(&trace)).expect("it is ours");
        prop_assert!(whole.records().eq(trace.records()));
    }
}

#[test]
fn with_the_box_every_secret_leaves() {
    for version in [Version::V311, Version::V5] {
        let packets = packets(version, &Bytes::from_static(b"correct horse"), 0);
        let trace = recorded(version, &packets, usize::MAX, None);
        assert!(says(&jsonl::write_with_secrets(&trace), "correct horse"));
        let capture = pcapng_with_secrets(&trace, Duration::ZERO).expect("it fits");
        assert!(says(&hexadecimal(&capture), "correct horse"));
    }
}

#[test]
fn a_record_without_its_secret_says_so_and_can_still_be_decoded() {
    let packets = packets(Version::V5, &Bytes::from_static(b"correct horse"), 1_100);
    let trace = recorded(Version::V5, &packets, usize::MAX, None);
    let lines = jsonl::write(&trace);
    assert_eq!(lines.matches(r#""secrets":"left out""#).count(), 2, "{lines}");
    let back = jsonl::read(&lines).expect("it is ours");
    for (record, original) in back.records().zip(trace.records()) {
        assert_eq!(record.summary(), original.summary());
        assert_eq!(record.is_covered, original.bytes().is_some());
        let inspections = [record, original].map(Inspection::of);
        if let [Some(left_out), Some(hidden)] = inspections {
            assert_eq!((left_out.secrets, hidden.secrets), (Secrets::LeftOut, Secrets::Hidden));
            assert_eq!(left_out.problem, None);
        }
        let shown = Inspection::revealed(original);
        assert!(shown.is_none_or(|shown| shown.hex_text().contains("63 6F 72 72 65 63 74")));
    }
    let capture = pcapng(&trace, Duration::ZERO).expect("it fits");
    let comment = b"secrets left out: their bytes are asterisks";
    assert!(capture.windows(comment.len()).any(|bytes| bytes == comment));
}
