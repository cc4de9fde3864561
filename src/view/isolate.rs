//! Text that runs from right to left, kept in its place.
//!
//! A browser orders a line by the directions of its characters (Unicode
//! Standard Annex #9). Left alone, the levels of a Hebrew topic run backwards,
//! and what follows the topic is drawn into it. So each run of such text is
//! isolated from what stands around it: the levels of a topic keep their order,
//! and within a level the text runs as it should.

use std::borrow::Cow;
use std::ops::Range;

/// A part of a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Part<'a> {
    /// What it says.
    pub text: &'a str,
    /// Whether its direction must not reach beyond it, as in a `bdi` element.
    pub is_isolated: bool,
}

/// The parts of a text, in order; together they are the text. Within quotation
/// marks, what slashes divide is isolated as it stands there, because it is of
/// one kind: a level of a topic, or a payload. Elsewhere, where names are
/// followed by words of ours, no more than from the first to the last
/// right-to-left character is.
pub fn parts(text: &str) -> Vec<Part<'_>> {
    if !text.contains(is_right_to_left) {
        return vec![Part { text, is_isolated: false }];
    }
    let mut parts: Vec<Part<'_>> = Vec::new();
    let mut is_quoted = false;
    let mut rest = text;
    while !rest.is_empty() {
        let (run, after) = rest.split_at(divider(rest).unwrap_or(rest.len()));
        let span = span(run, is_quoted);
        let (divider, after) = after.split_at(after.chars().next().map_or(0, char::len_utf8));
        let all = [
            (&run[..span.start], false),
            (&run[span.clone()], !span.is_empty()),
            (&run[span.end..], false),
            (divider, false),
        ];
        let all = all.into_iter().filter(|(text, _)| !text.is_empty());
        parts.extend(all.map(|(text, is_isolated)| Part { text, is_isolated }));
        is_quoted ^= divider == "\"";
        rest = after;
    }
    parts
}

/// Where the next slash or quotation mark is. After a backslash it is text.
fn divider(text: &str) -> Option<usize> {
    let mut is_escaped = false;
    text.char_indices().find_map(|(at, character)| {
        let is_divider = !is_escaped && matches!(character, '/' | '"');
        is_escaped = character == '\\' && !is_escaped;
        is_divider.then_some(at)
    })
}

/// What of a run between dividers is to be isolated: empty if it has no
/// right-to-left character.
fn span(run: &str, whole: bool) -> Range<usize> {
    let (Some(first), Some(last)) = (run.find(is_right_to_left), run.rfind(is_right_to_left))
    else {
        return 0..0;
    };
    match whole {
        true => run.len() - run.trim_start().len()..run.trim_end().len(),
        false => first..last + run[last..].chars().next().map_or(0, char::len_utf8),
    }
}

/// The text with each of its isolated [`parts`] between the characters that
/// isolate, for places that have no elements: labels in a drawing.
pub fn isolated(text: &str) -> Cow<'_, str> {
    if !text.contains(is_right_to_left) {
        return Cow::Borrowed(text);
    }
    let mut isolated = String::new();
    for part in parts(text) {
        match part.is_isolated {
            true => isolated.extend([FIRST_STRONG, part.text, POP]),
            false => isolated.push_str(part.text),
        }
    }
    Cow::Owned(isolated)
}

/// Whether a character belongs to a script that is written from right to left:
/// Hebrew, Arabic, Syriac, Thaana, N'Ko, and the historic ones.
fn is_right_to_left(character: char) -> bool {
    matches!(
        character,
        '\u{590}'..='\u{8FF}'
            | '\u{FB1D}'..='\u{FDFF}'
            | '\u{FE70}'..='\u{FEFE}'
            | '\u{10800}'..='\u{10FFF}'
            | '\u{1E800}'..='\u{1EFFF}'
    )
}

/// FIRST STRONG ISOLATE and POP DIRECTIONAL ISOLATE.
const FIRST_STRONG: &str = "\u{2068}";
const POP: &str = "\u{2069}";
