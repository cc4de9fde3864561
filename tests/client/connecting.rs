use std::time::Duration;

use fourstep::client::{ClosedReason, CommandError, Config, Event, Login, Status};
use fourstep::codec::{Packet, Property, QoS, ReasonCode, Version, Will};

use crate::rig::*;

#[test]
fn connect_says_what_the_configuration_says() {
    for version in BOTH {
        let will = Will {
            topic: "gone".into(),
            payload: "bye".into(),
            qos: QoS::AtLeastOnce,
            retain: true,
            ..Will::default()
        };
        let login = Login { user_name: Some("ada".into()), password: Some("secret".into()) };
        let mut rig = Rig::new(Config {
            keep_alive: 17,
            will: Some(will.clone()),
            login: Some(login),
            ..persistent(version)
        });
        rig.client.connect(rig.now).expect("right");
        rig.open();
        let Packet::Connect(connect) = rig.packet() else { panic!("not CONNECT") };
        assert_eq!(connect.version, version);
        assert_eq!(connect.client_identifier, "test");
        assert_eq!(connect.keep_alive, 17);
        assert_eq!(connect.will, Some(will));
        assert_eq!(connect.user_name.as_deref(), Some("ada"));
        assert_eq!(connect.password.as_deref(), Some(&b"secret"[..]));
        assert!(!connect.clean_start);
    }
}

#[test]
fn section_3_1_2_9_of_5_0_a_password_may_stand_alone_but_mqtt_3_1_1_3_1_2_22_not_there() {
    for version in BOTH {
        let login = Some(Login { user_name: None, password: Some("token".into()) });
        let mut rig = Rig::new(Config { login, ..config(version) });
        let connected = rig.client.connect(rig.now);
        match version {
            Version::V311 => {
                let Err(CommandError::Invalid(error)) = connected else { panic!("{connected:?}") };
                assert_eq!(error.rule.statement(version), Some("MQTT-3.1.2-22"));
            }
            Version::V5 => {
                rig.open();
                let Packet::Connect(connect) = rig.packet() else { panic!("not CONNECT") };
                assert_eq!(connect.user_name, None);
                assert_eq!(connect.password.as_deref(), Some(&b"token"[..]));
            }
        }
    }
}

#[test]
fn connect_in_5_0_carries_our_limits_and_in_3_1_1_nothing_of_the_kind() {
    for version in BOTH {
        let mut config =
            Config { maximum_packet_size: 1_000, topic_alias_maximum: 7, ..persistent(version) };
        config.limits.receive_maximum = 5;
        let mut rig = Rig::new(config);
        rig.client.connect(rig.now).expect("right");
        rig.open();
        let Packet::Connect(connect) = rig.packet() else { panic!("not CONNECT") };
        let expected = match version {
            Version::V311 => none(),
            Version::V5 => properties(&[
                Property::SessionExpiryInterval(3_600),
                Property::ReceiveMaximum(5),
                Property::MaximumPacketSize(1_000),
                Property::TopicAliasMaximum(7),
            ]),
        };
        assert_eq!(connect.properties, expected);
    }
}

#[test]
fn a_connection_goes_through_its_states() {
    for version in BOTH {
        let mut rig = Rig::new(config(version));
        assert_eq!(rig.client.status(), Status::Disconnected);
        rig.client.connect(rig.now).expect("right");
        assert_eq!(rig.client.status(), Status::Opening);
        assert_eq!(rig.client.connect(rig.now), Err(CommandError::AlreadyConnected));
        rig.open();
        assert_eq!(rig.client.status(), Status::Connecting);
        assert_eq!(rig.client.connect(rig.now), Err(CommandError::AlreadyConnected));
        rig.receive(connack(false, ReasonCode::Success, none()));
        assert_eq!(rig.client.status(), Status::Connected);
        assert_eq!(rig.client.connect(rig.now), Err(CommandError::AlreadyConnected));
        assert!(matches!(rig.events()[..], [Event::Connected(_)]));
        assert_eq!((rig.opens, rig.closes), (1, 0));
    }
}

