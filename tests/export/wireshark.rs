//! What Wireshark sees in a capture, told by its command-line program.

use std::fs;
use std::path::PathBuf;
use std::process::Command as Process;

use fourstep::codec::{self, Packet, PacketType};
use fourstep::export::pcapng;
use fourstep::trace::{Fate, RecordKind};

use crate::*;

/// 2023-11-14.
const EPOCH: Duration = Duration::from_secs(1_700_000_000);

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
fn tshark_finds_nothing_malformed_where_nothing_is() {
    let trace = eventful(Version::V5);
    let file = capture(&trace, "sound.pcapng");
    let told = tshark(&file, &["-Y", "_ws.malformed || tcp.analysis.flags"]);
    assert_eq!(told, "");
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
fn a_trace_whose_beginning_was_dropped_is_dissected_too() {
    let whole = eventful(Version::V311);
    let mut trace = Trace::new(whole.parties.clone(), whole.len() - 4);
    for record in whole.records() {
        trace.push(record.at, record.from, record.to, record.kind.clone());
    }
    let names = |list: &[String]| -> Vec<String> {
        list.iter().filter_map(|line| line.split(' ').nth(3).map(str::to_owned)).collect()
    };
    let seen = dissected(&trace, "dropped.pcapng");
    assert_eq!(names(&seen), names(&packets(&trace)));
}

/// The trace's packets, each as time, addresses, type, identifier, topic and
/// size of the payload.
fn packets(trace: &Trace) -> Vec<String> {
    let lines = trace.records().filter_map(|record| {
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
        Some(line(at, &ends[0], &ends[1], number, identifier, topic, length))
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
    ];
    let mut arguments = vec!["-Y", "mqtt", "-T", "fields", "-E", "occurrence=a"];
    arguments.extend(fields.iter().flat_map(|field| ["-e", *field]));
    let told = tshark(&file, &arguments);
    let lines = told.lines().map(|told| {
        let fields: Vec<&str> = told.split('\t').collect();
        let [time, from, to, number, identifier, topic, payload] = fields[..] else {
            panic!("tshark says {told:?}");
        };
        let number: u8 = number.parse().expect("one packet in each frame");
        // A topic filter appears in the same field as a topic.
        let is_publish = PacketType::from_number(number) == Some(PacketType::Publish);
        let topic = if is_publish { topic } else { "" };
        let length = if is_publish { payload.len() / 2 } else { 0 };
        line(seconds(time), from, to, number, identifier.parse().unwrap_or(0), topic, length)
    });
    lines.collect()
}

fn line(
    at: Duration,
    from: &str,
    to: &str,
    number: u8,
    identifier: u16,
    topic: &str,
    length: usize,
) -> String {
    let name = PacketType::from_number(number).map_or("?", PacketType::name);
    format!("{:.6} {from} {to} {name} {identifier} {topic} {length}", at.as_secs_f64())
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
