//! The broker, packet by packet, in both versions.

#[path = "../common/broker_script.rs"]
mod broker_script;

mod authentication;
mod clients;
mod connect;
mod harness;
mod hostile;
mod limits;
mod publish;
mod retained;
mod routing;
mod sessions;
mod shared;
mod slow;
mod statements;
mod tree;
mod wills;
