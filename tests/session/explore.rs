//! Every way in which two sessions and a cut link can play out.
//!
//! A state is both sessions, the packets under way in both directions, what
//! has been delivered, and how many cuts are left. From each state every next
//! step is tried: hand over the next message, deliver the next packet of
//! either direction, or cut the line, which loses what is under way. TCP can
//! lose nothing else, so this is all that can happen.

use std::collections::{BTreeMap, BTreeSet, HashSet, VecDeque};
use std::io::{Write as _, stdout};

use fourstep::codec::{Packet, PacketIdentifier, PacketType, Publish, QoS, Version};
use fourstep::session::{Effect, Limits, Outcome, PassOn, Session, Token};

use crate::{NOW, message, receive};

#[test]
fn no_cut_breaks_a_level_one_message() {
    let mut cases = 0;
    for qos in QoS::ALL {
        for version in [Version::V311, Version::V5] {
            for pass_on in PASS_ON {
                cases += explore(version, &[qos], &[], u16::MAX, pass_on);
            }
        }
    }
    report("one message", cases);
}

#[test]
fn no_cut_breaks_a_level_two_messages() {
    let mut cases = 0;
    for first in QoS::ALL {
        for second in QoS::ALL {
            for pass_on in PASS_ON {
                cases += explore(Version::V311, &[first, second], &[], u16::MAX, pass_on);
                cases += explore(Version::V5, &[first, second], &[], u16::MAX, pass_on);
                cases += explore(Version::V5, &[first, second], &[], 1, pass_on);
            }
        }
    }
    report("two messages", cases);
}

#[test]
fn no_cut_breaks_a_level_both_ways_at_once() {
    let mut cases = 0;
    for ours in QoS::ALL {
        for theirs in QoS::ALL {
            for pass_on in PASS_ON {
                cases += explore(Version::V5, &[ours], &[theirs], u16::MAX, pass_on);
            }
        }
    }
    report("one message each way", cases);
}

#[test]
fn no_outcome_names_a_packet_that_never_came_and_nothing_acknowledged_is_lost() {
    let mut cases = 0;
    for first in QoS::ALL {
        for version in [Version::V311, Version::V5] {
            cases += explore_with(version, &[first], &[], u16::MAX, AT_PUBLISH, 2);
            let levels = [first, QoS::ExactlyOnce];
            cases += explore_with(version, &levels, &[], u16::MAX, AT_PUBLISH, 1);
        }
    }
    report("with sessions that the peer loses", cases);
}

/// The two ways of a QoS 2 receiver.
const PASS_ON: [PassOn; 2] = [AT_PUBLISH, PassOn::PubRel];

/// Where a session is lost, a message that was to be passed on at PUBREL is lost
/// with it, though PUBREC had acknowledged it.
const AT_PUBLISH: PassOn = PassOn::Publish;

/// At most this many cuts in one run.
const CUTS: u8 = 3;

#[derive(Clone)]
struct World {
    version: Version,
    receive_maximum: u16,
    ends: [End; 2],
    cuts_left: u8,
    /// How often the second end may lose its session at a cut.
    losses_left: u8,
    has_lost: bool,
}

#[derive(Clone)]
struct End {
    session: Session,
    /// Messages that this end has still to hand over.
    to_send: VecDeque<(QoS, String)>,
    /// Packets on their way from this end to the other.
    under_way: VecDeque<Packet>,
    /// Payloads that this end's application has received, in order.
    delivered: Vec<String>,
    /// Messages that were handed over, by token.
    names: Vec<String>,
    /// What each identifier was last sent with.
    under_identifier: BTreeMap<u16, String>,
    /// Which answers came for which message.
    answered: BTreeSet<(String, PacketType)>,
    /// How messages ended.
    outcomes: BTreeMap<String, Outcome>,
}

/// Explores everything from two fresh sessions; returns the number of states.
fn explore(
    version: Version,
    ours: &[QoS],
    theirs: &[QoS],
    receive_maximum: u16,
    pass_on: PassOn,
) -> usize {
    explore_with(version, ours, theirs, receive_maximum, pass_on, 0)
}

