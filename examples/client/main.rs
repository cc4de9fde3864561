//! An MQTT client for the command line: the client engine on real sockets.
//!
//! ```text
//! $ cargo run --example client -- sub -t 'sensor/#' -q 1 -v
//! $ cargo run --example client -- pub -t sensor/temperature -m 20.5 -q 1
//! ```
//!
//! `--help` lists the flags, which are those of mosquitto_pub and
//! mosquitto_sub. With `--session FILE` the session is kept in a file, and
//! outlives this program; else in memory, and then `-c` keeps the server's side
//! of it alone, which does for receiving.

// There are no sockets on wasm32, and then there is nothing here.
#![cfg_attr(target_arch = "wasm32", no_main)]
#![cfg(not(target_arch = "wasm32"))]

#[path = "../sockets/mod.rs"]
mod sockets;

mod format;
mod help;
mod job;
mod options;
mod session;

use std::process::ExitCode;

use fourstep::client::{Client, ConnectionNumber, Output, Status};
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::mpsc;
use tokio::time::timeout;

use job::{Failure, Job};
use options::Options;
use session::SessionFile;
use sockets::clock::Clock;
use sockets::{Input, Link, Stream};

fn main() -> ExitCode {
    let options = match Options::parse() {
        Ok(Some(options)) => options,
        Ok(None) => {
            print!("{}", help::TEXT);
            return ExitCode::SUCCESS;
        }
        Err(error) => {
            eprintln!("client: {error}. --help lists the flags.");
            return ExitCode::from(Failure::USAGE);
        }
    };
    let runtime = match tokio::runtime::Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            eprintln!("client: {error}");
            return ExitCode::FAILURE;
        }
    };
    match runtime.block_on(run(options)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("client: {}", failure.message);
            ExitCode::from(failure.code)
        }
    }
}

/// The run loop: do what the client asks for, then wait for something to tell it.
async fn run(options: Options) -> Result<(), Failure> {
    let clock = Clock::start();
    let mut session = options.open_session()?;
    let entries = session.as_ref().map(SessionFile::entries).unwrap_or_default();
    let (mut client, unreadable) = Client::with_session(options.config.clone(), &entries);
    if unreadable > 0 {
        eprintln!("client: {unreadable} entries of the session cannot be read and are skipped");
    }
    let mut job = Job::new(&options);
    let (to_inbox, mut inbox) = mpsc::channel(INBOX);
    let mut connection = ConnectionNumber::default();
    let mut link: Option<Link> = None;
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    let time_limit = options.time_limit.map(|limit| clock.now() + limit);

    client.connect(clock.now())?;
    loop {
        while let Some(output) = client.poll() {
            match output {
                Output::Open(number) => {
                    connection = number;
                    let (host, port) = (options.host.clone(), options.port);
                    let path = options.path.clone();
                    let opening =
                        async move { Stream::connect(&host, port, path.as_deref()).await };
                    tokio::spawn(sockets::run(connection.0, opening, to_inbox.clone()));
                }
                Output::Send(bytes) => {
                    // What the packets depend on is safe before they leave.
                    commit(&mut session)?;
                    if let Some(link) = &link {
                        link.send(bytes);
                    }
                }
                Output::Store(key, value) => {
                    if let Some(session) = &mut session {
                        session.store(key, value);
                    }
                }
                Output::Remove(key) => {
                    if let Some(session) = &mut session {
                        session.remove(&key);
                    }
                }
                Output::Event(event) => job.handle_event(&mut client, clock.now(), event),
                Output::Close(number) => {
                    link = None;
                    client.handle_close(clock.now(), number, "");
                }
            }
        }
        commit(&mut session)?;
        if client.status() == Status::Disconnected {
            // The last packets leave before the program ends.
            drop((link, to_inbox));
            let ending = async { while inbox.recv().await.is_some() {} };
            // The peer may never close, and -W has promised an end.
            let _ = timeout(job.patience(), ending).await;
            return job.finish();
        }
        let has_room = link.as_ref().is_some_and(|link| !link.is_full());
        tokio::select! {
            Some((number, input)) = inbox.recv() => match input {
                // The end of an earlier connection.
                _ if number != connection.0 => {}
                Input::Opened(opened) => {
                    link = Some(opened);
                    client.handle_open(clock.now(), connection);
                }
                Input::Bytes(bytes) => client.handle_bytes(clock.now(), connection, &bytes),
                Input::Progress | Input::Drained => {}
                Input::Closed(why) => {
                    link = None;
                    client.handle_close(clock.now(), connection, &why);
                }
            },
            () = clock.reach(client.next_timeout()) => client.handle_timeout(clock.now()),
            line = job.next_line(), if has_room => job.handle_line(&mut client, clock.now(), line),
            () = clock.reach(time_limit), if !job.is_over() => job.time_out(&mut client, clock.now()),
            _ = terminate.recv() => job.stop(&mut client, clock.now()),
            _ = interrupt.recv() => job.stop(&mut client, clock.now()),
        }
    }
}

fn commit(session: &mut Option<SessionFile>) -> Result<(), Failure> {
    session.as_mut().map_or(Ok(()), SessionFile::commit).map_err(Failure::from)
}

/// Inputs of the socket that wait for the run loop.
const INBOX: usize = 64;
