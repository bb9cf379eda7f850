//! Conversations: what stays stable, and what stays apart.

use std::collections::BTreeSet;
use std::time::Duration;

use crate::house::{House, SILENT, Talk, issue, originals, owner};
use custody::{SessionLimits, SessionOwner};
use terms::{IdentifierClass, Purpose, SurrogateError, SurrogateSource};

#[tokio::test]
async fn ten_turns_keep_their_surrogates() {
    let (house, owner, mut talk) = (House::new(), owner("mercy", "scribe"), Talk::default());
    talk.say("you are a scribe");
    let first = house.turn(&owner, &mut talk, "Ann Lee came", &["Ann Lee"]).await;
    for turn in 1..10 {
        let own = format!("Person {turn}");
        let issued = house.turn(&owner, &mut talk, &format!("turn {turn}"), &["Ann Lee", &own]).await;
        assert_eq!(issued[0], first[0]);
    }
    let turn = house.resume(&owner, &talk).await;
    assert_eq!(turn.known().count(), 10);
    assert_eq!(turn.known().map(|(_, _, surrogate)| surrogate).collect::<BTreeSet<_>>().len(), 10);
    house.sessions.flush().await.unwrap();
    assert_eq!(house.store.sessions(), 1);
    assert_eq!(house.finds(), 0, "what this process saw it does not look up");
}

#[tokio::test]
async fn identical_openings_do_not_meet() {
    let (house, owner) = (House::new(), owner("mercy", "scribe"));
    let (mut ann, mut bo) = (Talk::default(), Talk::default());
    for talk in [&mut ann, &mut bo] {
        talk.say("you are a scribe");
        talk.say("hello");
        let turn = house.resume(&owner, talk).await;
        assert_eq!(originals(&turn), [""; 0]);
        turn.answered(Some(b"hello, who is it?"), SILENT);
        talk.hear("hello, who is it?");
    }
    for round in 0..3 {
        let said = format!("round {round}");
        house.turn(&owner, &mut ann, &format!("{said} of Ann"), &["Ann"]).await;
        house.turn(&owner, &mut bo, &format!("{said} of Bo"), &["Bo"]).await;
    }
    let (ann, bo) = (house.resume(&owner, &ann).await, house.resume(&owner, &bo).await);
    assert_eq!((originals(&ann), originals(&bo)), (vec!["Ann".to_owned()], vec!["Bo".to_owned()]));
    assert_ne!(ann.session(), bo.session());
}

#[tokio::test]
async fn an_edit_goes_back_to_what_was_known_before_it() {
    let (house, owner, mut talk) = (House::new(), owner("mercy", "scribe"), Talk::default());
    let ann = house.turn(&owner, &mut talk, "Ann", &["Ann"]).await;
    let before = talk.clone();
    house.turn(&owner, &mut talk, "Bo", &["Bo"]).await;
    let mut edited = before.clone();
    edited.say("Cy");
    let mut turn = house.resume(&owner, &edited).await;
    assert_eq!(originals(&turn), ["Ann"]);
    assert_eq!(issue(&mut turn, "Ann"), ann[0]);
    let whole = house.resume(&owner, &talk).await;
    assert_ne!(whole.session(), turn.session(), "a branch is a session of its own");
    let mut other = Talk::default();
    other.say("Ann, but written anew");
    other.hear(&before.0[1].0);
    assert_eq!(originals(&house.resume(&owner, &other).await), [""; 0]);
}

#[tokio::test]
async fn branches_do_not_learn_from_each_other() {
    let mut house = House::new();
    let (owner, mut trunk) = (owner("mercy", "scribe"), Talk::default());
    house.turn(&owner, &mut trunk, "Ann", &["Ann"]).await;
    let (mut left, mut right) = (trunk.clone(), trunk.clone());
    house.turn(&owner, &mut left, "left", &["Lea"]).await;
    house.turn(&owner, &mut right, "right", &["Ray"]).await;
    house.turn(&owner, &mut left, "left again", &["Liz"]).await;
    house.turn(&owner, &mut right, "right again", &["Ron"]).await;
    for restarted in [false, true] {
        if restarted {
            house.restart().await;
        }
        assert_eq!(originals(&house.resume(&owner, &left).await), ["Ann", "Lea", "Liz"]);
        assert_eq!(originals(&house.resume(&owner, &right).await), ["Ann", "Ray", "Ron"]);
        assert_eq!(originals(&house.resume(&owner, &trunk).await), ["Ann"]);
    }
    assert_eq!(house.store.sessions(), 2);
}

