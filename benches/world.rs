//! What the virtual network and the trace cost.

use std::hint::black_box;
use std::time::Duration;

use criterion::{BatchSize, BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use fourstep::codec::{self, Packet, Publish, Version};
use fourstep::sim::World;
use fourstep::sim::setups::Setup;
use fourstep::time::Instant;
use fourstep::trace::{Direction, Tap, Trace};

/// Each set-up of the lab, from its beginning to its end.
fn play(c: &mut Criterion) {
    let mut group = c.benchmark_group("World::run_until_quiet");
    for setup in Setup::ALL {
        let scenario = setup.scenario();
        group.bench_function(setup.id, |bencher| {
            bencher.iter(|| {
                let mut world = World::new(black_box(&scenario));
                world.run_until_quiet(Duration::from_secs(60));
                world
            });
        });
    }
}

/// One step, in the middle of the first set-up.
fn step(c: &mut Criterion) {
    let scenario = Setup::ALL[0].scenario();
    let mut middle = World::new(&scenario);
    for _ in 0..5 {
        middle.step();
    }
    c.bench_function("World::step", |bencher| {
        bencher.iter_batched_ref(|| middle.clone(), World::step, BatchSize::SmallInput);
    });
}

/// One more packet, tapped into a trace that holds so many already.
fn tap(c: &mut Criterion) {
    let mut group = c.benchmark_group("Tap::bytes");
    group.throughput(Throughput::Elements(1));
    let packet = publish();
    for records in RECORDS {
        let (mut tap, mut trace) = (Tap::new(0, 1), Trace::new(parties(), records));
        tap.open(Instant::ZERO, 0, &mut trace);
        for _ in 0..records {
            tap.bytes(Instant::ZERO, Direction::ToServer, &packet, &mut trace);
        }
        group.bench_function(BenchmarkId::from_parameter(records), |bencher| {
            bencher.iter(|| {
                tap.bytes(Instant::ZERO, Direction::ToServer, black_box(&packet), &mut trace);
            });
        });
    }
}

fn publish() -> Vec<u8> {
    let packet = Packet::Publish(Publish {
        topic: "sensor/temperature".into(),
        payload: "20.5".into(),
        ..Publish::default()
    });
    let mut bytes = Vec::new();
    codec::encode(Version::V5, &packet, &mut bytes).expect("a valid packet");
    bytes
}

fn parties() -> Vec<String> {
    ["client", "broker"].map(String::from).into()
}

/// How many records the trace holds already.
const RECORDS: [usize; 3] = [1_000, 100_000, 1_000_000];

criterion_group!(benches, play, step, tap);
criterion_main!(benches);
