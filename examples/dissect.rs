//! Decodes packets: lines in, lines out.
//!
//! Each line on standard input is `VERSION HEX`: the protocol version of the
//! connection (4 for MQTT 3.1.1, 5 for 5.0) and the bytes of one packet. For
//! each there is one JSON object in a line on standard output:
//!
//! ```text
//! $ echo '5 3009000161032300076869' | cargo run -q --example dissect
//! {"ok":true,"packet":{"type":"PUBLISH","dup":false,"qos":0,"retain":false,
//!  "topic":"a","packet_identifier":null,
//!  "properties":[{"id":35,"name":"Topic Alias","value":7}],"payload":"6869"}}
//! $ echo '4 3605000161000a' | cargo run -q --example dissect
//! {"ok":false,"offset":0,"error":"Both QoS bits of a PUBLISH are set.","rule":"MQTT-3.3.1-4"}
//! ```
//!
//! - `type` is the packet's name; the other members are the packet's fields,
//!   named as in `fourstep::codec`. What is absent is `null`.
//! - Binary data (payload, password, ...) is a string of hexadecimal digits.
//! - `properties` is a list in wire order of `{"id", "name", "value"}`. The
//!   value of a User Property is the pair `[name, value]`.
//! - A reason is `{"code", "name"}`, the code being that of 5.0. A 3.1.1
//!   CONNACK has `return_code` too, as it is on the wire.
//! - `offset` counts bytes from the start of the packet; `rule` is the
//!   normative statement that is broken, or `null` if it has no number.
//!
//! A line that is not `VERSION HEX` is answered with `ok` false, offset 0 and
//! no rule.

use std::io::{self, BufRead, Write};

use bytes::Bytes;
use fourstep::codec::{
    Ack, Connect, Packet, PacketType, Properties, Property, Publish, ReasonCode, SubAck,
    Subscription, Version, Will, decode,
};
use serde_json::{Map, Value, json};

fn main() {
    let mut out = io::stdout().lock();
    for line in io::stdin().lock().split(b'\n') {
        let Ok(line) = line else { return };
        // A closed output means that nobody wants the rest.
        if writeln!(out, "{}", answer(&String::from_utf8_lossy(&line))).is_err() {
            return;
        }
    }
}

/// The answer to one line.
pub fn answer(line: &str) -> Value {
    match parse(line) {
        Ok((version, bytes)) => match decode(version, &bytes) {
            Ok(packet) => json!({ "ok": true, "packet": describe(version, &packet) }),
            Err(error) => json!({
                "ok": false,
                "offset": error.offset,
                "error": error.rule.sentence(),
                "rule": error.rule.statement(error.version),
            }),
        },
        Err(error) => json!({ "ok": false, "offset": 0, "error": error, "rule": null }),
    }
}

fn parse(line: &str) -> Result<(Version, Bytes), &'static str> {
    let mut words = line.split_whitespace();
    let version = match words.next() {
        Some("4") => Version::V311,
        Some("5") => Version::V5,
        _ => return Err("A line must begin with the version, 4 or 5."),
    };
    let digits: Option<Vec<u32>> = words.flat_map(str::chars).map(|it| it.to_digit(16)).collect();
    let digits = digits.ok_or("The packet is not hexadecimal.")?;
    let pairs = digits.chunks_exact(2);
    if !pairs.remainder().is_empty() {
        return Err("The packet has an odd number of hexadecimal digits.");
    }
    Ok((version, pairs.map(|pair| (pair[0] << 4 | pair[1]) as u8).collect()))
}

fn describe(version: Version, packet: &Packet) -> Value {
    let packet_type = packet.packet_type();
    let fields = match packet {
        Packet::Connect(it) => connect(it),
        Packet::ConnAck(it) => {
            let mut fields = json!({
                "session_present": it.session_present,
                "reason": reason(it.reason, packet_type),
                "properties": properties(&it.properties),
            });
            if version == Version::V311 {
                fields["return_code"] = it.reason.return_code().into();
            }
            fields
        }
        Packet::Publish(it) => publish(it),
        Packet::PubAck(it) | Packet::PubRec(it) | Packet::PubRel(it) | Packet::PubComp(it) => {
            ack(it, packet_type)
        }
        Packet::Subscribe(it) => json!({
            "packet_identifier": it.packet_identifier.value(),
            "properties": properties(&it.properties),
            "subscriptions": it.subscriptions.iter().map(subscription).collect::<Vec<_>>(),
        }),
        Packet::SubAck(it) | Packet::UnsubAck(it) => suback(it, packet_type),
        Packet::Unsubscribe(it) => json!({
            "packet_identifier": it.packet_identifier.value(),
            "properties": properties(&it.properties),
            "filters": it.filters.iter().map(|filter| &**filter).collect::<Vec<_>>(),
        }),
        Packet::PingReq | Packet::PingResp => json!({}),
        Packet::Disconnect(it) => json!({
            "reason": reason(it.reason, packet_type),
            "properties": properties(&it.properties),
        }),
        Packet::Auth(it) => json!({
            "reason": reason(it.reason, packet_type),
            "properties": properties(&it.properties),
        }),
    };
    let mut described = Map::new();
    described.insert("type".to_owned(), packet_type.name().into());
    if let Value::Object(fields) = fields {
        described.extend(fields);
    }
    described.into()
}

