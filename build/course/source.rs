use std::path::PathBuf;

/// What is wrong with the prose, one sentence each, with file and line.
pub type Wrong = Vec<String>;

/// One prose file.
pub struct Source {
    /// Its path, for messages.
    pub path: PathBuf,
    pub text: String,
}

impl Source {
    /// A message about a place in it.
    pub fn wrong(&self, offset: usize, what: impl std::fmt::Display) -> String {
        let line = self.text[..offset].matches('\n').count() + 1;
        format!("{}:{line}: {what}", self.path.display())
    }
}
