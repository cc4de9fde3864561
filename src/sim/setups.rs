//! A few instructive set-ups, ready to be played.

use std::time::Duration;

use super::{
    BrokerSetup, ClientSetup, Command, Crossing, Fault, Publication, Scenario, Step, What, When,
    WillSetup,
};
use crate::codec::{PacketType, QoS, Subscription, Version};
use crate::time::Instant;
use crate::trace::Direction;

/// A scenario with a name.
#[derive(Clone, Copy, Debug)]
pub struct Setup {
    /// Short, in lower case: for addresses and tests.
    pub id: &'static str,
    /// What a menu says.
    pub name: &'static str,
    /// What there is to see, in a sentence or two.
    pub about: &'static str,
    make: fn() -> Scenario,
}

impl Setup {
    /// All of them; the first is the one to start with.
    pub const ALL: &'static [Setup] = SETUPS;

    /// What is to be played.
    pub fn scenario(&self) -> Scenario {
        (self.make)()
    }
}

/// Latency of every link here: long enough to watch packets under way.
pub const LATENCY: Duration = Duration::from_millis(300);

/// A client as these set-ups have it: its session outlives its connection, and
/// its link takes [`LATENCY`].
pub fn client(name: &str) -> ClientSetup {
    let mut client = ClientSetup::new(name, Version::V5);
    client.link.latency = LATENCY;
    client
}

fn ready() -> Scenario {
    pair(Vec::new())
}

fn level(qos: QoS) -> Scenario {
    pair(vec![publish(qos)])
}

/// The connection of the publisher is cut as its first packet of this kind is
/// about to arrive.
fn cut_before(qos: QoS, direction: Direction, packet_type: PacketType) -> Scenario {
    let when = When::Before(Crossing { direction, packet_type, nth: 1 });
    pair(vec![step(READY, Command::Fault(Fault::cut(PUBLISHER, when))), publish(qos)])
}

fn sleeping() -> Scenario {
    let mut series = publication(QoS::AtLeastOnce);
    series.payload = "{20.0+0.5}".into();
    (series.times, series.every) = (5, Duration::from_millis(200));
    pair(vec![
        step(READY, Command::Disconnect(SUBSCRIBER)),
        step(READY + 1_000, Command::Publish(PUBLISHER, series)),
        step(READY + 4_000, Command::Connect(SUBSCRIBER)),
    ])
}

fn will() -> Scenario {
    let crash = What::CrashClient { keep_store: true, down_for: Duration::from_secs(10) };
    let fault = Fault { client: PUBLISHER, when: When::Now, what: crash };
    let mut scenario = pair(vec![publish(QoS::AtLeastOnce), step(6_000, Command::Fault(fault))]);
    if let Some(publisher) = scenario.clients.first_mut() {
        publisher.will = Some(WillSetup {
            topic: "sensor/status".into(),
            payload: "gone".into(),
            qos: QoS::AtLeastOnce,
            ..WillSetup::default()
        });
    }
    scenario
}

fn retained() -> Scenario {
    let mut message = publication(QoS::AtLeastOnce);
    message.retain = true;
    scenario(
        vec![client("publisher"), client("subscriber")],
        vec![
            step(0, Command::Connect(PUBLISHER)),
            step(1_500, Command::Publish(PUBLISHER, message)),
            step(4_000, Command::Connect(SUBSCRIBER)),
            step(4_000, subscribe(SUBSCRIBER, FILTER, QoS::AtLeastOnce)),
        ],
    )
}

fn shared() -> Scenario {
    let mut job = Publication::new("jobs/print", "job {1+1}", QoS::AtLeastOnce);
    (job.times, job.every) = (6, Duration::from_millis(250));
    let mut steps = vec![step(0, Command::Connect(PUBLISHER))];
    for worker in 1..=3 {
        steps.push(step(0, Command::Connect(worker)));
        steps.push(step(0, subscribe(worker, "$share/workers/jobs/#", QoS::AtLeastOnce)));
    }
    steps.push(step(READY, Command::Publish(PUBLISHER, job)));
    let names = ["publisher", "worker-1", "worker-2", "worker-3"];
    scenario(names.into_iter().map(client).collect(), steps)
}

fn forgotten() -> Scenario {
    let when = When::Before(Crossing {
        direction: Direction::ToClient,
        packet_type: PacketType::PubAck,
        nth: 1,
    });
    let fault = Fault { client: PUBLISHER, when, what: What::Withhold };
    let mut scenario = pair(vec![step(READY, Command::Fault(fault)), publish(QoS::AtLeastOnce)]);
    if let Some(publisher) = scenario.clients.first_mut() {
        publisher.version = Version::V311;
        publisher.retry_interval = Some(Duration::from_secs(3));
    }
    scenario
}

