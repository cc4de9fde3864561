//! Long runs in which anything may go wrong at any time. Once it stops, every
//! level has kept its promise.

use std::collections::BTreeMap;

use fourstep::codec::PacketType;
use fourstep::sim::{Crossing, Fault, LinkSetup, Split, What, When};
use fourstep::trace::Direction;
use proptest::prelude::*;

use crate::*;

/// Something that is done, and for how long the world then goes on.
#[derive(Clone, Debug)]
struct Operation {
    what: Act,
    wait: Duration,
}

#[derive(Clone, Debug)]
enum Act {
    Publish { client: usize, topic: usize, qos: QoS },
    Fault(Fault),
}

/// A message that an application handed over.
#[derive(Clone, Debug)]
struct Published {
    client: usize,
    topic: usize,
    qos: QoS,
    payload: String,
}

const TOPICS: [&str; 2] = ["t/a", "t/b"];
/// Each client, its version, and what it asks for on each of the topics.
const CLIENTS: [(Version, [QoS; 2]); 3] = [
    (Version::V5, [QoS::AtMostOnce, QoS::ExactlyOnce]),
    (Version::V311, [QoS::ExactlyOnce, QoS::AtLeastOnce]),
    (Version::V5, [QoS::AtLeastOnce, QoS::ExactlyOnce]),
];

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn every_level_keeps_its_promise_whatever_goes_wrong(
        seed in any::<u64>(),
        links in prop::collection::vec(any_link(), CLIENTS.len()),
        operations in prop::collection::vec(any_operation(), 1..60),
    ) {
        let mut world = World::new(&scenario(seed, links));
        assert!(world.run_until_quiet(LONG));
        let mut published = Vec::new();
        for (number, operation) in operations.iter().enumerate() {
            published.extend(act(&mut world, &operation.what, number));
            world.advance_to(world.now() + operation.wait);
        }
        let healed = world.run_until_quiet(LONG);
        let result = if healed { check(&world, &published) } else { Err("it never heals".into()) };
        prop_assert!(result.is_ok(), "{:?}\n{}", result, world.trace().to_text());

        let mut replay = World::new(world.scenario());
        replay.advance_to(world.now());
        prop_assert_eq!(replay.trace().to_text(), world.trace().to_text());
    }
}

proptest! {
    #[test]
    fn no_scenario_harms_the_world(scenario in share::any_scenario()) {
        let mut world = World::new(&scenario);
        for _ in 0..2_000 {
            if !world.step() {
                break;
            }
        }
        prop_assert!(world.trace().records().is_sorted_by_key(|record| record.at));
    }
}

fn scenario(seed: u64, links: Vec<LinkSetup>) -> Scenario {
    let mut scenario = Scenario { seed, ..Scenario::default() };
    for (client, ((version, wanted), link)) in CLIENTS.into_iter().zip(links).enumerate() {
        let mut setup = ClientSetup::new(format!("client {client}"), version);
        (setup.keep_alive, setup.link) = (5, link);
        scenario.clients.push(setup);
        scenario.steps.push(step(0, Command::Connect(client)));
        for (topic, qos) in TOPICS.into_iter().zip(wanted) {
            let wanted = subscription(topic, qos);
            scenario.steps.push(step(0, Command::Subscribe(client, wanted)));
        }
    }
    scenario
}

fn act(world: &mut World, act: &Act, number: usize) -> Option<Published> {
    match act {
        Act::Fault(fault) => {
            world.command(Command::Fault(fault.clone()));
            None
        }
        Act::Publish { client, topic, qos } => {
            // A process that is gone publishes nothing.
            world.client(*client)?;
            let payload = format!("message {number}");
            let message = Publication::new(TOPICS[*topic], payload.clone(), *qos);
            world.command(Command::Publish(*client, message));
            Some(Published { client: *client, topic: *topic, qos: *qos, payload })
        }
    }
}

