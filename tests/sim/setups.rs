//! What the ready-made set-ups show.

use fourstep::sim::setups::Setup;
use fourstep::sim::{Scenario, World};

use crate::{LONG, play};

fn played(id: &str) -> World {
    let setup = Setup::ALL.iter().find(|setup| setup.id == id).expect("there is such a set-up");
    play(&setup.scenario())
}

#[test]
fn each_set_up_ends_and_its_link_opens_it_again() {
    let mut ids: Vec<&str> = Setup::ALL.iter().map(|setup| setup.id).collect();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), Setup::ALL.len(), "two have the same name");
    for setup in Setup::ALL {
        let scenario = setup.scenario();
        assert!(World::new(&scenario).run_until_quiet(LONG), "{} never ends", setup.id);
        let link = scenario.to_link().expect("it fits into a link");
        assert_eq!(Scenario::from_link(&link).as_ref(), Ok(&scenario), "{link}");
    }
}

#[test]
fn each_set_up_delivers_what_it_says() {
    // Deliveries to the second client, and how many of them are duplicates.
    for (id, total, duplicates) in [
        ("ready", 0, 0),
        ("qos-0", 1, 0),
        ("qos-1", 1, 0),
        ("qos-2", 1, 0),
        ("cut-puback", 2, 1),
        ("cut-publish", 1, 0),
        ("cut-pubrec", 1, 0),
        ("cut-pubrel", 1, 0),
        ("cut-pubcomp", 1, 0),
        ("sleeping", 5, 0),
        ("will", 2, 0),
        ("retained", 1, 0),
        ("shared", 2, 0),
        ("forgotten", 2, 1),
    ] {
        let world = played(id);
        let inbox = world.inbox(1).expect("there is a second client");
        let text = world.trace().to_text();
        assert_eq!((inbox.total, inbox.duplicates), (total, duplicates), "{id}:\n{text}");
    }
}

#[test]
fn each_cut_happens_where_its_name_says() {
    for (id, lost) in [
        ("cut-puback", "PUBACK"),
        ("cut-publish", "PUBLISH"),
        ("cut-pubrec", "PUBREC"),
        ("cut-pubrel", "PUBREL"),
        ("cut-pubcomp", "PUBCOMP"),
    ] {
        let world = played(id);
        let text = world.trace().to_text();
        let lines: Vec<&str> = text.lines().filter(|line| line.contains("lost")).collect();
        assert_eq!(lines.len(), 1, "{id}:\n{text}");
        assert!(lines[0].contains(lost), "{id}: {}", lines[0]);
    }
}

#[test]
fn a_set_up_that_no_transport_allows_says_so() {
    let world = played("forgotten");
    assert!(world.trace().to_text().contains("counterfactual"));
    let setup = Setup::ALL.iter().find(|setup| setup.id == "forgotten").expect("it is there");
    assert!(setup.name.starts_with("Counterfactual"));
}
