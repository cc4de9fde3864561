//! Every place at which a message's way can break.
//!
//! A run without faults tells which packets and how many bytes cross; then the
//! same is played once for each of these points, with the fault there.

use std::io::{Write as _, stdout};

use fourstep::codec::Version::{self, V5, V311};
use fourstep::session::PassOn;
use fourstep::sim::{Crossing, Fault, What, When};
use fourstep::trace::{Direction, Record, Trace};

use crate::*;

#[test]
fn a_cut_at_any_byte_breaks_no_level() {
    let mut cases = 0;
    for setting in settings() {
        let world = setting.play(&[]);
        for (client, direction, bytes) in streams(world.trace()) {
            for byte in 0..bytes {
                let world = setting.play(&[Fault::cut(client, When::Byte(direction, byte))]);
                assert!(has_closed(&world), "the cut at byte {byte} never came");
                cases += 1;
            }
        }
    }
    report(cases, "a cut at every byte");
    assert!(cases > 3_000, "{cases}");
}

#[test]
fn no_fault_at_any_packet_breaks_a_level() {
    let down_for = Duration::from_millis(300);
    let faults = [
        What::Cut { down_for: Duration::ZERO },
        What::Cut { down_for },
        What::HalfOpen,
        What::Delay(Duration::from_secs(1)),
        What::CrashClient { keep_store: true, down_for },
        What::RestartBroker { keep_store: true, down_for },
    ];
    let mut cases = 0;
    for setting in settings() {
        let world = setting.play(&[]);
        for (client, when) in points(world.trace().records(), world.trace()) {
            for what in faults {
                setting.play(&[Fault { client, when, what }]);
                cases += 1;
            }
        }
    }
    report(cases, "every fault before and after every packet");
    assert!(cases > 3_000, "{cases}");
}

#[test]
fn no_two_cuts_break_a_level() {
    let mut cases = 0;
    for setting in settings().filter(|setting| setting.qos == setting.granted) {
        let world = setting.play(&[]);
        for (client, when) in points(world.trace().records(), world.trace()) {
            let first = Fault::cut(client, when);
            let world = setting.play(std::slice::from_ref(&first));
            let trace = world.trace();
            let cut = trace.records().position(|record| record.summary().contains("was cut"));
            let cut = cut.expect("the first cut came");
            for (client, when) in points(trace.records().skip(cut), trace) {
                setting.play(&[first.clone(), Fault::cut(client, when)]);
                cases += 1;
            }
        }
    }
    report(cases, "two cuts at packet boundaries");
    assert!(cases > 3_000, "{cases}");
}

/// The broker holds a session that the client has lost: its store is gone, or
/// a commit has failed and the store was marked as not to be used. A first
/// message is under way at any step, and after it the second must get through:
/// its identifier could be one that the broker still holds.
#[test]
fn mqtt_5_0_3_2_2_4_a_client_that_lost_its_session_loses_no_message_that_was_acknowledged() {
    let down_for = Duration::from_millis(300);
    let mut cases = 0;
    for setting in settings().filter(|setting| setting.granted == QoS::ExactlyOnce) {
        let world = setting.run(&[], &["one"]);
        for (client, when) in points(world.trace().records(), world.trace()) {
            for keep_store in [true, false] {
                let what = What::CrashClient { keep_store, down_for };
                let world = setting.run(&[Fault { client, when, what }], &["one", "two", "three"]);
                for name in ["one", "two", "three"] {
                    let copies = world.inbox(SUBSCRIBER).map(|it| it.copies("t", name.as_bytes()));
                    let most = if setting.qos == QoS::AtLeastOnce { u32::MAX } else { 1 };
                    // What a process loses with its store was never reported.
                    let is_safe = name != "one" || (keep_store && setting.qos > QoS::AtMostOnce);
                    let least = u32::from(is_safe);
                    assert!(
                        copies.is_some_and(|copies| (least..=most).contains(&copies)),
                        "{setting:?} {client} {when:?} {what:?}: {name} was delivered {copies:?} times\n{}",
                        world.trace().to_text()
                    );
                }
                assert_eq!(nothing_is_left(&world), Ok(()), "{}", world.trace().to_text());
                cases += 1;
            }
        }
    }
    report(cases, "a session lost at every packet");
    assert!(cases > 500, "{cases}");
}

/// One way from publisher to subscriber.
#[derive(Clone, Copy, Debug)]
struct Setting {
    versions: [Version; 2],
    qos: QoS,
    granted: QoS,
    pass_on: PassOn,
}

