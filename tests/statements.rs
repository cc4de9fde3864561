//! Every normative statement that is cited anywhere, held against the list of
//! its version. The same number means different things in 3.1.1 and in 5.0, so
//! an id without its version says nothing.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use fourstep::codec::{Rule, Statement, Version};
use fourstep::session::TRANSITIONS;

#[test]
fn every_rule_of_the_codec_cites_a_statement_of_its_version() {
    for rule in Rule::ALL {
        for version in [Version::V311, Version::V5] {
            if let Some(id) = rule.statement(version) {
                assert!(ids(version).contains(id), "{rule:?}: {version} has no {id}");
            }
        }
    }
}

#[test]
fn every_step_of_a_flow_cites_a_statement_of_its_version() {
    for row in TRANSITIONS {
        for (version, id) in [(Version::V311, row.v311), (Version::V5, row.v5)] {
            let is_known = id.is_none_or(|id| ids(version).contains(id));
            assert!(is_known, "{row:?}: {version} has no {id:?}");
        }
    }
}

#[test]
fn every_fault_of_an_engine_cites_a_statement_of_its_version() {
    let mut cited = 0;
    for (path, code) in files("src", "rs") {
        for (version, id) in cited_in(&code) {
            assert!(ids(version).contains(&*id), "{path}: {version} has no {id}");
            cited += 1;
        }
    }
    assert!(cited > 50, "only {cited} were found");
}

#[test]
fn no_sentence_of_the_engine_has_an_id_without_a_version_in_it() {
    for (path, code) in files("src", "rs") {
        if LISTS.iter().any(|list| path.ends_with(list)) {
            continue;
        }
        let known: BTreeSet<String> = cited_in(&code).into_iter().map(|(_, id)| id).collect();
        // What a unit test expects is not what the engine says.
        let code = code.split("#[cfg(test)]").next().unwrap_or_default();
        for line in code.lines().filter(|line| !is_comment(line)) {
            for id in labels(line) {
                let is_shared = ALIKE.contains(&&*id);
                assert!(known.contains(&id) || is_shared, "{path}: {id} has no version: {line}");
            }
        }
    }
}

#[test]
fn every_message_of_the_page_cites_a_statement_of_the_version_that_it_names() {
    for (path, text) in files("src/locales", "json") {
        for line in text.lines() {
            for id in labels(line) {
                let is_named = |version: &Version| {
                    let before = line.split(&*id).next().unwrap_or_default();
                    before.contains(&format!("MQTT {version}"))
                };
                let named = [Version::V311, Version::V5].into_iter().find(is_named);
                let is_known = named.is_some_and(|version| ids(version).contains(&*id));
                assert!(is_known || ALIKE.contains(&&*id), "{path}: {line}");
            }
        }
    }
}

#[test]
fn every_id_in_a_comment_or_document_is_one_of_the_version_that_it_names() {
    let documents = ["ARCHITECTURE.md", "CONTRIBUTING.md", "README.md"];
    let documents = documents.map(|name| (name.to_owned(), read(&root().join(name))));
    let code = ["src", "examples", "tests"].into_iter().flat_map(|folder| files(folder, "rs"));
    for (path, text) in code.chain(files("docs", "md")).chain(documents) {
        // A paragraph of a comment, without its line breaks.
        let text: String = text.lines().map(|line| format!("{} ", bare(line))).collect();
        for (at, _) in text.match_indices("MQTT-") {
            let id = labels(&text[at..]).into_iter().next();
            let Some(id) = id.filter(|id| text[at..].starts_with(id)) else { continue };
            let (before, after) = (&text[..at], &text[at + id.len()..]);
            for version in [Version::V311, Version::V5] {
                let is_named = before.ends_with(&format!("{version}: ["))
                    || after.starts_with(&format!("] in {version}"))
                    || after.starts_with(&format!("] ({version})"));
                assert!(!is_named || ids(version).contains(&*id), "{path}: {version} has no {id}");
            }
            let is_any = [Version::V311, Version::V5].iter().any(|it| ids(*it).contains(&*id));
            assert!(is_any || path.ends_with(THIS), "{path}: no version has {id}");
        }
    }
}

