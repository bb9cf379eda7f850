//! Keys, signer, clock and disk for tests. The sealing is real, the keyring is a map.

use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use crate::losing::LosingDisk;
use audit::{
    Action, AgreementRef, Closing, DecisionRecord, Destination, Disk, IdentifierRef, Journal, JournalConfig,
    JournalError, ModelNames, Opening, Outcome, Pace, PointerRef, Recovered,
};
use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use ed25519_dalek::{Signer as _, SigningKey};
use terms::{
    Clock, DecisionId, Digest, EngagementId, ExchangeId, FindingCounts, IdentifierClass, KeyId, NoteSigner,
    Obligations, Purpose, Randomness, RowVersion, SealError, Sealer, SegmentId, SegmentKeys, UtcMillis,
    Verdict,
};

pub(crate) const START: u64 = 1_795_309_787_000;

pub(crate) struct Ticking(pub(crate) AtomicU64);
impl Clock for Ticking {
    fn now(&self) -> UtcMillis {
        UtcMillis(self.0.fetch_add(1, Ordering::Relaxed))
    }
}

/// Counts instead of rolling dice.
pub(crate) struct Counting(AtomicU64);
impl Randomness for Counting {
    fn fill(&self, bytes: &mut [u8]) {
        let n = self.0.fetch_add(1, Ordering::Relaxed).to_be_bytes();
        for (to, from) in bytes.iter_mut().zip(n.iter().cycle()) {
            *to = *from;
        }
    }
}

