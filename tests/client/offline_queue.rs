use fourstep::client::{CommandError, Config};
use fourstep::codec::{Packet, Property, Publish, QoS, ReasonCode};
use fourstep::session::{Outcome, QueuePolicy};

use crate::rig::*;

#[test]
fn what_is_published_offline_leaves_on_connecting_in_order() {
    for version in BOTH {
        let mut rig = Rig::new(config(version));
        for (topic, qos) in
            [("a", QoS::AtLeastOnce), ("b", QoS::AtMostOnce), ("c", QoS::ExactlyOnce)]
        {
            rig.publish(message(topic, qos));
        }
        assert_eq!(rig.client.snapshot().queued, 3);
        rig.client.connect(rig.now).expect("right");
        rig.accept(false, none());
        assert_eq!(topics(rig.packets()), ["a", "b", "c"]);
        assert_eq!(rig.client.snapshot().queued, 0);
    }
}

#[test]
fn a_full_queue_refuses_or_drops_the_oldest_as_its_policy_says() {
    for policy in [QueuePolicy::RefuseNew, QueuePolicy::DropOldest] {
        let mut config = config(V5);
        config.limits.queue_capacity = 2;
        config.limits.queue_policy = policy;
        let mut rig = Rig::new(config);
        let first = rig.publish(message("1", QoS::AtLeastOnce));
        rig.publish(message("2", QoS::AtLeastOnce));
        let third = rig.client.publish(rig.now, message("3", QoS::AtLeastOnce));
        rig.drain();
        let expected = match policy {
            QueuePolicy::RefuseNew => {
                assert_eq!(third, Err(CommandError::QueueFull { capacity: 2 }));
                assert_eq!(rig.finished(), []);
                ["1", "2"]
            }
            QueuePolicy::DropOldest => {
                assert!(third.is_ok());
                assert_eq!(rig.finished(), [(first, Outcome::Dropped)]);
                ["2", "3"]
            }
        };
        rig.client.connect(rig.now).expect("right");
        rig.accept(false, none());
        assert_eq!(topics(rig.packets()), expected);
    }
}

#[test]
fn qos_0_waits_only_if_it_is_told_to() {
    for queue_qos0 in [false, true] {
        let mut config = config(V5);
        config.limits.queue_qos0 = queue_qos0;
        let mut rig = Rig::new(config);
        let token = rig.publish(message("a", QoS::AtMostOnce));
        match queue_qos0 {
            true => assert_eq!(rig.finished(), []),
            false => assert_eq!(rig.finished(), [(token, Outcome::Dropped)]),
        }
        assert_eq!(rig.client.snapshot().queued, usize::from(queue_qos0));
    }
}

#[test]
fn mqtt_5_0_3_3_2_5_an_expired_message_makes_room_before_a_live_one_is_refused_or_pushed_out() {
    for policy in [QueuePolicy::RefuseNew, QueuePolicy::DropOldest] {
        let mut config = config(V5);
        config.limits.queue_capacity = 2;
        config.limits.queue_policy = policy;
        let mut rig = Rig::new(config);
        let live = rig.publish(message("live", QoS::AtLeastOnce));
        let mut short = message("short", QoS::AtLeastOnce);
        short.properties.push(Property::MessageExpiryInterval(5));
        let short = rig.publish(short);
        rig.sleep_seconds(6);
        let new = rig.publish(message("new", QoS::AtLeastOnce));
        assert_eq!(rig.finished(), [(short, Outcome::Expired)], "{policy:?}");
        let waiting = rig.client.snapshot().outbound;
        let waiting: Vec<_> = waiting.iter().map(|flow| flow.token).collect();
        assert_eq!(waiting, [live, new], "{policy:?}");
    }
}

