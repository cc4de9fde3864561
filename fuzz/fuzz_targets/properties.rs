//! Arbitrary bytes as the properties of each type of packet, whose lengths are
//! right: no panic, no disagreement between decoder, dissection and encoder,
//! and a broker that takes such packets sends valid ones on.

#![no_main]

use fourstep::broker::{Broker, Config, ConnectionId, Output};
use fourstep::codec::{Framer, Packet, Version, decode};
use fourstep::time::Instant;
use libfuzzer_sys::fuzz_target;

#[path = "../../tests/common/agreement.rs"]
mod agreement;

fuzz_target!(|data: &[u8]| {
    for packet in packets(data) {
        // Whether it is one or not, all three say the same.
        agreement::packet(Version::V5, &packet);
        carry(&packet);
    }
});

/// Every packet of 5.0 that can have properties, with these.
fn packets(properties: &[u8]) -> impl Iterator<Item = Vec<u8>> {
    let section = [&length(properties.len()), properties].concat();
    FRAMES.iter().map(move |(first, before, after)| {
        let body = [before, section.as_slice(), after].concat();
        [&[*first], length(body.len()).as_slice(), &body].concat()
    })
}

/// A Variable Byte Integer (5.0, 1.5.5).
fn length(mut number: usize) -> Vec<u8> {
    let mut bytes = Vec::new();
    loop {
        let (rest, digit) = (number / 128, (number % 128) as u8);
        bytes.push(if rest > 0 { digit | 0x80 } else { digit });
        if rest == 0 {
            return bytes;
        }
        number = rest;
    }
}

/// A broker is sent this packet, first of all or after a CONNECT. Two clients
/// have subscribed to everything, one in each version.
fn carry(packet: &[u8]) {
    let now = Instant::from_millis(1);
    let mut broker = Broker::new(Config::default());
    let clients = [(Version::V5, CONNECT_5), (Version::V311, CONNECT_311), (Version::V5, b"")];
    let mut framers = [const { None }; 3];
    for (number, (version, connect)) in clients.into_iter().enumerate() {
        let connection = ConnectionId(number as u64);
        broker.handle_open(now, connection);
        broker.handle_bytes(now, connection, connect);
        if !connect.is_empty() {
            let subscribe = if version == Version::V5 { SUBSCRIBE_5 } else { SUBSCRIBE_311 };
            broker.handle_bytes(now, connection, subscribe);
        }
        framers[number] = Some((version, Framer::default()));
    }
    let connection = ConnectionId(2);
    // CONNECT comes first and alone.
    if packet[0] >> 4 != 1 {
        broker.handle_bytes(now, connection, CONNECT_SENDER);
    }
    broker.handle_bytes(now, connection, packet);
    broker.handle_close(now, connection);
    while let Some(output) = broker.poll() {
        let Output::Send(ConnectionId(number), bytes) = output else { continue };
        let (version, framer) = framers[number as usize].as_mut().expect("it is one of the three");
        framer.push(&bytes);
        while let Some(frame) = framer.next_packet(*version).expect("it is framed") {
            let sent = decode(*version, &frame).expect("the broker sends valid packets");
            if let Packet::Publish(publish) = sent {
                assert!(!publish.topic.is_empty(), "these clients allow no alias");
            }
        }
    }
}

/// First byte, what comes before the properties, and what comes after them.
const FRAMES: &[(u8, &[u8], &[u8])] = &[
    (0x10, b"\0\x04MQTT\x05\x02\0\0", b"\0\x01c"),
    // With a will, whose properties these are.
    (0x10, b"\0\x04MQTT\x05\x06\0\0\0\0\x01c", b"\0\x01t\0\x01p"),
    (0x20, b"\0\0", b""),
    (0x30, b"\0\x01t", b"payload"),
    (0x33, b"\0\x01t\0\x01", b"payload"),
    (0x40, b"\0\x01\0", b""),
    (0x50, b"\0\x01\0", b""),
    (0x62, b"\0\x01\0", b""),
    (0x70, b"\0\x01\0", b""),
    (0x82, b"\0\x01", b"\0\x01t\x02"),
    (0x90, b"\0\x01", b"\x02"),
    (0xA2, b"\0\x01", b"\0\x01t"),
    (0xB0, b"\0\x01", b"\0"),
    (0xE0, b"\0", b""),
    (0xF0, b"\x18", b""),
];
const CONNECT_5: &[u8] = b"\x10\x0E\0\x04MQTT\x05\x02\0\0\0\0\x01a";
const CONNECT_311: &[u8] = b"\x10\x0D\0\x04MQTT\x04\x02\0\0\0\x01b";
const CONNECT_SENDER: &[u8] = b"\x10\x0E\0\x04MQTT\x05\x02\0\0\0\0\x01s";
const SUBSCRIBE_5: &[u8] = b"\x82\x07\0\x01\0\0\x01#\0";
const SUBSCRIBE_311: &[u8] = b"\x82\x06\0\x01\0\x01#\0";
