//! Servers that speak 3.1.1 only, asked for 5.0.

use fourstep::client::{Backoff, ClosedReason, Config, Status};
use fourstep::codec::{ConnAck, ReasonCode, Version};

use crate::rig::*;

/// A client that has sent a CONNECT of this version and would try again.
fn rig(version: Version) -> Rig {
    let mut rig = Rig::new(Config { reconnect: Some(Backoff::new(1)), ..config(version) });
    rig.client.connect(rig.now).expect("the configuration is right");
    rig.open();
    rig.packets();
    rig
}

#[test]
fn mqtt_3_1_2_2_v311_the_old_form_of_connack_means_that_5_0_is_not_spoken() {
    for (code, reason) in [
        (0, ReasonCode::Success),
        (1, ReasonCode::UnsupportedProtocolVersion),
        (5, ReasonCode::NotAuthorized),
    ] {
        let mut rig = rig(V5);
        rig.receive_bytes(&[0x20, 2, 0, code]);
        let ack = ConnAck { session_present: false, reason, properties: none() };
        let closed = rig.closed();
        assert_eq!(closed, ClosedReason::SpeaksOnlyV311(ack));
        assert!(closed.to_string().contains("3.1.1"), "{closed}");
        // There is no doubt, so it is not asked again, nor told goodbye.
        assert_eq!(rig.packets(), []);
        rig.lose();
        rig.wait_seconds(600);
        assert_eq!((rig.client.status(), rig.opens), (Status::Disconnected, 1));
    }
}

#[test]
fn what_is_a_connack_in_no_version_is_malformed() {
    for bytes in [[0x20, 2, 2, 0], [0x20, 2, 0, 6]] {
        let mut rig = rig(V5);
        rig.receive_bytes(&bytes);
        assert!(matches!(rig.closed(), ClosedReason::Malformed(_)), "{bytes:?}");
    }
}

#[test]
fn mqtt_3_1_2_2_v311_a_client_of_3_1_1_is_refused_as_such() {
    let mut rig = rig(V4);
    rig.receive_bytes(&[0x20, 2, 0, 1]);
    assert!(matches!(rig.closed(), ClosedReason::Refused(_)));
}