/// As [`explore`], and the second end loses its session so often.
fn explore_with(
    version: Version,
    ours: &[QoS],
    theirs: &[QoS],
    receive_maximum: u16,
    pass_on: PassOn,
    losses: u8,
) -> usize {
    let end = |name: &str, levels: &[QoS]| End {
        session: Session::new(Limits { receive_maximum, pass_on, ..Limits::default() }),
        to_send: levels.iter().zip(1..).map(|(qos, n)| (*qos, format!("{name}{n}"))).collect(),
        under_way: VecDeque::new(),
        delivered: Vec::new(),
        names: Vec::new(),
        under_identifier: BTreeMap::new(),
        answered: BTreeSet::new(),
        outcomes: BTreeMap::new(),
    };
    let ends = [end("a", ours), end("b", theirs)];
    let mut start = World {
        version,
        receive_maximum,
        ends,
        cuts_left: CUTS,
        losses_left: losses,
        has_lost: false,
    };
    start.connect(false);

    let mut seen = HashSet::new();
    let mut open = vec![start];
    while let Some(world) = open.pop() {
        if !seen.insert(world.fingerprint()) {
            continue;
        }
        let next = world.next_worlds();
        if world.is_quiet() {
            world.check_end(ours, theirs);
        }
        open.extend(next);
    }
    seen.len()
}

impl World {
    /// Every state that one step leads to.
    fn next_worlds(&self) -> Vec<World> {
        let mut next = Vec::new();
        for end in [0, 1] {
            if !self.ends[end].to_send.is_empty() {
                next.push(self.after(|world| world.hand_over(end)));
            }
            if !self.ends[end].under_way.is_empty() {
                next.push(self.after(|world| world.deliver(end)));
            }
        }
        if self.cuts_left > 0 && !self.is_quiet() {
            next.push(self.after(World::cut));
            if self.losses_left > 0 {
                next.push(self.after(World::lose));
            }
        }
        next
    }

    fn after(&self, step: impl FnOnce(&mut World)) -> World {
        let mut world = self.clone();
        step(&mut world);
        world
    }

    fn hand_over(&mut self, end: usize) {
        if let Some((qos, name)) = self.ends[end].to_send.pop_front() {
            self.ends[end].session.publish(NOW, message(qos, &name)).expect("there is room");
            self.ends[end].names.push(name);
        }
        self.drain(end);
    }

    fn deliver(&mut self, from: usize) {
        let to = 1 - from;
        if let Some(packet) = self.ends[from].under_way.pop_front() {
            let receiver = &mut self.ends[to];
            let identifier = packet.packet_identifier().map_or(0, PacketIdentifier::value);
            if let Some(name) = receiver.under_identifier.get(&identifier) {
                receiver.answered.insert((name.clone(), packet.packet_type()));
            }
            receive(&mut self.ends[to].session, packet).expect("neither end breaks a rule");
        }
        self.drain(to);
    }

    /// The line breaks and comes back; both ends kept their session.
    fn cut(&mut self) {
        self.cuts_left -= 1;
        for end in &mut self.ends {
            end.under_way.clear();
            end.session.handle_disconnected();
        }
        self.connect(true);
    }

    /// The line breaks, and the second end comes back with a new session.
    fn lose(&mut self) {
        self.cuts_left -= 1;
        self.losses_left -= 1;
        self.has_lost = true;
        for end in &mut self.ends {
            end.under_way.clear();
            end.session.handle_disconnected();
        }
        self.ends[1].session = Session::new(Limits::default());
        self.connect(false);
    }

    fn connect(&mut self, session_present: bool) {
        for end in [0, 1] {
            let (version, maximum) = (self.version, self.receive_maximum);
            self.ends[end].session.handle_connected(NOW, version, session_present, maximum);
            self.drain(end);
        }
    }

