use std::rc::Rc;

use gloo_events::EventListener;
use js_sys::{ArrayBuffer, Uint8Array};
use wasm_bindgen::JsCast;
use web_sys::{BinaryType, CloseEvent, DomException, Event, MessageEvent, WebSocket};

/// A WebSocket for MQTT (section 6): subprotocol `mqtt`, binary messages.
/// Dropping it closes the connection, and nothing is heard from it again.
pub struct Socket {
    socket: WebSocket,
    /// Dropping them takes them off the socket.
    _listeners: [EventListener; 3],
}

/// What happens on a [`Socket`].
#[derive(Debug)]
pub enum SocketEvent {
    /// Bytes can be sent.
    Open,
    /// A binary message: any number of packets and parts of packets.
    Bytes(Vec<u8>),
    /// A text message, which MQTT forbids ([MQTT-6.0.0-1]).
    Text,
    /// It has closed, or could not be opened. The last event.
    Closed {
        /// RFC 6455, section 7.4; 1006 without a Close frame.
        code: u16,
        /// The server's words.
        reason: String,
    },
}

impl Socket {
    /// Starts to open a connection.
    ///
    /// # Errors
    ///
    /// The browser's words: it will not even try.
    pub fn open(url: &str, on_event: impl Fn(SocketEvent) + 'static) -> Result<Socket, String> {
        let socket = WebSocket::new_with_str(url, SUBPROTOCOL).map_err(|error| match error
            .dyn_into::<DomException>(
        ) {
            Ok(error) => format!("{}: {}", error.name(), error.message()),
            Err(error) => format!("{error:?}"),
        })?;
        socket.set_binary_type(BinaryType::Arraybuffer);
        let on_event = Rc::new(on_event);
        let listen = |name: &'static str, read: fn(&Event) -> Option<SocketEvent>| {
            let on_event = on_event.clone();
            EventListener::new(&socket, name, move |event| {
                if let Some(event) = read(event) {
                    on_event(event);
                }
            })
        };
        // There is an error event, too. It says nothing, and close follows it.
        let listeners = [
            listen("open", |_| Some(SocketEvent::Open)),
            listen("message", |event| event.dyn_ref().map(read_message)),
            listen("close", |event| event.dyn_ref().map(read_close)),
        ];
        Ok(Socket { socket, _listeners: listeners })
    }

    /// Sends one binary message.
    ///
    /// # Errors
    ///
    /// The socket is still opening; nothing was sent. A socket that is closing
    /// swallows the message and tells of the end by [`SocketEvent::Closed`].
    pub fn send(&self, bytes: &[u8]) -> Result<(), ()> {
        self.socket.send_with_u8_array(bytes).map_err(|_| ())
    }

    /// Bytes that the browser has taken but not yet given to the network.
    pub fn buffered(&self) -> usize {
        self.socket.buffered_amount() as usize
    }

    /// Whether the server chose the `mqtt` subprotocol ([MQTT-6.0.0-3],
    /// [MQTT-6.0.0-4]).
    pub fn speaks_mqtt(&self) -> bool {
        self.socket.protocol() == SUBPROTOCOL
    }

    /// Whether it was closed without an event, as a page that comes back from
    /// the back/forward cache may find it.
    pub fn is_closed(&self) -> bool {
        self.socket.ready_state() == WebSocket::CLOSED
    }
}

impl Drop for Socket {
    fn drop(&mut self) {
        // What was sent still leaves. Closing a closed socket does nothing.
        let _ = self.socket.close_with_code(NORMAL_CLOSURE);
    }
}

fn read_message(event: &MessageEvent) -> SocketEvent {
    match event.data().dyn_into::<ArrayBuffer>() {
        Ok(buffer) => SocketEvent::Bytes(Uint8Array::new(&buffer).to_vec()),
        Err(_) => SocketEvent::Text,
    }
}

fn read_close(event: &CloseEvent) -> SocketEvent {
    SocketEvent::Closed { code: event.code(), reason: event.reason() }
}

/// Section 6 of both specifications ([MQTT-6.0.0-3]).
const SUBPROTOCOL: &str = "mqtt";
/// RFC 6455, section 7.4.1.
const NORMAL_CLOSURE: u16 = 1000;
