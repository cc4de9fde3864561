//! What a page shows of a trace and of a client, as plain data.

#[path = "../common/link.rs"]
mod link;

mod diagram;
mod flow;
mod hostile;
mod inspector;
mod label;
mod slanted;
mod table;
mod timescale;
mod topics;
mod transcript;
mod window;

use link::{
    CLIENT, Link, SERVER, ToClient, ToServer, ack, connack, connect, encoded, identifier, publish,
    suback, subscribe,
};