#[tokio::test]
async fn a_restart_changes_nothing() {
    let mut house = House::new();
    let (owner, mut talk) = (owner("mercy", "scribe"), Talk::default());
    let first = house.turn(&owner, &mut talk, "one", &["Ann", "ann", "ANN"]).await;
    assert_eq!(first.iter().collect::<BTreeSet<_>>().len(), 3, "each way of writing restores to itself");
    for n in 0..3 {
        house.restart().await;
        let more = format!("more {n}");
        assert_eq!(house.turn(&owner, &mut talk, &more, &["Ann", "ann", "ANN"]).await, first);
        assert_eq!(house.finds(), n + 1);
    }
    house.restart().await;
    assert_eq!(originals(&house.resume(&owner, &talk).await), ["Ann", "ann", "ANN"]);
    assert_eq!(house.store.sessions(), 1);
}

#[tokio::test]
async fn a_crash_loses_stability_and_nothing_else() {
    let mut house = House::new();
    let (owner, mut talk) = (owner("mercy", "scribe"), Talk::default());
    house.turn(&owner, &mut talk, "Ann", &["Ann"]).await;
    house.crash();
    let mut turn = house.resume(&owner, &talk).await;
    assert_eq!(originals(&turn), [""; 0]);
    assert!(issue(&mut turn, "Ann").starts_with("NAME-"));
}

#[tokio::test]
async fn another_owner_finds_nothing() {
    let house = House::new();
    let mine = owner("mercy", "scribe");
    let others = [
        owner("grace", "scribe"),
        owner("mercy", "coder"),
        SessionOwner { on_behalf_of: Some("dr-who".parse().unwrap()), ..mine.clone() },
        SessionOwner { purpose: Purpose::Payment, ..mine.clone() },
    ];
    let mut talk = Talk::default();
    talk.say("Ann");
    let mut turn = house.resume_header(&mine, "case-7", &talk).await;
    issue(&mut turn, "Ann");
    turn.answered(Some(b"yes"), SILENT);
    let mut by_chain = Talk::default();
    house.turn(&mine, &mut by_chain, "Bo", &["Bo"]).await;
    assert_eq!(originals(&house.resume_header(&mine, "case-7", &talk).await), ["Ann"]);
    assert_eq!(originals(&house.resume(&mine, &by_chain).await), ["Bo"]);
    assert_eq!(originals(&house.resume_header(&mine, "case-8", &by_chain).await), [""; 0]);
    house.sessions.flush().await.unwrap();
    for other in &others {
        assert_eq!(originals(&house.resume_header(other, "case-7", &talk).await), [""; 0]);
        assert_eq!(originals(&house.resume(other, &by_chain).await), [""; 0]);
    }
}

#[tokio::test]
async fn a_header_holds_a_session_through_edits_and_restarts() {
    let mut house = House::new();
    let (owner, mut talk) = (owner("mercy", "scribe"), Talk::default());
    talk.say("Ann");
    let mut turn = house.resume_header(&owner, "case-7", &talk).await;
    let ann = issue(&mut turn, "Ann");
    turn.answered(None, SILENT);
    house.restart().await;
    talk.0[0].0 = "something else".to_owned();
    let mut turn = house.resume_header(&owner, "case-7", &talk).await;
    assert_eq!((originals(&turn), issue(&mut turn, "Ann")), (vec!["Ann".to_owned()], ann));
}

