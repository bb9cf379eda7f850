//! The contract of the sessions, on both databases.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "helpers of tests may fail like tests")]

#[macro_use]
mod common;

use common::Place;
use custody::{CustodyError, SealedEntries, SessionPoint, SessionRecord, SessionStore, SessionUpdate};
use terms::{Digest, EngagementId, SessionId, UtcMillis};

on_both!(
    a_session_comes_back_as_it_was,
    later_updates_add_and_keep_the_record,
    the_longest_match_wins,
    nothing_crosses_engagements,
    a_batch_is_whole_or_not_at_all,
    expiry_takes_all_that_belongs_to_a_session,
    many_updates_in_one_batch,
    parallel_batches_lose_nothing,
);

fn west() -> EngagementId {
    "west".parse().unwrap()
}

fn session(number: u8) -> SessionId {
    SessionId::from_bytes([number; 16])
}

fn update(number: u8, used: u64, position: u32, chain: u8) -> SessionUpdate {
    let record = SessionRecord {
        engagement: west(),
        session: session(number),
        owner: Digest([number; 32]),
        key_epoch: 3,
        sealed_key: vec![number; 92],
        created: UtcMillis(10),
        used: UtcMillis(used),
    };
    let point = SessionPoint { chain: Digest([chain; 32]), session: session(number), entries: position + 5 };
    SessionUpdate { record, entries: Some(sealed(position, number)), points: vec![point] }
}

fn sealed(position: u32, byte: u8) -> SealedEntries {
    SealedEntries { position, sealed: vec![byte, u8::try_from(position % 256).unwrap(), 0, 255] }
}

async fn a_session_comes_back_as_it_was(place: &Place) {
    let store = place.open().await;
    store.apply(&[]).await.unwrap();
    assert_eq!(SessionStore::load(&store, &west(), session(1)).await.unwrap(), None);
    let (full, mut empty) = (update(1, 20, 0, 7), update(2, 20, 0, 8));
    empty.entries = None;
    store.apply(&[full.clone(), empty.clone()]).await.unwrap();
    store.close().await;
    let store = place.open().await;
    for kept in [full, empty] {
        let loaded = SessionStore::load(&store, &west(), kept.record.session).await.unwrap();
        assert_eq!(loaded, Some((kept.record, kept.entries.into_iter().collect())));
        assert_eq!(store.find(&west(), &[kept.points[0].chain]).await.unwrap(), Some(kept.points[0].clone()));
    }
}

async fn later_updates_add_and_keep_the_record(place: &Place) {
    let store = place.open().await;
    store.apply(&[update(1, 20, 0, 7)]).await.unwrap();
    let mut later = update(1, 30, 5, 7);
    later.record.sealed_key = b"another key".to_vec();
    store.apply(&[later]).await.unwrap();
    // What was written without word of it is written again, with what came meanwhile.
    let mut again = update(1, 40, 5, 7);
    again.entries = Some(SealedEntries { position: 5, sealed: b"the same and more".to_vec() });
    store.apply(&[again.clone()]).await.unwrap();
    let (record, entries) = SessionStore::load(&store, &west(), session(1)).await.unwrap().unwrap();
    assert_eq!((record.used, record.sealed_key), (UtcMillis(40), vec![1; 92]));
    assert_eq!(entries, [sealed(0, 1), again.entries.unwrap()]);
    // The point was replaced.
    assert_eq!(store.find(&west(), &[Digest([7; 32])]).await.unwrap().unwrap().entries, 10);
}

async fn the_longest_match_wins(place: &Place) {
    let store = place.open().await;
    store.apply(&[update(1, 20, 0, 50), update(2, 20, 0, 90)]).await.unwrap();
    // More candidates than one statement takes; those that match stand far apart.
    let mut chains: Vec<Digest> = (100..=255).map(|n| Digest([n; 32])).collect();
    chains.insert(150, Digest([50; 32]));
    chains.insert(100, Digest([90; 32]));
    let found = |chains: Vec<Digest>| {
        let store = store.clone();
        async move { store.find(&west(), &chains).await.unwrap().map(|point| point.session) }
    };
    assert_eq!(found(chains.clone()).await, Some(session(2)));
    assert_eq!(found(chains.iter().rev().copied().collect()).await, Some(session(1)));
    assert_eq!(found(vec![Digest([90; 32]), Digest([50; 32])]).await, Some(session(2)));
    assert_eq!(found(vec![Digest([50; 32]), Digest([90; 32])]).await, Some(session(1)));
    assert_eq!(found(chains[..100].to_vec()).await, None);
    assert_eq!(found(Vec::new()).await, None);
}

