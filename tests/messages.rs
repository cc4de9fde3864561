//! The page's messages in `src/locales/`, and how `src/ui/` uses them.
#![cfg(not(target_arch = "wasm32"))]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use fourstep::language::{Language, open_book};
use serde_json::Value;

#[test]
fn every_language_has_every_message_and_none_is_empty() {
    let english = messages(Language::English);
    assert!(english.len() > 20, "the messages were not found");
    for language in Language::ALL {
        let own = messages(language);
        let tag = language.tag();
        assert_eq!(missing(&english, &own), Vec::<&String>::new(), "{tag} lacks these");
        assert_eq!(missing(&own, &english), Vec::<&String>::new(), "only {tag} has these");
        for (key, text) in &own {
            assert!(!text.is_empty() && text.trim() == text, "{tag}: {key} is {text:?}");
        }
    }
}

#[test]
fn placeholders_are_the_same_in_every_language() {
    let english = messages(Language::English);
    for (key, text) in messages(Language::Chinese) {
        assert_eq!(placeholders(&text), placeholders(&english[&key]), "{key}");
    }
}

#[test]
fn chinese_is_chinese_but_for_names() {
    let english = messages(Language::English);
    for (key, text) in messages(Language::Chinese) {
        // What is filled in is no word of the message.
        let plain: String = english[&key]
            .split('{')
            .map(|part| part.split('}').next_back().unwrap_or_default())
            .collect();
        let has_words = plain.split(|c: char| !c.is_alphabetic()).any(is_a_word);
        let is_chinese = text.chars().any(|c| ('\u{4e00}'..='\u{9fff}').contains(&c));
        assert!(is_chinese || !has_words, "{key} is {text:?}");
    }
}

#[test]
fn chinese_holds_no_word_of_small_letters_but_names() {
    let messages = messages(Language::Chinese).into_iter();
    let phrases = lines_of_the_book("msgstr").into_iter().map(|text| (text.clone(), text));
    for (key, text) in messages.chain(phrases) {
        let plain = shape(&text);
        let words = plain.split(|c: char| !c.is_ascii_alphanumeric());
        let is_small = |word: &&str| word.len() > 2 && word.chars().all(|c| c.is_ascii_lowercase());
        let mut foreign = words.filter(is_small).filter(|word| !SMALL_NAMES.contains(word));
        assert_eq!(foreign.next(), None, "{key} is {text:?}");
    }
}

#[test]
fn every_message_is_used_with_its_placeholders_and_every_one_used_is_there() {
    let english = messages(Language::English);
    let mut unused: BTreeSet<&String> = english.keys().collect();
    for (path, code) in sources() {
        for (key, values) in uses(&code) {
            let text = english.get(&key);
            let text = text.unwrap_or_else(|| panic!("{path} uses {key}, which is not there"));
            assert_eq!(values, placeholders(text), "{path} fills in {key}");
            unused.remove(&key);
        }
    }
    assert!(unused.is_empty(), "nothing uses {unused:?}");
}

#[test]
fn no_view_says_anything_in_one_language_alone() {
    for (path, code) in sources() {
        let texts: Vec<&str> = literals(&code).into_iter().filter(|text| is_text(text)).collect();
        assert!(texts.is_empty(), "{path} says {texts:#?}: move it to src/locales/");
    }
}

#[test]
fn all_that_the_engine_says_is_in_the_phrase_book_and_nothing_else() {
    let book = fs::read_to_string(root().join(BOOK)).expect("the phrase book is text");
    open_book(book);
    let mut unused: BTreeSet<String> =
        lines_of_the_book("msgid").iter().map(|text| shape(text)).collect();
    let [unsaid, made] = [UNSAID, MADE_OF_PARTS]
        .map(|texts| texts.iter().map(|text| shape(text)).collect::<Vec<_>>());
    let mut missing = Vec::new();
    for (path, code) in SPEAKERS.iter().flat_map(|folder| code_in(&root().join("src"), folder)) {
        for literal in literals(&code) {
            let text = shape(literal);
            let is_known = unused.remove(&text) || is_translated(&text);
            if is_phrase(&text) && !is_known && !unsaid.contains(&text) {
                missing.push(format!("{path}: {text}"));
            }
        }
    }
    assert!(missing.is_empty(), "engine.po lacks {missing:#?}");
    unused.retain(|text| !made.contains(text));
    assert!(unused.is_empty(), "nobody says {unused:#?}");
}

