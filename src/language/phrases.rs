//! What the engine says, in another language.
//!
//! The engine speaks English: its errors and remarks are for logs, for traces
//! in files and for programmers too. The page looks them up here as they are,
//! in the manner of gettext: the English is the key. So an old trace can be
//! read in either language, and no layer below needs to know of a page.
//!
//! The book is `src/locales/zh-Hans/engine.po`. It is not part of the program:
//! the page fetches it when somebody reads Chinese, and opens it here. Until
//! then everything is said in English.

use std::sync::OnceLock;

use super::{Language, fill};

/// A sentence of the engine and its translation. What changes from one time to
/// another has a name in braces, the same in both.
#[derive(Clone, Copy)]
struct Phrase {
    english: &'static str,
    translated: &'static str,
}

impl Language {
    /// What the engine said, in this language. One phrase or several sentences,
    /// after a name and a colon or not. What is in no book stays as it is, and
    /// so do names of the specification.
    pub fn say(self, english: &str) -> String {
        match self {
            Language::English => english.to_owned(),
            Language::Chinese => say(english, DEEPEST).unwrap_or_else(|| english.to_owned()),
        }
    }

    /// [`say`](Language::say) of a phrase with its names in braces, which are
    /// then replaced by these values as they are.
    pub fn tell(self, english: &str, values: &[(&str, &str)]) -> String {
        let phrase = match self {
            Language::English => None,
            Language::Chinese => book().iter().find(|phrase| phrase.english == english),
        };
        fill(phrase.map_or(english, |phrase| phrase.translated), values)
    }
}

/// `None` if no phrase is in it. Within a phrase may be others, down to this
/// depth.
fn say(text: &str, depth: usize) -> Option<String> {
    let depth = depth.checked_sub(1)?;
    // What is quoted is a peer's or a person's.
    if text.starts_with('"') {
        return None;
    }
    if let Some(said) = book().iter().find_map(|phrase| phrase.say(text, depth)) {
        return Some(said);
    }
    let spaces = text.match_indices(' ').map(|(at, _)| at);
    let ends = spaces.filter(|end| text[..*end].ends_with(['.', '?', '!'])).take(MOST_SENTENCES);
    let mut sentences = ends.filter_map(|end| {
        let (first, rest) = (&text[..end], text[end..].trim_start());
        let first = book().iter().find_map(|phrase| phrase.say(first, depth))?;
        let rest = say(rest, depth).unwrap_or_else(|| rest.to_owned());
        let space = if rest.starts_with(|c: char| c.is_ascii()) { " " } else { "" };
        Some(first + space + &rest)
    });
    sentences.next().or_else(|| {
        let (name, words) = text.split_once(": ")?;
        Some(format!("{name}：{}", say(words, depth)?))
    })
}

impl Phrase {
    /// The translation of this text, if it is this phrase.
    fn say(&self, text: &str, depth: usize) -> Option<String> {
        let values: Vec<(&str, String)> = self
            .values(text)?
            .into_iter()
            .map(|(name, value, is_quoted)| {
                let said = if is_quoted { None } else { say(value, depth) };
                (name, said.unwrap_or_else(|| value.to_owned()))
            })
            .collect();
        let values: Vec<(&str, &str)> =
            values.iter().map(|(name, value)| (*name, value.as_str())).collect();
        Some(fill(self.translated, &values))
    }

    /// The values of the names in braces, and whether each is quoted, if the
    /// text is this phrase.
    fn values<'a>(&self, text: &'a str) -> Option<Vec<(&'static str, &'a str, bool)>> {
        let mut parts = self.english.split('{');
        let mut before = parts.next()?;
        let mut rest = text.strip_prefix(before)?;
        let mut values = Vec::new();
        let mut parts = parts.peekable();
        while let Some(part) = parts.next() {
            let (name, literal) = part.split_once('}')?;
            // What begins with something unknown would be found everywhere, so that is one word.
            let is_loose = values.is_empty() && before.is_empty();
            let end = match (parts.peek(), literal) {
                (None, literal) => rest.len().checked_sub(literal.len())?,
                (Some(_), literal) if is_loose => first_word(rest, literal).find(literal)?,
                (Some(_), literal) => rest.find(literal)?,
            };
            let (value, after) = rest.split_at_checked(end)?;
            if value.is_empty() || is_loose && value.contains(' ') {
                return None;
            }
            values.push((name, value, before.ends_with(QUOTES)));
            rest = after.strip_prefix(literal)?;
            before = literal;
        }
        rest.is_empty().then_some(values)
    }
}

/// As much of a text as its first word can be with this literal after it.
fn first_word<'a>(text: &'a str, literal: &str) -> &'a str {
    let end = text.find(' ').map_or(text.len(), |end| end + literal.len());
    text.get(..end).unwrap_or(text)
}

/// Opens the book, whose text this is. It stays open: a second one is ignored.
pub fn open_book(text: String) {
    BOOK.get_or_init(|| read(text.leak()));
}

