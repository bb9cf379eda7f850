//! What can go wrong with keys. No variant holds a key, a passphrase or content.

use std::io;
use std::path::{Path, PathBuf};

use terms::{EngagementId, SealError};

/// Why the keyring could not be made, read, written or used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum KeyError {
    /// A file or directory could not be read or written.
    #[error("`{}` could not be {doing}: {source}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// `read`, `written`, `made`.
        doing: &'static str,
        /// What the system said.
        source: io::Error,
    },
    /// Others than the owner may read or write it.
    #[error("`{}` is open to others (mode {mode:o}); mend it with `chmod {want:o} {}`", path.display(), path.display())]
    Permissions {
        /// The file or directory.
        path: PathBuf,
        /// Its mode.
        mode: u32,
        /// The mode it must have at most.
        want: u32,
    },
    /// It belongs to another user.
    #[error("`{}` belongs to user {owner}, not to user {user} who runs this; mend it with `chown {user} {}`", path.display(), path.display())]
    Owner {
        /// The file or directory.
        path: PathBuf,
        /// Whose it is.
        owner: u32,
        /// Who runs this.
        user: u32,
    },
    /// There is a keyring already.
    #[error("`{}` holds a keyring already", .0.display())]
    Exists(PathBuf),
    /// There is no keyring.
    #[error("`{}` holds no keyring", .0.display())]
    Missing(PathBuf),
    /// The file was written by a later version.
    #[error("`{}` has format version {version}, which this version of the house does not know", path.display())]
    Version {
        /// The file.
        path: PathBuf,
        /// The version that it states.
        version: u32,
    },
    /// The file is not what it should be.
    #[error("`{}` is damaged: {what}", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        what: &'static str,
    },
    /// The root key or passphrase is not the one under which the keyring was made.
    #[error("the root key or passphrase does not open the keyring `{}`", .0.display())]
    WrongRoot(PathBuf),
    /// The engagement's keys were destroyed; they can't come back under this name.
    #[error("the keys of engagement `{0}` were destroyed")]
    Destroyed(EngagementId),
    /// No such engagement in the keyring.
    #[error("the keyring has no keys of engagement `{0}`")]
    NoEngagement(EngagementId),
    /// The passphrase is too short to protect anything.
    #[error("the passphrase is shorter than {0} characters")]
    PassphraseShort(usize),
    /// A cryptographic operation failed.
    #[error("sealing or unsealing failed: {0}")]
    Seal(#[from] SealError),
    /// The process could not be protected.
    #[error("the process could not be made undumpable: {0}")]
    Process(io::Error),
}

impl KeyError {
    pub(crate) fn file(path: &Path, doing: &'static str) -> impl FnOnce(io::Error) -> Self {
        move |source| Self::File { path: path.to_owned(), doing, source }
    }

    pub(crate) fn damaged(path: &Path, what: &'static str) -> Self {
        Self::Damaged { path: path.to_owned(), what }
    }
}
