//! The normative statements that the course cites, in words of our own.
//!
//! Both specifications number their statements alike, but the same number
//! seldom means the same: a statement is named by version and id.

mod v311;
mod v5;

use super::Language;
use crate::codec::Version;

/// A normative statement.
#[derive(Debug)]
pub struct Statement {
    /// Its id, without brackets: `MQTT-4.3.3-2`.
    pub id: &'static str,
    /// The statement of 3.1.1 that says the same or holds it, for one of 5.0.
    v311: &'static str,
    /// What it says, in the order of [`Language::ALL`].
    words: [&'static str; 2],
}

/// The statements of one version, in the order of the specification.
pub fn of(version: Version) -> &'static [Statement] {
    match version {
        Version::V311 => v311::STATEMENTS,
        Version::V5 => v5::STATEMENTS,
    }
}

/// The statement with this id, without brackets.
pub fn find(version: Version, id: &str) -> Option<&'static Statement> {
    of(version).iter().find(|statement| statement.id == id)
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

    /// The statements of the other version that say the same: of 3.1.1 at most
    /// one, of 5.0 perhaps several, because it splits what 3.1.1 says at once.
    pub fn counterparts(&'static self, version: Version) -> Vec<&'static Statement> {
        match version {
            Version::V5 => find(Version::V311, self.v311).into_iter().collect(),
            Version::V311 => of(Version::V5).iter().filter(|other| other.v311 == self.id).collect(),
        }
    }
}

/// A statement of 5.0 and its counterpart in 3.1.1, if it has one.
const fn pair(
    id: &'static str,
    v311: &'static str,
    english: &'static str,
    chinese: &'static str,
) -> Statement {
    Statement { id, v311, words: [english, chinese] }
}

/// A statement of 3.1.1.
const fn one(id: &'static str, english: &'static str, chinese: &'static str) -> Statement {
    pair(id, "", english, chinese)
}
