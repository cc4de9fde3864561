//! The world: everybody, everything between them, and the next thing to
//! happen.

mod act;
mod observe;
mod settle;

use std::collections::BTreeMap;
use std::time::Duration;

use super::host::{Host, TIMER_PAUSE};
use super::inbox::Name;
use super::link::{self, Link, Parties};
use super::random::Random;
use super::{Absence, BrokerSetup, Command, Scenario, Step, Traps};
use crate::broker::{self, Broker};
use crate::time::Instant;
use crate::trace::{Party, Trace};

/// A scenario being played.
#[derive(Clone, Debug)]
pub struct World {
    scenario: Scenario,
    now: Instant,
    /// When something last happened that no step asked for.
    last: Option<Instant>,
    /// What steps ask for, in order.
    agenda: BTreeMap<Turn, Command>,
    next_order: u64,
    hosts: Vec<Host>,
    /// One for each host.
    links: Vec<Link>,
    broker: BrokerHost,
    traps: Traps,
    /// Every death of a process so far.
    absences: Vec<Absence>,
    next_connection: u64,
    /// How often each message was published.
    published: BTreeMap<Name, u32>,
    trace: Trace,
}

/// The broker's machine.
#[derive(Clone, Debug)]
struct BrokerHost {
    config: broker::Config,
    /// `None` while the process is gone.
    engine: Option<Broker>,
    /// What it left on its disk.
    store: Option<broker::Store>,
    /// When a stopped process starts again.
    restart: Option<Instant>,
    /// When the engine's timer was last served.
    served: Option<Instant>,
}

/// The place of something on the agenda: when, then by the step that asked for
/// it (when that was, and which), then by its number in a series. Whether the
/// step was there from the start or came while the world was playing makes no
/// difference to this order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Turn {
    at: Instant,
    step_at: Instant,
    order: u64,
    index: u32,
}

/// What happens next.
#[derive(Clone, Copy, Debug)]
enum Due {
    Agenda,
    StartClient(usize),
    StartBroker,
    Link(usize, link::Due),
    ClientTimer(usize),
    BrokerTimer,
}

impl World {
    /// A world at time zero, in which nothing has happened yet.
    pub fn new(scenario: &Scenario) -> Self {
        let broker_lane = lane_of_broker(scenario.clients.len());
        let mut parties: Vec<String> =
            scenario.clients.iter().map(|client| client.name.to_string()).collect();
        parties.insert(usize::from(broker_lane), "broker".to_owned());
        let links = scenario.clients.iter().enumerate().map(|(index, client)| {
            let parties = Parties { client: lane_of_client(index), broker: broker_lane };
            Link::new(index, parties, client.link.clone(), random(scenario.seed, index))
        });
        let hosts = scenario
            .clients
            .iter()
            .enumerate()
            .map(|(index, client)| Host::new(client, scenario.seed.wrapping_add(index as u64)));
        let mut world = World {
            now: Instant::ZERO,
            last: None,
            agenda: BTreeMap::new(),
            next_order: 0,
            hosts: hosts.collect(),
            links: links.collect(),
            broker: BrokerHost::new(&scenario.broker),
            traps: Traps::default(),
            absences: Vec::new(),
            next_connection: 0,
            published: BTreeMap::new(),
            trace: Trace::new(parties, RECORDS),
            scenario: Scenario { steps: Vec::new(), ..scenario.clone() },
        };
        for step in &scenario.steps {
            world.schedule(step.clone());
        }
        world
    }

    /// Gives a command now, or one microsecond later if something else has
    /// happened at this very moment, and carries it out. It becomes a step of
    /// [`World::scenario`]. Returns its time.
    pub fn command(&mut self, command: Command) -> Instant {
        self.advance_to(self.now);
        let taken = self.last == Some(self.now);
        let at = if taken { self.now + Duration::from_micros(1) } else { self.now };
        let turn = self.schedule(Step { at, command });
        while self.agenda.first_key_value().is_some_and(|(first, _)| *first <= turn) {
            self.step();
        }
        at
    }

    /// Lets everything happen up to this moment, that included, and makes it
    /// the present. A moment that has passed changes nothing.
    pub fn advance_to(&mut self, at: Instant) {
        while self.next_event().is_some_and(|next| next <= at) {
            self.step();
        }
        self.now = self.now.max(at);
    }

    /// Lets the next thing happen, and makes its moment the present. False if
    /// nothing will ever happen.
    pub fn step(&mut self) -> bool {
        let Some((at, due)) = self.next_due() else { return false };
        self.now = self.now.max(at);
        if !matches!(due, Due::Agenda) {
            self.last = Some(self.now);
        }
        self.happen(due);
        self.settle();
        true
    }

    /// When the next thing happens; `None` if nothing ever will.
    pub fn next_event(&self) -> Option<Instant> {
        self.next_due().map(|(at, _)| at.max(self.now))
    }

    /// Lets things happen until [`World::is_quiet`], but not for longer than
    /// `limit`. False if it is not quiet then.
    pub fn run_until_quiet(&mut self, limit: Duration) -> bool {
        let end = self.now + limit;
        while !self.is_quiet() {
            match self.next_event() {
                Some(at) if at <= end => self.step(),
                _ => return false,
            };
        }
        true
    }

    /// Whether all steps are done, nothing is under way, nobody is coming back
    /// and nobody is mistaken about a connection. Only timers are left:
    /// keep-alive, and what the broker lets expire.
    pub fn is_quiet(&self) -> bool {
        self.agenda.is_empty()
            && self.broker.engine.is_some()
            && self.hosts.iter().all(Host::is_quiet)
            && self.links.iter().all(Link::is_quiet)
    }

