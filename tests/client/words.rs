use fourstep::client::{ClosedReason, CommandError, Config, Login};
use fourstep::codec::{ConnAck, Disconnect, Property, ReasonCode};
use fourstep::session::Violation;

use crate::rig::*;

#[test]
fn errors_of_the_caller_read_as_sentences() {
    for (error, expected) in [
        (CommandError::NotConnected, "There is no connection: connect first."),
        (
            CommandError::PacketTooLarge { size: 12, maximum: 10 },
            "The packet would have 12 bytes; the receiver accepts 10. [MQTT-3.2.2-15]",
        ),
        (
            CommandError::QueueFull { capacity: 3 },
            "The queue is full: 3 messages wait. Let some leave first, or choose the policy that drops the oldest.",
        ),
        (
            CommandError::NotSupported { what: "No.", statement: "MQTT-3.2.2-14" },
            "No. [MQTT-3.2.2-14]",
        ),
        (
            CommandError::RetryForbidden,
            "MQTT 5.0 forbids resending a message on a timer; only a new connection resends it. [MQTT-4.4.0-1]",
        ),
    ] {
        assert_eq!(error.to_string(), expected);
    }
}

#[test]
fn faults_of_the_peer_read_as_sentences() {
    let refused = |reason, list: &[Property]| {
        ClosedReason::Refused(ConnAck {
            session_present: false,
            reason,
            properties: properties(list),
        })
    };
    let by_server = |reason| ClosedReason::ByServer(Disconnect { reason, properties: none() });
    for (reason, expected) in [
        (
            refused(ReasonCode::BadUserNameOrPassword, &[]),
            "The server refused the connection: user name or password is wrong, or one is needed; check both (Bad User Name or Password (0x86)).",
        ),
        (
            refused(
                ReasonCode::UseAnotherServer,
                &[
                    Property::ReasonString("moving house".into()),
                    Property::ServerReference("b.example".into()),
                ],
            ),
            "The server refused the connection: it wants us to use another server for now (Use another server (0x9C)). It says: “moving house”. It points to: b.example.",
        ),
        (
            by_server(ReasonCode::SessionTakenOver),
            "The server ended the connection: another connection uses the same client identifier; choose a different one (Session taken over (0x8E)).",
        ),
        (
            by_server(ReasonCode::UnspecifiedError),
            "The server ended the connection: Unspecified error (0x80).",
        ),
        (
            ClosedReason::Violation(Violation::ReceiveMaximumExceeded),
            "The server had more messages under way than our Receive Maximum. [MQTT-3.3.4-9]",
        ),
        (
            ClosedReason::TransportLost("The line went dead.".into()),
            "The connection was lost: The line went dead.",
        ),
        (ClosedReason::TransportLost(String::new()), "The connection was lost."),
    ] {
        assert_eq!(reason.to_string(), expected);
    }
}

#[test]
fn a_malformed_packet_is_described_with_offset_and_statement() {
    let mut rig = Rig::connected(config(V5), none());
    // PUBLISH with QoS 3.
    rig.receive_bytes(&[0x36, 5, 0, 1, b'a', 0, 1]);
    let words = rig.closed().to_string();
    assert!(words.starts_with("The server sent what MQTT forbids: byte 0: "), "{words}");
    assert!(words.ends_with("[MQTT-3.3.1-4]"), "{words}");
}

#[test]
fn every_refusal_has_words_without_holes() {
    for reason in ReasonCode::ALL {
        let connack = ConnAck { session_present: false, reason: *reason, properties: none() };
        let words = ClosedReason::Refused(connack).to_string();
        assert!(words.starts_with("The server refused the connection: "), "{words}");
        assert!(words.contains(reason.name()) && !words.contains("()"), "{words}");
    }
}

#[test]
fn no_debug_output_shows_a_password() {
    let login = Login { user_name: Some("ada".into()), password: Some("secret".into()) };
    let config = Config { login: Some(login), ..config(V5) };
    let mut rig = Rig::new(config.clone());
    rig.client.connect(rig.now).expect("right");
    for shown in [format!("{config:?}"), format!("{:?}", rig.client)] {
        assert!(shown.contains("ada") && !shown.contains("secret"), "{shown}");
    }
}
