//! The schema and its versions.

use sqlx::{AssertSqlSafe, Row as _};

use crate::StoreError;
use crate::open::Pools;

/// Every step of the schema, in order; the first makes version 1.
const MIGRATIONS: [&str; 3] = [
    include_str!("migrations/0001.sql"),
    include_str!("migrations/0002.sql"),
    include_str!("migrations/0003.sql"),
];

const VERSIONS: &str = "CREATE TABLE IF NOT EXISTS schema_version (version BIGINT NOT NULL PRIMARY KEY)";

/// Brings the database to the newest schema, in one transaction that no other opener can enter meanwhile.
pub(crate) async fn migrate(pools: &Pools) -> Result<(), StoreError> {
    let (begin, lock) = match pools {
        Pools::Sqlite(_) => ("BEGIN IMMEDIATE", "SELECT 1"),
        // The number is "chaperon", read as one.
        Pools::Postgres(_) => ("BEGIN", "SELECT pg_advisory_xact_lock(7163100895374929774)"),
    };
    on!(pools, registers, |pool| {
        let mut transaction = pool.begin_with(begin).await?;
        sqlx::query(lock).execute(&mut *transaction).await?;
        sqlx::raw_sql(VERSIONS).execute(&mut *transaction).await?;
        let newest = sqlx::query("SELECT COALESCE(MAX(version), 0) FROM schema_version");
        let found: i64 = newest.fetch_one(&mut *transaction).await?.try_get(0)?;
        for (step, version) in steps_after(found)? {
            sqlx::raw_sql(AssertSqlSafe(text_for(pools, step))).execute(&mut *transaction).await?;
            let stated = sqlx::query("INSERT INTO schema_version (version) VALUES ($1)").bind(version);
            stated.execute(&mut *transaction).await?;
        }
        transaction.commit().await?;
        Ok(())
    })
}

/// The steps that a database of version `found` lacks, each with the version that it makes.
fn steps_after(found: i64) -> Result<impl Iterator<Item = (&'static str, i64)>, StoreError> {
    let steps = MIGRATIONS.into_iter().zip(1..);
    match usize::try_from(found) {
        Ok(done) if done <= MIGRATIONS.len() => Ok(steps.skip(done)),
        _ => Err(StoreError::Newer { found, known: known() }),
    }
}

/// The version of the newest schema.
pub(crate) fn known() -> i64 {
    i64::try_from(MIGRATIONS.len()).unwrap_or(i64::MAX)
}

/// The step as this database reads it; see the head of the first one.
fn text_for(pools: &Pools, step: &str) -> String {
    match pools {
        Pools::Postgres(_) => step.to_owned(),
        Pools::Sqlite(_) => step
            .replace("BYTEA", "BLOB")
            .replace("BIGINT", "INTEGER")
            .replace("/*sqlite ", "")
            .replace("*/", ""),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_later_schema_is_refused() {
        assert_eq!(steps_after(0).unwrap().count(), MIGRATIONS.len());
        let known = i64::try_from(MIGRATIONS.len()).unwrap();
        assert_eq!(steps_after(known).unwrap().count(), 0);
        for found in [known + 1, -1] {
            assert!(matches!(steps_after(found), Err(StoreError::Newer { .. })));
        }
    }
}
