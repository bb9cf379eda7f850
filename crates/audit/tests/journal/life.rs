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

/// Sizes that the history holds.
fn kept(house: &House) -> Vec<u64> {
    let history = std::fs::read_to_string(house.dir.join("checkpoints")).unwrap();
    let lines: Vec<_> = history.lines().collect();
    lines
        .windows(2)
        .filter(|pair| pair[0].starts_with("chaperon/"))
        .map(|pair| pair[1].parse().unwrap())
        .collect()
}

fn newest(house: &House) -> String {
    std::fs::read_to_string(house.dir.join("checkpoint")).unwrap()
}

/// Opens exchanges until so many more checkpoints are signed.
async fn busy(house: &House, journal: &audit::Journal, more: u64) {
    let end = journal.figures().checkpoints + more;
    while journal.figures().checkpoints < end {
        let opened = journal.open(house.opening("mercy")).await.unwrap();
        journal.close(opened, success()).await.unwrap();
    }
}

#[tokio::test]
async fn the_history_keeps_the_first_of_a_run_and_of_a_segment_and_the_last() {
    let (_dir, mut house) = house();
    house.pace.checkpoint = Duration::from_millis(1);
    house.pace.history = Duration::from_hours(1);
    let (journal, _) = house.start().unwrap();
    busy(&house, &journal, 10).await;
    assert_eq!(kept(&house), [2], "the start alone");
    let report = verify(&house.dir, None, None).unwrap();
    assert_ne!(report.verdict, Verdict::Tampered, "{report}");
    assert!(report.signed > Some(2) && report.checkpoints == 2, "{report}");
    journal.shut_down().await.unwrap();
    let report = verify(&house.dir, None, None).unwrap();
    assert_eq!(report.verdict, Verdict::Intact, "{report}");
    // the last, and one more where it was signed while the run was ending
    assert!(matches!(kept(&house).len(), 2 | 3), "{report}");
    assert_eq!(kept(&house).last().copied(), report.signed);

    house.pace.segment_bytes = 4096;
    let (journal, _) = house.start().unwrap();
    let before = kept(&house).len();
    while kept(&house).len() < before + 3 {
        busy(&house, &journal, 1).await;
    }
    journal.shut_down().await.unwrap();
    assert_eq!(verify(&house.dir, None, None).unwrap().verdict, Verdict::Intact);
}

#[tokio::test]
async fn the_history_keeps_one_now_and_then() {
    let (_dir, mut house) = house();
    house.pace.checkpoint = Duration::from_millis(1);
    house.pace.history = Duration::ZERO;
    let (journal, _) = house.start().unwrap();
    busy(&house, &journal, 5).await;
    journal.shut_down().await.unwrap();
    assert_eq!(kept(&house).len() as u64, journal.figures().checkpoints, "all of them");
}

#[tokio::test]
async fn a_start_takes_a_newest_that_the_history_lacks_and_no_older_one() {
    let (_dir, mut house) = house();
    house.pace.history = Duration::from_hours(1);
    let mut notes = Vec::new();
    for _ in 0..2 {
        let (journal, _) = house.start().unwrap();
        notes.push(newest(&house));
        journal.shut_down().await.unwrap();
        notes.push(newest(&house));
    }
    let file = |name: &str| house.dir.join(name);
    let history = std::fs::read_to_string(file("checkpoints")).unwrap();
    assert_eq!(history, notes.join("\n") + "\n");
    // newest first: as it is, kept from being the newest by a crash, and older than that
    for (at, tampered) in [(3, false), (2, false), (1, true), (0, true)] {
        std::fs::write(file("checkpoint"), &notes[at]).unwrap();
        let report = verify(&house.dir, None, None).unwrap();
        assert_eq!(report.verdict == Verdict::Tampered, tampered, "{at}: {report}");
        if tampered {
            assert!(matches!(house.start().err(), Some(JournalError::Tampered(_))), "{at}");
        }
    }
    // a history that lacks the newest, whole or torn
    std::fs::write(file("checkpoint"), &notes[3]).unwrap();
    let before = history.len() - notes[3].len() - 1;
    for cut in [before, before + 10] {
        std::fs::write(file("checkpoints"), history.as_bytes().get(..cut).unwrap()).unwrap();
        assert_ne!(verify(&house.dir, None, None).unwrap().verdict, Verdict::Tampered, "cut at {cut}");
    }
    let (journal, recovered) = house.start().unwrap();
    assert_eq!(recovered.interrupted, 0);
    journal.shut_down().await.unwrap();
    let report = verify(&house.dir, None, None).unwrap();
    assert_eq!((report.verdict, report.checkpoints), (Verdict::Intact, 5), "{report}");
    std::fs::write(file("checkpoints"), "").unwrap();
    assert!(matches!(house.start().err(), Some(JournalError::Tampered(_))), "no history beside a checkpoint");
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
