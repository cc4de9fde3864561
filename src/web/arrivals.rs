use std::collections::VecDeque;

/// What arrived on the connection and is not processed yet, in the order in
/// which it came.
///
/// One WebSocket message may hold any number of packets, and the page must
/// draw and answer while they are worked off. So they wait here, and are taken
/// out in pieces.
#[derive(Debug)]
pub struct Arrivals<E> {
    waiting: VecDeque<Arrival<E>>,
    /// How many bytes of the first arrival are taken already.
    taken: usize,
    /// Bytes that wait.
    bytes: usize,
}

/// One thing that came.
#[derive(Debug)]
enum Arrival<E> {
    Bytes(Vec<u8>),
    Other(E),
}

/// The next thing to work off.
#[derive(Debug, PartialEq, Eq)]
pub enum Next<'a, E> {
    /// Bytes, of which [`Arrivals::advance`] takes as many as are done.
    Bytes(&'a [u8]),
    /// An event of another kind, which is taken with this.
    Other(E),
}

impl<E> Arrivals<E> {
    /// Nothing waits.
    pub fn new() -> Self {
        Arrivals { waiting: VecDeque::new(), taken: 0, bytes: 0 }
    }

    /// Queues a message.
    pub fn push_bytes(&mut self, bytes: Vec<u8>) {
        self.bytes += bytes.len();
        if !bytes.is_empty() {
            self.waiting.push_back(Arrival::Bytes(bytes));
        }
    }

    /// Queues something else.
    pub fn push(&mut self, event: E) {
        self.waiting.push_back(Arrival::Other(event));
    }

    /// What came first of all that waits.
    pub fn next(&mut self) -> Option<Next<'_, E>> {
        if let Some(Arrival::Other(_)) = self.waiting.front() {
            return match self.waiting.pop_front() {
                Some(Arrival::Other(event)) => Some(Next::Other(event)),
                _ => None,
            };
        }
        match self.waiting.front() {
            Some(Arrival::Bytes(bytes)) => {
                Some(Next::Bytes(bytes.get(self.taken..).unwrap_or_default()))
            }
            _ => None,
        }
    }

    /// So many of the bytes that [`Arrivals::next`] gave are done.
    pub fn advance(&mut self, count: usize) {
        let Some(Arrival::Bytes(bytes)) = self.waiting.front() else { return };
        let count = count.min(bytes.len() - self.taken);
        self.taken += count;
        self.bytes -= count;
        if self.taken == bytes.len() {
            self.waiting.pop_front();
            self.taken = 0;
        }
    }

    /// How many bytes wait.
    pub fn bytes(&self) -> usize {
        self.bytes
    }

    /// Whether nothing waits.
    pub fn is_empty(&self) -> bool {
        self.waiting.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_came_is_worked_off_in_pieces_and_in_order() {
        let mut arrivals = Arrivals::new();
        arrivals.push('o');
        arrivals.push_bytes(b"abcd".to_vec());
        arrivals.push_bytes(Vec::new());
        arrivals.push_bytes(b"ef".to_vec());
        arrivals.push('c');
        assert_eq!(arrivals.next(), Some(Next::Other('o')));
        for (expect, done) in [("abcd", 1), ("bcd", 2), ("d", 9), ("ef", 2)] {
            assert_eq!(arrivals.next(), Some(Next::Bytes(expect.as_bytes())));
            let before = arrivals.bytes();
            arrivals.advance(done);
            assert_eq!(arrivals.bytes(), before - done.min(expect.len()));
        }
        assert_eq!((arrivals.bytes(), arrivals.is_empty()), (0, false));
        assert_eq!(arrivals.next(), Some(Next::Other('c')));
        assert_eq!(arrivals.next(), None);
        assert!(arrivals.is_empty());
    }
}
