//! Which records belong together.

use fourstep::codec::{Ack, ConnAck, Packet, Properties, QoS, ReasonCode, Version};
use fourstep::trace::Direction;
use fourstep::view::flow::{Flow, FlowId, FlowKind, Flows, Progress};
use proptest::prelude::*;

use crate::{
    CLIENT, Link, SERVER, ToClient, ToServer, ack, connack, connect, publish, suback, subscribe,
};

#[test]
fn the_four_steps_of_qos_2_are_one_flow() {
    let mut link = Link::new(Version::V5);
    link.connect(false);
    four_steps(&mut link, ToServer, 7);
    let flows = flows(&link);
    assert_eq!(marks(&link, &flows)[3..], ["3:1/4", "3:2/4", "3:3/4", "3:4/4"]);
    let flow = flow(&flows, 3);
    assert_eq!((flow.kind, flow.progress), (FlowKind::QoS2, Progress::Finished));
    assert_eq!((flow.sender, flow.receiver), (CLIENT, SERVER));
    assert_eq!(flow.records, [3, 4, 5, 6]);
    assert_eq!(flows.open_flows(), 0);
}

#[test]
fn the_same_identifier_both_ways_is_two_flows() {
    let mut link = Link::new(Version::V5);
    link.connect(false);
    link.send(ToServer, &Packet::Publish(publish(QoS::ExactlyOnce, 1, "ours")));
    link.send(ToClient, &Packet::Publish(publish(QoS::ExactlyOnce, 1, "theirs")));
    link.send(ToServer, &Packet::PubRec(ack(1)));
    link.send(ToClient, &Packet::PubRec(ack(1)));
    link.send(ToServer, &Packet::PubRel(ack(1)));
    link.send(ToClient, &Packet::PubRel(ack(1)));
    link.send(ToServer, &Packet::PubComp(ack(1)));
    let flows = flows(&link);
    assert_eq!(
        marks(&link, &flows)[3..],
        ["3:1/4", "4:1/4", "4:2/4", "3:2/4", "3:3/4", "4:3/4", "4:4/4"]
    );
    assert_eq!(flow(&flows, 3).progress, Progress::Open);
    assert_eq!(flow(&flows, 4).progress, Progress::Finished);
}

#[test]
fn a_flow_goes_on_over_a_reconnection_and_repetitions_are_marked() {
    let mut link = Link::new(Version::V5);
    link.connect(false);
    link.send(ToServer, &Packet::Publish(publish(QoS::ExactlyOnce, 1, "20.5")));
    link.close("");
    link.connect(true);
    four_steps(&mut link, ToServer, 1);
    let flows = flows(&link);
    assert_eq!(marks(&link, &flows)[8..], ["3:1/4 again", "3:2/4", "3:3/4", "3:4/4"]);
}

#[test]
fn a_lost_session_ends_its_flows() {
    let mut link = Link::new(Version::V5);
    link.connect(false);
    link.send(ToServer, &Packet::Publish(publish(QoS::AtLeastOnce, 1, "20.5")));
    link.close("");
    link.connect(false);
    link.send(ToServer, &Packet::Publish(publish(QoS::AtLeastOnce, 1, "20.5")));
    let flows = flows(&link);
    assert_eq!(flow(&flows, 3).progress, Progress::Ended);
    assert_eq!(flow(&flows, 8).progress, Progress::Open);
}

#[test]
fn a_refused_connection_says_nothing_about_the_session() {
    let mut link = Link::new(Version::V5);
    link.connect(false);
    link.send(ToServer, &Packet::Publish(publish(QoS::AtLeastOnce, 1, "20.5")));
    link.close("");
    link.open();
    link.send(ToServer, &connect(Version::V5, false));
    let busy = ConnAck {
        session_present: false,
        reason: ReasonCode::ServerBusy,
        properties: Properties::new(),
    };
    link.send(ToClient, &Packet::ConnAck(busy));
    assert_eq!(flow(&flows(&link), 3).progress, Progress::Open);
    assert_eq!(flow(&flows(&link), 6).progress, Progress::Ended);
}

#[test]
fn a_question_may_be_asked_before_connack() {
    let mut link = Link::new(Version::V5);
    link.open();
    link.send(ToServer, &connect(Version::V5, true));
    link.send(ToServer, &subscribe(1, &[("a", QoS::AtMostOnce)]));
    link.send(ToClient, &connack(false));
    link.send(ToClient, &suback(1, &[ReasonCode::Success]));
    assert_eq!(marks(&link, &flows(&link)), ["-", "1:1/2", "2:1/2", "1:2/2", "2:2/2"]);
}

