//! The bytes of one record beside the fields that they make up.

use std::ops::Range;

use bytes::Bytes;

use crate::codec::{self, DecodeError, Field, PacketType, Version};
#[cfg(doc)]
use crate::trace::COVER;
use crate::trace::{Defect, Record, RecordKind};

/// One record, dissected. Made once when a record is selected; what is asked
/// of it later takes time for the answer, not for the size of the packet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Inspection {
    /// The record.
    pub sequence: u64,
    /// The version whose rules were applied.
    pub version: Version,
    /// The type in the first byte, if it is one.
    pub packet_type: Option<PacketType>,
    /// What is wrong with the packet, if anything.
    pub problem: Option<Problem>,
    /// Bytes that no field covers, because decoding failed before them.
    pub undissected: Range<usize>,
    /// What became of its passwords and authentication data.
    pub secrets: Secrets,
    /// Where they are; they are [covered](crate::trace::COVER) unless they are
    /// shown.
    secret: Vec<Range<usize>>,
    bytes: Bytes,
    fields: Vec<FieldRow>,
    /// Which fields each byte belongs to: disjoint runs, rising, without gaps
    /// up to `undissected`.
    runs: Vec<Run>,
}

/// Whether the secrets of a packet can be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Secrets {
    /// It has none.
    None,
    /// They are hidden; [`Inspection::revealed`] shows them.
    Hidden,
    /// They are shown.
    Shown,
    /// They are not in the record: they were left out when it was saved.
    LeftOut,
}

/// One line of the tree of fields, which is flattened in wire order: a
/// field's children follow it, one deeper.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldRow {
    /// 0 for the top level.
    pub depth: usize,
    /// The line of the field that this one is in.
    pub parent: Option<usize>,
    /// How many lines below this one are within it.
    pub descendants: usize,
    /// The specification's name.
    pub name: &'static str,
    /// The bytes, from the start of the packet.
    pub range: Range<usize>,
    /// The bits, if the field is only some of one byte: `.... 110.`.
    pub bits: Option<String>,
    /// The value as text.
    pub value: String,
    /// What the value means; may be empty.
    pub meaning: String,
    /// Whether [`MASK`] stands for the value, which is a secret.
    pub hidden: bool,
}

/// What is wrong with a packet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// One sentence.
    pub sentence: String,
    /// The normative statement, without brackets, if it has one.
    pub statement: Option<&'static str>,
    /// The first wrong byte, if the rule is about one. May be just past the
    /// end, where bytes are missing.
    pub offset: Option<usize>,
}

/// One line of the hexadecimal view.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HexRow {
    /// The first byte's place in the packet.
    pub offset: usize,
    /// The bytes, up to the number of columns.
    pub cells: Vec<HexCell>,
}

/// One byte of the hexadecimal view.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HexCell {
    /// Its place in the packet.
    pub offset: usize,
    /// The byte; [`COVER`] if it is hidden.
    pub byte: u8,
    /// Whether it is part of a secret that is not shown.
    pub hidden: bool,
    /// Whether decoding failed before it.
    pub undissected: bool,
    /// Whether it is the first wrong byte.
    pub wrong: bool,
}

/// Bytes that have the same innermost fields.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Run {
    range: Range<usize>,
    /// Lines of the fields: one, or several that share a byte bit by bit.
    fields: Vec<usize>,
}

impl Inspection {
    /// Dissects a record, with its secrets hidden; `None` for what is no
    /// traffic.
    pub fn of(record: &Record) -> Option<Inspection> {
        let inspection = Inspection::revealed(record)?;
        Some(match inspection.secrets {
            Secrets::None | Secrets::Hidden => inspection,
            Secrets::Shown => inspection.hide(record, Secrets::Hidden),
            Secrets::LeftOut => inspection.hide(record, Secrets::LeftOut),
        })
    }

