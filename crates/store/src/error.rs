//! What can go wrong with a database. No variant holds a value of a row.

use std::io;
use std::path::PathBuf;

/// Why a database could not be opened.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// The URL names no database that is known here.
    #[error("the database URL is not `sqlite:PATH` or `postgres://…`")]
    Url,
    /// The file could not be made or read.
    #[error("`{}` could not be opened: {source}", path.display())]
    File {
        /// The SQLite file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// Others than the owner may read the file.
    #[error("`{}` is open to others (mode {mode:o}); mend it with `chmod 600 {}`", path.display(), path.display())]
    Permissions {
        /// The SQLite file.
        path: PathBuf,
        /// Its mode.
        mode: u32,
    },
    /// A server beyond this machine without TLS.
    #[error(
        "the database server is on another machine and the connection is not verified; mend it with `?sslmode=verify-full`"
    )]
    Unverified,
    /// The database was written by a later version of the house.
    #[error("the database has schema version {found}, and this version of the house knows up to {known}")]
    Newer {
        /// What the database states.
        found: i64,
        /// The newest that is known.
        known: i64,
    },
    /// The database failed.
    #[error("the database failed: {0}")]
    Database(String),
}

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        Self::Database(describe(&error))
    }
}

/// What failed, in words that hold no value of a row.
pub(crate) fn describe(error: &sqlx::Error) -> String {
    match error {
        // The server's message may quote a value; the code, table and constraint do not.
        sqlx::Error::Database(error) => {
            let code = error.code().unwrap_or_default().into_owned();
            let place = error.constraint().or(error.table());
            place.map_or_else(|| format!("code {code}"), |place| format!("code {code} at `{place}`"))
        }
        sqlx::Error::Io(error) => format!("input or output: {}", error.kind()),
        sqlx::Error::Tls(_) => "TLS could not be set up".to_owned(),
        sqlx::Error::PoolTimedOut => "no connection became free in time".to_owned(),
        sqlx::Error::PoolClosed => "it is closed".to_owned(),
        sqlx::Error::WorkerCrashed => "its thread ended".to_owned(),
        sqlx::Error::Configuration(_) => "its URL can't be read".to_owned(),
        sqlx::Error::ColumnDecode { .. } | sqlx::Error::Decode(_) => "a column has another type".to_owned(),
        _ => "an operation failed".to_owned(),
    }
}
