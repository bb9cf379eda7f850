//! The end of a session while turns and writes are under way: nothing of it comes back.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use crate::house::{House, SILENT, Talk, issue, originals, owner};
use custody::{CustodyError, SessionLimits};
use tokio::sync::Notify;

const HOUR: Duration = Duration::from_hours(1);
const MINUTE: Duration = Duration::from_mins(1);

fn house() -> House {
    House::with(SessionLimits { idle: HOUR, max_life: HOUR * 24, ..SessionLimits::default() })
}

fn left_in(house: &House) -> (usize, usize) {
    let state = house.store.state.lock().unwrap();
    (state.sessions.len(), state.points.len())
}

/// A conversation of one turn, written, that will have been idle for its time in a minute.
async fn nearly_over(house: &House) -> Talk {
    let mut talk = Talk::default();
    house.turn(&owner("mercy", "scribe"), &mut talk, "Ann", &["Ann"]).await;
    house.sessions.flush().await.unwrap();
    house.wait(MINUTE * 59);
    talk
}

#[tokio::test]
async fn a_turn_under_way_does_not_bring_half_of_it_back() {
    for adds in [false, true] {
        let (mut house, owner) = (house(), owner("mercy", "scribe"));
        let mut talk = nearly_over(&house).await;
        talk.say("Bo");
        let mut turn = house.resume(&owner, &talk).await;
        house.wait(MINUTE * 2);
        assert_eq!(house.sessions.expire().await.unwrap(), 1, "the store knows nothing of the turn");
        assert_eq!(originals(&turn), ["Ann"], "it goes on with what it knew");
        if adds {
            issue(&mut turn, "Bo");
        }
        let ended = turn.session();
        turn.answered(Some(b"Bo, yes"), SILENT);
        talk.hear("Bo, yes");
        house.sessions.flush().await.unwrap();
        assert_eq!(left_in(&house), (0, 0));
        for _ in 0..2 {
            let next = house.resume(&owner, &talk).await;
            assert_eq!(originals(&next), [""; 0]);
            assert_ne!(next.session(), ended);
            house.restart().await;
        }
    }
}

#[tokio::test]
async fn a_header_does_not_find_what_has_ended() {
    let (house, owner, talk) = (house(), owner("mercy", "scribe"), Talk::default());
    let mut turn = house.resume_header(&owner, "case-7", &talk).await;
    issue(&mut turn, "Ann");
    turn.answered(None, SILENT);
    house.sessions.flush().await.unwrap();
    house.wait(MINUTE * 59);
    let under_way = house.resume_header(&owner, "case-7", &talk).await;
    house.wait(MINUTE * 2);
    assert_eq!(house.sessions.expire().await.unwrap(), 1);
    let mut next = house.resume_header(&owner, "case-7", &talk).await;
    assert_eq!(originals(&next), [""; 0]);
    issue(&mut next, "Bo");
    let session = next.session();
    next.answered(None, SILENT);
    under_way.answered(None, SILENT);
    house.sessions.flush().await.unwrap();
    assert_eq!(left_in(&house), (1, 1));
    assert_eq!(house.resume_header(&owner, "case-7", &talk).await.session(), session);
}

#[tokio::test]
async fn what_is_queued_is_written_before_the_store_judges() {
    let (mut house, owner) = (house(), owner("mercy", "scribe"));
    let mut talk = nearly_over(&house).await;
    house.turn(&owner, &mut talk, "Bo", &["Bo"]).await;
    house.wait(MINUTE * 2);
    assert_eq!(house.sessions.expire().await.unwrap(), 0, "it was used two minutes ago");
    house.restart().await;
    assert_eq!(originals(&house.resume(&owner, &talk).await), ["Ann", "Bo"]);
}

#[tokio::test]
async fn a_write_that_waited_too_long_brings_nothing_back() {
    let (house, owner) = (house(), owner("mercy", "scribe"));
    let mut talk = nearly_over(&house).await;
    house.store.failing.store(true, Ordering::SeqCst);
    house.turn(&owner, &mut talk, "Bo", &["Bo"]).await;
    house.wait(MINUTE * 2);
    assert!(matches!(house.sessions.expire().await, Err(CustodyError::Database(_))));
    house.store.failing.store(false, Ordering::SeqCst);
    house.sessions.flush().await.unwrap();
    assert_eq!(originals(&house.resume(&owner, &talk).await), [""; 0], "it has ended here all the same");
    assert_eq!(house.store.sessions(), 1);
    assert_eq!(house.sessions.expire().await.unwrap(), 1);
    assert_eq!(left_in(&house), (0, 0));
}

#[tokio::test]
async fn what_was_read_just_before_its_end_does_not_come_to_life() {
    let mut house = house();
    let mut talk = nearly_over(&house).await;
    house.restart().await;
    let gate = Arc::new(Notify::new());
    *house.store.gate.lock().unwrap() = Some(Arc::clone(&gate));
    talk.say("Bo");
    let reading = tokio::spawn({
        let (sessions, talk) = (house.sessions.clone(), talk.clone());
        async move { sessions.resume(&owner("mercy", "scribe"), None, &talk.messages()).await.unwrap() }
    });
    while house.store.gate.lock().unwrap().is_some() {
        tokio::task::yield_now().await;
    }
    house.wait(MINUTE * 2);
    assert_eq!(house.sessions.expire().await.unwrap(), 1);
    gate.notify_one();
    let turn = reading.await.unwrap();
    assert_eq!(originals(&turn), [""; 0]);
    turn.answered(Some(b"who?"), SILENT);
    house.sessions.flush().await.unwrap();
    assert_eq!(left_in(&house), (0, 0));
}
