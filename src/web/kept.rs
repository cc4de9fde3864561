use std::collections::VecDeque;

use bytes::Bytes;

use crate::codec::{self, Packet, Publish, Version};

/// Which received messages storage keeps, so that a page that is loaded again
/// shows them: once they are acknowledged, the server never sends them again.
///
/// These are the newest of those that are acknowledged at all, QoS 1 and 2, at
/// most 1,000 and at most 4 MiB of them. The newest stays, however large.
#[derive(Clone, Debug, Default)]
pub struct Kept {
    /// The number and the size of each, oldest first.
    sizes: VecDeque<(u64, usize)>,
    /// All sizes together, in bytes.
    bytes: usize,
    /// The number of the next one.
    next: u64,
}

impl Kept {
    /// Takes up what storage holds: values by number, rising. What cannot be
    /// read is skipped, and goes in its turn.
    pub fn restore(stored: Vec<(u64, Bytes)>) -> (Self, Vec<Publish>) {
        let mut kept = Kept::default();
        for (number, value) in &stored {
            kept.next = *number;
            kept.push(value.len());
        }
        let received = stored.into_iter().filter_map(|(_, value)| read(&value)).collect();
        (kept, received)
    }

    /// Adds a message, and lets the oldest go that have no room. Returns its
    /// number and what to store under it; `None` for one that is not kept.
    pub fn add(&mut self, publish: &Publish) -> Option<(u64, Bytes)> {
        if !publish.qos.is_acknowledged() {
            return None;
        }
        let value = write(publish)?;
        self.push(value.len());
        while self.sizes.len() > 1 && (self.sizes.len() > MESSAGES || self.bytes > BYTES) {
            self.bytes -= self.sizes.pop_front().map_or(0, |(_, size)| size);
        }
        Some((self.next - 1, value))
    }

    /// The number of the oldest that is kept.
    pub fn oldest(&self) -> u64 {
        self.sizes.front().map_or(self.next, |(number, _)| *number)
    }

    fn push(&mut self, size: usize) {
        self.sizes.push_back((self.next, size));
        self.bytes += size;
        self.next += 1;
    }
}

/// A byte that names this layout, then the packet in the codec's own bytes.
fn write(publish: &Publish) -> Option<Bytes> {
    let mut out = vec![FORMAT];
    codec::encode_publish(Version::V5, publish, &mut out).ok()?;
    Some(out.into())
}

/// Reads what [`write`] wrote. `None` for anything else.
fn read(value: &Bytes) -> Option<Publish> {
    if *value.first()? != FORMAT {
        return None;
    }
    match codec::decode(Version::V5, &value.slice(1..)).ok()? {
        Packet::Publish(publish) => Some(publish),
        _ => None,
    }
}

const FORMAT: u8 = 1;
/// As many as the page shows.
const MESSAGES: usize = 1_000;
const BYTES: usize = 4 * 1024 * 1024;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::codec::{PacketIdentifier, QoS};

    fn message(qos: QoS, payload: Vec<u8>) -> Publish {
        Publish {
            topic: "a/b".into(),
            qos,
            packet_identifier: PacketIdentifier::new(7).filter(|_| qos.is_acknowledged()),
            payload: payload.into(),
            ..Publish::default()
        }
    }

    #[test]
    fn what_is_acknowledged_comes_back_in_order_and_nothing_else() {
        let mut kept = Kept::default();
        let mut stored = Vec::new();
        for payload in 0..3 {
            for qos in QoS::ALL {
                stored.extend(kept.add(&message(qos, vec![payload])));
            }
        }
        assert_eq!(
            stored.iter().map(|(number, _)| *number).collect::<Vec<_>>(),
            [0, 1, 2, 3, 4, 5]
        );
        let expect: Vec<_> = (0..3)
            .flat_map(|payload| {
                [QoS::AtLeastOnce, QoS::ExactlyOnce].map(|qos| message(qos, vec![payload]))
            })
            .collect();
        assert_eq!(Kept::restore(stored).1, expect);
    }

    #[test]
    fn the_oldest_go_by_number_and_by_bytes_but_the_newest_stays() {
        let mut kept = Kept::default();
        for number in 0..MESSAGES as u64 + 5 {
            kept.add(&message(QoS::AtLeastOnce, vec![0]));
            assert_eq!(kept.oldest(), (number + 1).saturating_sub(MESSAGES as u64));
        }
        let (newest, _) = kept.add(&message(QoS::AtLeastOnce, vec![0; BYTES])).expect("kept");
        assert_eq!(kept.oldest(), newest);
        kept.add(&message(QoS::AtLeastOnce, vec![0]));
        assert_eq!(kept.oldest(), newest + 1);
    }

    #[test]
    fn counting_goes_on_after_a_reload_over_gaps_and_what_cannot_be_read() {
        let value = write(&message(QoS::ExactlyOnce, vec![1])).expect("it can be written");
        let stored = [(40, value.clone()), (42, Bytes::from_static(b"\xFF?")), (43, value)];
        let (mut kept, received) = Kept::restore(stored.into());
        assert_eq!((kept.oldest(), received.len()), (40, 2));
        let added = kept.add(&message(QoS::AtLeastOnce, vec![2]));
        assert_eq!(added.map(|(number, _)| number), Some(44));
    }
}
