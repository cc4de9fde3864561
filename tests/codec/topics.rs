//! Topic names, filters and matching (4.7, 5.0: 4.8.2).

use fourstep::codec::{Rule, topic};

#[test]
fn names_are_validated() {
    let long = "a".repeat(65_536);
    let table: &[(&str, Result<(), Rule>)] = &[
        ("a", Ok(())),
        ("/", Ok(())),
        ("a//b", Ok(())),
        ("$SYS/x", Ok(())),
        (" a ", Ok(())),
        ("ä/\u{FEFF}", Ok(())),
        (&long[1..], Ok(())),
        ("", Err(Rule::TopicEmpty)),
        (&long, Err(Rule::TopicTooLong)),
        ("a\0b", Err(Rule::TopicNullCharacter)),
        ("+", Err(Rule::TopicNameWildcard)),
        ("a/#", Err(Rule::TopicNameWildcard)),
        ("a+b", Err(Rule::TopicNameWildcard)),
    ];
    for (name, expect) in table {
        assert_eq!(topic::validate_name(name), *expect, "{:.20}", name);
    }
}

#[test]
fn filters_are_validated() {
    let long = "a".repeat(65_536);
    let table: &[(&str, Result<(), Rule>)] = &[
        ("#", Ok(())),
        ("+", Ok(())),
        ("/", Ok(())),
        ("a/#", Ok(())),
        ("/#", Ok(())),
        ("+/b/+", Ok(())),
        ("+/+", Ok(())),
        ("/+", Ok(())),
        ("$SYS/#", Ok(())),
        ("$share", Ok(())),
        ("$shared/#/", Err(Rule::MultiLevelWildcard)),
        ("$share/g/a", Ok(())),
        ("$share/g//", Ok(())),
        ("$share/g/+/#", Ok(())),
        ("", Err(Rule::TopicEmpty)),
        (&long, Err(Rule::TopicTooLong)),
        ("a\0", Err(Rule::TopicNullCharacter)),
        ("a#", Err(Rule::MultiLevelWildcard)),
        ("a/#/b", Err(Rule::MultiLevelWildcard)),
        ("#/", Err(Rule::MultiLevelWildcard)),
        ("##", Err(Rule::MultiLevelWildcard)),
        ("+#", Err(Rule::MultiLevelWildcard)),
        ("a+", Err(Rule::SingleLevelWildcard)),
        ("a/+b/c", Err(Rule::SingleLevelWildcard)),
        ("++", Err(Rule::SingleLevelWildcard)),
        ("$share/", Err(Rule::ShareNameEmpty)),
        ("$share//a", Err(Rule::ShareNameEmpty)),
        ("$share/g", Err(Rule::ShareName)),
        ("$share/g/", Err(Rule::ShareName)),
        ("$share/+/a", Err(Rule::ShareName)),
        ("$share/#", Err(Rule::ShareName)),
    ];
    for (filter, expect) in table {
        assert_eq!(topic::validate_filter(filter), *expect, "{:.20}", filter);
    }
}

#[test]
fn shared_filters_mean_nothing_special_in_3_1_1() {
    for filter in ["$share/", "$share//a", "$share/g", "$share/+/a", "$share/#"] {
        assert_eq!(topic::validate_plain_filter(filter), Ok(()), "{filter}");
    }
}

#[test]
fn filters_match_names() {
    let table = [
        ("a", "a", true),
        ("a", "A", false),
        ("a", "a/", false),
        ("a", "/a", false),
        ("a/b", "a/b", true),
        ("a/b", "a/b/c", false),
        ("a/b/c", "a/b", false),
        ("sport/tennis/player1/#", "sport/tennis/player1", true),
        ("sport/tennis/player1/#", "sport/tennis/player1/ranking", true),
        ("sport/tennis/player1/#", "sport/tennis/player1/score/wimbledon", true),
        ("sport/tennis/player1/#", "sport/tennis/player12", false),
        ("sport/#", "sport", true),
        ("#", "a/b/c", true),
        ("#", "/", true),
        ("/#", "/", true),
        ("/#", "a", false),
        ("a/#", "a/", true),
        ("sport/tennis/+", "sport/tennis/player1", true),
        ("sport/tennis/+", "sport/tennis/player1/ranking", false),
        ("sport/+", "sport", false),
        ("sport/+", "sport/", true),
        ("+", "a", true),
        ("+", "/a", false),
        ("+/+", "/finance", true),
        ("/+", "/finance", true),
        ("+", "/finance", false),
        ("+/b/#", "a/b", true),
        ("a/+/c", "a//c", true),
        ("a//c", "a/b/c", false),
        ("é", "e\u{301}", false),
        // [MQTT-4.7.2-1]: a leading wildcard does not match a leading $.
        ("#", "$SYS/a", false),
        ("+/a", "$SYS/a", false),
        ("+", "$SYS", false),
        ("$SYS/#", "$SYS/a", true),
        ("$SYS/+", "$SYS/a", true),
        ("$SYS/#", "$SYS", true),
        ("a/+", "a/$b", true),
        ("#", "a/$b", true),
    ];
    for (filter, name, expect) in table {
        assert_eq!(topic::matches(filter, name), expect, "{filter} and {name}");
    }
}

#[test]
fn shared_filters_are_split() {
    let table = [
        ("$share/g/a/b", Some(("g", "a/b"))),
        ("$share/g//", Some(("g", "/"))),
        ("$share/g", None),
        ("$share", None),
        ("a/$share/g/b", None),
    ];
    for (filter, expect) in table {
        assert_eq!(topic::split_shared(filter), expect, "{filter}");
    }
}

#[test]
fn wildcards_are_found() {
    for (filter, expect) in [("a/b", false), ("a/+", true), ("#", true), ("$share/g/a", false)] {
        assert_eq!(topic::has_wildcard(filter), expect, "{filter}");
    }
}
