//! A store in memory, and a vault whose seals hold but hide nothing: for tests only.

use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use custody::{CustodyError, SealedEntries, SessionPoint, SessionRecord, SessionStore, SessionUpdate};
use terms::{
    Clock, Digest, Digester, EngagementId, KeyId, KeyUse, Phi, Randomness, SealError, SealedValue, Sealer,
    SessionId, UtcMillis, Vault,
};
use tokio::sync::Notify;

#[derive(Default)]
pub(crate) struct MemoryStore {
    pub(crate) state: Mutex<Stored>,
    pub(crate) finds: AtomicUsize,
    pub(crate) failing: AtomicBool,
    /// What was loaded is handed over once this is notified.
    pub(crate) gate: Mutex<Option<Arc<Notify>>>,
}

#[derive(Default)]
pub(crate) struct Stored {
    pub(crate) sessions: BTreeMap<(EngagementId, SessionId), (SessionRecord, BTreeMap<u32, SealedEntries>)>,
    pub(crate) points: BTreeMap<(EngagementId, Digest), SessionPoint>,
    pub(crate) transactions: usize,
}

impl MemoryStore {
    pub(crate) fn sessions(&self) -> usize {
        self.state.lock().unwrap().sessions.len()
    }

    /// Pieces of entries in all sessions.
    pub(crate) fn entries(&self) -> usize {
        self.state.lock().unwrap().sessions.values().map(|(_, entries)| entries.len()).sum()
    }

    fn works(&self) -> Result<(), CustodyError> {
        if self.failing.load(Ordering::SeqCst) {
            return Err(CustodyError::Database("away".to_owned()));
        }
        Ok(())
    }
}

#[async_trait]
impl SessionStore for MemoryStore {
    async fn find(
        &self,
        engagement: &EngagementId,
        chains: &[Digest],
    ) -> Result<Option<SessionPoint>, CustodyError> {
        self.works()?;
        self.finds.fetch_add(1, Ordering::SeqCst);
        let state = self.state.lock().unwrap();
        Ok(chains.iter().find_map(|chain| state.points.get(&(engagement.clone(), *chain)).cloned()))
    }

    async fn load(
        &self,
        engagement: &EngagementId,
        session: SessionId,
    ) -> Result<Option<(SessionRecord, Vec<SealedEntries>)>, CustodyError> {
        self.works()?;
        let found = {
            let state = self.state.lock().unwrap();
            let found = state.sessions.get(&(engagement.clone(), session));
            found.map(|(record, entries)| (record.clone(), entries.values().cloned().collect()))
        };
        let gate = self.gate.lock().unwrap().take();
        if let Some(gate) = gate {
            gate.notified().await;
        }
        Ok(found)
    }

    async fn apply(&self, updates: &[SessionUpdate]) -> Result<(), CustodyError> {
        self.works()?;
        let mut state = self.state.lock().unwrap();
        state.transactions += 1;
        for update in updates {
            let (engagement, session) = (&update.record.engagement, update.record.session);
            let key = (engagement.clone(), session);
            let kept = state.sessions.entry(key).or_insert((update.record.clone(), BTreeMap::new()));
            kept.0.used = update.record.used;
            if let Some(entries) = &update.entries {
                kept.1.insert(entries.position, entries.clone());
            }
            for point in &update.points {
                state.points.insert((engagement.clone(), point.chain), point.clone());
            }
        }
        Ok(())
    }

    async fn expire(&self, idle: UtcMillis, born: UtcMillis) -> Result<u64, CustodyError> {
        self.works()?;
        let mut state = self.state.lock().unwrap();
        let before = state.sessions.len();
        state.sessions.retain(|_, (record, _)| record.used >= idle && record.created >= born);
        let sessions: Vec<SessionId> = state.sessions.keys().map(|(_, session)| *session).collect();
        state.points.retain(|_, point| sessions.contains(&point.session));
        Ok((before - state.sessions.len()) as u64)
    }
}

/// Keys are numbers; a seal is the content behind a checksum over key, nonce, context and content.
#[derive(Default)]
pub(crate) struct FakeVault {
    pub(crate) destroyed: AtomicBool,
    pub(crate) made: AtomicU64,
}

struct FakeSealer(u64);

fn sum(parts: &[&[u8]]) -> [u8; 8] {
    let mut hasher = DefaultHasher::new();
    parts.hash(&mut hasher);
    hasher.finish().to_be_bytes()
}

