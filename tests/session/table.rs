//! The state table itself: complete, unambiguous, and the one that runs.

use std::collections::HashSet;

use fourstep::session::{Action, FlowState, Side, TRANSITIONS, Trigger, transition};

#[test]
fn no_two_rows_answer_the_same_question() {
    let mut seen = HashSet::new();
    for row in TRANSITIONS {
        assert!(seen.insert((row.side, row.from, row.on)), "twice: {row:?}");
    }
}

#[test]
fn every_state_can_be_entered_and_left() {
    for state in STATES {
        let entered = TRANSITIONS.iter().any(|row| row.to == state && row.from != state);
        let left = TRANSITIONS.iter().any(|row| row.from == state && row.to != state);
        assert!(entered && left, "{state} is a dead end");
    }
}

#[test]
fn whatever_keeps_state_stores_it_before_it_sends() {
    for row in TRANSITIONS.iter().filter(|row| row.from != row.to && row.to != FlowState::Free) {
        let store = row.actions.iter().position(|action| *action == Action::Store);
        let send = row.actions.iter().position(|action| is_send(*action));
        assert!(store.is_some() && store < send, "{row:?}");
    }
}

#[test]
fn mqtt_4_3_3_1_publish_is_never_sent_again_after_pubrel() {
    for row in TRANSITIONS.iter().filter(|row| row.from == FlowState::AwaitingPubComp) {
        let again = [Action::SendPublish, Action::SendPublishAgain];
        assert!(!row.actions.iter().any(|action| again.contains(action)), "{row:?}");
    }
}

#[test]
fn mqtt_4_3_3_2_only_the_first_publish_of_a_qos_2_flow_is_delivered() {
    for state in [FlowState::AwaitingPubRel, FlowState::StoredUntilPubRel] {
        let repeat = transition(Side::Receiver, state, Trigger::PublishQoS2);
        let repeat = repeat.expect("a repeated PUBLISH is allowed");
        assert_eq!(repeat.actions, [Action::SendPubRec]);
    }
}

#[test]
fn every_step_of_a_flow_names_its_statement_in_both_versions() {
    let steps =
        TRANSITIONS.iter().filter(|row| row.from != FlowState::Free || row.to != FlowState::Free);
    for row in steps {
        let error = matches!(row.on, Trigger::PubAckError | Trigger::PubRecError);
        assert!(row.v5.is_some(), "{row:?}");
        assert!(row.v311.is_some() != error, "3.1.1 has no refusals: {row:?}");
    }
}

/// The table as the documentation shows it. After a change of the table, run
/// this with `UPDATE_DOCS=1` to write the page anew.
#[test]
fn the_documented_table_is_the_table() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/state-table.md");
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::write(path, to_markdown()).expect("the page can be written");
    }
    let documented = std::fs::read_to_string(path).expect("the page is there");
    assert_eq!(documented, to_markdown(), "docs/state-table.md is out of date");
}

fn to_markdown() -> String {
    let mut text = String::from(HEAD);
    for row in TRANSITIONS {
        let actions: Vec<_> = row.actions.iter().map(|action| format!("{action:?}")).collect();
        let actions = if actions.is_empty() { "nothing".to_owned() } else { actions.join(", ") };
        let statement = |id: Option<&str>| id.map_or("".to_owned(), |id| format!("[{id}]"));
        let (v311, v5) = (statement(row.v311), statement(row.v5));
        text += &format!(
            "| {:?} | {} | {:?} | {actions} | {} | {v311} | {v5} |\n",
            row.side, row.from, row.on, row.to
        );
    }
    text
}

fn is_send(action: Action) -> bool {
    format!("{action:?}").starts_with("Send")
}

const STATES: [FlowState; 6] = [
    FlowState::Free,
    FlowState::AwaitingPubAck,
    FlowState::AwaitingPubRec,
    FlowState::AwaitingPubComp,
    FlowState::AwaitingPubRel,
    FlowState::StoredUntilPubRel,
];

const HEAD: &str = "\
# The state table of the QoS flows

One row is one move of one flow on one side. The session runs from this table
(`src/session/table.rs`), and a test holds this page to it. A packet for which
there is no row breaks the protocol, and so does one whose row says
ReportWrongAnswer: the statements are those that the peer broke.

| side | state | what happens | what is done, in order | next state | 3.1.1 | 5.0 |
|---|---|---|---|---|---|---|
";