    /// Dissects a record, with its secrets shown, if they are in it.
    pub fn revealed(record: &Record) -> Option<Inspection> {
        let bytes = record.bytes()?.clone();
        let version = record.version()?;
        if let RecordKind::Garbage { defect: Defect::AfterError, .. } = record.kind {
            // These bytes start anywhere: fields would be invented.
            return Some(Inspection::adrift(record.sequence, version, bytes));
        }
        let dissection = codec::dissect(version, &bytes);
        let mut fields = Vec::new();
        for field in &dissection.fields {
            flatten(field, 0, None, &bytes, &mut fields);
        }
        let runs = runs(&dissection.fields);
        let secret = record.secrets();
        let secrets = match (secret.is_empty(), record.is_covered) {
            (true, _) => Secrets::None,
            (false, true) => Secrets::LeftOut,
            (false, false) => Secrets::Shown,
        };
        Some(Inspection {
            secrets,
            secret,
            sequence: record.sequence,
            version,
            packet_type: dissection.packet_type,
            problem: dissection.error.map(Problem::from),
            undissected: dissection.undissected,
            bytes,
            fields,
            runs,
        })
    }

    /// Covers the secrets in bytes and fields.
    fn hide(mut self, record: &Record, secrets: Secrets) -> Inspection {
        self.secrets = secrets;
        if let Some(bytes) = record.without_secrets().as_ref().and_then(Record::bytes) {
            self.bytes = bytes.clone();
        }
        for row in &mut self.fields {
            let overlaps = |secret: &Range<usize>| {
                row.range.start < secret.end && secret.start < row.range.end
            };
            if row.bits.is_none() && !row.value.is_empty() && self.secret.iter().any(overlaps) {
                (row.value, row.hidden) = (MASK.to_owned(), true);
            }
        }
        self
    }

    /// Every line of the tree of fields.
    pub fn fields(&self) -> &[FieldRow] {
        &self.fields
    }

    /// The lines of the innermost fields that a byte belongs to: one, or
    /// several that share the byte bit by bit. Empty for a byte that no field
    /// covers.
    pub fn fields_at(&self, byte: usize) -> &[usize] {
        let after = self.runs.partition_point(|run| run.range.end <= byte);
        match self.runs.get(after) {
            Some(run) if run.range.contains(&byte) => &run.fields,
            _ => &[],
        }
    }

    /// A field's line and those of all the fields that it is in, innermost
    /// first.
    pub fn path(&self, field: usize) -> impl Iterator<Item = usize> + '_ {
        std::iter::successors(self.fields.get(field).map(|_| field), |&line| {
            self.fields.get(line)?.parent
        })
    }

    /// The bytes of a field; empty for a line that does not exist.
    pub fn bytes_of(&self, field: usize) -> Range<usize> {
        self.fields.get(field).map_or(0..0, |field| field.range.clone())
    }

    /// The bytes of the record; those of hidden secrets are covered.
    pub fn bytes(&self) -> &Bytes {
        &self.bytes
    }

    /// How many lines the hexadecimal view has with this many columns.
    pub fn hex_row_count(&self, columns: usize) -> usize {
        self.bytes.len().div_ceil(columns.max(1))
    }

    /// Some lines of the hexadecimal view.
    pub fn hex_rows(&self, columns: usize, rows: Range<usize>) -> Vec<HexRow> {
        let columns = columns.max(1);
        let end = rows.end.min(self.hex_row_count(columns));
        (rows.start..end).map(|row| self.hex_row(row * columns, columns)).collect()
    }

    /// The bytes as hexadecimal text, for the clipboard: `30 05 00 01`. Hidden
    /// secrets are covered in it too.
    pub fn hex_text(&self) -> String {
        let mut text = String::with_capacity(self.bytes.len() * 3);
        for &byte in &self.bytes {
            if !text.is_empty() {
                text.push(' ');
            }
            text.push_str(&hex(byte));
        }
        text
    }

    fn hex_row(&self, offset: usize, columns: usize) -> HexRow {
        let wrong = self.problem.as_ref().and_then(|problem| problem.offset);
        let end = (offset + columns).min(self.bytes.len());
        let is_hidden = |offset| {
            matches!(self.secrets, Secrets::Hidden | Secrets::LeftOut)
                && self.secret.iter().any(|secret| secret.contains(&offset))
        };
        let cells = self.bytes[offset..end].iter().zip(offset..).map(|(&byte, offset)| HexCell {
            offset,
            byte,
            hidden: is_hidden(offset),
            undissected: self.undissected.contains(&offset),
            wrong: wrong == Some(offset),
        });
        HexRow { offset, cells: cells.collect() }
    }

    fn adrift(sequence: u64, version: Version, bytes: Bytes) -> Inspection {
        Inspection {
            sequence,
            version,
            packet_type: None,
            problem: Some(Problem {
                sentence: Defect::AfterError.words(),
                statement: None,
                offset: None,
            }),
            undissected: 0..bytes.len(),
            secrets: Secrets::None,
            secret: Vec::new(),
            bytes,
            fields: Vec::new(),
            runs: Vec::new(),
        }
    }
}

