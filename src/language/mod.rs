//! The languages in which the page and the course are written.

mod escape;
mod phrases;

pub use escape::{preview, quoted, readable, visible};
pub use phrases::open_book;

/// A language of the page and of the course.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Language {
    /// English.
    #[default]
    English,
    /// Simplified Chinese.
    Chinese,
}

impl Language {
    /// Both, in the order in which prose is kept.
    pub const ALL: [Language; 2] = [Language::English, Language::Chinese];

    /// Its BCP 47 tag, for the `lang` attribute.
    pub const fn tag(self) -> &'static str {
        match self {
            Language::English => "en",
            Language::Chinese => "zh-Hans",
        }
    }

    /// What it calls itself.
    pub const fn name(self) -> &'static str {
        match self {
            Language::English => "English",
            Language::Chinese => "中文",
        }
    }

    /// The one to change to.
    pub const fn other(self) -> Language {
        match self {
            Language::English => Language::Chinese,
            Language::Chinese => Language::English,
        }
    }

    /// The language with this tag, whatever region and script it goes on to
    /// name: somebody who reads Traditional Chinese reads Simplified Chinese
    /// more easily than English.
    pub fn of_tag(tag: &str) -> Option<Language> {
        let language = tag.split('-').next().unwrap_or_default();
        let is_named = |named: &Language| {
            let name = named.tag().split('-').next().unwrap_or_default();
            language.eq_ignore_ascii_case(name)
        };
        Language::ALL.into_iter().find(is_named)
    }

    /// Its entry in what is kept in both.
    pub const fn of<T>(self, both: &[T; 2]) -> &T {
        match self {
            Language::English => &both[0],
            Language::Chinese => &both[1],
        }
    }
}

/// A message with its placeholders, such as `{count}`, replaced by the values
/// of these names.
pub fn fill(message: &str, values: &[(&str, &str)]) -> String {
    let mut filled = String::with_capacity(message.len() + 16);
    let mut rest = message;
    while let Some((before, after)) = rest.split_once('{') {
        filled.push_str(before);
        let (name, after) = after.split_once('}').unwrap_or((after, ""));
        // A value is never searched for placeholders: it may come from a peer.
        let value = values.iter().find(|(known, _)| *known == name);
        filled.push_str(value.map_or("", |(_, value)| value));
        rest = after;
    }
    filled.push_str(rest);
    filled
}

#[cfg(test)]
mod tests {
    use super::Language::{self, Chinese, English};

    #[test]
    fn a_tag_means_its_language_in_any_region_and_script() {
        let cases = [
            ("en", Some(English)),
            ("en-GB", Some(English)),
            ("EN-us", Some(English)),
            ("zh", Some(Chinese)),
            ("zh-CN", Some(Chinese)),
            ("zh-Hans-SG", Some(Chinese)),
            ("zh-Hant-TW", Some(Chinese)),
            ("de", None),
            ("zha", None),
            ("", None),
        ];
        for (tag, expected) in cases {
            assert_eq!(Language::of_tag(tag), expected, "{tag}");
        }
    }

    #[test]
    fn each_language_is_found_by_its_own_tag_and_has_another() {
        for language in Language::ALL {
            assert_eq!(Language::of_tag(language.tag()), Some(language));
            assert_ne!(language.other(), language);
            assert_eq!(language.other().other(), language);
        }
    }
}
