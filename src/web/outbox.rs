use std::collections::{BTreeMap, VecDeque};

use bytes::Bytes;

use crate::client::ConnectionNumber;
use crate::session::Key;

/// What is still to leave, and what has to be committed first.
///
/// Everything leaves in the order in which the engine asked for it, and
/// nothing leaves before the entries that the engine stored or removed
/// earlier are committed. Commits are grouped: while one is under way, later
/// entries gather for the next, the last word on each key. Committing an
/// entry early is harmless: after a crash it is as if the packets before it
/// had been lost with the connection.
#[derive(Debug)]
pub struct Outbox {
    waiting: VecDeque<(Step, Group)>,
    /// Bytes in `waiting`.
    bytes: usize,
    /// How many times `waiting` closes.
    closes: usize,
    /// What the next commit takes.
    gathering: Batch,
    /// The group that `gathering` will be.
    next: Group,
    /// The last group that is committed.
    committed: Group,
    /// Whether there is storage at all.
    durable: bool,
}

/// One thing for the driver to do on the connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// Open this connection.
    Open(ConnectionNumber),
    /// Send this as one WebSocket message.
    Send(Bytes),
    /// Close this connection.
    Close(ConnectionNumber),
}

/// What one commit writes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Batch {
    /// New values of the engine's entries; `None` deletes.
    pub entries: BTreeMap<Key, Option<Bytes>>,
    /// Received messages to keep, by number, rising.
    pub received: VecDeque<(u64, Bytes)>,
    /// The oldest received message to keep: those before it go.
    pub oldest_received: u64,
}

/// Numbers the commits.
type Group = u64;

impl Batch {
    /// Whether there is nothing to write.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty() && self.received.is_empty()
    }
}

impl Outbox {
    /// An empty outbox. Without `durable`, entries are ignored and nothing
    /// waits for them.
    pub fn new(durable: bool) -> Self {
        Outbox {
            waiting: VecDeque::new(),
            bytes: 0,
            closes: 0,
            gathering: Batch::default(),
            next: 1,
            committed: 0,
            durable,
        }
    }

    /// An entry that later steps depend on; `None` deletes it.
    pub fn write(&mut self, key: Key, value: Option<Bytes>) {
        if self.durable {
            self.gathering.entries.insert(key, value);
        }
    }

    /// A received message to keep, and the oldest one that is still to be
    /// kept. The acknowledgement is a later step.
    pub fn write_received(&mut self, number: u64, value: Bytes, oldest: u64) {
        if !self.durable {
            return;
        }
        let batch = &mut self.gathering;
        batch.received.push_back((number, value));
        // What goes before it is written need not be written.
        while batch.received.front().is_some_and(|(number, _)| *number < oldest) {
            batch.received.pop_front();
        }
        batch.oldest_received = oldest;
    }

    /// A step that depends on all entries before it.
    pub fn push(&mut self, step: Step) {
        match &step {
            Step::Send(bytes) => self.bytes += bytes.len(),
            Step::Close(_) => self.closes += 1,
            Step::Open(_) => {}
        }
        let needs = if self.gathering.is_empty() { self.next - 1 } else { self.next };
        self.waiting.push_back((step, needs));
    }

    /// What to commit now: everything gathered, unless a commit is under way.
    /// [`Outbox::committed`] or [`Outbox::give_up`] has to follow.
    pub fn take_batch(&mut self) -> Option<Batch> {
        if self.is_committing() || self.gathering.is_empty() {
            return None;
        }
        self.next += 1;
        Some(std::mem::take(&mut self.gathering))
    }

    /// The commit under way has succeeded.
    pub fn committed(&mut self) {
        self.committed = self.next - 1;
    }

    /// The commit under way has failed, with this batch, and is to be made
    /// again. Returns what to write besides all the engine's entries, which
    /// are those that were gathered too. What waits goes on waiting, until
    /// [`Outbox::committed`], another [`Outbox::retry`] or
    /// [`Outbox::give_up`].
    pub fn retry(&mut self, failed: Batch) -> Batch {
        let gathered = std::mem::take(&mut self.gathering);
        self.next += 1;
        let oldest_received = failed.oldest_received.max(gathered.oldest_received);
        let mut received = failed.received;
        received.extend(gathered.received);
        received.retain(|(number, _)| *number >= oldest_received);
        Batch { entries: BTreeMap::new(), received, oldest_received }
    }

    /// There is no storage any more: nothing waits for it from now on.
    pub fn give_up(&mut self) {
        self.durable = false;
        self.gathering = Batch::default();
        self.committed = self.next;
    }

