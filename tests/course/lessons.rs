//! Every lesson, played.

use std::collections::BTreeSet;

use fourstep::codec::Version;
use fourstep::course::{
    Evidence, Inline, Instrument, LESSONS, Lesson, Narration, Part, Prose, Verdict,
};
use fourstep::sim::{Command, Scenario, World};

use crate::{END, play, played};

#[test]
fn lessons_are_numbered_in_order_and_have_names_of_their_own() {
    assert!(!LESSONS.is_empty());
    assert!(LESSONS.windows(2).all(|pair| pair[0].number < pair[1].number));
    let slugs: BTreeSet<_> = LESSONS.iter().map(|lesson| lesson.slug).collect();
    assert_eq!(slugs.len(), LESSONS.len());
    for lesson in LESSONS {
        assert!(!lesson.versions.is_empty(), "{}", lesson.slug);
        assert!(std::ptr::eq(Lesson::find(lesson.slug).expect("it is there"), *lesson));
    }
}

#[test]
fn prose_and_code_of_a_lesson_have_the_same_parts() {
    for lesson in LESSONS {
        for prose in &lesson.prose {
            let slug = lesson.slug;
            let ids = |parts: &[Part]| -> Vec<_> { parts.iter().map(|part| part.id).collect() };
            let answers: Vec<_> = lesson.prediction.answers.iter().map(|it| it.id).collect();
            assert_eq!(ids(prose.options), answers, "{slug}");
            let goals: Vec<_> = lesson.goals.iter().map(|goal| goal.id).collect();
            assert_eq!(ids(prose.goals), goals, "{slug}");
            assert_eq!(ids(prose.cases), cases(lesson), "{slug}");
        }
    }
}

#[test]
fn every_scenario_ends_and_names_only_clients_that_there_are() {
    for (lesson, version) in played() {
        for (name, scenario) in scenarios(lesson, version) {
            let here = format!("{} {version} {name}", lesson.slug);
            assert!(scenario.clients.iter().all(|client| !client.name.is_empty()), "{here}");
            for step in &scenario.steps {
                let client = match &step.command {
                    Command::Connect(client)
                    | Command::Disconnect(client)
                    | Command::Publish(client, _)
                    | Command::Subscribe(client, _)
                    | Command::Unsubscribe(client, _)
                    | Command::SetLink(client, _) => *client,
                    Command::Fault(fault) => {
                        assert!(fault.is_possible(), "{here}: {fault:?}");
                        fault.client
                    }
                };
                assert!(client < scenario.clients.len(), "{here}: {:?}", step.command);
            }
            assert!(World::new(&scenario).run_until_quiet(crate::LONG), "{here} never ends");
            let link = scenario.to_link().expect("it fits into a link");
            assert_eq!(Scenario::from_link(&link).as_ref(), Ok(&scenario), "{here}");
        }
    }
}

#[test]
fn no_goal_is_reached_by_what_is_played_anyway_and_each_by_its_solution_within_par() {
    for (lesson, version) in played() {
        for goal in lesson.goals {
            let here = format!("{} {version}, goal {}", lesson.slug, goal.id);
            let start = (lesson.scenario)(version);
            assert_eq!(goal.score(&start, END), None, "{here}: the start reaches it");
            let solution = (goal.solution)(version);
            if goal.par == 0 {
                let findings = lesson.instrument.complete(version);
                let findings = findings.unwrap_or_else(|| panic!("{here}: nothing finds it"));
                let world = play(&solution);
                let evidence = Evidence::of(&world);
                assert!(!(goal.reached)(&evidence), "{here}: reached without findings");
                assert!((goal.reached)(&evidence.with(&findings)), "{here}: {findings:?}");
                continue;
            }
            let score = goal.score(&solution, END);
            let text = play(&solution).trace().to_text();
            let score = score.unwrap_or_else(|| panic!("{here}: not reached\n{text}"));
            assert!(score <= goal.par, "{here}: {score} packets, and par is {}\n{text}", goal.par);
        }
    }
}

#[test]
fn par_is_what_the_solution_needs_and_not_more() {
    for lesson in LESSONS {
        for goal in lesson.goals.iter().filter(|goal| goal.par > 0) {
            let scores =
                lesson.versions.iter().map(|version| goal.score(&(goal.solution)(*version), END));
            assert_eq!(scores.max(), Some(Some(goal.par)), "{}, goal {}", lesson.slug, goal.id);
        }
    }
}

