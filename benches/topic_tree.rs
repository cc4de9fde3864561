//! What finding the subscribers of a message costs, beside ever more
//! subscriptions that have nothing to do with it.
//!
//! Three filters match the name that is looked up. The others differ from it
//! in the first level, in the second, or are wildcards beside it. A time that
//! stays the same from row to row is what the tree is for; what growth there
//! is comes from caches that no longer hold everything.

use std::hint::black_box;
use std::time::{Duration, Instant};

use fourstep::broker::TopicTree;

fn main() {
    println!("| unrelated | other first level | other second level | wildcards beside |");
    println!("|---:|---:|---:|---:|");
    for count in [1_000, 10_000, 100_000, 1_000_000] {
        let elsewhere = measure(count, |number| format!("site-{number}/temperature"));
        let beside = measure(count, |number| format!("sensor/room-{number}"));
        let wildcards = measure(count, |number| format!("sensor/+/room-{number}/#"));
        println!("| {count} | {elsewhere:.0?} | {beside:.0?} | {wildcards:.0?} |");
    }
}

/// The median time of one lookup.
fn measure(count: usize, filter: impl Fn(usize) -> String) -> Duration {
    let mut tree = TopicTree::new(0x5EED);
    for number in 0..count {
        tree.insert(&filter(number), number, ());
    }
    for (number, filter) in ["sensor/temperature", "sensor/+", "#"].into_iter().enumerate() {
        tree.insert(filter, count + number, ());
    }
    let mut times: Vec<_> = (0..ROUNDS).map(|_| time(&tree)).collect();
    times.sort_unstable();
    times[ROUNDS / 2]
}

fn time(tree: &TopicTree<usize, ()>) -> Duration {
    let start = Instant::now();
    for _ in 0..LOOKUPS {
        let mut found = 0;
        tree.matches(black_box("sensor/temperature"), |_, ()| found += 1);
        assert_eq!(black_box(found), 3);
    }
    start.elapsed() / LOOKUPS
}

const ROUNDS: usize = 51;
const LOOKUPS: u32 = 1_000;
