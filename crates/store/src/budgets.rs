//! What was used of budgets: one row for each, of its running window.

use async_trait::async_trait;
use governance::{BudgetUse, BudgetUses, RegisterError};
use sqlx::{ColumnIndex, Decode, Row, Type};
use terms::UtcMillis;

use crate::Store;
use crate::error::describe;

const LOAD: &str = "SELECT engagement, budget, window_start, requests, tokens, cost FROM budget_use";
const KEEP: &str = "INSERT INTO budget_use (engagement, budget, window_start, requests, tokens, cost) \
                    VALUES ($1, $2, $3, $4, $5, $6) \
                    ON CONFLICT (engagement, budget) DO UPDATE SET window_start = excluded.window_start, \
                    requests = excluded.requests, tokens = excluded.tokens, cost = excluded.cost";

#[async_trait]
impl BudgetUses for Store {
    async fn load_uses(&self) -> Result<Vec<BudgetUse>, RegisterError> {
        on!(&*self.pools, readers, |pool| {
            let rows = sqlx::query(LOAD).fetch_all(pool).await.map_err(|error| failed(&error))?;
            rows.iter().map(read).collect()
        })
    }

    async fn keep_uses(&self, uses: &[BudgetUse]) -> Result<(), RegisterError> {
        on!(&*self.pools, registers, |pool| {
            let mut transaction = pool.begin().await.map_err(|error| failed(&error))?;
            for one in uses {
                sqlx::query(KEEP)
                    .bind(one.engagement.as_str())
                    .bind(one.budget.as_str())
                    .bind(number(one.window_start.0))
                    .bind(number(one.requests))
                    .bind(number(one.tokens))
                    .bind(number(one.cost))
                    .execute(&mut *transaction)
                    .await
                    .map_err(|error| failed(&error))?;
            }
            transaction.commit().await.map_err(|error| failed(&error))
        })
    }
}

fn failed(error: &sqlx::Error) -> RegisterError {
    RegisterError::Database(describe(error))
}

fn number(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

fn read<'r, R>(row: &'r R) -> Result<BudgetUse, RegisterError>
where
    R: Row,
    usize: ColumnIndex<R>,
    String: Decode<'r, R::Database> + Type<R::Database>,
    i64: Decode<'r, R::Database> + Type<R::Database>,
{
    let unreadable = |what: &str| RegisterError::Unreadable(format!("a budget's {what} is malformed"));
    let text = |column: usize| row.try_get::<String, _>(column).map_err(|error| failed(&error));
    let count = |column: usize| {
        let number = row.try_get::<i64, _>(column).map_err(|error| failed(&error))?;
        u64::try_from(number).map_err(|_negative| unreadable("use"))
    };
    Ok(BudgetUse {
        engagement: text(0)?.parse().map_err(|_| unreadable("engagement"))?,
        budget: text(1)?.parse().map_err(|_| unreadable("name"))?,
        window_start: UtcMillis(count(2)?),
        requests: count(3)?,
        tokens: count(4)?,
        cost: count(5)?,
    })
}
