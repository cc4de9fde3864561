//! The tree as Rust source, in the types of `src/course/prose.rs`.

use super::lesson::{Part, Prose};
use super::markdown::{Block, Inline, Target};

/// Writes the prose of one file.
#[derive(Default)]
pub struct Emitter {
    /// Sentences tied to packets so far.
    sentences: u16,
}

impl Emitter {
    pub fn prose(&mut self, prose: &Prose) -> String {
        // In the order in which they are read, for the numbers of sentences.
        let fields = [
            format!("title: {:?}", prose.title),
            format!("summary: {}", self.inlines(&prose.summary)),
            format!("text: {}", self.blocks(&prose.text)),
            format!("prediction: {}", self.blocks(&prose.prediction)),
            format!("options: {}", self.parts(&prose.options)),
            format!("explanation: {}", self.blocks(&prose.explanation)),
            format!("goals: {}", self.parts(&prose.goals)),
            format!("cases: {}", self.parts(&prose.cases)),
            format!("specification: {}", self.blocks(&prose.specification[0])),
            format!("specification_v311: {}", self.blocks(&prose.specification[1])),
            format!("specification_v5: {}", self.blocks(&prose.specification[2])),
            format!("sentences: {}", self.sentences),
        ];
        format!("Prose {{ {} }}", fields.join(",\n"))
    }

    pub fn blocks(&mut self, blocks: &[Block]) -> String {
        list(blocks, |block| self.block(block))
    }

    pub fn inlines(&mut self, inlines: &[Inline]) -> String {
        list(inlines, |inline| self.inline(inline))
    }

    fn parts(&mut self, parts: &[Part]) -> String {
        list(parts, |part| {
            let (text, more) = (self.inlines(&part.text), self.blocks(&part.more));
            format!("Part {{ id: {:?}, text: {text}, more: {more} }}", part.id)
        })
    }

    fn block(&mut self, block: &Block) -> String {
        match block {
            Block::Heading(inlines) => format!("Block::Heading({})", self.inlines(inlines)),
            Block::Paragraph(inlines) => format!("Block::Paragraph({})", self.inlines(inlines)),
            Block::List { ordered, items } => {
                let items = list(items, |item| self.blocks(item));
                format!("Block::List {{ ordered: {ordered}, items: {items} }}")
            }
            Block::Table { head, rows } => {
                let head = list(head, |cell| self.inlines(cell));
                let rows = list(rows, |row| list(row, |cell| self.inlines(cell)));
                format!("Block::Table {{ head: {head}, rows: {rows} }}")
            }
            Block::Code(text) => format!("Block::Code({text:?})"),
            Block::Note(blocks) => format!("Block::Note({})", self.blocks(blocks)),
        }
    }

    fn inline(&mut self, inline: &Inline) -> String {
        match inline {
            Inline::Text(text) => format!("Inline::Text({text:?})"),
            Inline::Code(text) => format!("Inline::Code({text:?})"),
            Inline::Emphasis(inner) => format!("Inline::Emphasis({})", self.inlines(inner)),
            Inline::Strong(inner) => format!("Inline::Strong({})", self.inlines(inner)),
            Inline::Link(_, target, inner) => self.link(target, inner),
        }
    }

    fn link(&mut self, target: &Target, inner: &[Inline]) -> String {
        let number = self.sentences;
        self.sentences += u16::from(matches!(target, Target::Packets(_)));
        let text = self.inlines(inner);
        match target {
            Target::Packets(selectors) => {
                let selectors = list(selectors, |selector| selector.code.clone());
                format!(
                    "Inline::Packets {{ number: {number}, selectors: {selectors}, text: {text} }}"
                )
            }
            Target::Term(id) => format!("Inline::Term {{ id: {id:?}, text: {text} }}"),
            Target::Statement(version, id) => {
                let version = if version == "5.0" { "V5" } else { "V311" };
                format!(
                    "Inline::Statement {{ version: crate::codec::Version::{version}, id: {id:?}, text: {text} }}"
                )
            }
            Target::Try(id) => format!("Inline::Try {{ id: {id:?}, text: {text} }}"),
            Target::Lesson(slug) => format!("Inline::Lesson {{ slug: {slug:?}, text: {text} }}"),
            Target::Address(address) => {
                format!("Inline::Address {{ address: {address:?}, text: {text} }}")
            }
        }
    }
}

/// A reference to an array.
pub fn list<T>(items: &[T], each: impl FnMut(&T) -> String) -> String {
    let items: Vec<String> = items.iter().map(each).collect();
    format!("&[{}]", items.join(", "))
}
