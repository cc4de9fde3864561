//! Every fact and every claim has a lesson that teaches it and a test that
//! holds it on a trace: docs/course-coverage.md.

use fourstep::course::LESSONS;

/// One row: what is taught, by which lessons, held by the tests of this file
/// whose names start with this.
struct Row {
    says: &'static str,
    lessons: &'static [&'static str],
    tests: &'static str,
}

const fn row(says: &'static str, lessons: &'static [&'static str], tests: &'static str) -> Row {
    Row { says, lessons, tests }
}

/// After a change, run this with `UPDATE_DOCS=1` to write the page anew.
#[test]
fn the_documented_coverage_is_what_is_covered() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/course-coverage.md");
    let page = to_markdown();
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::write(path, &page).expect("the page can be written");
    }
    let documented = std::fs::read_to_string(path).expect("the page is there");
    assert_eq!(documented, page, "docs/course-coverage.md is out of date");
}

#[test]
fn every_row_has_a_lesson_and_a_test_and_every_test_a_row() {
    let tables = [(FACTS, FACT_TESTS), (CLAIMS, CLAIM_TESTS), (CORRECTIONS, CORRECTION_TESTS)];
    for (rows, tests) in tables {
        for row in rows {
            assert!(!row.lessons.is_empty(), "{}", row.says);
            assert!(!names(tests, row.tests).is_empty(), "no test {}", row.tests);
        }
        for name in names(tests, "") {
            let is_held = rows.iter().any(|row| names(tests, row.tests).contains(&name));
            assert!(is_held, "{name} has no row");
        }
    }
}

fn to_markdown() -> String {
    let mut text = String::from(HEAD);
    for (title, rows, file, tests) in [
        ("Facts", FACTS, "tests/course/facts.rs", FACT_TESTS),
        ("Claims", CLAIMS, "tests/course/claims.rs", CLAIM_TESTS),
        ("Corrections", CORRECTIONS, "tests/course/corrections.rs", CORRECTION_TESTS),
    ] {
        text += &format!("\n## {title}\n\nThe tests are in `{file}`.\n\n");
        text += "| | what | lessons | tests |\n|---|---|---|---|\n";
        for (index, row) in rows.iter().enumerate() {
            let lessons: Vec<String> = row.lessons.iter().map(|slug| lesson(slug)).collect();
            let tests: Vec<String> =
                names(tests, row.tests).iter().map(|name| format!("`{name}`")).collect();
            let (number, says) = (index + 1, row.says);
            text +=
                &format!("| {number} | {says} | {} | {} |\n", lessons.join("; "), tests.join(", "));
        }
    }
    text
}

/// A lesson's number and English title.
fn lesson(slug: &str) -> String {
    let lesson = LESSONS.iter().find(|lesson| lesson.slug == slug);
    let lesson = lesson.unwrap_or_else(|| panic!("there is no lesson {slug}"));
    format!("{} {}", lesson.number, lesson.prose[0].title)
}

/// The names of the tests that start with this and end the word there.
fn names<'a>(file: &'a str, start: &str) -> Vec<&'a str> {
    let after = file.split("#[test]\nfn ").skip(1);
    let names = after.filter_map(|rest| rest.split('(').next());
    let is_named = |name: &&str| {
        name.strip_prefix(start).is_some_and(|rest| start.is_empty() || rest.starts_with('_'))
    };
    names.filter(is_named).collect()
}

const FACT_TESTS: &str = include_str!("facts.rs");
const CLAIM_TESTS: &str = include_str!("claims.rs");
const CORRECTION_TESTS: &str = include_str!("corrections.rs");

