//! Scenarios, written down as one tells them.

use std::time::Duration;

use bytestring::ByteString;

use super::Selector;
use super::sensor::Sensor;
use crate::codec::{QoS, Subscription, Version};
use crate::sim::setups::LATENCY;
use crate::sim::{
    BrokerSetup, ClientSetup, Command, Fault, Publication, Scenario, Step, What, When,
};
use crate::time::Instant;

/// A scenario in the making: first who takes part, then what happens when.
///
/// Clients are named; a name that nobody bears makes a step without effect,
/// and the test that plays every lesson refuses it.
#[derive(Clone, Debug)]
pub struct Script {
    scenario: Scenario,
    version: Version,
    at: Instant,
}

/// The name of the client that publishes.
pub const PUBLISHER: &str = "publisher";
/// The name of the client that subscribes.
pub const SUBSCRIBER: &str = "subscriber";
/// The running example's topic.
pub const TOPIC: &str = "sensor/temperature";
/// Milliseconds after which both of a [`pair`] are connected and the SUBACK
/// has come.
pub const READY: u64 = 2_500;
/// The connection is cut and can be opened again at once.
pub const CUT: What = What::Cut { down_for: Duration::ZERO };

/// A publisher and a subscriber to all of `sensor/` at this QoS, connected at
/// once; the script goes on at [`READY`].
pub fn pair(version: Version, granted: QoS) -> Script {
    Script::new(version)
        .client(PUBLISHER)
        .client(SUBSCRIBER)
        .connect(PUBLISHER)
        .connect(SUBSCRIBER)
        .subscribe(SUBSCRIBER, "sensor/#", granted)
        .at(READY)
}

/// One reading of the sensor: 20.5.
pub fn reading(qos: QoS) -> Publication {
    Publication::new(TOPIC, "20.5", qos)
}

/// The running example: ten readings, one a second, from 20.0 in steps of 0.5.
pub fn sensor(qos: QoS) -> Publication {
    Sensor { qos, ..Sensor::default() }.publication()
}

impl Script {
    /// Nobody but a broker; clients will speak this version.
    pub fn new(version: Version) -> Self {
        let scenario = Scenario { seed: 1, ..Scenario::default() };
        Script { scenario, version, at: Instant::ZERO }
    }

    /// Goes on with a scenario that is there already, from time zero.
    pub fn on(scenario: Scenario) -> Self {
        let version = scenario.clients.first().map_or(Version::default(), |client| client.version);
        Script { scenario, version, at: Instant::ZERO }
    }

    /// Adds a client whose session outlives its connection, who comes back
    /// after half a second to a second, and whose link takes 300 ms each way.
    pub fn client(self, name: &'static str) -> Self {
        self.client_with(name, |_| {})
    }

    /// The same, changed.
    pub fn client_with(
        mut self,
        name: &'static str,
        change: impl FnOnce(&mut ClientSetup),
    ) -> Self {
        let mut client = ClientSetup::new(name, self.version);
        client.link.latency = LATENCY;
        change(&mut client);
        self.scenario.clients.push(client);
        self
    }

    /// Changes a client that is there already.
    pub fn with(mut self, name: &str, change: impl FnOnce(&mut ClientSetup)) -> Self {
        let client = self.index(name);
        if let Some(client) = self.scenario.clients.get_mut(client) {
            change(client);
        }
        self
    }

    /// Changes the broker.
    pub fn broker(mut self, change: impl FnOnce(&mut BrokerSetup)) -> Self {
        change(&mut self.scenario.broker);
        self
    }

    /// What follows happens at this moment, in milliseconds from the start.
    pub fn at(self, millis: u64) -> Self {
        Script { at: Instant::from_millis(millis), ..self }
    }

    /// What follows happens so many milliseconds later.
    pub fn later(self, millis: u64) -> Self {
        let at = self.at + Duration::from_millis(millis);
        Script { at, ..self }
    }

    /// The client connects.
    pub fn connect(self, client: &str) -> Self {
        let client = self.index(client);
        self.step(Command::Connect(client))
    }

    /// The client says goodbye.
    pub fn disconnect(self, client: &str) -> Self {
        let client = self.index(client);
        self.step(Command::Disconnect(client))
    }

    /// The client publishes.
    pub fn publish(self, client: &str, publication: Publication) -> Self {
        let client = self.index(client);
        self.step(Command::Publish(client, publication))
    }

    /// The client subscribes.
    pub fn subscribe(self, client: &str, filter: impl Into<ByteString>, qos: QoS) -> Self {
        let filter = filter.into();
        self.subscribe_with(client, Subscription { filter, qos, ..Subscription::default() })
    }

    /// The client subscribes, with the options of 5.0.
    pub fn subscribe_with(self, client: &str, subscription: Subscription) -> Self {
        let client = self.index(client);
        self.step(Command::Subscribe(client, subscription))
    }

    /// The client unsubscribes.
    pub fn unsubscribe(self, client: &str, filter: impl Into<ByteString>) -> Self {
        let client = self.index(client);
        self.step(Command::Unsubscribe(client, filter.into()))
    }

    /// From this moment on, something waits to go wrong as this packet is
    /// about to arrive.
    pub fn before(self, packet: Selector, what: What) -> Self {
        self.fault(packet, what, When::Before)
    }

    /// From this moment on, something waits to go wrong as soon as this packet
    /// has arrived and the receiver has reacted.
    pub fn after(self, packet: Selector, what: What) -> Self {
        self.fault(packet, what, When::After)
    }

    /// Something goes wrong on this client's link, at this moment.
    pub fn now(self, client: &str, what: What) -> Self {
        let client = self.index(client);
        self.step(Command::Fault(Fault { client, when: When::Now, what }))
    }

    /// Anything else that can happen.
    pub fn step(mut self, command: Command) -> Self {
        let steps = &mut self.scenario.steps;
        let place = steps.partition_point(|step| step.at <= self.at);
        steps.insert(place, Step { at: self.at, command });
        self
    }

    /// The scenario.
    pub fn finish(self) -> Scenario {
        self.scenario
    }

    fn fault(self, packet: Selector, what: What, when: fn(crate::sim::Crossing) -> When) -> Self {
        let client = self.index(packet.client());
        // What selects no packet strikes at once, where a test finds it.
        let when = packet.crossing().map_or(When::Now, when);
        self.step(Command::Fault(Fault { client, when, what }))
    }

    /// The client with this name, or one that does not exist.
    fn index(&self, name: &str) -> usize {
        let found = self.scenario.clients.iter().position(|client| client.name == name);
        found.unwrap_or(usize::MAX)
    }
}

/// Longer than any world of the course is busy.
pub const LONGEST: Duration = Duration::from_secs(600);
