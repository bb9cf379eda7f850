//! The contract of the registers, on both databases.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "helpers of tests may fail like tests")]

#[macro_use]
mod common;

use common::Place;
use governance::{RegisterError, RegisterKind, RegisterStore, StoredRow};
use terms::{RowVersion, UtcMillis};

on_both!(
    rows_come_back_as_they_were,
    a_version_is_appended_once,
    concurrent_writers_never_both_win,
    a_failed_append_changes_nothing,
    rows_survive_a_restart,
);

fn row(engagement: &str, kind: RegisterKind, id: &str, version: u32) -> StoredRow {
    StoredRow {
        engagement: engagement.parse().unwrap(),
        kind,
        id: id.parse().unwrap(),
        version: RowVersion(version),
        valid_from: UtcMillis(1_000 * u64::from(version)),
        valid_to: None,
        author: "officer 'O\"Neil' \u{1F512}".to_owned(),
        reason: "because; DROP TABLE register_row; --".to_owned(),
        ended: false,
        body: format!("{{\"n\":{version},\"text\":\"Zoë $1 ?1\"}}"),
    }
}

async fn rows_come_back_as_they_were(place: &Place) {
    let store = place.open().await;
    assert!(RegisterStore::load(&store).await.unwrap().is_empty());
    // Names whose order databases disagree on.
    let ids = ["a-b", "ab", "a.c", "a_b", "0", "b"];
    for id in ids {
        for kind in [RegisterKind::Vendor, RegisterKind::Agreement, RegisterKind::AgentKey] {
            store.append(&row("west", kind, id, 1)).await.unwrap();
        }
    }
    let mut second = row("west", RegisterKind::Vendor, "ab", 2);
    second.ended = true;
    store.append(&second).await.unwrap();
    store.append(&row("east", RegisterKind::Vendor, "ab", 1)).await.unwrap();

    let rows = RegisterStore::load(&store).await.unwrap();
    assert_eq!(rows.len(), ids.len() * 3 + 2);
    let key = |row: &StoredRow| (row.engagement.clone(), row.kind, row.id.clone(), row.version);
    assert!(rows.is_sorted_by_key(key));
    let first =
        rows.iter().find(|r| r.engagement == second.engagement && r.kind == second.kind && r.id == second.id);
    let mut expected = row("west", RegisterKind::Vendor, "ab", 1);
    expected.valid_to = Some(second.valid_from);
    assert_eq!(first, Some(&expected));
    assert!(rows.contains(&second));
    assert!(
        rows.contains(&row("east", RegisterKind::Vendor, "ab", 1)),
        "another engagement's row is untouched"
    );
}

async fn a_version_is_appended_once(place: &Place) {
    let store = place.open().await;
    let at = |version| row("west", RegisterKind::Service, "s", version);
    for (version, fits) in
        [(0, false), (2, false), (1, true), (1, false), (3, false), (2, true), (2, false), (3, true)]
    {
        let result = store.append(&at(version)).await;
        assert_eq!(result.is_ok(), fits, "version {version}");
        assert!(fits || matches!(result, Err(RegisterError::Conflict)), "version {version}");
    }
    let rows = RegisterStore::load(&store).await.unwrap();
    let ends: Vec<_> = rows.iter().map(|row| row.valid_to).collect();
    assert_eq!(ends, [Some(UtcMillis(2_000)), Some(UtcMillis(3_000)), None]);
}

async fn concurrent_writers_never_both_win(place: &Place) {
    let (one, two) = (place.open().await, place.open().await);
    for version in 1..=10 {
        let rows: [StoredRow; 2] = ["one", "two"].map(|author| {
            let mut row = row("west", RegisterKind::Policy, "policy", version);
            author.clone_into(&mut row.author);
            row
        });
        let (a, b) = tokio::join!(one.append(&rows[0]), two.append(&rows[1]));
        assert!(a.is_ok() != b.is_ok(), "version {version}: {a:?} {b:?}");
        assert!(matches!(a.and(b), Err(RegisterError::Conflict)));
    }
    assert_eq!(RegisterStore::load(&one).await.unwrap().len(), 10);
}

async fn a_failed_append_changes_nothing(place: &Place) {
    let store = place.open().await;
    store.append(&row("west", RegisterKind::Agent, "a", 1)).await.unwrap();
    // A version 2 that appeared without ending version 1: the next append ends version 1, then fails.
    place
        .run(
            "INSERT INTO register_row (engagement, kind, id, version, valid_from, author, reason, ended, body) \
             VALUES ('west', 'agent', 'a', 2, 5, 'x', 'x', 0, '{}')",
        )
        .await;
    let result = store.append(&row("west", RegisterKind::Agent, "a", 2)).await;
    assert!(matches!(result, Err(RegisterError::Conflict)));
    assert_eq!(RegisterStore::load(&store).await.unwrap()[0].valid_to, None);
}

async fn rows_survive_a_restart(place: &Place) {
    let store = place.open().await;
    store.append(&row("west", RegisterKind::Engagement, "west", 1)).await.unwrap();
    store.close().await;
    let store = place.open().await;
    assert_eq!(
        RegisterStore::load(&store).await.unwrap(),
        [row("west", RegisterKind::Engagement, "west", 1)]
    );
    place.run("UPDATE register_row SET kind = 'spoon'").await;
    assert!(matches!(RegisterStore::load(&store).await, Err(RegisterError::Unreadable(_))));
}
