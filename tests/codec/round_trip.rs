//! What is encoded decodes to the same packet, and what decodes encodes.

use bytes::Bytes;
use fourstep::codec::{Packet, PacketType, decode, encode, encode_publish};
use proptest::prelude::*;

use crate::agreement;
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

proptest! {
    #![proptest_config(ProptestConfig { cases: 100, failure_persistence: None, ..ProptestConfig::default() })]

    /// Of packets, and of what they become with one byte changed.
    #[test]
    fn what_decodes_encodes_to_the_same_bytes_but_for_an_end_that_5_0_lets_be_left_out(
        (version, packet) in version().prop_flat_map(|it| (Just(it), valid(it))),
        noise in any::<u8>(),
    ) {
        let mut bytes = encoded(version, &packet)?;
        agreement::packet(version, &bytes);
        for index in 0..bytes.len() {
            let original = bytes[index];
            for value in [0, 1, original ^ 1, original ^ 0x10, noise] {
                bytes[index] = value;
                agreement::packet(version, &bytes);
            }
            bytes[index] = original;
        }
    }
}

#[test]
fn an_explicit_end_without_content_is_left_out_in_5_0_alone() {
    // Each packet in full, and the length of what is written of it.
    let cases: [(&[u8], usize); 9] = [
        (&[0x40, 4, 0, 1, 0, 0], 4),
        (&[0x50, 3, 0, 1, 0], 4),
        (&[0x62, 4, 0, 1, 0, 0], 4),
        (&[0x70, 4, 0, 1, 0x92, 0], 5),
        (&[0x40, 4, 0, 1, 0x97, 0], 5),
        (&[0xE0, 1, 0], 2),
        (&[0xE0, 2, 4, 0], 3),
        (&[0xE0, 2, 0, 0], 2),
        (&[0xF0, 2, 0, 0], 2),
    ];
    for (full, length) in cases {
        let packet = agreement::packet(V5, full).expect("5.0 has it");
        assert_eq!(encoded(V5, &packet).expect("decoded").len(), length, "{full:02x?}");
        assert!(agreement::packet(V4, full).is_none(), "3.1.1 has no such form: {full:02x?}");
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
