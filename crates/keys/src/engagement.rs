//! The keys of one engagement, opened: only what is derived from them is kept in memory.

use std::sync::Arc;

use terms::{Digest, Digester, KeyId, KeyUse, SealError, Sealer};

use crate::secret::{Cipher, Hmac, Secret};

/// Every use, with the label of its derived keys.
const USES: [(KeyUse, &str); 7] = [
    (KeyUse::Session, "session"),
    (KeyUse::Credential, "credential"),
    (KeyUse::Index, "index"),
    (KeyUse::Conversation, "conversation"),
    (KeyUse::Findings, "findings"),
    (KeyUse::Terms, "terms"),
    (KeyUse::Pseudonym, "pseudonym"),
];

/// One engagement's keys, of all epochs.
pub(crate) struct Engagement {
    /// By epoch, rising; never empty.
    epochs: Vec<Arc<Epoch>>,
    digests: Vec<(KeyUse, Arc<dyn Digester>)>,
}

/// What is derived from the engagement key of one epoch.
pub(crate) struct Epoch {
    pub(crate) number: u32,
    /// Wraps the keys of segments.
    pub(crate) segments: Cipher,
    /// Wraps the key from which those of digests are derived.
    pub(crate) digests: Cipher,
    uses: Vec<(KeyUse, UseKeys)>,
}

/// The keys of one use; what seals values never seals keys.
pub(crate) struct UseKeys {
    pub(crate) label: &'static str,
    pub(crate) values: Cipher,
    pub(crate) keys: Cipher,
}

impl Epoch {
    pub(crate) fn new(number: u32, key: &Secret) -> Result<Self, SealError> {
        let uses = USES.map(|(key_use, label)| {
            let values = Cipher::derived(key, &format!("engagement/{label}/value"))?;
            let keys = Cipher::derived(key, &format!("engagement/{label}/key"))?;
            Ok((key_use, UseKeys { label, values, keys }))
        });
        Ok(Self {
            number,
            segments: Cipher::derived(key, "engagement/segment")?,
            digests: Cipher::derived(key, "engagement/digests")?,
            uses: uses.into_iter().collect::<Result<_, SealError>>()?,
        })
    }

    /// The keys of one use.
    pub(crate) fn keys_of(&self, key_use: KeyUse) -> Result<&UseKeys, SealError> {
        self.uses.iter().find(|(of, _)| *of == key_use).map(|(_, keys)| keys).ok_or(SealError::NoKey)
    }
}

impl Engagement {
    /// From the opened epochs and the key of digests.
    pub(crate) fn new(mut epochs: Vec<Arc<Epoch>>, digests: &Secret) -> Result<Self, SealError> {
        epochs.sort_by_key(|epoch| epoch.number);
        let digests = USES.map(|(key_use, label)| {
            let key = digests.derive(&format!("digests/{label}"))?;
            let hmac: Arc<dyn Digester> = Arc::new(Hmac::new(&key));
            Ok((key_use, hmac))
        });
        Ok(Self { epochs, digests: digests.into_iter().collect::<Result<_, SealError>>()? })
    }

    /// The newest epoch: what seals now.
    pub(crate) fn newest(&self) -> Result<&Arc<Epoch>, SealError> {
        self.epochs.last().ok_or(SealError::NoKey)
    }

    /// An epoch by its number.
    pub(crate) fn epoch(&self, number: u32) -> Result<&Arc<Epoch>, SealError> {
        self.epochs.iter().rev().find(|epoch| epoch.number == number).ok_or(SealError::NoKey)
    }

    /// All epochs, by number.
    pub(crate) fn epochs(&self) -> &[Arc<Epoch>] {
        &self.epochs
    }

    /// The digester of one use.
    pub(crate) fn digester(&self, key_use: KeyUse) -> Result<Arc<dyn Digester>, SealError> {
        let found = self.digests.iter().find(|(of, _)| *of == key_use);
        found.map(|(_, digester)| Arc::clone(digester)).ok_or(SealError::NoKey)
    }
}

/// One random key, behind the wall of `terms`.
pub(crate) struct HeldKey {
    id: KeyId,
    epoch: u32,
    commitment: Digest,
    cipher: Cipher,
}

impl HeldKey {
    pub(crate) fn new(id: KeyId, epoch: u32, key: &Secret) -> Result<Self, SealError> {
        Ok(Self { id, epoch, commitment: key.commitment(), cipher: Cipher::new(key)? })
    }
}

impl Sealer for HeldKey {
    fn key_id(&self) -> KeyId {
        self.id
    }

    fn epoch(&self) -> u32 {
        self.epoch
    }

    fn commitment(&self) -> Digest {
        self.commitment
    }

    fn seal(&self, nonce: [u8; 12], context: &[u8], plain: &mut Vec<u8>) -> Result<(), SealError> {
        self.cipher.seal(nonce, context, plain)
    }

    fn unseal(&self, nonce: [u8; 12], context: &[u8], sealed: &mut Vec<u8>) -> Result<(), SealError> {
        self.cipher.open(nonce, context, sealed)
    }
}
