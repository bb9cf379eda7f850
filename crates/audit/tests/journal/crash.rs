//! Crashes: a disk that loses what was not synced, torn ends of every length, and disks that fail.

use std::sync::Arc;
use std::time::Duration;

use audit::{Body, Exchange, Journal, JournalError, Order, OsDisk, Outcome, Tampering};
use chaperon_verify::{Verdict, verify};

use crate::fakes::{House, success};
use crate::losing::LosingDisk;

fn exchanges(journal: &Journal) -> Vec<Exchange> {
    journal.reader().exchanges(Order::Oldest).unwrap().map(Result::unwrap).collect()
}

#[tokio::test]
async fn an_acknowledged_opening_survives_a_crash() {
    let dir = tempfile::tempdir().unwrap();
    let disk = LosingDisk::new();
    let house = House::new(&dir.path().join("journal"), disk.clone());
    let (journal, _) = house.start().unwrap();
    let mut acknowledged = Vec::new();
    for n in 0..10 {
        let opened = journal.open(house.opening(if n % 2 == 0 { "mercy" } else { "st-olaf" })).await.unwrap();
        acknowledged.push(opened.exchange());
        // what the disk would hold if the power went now
        let after = house.again_on(&disk.after_crash());
        let (recovered, what) = after.start().unwrap();
        let found = exchanges(&recovered);
        let ids: Vec<_> = found.iter().map(|exchange| exchange.opening.exchange).collect();
        assert_eq!(ids, acknowledged);
        assert_eq!(what.interrupted, acknowledged.len());
        let outcomes =
            found.iter().map(|exchange| exchange.closed.as_ref().map(|(_, closing)| closing.outcome));
        assert!(outcomes.into_iter().all(|outcome| outcome == Some(Outcome::Interrupted)));
    }
}

#[tokio::test]
async fn a_closing_is_lost_at_most_with_the_last_batch() {
    let dir = tempfile::tempdir().unwrap();
    let disk = LosingDisk::new();
    let house = House::new(&dir.path().join("journal"), disk.clone());
    let (journal, _) = house.start().unwrap();
    let first = journal.open(house.opening("mercy")).await.unwrap();
    journal.close(first, success()).await.unwrap();
    let _second = journal.open(house.opening("mercy")).await.unwrap();
    let after = House { disk: disk.after_crash(), ..house };
    let (recovered, what) = after.start().unwrap();
    assert_eq!(what.interrupted, 1, "the closing went with the second opening's batch");
    assert_eq!(exchanges(&recovered)[0].closed.as_ref().unwrap().1, success());
}

/// Bytes of a journal that crashed: checkpoint at start, then frames that no checkpoint covers.
async fn crashed(openings: usize) -> (tempfile::TempDir, House, std::path::PathBuf, Vec<u8>, u64) {
    let dir = tempfile::tempdir().unwrap();
    let disk = LosingDisk::new();
    let house = House::new(&dir.path().join("journal"), disk.clone());
    let (journal, _) = house.start().unwrap();
    let first = journal.open(house.opening("mercy")).await.unwrap();
    for _ in 2..openings {
        let _more = journal.open(house.opening("st-olaf")).await.unwrap();
    }
    if openings > 1 {
        journal.close(first, success()).await.unwrap();
        let _last = journal.open(house.opening("mercy")).await.unwrap();
    }
    disk.after_crash().write_out(&house.dir);
    let segment = house.dir.join("segments/00000001.chj");
    let bytes = std::fs::read(&segment).unwrap();
    let signed = verify(&house.dir, None, None).unwrap().signed.unwrap();
    (dir, House { disk: Arc::new(OsDisk), ..house }, segment, bytes, signed)
}

/// Offsets at which frames end, the first one 0.
fn ends(bytes: &[u8]) -> Vec<usize> {
    let mut ends = vec![0];
    while let Ok(frame) = audit::parse_frame(&bytes[*ends.last().unwrap()..]) {
        ends.push(ends.last().unwrap() + frame.stored_bytes());
    }
    ends
}

