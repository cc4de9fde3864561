use std::time::Duration;

use super::{Explanation, ONLY_V311, Remedy, WORDS};
use crate::codec::Version;
use crate::language::readable;
use crate::web::Address;

/// What the driver knows about a WebSocket that closed by itself.
#[derive(Clone, Debug)]
pub struct Lost<'a> {
    /// Where it led.
    pub address: &'a Address,
    /// Whether the page came by https.
    pub page_is_secure: bool,
    /// Whether the browser believes that it has a network.
    pub online: bool,
    /// How far the connection had come.
    pub stage: Stage,
    /// The version that CONNECT asked for.
    pub version: Version,
    /// How long it took from opening it until now.
    pub elapsed: Duration,
    /// The close code of RFC 6455, section 7.4; 1006 when there was no Close
    /// frame.
    pub code: u16,
    /// The server's words in the Close frame; usually empty.
    pub reason: &'a str,
}

/// How far a connection had come when it closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Stage {
    /// The WebSocket was never open.
    Opening,
    /// CONNECT was sent; no CONNACK had come.
    AwaitingConnAck,
    /// CONNACK had come.
    Connected,
}

/// Explains a WebSocket that closed by itself.
pub fn lost(lost: &Lost<'_>) -> Explanation {
    match lost.stage {
        Stage::Opening => not_opened(lost),
        Stage::AwaitingConnAck => closed_at_connect(lost),
        Stage::Connected => closed_later(lost),
    }
}

fn not_opened(lost: &Lost<'_>) -> Explanation {
    let address = lost.address;
    let is_slow = lost.elapsed >= SLOW;
    let mut explanation = Explanation::new(if is_slow {
        format!("{address} did not answer. The browser does not tell a page why.")
    } else {
        format!("No connection to {address}. The browser does not tell a page why.")
    });
    let hints = &mut explanation.hints;
    if !lost.online && !address.is_local() {
        hints.push("The browser is offline: check your network.".to_owned());
    }
    if is_plain_port(address.port) {
        hints.push(format!(
            "Port {} is usually MQTT without WebSocket, which no browser can speak: \
             try the broker's WebSocket port, often {USUAL_PORTS}.",
            address.port
        ));
    }
    if is_slow {
        hints.push(format!(
            "Host or port may be wrong, or a firewall swallows the connection: is {} reachable?",
            address.host
        ));
    } else {
        hints.push(format!(
            "Nothing may be listening: is a broker running on port {} of {}, with a WebSocket \
             listener?",
            address.port, address.host
        ));
    }
    if !is_plain_port(address.port) && !WEB_PORTS.contains(&address.port) {
        hints.push(format!(
            "Port {} may be one for MQTT without WebSocket, which no browser can speak: the \
             broker's WebSocket port is another, often {USUAL_PORTS}.",
            address.port
        ));
    }
    if address.secure {
        hints.push(format!(
            "The certificate may be invalid, expired or self-signed: open {} in a tab. If the \
             browser warns there, fix or accept the certificate, then try again.",
            address.page()
        ));
    }
    hints.push(match address.path.as_str() {
        "/" => "The path may be wrong: many brokers want /mqtt at the end of the address.".into(),
        path => format!("The path may be wrong: does the broker really listen on {path}?"),
    });
    hints.push(
        "The server may not speak the “mqtt” subprotocol: then it is no MQTT listener.".into(),
    );
    if address.is_local() && lost.page_is_secure && !address.secure {
        hints.push(
            "This page came by https: some browsers forbid ws: from it even to this machine, and \
             others ask you to allow access to the local network."
                .into(),
        );
    }
    hints.push(
        "The browser's developer tools (F12, Console) may say more than this page is told.".into(),
    );
    explanation
}

fn closed_at_connect(lost: &Lost<'_>) -> Explanation {
    let explanation = Explanation::new(format!(
        "{} closed the connection without answering CONNECT{}.",
        lost.address,
        words(lost)
    ));
    let explanation = match lost.version {
        // Servers that know no 5.0 stumble over its CONNECT.
        Version::V5 => explanation.hint(ONLY_V311).remedy(Remedy::SpeakV311),
        Version::V311 => explanation,
    };
    explanation
        .hint("It may want a user name and password, or refuse these.")
        .hint("It may refuse this client identifier: try another, or let the server assign one.")
}

fn closed_later(lost: &Lost<'_>) -> Explanation {
    let explanation =
        Explanation::new(format!("The connection to {} is lost{}.", lost.address, words(lost)));
    if !lost.online {
        return explanation.hint("The browser is offline: check your network.");
    }
    match lost.code {
        1000 | 1005 | 1006 => explanation
            .hint("The server may have stopped, or the network between was cut.")
            .hint(
                "If it happens whenever you publish: the server may refuse the topic, the size or \
                 the QoS of the message, which some servers show by closing the connection.",
            )
            .hint(
                "If it happens again and again by itself: another client may use the same client \
                 identifier, and the server keeps only the newest connection of each.",
            ),
        _ => explanation,
    }
}

