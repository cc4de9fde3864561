//! What `pub` and `sub` do once there is a connection.

use std::collections::BTreeSet;
use std::io::{self, BufRead, Write};
use std::time::Duration;

use fourstep::client::{Client, ClosedReason, CommandError, Event, Status};
use fourstep::codec::{Properties, Publish, ReasonCode};
use fourstep::session::{Outcome, Token};
use fourstep::time::Instant;
use tokio::sync::mpsc;

use crate::options::{Action, Options, Source};

/// Why the program ends with an exit code other than 0.
#[derive(Debug)]
pub struct Failure {
    /// The exit code.
    pub code: u8,
    /// For standard error.
    pub message: String,
}

impl Failure {
    /// Something went wrong on the way.
    pub const FAILED: u8 = 1;
    /// The flags make no sense.
    pub const USAGE: u8 = 2;
    /// The time limit of `-W` came first; the number is mosquitto_sub's.
    pub const TIMED_OUT: u8 = 27;

    fn new(message: impl ToString) -> Self {
        Failure { code: Failure::FAILED, message: message.to_string() }
    }
}

impl From<CommandError> for Failure {
    fn from(error: CommandError) -> Self {
        Failure::new(error)
    }
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        Failure::new(error)
    }
}

/// One run of `pub` or `sub`.
pub struct Job {
    action: Action,
    /// Lines that are still to be published.
    lines: Option<mpsc::Receiver<io::Result<Vec<u8>>>>,
    unfinished: BTreeSet<Token>,
    received: u64,
    was_connected: bool,
    /// Whether there is a file to go on from another time.
    keeps_session: bool,
    is_over: bool,
    failure: Option<Failure>,
    is_verbose: bool,
}

impl Job {
    /// A job that waits for its connection.
    pub fn new(options: &Options) -> Self {
        let lines = match &options.action {
            Action::Publish { source: Source::Lines, .. } => Some(read_lines()),
            _ => None,
        };
        Job {
            action: options.action.clone(),
            lines,
            unfinished: BTreeSet::new(),
            received: 0,
            was_connected: false,
            keeps_session: options.session.is_some(),
            is_over: false,
            failure: None,
            is_verbose: options.is_verbose,
        }
    }

    /// Whether it has said goodbye.
    pub fn is_over(&self) -> bool {
        self.is_over
    }

    /// Takes the next step.
    pub fn handle_event(&mut self, client: &mut Client, now: Instant, event: Event) {
        match event {
            Event::Connected(connack) => {
                self.log(format_args!("connected, session present {}", connack.session_present));
                // Where the server has lost the session, the engine asks for everything again.
                if !std::mem::replace(&mut self.was_connected, true) {
                    let started = self.start(client, now);
                    self.check(client, now, started);
                }
            }
            Event::Message(message) => {
                let printed = self.print(client, now, &message);
                self.check(client, now, printed);
            }
            Event::Subscribed { grants, .. } => {
                self.log(format_args!("subscribed"));
                for grant in grants.iter().filter(|grant| grant.reason.is_error()) {
                    let refusal = format!("{}: {}", grant.filter, grant.reason);
                    self.check(client, now, Err(Failure::new(refusal)));
                }
            }
            Event::Finished(token, outcome) => {
                self.unfinished.remove(&token);
                self.keep(problem(outcome).map_or(Ok(()), |it| Err(Failure::new(it))));
                self.stop_when_done(client, now);
            }
            Event::Closed(reason) => self.handle_closed(client, now, reason),
            Event::SessionDiscarded => {
                eprintln!("client: the server's session, unknown here, is discarded");
            }
            Event::SessionAdopted => {
                self.log(format_args!("the server's session is taken over"));
            }
            Event::WrongAnswer(answer) => eprintln!("client: {answer}"),
            Event::Held(token) => {
                eprintln!("client: each connection ends before message {} is answered", token.0);
                // No person is there to decide.
                let _ = client.give_up(now, token);
            }
            Event::Authenticate(_) | Event::StartedOver(_) | Event::Unsubscribed { .. } => {}
        }
    }

    /// The next line to publish; waits for ever if there will be none, or while
    /// enough are under way.
    pub async fn next_line(&mut self) -> Option<io::Result<Vec<u8>>> {
        match &mut self.lines {
            Some(lines) if self.unfinished.len() < MOST_UNFINISHED => lines.recv().await,
            _ => std::future::pending().await,
        }
    }

    /// Publishes a line; `None` is the end of the input.
    pub fn handle_line(
        &mut self,
        client: &mut Client,
        now: Instant,
        line: Option<io::Result<Vec<u8>>>,
    ) {
        match line {
            Some(Ok(line)) => {
                let published = self.publish(client, now, line);
                self.check(client, now, published);
            }
            Some(Err(error)) => self.check(client, now, Err(error.into())),
            None => {
                self.lines = None;
                self.stop_when_done(client, now);
            }
        }
    }

    /// The time limit has come.
    pub fn time_out(&mut self, client: &mut Client, now: Instant) {
        let failure = Failure { code: Failure::TIMED_OUT, message: "timed out".to_owned() };
        self.check(client, now, Err(failure));
    }

    /// Says goodbye.
    pub fn stop(&mut self, client: &mut Client, now: Instant) {
        self.is_over = true;
        // Without a connection there is nothing to end.
        let _ = client.disconnect(now);
    }

