use std::fmt;
use std::slice;

use bytes::{Bytes, BytesMut};
use bytestring::ByteString;

use super::super::Version;
use super::super::reader::Reader;
use super::{Property, PropertyId};

/// The properties of one packet, in the order in which they are on the wire.
///
/// What came with a packet stays as it came, and is read when it is asked
/// for: a property takes no more memory than the wire needs, as few as two
/// bytes, and a copy shares it. What is added stands behind it as a list. Most
/// packets carry none or two, and keeping the order means that a decoded
/// packet encodes to the same bytes again.
#[derive(Clone, Default)]
pub struct Properties {
    /// Valid properties in the form of the wire, without their length.
    wire: Bytes,
    /// One bit for each identifier in `wire`; all are below 64.
    present: u64,
    /// What was added.
    added: Vec<Property>,
}

/// The properties of one packet, one after the other.
#[derive(Clone, Debug)]
pub struct Iter<'a> {
    wire: Wire<'a>,
    added: slice::Iter<'a, Property>,
}

/// What is left of [`Properties::wire`].
#[derive(Clone, Debug)]
struct Wire<'a> {
    bytes: &'a Bytes,
    position: usize,
}

impl Properties {
    /// No properties. Allocates nothing.
    pub const fn new() -> Self {
        Properties { wire: Bytes::new(), present: 0, added: Vec::new() }
    }

    /// Properties that the decoder has checked. `present` has one bit for each
    /// identifier.
    pub(super) fn from_wire(wire: Bytes, present: u64) -> Self {
        Properties { wire, present, added: Vec::new() }
    }

    /// What [`Properties::from_wire`] was given, and what was added since.
    pub(super) fn parts(&self) -> (&Bytes, u64, &[Property]) {
        (&self.wire, self.present, &self.added)
    }

    /// Adds one at the end.
    pub fn push(&mut self, property: Property) {
        // Lists are short, and many packets wait in memory.
        self.added.reserve_exact(1 + self.added.len() / 4);
        self.added.push(property);
    }

    /// Adds one at the end, builder style.
    #[must_use]
    pub fn with(mut self, property: Property) -> Self {
        self.push(property);
        self
    }

    /// Removes every property with this identifier.
    pub fn remove(&mut self, id: PropertyId) {
        self.added.retain(|property| property.id() != id);
        if self.present & bit(id) == 0 {
            return;
        }
        let mut kept = BytesMut::with_capacity(self.wire.len());
        let mut wire = Wire { bytes: &self.wire, position: 0 };
        while let Some((other, start, _)) = wire.next_place() {
            if other != id {
                kept.extend_from_slice(&self.wire[start..wire.position]);
            }
        }
        self.wire = Bytes::copy_from_slice(&kept);
        self.present &= !bit(id);
    }

    /// Whether a property with this identifier is present.
    pub fn contains(&self, id: PropertyId) -> bool {
        self.present & bit(id) != 0 || self.added.iter().any(|property| property.id() == id)
    }

