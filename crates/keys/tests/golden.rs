//! A keyring that was written once opens for ever. The root key in `golden/` is public: it protects nothing.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "helpers of tests may fail like tests")]

mod common;

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use common::{NOW, Still, file_root, name, open, replayed};
use keys::{KeyError, Keyring, OsRandom};
use serde::{Deserialize, Serialize};
use terms::{KeyId, KeyUse, Phi, SealedValue, SegmentId};

const FILES: [&str; 3] = ["root.key", "keyring.json", "segments/2026-11-22.json"];

fn golden() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/v1")
}

/// What was made with the golden keyring when it was written.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Made {
    first_value: String,
    second_value: String,
    session_key: String,
    session_key_id: KeyId,
    session_commitment: String,
    mapping: String,
    segment_key_id: KeyId,
    segment_commitment: String,
    index_digest: String,
    log: String,
    public_key: String,
    signature: String,
}

/// Makes the golden keyring anew in `dir`: nothing in it is left to chance.
fn make(dir: &Path) -> Made {
    let keyring = Keyring::create(dir, file_root(dir), Arc::new(Still), replayed()).unwrap();
    let (west, randomness) = (name("mercy-west"), replayed());
    keyring.ensure_engagement(&west).unwrap();
    let vault = keyring.vault();
    let first = vault.seal(&west, KeyUse::Credential, b"row", b"before the rotation").unwrap();
    keyring.rotate_engagement(&west).unwrap();
    let second = vault.seal(&west, KeyUse::Credential, b"row", b"after the rotation").unwrap();
    keyring.ensure_engagement(&name("gone")).unwrap();
    keyring.destroy_engagement(&name("gone")).unwrap();
    let (session_key, session) = vault.fresh_key(&west, KeyUse::Session, b"session").unwrap();
    let mut mapping = b"mapping".to_vec();
    session.seal([3; 12], b"0", &mut mapping).unwrap();
    let segment = keyring.segment_keys().create(SegmentId::fresh(NOW, &*randomness), &west).unwrap();
    Made {
        first_value: STANDARD.encode(first.bytes),
        second_value: STANDARD.encode(second.bytes),
        session_key: STANDARD.encode(session_key.bytes),
        session_key_id: session.key_id(),
        session_commitment: session.commitment().to_hex(),
        mapping: STANDARD.encode(mapping),
        segment_key_id: segment.key_id(),
        segment_commitment: segment.commitment().to_hex(),
        index_digest: index_digest(&keyring),
        log: keyring.signer().name().to_owned(),
        public_key: STANDARD.encode(keyring.signer().public_key()),
        signature: STANDARD.encode(keyring.signer().sign(b"note")),
    }
}

fn index_digest(keyring: &Keyring) -> String {
    let digester = keyring.vault().digester(&name("mercy-west"), KeyUse::Index).unwrap();
    digester.digest("MRN", &[b"4839201"]).to_hex()
}

/// Writes the golden files. Run by hand, once for each format version, never to make a failing test pass.
#[test]
#[ignore = "writes the golden files of this format version"]
fn write_the_golden_keyring() {
    let dir = tempfile::tempdir().unwrap();
    let made = make(&dir.path().join("keys"));
    for file in FILES {
        let to = golden().join(file);
        fs::create_dir_all(to.parent().unwrap()).unwrap();
        fs::write(&to, fs::read(dir.path().join("keys").join(file)).unwrap()).unwrap();
    }
    fs::write(golden().join("made.json"), serde_json::to_string_pretty(&made).unwrap() + "\n").unwrap();
}

#[test]
fn this_version_writes_the_golden_keyring_byte_for_byte() {
    let dir = tempfile::tempdir().unwrap();
    let keys = dir.path().join("keys");
    let made = make(&keys);
    for file in FILES {
        let (written, golden) = (fs::read(keys.join(file)).unwrap(), fs::read(golden().join(file)).unwrap());
        assert_eq!(String::from_utf8(written), String::from_utf8(golden), "{file}");
    }
    assert_eq!(made, read_made());
}

#[test]
fn the_golden_keyring_opens() {
    let dir = tempfile::tempdir().unwrap();
    copy_golden(dir.path());
    let (keyring, west, made) = (open(dir.path()).unwrap(), name("mercy-west"), read_made());
    let vault = keyring.vault();
    for (epoch, sealed, content) in
        [(1, &made.first_value, "before the rotation"), (2, &made.second_value, "after the rotation")]
    {
        let value = SealedValue { epoch, bytes: STANDARD.decode(sealed).unwrap() };
        let opened = vault.unseal(&west, KeyUse::Credential, b"row", &value).map(Phi::into_exposed);
        assert_eq!(opened, Ok(content.as_bytes().to_vec()));
    }
    let value = SealedValue { epoch: 2, bytes: STANDARD.decode(&made.session_key).unwrap() };
    let session = vault.open_key(&west, KeyUse::Session, b"session", &value).unwrap();
    assert_eq!(session.key_id(), made.session_key_id);
    assert_eq!(session.commitment().to_hex(), made.session_commitment);
    let mut mapping = STANDARD.decode(&made.mapping).unwrap();
    session.unseal([3; 12], b"0", &mut mapping).unwrap();
    assert_eq!(mapping, b"mapping");
    let segment = keyring.segment_keys().find(made.segment_key_id).unwrap();
    assert_eq!(segment.commitment().to_hex(), made.segment_commitment);
    assert_eq!(index_digest(&keyring), made.index_digest);
    assert_eq!(keyring.signer().name(), made.log);
    assert_eq!(STANDARD.encode(keyring.signer().public_key()), made.public_key);
    assert_eq!(STANDARD.encode(keyring.signer().sign(b"note")), made.signature);
    assert!(matches!(keyring.ensure_engagement(&name("gone")), Err(KeyError::Destroyed(_))));
}

/// That keyring was written by another program, from `docs/formats/keyring.md` alone.
#[test]
fn a_golden_passphrase_opens_its_keyring() {
    let dir = tempfile::tempdir().unwrap();
    copy_golden(dir.path());
    private(&dir.path().join("root.json"), &fs::read(golden().join("root.json")).unwrap());
    let source = || keys::RootSource::Passphrase {
        params: dir.path().join("root.json"),
        passphrase: "correct horse battery staple".to_owned().into(),
    };
    let passphrase_ring = fs::read(golden().join("passphrase-keyring.json")).unwrap();
    private(&dir.path().join("keyring.json"), &passphrase_ring);
    let keyring = Keyring::open(dir.path(), source(), Arc::new(Still), Arc::new(OsRandom)).unwrap();
    assert_eq!(keyring.summary().root, keys::RootKind::Passphrase);
}

fn copy_golden(dir: &Path) {
    for file in FILES {
        private(&dir.join(file), &fs::read(golden().join(file)).unwrap());
    }
}

fn private(path: &Path, content: &[u8]) {
    let dir = path.parent().unwrap();
    fs::create_dir_all(dir).unwrap();
    fs::set_permissions(dir, fs::Permissions::from_mode(0o700)).unwrap();
    fs::write(path, content).unwrap();
    fs::set_permissions(path, fs::Permissions::from_mode(0o600)).unwrap();
}

fn read_made() -> Made {
    serde_json::from_str(&fs::read_to_string(golden().join("made.json")).unwrap()).unwrap()
}
