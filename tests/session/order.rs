//! Message order (section 4.6), under any acknowledgements and cuts.

use fourstep::codec::{PacketType, QoS, Version};
use fourstep::session::Limits;
use proptest::prelude::*;

use crate::{NOW, connected, message, sends, success};

proptest! {
    /// [MQTT-4.6.0-1]: what is sent again goes in the order of its first
    /// sending, whatever was acknowledged in between, and so do new messages.
    #[test]
    fn mqtt_4_6_0_1_resending_keeps_the_original_order(
        levels in prop::collection::vec(1u8..=2, 1..40),
        acknowledged in prop::collection::vec(any::<prop::sample::Index>(), 0..40),
        receive_maximum in 1u16..50,
    ) {
        let mut sender = connected(Limits::default(), Version::V5, receive_maximum);
        for (level, n) in levels.iter().zip(0u32..) {
            let qos = QoS::from_bits(*level).expect("1 or 2");
            sender.publish(NOW, message(qos, &format!("{n:03}"))).expect("there is room");
        }
        for index in acknowledged {
            let flows = sender.outbound(usize::MAX);
            let Some(identifier) = flows.get(index.index(flows.len().max(1)))
                .and_then(|flow| flow.packet_identifier) else { continue };
            let answer = match flows[index.index(flows.len())].qos {
                QoS::AtLeastOnce => PacketType::PubAck,
                _ => PacketType::PubRec,
            };
            sender.handle_ack(NOW, answer, &success(identifier.value())).expect("it fits");
        }
        sends(&mut sender);
        sender.handle_disconnected();
        sender.handle_connected(NOW, Version::V5, true, u16::MAX);
        let payloads: Vec<_> = sends(&mut sender).into_iter()
            .filter(|line| line.starts_with("PUBLISH"))
            .map(|line| line[line.len() - 3..].to_owned())
            .collect();
        prop_assert!(payloads.is_sorted(), "{payloads:?}");
    }
}

/// [MQTT-4.6.0-4]: PUBRELs go in the order in which the PUBRECs came, on the
/// first connection and on the next.
#[test]
fn mqtt_4_6_0_4_pubrels_follow_the_order_of_their_pubrecs() {
    let mut sender = connected(Limits::default(), Version::V311, u16::MAX);
    for name in ["a", "b", "c"] {
        sender.publish(NOW, message(QoS::ExactlyOnce, name)).expect("there is room");
    }
    sends(&mut sender);
    for identifier in [3, 1, 2] {
        sender.handle_ack(NOW, PacketType::PubRec, &success(identifier)).expect("it fits");
    }
    assert_eq!(sends(&mut sender), ["PUBREL 3", "PUBREL 1", "PUBREL 2"]);
    sender.handle_disconnected();
    sender.handle_connected(NOW, Version::V311, true, u16::MAX);
    assert_eq!(sends(&mut sender), ["PUBREL 3", "PUBREL 1", "PUBREL 2"]);
}