#[test]
fn every_test_named_after_a_statement_is_named_after_one_that_exists() {
    let mut named = 0;
    for (path, code) in files("tests", "rs").into_iter().chain(files("src", "rs")) {
        let names = code.match_indices("fn mqtt_").filter(|_| !path.ends_with(THIS));
        for (at, prefix) in names {
            let name = code[at + prefix.len()..].split('(').next().unwrap_or_default();
            let Some((version, id)) = id_of_name(name) else { continue };
            let is_known = match version {
                Some(version) => ids(version).contains(&*id),
                None => [Version::V311, Version::V5].iter().any(|it| ids(*it).contains(&*id)),
            };
            assert!(is_known, "{path}: mqtt_{name} is named after {id}");
            named += 1;
        }
    }
    assert!(named > 100, "only {named} were found");
}

#[test]
fn the_statements_of_the_course_are_those_of_their_version() {
    let list = |name| read(&root().join("src/course/statements").join(name));
    for id in labels(&list("v311.rs")) {
        assert!(ids(Version::V311).contains(&*id), "3.1.1 has no {id}");
    }
    for line in list("v5.rs").lines() {
        let labels = labels(line);
        let version = [Version::V5, Version::V311];
        for (id, version) in labels.iter().zip(version) {
            assert!(ids(version).contains(&**id), "{version} has no {id}");
        }
    }
}

#[test]
fn a_statement_is_cited_by_the_number_of_the_version_that_is_spoken() {
    let statement = Statement::both("MQTT-3.1.4-2", "MQTT-3.1.4-3");
    assert_eq!(statement.in_version(Version::V311), Some("MQTT-3.1.4-2"));
    assert_eq!(statement.in_version(Version::V5), Some("MQTT-3.1.4-3"));
    assert_eq!(Statement::v5("MQTT-3.2.2-11").in_version(Version::V311), None);
    assert_eq!(Statement::v311("MQTT-4.8.0-2").in_version(Version::V5), None);
}

/// What `Statement::v311("…")`, `::v5("…")` and `::both("…", "…")` cite.
fn cited_in(code: &str) -> Vec<(Version, String)> {
    let mut cited = Vec::new();
    for (at, call) in code.match_indices("Statement::") {
        let rest = &code[at + call.len()..];
        let Some((name, rest)) = rest.split_once('(') else { continue };
        let texts = rest.split(')').next().unwrap_or_default().split('"').skip(1).step_by(2);
        let versions: &[Version] = match name {
            "v311" => &[Version::V311],
            "v5" => &[Version::V5],
            "both" => &[Version::V311, Version::V5],
            _ => continue,
        };
        let texts = texts.filter(|text| text.starts_with("MQTT-")).map(str::to_owned);
        cited.extend(versions.iter().copied().zip(texts));
    }
    cited
}

/// The version and the statement that a test's name starts with; `None` if it
/// starts with a section.
fn id_of_name(name: &str) -> Option<(Option<Version>, String)> {
    let numbers: Vec<&str> = name.split('_').take_while(|it| it.parse::<u32>().is_ok()).collect();
    let (version, numbers) = match &numbers[..] {
        // Section 5 has no statements.
        ["5", "0", rest @ ..] | ["5", rest @ ..] => (Some(Version::V5), rest),
        // Section 3.1.1 has no statements.
        ["3", "1", "1", rest @ ..] => (Some(Version::V311), rest),
        _ => (None, &numbers[..]),
    };
    let [a, b, c, d, ..] = numbers else { return None };
    Some((version, format!("MQTT-{a}.{b}.{c}-{d}")))
}

/// Every label of a statement in a text.
fn labels(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    for (at, prefix) in text.match_indices("MQTT-") {
        let rest = &text[at + prefix.len()..];
        let section: String =
            rest.chars().take_while(|c| c.is_ascii_digit() || *c == '.').collect();
        let Some(rest) = rest[section.len()..].strip_prefix('-') else { continue };
        let number: String = rest.chars().take_while(char::is_ascii_digit).collect();
        // The specifications print some with a slip: `3.3.1.-1`, `4.2-1`.
        let is_whole = section.split('.').filter(|part| !part.is_empty()).count() == 3;
        if is_whole && !section.ends_with('.') && !number.is_empty() {
            found.push(format!("MQTT-{section}-{number}"));
        }
    }
    found
}

/// The statements that a version has.
fn ids(version: Version) -> BTreeSet<String> {
    let (list, missing): (&[(&str, u32)], &[&str]) = match version {
        Version::V311 => (V311, &[]),
        Version::V5 => (V5, &["MQTT-2.2.1-1"]),
    };
    let all = list.iter().flat_map(|(section, last)| {
        (1..=*last).map(move |number| format!("MQTT-{section}-{number}"))
    });
    all.filter(|id| !missing.contains(&&**id)).collect()
}