    fn drain(&mut self, end: usize) {
        let end = &mut self.ends[end];
        while let Some(effect) = end.session.poll() {
            match effect {
                Effect::Send(packet) => {
                    if let Packet::Publish(Publish {
                        packet_identifier: Some(id), payload, ..
                    }) = &packet
                    {
                        let name = String::from_utf8_lossy(payload).into_owned();
                        end.under_identifier.insert(id.value(), name);
                    }
                    end.under_way.push_back(packet);
                }
                Effect::Finished(token, outcome) => end.finish(token, outcome),
                Effect::Deliver(publish) => {
                    end.delivered.push(String::from_utf8_lossy(&publish.payload).into_owned());
                }
                _ => {}
            }
        }
    }

    fn is_quiet(&self) -> bool {
        self.ends.iter().all(|end| end.under_way.is_empty() && end.to_send.is_empty())
    }

    /// What section 4.3 promises once nothing is under way any more.
    fn check_end(&self, ours: &[QoS], theirs: &[QoS]) {
        for (levels, name, receiver) in [(ours, "a", 1), (theirs, "b", 0)] {
            let delivered = &self.ends[receiver].delivered;
            self.check_order(levels, delivered);
            for (qos, n) in levels.iter().zip(1..) {
                let name = format!("{name}{n}");
                let times = delivered.iter().filter(|payload| **payload == name).count();
                let holds = match qos {
                    _ if self.has_lost => {
                        // What was reported to have arrived, has.
                        let outcome = self.ends[1 - receiver].outcomes.get(&name);
                        let is_told = matches!(
                            outcome,
                            Some(Outcome::Acknowledged(_) | Outcome::Received(_))
                        );
                        *qos == QoS::AtMostOnce || (is_told && times >= 1)
                    }
                    QoS::AtMostOnce => times <= 1,
                    QoS::AtLeastOnce => times >= 1,
                    QoS::ExactlyOnce => times == 1,
                };
                assert!(holds, "{name} at QoS {qos} was delivered {times} times: {delivered:?}");
            }
        }
        for end in &self.ends {
            assert_eq!(end.session.identifiers_in_use(), 0, "an identifier leaked");
            assert_eq!(end.session.in_flight(), 0, "a flow never ended");
            assert_eq!(end.session.queued(), 0, "a message was never sent");
            assert_eq!(end.session.awaiting_release(), 0, "a receiver waits for PUBREL for ever");
        }
    }

    /// QoS 2 messages are delivered in the order in which they were published.
    fn check_order(&self, levels: &[QoS], delivered: &[String]) {
        if !self.has_lost && levels.iter().all(|qos| *qos == QoS::ExactlyOnce) {
            assert!(delivered.is_sorted(), "out of order: {delivered:?}");
        }
    }

    fn fingerprint(&self) -> String {
        let ends = self.ends.each_ref().map(|end| {
            let End { session, to_send, under_way, delivered, answered, outcomes, .. } = end;
            format!("{session:?} {to_send:?} {under_way:?} {delivered:?} {answered:?} {outcomes:?}")
        });
        format!("{} {} {ends:?}", self.cuts_left, self.losses_left)
    }
}

impl End {
    /// A message of this end is finished, as packets have said.
    fn finish(&mut self, token: Token, outcome: Outcome) {
        // QoS 0 ends while it is handed over, before it has its name here.
        let Some(name) = self.names.get(token.0 as usize).cloned() else {
            return assert_eq!(outcome, Outcome::Sent);
        };
        let came = |packet_type| self.answered.contains(&(name.clone(), packet_type));
        let holds = match outcome {
            Outcome::Sent => true,
            Outcome::Acknowledged(_) => {
                came(PacketType::PubAck) || (came(PacketType::PubRec) && came(PacketType::PubComp))
            }
            Outcome::Received(_) => came(PacketType::PubRec) && !came(PacketType::PubComp),
            other => panic!("{name} ended as {other:?}"),
        };
        assert!(holds, "{name} ended as {outcome:?}, and these came: {:?}", self.answered);
        assert_eq!(self.outcomes.insert(name, outcome), None, "an end is told once");
    }
}

fn report(what: &str, cases: usize) {
    // Past what keeps quiet about tests that pass.
    writeln!(stdout(), "{what}: {cases} states explored, up to {CUTS} cuts each")
        .expect("there is an output");
    assert!(cases > 100, "the exploration is too small to mean anything: {cases}");
}
