//! Opaque parts: sent back only to the service that issued them, in that session.

use crate::house::{House, SILENT, Talk, issue, originals, owner};
use custody::{Opaque, SessionLimits, SessionOwner, Turn};
use terms::Purpose;

const SIGNATURE: &[u8] = b"EqQBCgIYAhIM1gbcDa9GJwZA2b3hGgxBdjrkzLoky3dl1pkiMOYds";

/// One turn without a finding, whose answer holds `parts` of `service`.
async fn answer(house: &House, owner: &SessionOwner, talk: &mut Talk, service: &str, parts: &[&[u8]]) {
    talk.say("go on");
    let turn = house.resume(owner, talk).await;
    let parts: Vec<Vec<u8>> = parts.iter().map(|part| part.to_vec()).collect();
    let said = format!("answer {}", talk.0.len());
    turn.answered(Some(said.as_bytes()), Opaque { service, parts: &parts });
    talk.hear(&said);
}

fn here(turn: &Turn) -> bool {
    turn.issued_here("thinker", SIGNATURE)
}

#[tokio::test]
async fn a_part_is_known_where_it_was_issued_and_after_a_restart() {
    let (mut house, owner, mut talk) = (House::new(), owner("mercy", "scribe"), Talk::default());
    assert!(!here(&house.resume(&owner, &talk).await));
    answer(&house, &owner, &mut talk, "thinker", &[b"another", SIGNATURE]).await;
    for restarted in [false, true] {
        if restarted {
            house.restart().await;
        }
        let turn = house.resume(&owner, &talk).await;
        assert!(here(&turn) && turn.issued_here("thinker", b"another"));
        assert_eq!(originals(&turn), [""; 0]);
        assert!(!turn.issued_here("other", SIGNATURE), "another service");
        for byte in [0, SIGNATURE.len() - 1] {
            let mut altered = SIGNATURE.to_vec();
            altered[byte] ^= 1;
            assert!(!turn.issued_here("thinker", &altered));
        }
        assert!(!turn.issued_here("thinker", &SIGNATURE[1..]) && !turn.issued_here("thinker", b""));
        assert!(!turn.issued_here("thinke", &[b"r", SIGNATURE].concat()), "service and part stay apart");
    }
    assert_eq!(house.store.sessions(), 1);
}

#[tokio::test]
async fn no_other_conversation_owner_or_engagement_knows_it() {
    let mut house = House::new();
    let (mine, mut talk) = (owner("mercy", "scribe"), Talk::default());
    answer(&house, &mine, &mut talk, "thinker", &[SIGNATURE]).await;
    let others = [
        owner("grace", "scribe"),
        owner("mercy", "coder"),
        SessionOwner { on_behalf_of: Some("dr-who".parse().unwrap()), ..mine.clone() },
        SessionOwner { purpose: Purpose::Payment, ..mine.clone() },
    ];
    let mut elsewhere = Talk::default();
    elsewhere.say("you are a coder");
    answer(&house, &mine, &mut elsewhere, "thinker", &[b"its own"]).await;
    elsewhere.say("more");
    let mut edited = talk.clone();
    edited.0[0].0 = "written anew".to_owned();
    for restarted in [false, true] {
        if restarted {
            house.restart().await;
        }
        assert!(here(&house.resume(&mine, &talk).await));
        for other in &others {
            assert!(!here(&house.resume(other, &talk).await));
        }
        for talk in [&elsewhere, &edited] {
            assert!(!here(&house.resume(&mine, talk).await));
        }
        assert!(!here(&house.resume_header(&mine, "case-7", &talk).await));
    }
}

#[tokio::test]
async fn a_branch_knows_what_was_issued_before_it_left() {
    let (mut house, owner, mut trunk) = (House::new(), owner("mercy", "scribe"), Talk::default());
    answer(&house, &owner, &mut trunk, "thinker", &[b"early"]).await;
    let mut branch = trunk.clone();
    answer(&house, &owner, &mut trunk, "thinker", &[SIGNATURE]).await;
    branch.say("another way");
    let left = house.resume(&owner, &branch).await;
    assert!(left.issued_here("thinker", b"early") && !here(&left));
    left.answered(Some(b"well"), Opaque { service: "thinker", parts: &[b"late".to_vec()] });
    branch.hear("well");
    for restarted in [false, true] {
        if restarted {
            house.restart().await;
        }
        let (trunk, branch) = (house.resume(&owner, &trunk).await, house.resume(&owner, &branch).await);
        assert!(here(&trunk) && !here(&branch));
        assert!(branch.issued_here("thinker", b"late") && !trunk.issued_here("thinker", b"late"));
        assert!(branch.issued_here("thinker", b"early") && trunk.issued_here("thinker", b"early"));
    }
}