#[test]
fn uses_and_texts_are_found_however_they_are_written() {
    let code = r#"t!(shell.lab) t!(
        client.attempt,
        number = f(1, 2),
        seconds = x,
    ) format!("no {use}")"#;
    let expected = [("shell.lab", vec![]), ("client.attempt", vec!["number", "seconds"])];
    let expected = expected.map(|(key, names)| {
        (key.to_owned(), names.into_iter().map(str::to_owned).collect::<BTreeSet<_>>())
    });
    assert_eq!(uses(code), expected);
    let code = r#"class="panel card" "Publish" "not known yet" '"' "a \" b" class=format!("panel {x}") title="In flight""#;
    let texts: Vec<_> = literals(code).into_iter().filter(|text| is_text(text)).collect();
    assert_eq!(texts, ["Publish", "not known yet", "In flight"]);
    for name in ["PUBLISH", "MQTT 5.0", "QoS 1", "M5 6h22", "set-up", "0 0 32 32", "{a}-{b}"] {
        assert!(!is_text(name), "{name}");
    }
}

/// The messages of a language, by their keys.
fn messages(language: Language) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    for path in files(&root().join("src/locales").join(language.tag()), "json") {
        let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        let text = fs::read_to_string(&path).expect("a file of messages is text");
        let values: BTreeMap<String, Value> =
            serde_json::from_str(&text).unwrap_or_else(|error| panic!("{name}: {error}"));
        for (key, value) in values {
            let text = value.as_str().expect("a message is text").to_owned();
            found.insert(format!("{name}.{key}"), text);
        }
    }
    found
}

fn missing<'a>(
    of: &'a BTreeMap<String, String>,
    from: &BTreeMap<String, String>,
) -> Vec<&'a String> {
    of.keys().filter(|key| !from.contains_key(*key)).collect()
}

/// The names between braces.
fn placeholders(text: &str) -> BTreeSet<String> {
    let starts = text.split('{').skip(1);
    starts.map(|rest| rest.split('}').next().unwrap_or_default().to_owned()).collect()
}

/// Every `t!(key, name = value)` of a file: its key, and its names.
fn uses(code: &str) -> Vec<(String, BTreeSet<String>)> {
    let mut found = Vec::new();
    for (at, call) in code.match_indices("t!(") {
        if code[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_') {
            continue;
        }
        let parts = arguments(&code[at + call.len()..]);
        let key = parts[0].split_whitespace().collect::<String>();
        let is_key = key.chars().all(|c| c.is_ascii_alphanumeric() || "._".contains(c));
        if is_key {
            let name = |part: &&str| part.split('=').next().unwrap_or_default().trim().to_owned();
            let names = parts[1..].iter().filter(|part| part.contains('=')).map(name);
            found.push((key, names.collect()));
        }
    }
    found
}

