//! The run loop: one task owns the broker, tells it what happens, and does
//! what it asks for.

use std::collections::HashMap;
use std::io;
use std::time::Duration;

use fourstep::broker::{Broker, ConnectionId, Event, Output};
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::mpsc;
use tokio::task::yield_now;
use tokio::time::timeout;

use crate::authentication::Challenges;
use crate::listener::Listeners;
use crate::options::Options;
use crate::sockets::clock::Clock;
use crate::sockets::{Input, Link};

/// Serves until it is told to end.
pub async fn run(options: Options) -> io::Result<()> {
    let (to_inbox, mut inbox) = mpsc::channel(INBOX);
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    let listeners = Listeners::open(&options, to_inbox).await?;
    let mut server = Server {
        clock: Clock::start(),
        broker: Broker::new(options.config),
        links: HashMap::new(),
        challenges: Challenges::default(),
        is_verbose: options.is_verbose,
    };
    loop {
        server.carry_out();
        // The sockets come first, so that a link is full only if its peer does not read.
        yield_now().await;
        tokio::select! {
            Some((number, input)) = inbox.recv() => {
                server.handle(ConnectionId(number), input);
                for _ in 1..BATCH {
                    let Ok((number, input)) = inbox.try_recv() else { break };
                    server.handle(ConnectionId(number), input);
                }
            }
            () = server.clock.reach(server.broker.next_timeout()) => {
                server.broker.handle_timeout(server.clock.now());
            }
            _ = terminate.recv() => break,
            _ = interrupt.recv() => break,
        }
    }
    // Nobody new, a word to everybody, and time for it to arrive.
    drop(listeners);
    server.broker.shut_down(server.clock.now());
    server.carry_out();
    drop(server);
    let _ = timeout(LAST_WORDS, async { while inbox.recv().await.is_some() {} }).await;
    Ok(())
}

struct Server {
    clock: Clock,
    broker: Broker,
    /// The connections that are open.
    links: HashMap<ConnectionId, Link>,
    challenges: Challenges,
    is_verbose: bool,
}

impl Server {
    /// Tells the broker what a socket reports.
    fn handle(&mut self, connection: ConnectionId, input: Input) {
        let now = self.clock.now();
        match input {
            Input::Opened(link) => {
                self.links.insert(connection, link);
                self.broker.handle_open(now, connection);
            }
            Input::Bytes(bytes) => self.broker.handle_bytes(now, connection, &bytes),
            Input::Progress => self.broker.handle_progress(now, connection),
            Input::Drained => self.broker.handle_blocked(now, connection, false),
            Input::Closed(_) => {
                self.links.remove(&connection);
                self.broker.handle_close(now, connection);
            }
        }
        self.carry_out();
        if let Some(link) = self.links.get(&connection) {
            link.hold(!self.broker.reads(connection));
        }
    }

    /// Does everything that the broker asks for, in order.
    fn carry_out(&mut self) {
        while let Some(output) = self.broker.poll() {
            match output {
                Output::Send(connection, bytes) => {
                    let is_full = self.links.get(&connection).is_some_and(|it| it.send(bytes));
                    if is_full {
                        self.broker.handle_blocked(self.clock.now(), connection, true);
                    }
                }
                Output::Close(connection) => {
                    self.links.remove(&connection);
                }
                Output::Event(event) => self.handle_event(event),
            }
        }
    }

    fn handle_event(&mut self, event: Event) {
        if self.is_verbose {
            log(&event);
        }
        match event {
            Event::Authenticate { connection, data, .. } => {
                let verdict = self.challenges.judge(connection, data);
                self.broker.authenticate(self.clock.now(), connection, verdict);
            }
            Event::Disconnected { connection, .. } => self.challenges.forget(connection),
            Event::Connected { .. }
            | Event::SessionExpired(_)
            | Event::Refused { .. }
            | Event::Dropped(_) => {}
        }
    }
}

fn log(event: &Event) {
    match event {
        Event::Connected { connection, client_identifier, session_present } => {
            let session = if *session_present { "goes on with its session" } else { "is new" };
            eprintln!("{}: {client_identifier:?} {session}", connection.0);
        }
        Event::Disconnected { connection, client_identifier, reason, why } => {
            eprintln!("{}: {client_identifier:?} has gone: {reason}. {why}", connection.0);
        }
        Event::Authenticate { connection, method, .. } => {
            eprintln!("{}: authenticates by {method:?}", connection.0);
        }
        Event::SessionExpired(client) => eprintln!("the session of {client:?} has expired"),
        Event::Refused { client_identifier, reason } => {
            eprintln!("a message of {client_identifier:?} was not accepted: {reason}");
        }
        Event::Dropped(client) => eprintln!("a message for {client:?} was dropped"),
    }
}

/// Inputs of all sockets that wait for the run loop.
const INBOX: usize = 256;

/// Inputs that are handled before the sockets have their turn. What they hold
/// does not fill a link.
const BATCH: usize = 8;

/// How long the program waits for its clients to read that it ends.
const LAST_WORDS: Duration = Duration::from_secs(3);
