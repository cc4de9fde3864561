use super::{cost, downgrade, exhaustion};
use crate::codec::{QoS, Version};

/// What a lesson has besides the lab.
#[derive(Clone, Copy, Debug)]
pub enum Instrument {
    /// Nothing.
    None,
    /// Cases to decide.
    Cases(&'static [Case]),
    /// Three levels published, three granted.
    Downgrade,
    /// The chart of costs.
    Cost,
    /// Every cut there is.
    Exhaustion,
    /// The sensor, as a program to copy.
    Sensor,
    /// A broker of the learner's choice, and the sensor for it.
    Broker,
}

/// What an [`Instrument`] has found so far.
#[derive(Clone, Debug, PartialEq)]
pub enum Findings {
    /// What was decided: the case's name and the level.
    Cases(Vec<(&'static str, QoS)>),
    /// The cells that have been filled in.
    Downgrade(downgrade::Table),
    /// The costs for the settings that were chosen last.
    Cost(cost::Table),
    /// What was counted so far.
    Exhaustion(exhaustion::Tally),
}

/// A case to decide: which level?
#[derive(Debug)]
pub struct Case {
    /// Its name in the prose: `## case NAME`.
    pub id: &'static str,
    /// The level to choose, and others that will do.
    pub levels: &'static [QoS],
}

impl Instrument {
    /// What it finds when everything is done with it; `None` if it finds
    /// nothing.
    pub fn complete(self, version: Version) -> Option<Findings> {
        match self {
            Instrument::None | Instrument::Sensor | Instrument::Broker => None,
            Instrument::Cases(cases) => {
                let decided = cases.iter().filter_map(|it| Some((it.id, *it.levels.first()?)));
                Some(Findings::Cases(decided.collect()))
            }
            Instrument::Downgrade => Some(Findings::Downgrade(downgrade::Table::complete(version))),
            Instrument::Cost => {
                let settings = cost::Settings { version, ..cost::Settings::default() };
                Some(Findings::Cost(cost::Table::of(&settings)))
            }
            Instrument::Exhaustion => {
                let cuts = exhaustion::Cuts::default();
                Some(Findings::Exhaustion(exhaustion::Tally::complete(version, cuts)))
            }
        }
    }
}
