//! Where moments and rows are when time runs downward.

use std::collections::VecDeque;
use std::time::Duration;

use bytes::Bytes;
use fourstep::codec::Version;
use fourstep::time::Instant;
use fourstep::trace::{Fate, RecordKind, Trace};
use fourstep::view::order::Order;
use fourstep::view::timescale::{Gap, Place, Spacing, Timescale};
use proptest::prelude::*;

/// Lanes: two clients left and right of the broker, and one more.
const PARTIES: [&str; 4] = ["left", "broker", "right", "far"];
const BROKER: u16 = 1;

/// A network of which a test says what happens.
pub(crate) struct Net {
    pub trace: Trace,
    pub order: Order,
    pub scale: Timescale,
    pub now: Instant,
    /// When and what arrives or is lost, in the order in which it left.
    under_way: VecDeque<(Instant, u64, bool)>,
}

impl Net {
    pub fn new() -> Self {
        Net::with_capacity(1_000_000)
    }

    fn with_capacity(capacity: usize) -> Self {
        Net {
            trace: Trace::new(PARTIES.map(str::to_owned).to_vec(), capacity),
            order: Order::new(),
            scale: Timescale::new(Spacing::default()),
            now: Instant::ZERO,
            under_way: VecDeque::new(),
        }
    }

    /// Something leaves, and arrives after so many milliseconds.
    pub fn send(&mut self, from: u16, to: u16, millis: u64) -> u64 {
        self.leave(from, to, millis, false)
    }

    /// Something leaves, and is lost after so many milliseconds.
    pub fn lose(&mut self, from: u16, to: u16, millis: u64) -> u64 {
        self.leave(from, to, millis, true)
    }

    fn leave(&mut self, from: u16, to: u16, millis: u64, is_lost: bool) -> u64 {
        let bytes = Bytes::from_static(&[0x30, 3, 0, 1, b't']);
        let kind = RecordKind::Packet { version: Version::V311, bytes };
        let sequence = self.trace.push_departure(self.now, from, to, kind);
        let ends = self.now + Duration::from_millis(millis);
        self.under_way.push_back((ends, sequence, is_lost));
        if millis == 0 {
            self.arrive();
        }
        sequence
    }

    /// Time passes; what is due happens on the way, and the scale is told only
    /// at the end.
    pub fn pass(&mut self, millis: u64) {
        self.now = self.now + Duration::from_millis(millis);
        self.arrive();
        self.update();
    }

    pub fn update(&mut self) {
        self.order.update(&self.trace);
        self.scale.update(&self.trace, &self.order, self.now);
    }

    fn arrive(&mut self) {
        let now = self.now;
        let trace = &mut self.trace;
        self.under_way.retain(|&(at, sequence, is_lost)| {
            if at <= now {
                trace.mark(sequence, if is_lost { Fate::Lost(at) } else { Fate::Arrived(at) });
            }
            at > now
        });
    }

    pub fn place(&self, row: u64) -> Place {
        self.scale.place(row).expect("the row is held")
    }

    fn places(&self) -> Vec<Place> {
        self.order.rows().map(|row| self.place(row)).collect()
    }

    /// The same, read at once by one who has not followed.
    fn read_anew(&self) -> Timescale {
        let mut scale = Timescale::new(Spacing::default());
        scale.update(&self.trace, &self.order, self.now);
        scale
    }
}

#[test]
fn what_takes_longer_slants_more() {
    let slant = |millis: u64| {
        let mut net = Net::new();
        net.send(0, BROKER, millis);
        net.pass(10_000);
        let place = net.place(0);
        place.head.expect("it has arrived") - place.tail
    };
    let slants: Vec<f64> = [0, 5, 10, 20, 40].into_iter().map(slant).collect();
    assert!(slants.is_sorted_by(|less, more| less < more), "{slants:?}");
    assert_eq!(slants[0], 0.0);
    let twice = slants[4] / slants[3];
    assert!((twice - 2.0).abs() < 1e-9, "in proportion: {twice}");
    assert_eq!(slant(60_000 / 10), Spacing::default().longest);
}

#[test]
fn an_answer_leaves_below_the_head_of_what_it_answers() {
    let mut net = Net::new();
    net.send(0, BROKER, 20);
    net.pass(20);
    net.send(BROKER, 0, 20);
    net.send(BROKER, 2, 20);
    net.pass(20);
    let head = net.place(0).head.expect("it has arrived");
    assert!(net.place(1).tail >= head + Spacing::default().line);
    // On the other side nothing is in the way.
    assert_eq!(net.place(2).tail, net.place(1).tail);
}

