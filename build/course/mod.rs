//! From `src/course/` to `OUT_DIR/prose/`: one Rust expression for each
//! lesson, and one for the glossary.

mod emit;
mod glossary;
mod lesson;
mod markdown;
mod same;
mod selector;
mod source;

use std::path::{Path, PathBuf};
use std::{env, fs};

use source::{Source, Wrong};

/// The languages, in the order of `Language::ALL`.
const LANGUAGES: [&str; 2] = ["en", "zh"];

/// Compiles everything.
pub fn compile() -> Result<(), Wrong> {
    let root = PathBuf::from("src/course");
    let out = PathBuf::from(env::var_os("OUT_DIR").unwrap_or_default()).join("prose");
    let mut wrong = Wrong::new();
    let mut keep = |name: String, compiled: Result<String, Wrong>| match compiled {
        Ok(text) => write(&out.join(name), &text),
        Err(more) => wrong.extend(more),
    };
    keep("glossary.rs".to_owned(), sources(&root.join("glossary")).and_then(glossary::compile));
    for folder in folders(&root.join("lessons")) {
        let name = folder.file_name().unwrap_or_default().to_string_lossy().into_owned();
        keep(format!("{name}.rs"), sources(&folder).and_then(lesson::compile));
    }
    if wrong.is_empty() { Ok(()) } else { Err(wrong) }
}

/// The prose files of a folder, one for each language.
fn sources(folder: &Path) -> Result<[Source; 2], Wrong> {
    let read = |language: &str| {
        let path = folder.join(format!("{language}.md"));
        println!("cargo::rerun-if-changed={}", path.display());
        let text = fs::read_to_string(&path);
        let text = text.map_err(|error| format!("{} cannot be read: {error}", path.display()))?;
        Ok::<_, String>(Source { path, text })
    };
    match LANGUAGES.map(read) {
        [Ok(english), Ok(chinese)] => Ok([english, chinese]),
        both => Err(both.into_iter().filter_map(Result::err).collect()),
    }
}

fn folders(root: &Path) -> Vec<PathBuf> {
    println!("cargo::rerun-if-changed={}", root.display());
    let entries = fs::read_dir(root).into_iter().flatten().flatten();
    let mut folders: Vec<_> =
        entries.map(|entry| entry.path()).filter(|path| path.is_dir()).collect();
    folders.sort();
    folders
}

fn write(path: &Path, text: &str) {
    let folder = path.parent().unwrap_or(path);
    let written = fs::create_dir_all(folder).and_then(|()| fs::write(path, text));
    if let Err(error) = written {
        println!("cargo::error={} cannot be written: {error}", path.display());
    }
}