#[tokio::test]
async fn a_cut_at_any_byte_after_the_checkpoint_is_recovered() {
    let (_dir, house, segment, bytes, signed) = crashed(1).await;
    let ends = ends(&bytes);
    let proven = ends[usize::try_from(signed).unwrap()];
    let last = *ends.last().unwrap();
    assert!(proven < last);
    for cut in proven..=last {
        std::fs::write(&segment, &bytes[..cut]).unwrap();
        let whole = ends.iter().filter(|end| **end <= cut).count() as u64 - 1;
        let report = verify(&house.dir, None, None).unwrap();
        let expected = if cut == proven { Verdict::Intact } else { Verdict::UnprovenTail };
        assert_eq!(report.verdict, expected, "cut at {cut}: {report}");
        let disk = LosingDisk::holding(&house.dir);
        let (journal, what) =
            house.again_on(&disk).start().unwrap_or_else(|error| panic!("cut at {cut}: {error}"));
        assert_eq!(what.size, whole, "cut at {cut}");
        let left = cut - ends[usize::try_from(whole).unwrap()];
        assert!(what.torn_bytes <= left as u64);
        assert!(exchanges(&journal).iter().all(|exchange| exchange.closed.is_some()), "cut at {cut}");
        journal.shut_down().await.unwrap();
        if cut % 16 == 0 {
            let place = tempfile::tempdir().unwrap();
            disk.after_crash().write_out(place.path());
            let report = verify(place.path(), None, None).unwrap();
            assert_eq!(report.verdict, Verdict::Intact, "cut at {cut}: {report}");
        }
    }
}

#[tokio::test]
async fn a_valid_frame_beyond_a_break_refuses_the_start() {
    let (_dir, house, segment, bytes, signed) = crashed(3).await;
    let ends = ends(&bytes);
    // a frame after the checkpoint, and before the last write
    let at = ends[usize::try_from(signed).unwrap()];
    for offset in [at, at + 5, at + 20, at + 60] {
        let mut broken = bytes.clone();
        broken[offset] ^= 0x10;
        std::fs::write(&segment, &broken).unwrap();
        assert_eq!(verify(&house.dir, None, None).unwrap().verdict, Verdict::Tampered, "offset {offset}");
        match house.start().err() {
            Some(JournalError::Tampered(Tampering::Damaged { segment: 1, position, .. })) => {
                assert_eq!(position, signed);
            }
            other => panic!("offset {offset}: {other:?}"),
        }
        assert_eq!(std::fs::read(&segment).unwrap(), broken, "nothing may be changed");
    }
}

#[tokio::test]
async fn a_last_write_whose_blocks_came_out_of_order_is_torn_not_tampered() {
    let (_dir, house, segment, bytes, _) = crashed(3).await;
    let ends = ends(&bytes);
    // the last write holds the closing and the third opening: only the second of them reached the disk
    let (from, to) = (ends[ends.len() - 3], ends[ends.len() - 2]);
    let mut torn = bytes.clone();
    torn[from..to].fill(0);
    std::fs::write(&segment, torn).unwrap();
    assert_eq!(verify(&house.dir, None, None).unwrap().verdict, Verdict::UnprovenTail);
    let (journal, what) = house.start().unwrap();
    assert_eq!((what.size, what.interrupted), (ends.len() as u64 - 3, 2));
    journal.shut_down().await.unwrap();
    assert_eq!(verify(&house.dir, None, None).unwrap().verdict, Verdict::Intact);
}

#[tokio::test]
async fn a_crash_at_any_write_or_sync_is_recovered() {
    // the same small life, with the power gone at the n-th call, until it is long enough to live through
    for n in 1.. {
        let disk = LosingDisk::new();
        let mut house = House::new(std::path::Path::new("journal"), disk.clone());
        house.pace.segment_bytes = 1500;
        disk.fail_after(n);
        let (lived, acknowledged) = small_life(&house).await;
        for crashed in disk.possible_crashes() {
            let after = house.again_on(&crashed);
            let (journal, _) = after.start().unwrap_or_else(|error| panic!("call {n}: {error}"));
            let found = exchanges(&journal);
            for exchange in &acknowledged {
                assert!(found.iter().any(|one| one.opening.exchange == *exchange), "call {n}: lost");
            }
            assert!(found.iter().all(|one| one.closed.is_some()), "call {n}");
            journal.shut_down().await.unwrap();
            let place = tempfile::tempdir().unwrap();
            crashed.after_crash().write_out(place.path());
            let report = verify(place.path(), None, None).unwrap();
            assert_eq!(report.verdict, Verdict::Intact, "call {n}: {report}");
        }
        if lived {
            assert!(n > 20, "{n} calls are too few to be true");
            return;
        }
    }
}

