use super::Version;

/// The normative statement behind a rule, by its id in each version, without
/// brackets: `MQTT-3.1.0-1`.
///
/// Both specifications number their statements in the same way and mean
/// different things by the same number, so an id says nothing without its
/// version.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Statement {
    v311: Option<&'static str>,
    v5: Option<&'static str>,
}

impl Statement {
    /// A rule that neither version numbers.
    pub const NONE: Statement = Statement { v311: None, v5: None };

    /// Ids that a table has.
    pub(super) const fn new(v311: Option<&'static str>, v5: Option<&'static str>) -> Self {
        Statement { v311, v5 }
    }

    /// A rule of both versions: its id in 3.1.1, and in 5.0.
    pub const fn both(v311: &'static str, v5: &'static str) -> Self {
        Statement { v311: Some(v311), v5: Some(v5) }
    }

    /// A rule that only 3.1.1 numbers.
    pub const fn v311(id: &'static str) -> Self {
        Statement { v311: Some(id), v5: None }
    }

    /// A rule that only 5.0 numbers.
    pub const fn v5(id: &'static str) -> Self {
        Statement { v311: None, v5: Some(id) }
    }

    /// Its id in this version, if it has one there.
    pub const fn in_version(self, version: Version) -> Option<&'static str> {
        match version {
            Version::V311 => self.v311,
            Version::V5 => self.v5,
        }
    }
}
