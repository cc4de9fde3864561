use super::{Inline, Prose};
use crate::time::Instant;
use crate::trace::{Fate, Record, Trace};

/// Which sentences of a lesson speak of which records of a trace.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Narration {
    /// A record and the number of a sentence, by record.
    pairs: Vec<(u64, u16)>,
}

impl Narration {
    /// Goes through the trace once for each selector of the prose.
    pub fn of(prose: &Prose, trace: &Trace) -> Narration {
        let mut pairs = Vec::new();
        prose.walk(&mut |inline| {
            if let Inline::Packets { number, selectors, .. } = inline {
                for selector in *selectors {
                    pairs.extend(selector.select(trace).map(|record| (record.sequence, *number)));
                }
            }
        });
        pairs.sort_unstable();
        pairs.dedup();
        Narration { pairs }
    }

    /// The records that a sentence speaks of, rising.
    pub fn records(&self, sentence: u16) -> impl Iterator<Item = u64> {
        let pairs = self.pairs.iter().filter(move |(_, number)| *number == sentence);
        pairs.map(|(record, _)| *record)
    }

    /// The sentences that speak of a record, rising.
    pub fn sentences(&self, record: u64) -> impl Iterator<Item = u16> {
        let start = self.pairs.partition_point(|(other, _)| *other < record);
        let pairs = self.pairs.iter().skip(start);
        pairs.take_while(move |(other, _)| *other == record).map(|(_, number)| *number)
    }

    /// The sentences that are lit at the present moment of the trace: those
    /// about what is under way, and about what has just arrived. Rising.
    pub fn lit(&self, trace: &Trace) -> Vec<u16> {
        let spoken = || self.pairs.iter().filter_map(|(record, _)| trace.record(*record));
        let latest = spoken().map(last_change).max();
        let is_lit =
            |record: &Record| record.fate == Fate::UnderWay || Some(last_change(record)) == latest;
        let lit = self
            .pairs
            .iter()
            .filter(|(record, _)| trace.record(*record).is_some_and(is_lit))
            .map(|(_, number)| *number);
        let mut lit: Vec<u16> = lit.collect();
        lit.sort_unstable();
        lit.dedup();
        lit
    }
}

/// When something last happened to a record.
fn last_change(record: &Record) -> Instant {
    match record.fate {
        Fate::UnderWay => record.at,
        Fate::Arrived(at) | Fate::Lost(at) => at,
    }
}
