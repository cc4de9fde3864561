//! The virtual network: what it carries, how it breaks, and that time is only
//! a number.

mod exhaustive;
mod network;
mod player;
mod runs;
mod setups;
mod share;
mod time;
mod weight;
mod what_if;

use std::time::Duration;

use fourstep::codec::{QoS, Subscription, Version};
use fourstep::sim::{ClientSetup, Command, Publication, Scenario, Step, World};
use fourstep::time::Instant;
use fourstep::trace::Party;

/// Who is who in [`publisher_and_subscriber`].
const PUBLISHER: usize = 0;
const SUBSCRIBER: usize = 1;
/// Between the two.
const BROKER_LANE: Party = 1;

/// Longer than any of these worlds is busy.
const LONG: Duration = Duration::from_secs(600);

fn millis(millis: u64) -> Instant {
    Instant::from_millis(millis)
}

fn step(at: u64, command: Command) -> Step {
    Step { at: millis(at), command }
}

fn subscription(filter: &str, qos: QoS) -> Subscription {
    Subscription { filter: filter.into(), qos, ..Subscription::default() }
}

/// Both connect at 0; at 1 s the subscriber has its subscription; nothing is
/// published yet.
fn publisher_and_subscriber(version: Version, granted: QoS) -> Scenario {
    let mut publisher = ClientSetup::new("publisher", version);
    let mut subscriber = ClientSetup::new("subscriber", version);
    // Only what is sent for a message counts here.
    publisher.keep_alive = 10;
    subscriber.keep_alive = 10;
    Scenario {
        seed: 1,
        clients: vec![publisher, subscriber],
        steps: vec![
            step(0, Command::Connect(PUBLISHER)),
            step(0, Command::Connect(SUBSCRIBER)),
            step(0, Command::Subscribe(SUBSCRIBER, subscription("t", granted))),
        ],
        ..Scenario::default()
    }
}

fn publish(payload: &str, qos: QoS) -> Command {
    Command::Publish(PUBLISHER, Publication::new("t", payload.to_owned(), qos))
}

/// Plays a scenario to its end.
fn play(scenario: &Scenario) -> World {
    let mut world = World::new(scenario);
    assert!(world.run_until_quiet(LONG), "it never ends:\n{}", world.trace().to_text());
    world
}

/// No flow is left unfinished, on either side, and no message waits.
fn nothing_is_left(world: &World) -> Result<(), String> {
    for client in 0..world.scenario().clients.len() {
        let snapshot = world.client(client).ok_or("a client is still gone")?;
        let unfinished = snapshot.outbound_total + snapshot.inbound_total;
        if unfinished > 0 || snapshot.identifiers_in_use > 0 {
            return Err(format!("client {client} is not done: {snapshot:?}"));
        }
    }
    for session in world.sessions() {
        let unfinished = session.outbound_total + session.inbound.len();
        if unfinished > 0 || session.identifiers_in_use > 0 {
            return Err(format!("the broker is not done: {session:?}"));
        }
    }
    Ok(())
}
