//! The topic tree against the plain matcher.

use fourstep::broker::TopicTree;
use fourstep::codec::topic;
use proptest::prelude::*;

#[derive(Clone, Debug)]
enum Step {
    Insert(String, u8),
    Remove(String, u8),
    Match(String),
}

/// Few different levels, so that filters overlap, `$` and empty ones included.
fn levels(wildcards: bool) -> impl Strategy<Value = String> {
    let level = prop_oneof![
        4 => "[ab$]{0,2}",
        2 => Just(if wildcards { "+" } else { "a" }.to_owned()),
    ];
    let last = if wildcards {
        prop_oneof![Just(Some("#")), Just(None)].boxed()
    } else {
        Just(None).boxed()
    };
    (prop::collection::vec(level, 0..5), last).prop_map(|(mut levels, last)| {
        levels.extend(last.map(str::to_owned));
        levels.join("/")
    })
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        3 => (levels(true), 0u8..4).prop_map(|(filter, key)| Step::Insert(filter, key)),
        2 => (levels(true), 0u8..4).prop_map(|(filter, key)| Step::Remove(filter, key)),
        3 => levels(false).prop_map(Step::Match),
    ];
    prop::collection::vec(step, 0..200)
}

proptest! {
    #[test]
    fn it_finds_what_a_search_through_every_filter_finds(steps in steps(), seed: u64) {
        let mut tree = TopicTree::new(seed);
        let mut plain: Vec<(String, u8, usize)> = Vec::new();
        for (number, step) in steps.into_iter().enumerate() {
            match step {
                Step::Insert(filter, key) if topic::validate_plain_filter(&filter).is_ok() => {
                    let old = plain.iter().position(|it| it.0 == filter && it.1 == key);
                    let old = old.map(|place| plain.remove(place).2);
                    prop_assert_eq!(tree.insert(&filter, key, number), old);
                    plain.push((filter, key, number));
                }
                Step::Insert(..) => {}
                Step::Remove(filter, key) => {
                    let old = plain.iter().position(|it| it.0 == filter && it.1 == key);
                    let old = old.map(|place| plain.remove(place).2);
                    prop_assert_eq!(tree.remove(&filter, &key), old);
                }
                Step::Match(name) if !name.is_empty() => {
                    let mut found = Vec::new();
                    tree.matches(&name, |key, value| found.push((*key, *value)));
                    found.sort_unstable();
                    let mut expect: Vec<_> = plain
                        .iter()
                        .filter(|it| topic::matches(&it.0, &name))
                        .map(|it| (it.1, it.2))
                        .collect();
                    expect.sort_unstable();
                    prop_assert_eq!(&found, &expect, "{}", name);
                    prop_assert_eq!(tree.any_match(&name, |_, _| true), !expect.is_empty());
                }
                Step::Match(_) => {}
            }
            prop_assert_eq!(tree.len(), plain.len());
        }
    }

    /// The order in which matches are found is part of what a broker does.
    #[test]
    fn the_order_does_not_depend_on_the_seed(filters in prop::collection::vec(levels(true), 0..50)) {
        let mut trees = [TopicTree::new(1), TopicTree::new(u64::MAX)];
        let mut orders = [Vec::new(), Vec::new()];
        for (tree, order) in trees.iter_mut().zip(&mut orders) {
            for (number, filter) in filters.iter().enumerate() {
                tree.insert(filter, number, ());
            }
            for name in ["a", "a/b", "a/b/a", "/", "$a/b"] {
                tree.matches(name, |key, ()| order.push(*key));
            }
        }
        prop_assert_eq!(&orders[0], &orders[1]);
    }
}
