//! The WebSocket handshakes of both sides, with the subprotocol `mqtt`.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::{Buf, BytesMut};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::handshake::server::{ErrorResponse, Request, Response};
use tokio_tungstenite::tungstenite::http::header::{HOST, ORIGIN, SEC_WEBSOCKET_PROTOCOL};
use tokio_tungstenite::tungstenite::http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use tokio_tungstenite::tungstenite::{Error, Result};
use tokio_tungstenite::{accept_hdr_async, client_async};

use super::Stream;
use super::frames::End;

/// Whose pages may connect. A browser names a page's origin, and no page can
/// make it lie; programs name none, or what they like.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(dead_code, reason = "a broker has such rules, a client has none")]
pub enum Origins {
    /// Every page.
    Any,
    /// These, such as `https://example.org`, and pages from the host and port
    /// that the connection is made to.
    Only(Vec<String>),
}

/// Asks for a WebSocket ([MQTT-6.0.0-3]).
pub async fn connect(tcp: TcpStream, host: &str, port: u16, path: &str) -> io::Result<Stream> {
    let request = request(host, port, path).map_err(to_io)?;
    let mut opening = Opening::new(tcp);
    client_async(request, &mut opening).await.map_err(to_io)?;
    Ok(opening.open(End::Client))
}

/// Grants a WebSocket to a client that offers `mqtt` ([MQTT-6.0.0-4]), from a
/// page that may connect or from no page.
pub async fn accept(tcp: TcpStream, origins: &Origins) -> io::Result<Stream> {
    let mut opening = Opening::new(tcp);
    #[expect(clippy::result_large_err, reason = "the library's callback has this type")]
    let answer = |request: &Request, response| answer(request, response, origins);
    accept_hdr_async(&mut opening, answer).await.map_err(to_io)?;
    Ok(opening.open(End::Server))
}

/// A connection during its handshake. The library reads up to the end of the
/// head and no further, so that what follows is left for us.
struct Opening {
    tcp: TcpStream,
    buffer: BytesMut,
    /// Bytes of the head that the library has not read, once they are known.
    head: Option<usize>,
}

impl Opening {
    fn new(tcp: TcpStream) -> Self {
        Opening { tcp, buffer: BytesMut::new(), head: None }
    }

    fn open(self, end: End) -> Stream {
        Stream::WebSocket { tcp: self.tcp, buffer: self.buffer, end }
    }
}

impl AsyncRead for Opening {
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        out: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let head = loop {
            if let Some(head) = this.head {
                break head;
            }
            let end = this.buffer.windows(4).position(|it| it == b"\r\n\r\n");
            if end.is_none() && this.buffer.len() > LONGEST_HEAD {
                return Poll::Ready(Err(io::Error::other("the head of the request is too long")));
            }
            this.head = end.map(|end| end + 4);
            if end.is_none() {
                let mut chunk = [0; 1024];
                let mut chunk = ReadBuf::new(&mut chunk);
                ready!(Pin::new(&mut this.tcp).poll_read(context, &mut chunk))?;
                if chunk.filled().is_empty() {
                    this.head = Some(this.buffer.len());
                }
                this.buffer.extend_from_slice(chunk.filled());
            }
        };
        let size = head.min(out.remaining());
        out.put_slice(&this.buffer[..size]);
        this.buffer.advance(size);
        this.head = Some(head - size);
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Opening {
    fn poll_write(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.get_mut().tcp).poll_write(context, bytes)
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().tcp).poll_flush(context)
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().tcp).poll_shutdown(context)
    }
}

impl Origins {
    /// Whether a request with these headers may be granted.
    fn allow(&self, headers: &HeaderMap) -> bool {
        let Origins::Only(known) = self else { return true };
        let text = |name: HeaderName| headers.get(name).map(|it| it.to_str().unwrap_or_default());
        let Some(origin) = text(ORIGIN) else { return true };
        let host = origin.split_once("://").map(|(_, host)| host);
        known.iter().any(|it| it.eq_ignore_ascii_case(origin))
            || host.is_some_and(|host| text(HOST).is_some_and(|it| it.eq_ignore_ascii_case(host)))
    }
}

/// An error of the socket is what it is, and the others are put into words.
fn to_io(error: Error) -> io::Error {
    match error {
        Error::Io(error) => error,
        other => io::Error::other(other),
    }
}

fn request(
    host: &str,
    port: u16,
    path: &str,
) -> Result<tokio_tungstenite::tungstenite::handshake::client::Request> {
    // An IPv6 address needs its brackets here.
    let host = if host.contains(':') { format!("[{host}]") } else { host.to_owned() };
    let mut request = format!("ws://{host}:{port}{path}").into_client_request()?;
    request.headers_mut().insert(SEC_WEBSOCKET_PROTOCOL, SUBPROTOCOL);
    Ok(request)
}

#[expect(clippy::result_large_err, reason = "the library's callback has this type")]
fn answer(
    request: &Request,
    mut response: Response,
    origins: &Origins,
) -> Result<Response, ErrorResponse> {
    let offers = request.headers().get_all(SEC_WEBSOCKET_PROTOCOL);
    let mut names =
        offers.iter().filter_map(|list| list.to_str().ok()).flat_map(|list| list.split(','));
    let (status, why) = if !origins.allow(request.headers()) {
        (StatusCode::FORBIDDEN, "Pages of this origin may not connect.\n")
    } else if names.any(|name| SUBPROTOCOL == name.trim()) {
        response.headers_mut().insert(SEC_WEBSOCKET_PROTOCOL, SUBPROTOCOL);
        return Ok(response);
    } else {
        (StatusCode::BAD_REQUEST, "The subprotocol has to be mqtt.\n")
    };
    let mut refusal = ErrorResponse::new(Some(why.to_owned()));
    *refusal.status_mut() = status;
    Err(refusal)
}

const SUBPROTOCOL: HeaderValue = HeaderValue::from_static("mqtt");

/// Bytes of a request or a response.
const LONGEST_HEAD: usize = 16 << 10;
