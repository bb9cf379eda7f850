//! Databases of every released schema come forward with what they hold.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "helpers of tests may fail like tests")]

#[macro_use]
mod common;

use common::Place;
use custody::{SealedEntries, SessionStore};
use governance::RegisterStore;
use store::{Condition, Store, StoreError};
use terms::{Digest, SessionId, UtcMillis};

on_both!(
    version_1_comes_forward,
    a_look_changes_nothing,
    a_later_version_is_left_alone,
    openers_at_once_agree
);

async fn version_1_comes_forward(place: &Place) {
    place.run(&filled(include_str!("released/1.sql"), place.sqlite)).await;
    let store = place.open().await;
    let rows = RegisterStore::load(&store).await.unwrap();
    let kept: Vec<_> =
        rows.iter().map(|row| (row.version.0, row.valid_to, row.body.as_str(), row.ended)).collect();
    assert_eq!(kept, [(1, Some(UtcMillis(2000)), "{\"a\":1}", false), (2, None, "{\"a\":2}", true)]);

    let west = "west".parse().unwrap();
    let point = store.find(&west, &[Digest([6; 32])]).await.unwrap().unwrap();
    assert_eq!((point.session, point.entries), (SessionId::from_bytes([1; 16]), 1));
    let (record, entries) = SessionStore::load(&store, &west, point.session).await.unwrap().unwrap();
    assert_eq!((record.owner, record.key_epoch, record.sealed_key), (Digest([2; 32]), 3, vec![4; 32]));
    assert_eq!((record.created, record.used), (UtcMillis(10), UtcMillis(20)));
    assert_eq!(entries, [SealedEntries { position: 0, sealed: vec![5; 32] }]);

    // And it goes on from there, all that belongs together still belonging together.
    let mut next = rows[1].clone();
    next.version.0 = 3;
    store.append(&next).await.unwrap();
    assert_eq!(store.expire(UtcMillis(21), UtcMillis(0)).await.unwrap(), 1);
    assert_eq!(store.find(&west, &[Digest([6; 32])]).await.unwrap(), None);
}

async fn a_look_changes_nothing(place: &Place) {
    if place.sqlite {
        assert!(matches!(Store::look(&place.url).await, Err(StoreError::File { .. })));
    }
    place.run(&filled(include_str!("released/1.sql"), place.sqlite)).await;
    for _ in 0..2 {
        let Condition { schema, known, whole } = Store::look(&place.url).await.unwrap();
        assert!(schema == 1 && known > 1 && whole);
    }
    place.open().await.close().await;
    let found = Store::look(&place.url).await.unwrap();
    assert_eq!(found.schema, found.known);
    place.run("INSERT INTO schema_version (version) VALUES (999)").await;
    assert_eq!(Store::look(&place.url).await.unwrap().schema, 999);
}

async fn a_later_version_is_left_alone(place: &Place) {
    place.open().await.close().await;
    place.run("INSERT INTO schema_version (version) VALUES (999)").await;
    assert!(matches!(Store::open(&place.url).await, Err(StoreError::Newer { found: 999, .. })));
}

async fn openers_at_once_agree(place: &Place) {
    let (one, two, three) = tokio::join!(place.open(), place.open(), place.open());
    for store in [one, two, three] {
        assert!(RegisterStore::load(&store).await.unwrap().is_empty());
    }
}

/// `{number}`, `{bytes}` and `{N of B}` (N bytes of value B) as the database writes them.
fn filled(text: &str, sqlite: bool) -> String {
    let (number, bytes) = if sqlite { ("INTEGER", "BLOB") } else { ("BIGINT", "BYTEA") };
    let mut filled = text.replace("{number}", number).replace("{bytes}", bytes);
    for (count, byte) in [(16, 1), (32, 2), (32, 4), (32, 5), (32, 6)] {
        let hex = format!("{byte:02x}").repeat(count);
        let literal = if sqlite { format!("X'{hex}'") } else { format!("'\\x{hex}'") };
        filled = filled.replace(&format!("{{{count} of {byte}}}"), &literal);
    }
    filled
}
