//! Opening a database.

use std::fs::{self, OpenOptions};
use std::io;
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use sqlx::ConnectOptions as _;
use sqlx::postgres::{PgConnectOptions, PgPool, PgPoolOptions, PgSslMode};
use sqlx::sqlite::{
    SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteSynchronous,
};

use crate::{StoreError, schema};

/// An open database. Cheap to clone.
#[derive(Clone)]
pub struct Store {
    pub(crate) pools: Arc<Pools>,
}

pub(crate) enum Pools {
    Sqlite(Sqlite),
    Postgres(PgPool),
}

/// SQLite has one writer at a time; each pool is one way of writing or reading.
pub(crate) struct Sqlite {
    /// Durable on return (`synchronous=FULL`).
    pub(crate) registers: SqlitePool,
    /// Whole or not at all, durable with the next checkpoint: a session lost is stability lost, nothing else.
    pub(crate) sessions: SqlitePool,
    /// Never waits for a writer.
    pub(crate) readers: SqlitePool,
}

const READERS: u32 = 2;
const CONNECTIONS: u32 = 8;
/// How long to wait for another writer, or for a free connection.
const PATIENCE: Duration = Duration::from_secs(5);

impl Store {
    /// Opens the database at `url` and brings its schema to this version.
    ///
    /// `sqlite:PATH` is made with mode 0600 where it is not; its directory must be there. A `postgres://` server
    /// beyond this machine needs `sslmode=verify-full` or `verify-ca`.
    pub async fn open(url: &str) -> Result<Self, StoreError> {
        let pools = match sqlite_file(url) {
            Some(path) => open_sqlite(path).await?,
            None => open_postgres(url).await?,
        };
        schema::migrate(&pools).await?;
        Ok(Self { pools: Arc::new(pools) })
    }

    /// Whether the database answers.
    pub async fn ping(&self) -> Result<(), StoreError> {
        on!(&*self.pools, readers, |pool| { sqlx::query("SELECT 1").execute(pool).await.map(drop) })?;
        Ok(())
    }

    /// Ends every connection, after what is under way.
    pub async fn close(&self) {
        match &*self.pools {
            Pools::Sqlite(pools) => {
                pools.readers.close().await;
                pools.sessions.close().await;
                pools.registers.close().await;
            }
            Pools::Postgres(pool) => pool.close().await,
        }
    }
}

/// The file that a URL of SQLite names.
pub(crate) fn sqlite_file(url: &str) -> Option<&Path> {
    let path = url.strip_prefix("sqlite:")?;
    Some(Path::new(path.strip_prefix("//").unwrap_or(path)))
}

pub(crate) async fn open_sqlite(path: &Path) -> Result<Pools, StoreError> {
    if path.as_os_str().is_empty() {
        return Err(StoreError::Url);
    }
    make_private(path)?;
    let options = SqliteConnectOptions::new()
        .filename(path)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .foreign_keys(true)
        .busy_timeout(PATIENCE)
        // What is deleted is overwritten: the end of a session is the end of its key.
        .pragma("secure_delete", "ON")
        .disable_statement_logging();
    let pool = |most: u32| SqlitePoolOptions::new().max_connections(most).acquire_timeout(PATIENCE);
    let registers = pool(1).connect_with(options.clone()).await?;
    // A statement over many rows copies every page that it touches: not into a file elsewhere.
    let sessions = options.clone().synchronous(SqliteSynchronous::Normal).pragma("temp_store", "MEMORY");
    let readers = options.synchronous(SqliteSynchronous::Normal).pragma("query_only", "ON");
    Ok(Pools::Sqlite(Sqlite {
        registers,
        sessions: pool(1).connect_lazy_with(sessions),
        readers: pool(READERS).connect_lazy_with(readers),
    }))
}

/// Makes the file with mode 0600 where it is not, and refuses it where others may read it. The files that SQLite
/// keeps beside it take its mode.
fn make_private(path: &Path) -> Result<(), StoreError> {
    let failed = |source| StoreError::File { path: path.to_owned(), source };
    match OpenOptions::new().write(true).create_new(true).mode(0o600).open(path) {
        Ok(_) => return Ok(()),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
        Err(error) => return Err(failed(error)),
    }
    let mode = fs::metadata(path).map_err(failed)?.permissions().mode() & 0o7777;
    if mode & 0o077 != 0 {
        return Err(StoreError::Permissions { path: path.to_owned(), mode });
    }
    Ok(())
}

pub(crate) async fn open_postgres(url: &str) -> Result<Pools, StoreError> {
    if !matches!(url.split_once(':'), Some(("postgres" | "postgresql", _))) {
        return Err(StoreError::Url);
    }
    let options: PgConnectOptions = url.parse().map_err(|_| StoreError::Url)?;
    let verified = matches!(options.get_ssl_mode(), PgSslMode::VerifyCa | PgSslMode::VerifyFull);
    let here = options.get_socket().is_some()
        || options.get_host().starts_with('/')
        || options.get_host().eq_ignore_ascii_case("localhost")
        || options
            .get_host()
            .trim_matches(['[', ']'])
            .parse()
            .is_ok_and(|ip: std::net::IpAddr| ip.is_loopback());
    if !here && !verified {
        return Err(StoreError::Unverified);
    }
    let pool = PgPoolOptions::new().max_connections(CONNECTIONS).acquire_timeout(PATIENCE);
    let options = options.application_name("chaperon").disable_statement_logging();
    Ok(Pools::Postgres(pool.connect_with(options).await?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_server_elsewhere_must_be_verified() {
        for url in ["postgres://db.example/chaperon", "postgres://10.0.0.7/x?sslmode=require"] {
            assert!(matches!(Store::open(url).await, Err(StoreError::Unverified)), "{url}");
        }
    }

    #[tokio::test]
    async fn unknown_urls_are_refused() {
        for url in ["", "chaperon.db", "mysql://localhost/x", "sqlite:"] {
            assert!(matches!(Store::open(url).await, Err(StoreError::Url)), "{url}");
        }
    }

    #[tokio::test]
    async fn sqlite_files_are_private() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("c.db");
        let url = format!("sqlite:{}", path.display());
        let store = Store::open(&url).await.unwrap();
        store.ping().await.unwrap();
        for entry in fs::read_dir(dir.path()).unwrap() {
            let entry = entry.unwrap();
            let mode = entry.metadata().unwrap().permissions().mode() & 0o7777;
            assert_eq!(mode, 0o600, "{}", entry.path().display());
        }
        store.close().await;
        fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
        let error = Store::open(&url).await.err().unwrap();
        assert!(error.to_string().contains("chmod 600"), "{error}");
    }
}