#[test]
fn goals_on_a_real_broker_are_judged_by_the_trace_alone() {
    let on_a_broker = |lesson: &&&Lesson| matches!(lesson.instrument, Instrument::Broker);
    let goals: Vec<_> = LESSONS.iter().filter(on_a_broker).flat_map(|it| it.goals).collect();
    assert!(!goals.is_empty());
    for goal in goals {
        let world = play(&(goal.solution)(Version::V5));
        let reached = (goal.reached)(&Evidence::live(world.trace()));
        assert!(reached, "{} needs more than the trace", goal.id);
    }
}

#[test]
fn a_goal_counts_only_in_a_run_that_the_lesson_does_not_play_by_itself() {
    let lesson = Lesson::find("qos-2").expect("it is there");
    let goal = &lesson.goals[0];
    let experiment = lesson.experiment("cut-pubrec").expect("it is there");
    let mut scenario = experiment(Version::V5);
    let reached = |scenario: &Scenario| {
        let world = play(scenario);
        let evidence = Evidence::of(&world);
        ((goal.reached)(&evidence), lesson.is_reached(goal, &evidence))
    };
    assert_eq!(reached(&scenario), (true, false));
    scenario.seed += 1;
    assert_eq!(reached(&scenario), (true, true));
}

#[test]
fn a_prediction_has_one_right_answer_and_nothing_ever_contradicts_it() {
    for (lesson, version) in played() {
        let here = format!("{} {version}", lesson.slug);
        let prediction = &lesson.prediction;
        let scenario = (prediction.scenario)(version);
        let verdicts = |world: &World| -> Vec<(&str, Verdict)> {
            let evidence = Evidence::of(world);
            let answers = prediction.answers.iter();
            answers.map(|it| (it.id, prediction.verdict(it.id, &evidence))).collect()
        };
        let ended = play(&scenario);
        let end = verdicts(&ended);
        let right: Vec<_> = end.iter().filter(|(_, it)| *it == Verdict::Right).collect();
        assert_eq!(right.len(), 1, "{here}: {end:?}\n{}", ended.trace().to_text());
        for (id, verdict) in &end {
            if let Verdict::Wrong(record) = verdict {
                assert!(ended.trace().record(*record).is_some(), "{here}: {id} has no record");
            }
        }
        let (right, _) = *right[0];
        let mut world = World::new(&scenario);
        while !world.is_quiet() && world.step() {
            let verdicts = verdicts(&world);
            let wrong = verdicts
                .iter()
                .any(|(id, verdict)| *id == right && matches!(verdict, Verdict::Wrong(_)));
            assert!(!wrong, "{here}: contradicted at {:?}: {right}", world.now());
        }
    }
}

/// A sentence that speaks of a packet that never comes is a defect.
#[test]
fn every_sentence_speaks_of_something_that_happens_in_the_lesson() {
    for lesson in LESSONS {
        let mut unspoken: BTreeSet<u16> = (0..lesson.prose[0].sentences).collect();
        for version in lesson.versions {
            for (_, scenario) in scenarios(lesson, *version) {
                let world = play(&scenario);
                let narration = Narration::of(&lesson.prose[0], world.trace());
                unspoken.retain(|number| narration.records(*number).next().is_none());
            }
        }
        assert!(unspoken.is_empty(), "{}: sentences {unspoken:?}", lesson.slug);
    }
}

#[test]
fn everything_to_try_is_there_and_everything_there_can_be_tried() {
    for lesson in LESSONS {
        let tried: BTreeSet<&str> = tries(&lesson.prose[0]).into_iter().collect();
        let there: BTreeSet<&str> = lesson.experiments.iter().map(|it| it.id).collect();
        assert_eq!(tried, there, "{}", lesson.slug);
    }
}

/// Everything that a lesson can play by itself.
fn scenarios(lesson: &Lesson, version: Version) -> Vec<(String, Scenario)> {
    let mut all = vec![
        ("start".to_owned(), (lesson.scenario)(version)),
        ("prediction".to_owned(), (lesson.prediction.scenario)(version)),
    ];
    for it in lesson.experiments {
        all.push((format!("experiment {}", it.id), (it.scenario)(version)));
    }
    for it in lesson.goals {
        all.push((format!("goal {}", it.id), (it.solution)(version)));
    }
    all
}

fn cases(lesson: &Lesson) -> Vec<&'static str> {
    match lesson.instrument {
        Instrument::Cases(cases) => cases.iter().map(|case| case.id).collect(),
        _ => Vec::new(),
    }
}

fn tries(prose: &Prose) -> Vec<&'static str> {
    let mut ids = Vec::new();
    prose.walk(&mut |inline| {
        if let Inline::Try { id, .. } = inline {
            ids.push(*id);
        }
    });
    ids
}