pub(crate) struct TestSigner(SigningKey, &'static str);
impl TestSigner {
    pub(crate) fn new(seed: u8, name: &'static str) -> Arc<Self> {
        Arc::new(Self(SigningKey::from_bytes(&[seed; 32]), name))
    }
}
impl NoteSigner for TestSigner {
    fn name(&self) -> &str {
        self.1
    }
    fn public_key(&self) -> [u8; 32] {
        self.0.verifying_key().to_bytes()
    }
    fn sign(&self, message: &[u8]) -> [u8; 64] {
        self.0.sign(message).to_bytes()
    }
}

struct TestSealer {
    id: KeyId,
    key: LessSafeKey,
    used: Mutex<HashSet<[u8; 12]>>,
}
impl Sealer for TestSealer {
    fn key_id(&self) -> KeyId {
        self.id
    }
    fn epoch(&self) -> u32 {
        1
    }
    fn commitment(&self) -> Digest {
        Digest([7; 32])
    }
    fn seal(&self, nonce: [u8; 12], aad: &[u8], content: &mut Vec<u8>) -> Result<(), SealError> {
        let mut used = self.used.lock().unwrap();
        assert!(!used.contains(&nonce), "a nonce came twice under one key");
        used.insert(nonce);
        let nonce = Nonce::assume_unique_for_key(nonce);
        self.key.seal_in_place_append_tag(nonce, Aad::from(aad), content).map_err(|_| SealError::Forged)
    }
    fn unseal(&self, nonce: [u8; 12], aad: &[u8], sealed: &mut Vec<u8>) -> Result<(), SealError> {
        let nonce = Nonce::assume_unique_for_key(nonce);
        let opened = self.key.open_in_place(nonce, Aad::from(aad), sealed);
        let length = opened.map_err(|_| SealError::Forged)?.len();
        sealed.truncate(length);
        Ok(())
    }
}

/// Keys that follow from their number: a golden journal can be read again.
#[derive(Default)]
pub(crate) struct TestKeys {
    made: Mutex<HashMap<KeyId, Arc<dyn Sealer>>>,
    /// Whether to refuse.
    pub(crate) broken: Mutex<bool>,
}
impl TestKeys {
    fn sealer(id: KeyId) -> Arc<dyn Sealer> {
        let mut bytes = [0x5a; 32];
        bytes[..16].copy_from_slice(id.as_bytes());
        let key = LessSafeKey::new(UnboundKey::new(&AES_256_GCM, &bytes).unwrap());
        Arc::new(TestSealer { id, key, used: Mutex::default() })
    }
    /// Forgets every key, as shredding does.
    pub(crate) fn destroy_all(&self) {
        self.made.lock().unwrap().clear();
    }
    /// Knows the key again that the golden journal was sealed under.
    pub(crate) fn restore(&self, id: KeyId) {
        self.made.lock().unwrap().insert(id, Self::sealer(id));
    }
}
impl SegmentKeys for TestKeys {
    fn create(&self, segment: SegmentId, engagement: &EngagementId) -> Result<Arc<dyn Sealer>, SealError> {
        if *self.broken.lock().unwrap() {
            return Err(SealError::Keyring);
        }
        let mut bytes = *segment.as_bytes();
        for (to, from) in bytes.iter_mut().zip(engagement.as_str().bytes()) {
            *to ^= from;
        }
        let id = KeyId::from_bytes(bytes);
        let mut made = self.made.lock().unwrap();
        assert!(!made.contains_key(&id), "a segment's key came twice");
        let sealer = Self::sealer(id);
        made.insert(id, sealer.clone());
        Ok(sealer)
    }
    fn find(&self, key: KeyId) -> Result<Arc<dyn Sealer>, SealError> {
        self.made.lock().unwrap().get(&key).cloned().ok_or(SealError::NoKey)
    }
}

/// A house around a journal.
pub(crate) struct House {
    pub(crate) dir: PathBuf,
    pub(crate) disk: Arc<dyn Disk>,
    pub(crate) keys: Arc<TestKeys>,
    pub(crate) clock: Arc<Ticking>,
    pub(crate) randomness: Arc<Counting>,
    pub(crate) pace: Pace,
}

impl House {
    pub(crate) fn new(dir: &Path, disk: Arc<dyn Disk>) -> Self {
        // slow enough that nothing depends on how fast a test runs
        let never = Duration::from_hours(1);
        let pace = Pace { prepare_bytes: 4096, checkpoint: never, closing: never, ..Pace::default() };
        Self {
            dir: dir.to_owned(),
            disk,
            keys: Arc::default(),
            clock: Arc::new(Ticking(AtomicU64::new(START))),
            randomness: Arc::new(Counting(AtomicU64::new(1))),
            pace,
        }
    }

    /// The same house after a crash, with what a disk holds.
    pub(crate) fn again_on(&self, disk: &Arc<LosingDisk>) -> Self {
        Self {
            dir: self.dir.clone(),
            disk: disk.clone(),
            keys: self.keys.clone(),
            clock: self.clock.clone(),
            randomness: self.randomness.clone(),
            pace: self.pace,
        }
    }

    pub(crate) fn start(&self) -> Result<(Journal, Recovered), JournalError> {
        Journal::start(JournalConfig {
            dir: self.dir.clone(),
            clock: self.clock.clone(),
            randomness: self.randomness.clone(),
            keys: self.keys.clone(),
            signer: TestSigner::new(1, "chaperon/0a1b2c3d"),
            disk: self.disk.clone(),
            pace: self.pace,
        })
    }

    pub(crate) fn fresh_exchange(&self) -> ExchangeId {
        ExchangeId::fresh(self.clock.now(), &*self.randomness)
    }

    pub(crate) fn opening(&self, engagement: &str) -> Opening {
        let mut findings = FindingCounts::default();
        findings.add(IdentifierClass::Mrn);
        Opening {
            exchange: self.fresh_exchange(),
            parent: None,
            engagement: engagement.parse().unwrap(),
            agent: "scribe".parse().unwrap(),
            agent_version: Some("1.4.0".parse().unwrap()),
            agent_key: "k7m2p9".into(),
            action: Action::Transmit,
            protocol: "openai".into(),
            identifiers: [IdentifierRef { class: IdentifierClass::Mrn, digest: Digest([3; 32]) }]
                .into_iter()
                .collect(),
            source: "request".into(),
            destination: Destination {
                vendor: "acme".parse().unwrap(),
                service: "acme-llm".parse().unwrap(),
                host: "llm.example".into(),
            },
            on_behalf_of: Some("n.ortiz".parse().unwrap()),
            workflow: "visit-notes".into(),
            purpose: Purpose::Treatment,
            decision: DecisionRecord {
                id: DecisionId("d-0123456789abcdef0123".into()),
                verdict: Verdict::Permit,
                policy_set: "base-1".into(),
                reasons: vec![(&terms::Reason::new(terms::Code::COVERED)).into()],
                obligations: Obligations::default(),
            },
            model: ModelNames { requested: "small".into(), resolved: "small-2".into() },
            agreement: Some(AgreementRef {
                id: "acme-baa".parse().unwrap(),
                version: RowVersion(2),
                scope_row: 0,
            }),
            findings,
            pointers: [PointerRef { pointer: "/messages/0/content".into(), class: IdentifierClass::Mrn }]
                .into_iter()
                .collect(),
            pool: None,
            tells: terms::HealthCounts::default(),
            session: None,
            lists: None,
            residual: None,
        }
    }
}

pub(crate) fn success() -> Closing {
    Closing {
        status: Some(200),
        restored: 1,
        bytes_in: 300,
        bytes_out: 200,
        ..Closing::new(Outcome::Success)
    }
}

pub(crate) fn files(dir: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { found.extend(files(&path)) } else { found.push(path) }
    }
    found.sort();
    found
}
