use fourstep::export::jsonl::{self, ReadError};
use fourstep::trace::RecordKind;
use proptest::prelude::*;

use crate::*;

#[test]
fn a_trace_comes_back_as_it_was() {
    for trace in [eventful(Version::V311), eventful(Version::V5), live()] {
        assert!(trace.len() > 10);
        let text = jsonl::write(&trace);
        assert_eq!(text.lines().count(), trace.len() + 1, "one line for each record");
        let back = jsonl::read(&text).expect("it is ours");
        assert_eq!(back.parties, trace.parties);
        assert!(back.records().eq(trace.records()), "{text}");
    }
}

#[test]
fn a_live_trace_says_when_its_time_0_was() {
    let mut trace = live();
    assert_eq!(jsonl::read(&jsonl::write(&trace)).expect("it is ours").epoch, None);
    trace.epoch = Some(Duration::from_micros(1_795_870_000_123_456));
    let text = jsonl::write(&trace);
    assert!(text.starts_with(r#"{"fourstep":1,"epoch":1795870000123456,"parties":["#), "{text}");
    assert_eq!(jsonl::read(&text).expect("it is ours").epoch, trace.epoch);
}

#[test]
fn records_are_numbered_from_0_again() {
    let mut trace = Trace::new(vec!["a".into(), "b".into()], 2);
    for number in 0..5 {
        trace.push(Instant::from_millis(number), 0, 1, RecordKind::Note(number.to_string()));
    }
    let back = jsonl::read(&jsonl::write(&trace)).expect("it is ours");
    let numbers: Vec<_> =
        back.records().map(|record| (record.sequence, record.at.as_micros())).collect();
    assert_eq!(numbers, [(0, 3_000), (1, 4_000)]);
}

#[test]
fn the_lines_are_what_they_are() {
    let trace = live();
    let text = jsonl::write(&trace);
    let lines: Vec<_> = text.lines().collect();
    assert_eq!(lines[0], r#"{"fourstep":1,"parties":["client","server"]}"#);
    assert_eq!(
        lines[1],
        r#"{"sequence":0,"at":1000,"from":0,"to":1,"connection":1,"arrived":1000,"kind":"opened","summary":"connection opened"}"#
    );
    assert_eq!(
        lines[4],
        r#"{"sequence":3,"at":4000,"from":0,"to":1,"connection":1,"arrived":4000,"kind":"packet","version":"5.0","bytes":"c000","summary":"PINGREQ"}"#
    );
}

#[test]
fn what_others_write_in_json_is_read_too() {
    let text = "\n{ \"parties\" : [ \"\\u0061\\ud83d\\ude00\" ,\"b\\/\\n\" ], \"fourstep\" : 1 }\r\n\
        \t{\"kind\":\"note\",\"words\":\"\\\"\",\"to\":1,\"from\":0,\"at\":1,\"sequence\":9,\"x\":[1,\"y\"]}\n\n";
    let trace = jsonl::read(text).expect("it is JSON");
    assert_eq!(trace.parties, ["a😀", "b/\n"]);
    assert_eq!(trace.len(), 1);
}

#[test]
fn the_seeds_of_the_fuzzer_are_traces() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/fuzz/corpus/jsonl");
    for entry in std::fs::read_dir(folder).expect("the seeds are there") {
        let file = entry.expect("a file").path();
        let text = std::fs::read_to_string(&file).expect("text");
        assert!(jsonl::read(&text).is_ok_and(|trace| trace.len() > 8), "{}", file.display());
    }
}

#[test]
fn what_is_no_trace_is_refused_at_its_line() {
    let header = r#"{"fourstep":1,"parties":["a","b"]}"#;
    let opened =
        |more: &str| format!("{header}\n{{\"sequence\":0,\"at\":1,\"from\":0,\"to\":1,{more}}}");
    assert!(jsonl::read(&opened(r#""kind":"opened""#)).is_ok());
    for (text, line) in [
        (String::new(), 1),
        ("{}".into(), 1),
        ("[]".into(), 1),
        (r#"{"fourstep":2,"parties":["a","b"]}"#.into(), 1),
        (r#"{"fourstep":1,"parties":["a",["b"]]}"#.into(), 1),
        (format!("{header} x"), 1),
        (opened(r#""kind":"dance""#), 2),
        (opened(r#""kind":"opened","arrived":1,"lost":2"#), 2),
        (opened(r#""kind":"opened","arrived":-1"#), 2),
        (opened(r#""kind":"packet","version":"5.0","bytes":"c00""#), 2),
        (opened(r#""kind":"packet","version":"5.0","bytes":"c0 0""#), 2),
        (opened(r#""kind":"packet","version":"4","bytes":"c000""#), 2),
        (opened(r#""kind":"note""#), 2),
        (opened(r#""kind":"note","words":"\ud800""#), 2),
        (opened(r#""kind":"note","words":"\x""#), 2),
        (opened(r#""kind":"garbage","version":"5.0","bytes":"c000","defect":"malformed""#), 2),
        (opened(r#""kind":"opened""#).replace("\"to\":1", "\"to\":2"), 2),
        (opened(r#""kind":"opened""#).replace("\"to\":1", "\"to\":65536"), 2),
    ] {
        assert_eq!(jsonl::read(&text).err(), Some(ReadError { line }), "{text}");
    }
}

proptest! {
    #[test]
    fn no_text_upsets_the_reader(text in ".{0,200}", nested in "[\\[{\":,0-9a-z\\]}\\\\]{0,200}") {
        let header = r#"{"fourstep":1,"parties":["a"]}"#;
        for text in [text, nested] {
            let _ = jsonl::read(&text);
            let _ = jsonl::read(&format!("{header}\n{text}"));
        }
    }

    #[test]
    fn any_words_come_back(words in ".{0,60}") {
        let mut trace = Trace::new(vec![words.clone()], 2);
        trace.push(Instant::ZERO, 0, 0, RecordKind::Note(words));
        let text = jsonl::write(&trace);
        prop_assert_eq!(text.lines().count(), 2);
        let back = jsonl::read(&text).expect("it is ours");
        prop_assert_eq!(&back.parties, &trace.parties);
        prop_assert!(back.records().eq(trace.records()));
    }
}

/// A string for each byte would take gigabytes here, and minutes.
#[test]
fn a_trace_of_many_megabytes_comes_back_as_it_was() {
    let mut trace = Trace::new(vec!["a".into(), "b".into()], 100);
    for number in 0..4 {
        let payload: Vec<u8> = (0..1_000_000_u32).map(|it| (it % 251) as u8 ^ number).collect();
        let bytes = [&[0x30, 0xC3, 0x84, 0x3D, 0, 1, b't'][..], &payload].concat();
        let kind = RecordKind::Packet { version: Version::V311, bytes: bytes.into() };
        trace.push(Instant::from_millis(u64::from(number)), 0, 1, kind);
        trace.push(Instant::ZERO, 0, 1, RecordKind::Note("\"\\\n\u{2028}é".repeat(20_000)));
    }
    let text = jsonl::write(&trace);
    assert!(text.len() > 8_000_000);
    let back = jsonl::read(&text).expect("it is ours");
    assert!(back.records().eq(trace.records()));
}

#[test]
fn a_line_with_more_in_it_than_any_of_ours_is_refused() {
    let line = |more: String| {
        format!(
            "{{\"fourstep\":1,\"parties\":[\"a\"]}}\n\
            {{\"sequence\":0,\"at\":1,\"from\":0,\"to\":0,\"kind\":\"opened\"{more}}}"
        )
    };
    let (member, list) =
        (|_| ",\"x\":1".to_owned(), |count| format!(",\"x\":[0{}]", ",0".repeat(count)));
    assert!(jsonl::read(&line((0..59).map(member).collect())).is_ok());
    assert!(jsonl::read(&line((0..60).map(member).collect())).is_err());
    assert!(jsonl::read(&line(list(65_535))).is_ok());
    assert!(jsonl::read(&line(list(65_536))).is_err());
}
