//! What Wireshark sees in a capture, told by its command-line program.

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;
use std::process::Command as Process;

use bytes::Bytes;
use fourstep::codec::{self, Packet, PacketType};
use fourstep::export::{jsonl, pcapng};
use fourstep::trace::{Fate, Record, RecordKind};

use crate::*;

/// 2023-11-14.
const EPOCH: Duration = Duration::from_secs(1_700_000_000);
/// Its lane: the broker's stands between the clients'.
const SUBSCRIBER: Party = 2;

#[test]
fn tshark_lists_the_packets_of_the_trace() {
    for version in [Version::V311, Version::V5] {
        let trace = eventful(version);
        let seen = dissected(&trace, &format!("eventful-{}.pcapng", version.level()));
        let expected = packets(&trace);
        assert!(expected.len() > 50, "only {} packets", expected.len());
        assert_eq!(seen, expected);
    }
}

#[test]
fn each_connection_is_a_stream_with_its_own_packets_also_where_a_half_open_one_is_replaced() {
    for version in [Version::V311, Version::V5] {
        let trace = replaced(version);
        let records: Vec<_> = trace.records().collect();
        let opened = |client| {
            records.iter().filter(move |it| it.kind == RecordKind::Opened && it.from == client)
        };
        let [old, new] = opened(SUBSCRIBER).collect::<Vec<_>>()[..] else {
            panic!("the subscriber connects twice");
        };
        let late = records.iter().filter(|it| {
            it.connection == old.connection && it.sequence > new.sequence && it.bytes().is_some()
        });
        assert!(late.count() > 0, "{}", trace.to_text());
        for trace in [&trace, &jsonl::read(&jsonl::write(&trace)).expect("it is ours")] {
            let seen = dissected(trace, &format!("replaced-{}.pcapng", version.level()));
            assert_eq!(seen, packets(trace));
        }
    }
}

#[test]
fn a_file_of_old_that_names_no_connection_has_a_stream_for_each_opening() {
    let trace = eventful(Version::V5);
    let mut old = Trace::new(trace.parties.clone(), trace.len());
    for record in trace.records() {
        old.append(Record { connection: None, ..record.clone() });
    }
    let text = jsonl::write(&old);
    assert!(!text.contains("\"connection\":"));
    let old = jsonl::read(&text).expect("it is ours");
    let seen = tshark(&capture(&old, "old.pcapng"), &["-T", "fields", "-e", "tcp.stream"]);
    let streams: BTreeSet<_> = seen.lines().collect();
    let opened = trace.records().filter(|it| it.kind == RecordKind::Opened).count();
    assert_eq!(streams.len(), opened);
}

#[test]
fn tshark_finds_nothing_malformed_where_nothing_is() {
    for (trace, name) in [(eventful(Version::V5), "sound"), (replaced(Version::V5), "late")] {
        let file = capture(&trace, &format!("{name}.pcapng"));
        let told = tshark(&file, &["-Y", "_ws.malformed || tcp.analysis.flags"]);
        assert_eq!(told, "");
    }
}

#[test]
fn the_capture_says_what_was_lost_and_what_was_noted() {
    let trace = eventful(Version::V5);
    let file = capture(&trace, "notes.pcapng");
    let told = tshark(&file, &["-T", "fields", "-e", "frame.comment"]);
    let lost = trace.records().filter(|record| matches!(record.fate, Fate::Lost(_))).count();
    assert!(lost > 0);
    assert_eq!(told.matches("lost: this never arrived").count(), lost, "{told}");
    assert!(told.contains("half-open"), "{told}");
}

#[test]
fn notes_and_names_of_any_length_leave_the_capture_whole() {
    let long = "é\u{202E}".repeat(20_000);
    let mut trace = Trace::new(vec![long.clone(), long.clone()], 1_000);
    let ping = |number: u64| {
        (
            Instant::from_millis(number),
            RecordKind::Packet { version: Version::V5, bytes: Bytes::from_static(&[0xC0, 0]) },
        )
    };
    trace.push(Instant::ZERO, 0, 1, RecordKind::Note(long.clone()));
    // More than a reader takes at one packet.
    for number in 0..300 {
        trace.push(Instant::ZERO, 0, 1, RecordKind::Note(format!("{number} {long}")));
    }
    let (at, kind) = ping(1);
    trace.push(at, 0, 1, kind);
    trace.push(Instant::from_millis(1), 0, 1, RecordKind::Closed(long));
    let (at, kind) = ping(2);
    trace.push(at, 1, 0, kind);

    let file = capture(&trace, "long.pcapng");
    let seen = tshark(&file, &["-T", "fields", "-e", "frame.comment"]);
    assert!(seen.contains("… (cut: 100000 bytes in all)"), "the cut is marked");
    assert!(seen.contains("more notes are left out here"), "and what is left out is counted");
    assert_eq!(tshark(&file, &["-Y", "mqtt"]).lines().count(), 2);
    assert_eq!(tshark(&file, &["-Y", "_ws.malformed"]), "");
}