    /// How long the end of the connection is waited for, once all is said.
    pub fn patience(&self) -> Duration {
        let has_timed_out = |failure: &Failure| failure.code == Failure::TIMED_OUT;
        if self.failure.as_ref().is_some_and(has_timed_out) { SHORT } else { LONG }
    }

    /// How it ended, once the connection has.
    pub fn finish(self) -> Result<(), Failure> {
        self.failure.map_or(Ok(()), Err)
    }

    /// The client comes back by itself, but not to where it never was.
    fn handle_closed(&mut self, client: &mut Client, now: Instant, reason: ClosedReason) {
        let comes_back = matches!(client.status(), Status::WaitingToReconnect { .. });
        if comes_back && self.was_connected {
            eprintln!("client: {reason}");
        } else if let ClosedReason::UnknownSession { .. } = reason {
            let what = match self.keeps_session {
                true => "Leave --session out once to discard it.",
                false => "Keep it in a file (--session FILE), or leave -c out to discard it.",
            };
            self.check(client, now, Err(Failure::new(format!("{reason} {what}"))));
        } else if reason != ClosedReason::Disconnected
            && !matches!(reason, ClosedReason::SessionDiscarded)
        {
            self.check(client, now, Err(Failure::new(reason)));
        }
    }

    fn start(&mut self, client: &mut Client, now: Instant) -> Result<(), Failure> {
        match &self.action {
            Action::Publish { source: Source::Payload(payload), .. } => {
                let payload = payload.to_vec();
                self.publish(client, now, payload)
            }
            Action::Publish { source: Source::Lines, .. } => Ok(()),
            Action::Subscribe { subscriptions, .. } => {
                client.subscribe(now, subscriptions.clone(), Properties::new())?;
                Ok(())
            }
        }
    }

    fn publish(
        &mut self,
        client: &mut Client,
        now: Instant,
        payload: Vec<u8>,
    ) -> Result<(), Failure> {
        let Action::Publish { topic, qos, retain, .. } = &self.action else { return Ok(()) };
        let message = Publish {
            topic: topic.clone(),
            qos: *qos,
            retain: *retain,
            payload: payload.into(),
            ..Publish::default()
        };
        self.unfinished.insert(client.publish(now, message)?);
        Ok(())
    }

    fn stop_when_done(&mut self, client: &mut Client, now: Instant) {
        if !self.unfinished.is_empty() || self.lines.is_some() || self.is_over {
            return;
        }
        // What an earlier run has left in the session's file is sent too.
        let picture = client.snapshot();
        if !self.keeps_session || picture.outbound_total + picture.queued == 0 {
            self.stop(client, now);
        }
    }

    fn print(
        &mut self,
        client: &mut Client,
        now: Instant,
        message: &Publish,
    ) -> Result<(), Failure> {
        let Action::Subscribe { format, count, .. } = &self.action else { return Ok(()) };
        if self.is_over {
            return Ok(());
        }
        let mut out = io::stdout().lock();
        format.write(message, &mut out)?;
        out.flush()?;
        self.received += 1;
        if *count == Some(self.received) {
            self.stop(client, now);
        }
        Ok(())
    }

    /// Stops at a failure.
    fn check(&mut self, client: &mut Client, now: Instant, result: Result<(), Failure>) {
        if self.keep(result) {
            self.stop(client, now);
        }
    }

    /// Keeps the first failure for the end; says whether it is one.
    fn keep(&mut self, result: Result<(), Failure>) -> bool {
        match result {
            Ok(()) => false,
            Err(failure) => {
                self.failure.get_or_insert(failure);
                true
            }
        }
    }

    fn log(&self, what: std::fmt::Arguments<'_>) {
        if self.is_verbose {
            eprintln!("client: {what}");
        }
    }
}

/// Why a message did not arrive at the server, if it did not.
fn problem(outcome: Outcome) -> Option<String> {
    match outcome {
        Outcome::Sent
        | Outcome::AcknowledgedBy(_)
        | Outcome::Acknowledged(ReasonCode::Success | ReasonCode::NoMatchingSubscribers) => None,
        Outcome::Acknowledged(reason) | Outcome::Refused(reason) => {
            Some(format!("the server refused the message: {reason}"))
        }
        Outcome::NotSupported => Some("the server does not take such messages".to_owned()),
        Outcome::Received(_) => {
            Some("the server took the message, and then lost the session".to_owned())
        }
        Outcome::Expired | Outcome::Dropped | Outcome::SessionLost | Outcome::GivenUp { .. } => {
            Some("the message was given up".to_owned())
        }
    }
}

/// Reads standard input on a thread of its own, which may wait there when the
/// program ends.
fn read_lines() -> mpsc::Receiver<io::Result<Vec<u8>>> {
    let (sender, receiver) = mpsc::channel(1);
    std::thread::spawn(move || {
        for line in io::stdin().lock().split(b'\n') {
            if sender.blocking_send(line).is_err() {
                return;
            }
        }
    });
    receiver
}

/// For a peer that closes as it should, and for one that is given up on.
const LONG: Duration = Duration::from_secs(15);
const SHORT: Duration = Duration::from_millis(200);
/// Lines under way at one time.
const MOST_UNFINISHED: usize = 1_000;
