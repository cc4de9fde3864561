//! What a lesson says, as data: build/ makes it from the Markdown of
//! `lessons/*/{en,zh}.md`. There is no HTML in it; a page draws the tree.

use super::Selector;
use crate::codec::Version;

/// Text within a block.
pub type Text = &'static [Inline];
/// Blocks one below the other.
pub type Blocks = &'static [Block];

/// A lesson in one language.
#[derive(Debug)]
pub struct Prose {
    /// Plain.
    pub title: &'static str,
    /// What the lesson is about, in a sentence or two.
    pub summary: Text,
    /// The lesson itself, to be read while the lab plays.
    pub text: Blocks,
    /// The question to answer before the run.
    pub prediction: Blocks,
    /// The answers on offer: what each says, and what is to be said to whoever
    /// chose it.
    pub options: &'static [Part],
    /// What is said to everybody after the run.
    pub explanation: Blocks,
    /// What is to be reached, and a hint for each.
    pub goals: &'static [Part],
    /// Cases to decide, and the explanation of each.
    pub cases: &'static [Part],
    /// What the specification says, in both versions.
    pub specification: Blocks,
    /// What only 3.1.1 says. Empty where there is no difference.
    pub specification_v311: Blocks,
    /// What only 5.0 says.
    pub specification_v5: Blocks,
    /// How many [`Inline::Packets`] there are, numbered from 0.
    pub sentences: u16,
}

/// Something with a name: an option, a goal, a case.
#[derive(Debug)]
pub struct Part {
    /// The name by which the lesson's code knows it.
    pub id: &'static str,
    /// What it says.
    pub text: Text,
    /// What is told later: the explanation, the hint.
    pub more: Blocks,
}

/// A block of prose.
#[derive(Debug)]
pub enum Block {
    /// A heading within a section.
    Heading(Text),
    /// A paragraph.
    Paragraph(Text),
    /// A list.
    List {
        /// Numbered or not.
        ordered: bool,
        /// Its items.
        items: &'static [Blocks],
    },
    /// A table.
    Table {
        /// The cells of its head.
        head: &'static [Text],
        /// The cells of its rows.
        rows: &'static [&'static [Text]],
    },
    /// Preformatted text.
    Code(&'static str),
    /// An aside: where common teaching is wrong, say.
    Note(Blocks),
}

/// A piece of text.
#[derive(Debug)]
pub enum Inline {
    /// Plain text.
    Text(&'static str),
    /// Code: the name of a packet or a field, bytes.
    Code(&'static str),
    /// Emphasis.
    Emphasis(Text),
    /// Strong emphasis.
    Strong(Text),
    /// A sentence that speaks of packets: it lights up with them.
    Packets {
        /// Its number in the lesson, from 0, in both languages the same.
        number: u16,
        /// The packets: those that any of these selects.
        selectors: &'static [Selector],
        /// The sentence.
        text: Text,
    },
    /// A term of the glossary.
    Term {
        /// Its [`Term`](super::glossary::Term).
        id: &'static str,
        /// The words.
        text: Text,
    },
    /// A normative statement.
    Statement {
        /// Of which specification.
        version: Version,
        /// Its id, without brackets: `MQTT-4.3.3-2`.
        id: &'static str,
        /// The words; empty: the id in brackets stands for itself.
        text: Text,
    },
    /// Plays one of the lesson's experiments.
    Try {
        /// Its [`Experiment`](super::Experiment).
        id: &'static str,
        /// The words.
        text: Text,
    },
    /// Leads to another lesson.
    Lesson {
        /// Its [`Lesson::slug`](super::Lesson::slug).
        slug: &'static str,
        /// The words.
        text: Text,
    },
    /// Leads out of the page.
    Address {
        /// `https:` and so on.
        address: &'static str,
        /// The words.
        text: Text,
    },
}

impl Prose {
    /// Every section's blocks and every part's text, in the order in which
    /// they stand in the file.
    pub fn walk(&self, visit: &mut dyn FnMut(&'static Inline)) {
        walk_text(self.summary, visit);
        walk(self.text, visit);
        walk(self.prediction, visit);
        walk_parts(self.options, visit);
        walk(self.explanation, visit);
        walk_parts(self.goals, visit);
        walk_parts(self.cases, visit);
        for blocks in [self.specification, self.specification_v311, self.specification_v5] {
            walk(blocks, visit);
        }
    }

    /// The part with this name; options, goals and cases alike.
    pub fn part(parts: &'static [Part], id: &str) -> Option<&'static Part> {
        parts.iter().find(|part| part.id == id)
    }

    /// The statements that it cites, each once, in order.
    pub fn statements(&self) -> Vec<(Version, &'static str)> {
        let mut cited = Vec::new();
        self.walk(&mut |inline| {
            if let Inline::Statement { version, id, .. } = inline
                && !cited.contains(&(*version, *id))
            {
                cited.push((*version, *id));
            }
        });
        cited
    }
}

impl Inline {
    /// The text within it, if it has any.
    pub fn inner(&self) -> Text {
        match self {
            Inline::Text(_) | Inline::Code(_) => &[],
            Inline::Emphasis(text) | Inline::Strong(text) => text,
            Inline::Packets { text, .. }
            | Inline::Term { text, .. }
            | Inline::Statement { text, .. }
            | Inline::Try { text, .. }
            | Inline::Lesson { text, .. }
            | Inline::Address { text, .. } => text,
        }
    }
}

/// Visits every inline of these blocks, the outer before the inner.
pub fn walk(blocks: Blocks, visit: &mut dyn FnMut(&'static Inline)) {
    for block in blocks {
        match block {
            Block::Heading(text) | Block::Paragraph(text) => walk_text(text, visit),
            Block::List { items, .. } => items.iter().for_each(|item| walk(item, visit)),
            Block::Table { head, rows } => {
                let cells = head.iter().chain(rows.iter().copied().flatten());
                cells.for_each(|cell| walk_text(cell, visit));
            }
            Block::Code(_) => {}
            Block::Note(blocks) => walk(blocks, visit),
        }
    }
}

/// Visits every inline of a text, the outer before the inner.
pub fn walk_text(text: Text, visit: &mut dyn FnMut(&'static Inline)) {
    for inline in text {
        visit(inline);
        walk_text(inline.inner(), visit);
    }
}

/// The words of a text, without what they lead to.
pub fn plain(text: Text) -> String {
    let mut words = String::new();
    walk_text(text, &mut |inline| match inline {
        Inline::Text(text) | Inline::Code(text) => words.push_str(text),
        Inline::Statement { id, text: [], .. } => words.push_str(id),
        _ => {}
    });
    words
}

fn walk_parts(parts: &'static [Part], visit: &mut dyn FnMut(&'static Inline)) {
    for part in parts {
        walk_text(part.text, visit);
        walk(part.more, visit);
    }
}
