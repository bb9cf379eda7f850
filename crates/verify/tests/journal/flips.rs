//! Any flipped bit, in any file of the record.

use chaperon_verify::Verdict;

use crate::golden::{Copy, RECORD};

/// Flips every bit of each byte whose offset leaves `part` when divided by four.
fn flip_all(part: usize) {
    let copy = Copy::new();
    for file in RECORD {
        let good = copy.read(file);
        for at in (part..good.len()).step_by(4) {
            for bit in 0..8 {
                let mut bad = good.clone();
                bad[at] ^= 1 << bit;
                copy.write(file, &bad);
                let report = copy.report();
                assert_eq!(report.verdict, Verdict::Tampered, "{file}, byte {at}, bit {bit}: {report}");
                assert!(report.wrong.is_some());
            }
        }
        copy.write(file, &good);
    }
    assert_eq!(copy.report().verdict, Verdict::Intact);
}

#[test]
fn any_flipped_bit_is_tampering_1() {
    flip_all(0);
}

#[test]
fn any_flipped_bit_is_tampering_2() {
    flip_all(1);
}

#[test]
fn any_flipped_bit_is_tampering_3() {
    flip_all(2);
}

#[test]
fn any_flipped_bit_is_tampering_4() {
    flip_all(3);
}

#[test]
fn any_cut_and_anything_added_is_noticed() {
    let copy = Copy::new();
    for file in RECORD {
        let good = copy.read(file);
        for cut in 0..good.len() {
            copy.write(file, &good[..cut]);
            let report = copy.report();
            if file == "checkpoints" && report.verdict != Verdict::Tampered {
                // what a crash leaves of a kept checkpoint, or a history that lacks its last entries
                let whole = good[..cut].ends_with(b"\n\n");
                assert_eq!(report.verdict == Verdict::Intact, whole, "{file} cut at {cut}");
                assert!(cut > 0, "the first is always there");
                continue;
            }
            assert_eq!(report.verdict, Verdict::Tampered, "{file} cut at {cut}");
        }
        for more in [&b"\n"[..], b"\0", b"x", b"CHPJ"] {
            copy.write(file, &[&good, more].concat());
            // zeros behind the last segment's frames are room that a writer made
            let room = file == "segments/00000003.chj" && more == b"\0";
            let verdict = copy.report().verdict;
            assert_eq!(verdict == Verdict::Intact, room, "{file} with {more:?}");
        }
        copy.write(file, &good);
    }
}
