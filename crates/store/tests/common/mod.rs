//! A fresh database for each test, of either kind.

#![allow(dead_code, unused_macros, reason = "each test file uses a part of it")]
#![allow(clippy::unwrap_used, reason = "helpers of tests may fail like tests")]

use std::fs::OpenOptions;
use std::os::unix::fs::OpenOptionsExt;

use sqlx::{AssertSqlSafe, Connection, PgConnection};
use store::Store;

/// Where a test's database is; gone when dropped (SQLite) or with the next run of the same test (PostgreSQL).
pub(crate) struct Place {
    pub(crate) url: String,
    pub(crate) sqlite: bool,
    _dir: Option<tempfile::TempDir>,
}

impl Place {
    pub(crate) fn sqlite() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let url = format!("sqlite:{}", dir.path().join("chaperon.db").display());
        Self { url, sqlite: true, _dir: Some(dir) }
    }

    /// A schema of its own at the server that `CHAPERON_TEST_POSTGRES` names; `None` without that.
    pub(crate) async fn postgres(test: &str) -> Option<Self> {
        #[expect(clippy::disallowed_methods, reason = "the address of a test server is no configuration")]
        let server = std::env::var("CHAPERON_TEST_POSTGRES").ok()?;
        let schema = format!("test_{test}");
        let mut connection = PgConnection::connect(&server).await.unwrap();
        let fresh = format!("DROP SCHEMA IF EXISTS {schema} CASCADE; CREATE SCHEMA {schema}");
        sqlx::raw_sql(AssertSqlSafe(fresh)).execute(&mut connection).await.unwrap();
        let mark = if server.contains('?') { '&' } else { '?' };
        Some(Self { url: format!("{server}{mark}options[search_path]={schema}"), sqlite: false, _dir: None })
    }

    pub(crate) async fn open(&self) -> Store {
        Store::open(&self.url).await.unwrap()
    }

    /// Runs SQL that is not the store's own.
    pub(crate) async fn run(&self, sql: &str) {
        if self.sqlite {
            let path = self.url.trim_start_matches("sqlite:");
            OpenOptions::new().append(true).create(true).mode(0o600).open(path).unwrap();
            let mut connection = sqlx::SqliteConnection::connect(&self.url).await.unwrap();
            sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut connection).await.unwrap();
        } else {
            let mut connection = PgConnection::connect(&self.url).await.unwrap();
            sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut connection).await.unwrap();
        }
    }
}

/// Runs each test, written once as `async fn name(place: &Place)`, on both databases.
macro_rules! on_both {
    ($($test:ident),* $(,)?) => {
        mod sqlite {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $test() {
                super::$test(&crate::common::Place::sqlite()).await;
            })*
        }
        mod postgres {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $test() {
                if let Some(place) = crate::common::Place::postgres(stringify!($test)).await {
                    super::$test(&place).await;
                }
            })*
        }
    };
}
