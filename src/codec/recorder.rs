//! Keeps the fields that a decoder reads, as a tree.

use std::ops::Range;

/// A named run of bytes, or of bits in one byte.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Field {
    /// The specification's name for it: "Packet Identifier", "Retain".
    pub name: &'static str,
    /// Where it is, from the start of the packet.
    pub range: Range<usize>,
    /// The bits of the one byte in `range`, if it is only some of them.
    pub mask: Option<u8>,
    /// The value as text: a number, a string in quotes, hex. Empty for a
    /// group of fields; shortened after 1,024 characters or bytes.
    pub value: String,
    /// What the value means, where it does not say so itself: "exactly once",
    /// "Not authorized", "seconds". May be empty.
    pub meaning: String,
    /// Nested fields, in wire order, within `range`. At most 1,001: past that
    /// the last one, "More fields", covers the rest.
    pub children: Vec<Field>,
}

/// Builds the tree of a [`super::Dissection`] while the decoder runs.
#[derive(Debug, Default)]
pub(super) struct Recorder {
    /// Groups that are still being read, outermost first.
    open: Vec<Field>,
    /// Finished top-level fields.
    fields: Vec<Field>,
}

impl Recorder {
    /// Adds a field that has been read whole.
    pub(super) fn leaf(&mut self, name: &'static str, range: Range<usize>, value: String) {
        self.push(field(name, range, value));
    }

    /// Adds a part of the last field.
    pub(super) fn part(&mut self, name: &'static str, range: Range<usize>, value: String) {
        if let Some(last) = self.last() {
            last.children.push(field(name, range, value));
        }
    }

    /// Adds some bits of the last field, which is one byte.
    pub(super) fn bits(&mut self, name: &'static str, mask: u8, value: u8, meaning: &str) {
        if let Some(last) = self.last() {
            let mut bits = field(name, last.range.clone(), value.to_string());
            bits.mask = Some(mask);
            bits.meaning = meaning.to_owned();
            last.children.push(bits);
        }
    }

    /// Says what the last field means.
    pub(super) fn meaning(&mut self, meaning: String) {
        if let Some(last) = self.last() {
            last.meaning = meaning;
        }
    }

    /// Begins a group of fields.
    pub(super) fn open(&mut self, name: &'static str, start: usize) {
        self.open.push(field(name, start..start, String::new()));
    }

    /// Ends the innermost group. It ends where its last field does, so a
    /// group that was cut short claims no byte that was not understood.
    pub(super) fn close(&mut self) {
        if let Some(mut group) = self.open.pop() {
            // A group without fields has no bytes and nothing to show.
            if let Some(last) = group.children.last() {
                group.range.end = last.range.end;
                self.push(group);
            }
        }
    }

    /// The finished tree. Groups that an error left open end here.
    pub(super) fn finish(mut self) -> Vec<Field> {
        while !self.open.is_empty() {
            self.close();
        }
        self.fields
    }

    /// Adds a field to the innermost group. A peer may send a list as long as
    /// a packet: past [`MOST_SIBLINGS`] one last field covers the rest.
    fn push(&mut self, next: Field) {
        let siblings = self.siblings();
        let is_full = siblings.len() >= MOST_SIBLINGS;
        match siblings.last_mut() {
            Some(last) if last.name == MORE => last.range.end = next.range.end,
            _ if is_full => siblings.push(field(MORE, next.range, "not listed".to_owned())),
            _ => siblings.push(next),
        }
    }

    /// The last field of the innermost group, if it is one of its own.
    fn last(&mut self) -> Option<&mut Field> {
        self.siblings().last_mut().filter(|last| last.name != MORE)
    }

    fn siblings(&mut self) -> &mut Vec<Field> {
        match self.open.last_mut() {
            Some(group) => &mut group.children,
            None => &mut self.fields,
        }
    }
}

fn field(name: &'static str, range: Range<usize>, value: String) -> Field {
    Field { name, range, mask: None, value, meaning: String::new(), children: Vec::new() }
}

/// Fields listed of one group.
const MOST_SIBLINGS: usize = 1_000;

/// The name of the field that covers what is not listed.
const MORE: &str = "More fields";