    /// The next step, if nothing that it depends on is uncommitted. Sends that
    /// follow each other are merged into messages of about
    /// [`MESSAGE_TARGET`] bytes.
    pub fn take_step(&mut self) -> Option<Step> {
        let first = self.take_ready()?;
        let Step::Send(first) = first else { return Some(first) };
        if !self.next_is_small_send(first.len()) {
            return Some(Step::Send(first));
        }
        let mut message = Vec::with_capacity(first.len() + self.bytes.min(MESSAGE_TARGET));
        message.extend_from_slice(&first);
        while self.next_is_small_send(message.len()) {
            if let Some(Step::Send(bytes)) = self.take_ready() {
                message.extend_from_slice(&bytes);
            }
        }
        Some(Step::Send(message.into()))
    }

    /// Whether the engine has asked to close the connection. From then on it
    /// no longer counts on it.
    pub fn is_closing(&self) -> bool {
        self.closes > 0
    }

    /// The connection is gone, and all that was to happen on it. A new one
    /// that the engine asked for already stays asked for.
    pub fn connection_lost(&mut self) {
        self.waiting.retain(|(step, _)| matches!(step, Step::Open(_)));
        self.bytes = 0;
        self.closes = 0;
    }

    /// How many bytes wait to be sent.
    pub fn bytes(&self) -> usize {
        self.bytes
    }

    /// How many steps wait.
    pub fn len(&self) -> usize {
        self.waiting.len()
    }

    fn is_committing(&self) -> bool {
        self.committed + 1 < self.next
    }

    fn take_ready(&mut self) -> Option<Step> {
        let (_, needs) = self.waiting.front()?;
        if *needs > self.committed {
            return None;
        }
        let (step, _) = self.waiting.pop_front()?;
        match &step {
            Step::Send(bytes) => self.bytes -= bytes.len(),
            Step::Close(_) => self.closes -= 1,
            Step::Open(_) => {}
        }
        Some(step)
    }

    fn next_is_small_send(&self, already: usize) -> bool {
        match self.waiting.front() {
            Some((Step::Send(bytes), needs)) => {
                *needs <= self.committed && already + bytes.len() <= MESSAGE_TARGET
            }
            _ => false,
        }
    }
}

