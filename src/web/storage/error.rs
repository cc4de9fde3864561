use std::fmt;

/// Why a session cannot be stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StorageError {
    /// The browser has no IndexedDB, or denies it: private browsing, or a
    /// setting that blocks site data. In the browser's words.
    Denied(String),
    /// The disk or the site's quota is full.
    Full,
    /// Another tab uses this session.
    InUse,
    /// Storage did not answer in time: another tab may keep an older version
    /// of the database open.
    Blocked,
    /// Anything else, in the browser's words.
    Failed(String),
}

impl fmt::Display for StorageError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            StorageError::Denied(why) => write!(
                f,
                "the browser denies this page its storage, as in private browsing or when \
                 site data is blocked ({why})"
            ),
            StorageError::Full => f.write_str("the disk, or the browser's share of it, is full"),
            StorageError::InUse => f.write_str("this session is open in another tab"),
            StorageError::Blocked => f.write_str(
                "the browser's storage does not answer; another tab of this page may block it",
            ),
            StorageError::Failed(why) => write!(f, "the browser's storage failed ({why})"),
        }
    }
}

impl std::error::Error for StorageError {}

impl From<idb::Error> for StorageError {
    fn from(error: idb::Error) -> Self {
        match &error {
            idb::Error::IndexedDbNotFound(_) => StorageError::Denied("no IndexedDB".to_owned()),
            idb::Error::DomException(exception) => {
                StorageError::from_words(format!("{}: {}", exception.name(), exception.message()))
            }
            other => StorageError::from_words(other.to_string()),
        }
    }
}

impl StorageError {
    /// Tells the causes apart by the name of the DOMException in the text.
    pub(super) fn from_words(words: String) -> Self {
        if words.contains("QuotaExceededError") {
            StorageError::Full
        } else if words.contains("SecurityError") || words.contains("NotAllowedError") {
            StorageError::Denied(words)
        } else {
            StorageError::Failed(words)
        }
    }
}
