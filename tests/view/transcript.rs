//! The diagram in words.

use fourstep::codec::{Packet, QoS, Version};
use fourstep::language::Language;
use fourstep::view::transcript::{announcement, lines};

use crate::{Link, ToClient, ToServer, ack, publish};

#[test]
fn the_transcript_is_the_trace_in_words() {
    let mut link = Link::new(Version::V5);
    link.connect(false);
    link.send(ToClient, &Packet::PingResp);
    let lines = lines(Language::English, &link.trace, 3..10);
    assert_eq!(lines.len(), 1);
    assert_eq!(lines[0].sequence, 3);
    assert_eq!(lines[0].text, "    0.004000  broker -> client  PINGRESP");
    assert_eq!(lines[0].sentence, "PINGRESP from broker to client.");
}

#[test]
fn a_few_records_are_announced_and_many_are_counted() {
    let mut link = Link::new(Version::V5);
    link.connect(false);
    assert_eq!(announcement(Language::English, &link.trace, 3..10, 3), "");
    link.send(ToServer, &Packet::PubRec(ack(1)));
    link.send(ToClient, &Packet::PubRel(ack(1)));
    assert_eq!(
        announcement(Language::English, &link.trace, 3..10, 2),
        "PUBREC from client to broker, packet identifier 1. \
         PUBREL from broker to client, packet identifier 1."
    );
    for _ in 0..5_000 {
        link.send(ToServer, &Packet::Publish(publish(QoS::AtMostOnce, 0, "20.5")));
    }
    link.bytes(ToClient, &[0]);
    link.close("");
    assert_eq!(
        announcement(Language::English, &link.trace, 3..u64::MAX, 3),
        "5,004 records: 5,000 PUBLISH, 1 PUBREC, 1 PUBREL, 1 broken, 1 connection closed."
    );
}