#[test]
fn forgetting_a_flow_leaves_the_next_one_of_its_identifier_open() {
    let mut link = Link::with_capacity(Version::V5, 3);
    let mut flows = Flows::new();
    link.connect(false);
    for _ in 0..2 {
        link.send(ToServer, &Packet::Publish(publish(QoS::AtLeastOnce, 1, "20.5")));
        flows.update(&link.trace);
        link.send(ToClient, &Packet::PubAck(ack(1)));
        flows.update(&link.trace);
    }
    // Records 0 to 3 are gone, and with them the flow of record 3 in part.
    link.send(ToServer, &Packet::Publish(publish(QoS::AtLeastOnce, 1, "21.0")));
    flows.update(&link.trace);
    link.send(ToServer, &Packet::PingReq);
    flows.update(&link.trace);
    link.send(ToClient, &Packet::PubAck(ack(1)));
    flows.update(&link.trace);
    assert_eq!(marks(&link, &flows), ["7:1/2", "8:1/2", "7:2/2"]);
    assert!(flows.flow(FlowId(3)).is_none() && flows.flow(FlowId(5)).is_none());
}

#[test]
fn the_end_of_a_connection_ends_questions_but_not_messages() {
    let mut link = Link::new(Version::V5);
    link.connect(false);
    link.send(ToServer, &Packet::Publish(publish(QoS::AtLeastOnce, 1, "20.5")));
    link.send(ToServer, &subscribe(2, &[("a", QoS::AtMostOnce)]));
    link.send(ToServer, &Packet::PingReq);
    link.close("");
    let flows = flows(&link);
    assert_eq!(flow(&flows, 3).progress, Progress::Open);
    assert_eq!(flow(&flows, 4).progress, Progress::Ended);
    assert_eq!(flow(&flows, 5).progress, Progress::Ended);
}

#[test]
fn questions_and_their_answers_are_flows() {
    let mut link = Link::new(Version::V311);
    link.connect(false);
    link.send(ToServer, &subscribe(1, &[("a", QoS::AtMostOnce)]));
    link.send(ToServer, &Packet::PingReq);
    link.send(ToClient, &Packet::PingResp);
    link.send(ToClient, &suback(1, &[ReasonCode::Success]));
    link.send(ToServer, &Packet::Publish(publish(QoS::AtMostOnce, 0, "20.5")));
    let flows = flows(&link);
    assert_eq!(
        marks(&link, &flows),
        ["-", "1:1/2", "1:2/2", "3:1/2", "4:1/2", "4:2/2", "3:2/2", "7:1/1"]
    );
}

#[test]
fn after_a_rewind_the_numbers_stand_for_what_happened_instead() {
    let mut link = Link::new(Version::V5);
    link.connect(false);
    let (fork, next) = (link.now, link.trace.next_sequence());
    let mut flows = Flows::new();
    link.send(ToServer, &Packet::Publish(publish(QoS::AtLeastOnce, 1, "20.5")));
    link.send(ToClient, &Packet::PubAck(ack(1)));
    flows.update(&link.trace);
    link.trace.rewind(next, fork);
    // As many records as before, so that only the rewind tells.
    link.send(ToServer, &subscribe(1, &[("a", QoS::AtMostOnce)]));
    link.send(ToServer, &Packet::PingReq);
    flows.update(&link.trace);
    assert_eq!(marks(&link, &flows)[3..], ["3:1/2", "4:1/2"]);
    assert_eq!(flow(&flows, 3).kind, FlowKind::Subscribe);
}

#[test]
fn a_freed_identifier_starts_a_new_flow() {
    let mut link = Link::new(Version::V5);
    link.connect(false);
    for _ in 0..2 {
        link.send(ToServer, &Packet::Publish(publish(QoS::AtLeastOnce, 1, "20.5")));
        link.send(ToClient, &Packet::PubAck(ack(1)));
    }
    assert_eq!(marks(&link, &flows(&link))[3..], ["3:1/2", "3:2/2", "5:1/2", "5:2/2"]);
}

#[test]
fn an_identifier_used_at_another_level_is_another_flow() {
    let mut link = Link::new(Version::V5);
    link.connect(false);
    link.send(ToServer, &Packet::Publish(publish(QoS::AtLeastOnce, 1, "20.5")));
    link.send(ToServer, &Packet::Publish(publish(QoS::ExactlyOnce, 1, "21.0")));
    link.send(ToClient, &Packet::PubRec(ack(1)));
    let flows = flows(&link);
    assert_eq!(marks(&link, &flows)[3..], ["3:1/2", "4:1/4", "4:2/4"]);
    assert_eq!(flow(&flows, 3).progress, Progress::Ended);
}

