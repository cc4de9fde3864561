//! The WebSocket handshakes of both sides, with the subprotocol `mqtt`.

use std::io;

use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::handshake::server::{ErrorResponse, Request, Response};
use tokio_tungstenite::tungstenite::http::header::SEC_WEBSOCKET_PROTOCOL;
use tokio_tungstenite::tungstenite::http::{HeaderValue, StatusCode};
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::tungstenite::{Error, Result};
use tokio_tungstenite::{accept_hdr_async_with_config, client_async_with_config};

use super::Stream;

/// Asks for a WebSocket ([MQTT-6.0.0-3]).
pub async fn connect(tcp: TcpStream, host: &str, port: u16, path: &str) -> io::Result<Stream> {
    let request = request(host, port, path).map_err(to_io)?;
    let (stream, _) =
        client_async_with_config(request, tcp, Some(config(LARGEST))).await.map_err(to_io)?;
    Ok(Stream::WebSocket(Box::new(stream)))
}

/// Grants a WebSocket to a client that offers `mqtt` ([MQTT-6.0.0-4]).
/// `largest_packet` is what the driver accepts, in bytes.
pub async fn accept(tcp: TcpStream, largest_packet: u32) -> io::Result<Stream> {
    let config = Some(config(largest_packet as usize));
    let stream = accept_hdr_async_with_config(tcp, choose_mqtt, config).await.map_err(to_io)?;
    Ok(Stream::WebSocket(Box::new(stream)))
}

/// An error of the socket is what it is, and the others are put into words.
pub fn to_io(error: Error) -> io::Error {
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
fn choose_mqtt(request: &Request, mut response: Response) -> Result<Response, ErrorResponse> {
    let offers = request.headers().get_all(SEC_WEBSOCKET_PROTOCOL);
    let mut names =
        offers.iter().filter_map(|list| list.to_str().ok()).flat_map(|list| list.split(','));
    if names.any(|name| SUBPROTOCOL == name.trim()) {
        response.headers_mut().insert(SEC_WEBSOCKET_PROTOCOL, SUBPROTOCOL);
        return Ok(response);
    }
    let mut refusal = ErrorResponse::new(Some("The subprotocol has to be mqtt.\n".to_owned()));
    *refusal.status_mut() = StatusCode::BAD_REQUEST;
    Err(refusal)
}

/// Small buffers, since there may be many connections that are idle. The
/// library holds a message until the whole of it has come, out of the driver's
/// sight, so a message is no larger than a packet, or than a few small ones
/// together. One above the limit ends the connection; a larger packet travels
/// in several.
fn config(largest_packet: usize) -> WebSocketConfig {
    let largest = largest_packet.clamp(SMALLEST, LARGEST);
    WebSocketConfig::default()
        .read_buffer_size(4 << 10)
        .write_buffer_size(0)
        .max_message_size(Some(largest))
        .max_frame_size(Some(largest))
}

const SUBPROTOCOL: HeaderValue = HeaderValue::from_static("mqtt");

/// Bytes of a WebSocket message that are accepted however small packets are:
/// what clients write at once.
const SMALLEST: usize = 64 << 10;

/// Bytes of a WebSocket message that are accepted however large packets are.
const LARGEST: usize = 16 << 20;