fn is_comment(line: &str) -> bool {
    line.trim_start().starts_with("//")
}

/// A line without the marks of a comment.
fn bare(line: &str) -> &str {
    let line = line.trim_start();
    ["//!", "///", "//"].iter().find_map(|mark| line.strip_prefix(mark)).unwrap_or(line).trim()
}

/// Every file below a folder with this ending, and its text.
fn files(folder: &str, ending: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut folders = vec![root().join(folder)];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).expect("a folder of the project") {
            let path = entry.expect("a file of the project").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|it| it == ending) {
                found.push((path.display().to_string(), read(&path)));
            }
        }
    }
    found
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

const THIS: &str = "tests/statements.rs";

/// Files that hold ids as data, each looked at by a test of its own, and one
/// that translates them.
const LISTS: [&str; 4] = [
    "src/course/statements/v311.rs",
    "src/course/statements/v5.rs",
    "src/session/table.rs",
    "src/language/phrases.rs",
];

/// Statements that mean the same in both versions and are cited without one.
const ALIKE: [&str; 3] = ["MQTT-3.1.2-8", "MQTT-6.0.0-1", "MQTT-6.0.0-4"];

/// Sections of MQTT 3.1.1 with the number of their last statement.
#[rustfmt::skip]
const V311: &[(&str, u32)] = &[
    ("1.5.3", 3), ("2.2.2", 2), ("2.3.1", 7),
    ("3.1.0", 2), ("3.1.2", 24), ("3.1.3", 11), ("3.1.4", 5), ("3.2.0", 1), ("3.2.2", 6),
    ("3.3.1", 12), ("3.3.2", 3), ("3.3.4", 1), ("3.3.5", 2), ("3.6.1", 1),
    ("3.8.1", 1), ("3.8.3", 4), ("3.8.4", 6), ("3.9.3", 2),
    ("3.10.1", 1), ("3.10.3", 2), ("3.10.4", 6), ("3.12.4", 1), ("3.14.1", 1), ("3.14.4", 3),
    ("4.1.0", 2), ("4.3.1", 1), ("4.3.2", 2), ("4.3.3", 2), ("4.4.0", 1), ("4.5.0", 2),
    ("4.6.0", 6), ("4.7.1", 3), ("4.7.2", 1), ("4.7.3", 4), ("4.8.0", 2), ("6.0.0", 4),
    ("7.0.0", 2), ("7.1.1", 2), ("7.1.2", 2),
];

/// Sections of MQTT 5.0 with the number of their last statement.
#[rustfmt::skip]
const V5: &[(&str, u32)] = &[
    ("1.5.4", 3), ("1.5.5", 1), ("1.5.7", 1), ("2.1.3", 1), ("2.2.1", 6), ("2.2.2", 1),
    ("3.1.0", 2), ("3.1.2", 30), ("3.1.3", 12), ("3.1.4", 6), ("3.2.0", 2), ("3.2.2", 22),
    ("3.3.1", 13), ("3.3.2", 20), ("3.3.4", 10), ("3.4.2", 3), ("3.5.2", 3),
    ("3.6.1", 1), ("3.6.2", 3), ("3.7.2", 3),
    ("3.8.1", 1), ("3.8.3", 5), ("3.8.4", 8), ("3.9.2", 2), ("3.9.3", 2),
    ("3.10.1", 1), ("3.10.3", 2), ("3.10.4", 6), ("3.11.2", 2), ("3.11.3", 2), ("3.12.4", 1),
    ("3.14.0", 1), ("3.14.1", 1), ("3.14.2", 4), ("3.14.4", 3), ("3.15.1", 1), ("3.15.2", 3),
    ("4.1.0", 2), ("4.2.0", 1), ("4.3.1", 1), ("4.3.2", 5), ("4.3.3", 13), ("4.4.0", 2),
    ("4.5.0", 2), ("4.6.0", 6), ("4.7.0", 1), ("4.7.1", 2), ("4.7.2", 1), ("4.7.3", 4),
    ("4.8.2", 6), ("4.9.0", 3), ("4.12.0", 7), ("4.12.1", 2), ("4.13.1", 1), ("4.13.2", 1),
    ("6.0.0", 4),
];
