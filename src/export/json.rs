use std::borrow::Cow;
use std::fmt::Write as _;

/// As much of JSON as the lines of a trace need.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Value<'a> {
    Number(u64),
    /// Borrowed where nothing in it is escaped.
    Text(Cow<'a, str>),
    List(Vec<Value<'a>>),
}

/// Writes one object at the end of a text, member by member.
pub(super) struct Object<'a> {
    text: &'a mut String,
    is_empty: bool,
}

impl<'a> Object<'a> {
    pub fn new(text: &'a mut String) -> Self {
        text.push('{');
        Object { text, is_empty: true }
    }

    pub fn number(mut self, name: &str, number: u64) -> Self {
        self.name(name);
        // Writing to a string cannot fail.
        let _ = write!(self.text, "{number}");
        self
    }

    /// Bytes as text in hexadecimal.
    pub fn hexadecimal(mut self, name: &str, bytes: &[u8]) -> Self {
        self.name(name);
        self.text.reserve(2 * bytes.len() + 2);
        self.text.push('"');
        for byte in bytes {
            for digit in [byte >> 4, byte & 0x0F] {
                self.text.push(char::from(DIGITS[usize::from(digit)]));
            }
        }
        self.text.push('"');
        self
    }

    pub fn text(mut self, name: &str, text: &str) -> Self {
        self.name(name);
        write_text(self.text, text);
        self
    }

    pub fn texts(mut self, name: &str, texts: &[String]) -> Self {
        self.name(name);
        self.text.push('[');
        for (index, text) in texts.iter().enumerate() {
            if index > 0 {
                self.text.push(',');
            }
            write_text(self.text, text);
        }
        self.text.push(']');
        self
    }

    /// Ends the object.
    pub fn finish(self) {
        self.text.push('}');
    }

    fn name(&mut self, name: &str) {
        if !std::mem::take(&mut self.is_empty) {
            self.text.push(',');
        }
        write_text(self.text, name);
        self.text.push(':');
    }
}

fn write_text(out: &mut String, text: &str) {
    out.push('"');
    for character in text.chars() {
        match character {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            // Line separators end a line for some readers.
            '\0'..='\x1F' | '\x7F' | '\u{2028}' | '\u{2029}' => {
                let _ = write!(out, "\\u{:04x}", u32::from(character));
            }
            _ => out.push(character),
        }
    }
    out.push('"');
}

/// Reads an object of such values. `None` if it is none, or has more of them
/// than any of ours: each takes several times the memory that it has bytes.
pub(super) fn read(line: &str) -> Option<Vec<(Cow<'_, str>, Value<'_>)>> {
    let mut reader = Reader { rest: line };
    reader.expect('{')?;
    let mut members = Vec::new();
    if !reader.take('}') {
        loop {
            let name = reader.text()?;
            reader.expect(':')?;
            members.push((name, reader.value()?));
            if members.len() > MOST_MEMBERS {
                return None;
            }
            if reader.take('}') {
                break;
            }
            reader.expect(',')?;
        }
    }
    reader.space();
    reader.rest.is_empty().then_some(members)
}

struct Reader<'a> {
    rest: &'a str,
}

impl<'a> Reader<'a> {
    fn space(&mut self) {
        self.rest = self.rest.trim_start_matches([' ', '\t', '\r', '\n']);
    }

    fn take(&mut self, wanted: char) -> bool {
        self.space();
        match self.rest.strip_prefix(wanted) {
            Some(rest) => {
                self.rest = rest;
                true
            }
            None => false,
        }
    }

    fn expect(&mut self, wanted: char) -> Option<()> {
        self.take(wanted).then_some(())
    }

    fn value(&mut self) -> Option<Value<'a>> {
        self.space();
        match self.rest.chars().next()? {
            '"' => self.text().map(Value::Text),
            '[' => self.list().map(Value::List),
            _ => self.number().map(Value::Number),
        }
    }

    /// A list of texts and numbers; lists in it are refused, so that no input
    /// makes this recurse.
    fn list(&mut self) -> Option<Vec<Value<'a>>> {
        self.expect('[')?;
        let mut values = Vec::new();
        if self.take(']') {
            return Some(values);
        }
        loop {
            self.space();
            values.push(match self.rest.starts_with('"') {
                true => Value::Text(self.text()?),
                false => Value::Number(self.number()?),
            });
            if self.take(']') {
                return Some(values);
            }
            if values.len() >= LONGEST_LIST {
                return None;
            }
            self.expect(',')?;
        }
    }

    fn number(&mut self) -> Option<u64> {
        let end = self.rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(self.rest.len());
        let (digits, rest) = self.rest.split_at(end);
        self.rest = rest;
        digits.parse().ok()
    }

    fn text(&mut self) -> Option<Cow<'a, str>> {
        self.expect('"')?;
        let mut text = Cow::Borrowed("");
        loop {
            let special = |c: char| matches!(c, '"' | '\\' | '\0'..='\x1F');
            let (plain, rest) = self.rest.split_at(self.rest.find(special)?);
            // A text without escapes is borrowed as it is.
            if text.is_empty() {
                text = Cow::Borrowed(plain);
            } else {
                text.to_mut().push_str(plain);
            }
            let mut characters = rest.chars();
            let end = characters.next()?;
            if end == '\\' {
                text.to_mut().push(escaped(&mut characters)?);
            }
            self.rest = characters.as_str();
            match end {
                '"' => return Some(text),
                '\\' => {}
                _ => return None,
            }
        }
    }
}

/// What stands behind a backslash.
fn escaped(characters: &mut std::str::Chars<'_>) -> Option<char> {
    Some(match characters.next()? {
        'n' => '\n',
        't' => '\t',
        'r' => '\r',
        'b' => '\x08',
        'f' => '\x0C',
        'u' => match code_unit(characters)? {
            high @ 0xD800..0xDC00 => {
                // The other half of a surrogate pair.
                if (characters.next()?, characters.next()?) != ('\\', 'u') {
                    return None;
                }
                let low = code_unit(characters)?.checked_sub(0xDC00).filter(|low| *low < 0x400)?;
                char::from_u32(0x10000 + ((high - 0xD800) << 10) + low)?
            }
            code => char::from_u32(code)?,
        },
        same @ ('"' | '\\' | '/') => same,
        _ => return None,
    })
}

/// Four hexadecimal digits.
fn code_unit(characters: &mut std::str::Chars<'_>) -> Option<u32> {
    (0..4).try_fold(0, |code, _| Some(code * 16 + characters.next()?.to_digit(16)?))
}

const DIGITS: &[u8; 16] = b"0123456789abcdef";
/// Members of an object: there are eleven, and there may be more one day.
const MOST_MEMBERS: usize = 64;
/// Values of a list: as many as a trace may have participants.
const LONGEST_LIST: usize = 1 << 16;
