//! Arbitrary bytes as a script of four clients, damage and time for a broker:
//! no panic, no limit exceeded, no spinning timer, nothing wrong on the wire.

#![no_main]

use libfuzzer_sys::fuzz_target;

#[path = "../../tests/common/broker_script.rs"]
mod broker_script;

fuzz_target!(|script: &[u8]| {
    broker_script::run(script);
});