/// A publisher and a subscriber, connected and subscribed at once.
fn pair(steps: Vec<Step>) -> Scenario {
    let mut all = vec![
        step(0, Command::Connect(PUBLISHER)),
        step(0, Command::Connect(SUBSCRIBER)),
        step(0, subscribe(SUBSCRIBER, FILTER, QoS::ExactlyOnce)),
    ];
    all.extend(steps);
    scenario(vec![client("publisher"), client("subscriber")], all)
}

fn scenario(clients: Vec<ClientSetup>, steps: Vec<Step>) -> Scenario {
    Scenario { seed: 1, broker: BrokerSetup::default(), clients, steps }
}

fn publish(qos: QoS) -> Step {
    step(READY, Command::Publish(PUBLISHER, publication(qos)))
}

fn publication(qos: QoS) -> Publication {
    Publication::new("sensor/temperature", "20.5", qos)
}

fn subscribe(client: usize, filter: &'static str, qos: QoS) -> Command {
    let filter = filter.into();
    Command::Subscribe(client, Subscription { filter, qos, ..Subscription::default() })
}

fn step(millis: u64, command: Command) -> Step {
    Step { at: Instant::from_millis(millis), command }
}

const PUBLISHER: usize = 0;
const SUBSCRIBER: usize = 1;
const FILTER: &str = "sensor/#";
/// Milliseconds after which both are connected and the SUBACK has come.
const READY: u64 = 2_500;

const SETUPS: &[Setup] = &[
    Setup {
        id: "ready",
        name: "Ready to publish",
        about: "A publisher and a subscriber are connected. Publish, and watch two deliveries: to the broker, and to the subscriber.",
        make: ready,
    },
    Setup {
        id: "qos-0",
        name: "QoS 0, at most once",
        about: "One packet on each hop. Nobody answers, and nobody remembers.",
        make: || level(QoS::AtMostOnce),
    },
    Setup {
        id: "qos-1",
        name: "QoS 1, at least once",
        about: "PUBLISH and PUBACK on each hop. The sender remembers the message until PUBACK.",
        make: || level(QoS::AtLeastOnce),
    },
    Setup {
        id: "qos-2",
        name: "QoS 2, exactly once",
        about: "PUBLISH, PUBREC, PUBREL, PUBCOMP on each hop. Both sides remember.",
        make: || level(QoS::ExactlyOnce),
    },
    Setup {
        id: "cut-puback",
        name: "QoS 1, cut before PUBACK",
        about: "The message has arrived, its acknowledgement has not. The publisher comes back and sends it again, and the subscriber gets it twice.",
        make: || cut_before(QoS::AtLeastOnce, Direction::ToClient, PacketType::PubAck),
    },
    Setup {
        id: "cut-publish",
        name: "QoS 2, cut before PUBLISH",
        about: "Nothing has arrived. The publisher sends the message again with DUP, and for the broker it is the first.",
        make: || cut_before(QoS::ExactlyOnce, Direction::ToServer, PacketType::Publish),
    },
    Setup {
        id: "cut-pubrec",
        name: "QoS 2, cut before PUBREC",
        about: "The publisher cannot know that the message has arrived, and sends it again. The broker remembers the packet identifier and does not deliver it again.",
        make: || cut_before(QoS::ExactlyOnce, Direction::ToClient, PacketType::PubRec),
    },
    Setup {
        id: "cut-pubrel",
        name: "QoS 2, cut before PUBREL",
        about: "The publisher has let go of the message. It sends PUBREL again, never PUBLISH.",
        make: || cut_before(QoS::ExactlyOnce, Direction::ToServer, PacketType::PubRel),
    },
    Setup {
        id: "cut-pubcomp",
        name: "QoS 2, cut before PUBCOMP",
        about: "The broker has forgotten the identifier already. PUBREL comes once more, and is answered once more.",
        make: || cut_before(QoS::ExactlyOnce, Direction::ToClient, PacketType::PubComp),
    },
    Setup {
        id: "sleeping",
        name: "A sleeping subscriber",
        about: "Five messages wait in the broker's queue until the subscriber comes back to its session.",
        make: sleeping,
    },
    Setup {
        id: "will",
        name: "A last will",
        about: "The publisher dies without DISCONNECT, and the broker publishes its will.",
        make: will,
    },
    Setup {
        id: "retained",
        name: "A retained message",
        about: "The broker keeps the last value of the topic for whoever subscribes later.",
        make: retained,
    },
    Setup {
        id: "shared",
        name: "A shared subscription",
        about: "Three workers share one subscription. Each job goes to one of them.",
        make: shared,
    },
    Setup {
        id: "forgotten",
        name: "Counterfactual: a forgotten PUBACK",
        about: "Counterfactual: no transport loses one packet, so here the broker forgets to send its PUBACK. A 3.1.1 client may send again on a timer; MQTT 5.0 forbids it.",
        make: forgotten,
    },
];
