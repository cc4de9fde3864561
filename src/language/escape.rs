//! Bytes and strings from a peer, made fit to be shown.

use std::fmt::Write as _;

/// The start of a payload as text: quoted and escaped if it is UTF-8, else in
/// hexadecimal. At most `limit` characters of it are shown, then `…`; takes
/// no longer for a large payload.
pub fn preview(bytes: &[u8], limit: usize) -> String {
    // A character takes at most four bytes; one more tells that there is more.
    let head = &bytes[..bytes.len().min(limit.saturating_add(1).saturating_mul(4))];
    let text = match std::str::from_utf8(head) {
        Ok(text) => Some(text),
        // The cut may have gone through a character.
        Err(error) if error.error_len().is_none() && head.len() < bytes.len() => {
            std::str::from_utf8(&head[..error.valid_up_to()]).ok()
        }
        Err(_) => None,
    };
    // What is cut off by taking the head only is beyond the limit.
    match text {
        Some(text) => quoted(text, limit),
        None => hexadecimal(bytes, limit / 3),
    }
}

/// Text in double quotes, escaped, with at most `limit` characters of it and
/// then `…`.
pub fn quoted(text: &str, limit: usize) -> String {
    format!("\"{}\"", readable(text, limit))
}

/// Text with everything escaped that is invisible or moves other characters
/// about: controls, line breaks, bidirectional overrides, zero-width
/// characters. At most `limit` characters of it, then `…`.
pub fn readable(text: &str, limit: usize) -> String {
    escaped(text, limit, |character| {
        character == '"' || character == '\\' || is_deceptive(character)
    })
}

/// The same for a whole sentence, in which quotes and backslashes stay.
pub fn visible(text: &str, limit: usize) -> String {
    escaped(text, limit, is_deceptive)
}

fn escaped(text: &str, limit: usize, is_escaped: impl Fn(char) -> bool) -> String {
    let mut shown = String::new();
    let mut characters = text.chars();
    for character in characters.by_ref().take(limit) {
        if is_escaped(character) {
            shown.extend(character.escape_default());
        } else {
            shown.push(character);
        }
    }
    if characters.next().is_some() {
        shown.push('…');
    }
    shown
}

/// Whether a character, shown as it is, could make a line look like another.
fn is_deceptive(character: char) -> bool {
    character.is_control()
        || matches!(
            character,
            '\u{AD}'
                | '\u{61C}'
                | '\u{180E}'
                | '\u{200B}'..='\u{200F}'
                | '\u{2028}'..='\u{202E}'
                | '\u{2060}'..='\u{206F}'
                | '\u{FEFF}'
                | '\u{FFF0}'..='\u{FFFB}'
                | '\u{E0000}'..='\u{E0FFF}'
        )
}

fn hexadecimal(bytes: &[u8], limit: usize) -> String {
    let mut shown = "hex".to_owned();
    for byte in bytes.iter().take(limit.max(1)) {
        // Writing to a string cannot fail.
        let _ = write!(shown, " {byte:02X}");
    }
    if bytes.len() > limit.max(1) {
        shown.push_str(" …");
    }
    shown
}
