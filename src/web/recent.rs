use std::collections::VecDeque;

/// The latest of many items: bounded in number and in bytes, and numbered so
/// that a reader can ask for what is new since its last look.
#[derive(Clone, Debug)]
pub struct Recent<T> {
    items: VecDeque<T>,
    capacity: usize,
    byte_capacity: usize,
    /// What the items take together.
    bytes: usize,
    total: u64,
}

/// What an item of a bounded list takes.
pub trait Footprint {
    /// Bytes in memory, as far as they can be counted. The same for as long as
    /// the item is held.
    fn footprint(&self) -> usize;
}

impl<T: Footprint> Recent<T> {
    /// Holds at most `capacity` items, which take at most `byte_capacity`
    /// bytes. The newest item stays, however large it is.
    pub fn new(capacity: usize, byte_capacity: usize) -> Self {
        let capacity = capacity.max(1);
        Recent { items: VecDeque::new(), capacity, byte_capacity, bytes: 0, total: 0 }
    }

    /// Appends an item; the oldest go if there is no room. Returns its
    /// number: 0, 1, 2 and so on.
    pub fn push(&mut self, item: T) -> u64 {
        self.bytes += item.footprint();
        self.items.push_back(item);
        self.total += 1;
        while self.items.len() > 1
            && (self.items.len() > self.capacity || self.bytes > self.byte_capacity)
        {
            self.bytes -= self.items.pop_front().map_or(0, |oldest| oldest.footprint());
        }
        self.total - 1
    }
}

impl<T> Recent<T> {
    /// How many items there ever were, which is the number that the next one
    /// gets.
    pub fn total(&self) -> u64 {
        self.total
    }

    /// How many are no longer held, which is the number of the oldest held.
    pub fn dropped(&self) -> u64 {
        self.total - self.items.len() as u64
    }

    /// How many are held.
    pub fn len(&self) -> usize {
        self.items.len()
    }

    /// Whether none is held.
    pub fn is_empty(&self) -> bool {
        self.items.is_empty()
    }

    /// The item with this number, if it is still held. Constant time.
    pub fn item(&self, number: u64) -> Option<&T> {
        let index = number.checked_sub(self.dropped())?;
        self.items.get(usize::try_from(index).ok()?)
    }

    /// The items held, oldest first.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &T> + DoubleEndedIterator {
        self.items.iter()
    }

    /// The items held with this number or a later one, oldest first.
    pub fn since(&self, number: u64) -> impl ExactSizeIterator<Item = &T> + DoubleEndedIterator {
        let skipped = number.saturating_sub(self.dropped()).min(self.items.len() as u64);
        // At most `len`, so it fits.
        self.items.range(skipped as usize..)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    impl Footprint for char {
        fn footprint(&self) -> usize {
            self.len_utf8()
        }
    }

    #[test]
    fn the_oldest_go_and_numbers_stay() {
        let mut recent = Recent::new(3, 100);
        for (number, item) in ('a'..='e').enumerate() {
            assert_eq!(recent.push(item), number as u64);
        }
        assert_eq!(recent.iter().collect::<String>(), "cde");
        assert_eq!((recent.total(), recent.dropped(), recent.len()), (5, 2, 3));
        for (number, expect) in [(1, None), (2, Some(&'c')), (4, Some(&'e')), (5, None)] {
            assert_eq!(recent.item(number), expect, "item {number}");
        }
        for (number, expect) in [(0, "cde"), (3, "de"), (5, ""), (99, "")] {
            assert_eq!(recent.since(number).collect::<String>(), expect, "since {number}");
        }
    }

    #[test]
    fn bytes_are_bounded_too_but_the_newest_stays() {
        let mut recent = Recent::new(100, 3);
        for item in ['a', 'b', '€', 'c', 'd', 'é', 'e', '😀'] {
            recent.push(item);
            let bytes: usize = recent.iter().map(Footprint::footprint).sum();
            assert!(bytes <= 3 || recent.len() == 1, "{recent:?}");
        }
        assert_eq!(recent.iter().collect::<String>(), "😀");
        assert_eq!((recent.total(), recent.dropped()), (8, 7));
    }
}
