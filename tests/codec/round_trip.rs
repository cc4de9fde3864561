//! What is encoded decodes to the same packet, and what decodes encodes.

use bytes::Bytes;
use fourstep::codec::{Packet, PacketType, decode, encode, encode_publish};
use proptest::prelude::*;

use crate::packets::{any_packet, valid, valid_of, version};
use crate::{V4, V5, encoded};

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_valid_packet_encodes_and_decodes_to_itself(
        (version, packet) in version().prop_flat_map(|it| (Just(it), valid(it))),
    ) {
        let bytes = Bytes::from(encoded(version, &packet)?);
        prop_assert_eq!(decode(version, &bytes)?, packet);
    }

    #[test]
    fn an_arbitrary_packet_that_encodes_decodes_to_itself(
        version in version(),
        packet in any_packet(),
    ) {
        if let Ok(bytes) = encoded(version, &packet) {
            prop_assert_eq!(decode(version, &bytes.into())?, packet);
        }
    }

    #[test]
    fn encoding_appends_or_leaves_the_buffer_as_it_was(
        version in version(),
        packet in any_packet(),
    ) {
        let mut out = b"before".to_vec();
        match (encode(version, &packet, &mut out), encoded(version, &packet)) {
            (Ok(()), Ok(alone)) => prop_assert_eq!(out, [b"before", &alone[..]].concat()),
            (Err(error), Err(alone)) => {
                prop_assert_eq!(error, alone);
                prop_assert_eq!(out, b"before");
            }
            _ => prop_assert!(false, "the buffer's content made a difference"),
        }
    }

    #[test]
    fn encode_publish_equals_encode(version in version(), packet in any_packet()) {
        if let Packet::Publish(publish) = &packet {
            let mut out = Vec::new();
            let result = encode_publish(version, publish, &mut out).map(|()| out);
            prop_assert_eq!(result, encoded(version, &packet));
        }
    }
}

/// Every type has its own test runs, so that none is left to chance.
#[test]
fn every_packet_type_round_trips_in_both_versions() {
    let mut runner = proptest::test_runner::TestRunner::new(ProptestConfig {
        cases: 32,
        failure_persistence: None,
        ..ProptestConfig::default()
    });
    for version in [V4, V5] {
        for packet_type in PacketType::ALL {
            if (version, packet_type) == (V4, PacketType::Auth) {
                continue;
            }
            let result = runner.run(&valid_of(version, packet_type), |packet| {
                prop_assert_eq!(packet.packet_type(), packet_type);
                let bytes = Bytes::from(encoded(version, &packet)?);
                prop_assert_eq!(decode(version, &bytes)?, packet);
                Ok(())
            });
            result.unwrap_or_else(|error| panic!("{packet_type:?} in {version}: {error}"));
        }
    }
}

/// Decoding shares the bytes that came in: nothing is copied.
#[test]
fn a_decoded_payload_points_into_the_packet() {
    let bytes = crate::bytes("30 # 0001 'a' 'payload'");
    let Ok(Packet::Publish(publish)) = decode(V4, &bytes) else {
        panic!("not a PUBLISH");
    };
    assert!(bytes.as_ptr_range().contains(&publish.payload.as_ptr()));
    assert!(bytes.as_ptr_range().contains(&publish.topic.as_ptr()));
}
