//! What went wrong, in words that a person can act on.
//!
//! A browser tells scripts next to nothing about a WebSocket that could not
//! be opened: nothing listening, a wrong path, a refused subprotocol and an
//! invalid certificate all look alike (close code 1006, no reason), so that
//! scripts cannot explore a private network. So the text names the causes
//! that fit, the likeliest first, each with what to check.

mod lost;
mod refused;

use std::fmt;

use super::Address;
use crate::language::{readable, visible};

pub use lost::{Lost, Stage, is_plain_port, lost};
pub use refused::ended;

/// What happened, and what to try.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Explanation {
    /// What happened, in one or two sentences.
    pub summary: String,
    /// What to check or try, the likeliest first. May be empty.
    pub hints: Vec<String>,
    /// All that the server said, escaped, if the summary has only the start.
    pub said: Option<String>,
    /// What the page can do about it, if the person wants that.
    pub remedies: Vec<Remedy>,
}

/// What a page offers to do after something went wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Remedy {
    /// Connect with MQTT 3.1.1.
    SpeakV311,
    /// Connect, and discard the session that the server holds, with the
    /// messages that wait in it.
    StartOver,
    /// Connect, and go on with the session that the server holds.
    TakeSession,
}

impl Explanation {
    /// An explanation without hints.
    pub fn new(summary: impl Into<String>) -> Self {
        Explanation { summary: summary.into(), hints: Vec::new(), said: None, remedies: Vec::new() }
    }

    /// The start of what the server said, escaped, to be put into a sentence.
    /// If that is not all, all of it is kept in [`said`](Explanation::said).
    pub fn hear(&mut self, words: &str) -> String {
        if words.chars().nth(WORDS).is_some() {
            self.said = Some(visible(words, usize::MAX));
        }
        readable(words, WORDS)
    }

    /// Adds something that the page can do.
    #[must_use]
    pub fn remedy(mut self, remedy: Remedy) -> Self {
        self.remedies.push(remedy);
        self
    }

    /// Adds a hint.
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hints.push(hint.into());
        self
    }
}

impl fmt::Display for Explanation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.summary)?;
        self.hints.iter().try_for_each(|hint| write!(f, " {hint}"))
    }
}

/// Whether a page may connect there at all. `page_is_secure`: the page came
/// by https.
///
/// # Errors
///
/// Mixed content: no browser opens `ws:` to a far host from such a page. Near
/// hosts are let through, because some browsers allow them.
pub fn check(address: &Address, page_is_secure: bool) -> Result<(), Explanation> {
    if address.secure || !page_is_secure || address.is_local() {
        return Ok(());
    }
    Err(Explanation::new(format!(
        "This page came by https:, and from such a page the browser forbids unencrypted \
         connections ({address})."
    ))
    .hint(format!("Use wss:// if {} offers it.", address.host))
    .hint("Or open this page by http:, from a copy on your own machine, say."))
}

/// The likeliest reason why a server does not answer a CONNECT of 5.0.
const ONLY_V311: &str = "It may speak MQTT 3.1.1 only, as many brokers do: try that version.";
/// Characters of the server's words that a summary or a hint has.
const WORDS: usize = 200;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mixed_content_is_refused_where_every_browser_forbids_it() {
        let cases = [
            ("ws://test.mosquitto.org:8080", true, false),
            ("ws://test.mosquitto.org:8080", false, true),
            ("wss://test.mosquitto.org:8081", true, true),
            ("ws://localhost:9001", true, true),
            ("ws://192.168.0.7:9001", true, true),
        ];
        for (url, page_is_secure, expect) in cases {
            let address = Address::parse(url).expect(url);
            let result = check(&address, page_is_secure);
            assert_eq!(result.is_ok(), expect, "{url} from a secure page: {page_is_secure}");
            if let Err(explanation) = result {
                assert!(explanation.to_string().contains("wss://"), "{explanation}");
            }
        }
    }
}
