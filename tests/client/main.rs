//! The client engine's tests: one crate, so that it links once.
//!
//! Each test drives a real [`Client`](fourstep::client::Client) through a
//! [`Rig`](rig::Rig), which is its driver and speaks real packets.

#[path = "../common/client_script.rs"]
mod client_script;

mod aliases;
mod arbitrary;
mod authentication;
mod connecting;
mod connection_numbers;
mod disconnecting;
mod hostile_answers;
mod keep_alive;
mod offline_queue;
mod other_version;
mod output_order;
mod reconnecting;
mod retrying;
mod rig;
mod server_limits;
mod statements;
mod stored_session;
mod subscribing;
mod unknown_session;
mod violations;
mod words;