/// Sends are merged up to this many bytes, which keeps the framing overhead
/// small and the grain of the back-pressure fine.
const MESSAGE_TARGET: usize = 64 * 1024;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::session::Token;

    const OPEN: Step = Step::Open(ConnectionNumber(1));
    const CLOSE: Step = Step::Close(ConnectionNumber(1));
    const NEXT: Step = Step::Open(ConnectionNumber(2));

    fn send(text: &'static str) -> Step {
        Step::Send(Bytes::from_static(text.as_bytes()))
    }

    fn store(outbox: &mut Outbox, token: u64, value: &'static str) {
        outbox.write(Key::Outbound(Token(token)), Some(Bytes::from_static(value.as_bytes())));
    }

    fn batch(entries: &[(u64, Option<&'static str>)]) -> Option<Batch> {
        let entry = |(token, value): &(u64, Option<&'static str>)| {
            (Key::Outbound(Token(*token)), value.map(|v| Bytes::from_static(v.as_bytes())))
        };
        Some(Batch { entries: entries.iter().map(entry).collect(), ..Batch::default() })
    }

    #[test]
    fn what_depends_on_nothing_leaves_at_once_and_merged() {
        let mut outbox = Outbox::new(true);
        for step in [OPEN, send("a"), send("b"), CLOSE, send("c")] {
            outbox.push(step);
        }
        assert_eq!(outbox.bytes(), 3);
        for expect in [Some(OPEN), Some(send("ab")), Some(CLOSE), Some(send("c")), None] {
            assert_eq!(outbox.take_step(), expect);
        }
        assert_eq!((outbox.bytes(), outbox.take_batch()), (0, None));
    }

    #[test]
    fn a_packet_waits_for_the_commit_of_what_was_stored_before_it() {
        let mut outbox = Outbox::new(true);
        outbox.push(send("free"));
        store(&mut outbox, 1, "one");
        outbox.push(send("needs one"));
        assert_eq!(outbox.take_step(), Some(send("free")));
        assert_eq!(outbox.take_step(), None, "not committed");
        assert_eq!(outbox.take_batch(), batch(&[(1, Some("one"))]));
        assert_eq!(outbox.take_step(), None, "the commit is under way");
        outbox.committed();
        assert_eq!(outbox.take_step(), Some(send("needs one")));
    }

    #[test]
    fn entries_gather_while_a_commit_is_under_way_and_the_last_word_counts() {
        let mut outbox = Outbox::new(true);
        store(&mut outbox, 1, "one");
        outbox.push(send("1"));
        assert_eq!(outbox.take_batch(), batch(&[(1, Some("one"))]));
        store(&mut outbox, 2, "two");
        outbox.push(send("2"));
        store(&mut outbox, 1, "newer");
        outbox.write(Key::Outbound(Token(2)), None);
        outbox.push(send("3"));
        assert_eq!(outbox.take_batch(), None, "one commit at a time");
        outbox.committed();
        assert_eq!(outbox.take_step(), Some(send("1")));
        assert_eq!(outbox.take_step(), None);
        assert_eq!(outbox.take_batch(), batch(&[(1, Some("newer")), (2, None)]));
        outbox.committed();
        assert_eq!(outbox.take_step(), Some(send("23")));
    }

    #[test]
    fn what_waits_for_a_commit_that_failed_waits_until_all_is_written_again() {
        let mut outbox = Outbox::new(true);
        store(&mut outbox, 1, "one");
        outbox.write_received(7, Bytes::from_static(b"7"), 7);
        outbox.push(send("1"));
        let failed = outbox.take_batch().expect("something to commit");
        store(&mut outbox, 2, "two");
        outbox.write_received(8, Bytes::from_static(b"8"), 8);
        outbox.push(send("2"));
        let again = outbox.retry(failed);
        let received = [(8, Bytes::from_static(b"8"))];
        let expect = Batch { received: received.into(), oldest_received: 8, ..Batch::default() };
        assert_eq!(again, expect, "the engine's entries are all written anyway");
        assert_eq!((outbox.take_batch(), outbox.take_step()), (None, None));
        let again = outbox.retry(again);
        assert_eq!(again, expect, "it failed once more");
        store(&mut outbox, 3, "three");
        outbox.push(send("3"));
        outbox.committed();
        assert_eq!(outbox.take_step(), Some(send("12")));
        assert_eq!(outbox.take_step(), None, "stored after that");
        assert_eq!(outbox.take_batch(), batch(&[(3, Some("three"))]));
    }

    #[test]
    fn a_step_after_a_commit_that_is_under_way_waits_for_it() {
        let mut outbox = Outbox::new(true);
        store(&mut outbox, 1, "one");
        assert!(outbox.take_batch().is_some());
        outbox.push(send("later"));
        assert_eq!(outbox.take_step(), None);
        outbox.committed();
        assert_eq!(outbox.take_step(), Some(send("later")));
    }

    #[test]
    fn received_messages_gather_as_far_as_they_are_to_be_kept() {
        let mut outbox = Outbox::new(true);
        for (number, oldest) in [(7, 5), (8, 8), (9, 8)] {
            outbox.write_received(number, Bytes::from(vec![number as u8]), oldest);
        }
        outbox.push(send("PUBACK"));
        assert_eq!(outbox.take_step(), None, "not committed");
        let received = [8, 9].map(|number| (number, Bytes::from(vec![number as u8])));
        let batch = Batch { received: received.into(), oldest_received: 8, ..Batch::default() };
        assert_eq!(outbox.take_batch(), Some(batch));
        outbox.committed();
        assert_eq!((outbox.take_step(), outbox.take_batch()), (Some(send("PUBACK")), None));

        let mut never = Outbox::new(false);
        never.write_received(1, Bytes::new(), 0);
        assert_eq!(never.take_batch(), None);
    }

    #[test]
    fn without_storage_nothing_waits() {
        let mut never = Outbox::new(false);
        store(&mut never, 1, "one");
        never.push(send("1"));
        assert_eq!(never.take_batch(), None);
        assert_eq!(never.take_step(), Some(send("1")));

        let mut failed = Outbox::new(true);
        store(&mut failed, 1, "one");
        failed.push(send("1"));
        assert!(failed.take_batch().is_some());
        store(&mut failed, 2, "two");
        failed.push(send("2"));
        failed.give_up();
        assert_eq!(failed.take_step(), Some(send("12")));
        store(&mut failed, 3, "three");
        failed.push(send("3"));
        assert_eq!((failed.take_batch(), failed.take_step()), (None, Some(send("3"))));
    }

    #[test]
    fn packets_of_a_lost_connection_never_leave_but_their_entries_are_kept() {
        let mut outbox = Outbox::new(true);
        store(&mut outbox, 1, "one");
        for step in [send("old"), CLOSE, NEXT] {
            outbox.push(step);
        }
        assert!(outbox.is_closing());
        outbox.connection_lost();
        assert!(!outbox.is_closing());
        assert_eq!((outbox.bytes(), outbox.len()), (0, 1));
        assert_eq!(outbox.take_batch(), batch(&[(1, Some("one"))]));
        outbox.committed();
        assert_eq!(outbox.take_step(), Some(NEXT));
    }

    #[test]
    fn a_message_stays_small_and_a_large_packet_goes_alone() {
        let mut outbox = Outbox::new(false);
        let large = Step::Send(Bytes::from(vec![7; MESSAGE_TARGET + 1]));
        for step in [send("a"), large.clone(), send("b"), send("c")] {
            outbox.push(step);
        }
        for expect in [send("a"), large, send("bc")] {
            assert_eq!(outbox.take_step(), Some(expect));
        }
    }
}
