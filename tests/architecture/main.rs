//! The rules that hold the crate together, as ARCHITECTURE.md states them.
#![cfg(not(target_arch = "wasm32"))]

mod circles;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// Each top-level module and the ones that it may import.
const MODULES: &[(&str, &[&str])] = &[
    ("time", &[]),
    ("codec", &[]),
    ("language", &[]),
    ("session", &["time", "codec"]),
    ("client", &["time", "codec", "language", "session"]),
    ("broker", &["time", "codec", "session"]),
    ("trace", &["time", "codec", "language"]),
    ("export", &["time", "codec", "trace"]),
    ("sim", &["time", "codec", "session", "client", "broker", "trace"]),
    ("view", &["time", "codec", "language", "session", "client", "trace", "sim"]),
    (
        "course",
        &["time", "codec", "language", "session", "client", "broker", "trace", "sim", "view"],
    ),
    ("web", &["time", "codec", "language", "session", "client", "trace"]),
    ("js", &["time", "codec", "session", "client", "broker", "trace", "export", "sim", "web"]),
    (
        "ui",
        &[
            "time", "codec", "language", "session", "client", "broker", "trace", "export", "sim",
            "view", "course", "web",
        ],
    ),
    // The crate's front page and the entry points of the page's modules.
    ("lib", &[]),
    ("main", &["ui"]),
    ("bin", &["ui"]),
];

/// The modules that know no browser, no clock, no randomness and no `serde`.
const PURE: &[&str] = &[
    "time", "codec", "language", "session", "client", "broker", "trace", "export", "sim", "view",
    "course", "lib",
];

/// What a pure module must not name.
const IMPURE: &[&str] = &[
    "web_sys",
    "js_sys",
    "wasm_bindgen",
    "wasm_bindgen_futures",
    "leptos",
    "gloo",
    "serde",
    "serde_json",
    "rand",
    "getrandom",
    "SystemTime",
    "std::time::Instant",
    "std::net",
    "std::fs",
    "std::env",
    "std::thread",
    "tokio",
];

/// Lines of a file, its tests aside.
const LONGEST_FILE: usize = 500;

#[test]
fn every_module_has_its_place() {
    let known: BTreeSet<&str> = MODULES.iter().map(|(module, _)| *module).collect();
    for (path, _) in sources() {
        let module = module_of(&path);
        assert!(known.contains(module.as_str()), "{module} is not in the table of this test");
    }
}

