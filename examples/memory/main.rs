//! Runs the broker under attacks, and prints what it may keep beside what it
//! took.
//!
//! ```text
//! $ cargo run --release --example memory
//! ```
//!
//! Each attack has a process of its own, so that its peak is its own. The peak
//! is what the system says (`VmHWM` of Linux), less what the process had at
//! its start. It may go above the limit by what passes through: the packet
//! that is being read and a chunk for each connection. The program fails if an
//! attack takes more than that.

// There are no processes on wasm32, and then there is nothing here.
#![cfg_attr(target_arch = "wasm32", no_main)]
#![cfg(not(target_arch = "wasm32"))]

mod attacks;
mod engine;

use std::process::{Command, ExitCode};
use std::{env, fs, io};

use attacks::{ATTACKS, Attack};

fn main() -> ExitCode {
    match env::args().nth(1) {
        None => match run_all() {
            Ok(true) => ExitCode::SUCCESS,
            Ok(false) => ExitCode::FAILURE,
            Err(error) => {
                eprintln!("memory: {error}");
                ExitCode::FAILURE
            }
        },
        Some(name) => match ATTACKS.iter().find(|attack| attack.name == name) {
            Some(attack) => {
                run_one(attack);
                ExitCode::SUCCESS
            }
            None => {
                eprintln!("memory: there is no attack {name:?}");
                ExitCode::from(2)
            }
        },
    }
}

/// Runs each attack in a process of its own. False if one took too much.
fn run_all() -> io::Result<bool> {
    println!("{:<34}{:>12}{:>12}{:>12}  what it sent", "attack", "limit", "counted", "peak");
    let mut all_within = true;
    for attack in ATTACKS {
        let output = Command::new(env::current_exe()?).arg(attack.name).output()?;
        if !output.status.success() {
            let error = String::from_utf8_lossy(&output.stderr);
            return Err(io::Error::other(format!("{}: {error}", attack.name)));
        }
        let line = String::from_utf8_lossy(&output.stdout);
        all_within &= !line.contains(TOO_MUCH);
        print!("{line}");
    }
    Ok(all_within)
}

/// Runs one attack in this process and prints its line.
fn run_one(attack: &Attack) {
    let before = peak();
    let (counted, sent) = (attack.run)();
    let taken = peak().saturating_sub(before);
    let verdict = match taken <= attack.limit + attack.passing {
        true => "",
        false => TOO_MUCH,
    };
    let (limit, counted, taken) = (kilobytes(attack.limit), kilobytes(counted), kilobytes(taken));
    println!("{:<34}{limit:>12}{counted:>12}{taken:>12}  {sent}{verdict}", attack.name);
}

/// The most memory that this process has had, in bytes.
fn peak() -> usize {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let number = line.and_then(|line| line.split_whitespace().next()?.parse::<usize>().ok());
    number.unwrap_or_default() << 10
}

fn kilobytes(bytes: usize) -> String {
    format!("{} kB", bytes.div_ceil(1_000))
}

const TOO_MUCH: &str = "  TOO MUCH";
