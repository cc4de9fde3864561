//! Compiles the messages of the page: from `src/locales/LANGUAGE/*.json` to
//! `OUT_DIR/messages.rs`. A message is a constant there, so each module of the
//! page holds those that it uses and no others.

use std::path::{Path, PathBuf};
use std::{env, fs, io};

use leptos_i18n_codegen::gen_code;
use leptos_i18n_parser::parse_locales::error::Result as Parsed;
use leptos_i18n_parser::parse_locales::options::Config;
use leptos_i18n_parser::parse_locales::parse_locales;

/// Compiles every file. A message that a language lacks is an error.
pub fn compile() -> Result<(), Vec<String>> {
    println!("cargo::rerun-if-changed={LOCALES}");
    let (code, missing) = generate().map_err(|error| vec![error.to_string()])?;
    if !missing.is_empty() {
        return Err(missing);
    }
    let out = PathBuf::from(env::var_os("OUT_DIR").unwrap_or_default());
    fs::write(out.join("messages.rs"), code).map_err(|error| vec![error.to_string()])
}

/// The code, and what is wrong with the messages.
fn generate() -> Parsed<(String, Vec<String>)> {
    let names = files(&Path::new(LOCALES).join(DEFAULT))?;
    let config =
        Config::new(DEFAULT)?.add_locale(OTHER)?.locales_path(LOCALES).add_namespaces(&names)?;
    let parsed = parse_locales(None, config)?;
    let code = gen_code(&parsed, None, false, None, false)?;
    let (errors, warnings) = parsed.diag.borrow();
    let errors = errors.iter().map(ToString::to_string);
    let wrong = errors.chain(warnings.iter().map(ToString::to_string)).collect();
    Ok((code.to_string(), wrong))
}

/// The files of a language, without their extension.
fn files(folder: &Path) -> io::Result<Vec<String>> {
    let mut names = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        names.extend(path.file_stem().map(|name| name.to_string_lossy().into_owned()));
    }
    names.sort();
    Ok(names)
}

const LOCALES: &str = "src/locales";
/// By their BCP 47 tags, as `Language::tag` has them.
const DEFAULT: &str = "en";
const OTHER: &str = "zh-Hans";
