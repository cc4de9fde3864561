//! What a learner has done, as plain data and as a text file.
//!
//! The file has one fact a line, so that people can read it and two files can
//! be put together:
//!
//! ```text
//! fourstep progress 1
//! here qos-2
//! read qos-1
//! predicted qos-1 twice right
//! reached qos-1 duplicate 18
//! live for-real four-steps
//! ```

use std::fmt;

use super::Lesson;

/// What was done in the course so far.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Progress {
    here: Option<String>,
    /// In the order in which they were begun.
    lessons: Vec<Entry>,
}

/// What was done in one lesson.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Entry {
    slug: String,
    read: bool,
    /// The first answer, and whether it was right.
    prediction: Option<(String, bool)>,
    /// Each goal that was reached, with the fewest packets; 0 where packets do
    /// not count.
    goals: Vec<(String, u32)>,
    /// Each goal that was reached on a real broker.
    live: Vec<String>,
}

/// Why a text is no progress.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProgressError {
    /// It does not start as such a file does.
    NotProgress,
    /// It was written by a later version of the course.
    TooNew,
    /// It is longer than any course is.
    TooLong,
    /// This line, counted from 1, says nothing that is known.
    Line(usize),
}

impl Progress {
    /// The lesson that was opened last, by its slug.
    pub fn here(&self) -> Option<&str> {
        self.here.as_deref()
    }

    /// Remembers where the learner is.
    pub fn open(&mut self, slug: &str) {
        self.here = Some(slug.to_owned());
    }

    /// The lesson's text was read to its end.
    pub fn read(&mut self, slug: &str) {
        self.entry(slug).read = true;
    }

    /// An answer was chosen, and turned out right or wrong. The first one
    /// stands: it was the prediction.
    pub fn predict(&mut self, slug: &str, answer: &str, right: bool) {
        self.entry(slug).prediction.get_or_insert_with(|| (answer.to_owned(), right));
    }

    /// A goal was reached with so many packets, 0 where packets do not count.
    /// The best score stands.
    pub fn reach(&mut self, slug: &str, goal: &str, packets: u32) {
        let goals = &mut self.entry(slug).goals;
        match goals.iter_mut().find(|(id, _)| id == goal) {
            Some((_, best)) => *best = packets.min(*best),
            None => goals.push((goal.to_owned(), packets)),
        }
    }

    /// A goal was reached on a real broker.
    pub fn reach_live(&mut self, slug: &str, goal: &str) {
        let live = &mut self.entry(slug).live;
        if live.iter().all(|id| id != goal) {
            live.push(goal.to_owned());
        }
    }

    /// Whether the lesson's text was read.
    pub fn is_read(&self, slug: &str) -> bool {
        self.find(slug).is_some_and(|entry| entry.read)
    }

    /// The answer that was chosen first, and whether it was right.
    pub fn prediction(&self, slug: &str) -> Option<(&str, bool)> {
        let (answer, right) = self.find(slug)?.prediction.as_ref()?;
        Some((answer, *right))
    }

    /// The fewest packets with which a goal was reached; `None` if it was not.
    pub fn best(&self, slug: &str, goal: &str) -> Option<u32> {
        let goals = &self.find(slug)?.goals;
        goals.iter().find(|(id, _)| id == goal).map(|(_, packets)| *packets)
    }

    /// Whether a goal was reached on a real broker.
    pub fn is_live(&self, slug: &str, goal: &str) -> bool {
        self.find(slug).is_some_and(|entry| entry.live.iter().any(|id| id == goal))
    }

    /// Goals of this lesson that were reached.
    pub fn reached(&self, lesson: &Lesson) -> usize {
        lesson.goals.iter().filter(|goal| self.best(lesson.slug, goal.id).is_some()).count()
    }

    /// Goals of this lesson that were reached within par.
    pub fn stars(&self, lesson: &Lesson) -> usize {
        let has_star = |goal: &&super::Goal| {
            let best = self.best(lesson.slug, goal.id);
            goal.par > 0 && best.is_some_and(|best| best <= goal.par)
        };
        lesson.goals.iter().filter(has_star).count()
    }

    /// Whether nothing is left to do: read, predicted, and every goal reached.
    pub fn is_done(&self, lesson: &Lesson) -> bool {
        self.is_read(lesson.slug)
            && self.prediction(lesson.slug).is_some()
            && self.reached(lesson) == lesson.goals.len()
    }

