use fourstep::client::{ClosedReason, CommandError, Config, Event, Status};
use fourstep::codec::{Disconnect, Packet, Property, ReasonCode};

use crate::rig::*;

#[test]
fn mqtt_3_14_4_1_goodbye_is_the_last_packet_and_then_the_connection_is_closed() {
    for version in BOTH {
        let mut rig = Rig::connected(reconnecting(version), none());
        rig.client.disconnect(rig.now).expect("connected");
        assert_eq!(rig.packets(), [Packet::Disconnect(Disconnect::default())]);
        assert_eq!(rig.events(), [Event::Closed(ClosedReason::Disconnected)]);
        assert_eq!((rig.closes, rig.client.status()), (1, Status::Closing));
        rig.receive(Packet::PingResp);
        rig.wait_seconds(1_000_000);
        assert_eq!((rig.packets(), rig.opens), (vec![], 1));
        rig.lose();
        assert_eq!((rig.events(), rig.client.status()), (vec![], Status::Disconnected));
    }
}

#[test]
fn there_is_a_way_out_of_every_state() {
    for version in BOTH {
        let mut rig = Rig::new(reconnecting(version));
        assert_eq!(rig.client.disconnect(rig.now), Err(CommandError::NotConnected));

        rig.client.connect(rig.now).expect("right");
        rig.client.disconnect(rig.now).expect("opening");
        assert_eq!(rig.packets(), []);
        assert_eq!(rig.closed(), ClosedReason::Disconnected);
        assert_eq!(rig.client.disconnect(rig.now), Err(CommandError::NotConnected));

        rig.client.connect(rig.now).expect("closing");
        rig.open();
        rig.packets();
        rig.client.disconnect(rig.now).expect("connecting");
        assert!(matches!(rig.packet(), Packet::Disconnect(_)));

        rig.client.connect(rig.now).expect("closing");
        rig.drain();
        rig.lose();
        rig.events();
        rig.client.disconnect(rig.now).expect("waiting");
        assert_eq!((rig.client.status(), rig.client.next_timeout()), (Status::Disconnected, None));
    }
}

#[test]
fn goodbye_may_ask_for_the_will_and_change_the_session_expiry() {
    let mut rig = Rig::connected(persistent(V5), none());
    let words = Disconnect {
        reason: ReasonCode::DisconnectWithWillMessage,
        properties: properties(&[Property::SessionExpiryInterval(5)]),
    };
    rig.client.disconnect_with(rig.now, words.clone()).expect("connected");
    assert_eq!(rig.packet(), Packet::Disconnect(words));
    assert_eq!(rig.client.snapshot().session_expiry_interval, 5);
}

#[test]
fn words_that_a_client_may_not_use_are_refused_and_change_nothing() {
    let with =
        |property| Disconnect { reason: ReasonCode::Success, properties: properties(&[property]) };
    let server_only = Disconnect { reason: ReasonCode::SessionTakenOver, ..Disconnect::default() };
    let cases: [(Config, Disconnect); 4] = [
        (persistent(V5), server_only),
        (persistent(V5), with(Property::ServerReference("elsewhere".into()))),
        // Section 3.14.2.2.2: what ends with the connection cannot be kept.
        (config(V5), with(Property::SessionExpiryInterval(5))),
        (
            config(V4),
            Disconnect { reason: ReasonCode::DisconnectWithWillMessage, ..Disconnect::default() },
        ),
    ];
    for (config, words) in cases {
        let mut rig = Rig::connected(config, none());
        let refused = rig.client.disconnect_with(rig.now, words.clone());
        let expected =
            matches!(refused, Err(CommandError::Forbidden { .. } | CommandError::Invalid(_)));
        assert!(expected, "{words:?}: {refused:?}");
        assert_eq!((rig.packets(), rig.client.status()), (vec![], Status::Connected));
    }
}

#[test]
fn zero_may_be_said_again() {
    let mut rig = Rig::connected(config(V5), none());
    let words = Disconnect {
        reason: ReasonCode::Success,
        properties: properties(&[Property::SessionExpiryInterval(0)]),
    };
    assert_eq!(rig.client.disconnect_with(rig.now, words), Ok(()));
}
