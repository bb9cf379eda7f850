//! The keyring over its life: made, used, reopened, rotated, destroyed, tampered with.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "helpers of tests may fail like tests")]

mod common;

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::sync::Arc;

use base64::Engine as _;
use common::{NOW, Still, create, file_root, name, open};
use keys::{KeyError, Keyring, OsRandom, RootKind, RootSource};
use proptest::prelude::*;
use terms::{KeyId, KeyUse, Phi, SealError, SegmentId};

const USES: [KeyUse; 7] = [
    KeyUse::Session,
    KeyUse::Credential,
    KeyUse::Index,
    KeyUse::Conversation,
    KeyUse::Findings,
    KeyUse::Terms,
    KeyUse::Pseudonym,
];

fn dir() -> (tempfile::TempDir, std::path::PathBuf) {
    let temporary = tempfile::tempdir().unwrap();
    let path = temporary.path().join("data/keys");
    (temporary, path)
}

fn opened(result: Result<Phi<Vec<u8>>, SealError>) -> Result<Vec<u8>, SealError> {
    result.map(Phi::into_exposed)
}

#[test]
fn everything_opens_again_after_a_restart() {
    let (_keep, dir) = dir();
    let keyring = create(&dir).unwrap();
    let (west, segment) = (name("mercy-west"), SegmentId::fresh(NOW, &OsRandom));
    keyring.ensure_engagement(&west).unwrap();
    keyring.ensure_engagement(&west).unwrap();
    let value = keyring.vault().seal(&west, KeyUse::Credential, b"row 7", b"secret").unwrap();
    let (sealed_key, key) = keyring.vault().fresh_key(&west, KeyUse::Session, b"s1").unwrap();
    let mut mapping = b"original".to_vec();
    key.seal([1; 12], b"m", &mut mapping).unwrap();
    let journal = keyring.segment_keys().create(segment, &west).unwrap();
    let digest = keyring.vault().digester(&west, KeyUse::Index).unwrap().digest("mrn", &[b"1"]);
    let (public, signature) = (keyring.signer().public_key(), keyring.signer().sign(b"note"));
    drop(keyring);

    let again = open(&dir).unwrap();
    let vault = again.vault();
    assert_eq!(opened(vault.unseal(&west, KeyUse::Credential, b"row 7", &value)), Ok(b"secret".to_vec()));
    let reopened = vault.open_key(&west, KeyUse::Session, b"s1", &sealed_key).unwrap();
    assert_eq!((reopened.key_id(), reopened.commitment()), (key.key_id(), key.commitment()));
    reopened.unseal([1; 12], b"m", &mut mapping).unwrap();
    assert_eq!(mapping, b"original");
    let found = again.segment_keys().find(journal.key_id()).unwrap();
    assert_eq!((found.commitment(), found.epoch()), (journal.commitment(), 1));
    assert_eq!(vault.digester(&west, KeyUse::Index).unwrap().digest("mrn", &[b"1"]), digest);
    assert_eq!((again.signer().public_key(), again.signer().sign(b"note")), (public, signature));
}

#[test]
fn a_key_never_serves_two_uses_engagements_or_contexts() {
    let (_keep, dir) = dir();
    let keyring = create(&dir).unwrap();
    let (west, east) = (name("west"), name("east"));
    keyring.ensure_engagement(&west).unwrap();
    keyring.ensure_engagement(&east).unwrap();
    let vault = keyring.vault();
    let mut digests = Vec::new();
    for sealed_for in USES {
        let value = vault.seal(&west, sealed_for, b"c", b"x").unwrap();
        let (key, _) = vault.fresh_key(&west, sealed_for, b"c").unwrap();
        for opened_for in USES {
            let same = sealed_for == opened_for;
            assert_eq!(vault.unseal(&west, opened_for, b"c", &value).is_ok(), same);
            assert_eq!(vault.open_key(&west, opened_for, b"c", &key).is_ok(), same);
        }
        assert!(vault.unseal(&east, sealed_for, b"c", &value).is_err());
        assert!(vault.unseal(&west, sealed_for, b"d", &value).is_err());
        assert!(vault.unseal(&west, sealed_for, b"c", &key).is_err(), "what seals values seals no keys");
        assert!(vault.open_key(&west, sealed_for, b"c", &value).is_err());
        for engagement in [&west, &east] {
            digests.push(vault.digester(engagement, sealed_for).unwrap().digest("d", &[b"x"]));
        }
    }
    digests.sort_unstable();
    digests.dedup();
    assert_eq!(digests.len(), 2 * USES.len());
    assert_eq!(vault.seal(&name("none"), KeyUse::Session, b"", b"").unwrap_err(), SealError::NoKey);
}