#[tokio::test]
async fn parallel_turns_share_what_they_issue() {
    let (house, owner, mut talk) = (House::new(), owner("mercy", "scribe"), Talk::default());
    house.turn(&owner, &mut talk, "Ann", &["Ann"]).await;
    let (mut one, mut two) = (talk.clone(), talk.clone());
    one.say("one");
    two.say("two");
    let (mut first, mut second) = (house.resume(&owner, &one).await, house.resume(&owner, &two).await);
    assert_eq!(first.session(), second.session());
    assert_eq!(issue(&mut first, "Bo"), issue(&mut second, "Bo"));
    issue(&mut second, "Cy");
    second.answered(Some(b"2"), SILENT);
    house.sessions.flush().await.unwrap();
    first.answered(Some(b"1"), SILENT);
    house.sessions.flush().await.unwrap();
    one.hear("1");
    assert_eq!(originals(&house.resume(&owner, &one).await), ["Ann", "Bo", "Cy"]);
    let header = |turn| house.resume_header(&owner, "new", turn);
    let (mut first, mut second) = (header(&one).await, header(&two).await);
    assert_eq!(issue(&mut first, "Di"), issue(&mut second, "Di"), "they meet under a fresh header too");
}

#[tokio::test]
async fn parallel_turns_on_threads_insert_whole() {
    let (mut house, owner, mut talk) = (House::new(), owner("mercy", "scribe"), Talk::default());
    house.turn(&owner, &mut talk, "Ann", &["Ann"]).await;
    talk.say("go");
    let turns = [house.resume(&owner, &talk).await, house.resume(&owner, &talk).await];
    let issued: Vec<Vec<String>> = std::thread::scope(|scope| {
        let run = |mut turn: custody::Turn| {
            let issued = (0..200).map(|n| issue(&mut turn, &format!("Person {n}"))).collect();
            turn.answered(Some(b"done"), SILENT);
            issued
        };
        let handles: Vec<_> = turns.into_iter().map(|turn| scope.spawn(move || run(turn))).collect();
        handles.into_iter().map(|handle| handle.join().unwrap()).collect()
    });
    assert_eq!(issued[0], issued[1]);
    house.restart().await;
    assert_eq!(house.store.sessions(), 1);
    talk.hear("done");
    assert_eq!(house.resume(&owner, &talk).await.known().count(), 201);
}

#[tokio::test]
async fn what_nobody_names_is_known_but_not_issued() {
    let (house, owner, mut talk) = (House::new(), owner("mercy", "scribe"), Talk::default());
    house.turn(&owner, &mut talk, "Ann", &["Ann"]).await;
    house.sessions.flush().await.unwrap();
    talk.say("list all placeholders with what they stand for");
    let turn = house.resume(&owner, &talk).await;
    assert_eq!(originals(&turn), ["Ann"]);
    turn.answered(Some(b"NAME-000000"), SILENT);
    house.sessions.flush().await.unwrap();
    let state = house.store.state.lock().unwrap();
    assert_eq!(state.sessions.values().next().unwrap().1.len(), 1, "nothing was added");
}

#[tokio::test]
async fn a_full_session_issues_nothing_new() {
    let house = House::with(SessionLimits { mappings: 3, ..SessionLimits::default() });
    let (owner, mut talk) = (owner("mercy", "scribe"), Talk::default());
    house.turn(&owner, &mut talk, "three", &["Ann", "Bo", "Cy"]).await;
    let mut turn = house.resume(&owner, &talk).await;
    let fourth = turn.surrogate(IdentifierClass::Name, "Di", &|_| false);
    assert_eq!(fourth, Err(SurrogateError::Full));
    issue(&mut turn, "Ann");
}

#[tokio::test]
async fn a_surrogate_that_is_taken_is_drawn_again() {
    let (house, owner) = (House::new(), owner("mercy", "scribe"));
    let mut turn = house.resume(&owner, &Talk::default()).await;
    let first = std::cell::RefCell::new(None);
    let refused = |candidate: &str| first.borrow_mut().get_or_insert(candidate.to_owned()) == candidate;
    let issued = turn.surrogate(IdentifierClass::HealthPlan, "H1", &refused).unwrap();
    assert!(issued.starts_with("HEALTH-PLAN-") && Some(&issued) != first.borrow().as_ref());
    assert_eq!(turn.surrogate(IdentifierClass::Name, "X", &|_| true), Err(SurrogateError::Exhausted));
    assert_eq!(turn.surrogate(IdentifierClass::Mrn, "H1", &|_| true), Ok(issued), "it has one already");
}

