use fourstep::client::{ClosedReason, CommandError, Config, Event, Status};
use fourstep::codec::{Auth, Disconnect, Packet, Property, ReasonCode, Version};

use crate::rig::*;

const METHOD: &str = "SCRAM-SHA-256";

#[test]
fn mqtt_4_12_0_3_an_exchange_before_connack() {
    let mut rig = opened();
    let Packet::Connect(connect) = rig.packet() else { panic!("not CONNECT") };
    assert_eq!(connect.properties.authentication_method().as_deref(), Some(METHOD));
    assert_eq!(connect.properties.authentication_data().as_deref(), Some(&b"first"[..]));

    for step in ["challenge 1", "challenge 2"] {
        rig.receive(auth(ReasonCode::ContinueAuthentication, METHOD, step));
        let [Event::Authenticate(challenge)] = &rig.events()[..] else { panic!("no challenge") };
        assert_eq!(challenge.properties.authentication_data().as_deref(), Some(step.as_bytes()));
        rig.client.authenticate(rig.now, Some("answer".into())).expect("it is our turn");
        assert_eq!(rig.packet(), auth(ReasonCode::ContinueAuthentication, METHOD, "answer"));
    }
    rig.receive(connack(false, ReasonCode::Success, method(METHOD)));
    assert_eq!(rig.client.status(), Status::Connected);
}

#[test]
fn mqtt_4_12_1_1_authenticating_again_names_the_same_method() {
    let mut rig = connected();
    rig.client.authenticate(rig.now, Some("again".into())).expect("connected");
    assert_eq!(rig.packet(), auth(ReasonCode::ReAuthenticate, METHOD, "again"));
    rig.receive(auth(ReasonCode::ContinueAuthentication, METHOD, "challenge"));
    rig.client.authenticate(rig.now, Some("answer".into())).expect("it is our turn");
    assert_eq!(rig.packet(), auth(ReasonCode::ContinueAuthentication, METHOD, "answer"));
    rig.receive(auth(ReasonCode::Success, METHOD, "done"));
    assert_eq!(rig.events().len(), 2);
    assert_eq!(rig.client.status(), Status::Connected);
    // And once more from the start.
    rig.client.authenticate(rig.now, None).expect("connected");
}

#[test]
fn authenticating_out_of_turn_is_refused() {
    let mut rig = opened();
    rig.packets();
    let early = rig.client.authenticate(rig.now, None);
    assert!(matches!(early, Err(CommandError::Forbidden { .. })), "{early:?}");
    let mut rig = connected();
    rig.client.authenticate(rig.now, None).expect("connected");
    rig.packets();
    let twice = rig.client.authenticate(rig.now, None);
    assert!(matches!(twice, Err(CommandError::Forbidden { .. })), "{twice:?}");
    assert_eq!(rig.packets(), []);
    rig.lose();
    assert_eq!(rig.client.authenticate(rig.now, None), Err(CommandError::NotConnected));
}

#[test]
fn mqtt_5_0_4_12_0_7_without_a_method_there_is_nothing_to_authenticate_with() {
    for version in BOTH {
        let mut rig = Rig::connected(config(version), none());
        let Err(CommandError::Forbidden { statement, .. }) = rig.client.authenticate(rig.now, None)
        else {
            panic!("accepted")
        };
        // In 3.1.1 the packet does not exist, so no statement speaks of it.
        let expected = (version == Version::V5).then_some("MQTT-4.12.0-7");
        assert_eq!(statement, expected);
    }
}

#[test]
fn an_auth_of_the_server_that_breaks_a_rule_ends_the_connection() {
    let challenge = || auth(ReasonCode::ContinueAuthentication, METHOD, "x");
    let other = || auth(ReasonCode::ContinueAuthentication, "PLAIN", "x");
    let cases: [(&str, Rig, Packet, Option<&str>); 8] = [
        ("another method", opened(), other(), Some("MQTT-4.12.0-5")),
        ("no method in ours", plain(), challenge(), Some("MQTT-4.12.0-6")),
        ("unasked", connected(), challenge(), None),
        (
            "success before CONNACK",
            opened(),
            auth(ReasonCode::Success, METHOD, "x"),
            Some("MQTT-3.15.2-1"),
        ),
        (
            "re-authentication by the server",
            opened(),
            auth(ReasonCode::ReAuthenticate, METHOD, "x"),
            Some("MQTT-3.15.2-1"),
        ),
        (
            "CONNACK without the method",
            opened(),
            connack(false, ReasonCode::Success, none()),
            Some("MQTT-4.12.0-5"),
        ),
        (
            "CONNACK with another method",
            opened(),
            connack(false, ReasonCode::Success, method("PLAIN")),
            Some("MQTT-4.12.0-5"),
        ),
        (
            "CONNACK with a method that we did not name",
            plain(),
            connack(false, ReasonCode::Success, method(METHOD)),
            Some("MQTT-4.12.0-6"),
        ),
    ];
    for (name, mut rig, packet, statement) in cases {
        rig.packets();
        rig.receive(packet);
        let reason = rig.closed();
        assert!(matches!(reason, ClosedReason::Unexpected { .. }), "{name}: {reason:?}");
        assert_eq!(reason.statement(), statement, "{name}");
        assert!(matches!(rig.packet(), Packet::Disconnect(_)), "{name}");
    }
}