fn check(world: &World, published: &[Published]) -> Result<(), String> {
    for (client, (_, wanted)) in CLIENTS.iter().enumerate() {
        let inbox = world.inbox(client).ok_or("no such client")?;
        for message in published {
            let copies = inbox.copies(TOPICS[message.topic], message.payload.as_bytes());
            let granted = message.qos.min(wanted[message.topic]);
            let least = u32::from(granted > QoS::AtMostOnce);
            let repeats = [message.qos, granted].contains(&QoS::AtLeastOnce);
            let most = if repeats { u32::MAX } else { 1 };
            if !(least..=most).contains(&copies) {
                return Err(format!("client {client} got {copies} of {message:?}"));
            }
        }
        check_order(world, client, published)?;
    }
    nothing_is_left(world)
}

/// [MQTT-4.6.0-6]: messages of one publisher to one topic at one level come in
/// the order in which they were published. Copies may come later.
fn check_order(world: &World, client: usize, published: &[Published]) -> Result<(), String> {
    let inbox = world.inbox(client).ok_or("no such client")?;
    let firsts = inbox.deliveries.iter().filter(|delivery| delivery.copy == 1);
    let mut last = BTreeMap::new();
    for delivery in firsts {
        let payload = &delivery.message.payload;
        let place = published.iter().position(|message| message.payload.as_bytes() == payload);
        let place = place.ok_or("nobody published this")?;
        let message = &published[place];
        let before = last.insert((message.client, message.topic, message.qos), place);
        if before.is_some_and(|before| before > place) {
            return Err(format!("client {client} got {message:?} out of order"));
        }
    }
    Ok(())
}

fn any_link() -> impl Strategy<Value = LinkSetup> {
    let split = prop_oneof![
        Just(Split::Whole),
        (1..9_u16).prop_map(Split::Every),
        (1..40_u16).prop_map(Split::Random),
    ];
    let bandwidth = prop_oneof![Just(0), 500..20_000_u32];
    (0..80_u64, 0..40_u64, bandwidth, split).prop_map(|(latency, jitter, bandwidth, split)| {
        LinkSetup {
            latency: Duration::from_millis(latency),
            jitter: Duration::from_millis(jitter),
            bandwidth,
            split,
        }
    })
}

fn any_operation() -> impl Strategy<Value = Operation> {
    let publish = (0..CLIENTS.len(), 0..TOPICS.len(), prop::sample::select(&QoS::ALL[..]))
        .prop_map(|(client, topic, qos)| Act::Publish { client, topic, qos });
    let what = prop_oneof![3 => publish, 1 => any_fault().prop_map(Act::Fault)];
    // Most waits are about as long as a flow.
    let wait = prop_oneof![4 => 0..200_u64, 1 => 0..10_000_u64];
    (what, wait).prop_map(|(what, wait)| Operation { what, wait: Duration::from_millis(wait) })
}

/// All that no store is lost by.
fn any_fault() -> impl Strategy<Value = Fault> {
    let direction = prop::sample::select(vec![Direction::ToServer, Direction::ToClient]);
    let packet_type = prop::sample::select(&PacketType::ALL[..14]);
    let crossing = (direction, packet_type, 1..12_u32)
        .prop_map(|(direction, packet_type, nth)| Crossing { direction, packet_type, nth });
    let when = prop_oneof![
        Just(When::Now),
        crossing.clone().prop_map(When::Before),
        crossing.prop_map(When::After),
    ];
    let time = (0..4_000_u64).prop_map(Duration::from_millis);
    let what = (0..5, time).prop_map(|(kind, time)| match kind {
        0 => What::Cut { down_for: time },
        1 => What::HalfOpen,
        2 => What::Delay(time),
        3 => What::CrashClient { keep_store: true, down_for: time },
        _ => What::RestartBroker { keep_store: true, down_for: time },
    });
    (0..CLIENTS.len(), when, what).prop_map(|(client, when, what)| Fault { client, when, what })
}
