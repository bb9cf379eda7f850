//! The registers: append-only, versioned.

use async_trait::async_trait;
use governance::{RegisterError, RegisterStore, StoredRow};
use sqlx::{ColumnIndex, Decode, Row, Type};
use terms::{RowVersion, UtcMillis};

use crate::Store;
use crate::error::describe;

const LOAD: &str = "SELECT engagement, kind, id, version, valid_from, valid_to, author, reason, ended, body \
                    FROM register_row";
const SUPERSEDE: &str = "UPDATE register_row SET valid_to = $5 \
                         WHERE engagement = $1 AND kind = $2 AND id = $3 AND version = $4 AND valid_to IS NULL";
const APPEND: &str = "INSERT INTO register_row \
                      (engagement, kind, id, version, valid_from, valid_to, author, reason, ended, body) \
                      VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)";

#[async_trait]
impl RegisterStore for Store {
    async fn load(&self) -> Result<Vec<StoredRow>, RegisterError> {
        let mut rows = on!(&*self.pools, readers, |pool| {
            let rows = sqlx::query(LOAD).fetch_all(pool).await.map_err(|error| failed(&error))?;
            rows.iter().map(read).collect::<Result<Vec<_>, _>>()
        })?;
        // Sorted here: databases differ in how they order text.
        rows.sort_by(|a, b| {
            (&a.engagement, a.kind, &a.id, a.version).cmp(&(&b.engagement, b.kind, &b.id, b.version))
        });
        Ok(rows)
    }

    async fn append(&self, row: &StoredRow) -> Result<(), RegisterError> {
        let before = row.version.0.checked_sub(1).ok_or(RegisterError::Conflict)?;
        on!(&*self.pools, registers, |pool| {
            let mut transaction = pool.begin().await.map_err(|error| failed(&error))?;
            if before > 0 {
                let superseded = sqlx::query(SUPERSEDE)
                    .bind(row.engagement.as_str())
                    .bind(row.kind.as_str())
                    .bind(row.id.as_str())
                    .bind(i64::from(before))
                    .bind(to_i64(row.valid_from))
                    .execute(&mut *transaction)
                    .await
                    .map_err(|error| failed(&error))?;
                if superseded.rows_affected() != 1 {
                    return Err(RegisterError::Conflict);
                }
            }
            sqlx::query(APPEND)
                .bind(row.engagement.as_str())
                .bind(row.kind.as_str())
                .bind(row.id.as_str())
                .bind(i64::from(row.version.0))
                .bind(to_i64(row.valid_from))
                .bind(row.valid_to.map(to_i64))
                .bind(row.author.as_str())
                .bind(row.reason.as_str())
                .bind(i64::from(row.ended))
                .bind(row.body.as_str())
                .execute(&mut *transaction)
                .await
                .map_err(|error| failed(&error))?;
            transaction.commit().await.map_err(|error| failed(&error))
        })
    }
}

/// The same version twice is a conflict, whichever writer was first.
fn failed(error: &sqlx::Error) -> RegisterError {
    match error {
        sqlx::Error::Database(inner) if inner.is_unique_violation() => RegisterError::Conflict,
        _ => RegisterError::Database(describe(error)),
    }
}

fn read<'r, R>(row: &'r R) -> Result<StoredRow, RegisterError>
where
    R: Row,
    usize: ColumnIndex<R>,
    String: Decode<'r, R::Database> + Type<R::Database>,
    i64: Decode<'r, R::Database> + Type<R::Database>,
{
    let text = |column: usize| row.try_get::<String, _>(column).map_err(|error| failed(&error));
    let number = |column: usize| row.try_get::<i64, _>(column).map_err(|error| failed(&error));
    let ended_at = row.try_get::<Option<i64>, _>(5).map_err(|error| failed(&error))?;
    let unreadable = |what: &str| RegisterError::Unreadable(format!("its {what} is malformed"));
    Ok(StoredRow {
        engagement: text(0)?.parse().map_err(|_| unreadable("engagement"))?,
        kind: text(1)?.parse().map_err(|_| unreadable("kind"))?,
        id: text(2)?.parse().map_err(|_| unreadable("name"))?,
        version: RowVersion(u32::try_from(number(3)?).map_err(|_| unreadable("version"))?),
        valid_from: UtcMillis(u64::try_from(number(4)?).map_err(|_| unreadable("time"))?),
        valid_to: match ended_at {
            Some(millis) => Some(UtcMillis(u64::try_from(millis).map_err(|_| unreadable("time"))?)),
            None => None,
        },
        author: text(6)?,
        reason: text(7)?,
        ended: number(8)? != 0,
        body: text(9)?,
    })
}

/// Times beyond the year 292 million stay there.
pub(crate) fn to_i64(time: UtcMillis) -> i64 {
    i64::try_from(time.0).unwrap_or(i64::MAX)
}
