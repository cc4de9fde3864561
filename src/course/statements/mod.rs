//! The normative statements that the course cites, in words of our own.
//!
//! Both specifications number their statements alike, but the same number
//! seldom means the same: a statement is named by version and id.

mod statement;
mod v311;
mod v5;

use crate::codec::Version;

pub use statement::Statement;

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
    /// The statements of the other version that say the same: of 3.1.1 at most
    /// one, of 5.0 perhaps several, because it splits what 3.1.1 says at once.
    pub fn counterparts(&'static self, version: Version) -> Vec<&'static Statement> {
        match version {
            Version::V5 => find(Version::V311, self.v311).into_iter().collect(),
            Version::V311 => of(Version::V5).iter().filter(|other| other.v311 == self.id).collect(),
        }
    }
}
