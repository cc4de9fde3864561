use std::fmt::Write as _;

/// How a language writes a character by its number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Escape {
    /// `\u{e9}`, as JavaScript and Rust have it.
    Braces,
    /// `\u00e9` and `\U0001f600`, as Python has it.
    Digits,
}

/// A text as a string literal in double quotes. What is invisible, or moves
/// other characters about, is written by its number, so that the code does
/// what it looks like.
pub(super) fn string(text: &str, escape: Escape) -> String {
    let mut literal = String::from("\"");
    for character in text.chars() {
        match character {
            '"' | '\\' => literal.extend(['\\', character]),
            '\n' => literal.push_str("\\n"),
            '\r' => literal.push_str("\\r"),
            '\t' => literal.push_str("\\t"),
            // A quote that needs no escape here, but would in a debug text.
            '\'' => literal.push(character),
            _ if is_plain(character) => literal.push(character),
            _ => by_number(&mut literal, character, escape),
        }
    }
    literal.push('"');
    literal
}

/// Whether a character can be seen as what it is.
fn is_plain(character: char) -> bool {
    character.escape_debug().len() == 1
}

fn by_number(literal: &mut String, character: char, escape: Escape) {
    let number = u32::from(character);
    // Writing to a string cannot fail.
    let _ = match escape {
        Escape::Braces => write!(literal, "\\u{{{number:x}}}"),
        Escape::Digits if number > 0xFFFF => write!(literal, "\\U{number:08x}"),
        Escape::Digits => write!(literal, "\\u{number:04x}"),
    };
}
