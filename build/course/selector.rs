//! Which packets a sentence speaks of: `publisher>PUBLISH#2+dup`.

/// A selector as it will stand in the compiled prose.
#[derive(Clone, Debug, PartialEq)]
pub struct Selector {
    /// Rust: calls of the selector's constructors.
    pub code: String,
}

/// Parses one selector: a client or `*`; `>` for what it sends, `<` for what
/// it receives, `~` for what happens to its connection; what that is; `#` and
/// which of its kind, if not all; flags.
pub fn parse(text: &str) -> Result<Selector, String> {
    code(text).map(|code| Selector { code }).ok_or_else(|| {
        format!(
            "{text:?} selects no packets: a client or *, then > or < and a packet, or ~OPENED or \
             ~CLOSED, then perhaps #2, +dup, +first, +retain, +qos0 to +qos2, +on=topic, +lost"
        )
    })
}

fn code(text: &str) -> Option<String> {
    let (client, rest) = text.split_at(text.find(['>', '<', '~'])?);
    let client = if client == "*" { "" } else { client };
    let (sign, rest) = rest.split_at(1);
    let mut flags = rest.split('+');
    let (name, nth) = match flags.next()?.split_once('#') {
        Some((name, nth)) => (name, Some(nth.parse::<u32>().ok()?)),
        None => (rest.split('+').next()?, None),
    };
    let mut code = match (sign, name) {
        ("~", "OPENED") => format!("crate::course::Selector::opened({client:?})"),
        ("~", "CLOSED") => format!("crate::course::Selector::closed({client:?})"),
        (">", name) => format!("sent({client:?}, crate::codec::PacketType::{})", variant(name)?),
        ("<", name) => {
            format!("received({client:?}, crate::codec::PacketType::{})", variant(name)?)
        }
        _ => return None,
    };
    if let Some(nth) = nth {
        code.push_str(&format!(".nth({nth})"));
    }
    for flag in flags {
        if let Some(topic) = flag.strip_prefix("on=") {
            code.push_str(&format!(".on({topic:?})"));
            continue;
        }
        code.push_str(match flag {
            "dup" => ".dup(true)",
            "first" => ".dup(false)",
            "retain" => ".retain()",
            "qos0" => ".qos(crate::codec::QoS::AtMostOnce)",
            "qos1" => ".qos(crate::codec::QoS::AtLeastOnce)",
            "qos2" => ".qos(crate::codec::QoS::ExactlyOnce)",
            "lost" => ".lost()",
            _ => return None,
        });
    }
    Some(code)
}

/// The name in Rust of a packet type.
fn variant(name: &str) -> Option<&'static str> {
    let found = PACKETS.iter().find(|(packet, _)| *packet == name);
    found.map(|(_, variant)| *variant)
}

const PACKETS: [(&str, &str); 15] = [
    ("CONNECT", "Connect"),
    ("CONNACK", "ConnAck"),
    ("PUBLISH", "Publish"),
    ("PUBACK", "PubAck"),
    ("PUBREC", "PubRec"),
    ("PUBREL", "PubRel"),
    ("PUBCOMP", "PubComp"),
    ("SUBSCRIBE", "Subscribe"),
    ("SUBACK", "SubAck"),
    ("UNSUBSCRIBE", "Unsubscribe"),
    ("UNSUBACK", "UnsubAck"),
    ("PINGREQ", "PingReq"),
    ("PINGRESP", "PingResp"),
    ("DISCONNECT", "Disconnect"),
    ("AUTH", "Auth"),
];