#[tokio::test]
async fn sessions_end_by_idle_time_and_by_age() {
    let hour = Duration::from_hours(1);
    let limits = SessionLimits { idle: hour * 2, max_life: hour * 5, ..SessionLimits::default() };
    for restarts in [false, true] {
        let mut house = House::with(limits);
        let (owner, mut idle, mut busy) = (owner("mercy", "scribe"), Talk::default(), Talk::default());
        house.turn(&owner, &mut idle, "Ann", &["Ann"]).await;
        for n in 0..4 {
            let new = format!("Person {n}");
            house.turn(&owner, &mut busy, &format!("turn {n}"), &[&new]).await;
            if restarts {
                house.restart().await;
            }
            house.wait(hour + hour / 4);
        }
        assert_eq!(originals(&house.resume(&owner, &idle).await), [""; 0]);
        let mut branch = Talk(busy.0[..2].to_vec());
        house.turn(&owner, &mut branch, "a branch", &[]).await;
        assert_eq!(originals(&house.resume(&owner, &branch).await), ["Person 0"]);
        assert_eq!(originals(&house.resume(&owner, &busy).await).len(), 4);
        house.sessions.flush().await.unwrap();
        assert_eq!(house.sessions.expire().await.unwrap(), 1);
        house.wait(hour / 2);
        assert_eq!(originals(&house.resume(&owner, &busy).await), [""; 0]);
        assert_eq!(
            originals(&house.resume(&owner, &branch).await),
            [""; 0],
            "a branch is as old as its trunk"
        );
        assert_eq!(house.sessions.expire().await.unwrap(), 2);
        assert_eq!(house.store.sessions(), 0);
    }
}

#[tokio::test]
async fn a_rehearsal_knows_the_conversation_and_leaves_nothing_behind() {
    let (house, owner, mut talk) = (House::new(), owner("mercy", "scribe"), Talk::default());
    let ann = house.turn(&owner, &mut talk, "Ann", &["Ann"]).await;
    house.sessions.flush().await.unwrap();
    let session = house.resume(&owner, &talk).await.session();
    let kept = house.store.entries();
    talk.say("Bo");
    let mut rehearsed = house.sessions.rehearse(&owner, None, &talk.messages()).await.unwrap();
    assert_eq!(rehearsed.session(), session);
    assert_eq!(issue(&mut rehearsed, "Ann"), ann[0]);
    let bo = issue(&mut rehearsed, "Bo");
    rehearsed.answered(Some(b"whatever is done with it"), SILENT);
    let mut next = talk.clone();
    next.hear("whatever is done with it");
    assert_eq!(originals(&house.resume(&owner, &talk).await), ["Ann"]);
    assert_eq!(originals(&house.resume(&owner, &next).await), ["Ann"], "its answer is no point");
    assert_ne!(issue(&mut house.resume(&owner, &talk).await, "Bo"), bo);
    house.sessions.flush().await.unwrap();
    assert_eq!(house.store.entries(), kept);
}

#[tokio::test]
async fn a_rehearsal_under_a_new_header_begins_no_session() {
    let (house, owner, talk) = (House::new(), owner("mercy", "scribe"), Talk::default());
    let mut rehearsed = house.sessions.rehearse(&owner, Some("new"), &talk.messages()).await.unwrap();
    issue(&mut rehearsed, "Ann");
    let session = rehearsed.session();
    rehearsed.answered(Some(b"yes"), SILENT);
    let turn = house.resume_header(&owner, "new", &talk).await;
    assert_eq!(originals(&turn), [""; 0]);
    assert_ne!(turn.session(), session);
    house.sessions.flush().await.unwrap();
    assert_eq!(house.store.sessions(), 0);
}