#[test]
fn rotation_keeps_what_was_sealed_and_the_digests() {
    let (_keep, dir) = dir();
    let keyring = create(&dir).unwrap();
    let west = name("west");
    keyring.ensure_engagement(&west).unwrap();
    let old = keyring.vault().seal(&west, KeyUse::Session, b"c", b"x").unwrap();
    let segment = keyring.segment_keys().create(SegmentId::fresh(NOW, &OsRandom), &west).unwrap();
    let digest = keyring.vault().digester(&west, KeyUse::Index).unwrap().digest("d", &[b"x"]);
    assert_eq!(keyring.rotate_engagement(&west).unwrap(), 2);
    assert_eq!(keyring.rotate_engagement(&west).unwrap(), 3);
    for keyring in [&keyring, &open(&dir).unwrap()] {
        let vault = keyring.vault();
        assert_eq!(opened(vault.unseal(&west, KeyUse::Session, b"c", &old)), Ok(b"x".to_vec()));
        assert_eq!(vault.seal(&west, KeyUse::Session, b"c", b"x").unwrap().epoch, 3);
        assert_eq!(vault.digester(&west, KeyUse::Index).unwrap().digest("d", &[b"x"]), digest);
        assert_eq!(keyring.segment_keys().find(segment.key_id()).unwrap().commitment(), segment.commitment());
        let epochs: Vec<u32> = keyring.summary().engagements[0].epochs.iter().map(|e| e.epoch).collect();
        assert_eq!(epochs, [1, 2, 3]);
    }
}

#[test]
fn what_was_destroyed_stays_destroyed() {
    let (_keep, dir) = dir();
    let keyring = create(&dir).unwrap();
    let (west, east) = (name("west"), name("east"));
    keyring.ensure_engagement(&west).unwrap();
    keyring.ensure_engagement(&east).unwrap();
    let value = keyring.vault().seal(&west, KeyUse::Session, b"c", b"x").unwrap();
    let segment = SegmentId::fresh(NOW, &OsRandom);
    let gone = keyring.segment_keys().create(segment, &west).unwrap().key_id();
    let stays = keyring.segment_keys().create(segment, &east).unwrap().key_id();
    keyring.destroy_engagement(&west).unwrap();
    for keyring in [&keyring, &open(&dir).unwrap()] {
        assert_eq!(
            opened(keyring.vault().unseal(&west, KeyUse::Session, b"c", &value)),
            Err(SealError::NoKey)
        );
        assert_eq!(keyring.segment_keys().find(gone).err(), Some(SealError::NoKey));
        assert!(keyring.segment_keys().find(stays).is_ok());
        assert!(matches!(keyring.ensure_engagement(&west), Err(KeyError::Destroyed(_))));
        assert!(matches!(keyring.rotate_engagement(&west), Err(KeyError::Destroyed(_))));
        assert_eq!(keyring.summary().engagements[1].destroyed, Some(NOW));
    }
    let text = fs::read_to_string(dir.join("keyring.json")).unwrap();
    let record = text.split_once("\"west\"").unwrap().1;
    assert!(!record.contains("key"), "no wrapped key of it stays in the file");
}