#[test]
fn modules_import_only_what_is_below_them() {
    let allowed: BTreeMap<_, _> = MODULES.iter().copied().collect();
    let mut wrong = Vec::new();
    for (path, text) in sources() {
        let module = module_of(&path);
        for import in imports(&code(&text), depth(&path)) {
            // Names that are no module, such as a macro's.
            let is_module = allowed.contains_key(import.as_str());
            let below = allowed
                .get(module.as_str())
                .is_some_and(|below| import == module || below.contains(&import.as_str()));
            if is_module && !below {
                wrong.push(format!("{} imports {import}", path.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn the_table_of_imports_has_no_circle() {
    // Each module's imports come before it, so nothing can lead back.
    for (index, (module, below)) in MODULES.iter().enumerate() {
        let before: Vec<_> = MODULES[..index].iter().map(|(module, _)| module).collect();
        // The entry point stands last; nothing imports it.
        for import in *below {
            assert!(before.contains(&import), "{module} comes before {import}");
        }
    }
}

#[test]
fn pure_modules_know_no_browser_no_clock_no_randomness_and_no_serde() {
    let mut wrong = Vec::new();
    for (path, text) in sources() {
        if PURE.contains(&module_of(&path).as_str()) {
            let code = code(&text);
            for name in IMPURE.iter().filter(|name| mentions(&code, name)) {
                wrong.push(format!("{} names {name}", path.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn no_file_outgrows_its_reader() {
    for (path, text) in sources() {
        let lines = without_tests(&text).lines().count();
        assert!(lines < LONGEST_FILE, "{} has {lines} lines", path.display());
    }
}

#[test]
fn what_architecture_md_names_exists() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let page = fs::read_to_string(root.join("ARCHITECTURE.md")).expect("ARCHITECTURE.md is there");
    let mut tests = String::new();
    for folder in ["tests", "src"] {
        for path in rust_files(&root.join(folder)) {
            tests.push_str(&fs::read_to_string(path).expect("a source file is text"));
        }
    }
    let mut named = 0;
    for name in backticked(&page) {
        let is_file = name.contains('/') && !name.contains(|c: char| c.is_whitespace() || c == '*');
        if is_file {
            assert!(root.join(name).exists(), "{name} does not exist");
        }
        // Nothing but a test has a name this long.
        if name.len() > 24 && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_') {
            assert!(tests.contains(&format!("fn {name}(")), "there is no test {name}");
            named += 1;
        }
    }
    assert!(named >= 10, "the invariants name {named} tests");
}

/// What nothing compiles, rots. `make lint` names each feature; cargo finds
/// examples and benchmarks by itself.
#[test]
fn make_lint_builds_every_feature_and_every_fuzz_target() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let read = |path: &str| fs::read_to_string(root.join(path)).expect("the file is there");
    let (manifest, makefile, fuzz) =
        (read("Cargo.toml"), read("Makefile"), read("fuzz/Cargo.toml"));

    let section = manifest.split("\n[features]\n").nth(1).expect("there are features");
    let section = section.split("\n[").next().unwrap_or_default();
    let features = section.lines().filter_map(|line| line.split_once(" = "));
    let features: BTreeSet<&str> =
        features.map(|(name, _)| name).filter(|name| *name != "default").collect();
    let named = makefile.lines().filter_map(|line| {
        let (variable, names) = line.split_once(" := ")?;
        ["HOST_FEATURES", "WASM_FEATURES"].contains(&variable).then_some(names)
    });
    assert_eq!(features, named.flat_map(str::split_whitespace).collect());

    let files: BTreeSet<String> = rust_files(&root.join("fuzz/fuzz_targets"))
        .iter()
        .filter_map(|path| Some(path.file_stem()?.to_str()?.to_owned()))
        .collect();
    for name in &files {
        assert!(fuzz.contains(&format!("path = \"fuzz_targets/{name}.rs\"")), "{name}");
        assert!(root.join("fuzz/corpus").join(name).is_dir(), "{name} has no seeds");
    }
    assert_eq!(files.len(), fuzz.matches("[[bin]]").count());
}

#[test]
fn imports_are_found_however_they_are_written() {
    #[rustfmt::skip]
    let cases: &[(&str, &[&str])] = &[
        ("use crate::codec::Packet;", &["codec"]),
        ("use crate::{codec::Packet, session, time::{self, Instant}};", &["codec", "session", "time"]),
        ("use crate::{\n    codec::{Packet, QoS},\n    ui,\n};", &["codec", "ui"]),
        ("let now = crate::web::clock::now();", &["web"]),
        ("pub(crate) fn f(x: &crate::trace::Trace)", &["trace"]),
        ("$crate::codec::Packet", &["codec"]),
        ("use other_crate::codec;", &[]),
        ("use super::packet;", &[]),
        ("use super::super::client::Client;", &["client"]),
    ];
    for (text, expected) in cases {
        let expected: BTreeSet<String> = expected.iter().map(|&name| name.to_owned()).collect();
        assert_eq!(imports(text, 2), expected, "{text}");
    }
}

#[test]
fn comments_and_tests_are_no_code_and_names_are_whole_words() {
    let text =
        "//! [`Trace`](crate::trace::Trace)\nuse a; // crate::ui\n#[cfg(test)]\nmod tests {}";
    assert_eq!(imports(&code(text), 1), BTreeSet::new());
    assert!(code(text).contains("use a;"));
    assert_eq!(without_tests(text).lines().count(), 2);
    assert!(mentions("use rand::Rng;", "rand"));
    assert!(mentions("std::time::Instant::now()", "std::time::Instant"));
    assert!(!mentions("let brand = operand;", "rand"));
    assert!(!mentions("wasm_bindgen_test", "wasm_bindgen"));
}

/// Every Rust file below `src/`, by its path from there.
fn sources() -> Vec<(PathBuf, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let files: Vec<_> = rust_files(&root)
        .into_iter()
        .map(|path| {
            let text = fs::read_to_string(&path).expect("a source file is text");
            let path = path.strip_prefix(&root).expect("it is below src").to_owned();
            (path, text)
        })
        .collect();
    assert!(files.len() > 20, "src was not found");
    files
}

fn rust_files(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).expect("the folder is there") {
        let path = entry.expect("the folder can be read").path();
        if path.is_dir() {
            files.extend(rust_files(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
    files
}

/// The top-level module that a file belongs to.
fn module_of(path: &Path) -> String {
    let first = path.components().next().expect("a path has a part");
    Path::new(first.as_os_str()).with_extension("").display().to_string()
}

/// How many times `super` leads from a file's module to the crate's root.
fn depth(path: &Path) -> usize {
    path.with_extension("").components().filter(|part| part.as_os_str() != "mod").count()
}

/// A file without its comments and its tests.
fn code(text: &str) -> String {
    let mut code = String::new();
    for line in without_tests(text).lines() {
        // A "//" within a string is not worth a lexer: what is cut off there
        // is an address.
        code.push_str(line.split("//").next().unwrap_or_default());
        code.push('\n');
    }
    code
}

/// A file up to its tests, which stand last.
fn without_tests(text: &str) -> &str {
    text.split("#[cfg(test)]\nmod ").next().unwrap_or_default()
}

/// The top-level modules that paths from the crate's root lead to, in a module
/// from which `depth` times `super` is the root.
fn imports(code: &str, depth: usize) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for root in ["crate::", &"super::".repeat(depth)] {
        for (at, _) in code.match_indices(root) {
            if code[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_') {
                continue;
            }
            let rest = &code[at + root.len()..];
            match rest.strip_prefix('{') {
                Some(list) => found.extend(heads(list)),
                None => found.extend(word(rest)),
            }
        }
    }
    found
}

/// The first part of each path in a list, up to the list's closing brace.
fn heads(list: &str) -> Vec<String> {
    let mut heads = Vec::new();
    let mut depth = 0;
    let mut at_head = true;
    for (at, character) in list.char_indices() {
        match character {
            '{' => depth += 1,
            '}' if depth == 0 => break,
            '}' => depth -= 1,
            ',' if depth == 0 => at_head = true,
            _ if at_head && depth == 0 && !character.is_whitespace() => {
                heads.extend(word(&list[at..]));
                at_head = false;
            }
            _ => {}
        }
    }
    heads
}

/// The identifier at the start of a text.
fn word(text: &str) -> Option<String> {
    let word: String = text.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
    (!word.is_empty()).then_some(word)
}

/// Whether a name stands in the code as a whole word.
fn mentions(code: &str, name: &str) -> bool {
    let is_part = |c: char| c.is_alphanumeric() || c == '_';
    code.match_indices(name).any(|(at, _)| {
        !code[..at].ends_with(is_part) && !code[at + name.len()..].starts_with(is_part)
    })
}

/// What stands between backticks, code blocks aside.
fn backticked(page: &str) -> impl Iterator<Item = &str> {
    page.split("```").step_by(2).flat_map(|prose| prose.split('`').skip(1).step_by(2))
}