fn connect(it: &Connect) -> Value {
    json!({
        "version": it.version.level(),
        "clean_start": it.clean_start,
        "keep_alive": it.keep_alive,
        "properties": properties(&it.properties),
        "client_identifier": &*it.client_identifier,
        "will": it.will.as_ref().map(will),
        "user_name": it.user_name.as_deref(),
        "password": it.password.as_deref().map(hex),
    })
}

fn will(it: &Will) -> Value {
    json!({
        "qos": it.qos.bits(),
        "retain": it.retain,
        "properties": properties(&it.properties),
        "topic": &*it.topic,
        "payload": hex(&it.payload),
    })
}

fn publish(it: &Publish) -> Value {
    json!({
        "dup": it.dup,
        "qos": it.qos.bits(),
        "retain": it.retain,
        "topic": &*it.topic,
        "packet_identifier": it.packet_identifier.map(|identifier| identifier.value()),
        "properties": properties(&it.properties),
        "payload": hex(&it.payload),
    })
}

fn ack(it: &Ack, packet_type: PacketType) -> Value {
    json!({
        "packet_identifier": it.packet_identifier.value(),
        "reason": reason(it.reason, packet_type),
        "properties": properties(&it.properties),
    })
}

fn suback(it: &SubAck, packet_type: PacketType) -> Value {
    let reasons = it.reasons.iter().map(|&code| reason(code, packet_type));
    json!({
        "packet_identifier": it.packet_identifier.value(),
        "properties": properties(&it.properties),
        "reasons": reasons.collect::<Vec<_>>(),
    })
}

fn subscription(it: &Subscription) -> Value {
    json!({
        "filter": &*it.filter,
        "qos": it.qos.bits(),
        "no_local": it.no_local,
        "retain_as_published": it.retain_as_published,
        "retain_handling": it.retain_handling as u8,
    })
}

fn reason(reason: ReasonCode, packet_type: PacketType) -> Value {
    json!({ "code": reason.code(), "name": reason.name_in(packet_type) })
}

fn properties(properties: &Properties) -> Value {
    let describe = |property: Property| {
        let id = property.id();
        json!({ "id": id as u8, "name": id.name(), "value": value(&property) })
    };
    properties.iter().map(describe).collect()
}

fn value(property: &Property) -> Value {
    match property {
        Property::PayloadFormatIndicator(value) | Property::MaximumQoS(value) => (*value).into(),
        Property::RequestProblemInformation(value)
        | Property::RequestResponseInformation(value)
        | Property::RetainAvailable(value)
        | Property::WildcardSubscriptionAvailable(value)
        | Property::SubscriptionIdentifierAvailable(value)
        | Property::SharedSubscriptionAvailable(value) => u8::from(*value).into(),
        Property::ServerKeepAlive(value)
        | Property::ReceiveMaximum(value)
        | Property::TopicAliasMaximum(value)
        | Property::TopicAlias(value) => (*value).into(),
        Property::MessageExpiryInterval(value)
        | Property::SessionExpiryInterval(value)
        | Property::WillDelayInterval(value)
        | Property::MaximumPacketSize(value)
        | Property::SubscriptionIdentifier(value) => (*value).into(),
        Property::ContentType(text)
        | Property::ResponseTopic(text)
        | Property::AssignedClientIdentifier(text)
        | Property::AuthenticationMethod(text)
        | Property::ResponseInformation(text)
        | Property::ServerReference(text)
        | Property::ReasonString(text) => (**text).into(),
        Property::CorrelationData(bytes) | Property::AuthenticationData(bytes) => hex(bytes).into(),
        Property::UserProperty(name, value) => json!([&**name, &**value]),
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
