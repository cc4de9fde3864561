//! Whatever clients send, the broker stands, stays within its limits, and does
//! the same again.

use fourstep::broker::Config;
use fourstep::codec::Version;
use proptest::prelude::*;

use crate::broker_script::run;
use crate::harness::*;

proptest! {
    #[test]
    fn nothing_that_clients_do_breaks_a_rule_or_a_limit(
        script in prop::collection::vec(any::<u8>(), 0..700)
    ) {
        run(&script);
    }

    #[test]
    fn the_same_script_gives_the_same_outputs_byte_for_byte(
        script in prop::collection::vec(any::<u8>(), 0..300)
    ) {
        prop_assert_eq!(run(&script), run(&script));
    }

    /// The size of the chunks in which bytes arrive makes no difference.
    #[test]
    fn chunks_of_any_size_mean_the_same(
        bytes in prop::collection::vec(any::<u8>(), 0..60),
        size in 1usize..9,
    ) {
        let received = [bytes.len().max(1), size].map(|size| {
            let mut world = World::new(Config::default());
            world.join(1, Version::V5);
            for piece in bytes.chunks(size) {
                world.send_bytes(1, piece);
            }
            (world.received(1), world.broker.snapshot())
        });
        prop_assert_eq!(&received[0], &received[1]);
    }
}

/// The scripts above would show little if they did not get far.
#[test]
fn scripts_come_far() {
    // A fixed sequence that looks random.
    let mut state = 1_u32;
    let script: Vec<u8> = std::iter::repeat_with(|| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 24) as u8
    })
    .take(30_000)
    .collect();
    let (reached, _) = run(&script);
    assert!(reached.connected > 300, "{reached:?}");
    assert!(reached.resumed > 100, "{reached:?}");
    assert!(reached.delivered > 500, "{reached:?}");
    assert!(reached.dropped > 0, "{reached:?}");
}

/// A script of 2,000 bytes has hundreds of steps: from such seeds the fuzzer
/// tries 40 in a second of a processor, and 1,100 from these.
#[test]
fn the_seeds_of_the_fuzzer_are_short_and_come_far_together() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/fuzz/corpus/broker");
    let (mut connected, mut resumed, mut delivered, mut dropped) = (0, 0, 0, 0);
    for entry in std::fs::read_dir(folder).expect("the seeds are there") {
        let path = entry.expect("a file").path();
        let script = std::fs::read(&path).expect("it can be read");
        assert!(script.len() <= 100, "{} has {} bytes", path.display(), script.len());
        let (reached, _) = run(&script);
        connected += reached.connected;
        resumed += reached.resumed;
        delivered += reached.delivered;
        dropped += reached.dropped;
    }
    let all = (connected, resumed, delivered, dropped);
    assert!(connected > 20 && resumed > 0 && delivered > 50 && dropped > 0, "{all:?}");
}