#[rustfmt::skip]
const FACTS: &[Row] = &[
    row("Three levels, each an agreement of one sender and one receiver; the broker is both", &["message", "two-deliveries", "qos-2"], "fact_1"),
    row("Two deliveries; PUBACK says nothing of subscribers", &["two-deliveries"], "fact_2"),
    row("SUBACK grants; delivery is at the lower of published and granted", &["two-deliveries", "downgrade"], "fact_3"),
    row("QoS 0: no answer, no identifier, no DUP, nothing stored", &["qos-0"], "fact_4"),
    row("QoS 1: stored until PUBACK, repeated with DUP and the same identifier", &["qos-1"], "fact_5"),
    row("QoS 2: four packets, and what each side remembers when", &["qos-2", "memory"], "fact_6"),
    row("DUP marks a packet on one hop", &["qos-1"], "fact_7"),
    row("Packet identifiers: whose, how many, used again when", &["memory", "order"], "fact_8"),
    row("Offline receivers, persistent and clean sessions, and a client's own queue", &["nobody-home"], "fact_9"),
    row("Redelivery on reconnect, and starting over without a session", &["qos-2", "nobody-home", "retry"], "fact_10"),
    row("Packets, round trips and state of each level", &["cost", "memory"], "fact_11"),
    row("When to use which", &["choosing", "exhaustion"], "fact_12"),
    row("Bytes: the smallest packet, the fixed header, HTTP beside it", &["cost"], "fact_13"),
    row("The sensor: ten readings, one a second", &["qos-0", "for-real"], "fact_14"),
    row("Retained messages and the will, and their levels", &["retained-and-will"], "fact_15"),
];

#[rustfmt::skip]
const CLAIMS: &[Row] = &[
    row("\"The sender repeats PUBLISH on a timer until PUBACK\"", &["retry"], "claim_1"),
    row("\"The broker drops a repeated QoS 1 PUBLISH and just acknowledges it\"", &["qos-1"], "claim_2"),
    row("\"If PUBREL is lost the broker sends PUBREC again\"", &["qos-2"], "claim_3"),
    row("\"A PUBLISH after PUBCOMP with the same identifier is a duplicate\"", &["qos-2", "memory"], "claim_4"),
    row("\"PUBREC lost: the sender repeats PUBLISH with DUP\"", &["qos-2"], "claim_5"),
    row("\"QoS is end to end\"", &["two-deliveries"], "claim_6"),
    row("\"QoS 1 keeps order, always\"", &["order"], "claim_7"),
    row("\"A packet can get lost on a live connection\"", &["qos-0", "retry"], "claim_8"),
    row("\"Overlapping subscriptions deliver at the lowest QoS\"", &["downgrade"], "claim_9"),
    row("\"The will is sent on every disconnect\"", &["retained-and-will"], "claim_10"),
];

/// What was once wrong or missing, and is right now.
#[rustfmt::skip]
const CORRECTIONS: &[Row] = &[
    row("Order from end to end takes a Receive Maximum of 1 on both hops", &["order"], "order_is"),
    row("DISCONNECT discards the will, and a retained `online` stays; after a silent end the will comes after 1.5 times keep-alive", &["retained-and-will"], "will"),
    row("A QoS 2 receiver passes on at PUBLISH or at PUBREL, once either way, a round trip apart", &["qos-2", "choosing", "for-real"], "two_ways"),
    row("What a client does with QoS 0 while offline is its own affair; into a half-open connection it loses six of ten; pings are for the silent", &["qos-0", "choosing"], "qos_0_offline"),
    row("A broker without persistence keeps no session over a restart", &["for-real"], "for_real"),
    row("An alarm reaches the subscriber at the same moment at each level", &["choosing"], "alarm"),
    row("Expiry binds the server's copies, not the sender's queue", &["choosing"], "expiry"),
    row("The exhaustion covers one message, one schedule, one implementation; a packet begins with its type", &["exhaustion"], "exhaustion"),
    row("PUBREL for a free identifier is answered with PUBCOMP, in 5.0 with 0x92", &["qos-2"], "pubrel"),
    row("At zero quota QoS 0 may go on, and other packets are answered", &["order"], "flow_control"),
    row("The first copy that a subscriber sees may carry DUP", &["qos-1"], "first_copy"),
    row("PUBACK does not wait for subscribers, and does not reach over to the other hop", &["two-deliveries", "nobody-home"], "puback"),
    row("A second client with the same identifier takes the session over", &["nobody-home"], "takeover"),
    row("Without RETAIN a message is not the retained one; sessions queue it as ever", &["message"], "retained"),
    row("Only a persistent session outlives its connection", &["memory"], "session"),
    row("A subscription at QoS 2 does not undo what the first hop doubled", &["downgrade"], "granted"),
];

const HEAD: &str = "\
# What the course covers

Each fact that is taught, each common claim that is settled and each correction
of the course itself, the lessons that do it, and the tests that hold it on a
trace. A test holds this page to the
lessons and the tests.
";