#[test]
fn a_trace_whose_beginning_was_dropped_is_dissected_too() {
    let whole = eventful(Version::V311);
    let mut trace = Trace::new(whole.parties.clone(), whole.len() - 4);
    for record in whole.records() {
        trace.append(record.clone());
    }
    let names = |list: &[String]| -> Vec<String> {
        list.iter().filter_map(|line| line.split(' ').nth(3).map(str::to_owned)).collect()
    };
    let seen = dissected(&trace, "dropped.pcapng");
    assert_eq!(names(&seen), names(&packets(&trace)));
}

/// The trace's packets, each as time, addresses, type, identifier, topic, size
/// of the payload, and which connection it crossed, from 0.
fn packets(trace: &Trace) -> Vec<String> {
    let mut connections = Vec::new();
    let lines = trace.records().filter_map(|record| {
        if record.connection.is_some() && !connections.contains(&record.connection) {
            connections.push(record.connection);
        }
        let stream = connections.iter().position(|it| *it == record.connection);
        let RecordKind::Packet { version, bytes } = &record.kind else { return None };
        let packet = codec::decode(*version, bytes).expect("the trace holds whole packets");
        let at = EPOCH + record.at.since(Instant::ZERO);
        let ends = [record.from, record.to].map(|party| format!("10.0.0.{}", party + 1));
        let identifier = packet.packet_identifier().map_or(0, |identifier| identifier.value());
        let (topic, length) = match &packet {
            Packet::Publish(publish) => (publish.topic.as_ref(), publish.payload.len()),
            _ => ("", 0),
        };
        let number = packet.packet_type() as u8;
        let stream = stream.expect("traffic names its connection");
        Some(line(at, [&ends[0], &ends[1]], number, identifier, topic, length, stream))
    });
    lines.collect()
}

/// The same as tshark lists it.
fn dissected(trace: &Trace, name: &str) -> Vec<String> {
    let file = capture(trace, name);
    // Each packet is a layer of its own, also where one frame has several.
    let fields = [
        "frame.time_epoch",
        "ip.src",
        "ip.dst",
        "mqtt.msgtype",
        "mqtt.msgid",
        "mqtt.topic",
        "mqtt.msg",
        "tcp.stream",
    ];
    let mut arguments = vec!["-Y", "mqtt", "-T", "fields", "-E", "occurrence=a"];
    arguments.extend(fields.iter().flat_map(|field| ["-e", *field]));
    let told = tshark(&file, &arguments);
    let lines = told.lines().map(|told| {
        let fields: Vec<&str> = told.split('\t').collect();
        let [time, from, to, number, identifier, topic, payload, stream] = fields[..] else {
            panic!("tshark says {told:?}");
        };
        let number: u8 = number.parse().expect("one packet in each frame");
        // A topic filter appears in the same field as a topic.
        let is_publish = PacketType::from_number(number) == Some(PacketType::Publish);
        let topic = if is_publish { topic } else { "" };
        let length = if is_publish { payload.len() / 2 } else { 0 };
        let stream = stream.parse().expect("a number");
        let identifier = identifier.parse().unwrap_or(0);
        line(seconds(time), [from, to], number, identifier, topic, length, stream)
    });
    lines.collect()
}

fn line(
    at: Duration,
    [from, to]: [&str; 2],
    number: u8,
    identifier: u16,
    topic: &str,
    length: usize,
    stream: usize,
) -> String {
    let name = PacketType::from_number(number).map_or("?", PacketType::name);
    format!("{:.6} {from} {to} {name} {identifier} {topic} {length} in {stream}", at.as_secs_f64())
}

/// `1700000000.040000000`, exactly.
fn seconds(text: &str) -> Duration {
    let (whole, part) = text.split_once('.').expect("a time with a fraction");
    let whole = whole.parse().expect("seconds");
    let nanos = format!("{part:0<9}").parse().expect("nanoseconds");
    Duration::new(whole, nanos)
}

fn capture(trace: &Trace, name: &str) -> PathBuf {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR"));
    fs::create_dir_all(&folder).expect("the folder for test files");
    let file = folder.join(name);
    fs::write(&file, pcapng(trace, EPOCH).expect("it fits")).expect("the capture is written");
    file
}

/// What tshark prints. It is part of what the tests need: `make setup-host`.
fn tshark(file: &PathBuf, arguments: &[&str]) -> String {
    let output = Process::new("tshark")
        .args(["-n", "-r"])
        .arg(file)
        .args(arguments)
        .output()
        .expect("tshark is installed: `make setup-host` does it");
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{errors}");
    String::from_utf8(output.stdout).expect("tshark prints UTF-8")
}
