//! A client whose storage fails at any commit, and whose process ends at any
//! packet after that, with a real broker between it and a watcher.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{Write as _, stdout};

use bytes::Bytes;
use fourstep::broker::{self, Broker, ConnectionId};
use fourstep::client::{Backoff, Client, Config, ConnectionNumber, Event, Output, UnknownSession};
use fourstep::codec::{Properties, Publish, QoS, Subscription, Version};
use fourstep::session::{Key, Outcome, Token};
use fourstep::time::Instant;

/// What a driver does when a commit fails, before anything leaves that depends
/// on it.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Remedy {
    /// The store is marked as not to be used, and the session goes on in
    /// memory.
    Mark,
    /// The store is opened again, and the whole export is written.
    Rewrite,
    /// The store is used further, without what was lost: wrong.
    Ignore,
}

#[test]
fn a_store_that_fails_at_any_commit_loses_no_message_that_was_reported_acknowledged() {
    let mut cases = 0;
    for version in [Version::V311, Version::V5] {
        for remedy in [Remedy::Mark, Remedy::Rewrite] {
            let whole = Net::play(version, remedy, usize::MAX, usize::MAX);
            let (commits, sends) = (whole.writer.commits, whole.writer.sends);
            assert!(commits > 10 && sends > 5, "{commits} commits, {sends} packets");
            for fails_at in 0..=commits {
                for ends_at in 0..sends {
                    Net::play(version, remedy, fails_at, ends_at).check().expect("it holds");
                    cases += 1;
                }
            }
        }
    }
    writeln!(stdout(), "{cases} cases: a failure at each commit, an end at each packet")
        .expect("there is an output");
    assert!(cases > 300, "{cases}");
}

#[test]
fn the_check_that_finds_nothing_elsewhere_finds_a_store_that_is_used_without_what_it_lost() {
    let mut all = (0..40).map(|at| Net::play(Version::V5, Remedy::Ignore, at, usize::MAX - 1));
    assert!(all.any(|net| net.check().is_err()));
}

/// A broker, the client whose store fails, and a watcher that never fails. Time
/// moves only when all is quiet.
struct Net {
    broker: Broker,
    now: Instant,
    writer: Machine,
    watcher: Machine,
    next_connection: u64,
    remedy: Remedy,
    fails_at: usize,
    ends_at: usize,
    has_ended: bool,
}

struct Machine {
    config: Config,
    client: Client,
    store: BTreeMap<Key, Bytes>,
    is_usable: bool,
    has_failed: bool,
    commits: usize,
    sends: usize,
    connection: Option<(ConnectionId, ConnectionNumber)>,
    /// Payloads in the order of delivery.
    delivered: Vec<String>,
    names: BTreeMap<Token, String>,
    acknowledged: BTreeSet<String>,
}

impl Machine {
    fn new(config: Config) -> Self {
        Machine {
            client: Client::new(config.clone()),
            config,
            store: BTreeMap::new(),
            is_usable: true,
            has_failed: false,
            commits: 0,
            sends: 0,
            connection: None,
            delivered: Vec::new(),
            names: BTreeMap::new(),
            acknowledged: BTreeSet::new(),
        }
    }

    fn publish(&mut self, now: Instant, topic: &str, name: &str) {
        let message = Publish {
            topic: topic.into(),
            qos: QoS::ExactlyOnce,
            payload: Bytes::copy_from_slice(name.as_bytes()),
            ..Publish::default()
        };
        let token = self.client.publish(now, message).expect("there is room");
        self.names.insert(token, name.to_owned());
    }
}

impl Net {
    fn play(version: Version, remedy: Remedy, fails_at: usize, ends_at: usize) -> Net {
        let mut net = Net {
            broker: Broker::new(broker::Config::default()),
            now: Instant::from_millis(1),
            writer: Machine::new(config(version, "writer", true)),
            watcher: Machine::new(config(version, "watcher", false)),
            next_connection: 0,
            remedy,
            fails_at,
            ends_at,
            has_ended: false,
        };
        net.connect();
        net.subscribe();
        for round in ["before", "meanwhile", "after"] {
            for number in 0..2 {
                net.writer.publish(net.now, "out", &format!("{round} {number}"));
                net.watcher.publish(net.now, "in", &format!("to writer {round} {number}"));
            }
            net.settle();
            if round == "meanwhile" && !net.has_ended && net.ends_at != usize::MAX {
                net.end();
            }
            net.settle();
            net.connect();
            net.subscribe();
        }
        net
    }

    fn check(&self) -> Result<(), String> {
        let case = format!("{:?} fails at {} ends at {}", self.remedy, self.fails_at, self.ends_at);
        let once = |list: &[String], name: &str| match list.iter().filter(|it| *it == name).count()
        {
            1 => Ok(()),
            copies => Err(format!("{case}: {name} arrived {copies} times: {list:?}")),
        };
        for name in &self.writer.acknowledged {
            once(&self.watcher.delivered, name)?;
        }
        for number in 0..2 {
            let name = format!("after {number}");
            if !self.writer.acknowledged.contains(&name) {
                return Err(format!("{case}: {name} is stuck"));
            }
            once(&self.writer.delivered, &format!("to writer after {number}"))?;
        }
        Ok(())
    }

