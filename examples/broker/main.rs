//! An MQTT broker for the command line: the broker engine on real sockets.
//!
//! ```text
//! $ cargo run --release --example broker -- --tcp 127.0.0.1:1883 --websocket 127.0.0.1:9001
//! listening on tcp 127.0.0.1:1883
//! listening on websocket 127.0.0.1:9001
//! ```
//!
//! `--help` lists the flags. Sessions and retained messages are kept in
//! memory and end with the program.

// There are no sockets on wasm32, and then there is nothing here.
#![cfg_attr(target_arch = "wasm32", no_main)]
#![cfg(not(target_arch = "wasm32"))]

#[path = "../sockets/mod.rs"]
mod sockets;

mod authentication;
mod help;
mod listener;
mod options;
mod server;

use std::io;
use std::process::ExitCode;

use options::Options;

fn main() -> ExitCode {
    let options = match Options::parse() {
        Ok(Some(options)) => options,
        Ok(None) => {
            print!("{}", help::TEXT);
            return ExitCode::SUCCESS;
        }
        Err(error) => {
            eprintln!("broker: {error}. --help lists the flags.");
            return ExitCode::from(2);
        }
    };
    match run(options) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("broker: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(options: Options) -> io::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(server::run(options))
}