impl HexCell {
    /// Two hexadecimal digits; two dots for a hidden byte.
    pub fn hex(&self) -> String {
        if self.hidden { "••".to_owned() } else { hex(self.byte) }
    }

    /// The byte as a printable ASCII character, or `.`; a dot in the middle for
    /// a hidden byte.
    pub fn ascii(&self) -> char {
        match self.byte {
            _ if self.hidden => '•',
            b' '..=b'~' => char::from(self.byte),
            _ => '.',
        }
    }
}

impl From<DecodeError> for Problem {
    fn from(error: DecodeError) -> Self {
        Problem {
            sentence: error.rule.sentence().to_owned(),
            statement: error.rule.statement(error.version),
            offset: Some(error.offset),
        }
    }
}

/// Two hexadecimal digits.
pub fn hex(byte: u8) -> String {
    format!("{byte:02X}")
}

/// The bits of a byte that a mask selects, in two groups: `.... 110.`.
pub fn bits(byte: u8, mask: u8) -> String {
    let mut text = String::with_capacity(9);
    for position in (0..8).rev() {
        let bit = 1 << position;
        text.push(match (mask & bit != 0, byte & bit != 0) {
            (false, _) => '.',
            (true, false) => '0',
            (true, true) => '1',
        });
        if position == 4 {
            text.push(' ');
        }
    }
    text
}

/// Appends a field and, one deeper, what is in it.
fn flatten(
    field: &Field,
    depth: usize,
    parent: Option<usize>,
    bytes: &[u8],
    rows: &mut Vec<FieldRow>,
) {
    let line = rows.len();
    let byte = bytes.get(field.range.start);
    rows.push(FieldRow {
        depth,
        parent,
        descendants: 0,
        name: field.name,
        range: field.range.clone(),
        bits: field.mask.zip(byte).map(|(mask, &byte)| bits(byte, mask)),
        value: field.value.clone(),
        meaning: field.meaning.clone(),
        hidden: false,
    });
    for child in &field.children {
        flatten(child, depth + 1, Some(line), bytes, rows);
    }
    let descendants = rows.len() - line - 1;
    if let Some(row) = rows.get_mut(line) {
        row.descendants = descendants;
    }
}

/// The runs of bytes with the same innermost fields.
fn runs(fields: &[Field]) -> Vec<Run> {
    let mut runs = Vec::new();
    let mut line = 0;
    for field in fields {
        add_runs(field, &mut line, &mut runs);
    }
    runs
}

/// Appends the runs of one field: its children's, which cover it, or its own.
/// `line` counts the fields as `flatten` does.
fn add_runs(field: &Field, line: &mut usize, runs: &mut Vec<Run>) {
    let own = *line;
    *line += 1;
    if field.children.is_empty() {
        add_run(field.range.clone(), own, runs);
    }
    for child in &field.children {
        add_runs(child, line, runs);
    }
}

/// Appends a run, or joins the last one if it is the same byte: bit fields
/// follow each other within one.
fn add_run(range: Range<usize>, line: usize, runs: &mut Vec<Run>) {
    if range.is_empty() {
        return;
    }
    match runs.last_mut() {
        Some(last) if last.range == range => last.fields.push(line),
        _ => runs.push(Run { range, fields: vec![line] }),
    }
}

/// What is shown in place of a secret value, however long that is.
pub const MASK: &str = "••••••";
