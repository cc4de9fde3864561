//! One connection, TCP or WebSocket, as two halves that move bytes.

use std::io;

use bytes::{Bytes, BytesMut};
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};

use super::frames::{self, End, FrameReader, FrameWriter};
use super::websocket::{self, Origins};

/// A connection that is open.
pub enum Stream {
    /// MQTT on TCP.
    Tcp(TcpStream),
    /// MQTT in the binary messages of a WebSocket (6; 5.0: 6).
    WebSocket {
        /// What carries its frames.
        tcp: TcpStream,
        /// Bytes that arrived behind the handshake.
        buffer: BytesMut,
        /// Which end we are.
        end: End,
    },
}

/// The half that bytes come from.
pub enum Reader {
    Tcp(OwnedReadHalf),
    WebSocket(FrameReader),
}

/// The half that bytes go to.
pub enum Writer {
    Tcp(OwnedWriteHalf),
    WebSocket(FrameWriter),
}

#[allow(dead_code, reason = "a broker accepts and a client connects")]
impl Stream {
    /// Connects to `host` and `port`; with a path, as a WebSocket.
    pub async fn connect(host: &str, port: u16, path: Option<&str>) -> io::Result<Stream> {
        let tcp = TcpStream::connect((host, port)).await?;
        tcp.set_nodelay(true)?;
        match path {
            None => Ok(Stream::Tcp(tcp)),
            Some(path) => websocket::connect(tcp, host, port, path).await,
        }
    }

    /// Takes in a connection that a listener has accepted; with `origins`, as a
    /// WebSocket.
    pub async fn accept(tcp: TcpStream, origins: Option<&Origins>) -> io::Result<Stream> {
        tcp.set_nodelay(true)?;
        match origins {
            None => Ok(Stream::Tcp(tcp)),
            Some(origins) => websocket::accept(tcp, origins).await,
        }
    }

    /// Both halves, to be used at the same time.
    pub fn split(self) -> (Reader, Writer) {
        match self {
            Stream::Tcp(tcp) => {
                let (reader, writer) = tcp.into_split();
                (Reader::Tcp(reader), Writer::Tcp(writer))
            }
            Stream::WebSocket { tcp, buffer, end } => {
                let (reader, writer) = frames::split(tcp.into_split(), buffer, end);
                (Reader::WebSocket(reader), Writer::WebSocket(writer))
            }
        }
    }
}

impl Reader {
    /// The next bytes; `None` at the end.
    pub async fn next(&mut self) -> io::Result<Option<Bytes>> {
        match self {
            Reader::Tcp(half) => read_tcp(half).await,
            Reader::WebSocket(frames) => frames.next().await,
        }
    }
}

impl Writer {
    /// Returns once the system has taken the bytes.
    pub async fn send(&mut self, bytes: Bytes) -> io::Result<()> {
        match self {
            Writer::Tcp(half) => half.write_all(&bytes).await,
            Writer::WebSocket(frames) => frames.send_binary(&bytes).await,
        }
    }

    /// Tells the peer that nothing more will come.
    pub async fn shut_down(&mut self) -> io::Result<()> {
        match self {
            Writer::Tcp(half) => half.shutdown().await,
            Writer::WebSocket(frames) => frames.shut_down().await,
        }
    }
}

/// Makes room only when there is something to read: an idle connection has no
/// buffer.
async fn read_tcp(half: &OwnedReadHalf) -> io::Result<Option<Bytes>> {
    loop {
        half.readable().await?;
        let mut chunk = BytesMut::with_capacity(CHUNK);
        match half.try_read_buf(&mut chunk) {
            Ok(0) => return Ok(None),
            Ok(_) => return Ok(Some(chunk.freeze())),
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
            Err(error) => return Err(error),
        }
    }
}

/// Bytes that are handled at once.
pub const CHUNK: usize = 16 << 10;
