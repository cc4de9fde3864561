use std::fmt::Write as _;

/// As much of JSON as the lines of a trace need.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Value {
    Number(u64),
    Text(String),
    List(Vec<Value>),
}

/// Writes one object, member by member.
pub(super) struct Object {
    text: String,
}

impl Object {
    pub fn new() -> Self {
        Object { text: "{".to_owned() }
    }

    pub fn number(mut self, name: &str, number: u64) -> Self {
        self.name(name);
        // Writing to a string cannot fail.
        let _ = write!(self.text, "{number}");
        self
    }

    pub fn text(mut self, name: &str, text: &str) -> Self {
        self.name(name);
        write_text(&mut self.text, text);
        self
    }

    pub fn texts(mut self, name: &str, texts: &[String]) -> Self {
        self.name(name);
        self.text.push('[');
        for (index, text) in texts.iter().enumerate() {
            if index > 0 {
                self.text.push(',');
            }
            write_text(&mut self.text, text);
        }
        self.text.push(']');
        self
    }

    /// The object in one line.
    pub fn finish(mut self) -> String {
        self.text.push('}');
        self.text
    }

    fn name(&mut self, name: &str) {
        if self.text.len() > 1 {
            self.text.push(',');
        }
        write_text(&mut self.text, name);
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

/// Reads an object of such values. `None` if it is none.
pub(super) fn read(line: &str) -> Option<Vec<(String, Value)>> {
    let mut reader = Reader { rest: line };
    reader.expect('{')?;
    let mut members = Vec::new();
    if !reader.take('}') {
        loop {
            let name = reader.text()?;
            reader.expect(':')?;
            members.push((name, reader.value()?));
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

impl Reader<'_> {
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

    fn value(&mut self) -> Option<Value> {
        self.space();
        match self.rest.chars().next()? {
            '"' => self.text().map(Value::Text),
            '[' => self.list().map(Value::List),
            _ => self.number().map(Value::Number),
        }
    }

    /// A list of texts and numbers; lists in it are refused, so that no input
    /// makes this recurse.
    fn list(&mut self) -> Option<Vec<Value>> {
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
            self.expect(',')?;
        }
    }

    fn number(&mut self) -> Option<u64> {
        let end = self.rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(self.rest.len());
        let (digits, rest) = self.rest.split_at(end);
        self.rest = rest;
        digits.parse().ok()
    }

    fn text(&mut self) -> Option<String> {
        self.expect('"')?;
        let mut text = String::new();
        let mut characters = self.rest.chars();
        loop {
            match characters.next()? {
                '"' => break,
                '\\' => text.push(escaped(&mut characters)?),
                '\0'..='\x1F' => return None,
                character => text.push(character),
            }
        }
        self.rest = characters.as_str();
        Some(text)
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
