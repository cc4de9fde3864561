//! Arbitrary text, and phrases of the engine within phrases, said in each
//! language: no panic, and no more work or text than the input is worth.

#![no_main]

use std::sync::OnceLock;

use fourstep::language::{Language, fill, open_book};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let phrases = phrases();
    say(text);
    say(&nested(text, phrases));
});

fn say(text: &str) {
    assert_eq!(Language::English.say(text), text);
    let said = Language::Chinese.say(text);
    assert!(said.is_empty() == text.is_empty());
    // What a translation adds, it adds for words of ours, each once.
    assert!(said.len() <= 64 + 4 * text.len(), "{} bytes became {}", text.len(), said.len());
    Language::Chinese.tell(text, &[]);
}

/// Each character before 0x2000 chooses a phrase for what came so far to stand
/// in, or to follow; others stand for themselves.
fn nested(text: &str, phrases: &[&str]) -> String {
    let mut built = String::new();
    for character in text.chars() {
        let code = character as usize;
        if code < 0x20 {
            built.push(if code.is_multiple_of(2) { ' ' } else { ':' });
        } else if code < 0x2000 {
            let phrase = phrases[code % phrases.len()];
            let names = phrase.split('{').skip(1).filter_map(|part| Some(part.split_once('}')?.0));
            let values: Vec<(&str, &str)> = names.map(|name| (name, built.as_str())).collect();
            let said = fill(phrase, &values);
            built = if values.is_empty() { format!("{built} {said}") } else { said };
        } else {
            built.push(character);
        }
        if built.len() > LONGEST {
            break;
        }
    }
    built
}

/// The book's English, and the book is open.
fn phrases() -> &'static [&'static str] {
    static PHRASES: OnceLock<Vec<&str>> = OnceLock::new();
    PHRASES.get_or_init(|| {
        open_book(BOOK.to_owned());
        let english = |line: &'static str| line.strip_prefix("msgid \"")?.strip_suffix('"');
        BOOK.lines().filter_map(english).filter(|text| !text.is_empty()).collect()
    })
}

const BOOK: &str = include_str!("../../src/locales/zh-Hans/engine.po");
/// Bytes of a text made of phrases.
const LONGEST: usize = 10_000;
