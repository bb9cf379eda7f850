//! How SQLite goes about the statements that must not slow down as data grows.

#![allow(clippy::unwrap_used, reason = "helpers of tests may fail like tests")]

mod common;

use common::Place;
use sqlx::{AssertSqlSafe, Connection, Row, SqliteConnection};

async fn plan(place: &Place, statement: &str) -> String {
    let mut connection = SqliteConnection::connect(&place.url).await.unwrap();
    let explain = AssertSqlSafe(format!("EXPLAIN QUERY PLAN {statement}"));
    let rows = sqlx::query(explain).fetch_all(&mut connection).await.unwrap();
    rows.iter().map(|row| row.get::<String, _>("detail")).collect::<Vec<_>>().join("\n")
}

async fn place() -> Place {
    let place = Place::sqlite();
    place.open().await.close().await;
    place
}

#[tokio::test]
async fn a_point_is_found_by_its_digest() {
    let find = "SELECT chain, session, entries FROM session_point WHERE engagement = 'west' AND chain IN (X'01', X'02')";
    let plan = plan(&place().await, find).await;
    assert!(plan.contains("PRIMARY KEY (chain=? AND engagement=?)"), "{plan}");
}

#[tokio::test]
async fn a_session_ends_without_walking_its_engagement() {
    let place = place().await;
    let plan = plan(&place, "DELETE FROM session WHERE created < 9 AND (used < 9 OR created < 7)").await;
    for index in [
        "session_created (created<?)",
        "session_point_session (session=? AND engagement=?)",
        "session_entries USING PRIMARY KEY (engagement=? AND session=?)",
    ] {
        assert!(plan.contains(index), "{plan}");
    }
}
