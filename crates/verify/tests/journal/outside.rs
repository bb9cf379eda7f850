//! Checkpoints and keys from outside: what shows a rollback, and a second history.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chaperon_verify::{Kind, Report, Verdict, verify};
use ed25519_dalek::{Signer as _, SigningKey};
use sha2::{Digest as _, Sha256};

use crate::golden::{Copy, RECORD, frames};

const ORIGIN: &str = "chaperon/0a1b2c3d";

fn key_hash(name: &str, key: &SigningKey) -> [u8; 4] {
    let hash = Sha256::new().chain_update(name).chain_update([b'\n', 1]).chain_update(key.verifying_key());
    *hash.finalize().first_chunk().unwrap()
}

fn line(name: &str, key: &SigningKey, text: &str) -> String {
    let bytes = [&key_hash(name, key)[..], &key.sign(text.as_bytes()).to_bytes()].concat();
    format!("\u{2014} {name} {}\n", STANDARD.encode(bytes))
}

fn vkey(name: &str, key: &SigningKey) -> String {
    let hash = u32::from_be_bytes(key_hash(name, key));
    let typed = [&[1][..], key.verifying_key().as_bytes()].concat();
    format!("{name}+{hash:08x}+{}\n", STANDARD.encode(typed))
}

fn ours() -> SigningKey {
    SigningKey::from_bytes(&[1; 32])
}

fn held(copy: &Copy, checkpoint: &str) -> Report {
    verify(copy.dir(), Some(checkpoint), None).unwrap()
}

fn entries(copy: &Copy) -> Vec<String> {
    let history = String::from_utf8(copy.read("checkpoints")).unwrap();
    let parts: Vec<_> = history.split("\n\n").collect();
    parts.chunks_exact(2).map(|pair| format!("{}\n\n{}\n", pair[0], pair[1])).collect()
}

#[test]
fn every_checkpoint_of_its_own_history_is_consistent() {
    let copy = Copy::new();
    let entries = entries(&copy);
    assert!(entries.len() >= 3);
    for entry in &entries {
        let report = held(&copy, entry);
        assert_eq!(report.verdict, Verdict::Intact, "{report}");
    }
    assert_eq!(entries.last().unwrap().as_bytes(), copy.read("checkpoint"));
}

/// The journal as it was when an older checkpoint was the newest.
fn rolled_back(to: usize) -> Copy {
    let copy = Copy::new();
    let entries = entries(&copy);
    let mut left: usize = entries[to].lines().nth(1).unwrap().parse().unwrap();
    for file in &RECORD[..3] {
        let all = frames(&copy.read(file));
        let kept = left.min(all.len());
        left -= kept;
        match kept {
            0 => std::fs::remove_file(copy.path(file)).unwrap(),
            _ => copy.write(file, &all[..kept].concat()),
        }
    }
    copy.write("checkpoint", entries[to].as_bytes());
    copy.write("checkpoints", format!("{}\n", entries[..=to].join("\n")).as_bytes());
    copy
}

#[test]
fn a_rollback_is_shown_by_a_checkpoint_kept_elsewhere() {
    let newest = String::from_utf8(Copy::new().read("checkpoint")).unwrap();
    for to in 0..entries(&Copy::new()).len() - 1 {
        let copy = rolled_back(to);
        assert_eq!(copy.report().verdict, Verdict::Intact, "by itself it is an honest journal");
        let report = held(&copy, &newest);
        assert_eq!(report.verdict, Verdict::Tampered);
        assert_eq!(report.wrong.unwrap().kind, Kind::RolledBack);
    }
}

#[test]
fn a_second_history_is_shown_by_a_checkpoint_kept_elsewhere() {
    let copy = Copy::new();
    let text = format!("{ORIGIN}\n3\n{}\n", STANDARD.encode([9; 32]));
    let report = held(&copy, &format!("{text}\n{}", line(ORIGIN, &ours(), &text)));
    assert_eq!(report.wrong.unwrap().kind, Kind::Forked);
}

#[test]
fn another_key_is_not_believed() {
    let copy = Copy::new();
    let other = SigningKey::from_bytes(&[2; 32]);
    let text = String::from_utf8(copy.read("checkpoint")).unwrap();
    let text = text.split_once("\n\n").unwrap().0.to_owned() + "\n";
    let report = held(&copy, &format!("{text}\n{}", line(ORIGIN, &other, &text)));
    assert_eq!(report.wrong.unwrap().kind, Kind::AnotherKey);

    let report = verify(copy.dir(), None, Some(&vkey(ORIGIN, &other))).unwrap();
    assert_eq!(report.wrong.unwrap().kind, Kind::AnotherKey);
    let report = verify(copy.dir(), None, Some(&vkey(ORIGIN, &ours()))).unwrap();
    assert_eq!(report.verdict, Verdict::Intact);

    copy.write("log.vkey", vkey(ORIGIN, &other).as_bytes());
    assert_eq!(copy.report().wrong.unwrap().kind, Kind::AnotherKey);
}

#[test]
fn cosignatures_of_others_are_skipped() {
    let copy = Copy::new();
    let note = String::from_utf8(copy.read("checkpoint")).unwrap();
    let text = note.split_once("\n\n").unwrap().0.to_owned() + "\n";
    let witness = line("witness.example/w1", &SigningKey::from_bytes(&[3; 32]), &text);
    assert_eq!(held(&copy, &format!("{note}{witness}")).verdict, Verdict::Intact);
    let size = text.lines().nth(1).unwrap();
    let forged = note.replacen(&format!("\n{size}\n"), "\n3\n", 1);
    assert_eq!(held(&copy, &forged).verdict, Verdict::Tampered);
}

#[test]
fn a_key_from_outside_that_is_none_is_refused() {
    assert!(verify(Copy::new().dir(), None, Some("not a key")).is_err());
}