async fn small_life(house: &House) -> (bool, Vec<terms::ExchangeId>) {
    let mut acknowledged = Vec::new();
    let Ok((journal, _)) = house.start() else { return (false, acknowledged) };
    for engagement in ["mercy", "st-olaf", "mercy", "mercy"] {
        match journal.open(house.opening(engagement)).await {
            Ok(opened) => {
                acknowledged.push(opened.exchange());
                let _may_be_refused = journal.close(opened, success()).await;
            }
            Err(error) => assert!(matches!(error, JournalError::Unavailable(_)), "{error}"),
        }
    }
    (journal.shut_down().await.is_ok(), acknowledged)
}

/// Whether the verifier calls this history tampered; a start refuses it just then, and changes nothing.
fn is_tampered(house: &House, history: &[u8]) -> bool {
    std::fs::write(house.dir.join("checkpoints"), history).unwrap();
    let report = verify(&house.dir, None, None).unwrap();
    let disk = LosingDisk::holding(&house.dir);
    let started = house.again_on(&disk).start();
    let refused =
        matches!(started.as_ref().err(), Some(JournalError::Tampered(Tampering::Checkpoint { .. })));
    assert!(refused || started.is_ok(), "{:?}", started.err());
    assert_eq!(refused, report.verdict == Verdict::Tampered, "{report}\n{}", history.escape_ascii());
    if refused {
        let left = tempfile::tempdir().unwrap();
        disk.after_crash().write_out(left.path());
        assert_eq!(
            std::fs::read(left.path().join("checkpoints")).unwrap(),
            history,
            "nothing may be changed"
        );
    }
    refused
}

#[tokio::test]
async fn a_damaged_history_of_checkpoints_is_never_taken_for_a_torn_one() {
    let dir = tempfile::tempdir().unwrap();
    let mut house = House::new(&dir.path().join("journal"), Arc::new(OsDisk));
    house.pace.history = Duration::from_hours(1);
    for _ in 0..2 {
        let (journal, _) = house.start().unwrap();
        journal.shut_down().await.unwrap();
    }
    let history = std::fs::read(house.dir.join("checkpoints")).unwrap();
    let newest = std::fs::read(house.dir.join("checkpoint")).unwrap();
    let last = history.len() - newest.len() - 1;
    assert!(history[last..].starts_with(&newest) && !is_tampered(&house, &history));
    // its size is in its second line: where that can't be read, nothing tells that the entry is no newer than the newest
    let mut lines = newest.iter().enumerate().filter(|(_, byte)| **byte == b'\n').map(|(at, _)| last + at);
    let (name, size) = (lines.next().unwrap(), lines.next().unwrap());
    for at in last..history.len() {
        for change in [1, 0x80, history[at]] {
            let mut damaged = history.clone();
            damaged[at] ^= change;
            let unread = change == history[at] && (name..=size).contains(&at);
            assert!(is_tampered(&house, &damaged) || unread, "{change:#x} at {}", at - last);
        }
    }
    for cut in last..history.len() {
        assert_eq!(is_tampered(&house, &history[..cut]), cut > size, "cut at {}", cut - last);
    }
}

#[tokio::test]
async fn an_entry_of_the_history_that_is_newer_than_the_newest_may_be_torn_but_not_altered() {
    let dir = tempfile::tempdir().unwrap();
    let mut house = House::new(&dir.path().join("journal"), Arc::new(OsDisk));
    house.pace.history = Duration::from_hours(1);
    let (journal, _) = house.start().unwrap();
    let older = std::fs::read(house.dir.join("checkpoint")).unwrap();
    let segment = house.dir.join("segments/00000001.chj");
    let begun = std::fs::read(&segment).unwrap();
    journal.shut_down().await.unwrap();
    let history = std::fs::read(house.dir.join("checkpoints")).unwrap();
    let last = history.len() - older.len() - 1;
    for beside in [true, false] {
        // without a newest, the history may be the first entry and no more, beside the frames of a start
        let (history, last) = if beside {
            std::fs::write(house.dir.join("checkpoint"), &older).unwrap();
            (&history[..], last)
        } else {
            std::fs::remove_file(house.dir.join("checkpoint")).unwrap();
            assert!(is_tampered(&house, &history));
            std::fs::write(&segment, &begun).unwrap();
            (&history[..last], 0)
        };
        assert!(!is_tampered(&house, history));
        let mut zeros = history.to_vec();
        zeros[last + 10..].fill(0);
        assert!(!is_tampered(&house, &zeros));
        for at in last + 1..history.len() {
            assert!(!is_tampered(&house, &history[..at]), "cut at {at}");
        }
        let mut forged = history.to_vec();
        forged[last + 60] ^= 1;
        assert!(is_tampered(&house, &forged));
    }
}

