//! Markdown as a tree: sections, blocks and inlines, each with its place in
//! the file.

use std::ops::Range;

use pulldown_cmark::{CodeBlockKind, Event, HeadingLevel, Options, Parser, Tag, TagEnd};

use super::selector::{self, Selector};
use super::{Source, Wrong};

/// What stands below one `#` or `##` heading.
pub struct Section {
    /// Where the heading is.
    pub at: usize,
    pub level: HeadingLevel,
    /// The heading as plain text.
    pub heading: String,
    pub blocks: Vec<Block>,
}

/// A block.
#[derive(Debug)]
pub enum Block {
    Heading(Vec<Inline>),
    Paragraph(Vec<Inline>),
    List { ordered: bool, items: Vec<Vec<Block>> },
    Table { head: Vec<Vec<Inline>>, rows: Vec<Vec<Vec<Inline>>> },
    Code(String),
    Note(Vec<Block>),
}

/// An inline.
#[derive(Debug)]
pub enum Inline {
    Text(String),
    Code(String),
    Emphasis(Vec<Inline>),
    Strong(Vec<Inline>),
    Link(usize, Target, Vec<Inline>),
}

/// Where a link leads.
#[derive(Clone, Debug, PartialEq)]
pub enum Target {
    Packets(Vec<Selector>),
    Term(String),
    /// Version and number.
    Statement(String, String),
    Try(String),
    Lesson(String),
    Address(String),
}

/// The sections of a file, in order.
pub fn parse(source: &Source) -> Result<Vec<Section>, Wrong> {
    let options = Options::ENABLE_TABLES | Options::ENABLE_SMART_PUNCTUATION;
    let parser = Parser::new_ext(&source.text, options).into_offset_iter();
    let mut reader = Reader { source, events: parser, wrong: Wrong::new() };
    let sections = reader.sections();
    if reader.wrong.is_empty() { Ok(sections) } else { Err(reader.wrong) }
}

/// The plain text of inlines.
pub fn plain(inlines: &[Inline]) -> String {
    let text = |inline: &Inline| match inline {
        Inline::Text(text) | Inline::Code(text) => text.clone(),
        Inline::Emphasis(inner) | Inline::Strong(inner) | Inline::Link(_, _, inner) => plain(inner),
    };
    inlines.iter().map(text).collect()
}

struct Reader<'a, I> {
    source: &'a Source,
    events: I,
    wrong: Wrong,
}

