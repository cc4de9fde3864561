//! Which page of the course is shown: what follows `#/course/` in the address.

use crate::course::Lesson;

/// A page of the course.
#[derive(Clone)]
pub(super) enum Place {
    /// All lessons.
    Contents,
    /// The glossary, at a term if one is named.
    Glossary(String),
    /// A lesson.
    Lesson {
        lesson: &'static Lesson,
        /// What its lab plays, as
        /// [`Scenario::to_link`](crate::sim::Scenario::to_link) writes it;
        /// without one the lesson's own.
        link: Option<String>,
    },
}

impl Place {
    /// The page at this address; the contents where there is none.
    pub fn of(address: &str) -> Place {
        let (page, rest) = address.split_once('/').unwrap_or((address, ""));
        match (page, Lesson::find(page)) {
            ("glossary", _) => Place::Glossary(rest.to_owned()),
            (_, Some(lesson)) => {
                let link = (!rest.is_empty()).then(|| rest.to_owned());
                Place::Lesson { lesson, link }
            }
            (_, None) => Place::Contents,
        }
    }
}

impl PartialEq for Place {
    fn eq(&self, other: &Place) -> bool {
        match (self, other) {
            (Place::Contents, Place::Contents) => true,
            (Place::Glossary(term), Place::Glossary(of)) => term == of,
            (Place::Lesson { lesson, link }, Place::Lesson { lesson: of, link: other }) => {
                lesson.slug == of.slug && link == other
            }
            _ => false,
        }
    }
}

/// Where the contents are.
pub(super) const CONTENTS: &str = "#/course";

/// Where the glossary is.
pub(super) const GLOSSARY: &str = "#/course/glossary";

/// Where a lesson is.
pub(super) fn lesson(slug: &str) -> String {
    format!("{CONTENTS}/{slug}")
}

/// Where a term of the glossary is.
pub(super) fn term(id: &str) -> String {
    format!("{GLOSSARY}/{id}")
}
