//! SQLite and PostgreSQL: the only home of SQL.
//!
//! What it does: keeps the registers ([`governance::RegisterStore`]), what was used of budgets
//! ([`governance::BudgetUses`]) and the sessions ([`custody::SessionStore`]), and brings a database of any earlier version to this one's schema.
//! What it does not: decide, seal or interpret. What is PHI or secret arrives sealed.
//!
//! Invariants: register rows are only ever appended; a change is whole or not at all; no error holds a value;
//! one SQL text serves both databases; a SQLite file is open to its owner only.
//!
//! ```no_run
//! # async fn open() -> Result<(), store::StoreError> {
//! let store = store::Store::open("sqlite:data/chaperon.db").await?;
//! let registers: std::sync::Arc<dyn governance::RegisterStore> = std::sync::Arc::new(store.clone());
//! let sessions: std::sync::Arc<dyn custody::SessionStore> = std::sync::Arc::new(store);
//! # Ok(())
//! # }
//! ```

/// Runs one body against the pool of either database. The body is compiled once for each.
macro_rules! on {
    ($pools:expr, $role:ident, |$pool:ident| $body:block) => {
        match $pools {
            crate::open::Pools::Sqlite(pools) => {
                let $pool = &pools.$role;
                $body
            }
            crate::open::Pools::Postgres($pool) => $body,
        }
    };
}

mod batch;
mod budgets;
mod error;
mod look;
mod open;
mod registers;
mod schema;
mod sessions;

pub use error::StoreError;
pub use look::Condition;
pub use open::Store;
