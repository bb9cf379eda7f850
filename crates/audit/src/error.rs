//! What can go wrong with the record. No variant holds content.

use std::io;

use terms::{Code, SealError};

/// Why the journal did not do what it was asked.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum JournalError {
    /// A write or a sync failed, now or earlier: the writer has stopped, and nothing may leave.
    #[error("the record can't be written: {0}")]
    Unavailable(io::ErrorKind),
    /// The journal was shut down.
    #[error("the journal has been shut down")]
    Closed,
    /// Another process writes this journal.
    #[error("another process has the journal open")]
    Locked,
    /// The journal on disk is not what was written. Start is refused until an operator has looked.
    #[error("the journal was tampered with: {0}")]
    Tampered(#[from] Tampering),
    /// The engagement's segment key could not be made or used.
    #[error("the entry could not be sealed: {0}")]
    Seal(#[from] SealError),
    /// The entry is larger than a frame may be.
    #[error("the entry is larger than a frame may be")]
    TooLarge,
    /// The entry is one that only the journal itself writes.
    #[error("only the journal itself writes this entry")]
    Reserved,
    /// The signer's name can't be the origin of a log (C2SP signed-note: no spaces, no `+`).
    #[error("the signer's name can't be the origin of a log")]
    Origin,
}

impl JournalError {
    /// The stable code of a refusal that follows from this error.
    pub const fn code(&self) -> Code {
        match self {
            Self::Seal(_) => Code::KEY_UNAVAILABLE,
            Self::Closed => Code::SHUTTING_DOWN,
            _ => Code::RECORD_UNAVAILABLE,
        }
    }
}

impl From<io::Error> for JournalError {
    fn from(error: io::Error) -> Self {
        Self::Unavailable(error.kind())
    }
}

/// What kind of wrong a journal is, and where.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Tampering {
    /// `log.vkey` is missing beside records, or is not the key that signs here.
    #[error("`log.vkey` is not the key of this house")]
    Key,
    /// The newest checkpoint is missing, not signed by this log's key, or not in the history.
    #[error("`{file}` does not hold checkpoints signed by this log")]
    Checkpoint {
        /// the file's name
        file: &'static str,
    },
    /// A segment's file is missing.
    #[error("segment {segment} is missing")]
    SegmentMissing {
        /// its number
        segment: u64,
    },
    /// A frame is damaged, and it is not the torn end of the last write.
    #[error("segment {segment} is damaged at position {position}, offset {offset}")]
    Damaged {
        /// number of the segment
        segment: u64,
        /// the leaf that should be there
        position: u64,
        /// its place in the file, in bytes
        offset: u64,
    },
    /// An undamaged frame is not one that can stand where it stands.
    #[error("segment {segment} holds a frame that does not belong at position {position}, offset {offset}")]
    Misplaced {
        /// number of the segment
        segment: u64,
        /// the leaf that should be there
        position: u64,
        /// its place in the file, in bytes
        offset: u64,
    },
    /// The log is shorter than its newest checkpoint says.
    #[error("the log ends at {size} but a checkpoint was signed at {signed}")]
    Truncated {
        /// leaves found
        size: u64,
        /// leaves signed
        signed: u64,
    },
    /// The tree over the frames is not the one that was signed.
    #[error("the tree at {size} is not the one that was signed")]
    Root {
        /// leaves
        size: u64,
    },
}

/// Why the record could not be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ReadError {
    /// A file could not be read.
    #[error("the journal can't be read: {0}")]
    Io(io::ErrorKind),
    /// A frame that is not the end of the journal is damaged.
    #[error("segment {segment} is damaged at offset {offset}")]
    Damaged {
        /// number of the segment
        segment: u64,
        /// place in the file, in bytes
        offset: u64,
    },
}

impl From<io::Error> for ReadError {
    fn from(error: io::Error) -> Self {
        Self::Io(error.kind())
    }
}
