//! What can be wrong with templates.

use std::path::PathBuf;

/// Why a folder of templates can't be used; names file and line.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The folder or a file of it can't be read as UTF-8.
    #[error("{path}: {source}")]
    Read {
        /// Folder or file.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// A line of a file breaks the template language.
    #[error("{file}:{line}: {problem}")]
    Template {
        /// The file's name.
        file: String,
        /// Counted from one.
        line: usize,
        /// What is wrong there.
        problem: String,
    },
    /// No file in any folder holds a document.
    #[error("no documents in {0}")]
    Empty(String),
}
