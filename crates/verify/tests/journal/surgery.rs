//! Frames dropped, doubled, swapped; segments removed, renamed, replaced; files taken away.

use chaperon_verify::{Kind, Verdict};

use crate::golden::{Copy, RECORD, frames};

const SEGMENTS: [&str; 3] = [RECORD[0], RECORD[1], RECORD[2]];

fn kind(copy: &Copy, what: &str) -> Kind {
    let report = copy.report();
    assert_eq!(report.verdict, Verdict::Tampered, "{what}: {report}");
    report.wrong.unwrap().kind
}

#[test]
fn any_frame_dropped_doubled_or_swapped_is_tampering() {
    for file in SEGMENTS {
        let copy = Copy::new();
        let good = frames(&copy.read(file));
        for at in 0..good.len() {
            let mut dropped = good.clone();
            dropped.remove(at);
            copy.write(file, &dropped.concat());
            let found = kind(&copy, &format!("{file} without frame {at}"));
            assert!(matches!(found, Kind::Missing | Kind::Truncated), "{found:?}");

            let mut doubled = good.clone();
            doubled.insert(at, good[at].clone());
            copy.write(file, &doubled.concat());
            assert_eq!(kind(&copy, &format!("{file} with frame {at} twice")), Kind::Inserted);

            let mut swapped = good.clone();
            if at > 0 {
                swapped.swap(at, at - 1);
                copy.write(file, &swapped.concat());
                assert_eq!(kind(&copy, &format!("{file} with frame {at} swapped")), Kind::Missing);
            }
        }
    }
}

#[test]
fn a_frame_rewritten_with_a_right_checksum_is_altered() {
    for file in SEGMENTS {
        let copy = Copy::new();
        let good = frames(&copy.read(file));
        for at in 0..good.len() {
            let mut changed = good.clone();
            let frame = &mut changed[at];
            let body = frame.len() - 4;
            let last = body - 1;
            frame[last] ^= 1;
            let checksum = chaperon_verify::crc32c::crc32c(&frame[..body]).to_be_bytes();
            frame[body..].copy_from_slice(&checksum);
            copy.write(file, &changed.concat());
            assert_eq!(kind(&copy, &format!("{file}, frame {at}")), Kind::Altered);
        }
    }
}

#[test]
fn a_segment_removed_renamed_or_replaced_is_tampering() {
    for (n, file) in SEGMENTS.into_iter().enumerate() {
        let copy = Copy::new();
        std::fs::remove_file(copy.path(file)).unwrap();
        let expected = if n == 2 { Kind::Truncated } else { Kind::Missing };
        assert_eq!(kind(&copy, file), expected);

        let copy = Copy::new();
        std::fs::rename(copy.path(file), copy.path("segments/00000009.chj")).unwrap();
        assert_eq!(kind(&copy, file), Kind::Missing);

        let copy = Copy::new();
        copy.write(file, &copy.read(SEGMENTS[(n + 1) % 3]));
        kind(&copy, file);
    }
}

#[test]
fn whatever_is_taken_away_is_missed() {
    for file in ["log.vkey", "checkpoint", "checkpoints"] {
        let copy = Copy::new();
        std::fs::remove_file(copy.path(file)).unwrap();
        assert_eq!(kind(&copy, file), Kind::Missing);
    }
    let copy = Copy::new();
    std::fs::remove_dir_all(copy.path("segments")).unwrap();
    assert_eq!(kind(&copy, "all segments"), Kind::Truncated);

    let copy = Copy::new();
    for file in ["checkpoint", "checkpoints"] {
        std::fs::remove_file(copy.path(file)).unwrap();
    }
    assert_eq!(kind(&copy, "all checkpoints"), Kind::Missing);
}

#[test]
fn an_older_checkpoint_in_place_of_the_newest_is_tampering() {
    let copy = Copy::new();
    let history = String::from_utf8(copy.read("checkpoints")).unwrap();
    let second_gap = history.match_indices("\n\n").nth(1).unwrap().0;
    copy.write("checkpoint", &history.as_bytes()[..=second_gap]);
    // behind it there may be one entry that a crash kept from being the newest, but not more
    assert_eq!(kind(&copy, "an older checkpoint"), Kind::RolledBack);
    // and the history is never empty beside it
    copy.write("checkpoints", b"");
    assert_eq!(kind(&copy, "no history"), Kind::Truncated);
}

#[test]
fn the_newest_need_not_be_in_the_history() {
    let copy = Copy::new();
    let history = String::from_utf8(copy.read("checkpoints")).unwrap();
    let gaps: Vec<_> = history.match_indices("\n\n").map(|(at, _)| at).collect();
    let last = gaps[gaps.len() - 3] + 2;
    copy.write("checkpoints", &history.as_bytes()[..last]);
    let report = copy.report();
    assert_eq!((report.verdict, report.checkpoints), (Verdict::Intact, gaps.len() as u64 / 2), "{report}");
}

#[test]
fn a_crash_between_history_and_newest_leaves_nothing_to_complain_of() {
    let copy = Copy::new();
    let history = String::from_utf8(copy.read("checkpoints")).unwrap();
    let gaps: Vec<_> = history.match_indices("\n\n").map(|(at, _)| at).collect();
    let before_last = gaps[gaps.len() - 3];
    let start = gaps[gaps.len() - 5] + 2;
    copy.write("checkpoint", &history.as_bytes()[start..=before_last]);
    assert_eq!(copy.report().verdict, Verdict::Intact);
    // the last entry torn: frames after the newest are not proven
    copy.write("checkpoints", &history.as_bytes()[..history.len() - 9]);
    assert_eq!(copy.report().verdict, Verdict::UnprovenTail);
}
