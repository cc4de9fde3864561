//! The virtual network: clients, one broker and the links between them, with
//! faults, and with time that is only a number.
//!
//! A [`Scenario`] is plain data: who takes part, and what happens when. A
//! [`World`] plays it. Nothing else goes in, no clock and no chance but the
//! scenario's seed, so the same scenario gives the same [trace], to the byte.
//! Any earlier moment is therefore a replay, and a [`Timeline`] seeks, rewinds
//! and forks by nothing else.
//!
//! MQTT runs on a transport that keeps bytes in order and loses none of them
//! on a live connection (section 4.2). So no packet is ever lost out of the
//! middle here. What can go wrong is in [`What`]: connections break, or stall,
//! or die unnoticed; processes crash. The one exception, a peer that forgets
//! to send an acknowledgement, is called counterfactual wherever it shows.
//!
//! [trace]: crate::trace::Trace

mod connection;
mod fault;
mod host;
mod inbox;
mod link;
mod pipe;
mod player;
mod random;
mod scenario;
pub mod setups;
mod share;
mod timeline;
mod traps;
mod world;

pub use fault::{Absence, Crossing, Fault, What, When};
pub use inbox::{Delivery, Inbox};
pub use player::{Mode, Player};
pub use scenario::{
    BrokerSetup, ClientSetup, Command, LinkSetup, Publication, Scenario, Split, Step, WillSetup,
};
pub use share::{ShareError, Wrong};
pub use timeline::{Timeline, first_difference};
pub use world::World;

use traps::Traps;