#[test]
fn a_long_wait_is_cut_and_says_how_long_it_was() {
    let mut net = Net::new();
    net.send(0, BROKER, 20);
    net.pass(2_520);
    net.send(0, BROKER, 20);
    net.pass(20);
    let all = 0.0..f64::INFINITY;
    let head = net.place(0).head.expect("it has arrived");
    let gap = Gap { y1: head, y2: net.place(1).tail, length: Duration::from_millis(2_500) };
    assert_eq!(net.scale.gaps(all.clone()), [gap]);
    assert_eq!(gap.y2 - gap.y1, Spacing::default().longest);
    // A wait that is still going on grows.
    net.pass(1_000);
    net.pass(500);
    let gaps = net.scale.gaps(all);
    assert_eq!(gaps.last().map(|gap| gap.length), Some(Duration::from_millis(1_500)));
    assert_eq!(gaps.last().map(|gap| gap.y2), Some(net.scale.height()));
    assert_eq!(net.scale.gaps(0.0..head - 1.0), []);
    assert_eq!(net.scale.gaps(gap.y2 + 1.0..gap.y2 + 2.0), []);
}

#[test]
fn each_moment_is_found_again_by_its_height() {
    let mut net = Net::new();
    for millis in [3, 40, 7] {
        net.send(0, BROKER, 20);
        net.send(BROKER, 2, 5);
        net.pass(millis);
    }
    net.pass(10);
    for micros in (0..60_000).step_by(500) {
        let at = Instant::from_micros(micros);
        let found = net.scale.moment_at(net.scale.y(at));
        let off = found.as_micros().abs_diff(micros);
        assert!(off <= 1, "{micros} is found as {}", found.as_micros());
    }
}

#[test]
fn the_longest_way_slants_alike_whatever_it_takes() {
    for millis in [1, 20, 300, 5_000] {
        let longest = Duration::from_millis(millis);
        let spacing = Spacing::for_travel(longest);
        assert!((spacing.wait(longest) - 44.0).abs() < 0.001, "{millis} ms");
        assert!(!spacing.is_cut(longest));
    }
    assert_eq!(Spacing::for_travel(Duration::ZERO), Spacing::default());
}

#[test]
fn after_a_rewind_everything_is_where_it_was() {
    let mut net = Net::new();
    net.send(0, BROKER, 20);
    net.pass(10);
    let then = (net.scale.y(net.now), net.places());
    net.pass(10);
    net.send(BROKER, 0, 30);
    net.pass(30);
    net.trace.rewind(1, Instant::from_millis(10));
    net.now = Instant::from_millis(10);
    net.update();
    assert_eq!((net.scale.y(net.now), net.places()), then);
    assert_eq!(net.place(0).head, None, "it is under way again");
}

#[test]
fn a_long_arrow_is_seen_from_wherever_it_passes() {
    let mut net = Net::new();
    let long = net.send(BROKER, 2, 100_000);
    for _ in 0..5_000 {
        net.send(0, BROKER, 1);
        net.pass(10);
    }
    let middle = net.scale.height() / 2.0;
    let rows = net.scale.rows(middle..middle + 600.0);
    assert_eq!(rows.first(), Some(&long));
    assert!(rows.len() < 40, "only what is visible: {}", rows.len());
    net.pass(60_000);
    assert_eq!(net.scale.rows(middle..middle + 600.0).first(), Some(&long));
    assert!(!net.scale.rows(0.0..20.0).contains(&long), "it starts below");
}

#[derive(Clone, Debug)]
enum Happens {
    Leaves { client: u16, to_broker: bool, millis: u64, is_lost: bool },
    Pass(u64),
}

fn happens() -> impl Strategy<Value = Happens> {
    let client = prop_oneof![Just(0), Just(2), Just(3)];
    let millis = prop_oneof![Just(0), 1..40_u64, 40..3_000_u64];
    prop_oneof![
        (client, any::<bool>(), millis.clone(), any::<bool>()).prop_map(
            |(client, to_broker, millis, is_lost)| {
                Happens::Leaves { client, to_broker, millis, is_lost }
            }
        ),
        millis.prop_map(Happens::Pass),
    ]
}

fn play(net: &mut Net, script: &[Happens]) {
    for happens in script {
        match *happens {
            Happens::Leaves { client, to_broker, millis, is_lost } => {
                let (from, to) = if to_broker { (client, BROKER) } else { (BROKER, client) };
                net.leave(from, to, millis, is_lost);
            }
            Happens::Pass(millis) => net.pass(millis),
        }
    }
    net.update();
}

