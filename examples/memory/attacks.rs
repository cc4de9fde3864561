//! The attacks. Each returns what the broker says that it keeps, in bytes,
//! and what was sent in words.

use fourstep::broker::{Limits, Usage};
use fourstep::codec::{Connect, Properties, Property, Publish, QoS, Will};

use crate::engine::{Target, empty_user_properties};

/// One attack.
pub struct Attack {
    pub name: &'static str,
    /// What the broker may keep, in bytes.
    pub limit: usize,
    /// What may pass through besides, in bytes.
    pub passing: usize,
    pub run: fn() -> (usize, String),
}

/// All of them.
pub const ATTACKS: &[Attack] = &[
    attack("retained user properties", retained_user_properties),
    attack("retained small messages", retained_small_messages),
    attack("queued user properties", queued_user_properties),
    attack("queued small messages", queued_small_messages),
    attack("subscription identifiers", subscription_identifiers),
    attack("subscriptions", subscriptions),
    attack("shared subscriptions", shared_subscriptions),
    attack("wills", wills),
    attack("sessions", sessions),
    attack("identifiers without PUBREL", identifiers),
    attack("unfinished packets", unfinished_packets),
    attack("starts behind large packets", starts_behind_large_packets),
    attack("retained messages unread", retained_messages_unread),
    attack("topic aliases", topic_aliases),
];

const fn attack(name: &'static str, run: fn() -> (usize, String)) -> Attack {
    Attack { name, limit: LIMIT, passing: PASSING, run }
}

fn limits() -> Limits {
    Limits {
        connection_bytes: LIMIT,
        total_session_bytes: LIMIT,
        retained_bytes: LIMIT,
        queue_bytes: LIMIT,
        subscription_bytes: LIMIT,
        ..Limits::default()
    }
}

fn retained_user_properties() -> (usize, String) {
    let mut target = Target::new(limits());
    let peer = target.connect("a");
    for number in 0..200 {
        let properties = empty_user_properties(200_000);
        let topic = format!("t/{number}").into();
        let payload = "x".into();
        target.publish(
            peer,
            Publish { topic, payload, properties, retain: true, ..Publish::default() },
        );
    }
    done(&target, |usage| usage.retained)
}

fn retained_small_messages() -> (usize, String) {
    let mut target = Target::new(limits());
    let peer = target.connect("a");
    for number in 0..200_000 {
        let properties = Properties::new().with(Property::MessageExpiryInterval(3_600));
        let topic = format!("{number}").into();
        let payload = "x".into();
        target.publish(
            peer,
            Publish { topic, payload, properties, retain: true, ..Publish::default() },
        );
    }
    done(&target, |usage| usage.retained)
}

fn queued_user_properties() -> (usize, String) {
    let mut target = Target::new(limits());
    let away = target.connect("away");
    target.subscribe(away, "t", None);
    target.close(away);
    let peer = target.connect("a");
    for _ in 0..100 {
        target.publish(peer, message(empty_user_properties(200_000)));
    }
    done(&target, |usage| usage.sessions)
}

fn queued_small_messages() -> (usize, String) {
    let mut target = Target::new(limits());
    let away = target.connect("away");
    target.subscribe(away, "t", None);
    target.close(away);
    let peer = target.connect("a");
    for _ in 0..300_000 {
        target.publish(peer, message(Properties::new()));
    }
    done(&target, |usage| usage.sessions)
}

fn subscription_identifiers() -> (usize, String) {
    let mut target = Target::new(limits());
    let away = target.connect("away");
    for number in 0..64_u32 {
        let level = |bit: u32| if number & 1 << bit == 0 { "+" } else { "t" };
        let filter: Vec<_> = (0..6).map(level).collect();
        target.subscribe(away, &filter.join("/"), Some(268_435_455 - number));
    }
    target.close(away);
    let peer = target.connect("a");
    for _ in 0..50_000 {
        let topic = "t/t/t/t/t/t".into();
        target.publish(peer, Publish { topic, ..message(Properties::new()) });
    }
    done(&target, |usage| usage.sessions)
}

fn subscriptions() -> (usize, String) {
    let mut target = Target::new(Limits { max_subscriptions: usize::MAX, ..limits() });
    let peer = target.connect("a");
    for number in 0..20_000 {
        target.subscribe(peer, &format!("{number}/a/b/c/d/e/f"), Some(1));
    }
    done(&target, |usage| usage.sessions)
}

