//! What a learner has done survives a file.

use fourstep::course::Lesson;
use fourstep::course::progress::{Progress, ProgressError};
use proptest::prelude::*;

fn qos_2() -> &'static Lesson {
    Lesson::find("qos-2").expect("it is there")
}

fn busy() -> Progress {
    let mut progress = Progress::default();
    progress.open("qos-2");
    progress.read("qos-2");
    progress.predict("qos-2", "twice", false);
    progress.predict("qos-2", "once", true);
    progress.reach("qos-2", "repeat", 30);
    progress.reach("qos-2", "repeat", 17);
    progress.reach("qos-2", "repeat", 25);
    progress.reach_live("qos-2", "repeat");
    progress.reach_live("qos-2", "repeat");
    progress
}

#[test]
fn the_first_prediction_and_the_best_score_stand() {
    let progress = busy();
    assert_eq!(progress.prediction("qos-2"), Some(("twice", false)));
    assert_eq!(progress.best("qos-2", "repeat"), Some(17));
    assert_eq!(progress.best("qos-2", "every-step"), None);
    assert_eq!(progress.here(), Some("qos-2"));
    assert!(progress.is_read("qos-2") && !progress.is_read("qos-1"));
}

#[test]
fn a_lesson_is_done_when_nothing_is_left_and_has_a_star_for_each_goal_within_par() {
    let mut progress = busy();
    assert!(!progress.is_done(qos_2()));
    assert_eq!((progress.reached(qos_2()), progress.stars(qos_2())), (1, 1));
    progress.reach("qos-2", "every-step", 1_000);
    assert!(progress.is_done(qos_2()));
    assert_eq!((progress.reached(qos_2()), progress.stars(qos_2())), (2, 1));
}

#[test]
fn the_file_says_what_was_done_one_fact_a_line() {
    let text = "fourstep progress 1\nhere qos-2\nread qos-2\npredicted qos-2 twice wrong\n\
                reached qos-2 repeat 17\nlive qos-2 repeat\n";
    assert_eq!(busy().to_text(), text);
    assert_eq!(Progress::from_text(text), Ok(busy()));
    // As an editor on another system may leave it.
    assert_eq!(Progress::from_text(&text.replace('\n', "\r\n")), Ok(busy()));
}

#[test]
fn what_is_no_progress_is_refused_with_the_line() {
    for (text, error) in [
        ("", ProgressError::NotProgress),
        ("{\"read\": []}", ProgressError::NotProgress),
        ("fourstep progress", ProgressError::NotProgress),
        ("fourstep progress one\n", ProgressError::NotProgress),
        ("fourstep progress 2\nread qos-2\n", ProgressError::TooNew),
        ("fourstep progress 1\nread\n", ProgressError::Line(2)),
        ("fourstep progress 1\n\nread a b\n", ProgressError::Line(3)),
        ("fourstep progress 1\nread <b>\n", ProgressError::Line(2)),
        ("fourstep progress 1\nreached a b many\n", ProgressError::Line(2)),
        ("fourstep progress 1\npredicted a b perhaps\n", ProgressError::Line(2)),
        ("fourstep progress 1\nforget everything\n", ProgressError::Line(2)),
    ] {
        assert_eq!(Progress::from_text(text), Err(error), "{text}");
        assert!(error.to_string().ends_with('.'));
    }
    let long = format!("fourstep progress 1\n{}", "read qos-2\n".repeat(100_000));
    assert_eq!(Progress::from_text(&long), Err(ProgressError::TooLong));
}

#[test]
fn putting_two_files_together_keeps_the_better_of_each() {
    let mut ours = busy();
    let theirs = "fourstep progress 1\nhere qos-1\nread qos-1\npredicted qos-2 once right\n\
                  reached qos-2 repeat 16\nreached qos-2 every-step 40\n";
    ours.merge(Progress::from_text(theirs).expect("it is a file"));
    assert_eq!(ours.here(), Some("qos-2"));
    assert!(ours.is_read("qos-1") && ours.is_read("qos-2"));
    assert_eq!(ours.prediction("qos-2"), Some(("twice", false)));
    assert_eq!(ours.best("qos-2", "repeat"), Some(16));
    assert_eq!(ours.best("qos-2", "every-step"), Some(40));
}

proptest! {
    #[test]
    fn any_text_is_read_or_refused_and_what_was_read_is_written_to_the_same(
        lines in prop::collection::vec("(here|read|predicted|reached|x)( [a-z0-9-]{1,5}| right| 7){0,4}", 0..10)
    ) {
        let text = format!("fourstep progress 1\n{}", lines.join("\n"));
        if let Ok(progress) = Progress::from_text(&text) {
            prop_assert_eq!(Progress::from_text(&progress.to_text()), Ok(progress.clone()));
            let mut twice = progress.clone();
            twice.merge(progress.clone());
            prop_assert_eq!(twice, progress);
        }
    }
}