/// The phrases. Each stands before those that it is a case of.
fn book() -> &'static [Phrase] {
    BOOK.get().map_or(&[], Vec::as_slice)
}

/// Reads the two kinds of lines that we use of gettext's format: `msgid "…"`
/// and `msgstr "…"`, each in one line, in which only quotes are escaped.
fn read(book: &'static str) -> Vec<Phrase> {
    let mut english = "";
    let mut phrases = Vec::new();
    for line in book.lines() {
        let quoted = |keyword| line.strip_prefix(keyword)?.strip_suffix('"');
        if let Some(text) = quoted("msgid \"") {
            english = text;
        } else if let Some(translated) = quoted("msgstr \"").filter(|_| !english.is_empty()) {
            phrases.push(Phrase { english, translated });
        }
    }
    phrases
}

static BOOK: OnceLock<Vec<Phrase>> = OnceLock::new();
/// Phrases within phrases, and sentences in a row.
const DEEPEST: usize = 12;
/// Ends of sentences at which the first of several phrases may end. More are
/// in no text of the engine, but in the words of a peer: to try each of those
/// takes time that grows with the square of their length.
const MOST_SENTENCES: usize = 12;
/// What begins a quotation.
const QUOTES: [char; 2] = ['"', '“'];

#[cfg(test)]
mod tests {
    use super::*;

    fn open() {
        open_book(include_str!("../locales/zh-Hans/engine.po").to_owned());
    }

    #[test]
    fn a_text_is_found_by_its_phrases_and_names_stay() {
        open();
        let cases = [
            ("The connection was lost.", "连接断开了。"),
            ("publisher: The connection was lost.", "publisher：连接断开了。"),
            ("The connection was lost: the connection was cut", "连接断开了：连接被切断"),
            (
                "byte 0: The flags of a PUBREL must be 0010. [MQTT-3.6.1-1]",
                "字节 0：PUBREL 的标志位必须为 0010。 [MQTT-3.6.1-1]",
            ),
            (
                "The browser is offline: check your network. Check the user name and the password.",
                "浏览器处于离线状态：请检查网络。请检查用户名和密码。",
            ),
            (
                "A browser cannot connect to http: addresses; it reaches MQTT brokers by \
                 WebSocket only. Write it as ws://b.example",
                "浏览器不能连接 http: 地址，它只能通过 WebSocket 连接 MQTT 代理。\
                 请写成 ws://b.example",
            ),
            ("\"Hello. The connection was lost.", "\"Hello. The connection was lost."),
            ("Not authorized (0x87)", "Not authorized (0x87)"),
            ("", ""),
        ];
        for (english, expect) in cases {
            assert_eq!(Language::Chinese.say(english), expect);
            assert_eq!(Language::English.say(english), english);
        }
    }

    #[test]
    fn the_words_of_a_peer_stay_as_they_are() {
        open();
        assert_eq!(
            Language::Chinese.say("It says: “The connection was lost.”."),
            "它的说法是：“The connection was lost.”。"
        );
    }

    /// Each byte of these ends a sentence, a name or a value. Work that grew
    /// faster than their length would not end within a day.
    #[test]
    fn a_text_of_any_length_and_shape_is_said_in_time_that_its_length_is_worth() {
        open();
        for shape in [". ", "a. ", ": ", "a: ", "“", "1 s: ", "x bytes follow", "a b. c: "] {
            let words = shape.repeat(200_000 / shape.len());
            for text in [
                words.clone(),
                format!("The connection was lost: {words}"),
                format!("The server ended the connection: {words}. It says: “{words}”."),
            ] {
                let said = Language::Chinese.say(&text);
                assert!(said.len() <= 2 * text.len(), "{shape:?}: {} bytes", said.len());
            }
        }
    }

    #[test]
    fn values_are_replaced_as_they_are() {
        open();
        let values = [("from", "{to}"), ("to", "The connection was lost.")];
        assert_eq!(
            Language::Chinese.tell("from {from} to {to}", &values),
            "{to} → The connection was lost."
        );
        assert_eq!(
            Language::English.tell("from {from} to {to}", &values),
            "from {to} to The connection was lost."
        );
    }

    #[test]
    fn each_phrase_has_the_same_names_and_none_hides_another() {
        open();
        assert!(book().len() > 200, "the book was not read");
        let mut wrong = Vec::new();
        for phrase in book() {
            let (own, of_translated) = (names(phrase.english), names(phrase.translated));
            assert_eq!(own, of_translated, "{}", phrase.english);
            let values: Vec<(&str, &str)> = own.iter().map(|name| (*name, "…")).collect();
            let said = Language::Chinese.say(&fill(phrase.english, &values));
            if said != fill(phrase.translated, &values) {
                wrong.push((phrase.english, said));
            }
        }
        assert!(wrong.is_empty(), "{wrong:#?}");
    }

    /// The names in braces, sorted.
    fn names(text: &str) -> Vec<&str> {
        let parts = text.split('{').skip(1);
        let mut names: Vec<_> = parts.filter_map(|part| Some(part.split_once('}')?.0)).collect();
        names.sort_unstable();
        names
    }
}