#[test]
fn two_challenges_in_a_row_end_the_connection() {
    let mut rig = opened();
    rig.receive(auth(ReasonCode::ContinueAuthentication, METHOD, "1"));
    rig.receive(auth(ReasonCode::ContinueAuthentication, METHOD, "2"));
    assert!(matches!(rig.closed(), ClosedReason::Unexpected { .. }));
}

#[test]
fn a_refusing_connack_need_not_name_the_method() {
    let mut rig = opened();
    rig.receive(connack(false, ReasonCode::NotAuthorized, none()));
    assert!(matches!(rig.closed(), ClosedReason::Refused(_)));
}

#[test]
fn each_step_has_the_whole_connect_timeout() {
    let mut rig = opened();
    rig.wait_seconds(9);
    rig.receive(auth(ReasonCode::ContinueAuthentication, METHOD, "1"));
    rig.wait_seconds(9);
    rig.client.authenticate(rig.now, None).expect("it is our turn");
    rig.wait_seconds(9);
    assert_eq!(rig.client.status(), Status::Connecting);
    rig.events();
    rig.wait_seconds(1);
    assert_eq!(rig.closed(), ClosedReason::ConnectTimeout);
}

#[test]
fn mqtt_5_0_4_12_1_2_a_re_authentication_that_is_never_answered_ends_the_connection() {
    let mut rig = Rig::connected(Config { keep_alive: 0, ..with_method() }, method(METHOD));
    rig.client.authenticate(rig.now, None).expect("connected");
    rig.wait_seconds(9);
    // Each step has the whole time, and while it is our turn nothing is due.
    rig.receive(auth(ReasonCode::ContinueAuthentication, METHOD, "challenge"));
    assert_eq!(rig.client.next_timeout(), None);
    rig.wait_seconds(60);
    rig.client.authenticate(rig.now, None).expect("it is our turn");
    rig.wait_seconds(9);
    assert_eq!(rig.client.status(), Status::Connected);
    // Other packets are no answer.
    rig.receive(Packet::PingResp);
    rig.packets();
    rig.events();
    rig.wait_seconds(1);
    assert_eq!(rig.closed(), ClosedReason::AuthenticationTimeout);
    let farewell = Disconnect { reason: ReasonCode::UnspecifiedError, properties: none() };
    assert_eq!(rig.packet(), Packet::Disconnect(farewell));
}

#[test]
fn a_re_authentication_that_is_answered_leaves_no_timer() {
    let mut rig = Rig::connected(Config { keep_alive: 0, ..with_method() }, method(METHOD));
    rig.client.authenticate(rig.now, None).expect("connected");
    rig.receive(auth(ReasonCode::Success, METHOD, "done"));
    assert_eq!(rig.client.next_timeout(), None);
    rig.wait_seconds(1_000);
    assert_eq!(rig.client.status(), Status::Connected);
}

fn with_method() -> Config {
    Config { authentication: Some((METHOD.into(), "first".into())), ..config(V5) }
}

fn opened() -> Rig {
    let mut rig = Rig::new(with_method());
    rig.client.connect(rig.now).expect("right");
    rig.open();
    rig
}

fn connected() -> Rig {
    Rig::connected(with_method(), method(METHOD))
}

fn plain() -> Rig {
    let mut rig = Rig::new(config(V5));
    rig.client.connect(rig.now).expect("right");
    rig.open();
    rig
}

fn method(name: &'static str) -> fourstep::codec::Properties {
    properties(&[Property::AuthenticationMethod(name.into())])
}

fn auth(reason: ReasonCode, name: &'static str, data: &str) -> Packet {
    let data = Property::AuthenticationData(data.to_owned().into());
    Packet::Auth(Auth { reason, properties: method(name).with(data) })
}
