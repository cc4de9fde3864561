//! What finding the subscribers of a message costs, beside ever more
//! subscriptions that have nothing to do with it.
//!
//! Three filters match the name that is looked up. The others differ from it
//! in the first level, in the second, or are wildcards beside it. A time that
//! stays the same from row to row is what the tree is for; what growth there
//! is comes from caches that no longer hold everything.

use std::hint::black_box;

use criterion::{BenchmarkId, Criterion, criterion_group, criterion_main};
use fourstep::broker::TopicTree;

fn matches(c: &mut Criterion) {
    let mut group = c.benchmark_group("TopicTree::matches");
    for (name, filter) in UNRELATED {
        for count in [1_000, 10_000, 100_000, 1_000_000] {
            let tree = tree(count, filter);
            group.bench_function(BenchmarkId::new(name, count), |bencher| {
                bencher.iter(|| {
                    let mut found = 0;
                    tree.matches(black_box("sensor/temperature"), |_, ()| found += 1);
                    assert_eq!(black_box(found), 3);
                });
            });
        }
    }
}

fn tree(count: usize, unrelated: Filter) -> TopicTree<usize, ()> {
    let mut tree = TopicTree::new(0x5EED);
    for number in 0..count {
        tree.insert(&unrelated(number), number, ());
    }
    for (number, filter) in ["sensor/temperature", "sensor/+", "#"].into_iter().enumerate() {
        tree.insert(filter, count + number, ());
    }
    tree
}

/// A topic filter, by its number.
type Filter = fn(usize) -> String;

/// Filters that do not match, by how they differ.
const UNRELATED: [(&str, Filter); 3] = [
    ("another first level", |number| format!("site-{number}/temperature")),
    ("another second level", |number| format!("sensor/room-{number}")),
    ("wildcards beside it", |number| format!("sensor/+/room-{number}/#")),
];

criterion_group!(benches, matches);
criterion_main!(benches);