fn shared_subscriptions() -> (usize, String) {
    let mut target = Target::new(Limits { max_subscriptions: usize::MAX, ..limits() });
    let peer = target.connect("a");
    for number in 0..50_000 {
        target.subscribe(peer, &format!("$share/{number}/{number}"), None);
    }
    done(&target, |usage| usage.sessions)
}

fn wills() -> (usize, String) {
    let mut target = Target::new(limits());
    for number in 0..200 {
        let will = Will {
            topic: "t".into(),
            properties: empty_user_properties(100_000),
            ..Will::default()
        };
        target.connect_with(Connect {
            client_identifier: format!("{number}").into(),
            will: Some(will),
            password: Some(vec![0; 60_000].into()),
            properties: empty_user_properties(50_000),
            ..Connect::default()
        });
    }
    done(&target, |usage| usage.sessions)
}

fn sessions() -> (usize, String) {
    let mut target = Target::new(limits());
    for number in 0..50_000 {
        let peer = target.connect(&format!("{number}"));
        target.close(peer);
    }
    done(&target, |usage| usage.sessions)
}

fn identifiers() -> (usize, String) {
    let mut target = Target::new(limits());
    for number in 0..200 {
        let name = format!("{number}");
        let connect = |version| Connect {
            version,
            client_identifier: name.as_str().into(),
            ..Connect::default()
        };
        let peer = target.connect_with(connect(fourstep::codec::Version::V311));
        for identifier in 1..=u16::MAX {
            let [high, low] = identifier.to_be_bytes();
            target.send_bytes(peer, &[0x34, 5, 0, 1, b't', high, low]);
        }
    }
    done(&target, |usage| usage.sessions)
}

fn unfinished_packets() -> (usize, String) {
    let mut target = Target::new(limits());
    for number in 0..100 {
        let peer = target.connect(&format!("{number}"));
        // The start of a PUBLISH of ten megabytes.
        target.send_bytes(peer, &[0x30, 0x80, 0xAD, 0xE2, 0x04]);
        target.send_bytes(peer, &vec![0; 1_000_000]);
    }
    done(&target, |usage| usage.connections)
}

fn starts_behind_large_packets() -> (usize, String) {
    let mut target = Target::new(limits());
    for number in 0..100 {
        let peer = target.connect(&format!("{number}"));
        let mut bytes = vec![0x30, 0xC0, 0x84, 0x3D, 0, 1, b't', 0];
        bytes.resize(4 + 1_000_000, b'x');
        // And the first byte of the next.
        bytes.push(0x30);
        target.send_bytes(peer, &bytes);
    }
    done(&target, |usage| usage.connections)
}

/// Retained messages are sent to clients that stop reading, and replaced.
fn retained_messages_unread() -> (usize, String) {
    let mut target = Target::new(limits());
    let writer = target.connect("writer");
    for number in 0..200 {
        for topic in 0..10 {
            let topic = format!("{topic}").into();
            let payload = vec![number; 90_000].into();
            target.publish(writer, Publish { topic, payload, retain: true, ..Publish::default() });
        }
        let reader = target.connect(&format!("{number}"));
        target.block(reader);
        target.subscribe(reader, "#", None);
    }
    done(&target, |usage| usage.connections + usage.retained)
}

fn topic_aliases() -> (usize, String) {
    let mut target = Target::new(Limits { topic_alias_maximum: u16::MAX, ..limits() });
    let writer = target.connect("writer");
    for number in 0..20 {
        let peer = target.connect_with(Connect {
            client_identifier: format!("{number}").into(),
            properties: Properties::new().with(Property::TopicAliasMaximum(u16::MAX)),
            ..Connect::default()
        });
        target.subscribe(peer, "#", None);
    }
    for alias in 1..=u16::MAX {
        let properties = Properties::new().with(Property::TopicAlias(alias));
        let topic = format!("{alias}{}", "/level".repeat(20)).into();
        target.publish(writer, Publish { topic, properties, ..Publish::default() });
    }
    done(&target, |usage| usage.connections)
}

/// A message at QoS 1 with the topic `t`.
fn message(properties: Properties) -> Publish {
    Publish { topic: "t".into(), qos: QoS::AtLeastOnce, properties, ..Publish::default() }
}

fn done(target: &Target, of: fn(Usage) -> usize) -> (usize, String) {
    (of(target.broker.usage()), format!("{:.1} MB", target.sent as f64 / 1e6))
}

/// What each account of the broker may hold in these attacks.
const LIMIT: usize = 16 << 20;

/// A packet of a megabyte as it is made here, encoded, received and forwarded,
/// and what the allocator keeps for itself.
const PASSING: usize = 8 << 20;
