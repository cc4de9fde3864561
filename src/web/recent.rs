use std::collections::VecDeque;

/// The latest of many items: bounded, and numbered so that a reader can ask
/// for what is new since its last look.
#[derive(Clone, Debug)]
pub struct Recent<T> {
    items: VecDeque<T>,
    capacity: usize,
    total: u64,
}

impl<T> Recent<T> {
    /// Holds at most `capacity` items, and at least one.
    pub fn new(capacity: usize) -> Self {
        Recent { items: VecDeque::new(), capacity: capacity.max(1), total: 0 }
    }

    /// Appends an item; the oldest goes if there is no room. Returns its
    /// number: 0, 1, 2 and so on.
    pub fn push(&mut self, item: T) -> u64 {
        if self.items.len() == self.capacity {
            self.items.pop_front();
        }
        self.items.push_back(item);
        self.total += 1;
        self.total - 1
    }

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

    #[test]
    fn the_oldest_go_and_numbers_stay() {
        let mut recent = Recent::new(3);
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
}
