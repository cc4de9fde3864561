//! Three levels published, three granted: nine worlds, and what each
//! delivers.

use super::script::{PUBLISHER, SUBSCRIBER, pair, reading};
use super::{received, sent};
use crate::codec::{Packet, PacketType, QoS, ReasonCode, Version};
use crate::sim::{Scenario, World};

/// What one world showed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cell {
    /// The level of the publisher's PUBLISH.
    pub published: QoS,
    /// The level in the SUBACK.
    pub granted: QoS,
    /// The level of the PUBLISH to the subscriber.
    pub delivered: QoS,
    /// The number of that PUBLISH in the trace.
    pub record: u64,
}

/// The cells that have been filled in so far.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Table {
    cells: Vec<Cell>,
}

/// A message is published at one level to a subscriber who was granted
/// another.
pub fn scenario(version: Version, published: QoS, granted: QoS) -> Scenario {
    pair(version, granted).publish(PUBLISHER, reading(published)).finish()
}

impl Cell {
    /// Reads a cell off a world's trace; `None` until the message has been
    /// delivered.
    pub fn of(world: &World) -> Option<Cell> {
        let trace = world.trace();
        let (_, published) = sent(PUBLISHER, PacketType::Publish).publishes(trace).next()?;
        let mut answers = received(SUBSCRIBER, PacketType::SubAck).packets(trace);
        let granted = answers.find_map(|(_, packet)| match packet {
            Packet::SubAck(ack) => granted(ack.reasons.first().copied()?),
            _ => None,
        })?;
        let mut deliveries = received(SUBSCRIBER, PacketType::Publish).publishes(trace);
        let (record, delivered) = deliveries.next()?;
        Some(Cell {
            published: published.qos,
            granted,
            delivered: delivered.qos,
            record: record.sequence,
        })
    }
}

impl Table {
    /// All nine, each from a world of its own.
    pub fn complete(version: Version) -> Table {
        let mut table = Table::default();
        for published in QoS::ALL {
            for granted in QoS::ALL {
                let mut world = World::new(&scenario(version, published, granted));
                world.run_until_quiet(super::script::LONGEST);
                table.fill(&world);
            }
        }
        table
    }

    /// Fills in what this world shows, if it shows anything yet.
    pub fn fill(&mut self, world: &World) {
        if let Some(cell) = Cell::of(world) {
            self.cells.retain(|it| (it.published, it.granted) != (cell.published, cell.granted));
            self.cells.push(cell);
        }
    }

    /// One cell, once it is filled in.
    pub fn cell(&self, published: QoS, granted: QoS) -> Option<Cell> {
        let found = |cell: &&Cell| (cell.published, cell.granted) == (published, granted);
        self.cells.iter().find(found).copied()
    }

    /// How many cells are filled in, of nine.
    pub fn filled(&self) -> usize {
        self.cells.len()
    }
}

fn granted(reason: ReasonCode) -> Option<QoS> {
    QoS::from_bits(reason.code())
}
