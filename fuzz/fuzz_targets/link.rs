//! Arbitrary text as the link of a set-up: it is refused, or it says the same
//! after it was written again, and its world can be played.

#![no_main]

use fourstep::sim::{Scenario, ShareError, World};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let Ok(scenario) = Scenario::from_link(text) else { return };
    match scenario.to_link() {
        Ok(link) => assert_eq!(Scenario::from_link(&link), Ok(scenario.clone())),
        // A text that left out what it could may be just short enough.
        Err(error) => assert_eq!(error, ShareError::TooLong),
    }
    let mut world = World::new(&scenario);
    for _ in 0..STEPS {
        if !world.step() {
            break;
        }
    }
});

/// A scenario may have 100,000 messages: as many steps as a run has time for.
const STEPS: usize = 200;
