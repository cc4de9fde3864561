use crate::codec::PacketIdentifier;

/// The packet identifiers that one side has in use, 1 to 65,535.
///
/// A bitmap with a summary, so that allocating, releasing and asking take a
/// few steps whether none or all are in use. The lowest free identifier is
/// always the next: reuse is early and easy to see.
#[derive(Clone, Debug)]
pub struct Identifiers {
    /// One bit an identifier: 1 while it is in use. Words past the end are
    /// empty, so that an idle session costs nothing.
    used: Vec<u64>,
    /// One bit for each word of `used`: 1 while that word is full.
    full: [u64; 16],
    /// How many identifiers are in use.
    in_use: u16,
}

impl Identifiers {
    /// All 65,535 free.
    pub fn new() -> Self {
        Identifiers { used: Vec::new(), full: [0; 16], in_use: 0 }
    }

    /// Takes the lowest free identifier; `None` when all are in use.
    pub fn allocate(&mut self) -> Option<PacketIdentifier> {
        let group = self.full.iter().position(|word| *word != u64::MAX)?;
        let word = group * 64 + self.full[group].trailing_ones() as usize;
        let value = word * 64 + self.word(word).trailing_ones() as usize;
        let identifier = PacketIdentifier::new(u16::try_from(value).ok()?)?;
        self.reserve(identifier);
        Some(identifier)
    }

    /// Takes this very identifier, as a stored session asks for it. False if
    /// it is in use already.
    pub fn reserve(&mut self, identifier: PacketIdentifier) -> bool {
        if self.is_used(identifier) {
            return false;
        }
        let (word, bit) = place(identifier);
        let filled = self.word(word) | bit;
        if self.used.len() <= word {
            self.used.resize(word + 1, 0);
        }
        self.used[word] = filled;
        if filled == u64::MAX {
            self.full[word / 64] |= 1 << (word % 64);
        }
        self.in_use += 1;
        true
    }

    /// Frees an identifier. False if it was free already.
    pub fn release(&mut self, identifier: PacketIdentifier) -> bool {
        if !self.is_used(identifier) {
            return false;
        }
        let (word, bit) = place(identifier);
        self.used[word] &= !bit;
        self.full[word / 64] &= !(1 << (word % 64));
        self.in_use -= 1;
        true
    }

    /// Whether the identifier is in use.
    pub fn is_used(&self, identifier: PacketIdentifier) -> bool {
        let (word, bit) = place(identifier);
        self.word(word) & bit != 0
    }

    /// How many are in use, 0 to 65,535.
    pub fn in_use(&self) -> u16 {
        self.in_use
    }

    /// Bytes of memory besides the value itself.
    pub(super) fn footprint(&self) -> usize {
        self.used.capacity() * size_of::<u64>()
    }

    /// Bit 0 of the first word is always set, because zero is no identifier.
    fn word(&self, index: usize) -> u64 {
        self.used.get(index).copied().unwrap_or(0) | u64::from(index == 0)
    }
}

impl Default for Identifiers {
    fn default() -> Self {
        Identifiers::new()
    }
}

/// The word of `used` and the bit in it. A 16-bit value divided by 64 is below
/// 1024, so indexing with it cannot fail.
fn place(identifier: PacketIdentifier) -> (usize, u64) {
    let value = usize::from(identifier.value());
    (value / 64, 1 << (value % 64))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn identifier(value: u16) -> PacketIdentifier {
        PacketIdentifier::new(value).expect("a test's identifier is not zero")
    }

    #[test]
    fn all_65535_are_handed_out_once_and_zero_never() {
        let mut identifiers = Identifiers::new();
        for expected in 1..=u16::MAX {
            assert_eq!(identifiers.allocate(), Some(identifier(expected)));
        }
        assert_eq!(identifiers.allocate(), None);
        assert_eq!(identifiers.in_use(), u16::MAX);
    }

    #[test]
    fn a_released_identifier_is_the_next_one_when_all_others_are_in_use() {
        let mut identifiers = Identifiers::new();
        while identifiers.allocate().is_some() {}
        for value in [1, 63, 64, 4_095, 4_096, 40_000, 65_535] {
            assert!(identifiers.release(identifier(value)));
            assert!(!identifiers.release(identifier(value)), "{value} was free already");
            assert_eq!(identifiers.allocate(), Some(identifier(value)));
            assert_eq!(identifiers.allocate(), None);
        }
    }

    #[test]
    fn a_reserved_identifier_is_skipped() {
        let mut identifiers = Identifiers::new();
        assert!(identifiers.reserve(identifier(1)));
        assert!(!identifiers.reserve(identifier(1)));
        assert_eq!(identifiers.allocate(), Some(identifier(2)));
    }
}
