use std::collections::VecDeque;
use std::time::Duration;

use bytestring::ByteString;

use super::budget::Charge;
use super::sessions::SessionId;
use crate::codec::{
    self, Connect, Framer, MAXIMUM_PACKET_SIZE, Packet, PacketType, Properties, PropertyId,
    Publish, Version,
};
use crate::session::aliases::{IncomingAliases, OutgoingAliases, with_alias};
use crate::time::Instant;

/// One network connection, from the first byte to the last.
#[derive(Clone, Debug)]
pub(super) struct Connection {
    pub framer: Framer,
    pub stage: Stage,
    /// Both 5.0 until CONNECT says otherwise.
    pub version: Version,
    /// Once CONNECT is accepted.
    pub session: Option<SessionId>,
    /// Opened beyond the limit: CONNECT will be refused.
    pub surplus: bool,
    /// When the client last gave a sign of life.
    pub heard_at: Instant,
    /// How long the client may be silent.
    pub patience: Option<Duration>,
    /// The driver cannot take more for this client now.
    pub blocked: bool,
    /// Whether it is in the broker's list of connections to be read.
    pub is_listed: bool,
    /// Whether a flush is among the outputs.
    pub is_flushing: bool,
    /// Bytes of the last [`Output::Send`](super::Output::Send).
    pub last_sent: usize,
    /// What counts against [`Limits::connection_bytes`](super::Limits).
    pub taken: Taken,
    /// All of `taken`.
    pub charge: Charge,
    /// Packets that are still to be encoded, oldest first.
    pub outbox: VecDeque<Packet>,
    /// The client's, in bytes.
    pub maximum_packet_size: u32,
    /// Whether the client wants reasons in words (5.0, 3.1.2.11.7).
    pub problem_information: bool,
    /// The Session Expiry Interval of CONNECT.
    pub requested_expiry: u32,
    /// The highest that is granted.
    pub expiry_maximum: u32,
    /// The method that CONNECT named.
    pub authentication_method: Option<ByteString>,
    pub incoming_aliases: IncomingAliases,
    pub outgoing_aliases: OutgoingAliases,
}

/// Bytes that a connection takes, beyond those that are free.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Taken {
    /// Of a packet that has come in part.
    pub receiving: usize,
    /// Of a CONNECT that waits for the outcome of an enhanced authentication.
    pub connecting: usize,
    /// Of packets that the client does not read.
    pub unread: usize,
    /// Of the topics that aliases stand for, the client's and ours.
    pub aliases: usize,
}

/// How far a connection has come.
#[derive(Clone, Debug)]
pub(super) enum Stage {
    /// CONNECT has not come.
    New,
    /// CONNECT waits for the outcome of an enhanced authentication.
    Authenticating {
        connect: Box<Connect>,
        /// Whether it is the driver's turn.
        pending: bool,
    },
    /// CONNACK is sent.
    Connected {
        /// Whether it is the driver's turn while the client authenticates
        /// again; `None` while it does not.
        reauthentication: Option<bool>,
    },
    /// The last packet is in the outbox. Nothing is read anymore.
    Closing,
}

/// What became of one packet from the outbox.
#[derive(Debug)]
pub(super) enum Encoded {
    /// Its bytes were appended.
    Done,
    /// The client does not accept a packet of this size.
    TooLarge(Packet),
}

impl Taken {
    /// All of it.
    pub fn total(self) -> usize {
        self.receiving + self.connecting + self.unread + self.aliases
    }
}

/// What counts of so many bytes.
pub(super) fn beyond_free(bytes: usize) -> usize {
    bytes.saturating_sub(FREE)
}

impl Connection {
    /// A connection on which CONNECT is awaited.
    pub fn new(now: Instant, maximum_connect_size: u32, surplus: bool) -> Self {
        Connection {
            framer: Framer::new(maximum_connect_size),
            stage: Stage::New,
            version: Version::V5,
            session: None,
            surplus,
            heard_at: now,
            patience: None,
            blocked: false,
            is_listed: false,
            is_flushing: false,
            last_sent: 0,
            taken: Taken::default(),
            charge: Charge::default(),
            outbox: VecDeque::new(),
            maximum_packet_size: MAXIMUM_PACKET_SIZE,
            problem_information: true,
            requested_expiry: 0,
            expiry_maximum: 0,
            authentication_method: None,
            incoming_aliases: IncomingAliases::default(),
            outgoing_aliases: OutgoingAliases::default(),
        }
    }

    /// Bytes of memory of the packets that are in the outbox and in no
    /// session.
    pub fn outbox_footprint(&self) -> usize {
        let footprint = |packet: &Packet| match packet {
            Packet::Publish(publish) if publish.packet_identifier.is_some() => 0,
            Packet::Publish(publish) => publish.footprint(),
            Packet::SubAck(ack) | Packet::UnsubAck(ack) => size_of_val(packet) + ack.reasons.len(),
            _ => size_of_val(packet),
        };
        self.outbox.iter().map(footprint).sum()
    }

