//! What build/ says of prose that is wrong: file, line, and one clear
//! sentence.

use crate::build::{Source, lesson};

/// A whole lesson, as short as can be.
const LESSON: &str = "\
# Title

Summary.

## text

[A sentence.](packet:publisher>PUBLISH)

## prediction

What happens?

## option one

This.

Because.

## option two

That.

Because not.

## explanation

See.

## goal reach

Reach it.

Hint.

## specification

[](statement:5.0/4.3.3-12)
";

/// What is said of these two files.
fn said(english: &str, chinese: &str) -> Vec<String> {
    let source = |name: &str, text: &str| Source { path: name.into(), text: text.to_owned() };
    lesson::compile([source("en.md", english), source("zh.md", chinese)]).err().unwrap_or_default()
}

#[test]
fn a_whole_lesson_compiles_to_data() {
    let source = || Source { path: "en.md".into(), text: LESSON.to_owned() };
    let code = lesson::compile([source(), source()]).expect("nothing is wrong");
    assert!(code.contains("title: \"Title\""));
    assert!(code.contains("sent(\"publisher\", crate::codec::PacketType::Publish)"));
    assert!(code.contains("sentences: 1"));
}

#[test]
fn what_is_wrong_is_said_with_its_file_and_line() {
    for (from, to, said_of_it) in [
        (
            "publisher>PUBLISH",
            "publisher>PUBLIC",
            "en.md:7: \"publisher>PUBLIC\" selects no packets",
        ),
        (
            "publisher>PUBLISH",
            "publisher>PUBLISH#x",
            "en.md:7: \"publisher>PUBLISH#x\" selects no packets",
        ),
        (
            "publisher>PUBLISH",
            "publisher~PUBLISH",
            "en.md:7: \"publisher~PUBLISH\" selects no packets",
        ),
        ("packet:", "http:", "en.md:7: \"http:publisher>PUBLISH\" is no link of a lesson"),
        ("statement:5.0/", "statement:", "en.md:37: statements are named as in"),
        ("## option two\n\nThat.\n\nBecause not.\n", "", "a second ## option is missing"),
        ("## explanation\n\nSee.\n", "", "## explanation is missing"),
        ("## explanation", "## explanations", "en.md:25: \"explanations\": no such section"),
        ("option two", "option one", "en.md:19: \"option one\": this name is taken"),
        ("option two", "option Two!", "en.md:19: \"option Two!\": it needs a name"),
        ("\n\nHint.", "", "en.md:29: \"goal reach\": it needs a paragraph that says it"),
        ("Summary.", "", "en.md:1: \"Title\": a lesson has one title"),
        ("See.", "![picture](x.png)", "en.md:27: this has no place in a sentence"),
        ("See.", "<b>See.</b>", "en.md:27: this has no place"),
        ("# Title", "Words.\n\n# Title", "en.md:1: a file starts with a # heading"),
    ] {
        let wrong = LESSON.replacen(from, to, 1);
        assert_ne!(wrong, LESSON);
        let said = said(&wrong, &wrong);
        assert!(said.iter().any(|line| line.contains(said_of_it)), "{from} -> {to}: {said:#?}");
    }
}

#[test]
fn both_languages_have_the_same_parts_and_speak_of_the_same_packets() {
    for (from, to, said_of_it) in [
        ("publisher>PUBLISH", "publisher>PUBLISH#2", "zh.md:7: this leads to"),
        (
            "[A sentence.](packet:publisher>PUBLISH)",
            "A sentence.",
            "zh.md:5: this leads to nothing",
        ),
        ("4.3.3-12", "4.3.3-11", "zh.md:37: this leads to"),
        ("goal reach", "goal other", "zh.md:29: \"goal other\" is \"goal reach\" in English"),
        ("## explanation\n\nSee.\n", "", "zh.md:1: 7 sections, and 8 in English"),
    ] {
        let said = said(LESSON, &LESSON.replacen(from, to, 1));
        assert!(said.iter().any(|line| line.contains(said_of_it)), "{from} -> {to}: {said:#?}");
    }
    assert!(said(LESSON, &LESSON.replace("Title", "Titel")).is_empty(), "titles differ");
}

#[test]
fn a_line_that_ends_within_chinese_leaves_no_space() {
    let source = |text: String| Source { path: "zh.md".into(), text };
    let text = LESSON.replace("See.", "消息到达，\n只到达一次。");
    let code = lesson::compile([source(LESSON.to_owned()), source(text)]).expect("it is right");
    assert!(code.contains("消息到达，只到达一次。"));
}
