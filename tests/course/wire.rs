//! What the tests of facts and claims look at: one run, and what crossed.

use fourstep::codec::Version::{self, V5, V311};
use fourstep::codec::{PacketType, Publish, QoS};
use fourstep::course::script::{PUBLISHER, READY, SUBSCRIBER, Script, pair};
use fourstep::course::{Evidence, Lesson, Selector, received, sent};
use fourstep::sim::{Publication, World};
use fourstep::time::Instant;
use fourstep::trace::Record;

pub const VERSIONS: [Version; 2] = [V311, V5];

/// What a message of this level takes on a hop: the packets of its sender, and
/// those of its receiver.
pub fn steps(qos: QoS) -> (&'static [PacketType], &'static [PacketType]) {
    match qos {
        QoS::AtMostOnce => (&[PacketType::Publish], &[]),
        QoS::AtLeastOnce => (&[PacketType::Publish], &[PacketType::PubAck]),
        QoS::ExactlyOnce => {
            (&[PacketType::Publish, PacketType::PubRel], &[PacketType::PubRec, PacketType::PubComp])
        }
    }
}

/// Which packets of a flow cross one way, each as often as it does.
pub fn kinds(world: &World, way: fn(PacketType) -> Selector) -> Vec<PacketType> {
    let flow = PacketType::ALL
        .into_iter()
        .filter(|packet| (PacketType::Publish..=PacketType::PubComp).contains(packet));
    flow.flat_map(|packet| vec![packet; count(world, way(packet))]).collect()
}

/// A world that has come to rest.
pub fn run(script: Script) -> World {
    crate::play(&script.finish())
}

/// A world at a moment, in milliseconds.
pub fn run_to(script: Script, millis: u64) -> World {
    let mut world = World::new(&script.finish());
    world.advance_to(Instant::from_millis(millis));
    world
}

/// Publisher and subscriber are connected; traps may be set before [`READY`].
pub fn ready(version: Version, granted: QoS) -> Script {
    pair(version, granted).at(READY - 500)
}

/// A series `1`, `2`, ... of messages.
pub fn numbered(times: u32, every: std::time::Duration, qos: QoS) -> Publication {
    let mut series = Publication::new("sensor/count", "{1+1}", qos);
    (series.times, series.every) = (times, every);
    series
}

/// Plays an experiment of a lesson, or with "" its start.
pub fn tried(slug: &str, experiment: &str, version: Version) -> World {
    let lesson = Lesson::find(slug).expect("it is there");
    let scenario = match experiment {
        "" => lesson.scenario,
        id => lesson.experiment(id).expect("it is there"),
    };
    crate::play(&scenario(version))
}

/// What a client's application has received, in order.
pub fn received_by(world: &World, client: &str) -> Vec<String> {
    let deliveries = Evidence::of(world).deliveries(client);
    deliveries.map(|it| String::from_utf8_lossy(&it.message.payload).into_owned()).collect()
}

/// How many records are selected.
pub fn count(world: &World, selector: Selector) -> usize {
    Evidence::of(world).count(selector)
}

/// The PUBLISH packets that the publisher sent.
pub fn published(world: &World) -> Vec<Publish> {
    let publishes = Evidence::of(world).publishes(sent(PUBLISHER, PacketType::Publish));
    publishes.map(|(_, publish)| publish).collect()
}

/// The PUBLISH packets that were sent to the subscriber.
pub fn forwarded(world: &World) -> Vec<Publish> {
    let publishes = Evidence::of(world).publishes(received(SUBSCRIBER, PacketType::Publish));
    publishes.map(|(_, publish)| publish).collect()
}

/// How many messages this client's application received.
pub fn delivered(world: &World, client: &str) -> u64 {
    Evidence::of(world).delivered(client)
}

/// The payloads that the subscriber's application received, in order.
pub fn payloads(world: &World) -> Vec<String> {
    received_by(world, SUBSCRIBER)
}

/// The first record that is selected.
pub fn first(world: &World, selector: Selector) -> Record {
    let record = Evidence::of(world).all(selector).next();
    record.cloned().unwrap_or_else(|| panic!("{selector:?}\n{}", world.trace().to_text()))
}