#[test]
fn a_wrong_or_missing_root_is_told_from_damage() {
    let (_keep, dir) = dir();
    create(&dir).unwrap();
    assert!(matches!(create(&dir), Err(KeyError::Exists(_))));
    let other = base64::engine::general_purpose::STANDARD.encode([9; 32]);
    write(&dir.join("root.key"), &other);
    assert!(matches!(open(&dir), Err(KeyError::WrongRoot(_))));
    write(&dir.join("root.key"), "c2hvcnQ=");
    assert!(matches!(open(&dir), Err(KeyError::Damaged { .. })));
    fs::remove_file(dir.join("root.key")).unwrap();
    assert!(matches!(open(&dir), Err(KeyError::Missing(_))));
    assert!(matches!(open(&dir.join("nowhere")), Err(KeyError::Missing(_))));
}

#[test]
fn any_changed_key_record_is_refused() {
    let (_keep, dir) = dir();
    let keyring = create(&dir).unwrap();
    keyring.ensure_engagement(&name("west")).unwrap();
    keyring.ensure_engagement(&name("east")).unwrap();
    let path = dir.join("keyring.json");
    let good = fs::read_to_string(&path).unwrap();
    // One engagement's keys under the other's name.
    let swapped =
        good.replace("\"west\"", "\"w\"").replace("\"east\"", "\"west\"").replace("\"w\"", "\"east\"");
    let renumbered =
        good.replace("\"epoch\": 1,\n          \"created\"", "\"epoch\": 2,\n          \"created\"");
    let later = good.replace("\"version\": 1", "\"version\": 2");
    let more = good.replace("\"version\": 1", "\"version\": 1, \"more\": 1");
    for (text, which) in
        [(&swapped, "swapped"), (&renumbered, "renumbered"), (&more, "more"), (&String::new(), "empty")]
    {
        assert_ne!(*text, good, "{which}");
        write(&path, text);
        assert!(matches!(open(&dir), Err(KeyError::Damaged { .. })), "{which}");
    }
    write(&path, &later);
    assert!(matches!(open(&dir), Err(KeyError::Version { version: 2, .. })));
    write(&path, &good);
    assert!(open(&dir).is_ok());
}

#[test]
fn a_segment_key_opens_only_as_what_it_was_made_for() {
    let (_keep, dir) = dir();
    let keyring = create(&dir).unwrap();
    for engagement in ["west", "east"] {
        keyring.ensure_engagement(&name(engagement)).unwrap();
    }
    let id = keyring.segment_keys().create(SegmentId::fresh(NOW, &OsRandom), &name("west")).unwrap().key_id();
    let path = dir.join("segments/2026-11-22.json");
    let good = fs::read_to_string(&path).unwrap();
    write(&path, &good.replace("\"west\"", "\"east\""));
    assert_eq!(open(&dir).unwrap().segment_keys().find(id).err(), Some(SealError::Forged));
    write(&path, &good);
    assert!(open(&dir).unwrap().segment_keys().find(id).is_ok());
    let unknown = KeyId::fresh(NOW, &OsRandom);
    assert_eq!(keyring.segment_keys().find(unknown).err(), Some(SealError::NoKey));
}

#[test]
fn loose_permissions_are_refused() {
    let (_keep, dir) = dir();
    create(&dir).unwrap();
    for (path, good) in
        [(dir.clone(), 0o700), (dir.join("keyring.json"), 0o600), (dir.join("root.key"), 0o600)]
    {
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o7777, good);
        fs::set_permissions(&path, fs::Permissions::from_mode(good | 0o040)).unwrap();
        assert!(matches!(open(&dir), Err(KeyError::Permissions { .. })), "{}", path.display());
        fs::set_permissions(&path, fs::Permissions::from_mode(good)).unwrap();
    }
    assert!(open(&dir).is_ok());
}

#[test]
fn a_key_that_could_not_be_made_durable_is_not_handed_out() {
    let (_keep, dir) = dir();
    let keyring = create(&dir).unwrap();
    keyring.ensure_engagement(&name("west")).unwrap();
    fs::remove_dir(dir.join("segments")).unwrap();
    let segment = SegmentId::fresh(NOW, &OsRandom);
    assert_eq!(keyring.segment_keys().create(segment, &name("west")).err(), Some(SealError::Keyring));
    // A directory in the way of the new file: the keyring can't be replaced.
    fs::create_dir(dir.join("keyring.json.new")).unwrap();
    assert!(matches!(keyring.ensure_engagement(&name("east")), Err(KeyError::File { .. })));
    assert!(keyring.vault().digester(&name("east"), KeyUse::Index).is_err());
    fs::remove_dir(dir.join("keyring.json.new")).unwrap();
    keyring.ensure_engagement(&name("east")).unwrap();
}