#[test]
fn a_configuration_that_contradicts_itself_is_refused_and_changes_nothing() {
    let second = Duration::from_secs(1);
    let wrong: &[fn(&mut Config)] = &[
        |config| config.limits.receive_maximum = 0,
        |config| config.send_quota = 0,
        |config| config.maximum_packet_size = 0,
        |config| config.connect_timeout = Duration::ZERO,
        |config| config.properties.push(Property::ReceiveMaximum(3)),
        |config| config.reconnect.as_mut().expect("some").initial = Duration::ZERO,
        |config| config.reconnect.as_mut().expect("some").maximum = Duration::from_millis(1),
    ];
    for (index, spoil) in wrong.iter().enumerate() {
        for version in BOTH {
            let mut config = reconnecting(version);
            config.reconnect.as_mut().expect("some").initial = second;
            assert_eq!(config.validate(), Ok(()));
            spoil(&mut config);
            let mut rig = Rig::new(config);
            let refused = rig.client.connect(rig.now);
            assert!(matches!(refused, Err(CommandError::Config(_))), "{index}: {refused:?}");
            rig.drain();
            assert_eq!((rig.client.status(), rig.opens), (Status::Disconnected, 0));
        }
    }
    let only_v5: &[fn(&mut Config)] = &[
        |config| config.authentication = Some(("SCRAM".into(), "".into())),
        |config| config.properties.push(Property::UserProperty("a".into(), "b".into())),
    ];
    for spoil in only_v5 {
        let mut config = config(V4);
        spoil(&mut config);
        assert!(matches!(config.validate(), Err(CommandError::Config(_))));
        config.version = V5;
        assert_eq!(config.validate(), Ok(()));
    }
}

#[test]
fn mqtt_3_1_3_7_an_empty_client_identifier_needs_a_clean_session_in_3_1_1() {
    let config = Config { client_identifier: "".into(), ..persistent(V4) };
    let Err(CommandError::Invalid(error)) = config.validate() else { panic!("accepted") };
    assert_eq!(error.rule.statement(V4), Some("MQTT-3.1.3-7"));
    assert_eq!(Config { clean_start: true, ..config.clone() }.validate(), Ok(()));
    assert_eq!(Config { version: V5, ..config }.validate(), Ok(()));
}

#[test]
fn a_will_that_breaks_a_rule_is_refused_before_connecting() {
    for version in BOTH {
        let will = Will { topic: "no/+/wildcards".into(), ..Will::default() };
        let config = Config { will: Some(will), ..config(version) };
        assert!(matches!(config.validate(), Err(CommandError::Invalid(_))));
    }
}

#[test]
fn a_refusal_is_reported_and_closes_without_a_word() {
    let reasons = [
        (V4, ReasonCode::UnsupportedProtocolVersion),
        (V4, ReasonCode::ClientIdentifierNotValid),
        (V4, ReasonCode::ServerUnavailable),
        (V4, ReasonCode::BadUserNameOrPassword),
        (V4, ReasonCode::NotAuthorized),
        (V5, ReasonCode::Banned),
        (V5, ReasonCode::QoSNotSupported),
        (V5, ReasonCode::RetainNotSupported),
        (V5, ReasonCode::ServerMoved),
    ];
    for (version, reason) in reasons {
        let mut rig = Rig::new(config(version));
        rig.client.connect(rig.now).expect("right");
        rig.open();
        rig.packets();
        rig.receive(connack(false, reason, none()));
        assert_eq!(rig.packets(), []);
        assert_eq!(rig.closes, 1);
        assert_eq!(rig.client.status(), Status::Closing);
        match rig.closed() {
            ClosedReason::Refused(connack) => assert_eq!(connack.reason, reason),
            other => panic!("{other:?}"),
        }
    }
}

#[test]
fn mqtt_3_2_2_1_and_5_0_3_2_2_2_a_session_that_we_did_not_want_ends_the_connection() {
    for (version, statement) in [(V4, "MQTT-3.2.2-1"), (V5, "MQTT-3.2.2-2")] {
        let mut rig = Rig::new(config(version));
        rig.client.connect(rig.now).expect("right");
        rig.accept(true, none());
        assert_eq!(rig.closed().statement(), Some(statement));
        assert_eq!(rig.closes, 1);
    }
}

#[test]
fn mqtt_5_0_3_2_2_3_2_a_session_expiry_that_the_server_set_ends_with_its_connection() {
    let mut rig = Rig::connected(persistent(V5), properties(&[Property::SessionExpiryInterval(7)]));
    assert_eq!(rig.client.snapshot().session_expiry_interval, 7);
    rig.lose();
    rig.client.connect(rig.now).expect("right");
    rig.accept(true, none());
    assert_eq!(rig.client.snapshot().session_expiry_interval, 3_600, "ours, as CONNECT says");
}

#[test]
fn only_the_first_connection_is_clean_in_5_0_and_each_in_3_1_1() {
    for (version, expected) in [(V4, [true, true, true]), (V5, [true, false, true])] {
        let mut rig = Rig::new(Config { clean_start: true, ..reconnecting(version) });
        let mut clean = Vec::new();
        rig.client.connect(rig.now).expect("right");
        rig.accept(false, none());
        clean.push(clean_start(&mut rig));
        rig.lose();
        rig.wait_seconds(2);
        rig.accept(false, none());
        clean.push(clean_start(&mut rig));
        // A new command is a new wish.
        rig.client.disconnect(rig.now).expect("connected");
        rig.packets();
        rig.client.connect(rig.now).expect("right");
        rig.accept(false, none());
        clean.push(clean_start(&mut rig));
        assert_eq!(clean, expected, "{version}");
    }
}

