use bytes::{Buf, Bytes, BytesMut};

use super::header::FirstByte;
use super::reader::variable_byte_integer;
use super::{DecodeError, MAXIMUM_PACKET_SIZE, Rule, Version};

/// Cuts a byte stream, which arrives in arbitrary chunks, into whole packets.
///
/// Knows only the fixed header: type, flags and Remaining Length. A length
/// above the maximum is refused as soon as it is read, before the body is
/// awaited or any room is made for it.
#[derive(Clone, Debug)]
pub struct Framer {
    maximum_packet_size: u32,
    pending: BytesMut,
    /// Whether `pending` is in the buffer of a packet that was taken.
    is_rest: bool,
    /// Why no packet can come anymore, and at which byte of it.
    broken: Option<(usize, Rule)>,
}

impl Framer {
    /// A framer that accepts packets of at most `maximum_packet_size` bytes,
    /// fixed header included. The protocol's own limit is 268,435,460.
    pub fn new(maximum_packet_size: u32) -> Self {
        Framer { maximum_packet_size, pending: BytesMut::new(), is_rest: false, broken: None }
    }

    /// Adds bytes as they came. Once the next packet is known to be refused,
    /// what belongs to it is not kept, save for its header.
    pub fn push(&mut self, bytes: &[u8]) {
        if self.broken.is_some() {
            return;
        }
        let kept = match self.pending.len() < LONGEST_HEADER {
            true if self.is_refused_with(bytes) => LONGEST_HEADER - self.pending.len(),
            _ => bytes.len(),
        };
        self.pending.extend_from_slice(&bytes[..kept.min(bytes.len())]);
    }

    /// The next whole packet, its fixed header included; `None` until more
    /// bytes arrive. `version` is used only to word an error. After an error
    /// the stream cannot be resynchronized, and every later call repeats it.
    pub fn next_packet(&mut self, version: Version) -> Result<Option<Bytes>, DecodeError> {
        if self.broken.is_none() {
            match self.packet_size(&self.pending) {
                Ok(Some(size)) if size <= self.pending.len() => {
                    return Ok(Some(self.take(size)));
                }
                Ok(_) => {
                    self.move_rest();
                    return Ok(None);
                }
                Err(broken) => self.broken = Some(broken),
            }
        }
        match self.broken {
            Some((offset, rule)) => Err(DecodeError { offset, rule, version }),
            None => Ok(None),
        }
    }

    /// How many of these bytes, which come next, belong to the packet that is
    /// awaited: up to its end, or all of them. A driver that pushes only so
    /// many at a time gets one packet at a time.
    pub fn cut(&self, next: &[u8]) -> usize {
        let awaited = match (&self.broken, self.packet_size_with(next)) {
            (None, Ok(Some(size))) => size.saturating_sub(self.pending.len()),
            _ => next.len(),
        };
        awaited.clamp(1, next.len().max(1))
    }

    /// Bytes that wait for the rest of their packet, oldest first.
    pub fn pending(&self) -> &[u8] {
        &self.pending
    }

    /// How many bytes there is room for, the pending ones included.
    pub fn capacity(&self) -> usize {
        self.pending.capacity()
    }

    /// Accepts packets of at most this size from now on, as a handshake may
    /// settle it.
    pub fn set_maximum_packet_size(&mut self, maximum_packet_size: u32) {
        self.maximum_packet_size = maximum_packet_size;
    }

    /// Takes the oldest bytes. With the last of them goes the room that they
    /// were in, so that a connection that was busy once costs nothing idle.
    fn take(&mut self, size: usize) -> Bytes {
        self.is_rest = size < self.pending.len();
        if self.is_rest {
            return self.pending.split_to(size).freeze();
        }
        std::mem::take(&mut self.pending).freeze()
    }

    /// Gives the start of a packet a buffer of its own. A few bytes would keep
    /// alive the buffer of the packets before them, and that may be large. They
    /// came with the last chunk, so there are no more than fit into one.
    fn move_rest(&mut self) {
        if std::mem::take(&mut self.is_rest) {
            self.pending = BytesMut::from(&*self.pending);
        }
    }

    /// Whether the oldest packet is refused once `more` is added.
    fn is_refused_with(&self, more: &[u8]) -> bool {
        self.packet_size_with(more).is_err()
    }

    /// The size of the oldest packet, once `more` is added.
    fn packet_size_with(&self, more: &[u8]) -> Result<Option<usize>, (usize, Rule)> {
        let mut header = [0; LONGEST_HEADER];
        let mut source = self.pending.chunk().chain(more);
        let length = header.len().min(source.remaining());
        source.copy_to_slice(&mut header[..length]);
        self.packet_size(&header[..length])
    }

    /// The size of the packet that starts here, as soon as its header tells.
    fn packet_size(&self, bytes: &[u8]) -> Result<Option<usize>, (usize, Rule)> {
        let Some((&first, rest)) = bytes.split_first() else {
            return Ok(None);
        };
        // AUTH is refused by the decoder, which knows the connection's version.
        FirstByte::parse(Version::V5, first).map_err(|rule| (0, rule))?;
        match variable_byte_integer(rest) {
            Ok(Some((length, size))) => {
                let size = 1 + size + length as usize;
                match size > self.maximum_packet_size as usize {
                    true => Err((1, Rule::PacketTooLarge)),
                    false => Ok(Some(size)),
                }
            }
            Ok(None) => Ok(None),
            Err((at, rule)) => Err((1 + at, rule)),
        }
    }
}

impl Default for Framer {
    /// A framer that accepts whatever the protocol can express.
    fn default() -> Self {
        Framer::new(MAXIMUM_PACKET_SIZE)
    }
}

/// A type byte and four bytes of Remaining Length.
const LONGEST_HEADER: usize = 5;
