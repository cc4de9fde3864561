//! What the words mean.

use super::prose::{Block, Blocks, Inline};
use crate::language::Language;

/// A term of the glossary.
#[derive(Debug)]
pub struct Term {
    /// Its name in links: `glossary:packet-identifier`.
    pub id: &'static str,
    /// The term.
    pub name: &'static str,
    /// What it means.
    pub meaning: Blocks,
}

/// Every term, in the order in which the language's file has them.
pub fn terms(language: Language) -> &'static [Term] {
    language.of::<&'static [Term]>(&TERMS)
}

/// The term with this name.
pub fn find(language: Language, id: &str) -> Option<&'static Term> {
    terms(language).iter().find(|term| term.id == id)
}

static TERMS: [&[Term]; 2] = include!(concat!(env!("OUT_DIR"), "/prose/glossary.rs"));
