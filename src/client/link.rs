//! What one connection is made of.

use super::Config;
use super::keep_alive::KeepAlive;
use super::server_limits::ServerLimits;
use crate::codec::{Framer, Properties, Version};
use crate::session::aliases::{IncomingAliases, OutgoingAliases};
use crate::time::Instant;

/// The state of one connection.
#[derive(Clone, Debug)]
pub(super) struct Link {
    pub framer: Framer,
    pub keep_alive: KeepAlive,
    pub incoming_aliases: IncomingAliases,
    pub outgoing_aliases: OutgoingAliases,
    pub server: ServerLimits,
    /// What CONNACK said, for views.
    pub server_properties: Properties,
    pub exchange: Exchange,
    /// Whether our CONNECT asked for a new session.
    pub clean_start: bool,
    /// Whether this connection only discards the server's session (3.1.1).
    pub discards: bool,
    /// When we give up waiting for the connection, or for CONNACK.
    pub deadline: Instant,
    /// When CONNACK came, if it has.
    pub connected_at: Option<Instant>,
}

impl Link {
    pub fn new(config: &Config, clean_start: bool, deadline: Instant) -> Self {
        let alias_maximum = match config.version {
            Version::V311 => 0,
            Version::V5 => config.topic_alias_maximum,
        };
        Link {
            framer: Framer::new(config.maximum_packet_size),
            keep_alive: KeepAlive::default(),
            incoming_aliases: IncomingAliases::new(alias_maximum),
            outgoing_aliases: OutgoingAliases::default(),
            server: ServerLimits::default(),
            server_properties: Properties::new(),
            exchange: match config.authentication {
                Some(_) => Exchange::Servers,
                None => Exchange::None,
            },
            clean_start,
            discards: false,
            deadline,
            connected_at: None,
        }
    }
}

/// Whose turn it is in an enhanced authentication.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Exchange {
    /// No exchange is under way.
    #[default]
    None,
    /// Ours: the server has sent AUTH.
    Ours,
    /// The server's: we have sent CONNECT with a method, or AUTH.
    Servers,
}
