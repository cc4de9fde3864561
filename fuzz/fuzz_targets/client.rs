//! Arbitrary bytes as a script of configuration, commands, packets, damage and
//! time for a client: no panic, no spinning timer, nothing wrong on the wire.

#![no_main]

use libfuzzer_sys::fuzz_target;

#[path = "../../tests/common/client_script.rs"]
mod client_script;

fuzz_target!(|script: &[u8]| {
    client_script::run(script);
});
