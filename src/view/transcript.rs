//! The diagram in words, for screen readers and for the clipboard.

use std::collections::BTreeMap;
use std::ops::Range;

use super::number::grouped;
use crate::codec::PacketType;
use crate::language::Language;
use crate::trace::{Record, RecordKind, Trace};

/// One record in words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// The record.
    pub sequence: u64,
    /// One line, as in the trace's text.
    pub text: String,
    /// One sentence, to be read aloud.
    pub sentence: String,
}

/// The lines of the records with these sequence numbers that are held.
pub fn lines(language: Language, trace: &Trace, sequences: Range<u64>) -> Vec<Line> {
    trace.range(sequences).map(|record| line(language, trace, record)).collect()
}

/// What a live region says about the records with these sequence numbers:
/// each in a sentence if there are at most `limit`, else only how many of
/// each kind. Empty if there are none.
pub fn announcement(
    language: Language,
    trace: &Trace,
    sequences: Range<u64>,
    limit: usize,
) -> String {
    let records = trace.range(sequences);
    if records.len() <= limit {
        let sentences: Vec<String> =
            records.map(|record| record.sentence_in(language, &trace.parties)).collect();
        return sentences.join(" ");
    }
    let total = records.len();
    let mut counts: BTreeMap<Kind, usize> = BTreeMap::new();
    for record in records {
        *counts.entry(Kind::of(record)).or_default() += 1;
    }
    let each = counts
        .iter()
        .map(|(kind, count)| format!("{} {}", grouped(*count), language.say(kind.name(*count))));
    let counts = each.collect::<Vec<_>>().join(&language.say(", "));
    let values = [("total", grouped(total)), ("counts", counts)];
    let values = values.each_ref().map(|(name, value)| (*name, value.as_str()));
    language.tell("{total} records: {counts}.", &values)
}

fn line(language: Language, trace: &Trace, record: &Record) -> Line {
    Line {
        sequence: record.sequence,
        text: record.to_line_in(language, &trace.parties),
        sentence: record.sentence_in(language, &trace.parties),
    }
}

/// What an announcement counts.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    Packet(PacketType),
    Broken,
    Opened,
    Closed,
    Note,
}

impl Kind {
    fn of(record: &Record) -> Kind {
        match &record.kind {
            RecordKind::Packet { bytes, .. } => bytes
                .first()
                .and_then(|first| PacketType::from_number(first >> 4))
                .map_or(Kind::Broken, Kind::Packet),
            RecordKind::Garbage { .. } => Kind::Broken,
            RecordKind::Opened => Kind::Opened,
            RecordKind::Closed(_) => Kind::Closed,
            RecordKind::Note(_) => Kind::Note,
        }
    }

    fn name(self, count: usize) -> &'static str {
        match (self, count) {
            (Kind::Packet(packet_type), _) => packet_type.name(),
            (Kind::Broken, _) => "broken",
            (Kind::Opened, 1) => "connection opened",
            (Kind::Opened, _) => "connections opened",
            (Kind::Closed, 1) => "connection closed",
            (Kind::Closed, _) => "connections closed",
            (Kind::Note, 1) => "note",
            (Kind::Note, _) => "notes",
        }
    }
}
