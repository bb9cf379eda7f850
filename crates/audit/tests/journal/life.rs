//! An ordinary life: open, close, shut down, start again.

use std::sync::Arc;
use std::time::Duration;

use audit::{Control, JournalError, OsDisk};
use chaperon_verify::{Verdict, verify};
use terms::{Clock as _, RowVersion, SealError, UtcMillis};

use crate::fakes::{House, success};

fn house() -> (tempfile::TempDir, House) {
    let dir = tempfile::tempdir().unwrap();
    let house = House::new(&dir.path().join("journal"), Arc::new(OsDisk));
    (dir, house)
}

#[tokio::test]
async fn a_journal_that_was_shut_down_is_intact_and_goes_on() {
    let (_dir, house) = house();
    for run in 1..=3 {
        let (journal, recovered) = house.start().unwrap();
        assert_eq!((recovered.segment, recovered.interrupted, recovered.torn_bytes), (run, 0, 0));
        let opened = journal.open(house.opening("mercy")).await.unwrap();
        let other = journal.open(house.opening("st-olaf")).await.unwrap();
        assert!(opened.receipt().position < other.receipt().position);
        journal.close(opened, success()).await.unwrap();
        journal.close(other, success()).await.unwrap();
        journal.shut_down().await.unwrap();
        let report = verify(&house.dir, None, None).unwrap();
        assert_eq!(report.verdict, Verdict::Intact, "{report}");
    }
}

#[tokio::test]
async fn what_comes_after_the_end_is_refused() {
    let (_dir, house) = house();
    let (journal, _) = house.start().unwrap();
    assert_eq!(house.start().err(), Some(JournalError::Locked));
    let opened = journal.open(house.opening("mercy")).await.unwrap();
    journal.shut_down().await.unwrap();
    assert_eq!(journal.close(opened, success()).await, Err(JournalError::Closed));
    assert_eq!(journal.open(house.opening("mercy")).await.err(), Some(JournalError::Closed));
    journal.shut_down().await.unwrap();
    let (_journal, recovered) = house.start().unwrap();
    assert_eq!(recovered.interrupted, 0, "the shutdown closed it");
}

#[tokio::test]
async fn segments_are_followed_by_the_next() {
    let (_dir, mut house) = house();
    house.pace.segment_bytes = 4096;
    let (journal, _) = house.start().unwrap();
    for _ in 0..20 {
        let opened = journal.open(house.opening("mercy")).await.unwrap();
        journal.close(opened, success()).await.unwrap();
    }
    journal.shut_down().await.unwrap();
    let segments = std::fs::read_dir(house.dir.join("segments")).unwrap().count();
    assert!(segments > 3, "{segments} segments");
    let report = verify(&house.dir, None, None).unwrap();
    assert_eq!(report.verdict, Verdict::Intact, "{report}");
    let (_journal, recovered) = house.start().unwrap();
    assert_eq!(recovered.segment, segments as u64 + 1);
}

#[tokio::test]
async fn many_openings_share_a_sync() {
    let (_dir, house) = house();
    let (journal, _) = house.start().unwrap();
    let tasks: Vec<_> = (0..256)
        .map(|_| {
            let (journal, opening) = (journal.clone(), house.opening("mercy"));
            async move { journal.open(opening).await.map(drop) }
        })
        .collect();
    let mut set = tokio::task::JoinSet::new();
    for task in tasks {
        set.spawn(task);
    }
    while let Some(done) = set.join_next().await {
        done.unwrap().unwrap();
    }
    let figures = journal.figures();
    assert_eq!(figures.entries, 256);
    assert!(figures.syncs < 256, "{} syncs for 256 openings", figures.syncs);
}

#[tokio::test]
async fn a_closing_is_durable_without_an_opening_to_carry_it() {
    let (_dir, mut house) = house();
    house.pace.closing = Duration::from_millis(1);
    let (journal, _) = house.start().unwrap();
    let opened = journal.open(house.opening("mercy")).await.unwrap();
    let exchange = opened.exchange();
    journal.close(opened, success()).await.unwrap();
    loop {
        let found = journal.reader().exchange(exchange).unwrap().unwrap();
        if found.closed.is_some() {
            break;
        }
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
}

#[tokio::test]
async fn checkpoints_follow_traffic() {
    let (_dir, mut house) = house();
    house.pace.checkpoint = Duration::from_millis(1);
    let (journal, _) = house.start().unwrap();
    let before = journal.figures().checkpoints;
    let _opened = journal.open(house.opening("mercy")).await.unwrap();
    while journal.figures().checkpoints == before {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    let report = verify(&house.dir, None, None).unwrap();
    assert_eq!(report.verdict, Verdict::Intact, "{report}");
}

#[tokio::test]
async fn an_engagement_without_a_key_is_refused_alone() {
    let (_dir, house) = house();
    let (journal, _) = house.start().unwrap();
    let _opened = journal.open(house.opening("mercy")).await.unwrap();
    *house.keys.broken.lock().unwrap() = true;
    let refused = journal.open(house.opening("st-olaf")).await;
    assert_eq!(refused.err(), Some(JournalError::Seal(SealError::Keyring)));
    assert!(journal.open(house.opening("mercy")).await.is_ok());
}

#[tokio::test]
async fn control_entries_are_on_record_and_reserved_ones_are_not_taken() {
    let (_dir, house) = house();
    let (journal, _) = house.start().unwrap();
    let change = Control::RegisterChange {
        engagement: Some("mercy".parse().unwrap()),
        register: "agreement".into(),
        id: "acme-baa".into(),
        version: RowVersion(3),
        author: "n.ortiz".into(),
        reason: "renewed".into(),
    };
    let receipt = journal.control(change).await.unwrap();
    assert_eq!(receipt.to_string(), format!("{}:{}", receipt.position, receipt.leaf));
    assert_eq!(journal.control(Control::Stop { interrupted: 0 }).await, Err(JournalError::Reserved));
}

#[tokio::test]
async fn the_newest_time_survives_a_clock_that_was_turned_back() {
    let (_dir, house) = house();
    let (journal, _) = house.start().unwrap();
    let _opened = journal.open(house.opening("mercy")).await.unwrap();
    let newest = journal.newest_time();
    journal.shut_down().await.unwrap();
    assert!(journal.newest_time() > newest);
    house.clock.0.store(1000, std::sync::atomic::Ordering::Relaxed);
    let (journal, _) = house.start().unwrap();
    assert!(journal.newest_time() > newest && house.clock.now() < UtcMillis(2000));
    journal.shut_down().await.unwrap();
    let report = verify(&house.dir, None, None).unwrap();
    assert_eq!(report.verdict, Verdict::Intact, "{report}");
}
