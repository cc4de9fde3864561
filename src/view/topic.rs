//! Topics as they are shown and typed. Two topics that differ never look the
//! same, and what is unusual about one is said.

use crate::codec::topic::split_shared;
use crate::trace::readable;

/// What is allowed in a topic, and seldom meant (5.0 and 3.1.1, section 4.7).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Hint {
    /// A space at the start or at the end, which belongs to the topic.
    SpaceAround,
    /// A character that cannot be seen, or looks like a space.
    Unseen,
    /// The first level is empty: `/a`.
    LeadingSlash,
    /// The last level is empty: `a/`.
    TrailingSlash,
    /// A level in between is empty: `a//b`.
    EmptyLevel,
}

/// What is unusual about a topic name or a topic filter, in the order of
/// [`Hint`]. Of a shared subscription, what follows the share name counts.
pub fn hints(topic: &str) -> Vec<Hint> {
    let topic = split_shared(topic).map_or(topic, |(_, filter)| filter);
    let mut levels = topic.split('/');
    let (first, last) = (levels.next().unwrap_or_default(), levels.next_back());
    let found = [
        (Hint::SpaceAround, topic.starts_with(' ') || topic.ends_with(' ')),
        (Hint::Unseen, topic.contains(is_odd_space) || has_escapes(topic)),
        (Hint::LeadingSlash, first.is_empty() && last.is_some()),
        (Hint::TrailingSlash, last == Some("") && topic.len() > 1),
        (Hint::EmptyLevel, levels.any(str::is_empty)),
    ];
    found.into_iter().filter_map(|(hint, is_so)| is_so.then_some(hint)).collect()
}

/// Whether a field of one line takes less than this when it is pasted:
/// browsers leave line breaks out and say nothing.
pub fn loses_lines(pasted: &str) -> bool {
    pasted.contains(['\n', '\r'])
}

/// A topic or a client identifier as [`readable`] text, in which spaces can be
/// seen where they could be missed: at either end, and more than one in a row.
/// At most `limit` characters of it, then `…`.
pub fn shown(text: &str, limit: usize) -> String {
    let readable = readable(text, limit);
    if !readable.contains(|character: char| character.is_whitespace() || character == OPEN_BOX) {
        return readable;
    }
    let mut shown = String::new();
    let mut characters = readable.chars().peekable();
    let mut before = ' ';
    while let Some(character) = characters.next() {
        let after = characters.peek().copied().unwrap_or(' ');
        match character {
            ' ' if before == ' ' || after == ' ' => shown.push(OPEN_BOX),
            odd if is_odd_space(odd) || odd == OPEN_BOX => shown.extend(odd.escape_unicode()),
            plain => shown.push(plain),
        }
        before = character;
    }
    shown
}

fn is_odd_space(character: char) -> bool {
    character != ' ' && character.is_whitespace()
}

/// Whether [`readable`] text has escapes for something that cannot be seen.
fn has_escapes(text: &str) -> bool {
    let plain = text.replace(['"', '\\'], "");
    readable(&plain, usize::MAX).len() != plain.len()
}

/// Stands for a space.
const OPEN_BOX: char = '␣';