#[test]
fn many_threads_lose_no_key() {
    let (_keep, dir) = dir();
    let keyring = create(&dir).unwrap();
    let ids: Vec<KeyId> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..4)
            .map(|n| {
                let keyring = keyring.clone();
                scope.spawn(move || {
                    let own = name(&format!("e{n}"));
                    keyring.ensure_engagement(&name("shared")).unwrap();
                    keyring.ensure_engagement(&own).unwrap();
                    let keys = keyring.segment_keys();
                    let make = |_| keys.create(SegmentId::fresh(NOW, &OsRandom), &own).unwrap().key_id();
                    (0..4).map(make).collect::<Vec<_>>()
                })
            })
            .collect();
        threads.into_iter().flat_map(|thread| thread.join().unwrap()).collect()
    });
    let again = open(&dir).unwrap();
    assert_eq!(again.summary().engagements.len(), 5);
    assert!(ids.into_iter().all(|id| again.segment_keys().find(id).is_ok()));
}

#[test]
fn a_passphrase_opens_what_it_made() {
    let (_keep, dir) = dir();
    let params = dir.join("root.json");
    let source =
        |text: &str| RootSource::Passphrase { params: params.clone(), passphrase: text.to_owned().into() };
    let make = |text: &str| Keyring::create(&dir, source(text), Arc::new(Still), Arc::new(OsRandom));
    assert!(matches!(make("too short"), Err(KeyError::PassphraseShort(12))));
    // Cheap parameters: the real ones take seconds without optimisation.
    write(
        &params,
        r#"{"format":"chaperon-root","version":1,"kdf":"argon2id","kdf_version":19,
            "memory_kib":64,"passes":1,"lanes":1,"salt":"AAECAwQFBgcICQoLDA0ODw=="}"#,
    );
    make("correct horse battery").unwrap();
    let reopen = |text: &str| Keyring::open(&dir, source(text), Arc::new(Still), Arc::new(OsRandom));
    assert_eq!(reopen("correct horse battery").unwrap().summary().root, RootKind::Passphrase);
    assert!(matches!(reopen("correct horse batterx"), Err(KeyError::WrongRoot(_))));
    assert!(!dir.join("root.key").exists());
    assert!(matches!(
        Keyring::open(&dir, file_root(&dir), Arc::new(Still), Arc::new(OsRandom)),
        Err(KeyError::Missing(_))
    ));
}

fn write(path: &Path, text: &str) {
    fs::write(path, text).unwrap();
    fs::set_permissions(path, fs::Permissions::from_mode(0o600)).unwrap();
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn values_round_trip_and_changes_are_seen(
        content in proptest::collection::vec(any::<u8>(), 0..300),
        given in proptest::collection::vec(any::<u8>(), 0..40),
        flip in any::<prop::sample::Index>(),
    ) {
        thread_local! {
            static RING: (tempfile::TempDir, Keyring) = {
                let (keep, dir) = dir();
                let keyring = create(&dir).unwrap();
                keyring.ensure_engagement(&name("west")).unwrap();
                (keep, keyring)
            };
        }
        let vault = RING.with(|(_, keyring)| keyring.vault());
        let mut value = vault.seal(&name("west"), KeyUse::Session, &given, &content).unwrap();
        prop_assert_eq!(opened(vault.unseal(&name("west"), KeyUse::Session, &given, &value)), Ok(content));
        let at = flip.index(value.bytes.len());
        value.bytes[at] ^= 0x20;
        prop_assert_eq!(opened(vault.unseal(&name("west"), KeyUse::Session, &given, &value)), Err(SealError::Forged));
    }
}