    fn connect(&mut self) {
        for machine in [&mut self.writer, &mut self.watcher] {
            // Connected already, or coming back by itself.
            let _ = machine.client.connect(self.now);
        }
        self.settle();
    }

    /// A new process asks again for what it wants.
    fn subscribe(&mut self) {
        for (machine, filter) in [(&mut self.writer, "in"), (&mut self.watcher, "out")] {
            if machine.client.snapshot().subscriptions.is_empty() {
                let filter = filter.into();
                let wanted =
                    Subscription { filter, qos: QoS::ExactlyOnce, ..Subscription::default() };
                let asked = machine.client.subscribe(self.now, vec![wanted], Properties::new());
                asked.expect("it is connected");
            }
        }
        self.settle();
    }

    /// Runs everything until nothing moves, timers of less than a minute too.
    fn settle(&mut self) {
        let end = self.now + std::time::Duration::from_secs(20);
        loop {
            while self.drain_client(true) | self.drain_client(false) | self.drain_broker() {}
            let timers = [&self.writer, &self.watcher].map(|it| it.client.next_timeout());
            match timers.into_iter().flatten().min().filter(|at| *at <= end) {
                Some(at) => self.now = at.max(self.now),
                None => return self.now = end,
            }
            self.writer.client.handle_timeout(self.now);
            self.watcher.client.handle_timeout(self.now);
        }
    }

    fn drain_client(&mut self, is_writer: bool) -> bool {
        let mut moved = false;
        loop {
            let machine = if is_writer { &mut self.writer } else { &mut self.watcher };
            let Some(output) = machine.client.poll() else { return moved };
            moved = true;
            match output {
                Output::Open(number) => {
                    let id = ConnectionId(self.next_connection);
                    self.next_connection += 1;
                    machine.connection = Some((id, number));
                    self.broker.handle_open(self.now, id);
                    machine.client.handle_open(self.now, number);
                }
                Output::Send(bytes) => {
                    machine.sends += 1;
                    if let Some((id, _)) = machine.connection {
                        self.broker.handle_bytes(self.now, id, &bytes);
                    }
                    if is_writer && !self.has_ended && self.writer.sends > self.ends_at {
                        self.end();
                    }
                }
                Output::Close(_) => {
                    if let Some((id, number)) = machine.connection.take() {
                        self.broker.handle_close(self.now, id);
                        machine.client.handle_close(self.now, number, "closed");
                    }
                }
                Output::Store(key, value) => self.commit(is_writer, key, Some(value)),
                Output::Remove(key) => self.commit(is_writer, key, None),
                Output::Event(Event::Message(message)) => {
                    let name = String::from_utf8_lossy(&message.payload).into_owned();
                    machine.delivered.push(name);
                }
                Output::Event(Event::Finished(token, Outcome::Acknowledged(_))) => {
                    machine.acknowledged.extend(machine.names.get(&token).cloned());
                }
                Output::Event(_) => {}
            }
        }
    }

    fn drain_broker(&mut self) -> bool {
        let mut moved = false;
        while let Some(output) = self.broker.poll() {
            moved = true;
            for machine in [&mut self.writer, &mut self.watcher] {
                match (&output, machine.connection) {
                    (broker::Output::Send(to, bytes), Some((id, number))) if *to == id => {
                        machine.client.handle_bytes(self.now, number, bytes);
                    }
                    (broker::Output::Close(to), Some((id, number))) if *to == id => {
                        machine.connection = None;
                        machine.client.handle_close(self.now, number, "closed by the broker");
                    }
                    _ => {}
                }
            }
        }
        moved
    }

    /// One change of the store. The one that fails is made good at once, or
    /// the store is marked.
    fn commit(&mut self, is_writer: bool, key: Key, value: Option<Bytes>) {
        let machine = if is_writer { &mut self.writer } else { &mut self.watcher };
        let fails = is_writer && machine.commits == self.fails_at && !machine.has_failed;
        machine.commits += 1;
        if fails {
            machine.has_failed = true;
            match self.remedy {
                Remedy::Ignore => {}
                Remedy::Mark => machine.is_usable = false,
                Remedy::Rewrite => {
                    machine.store = machine.client.export_session().into_iter().collect()
                }
            }
            return;
        }
        match value {
            Some(value) => drop(machine.store.insert(key, value)),
            None => drop(machine.store.remove(&key)),
        }
    }

    /// The writer's process ends, and another starts with what the store says.
    fn end(&mut self) {
        self.has_ended = true;
        let writer = &mut self.writer;
        if let Some((id, _)) = writer.connection.take() {
            self.broker.handle_close(self.now, id);
        }
        if !writer.is_usable {
            writer.store.clear();
            writer.names.clear();
            writer.is_usable = true;
        }
        let entries: Vec<_> = writer.store.clone().into_iter().collect();
        let (client, unreadable) = Client::with_session(writer.config.clone(), &entries);
        assert_eq!(unreadable, 0);
        writer.client = client;
        writer.client.connect(self.now).expect("the configuration is right");
    }
}

fn config(version: Version, name: &str, durable: bool) -> Config {
    let mut config = Config {
        clean_start: false,
        session_expiry_interval: u32::MAX,
        keep_alive: 0,
        reconnect: Some(Backoff::new(1)),
        unknown_session: UnknownSession::StartOver,
        ..Config::new(version, name.to_owned())
    };
    config.limits.durable = durable;
    config
}
