//! The trace: what a tap makes of a link's bytes, its bounds and its text.

#[path = "../common/link.rs"]
mod link;

mod bounds;
mod exchange;
mod tap;
mod text;

use link::{
    CLIENT, Link, SERVER, ToClient, ToServer, ack, connack, connect, encoded, identifier, publish,
    suback, subscribe,
};

impl Link {
    /// The trace's lines without their times.
    fn lines(&self) -> Vec<String> {
        self.trace.to_text().lines().map(|line| line[14..].to_owned()).collect()
    }
}