#[test]
fn a_refusal_ends_a_flow_early() {
    let mut link = Link::new(Version::V5);
    link.connect(false);
    link.send(ToServer, &Packet::Publish(publish(QoS::ExactlyOnce, 1, "20.5")));
    link.send(ToClient, &Packet::PubRec(Ack { reason: ReasonCode::QuotaExceeded, ..ack(1) }));
    link.send(ToServer, &Packet::Publish(publish(QoS::ExactlyOnce, 1, "21.0")));
    let flows = flows(&link);
    assert_eq!(marks(&link, &flows)[3..], ["3:1/4", "3:2/4", "5:1/4"]);
    assert_eq!(flow(&flows, 3).progress, Progress::Ended);
}

#[test]
fn many_records_leave_no_more_than_the_trace_holds() {
    let mut link = Link::with_capacity(Version::V5, 1_000);
    link.connect(false);
    let mut flows = Flows::new();
    // Nobody ever answers: each identifier stays in use until its record goes.
    let mut id = 0;
    let mut bytes = Vec::new();
    for _ in 0..200 {
        bytes.clear();
        for _ in 0..1_000 {
            id = id % u16::MAX + 1;
            let packet = Packet::Publish(publish(QoS::AtLeastOnce, id, ""));
            bytes.extend(crate::encoded(Version::V5, &packet));
        }
        link.bytes(ToServer, &bytes);
        flows.update(&link.trace);
        assert_eq!(flows.open_flows(), 1_000);
    }
    assert_eq!(link.trace.next_sequence(), 200_003);
    assert_eq!(flows.mark(199_002), None);
    assert!(flows.mark(199_003).is_some());
    assert_eq!(flow(&flows, 200_002).records, [200_002]);
}

proptest! {
    /// However often the index is brought up to date, it says the same, and a
    /// record is listed by its own flow.
    #[test]
    fn marks_and_flows_agree_and_do_not_depend_on_when_they_are_updated(
        steps in prop::collection::vec((0usize..8, 1u16..4, any::<bool>()), 0..80),
        every in 1usize..20,
        capacity in 5usize..100,
    ) {
        let mut link = Link::with_capacity(Version::V5, capacity);
        let mut often = Flows::new();
        for (index, &(what, id, to_server)) in steps.iter().enumerate() {
            play(&mut link, what, id, to_server);
            if index % every.min(capacity) == 0 {
                often.update(&link.trace);
            }
        }
        often.update(&link.trace);
        let first = link.trace.dropped();
        for sequence in first..link.trace.next_sequence() {
            if let Some(mark) = often.mark(sequence) {
                let flow = often.flow(mark.flow).expect("a marked record's flow is held");
                prop_assert!(flow.records.contains(&sequence));
                prop_assert!(flow.records.iter().all(|&record| record >= first));
            }
        }
        if first == 0 {
            let once = flows(&link);
            prop_assert_eq!(marks(&link, &often), marks(&link, &once));
        }
    }
}

fn play(link: &mut Link, what: usize, id: u16, to_server: bool) {
    let direction = if to_server { ToServer } else { ToClient };
    match what {
        0 => link.send(direction, &Packet::Publish(publish(QoS::AtLeastOnce, id, ""))),
        1 => link.send(direction, &Packet::Publish(publish(QoS::ExactlyOnce, id, ""))),
        2 => link.send(direction, &Packet::PubAck(ack(id))),
        3 => link.send(direction, &Packet::PubRec(ack(id))),
        4 => link.send(direction, &Packet::PubRel(ack(id))),
        5 => link.send(direction, &Packet::PubComp(ack(id))),
        6 => link.close(""),
        _ => link.connect(to_server),
    }
}

fn four_steps(link: &mut Link, direction: Direction, id: u16) {
    let back = if direction == ToServer { ToClient } else { ToServer };
    link.send(direction, &Packet::Publish(publish(QoS::ExactlyOnce, id, "20.5")));
    link.send(back, &Packet::PubRec(ack(id)));
    link.send(direction, &Packet::PubRel(ack(id)));
    link.send(back, &Packet::PubComp(ack(id)));
}

fn flows(link: &Link) -> Flows {
    let mut flows = Flows::new();
    flows.update(&link.trace);
    flows
}

fn flow(flows: &Flows, id: u64) -> &Flow {
    flows.flow(FlowId(id)).expect("there is such a flow")
}

/// Each record's place, in short: `flow:step/steps`.
fn marks(link: &Link, flows: &Flows) -> Vec<String> {
    let mark = |sequence| match flows.mark(sequence) {
        Some(mark) => {
            let again = if mark.repeated { " again" } else { "" };
            format!("{}:{}/{}{again}", mark.flow.0, mark.step, mark.steps)
        }
        None => "-".to_owned(),
    };
    (link.trace.dropped()..link.trace.next_sequence()).map(mark).collect()
}
