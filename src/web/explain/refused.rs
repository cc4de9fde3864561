use super::{Explanation, ONLY_V311, Remedy, WORDS};
use crate::client::ClosedReason;
use crate::codec::{Properties, ReasonCode, Version};
use crate::language::readable;

/// Explains what the engine says about the end of a connection. `None` for
/// our own goodbye, and for a lost transport, which
/// [`lost`](super::lost) explains better. `version` is what CONNECT asked for.
pub fn ended(reason: &ClosedReason, version: Version) -> Option<Explanation> {
    match reason {
        ClosedReason::Disconnected
        | ClosedReason::SessionDiscarded
        | ClosedReason::TransportLost(_) => None,
        ClosedReason::Refused(ack) => {
            let explanation =
                by_server("The server refused the connection", ack.reason, &ack.properties);
            let is_of_version = ack.reason == ReasonCode::UnsupportedProtocolVersion;
            Some(match version {
                Version::V5 if is_of_version => {
                    explanation.hint(ONLY_V311).remedy(Remedy::SpeakV311)
                }
                _ => explanation,
            })
        }
        ClosedReason::ByServer(disconnect) => Some(by_server(
            "The server ended the connection",
            disconnect.reason,
            &disconnect.properties,
        )),
        ClosedReason::SpeaksOnlyV311(_) => {
            Some(Explanation::new(reason.to_string()).remedy(Remedy::SpeakV311))
        }
        ClosedReason::UnknownSession { .. } => Some(unknown_session(reason)),
        ClosedReason::ConnectTimeout => Some(
            no_answer(version)
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

/// No CONNACK came.
fn no_answer(version: Version) -> Explanation {
    let explanation = Explanation::new("The server did not answer in time.");
    match version {
        Version::V5 => explanation.hint(ONLY_V311).remedy(Remedy::SpeakV311),
        Version::V311 => explanation,
    }
}

/// The server holds a session that this client knows nothing of.
fn unknown_session(reason: &ClosedReason) -> Explanation {
    Explanation::new(reason.to_string())
        .hint(
            "Starting over discards that session: messages that wait in it at the broker are lost, \
             and so are its subscriptions.",
        )
        .hint(
            "Taking the session brings those messages here. It is meant for receiving only: what \
             you publish at QoS 2 may be taken for a repeat and vanish.",
        )
        .hint("With another client identifier it stays as it is.")
        .remedy(Remedy::TakeSession)
        .remedy(Remedy::StartOver)
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
        let explanation = ended(&reason, Version::V5).expect("explained").to_string();
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
            let explanation = ended(&ended_by, Version::V5).expect("explained");
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
    fn a_server_that_speaks_3_1_1_only_is_offered_that_and_no_other_version() {
        let ack = ConnAck {
            session_present: false,
            reason: ReasonCode::UnsupportedProtocolVersion,
            properties: Properties::default(),
        };
        for (reason, version, expect) in [
            (ClosedReason::SpeaksOnlyV311(ack.clone()), Version::V5, &[Remedy::SpeakV311][..]),
            (ClosedReason::ConnectTimeout, Version::V5, &[Remedy::SpeakV311]),
            (ClosedReason::ConnectTimeout, Version::V311, &[]),
            (ClosedReason::Refused(ack.clone()), Version::V5, &[Remedy::SpeakV311]),
            (ClosedReason::Refused(ack), Version::V311, &[]),
        ] {
            let explanation = ended(&reason, version).expect("explained");
            assert_eq!(explanation.remedies, expect, "{explanation}");
            assert_eq!(explanation.to_string().contains("3.1.1"), !expect.is_empty());
        }
    }

    #[test]
    fn mqtt_3_2_2_4_v5_a_session_that_is_not_known_can_be_discarded_or_taken() {
        let reason = ClosedReason::UnknownSession { version: Version::V5 };
        let explanation = ended(&reason, Version::V5).expect("explained");
        assert_eq!(explanation.remedies, [Remedy::TakeSession, Remedy::StartOver]);
        assert!(explanation.to_string().contains("MQTT-3.2.2-4"), "{explanation}");
        assert!(explanation.hints[0].contains("are lost"), "{explanation}");
    }

    #[test]
    fn our_own_goodbye_needs_no_words() {
        assert_eq!(ended(&ClosedReason::Disconnected, Version::V5), None);
    }
}
