//! A lesson: which sections there are, and what each has to hold.

use pulldown_cmark::HeadingLevel;

use super::emit::Emitter;
use super::markdown::{self, Block, Inline, Section};
use super::{Source, Wrong, same};

/// The prose of a lesson in one language.
#[derive(Default)]
pub struct Prose {
    pub title: String,
    pub summary: Vec<Inline>,
    pub text: Vec<Block>,
    pub prediction: Vec<Block>,
    pub options: Vec<Part>,
    pub explanation: Vec<Block>,
    pub goals: Vec<Part>,
    pub cases: Vec<Part>,
    /// For both versions, for 3.1.1, for 5.0.
    pub specification: [Vec<Block>; 3],
}

/// A section with a name of its own: a sentence or two, and what is told
/// later.
pub struct Part {
    pub id: String,
    pub text: Vec<Inline>,
    pub more: Vec<Block>,
}

/// The Rust expression for a lesson: its prose in every language.
pub fn compile(sources: [Source; 2]) -> Result<String, Wrong> {
    let parsed = sources.iter().map(markdown::parse).collect::<Result<Vec<_>, _>>()?;
    let mut wrong = Wrong::new();
    if let [english, chinese] = parsed.as_slice() {
        wrong.extend(same::differences(&sources, english, chinese));
    }
    let mut texts = Vec::new();
    for (source, sections) in sources.iter().zip(parsed) {
        match read(source, sections) {
            Ok(prose) => texts.push(Emitter::default().prose(&prose)),
            Err(more) => wrong.extend(more),
        }
    }
    if wrong.is_empty() { Ok(format!("[{}]", texts.join(",\n"))) } else { Err(wrong) }
}

fn read(source: &Source, sections: Vec<Section>) -> Result<Prose, Wrong> {
    let mut prose = Prose::default();
    let mut wrong = Wrong::new();
    for section in sections {
        let (at, heading) = (section.at, section.heading.clone());
        if let Err(why) = prose.add(section) {
            wrong.push(source.wrong(at, format_args!("{heading:?}: {why}")));
        }
    }
    let end = source.text.len();
    wrong.extend(prose.missing().map(|what| source.wrong(end, format_args!("{what} is missing"))));
    if wrong.is_empty() { Ok(prose) } else { Err(wrong) }
}

impl Prose {
    fn add(&mut self, section: Section) -> Result<(), String> {
        let Section { level, heading, mut blocks, .. } = section;
        if level == HeadingLevel::H1 {
            let summary = match (blocks.pop(), blocks.is_empty(), self.title.is_empty()) {
                (Some(Block::Paragraph(summary)), true, true) => summary,
                _ => return Err("a lesson has one title, with one paragraph below it".to_owned()),
            };
            (self.title, self.summary) = (heading, summary);
            return Ok(());
        }
        let place = match heading.split_once(' ').unwrap_or((&heading, "")) {
            ("text", "") => &mut self.text,
            ("prediction", "") => &mut self.prediction,
            ("explanation", "") => &mut self.explanation,
            ("specification", "") => &mut self.specification[0],
            ("specification", "3.1.1") => &mut self.specification[1],
            ("specification", "5.0") => &mut self.specification[2],
            ("option", id) => return add_part(&mut self.options, id, blocks),
            ("goal", id) => return add_part(&mut self.goals, id, blocks),
            ("case", id) => return add_part(&mut self.cases, id, blocks),
            _ => return Err(format!("no such section; there are {SECTIONS}")),
        };
        if !place.is_empty() {
            return Err("this section is there already".to_owned());
        }
        *place = blocks;
        Ok(())
    }

    fn missing(&self) -> impl Iterator<Item = &'static str> {
        let parts = [
            (self.title.is_empty(), "the title"),
            (self.text.is_empty(), "## text"),
            (self.prediction.is_empty(), "## prediction"),
            (self.options.len() < 2, "a second ## option"),
            (self.explanation.is_empty(), "## explanation"),
            (self.goals.is_empty(), "a ## goal"),
            (self.specification[0].is_empty(), "## specification"),
        ];
        parts.into_iter().filter(|(is_missing, _)| *is_missing).map(|(_, what)| what)
    }
}

fn add_part(parts: &mut Vec<Part>, id: &str, mut blocks: Vec<Block>) -> Result<(), String> {
    let is_name = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    if id.is_empty() || !id.chars().all(is_name) {
        return Err("it needs a name of small letters, digits and hyphens".to_owned());
    }
    if parts.iter().any(|part| part.id == id) {
        return Err("this name is taken".to_owned());
    }
    if blocks.len() < 2 {
        return Err("it needs a paragraph that says it, and another that explains".to_owned());
    }
    match blocks.remove(0) {
        Block::Paragraph(text) => parts.push(Part { id: id.to_owned(), text, more: blocks }),
        _ => return Err("it starts with a paragraph".to_owned()),
    }
    Ok(())
}

const SECTIONS: &str = "text, prediction, option NAME, explanation, goal NAME, case NAME, \
                        specification, specification 3.1.1 and specification 5.0";