/// What stands between commas, up to the closing parenthesis.
fn arguments(rest: &str) -> Vec<&str> {
    let (mut depth, mut start, mut parts) = (0, 0, Vec::new());
    for (at, character) in rest.char_indices() {
        match character {
            ')' | ']' | '}' if depth == 0 => {
                parts.push(&rest[start..at]);
                return parts;
            }
            '(' | '[' | '{' => depth += 1,
            ')' | ']' | '}' => depth -= 1,
            ',' if depth == 0 => {
                parts.push(&rest[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    parts
}

/// The string literals of a file, those that name classes aside.
fn literals(code: &str) -> Vec<&str> {
    let mut found = Vec::new();
    let mut rest = code;
    while let Some(at) = rest.find('"') {
        let (before, after) = (&rest[..at], &rest[at + 1..]);
        let is_quote = before.ends_with('\'') && after.starts_with('\'');
        let mut escaped = false;
        let end = after.find(|c: char| {
            let ends = c == '"' && !escaped;
            escaped = c == '\\' && !escaped;
            ends
        });
        let end = if is_quote { 0 } else { end.unwrap_or(after.len()) };
        let before = before.trim_end().trim_end_matches("format!(");
        if !is_quote && !NO_TEXT.iter().any(|name| before.ends_with(name)) {
            found.push(&after[..end]);
        }
        rest = after.get(end + 1..).unwrap_or_default();
    }
    found
}

/// Whether a literal is something that a person reads: it starts like a
/// sentence, or has two words side by side.
fn is_text(literal: &str) -> bool {
    let words: Vec<&str> = literal.split(' ').collect();
    let starts = literal.split(|c: char| !c.is_alphabetic()).next().is_some_and(is_a_word);
    let capital = literal.starts_with(|c: char| c.is_ascii_uppercase());
    let is_plain = |word: &str| {
        let word = word.trim_matches(|c: char| ",.:;?!".contains(c));
        word.len() > 1 && word.chars().all(|c| c.is_ascii_lowercase())
    };
    let is_sentence = capital && (starts || words.iter().any(|word| is_plain(word)));
    let are_words = words.windows(2).any(|pair| pair.iter().all(|word| is_plain(word)));
    !NAMES.contains(&literal) && (is_sentence || are_words)
}

/// Not an acronym, nor a letter or two.
fn is_a_word(word: &str) -> bool {
    word.len() > 2 && word.chars().skip(1).all(|c| c.is_ascii_lowercase())
}

/// What stands behind a keyword of the phrase book, `msgid` or `msgstr`.
fn lines_of_the_book(keyword: &str) -> Vec<String> {
    let book = fs::read_to_string(root().join(BOOK)).expect("the phrase book is text");
    let quoted = |line: &str| {
        let text = line.strip_prefix(keyword)?.strip_prefix(" \"")?.strip_suffix('"')?;
        Some(text.to_owned())
    };
    // The first is the book's own head.
    book.lines().filter_map(quoted).skip(1).collect()
}

/// A text without what does not matter for finding it: names of what is filled
/// in, the space around it, how its lines are broken, and its statement.
fn shape(text: &str) -> String {
    let mut parts = text.split('{');
    let mut shape = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        shape.push_str("{}");
        shape.push_str(part.split_once('}').map_or("", |(_, rest)| rest));
    }
    let shape = shape.replace("\\\n", " ");
    let shape = shape.split_whitespace().collect::<Vec<_>>().join(" ");
    match shape.split_once(" [MQTT-") {
        Some((sentence, statement)) if statement.ends_with(']') => sentence.to_owned(),
        _ => shape,
    }
}

/// Whether a literal of the engine is a phrase and no name of the
/// specification, in which all words that count begin with a capital.
fn is_phrase(text: &str) -> bool {
    let words: Vec<&str> = text.split(' ').collect();
    let is_plain = |word: &&str| {
        let word = word.trim_matches(|c: char| ",.:;?!()“”".contains(c));
        word.len() > 2 && word != "and" && word.chars().all(|c| c.is_ascii_lowercase())
    };
    words.len() > 1 && words.iter().any(is_plain)
}

/// Whether the book has this phrase, or one of which it is a case.
fn is_translated(text: &str) -> bool {
    let text = text.replace("{}", "…");
    [format!("[{text}]"), text].iter().any(|text| Language::Chinese.say(text) != *text)
}

/// The code of `src/ui/`, without comments and tests, by path from there.
fn sources() -> Vec<(String, String)> {
    code_in(&root().join("src/ui"), "")
}

/// The code of a folder, likewise, by path from `base`.
fn code_in(base: &Path, folder: &str) -> Vec<(String, String)> {
    let read = |path: PathBuf| {
        let text = fs::read_to_string(&path).expect("a source file is text");
        let text = text.split("#[cfg(test)]\nmod ").next().unwrap_or_default();
        let lines = text.lines().filter(|line| {
            let line = line.trim_start();
            !line.starts_with("//") && !line.starts_with("#")
        });
        let path = path.strip_prefix(base).expect("it is below").display().to_string();
        (path, lines.collect::<Vec<_>>().join("\n"))
    };
    let is_said = |(path, _): &(String, String)| !SILENT.contains(&path.as_str());
    files(&base.join(folder), "rs").into_iter().map(read).filter(is_said).collect()
}

fn files(folder: &Path, extension: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).expect("the folder is there") {
        let path = entry.expect("the folder can be read").path();
        if path.is_dir() {
            found.extend(files(&path, extension));
        } else if path.extension().is_some_and(|own| own == extension) {
            found.push(path);
        }
    }
    found.sort();
    found
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// What the engine says, in Chinese.
const BOOK: &str = "src/locales/zh-Hans/engine.po";

/// Names that Chinese writes in small letters, as everybody does.
const SMALL_NAMES: &[&str] = &["fourstep", "progress", "mosquitto", "mqtt", "http", "https", "wss"];

/// Whose words reach the page through `Language::say`.
const SPEAKERS: &[&str] =
    &["codec", "session", "client", "broker", "trace", "sim", "export", "view", "web"];

/// Files of these that say nothing of their own to a person: the names of reason
/// codes, a worker's script, and tests.
const SILENT: &[&str] = &["codec/reason.rs", "web/ticker.rs", "web/storage/tests.rs"];

/// Literals of these that no person reads on the page, or only as parts of what
/// follows.
const UNSAID: &[&str] = &[
    "{packet:?} cannot be encoded: {sent:?}",
    "({} older records are no longer kept)",
    "byte {}: ",
    "broken byte",
    "(WebSocket close code {}{said})",
    "({meaning}, close code {}{said})",
    "job {1+1}",
    "cut short",
    "after error",
    "{a}.{b}.{c}.{d} is {name}",
    "lost: this never arrived",
    "left out",
    "secrets left out: their bytes are asterisks",
    "Nothing is different.",
    "dropping it cancels the timer",
    "fourstep session {} {}",
    // Comments in a capture, which is a file.
    "{} more notes are left out here",
    "… (cut: {} bytes in all)",
    "{} closed the connection without answering CONNECT{}.",
    "The connection to {} is lost{}.",
];

/// Phrases that the code makes of several literals.
const MADE_OF_PARTS: &[&str] = &[
    "byte {}: {}",
    "1 broken byte",
    "{} broken bytes",
    "awaiting {}",
    "stored until {}",
    "{} ms",
    "[section {}]",
    "The server sent {}, which only a client may send.",
    "The server refused the connection: {} ({}).",
    "The server refused the connection: {}.",
    "The server ended the connection: {} ({}).",
    "The server ended the connection: {}.",
    "{} closed the connection without answering CONNECT ({}, close code {}).",
    "{} closed the connection without answering CONNECT (WebSocket close code {}).",
    "{} closed the connection without answering CONNECT.",
    "The connection to {} is lost ({}, close code {}).",
    "The connection to {} is lost (WebSocket close code {}).",
    "The connection to {} is lost.",
];

/// What stands before a literal that nobody reads.
const NO_TEXT: &[&str] = &["class=", "class:", "expect(", "include!(concat!(env!("];

/// What every language writes alike: names, those of fields, and those of keys.
const NAMES: &[&str] = &[
    "Shift →",
    "Shift ←",
    "Shift Home",
    "Shift End",
    "button, summary, a, [role=option]",
    "input, textarea, select, [contenteditable]",
    "Fourstep",
    "Receive Maximum",
    "Maximum Packet Size",
    "Topic Alias Maximum",
    "Subscription Identifier",
    "Escape",
    "Tab",
    "Enter",
    "Home",
    "End",
    "PageUp",
    "PageDown",
];
