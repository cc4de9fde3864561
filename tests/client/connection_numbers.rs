//! Commands that follow each other before the driver has done what the first
//! one asked for.

use std::collections::BTreeSet;

use fourstep::client::{Client, Config, ConnectionNumber, Output, Status};
use fourstep::codec::{ConnAck, Framer, Packet, Properties, ReasonCode, Version, encode};
use fourstep::time::Instant;

use crate::rig::*;

/// The driver of the crate's front page, and a network that answers CONNECT.
struct Driver {
    client: Client,
    version: Version,
    now: Instant,
    /// Whether the network opens a connection at once or at the next `run`.
    opens_at_once: bool,
    opening: BTreeSet<ConnectionNumber>,
    open: BTreeSet<ConnectionNumber>,
    newest: ConnectionNumber,
    /// The connection of each CONNECT.
    connects: Vec<ConnectionNumber>,
}

/// What happens between two polls.
#[derive(Clone, Copy, Debug)]
enum Step {
    Connect,
    Disconnect,
    /// The newest connection breaks.
    Cut,
    /// The driver polls until there is nothing to do.
    Run,
}

impl Driver {
    fn new(config: Config, opens_at_once: bool) -> Self {
        Driver {
            version: config.version,
            client: Client::new(config),
            now: Instant::from_millis(1),
            opens_at_once,
            opening: BTreeSet::new(),
            open: BTreeSet::new(),
            newest: ConnectionNumber::default(),
            connects: Vec::new(),
        }
    }

    fn step(&mut self, step: Step) {
        match step {
            // Whether these are allowed now is not the question.
            Step::Connect => drop(self.client.connect(self.now)),
            Step::Disconnect => drop(self.client.disconnect(self.now)),
            Step::Cut => {
                let newest = self.newest;
                if self.open.remove(&newest) || self.opening.remove(&newest) {
                    self.client.handle_close(self.now, newest, "cut");
                }
            }
            Step::Run => self.run(),
        }
    }

    fn run(&mut self) {
        loop {
            while let Some(output) = self.client.poll() {
                self.carry_out(output);
            }
            let Some(number) = self.opening.pop_first() else { return };
            self.opened(number);
        }
    }

    fn carry_out(&mut self, output: Output) {
        match output {
            Output::Open(number) => {
                self.newest = number;
                if self.opens_at_once {
                    self.opened(number);
                } else {
                    self.opening.insert(number);
                }
            }
            Output::Send(bytes) => {
                assert!(!self.opening.contains(&self.newest), "sent before the connection is open");
                if !self.open.contains(&self.newest) {
                    return; // It broke before this could leave.
                }
                let mut framer = Framer::default();
                framer.push(&bytes);
                while let Some(packet) = framer.next_packet(self.version).expect("framed") {
                    if packet[0] == 0x10 {
                        self.connects.push(self.newest);
                        self.answer();
                    }
                }
            }
            Output::Close(number) => {
                self.open.remove(&number);
                self.opening.remove(&number);
                self.client.handle_close(self.now, number, "");
            }
            Output::Store(..) | Output::Remove(_) | Output::Event(_) => {}
        }
    }

    fn opened(&mut self, number: ConnectionNumber) {
        self.open.insert(number);
        self.client.handle_open(self.now, number);
    }

    fn answer(&mut self) {
        let mut bytes = Vec::new();
        let reason = ReasonCode::Success;
        let connack = ConnAck { session_present: false, reason, properties: Properties::new() };
        encode(self.version, &Packet::ConnAck(connack), &mut bytes).expect("a right packet");
        self.client.handle_bytes(self.now, self.newest, &bytes);
    }
}

#[test]
fn connect_right_after_disconnect_opens_a_connection() {
    for (version, opens_at_once) in [(V4, true), (V4, false), (V5, true), (V5, false)] {
        let mut driver = Driver::new(config(version), opens_at_once);
        driver.step(Step::Connect);
        driver.run();
        driver.client.disconnect(driver.now).expect("connected");
        driver.client.connect(driver.now).expect("disconnected");
        driver.run();
        assert_eq!(driver.client.status(), Status::Connected);
        assert_eq!(driver.open, BTreeSet::from([ConnectionNumber(2)]));
        assert_eq!(driver.connects, [ConnectionNumber(1), ConnectionNumber(2)]);
    }
}

#[test]
fn whatever_is_asked_for_between_two_polls_the_connections_are_those_that_the_client_means() {
    const STEPS: [Step; 4] = [Step::Connect, Step::Disconnect, Step::Cut, Step::Run];
    const LENGTH: u32 = 7;
    for (settings, opens_at_once) in
        [(config(V5), true), (config(V4), false), (reconnecting(V5), false)]
    {
        for script in 0..STEPS.len().pow(LENGTH) {
            let mut driver = Driver::new(settings.clone(), opens_at_once);
            let steps: Vec<Step> = (0..LENGTH)
                .map(|place| STEPS[script / STEPS.len().pow(place) % STEPS.len()])
                .chain([Step::Run])
                .collect();
            steps.iter().for_each(|step| driver.step(*step));
            let expected = match driver.client.status() {
                Status::Connected => BTreeSet::from([driver.newest]),
                Status::Disconnected | Status::WaitingToReconnect { .. } => BTreeSet::new(),
                other => panic!("{other:?} after {steps:?}"),
            };
            assert_eq!(driver.open, expected, "{steps:?}");
            let mut connects = driver.connects.clone();
            connects.dedup();
            assert_eq!(connects, driver.connects, "one CONNECT for each: {steps:?}");
        }
    }
}

#[test]
fn what_arrives_for_an_earlier_connection_is_ignored() {
    let mut rig = Rig::connected(config(V5), none());
    let earlier = rig.connection;
    rig.client.disconnect(rig.now).expect("connected");
    rig.client.connect(rig.now).expect("disconnected");
    rig.accept(false, none());
    rig.events();
    rig.client.handle_bytes(rig.now, earlier, &[0xFF]);
    rig.client.handle_open(rig.now, earlier);
    rig.client.handle_close(rig.now, earlier, "late");
    assert_eq!((rig.events(), rig.client.status()), (vec![], Status::Connected));
}
