//! Which rows of a long list are on the screen.

use fourstep::view::window::{TALLEST, Window};
use proptest::prelude::*;

#[test]
fn the_view_follows_the_end_until_a_person_scrolls_up() {
    let mut window = Window::new(20.0);
    window.resize(100.0);
    window.update(0, 50);
    assert!(window.is_following());
    assert_eq!((window.offset(), window.content_height()), (900.0, 1_000.0));
    window.scroll(500.0);
    assert!(!window.is_following());
    window.update(0, 60);
    assert_eq!(window.offset(), 500.0);
    window.scroll(1_099.0);
    assert!(window.is_following(), "near the end is the end");
    window.update(0, 70);
    assert_eq!(window.offset(), 1_300.0);
}

#[test]
fn what_the_page_sets_itself_is_not_taken_for_scrolling() {
    let mut window = Window::new(20.0);
    window.resize(100.0);
    window.update(0, 50);
    window.scroll(500.0);
    // The event of setting `scrollTop`, rounded, comes late.
    window.scroll(500.4);
    assert_eq!(window.offset(), 500.0);
    window.follow(true);
    window.scroll(899.6);
    assert!(window.is_following());
    window.scroll(f64::NAN);
    assert_eq!(window.offset(), 900.0);
}

#[test]
fn an_element_that_lags_behind_does_not_stop_the_following() {
    let mut window = Window::new(20.0);
    window.resize(100.0);
    window.update(0, 50);
    window.update(0, 60);
    // Told to go to 1,100, but its content is not taller than 1,000 yet.
    window.placed(900.0);
    window.scroll(900.0);
    assert!(window.is_following());
    assert_eq!(window.offset(), 1_100.0);
    window.placed(1_100.0);
    window.scroll(1_060.0);
    assert!(!window.is_following(), "a person has scrolled up");
    // And down again, to where the page had been.
    window.scroll(1_100.0);
    assert!(window.is_following());
}

#[test]
fn rows_stay_where_they_are_when_older_ones_are_dropped() {
    let mut window = Window::new(20.0);
    window.resize(100.0);
    window.update(0, 50);
    window.scroll(407.0);
    let row = window.row_at(410.0).expect("there is a row");
    let on_screen = window.y(row) - window.offset();
    window.update(10, 60);
    assert_eq!(window.offset(), 207.0);
    assert_eq!(window.y(row) - window.offset(), on_screen);
    // The rows in view are dropped themselves: the oldest are shown.
    window.update(55, 105);
    assert_eq!((window.offset(), window.visible().start), (0.0, 55));
}

#[test]
fn a_row_is_revealed_by_as_little_scrolling_as_it_takes() {
    let mut window = Window::new(20.0);
    window.resize(100.0);
    window.update(0, 50);
    #[rustfmt::skip]
    let cases = [(10, 200.0), (12, 200.0), (15, 220.0), (0, 0.0), (49, 900.0), (99, 900.0)];
    for (row, offset) in cases {
        window.reveal(row..row + 1);
        assert_eq!(window.offset(), offset, "row {row}");
        assert_eq!(window.is_following(), row >= 49);
    }
}

#[test]
fn new_row_heights_keep_the_first_row() {
    let mut window = Window::new(20.0);
    window.resize(100.0);
    window.update(0, 50);
    window.scroll(400.0);
    window.set_row_height(30.0);
    assert_eq!(window.offset(), 600.0);
    window.set_row_height(f64::NAN);
    assert_eq!(window.row_height(), 1.0);
}

#[test]
fn a_million_rows_fit_into_what_a_browser_can_lay_out() {
    let mut window = Window::new(32.0);
    window.resize(640.0);
    window.update(1_000, 1_001_000);
    assert_eq!(window.content_height(), TALLEST);
    assert!((window.offset() + 640.0 - TALLEST).abs() < 1.0);
    assert_eq!(window.visible().end, 1_001_000);
    window.scroll(0.0);
    assert_eq!(window.visible(), 1_000..1_024);
    window.scroll(TALLEST / 2.0);
    assert_eq!(window.visible().end - window.visible().start, 29);
    for sequence in window.visible() {
        assert_eq!(window.row_at(window.y(sequence) + 16.0), Some(sequence));
    }
}

#[test]
fn a_view_without_height_shows_nothing() {
    let mut window = Window::new(20.0);
    window.update(5, 50);
    assert!(window.visible().is_empty());
    window.resize(f64::INFINITY);
    assert!(window.visible().is_empty());
}

proptest! {
    /// Whatever happens, the offset is one that the element can have, the
    /// rows exist, they fill the view, and there are few of them.
    #[test]
    fn the_view_is_always_filled_and_never_with_more_than_it_shows(
        steps in prop::collection::vec((0u8..5, 0.0f64..1.5, 0u64..3_000_000), 1..40),
    ) {
        let mut window = Window::new(20.0);
        let (mut dropped, mut next) = (0u64, 0u64);
        let mut height = 0.0;
        for (what, part, count) in steps {
            match what {
                0 => {
                    height = part * 1_000.0;
                    window.resize(height);
                }
                1 => {
                    next += count;
                    window.update(dropped, next);
                }
                2 => {
                    dropped = (dropped + count).min(next);
                    window.update(dropped, next);
                }
                3 => window.scroll(part * window.content_height()),
                _ => window.reveal(count..count + 1),
            }
            let end = (window.content_height() - height).max(0.0);
            prop_assert!(window.offset() >= 0.0 && window.offset() <= end + 1e-3);
            let visible = window.visible();
            prop_assert!(visible.start >= dropped && visible.end <= next);
            prop_assert!((visible.end - visible.start) as f64 <= height / 20.0 + 10.0);
            if height > 0.0 && next > dropped {
                let top = window.y(visible.start);
                let bottom = window.y(visible.end - 1) + 20.0;
                prop_assert!(top <= window.offset() + 1e-3);
                let needed = (window.offset() + height).min(window.content_height());
                prop_assert!(bottom >= needed - 1e-3, "{bottom} is above {needed}");
            }
        }
    }
}

#[test]
fn rows_are_shown_whole_and_their_start_if_they_are_too_many() {
    for (top, rows, expected) in [
        (0.0, 10..12, 140.0),
        (600.0, 10..12, 200.0),
        (0.0, 10..30, 200.0),
        (220.0, 12..14, 220.0),
        (220.0, 49..51, 220.0),
    ] {
        let mut window = Window::new(20.0);
        window.resize(100.0);
        window.update(0, 50);
        window.scroll(top);
        window.reveal(rows.clone());
        assert_eq!(window.offset(), expected, "{rows:?} from {top}");
        assert!(!window.is_following());
    }
}

#[test]
fn a_view_can_be_sent_to_a_row() {
    let mut window = Window::new(20.0);
    window.resize(100.0);
    window.update(10, 60);
    for (row, expected) in [(20, 200.0), (0, 0.0), (100, 900.0)] {
        window.go_to(row);
        assert_eq!(window.offset(), expected, "row {row}");
        assert!(!window.is_following());
    }
}