    /// A copy that has forgotten what crossed the links.
    pub(super) fn without_trace(&mut self) -> World {
        let trace = self.take_trace();
        let copy = self.clone();
        self.put_trace(trace);
        copy
    }

    /// Takes the trace out.
    pub(super) fn take_trace(&mut self) -> Trace {
        std::mem::replace(&mut self.trace, Trace::new(Vec::new(), 1))
    }

    /// Puts a trace in.
    pub(super) fn put_trace(&mut self, trace: Trace) {
        self.trace = trace;
    }

    /// Replaces all steps from this moment on, which has not come yet, by
    /// those of another scenario.
    pub(super) fn reschedule(&mut self, from: Instant, scenario: &Scenario) {
        self.scenario.steps.retain(|step| step.at < from);
        self.agenda.retain(|turn, _| turn.step_at < from);
        for step in scenario.steps.iter().filter(|step| step.at >= from) {
            self.schedule(step.clone());
        }
    }

    /// Puts a step into the scenario and on the agenda.
    fn schedule(&mut self, step: Step) -> Turn {
        let Step { at, command } = step.clone();
        let turn = Turn { at, step_at: at, order: self.next_order, index: 0 };
        self.next_order += 1;
        self.agenda.insert(turn, command);
        let place = self.scenario.steps.partition_point(|other| other.at <= at);
        self.scenario.steps.insert(place, step);
        turn
    }

    /// Of what is due at the same moment, the first in this order.
    fn next_due(&self) -> Option<(Instant, Due)> {
        let agenda = self.agenda.first_key_value().map(|(turn, _)| (turn.at, Due::Agenda));
        let restart = self.broker.restart.map(|at| (at, Due::StartBroker));
        let restarts =
            self.hosts.iter().enumerate().filter_map(|(index, host)| {
                host.restart.map(|(at, _)| (at, Due::StartClient(index)))
            });
        let links = self.links.iter().enumerate().filter_map(|(index, link)| {
            link.next_due().map(|(at, due)| (at, Due::Link(index, due)))
        });
        let timers = self.hosts.iter().enumerate().filter_map(|(index, host)| {
            host.next_timeout().map(|at| (at, Due::ClientTimer(index)))
        });
        let timer = self.broker.next_timeout().map(|at| (at, Due::BrokerTimer));
        let all = agenda.into_iter().chain(restart).chain(restarts).chain(links);
        all.chain(timers).chain(timer).min_by_key(|(at, _)| *at)
    }

    fn happen(&mut self, due: Due) {
        let now = self.now;
        match due {
            Due::Agenda => self.act(),
            Due::StartBroker => self.broker.start(now),
            Due::StartClient(index) => {
                if let Some(Err(error)) =
                    self.hosts.get_mut(index).map(|host| host.start_again(now))
                {
                    self.note_error(index, &error);
                }
            }
            Due::Link(index, due) => {
                let broker_up = self.broker.engine.is_some();
                let told = self
                    .links
                    .get_mut(index)
                    .and_then(|link| link.pass(now, due, broker_up, &mut self.trace));
                if let Some(told) = told {
                    self.tell(index, told);
                }
            }
            Due::ClientTimer(index) => {
                if let Some(host) = self.hosts.get_mut(index) {
                    host.handle_timeout(now);
                }
            }
            Due::BrokerTimer => self.broker.handle_timeout(now),
        }
    }
}

impl BrokerHost {
    fn new(setup: &BrokerSetup) -> Self {
        let mut config = broker::Config::default();
        config.limits.receive_maximum = setup.receive_maximum;
        config.limits.maximum_qos = setup.maximum_qos;
        config.limits.retain_available = setup.retain_available;
        config.limits.queue_capacity = setup.queue_capacity as usize;
        config.limits.pass_on = setup.pass_on;
        config.limits.total_session_bytes = BROKER_BYTES;
        config.limits.retained_bytes = BROKER_BYTES;
        config.limits.connection_bytes = BROKER_BYTES;
        // Nothing is to happen by itself.
        config.limits.sys_interval = 0;
        BrokerHost {
            engine: Some(Broker::new(config.clone())),
            config,
            store: None,
            restart: None,
            served: None,
        }
    }

    fn next_timeout(&self) -> Option<Instant> {
        let at = self.engine.as_ref()?.next_timeout()?;
        Some(self.served.map_or(at, |served| at.max(served + TIMER_PAUSE)))
    }

    fn handle_timeout(&mut self, now: Instant) {
        self.served = Some(now);
        if let Some(engine) = &mut self.engine {
            engine.handle_timeout(now);
        }
    }

    /// The process dies and will start again.
    fn stop(&mut self, at: Instant, keep_store: bool) {
        let kept = self.engine.take().map(Broker::into_store).or(self.store.take());
        self.store = kept.filter(|_| keep_store);
        self.restart = Some(at);
    }

    fn start(&mut self, now: Instant) {
        self.restart = None;
        let config = self.config.clone();
        self.engine = Some(match self.store.take() {
            Some(store) => Broker::with_store(now, config, store),
            None => Broker::new(config),
        });
    }
}

/// The lanes: the first client, the broker, the other clients.
fn lane_of_client(index: usize) -> Party {
    let lane = if index == 0 { 0 } else { index + 1 };
    Party::try_from(lane).unwrap_or(Party::MAX)
}

fn lane_of_broker(clients: usize) -> Party {
    Party::from(clients > 0)
}

fn random(seed: u64, link: usize) -> Random {
    Random::new(seed, link as u64)
}

/// Bytes of the messages that wait in the broker, likewise of retained ones,
/// and of packets that have come in part.
const BROKER_BYTES: usize = 8 << 20;
/// Records that a world's trace holds.
const RECORDS: usize = 100_000;
