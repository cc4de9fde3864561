use super::Explanation;
use crate::client::ClosedReason;
use crate::codec::{Properties, ReasonCode};

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
        explanation.summary.push_str(&format!(" It says: “{words}”."));
    }
    let advice = advice(reason);
    if let Some(server) = properties.server_reference() {
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
    fn our_own_goodbye_needs_no_words() {
        assert_eq!(ended(&ClosedReason::Disconnected), None);
    }
}
