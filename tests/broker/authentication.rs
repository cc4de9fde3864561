//! Enhanced authentication: the driver decides, the broker carries packets.

use bytes::Bytes;
use fourstep::broker::{Config, Event, Limits, Verdict};
use fourstep::codec::{Auth, Connect, Packet, Properties, Property, ReasonCode, Version};

use crate::harness::*;

const METHOD: Property = Property::AuthenticationMethod(bytestring::ByteString::from_static("M"));

fn config() -> Config {
    Config { authentication_methods: vec!["M".into()], ..Config::default() }
}

/// CONNECT with a method and data.
fn with_method(method: Property, data: &'static str) -> Connect {
    let data = Property::AuthenticationData(Bytes::from_static(data.as_bytes()));
    let properties = Properties::new().with(method).with(data);
    Connect { properties, ..plain(1, Version::V5) }
}

fn auth(reason: ReasonCode, data: &'static str) -> Packet {
    let data = Property::AuthenticationData(Bytes::from_static(data.as_bytes()));
    Packet::Auth(Auth { reason, properties: Properties::new().with(METHOD).with(data) })
}

/// What the driver is asked, and its answer.
fn decide(world: &mut World, asked: &str, verdict: Verdict) {
    let Some(Event::Authenticate { connection, method, data }) = world.events.pop() else {
        panic!("nothing is asked: {:?}", world.events)
    };
    assert_eq!((&*method, data.as_deref()), ("M", Some(asked.as_bytes())));
    world.broker.authenticate(world.now, connection, verdict);
    world.drain();
}

#[test]
fn an_exchange_of_packets_leads_to_connack() {
    let mut world = World::new(config());
    world.connect(1, with_method(METHOD, "one"));
    world.expect(1, []);
    decide(&mut world, "one", Verdict::Continue("two".into()));
    let challenge = "AUTH 0x18 AuthenticationMethod(\"M\") AuthenticationData(b\"two\")";
    world.expect(1, [challenge]);
    world.send(1, auth(ReasonCode::ContinueAuthentication, "three"));
    world.expect(1, []);
    decide(&mut world, "three", Verdict::Accept(Some("four".into())));
    let connack = world.received(1).remove(0);
    assert!(connack.starts_with("CONNACK 0x00"), "{connack}");
    let proof = "AuthenticationMethod(\"M\") AuthenticationData(b\"four\")";
    assert!(connack.ends_with(proof), "{connack}");
    world.send(1, Packet::PingReq);
    world.expect(1, ["PINGRESP"]);
}

#[test]
fn mqtt_4_12_0_1_an_unknown_method_is_refused_and_4_12_0_4_so_is_who_fails() {
    let mut world = World::new(config());
    let other = Property::AuthenticationMethod("other".into());
    world.connect(1, with_method(other, ""));
    world.expect(1, ["CONNACK 0x8C", "closed"]);

    world.connect(1, with_method(METHOD, "x"));
    decide(&mut world, "x", Verdict::Continue(Bytes::new()));
    world.received(1);
    world.send(1, auth(ReasonCode::ContinueAuthentication, "y"));
    decide(&mut world, "y", Verdict::Refuse(ReasonCode::NotAuthorized));
    world.expect(1, ["CONNACK 0x87", "closed"]);
    assert!(world.broker.snapshot().is_empty());
}

#[test]
fn mqtt_3_1_2_30_nothing_but_auth_and_disconnect_may_come_before_connack() {
    for (packet, expect) in [
        (Packet::PingReq, vec!["CONNACK 0x82", "closed"]),
        (message("t", "x"), vec!["CONNACK 0x82", "closed"]),
        // It is the driver's turn.
        (auth(ReasonCode::ContinueAuthentication, ""), vec!["CONNACK 0x82", "closed"]),
        (disconnect(ReasonCode::Success), vec!["closed"]),
    ] {
        let mut world = World::new(config());
        world.connect(1, with_method(METHOD, "x"));
        world.send(1, packet);
        assert_eq!(world.received(1), expect);
        // A verdict that comes too late changes nothing.
        world.events.retain(|event| matches!(event, Event::Authenticate { .. }));
        decide(&mut world, "x", Verdict::Accept(None));
        assert!(world.broker.snapshot().is_empty());
    }
}

