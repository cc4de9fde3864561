//! The frames of a WebSocket (RFC 6455, 5.2), as a stream of bytes: what a
//! data frame carries is handed on as it comes, so that no message and no frame
//! is ever held as a whole, however large its head says that it is.

use std::collections::hash_map::RandomState;
use std::hash::BuildHasher;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use bytes::{Buf, Bytes, BytesMut};
use tokio::io::AsyncWriteExt;
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::sync::Mutex;
use tokio::time::timeout;

use super::stream::CHUNK;

/// The half that frames come from. It answers pings and a close by itself.
pub struct FrameReader {
    half: OwnedReadHalf,
    /// Came and is not taken apart yet.
    buffer: BytesMut,
    /// What is left of the data frame that is coming.
    coming: Option<Payload>,
    /// Whether a message has begun of which more frames are to come.
    is_fragmented: bool,
    writer: FrameWriter,
}

/// The half that frames go to.
#[derive(Clone)]
pub struct FrameWriter {
    half: Arc<Mutex<WriteHalf>>,
    end: End,
}

struct WriteHalf {
    half: OwnedWriteHalf,
    has_closed: bool,
}

/// Which end of the connection we are: a client masks what it sends.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum End {
    Client,
    Server,
}

struct Payload {
    left: u64,
    mask: Mask,
}

/// The key of a frame, turned to the next byte. Zeros mask nothing.
#[derive(Clone, Copy)]
struct Mask([u8; 4]);

/// What a frame starts with.
struct Head {
    /// Bytes of the head itself.
    size: usize,
    is_last: bool,
    opcode: u8,
    payload: Payload,
}

