use super::{Explanation, WORDS};
use crate::client::ClosedReason;
use crate::codec::{Properties, ReasonCode};
use crate::language::readable;

/// Explains what the engine says about the end of a connection. `None` for
/// our own goodbye, and for a lost transport, which
/// [`lost`](super::lost) explains better.
pub fn ended(reason: &ClosedReason) -> Option<Explanation> {
    match reason {
        ClosedReason::Disconnected
        | ClosedReason::SessionDiscarded
        | ClosedReason::TransportLost(_) => None,
        ClosedReason::UnknownSession { .. } => Some(
            Explanation::new(reason.to_string())
                .hint("A clean start discards that session, with the messages that wait in it.")
                .hint("With another client identifier it stays as it is."),
        ),
        ClosedReason::Refused(ack) => {
            Some(by_server("The server refused the connection", ack.reason, &ack.properties))
        }
        ClosedReason::ByServer(disconnect) => Some(by_server(
            "The server ended the connection",
            disconnect.reason,
            &disconnect.properties,
        )),
        ClosedReason::ConnectTimeout => Some(
            Explanation::new("The server did not answer in time.")
                .hint("Host or port may be wrong, or a firewall swallows the connection.")
                .hint("Or the server takes WebSockets but speaks no MQTT on them."),
        ),
        ClosedReason::KeepAliveTimeout => Some(
            Explanation::new("The server no longer answers: PINGREQ got no PINGRESP in time.")
                .hint("The network between is broken, or the machine was asleep."),
        ),
        other => Some(Explanation::new(other.to_string())),
    }
}

fn by_server(what: &str, reason: ReasonCode, properties: &Properties) -> Explanation {
    let mut explanation = Explanation::new(format!("{what}: {reason}."));
    if let Some(words) = properties.reason_string() {
        let words = explanation.hear(&words);
        explanation.summary.push_str(&format!(" It says: “{words}”."));
    }
    let advice = advice(reason);
    if let Some(server) = properties.server_reference() {
        let server = readable(&server, WORDS);
        explanation.hints.push(format!("It names another server: {server}."));
    }
    if !advice.is_empty() {
        explanation.hints.push(advice.to_owned());
    }
    explanation
}

/// What to try; empty where the reason itself says all that is known.
fn advice(reason: ReasonCode) -> &'static str {
    use ReasonCode::*;
    match reason {
        UnsupportedProtocolVersion => "It does not speak this MQTT version: try the other one.",
        ClientIdentifierNotValid => {
            "It does not accept this client identifier: try a shorter one of letters and digits, \
             or a clean start with none."
        }
        BadUserNameOrPassword => "Check the user name and the password.",
        NotAuthorized => {
            "This user, or a client without a user name, may not do this here: check the login \
             and the server's access rules."
        }
        ServerUnavailable | ServerBusy | ConnectionRateExceeded => "Try again later.",
        Banned => "Its administrator has banned this client.",
        ServerShuttingDown => "Wait until it is back.",
        BadAuthenticationMethod => "It does not support this authentication method.",
        KeepAliveTimeout => {
            "Nothing reached it for one and a half keep-alive intervals: the tab may have been \
             suspended. A longer keep-alive helps."
        }
        SessionTakenOver => {
            "Another client connected with the same client identifier: give each its own."
        }
        PacketTooLarge => "A packet was larger than it accepts.",
        QuotaExceeded | MessageRateTooHigh => "Send less, or more slowly.",
        RetainNotSupported => {
            "It does not keep retained messages: publish, and set the will, without RETAIN."
        }
        QoSNotSupported => {
            "It does not support this QoS: publish, and set the will, at a lower one."
        }
        TopicNameInvalid => "It does not accept a topic name, the will's perhaps.",
        UseAnotherServer | ServerMoved => "Connect to the other server.",
        _ => "",
    }
}

#[cfg(test)]
mod tests {
    use bytestring::ByteString;

    use super::*;
    use crate::codec::{ConnAck, Disconnect, Property};

    fn check(reason: ClosedReason, expect: &[&str]) {
        let explanation = ended(&reason).expect("explained").to_string();
        for part in expect {
            assert!(explanation.contains(part), "“{part}” is not in: {explanation}");
        }
    }

    #[test]
    fn a_refusal_says_the_reason_the_servers_words_and_what_to_do() {
        let words = Property::ReasonString(ByteString::from_static("no entry"));
        let cases = [
            (ReasonCode::BadUserNameOrPassword, "Check the user name"),
            (ReasonCode::UnsupportedProtocolVersion, "try the other one"),
            (ReasonCode::ClientIdentifierNotValid, "client identifier"),
            (ReasonCode::NotAuthorized, "access rules"),
        ];
        for (reason, expect) in cases {
            let properties = Properties::default().with(words.clone());
            let ack = ConnAck { session_present: false, reason, properties };
            let parts = ["refused", reason.name(), "“no entry”", expect];
            check(ClosedReason::Refused(ack), &parts);
        }
    }

    #[test]
    fn a_disconnect_of_the_server_says_why_and_where_to_go() {
        let server = Property::ServerReference(ByteString::from_static("other.example"));
        let moved = Disconnect {
            reason: ReasonCode::ServerMoved,
            properties: Properties::default().with(server),
        };
        check(ClosedReason::ByServer(moved), &["ended", "Server moved", "other.example"]);
        let taken =
            Disconnect { reason: ReasonCode::SessionTakenOver, properties: Properties::default() };
        check(ClosedReason::ByServer(taken), &["same client identifier"]);
    }

    #[test]
    fn words_of_a_server_are_escaped_and_short_and_can_be_read_in_full() {
        let hostile = format!("\u{202E}\u{200B}\0{}", "x".repeat(60_000));
        let words = Property::ReasonString(hostile.clone().into());
        let server = Property::ServerReference(hostile.into());
        let properties = Properties::default().with(words).with(server);
        let reason = ReasonCode::ServerMoved;
        let ack = ConnAck { session_present: false, reason, properties: properties.clone() };
        for ended_by in
            [ClosedReason::Refused(ack), ClosedReason::ByServer(Disconnect { reason, properties })]
        {
            let explanation = ended(&ended_by).expect("explained");
            let said = explanation.said.clone().unwrap_or_default();
            assert!(said.starts_with(r"\u{202e}\u{200b}\u{0}xxx") && said.len() > 60_000);
            for text in [explanation.to_string(), ended_by.to_string()] {
                assert!(text.contains(r"\u{202e}\u{200b}\u{0}xxx"), "{text}");
                assert!(text.len() < 1_000, "{text}");
                assert!(!text.contains(['\u{202E}', '\u{200B}', '\0']), "{text}");
            }
        }
    }

    #[test]
    fn our_own_goodbye_needs_no_words() {
        assert_eq!(ended(&ClosedReason::Disconnected), None);
    }
}