/// So that no original can be read by eye.
fn veil(content: &mut [u8]) {
    for byte in content {
        *byte ^= 0x55;
    }
}

impl Sealer for FakeSealer {
    fn key_id(&self) -> KeyId {
        KeyId::from_bytes([0; 16])
    }

    fn epoch(&self) -> u32 {
        1
    }

    fn commitment(&self) -> Digest {
        Digest([0; 32])
    }

    fn seal(&self, nonce: [u8; 12], about: &[u8], content: &mut Vec<u8>) -> Result<(), SealError> {
        let tag = sum(&[&self.0.to_be_bytes(), &nonce, about, content]);
        content.extend_from_slice(&tag);
        veil(content);
        Ok(())
    }

    fn unseal(&self, nonce: [u8; 12], context: &[u8], sealed: &mut Vec<u8>) -> Result<(), SealError> {
        veil(sealed);
        let tag = sealed.split_off(sealed.len().checked_sub(8).ok_or(SealError::Forged)?);
        let right = sum(&[&self.0.to_be_bytes(), &nonce, context, sealed]);
        if tag == right { Ok(()) } else { Err(SealError::Forged) }
    }
}

struct FakeDigester(String);

impl Digester for FakeDigester {
    fn digest(&self, domain: &str, parts: &[&[u8]]) -> Digest {
        let mut digest = [0; 32];
        for (salt, eight) in digest.chunks_mut(8).enumerate() {
            let mut hasher = DefaultHasher::new();
            (salt, &self.0, domain, parts).hash(&mut hasher);
            eight.copy_from_slice(&hasher.finish().to_be_bytes());
        }
        Digest(digest)
    }
}

impl Vault for FakeVault {
    fn seal(&self, _: &EngagementId, _: KeyUse, _: &[u8], _: &[u8]) -> Result<SealedValue, SealError> {
        Err(SealError::Keyring)
    }

    fn unseal(
        &self,
        _: &EngagementId,
        _: KeyUse,
        _: &[u8],
        _: &SealedValue,
    ) -> Result<Phi<Vec<u8>>, SealError> {
        Err(SealError::Keyring)
    }

    fn fresh_key(
        &self,
        engagement: &EngagementId,
        key_use: KeyUse,
        context: &[u8],
    ) -> Result<(SealedValue, Arc<dyn Sealer>), SealError> {
        assert_eq!(key_use, KeyUse::Session);
        let key = self.made.fetch_add(1, Ordering::SeqCst);
        let mut bytes = key.to_be_bytes().to_vec();
        bytes.extend_from_slice(&sum(&[&key.to_be_bytes(), engagement.as_str().as_bytes(), context]));
        Ok((SealedValue { epoch: 1, bytes }, Arc::new(FakeSealer(key))))
    }

    fn open_key(
        &self,
        engagement: &EngagementId,
        _: KeyUse,
        context: &[u8],
        sealed: &SealedValue,
    ) -> Result<Arc<dyn Sealer>, SealError> {
        if self.destroyed.load(Ordering::SeqCst) {
            return Err(SealError::NoKey);
        }
        let (key, tag) = sealed.bytes.split_first_chunk::<8>().ok_or(SealError::Forged)?;
        if tag != sum(&[key, engagement.as_str().as_bytes(), context]) {
            return Err(SealError::Forged);
        }
        Ok(Arc::new(FakeSealer(u64::from_be_bytes(*key))))
    }

    fn digester(&self, engagement: &EngagementId, key_use: KeyUse) -> Result<Arc<dyn Digester>, SealError> {
        assert!(matches!(key_use, KeyUse::Conversation | KeyUse::Pseudonym));
        Ok(Arc::new(FakeDigester(format!("{engagement} {key_use:?}"))))
    }
}

pub(crate) struct Hand(pub(crate) Mutex<UtcMillis>);

impl Clock for Hand {
    fn now(&self) -> UtcMillis {
        *self.0.lock().unwrap()
    }
}

#[derive(Default)]
pub(crate) struct Dice(AtomicU64);

impl Randomness for Dice {
    fn fill(&self, bytes: &mut [u8]) {
        for chunk in bytes.chunks_mut(4) {
            let roll = self.0.fetch_add(1, Ordering::SeqCst);
            let mixed = sum(&[&roll.to_be_bytes()]);
            chunk.copy_from_slice(&mixed[..chunk.len()]);
        }
    }
}