impl<'a, I: Iterator<Item = (Event<'a>, Range<usize>)>> Reader<'a, I> {
    fn sections(&mut self) -> Vec<Section> {
        let mut sections: Vec<Section> = Vec::new();
        while let Some((event, range)) = self.events.next() {
            match event {
                Event::Start(Tag::Heading { level, .. }) if level <= HeadingLevel::H2 => {
                    let heading = plain(&self.inlines());
                    sections.push(Section { at: range.start, level, heading, blocks: Vec::new() });
                }
                event => match (self.block(event, range.clone()), sections.last_mut()) {
                    (Some(block), Some(section)) => section.blocks.push(block),
                    (_, None) => self.fail(range.start, "a file starts with a # heading"),
                    (None, _) => {}
                },
            }
        }
        sections
    }

    /// The blocks up to the end of what contains them. Inlines that stand
    /// there by themselves, as in a tight list, are a paragraph.
    fn blocks(&mut self) -> Vec<Block> {
        let mut blocks = Vec::new();
        let mut loose = Vec::new();
        while let Some((event, range)) = self.events.next() {
            match event {
                Event::End(_) => break,
                event if is_block(&event) => {
                    flush(&mut loose, &mut blocks);
                    blocks.extend(self.block(event, range));
                }
                event => loose.extend(self.inline(event, range)),
            }
        }
        flush(&mut loose, &mut blocks);
        blocks
    }

    fn block(&mut self, event: Event<'a>, range: Range<usize>) -> Option<Block> {
        match event {
            Event::Start(Tag::Paragraph) => Some(Block::Paragraph(self.inlines())),
            Event::Start(Tag::Heading { .. }) => Some(Block::Heading(self.inlines())),
            Event::Start(Tag::BlockQuote(_)) => Some(Block::Note(self.blocks())),
            Event::Start(Tag::CodeBlock(kind)) => {
                if let CodeBlockKind::Fenced(language) = kind
                    && !language.is_empty()
                {
                    self.fail(range.start, "code blocks have no language");
                }
                Some(Block::Code(plain(&self.inlines())))
            }
            Event::Start(Tag::List(start)) => {
                let mut items = Vec::new();
                while let Some((Event::Start(Tag::Item), _)) = self.events.next() {
                    items.push(self.blocks());
                }
                Some(Block::List { ordered: start.is_some(), items })
            }
            Event::Start(Tag::Table(_)) => Some(self.table()),
            other => {
                self.fail(range.start, format_args!("this has no place in a lesson: {other:?}"));
                None
            }
        }
    }

    fn table(&mut self) -> Block {
        let mut rows = Vec::new();
        let mut cells = Vec::new();
        while let Some((event, _)) = self.events.next() {
            match event {
                Event::Start(Tag::TableCell) => cells.push(self.inlines()),
                Event::End(TagEnd::TableHead | TagEnd::TableRow) => {
                    rows.push(std::mem::take(&mut cells));
                }
                Event::End(TagEnd::Table) => break,
                _ => {}
            }
        }
        let head = rows.remove(0);
        Block::Table { head, rows }
    }

    /// The inlines up to the end of what contains them.
    fn inlines(&mut self) -> Vec<Inline> {
        let mut inlines = Vec::new();
        while let Some((event, range)) = self.events.next() {
            if matches!(event, Event::End(_)) {
                break;
            }
            inlines.extend(self.inline(event, range));
        }
        join(inlines)
    }

    fn inline(&mut self, event: Event<'a>, range: Range<usize>) -> Option<Inline> {
        match event {
            Event::Text(text) => Some(Inline::Text(text.into_string())),
            Event::Code(text) => Some(Inline::Code(text.into_string())),
            // Chinese has no space where a line ends.
            Event::SoftBreak => {
                let before = self.source.text[..range.start].chars().next_back();
                let after = self.source.text[range.end..].trim_start().chars().next();
                let wide = before.is_some_and(is_wide) || after.is_some_and(is_wide);
                (!wide).then(|| Inline::Text(" ".to_owned()))
            }
            Event::Start(Tag::Emphasis) => Some(Inline::Emphasis(self.inlines())),
            Event::Start(Tag::Strong) => Some(Inline::Strong(self.inlines())),
            Event::Start(Tag::Link { dest_url, .. }) => {
                let inner = self.inlines();
                match target(&dest_url) {
                    Ok(target) => Some(Inline::Link(range.start, target, inner)),
                    Err(why) => {
                        self.fail(range.start, why);
                        None
                    }
                }
            }
            other => {
                self.fail(range.start, format_args!("this has no place in a sentence: {other:?}"));
                None
            }
        }
    }

    fn fail(&mut self, offset: usize, what: impl std::fmt::Display) {
        self.wrong.push(self.source.wrong(offset, what));
    }
}

fn target(address: &str) -> Result<Target, String> {
    let (scheme, rest) = address.split_once(':').unwrap_or(("", address));
    match scheme {
        "packet" => {
            rest.split(',').map(selector::parse).collect::<Result<_, _>>().map(Target::Packets)
        }
        "glossary" => Ok(Target::Term(rest.to_owned())),
        "statement" => match rest.split_once('/') {
            Some((version @ ("3.1.1" | "5.0"), number)) => {
                Ok(Target::Statement(version.to_owned(), format!("MQTT-{number}")))
            }
            _ => Err(format!("statements are named as in statement:3.1.1/4.3.3-2, not {rest:?}")),
        },
        "try" => Ok(Target::Try(rest.to_owned())),
        "lesson" => Ok(Target::Lesson(rest.to_owned())),
        "https" => Ok(Target::Address(address.to_owned())),
        _ => Err(format!(
            "{address:?} is no link of a lesson: packet:, glossary:, statement:, try:, lesson: or https:"
        )),
    }
}

fn is_block(event: &Event<'_>) -> bool {
    let Event::Start(tag) = event else { return false };
    !matches!(tag, Tag::Emphasis | Tag::Strong | Tag::Link { .. })
}

fn flush(loose: &mut Vec<Inline>, blocks: &mut Vec<Block>) {
    if !loose.is_empty() {
        blocks.push(Block::Paragraph(join(std::mem::take(loose))));
    }
}

/// Puts neighboring texts together.
fn join(inlines: Vec<Inline>) -> Vec<Inline> {
    let mut joined: Vec<Inline> = Vec::new();
    for inline in inlines {
        match (joined.last_mut(), inline) {
            (Some(Inline::Text(before)), Inline::Text(text)) => before.push_str(&text),
            (_, inline) => joined.push(inline),
        }
    }
    joined
}

/// Whether no space belongs beside this character at the end of a line.
fn is_wide(character: char) -> bool {
    matches!(character, '\u{2e80}'..='\u{9fff}' | '\u{ff00}'..='\u{ffef}' | '“' | '”')
}
