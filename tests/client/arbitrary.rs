use proptest::prelude::*;

use crate::client_script::{self, Reached};

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_commands_bytes_or_times_panic_spin_or_send_what_is_wrong(
        script in proptest::collection::vec(any::<u8>(), 0..600),
    ) {
        client_script::run(&script);
    }

    /// The same from a connection on, which few random scripts reach.
    #[test]
    fn nor_do_they_once_connected(
        version in 0..2u8,
        script in proptest::collection::vec(any::<u8>(), 0..600),
    ) {
        let reached = client_script::run(&[&connected(version)[..], &script[..]].concat());
        prop_assert!(reached.connected > 0);
    }
}

#[test]
fn a_script_can_reach_a_connection_and_deliver_both_ways() {
    for version in 0..2 {
        let publish = [2, 2, 0, 0, 0, 0, 0, 5];
        let answers = [24, 0, 24, 0];
        let server_publish = [18, 2, 1, 0, 0, 0, 0, 0, 0];
        let script = [&connected(version)[..], &publish, &answers, &server_publish].concat();
        let expected = Reached { connected: 1, finished: 1, delivered: 1 };
        assert_eq!(client_script::run(&script), expected);
    }
}

/// A configuration, and the steps up to CONNACK.
fn connected(version: u8) -> Vec<u8> {
    let config = [version, 1, 1, 0, 0, 2, 0, 1, 4, 0, 1, 7, 0, 0, 1, 9, 0, 0, 0, 2];
    let connect = [0, 11, 24, 0];
    let mut script = [&config[..], &connect].concat();
    if version == 1 {
        script.push(0); // CONNACK without properties
    }
    script
}
