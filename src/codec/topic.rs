//! Topic names and topic filters (section 4.7).

use super::Rule;

/// Checks a topic name: not empty, no wildcard, no U+0000, at most 65,535
/// bytes ([MQTT-4.7.1-1], 5.0: [MQTT-4.7.0-1]; [MQTT-4.7.3-1],
/// [MQTT-4.7.3-2], [MQTT-4.7.3-3]).
pub fn validate_name(name: &str) -> Result<(), Rule> {
    validate_characters(name)?;
    match has_wildcard(name) {
        true => Err(Rule::TopicNameWildcard),
        false => Ok(()),
    }
}

/// Checks a topic filter as MQTT 5.0 does, the `$share` form included: `#`
/// last and alone in its level, `+` alone in its level ([MQTT-4.7.1-2],
/// [MQTT-4.7.1-3]; 5.0: [MQTT-4.7.1-1], [MQTT-4.7.1-2]; shared:
/// [MQTT-4.8.2-1], [MQTT-4.8.2-2]).
pub fn validate_filter(filter: &str) -> Result<(), Rule> {
    validate_plain_filter(filter)?;
    let Some(shared) = filter.strip_prefix(SHARED) else {
        return Ok(());
    };
    match shared.split_once('/') {
        Some(("", _)) => Err(Rule::ShareNameEmpty),
        None if shared.is_empty() => Err(Rule::ShareNameEmpty),
        Some((name, rest)) if !has_wildcard(name) && !rest.is_empty() => Ok(()),
        _ => Err(Rule::ShareName),
    }
}

/// Checks a topic filter as MQTT 3.1.1 does, where `$share` means nothing.
pub fn validate_plain_filter(filter: &str) -> Result<(), Rule> {
    validate_characters(filter)?;
    let mut levels = filter.split('/').peekable();
    while let Some(level) = levels.next() {
        if level.contains('#') && (level != "#" || levels.peek().is_some()) {
            return Err(Rule::MultiLevelWildcard);
        }
        if level.contains('+') && level != "+" {
            return Err(Rule::SingleLevelWildcard);
        }
    }
    Ok(())
}

/// Whether `filter` (not a shared one: strip it first) matches `name`.
/// Wildcards at the start do not match names that begin with `$`
/// ([MQTT-4.7.2-1]).
pub fn matches(filter: &str, name: &str) -> bool {
    if name.starts_with('$') && filter.starts_with(['#', '+']) {
        return false;
    }
    let mut levels = name.split('/');
    for wanted in filter.split('/') {
        // `a/#` matches `a` too: it includes the parent level (4.7.1.2).
        if wanted == "#" {
            return true;
        }
        match levels.next() {
            Some(level) if wanted == "+" || wanted == level => {}
            _ => return false,
        }
    }
    levels.next().is_none()
}

/// The parts of `$share/{name}/{filter}`; `None` for any other filter.
pub fn split_shared(filter: &str) -> Option<(&str, &str)> {
    filter.strip_prefix(SHARED)?.split_once('/')
}

/// Whether the filter contains a wildcard.
pub fn has_wildcard(filter: &str) -> bool {
    filter.contains(['#', '+'])
}

/// What holds for names and filters alike.
fn validate_characters(topic: &str) -> Result<(), Rule> {
    if topic.is_empty() {
        Err(Rule::TopicEmpty)
    } else if topic.len() > usize::from(u16::MAX) {
        Err(Rule::TopicTooLong)
    } else if topic.contains('\0') {
        Err(Rule::TopicNullCharacter)
    } else {
        Ok(())
    }
}

/// How the filter of a shared subscription begins (5.0, 4.8.2).
const SHARED: &str = "$share/";
