//! What reaches the store, when, and in which form.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use crate::house::{House, SILENT, Talk, issue, originals, owner};
use custody::{CustodyError, SessionLimits};

#[tokio::test]
async fn a_conversation_without_findings_leaves_nothing() {
    let (house, owner, mut talk) = (House::new(), owner("mercy", "scribe"), Talk::default());
    for n in 0..3 {
        house.turn(&owner, &mut talk, &format!("turn {n}"), &[]).await;
    }
    let turn = house.resume_header(&owner, "case-7", &talk).await;
    turn.answered(Some(b"yes"), SILENT);
    house.sessions.flush().await.unwrap();
    let state = house.store.state.lock().unwrap();
    assert_eq!((state.transactions, state.sessions.len(), state.points.len()), (0, 0, 0));
    drop(state);
    assert_eq!(house.finds(), 3, "one for each request that could match something, none for the first");
}

#[tokio::test]
async fn turns_are_written_together() {
    let (house, owner) = (House::new(), owner("mercy", "scribe"));
    for n in 0..50 {
        let mut talk = Talk::default();
        house.turn(&owner, &mut talk, &format!("talk {n}"), &["Ann"]).await;
        house.turn(&owner, &mut talk, "more", &["Bo"]).await;
    }
    house.sessions.queued().await;
    house.sessions.flush().await.unwrap();
    let state = house.store.state.lock().unwrap();
    assert_eq!((state.transactions, state.sessions.len(), state.points.len()), (1, 50, 100));
    assert!(state.sessions.values().all(|(_, entries)| entries.len() == 1), "sealed together");
}

#[tokio::test]
async fn a_store_that_was_away_gets_everything_later() {
    let mut house = House::new();
    let (owner, mut talk) = (owner("mercy", "scribe"), Talk::default());
    house.turn(&owner, &mut talk, "Ann", &["Ann"]).await;
    house.store.failing.store(true, Ordering::SeqCst);
    assert!(matches!(house.sessions.flush().await, Err(CustodyError::Database(_))));
    house.turn(&owner, &mut talk, "Bo", &["Bo"]).await;
    house.store.failing.store(false, Ordering::SeqCst);
    house.sessions.queued().await;
    house.restart().await;
    assert_eq!(originals(&house.resume(&owner, &talk).await), ["Ann", "Bo"]);
}

#[tokio::test]
async fn a_store_that_fails_stops_the_request_that_needs_it() {
    let mut house = House::new();
    let (owner, mut talk) = (owner("mercy", "scribe"), Talk::default());
    house.turn(&owner, &mut talk, "Ann", &["Ann"]).await;
    house.restart().await;
    house.store.failing.store(true, Ordering::SeqCst);
    let resumed = house.sessions.resume(&owner, None, &talk.messages()).await;
    assert!(matches!(resumed, Err(CustodyError::Database(_))));
}

#[tokio::test]
async fn nothing_readable_is_kept_and_nothing_changed_opens() {
    let mut house = House::new();
    let (owner, mut talk) = (owner("mercy", "scribe"), Talk::default());
    house.turn(&owner, &mut talk, "Ann", &["Annabel"]).await;
    house.sessions.flush().await.unwrap();
    house.turn(&owner, &mut talk, "Bo", &["Boniface"]).await;
    house.restart().await;
    let marks: [&[u8]; 3] = [b"Annabel", b"Boniface", b"NAME-"];
    let original = {
        let state = house.store.state.lock().unwrap();
        let (record, mappings) = state.sessions.values().next().unwrap();
        for mapping in mappings.values() {
            assert!(marks.iter().all(|mark| !mapping.sealed.windows(mark.len()).any(|w| w == *mark)));
        }
        (record.clone(), mappings.clone())
    };
    let swapped = |position: u32, from: u32| {
        let mut mappings = original.1.clone();
        let sealed = original.1.get(&from).unwrap().sealed.clone();
        mappings.get_mut(&position).unwrap().sealed = sealed;
        (original.0.clone(), mappings)
    };
    let mut flipped = original.clone();
    *flipped.1.get_mut(&0).unwrap().sealed.last_mut().unwrap() ^= 1;
    let mut short = original.clone();
    short.1.get_mut(&0).unwrap().sealed.truncate(5);
    let mut rekeyed = original.clone();
    *rekeyed.0.sealed_key.last_mut().unwrap() ^= 1;
    for changed in [swapped(0, 1), flipped, short, rekeyed] {
        *house.store.state.lock().unwrap().sessions.values_mut().next().unwrap() = changed;
        let resumed = house.sessions.resume(&owner, None, &talk.messages()).await;
        assert!(matches!(resumed, Err(CustodyError::Sealed)));
    }
    let mut gap = original.clone();
    gap.1.remove(&0);
    *house.store.state.lock().unwrap().sessions.values_mut().next().unwrap() = gap;
    assert_eq!(originals(&house.resume(&owner, &talk).await), [""; 0]);
    *house.store.state.lock().unwrap().sessions.values_mut().next().unwrap() = original;
    house.vault.destroyed.store(true, Ordering::SeqCst);
    assert_eq!(originals(&house.resume(&owner, &talk).await), [""; 0], "a destroyed key ends its sessions");
    house.vault.destroyed.store(false, Ordering::SeqCst);
    assert_eq!(originals(&house.resume(&owner, &talk).await), ["Annabel", "Boniface"]);
}

#[tokio::test]
async fn a_session_does_not_come_to_life_twice() {
    let mut house = House::with(SessionLimits { memory: 2000, ..SessionLimits::default() });
    let (owner, mut talk) = (owner("mercy", "scribe"), Talk::default());
    house.turn(&owner, &mut talk, "Ann", &["Ann"]).await;
    house.sessions.flush().await.unwrap();
    let mut slow = house.resume(&owner, &talk).await;
    for n in 0..10 {
        house.turn(&owner, &mut Talk::default(), &format!("other {n}"), &["Zoe"]).await;
    }
    let mut quick = house.resume(&owner, &talk).await;
    assert_eq!(house.finds(), 1, "the point was forgotten, the session was not");
    assert_eq!(quick.session(), slow.session());
    assert_eq!(issue(&mut slow, "Bo"), issue(&mut quick, "Bo"));
    house.crash();
}

#[tokio::test]
async fn waiting_for_work_ends_when_there_is_some() {
    let (house, owner, mut talk) = (Arc::new(House::new()), owner("mercy", "scribe"), Talk::default());
    let waiting = tokio::spawn({
        let house = Arc::clone(&house);
        async move {
            house.sessions.queued().await;
            house.sessions.flush().await
        }
    });
    tokio::task::yield_now().await;
    house.turn(&owner, &mut talk, "Ann", &["Ann"]).await;
    waiting.await.unwrap().unwrap();
    assert_eq!(house.store.sessions(), 1);
}

#[test]
fn a_turn_may_cross_threads() {
    fn crosses<T: Send + Sync>() {}
    crosses::<custody::Turn>();
    crosses::<custody::Sessions>();
}