#[test]
fn a_message_that_expires_in_the_queue_is_not_sent() {
    let mut rig = Rig::new(config(V5));
    let expiring = Publish {
        properties: properties(&[Property::MessageExpiryInterval(10)]),
        ..message("a", QoS::AtLeastOnce)
    };
    let token = rig.publish(expiring);
    rig.wait_seconds(11);
    rig.client.connect(rig.now).expect("right");
    rig.accept(false, none());
    assert!(matches!(rig.packets()[..], [Packet::Connect(_)]));
    assert_eq!(rig.finished(), [(token, Outcome::Expired)]);
}

#[test]
fn a_message_that_breaks_a_rule_is_refused_connected_or_not() {
    for version in BOTH {
        for connected in [false, true] {
            let mut rig = Rig::new(config(version));
            if connected {
                rig.connect(none());
            }
            for topic in ["", "a/#", "a/+/b", "a\0b"] {
                let refused = rig.client.publish(rig.now, message(topic, QoS::AtLeastOnce));
                assert!(matches!(refused, Err(CommandError::Invalid(_))), "{topic:?}: {refused:?}");
            }
            assert_eq!((rig.packets().len(), rig.client.snapshot().outbound_total), (0, 0));
        }
    }
}

#[test]
fn mqtt_3_3_4_6_a_client_sends_no_subscription_identifier_with_a_message() {
    let mut rig = Rig::connected(config(V5), none());
    let mut publish = message("a", QoS::AtMostOnce);
    publish.properties.push(Property::SubscriptionIdentifier(1));
    let Err(CommandError::Forbidden { statement, .. }) = rig.client.publish(rig.now, publish)
    else {
        panic!("accepted")
    };
    assert_eq!(statement, Some("MQTT-3.3.4-6"));
}

#[test]
fn dup_and_identifier_are_the_clients_to_choose() {
    let mut rig = Rig::connected(config(V4), none());
    let odd = Publish {
        dup: true,
        packet_identifier: Some(identifier(77)),
        ..message("a", QoS::AtLeastOnce)
    };
    rig.publish(odd.clone());
    let Packet::Publish(sent) = rig.packet() else { panic!("not PUBLISH") };
    assert_eq!((sent.dup, sent.packet_identifier), (false, Some(identifier(1))));
    rig.publish(Publish { qos: QoS::AtMostOnce, ..odd });
    let Packet::Publish(sent) = rig.packet() else { panic!("not PUBLISH") };
    assert_eq!((sent.dup, sent.packet_identifier), (false, None));
}

#[test]
fn each_level_ends_as_it_should() {
    for version in BOTH {
        let mut rig = Rig::connected(config(version), none());
        let success = Outcome::Acknowledged(ReasonCode::Success);
        let token = rig.publish(message("a", QoS::AtMostOnce));
        assert_eq!(rig.finished(), [(token, Outcome::Sent)]);

        let token = rig.publish(message("a", QoS::AtLeastOnce));
        rig.receive(Packet::PubAck(ack(1)));
        assert_eq!(rig.finished(), [(token, success)]);

        let token = rig.publish(message("a", QoS::ExactlyOnce));
        rig.packets();
        rig.receive(Packet::PubRec(ack(1)));
        assert_eq!(rig.packets(), [Packet::PubRel(ack(1))]);
        assert_eq!(rig.finished(), []);
        rig.receive(Packet::PubComp(ack(1)));
        assert_eq!(rig.finished(), [(token, success)]);
    }
}

#[test]
fn a_very_long_queue_is_shown_in_part_and_counted_in_full() {
    let config = Config { use_topic_aliases: false, ..config(V5) };
    let mut rig = Rig::new(config);
    for _ in 0..1_000 {
        rig.publish(message("a", QoS::AtLeastOnce));
    }
    let snapshot = rig.client.snapshot();
    assert_eq!(
        (snapshot.outbound.len(), snapshot.outbound_total, snapshot.queued),
        (200, 1_000, 1_000)
    );
}

fn topics(packets: Vec<Packet>) -> Vec<String> {
    let topic = |packet| match packet {
        Packet::Publish(publish) => Some(publish.topic.to_string()),
        _ => None,
    };
    packets.into_iter().filter_map(topic).collect()
}
