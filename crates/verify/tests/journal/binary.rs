//! The binary: exit codes and what it prints.

use std::process::{Command, Output};

use chaperon_verify::Verdict;

use crate::golden::{Copy, RECORD, original};

#[expect(clippy::disallowed_methods, reason = "the binary under test is a child process")]
fn run(arguments: &[&std::ffi::OsStr]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_chaperon-verify")).args(arguments).output().unwrap()
}

fn code(arguments: &[&std::ffi::OsStr]) -> i32 {
    run(arguments).status.code().unwrap()
}

#[test]
fn any_flipped_byte_exits_with_4() {
    let copy = Copy::new();
    for file in RECORD {
        let good = copy.read(file);
        for at in 0..good.len() {
            let mut bad = good.clone();
            bad[at] ^= 1 << (at % 8);
            copy.write(file, &bad);
            assert_eq!(code(&[copy.dir().as_ref()]), 4, "{file}, byte {at}");
        }
        copy.write(file, &good);
    }
    assert_eq!(code(&[copy.dir().as_ref()]), 0);
}

#[test]
fn the_data_directory_will_do() {
    let data = tempfile::tempdir().unwrap();
    std::fs::rename(Copy::new().dir(), data.path().join("journal")).unwrap();
    let output = run(&[data.path().as_ref()]);
    assert_eq!(output.status.code(), Some(0));
    assert!(String::from_utf8(output.stdout).unwrap().starts_with("intact\n"));
}

#[test]
fn an_unproven_tail_exits_with_3() {
    let copy = Copy::new();
    copy.write("segments/00000003.chj", &[&copy.read("segments/00000003.chj")[..], b"torn"].concat());
    assert_eq!(copy.report().verdict, Verdict::UnprovenTail);
    assert_eq!(code(&[copy.dir().as_ref()]), 3);
}

#[test]
fn what_can_not_be_verified_exits_with_2() {
    let empty = tempfile::tempdir().unwrap();
    let missing = empty.path().join("nowhere");
    assert_eq!(code(&[]), 2);
    assert_eq!(code(&["--loud".as_ref()]), 2);
    assert_eq!(code(&[empty.path().as_ref()]), 2);
    assert_eq!(code(&[missing.as_ref()]), 2);
    assert_eq!(code(&[original().as_ref(), "--checkpoint".as_ref()]), 2);
    assert_eq!(code(&[original().as_ref(), "--checkpoint".as_ref(), missing.as_ref()]), 2);
    assert_eq!(code(&["--help".as_ref()]), 0);
}

#[test]
fn a_journal_that_is_gone_is_tampering_for_who_holds_a_checkpoint() {
    let empty = tempfile::tempdir().unwrap();
    let held = original().join("checkpoint");
    assert_eq!(code(&[empty.path().as_ref(), "--checkpoint".as_ref(), held.as_ref()]), 4);
}

#[test]
fn the_report_is_json_where_asked_for() {
    let copy = Copy::new();
    std::fs::remove_file(copy.path("segments/00000003.chj")).unwrap();
    let output = run(&[copy.dir().as_ref(), "--json".as_ref()]);
    assert_eq!(output.status.code(), Some(4));
    let report: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(report["verdict"], "tampered");
    assert_eq!(report["wrong"]["kind"], "truncated");
}