#[tokio::test]
async fn a_failed_sync_poisons_the_writer() {
    let dir = tempfile::tempdir().unwrap();
    let disk = LosingDisk::new();
    let house = House::new(&dir.path().join("journal"), disk.clone());
    let (journal, _) = house.start().unwrap();
    let opened = journal.open(house.opening("mercy")).await.unwrap();
    disk.fail_after(2); // the write still works, the sync does not
    let error = journal.open(house.opening("mercy")).await.unwrap_err();
    assert_eq!(error.code(), terms::Code::RECORD_UNAVAILABLE);
    disk.fail_after(usize::MAX);
    let writes = disk.calls();
    assert_eq!(journal.open(house.opening("mercy")).await.unwrap_err(), error);
    assert_eq!(journal.close(opened, success()).await.unwrap_err(), error);
    assert_eq!(journal.shut_down().await.unwrap_err(), error);
    assert_eq!(disk.calls(), writes, "nothing is tried again on that file");
    let (_journal, recovered) = House { disk: disk.after_crash(), ..house }.start().unwrap();
    assert_eq!(recovered.interrupted, 1);
}

#[tokio::test]
async fn openings_of_earlier_segments_are_closed_too() {
    let dir = tempfile::tempdir().unwrap();
    let disk = LosingDisk::new();
    let mut house = House::new(&dir.path().join("journal"), disk.clone());
    house.pace.segment_bytes = 2000;
    let (journal, _) = house.start().unwrap();
    let early = journal.open(house.opening("mercy")).await.unwrap();
    for _ in 0..10 {
        let opened = journal.open(house.opening("mercy")).await.unwrap();
        journal.close(opened, success()).await.unwrap();
    }
    let _flushed = journal.open(house.opening("mercy")).await.unwrap();
    let after = House { disk: disk.after_crash(), ..house };
    let (recovered, what) = after.start().unwrap();
    assert!(what.segment > 3);
    assert_eq!(what.interrupted, 2);
    let found = recovered.reader().exchange(early.exchange()).unwrap().unwrap();
    assert_eq!(found.closed.unwrap().1.outcome, Outcome::Interrupted);
}

#[tokio::test]
async fn a_start_needs_no_key_that_was_destroyed() {
    let dir = tempfile::tempdir().unwrap();
    let disk = LosingDisk::new();
    let house = House::new(&dir.path().join("journal"), disk.clone());
    let (journal, _) = house.start().unwrap();
    let _opened = journal.open(house.opening("mercy")).await.unwrap();
    let after = House { disk: disk.after_crash(), ..house };
    after.keys.destroy_all();
    let (journal, what) = after.start().unwrap();
    assert_eq!(what.interrupted, 0);
    let bodies = journal.reader().records(Order::Oldest).unwrap().map(|record| record.unwrap().body);
    assert_eq!(bodies.filter(|body| *body == Body::Shredded).count(), 1);
}

#[tokio::test]
async fn the_frontier_is_a_hint_and_nothing_more() {
    let dir = tempfile::tempdir().unwrap();
    let mut house = House::new(&dir.path().join("journal"), Arc::new(OsDisk));
    house.pace.checkpoint = Duration::from_millis(5);
    for _ in 0..3 {
        let (journal, _) = house.start().unwrap();
        let _opened = journal.open(house.opening("mercy")).await.unwrap();
        journal.shut_down().await.unwrap();
    }
    let file = house.dir.join("frontier");
    let good = std::fs::read_to_string(&file).unwrap();
    assert!(good.starts_with("3 "), "{good}");
    for hint in ["", "3 0\n", "1 0\n", "9 0\n", "2 1\nzz\n", &good.replace("3 ", "2 ")] {
        std::fs::write(&file, hint).unwrap();
        let (journal, _) = house.start().unwrap();
        journal.shut_down().await.unwrap();
        assert_eq!(verify(&house.dir, None, None).unwrap().verdict, Verdict::Intact, "{hint:?}");
    }
}