#[test]
fn a_clean_start_that_never_succeeded_is_asked_for_again() {
    let mut rig = Rig::new(Config { clean_start: true, ..reconnecting(V5) });
    rig.client.connect(rig.now).expect("right");
    rig.open();
    assert!(clean_start(&mut rig));
    rig.lose();
    rig.wait_seconds(2);
    rig.open();
    assert!(clean_start(&mut rig));
}

#[test]
fn the_assigned_client_identifier_is_used_from_then_on() {
    let mut rig = Rig::new(Config { client_identifier: "".into(), ..reconnecting(V5) });
    rig.client.connect(rig.now).expect("right");
    rig.accept(false, properties(&[Property::AssignedClientIdentifier("srv-1".into())]));
    assert_eq!(rig.client.snapshot().client_identifier, "srv-1");
    rig.packets();
    rig.lose();
    rig.wait_seconds(2);
    rig.open();
    let Packet::Connect(connect) = rig.packet() else { panic!("not CONNECT") };
    assert_eq!(connect.client_identifier, "srv-1");
}

#[test]
fn mqtt_3_2_2_16_a_server_has_to_assign_an_identifier_to_who_has_none() {
    let mut rig = Rig::new(Config { client_identifier: "".into(), ..config(V5) });
    rig.client.connect(rig.now).expect("right");
    rig.accept(false, none());
    assert_eq!(rig.closed().statement(), Some("MQTT-3.2.2-16"));
    // In 3.1.1 the server keeps it to itself.
    let rig = Rig::connected(Config { client_identifier: "".into(), ..config(V4) }, none());
    assert_eq!(rig.client.status(), Status::Connected);
}

#[test]
fn the_session_expiry_interval_of_the_server_counts() {
    let rig = Rig::connected(persistent(V5), none());
    assert_eq!(rig.client.snapshot().session_expiry_interval, 3_600);
    let shorter = properties(&[Property::SessionExpiryInterval(60)]);
    let rig = Rig::connected(persistent(V5), shorter);
    assert_eq!(rig.client.snapshot().session_expiry_interval, 60);
    assert_eq!(Rig::new(persistent(V4)).client.snapshot().session_expiry_interval, u32::MAX);
    assert_eq!(Rig::new(config(V4)).client.snapshot().session_expiry_interval, 0);
}

#[test]
fn mqtt_3_1_2_28_response_information_comes_only_on_request() {
    let information = properties(&[Property::ResponseInformation("replies/".into())]);
    let mut rig = Rig::new(config(V5));
    rig.client.connect(rig.now).expect("right");
    rig.accept(false, information.clone());
    assert_eq!(rig.closed().statement(), Some("MQTT-3.1.2-28"));

    let request = properties(&[Property::RequestResponseInformation(true)]);
    let mut rig = Rig::new(Config { properties: request, ..config(V5) });
    rig.client.connect(rig.now).expect("right");
    rig.accept(false, information);
    assert_eq!(rig.client.status(), Status::Connected);
}

#[test]
fn a_server_that_does_not_answer_is_given_up_before_and_after_opening() {
    for opened in [false, true] {
        let mut rig = Rig::new(config(V5));
        rig.client.connect(rig.now).expect("right");
        if opened {
            rig.open();
        }
        rig.wait(Duration::from_millis(9_999));
        assert_eq!(rig.events(), []);
        rig.wait(Duration::from_millis(1));
        assert_eq!(rig.closed(), ClosedReason::ConnectTimeout);
        assert_eq!(rig.closes, 1);
    }
}

#[test]
fn a_server_that_takes_only_tiny_packets_cannot_be_used() {
    let mut rig = Rig::new(config(V5));
    rig.client.connect(rig.now).expect("right");
    rig.accept(false, properties(&[Property::MaximumPacketSize(4)]));
    assert!(matches!(rig.closed(), ClosedReason::Unexpected { .. }));
}

fn clean_start(rig: &mut Rig) -> bool {
    let connects: Vec<bool> = rig
        .packets()
        .into_iter()
        .filter_map(|packet| match packet {
            Packet::Connect(connect) => Some(connect.clean_start),
            _ => None,
        })
        .collect();
    assert_eq!(connects.len(), 1);
    connects[0]
}
