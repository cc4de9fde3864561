//! One connection, TCP or WebSocket, as two halves that move bytes.

use std::io;

use bytes::{Bytes, BytesMut};
use futures_util::stream::{SplitSink, SplitStream};
use futures_util::{SinkExt, StreamExt};
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::{Error, Message};

use super::websocket;

/// A connection that is open.
pub enum Stream {
    /// MQTT on TCP.
    Tcp(TcpStream),
    /// MQTT in the binary messages of a WebSocket (6; 5.0: 6).
    WebSocket(Box<WebSocketStream<TcpStream>>),
}

/// The half that bytes come from.
pub enum Reader {
    Tcp(OwnedReadHalf),
    WebSocket(SplitStream<WebSocketStream<TcpStream>>),
}

/// The half that bytes go to.
pub enum Writer {
    Tcp(OwnedWriteHalf),
    WebSocket(SplitSink<WebSocketStream<TcpStream>, Message>),
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

    /// Takes in a connection that a listener has accepted, from which packets
    /// of at most `largest_packet` bytes are expected.
    pub async fn accept(
        tcp: TcpStream,
        is_websocket: bool,
        largest_packet: u32,
    ) -> io::Result<Stream> {
        tcp.set_nodelay(true)?;
        match is_websocket {
            false => Ok(Stream::Tcp(tcp)),
            true => websocket::accept(tcp, largest_packet).await,
        }
    }

    /// Both halves, to be used at the same time.
    pub fn split(self) -> (Reader, Writer) {
        match self {
            Stream::Tcp(tcp) => {
                let (reader, writer) = tcp.into_split();
                (Reader::Tcp(reader), Writer::Tcp(writer))
            }
            Stream::WebSocket(websocket) => {
                let (writer, reader) = (*websocket).split();
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
            Reader::WebSocket(half) => read_websocket(half).await,
        }
    }
}

impl Writer {
    /// Returns once the system has taken the bytes.
    pub async fn send(&mut self, bytes: Bytes) -> io::Result<()> {
        match self {
            Writer::Tcp(half) => half.write_all(&bytes).await,
            Writer::WebSocket(half) => {
                half.send(Message::Binary(bytes)).await.map_err(websocket::to_io)
            }
        }
    }

    /// Tells the peer that nothing more will come.
    pub async fn shut_down(&mut self) -> io::Result<()> {
        match self {
            Writer::Tcp(half) => half.shutdown().await,
            Writer::WebSocket(half) => half.close().await.map_err(websocket::to_io),
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

/// The next binary message. It need not hold whole packets ([MQTT-6.0.0-2]).
async fn read_websocket(
    half: &mut SplitStream<WebSocketStream<TcpStream>>,
) -> io::Result<Option<Bytes>> {
    loop {
        match half.next().await {
            Some(Ok(Message::Binary(bytes))) if !bytes.is_empty() => return Ok(Some(bytes)),
            Some(Ok(Message::Text(_))) => {
                let what = "a WebSocket message was text, not binary [MQTT-6.0.0-1]";
                return Err(io::Error::new(io::ErrorKind::InvalidData, what));
            }
            Some(Ok(_)) => {}
            None | Some(Err(Error::ConnectionClosed)) => return Ok(None),
            Some(Err(error)) => return Err(websocket::to_io(error)),
        }
    }
}

/// Bytes that are handled at once.
pub const CHUNK: usize = 16 << 10;
