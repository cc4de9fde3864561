//! Topics, identifiers and numbers as they are shown and typed.

use bytes::Bytes;
use fourstep::codec::{Packet, Publish, Version};
use fourstep::view::diagram::{Options, Shape, lanes, layout};
use fourstep::view::flow::Flows;
use fourstep::view::isolate::{isolated, parts};
use fourstep::view::label::{cut_middle, width};
use fourstep::view::number::grouped;
use fourstep::view::topic::{Hint, hints, loses_lines, shown};
use proptest::prelude::*;

use crate::{Link, ToServer};

#[test]
fn each_level_of_a_right_to_left_topic_is_isolated_and_the_slashes_are_not() {
    let seen = parts("בית/חדר/1/temperature");
    let seen: Vec<_> = seen.iter().map(|part| (part.text, part.is_isolated)).collect();
    let expected = [
        ("בית", true),
        ("/", false),
        ("חדר", true),
        ("/", false),
        ("1", false),
        ("/", false),
        ("temperature", false),
    ];
    assert_eq!(seen, expected);
    assert_eq!(isolated("בית/חדר"), "\u{2068}בית\u{2069}/\u{2068}חדר\u{2069}");
}

#[test]
fn what_follows_a_right_to_left_topic_stays_behind_it() {
    let label = "בית/חדר \"שלום עולם\"";
    assert_eq!(
        isolated(label),
        "\u{2068}בית\u{2069}/\u{2068}חדר\u{2069} \"\u{2068}שלום עולם\u{2069}\"",
    );
    assert_eq!(
        isolated("Session of בית/חדר: in flight"),
        "Session of \u{2068}בית\u{2069}/\u{2068}חדר\u{2069}: in flight",
    );
    let line = r#"חדר -> broker  PUBLISH "א\"ב c/ד" 2 bytes "\"ג""#;
    let seen: Vec<_> =
        parts(line).into_iter().filter(|it| it.is_isolated).map(|it| it.text).collect();
    assert_eq!(seen, ["חדר", r#"א\"ב c"#, "ד", r#"\"ג"#]);
    let plain = "sensor/temperature \"20.5\"";
    assert!(matches!(isolated(plain), std::borrow::Cow::Borrowed(same) if same == plain));
}

#[test]
fn a_label_of_the_diagram_isolates_a_right_to_left_topic() {
    let mut link = Link::new(Version::V5);
    link.connect(false);
    let message = Publish {
        topic: "בית/חדר".into(),
        payload: Bytes::from_static(b"20.5"),
        ..Publish::default()
    };
    link.send(ToServer, &Packet::Publish(message));
    let diagram = layout(&link.trace, &Flows::new(), &Options::default(), 3..4);
    let Shape::Arrow(arrow) = &diagram.rows[0].shape else { panic!("a packet is an arrow") };
    assert_eq!(arrow.label.detail, "\u{2068}בית\u{2069}/\u{2068}חדר\u{2069} \"20.5\"",);
}

#[test]
fn a_space_that_could_be_missed_is_seen() {
    assert_eq!(shown("sensor/temperature", 80), "sensor/temperature");
    assert_eq!(shown("living room/lamp", 80), "living room/lamp");
    assert_eq!(shown("sensor ", 80), "sensor␣");
    assert_eq!(shown("  sensor", 80), "␣␣sensor");
    assert_eq!(shown("living  room", 80), "living␣␣room");
    assert_eq!(shown(" ", 80), "␣");
    assert_eq!(shown("a\u{a0}b", 80), r"a\u{a0}b");
    assert_eq!(shown("a\u{3000}", 80), r"a\u{3000}");
    assert_eq!(shown("a\nb", 80), r"a\nb");
}

#[test]
fn mqtt_4_7_1_1_both_versions_an_empty_level_gets_a_hint() {
    assert_eq!(hints("sensor/temperature"), []);
    assert_eq!(hints("sensor/+/#"), []);
    assert_eq!(hints("living room"), []);
    assert_eq!(hints(""), []);
    assert_eq!(hints("/sensor"), [Hint::LeadingSlash]);
    assert_eq!(hints("/"), [Hint::LeadingSlash]);
    assert_eq!(hints("sensor/"), [Hint::TrailingSlash]);
    assert_eq!(hints("a//b"), [Hint::EmptyLevel]);
    assert_eq!(hints("/a//b/"), [Hint::LeadingSlash, Hint::TrailingSlash, Hint::EmptyLevel]);
    assert_eq!(hints("$share/group/sensor"), []);
    assert_eq!(hints("$share/group//sensor"), [Hint::LeadingSlash]);
}

#[test]
fn what_cannot_be_seen_in_a_topic_gets_a_hint() {
    assert_eq!(hints("sensor "), [Hint::SpaceAround]);
    assert_eq!(hints(" "), [Hint::SpaceAround]);
    assert_eq!(hints("a\u{a0}b"), [Hint::Unseen]);
    assert_eq!(hints("a\u{200b}b"), [Hint::Unseen]);
    assert_eq!(hints("a\u{7}b"), [Hint::Unseen]);
    assert_eq!(hints("a\"b\\c"), []);
    assert_eq!(hints("房间/温度"), []);
    assert!(loses_lines("a\nb") && loses_lines("a\r") && !loses_lines("a b"));
}

#[test]
fn long_names_of_lanes_keep_their_ends_and_never_touch() {
    let name = |end: &str| format!("building-7-floor-3-sensor-of-the-north-wing-{end}");
    for count in 1..8 {
        let parties: Vec<String> = (0..count).map(|index| name(&index.to_string())).collect();
        let options = Options { width: 360.0, ..Options::default() };
        let lanes = lanes(&parties, &options);
        let mut end_before = f64::NEG_INFINITY;
        for (index, lane) in lanes.iter().enumerate() {
            assert!(lane.name.ends_with(&index.to_string()), "{}", lane.name);
            let length = width(&lane.name) as f64 * options.character_width;
            let start = match index {
                _ if count == 1 => lane.x - length / 2.0,
                0 => lane.x - 16.0,
                _ if index + 1 == count => lane.x + 16.0 - length,
                _ => lane.x - length / 2.0,
            };
            assert!(start > end_before, "{count} lanes: {} starts at {start}", lane.name);
            end_before = start + length;
        }
    }
}

#[test]
fn counts_are_grouped_by_thousands_and_names_of_lanes_are_not() {
    let cases =
        [(0, "0"), (999, "999"), (1_000, "1,000"), (65_535, "65,535"), (1_234_567, "1,234,567")];
    for (count, expected) in cases {
        assert_eq!(grouped(count as u64), expected);
    }
    assert_eq!(grouped(u64::MAX), "18,446,744,073,709,551,615");
    let lanes = lanes(&["65535".to_owned()], &Options::default());
    assert_eq!(lanes[0].name, "65535");
}

proptest! {
    #[test]
    fn parts_are_the_text(text in "[ -~א-ת\u{600}-\u{6ff}/\" ]{0,40}") {
        let whole: String = parts(&text).iter().map(|part| part.text).collect();
        prop_assert_eq!(whole, text);
    }

    #[test]
    fn two_topics_never_look_alike(one in "[ab\\\\ \u{a0}\u{3000}␣/]{0,6}", two in "[ab\\\\ \u{a0}\u{3000}␣/]{0,6}") {
        prop_assume!(one != two);
        prop_assert_ne!(shown(&one, 80), shown(&two, 80));
    }

    #[test]
    fn a_name_cut_in_the_middle_fits(name in "\\PC{0,60}", limit in 1_usize..40) {
        prop_assert!(width(&cut_middle(&name, limit)) <= limit);
    }
}
