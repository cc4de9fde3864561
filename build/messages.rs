//! Compiles the messages of the page: from `src/locales/LANGUAGE/*.json` to
//! `OUT_DIR/messages.rs`. A file becomes a module and a message a constant in
//! it, so each module of the page holds the messages that it uses and no
//! others.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs};

/// The messages of one file, by name.
type Messages = BTreeMap<String, String>;

/// Compiles every file. A message that a language lacks is an error.
pub fn compile() -> Result<(), Vec<String>> {
    println!("cargo::rerun-if-changed={LOCALES}");
    let mut code = String::new();
    let mut wrong = Vec::new();
    for name in names().map_err(|error| vec![error])? {
        match LANGUAGES.map(|language| read(language, &name)) {
            [Ok(english), Ok(chinese)] => module(&name, &english, &chinese, &mut code, &mut wrong),
            both => wrong.extend(both.into_iter().filter_map(Result::err)),
        }
    }
    if !wrong.is_empty() {
        return Err(wrong);
    }
    let out = PathBuf::from(env::var_os("OUT_DIR").unwrap_or_default());
    fs::write(out.join("messages.rs"), code).map_err(|error| vec![error.to_string()])
}

/// The files of a language, without their extension.
fn names() -> Result<Vec<String>, String> {
    let folder = Path::new(LOCALES).join(LANGUAGES[0]);
    let entries =
        fs::read_dir(&folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    let mut names: Vec<String> = entries
        .filter_map(|entry| Some(entry.ok()?.path().file_stem()?.to_string_lossy().into_owned()))
        .collect();
    names.sort();
    Ok(names)
}

fn read(language: &str, name: &str) -> Result<Messages, String> {
    let path = format!("{LOCALES}/{language}/{name}.json");
    let text = fs::read_to_string(&path).map_err(|error| format!("{path}: {error}"))?;
    serde_json::from_str(&text).map_err(|error| format!("{path}: {error}"))
}

/// Writes one file's messages, and what is wrong with them.
fn module(
    name: &str,
    english: &Messages,
    chinese: &Messages,
    code: &mut String,
    wrong: &mut Vec<String>,
) {
    let other = LANGUAGES[1];
    for key in chinese.keys().filter(|key| !english.contains_key(*key)) {
        wrong.push(format!("{LOCALES}/{other}/{name}.json: only there is a message {key}"));
    }
    let _ = writeln!(code, "pub mod {name} {{");
    for (key, text) in english {
        let Some(translated) = chinese.get(key) else {
            wrong.push(format!("{LOCALES}/{other}/{name}.json: it has no message {key}"));
            continue;
        };
        let _ = writeln!(code, "    pub const {key}: [&str; 2] = [{text:?}, {translated:?}];");
    }
    code.push_str("}\n");
}

const LOCALES: &str = "src/locales";
/// By their BCP 47 tags, in the order of `Language::ALL`.
const LANGUAGES: [&str; 2] = ["en", "zh-Hans"];
