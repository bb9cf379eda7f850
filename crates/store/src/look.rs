//! Looking at a database without bringing it forward.

use std::fs;

use sqlx::{AssertSqlSafe, Row as _};

use crate::open::{Pools, open_postgres, open_sqlite, sqlite_file};
use crate::{Store, StoreError, schema};

/// How a database stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Condition {
    /// The version of its schema; 0 is an empty database.
    pub schema: i64,
    /// The newest version that this house knows; [`Store::open`] brings a database there.
    pub known: i64,
    /// Whether its pages are whole; a PostgreSQL server is not asked.
    pub whole: bool,
}

impl Store {
    /// Looks at the database at `url`: nothing is made and its schema stays as it is.
    ///
    /// Refuses what [`Store::open`] refuses, but not a newer schema; a file that is not there is an error.
    pub async fn look(url: &str) -> Result<Condition, StoreError> {
        let pools = match sqlite_file(url) {
            Some(path) => {
                fs::metadata(path).map_err(|source| StoreError::File { path: path.to_owned(), source })?;
                open_sqlite(path).await?
            }
            None => open_postgres(url).await?,
        };
        let store = Self { pools: pools.into() };
        let condition = store.condition().await;
        store.close().await;
        condition
    }

    async fn condition(&self) -> Result<Condition, StoreError> {
        let (stated, whole) = match &*self.pools {
            Pools::Sqlite(_) => (
                "SELECT COUNT(*) FROM sqlite_master WHERE type = 'table' AND name = 'schema_version'",
                "PRAGMA quick_check(1)",
            ),
            Pools::Postgres(_) => (
                "SELECT COUNT(*) FROM information_schema.tables \
                 WHERE table_schema = current_schema() AND table_name = 'schema_version'",
                "SELECT 'ok'",
            ),
        };
        on!(&*self.pools, registers, |pool| {
            let tables: i64 = sqlx::query(AssertSqlSafe(stated)).fetch_one(pool).await?.try_get(0)?;
            let newest = sqlx::query("SELECT COALESCE(MAX(version), 0) FROM schema_version");
            let schema = if tables == 0 { 0 } else { newest.fetch_one(pool).await?.try_get(0)? };
            let answer: String = sqlx::query(AssertSqlSafe(whole)).fetch_one(pool).await?.try_get(0)?;
            Ok(Condition { schema, known: schema::known(), whole: answer == "ok" })
        })
    }
}