async fn nothing_crosses_engagements(place: &Place) {
    let store = place.open().await;
    let mut east = update(1, 20, 0, 7);
    east.record.engagement = "east".parse().unwrap();
    store.apply(&[east]).await.unwrap();
    assert_eq!(store.find(&west(), &[Digest([7; 32])]).await.unwrap(), None);
    assert_eq!(SessionStore::load(&store, &west(), session(1)).await.unwrap(), None);
    // The same ids in the other engagement are other rows.
    store.apply(&[update(1, 99, 0, 7)]).await.unwrap();
    let (record, entries) =
        SessionStore::load(&store, &"east".parse().unwrap(), session(1)).await.unwrap().unwrap();
    assert_eq!((record.used, entries.len()), (UtcMillis(20), 1));
}

async fn a_batch_is_whole_or_not_at_all(place: &Place) {
    let store = place.open().await;
    let good = update(1, 20, 0, 7);
    let mut bad = update(2, 20, 0, 8);
    bad.points[0].session = session(9); // a point of a session that is not
    assert!(matches!(store.apply(&[good, bad]).await, Err(CustodyError::Database(_))));
    assert_eq!(SessionStore::load(&store, &west(), session(1)).await.unwrap(), None);
    assert_eq!(store.find(&west(), &[Digest([7; 32]), Digest([8; 32])]).await.unwrap(), None);
    store.apply(&[update(1, 20, 0, 7)]).await.unwrap();
}

async fn expiry_takes_all_that_belongs_to_a_session(place: &Place) {
    let store = place.open().await;
    let mut old = update(3, 500, 0, 9);
    old.record.created = UtcMillis(5);
    let mut young = update(4, 600, 0, 10);
    young.record.created = UtcMillis(400);
    store.apply(&[young]).await.unwrap();
    store.apply(&[update(1, 100, 0, 7), update(2, 200, 0, 8), old]).await.unwrap();
    assert_eq!(store.expire(UtcMillis(100), UtcMillis(5)).await.unwrap(), 0, "the limits themselves stay");
    assert_eq!(store.expire(UtcMillis(101), UtcMillis(6)).await.unwrap(), 2);
    assert!(SessionStore::load(&store, &west(), session(4)).await.unwrap().is_some());
    for gone in [1, 3] {
        assert_eq!(SessionStore::load(&store, &west(), session(gone)).await.unwrap(), None);
    }
    assert_eq!(store.find(&west(), &[Digest([7; 32]), Digest([9; 32])]).await.unwrap(), None);
    assert_eq!(SessionStore::load(&store, &west(), session(2)).await.unwrap().unwrap().1.len(), 1);
    // A session of the same id begins without the old entries.
    let mut empty = update(1, 300, 0, 7);
    empty.entries = None;
    store.apply(&[empty]).await.unwrap();
    assert_eq!(SessionStore::load(&store, &west(), session(1)).await.unwrap().unwrap().1, []);
}

async fn many_updates_in_one_batch(place: &Place) {
    let store = place.open().await;
    // 200 sessions, each twice in the batch, with the same chain reached twice.
    let turn = |number: u8, used: u64| update(number, used, u32::try_from(used).unwrap() - 20, number);
    let batch: Vec<_> = (0..200).map(|n| turn(n, 20)).chain((0..200).map(|n| turn(n, 40))).collect();
    store.apply(&batch).await.unwrap();
    for number in [0, 63, 64, 199] {
        let (record, entries) = SessionStore::load(&store, &west(), session(number)).await.unwrap().unwrap();
        assert_eq!((record.used, entries), (UtcMillis(40), vec![sealed(0, number), sealed(20, number)]));
        assert_eq!(
            store.find(&west(), &[Digest([number; 32])]).await.unwrap().unwrap().session,
            session(number)
        );
    }
}

async fn parallel_batches_lose_nothing(place: &Place) {
    let store = place.open().await;
    let writers: Vec<_> = (0..4_u8)
        .map(|writer| {
            let store = store.clone();
            tokio::spawn(async move {
                for turn in 0..10_u8 {
                    // All writers touch session 200, each in an order of its own.
                    let own = update(writer * 10 + turn, 20, 0, writer * 10 + turn);
                    let shared = update(200, 20 + u64::from(turn), u32::from(turn), 200 + writer);
                    let batch = if writer % 2 == 0 { [own, shared] } else { [shared, own] };
                    store.apply(&batch).await.unwrap();
                }
            })
        })
        .collect();
    for writer in writers {
        writer.await.unwrap();
    }
    for number in 0..40 {
        assert!(SessionStore::load(&store, &west(), session(number)).await.unwrap().is_some(), "{number}");
    }
    assert_eq!(SessionStore::load(&store, &west(), session(200)).await.unwrap().unwrap().1.len(), 10);
}
