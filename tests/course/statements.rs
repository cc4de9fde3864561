//! The list of normative statements.

use std::collections::BTreeSet;

use fourstep::codec::Version::{V5, V311};
use fourstep::course::{LESSONS, Language, statements};
use fourstep::session::TRANSITIONS;

#[test]
fn every_statement_that_a_lesson_cites_is_in_the_list() {
    for lesson in LESSONS {
        for (version, id) in lesson.prose[0].statements() {
            assert!(statements::find(version, id).is_some(), "{}: {version} {id}", lesson.slug);
        }
    }
}

#[test]
fn every_lesson_cites_both_specifications() {
    for lesson in LESSONS {
        let cited = lesson.prose[0].statements();
        for version in [V311, V5] {
            let is_cited = cited.iter().any(|(of, _)| *of == version);
            assert!(is_cited, "{} cites nothing of {version}", lesson.slug);
        }
    }
}

#[test]
fn every_step_of_the_state_table_is_in_the_list() {
    for row in TRANSITIONS {
        for (version, id) in [(V311, row.v311), (V5, row.v5)] {
            let known = id.is_none_or(|id| statements::find(version, id).is_some());
            assert!(known, "{version} {id:?}");
        }
    }
}

#[test]
fn the_list_is_in_order_and_speaks_both_languages() {
    for version in [V311, V5] {
        let ids: Vec<_> = statements::of(version).iter().map(|it| it.id).collect();
        assert!(ids.is_sorted_by_key(|id| numbers(id)), "{version}");
        assert_eq!(ids.iter().collect::<BTreeSet<_>>().len(), ids.len(), "{version}");
        for statement in statements::of(version) {
            for language in Language::ALL {
                assert!(statement.words(language).len() > 20, "{}", statement.id);
            }
            let chinese = statement.words(Language::Chinese);
            assert!(chinese.ends_with('。'), "{}: {chinese}", statement.id);
            for other in statement.counterparts(version) {
                let back = other.counterparts(if version == V5 { V311 } else { V5 });
                assert!(back.iter().any(|it| it.id == statement.id), "{}", statement.id);
            }
        }
    }
}

#[test]
fn a_counterpart_that_is_named_exists() {
    let pairs = statements::of(V5).iter().filter(|it| !it.counterparts(V5).is_empty()).count();
    assert!(pairs > 60, "{pairs}");
    let repeats = statements::find(V311, "MQTT-4.3.3-2").expect("it is there").counterparts(V311);
    let ids: Vec<_> = repeats.iter().map(|it| it.id).collect();
    assert_eq!(ids, ["MQTT-4.3.3-8", "MQTT-4.3.3-10", "MQTT-4.3.3-11", "MQTT-4.3.3-12"]);
}

#[test]
fn a_statement_knows_its_section() {
    for (id, section) in [("MQTT-4.3.3-2", "4.3.3"), ("MQTT-4.4.0-1", "4.4")] {
        assert_eq!(statements::find(V5, id).expect("it is there").section(), section);
    }
}

fn numbers(id: &str) -> Vec<u32> {
    let digits = id.split(|c: char| !c.is_ascii_digit());
    digits.filter_map(|number| number.parse().ok()).collect()
}