    /// Adds what another file knows. Where both know something, the better
    /// score counts, and our own prediction.
    pub fn merge(&mut self, other: Progress) {
        for theirs in other.lessons {
            if theirs.read {
                self.read(&theirs.slug);
            }
            if let Some((answer, right)) = &theirs.prediction {
                self.predict(&theirs.slug, answer, *right);
            }
            for (goal, packets) in &theirs.goals {
                self.reach(&theirs.slug, goal, *packets);
            }
            for goal in &theirs.live {
                self.reach_live(&theirs.slug, goal);
            }
        }
        self.here = self.here.take().or(other.here);
    }

    /// The file.
    pub fn to_text(&self) -> String {
        let mut text = format!("{HEAD}{VERSION}\n");
        let mut line = |words: &[&str]| {
            text.push_str(&words.join(" "));
            text.push('\n');
        };
        if let Some(here) = &self.here {
            line(&["here", here]);
        }
        for entry in &self.lessons {
            if entry.read {
                line(&["read", &entry.slug]);
            }
            if let Some((answer, right)) = &entry.prediction {
                line(&["predicted", &entry.slug, answer, if *right { "right" } else { "wrong" }]);
            }
            for (goal, packets) in &entry.goals {
                line(&["reached", &entry.slug, goal, &packets.to_string()]);
            }
            for goal in &entry.live {
                line(&["live", &entry.slug, goal]);
            }
        }
        text
    }

    /// Reads the file. Lessons that this course does not have are kept: another
    /// version of it may.
    ///
    /// # Errors
    ///
    /// If it is no such file, or any line of it cannot be understood. Nothing
    /// is taken from it then.
    pub fn from_text(text: &str) -> Result<Progress, ProgressError> {
        let mut lines = text.lines().enumerate();
        let head = lines.next().and_then(|(_, line)| line.strip_prefix(HEAD));
        match head.map(str::trim_end) {
            Some(version) if version == VERSION => {}
            Some(version) if version.parse::<u32>().is_ok() => return Err(ProgressError::TooNew),
            _ => return Err(ProgressError::NotProgress),
        }
        if text.len() > LONGEST {
            return Err(ProgressError::TooLong);
        }
        let mut progress = Progress::default();
        for (index, line) in lines.filter(|(_, line)| !line.trim().is_empty()) {
            progress.take(line).ok_or(ProgressError::Line(index + 1))?;
        }
        Ok(progress)
    }

    /// Takes one line; `None` if it says nothing that is known.
    fn take(&mut self, line: &str) -> Option<()> {
        let words: Vec<&str> = line.split_whitespace().collect();
        let (verb, names) = words.split_first()?;
        match (*verb, names) {
            ("here", [slug]) => self.open(name(slug)?),
            ("read", [slug]) => self.read(name(slug)?),
            ("predicted", [slug, answer, verdict @ ("right" | "wrong")]) => {
                self.predict(name(slug)?, name(answer)?, *verdict == "right");
            }
            ("reached", [slug, goal, packets]) => {
                self.reach(name(slug)?, name(goal)?, packets.parse().ok()?);
            }
            ("live", [slug, goal]) => self.reach_live(name(slug)?, name(goal)?),
            _ => return None,
        }
        Some(())
    }

    fn find(&self, slug: &str) -> Option<&Entry> {
        self.lessons.iter().find(|entry| entry.slug == slug)
    }

    fn entry(&mut self, slug: &str) -> &mut Entry {
        let place = self.lessons.iter().position(|entry| entry.slug == slug);
        let place = place.unwrap_or_else(|| {
            self.lessons.push(Entry { slug: slug.to_owned(), ..Entry::default() });
            self.lessons.len() - 1
        });
        &mut self.lessons[place]
    }
}

impl fmt::Display for ProgressError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ProgressError::NotProgress => f.write_str(
                "This is no progress file: it does not start with \"fourstep progress\".",
            ),
            ProgressError::TooNew => f.write_str(
                "A later version of this course has written the file. Reload the page first.",
            ),
            ProgressError::TooLong => f.write_str("The file is too long for a progress file."),
            ProgressError::Line(line) => write!(f, "Line {line} of the file makes no sense."),
        }
    }
}

impl std::error::Error for ProgressError {}

/// A name as lessons, answers and goals have it.
fn name(word: &str) -> Option<&str> {
    let is_name = |c: u8| c.is_ascii_lowercase() || c.is_ascii_digit() || c == b'-';
    (word.len() <= LONGEST_NAME && word.bytes().all(is_name)).then_some(word)
}

const HEAD: &str = "fourstep progress ";
const VERSION: &str = "1";
/// Bytes of a file.
const LONGEST: usize = 100_000;
/// Bytes of a name.
const LONGEST_NAME: usize = 64;
