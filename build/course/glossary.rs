//! The glossary: one `##` heading a term, `## packet-identifier Packet
//! identifier`, and what it means.

use super::emit::{Emitter, list};
use super::markdown::{self, Section};
use super::{Source, Wrong};

/// The Rust expression for the glossary: its terms in every language.
pub fn compile(sources: [Source; 2]) -> Result<String, Wrong> {
    let mut texts = Vec::new();
    let mut ids: Vec<Vec<String>> = Vec::new();
    for source in &sources {
        let terms: Vec<Section> = markdown::parse(source)?.into_iter().skip(1).collect();
        let (mut names, mut emitter) = (Vec::new(), Emitter::default());
        let text = list(&terms, |term| {
            let (id, name) = term.heading.split_once(' ').unwrap_or((&term.heading, ""));
            names.push(id.to_owned());
            format!(
                "Term {{ id: {id:?}, name: {name:?}, meaning: {} }}",
                emitter.blocks(&term.blocks)
            )
        });
        texts.push(text);
        ids.push(names);
    }
    if let [english, chinese] = ids.as_slice() {
        let wrong: Vec<String> = english
            .iter()
            .filter(|id| !chinese.contains(id))
            .chain(chinese.iter().filter(|id| !english.contains(id)))
            .map(|id| sources[1].wrong(0, format_args!("{id:?} is a term in one language only")))
            .collect();
        if !wrong.is_empty() {
            return Err(wrong);
        }
    }
    Ok(format!("[{}]", texts.join(",\n")))
}
