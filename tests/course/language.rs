//! The English of the prose: words that make a sentence without an actor stay
//! rare. `cargo test --test course language -- --nocapture` prints how rare.

use std::fmt::Write as _;
use std::fs;
use std::io::{Write as _, stdout};
use std::path::Path;

/// Words that hide who does something, and how often each may stand in ten
/// thousand words. Lower a number when the prose has got better, never raise it.
const RARE: &[(&str, usize)] = &[
    ("nobody", 1),
    ("nothing", 13),
    ("whoever", 0),
    ("somebody", 0),
    ("anybody", 0),
    ("anew", 0),
    ("need not", 0),
];

#[test]
fn words_that_hide_the_actor_are_rare_in_the_prose() {
    let prose = prose();
    let words = prose.split(' ').count();
    let mut report = format!("{words} words of English prose; of a thousand words are:\n");
    let mut too_many = Vec::new();
    for &(word, most) in RARE {
        let found = prose.matches(&format!(" {word} ")).count();
        // Counted for ten thousand words, without fractions.
        if found * 10_000 > most * words {
            too_many.push(word);
        }
        let thousandths = found * 1_000_000 / words;
        let (whole, rest) = (thousandths / 1_000, thousandths % 1_000);
        writeln!(report, "{whole}.{rest:03}  {word} ({found})").expect("a string grows");
    }
    // Past what keeps quiet about tests that pass.
    write!(stdout(), "{report}").expect("there is an output");
    assert!(too_many.is_empty(), "too often: {too_many:?}\n{report}");
}

/// All English of the lessons and the glossary, in small letters: words with
/// one space between, without punctuation, addresses of links and names of
/// sections.
fn prose() -> String {
    let course = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/course");
    let lessons = fs::read_dir(course.join("lessons")).expect("there are lessons");
    let files = lessons.map(|entry| entry.expect("it can be read").path().join("en.md"));
    let files = files.filter(|path| path.is_file()).chain([course.join("glossary/en.md")]);
    let mut prose = String::from(" ");
    for path in files {
        let text = fs::read_to_string(&path).expect("prose is text");
        for line in text.lines().filter(|line| !line.starts_with("## ")) {
            push_words(line, &mut prose);
        }
    }
    prose
}

fn push_words(line: &str, prose: &mut String) {
    let mut rest = line;
    while let Some((before, after)) = rest.split_once("](") {
        push_plain(before, prose);
        rest = after.split_once(')').map_or("", |(_, rest)| rest);
    }
    push_plain(rest, prose);
}

fn push_plain(text: &str, prose: &mut String) {
    let is_part = |c: char| c.is_alphanumeric() || c == '\'' || c == '\u{2019}';
    for word in text.split(|c| !is_part(c)).filter(|word| !word.is_empty()) {
        prose.push_str(&word.to_lowercase());
        prose.push(' ');
    }
}
