//! Search: every paragraph of the course and every term, by words.

use super::prose::{self, Block, Blocks, Text};
use super::{LESSONS, Language, Lesson, Part, glossary};

/// Everything that can be found in one language.
#[derive(Debug)]
pub struct Index {
    passages: Vec<Passage>,
}

/// Where something was found.
#[derive(Clone, Copy, Debug)]
pub enum Place {
    /// In a lesson.
    Lesson(&'static Lesson),
    /// In the glossary.
    Term(&'static glossary::Term),
}

/// Something that was found: the words and what stands around them.
#[derive(Clone, Debug)]
pub struct Hit {
    /// Where.
    pub place: Place,
    /// The text before, cut at a word.
    pub before: String,
    /// What was found, as it stands there.
    pub found: String,
    /// The text behind, cut at a word.
    pub after: String,
}

#[derive(Debug)]
struct Passage {
    place: Place,
    text: String,
    /// The same in lower case, character for character.
    folded: Vec<char>,
    /// How much a match here counts: a title more than a paragraph.
    weight: u32,
}

impl Index {
    /// Reads the whole course in this language.
    pub fn new(language: Language) -> Self {
        let mut passages = Vec::new();
        for lesson in LESSONS.iter().copied() {
            let prose = lesson.prose(language);
            let mut add = |text: String, weight| {
                passages.push(Passage::new(Place::Lesson(lesson), text, weight));
            };
            add(prose.title.to_owned(), TITLE);
            add(prose::plain(prose.summary), HEADING);
            for blocks in [prose.text, prose.prediction, prose.explanation, prose.specification] {
                each(blocks, &mut add);
            }
            each(prose.specification_v311, &mut add);
            each(prose.specification_v5, &mut add);
            for Part { text, more, .. } in
                [prose.options, prose.goals, prose.cases].into_iter().flatten()
            {
                add(prose::plain(text), PARAGRAPH);
                each(more, &mut add);
            }
        }
        for term in glossary::terms(language) {
            let mut add = |text, weight| {
                passages.push(Passage::new(Place::Term(term), text, weight));
            };
            add(term.name.to_owned(), TITLE);
            each(term.meaning, &mut add);
        }
        Index { passages }
    }

    /// The passages in which every word of the query starts a word, best
    /// first, at most `limit`. Where words are not parted by spaces, as in
    /// Chinese, a word is found anywhere.
    pub fn search(&self, query: &str, limit: usize) -> Vec<Hit> {
        let words: Vec<Vec<char>> = query.split_whitespace().map(fold).collect();
        if words.is_empty() {
            return Vec::new();
        }
        let mut found: Vec<(u32, usize, Hit)> = Vec::new();
        for (order, passage) in self.passages.iter().enumerate() {
            if let Some((score, hit)) = passage.search(&words) {
                found.push((score, order, hit));
            }
        }
        found.sort_by_key(|(score, order, _)| (u32::MAX - score, *order));
        found.truncate(limit);
        found.into_iter().map(|(_, _, hit)| hit).collect()
    }
}

impl Passage {
    fn new(place: Place, text: String, weight: u32) -> Self {
        let folded = fold(&text);
        Passage { place, text, folded, weight }
    }

    /// How well it matches, and where it first does.
    fn search(&self, words: &[Vec<char>]) -> Option<(u32, Hit)> {
        let mut score = 0;
        let mut first: Option<(usize, usize)> = None;
        for word in words {
            let at = self.find(word)?;
            let end = at + word.len();
            // A whole word is better than the start of one.
            let is_whole = self.folded.get(end).is_none_or(|c| !c.is_alphanumeric());
            score += self.weight * if is_whole { 2 } else { 1 };
            if first.is_none_or(|(start, _)| at < start) {
                first = Some((at, end));
            }
        }
        let (start, end) = first?;
        Some((score, self.hit(start, end)))
    }

    fn find(&self, word: &[char]) -> Option<usize> {
        let starts_word = |at: usize| {
            !word.first().is_some_and(char::is_ascii_alphanumeric)
                || !at
                    .checked_sub(1)
                    .and_then(|before| self.folded.get(before))
                    .is_some_and(char::is_ascii_alphanumeric)
        };
        let mut windows = self.folded.windows(word.len()).enumerate();
        windows.find(|(at, window)| *window == word && starts_word(*at)).map(|(at, _)| at)
    }

    fn hit(&self, start: usize, end: usize) -> Hit {
        let characters: Vec<char> = self.text.chars().collect();
        let from = start.saturating_sub(AROUND);
        let to = (end + AROUND).min(characters.len());
        let cut = |range: std::ops::Range<usize>| -> String {
            characters.get(range).unwrap_or_default().iter().collect()
        };
        let (mut before, mut after) = (cut(from..start), cut(end..to));
        if from > 0 {
            let word = before.find(' ').map_or(0, |space| space + 1);
            before = format!("…{}", before.split_off(word));
        }
        if to < characters.len() {
            after.truncate(after.rfind(' ').unwrap_or(after.len()));
            after.push('…');
        }
        Hit { place: self.place, before, found: cut(start..end), after }
    }
}

/// Adds every paragraph, item, heading and cell of these blocks.
fn each(blocks: Blocks, add: &mut dyn FnMut(String, u32)) {
    for block in blocks {
        match block {
            Block::Heading(text) => add(prose::plain(text), HEADING),
            Block::Paragraph(text) => add(prose::plain(text), PARAGRAPH),
            Block::List { items, .. } => items.iter().for_each(|item| each(item, add)),
            Block::Table { head, rows } => {
                let lines = std::iter::once(*head).chain(rows.iter().copied());
                lines.for_each(|cells| add(row(cells), PARAGRAPH));
            }
            Block::Code(text) => add((*text).to_owned(), PARAGRAPH),
            Block::Note(blocks) => each(blocks, add),
        }
    }
}

/// The cells of a row in one line.
fn row(cells: &[Text]) -> String {
    let cells: Vec<String> = cells.iter().map(|cell| prose::plain(cell)).collect();
    cells.join(" · ")
}

/// In lower case and with the apostrophe of keyboards, as many characters as
/// before.
fn fold(text: &str) -> Vec<char> {
    let fold = |c: char| match c {
        '’' => '\'',
        c => c.to_lowercase().next().unwrap_or(c),
    };
    text.chars().map(fold).collect()
}

const TITLE: u32 = 100;
const HEADING: u32 = 10;
const PARAGRAPH: u32 = 1;
/// Characters shown on each side of what was found.
const AROUND: usize = 60;