    /// Whether packets are read from it now. A client that does not read is
    /// read from all the same, because it may ping: up to what the answers take.
    pub fn is_read(&self) -> bool {
        !self.blocked || self.outbox_footprint() < FREE
    }

    /// Bytes of memory that the aliases of both directions take.
    pub fn aliases_footprint(&self) -> usize {
        self.incoming_aliases.footprint() + self.outgoing_aliases.footprint()
    }

    /// Whether packets are still read from it.
    pub fn is_open(&self) -> bool {
        !matches!(self.stage, Stage::Closing)
    }

    /// Whether CONNACK is sent and no DISCONNECT.
    pub fn is_connected(&self) -> bool {
        matches!(self.stage, Stage::Connected { .. })
    }

    /// Appends the oldest packet of the outbox to `out`.
    pub fn encode_next(&mut self, out: &mut Vec<u8>) -> Option<Encoded> {
        let packet = match self.outbox.pop_front()? {
            Packet::Publish(publish) => return Some(self.encode_publish(publish, out)),
            packet => self.without_unwanted_words(packet),
        };
        if self.fits(&packet, out) {
            return Some(Encoded::Done);
        }
        // Reasons in words must not make a packet too large: [MQTT-3.2.2-19],
        // [MQTT-3.4.2-2] and so on.
        let mut shorter = packet.clone();
        strip_words(&mut shorter);
        match shorter != packet && self.fits(&shorter, out) {
            true => Some(Encoded::Done),
            false => Some(Encoded::TooLarge(packet)),
        }
    }

    fn encode_publish(&mut self, mut publish: Publish, out: &mut Vec<u8>) -> Encoded {
        self.outgoing_aliases.shorten(&mut publish);
        if let Some(alias) = self.outgoing_aliases.offer(&publish) {
            let properties = with_alias(&publish.properties, alias);
            let plain = std::mem::replace(&mut publish.properties, properties);
            if self.publish_fits(&publish, out) {
                // A copy, so that the alias does not keep alive a whole packet.
                self.outgoing_aliases.keep(alias, ByteString::from(&*publish.topic));
                return Encoded::Done;
            }
            publish.properties = plain;
        }
        match self.publish_fits(&publish, out) {
            true => Encoded::Done,
            false => Encoded::TooLarge(Packet::Publish(publish)),
        }
    }

    /// Whether the client accepts a packet of this size.
    pub fn can_take(&self, packet: &Packet) -> bool {
        self.maximum_packet_size >= MAXIMUM_PACKET_SIZE || self.fits(packet, &mut Vec::new())
    }

    fn publish_fits(&self, publish: &Publish, out: &mut Vec<u8>) -> bool {
        self.appends(out, |out| codec::encode_publish(self.version, publish, out).is_ok())
    }

    fn fits(&self, packet: &Packet, out: &mut Vec<u8>) -> bool {
        self.appends(out, |out| codec::encode(self.version, packet, out).is_ok())
    }

    /// Takes back what `write` appended if the client does not accept as much
    /// ([MQTT-3.1.2-24]).
    fn appends(&self, out: &mut Vec<u8>, write: impl FnOnce(&mut Vec<u8>) -> bool) -> bool {
        let start = out.len();
        let fits = write(out) && out.len() - start <= self.maximum_packet_size as usize;
        if !fits {
            out.truncate(start);
        }
        fits
    }

    /// A client may want reasons in words only where it is turned away
    /// ([MQTT-3.1.2-29]).
    fn without_unwanted_words(&self, mut packet: Packet) -> Packet {
        let always = matches!(packet.packet_type(), PacketType::ConnAck | PacketType::Disconnect);
        if !always && !self.problem_information {
            strip_words(&mut packet);
        }
        packet
    }
}

/// Removes Reason String and User Properties.
fn strip_words(packet: &mut Packet) {
    if let Some(properties) = properties_mut(packet) {
        properties.remove(PropertyId::ReasonString);
        properties.remove(PropertyId::UserProperty);
    }
}

/// The properties of a packet that says how something ended.
fn properties_mut(packet: &mut Packet) -> Option<&mut Properties> {
    match packet {
        Packet::ConnAck(connack) => Some(&mut connack.properties),
        Packet::PubAck(ack) | Packet::PubRec(ack) | Packet::PubRel(ack) | Packet::PubComp(ack) => {
            Some(&mut ack.properties)
        }
        Packet::SubAck(ack) | Packet::UnsubAck(ack) => Some(&mut ack.properties),
        Packet::Disconnect(disconnect) => Some(&mut disconnect.properties),
        Packet::Auth(auth) => Some(&mut auth.properties),
        _ => None,
    }
}

/// Bytes that do not count: what a driver reads and writes at once.
const FREE: usize = 16 << 10;
