//! Both languages say the same of the same packets: where they do not, this
//! tells.

use super::Source;
use super::markdown::{Block, Inline, Section, Target};

/// Where two files of one lesson differ in structure, one sentence each.
pub fn differences(sources: &[Source; 2], english: &[Section], chinese: &[Section]) -> Vec<String> {
    let [_, source] = sources;
    if english.len() != chinese.len() {
        return vec![source.wrong(
            0,
            format_args!("{} sections, and {} in English", chinese.len(), english.len()),
        )];
    }
    let mut found = Vec::new();
    for (english, chinese) in english.iter().zip(chinese) {
        if english.level != chinese.level
            || !is_title(english) && english.heading != chinese.heading
        {
            let (ours, theirs) = (&chinese.heading, &english.heading);
            found.push(source.wrong(chinese.at, format_args!("{ours:?} is {theirs:?} in English")));
            continue;
        }
        let (ours, theirs) = (targets(&chinese.blocks), targets(&english.blocks));
        let same = ours.iter().zip(&theirs).take_while(|(a, b)| a.1 == b.1).count();
        let say = |target: Option<&(usize, Target)>| match target {
            Some((_, target)) => format!("{target:?}"),
            None => "nothing".to_owned(),
        };
        if same < ours.len().max(theirs.len()) {
            let at = ours.get(same).map_or(chinese.at, |(at, _)| *at);
            let (ours, theirs) = (say(ours.get(same)), say(theirs.get(same)));
            found.push(
                source.wrong(at, format_args!("this leads to {ours}, in English to {theirs}")),
            );
        }
    }
    found
}

fn is_title(section: &Section) -> bool {
    section.level == pulldown_cmark::HeadingLevel::H1
}

/// The links that have to be the same, in order. Terms are free: one language
/// may need to explain what another does not.
fn targets(blocks: &[Block]) -> Vec<(usize, Target)> {
    let mut found = Vec::new();
    blocks.iter().for_each(|block| of_block(block, &mut found));
    found
}

fn of_block(block: &Block, found: &mut Vec<(usize, Target)>) {
    match block {
        Block::Heading(inlines) | Block::Paragraph(inlines) => of_inlines(inlines, found),
        Block::List { items, .. } => items.iter().flatten().for_each(|it| of_block(it, found)),
        Block::Table { head, rows } => {
            head.iter().chain(rows.iter().flatten()).for_each(|cell| of_inlines(cell, found));
        }
        Block::Code(_) => {}
        Block::Note(blocks) => blocks.iter().for_each(|it| of_block(it, found)),
    }
}

fn of_inlines(inlines: &[Inline], found: &mut Vec<(usize, Target)>) {
    for inline in inlines {
        match inline {
            Inline::Text(_) | Inline::Code(_) => {}
            Inline::Emphasis(inner) | Inline::Strong(inner) => of_inlines(inner, found),
            Inline::Link(at, target, inner) => {
                if !matches!(target, Target::Term(_)) {
                    found.push((*at, target.clone()));
                }
                of_inlines(inner, found);
            }
        }
    }
}