/// What the Close frame said, for the middle of a sentence.
fn words(lost: &Lost<'_>) -> String {
    let meaning = match lost.code {
        1000 => "a normal closure",
        1001 => "the server is going away",
        1002 => "the server saw a WebSocket protocol error",
        1003 => "the server does not accept this kind of data",
        1007 => "the server saw inconsistent data",
        1008 => "the server's policy forbids something",
        1009 => "a message was too big for the server",
        1010 => "the server lacks a WebSocket extension",
        1011 => "the server ran into an error of its own",
        1012 => "the server is restarting",
        1013 => "the server is overloaded: try later",
        1014 => "a gateway got no good answer from the server",
        // No Close frame came, or one without a code.
        1005 | 1006 => return String::new(),
        _ => "",
    };
    let said = if lost.reason.is_empty() {
        String::new()
    } else {
        format!(": “{}”", readable(lost.reason, WORDS))
    };
    match meaning {
        "" => format!(" (WebSocket close code {}{said})", lost.code),
        meaning => format!(" ({meaning}, close code {}{said})", lost.code),
    }
}

/// Whether brokers usually speak MQTT without WebSocket on this port, which no
/// browser can.
pub fn is_plain_port(port: u16) -> bool {
    matches!(port, 1883 | 8883)
}

/// Where brokers usually have their WebSocket listeners, for a person.
const USUAL_PORTS: &str = "8080, 8083 or 9001, with wss: 443, 8081, 8084 or 8884";
/// Ports that are likely to be for WebSockets.
const WEB_PORTS: [u16; 12] =
    [80, 443, 8000, 8080, 8081, 8083, 8084, 8090, 8884, 9001, 15675, 15676];
/// A refused connection fails within moments, a swallowed one only after many
/// seconds.
const SLOW: Duration = Duration::from_secs(8);

#[cfg(test)]
mod tests {
    use super::*;

    const SLOWLY: Duration = Duration::from_secs(20);
    const AT_ONCE: Duration = Duration::from_millis(30);

    fn check(url: &str, change: impl Fn(&mut Lost<'_>), expect: &[&str], unexpected: &[&str]) {
        let address = Address::parse(url).expect(url);
        let mut input = Lost {
            address: &address,
            page_is_secure: false,
            online: true,
            stage: Stage::Opening,
            version: Version::V5,
            elapsed: AT_ONCE,
            code: 1006,
            reason: "",
        };
        change(&mut input);
        let text = lost(&input).to_string();
        for part in expect {
            assert!(text.contains(part), "“{part}” is not in: {text}");
        }
        for part in unexpected {
            assert!(!text.contains(part), "“{part}” is in: {text}");
        }
    }

    #[test]
    fn a_connection_that_never_opened_names_the_causes_that_fit() {
        let certificate = "certificate";
        check("ws://localhost:9001", |_| {}, &["listening", "9001", "/mqtt"], &[certificate]);
        check("wss://b.example:8084/mqtt", |_| {}, &["https://b.example:8084/", "on /mqtt?"], &[]);
        check("ws://b.example:1883", |_| {}, &["no browser can speak", "9001"], &[certificate]);
        check("wss://b.example:8883", |_| {}, &["no browser can speak", "8084"], &[]);
        check("ws://127.0.0.1:1884", |_| {}, &["may be one for MQTT without WebSocket"], &[]);
        check("ws://b.example:8083", |_| {}, &["8083"], &["without WebSocket"]);
        check("ws://b.example", |l| l.online = false, &["offline"], &[]);
        check("ws://localhost", |l| l.online = false, &["listening"], &["offline"]);
        check("ws://b.example", |l| l.elapsed = SLOWLY, &["did not answer", "firewall"], &[]);
        check("ws://b.example", |_| {}, &["No connection"], &["did not answer", "firewall"]);
        check("ws://10.0.0.1", |l| l.page_is_secure = true, &["local network"], &[certificate]);
    }

    #[test]
    fn a_connection_that_closed_before_connack_points_at_connect() {
        let at_connect = |l: &mut Lost<'_>| l.stage = Stage::AwaitingConnAck;
        let only_v311 = "may speak MQTT 3.1.1 only";
        check("ws://b.example", at_connect, &["CONNECT", "password", only_v311], &["close code"]);
        let in_v311 = |l: &mut Lost<'_>| {
            (l.stage, l.version) = (Stage::AwaitingConnAck, Version::V311);
        };
        check("ws://b.example", in_v311, &["CONNECT", "password"], &[only_v311]);
    }

    #[test]
    fn a_server_that_closes_at_a_connect_of_5_0_may_speak_3_1_1_only_first_of_all() {
        let address = Address::parse("ws://b.example").expect("an address");
        for (code, reason) in [(1006, ""), (1011, "internal error"), (1002, ""), (1000, "")] {
            let explanation = lost(&Lost {
                address: &address,
                page_is_secure: false,
                online: true,
                stage: Stage::AwaitingConnAck,
                version: Version::V5,
                elapsed: AT_ONCE,
                code,
                reason,
            });
            assert!(explanation.hints[0].contains("MQTT 3.1.1 only"), "{explanation}");
            assert_eq!(explanation.remedies, [Remedy::SpeakV311]);
        }
    }

    #[test]
    fn a_lost_connection_says_what_the_close_frame_said() {
        let cases = [
            (1006, "", "is lost."),
            (1001, "", "(the server is going away, close code 1001)"),
            (1009, "", "too big"),
            (1011, "oops", "close code 1011: “oops”)"),
            (4000, "\u{202E}x", r"“\u{202e}x”"),
            (4000, "kicked", "(WebSocket close code 4000: “kicked”)"),
        ];
        for (code, reason, expect) in cases {
            let change = |l: &mut Lost<'_>| {
                l.stage = Stage::Connected;
                l.code = code;
                l.reason = reason;
            };
            check("ws://b.example", change, &[expect], &["listening"]);
        }
    }
}
