//! Two sessions talk across a tapped link that is cut: what the trace says is
//! what a learner sees.

use fourstep::codec::{self, Packet, QoS, ReasonCode, Version};
use fourstep::session::{Effect, Limits, Session};

use crate::{Link, ToClient, ToServer, encoded, publish};

#[test]
fn a_whole_qos_2_exchange_with_a_cut_before_pubrec() {
    let mut world = World::new(Version::V5);
    world.connect(false);
    world.client.publish(world.link.now, publish(QoS::ExactlyOnce, 0, "20.5"));
    // PUBLISH crosses; the PUBREC that answers it does not.
    assert!(world.cross_to_server());
    world.cut();
    world.connect(true);
    while world.cross_to_server() || world.cross_to_client() {}
    assert_eq!(world.delivered, 1);
    assert_eq!(
        world.link.trace.to_text(),
        r#"
    0.001000  client -- broker  connection opened
    0.002000  client -> broker  CONNECT MQTT 5.0 client "sensor" clean start keep alive 30 s
    0.003000  broker -> client  CONNACK Success (0x00)
    0.004000  client -> broker  PUBLISH id 1 QoS 2 "sensor/temperature" 4 bytes "20.5"
    0.005000  client -- broker  connection closed: the line was cut
    0.006000  client -- broker  connection opened
    0.007000  client -> broker  CONNECT MQTT 5.0 client "sensor" keep alive 30 s
    0.008000  broker -> client  CONNACK session present Success (0x00)
    0.009000  client -> broker  PUBLISH id 1 QoS 2 DUP "sensor/temperature" 4 bytes "20.5"
    0.010000  broker -> client  PUBREC id 1
    0.011000  client -> broker  PUBREL id 1
    0.012000  broker -> client  PUBCOMP id 1
"#
        .trim_start_matches('\n')
    );
}

#[test]
fn a_qos_1_message_is_repeated_under_the_same_identifier_after_its_puback_was_lost() {
    let mut world = World::new(Version::V311);
    world.connect(false);
    world.client.publish(world.link.now, publish(QoS::AtLeastOnce, 0, "21.0"));
    assert!(world.cross_to_server());
    world.cut();
    world.connect(true);
    while world.cross_to_server() || world.cross_to_client() {}
    assert_eq!(world.delivered, 2, "at least once may be twice");
    assert_eq!(
        world.link.lines()[8..],
        [
            r#"client -> broker  PUBLISH id 1 QoS 1 DUP "sensor/temperature" 4 bytes "21.0""#,
            "broker -> client  PUBACK id 1",
        ]
    );
}

struct World {
    link: Link,
    client: Session,
    server: Session,
    delivered: usize,
}

impl World {
    fn new(version: Version) -> Self {
        World {
            link: Link::new(version),
            client: Session::new(Limits::default()),
            server: Session::new(Limits::default()),
            delivered: 0,
        }
    }

    fn connect(&mut self, session_present: bool) {
        self.link.connect(session_present);
        let (now, version) = (self.link.now, self.link.version);
        self.client.handle_connected(now, version, session_present, u16::MAX);
        self.server.handle_connected(now, version, session_present, u16::MAX);
    }

    /// Lets one packet of the client cross, if it has one to send.
    fn cross_to_server(&mut self) -> bool {
        let Some(packet) = self.next(true) else { return false };
        self.link.send(ToServer, &packet);
        receive(&mut self.server, &self.link, &packet);
        true
    }

    fn cross_to_client(&mut self) -> bool {
        let Some(packet) = self.next(false) else { return false };
        self.link.send(ToClient, &packet);
        receive(&mut self.client, &self.link, &packet);
        true
    }

    /// The line is cut: what was to be sent is gone.
    fn cut(&mut self) {
        while self.next(true).is_some() || self.next(false).is_some() {}
        self.link.close("the line was cut");
        self.client.handle_disconnected();
        self.server.handle_disconnected();
    }

    fn next(&mut self, of_client: bool) -> Option<Packet> {
        let session = if of_client { &mut self.client } else { &mut self.server };
        while let Some(effect) = session.poll() {
            match effect {
                Effect::Send(packet) => return Some(packet),
                Effect::Deliver(_) => self.delivered += 1,
                _ => {}
            }
        }
        None
    }
}

/// Hands a packet to the session at the other end, as its bytes say it.
fn receive(session: &mut Session, link: &Link, packet: &Packet) {
    let bytes = encoded(link.version, packet).into();
    let packet = codec::decode(link.version, &bytes).expect("it was encoded");
    let packet_type = packet.packet_type();
    match packet {
        Packet::Publish(publish) => {
            session
                .handle_publish(link.now, publish, ReasonCode::Success)
                .expect("it fits the flow");
        }
        Packet::PubAck(ack) | Packet::PubRec(ack) | Packet::PubRel(ack) | Packet::PubComp(ack) => {
            session.handle_ack(link.now, packet_type, &ack).expect("it fits the flow");
        }
        other => panic!("{other:?} is no packet of a flow"),
    }
}