    /// In wire order.
    pub fn iter(&self) -> Iter<'_> {
        Iter { wire: Wire { bytes: &self.wire, position: 0 }, added: self.added.iter() }
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.wire.is_empty() && self.added.is_empty()
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        let mut wire = Wire { bytes: &self.wire, position: 0 };
        std::iter::from_fn(|| wire.next_place()).count() + self.added.len()
    }

    /// Every User Property, in order.
    pub fn user_properties(&self) -> impl Iterator<Item = (ByteString, ByteString)> + '_ {
        self.every(PropertyId::UserProperty).filter_map(|property| match property {
            Property::UserProperty(name, value) => Some((name, value)),
            _ => None,
        })
    }

    /// Every Subscription Identifier, in order.
    pub fn subscription_identifiers(&self) -> impl Iterator<Item = u32> + '_ {
        self.every(PropertyId::SubscriptionIdentifier).filter_map(|property| match property {
            Property::SubscriptionIdentifier(identifier) => Some(identifier),
            _ => None,
        })
    }

    /// Bytes of memory that these take, the value itself and all that it
    /// refers to. What several copies share counts for each.
    pub fn footprint(&self) -> usize {
        size_of::<Self>() + self.heap()
    }

    /// A copy that does not keep alive the packet in which they came.
    pub(in super::super) fn detached(&self) -> Self {
        Properties { wire: Bytes::copy_from_slice(&self.wire), ..self.clone() }
    }

    /// Bytes of memory that these take besides the value itself.
    pub(in super::super) fn heap(&self) -> usize {
        let texts = self.added.iter().map(Property::heap).sum::<usize>();
        self.wire.len() + self.added.capacity() * size_of::<Property>() + texts
    }

    /// The first with this identifier.
    pub(super) fn first(&self, id: PropertyId) -> Option<Property> {
        self.every(id).next()
    }

    /// Every property with this identifier. Others are skipped unread.
    pub(super) fn every(&self, id: PropertyId) -> impl Iterator<Item = Property> + '_ {
        let present = self.present & bit(id) != 0;
        let mut wire = Wire { bytes: &self.wire, position: 0 };
        let read = move || {
            if !present {
                return None;
            }
            loop {
                let (other, _, value) = wire.next_place()?;
                if other == id {
                    return wire.read(other, value);
                }
            }
        };
        let added = self.added.iter().filter(move |property| property.id() == id);
        std::iter::from_fn(read).chain(added.cloned())
    }
}

impl Wire<'_> {
    /// Moves over the next property. Returns which it is, and where it and its
    /// value start.
    fn next_place(&mut self) -> Option<(PropertyId, usize, usize)> {
        let start = self.position;
        let id = PropertyId::from_number(*self.bytes.get(start)?)?;
        let length = id.skip(self.bytes.get(start + 1..)?);
        self.position = (start + 1 + length).min(self.bytes.len());
        Some((id, start, start + 1))
    }

    /// Reads the value that starts there.
    fn read(&self, id: PropertyId, start: usize) -> Option<Property> {
        let value = self.bytes.slice(start..self.position);
        id.read(&mut Reader::new(Version::V5, &value, None)).ok()
    }
}

impl Iterator for Iter<'_> {
    type Item = Property;

    fn next(&mut self) -> Option<Property> {
        match self.wire.next_place() {
            Some((id, _, value)) => self.wire.read(id, value),
            None => self.added.next().cloned(),
        }
    }
}

impl Property {
    /// Bytes of memory that its texts take.
    fn heap(&self) -> usize {
        match self {
            Property::UserProperty(name, value) => name.len() + value.len(),
            Property::ContentType(text)
            | Property::ResponseTopic(text)
            | Property::AssignedClientIdentifier(text)
            | Property::AuthenticationMethod(text)
            | Property::ResponseInformation(text)
            | Property::ServerReference(text)
            | Property::ReasonString(text) => text.len(),
            Property::CorrelationData(data) | Property::AuthenticationData(data) => data.len(),
            _ => 0,
        }
    }
}

impl PartialEq for Properties {
    /// Equal lists are equal, however each was made.
    fn eq(&self, other: &Self) -> bool {
        match self.wire == other.wire {
            true => self.added == other.added,
            false => self.iter().eq(other.iter()),
        }
    }
}

impl Eq for Properties {}

impl fmt::Debug for Properties {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self).finish()
    }
}

impl FromIterator<Property> for Properties {
    fn from_iter<I: IntoIterator<Item = Property>>(properties: I) -> Self {
        Properties { added: properties.into_iter().collect(), ..Properties::new() }
    }
}

impl<'a> IntoIterator for &'a Properties {
    type Item = Property;
    type IntoIter = Iter<'a>;

    fn into_iter(self) -> Iter<'a> {
        self.iter()
    }
}

/// The bit of this identifier in `present`.
fn bit(id: PropertyId) -> u64 {
    1 << (id as u8)
}
