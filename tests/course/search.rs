//! Search finds what is there.

use fourstep::course::Language::{Chinese, English};
use fourstep::course::search::{Index, Place};

fn found(index: &Index, query: &str) -> Vec<String> {
    let hits = index.search(query, 50);
    let names = hits.iter().map(|hit| match hit.place {
        Place::Lesson(lesson) => lesson.slug.to_owned(),
        Place::Term(term) => format!("term {}", term.id),
    });
    names.collect()
}

#[test]
fn a_title_comes_before_what_is_said_in_passing() {
    let index = Index::new(English);
    assert_eq!(found(&index, "exactly once").first().map(String::as_str), Some("qos-2"));
    assert_eq!(
        found(&index, "receive maximum").first().map(String::as_str),
        Some("term receive-maximum")
    );
}

#[test]
fn every_word_has_to_start_a_word_in_either_case() {
    let index = Index::new(English);
    assert!(found(&index, "PUBREC identif").contains(&"qos-2".to_owned()));
    assert_eq!(found(&index, "pubrec"), found(&index, "PUBREC"));
    assert!(found(&index, "broker's first").contains(&"qos-1".to_owned()));
    assert!(!found(&index, "ubrec").contains(&"qos-2".to_owned()));
    assert!(found(&index, "pubrec zebra").is_empty());
    assert!(found(&index, "").is_empty() && found(&index, "  ").is_empty());
}

#[test]
fn statements_are_found_by_their_ids() {
    let index = Index::new(English);
    assert!(found(&index, "MQTT-4.3.3-12").contains(&"qos-2".to_owned()));
    assert!(found(&index, "4.3.3-12").contains(&"qos-2".to_owned()));
}

#[test]
fn chinese_is_found_without_spaces() {
    let index = Index::new(Chinese);
    assert_eq!(found(&index, "恰好一次").first().map(String::as_str), Some("qos-2"));
    assert!(found(&index, "标识符").contains(&"qos-2".to_owned()));
    assert!(found(&index, "pubrec 应答").contains(&"qos-2".to_owned()));
}

#[test]
fn a_hit_shows_the_words_and_what_stands_around_them() {
    for (language, query) in [(English, "identifier"), (Chinese, "标识符")] {
        let hits = Index::new(language).search(query, 5);
        assert_eq!(hits.len(), 5);
        for hit in hits {
            assert_eq!(hit.found.to_lowercase(), query);
            assert!(hit.before.chars().count() <= 61 && hit.after.chars().count() <= 61);
        }
    }
}