fn overlap(a: (u16, u16), b: (u16, u16)) -> bool {
    let ends = |(from, to): (u16, u16)| (from.min(to), from.max(to));
    let ((a1, a2), (b1, b2)) = (ends(a), ends(b));
    a1 < b2 && b1 < a2
}

proptest! {
    #[test]
    fn labels_of_arrows_side_by_side_never_overlap(
        script in prop::collection::vec(happens(), 0..120)
    ) {
        let mut net = Net::new();
        play(&mut net, &script);
        let lanes: Vec<_> = net.trace.records().map(|record| (record.from, record.to)).collect();
        let places = net.places();
        let line = Spacing::default().line;
        for (b, below) in places.iter().enumerate() {
            for (a, above) in places[..b].iter().enumerate() {
                prop_assert!(below.tail >= above.tail, "{a} {b}");
                if overlap(lanes[a], lanes[b]) {
                    prop_assert!(below.tail - above.tail >= line - 1e-6, "{a} {b}");
                }
            }
        }
    }

    #[test]
    fn what_comes_later_is_never_higher(script in prop::collection::vec(happens(), 0..120)) {
        let mut net = Net::new();
        play(&mut net, &script);
        let end = net.now.as_micros();
        let ys: Vec<f64> =
            (0..=200).map(|i| net.scale.y(Instant::from_micros(end * i / 200))).collect();
        prop_assert!(ys.is_sorted(), "{ys:?}");
        for (record, place) in net.trace.records().zip(net.places()) {
            let y = net.scale.y(record.at);
            prop_assert!(place.tail <= y + 1e-6, "all at a moment is above its end");
            let ended = matches!(record.fate, Fate::Arrived(_) | Fate::Lost(_));
            prop_assert_eq!(place.head.is_some(), ended);
            if let (Some(head), Fate::Arrived(at) | Fate::Lost(at)) = (place.head, record.fate) {
                prop_assert!(head <= net.scale.y(at) + 1e-6);
                let rises = if at > record.at { head > place.tail } else { head == place.tail };
                prop_assert!(rises);
            }
        }
    }

    #[test]
    fn a_window_holds_exactly_what_passes_through_it(
        script in prop::collection::vec(happens(), 0..300),
        from in 0.0..1.0,
        height in 0.0..900.0,
        capacity in 20_usize..400,
    ) {
        let mut net = Net::with_capacity(capacity);
        play(&mut net, &script);
        let (top, bottom) = (net.scale.top(), net.scale.height());
        let y1 = top + (bottom - top) * from;
        let ys = y1..y1 + height;
        let passes = |row: &u64| {
            let place = net.place(*row);
            place.tail < ys.end && place.head.is_none_or(|head| head.max(place.tail) >= ys.start)
        };
        let expected: Vec<u64> = net.order.rows().filter(passes).collect();
        prop_assert_eq!(net.scale.rows(ys.clone()), expected);
    }

    #[test]
    fn it_does_not_matter_who_has_followed_and_who_reads_at_once(
        script in prop::collection::vec(happens(), 0..120)
    ) {
        let mut net = Net::new();
        play(&mut net, &script);
        let anew = net.read_anew();
        let places: Vec<_> = net.order.rows().filter_map(|row| anew.place(row)).collect();
        prop_assert_eq!(places, net.places());
        prop_assert_eq!(anew.height(), net.scale.height());
        prop_assert_eq!(anew.rows(100.0..700.0), net.scale.rows(100.0..700.0));
        prop_assert_eq!(anew.gaps(100.0..700.0), net.scale.gaps(100.0..700.0));
    }

    #[test]
    fn what_is_drawn_does_not_move_when_more_happens_or_old_records_are_dropped(
        before in prop::collection::vec(happens(), 0..60),
        after in prop::collection::vec(happens(), 0..60),
        capacity in 10_usize..200,
    ) {
        let mut net = Net::with_capacity(capacity);
        play(&mut net, &before);
        net.pass(1);
        let then: Vec<(u64, Place)> = net.order.rows().map(|row| (row, net.place(row))).collect();
        play(&mut net, &after);
        for (row, place) in then {
            if let Some(now) = net.scale.place(row) {
                prop_assert_eq!(now.tail, place.tail);
                prop_assert!(place.head.is_none() || now.head == place.head);
            }
        }
    }
}
