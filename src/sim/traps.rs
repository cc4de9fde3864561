use std::ops::Range;

use super::fault::Crossing;
use super::pipe::Trap;
use super::{Fault, What, When};
use crate::trace::Direction;

/// The faults that wait for their point.
#[derive(Clone, Debug, Default)]
pub(super) struct Traps {
    placed: Vec<Placed>,
}

#[derive(Clone, Debug)]
struct Placed {
    fault: Fault,
    /// Whether its point has been written. It then strikes at most once.
    met: bool,
}

impl Traps {
    /// Adds a fault that waits.
    pub fn place(&mut self, fault: Fault) {
        self.placed.push(Placed { fault, met: false });
    }

    /// The fault with this index.
    pub fn fault(&self, index: usize) -> Option<&Fault> {
        self.placed.get(index).map(|placed| &placed.fault)
    }

    /// Whether the sender forgets to send this packet, of this client's link.
    pub fn withholds(&mut self, client: usize, crossing: Crossing) -> bool {
        let found = self.placed.iter_mut().find(|placed| {
            let Fault { client: whose, when, what } = placed.fault;
            !placed.met
                && whose == client
                && what == What::Withhold
                && placed.fault.is_possible()
                && when == When::Before(crossing)
        });
        found.is_some_and(|placed| {
            placed.met = true;
            true
        })
    }

    /// Traps for what is written now: a packet, and its bytes counted over all
    /// connections of this client's link. `start` is where it starts on this
    /// connection.
    pub fn meet(
        &mut self,
        client: usize,
        crossing: Option<Crossing>,
        direction: Direction,
        bytes: Range<u64>,
        start: u64,
    ) -> Vec<Trap> {
        let end = start + (bytes.end - bytes.start);
        let mut traps = Vec::new();
        for (index, placed) in self.placed.iter_mut().enumerate() {
            if placed.met || placed.fault.client != client || placed.fault.what == What::Withhold {
                continue;
            }
            let (position, eager) = match placed.fault.when {
                When::Before(point) if Some(point) == crossing => (start, false),
                When::After(point) if Some(point) == crossing => (end, true),
                When::Byte(way, byte) if way == direction && bytes.contains(&byte) => {
                    (start + (byte - bytes.start), false)
                }
                _ => continue,
            };
            placed.met = true;
            traps.push(Trap { position, eager, fault: index });
        }
        traps
    }
}
