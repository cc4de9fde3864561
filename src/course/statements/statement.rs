use crate::language::Language;

/// A normative statement.
#[derive(Debug)]
pub struct Statement {
    /// Its id, without brackets: `MQTT-4.3.3-2`.
    pub id: &'static str,
    /// The statement of 3.1.1 that says the same or holds it, for one of 5.0.
    pub(super) v311: &'static str,
    /// What it says, in the order of [`Language::ALL`].
    words: [&'static str; 2],
}

impl Statement {
    /// What it says, in a sentence or two.
    pub fn words(&self, language: Language) -> &'static str {
        language.of::<&'static str>(&self.words)
    }

    /// The section that it stands in: `4.3.3`, or `4.4` for `MQTT-4.4.0-1`.
    pub fn section(&self) -> &'static str {
        let number = self.id.strip_prefix("MQTT-").unwrap_or(self.id);
        let section = number.rsplit_once('-').map_or(number, |(section, _)| section);
        section.strip_suffix(".0").unwrap_or(section)
    }
}

/// A statement of 5.0 and its counterpart in 3.1.1, if it has one.
pub(super) const fn pair(
    id: &'static str,
    v311: &'static str,
    english: &'static str,
    chinese: &'static str,
) -> Statement {
    Statement { id, v311, words: [english, chinese] }
}

/// A statement of 3.1.1.
pub(super) const fn one(
    id: &'static str,
    english: &'static str,
    chinese: &'static str,
) -> Statement {
    pair(id, "", english, chinese)
}