#[tokio::test]
async fn a_turn_under_way_does_not_know_what_came_meanwhile() {
    let (house, owner, mut talk) = (House::new(), owner("mercy", "scribe"), Talk::default());
    answer(&house, &owner, &mut talk, "thinker", &[b"early"]).await;
    let under_way = house.resume(&owner, &talk).await;
    answer(&house, &owner, &mut talk, "thinker", &[SIGNATURE]).await;
    assert!(under_way.issued_here("thinker", b"early") && !here(&under_way));
    assert!(here(&house.resume(&owner, &talk).await));
}

#[tokio::test]
async fn two_runs_of_one_script_keep_their_parts() {
    let (mut house, owner) = (House::new(), owner("mercy", "scribe"));
    let (mut one, mut two) = (Talk::default(), Talk::default());
    answer(&house, &owner, &mut one, "thinker", &[SIGNATURE]).await;
    answer(&house, &owner, &mut two, "thinker", &[b"of the second run"]).await;
    assert_eq!(one.0, two.0);
    for restarted in [false, true] {
        if restarted {
            house.restart().await;
        }
        let turn = house.resume(&owner, &one).await;
        assert!(here(&turn) && turn.issued_here("thinker", b"of the second run"));
    }
}

#[tokio::test]
async fn a_header_names_the_session_of_a_part() {
    let (mut house, owner, talk) = (House::new(), owner("mercy", "scribe"), Talk::default());
    let turn = house.resume_header(&owner, "case-7", &talk).await;
    turn.answered(None, Opaque { service: "thinker", parts: &[SIGNATURE.to_vec()] });
    for restarted in [false, true] {
        if restarted {
            house.restart().await;
        }
        assert!(here(&house.resume_header(&owner, "case-7", &talk).await));
        assert!(!here(&house.resume_header(&owner, "case-8", &talk).await));
    }
}

#[tokio::test]
async fn surrogates_and_parts_are_kept_in_one_order() {
    let (mut house, owner, mut talk) = (House::new(), owner("mercy", "scribe"), Talk::default());
    let ann = house.turn(&owner, &mut talk, "Ann", &["Ann"]).await;
    answer(&house, &owner, &mut talk, "thinker", &[SIGNATURE]).await;
    house.restart().await;
    house.turn(&owner, &mut talk, "Bo", &["Bo"]).await;
    house.restart().await;
    let mut turn = house.resume(&owner, &talk).await;
    assert_eq!(originals(&turn), ["Ann", "Bo"]);
    assert!(here(&turn));
    assert_eq!(issue(&mut turn, "Ann"), ann[0]);
}

#[tokio::test]
async fn a_part_is_remembered_once_and_only_so_many() {
    let mut house = House::with(SessionLimits { marks: 2, ..SessionLimits::default() });
    let (owner, mut talk) = (owner("mercy", "scribe"), Talk::default());
    answer(&house, &owner, &mut talk, "thinker", &[b"a", b"a"]).await;
    answer(&house, &owner, &mut talk, "thinker", &[b"a", b"b", b"c"]).await;
    house.restart().await;
    let turn = house.resume(&owner, &talk).await;
    assert!(turn.issued_here("thinker", b"a") && turn.issued_here("thinker", b"b"));
    assert!(!turn.issued_here("thinker", b"c"));
}

#[tokio::test]
async fn nothing_of_a_part_itself_is_kept() {
    let (house, owner, mut talk) = (House::new(), owner("mercy", "scribe"), Talk::default());
    answer(&house, &owner, &mut talk, "thinker", &[SIGNATURE]).await;
    talk.say("and now silence");
    house.resume(&owner, &talk).await.answered(Some(b"yes"), SILENT);
    house.sessions.flush().await.unwrap();
    let state = house.store.state.lock().unwrap();
    let (_, entries) = state.sessions.values().next().unwrap();
    let bytes: Vec<&[u8]> = entries.values().map(|entries| &*entries.sealed).collect();
    assert_eq!(bytes.len(), 1, "the later turn had nothing to add");
    assert!(bytes[0].len() < 90);
}