/// Both versions on both sides, all levels published and granted; at QoS 2 the
/// broker passes on at PUBLISH or at PUBREL.
fn settings() -> impl Iterator<Item = Setting> {
    let versions = [[V311, V311], [V5, V5], [V311, V5], [V5, V311]];
    versions.into_iter().flat_map(|versions| {
        QoS::ALL.into_iter().flat_map(move |qos| {
            let ways: &[PassOn] = match qos {
                QoS::ExactlyOnce => &[PassOn::Publish, PassOn::PubRel],
                _ => &[PassOn::Publish],
            };
            QoS::ALL.into_iter().flat_map(move |granted| {
                ways.iter().map(move |&pass_on| Setting { versions, qos, granted, pass_on })
            })
        })
    })
}

impl Setting {
    /// Plays it with these faults, one message after the other.
    fn run(self, faults: &[Fault], messages: &[&str]) -> World {
        let mut scenario = publisher_and_subscriber(V5, self.granted);
        for (client, version) in scenario.clients.iter_mut().zip(self.versions) {
            client.version = version;
            client.keep_alive = 30;
        }
        let faults = faults.iter().map(|fault| step(0, Command::Fault(fault.clone())));
        scenario.steps.splice(0..0, faults);
        let mut world = World::new(&scenario);
        assert!(world.run_until_quiet(LONG), "{self:?} never gets ready");
        for message in messages {
            world.command(publish(message, self.qos));
            assert!(world.run_until_quiet(LONG), "{self:?}: {}", world.trace().to_text());
        }
        world
    }

    /// Plays it with these faults, and checks what must hold in the end.
    fn play(self, faults: &[Fault]) -> World {
        let mut scenario = publisher_and_subscriber(V5, self.granted);
        scenario.broker.pass_on = self.pass_on;
        for (client, version) in scenario.clients.iter_mut().zip(self.versions) {
            client.version = version;
            // Long enough for no PINGREQ to cross in a run without faults.
            client.keep_alive = 30;
        }
        let faults = faults.iter().map(|fault| step(0, Command::Fault(fault.clone())));
        scenario.steps.splice(0..0, faults);
        let mut world = World::new(&scenario);
        assert!(world.run_until_quiet(LONG), "{self:?} never gets ready");
        world.command(publish("one", self.qos));
        let quiet = world.run_until_quiet(LONG);
        if let Err(broken) =
            quiet.then_some(()).ok_or("it never ends".into()).and_then(|()| self.check(&world))
        {
            panic!(
                "{self:?} with {faults:?}: {broken}\n{}",
                world.trace().to_text(),
                faults = scenario.steps
            );
        }
        world
    }

    fn check(self, world: &World) -> Result<(), String> {
        let inbox = world.inbox(SUBSCRIBER).expect("there is a subscriber");
        let copies = inbox.copies("t", b"one");
        let least = u32::from(self.qos.min(self.granted) > QoS::AtMostOnce);
        // QoS 1 on either hop may repeat it.
        let hops = [self.qos, self.qos.min(self.granted)];
        let most = if hops.contains(&QoS::AtLeastOnce) { u32::MAX } else { 1 };
        if !(least..=most).contains(&copies) {
            return Err(format!("it was delivered {copies} times"));
        }
        nothing_is_left(world)
    }
}

/// Says how many cases there were, past what keeps quiet about tests that pass.
fn report(cases: usize, what: &str) {
    writeln!(stdout(), "{cases} cases: {what}").expect("there is an output");
}

fn has_closed(world: &World) -> bool {
    world.trace().records().any(|record| record.summary().contains("was cut"))
}

/// Every stream and how many bytes cross it.
fn streams(trace: &Trace) -> Vec<(usize, Direction, u64)> {
    let crossing = |from, to| {
        let records = trace.records().filter(move |record| (record.from, record.to) == (from, to));
        records.filter_map(|record| record.bytes()).map(|bytes| bytes.len() as u64).sum()
    };
    let mut streams = Vec::new();
    for (client, lane) in [(PUBLISHER, 0), (SUBSCRIBER, 2)] {
        streams.push((client, Direction::ToServer, crossing(lane, 1)));
        streams.push((client, Direction::ToClient, crossing(1, lane)));
    }
    streams
}

/// Before and after each packet among these records.
fn points<'a>(records: impl Iterator<Item = &'a Record>, trace: &Trace) -> Vec<(usize, When)> {
    let crossings =
        records.filter_map(|record| Crossing::of_record(trace, record.sequence, BROKER_LANE));
    let points = crossings.flat_map(|(lane, crossing)| {
        let client = if lane == 0 { PUBLISHER } else { SUBSCRIBER };
        [(client, When::Before(crossing)), (client, When::After(crossing))]
    });
    points.collect()
}