/// What the peer did wrong, and the code to close with (RFC 6455, 7.4.1).
struct Fault(u16, &'static str);

/// Both halves of an open WebSocket, of which these bytes have come already.
pub fn split(
    (half, to_peer): (OwnedReadHalf, OwnedWriteHalf),
    buffer: BytesMut,
    end: End,
) -> (FrameReader, FrameWriter) {
    let half_to_peer = WriteHalf { half: to_peer, has_closed: false };
    let writer = FrameWriter { half: Arc::new(Mutex::new(half_to_peer)), end };
    let reader =
        FrameReader { half, buffer, coming: None, is_fragmented: false, writer: writer.clone() };
    (reader, writer)
}

impl FrameReader {
    /// The next bytes of binary messages; `None` at the end. Where a message
    /// ends means nothing to MQTT ([MQTT-6.0.0-2]).
    pub async fn next(&mut self) -> io::Result<Option<Bytes>> {
        match self.next_bytes().await {
            Ok(Ok(bytes)) => Ok(bytes),
            Ok(Err(fault)) => self.refuse(fault).await,
            Err(error) => Err(error),
        }
    }

    async fn next_bytes(&mut self) -> io::Result<Result<Option<Bytes>, Fault>> {
        loop {
            if let Some(bytes) = self.take() {
                return Ok(Ok(Some(bytes)));
            }
            let head = match head(&self.buffer, self.writer.end) {
                _ if self.coming.is_some() => None,
                Ok(head) => head,
                Err(fault) => return Ok(Err(fault)),
            };
            // A control frame is short, and is read whole.
            let is_whole = |head: &Head| {
                head.opcode < CLOSE || (self.buffer.len() - head.size) as u64 >= head.payload.left
            };
            match head.filter(is_whole) {
                None if !self.read().await? => return Ok(Ok(None)),
                None => {}
                Some(head) => match self.begin(head).await? {
                    Ok(true) => {}
                    Ok(false) => return Ok(Ok(None)),
                    Err(fault) => return Ok(Err(fault)),
                },
            }
        }
    }

    /// As much of the frame that is coming as is there.
    fn take(&mut self) -> Option<Bytes> {
        let Payload { left, mask } = self.coming.as_mut()?;
        let size = usize::try_from(*left).unwrap_or(usize::MAX).min(self.buffer.len()).min(CHUNK);
        let mut bytes = self.buffer.split_to(size);
        mask.apply(&mut bytes);
        *left -= size as u64;
        if *left == 0 {
            self.coming = None;
        }
        (size > 0).then(|| bytes.freeze())
    }

    /// A frame begins, or is a whole control frame. False at a close.
    async fn begin(&mut self, head: Head) -> io::Result<Result<bool, Fault>> {
        let Head { size, is_last, opcode, mut payload } = head;
        self.buffer.advance(size);
        match opcode {
            CONTINUATION | BINARY => {
                if (opcode == CONTINUATION) != self.is_fragmented {
                    return Ok(Err(Fault(PROTOCOL_ERROR, "a WebSocket message is cut wrongly")));
                }
                self.is_fragmented = !is_last;
                self.coming = Some(payload);
                return Ok(Ok(true));
            }
            TEXT => {
                let what = "a WebSocket message was text, not binary [MQTT-6.0.0-1]";
                return Ok(Err(Fault(UNSUPPORTED_DATA, what)));
            }
            _ => {}
        }
        let mut data = self.buffer.split_to(usize::try_from(payload.left).unwrap_or(0));
        payload.mask.apply(&mut data);
        match opcode {
            PING => self.writer.send(PONG, &data).await?,
            CLOSE => {
                self.writer.close(&data[..data.len().min(2)]).await?;
                return Ok(Ok(false));
            }
            _ => {}
        }
        Ok(Ok(true))
    }

    /// Reads what arrived; false at the end. It makes room only then: an idle
    /// connection has no buffer.
    async fn read(&mut self) -> io::Result<bool> {
        if self.buffer.is_empty() {
            self.buffer = BytesMut::new();
        }
        loop {
            self.half.readable().await?;
            self.buffer.reserve(CHUNK);
            match self.half.try_read_buf(&mut self.buffer) {
                Ok(0) => return Ok(false),
                Ok(_) => return Ok(true),
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                Err(error) => return Err(error),
            }
        }
    }

    /// Closes with the fault's code. What still comes in is read for a while,
    /// because closing over unread input would take the code with it.
    async fn refuse(&mut self, Fault(code, what): Fault) -> io::Result<Option<Bytes>> {
        let _ = timeout(DRAIN_TIMEOUT, async {
            self.writer.close(&code.to_be_bytes()).await?;
            loop {
                self.buffer.clear();
                if !self.read().await? {
                    return io::Result::Ok(());
                }
            }
        })
        .await;
        Err(io::Error::new(io::ErrorKind::InvalidData, what))
    }
}

impl FrameWriter {
    /// Sends bytes as one binary message.
    pub async fn send_binary(&self, bytes: &[u8]) -> io::Result<()> {
        self.send(BINARY, bytes).await
    }

    /// Closes, unless that was done.
    pub async fn shut_down(&self) -> io::Result<()> {
        self.close(&NORMAL_CLOSURE.to_be_bytes()).await
    }

    /// Says goodbye with this payload, once; nothing is sent after it.
    async fn close(&self, payload: &[u8]) -> io::Result<()> {
        self.send(CLOSE, payload).await?;
        // A server ends the connection, and a client waits for that (RFC 6455, 7.1.1).
        if self.end == End::Server { self.half.lock().await.half.shutdown().await } else { Ok(()) }
    }

    async fn send(&self, opcode: u8, payload: &[u8]) -> io::Result<()> {
        let mut half = self.half.lock().await;
        if half.has_closed {
            return Ok(());
        }
        half.has_closed = opcode == CLOSE;
        let mut frame = Vec::with_capacity(14 + payload.len());
        frame.push(LAST | opcode);
        let masked = if self.end == End::Client { MASKED } else { 0 };
        match payload.len() {
            // Each number fits into its place.
            length @ 0..126 => frame.push(masked | length as u8),
            length @ 126..0x1_0000 => {
                frame.push(masked | 126);
                frame.extend_from_slice(&(length as u16).to_be_bytes());
            }
            length => {
                frame.push(masked | 127);
                frame.extend_from_slice(&(length as u64).to_be_bytes());
            }
        }
        let mut mask = Mask::new(self.end);
        if masked != 0 {
            frame.extend_from_slice(&mask.0);
        }
        let start = frame.len();
        frame.extend_from_slice(payload);
        mask.apply(&mut frame[start..]);
        half.half.write_all(&frame).await
    }
}

impl Mask {
    /// A key that a client's page cannot guess, from the keys that the standard
    /// library draws for its hash maps. A server has none.
    fn new(end: End) -> Self {
        match end {
            End::Client => {
                let [a, b, c, d, ..] = RandomState::new().hash_one(0).to_be_bytes();
                Mask([a, b, c, d])
            }
            End::Server => Mask([0; 4]),
        }
    }

    /// Masks or unmasks, and turns the key.
    fn apply(&mut self, bytes: &mut [u8]) {
        for (byte, key) in bytes.iter_mut().zip(self.0.into_iter().cycle()) {
            *byte ^= key;
        }
        self.0.rotate_left(bytes.len() % 4);
    }
}

/// The head of the next frame, once it is there.
fn head(bytes: &[u8], end: End) -> Result<Option<Head>, Fault> {
    let fault = |what| Err(Fault(PROTOCOL_ERROR, what));
    let [first, second, rest @ ..] = bytes else { return Ok(None) };
    let (opcode, is_last) = (first & 0x0F, first & LAST != 0);
    let (is_masked, length) = (second & MASKED != 0, second & !MASKED);
    if first & RESERVED != 0 || !matches!(opcode, CONTINUATION..=BINARY | CLOSE..=PONG) {
        return fault("a WebSocket frame of an unknown kind");
    }
    if is_masked != (end == End::Server) {
        return fault("a WebSocket frame whose mask is wrong");
    }
    if opcode >= CLOSE && (length > 125 || !is_last) {
        return fault("a WebSocket control frame that is too large or cut");
    }
    let extended = match length {
        126 => 2,
        127 => 8,
        _ => 0,
    };
    let size = 2 + extended + if is_masked { 4 } else { 0 };
    if bytes.len() < size {
        return Ok(None);
    }
    let number = |bytes: &[u8]| bytes.iter().fold(0, |sum, byte| sum << 8 | u64::from(*byte));
    let left = if extended == 0 { u64::from(length) } else { number(&rest[..extended]) };
    if left > i64::MAX as u64 {
        return fault("a WebSocket frame with an impossible length");
    }
    // The mask, if there is one, comes last.
    let mask = rest[extended..size - 2].try_into().unwrap_or_default();
    Ok(Some(Head { size, is_last, opcode, payload: Payload { left, mask: Mask(mask) } }))
}

const CONTINUATION: u8 = 0;
const TEXT: u8 = 1;
const BINARY: u8 = 2;
const CLOSE: u8 = 8;
const PING: u8 = 9;
const PONG: u8 = 10;
/// Flags of the first byte: the last frame of a message, and three that mean
/// nothing.
const LAST: u8 = 0x80;
const RESERVED: u8 = 0x70;
/// Flag of the second byte.
const MASKED: u8 = 0x80;
const NORMAL_CLOSURE: u16 = 1000;
const PROTOCOL_ERROR: u16 = 1002;
const UNSUPPORTED_DATA: u16 = 1003;
/// For what still comes in after a fault.
const DRAIN_TIMEOUT: Duration = Duration::from_secs(2);