#[test]
fn mqtt_4_12_1_1_a_client_may_authenticate_again_with_the_same_method() {
    for (verdict, expect) in [
        (Verdict::Accept(None), vec!["AUTH 0x00 AuthenticationMethod(\"M\")"]),
        (Verdict::Refuse(ReasonCode::NotAuthorized), vec!["DISCONNECT 0x87", "closed"]),
    ] {
        let mut world = World::new(config());
        world.connect(1, with_method(METHOD, "x"));
        decide(&mut world, "x", Verdict::Accept(None));
        world.received(1);
        world.send(1, auth(ReasonCode::ReAuthenticate, "again"));
        // Other packets go on meanwhile.
        world.send(1, Packet::PingReq);
        world.expect(1, ["PINGRESP"]);
        decide(&mut world, "again", verdict);
        assert_eq!(world.received(1), expect);
    }
}

#[test]
fn mqtt_4_12_0_7_auth_without_a_method_in_connect_is_a_protocol_error() {
    let mut world = World::new(config());
    world.join(1, Version::V5);
    world.send(1, auth(ReasonCode::ReAuthenticate, "x"));
    world.expect(1, ["DISCONNECT 0x82", "closed"]);
}

#[test]
fn clients_that_authenticate_at_once_do_not_exceed_the_limit_of_sessions() {
    let limits = Limits { max_sessions: 1, ..Limits::default() };
    let mut world = World::new(Config { limits, ..config() });
    for peer in 1..=2 {
        let client_identifier = format!("client-{peer}").into();
        world.connect(peer, Connect { client_identifier, ..with_method(METHOD, "x") });
    }
    decide(&mut world, "x", Verdict::Accept(None));
    world.expect(1, []);
    world.events.retain(|event| matches!(event, Event::Authenticate { .. }));
    decide(&mut world, "x", Verdict::Accept(None));
    world.expect(1, ["CONNACK 0x97", "closed"]);
    assert_eq!(world.broker.snapshot().len(), 1);
}

#[test]
fn a_driver_that_never_decides_holds_nobody_for_ever() {
    let mut world = World::new(config());
    world.connect(1, with_method(METHOD, "x"));
    world.wait(10);
    assert_eq!(world.received(1).last().map(String::as_str), Some("closed"));
}

#[test]
fn mqtt_5_0_4_12_1_2_a_re_authentication_that_is_never_over_ends_the_connection() {
    // The client does not answer, or the driver does not.
    for verdict in [Some(Verdict::Continue("two".into())), None] {
        let mut world = World::new(config());
        world.connect(1, Connect { keep_alive: 0, ..with_method(METHOD, "x") });
        decide(&mut world, "x", Verdict::Accept(None));
        world.send(1, auth(ReasonCode::ReAuthenticate, "again"));
        if let Some(verdict) = verdict {
            decide(&mut world, "again", verdict);
        }
        world.wait(9);
        world.send(1, Packet::PingReq);
        assert_eq!(world.received(1).last().map(String::as_str), Some("PINGRESP"));
        world.wait(1);
        world.expect(1, ["DISCONNECT 0x87", "closed"]);
    }
}

#[test]
fn a_re_authentication_that_is_over_leaves_no_timer() {
    let mut world = World::new(config());
    world.connect(1, Connect { keep_alive: 0, ..with_method(METHOD, "x") });
    decide(&mut world, "x", Verdict::Accept(None));
    world.send(1, auth(ReasonCode::ReAuthenticate, "again"));
    decide(&mut world, "again", Verdict::Accept(None));
    world.received(1);
    assert_eq!(world.broker.next_timeout(), None);
    world.wait(100);
    world.expect(1, []);
}

#[test]
fn what_waits_for_an_authentication_is_limited_for_all_together() {
    let limits = Limits { connection_bytes: 100_000, ..Limits::default() };
    let mut world = World::new(Config { limits, ..config() });
    let knock = |world: &mut World, peer| {
        let mut connect = Connect { client_identifier: "".into(), ..with_method(METHOD, "x") };
        let long = "x".repeat(60_000);
        connect.properties.push(Property::UserProperty("name".into(), long.into()));
        world.connect(peer, connect);
    };
    knock(&mut world, 1);
    knock(&mut world, 2);
    world.expect(2, []);
    knock(&mut world, 3);
    world.expect(3, ["CONNACK 0x97", "closed"]);
    // Whoever is through, or gone, leaves room.
    world.cut(1);
    knock(&mut world, 4);
    world.expect(4, []);
    world.events.retain(|event| matches!(event, Event::Authenticate { .. }));
    decide(&mut world, "x", Verdict::Accept(None));
    knock(&mut world, 5);
    world.expect(5, []);
}
